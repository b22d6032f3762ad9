-- Each municipality's stock of the one day in `day` by one attribute at a time, rounded as the small-count policy says;
-- groups without anybody are listed like those rounded down to nothing.
-- in stock: dato DATE, kommune VARCHAR, alder SMALLINT, koen VARCHAR, civilstand VARCHAR, antal INTEGER
-- in day: dato DATE
-- in municipality: kommune VARCHAR
-- in grouping: dimension VARCHAR, gruppe VARCHAR, value VARCHAR
-- in policy: round_to INTEGER
-- out own_breakdown: dato DATE, kommune VARCHAR, dimension VARCHAR, gruppe VARCHAR, antal INTEGER
WITH valued AS (
    SELECT dato, kommune, 'aldersgruppe' AS dimension, CAST(alder AS VARCHAR) AS value, antal FROM stock
    UNION ALL
    SELECT dato, kommune, 'koen', koen, antal FROM stock
    UNION ALL
    SELECT dato, kommune, 'civilstand', civilstand, antal FROM stock
), counted AS (
    SELECT v.dato, v.kommune, g.dimension, g.gruppe, sum(v.antal) AS antal
    FROM valued v
    JOIN grouping g ON g.dimension = v.dimension AND g.value = v.value
    GROUP BY v.dato, v.kommune, g.dimension, g.gruppe
), listed AS (
    SELECT DISTINCT d.dato, m.kommune, g.dimension, g.gruppe
    FROM day d
    CROSS JOIN municipality m
    CROSS JOIN grouping g
)
SELECT
    l.dato,
    l.kommune,
    l.dimension,
    l.gruppe,
    CAST(floor((coalesce(c.antal, 0) + p.round_to / 2.0) / p.round_to) * p.round_to AS INTEGER) AS antal
FROM listed l
CROSS JOIN policy p
LEFT JOIN counted c
    ON c.dato = l.dato AND c.kommune = l.kommune AND c.dimension = l.dimension AND c.gruppe = l.gruppe
ORDER BY l.kommune, l.dimension, l.gruppe
