-- The flows of each person and day, by municipality. Every flow is read from its own record type: entries, departures
-- from 024 and 005, disappearances and returns from 025 and 007, deaths from 001, moves from the addresses (002, 023),
-- citizenship from 010 and 027. A move counts where no entry or departure of the day explains the change, a citizenship
-- where the person lived in the country before and after. `oevrige` is the change of the count that none of them
-- explains.
-- in transition: person BLOB, dato DATE, before_in VARCHAR, after_in VARCHAR, visited VARCHAR, lived_before BOOLEAN,
--    lives_after BOOLEAN, was_ukrainian BOOLEAN, is_ukrainian BOOLEAN, entered INTEGER, departed INTEGER, died INTEGER,
--    disappeared INTEGER, found INTEGER, goes_in BOOLEAN, goes_out BOOLEAN
-- in borger.address: person BLOB, kommune VARCHAR, valid_from DATE
-- in borger.person: person BLOB, sex VARCHAR, birth DATE
-- in borger.civil_state: person BLOB, civil_state VARCHAR, valid_from DATE, valid_to DATE
-- in borger.entry_country: person BLOB, country VARCHAR, valid_from DATE, valid_to DATE
-- out event: person BLOB, dato DATE, kommune VARCHAR, koen VARCHAR, foedt DATE, civilstand VARCHAR,
--    indrejseland VARCHAR, indrejste INTEGER, udrejste INTEGER, tilflyttede INTEGER, fraflyttede INTEGER,
--    doede INTEGER, forsvundne INTEGER, genfundne INTEGER, statsborgerskab_opnaaet INTEGER,
--    statsborgerskab_mistet INTEGER, oevrige INTEGER
-- kind kept newest
WITH moved AS (
    SELECT DISTINCT t.person, t.dato
    FROM transition t
    JOIN address a ON a.person = t.person AND a.valid_from = t.dato AND a.kommune = t.after_in
    WHERE t.before_in <> t.after_in AND t.entered + t.found + t.departed + t.died + t.disappeared = 0
), part AS (
    SELECT
        person, dato, coalesce(after_in, before_in, visited) AS kommune,
        entered AS indrejste, 0 AS udrejste, 0 AS tilflyttede, 0 AS fraflyttede, 0 AS doede, 0 AS forsvundne,
        found AS genfundne, 0 AS opnaaet, 0 AS mistet, 0 AS change
    FROM transition
    WHERE goes_in
    UNION ALL
    SELECT
        person, dato, coalesce(before_in, visited, after_in), 0, departed, 0, 0, died, disappeared, 0, 0, 0, 0
    FROM transition
    WHERE goes_out
    UNION ALL
    SELECT t.person, t.dato, t.after_in, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0
    FROM transition t
    JOIN moved m ON m.person = t.person AND m.dato = t.dato
    UNION ALL
    SELECT t.person, t.dato, t.before_in, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
    FROM transition t
    JOIN moved m ON m.person = t.person AND m.dato = t.dato
    UNION ALL
    SELECT person, dato, after_in, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0
    FROM transition
    WHERE before_in IS NULL AND after_in IS NOT NULL AND lived_before AND NOT was_ukrainian AND entered + found = 0
    UNION ALL
    SELECT person, dato, before_in, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0
    FROM transition
    WHERE before_in IS NOT NULL AND after_in IS NULL AND lives_after AND NOT is_ukrainian
        AND departed + died + disappeared = 0
    UNION ALL
    SELECT person, dato, after_in, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 FROM transition WHERE after_in IS NOT NULL
    UNION ALL
    SELECT person, dato, before_in, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1 FROM transition WHERE before_in IS NOT NULL
), summed AS (
    SELECT
        person, dato, kommune,
        sum(indrejste) AS indrejste, sum(udrejste) AS udrejste,
        sum(tilflyttede) AS tilflyttede, sum(fraflyttede) AS fraflyttede,
        sum(doede) AS doede, sum(forsvundne) AS forsvundne, sum(genfundne) AS genfundne,
        sum(opnaaet) AS opnaaet, sum(mistet) AS mistet,
        sum(change) - sum(
            indrejste - udrejste + tilflyttede - fraflyttede - doede - forsvundne + genfundne + opnaaet - mistet
        ) AS oevrige
    FROM part
    GROUP BY person, dato, kommune
)
SELECT
    s.person,
    s.dato,
    s.kommune,
    p.sex AS koen,
    p.birth AS foedt,
    c.civil_state AS civilstand,
    e.country AS indrejseland,
    CAST(s.indrejste AS INTEGER) AS indrejste,
    CAST(s.udrejste AS INTEGER) AS udrejste,
    CAST(s.tilflyttede AS INTEGER) AS tilflyttede,
    CAST(s.fraflyttede AS INTEGER) AS fraflyttede,
    CAST(s.doede AS INTEGER) AS doede,
    CAST(s.forsvundne AS INTEGER) AS forsvundne,
    CAST(s.genfundne AS INTEGER) AS genfundne,
    CAST(s.opnaaet AS INTEGER) AS statsborgerskab_opnaaet,
    CAST(s.mistet AS INTEGER) AS statsborgerskab_mistet,
    CAST(s.oevrige AS INTEGER) AS oevrige
FROM summed s
JOIN person p ON p.person = s.person
JOIN civil_state c ON c.person = s.person AND c.valid_from <= s.dato AND c.valid_to > s.dato
JOIN entry_country e ON e.person = s.person AND e.valid_from <= s.dato AND e.valid_to > s.dato
WHERE s.kommune IS NOT NULL
    AND (
        s.indrejste <> 0 OR s.udrejste <> 0 OR s.tilflyttede <> 0 OR s.fraflyttede <> 0 OR s.doede <> 0
        OR s.forsvundne <> 0 OR s.genfundne <> 0 OR s.opnaaet <> 0 OR s.mistet <> 0 OR s.oevrige <> 0
    )
