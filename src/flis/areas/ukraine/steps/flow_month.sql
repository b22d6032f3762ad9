-- The country's flows of the whole months up to a day that are too rare to be shown by the day, as known now.
-- in flow_day: dato DATE, tilflyttede INTEGER, fraflyttede INTEGER, doede INTEGER, forsvundne INTEGER,
--    genfundne INTEGER, statsborgerskab_opnaaet INTEGER, statsborgerskab_mistet INTEGER, oevrige INTEGER, known_to DATE
-- in month: maaned DATE, after DATE
-- out flow_month: maaned DATE, tilflyttede INTEGER, fraflyttede INTEGER, doede INTEGER, forsvundne INTEGER,
--    genfundne INTEGER, statsborgerskab_opnaaet INTEGER, statsborgerskab_mistet INTEGER, oevrige INTEGER
-- kind fact
SELECT
    m.maaned,
    CAST(sum(f.tilflyttede) AS INTEGER) AS tilflyttede,
    CAST(sum(f.fraflyttede) AS INTEGER) AS fraflyttede,
    CAST(sum(f.doede) AS INTEGER) AS doede,
    CAST(sum(f.forsvundne) AS INTEGER) AS forsvundne,
    CAST(sum(f.genfundne) AS INTEGER) AS genfundne,
    CAST(sum(f.statsborgerskab_opnaaet) AS INTEGER) AS statsborgerskab_opnaaet,
    CAST(sum(f.statsborgerskab_mistet) AS INTEGER) AS statsborgerskab_mistet,
    CAST(sum(f.oevrige) AS INTEGER) AS oevrige
FROM month m
JOIN flow_day f ON f.dato >= m.maaned AND f.dato < m.after
WHERE f.known_to IS NULL
GROUP BY m.maaned
