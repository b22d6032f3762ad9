-- The totals of the days asked for, counted from the history alone: no fact shares anything with it.
-- in definition: citizenship VARCHAR, entered_from DATE
-- in borger.residence: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE
-- in borger.citizenship: person BLOB, country VARCHAR, valid_from DATE, valid_to DATE
-- in borger.abroad: person BLOB, entered DATE
-- in day: dato DATE
-- out recount: dato DATE, kommune VARCHAR, antal INTEGER
-- kind fact
SELECT d.dato, r.kommune, CAST(count(DISTINCT r.person) AS INTEGER) AS antal
FROM day d
CROSS JOIN definition o
JOIN residence r ON r.valid_from <= d.dato AND r.valid_to > d.dato
JOIN citizenship c
    ON c.person = r.person AND c.valid_from <= d.dato AND c.valid_to > d.dato AND c.country = o.citizenship
JOIN abroad a ON a.person = r.person AND a.entered >= o.entered_from AND a.entered <= d.dato
GROUP BY d.dato, r.kommune
