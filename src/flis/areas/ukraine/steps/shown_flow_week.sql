-- The municipalities' flows by week as the public sees them: entries and departures, as known then and now. Nothing
-- (NULL) stands for a count from 1 to the greatest small one. What was known is joined where no difference shows.
-- in flow_week: uge DATE, kommune VARCHAR, indrejste INTEGER, udrejste INTEGER, known_from DATE, known_to DATE
-- in small: most INTEGER
-- out shown_flow_week: uge DATE, kommune VARCHAR, indrejste INTEGER, udrejste INTEGER, known_from DATE, known_to DATE
-- kind fact
-- place kommune, uge by month
-- store public as flow_week
WITH coarse AS (
    SELECT
        f.uge,
        f.kommune,
        CASE WHEN f.indrejste < 1 OR f.indrejste > s.most THEN f.indrejste END AS indrejste,
        CASE WHEN f.udrejste < 1 OR f.udrejste > s.most THEN f.udrejste END AS udrejste,
        f.known_from
    FROM flow_week f
    CROSS JOIN small s
), marked AS (
    SELECT
        *,
        CASE WHEN lag(coalesce(indrejste, -1)) OVER versions = coalesce(indrejste, -1)
            AND lag(coalesce(udrejste, -1)) OVER versions = coalesce(udrejste, -1) THEN 0 ELSE 1 END AS differs
    FROM coarse
    WINDOW versions AS (PARTITION BY kommune, uge ORDER BY known_from)
)
SELECT
    uge,
    kommune,
    indrejste,
    udrejste,
    known_from,
    lead(known_from) OVER (PARTITION BY kommune, uge ORDER BY known_from) AS known_to
FROM marked
WHERE differs = 1
