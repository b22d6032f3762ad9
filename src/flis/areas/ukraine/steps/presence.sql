-- The population with its attributes: one row per person and unbroken time in one municipality and civil state, and
-- since one entry. Entries and exits of the literal reading stand beside it, each from its day on for good, with the
-- attributes of that day.
-- in member: person BLOB, measure VARCHAR, kommune VARCHAR, valid_from DATE, valid_to DATE
-- in passage: person BLOB, measure VARCHAR, kommune VARCHAR, dato DATE
-- in borger.person: person BLOB, sex VARCHAR, birth DATE
-- in borger.civil_state: person BLOB, civil_state VARCHAR, valid_from DATE, valid_to DATE
-- in borger.entry_country: person BLOB, country VARCHAR, valid_from DATE, valid_to DATE
-- out presence: person BLOB, measure VARCHAR, kommune VARCHAR, koen VARCHAR, foedt DATE, civilstand VARCHAR,
--    indrejseland VARCHAR, fra DATE, til DATE
-- kind kept newest
SELECT
    m.person,
    m.measure,
    m.kommune,
    p.sex AS koen,
    p.birth AS foedt,
    c.civil_state AS civilstand,
    e.country AS indrejseland,
    greatest(m.valid_from, c.valid_from, e.valid_from) AS fra,
    least(m.valid_to, c.valid_to, e.valid_to) AS til
FROM member m
JOIN person p ON p.person = m.person
JOIN civil_state c ON c.person = m.person AND c.valid_from < m.valid_to AND c.valid_to > m.valid_from
JOIN entry_country e
    ON e.person = m.person AND e.valid_from < least(m.valid_to, c.valid_to)
    AND e.valid_to > greatest(m.valid_from, c.valid_from)
UNION ALL
SELECT
    g.person,
    g.measure,
    g.kommune,
    p.sex AS koen,
    p.birth AS foedt,
    c.civil_state AS civilstand,
    e.country AS indrejseland,
    g.dato AS fra,
    DATE '9999-12-31' AS til
FROM passage g
JOIN person p ON p.person = g.person
JOIN civil_state c ON c.person = g.person AND c.valid_from <= g.dato AND c.valid_to > g.dato
JOIN entry_country e ON e.person = g.person AND e.valid_from <= g.dato AND e.valid_to > g.dato
