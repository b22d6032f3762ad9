-- Accounts and budgets of the main accounts 0 to 8, by municipality, period and account.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, funktion VARCHAR, dranst VARCHAR,
--    ejerforhold VARCHAR, gruppering VARCHAR, art VARCHAR, regnskab DECIMAL(18,2), oprindeligt_budget DECIMAL(18,2),
--    korrigeret_budget DECIMAL(18,2)
-- in codes_periode: code VARCHAR, dag VARCHAR
-- out oko_saldo: dato DATE, kommune VARCHAR, funktion VARCHAR, dranst VARCHAR, ejerforhold VARCHAR, gruppering VARCHAR,
--    art VARCHAR, regnskab DECIMAL(18,2), oprindeligt_budget DECIMAL(18,2), korrigeret_budget DECIMAL(18,2)
-- kind fact
-- place kommune, dato by year
-- store municipal, national
SELECT
    CAST(year(s.regnskabsaar) || '-' || p.dag AS DATE) AS dato, s.kommune, s.funktion, s.dranst, s.ejerforhold,
    CASE
        WHEN s.gruppering = '000' THEN '000'
        WHEN s.gruppering >= '900' THEN '900'
        ELSE s.funktion || '-' || s.dranst || '-' || s.gruppering
    END AS gruppering,
    s.art, sum(s.regnskab)::DECIMAL(18,2) AS regnskab, sum(s.oprindeligt_budget)::DECIMAL(18,2) AS oprindeligt_budget,
    sum(s.korrigeret_budget)::DECIMAL(18,2) AS korrigeret_budget
FROM saldo s
JOIN codes_periode p ON p.code = s.regnskabsperiode
WHERE s.funktion < '9'
GROUP BY ALL
