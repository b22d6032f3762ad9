-- The cells of age, sex and civil state give the total.
-- in total: dato DATE, kommune VARCHAR, antal INTEGER, known_to DATE
-- in stock: dato DATE, kommune VARCHAR, antal INTEGER
-- in day: dato DATE
-- out cells: dato DATE, kommune VARCHAR
-- kind check
WITH counted AS (
    SELECT dato, kommune, sum(antal) AS antal FROM stock GROUP BY dato, kommune
)
SELECT t.dato, t.kommune
FROM total t
JOIN day d ON d.dato = t.dato
LEFT JOIN counted c ON c.dato = t.dato AND c.kommune = t.kommune
WHERE t.known_to IS NULL AND t.kommune <> '0000' AND t.antal <> coalesce(c.antal, 0)
