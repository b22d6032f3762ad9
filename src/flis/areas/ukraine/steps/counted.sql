-- How many persons the population has in each municipality on the production date.
-- in total: dato DATE, kommune VARCHAR, antal INTEGER, known_to DATE
-- in production: produced DATE
-- out counted: what VARCHAR, kommune VARCHAR, antal BIGINT
-- kind volume
SELECT 'persons' AS what, t.kommune, CAST(t.antal AS BIGINT) AS antal
FROM total t
JOIN production d ON d.produced = t.dato
WHERE t.known_to IS NULL AND t.kommune <> '0000'
