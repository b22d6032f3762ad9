-- Each month that has accounts has pay.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, art VARCHAR, regnskab DECIMAL(18,2)
-- out oko_10_loen: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule faulty-delivery
SELECT
    kommune, 'Periode ' || regnskabsperiode || ' af ' || year(regnskabsaar) || ' har ingen lønninger.' AS da,
    'Period ' || regnskabsperiode || ' of ' || year(regnskabsaar) || ' has no pay.' AS en
FROM saldo
WHERE regnskab <> 0 AND regnskabsperiode BETWEEN '01' AND '11'
GROUP BY kommune, regnskabsaar, regnskabsperiode
HAVING count(*) FILTER (WHERE art BETWEEN '10' AND '19') = 0
