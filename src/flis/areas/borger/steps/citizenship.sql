-- Citizenship over time: one at a time. The current one begins no earlier than the last former one ends.
-- in person: person BLOB, counted BOOLEAN
-- in record_010: person BLOB, landekod VARCHAR, haenstart_statsborgerskab DATE
-- in record_027: person BLOB, annkor VARCHAR, landekod VARCHAR, haenstart_statsborgerskab DATE,
--    haenslut_statsborgerskab DATE, ordinal BIGINT
-- out citizenship: person BLOB, country VARCHAR, valid_from DATE, valid_to DATE
-- kind kept
WITH former AS (
    SELECT
        r.person,
        r.landekod AS country,
        coalesce(r.haenstart_statsborgerskab, DATE '0001-01-01') AS valid_from,
        coalesce(r.haenslut_statsborgerskab, DATE '9999-12-31') AS valid_to,
        r.ordinal
    FROM record_027 r
    JOIN person p ON p.person = r.person
    WHERE p.counted AND coalesce(r.annkor, '') = ''
), ended AS (
    SELECT person, max(valid_to) AS valid_to
    FROM former
    WHERE valid_to < DATE '9999-12-31'
    GROUP BY person
), listed AS (
    SELECT person, country, valid_from, valid_to, ordinal FROM former
    UNION ALL
    SELECT
        r.person,
        r.landekod AS country,
        greatest(
            coalesce(r.haenstart_statsborgerskab, DATE '0001-01-01'), coalesce(e.valid_to, DATE '0001-01-01')
        ) AS valid_from,
        DATE '9999-12-31' AS valid_to,
        CAST(0 AS BIGINT) AS ordinal
    FROM record_010 r
    JOIN person p ON p.person = r.person
    LEFT JOIN ended e ON e.person = r.person
    WHERE p.counted
), followed AS (
    SELECT
        *,
        lead(valid_from) OVER (PARTITION BY person ORDER BY valid_from, valid_to, ordinal) AS next_from
    FROM listed
)
SELECT person, country, valid_from, least(valid_to, coalesce(next_from, valid_to)) AS valid_to
FROM followed
WHERE valid_from < least(valid_to, coalesce(next_from, valid_to))
