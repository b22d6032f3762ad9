-- Yesterday's count and the day's flows give the day's count, per municipality.
-- in total: dato DATE, kommune VARCHAR, antal INTEGER, known_to DATE
-- in flow: dato DATE, kommune VARCHAR, indrejste INTEGER, udrejste INTEGER, tilflyttede INTEGER, fraflyttede INTEGER,
--    doede INTEGER, forsvundne INTEGER, genfundne INTEGER, statsborgerskab_opnaaet INTEGER,
--    statsborgerskab_mistet INTEGER, oevrige INTEGER
-- in day: dato DATE
-- out flows: dato DATE, kommune VARCHAR
-- kind check
WITH known AS (
    SELECT dato, kommune, antal FROM total WHERE known_to IS NULL
), moved AS (
    SELECT
        dato,
        kommune,
        sum(
            indrejste - udrejste + tilflyttede - fraflyttede - doede - forsvundne + genfundne
            + statsborgerskab_opnaaet - statsborgerskab_mistet + oevrige
        ) AS change
    FROM flow
    GROUP BY dato, kommune
)
SELECT k.dato, k.kommune
FROM known k
JOIN day d ON d.dato = k.dato
LEFT JOIN known b ON b.kommune = k.kommune AND b.dato = CAST(k.dato - INTERVAL 1 DAY AS DATE)
LEFT JOIN moved m ON m.kommune = k.kommune AND m.dato = k.dato
WHERE k.kommune <> '0000' AND k.antal <> coalesce(b.antal, 0) + coalesce(m.change, 0)
