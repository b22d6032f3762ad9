-- Different persons who ride in a month: in the country, in a municipality, and there by purpose.
-- in rejse: borger BLOB, kommune VARCHAR, dag DATE, formaal VARCHAR
-- out rejsende: dato DATE, kommune VARCHAR, formaal VARCHAR, snit VARCHAR, borgere BIGINT
-- kind fact
-- place kommune, dato by month
-- store municipal, national
SELECT
    CAST(date_trunc('month', dag) AS DATE) AS dato, kommune, formaal,
    CASE GROUPING_ID(kommune, formaal) WHEN 3 THEN 'land' WHEN 1 THEN 'kommune' ELSE 'formaal' END AS snit,
    count(DISTINCT borger) AS borgere
FROM rejse
GROUP BY GROUPING SETS (
    (CAST(date_trunc('month', dag) AS DATE)),
    (CAST(date_trunc('month', dag) AS DATE), kommune),
    (CAST(date_trunc('month', dag) AS DATE), kommune, formaal)
)
