-- Accounts and budgets of the main accounts 0 to 8, by municipality, period and account, over all cost centres.
-- in oko_egen_saldo: dato DATE, kommune VARCHAR, funktion VARCHAR, dranst VARCHAR, ejerforhold VARCHAR,
--    gruppering VARCHAR, art VARCHAR, regnskab DECIMAL(18,2), bruttoudgift DECIMAL(18,2), indtaegt DECIMAL(18,2),
--    oprindeligt_budget DECIMAL(18,2), korrigeret_budget DECIMAL(18,2)
-- out oko_saldo: dato DATE, kommune VARCHAR, funktion VARCHAR, dranst VARCHAR, ejerforhold VARCHAR, gruppering VARCHAR,
--    art VARCHAR, regnskab DECIMAL(18,2), bruttoudgift DECIMAL(18,2), indtaegt DECIMAL(18,2),
--    oprindeligt_budget DECIMAL(18,2), korrigeret_budget DECIMAL(18,2)
-- kind fact
-- place kommune, dato by year
-- store national
SELECT
    dato, kommune, funktion, dranst, ejerforhold, gruppering, art, sum(regnskab)::DECIMAL(18,2) AS regnskab,
    sum(bruttoudgift)::DECIMAL(18,2) AS bruttoudgift, sum(indtaegt)::DECIMAL(18,2) AS indtaegt,
    sum(oprindeligt_budget)::DECIMAL(18,2) AS oprindeligt_budget,
    sum(korrigeret_budget)::DECIMAL(18,2) AS korrigeret_budget
FROM oko_egen_saldo
GROUP BY ALL
