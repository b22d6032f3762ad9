-- The population with its attributes: one row per person and unbroken time in one municipality and civil state.
-- in member: person BLOB, measure VARCHAR, kommune VARCHAR, valid_from DATE, valid_to DATE
-- in person: person BLOB, sex VARCHAR, birth DATE
-- in civil_state: person BLOB, civil_state VARCHAR, valid_from DATE, valid_to DATE
-- out presence_told: person BLOB, measure VARCHAR, kommune VARCHAR, koen VARCHAR, foedt DATE, civilstand VARCHAR,
--    fra DATE, til DATE
SELECT
    m.person,
    m.measure,
    m.kommune,
    p.sex AS koen,
    p.birth AS foedt,
    c.civil_state AS civilstand,
    greatest(m.valid_from, c.valid_from) AS fra,
    least(m.valid_to, c.valid_to) AS til
FROM member m
JOIN person p ON p.person = m.person
JOIN civil_state c ON c.person = m.person AND c.valid_from < m.valid_to AND c.valid_to > m.valid_from
