-- Totals as the public sees them: daily and exact, as known then and now. Entries minus departures are the country's
-- alone: a municipality's daily sum would tell its flows day by day. What was known is joined where no difference shows.
-- in total: dato DATE, kommune VARCHAR, antal INTEGER, indrejste_minus_udrejste INTEGER, known_from DATE, known_to DATE
-- out shown_total: dato DATE, kommune VARCHAR, antal INTEGER, indrejste_minus_udrejste INTEGER, known_from DATE,
--    known_to DATE
-- kind fact
-- place kommune, dato by month
-- store public as total
WITH coarse AS (
    SELECT
        dato, kommune, antal, CASE WHEN kommune = '0000' THEN indrejste_minus_udrejste END AS net, known_from
    FROM total
), marked AS (
    SELECT
        *,
        CASE WHEN lag(antal) OVER versions = antal AND coalesce(lag(net) OVER versions, 0) = coalesce(net, 0)
            THEN 0 ELSE 1 END AS differs
    FROM coarse
    WINDOW versions AS (PARTITION BY kommune, dato ORDER BY known_from)
)
SELECT
    dato,
    kommune,
    antal,
    net AS indrejste_minus_udrejste,
    known_from,
    lead(known_from) OVER (PARTITION BY kommune, dato ORDER BY known_from) AS known_to
FROM marked
WHERE differs = 1
