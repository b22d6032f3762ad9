-- Who would be counted, but for a place or a date that cannot be read. 'place', 'date': not counted at the end of the
-- production date, though CPR has the person as resident (status 01, 03) at an address that is not in Greenland, as a
-- Ukrainian citizen, and with an entry from the first day that counts on, or of a day that cannot be read; 'earlier':
-- not counted on an earlier day. 'imprecise': counted, but only from the first possible day of an entry without day or
-- month, within which no dated address begins.
-- in definition: citizenship VARCHAR, entered_from DATE
-- in production: produced DATE
-- in municipality: kommune VARCHAR
-- in codes_successors: code VARCHAR, successor VARCHAR
-- in borger.person: person BLOB, status VARCHAR, counted BOOLEAN
-- in borger.record_002: person BLOB, komkod VARCHAR
-- in borger.record_024: person BLOB, annkor VARCHAR, indrdto DATE, indrdto_latest DATE
-- in borger.address: person BLOB, valid_from DATE, dated BOOLEAN
-- in borger.abroad: person BLOB, entered DATE
-- in borger.citizenship: person BLOB, country VARCHAR, valid_from DATE, valid_to DATE
-- in borger.whereabouts: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE
-- in member: person BLOB, measure VARCHAR, kommune VARCHAR, valid_from DATE, valid_to DATE
-- out unread: person BLOB, reason VARCHAR
-- kind kept newest
WITH undated AS (
    SELECT DISTINCT person FROM record_024 WHERE coalesce(annkor, '') = '' AND indrdto IS NULL
), entry AS (
    SELECT a.person, min(a.entered) AS entered
    FROM abroad a
    CROSS JOIN definition d
    WHERE a.entered >= d.entered_from
    GROUP BY a.person
), arrived AS (
    SELECT person FROM entry
    UNION
    SELECT person FROM undated
), ukrainian AS (
    SELECT c.person, c.valid_from, c.valid_to
    FROM citizenship c
    JOIN definition d ON d.citizenship = c.country
), missed AS (
    SELECT DISTINCT p.person, CASE WHEN m.kommune IS NULL THEN 'place' ELSE 'date' END AS reason
    FROM person p
    CROSS JOIN production t
    JOIN arrived a ON a.person = p.person
    JOIN ukrainian u ON u.person = p.person AND u.valid_to > t.produced
    JOIN record_002 h ON h.person = p.person AND h.komkod NOT BETWEEN '0901' AND '0961'
    LEFT JOIN codes_successors s ON s.code = h.komkod
    LEFT JOIN municipality m ON m.kommune = coalesce(s.successor, h.komkod)
    LEFT JOIN member b
        ON b.person = p.person AND b.measure = 'antal' AND b.valid_from <= t.produced AND b.valid_to > t.produced
    WHERE p.counted AND p.status IN ('01', '03') AND b.person IS NULL
), before AS (
    SELECT w.person
    FROM whereabouts w
    CROSS JOIN production t
    JOIN entry e ON e.person = w.person
    JOIN ukrainian u ON u.person = w.person
    LEFT JOIN municipality m ON m.kommune = w.kommune
    WHERE m.kommune IS NULL AND w.kommune NOT BETWEEN '0901' AND '0961'
        AND greatest(w.valid_from, u.valid_from, e.entered) < least(w.valid_to, u.valid_to)
        AND greatest(w.valid_from, u.valid_from, e.entered) <= t.produced
    UNION
    SELECT w.person
    FROM whereabouts w
    CROSS JOIN production t
    CROSS JOIN definition d
    JOIN undated n ON n.person = w.person
    JOIN ukrainian u ON u.person = w.person
    LEFT JOIN entry e ON e.person = w.person
    WHERE e.person IS NULL AND w.kommune NOT BETWEEN '0901' AND '0961'
        AND greatest(w.valid_from, u.valid_from, d.entered_from) < least(w.valid_to, u.valid_to)
        AND greatest(w.valid_from, u.valid_from, d.entered_from) <= t.produced
), guessed AS (
    SELECT a.person
    FROM abroad a
    CROSS JOIN production t
    CROSS JOIN definition d
    JOIN member b
        ON b.person = a.person AND b.measure = 'antal' AND b.valid_from <= t.produced AND b.valid_to > t.produced
    LEFT JOIN record_024 r
        ON r.person = a.person AND coalesce(r.annkor, '') = '' AND r.indrdto_latest IS NOT NULL
        AND r.indrdto <= a.entered AND r.indrdto_latest >= a.entered
    LEFT JOIN address h ON h.person = a.person AND h.valid_from = a.entered AND h.dated
    WHERE a.entered >= d.entered_from
    GROUP BY a.person
    HAVING count(r.person) = count(*) AND count(h.person) = 0
)
SELECT person, reason FROM missed
UNION ALL
SELECT g.person, 'imprecise' AS reason FROM guessed g
UNION ALL
SELECT b.person, 'earlier' AS reason
FROM before b
LEFT JOIN missed m ON m.person = b.person
WHERE m.person IS NULL
