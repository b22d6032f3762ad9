-- Where and when what a delivery tells of a person differs from what was known: spans of days of the stock, single days
-- of the flows.
-- in presence_known: person BLOB, measure VARCHAR, kommune VARCHAR, koen VARCHAR, foedt DATE, civilstand VARCHAR,
--    indrejseland VARCHAR, fra DATE, til DATE
-- in presence: person BLOB, measure VARCHAR, kommune VARCHAR, koen VARCHAR, foedt DATE, civilstand VARCHAR,
--    indrejseland VARCHAR, fra DATE, til DATE
-- in event_known: person BLOB, dato DATE, kommune VARCHAR, koen VARCHAR, foedt DATE, civilstand VARCHAR,
--    indrejseland VARCHAR, indrejste INTEGER, udrejste INTEGER, tilflyttede INTEGER, fraflyttede INTEGER,
--    doede INTEGER, forsvundne INTEGER, genfundne INTEGER, statsborgerskab_opnaaet INTEGER,
--    statsborgerskab_mistet INTEGER, oevrige INTEGER
-- in event: person BLOB, dato DATE, kommune VARCHAR, koen VARCHAR, foedt DATE, civilstand VARCHAR,
--    indrejseland VARCHAR, indrejste INTEGER, udrejste INTEGER, tilflyttede INTEGER, fraflyttede INTEGER,
--    doede INTEGER, forsvundne INTEGER, genfundne INTEGER, statsborgerskab_opnaaet INTEGER,
--    statsborgerskab_mistet INTEGER, oevrige INTEGER
-- out difference: person BLOB, kommune VARCHAR, fra DATE, til DATE
-- kind touched
WITH point AS (
    SELECT person, measure, kommune, koen, foedt, civilstand, indrejseland, fra AS dato, 1 AS n FROM presence
    UNION ALL
    SELECT person, measure, kommune, koen, foedt, civilstand, indrejseland, til, -1 FROM presence
    UNION ALL
    SELECT person, measure, kommune, koen, foedt, civilstand, indrejseland, fra, -1 FROM presence_known
    UNION ALL
    SELECT person, measure, kommune, koen, foedt, civilstand, indrejseland, til, 1 FROM presence_known
), net AS (
    SELECT person, measure, kommune, koen, foedt, civilstand, indrejseland, dato, sum(n) AS n
    FROM point
    GROUP BY person, measure, kommune, koen, foedt, civilstand, indrejseland, dato
    HAVING sum(n) <> 0
), level AS (
    SELECT
        person,
        kommune,
        dato AS fra,
        sum(n) OVER (
            PARTITION BY person, measure, kommune, koen, foedt, civilstand, indrejseland
            ORDER BY dato ROWS UNBOUNDED PRECEDING
        ) AS n,
        lead(dato) OVER (
            PARTITION BY person, measure, kommune, koen, foedt, civilstand, indrejseland ORDER BY dato
        ) AS til
    FROM net
), flowed AS (
    (SELECT * FROM event EXCEPT SELECT * FROM event_known)
    UNION ALL
    (SELECT * FROM event_known EXCEPT SELECT * FROM event)
)
SELECT DISTINCT person, kommune, fra, til FROM level WHERE n <> 0
UNION
SELECT DISTINCT person, kommune, dato AS fra, CAST(dato + INTERVAL 1 DAY AS DATE) AS til FROM flowed
