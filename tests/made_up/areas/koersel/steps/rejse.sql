-- The rides that were not entered in error.
-- in tur: nummer VARCHAR, status VARCHAR, aendret TIMESTAMP, borger BLOB, kommune VARCHAR, dag DATE, formaal VARCHAR,
--    km DECIMAL(8,1), pris DECIMAL(10,2)
-- out rejse: nummer VARCHAR, aendret TIMESTAMP, borger BLOB, kommune VARCHAR, dag DATE, formaal VARCHAR,
--    km DECIMAL(8,1), pris DECIMAL(10,2)
-- kind kept
SELECT nummer, aendret, borger, kommune, dag, formaal, km, pris
FROM tur
WHERE status <> 'entered-in-error'
