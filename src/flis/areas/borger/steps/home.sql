-- Where the persons of a delivery live at the end of its production date; NULL: not in a Danish municipality.
-- in person: person BLOB
-- in residence: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE
-- in production: produced DATE
-- out home: person BLOB, kommune VARCHAR
-- kind told
SELECT p.person, r.kommune
FROM person p
CROSS JOIN production d
LEFT JOIN residence r ON r.person = p.person AND r.valid_from <= d.produced AND r.valid_to > d.produced
