-- The cells of entries minus exits give the total, those without municipality the country's alone.
-- in total: dato DATE, kommune VARCHAR, indrejste_minus_udrejste INTEGER, known_to DATE
-- in crossing: dato DATE, kommune VARCHAR, indrejste_minus_udrejste INTEGER
-- in day: dato DATE
-- out crossings: dato DATE, kommune VARCHAR
-- kind check
WITH crossed AS (
    SELECT dato, kommune, sum(indrejste_minus_udrejste) AS net FROM crossing GROUP BY dato, kommune
    UNION ALL
    SELECT dato, '0000', sum(indrejste_minus_udrejste) FROM crossing GROUP BY dato
)
SELECT t.dato, t.kommune
FROM total t
JOIN day d ON d.dato = t.dato
LEFT JOIN crossed c ON c.dato = t.dato AND c.kommune = t.kommune
WHERE t.known_to IS NULL AND t.indrejste_minus_udrejste <> coalesce(c.net, 0)
