-- Accounts and budgets of the main accounts 0 to 8, by municipality, period, account and cost centre. Cost centres are a
-- municipality's own numbers, which nobody else sees.
--
-- An amount of main kind 9 is expenditure or income by its own sign, so both are told apart by account, before anything
-- is added up.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, funktion VARCHAR, dranst VARCHAR,
--    ejerforhold VARCHAR, omkostningssted VARCHAR, gruppering VARCHAR, art VARCHAR, regnskab DECIMAL(18,2),
--    oprindeligt_budget DECIMAL(18,2), korrigeret_budget DECIMAL(18,2)
-- in codes_periode: code VARCHAR, dag VARCHAR
-- out oko_egen_saldo: dato DATE, kommune VARCHAR, omkostningssted VARCHAR, funktion VARCHAR, dranst VARCHAR,
--    ejerforhold VARCHAR, gruppering VARCHAR, art VARCHAR, regnskab DECIMAL(18,2), bruttoudgift DECIMAL(18,2),
--    indtaegt DECIMAL(18,2), oprindeligt_budget DECIMAL(18,2), korrigeret_budget DECIMAL(18,2)
-- kind fact
-- place kommune, dato by year
-- store municipal
SELECT
    CAST(year(s.regnskabsaar) || '-' || p.dag AS DATE) AS dato, s.kommune,
    s.kommune || '-' || s.omkostningssted AS omkostningssted, s.funktion, s.dranst, s.ejerforhold,
    CASE
        WHEN s.gruppering = '000' THEN '000'
        WHEN s.gruppering >= '900' THEN '900'
        ELSE s.funktion || '-' || s.dranst || '-' || s.gruppering
    END AS gruppering,
    s.art, sum(s.regnskab)::DECIMAL(18,2) AS regnskab,
    sum(CASE WHEN s.art < '7' OR (s.art >= '9' AND s.regnskab > 0) THEN s.regnskab END)::DECIMAL(18,2) AS bruttoudgift,
    sum(CASE WHEN (s.art >= '7' AND s.art < '9') OR (s.art >= '9' AND s.regnskab < 0) THEN s.regnskab END)::DECIMAL(18,2)
        AS indtaegt,
    sum(s.oprindeligt_budget)::DECIMAL(18,2) AS oprindeligt_budget,
    sum(s.korrigeret_budget)::DECIMAL(18,2) AS korrigeret_budget
FROM saldo s
JOIN codes_periode p ON p.code = s.regnskabsperiode
WHERE s.funktion < '9'
GROUP BY ALL
