-- The country's daily flows as the public sees them: entries and departures, as known then and now.
-- in flow_day: dato DATE, indrejste INTEGER, udrejste INTEGER, known_from DATE, known_to DATE
-- out shown_flow_day: dato DATE, indrejste INTEGER, udrejste INTEGER, known_from DATE, known_to DATE
-- kind fact
-- place dato by month
-- store public as flow_day
WITH marked AS (
    SELECT
        dato,
        indrejste,
        udrejste,
        known_from,
        CASE WHEN lag(indrejste) OVER versions = indrejste AND lag(udrejste) OVER versions = udrejste
            THEN 0 ELSE 1 END AS differs
    FROM flow_day
    WINDOW versions AS (PARTITION BY dato ORDER BY known_from)
)
SELECT
    dato,
    indrejste,
    udrejste,
    known_from,
    lead(known_from) OVER (PARTITION BY dato ORDER BY known_from) AS known_to
FROM marked
WHERE differs = 1
