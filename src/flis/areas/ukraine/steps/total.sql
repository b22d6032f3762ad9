-- Totals of the days asked for: persons at the end of each day, and entries minus exits (the literal reading)
-- from the start through the day; by municipality and for the country ('0000'), which has those without one too.
-- in presence: measure VARCHAR, kommune VARCHAR, fra DATE, til DATE
-- in municipality: kommune VARCHAR
-- in day: dato DATE
-- out total: dato DATE, kommune VARCHAR, antal INTEGER, indrejste_minus_udrejste INTEGER
-- kind revised dato, kommune
WITH bounds AS (
    SELECT min(dato) AS first, max(dato) AS last FROM day
), change AS (
    SELECT p.kommune, greatest(p.fra, b.first) AS dato, 1 AS antal, 0 AS net
    FROM presence p
    CROSS JOIN bounds b
    WHERE p.measure = 'antal' AND p.fra <= b.last AND p.til > b.first
    UNION ALL
    SELECT p.kommune, p.til, -1, 0
    FROM presence p
    CROSS JOIN bounds b
    WHERE p.measure = 'antal' AND p.fra <= b.last AND p.til > b.first AND p.til <= b.last
    UNION ALL
    SELECT p.kommune, greatest(p.fra, b.first), 0, CASE WHEN p.measure = 'indrejse' THEN 1 ELSE -1 END
    FROM presence p
    CROSS JOIN bounds b
    WHERE p.measure IN ('indrejse', 'udrejse') AND p.fra <= b.last
), daily AS (
    SELECT kommune, dato, sum(antal) AS antal, sum(net) AS net FROM change GROUP BY kommune, dato
    UNION ALL
    SELECT '0000', dato, sum(antal), sum(net) FROM change GROUP BY dato
), place AS (
    SELECT kommune FROM municipality
    UNION ALL
    SELECT '0000'
)
SELECT
    d.dato,
    k.kommune,
    CAST(sum(coalesce(c.antal, 0)) OVER running AS INTEGER) AS antal,
    CAST(sum(coalesce(c.net, 0)) OVER running AS INTEGER) AS indrejste_minus_udrejste
FROM place k
CROSS JOIN day d
LEFT JOIN daily c ON c.kommune = k.kommune AND c.dato = d.dato
WINDOW running AS (PARTITION BY k.kommune ORDER BY d.dato ROWS UNBOUNDED PRECEDING)
