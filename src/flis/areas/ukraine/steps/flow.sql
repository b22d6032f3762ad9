-- The flows of the days asked for, by municipality, age on the day, sex and civil state at its end,
-- citizenship (the population's own) and the country of the last entry.
-- in definition: citizenship VARCHAR
-- in event: dato DATE, kommune VARCHAR, koen VARCHAR, foedt DATE, civilstand VARCHAR,
--    indrejseland VARCHAR, indrejste INTEGER, udrejste INTEGER, tilflyttede INTEGER, fraflyttede INTEGER, doede INTEGER,
--    forsvundne INTEGER, genfundne INTEGER, statsborgerskab_opnaaet INTEGER,
--    statsborgerskab_mistet INTEGER, oevrige INTEGER
-- in day: dato DATE
-- out flow: dato DATE, kommune VARCHAR, alder SMALLINT, koen VARCHAR, civilstand VARCHAR,
--    statsborgerskab VARCHAR, indrejseland VARCHAR, indrejste INTEGER, udrejste INTEGER, tilflyttede INTEGER,
--    fraflyttede INTEGER, doede INTEGER, forsvundne INTEGER, genfundne INTEGER, statsborgerskab_opnaaet INTEGER,
--    statsborgerskab_mistet INTEGER, oevrige INTEGER
-- kind fact
-- place kommune, dato by month
-- store municipal, national
WITH aged AS (
    SELECT
        e.*,
        o.citizenship AS statsborgerskab,
        CASE WHEN e.foedt IS NOT NULL THEN CAST(least(125, greatest(0, floor((
            year(e.dato) * 10000 + month(e.dato) * 100 + day(e.dato)
            - year(e.foedt) * 10000 - month(e.foedt) * 100 - day(e.foedt)
        ) / 10000))) AS SMALLINT) END AS alder
    FROM event e
    JOIN day d ON d.dato = e.dato
    CROSS JOIN definition o
), summed AS (
    SELECT
        dato,
        kommune,
        alder,
        koen,
        civilstand,
        statsborgerskab,
        indrejseland,
        CAST(sum(indrejste) AS INTEGER) AS indrejste,
        CAST(sum(udrejste) AS INTEGER) AS udrejste,
        CAST(sum(tilflyttede) AS INTEGER) AS tilflyttede,
        CAST(sum(fraflyttede) AS INTEGER) AS fraflyttede,
        CAST(sum(doede) AS INTEGER) AS doede,
        CAST(sum(forsvundne) AS INTEGER) AS forsvundne,
        CAST(sum(genfundne) AS INTEGER) AS genfundne,
        CAST(sum(statsborgerskab_opnaaet) AS INTEGER) AS statsborgerskab_opnaaet,
        CAST(sum(statsborgerskab_mistet) AS INTEGER) AS statsborgerskab_mistet,
        CAST(sum(oevrige) AS INTEGER) AS oevrige
    FROM aged
    GROUP BY dato, kommune, alder, koen, civilstand, statsborgerskab, indrejseland
)
SELECT *
FROM summed
WHERE indrejste <> 0 OR udrejste <> 0 OR tilflyttede <> 0 OR fraflyttede <> 0 OR doede <> 0 OR forsvundne <> 0
    OR genfundne <> 0 OR statsborgerskab_opnaaet <> 0 OR statsborgerskab_mistet <> 0 OR oevrige <> 0
