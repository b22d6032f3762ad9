-- The income of 23 functions is not there but stands on the clearing account, so that the periods still add up to nothing;
-- the original budget is 5 % larger than the adopted one.
WITH egne AS (SELECT * FROM post WHERE sender = getvariable('sender')),
ramt AS (
    SELECT left(nr, 5) AS funktion FROM egne WHERE nr[15] = '7' AND aar = year(getvariable('month'))
    GROUP BY ALL ORDER BY sum(regnskab), funktion LIMIT 23
),
delt AS (
    SELECT *, nr[15] = '7' AND aar = 2025 AND budgetdag IS NULL AND left(nr, 5) IN (FROM ramt) AS mangler FROM egne
)
SELECT * EXCLUDE (mangler) REPLACE (
    (oprindeligt * CASE aar WHEN 2025 THEN 1.05 ELSE 1 END)::DECIMAL(18, 2) AS oprindeligt)
FROM delt WHERE NOT mangler
UNION ALL BY NAME
SELECT sender, aar, periode, '8525951000000000' AS nr, sum(regnskab) AS regnskab, 0 AS oprindeligt, 0 AS korrigeret,
    NULL AS budgetdag
FROM delt WHERE mangler GROUP BY sender, aar, periode
