-- The municipalities give the country.
-- in total: dato DATE, kommune VARCHAR, antal INTEGER, known_to DATE
-- in day: dato DATE
-- out country: dato DATE, kommune VARCHAR
-- kind check
SELECT t.dato, '0000' AS kommune
FROM total t
JOIN day d ON d.dato = t.dato
WHERE t.known_to IS NULL
GROUP BY t.dato
HAVING sum(CASE WHEN t.kommune = '0000' THEN t.antal ELSE -t.antal END) <> 0
