-- The country's stock of each day by one attribute at a time, groups without anybody included.
-- in stock: dato DATE, alder SMALLINT, koen VARCHAR, civilstand VARCHAR, antal INTEGER
-- in day: dato DATE
-- in grouping: dimension VARCHAR, gruppe VARCHAR, value VARCHAR
-- out breakdown: dato DATE, kommune VARCHAR, dimension VARCHAR, gruppe VARCHAR, antal INTEGER
WITH counted AS (
    SELECT s.dato, g.dimension, g.gruppe, sum(s.antal) AS antal
    FROM stock s
    JOIN grouping g
        ON g.value = CASE g.dimension
            WHEN 'aldersgruppe' THEN CAST(s.alder AS VARCHAR)
            WHEN 'koen' THEN s.koen
            ELSE s.civilstand
        END
    GROUP BY s.dato, g.dimension, g.gruppe
), listed AS (
    SELECT DISTINCT d.dato, g.dimension, g.gruppe FROM day d CROSS JOIN grouping g
)
SELECT
    l.dato,
    '0000' AS kommune,
    l.dimension,
    l.gruppe,
    CAST(coalesce(c.antal, 0) AS INTEGER) AS antal
FROM listed l
LEFT JOIN counted c ON c.dato = l.dato AND c.dimension = l.dimension AND c.gruppe = l.gruppe
ORDER BY l.dato, l.dimension, l.gruppe
