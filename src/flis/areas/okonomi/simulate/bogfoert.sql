-- What is booked in the periods of the running and the previous year, as known at the end of the month: main accounts 0 to
-- 8 without liquid assets. Each month a thirty-third of the rows is corrected, of the previous year until March.
WITH nu AS (SELECT year(getvariable('month')) AS aar, month(getvariable('month')) AS maaned),
aar AS (SELECT aar - 1 AS aar, 16 AS sidste FROM nu UNION ALL SELECT aar, maaned FROM nu),
oprindelig AS (
    SELECT sender, nr, par, side, aar, periode,
        (beloeb * 1.025 ** (aar - 2022) * andel::DOUBLE
            * (1 + 0.04 * normal(concat(sender, nr, aar, periode))))::DECIMAL(18, 2) AS beloeb
    FROM aarsbeloeb JOIN saeson USING (saeson), aar WHERE periode::INTEGER <= sidste
),
rettet AS (
    SELECT *, count(*) OVER parret = 2 AS er_par, min(abs(beloeb)) OVER parret AS mindste,
        floor(33 * chance(concat(sender, par, aar, periode)))::INTEGER AS fase,
        least((SELECT aar * 12 + maaned FROM nu), (aar + 1) * 12 + 3) AS kendt,
        aar * 12 + least(periode::INTEGER, 12) AS foert
    FROM oprindelig WINDOW parret AS (PARTITION BY sender, par, aar, periode)
),
gange AS (SELECT *, (kendt - fase) // 33 - (foert - fase) // 33 AS gang FROM rettet)
SELECT sender, nr, aar, periode,
    CASE WHEN er_par AND gang > 0
        THEN beloeb + side * (0.02 * mindste * (0.5 + chance(concat(sender, par, aar, periode, gang))))::DECIMAL(18, 2)
        ELSE beloeb
    END AS beloeb
FROM gange
UNION ALL
-- what comes late, in the supplementary periods
SELECT sender, nr, aar, periode, (0.002 * beloeb * chance(concat(sender, nr, aar, periode)))::DECIMAL(18, 2)
FROM aarsbeloeb, (VALUES ('14'), ('15'), ('16')) AS sene(periode), aar
WHERE sidste = 16 AND saeson = 'jaevn' AND chance(concat(sender, nr, aar, periode, 'sen')) < 0.15
