-- Nothing is booked in a year after the accounts of it have gone to the council: 30 April of the year after.
--
-- A movement is another amount on an account in a period than earlier deliveries told. What is read out before June may tell
-- of April for the first time.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, funktion VARCHAR, dranst VARCHAR,
--    ejerforhold VARCHAR, omkostningssted VARCHAR, gruppering VARCHAR, art VARCHAR, regnskab DECIMAL(18,2)
-- in saldo_known: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, funktion VARCHAR, dranst VARCHAR,
--    ejerforhold VARCHAR, omkostningssted VARCHAR, gruppering VARCHAR, art VARCHAR, regnskab DECIMAL(18,2)
-- in production: produced DATE
-- out oko_15_lukket_aar: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule
WITH closed AS (
    SELECT DISTINCT k.kommune, k.regnskabsaar
    FROM saldo_known k
    CROSS JOIN production p
    WHERE p.produced > CAST((year(k.regnskabsaar) + 1) || '-05-31' AS DATE)
        AND k.regnskabsaar IN (SELECT regnskabsaar FROM saldo)
),
told AS (
    SELECT
        kommune, regnskabsaar, regnskabsperiode, funktion, dranst, ejerforhold, omkostningssted, gruppering, art,
        regnskab AS beloeb
    FROM saldo
    UNION ALL
    SELECT
        kommune, regnskabsaar, regnskabsperiode, funktion, dranst, ejerforhold, omkostningssted, gruppering, art, -regnskab
    FROM saldo_known
),
moved AS (
    SELECT kommune, regnskabsaar, regnskabsperiode
    FROM told
    GROUP BY kommune, regnskabsaar, regnskabsperiode, funktion, dranst, ejerforhold, omkostningssted, gruppering, art
    HAVING sum(beloeb) <> 0
)
SELECT
    m.kommune, count(*) || ' konti er ændret i periode ' || m.regnskabsperiode || ' af ' || year(m.regnskabsaar)
    || ', som er afsluttet.' AS da,
    count(*) || ' accounts have changed in period ' || m.regnskabsperiode || ' of ' || year(m.regnskabsaar)
    || ', which is closed.' AS en
FROM moved m
JOIN closed c ON c.kommune = m.kommune AND c.regnskabsaar = m.regnskabsaar
GROUP BY m.kommune, m.regnskabsaar, m.regnskabsperiode
