-- Each happening with where the person was counted at the end of the day before and of the day itself (NULL: not
-- counted), whether resident and Ukrainian then, and where a stay of less than a day was (`visited`).
-- `goes_in` and `goes_out` say which records move the count: who was counted goes out; who is counted went in; who came
-- and left within the day did both, also when that happened beside the first two. An entry whose address begins later
-- moves the count on the day of the address, an exit whose address ended before it on the day on which that ended: there
-- they are an entry and an exit of the count.
-- in definition: citizenship VARCHAR, entered_from DATE
-- in happening: person BLOB, dato DATE, entered INTEGER, departed INTEGER, died INTEGER, disappeared INTEGER,
--    found INTEGER
-- in member: person BLOB, measure VARCHAR, kommune VARCHAR, valid_from DATE, valid_to DATE
-- in borger.residence: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE
-- in borger.citizenship: person BLOB, country VARCHAR, valid_from DATE, valid_to DATE
-- in borger.address: person BLOB, kommune VARCHAR, valid_from DATE
-- in municipality: kommune VARCHAR
-- in borger.abroad: person BLOB, departed DATE, entered DATE
-- out transition: person BLOB, dato DATE, before_in VARCHAR, after_in VARCHAR, visited VARCHAR, lived_before BOOLEAN,
--    lives_after BOOLEAN, was_ukrainian BOOLEAN, is_ukrainian BOOLEAN, entered INTEGER, departed INTEGER, died INTEGER,
--    disappeared INTEGER, found INTEGER, goes_in BOOLEAN, goes_out BOOLEAN
-- kind told
WITH arrival AS (
    SELECT a.person, a.valid_from AS dato, max(a.kommune) AS kommune
    FROM address a
    JOIN municipality m ON m.kommune = a.kommune
    GROUP BY a.person, a.valid_from
), entry AS (
    SELECT a.person, min(a.entered) AS counted_entry
    FROM abroad a
    CROSS JOIN definition d
    WHERE a.entered >= d.entered_from
    GROUP BY a.person
), waited AS (
    SELECT h.person, h.dato, max(a.entered) AS since
    FROM happening h
    JOIN abroad a ON a.person = h.person AND a.entered < h.dato
    GROUP BY h.person, h.dato
), waiting AS (
    SELECT h.person, h.dato, min(a.departed) AS until
    FROM happening h
    JOIN abroad a ON a.person = h.person AND a.departed > h.dato
    GROUP BY h.person, h.dato
), placed AS (
    SELECT
        h.*,
        b.kommune AS before_in,
        a.kommune AS after_in,
        CASE WHEN e.counted_entry <= h.dato THEN v.kommune END AS arrived_in,
        y.person IS NOT NULL AS lived_before,
        t.person IS NOT NULL AS lives_after,
        w.person IS NOT NULL AS was_ukrainian,
        i.person IS NOT NULL AS is_ukrainian,
        h.entered + h.found AS came,
        h.departed + h.died + h.disappeared AS went,
        s.since,
        g.until
    FROM happening h
    CROSS JOIN definition d
    LEFT JOIN member b
        ON b.person = h.person AND b.measure = 'antal' AND b.valid_from < h.dato AND b.valid_to >= h.dato
    LEFT JOIN member a
        ON a.person = h.person AND a.measure = 'antal' AND a.valid_from <= h.dato AND a.valid_to > h.dato
    LEFT JOIN residence y ON y.person = h.person AND y.valid_from < h.dato AND y.valid_to >= h.dato
    LEFT JOIN residence t ON t.person = h.person AND t.valid_from <= h.dato AND t.valid_to > h.dato
    LEFT JOIN citizenship w
        ON w.person = h.person AND w.country = d.citizenship AND w.valid_from < h.dato AND w.valid_to >= h.dato
    LEFT JOIN citizenship i
        ON i.person = h.person AND i.country = d.citizenship AND i.valid_from <= h.dato AND i.valid_to > h.dato
    LEFT JOIN arrival v ON v.person = h.person AND v.dato = h.dato
    LEFT JOIN entry e ON e.person = h.person
    LEFT JOIN waited s ON s.person = h.person AND s.dato = h.dato
    LEFT JOIN waiting g ON g.person = h.person AND g.dato = h.dato
), judged AS (
    SELECT
        *,
        CASE WHEN NOT lived_before AND NOT lives_after AND is_ukrainian AND came > 0 AND went > 0 THEN arrived_in END
            AS visited,
        CASE WHEN before_in IS NULL AND after_in IS NOT NULL AND came = 0 AND since IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM residence r WHERE r.person = p.person AND r.valid_to > p.since AND r.valid_from < p.dato
        ) THEN 1 ELSE 0 END AS entered_before,
        CASE WHEN before_in IS NOT NULL AND after_in IS NULL AND went = 0 AND until IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM residence r WHERE r.person = p.person AND r.valid_to > p.dato AND r.valid_from < p.until
        ) THEN 1 ELSE 0 END AS departs_later
    FROM placed p
)
SELECT
    person,
    dato,
    before_in,
    after_in,
    visited,
    lived_before,
    lives_after,
    was_ukrainian,
    is_ukrainian,
    entered + entered_before AS entered,
    departed + departs_later AS departed,
    died,
    disappeared,
    found,
    after_in IS NOT NULL OR visited IS NOT NULL OR (before_in IS NOT NULL AND went > came) AS goes_in,
    before_in IS NOT NULL OR visited IS NOT NULL OR (after_in IS NOT NULL AND came > went) AS goes_out
FROM judged
