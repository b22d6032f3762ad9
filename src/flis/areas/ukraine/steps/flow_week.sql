-- Each municipality's flows of the whole weeks asked for, by the week's Monday.
-- in event: dato DATE, kommune VARCHAR, indrejste INTEGER, udrejste INTEGER, tilflyttede INTEGER, fraflyttede INTEGER,
--    doede INTEGER, forsvundne INTEGER, genfundne INTEGER, statsborgerskab_opnaaet INTEGER,
--    statsborgerskab_mistet INTEGER, oevrige INTEGER
-- in week: monday DATE, after DATE
-- in municipality: kommune VARCHAR
-- out flow_week: uge DATE, kommune VARCHAR, indrejste INTEGER, udrejste INTEGER, tilflyttede INTEGER,
--    fraflyttede INTEGER, doede INTEGER, forsvundne INTEGER, genfundne INTEGER, statsborgerskab_opnaaet INTEGER,
--    statsborgerskab_mistet INTEGER, oevrige INTEGER
-- kind revised uge, kommune
SELECT
    w.monday AS uge,
    m.kommune,
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
FROM week w
CROSS JOIN municipality m
LEFT JOIN event e ON e.kommune = m.kommune AND e.dato >= w.monday AND e.dato < w.after
GROUP BY w.monday, m.kommune
