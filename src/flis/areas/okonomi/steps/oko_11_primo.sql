-- A year opens with the balances that the year before closed with, but for equity (9.75), which takes the year's result.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, funktion VARCHAR, regnskab DECIMAL(18,2)
-- out oko_11_primo: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule faulty-delivery
WITH closing AS (
    SELECT kommune, year(regnskabsaar) + 1 AS aar, funktion, sum(regnskab) AS ultimo
    FROM saldo
    WHERE funktion >= '9' AND funktion NOT LIKE '975%'
    GROUP BY ALL
),
opening AS (
    SELECT kommune, year(regnskabsaar) AS aar, funktion, sum(regnskab) AS primo
    FROM saldo
    WHERE funktion >= '9' AND funktion NOT LIKE '975%' AND regnskabsperiode = '00'
    GROUP BY ALL
)
SELECT
    c.kommune, count(*) || ' balancekonti åbner ' || c.aar || ' med andet, end året før sluttede med.' AS da,
    count(*) || ' accounts of the balance sheet open ' || c.aar || ' otherwise than the year before closed.' AS en
FROM closing c
JOIN (SELECT DISTINCT kommune, aar FROM opening) known ON known.kommune = c.kommune AND known.aar = c.aar
LEFT JOIN opening o ON o.kommune = c.kommune AND o.aar = c.aar AND o.funktion = c.funktion
WHERE c.ultimo <> coalesce(o.primo, 0)
GROUP BY c.kommune, c.aar
