-- The income of each function this year is not far below that of the same periods in the two years before.
--
-- The year is the newest that the delivery has accounts of, and its periods those that have any. What is usual is the mean
-- of the years before that are known: one stands in the delivery, the other in an earlier one. A function is missing income
-- where it has less than 40 %; five such functions are told, or those that usually have more than 3 % of all income.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, funktion VARCHAR, art VARCHAR,
--    regnskab DECIMAL(18,2)
-- in saldo_known: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, funktion VARCHAR, art VARCHAR,
--    regnskab DECIMAL(18,2)
-- out oko_07_indtaegt: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule faulty-delivery
WITH newest AS (
    SELECT kommune, max(year(regnskabsaar)) AS aar
    FROM saldo
    WHERE regnskab <> 0 AND funktion < '7'
    GROUP BY kommune
),
booked AS (
    SELECT s.kommune, n.aar, year(s.regnskabsaar) AS bogfoert, s.regnskabsperiode, s.funktion, s.art, s.regnskab
    FROM saldo s
    JOIN newest n ON n.kommune = s.kommune
    WHERE s.regnskab <> 0 AND s.funktion < '7'
    UNION ALL
    SELECT k.kommune, n.aar, year(k.regnskabsaar), k.regnskabsperiode, k.funktion, k.art, k.regnskab
    FROM saldo_known k
    JOIN newest n ON n.kommune = k.kommune AND year(k.regnskabsaar) = n.aar - 2
    WHERE k.regnskab <> 0 AND k.funktion < '7'
),
periods AS (
    SELECT DISTINCT kommune, regnskabsperiode FROM booked WHERE bogfoert = aar
),
known AS (
    SELECT kommune, count(DISTINCT bogfoert) AS antal FROM booked WHERE bogfoert < aar GROUP BY kommune
),
income AS (
    SELECT
        b.kommune, b.aar, b.funktion, coalesce(-sum(b.regnskab) FILTER (WHERE b.bogfoert = b.aar), 0) AS nu,
        coalesce(-sum(b.regnskab) FILTER (WHERE b.bogfoert < b.aar), 0) / k.antal AS foer
    FROM booked b
    JOIN periods p ON p.kommune = b.kommune AND p.regnskabsperiode = b.regnskabsperiode
    JOIN known k ON k.kommune = b.kommune
    WHERE b.art >= '7' AND b.art < '9'
    GROUP BY b.kommune, b.aar, b.funktion, k.antal
)
SELECT
    kommune, 'Indtægter mangler i ' || aar || ' på ' || count(*) FILTER (WHERE nu < 0.4 * foer)
    || ' funktioner, som havde dem i de samme perioder de to år før.' AS da,
    'Income is missing in ' || aar || ' on ' || count(*) FILTER (WHERE nu < 0.4 * foer)
    || ' functions that had it in the same periods of the two years before.' AS en
FROM income
WHERE foer > 0
GROUP BY kommune, aar
HAVING count(*) FILTER (WHERE nu < 0.4 * foer) >= 5 OR sum(foer) FILTER (WHERE nu < 0.4 * foer) > 0.03 * sum(foer)
