-- The balance sheet (main account 9) before and after each period that a municipality has accounts of.
--
-- Files tell what a period adds, the opening balance in period 00, so a balance is the sum of the year so far. An account
-- without movements in a period keeps its balance.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, funktion VARCHAR, regnskab DECIMAL(18,2)
-- in codes_periode: code VARCHAR, dag VARCHAR
-- out oko_balance: dato DATE, kommune VARCHAR, funktion VARCHAR, primo DECIMAL(18,2), ultimo DECIMAL(18,2)
-- kind fact
-- place kommune, dato by year
-- store municipal, national
WITH booked AS (
    SELECT kommune, regnskabsaar, regnskabsperiode, funktion, sum(regnskab) AS bogfoert
    FROM saldo
    WHERE funktion >= '9'
    GROUP BY ALL
),
period AS (
    SELECT DISTINCT kommune, regnskabsaar, regnskabsperiode FROM saldo WHERE regnskab <> 0
),
account AS (
    SELECT DISTINCT kommune, regnskabsaar, funktion FROM booked
),
summed AS (
    SELECT
        a.kommune, a.regnskabsaar, p.regnskabsperiode, a.funktion, coalesce(b.bogfoert, 0) AS bogfoert,
        sum(coalesce(b.bogfoert, 0)) OVER (
            PARTITION BY a.kommune, a.regnskabsaar, a.funktion ORDER BY p.regnskabsperiode
        ) AS ultimo
    FROM account a
    JOIN period p ON p.kommune = a.kommune AND p.regnskabsaar = a.regnskabsaar
    LEFT JOIN booked b
        ON b.kommune = a.kommune AND b.regnskabsaar = a.regnskabsaar AND b.funktion = a.funktion
        AND b.regnskabsperiode = p.regnskabsperiode
)
SELECT
    CAST(year(s.regnskabsaar) || '-' || p.dag AS DATE) AS dato, s.kommune, s.funktion,
    (CASE WHEN s.regnskabsperiode = '00' THEN s.ultimo ELSE s.ultimo - s.bogfoert END)::DECIMAL(18,2) AS primo,
    s.ultimo::DECIMAL(18,2) AS ultimo
FROM summed s
JOIN codes_periode p ON p.code = s.regnskabsperiode
