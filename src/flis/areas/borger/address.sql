-- All addresses that were not corrected away, as CPR lists them; the current one only of those who live in Denmark or
-- Greenland, and of the latter none in Denmark. A municipality that became a part of one other stands as that one.
-- in person: person BLOB, status VARCHAR, counted BOOLEAN
-- in record_002: person BLOB, komkod VARCHAR, tilflydto DATE, tilflykomdto DATE, ordinal BIGINT
-- in record_023: person BLOB, annkor VARCHAR, komkod VARCHAR, tilflydto DATE, fraflydto DATE, ordinal BIGINT
-- in successor: code VARCHAR, kommune VARCHAR
-- out address: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE, ordinal BIGINT
SELECT
    r.person,
    CASE WHEN p.status IN ('05', '07') AND r.komkod BETWEEN '0101' AND '0860' THEN '' ELSE coalesce(s.kommune, r.komkod) END
        AS kommune,
    coalesce(r.tilflydto, r.tilflykomdto, DATE '1900-01-01') AS valid_from,
    DATE '9999-12-31' AS valid_to,
    r.ordinal
FROM record_002 r
JOIN person p ON p.person = r.person
LEFT JOIN successor s ON s.code = r.komkod
WHERE p.status IN ('01', '03', '05', '07')
UNION ALL
SELECT
    r.person,
    coalesce(s.kommune, r.komkod) AS kommune,
    coalesce(r.tilflydto, DATE '1900-01-01') AS valid_from,
    coalesce(r.fraflydto, DATE '9999-12-31') AS valid_to,
    r.ordinal
FROM record_023 r
JOIN person p ON p.person = r.person
LEFT JOIN successor s ON s.code = r.komkod
WHERE p.counted AND coalesce(r.annkor, '') = ''
