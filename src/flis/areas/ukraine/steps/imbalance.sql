-- What does not add up: per municipality and day, the count of the day before and the flows have to give the count;
-- the cells have to give the totals; the municipalities have to give the country; moves have to cancel; nothing is
-- below zero. No rows: everything adds up.
-- in total: dato DATE, kommune VARCHAR, antal INTEGER, indrejste_minus_udrejste INTEGER, known_to DATE
-- in stock: dato DATE, kommune VARCHAR, antal INTEGER, foedt_i_danmark INTEGER
-- in crossing: dato DATE, kommune VARCHAR, indrejste_minus_udrejste INTEGER
-- in flow: dato DATE, kommune VARCHAR, indrejste INTEGER, udrejste INTEGER, tilflyttede INTEGER, fraflyttede INTEGER,
--    doede INTEGER, forsvundne INTEGER, genfundne INTEGER, statsborgerskab_opnaaet INTEGER,
--    statsborgerskab_mistet INTEGER, oevrige INTEGER
-- in day: dato DATE
-- out imbalance: rule VARCHAR, dato DATE, kommune VARCHAR
-- kind check
WITH known AS (
    SELECT dato, kommune, antal, indrejste_minus_udrejste AS net FROM total WHERE known_to IS NULL
), moved AS (
    SELECT
        dato,
        kommune,
        sum(
            indrejste - udrejste + tilflyttede - fraflyttede - doede - forsvundne + genfundne
            + statsborgerskab_opnaaet - statsborgerskab_mistet + oevrige
        ) AS change
    FROM flow
    GROUP BY dato, kommune
), counted AS (
    SELECT dato, kommune, sum(antal) AS antal FROM stock GROUP BY dato, kommune
), crossed AS (
    SELECT dato, kommune, sum(indrejste_minus_udrejste) AS net FROM crossing GROUP BY dato, kommune
    UNION ALL
    SELECT dato, '0000', sum(indrejste_minus_udrejste) FROM crossing GROUP BY dato
)
SELECT 'flows' AS rule, k.dato, k.kommune
FROM known k
JOIN day d ON d.dato = k.dato
LEFT JOIN known b ON b.kommune = k.kommune AND b.dato = CAST(k.dato - INTERVAL 1 DAY AS DATE)
LEFT JOIN moved m ON m.kommune = k.kommune AND m.dato = k.dato
WHERE k.kommune <> '0000' AND k.antal <> coalesce(b.antal, 0) + coalesce(m.change, 0)
UNION ALL
SELECT 'cells', k.dato, k.kommune
FROM known k
JOIN day d ON d.dato = k.dato
LEFT JOIN counted c ON c.dato = k.dato AND c.kommune = k.kommune
WHERE k.kommune <> '0000' AND k.antal <> coalesce(c.antal, 0)
UNION ALL
SELECT 'crossings', k.dato, k.kommune
FROM known k
JOIN day d ON d.dato = k.dato
LEFT JOIN crossed c ON c.dato = k.dato AND c.kommune = k.kommune
WHERE k.net <> coalesce(c.net, 0)
UNION ALL
SELECT 'country', k.dato, '0000'
FROM known k
JOIN day d ON d.dato = k.dato
GROUP BY k.dato
HAVING sum(CASE WHEN k.kommune = '0000' THEN k.antal ELSE -k.antal END) <> 0
UNION ALL
SELECT 'moves', dato, '0000'
FROM flow
GROUP BY dato
HAVING sum(tilflyttede) <> sum(fraflyttede)
UNION ALL
SELECT 'negative', dato, kommune
FROM stock
WHERE antal < 0 OR foedt_i_danmark < 0
