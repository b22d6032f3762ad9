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
    SELECT DISTINCT s.regnskabsaar
    FROM saldo s
    CROSS JOIN production p
    WHERE p.produced > CAST((year(s.regnskabsaar) + 1) || '-05-31' AS DATE)
),
told AS (
    SELECT
        s.kommune, s.regnskabsaar, s.regnskabsperiode, s.funktion, s.dranst, s.ejerforhold, s.omkostningssted,
        s.gruppering, s.art, s.regnskab AS beloeb
    FROM saldo s
    JOIN closed c ON c.regnskabsaar = s.regnskabsaar
    WHERE s.regnskab <> 0
    UNION ALL
    SELECT
        k.kommune, k.regnskabsaar, k.regnskabsperiode, k.funktion, k.dranst, k.ejerforhold, k.omkostningssted,
        k.gruppering, k.art, -k.regnskab
    FROM saldo_known k
    JOIN closed c ON c.regnskabsaar = k.regnskabsaar
    WHERE k.regnskab <> 0
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
JOIN (SELECT DISTINCT kommune, regnskabsaar FROM saldo_known) known
    ON known.kommune = m.kommune AND known.regnskabsaar = m.regnskabsaar
GROUP BY m.kommune, m.regnskabsaar, m.regnskabsperiode
