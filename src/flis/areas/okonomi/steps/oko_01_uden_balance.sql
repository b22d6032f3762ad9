-- The accounts of a period add up to nothing: what one account gets, another one gives.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, regnskab DECIMAL(18,2)
-- out oko_01_uden_balance: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule
SELECT
    kommune, 'Debet og kredit er ikke lige store i periode ' || regnskabsperiode || ' af ' || year(regnskabsaar) || '.' AS da,
    'Debit and credit differ in period ' || regnskabsperiode || ' of ' || year(regnskabsaar) || '.' AS en
FROM saldo
GROUP BY kommune, regnskabsaar, regnskabsperiode
HAVING abs(sum(regnskab)) > 1
