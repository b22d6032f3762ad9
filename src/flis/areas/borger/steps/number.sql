-- Numbers that were given up for another one: by the record of the old number (status 50 and 60), or by the list of
-- former numbers of the current one (022).
-- in record_001: person BLOB, status VARCHAR, pnrgaeld BLOB, ordinal BIGINT
-- in record_022: person BLOB, pnr BLOB
-- out number: number BLOB, person BLOB
-- kind told
SELECT DISTINCT person AS number, pnrgaeld AS person
FROM record_001
WHERE status IN ('50', '60') AND pnrgaeld IS NOT NULL AND pnrgaeld <> person
UNION
SELECT DISTINCT pnr AS number, person
FROM record_022
WHERE pnr IS NOT NULL AND pnr <> person
