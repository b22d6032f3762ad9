-- Civil state over time. CPR keeps no history of 'unmarried', so everybody begins with it; a state lasts until the next
-- one, and 'dead' (D) is none, so that who died keeps the last one.
-- in person: person BLOB, counted BOOLEAN
-- in record_012: person BLOB, civst VARCHAR, haenstart_civilstand DATE
-- in record_029: person BLOB, annkor VARCHAR, civst VARCHAR, haenstart_civilstand DATE,
--    haenslut_civilstand DATE, ordinal BIGINT
-- out civil_state: person BLOB, civil_state VARCHAR, valid_from DATE, valid_to DATE
-- kind kept
WITH former AS (
    SELECT r.*
    FROM record_029 r
    JOIN person p ON p.person = r.person
    WHERE p.counted AND coalesce(r.annkor, '') = ''
), ended AS (
    SELECT person, max(haenslut_civilstand) AS valid_to
    FROM former
    GROUP BY person
), listed AS (
    SELECT person, 'U' AS civil_state, DATE '0001-01-01' AS valid_from, 0 AS rank, CAST(0 AS BIGINT) AS ordinal
    FROM person
    WHERE counted
    UNION ALL
    SELECT person, civst, coalesce(haenstart_civilstand, DATE '0001-01-01'), 1, ordinal
    FROM former
    WHERE civst <> 'D'
    UNION ALL
    SELECT
        r.person,
        r.civst,
        greatest(
            coalesce(r.haenstart_civilstand, DATE '0001-01-01'), coalesce(e.valid_to, DATE '0001-01-01')
        ),
        2,
        CAST(0 AS BIGINT)
    FROM record_012 r
    JOIN person p ON p.person = r.person
    LEFT JOIN ended e ON e.person = r.person
    WHERE p.counted AND r.civst <> 'D'
), followed AS (
    SELECT
        *,
        coalesce(
            lead(valid_from) OVER (PARTITION BY person ORDER BY valid_from, rank, ordinal), DATE '9999-12-31'
        ) AS valid_to
    FROM listed
)
SELECT person, civil_state, valid_from, valid_to
FROM followed
WHERE valid_from < valid_to
