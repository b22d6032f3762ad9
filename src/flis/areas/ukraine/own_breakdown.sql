-- Each municipality's stock of the one day in `day` by one attribute at a time, rounded as the small-count policy says;
-- groups without anybody are listed like those rounded down to nothing.
-- in stock: dato DATE, kommune VARCHAR, alder SMALLINT, koen VARCHAR, civilstand VARCHAR, antal INTEGER
-- in day: dato DATE
-- in municipality: kommune VARCHAR
-- in grouping: dimension VARCHAR, gruppe VARCHAR, value VARCHAR
-- in policy: round_to INTEGER
-- out own_breakdown: dato DATE, kommune VARCHAR, dimension VARCHAR, gruppe VARCHAR, antal INTEGER
WITH counted AS (
    SELECT s.dato, s.kommune, g.dimension, g.gruppe, sum(s.antal) AS antal
    FROM stock s
    JOIN grouping g
        ON g.value = CASE g.dimension
            WHEN 'aldersgruppe' THEN CAST(s.alder AS VARCHAR)
            WHEN 'koen' THEN s.koen
            ELSE s.civilstand
        END
    GROUP BY s.dato, s.kommune, g.dimension, g.gruppe
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
