-- Stays abroad: the day of departure (none: a first entry) and the day of entry (none: still abroad).
-- Corrected rows (ANNKOR) are superseded by others and left out.
-- in person: person BLOB, counted BOOLEAN
-- in record_005: person BLOB, udrdto DATE
-- in record_024: person BLOB, annkor VARCHAR, udrdto DATE, indrdto DATE, indr_landekod VARCHAR
-- out abroad: person BLOB, departed DATE, entered DATE, entered_from VARCHAR
SELECT r.person, r.udrdto AS departed, CAST(NULL AS DATE) AS entered, CAST(NULL AS VARCHAR) AS entered_from
FROM record_005 r
JOIN person p ON p.person = r.person
WHERE p.counted AND r.udrdto IS NOT NULL
UNION ALL
SELECT r.person, r.udrdto AS departed, r.indrdto AS entered, r.indr_landekod AS entered_from
FROM record_024 r
JOIN person p ON p.person = r.person
WHERE p.counted AND coalesce(r.annkor, '') = '' AND (r.udrdto IS NOT NULL OR r.indrdto IS NOT NULL)
