-- The country's stock of each day by one attribute at a time, groups without anybody included.
-- in stock: dato DATE, alder SMALLINT, koen VARCHAR, civilstand VARCHAR, antal INTEGER
-- in day: dato DATE
-- in grouping: dimension VARCHAR, gruppe VARCHAR, value VARCHAR
-- out breakdown: dato DATE, kommune VARCHAR, dimension VARCHAR, gruppe VARCHAR, antal INTEGER
WITH summed AS (
    SELECT dato, alder, koen, civilstand, sum(antal) AS antal FROM stock GROUP BY dato, alder, koen, civilstand
), valued AS (
    SELECT dato, 'aldersgruppe' AS dimension, CAST(alder AS VARCHAR) AS value, antal FROM summed
    UNION ALL
    SELECT dato, 'koen', koen, antal FROM summed
    UNION ALL
    SELECT dato, 'civilstand', civilstand, antal FROM summed
), counted AS (
    SELECT v.dato, g.dimension, g.gruppe, sum(v.antal) AS antal
    FROM valued v
    JOIN grouping g ON g.dimension = v.dimension AND g.value = v.value
    GROUP BY v.dato, g.dimension, g.gruppe
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
