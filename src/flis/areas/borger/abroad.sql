-- Stays abroad: the day of departure (none: a first entry) and the day of entry (none: still abroad).
-- Corrected rows (ANNKOR) are superseded by others and left out.
-- An exit without day or month is the last day within it on which an address ended or the person had entered, and not
-- after the stay's own entry; such an entry is the first day within it, and not before the stay's own exit, on which an
-- address begins; else each is the first possible day.
-- in person: person BLOB, counted BOOLEAN
-- in address: person BLOB, valid_from DATE, valid_to DATE
-- in record_005: person BLOB, udrdto DATE, udrdto_latest DATE, ordinal BIGINT
-- in record_024: person BLOB, annkor VARCHAR, udrdto DATE, udrdto_latest DATE, indrdto DATE, indrdto_latest DATE,
--    indr_landekod VARCHAR, ordinal BIGINT
-- out abroad: person BLOB, departed DATE, entered DATE, entered_from VARCHAR
WITH listed AS (
    SELECT
        r.person,
        r.udrdto AS first_out,
        r.udrdto_latest AS last_out,
        CAST(NULL AS DATE) AS first_in,
        CAST(NULL AS DATE) AS last_in,
        CAST(NULL AS VARCHAR) AS entered_from,
        r.ordinal
    FROM record_005 r
    JOIN person p ON p.person = r.person
    WHERE p.counted AND r.udrdto IS NOT NULL
    UNION ALL
    SELECT
        r.person,
        r.udrdto AS first_out,
        r.udrdto_latest AS last_out,
        r.indrdto AS first_in,
        r.indrdto_latest AS last_in,
        r.indr_landekod AS entered_from,
        r.ordinal
    FROM record_024 r
    JOIN person p ON p.person = r.person
    WHERE p.counted AND coalesce(r.annkor, '') = '' AND (r.udrdto IS NOT NULL OR r.indrdto IS NOT NULL)
), before_out AS (
    SELECT l.person, l.ordinal, a.valid_to AS dato
    FROM listed l
    JOIN address a ON a.person = l.person
    WHERE l.last_out IS NOT NULL
    UNION ALL
    SELECT l.person, l.ordinal, o.first_in
    FROM listed l
    JOIN listed o ON o.person = l.person AND o.ordinal <> l.ordinal
    WHERE l.last_out IS NOT NULL
), departure AS (
    SELECT l.person, l.ordinal, max(b.dato) AS dato
    FROM listed l
    JOIN before_out b
        ON b.person = l.person AND b.ordinal = l.ordinal AND b.dato >= l.first_out AND b.dato <= l.last_out
        AND b.dato <= coalesce(l.last_in, l.first_in, b.dato)
    GROUP BY l.person, l.ordinal
), gone AS (
    SELECT l.*, coalesce(d.dato, l.first_out) AS departed
    FROM listed l
    LEFT JOIN departure d ON d.person = l.person AND d.ordinal = l.ordinal
), arrival AS (
    SELECT g.person, g.ordinal, min(a.valid_from) AS dato
    FROM gone g
    JOIN address a
        ON a.person = g.person AND a.valid_from >= greatest(g.first_in, coalesce(g.departed, g.first_in))
        AND a.valid_from <= g.last_in
    GROUP BY g.person, g.ordinal
)
SELECT
    g.person,
    g.departed,
    CASE
        WHEN g.last_in IS NULL THEN g.first_in
        ELSE coalesce(r.dato, least(g.last_in, greatest(g.first_in, coalesce(g.departed, g.first_in))))
    END AS entered,
    g.entered_from
FROM gone g
LEFT JOIN arrival r ON r.person = g.person AND r.ordinal = g.ordinal
