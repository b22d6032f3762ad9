-- Times as disappeared: the day of disappearance and the day of being found again (none: still missing).
-- in person: person BLOB, counted BOOLEAN
-- in record_007: person BLOB, forsvinddto DATE
-- in record_025: person BLOB, annkor VARCHAR, forsvinddto DATE, genfinddto DATE
-- out missing: person BLOB, disappeared DATE, found DATE
-- kind kept
SELECT r.person, r.forsvinddto AS disappeared, CAST(NULL AS DATE) AS found
FROM record_007 r
JOIN person p ON p.person = r.person
WHERE p.counted AND r.forsvinddto IS NOT NULL
UNION ALL
SELECT r.person, r.forsvinddto AS disappeared, r.genfinddto AS found
FROM record_025 r
JOIN person p ON p.person = r.person
WHERE p.counted AND coalesce(r.annkor, '') = '' AND r.forsvinddto IS NOT NULL
