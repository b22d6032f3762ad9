-- The original budget of a year stays what the council adopted: what the first delivery of the year told, January's.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, funktion VARCHAR, dranst VARCHAR, ejerforhold VARCHAR,
--    omkostningssted VARCHAR, gruppering VARCHAR, art VARCHAR, oprindeligt_budget DECIMAL(18,2)
-- in saldo_first: kommune VARCHAR, regnskabsaar DATE, funktion VARCHAR, dranst VARCHAR, ejerforhold VARCHAR,
--    omkostningssted VARCHAR, gruppering VARCHAR, art VARCHAR, oprindeligt_budget DECIMAL(18,2)
-- out oko_08_vedtaget_budget: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule faulty-delivery
WITH adopted AS (
    SELECT DISTINCT kommune, regnskabsaar FROM saldo_first WHERE oprindeligt_budget <> 0
),
told AS (
    SELECT
        kommune, regnskabsaar, funktion, dranst, ejerforhold, omkostningssted, gruppering, art, oprindeligt_budget AS beloeb
    FROM saldo
    WHERE oprindeligt_budget <> 0
    UNION ALL
    SELECT
        kommune, regnskabsaar, funktion, dranst, ejerforhold, omkostningssted, gruppering, art, -oprindeligt_budget
    FROM saldo_first
    WHERE oprindeligt_budget <> 0
),
changed AS (
    SELECT kommune, regnskabsaar, funktion
    FROM told
    GROUP BY kommune, regnskabsaar, funktion, dranst, ejerforhold, omkostningssted, gruppering, art
    HAVING sum(beloeb) <> 0
)
SELECT
    c.kommune, 'Det oprindelige budget for ' || year(c.regnskabsaar) || ' er ændret på ' || count(*)
    || ' konti, siden det blev vedtaget.' AS da,
    'The original budget of ' || year(c.regnskabsaar) || ' has changed on ' || count(*)
    || ' accounts since it was adopted.' AS en
FROM changed c
JOIN adopted a ON a.kommune = c.kommune AND a.regnskabsaar = c.regnskabsaar
WHERE c.regnskabsaar IN (SELECT regnskabsaar FROM saldo)
GROUP BY c.kommune, c.regnskabsaar
