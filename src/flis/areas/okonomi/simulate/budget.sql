-- The budgets of the running and the previous year in whole thousands: the adopted one, and as corrected so far. Each year a
-- pair of accounts is corrected once, in one of its months; what one gets the other gives. Liquid assets take the rest.
WITH nu AS (SELECT year(getvariable('month')) AS aar, month(getvariable('month')) AS maaned),
aar AS (SELECT aar - 1 AS aar, 12 AS sidste FROM nu UNION ALL SELECT aar, maaned FROM nu),
vedtaget AS (
    SELECT sender, nr, par, side, aar, sidste,
        round(beloeb * 1.025 ** (aar - 2022) * (1 + 0.02 * normal(concat(sender, nr, aar, 'budget'))), -3)::DECIMAL(18, 2)
            AS oprindeligt,
        1 + floor(12 * chance(concat(sender, par, aar, 'budget')))::INTEGER AS maaned
    FROM aarsbeloeb, aar
),
rettet AS (
    SELECT *, CASE WHEN maaned <= sidste AND count(*) OVER parret = 2
        THEN side * round(0.04 * min(abs(oprindeligt)) OVER parret, -3)::DECIMAL(18, 2) ELSE 0 END AS aendring
    FROM vedtaget WINDOW parret AS (PARTITION BY sender, par, aar)
)
SELECT sender, nr, aar, oprindeligt, (oprindeligt + aendring)::DECIMAL(18, 2) AS korrigeret,
    CASE WHEN aendring = 0 THEN make_date(aar - 1, 10, 15) ELSE make_date(aar, maaned, 15) END AS dag
FROM rettet
UNION ALL
SELECT sender, '8220551000000000', aar, -sum(oprindeligt), -sum(oprindeligt + aendring), make_date(aar - 1, 10, 15)
FROM rettet GROUP BY sender, aar
