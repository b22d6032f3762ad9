-- The country's flows of each of the days asked for.
-- in event: dato DATE, indrejste INTEGER, udrejste INTEGER, tilflyttede INTEGER, fraflyttede INTEGER, doede INTEGER,
--    forsvundne INTEGER, genfundne INTEGER, statsborgerskab_opnaaet INTEGER, statsborgerskab_mistet INTEGER,
--    oevrige INTEGER
-- in day: dato DATE
-- out flow_day: dato DATE, indrejste INTEGER, udrejste INTEGER, tilflyttede INTEGER, fraflyttede INTEGER,
--    doede INTEGER, forsvundne INTEGER, genfundne INTEGER, statsborgerskab_opnaaet INTEGER,
--    statsborgerskab_mistet INTEGER, oevrige INTEGER
-- kind revised dato
SELECT
    d.dato,
    CAST(coalesce(sum(e.indrejste), 0) AS INTEGER) AS indrejste,
    CAST(coalesce(sum(e.udrejste), 0) AS INTEGER) AS udrejste,
    CAST(coalesce(sum(e.tilflyttede), 0) AS INTEGER) AS tilflyttede,
    CAST(coalesce(sum(e.fraflyttede), 0) AS INTEGER) AS fraflyttede,
    CAST(coalesce(sum(e.doede), 0) AS INTEGER) AS doede,
    CAST(coalesce(sum(e.forsvundne), 0) AS INTEGER) AS forsvundne,
    CAST(coalesce(sum(e.genfundne), 0) AS INTEGER) AS genfundne,
    CAST(coalesce(sum(e.statsborgerskab_opnaaet), 0) AS INTEGER) AS statsborgerskab_opnaaet,
    CAST(coalesce(sum(e.statsborgerskab_mistet), 0) AS INTEGER) AS statsborgerskab_mistet,
    CAST(coalesce(sum(e.oevrige), 0) AS INTEGER) AS oevrige
FROM day d
LEFT JOIN event e ON e.dato = d.dato
GROUP BY d.dato
