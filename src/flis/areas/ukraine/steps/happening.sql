-- What the records of Ukrainian citizens say happened, by person and day: how many entries and departures (024, 005),
-- disappearances and returns (025, 007), deaths (001). Days on which the population changed for another reason are
-- listed too, with nothing in them.
-- in definition: citizenship VARCHAR, entered_from DATE
-- in borger.person: person BLOB, died DATE, counted BOOLEAN
-- in borger.citizenship: person BLOB, country VARCHAR
-- in borger.abroad: person BLOB, departed DATE, entered DATE
-- in borger.missing: person BLOB, disappeared DATE, found DATE
-- in member: person BLOB, measure VARCHAR, valid_from DATE, valid_to DATE
-- out happening: person BLOB, dato DATE, entered INTEGER, departed INTEGER, died INTEGER, disappeared INTEGER,
--    found INTEGER
-- kind told
WITH ukrainian AS (
    SELECT DISTINCT c.person
    FROM citizenship c
    JOIN definition d ON d.citizenship = c.country
), told AS (
    SELECT person, entered AS dato, 1 AS entered, 0 AS departed, 0 AS died, 0 AS disappeared, 0 AS found FROM abroad
    UNION ALL
    SELECT person, departed, 0, 1, 0, 0, 0 FROM abroad
    UNION ALL
    SELECT person, died, 0, 0, 1, 0, 0 FROM person WHERE counted
    UNION ALL
    SELECT person, disappeared, 0, 0, 0, 1, 0 FROM missing
    UNION ALL
    SELECT person, found, 0, 0, 0, 0, 1 FROM missing
    UNION ALL
    SELECT person, valid_from, 0, 0, 0, 0, 0 FROM member WHERE measure = 'antal'
    UNION ALL
    SELECT person, valid_to, 0, 0, 0, 0, 0 FROM member WHERE measure = 'antal'
)
SELECT
    t.person,
    t.dato,
    CAST(sum(t.entered) AS INTEGER) AS entered,
    CAST(sum(t.departed) AS INTEGER) AS departed,
    CAST(sum(t.died) AS INTEGER) AS died,
    CAST(sum(t.disappeared) AS INTEGER) AS disappeared,
    CAST(sum(t.found) AS INTEGER) AS found
FROM told t
JOIN ukrainian u ON u.person = t.person
CROSS JOIN definition d
WHERE t.dato >= d.entered_from AND t.dato < DATE '9999-12-31'
GROUP BY t.person, t.dato
