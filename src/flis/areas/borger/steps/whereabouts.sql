-- Where a person was at the end of each day from `valid_from` up to, not including, `valid_to`, wherever the code of the
-- place lies: time abroad, as disappeared and after death is cut out, a later address ends an earlier one.
-- in person: person BLOB, died DATE, counted BOOLEAN
-- in address: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE, ordinal BIGINT
-- in abroad: person BLOB, departed DATE, entered DATE
-- in missing: person BLOB, disappeared DATE, found DATE
-- out whereabouts: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE
-- kind told
WITH away AS (
    SELECT person, departed AS valid_from, coalesce(entered, DATE '9999-12-31') AS valid_to
    FROM abroad
    WHERE departed IS NOT NULL AND departed < coalesce(entered, DATE '9999-12-31')
    UNION ALL
    SELECT person, disappeared, coalesce(found, DATE '9999-12-31')
    FROM missing
    WHERE disappeared < coalesce(found, DATE '9999-12-31')
    UNION ALL
    SELECT person, died, DATE '9999-12-31'
    FROM person
    WHERE died IS NOT NULL AND counted
), followed AS (
    SELECT
        *,
        lead(valid_from) OVER (PARTITION BY person ORDER BY valid_from, valid_to, ordinal) AS next_from
    FROM address
), stay AS (
    SELECT person, kommune, valid_from, least(valid_to, coalesce(next_from, valid_to)) AS valid_to
    FROM followed
    WHERE valid_from < least(valid_to, coalesce(next_from, valid_to))
), beginning AS (
    SELECT person, kommune, valid_from, valid_to FROM stay
    UNION
    SELECT s.person, s.kommune, a.valid_to AS valid_from, s.valid_to
    FROM stay s
    JOIN away a ON a.person = s.person AND a.valid_to > s.valid_from AND a.valid_to < s.valid_to
), present AS (
    SELECT b.person, b.kommune, b.valid_from, b.valid_to
    FROM beginning b
    LEFT JOIN away a ON a.person = b.person AND a.valid_from <= b.valid_from AND a.valid_to > b.valid_from
    WHERE a.person IS NULL
)
SELECT b.person, b.kommune, b.valid_from, least(b.valid_to, coalesce(min(a.valid_from), b.valid_to)) AS valid_to
FROM present b
LEFT JOIN away a ON a.person = b.person AND a.valid_from > b.valid_from
GROUP BY b.person, b.kommune, b.valid_from, b.valid_to
