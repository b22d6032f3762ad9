-- State reimbursement of a function is income over the year.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, funktion VARCHAR, dranst VARCHAR, regnskab DECIMAL(18,2)
-- out oko_14_refusion: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule faulty-delivery
SELECT
    kommune, 'Statsrefusionen på funktion ' || funktion || ' er en udgift i ' || year(regnskabsaar) || '.' AS da,
    'The state reimbursement on function ' || funktion || ' is expenditure in ' || year(regnskabsaar) || '.' AS en
FROM saldo
WHERE dranst = '2'
GROUP BY kommune, regnskabsaar, funktion
HAVING sum(regnskab) > 0
