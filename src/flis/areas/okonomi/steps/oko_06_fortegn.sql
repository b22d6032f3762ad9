-- Pay, services and grants are expenditure, and income is negative, where a function has more than a million kroner of them
-- in a period.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, funktion VARCHAR, art VARCHAR,
--    regnskab DECIMAL(18,2)
-- out oko_06_fortegn: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule
WITH total AS (
    SELECT kommune, regnskabsaar, regnskabsperiode, funktion, substr(art, 1, 1) AS hovedart, sum(regnskab) AS regnskab
    FROM saldo
    WHERE funktion < '7'
    GROUP BY ALL
),
wrong AS (
    SELECT kommune, regnskabsaar, regnskabsperiode, count(*) AS antal
    FROM total
    WHERE (hovedart IN ('7', '8') AND regnskab > 1000000) OR (hovedart IN ('1', '4', '5') AND regnskab < -1000000)
    GROUP BY kommune, regnskabsaar, regnskabsperiode
)
SELECT
    kommune, 'Fortegnet er forkert på ' || antal || ' funktioner i periode ' || regnskabsperiode || ' af '
    || year(regnskabsaar) || '.' AS da,
    'The sign is wrong on ' || antal || ' functions in period ' || regnskabsperiode || ' of ' || year(regnskabsaar) || '.' AS en
FROM wrong
