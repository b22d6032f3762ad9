-- The income of each function this year is not far below that of the same periods last year.
--
-- The year is the newest that the delivery has accounts of, and its periods those that have any. A function is missing
-- income where it has less than 40 %; five such functions are told, or those that had more than 3 % of all income.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, funktion VARCHAR, art VARCHAR,
--    regnskab DECIMAL(18,2)
-- out oko_07_indtaegt: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule
WITH booked AS (
    SELECT kommune, regnskabsaar, regnskabsperiode, funktion, art, regnskab
    FROM saldo
    WHERE regnskab <> 0 AND funktion < '7'
),
newest AS (
    SELECT kommune, max(regnskabsaar) AS aar FROM booked GROUP BY kommune
),
periods AS (
    SELECT DISTINCT b.kommune, b.regnskabsperiode
    FROM booked b
    JOIN newest n ON n.kommune = b.kommune AND n.aar = b.regnskabsaar
),
income AS (
    SELECT
        b.kommune, n.aar, b.funktion, coalesce(-sum(b.regnskab) FILTER (WHERE b.regnskabsaar = n.aar), 0) AS nu,
        coalesce(-sum(b.regnskab) FILTER (WHERE b.regnskabsaar < n.aar), 0) AS foer
    FROM booked b
    JOIN newest n ON n.kommune = b.kommune
    JOIN periods p ON p.kommune = b.kommune AND p.regnskabsperiode = b.regnskabsperiode
    WHERE b.art >= '7' AND b.art < '9'
    GROUP BY ALL
)
SELECT
    kommune, 'Indtægter mangler i ' || year(aar) || ' på ' || count(*) FILTER (WHERE nu < 0.4 * foer)
    || ' funktioner, som havde dem i de samme perioder året før.' AS da,
    'Income is missing in ' || year(aar) || ' on ' || count(*) FILTER (WHERE nu < 0.4 * foer)
    || ' functions that had it in the same periods of the year before.' AS en
FROM income
WHERE foer > 0
GROUP BY kommune, aar
HAVING count(*) FILTER (WHERE nu < 0.4 * foer) >= 5 OR sum(foer) FILTER (WHERE nu < 0.4 * foer) > 0.03 * sum(foer)
