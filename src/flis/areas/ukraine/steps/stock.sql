-- The stock of the days asked for: persons at the end of each day, by municipality, age, sex, civil
-- state, citizenship (the population's own) and the country of the last entry.
-- in definition: citizenship VARCHAR
-- in presence: measure VARCHAR, kommune VARCHAR, koen VARCHAR, foedt DATE, civilstand VARCHAR,
--    indrejseland VARCHAR, fra DATE, til DATE
-- in day: dato DATE
-- out stock: dato DATE, kommune VARCHAR, alder SMALLINT, koen VARCHAR, civilstand VARCHAR,
--    statsborgerskab VARCHAR, indrejseland VARCHAR, antal INTEGER, foedt_i_danmark INTEGER
-- kind fact
-- place kommune, dato by month
-- store municipal, national
WITH bounds AS (
    SELECT min(dato) AS first, max(dato) AS last FROM day
), near AS (
    SELECT p.*, year(p.foedt) * 10000 + month(p.foedt) * 100 + day(p.foedt) AS born
    FROM presence p
    CROSS JOIN bounds b
    WHERE p.measure IN ('antal', 'foedt') AND p.fra <= b.last AND p.til > b.first
), dated AS (
    SELECT dato, year(dato) * 10000 + month(dato) * 100 + day(dato) AS today FROM day
)
SELECT
    d.dato,
    p.kommune,
    CASE WHEN p.foedt IS NOT NULL
        THEN CAST(least(125, greatest(0, floor((d.today - p.born) / 10000))) AS SMALLINT) END AS alder,
    p.koen,
    p.civilstand,
    o.citizenship AS statsborgerskab,
    p.indrejseland,
    CAST(sum(CASE WHEN p.measure = 'antal' THEN 1 ELSE 0 END) AS INTEGER) AS antal,
    CAST(sum(CASE WHEN p.measure = 'foedt' THEN 1 ELSE 0 END) AS INTEGER) AS foedt_i_danmark
FROM near p
JOIN dated d ON p.fra <= d.dato AND p.til > d.dato
CROSS JOIN definition o
GROUP BY 1, 2, 3, 4, 5, 6, 7
