-- Stays abroad: the day of departure (none: a first entry) and the day of entry (none: still abroad).
-- Corrected rows (ANNKOR) are superseded by others and left out.
-- An exit without day or month is the last day within it on which an address ended or the person had entered, and not
-- after the stay's own entry; such an entry is the first day within it, not before the stay's own exit and before the
-- exit that follows, on which an address begins; else each is the first possible day.
-- in person: person BLOB, counted BOOLEAN
-- in address: person BLOB, valid_from DATE, valid_to DATE
-- in record_005: person BLOB, udrdto DATE, udrdto_latest DATE, ordinal BIGINT
-- in record_024: person BLOB, annkor VARCHAR, udrdto DATE, udrdto_latest DATE, indrdto DATE, indrdto_latest DATE,
--    indr_landekod VARCHAR, ordinal BIGINT
-- out abroad: person BLOB, departed DATE, entered DATE, entered_from VARCHAR
-- kind kept
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
), imprecise AS (
    SELECT person, ordinal, greatest(first_in, coalesce(departed, first_in)) AS first_in, last_in
    FROM gone
    WHERE last_in IS NOT NULL
), stay AS (
    SELECT i.person, i.ordinal, i.first_in, i.last_in, min(o.departed) AS departs
    FROM imprecise i
    LEFT JOIN gone o ON o.person = i.person AND o.ordinal <> i.ordinal AND o.departed > i.first_in
    GROUP BY i.person, i.ordinal, i.first_in, i.last_in
), arrival AS (
    SELECT s.person, s.ordinal, min(a.valid_from) AS dato
    FROM stay s
    JOIN address a
        ON a.person = s.person AND a.valid_from >= s.first_in AND a.valid_from <= s.last_in
        AND a.valid_from < coalesce(s.departs, DATE '9999-12-31')
    GROUP BY s.person, s.ordinal
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
