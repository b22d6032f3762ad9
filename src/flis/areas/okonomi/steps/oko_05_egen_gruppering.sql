-- At most 10 % of what a municipality books in a year goes by groupings of its own (900 to 999).
--
-- What is settled within the municipality (main art 9) is no amount.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, funktion VARCHAR, gruppering VARCHAR, art VARCHAR, regnskab DECIMAL(18,2)
-- out oko_05_egen_gruppering: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule
SELECT
    kommune, 'Mere end 10 % af beløbet i ' || year(regnskabsaar) || ' står på kommunens egne grupperinger.' AS da,
    'More than 10 % of the amount of ' || year(regnskabsaar) || ' is on groupings of the municipality''s own.' AS en
FROM saldo
WHERE funktion < '9' AND art < '9'
GROUP BY kommune, regnskabsaar
HAVING sum(abs(regnskab)) FILTER (WHERE gruppering >= '900') > 0.1 * sum(abs(regnskab))
