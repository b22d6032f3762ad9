-- Residence over time: in which Danish municipality (0101-0860) a person lived at the end of each day from `valid_from`
-- up to, not including, `valid_to`. Time abroad, as disappeared and after death is cut out; moves within a municipality
-- do not show.
-- in person: person BLOB, died DATE, counted BOOLEAN
-- in address: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE, ordinal BIGINT
-- in abroad: person BLOB, departed DATE, entered DATE
-- in missing: person BLOB, disappeared DATE, found DATE
-- out residence: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE
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
), cut AS (
    SELECT b.person, b.kommune, b.valid_from, least(b.valid_to, coalesce(min(a.valid_from), b.valid_to)) AS valid_to
    FROM present b
    LEFT JOIN away a ON a.person = b.person AND a.valid_from > b.valid_from
    GROUP BY b.person, b.kommune, b.valid_from, b.valid_to
), danish AS (
    SELECT
        *,
        lag(kommune) OVER (PARTITION BY person ORDER BY valid_from) AS last_kommune,
        lag(valid_to) OVER (PARTITION BY person ORDER BY valid_from) AS last_to
    FROM cut
    WHERE kommune BETWEEN '0101' AND '0860'
), joined AS (
    SELECT
        *,
        sum(CASE WHEN kommune = last_kommune AND last_to >= valid_from THEN 0 ELSE 1 END)
            OVER (PARTITION BY person ORDER BY valid_from ROWS UNBOUNDED PRECEDING) AS island
    FROM danish
)
SELECT person, kommune, min(valid_from) AS valid_from, max(valid_to) AS valid_to
FROM joined
GROUP BY person, kommune, island
