-- Every entry and exit that the literal reading counts, on its own day (024, 005), whether or not the count of residents
-- moved on it. An entry counts from the first day that counts on, for who is a Ukrainian citizen that evening; an exit
-- for who was one the evening before and has such an entry behind them. A stay goes from an entry to the next exit: an
-- entry belongs to the stay's first address, an exit to its last; 'uden' where the stay has none in a municipality.
-- Stays in Greenland (0901-0961) are none in Denmark.
-- in definition: citizenship VARCHAR, entered_from DATE
-- in municipality: kommune VARCHAR
-- in borger.abroad: person BLOB, departed DATE, entered DATE
-- in borger.address: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE, ordinal BIGINT
-- in borger.citizenship: person BLOB, country VARCHAR, valid_from DATE, valid_to DATE
-- out passage: person BLOB, measure VARCHAR, kommune VARCHAR, dato DATE
-- kind told
WITH ukrainian AS (
    SELECT c.person, c.valid_from, c.valid_to
    FROM citizenship c
    JOIN definition d ON d.citizenship = c.country
), concerned AS (
    SELECT DISTINCT person FROM ukrainian
), absence AS (
    SELECT
        a.person,
        a.departed,
        a.entered,
        row_number() OVER following AS place,
        lag(a.entered) OVER following AS came,
        lead(a.departed) OVER following AS leaves,
        max(CASE WHEN a.entered >= d.entered_from THEN 1 ELSE 0 END) OVER (
            PARTITION BY a.person
            ORDER BY coalesce(a.departed, a.entered), coalesce(a.departed, DATE '0001-01-01'),
                coalesce(a.entered, DATE '9999-12-31')
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS entered_before
    FROM abroad a
    JOIN concerned p ON p.person = a.person
    CROSS JOIN definition d
    WINDOW following AS (
        PARTITION BY a.person
        ORDER BY coalesce(a.departed, a.entered), coalesce(a.departed, DATE '0001-01-01'),
            coalesce(a.entered, DATE '9999-12-31')
    )
), home AS (
    SELECT
        a.person,
        a.kommune,
        a.valid_from,
        least(a.valid_to, coalesce(
            lead(a.valid_from) OVER (PARTITION BY a.person ORDER BY a.valid_from, a.valid_to, a.ordinal), a.valid_to
        )) AS valid_to,
        a.ordinal
    FROM address a
    JOIN concerned p ON p.person = a.person
), entry AS (
    SELECT a.person, a.place, a.entered AS dato, a.leaves
    FROM absence a
    JOIN ukrainian u ON u.person = a.person AND u.valid_from <= a.entered AND u.valid_to > a.entered
    CROSS JOIN definition d
    WHERE a.entered >= d.entered_from
), departure AS (
    -- dates that contradict each other: who entered only after the exit left from the last address before it
    SELECT a.person, a.place, a.departed AS dato, CASE WHEN a.came <= a.departed THEN a.came END AS came
    FROM absence a
    JOIN ukrainian u ON u.person = a.person AND u.valid_from < a.departed AND u.valid_to >= a.departed
    CROSS JOIN definition d
    WHERE a.entered_before = 1 AND a.departed >= d.entered_from
), located AS (
    SELECT
        e.person,
        'indrejse' AS measure,
        e.place,
        e.dato,
        h.kommune,
        row_number() OVER (
            PARTITION BY e.person, e.place ORDER BY h.valid_from, h.valid_to DESC, h.ordinal DESC
        ) AS choice
    FROM entry e
    LEFT JOIN home h
        ON h.person = e.person AND (h.valid_to > e.dato OR h.valid_from >= e.dato)
        AND (h.valid_from < coalesce(e.leaves, DATE '9999-12-31') OR h.valid_from = e.dato)
    UNION ALL
    SELECT
        x.person,
        'udrejse',
        x.place,
        x.dato,
        h.kommune,
        row_number() OVER (
            PARTITION BY x.person, x.place ORDER BY h.valid_from DESC, h.valid_to DESC, h.ordinal DESC
        )
    FROM departure x
    LEFT JOIN home h
        ON h.person = x.person AND (h.valid_from < x.dato OR (h.valid_from = x.dato AND x.came = x.dato))
        AND (x.came IS NULL OR h.valid_to > x.came OR h.valid_from >= x.came)
)
SELECT l.person, l.measure, coalesce(m.kommune, 'uden') AS kommune, l.dato
FROM located l
LEFT JOIN municipality m ON m.kommune = l.kommune
WHERE l.choice = 1 AND coalesce(l.kommune, '') NOT BETWEEN '0901' AND '0961'
