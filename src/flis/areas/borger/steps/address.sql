-- All addresses that were not corrected away, as CPR lists them; the current one only of those who live in Denmark or
-- Greenland, and of the latter none in Denmark. A municipality that became a part of one other stands as that one.
-- A start without day or month is the last day within it on which a former address ended or the person entered, else
-- the first possible day. Such an end is the first day within it on which another address began or the person left, else
-- the first possible day. `dated`: its start is told to the day.
-- in person: person BLOB, status VARCHAR, counted BOOLEAN
-- in record_002: person BLOB, komkod VARCHAR, tilflydto DATE, tilflydto_latest DATE, tilflykomdto DATE,
--    tilflykomdto_latest DATE, ordinal BIGINT
-- in record_005: person BLOB, udrdto DATE, udrdto_latest DATE
-- in record_023: person BLOB, annkor VARCHAR, komkod VARCHAR, tilflydto DATE, tilflydto_latest DATE, fraflydto DATE,
--    fraflydto_latest DATE, ordinal BIGINT
-- in record_024: person BLOB, annkor VARCHAR, udrdto DATE, udrdto_latest DATE, indrdto DATE
-- in codes_successors: code VARCHAR, successor VARCHAR
-- out address: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE, ordinal BIGINT, dated BOOLEAN
-- kind told
WITH listed AS (
    SELECT
        r.person,
        CASE
            WHEN p.status IN ('05', '07') AND r.komkod BETWEEN '0101' AND '0860' THEN '' ELSE coalesce(s.successor, r.komkod)
        END AS kommune,
        coalesce(r.tilflydto, r.tilflykomdto, DATE '1900-01-01') AS first_from,
        CASE WHEN r.tilflydto IS NULL THEN r.tilflykomdto_latest ELSE r.tilflydto_latest END AS last_from,
        DATE '9999-12-31' AS first_to,
        CAST(NULL AS DATE) AS last_to,
        r.ordinal
    FROM record_002 r
    JOIN person p ON p.person = r.person
    LEFT JOIN codes_successors s ON s.code = r.komkod
    WHERE p.status IN ('01', '03', '05', '07')
    UNION ALL
    SELECT
        r.person,
        coalesce(s.successor, r.komkod) AS kommune,
        coalesce(r.tilflydto, DATE '1900-01-01') AS first_from,
        r.tilflydto_latest AS last_from,
        coalesce(r.fraflydto, DATE '9999-12-31') AS first_to,
        r.fraflydto_latest AS last_to,
        r.ordinal
    FROM record_023 r
    JOIN person p ON p.person = r.person
    LEFT JOIN codes_successors s ON s.code = r.komkod
    WHERE p.counted AND coalesce(r.annkor, '') = ''
), crossed AS (
    SELECT person, indrdto AS entered, udrdto AS departed, udrdto_latest AS last_departed
    FROM record_024
    WHERE coalesce(annkor, '') = ''
    UNION ALL
    SELECT person, CAST(NULL AS DATE), udrdto, udrdto_latest FROM record_005
), after_which AS (
    SELECT l.person, l.ordinal, greatest(o.first_from, o.first_to) AS dato
    FROM listed l
    JOIN listed o ON o.person = l.person AND o.ordinal <> l.ordinal AND greatest(o.first_from, o.first_to) < l.first_to
    WHERE l.last_from IS NOT NULL
    UNION ALL
    SELECT l.person, l.ordinal, c.entered
    FROM listed l
    JOIN crossed c ON c.person = l.person AND c.entered < coalesce(l.last_to, l.first_to)
    WHERE l.last_from IS NOT NULL
), begun AS (
    SELECT l.person, l.ordinal, max(a.dato) AS dato
    FROM listed l
    JOIN after_which a
        ON a.person = l.person AND a.ordinal = l.ordinal AND a.dato >= l.first_from AND a.dato <= l.last_from
    GROUP BY l.person, l.ordinal
), started AS (
    SELECT l.*, coalesce(b.dato, l.first_from) AS valid_from
    FROM listed l
    LEFT JOIN begun b ON b.person = l.person AND b.ordinal = l.ordinal
), before_which AS (
    SELECT person, first_from AS dato FROM listed WHERE last_from IS NULL
    UNION
    SELECT person, departed FROM crossed WHERE last_departed IS NULL
), ended AS (
    SELECT s.person, s.ordinal, min(b.dato) AS dato
    FROM started s
    JOIN before_which b
        ON b.person = s.person AND b.dato >= s.first_to AND b.dato <= s.last_to AND b.dato > s.valid_from
    GROUP BY s.person, s.ordinal
)
SELECT
    s.person,
    s.kommune,
    s.valid_from,
    CASE WHEN s.last_to IS NULL THEN s.first_to ELSE coalesce(e.dato, greatest(s.first_to, s.valid_from)) END AS valid_to,
    s.ordinal,
    s.last_from IS NULL AS dated
FROM started s
LEFT JOIN ended e ON e.person = s.person AND e.ordinal = s.ordinal
