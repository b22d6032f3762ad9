-- From which country each person entered last, over time; '0000' before the first entry. A code that the list of
-- countries lacks is kept in the history and is 'unknown' (5999) here.
-- in person: person BLOB, counted BOOLEAN
-- in abroad: person BLOB, entered DATE, entered_from VARCHAR
-- in codes_countries: code VARCHAR
-- out entry_country: person BLOB, country VARCHAR, valid_from DATE, valid_to DATE
-- kind told
WITH listed AS (
    SELECT person, '0000' AS country, DATE '0001-01-01' AS valid_from
    FROM person
    WHERE counted
    UNION ALL
    SELECT a.person, max(coalesce(k.code, '5999')), a.entered
    FROM abroad a
    LEFT JOIN codes_countries k ON k.code = a.entered_from
    WHERE a.entered IS NOT NULL
    GROUP BY a.person, a.entered
)
SELECT
    person,
    country,
    valid_from,
    coalesce(lead(valid_from) OVER (PARTITION BY person ORDER BY valid_from), DATE '9999-12-31') AS valid_to
FROM listed
