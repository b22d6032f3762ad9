-- The ledger: what is booked, what makes each period add up to nothing, the balance sheet (its opening in period 00, then
-- what each period adds), and budgets.
-- Liquid assets (8.22.05) take what is left of a period; in period 13 short-term debt (8.52.56) brings the year's change of
-- them to what the balances say, so that a year begins with what the one before ended with.
WITH indbyggere AS (SELECT kommune AS sender, sum(persons) AS personer FROM residents GROUP BY kommune),
aar AS (SELECT DISTINCT sender, aar, personer FROM bogfoert JOIN indbyggere USING (sender)),
kasse AS (
    SELECT sender, aar,
        (3800 * personer * exp(0.1 * normal(concat(sender, aar - 1, 'kasse'))))::DECIMAL(18, 2) AS primo,
        (3800 * personer * exp(0.1 * normal(concat(sender, aar, 'kasse'))))::DECIMAL(18, 2) AS ultimo
    FROM aar
),
gaeld AS (
    SELECT sender, aar, '13' AS periode, '8525651000000000' AS nr, primo - ultimo - sum(beloeb) AS beloeb
    FROM bogfoert JOIN kasse USING (sender, aar)
    WHERE aar < year(getvariable('month')) GROUP BY sender, aar, primo, ultimo
),
foert AS (
    SELECT sender, aar, periode, nr, beloeb FROM bogfoert UNION ALL SELECT sender, aar, periode, nr, beloeb FROM gaeld
),
likvid AS (SELECT sender, aar, periode, -sum(beloeb) AS beloeb FROM foert GROUP BY sender, aar, periode),
perioder AS (
    SELECT sender, aar, personer, format('{:02d}', nr) AS periode, least(nr, 12) / 12 AS gaaet
    FROM aar, unnest(range(17)) AS p(nr)
    WHERE aar < year(getvariable('month')) OR nr <= month(getvariable('month'))
),
statuskonti AS (
    SELECT *, concat(funktion, dranst, '1000000000') AS nr
    FROM balance
    QUALIFY row_number() OVER (ORDER BY abs(kr::INTEGER) DESC) <= greatest(4, getvariable('scale') * 50)
),
saldi AS (
    SELECT sender, aar, periode, nr,
        (kr::DOUBLE * personer * (
            (1 - gaaet) * 1.01 ** (aar - 2022) * exp(0.05 * normal(concat(sender, nr, aar - 1)))
            + gaaet * 1.01 ** (aar - 2021) * exp(0.05 * normal(concat(sender, nr, aar)))
        ))::DECIMAL(18, 2) AS saldo
    FROM perioder, statuskonti
),
status AS (
    SELECT sender, aar, periode, nr, saldo - lag(saldo, 1, 0) OVER (PARTITION BY sender, aar, nr ORDER BY periode) AS beloeb
    FROM saldi
    UNION ALL
    SELECT sender, aar, '00', '9220581000000000', primo FROM kasse
    UNION ALL
    SELECT sender, aar, periode, '9220581000000000', beloeb FROM likvid
),
alle AS (
    SELECT sender, aar, periode, nr, beloeb FROM foert
    UNION ALL
    SELECT sender, aar, periode, '8220551000000000', beloeb FROM likvid
    UNION ALL
    SELECT sender, aar, periode, nr, beloeb FROM status
    UNION ALL
    SELECT sender, aar, periode, '9759991000000000', -sum(beloeb) FROM status GROUP BY sender, aar, periode
)
SELECT sender, aar, periode, nr, beloeb::DECIMAL(18, 2) AS regnskab, 0::DECIMAL(18, 2) AS oprindeligt,
    0::DECIMAL(18, 2) AS korrigeret, NULL::DATE AS budgetdag
FROM alle WHERE beloeb <> 0
UNION ALL
SELECT sender, aar, '00', nr, 0, oprindeligt, korrigeret, dag FROM budget
