-- How many persons live in each municipality, as known now.
-- in inhabitants: kommune VARCHAR, antal INTEGER, known_to DATE
-- out living: what VARCHAR, kommune VARCHAR, antal BIGINT
-- kind volume
SELECT 'inhabitants' AS what, kommune, CAST(antal AS BIGINT) AS antal
FROM inhabitants
WHERE known_to IS NULL
