-- The literal reading on the days asked for: each day's entries and exits, and their difference from the start through
-- the day; by municipality ('uden': without one), age, sex, civil state and country of the last entry on the day of the
-- event, and citizenship (the population's own). A cell is listed from its first event on.
-- in definition: citizenship VARCHAR
-- in presence: measure VARCHAR, kommune VARCHAR, koen VARCHAR, foedt DATE, civilstand VARCHAR,
--    indrejseland VARCHAR, fra DATE
-- in day: dato DATE
-- out crossing: dato DATE, kommune VARCHAR, alder SMALLINT, koen VARCHAR, civilstand VARCHAR,
--    statsborgerskab VARCHAR, indrejseland VARCHAR, registrerede_indrejser INTEGER, registrerede_udrejser INTEGER,
--    indrejste_minus_udrejste INTEGER
-- kind fact
-- place kommune, dato by month
-- store municipal, national
WITH bounds AS (
    SELECT min(dato) AS first, max(dato) AS last FROM day
), event AS (
    SELECT
        greatest(p.fra, b.first) AS dato,
        p.kommune,
        CASE WHEN p.foedt IS NOT NULL THEN CAST(least(125, greatest(0, floor((
            year(p.fra) * 10000 + month(p.fra) * 100 + day(p.fra)
            - year(p.foedt) * 10000 - month(p.foedt) * 100 - day(p.foedt)
        ) / 10000))) AS SMALLINT) END AS alder,
        p.koen,
        p.civilstand,
        p.indrejseland,
        CASE WHEN p.measure = 'indrejse' AND p.fra >= b.first THEN 1 ELSE 0 END AS entered,
        CASE WHEN p.measure = 'udrejse' AND p.fra >= b.first THEN 1 ELSE 0 END AS departed,
        CASE WHEN p.measure = 'indrejse' THEN 1 ELSE -1 END AS net
    FROM presence p
    CROSS JOIN bounds b
    WHERE p.measure IN ('indrejse', 'udrejse') AND p.fra <= b.last
), daily AS (
    SELECT
        dato, kommune, alder, koen, civilstand, indrejseland,
        sum(entered) AS entered, sum(departed) AS departed, sum(net) AS net
    FROM event
    GROUP BY dato, kommune, alder, koen, civilstand, indrejseland
), cell AS (
    SELECT kommune, alder, koen, civilstand, indrejseland, min(dato) AS first
    FROM daily
    GROUP BY kommune, alder, koen, civilstand, indrejseland
)
SELECT
    d.dato,
    c.kommune,
    c.alder,
    c.koen,
    c.civilstand,
    o.citizenship AS statsborgerskab,
    c.indrejseland,
    CAST(coalesce(e.entered, 0) AS INTEGER) AS registrerede_indrejser,
    CAST(coalesce(e.departed, 0) AS INTEGER) AS registrerede_udrejser,
    CAST(sum(coalesce(e.net, 0)) OVER (
        PARTITION BY c.kommune, c.alder, c.koen, c.civilstand, c.indrejseland
        ORDER BY d.dato ROWS UNBOUNDED PRECEDING
    ) AS INTEGER) AS indrejste_minus_udrejste
FROM cell c
JOIN day d ON d.dato >= c.first
CROSS JOIN definition o
LEFT JOIN daily e
    ON e.dato = d.dato AND e.kommune = c.kommune AND e.alder IS NOT DISTINCT FROM c.alder AND e.koen = c.koen
    AND e.civilstand = c.civilstand AND e.indrejseland = c.indrejseland
