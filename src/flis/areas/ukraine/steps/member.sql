-- Who belongs to the population, where and when; by the definition in `domain` terms:
-- 'antal': Ukrainian citizens, resident, who entered on or after the first day that counts (an entry counts from its
-- own day on, and for good); 'foedt': those born on or after that day who never entered.
-- in definition: citizenship VARCHAR, entered_from DATE
-- in municipality: kommune VARCHAR
-- in borger.person: person BLOB, birth DATE, counted BOOLEAN
-- in borger.residence: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE
-- in borger.citizenship: person BLOB, country VARCHAR, valid_from DATE, valid_to DATE
-- in borger.abroad: person BLOB, entered DATE
-- out member: person BLOB, measure VARCHAR, kommune VARCHAR, valid_from DATE, valid_to DATE
-- kind told
WITH ukrainian AS (
    SELECT
        r.person,
        r.kommune,
        greatest(r.valid_from, c.valid_from) AS valid_from,
        least(r.valid_to, c.valid_to) AS valid_to
    FROM citizenship c
    JOIN definition d ON d.citizenship = c.country
    JOIN residence r ON r.person = c.person AND r.valid_from < c.valid_to AND r.valid_to > c.valid_from
    JOIN municipality m ON m.kommune = r.kommune
), entry AS (
    SELECT
        a.person,
        min(a.entered) AS any_entry,
        min(CASE WHEN a.entered >= d.entered_from THEN a.entered END) AS counted_entry
    FROM abroad a
    CROSS JOIN definition d
    WHERE a.entered IS NOT NULL
    GROUP BY a.person
)
SELECT
    u.person,
    'antal' AS measure,
    u.kommune,
    greatest(u.valid_from, e.counted_entry) AS valid_from,
    u.valid_to
FROM ukrainian u
JOIN entry e ON e.person = u.person
WHERE e.counted_entry < u.valid_to
UNION ALL
SELECT
    u.person,
    'foedt' AS measure,
    u.kommune,
    u.valid_from,
    least(u.valid_to, coalesce(e.any_entry, u.valid_to)) AS valid_to
FROM ukrainian u
JOIN person p ON p.person = u.person
CROSS JOIN definition d
LEFT JOIN entry e ON e.person = u.person
WHERE p.birth >= d.entered_from AND u.valid_from < coalesce(e.any_entry, u.valid_to)
