-- Each municipality's stock of the days asked for by one attribute at a time; groups without anybody are left
-- out. An age that is not known is the value 'ukendt'.
-- in stock: dato DATE, kommune VARCHAR, alder SMALLINT, koen VARCHAR, civilstand VARCHAR, antal INTEGER
-- in grouping: dimension VARCHAR, gruppe VARCHAR, value VARCHAR
-- out breakdown: dato DATE, kommune VARCHAR, dimension VARCHAR, gruppe VARCHAR, antal INTEGER
-- kind fact
WITH valued AS (
    SELECT dato, kommune, 'aldersgruppe' AS dimension, coalesce(CAST(alder AS VARCHAR), 'ukendt') AS value, antal FROM stock
    UNION ALL
    SELECT dato, kommune, 'koen', koen, antal FROM stock
    UNION ALL
    SELECT dato, kommune, 'civilstand', civilstand, antal FROM stock
)
SELECT v.dato, v.kommune, g.dimension, g.gruppe, CAST(sum(v.antal) AS INTEGER) AS antal
FROM valued v
JOIN grouping g ON g.dimension = v.dimension AND g.value = v.value
GROUP BY v.dato, v.kommune, g.dimension, g.gruppe
