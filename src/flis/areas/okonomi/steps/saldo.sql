-- The ledger of each municipality, year and period, from whichever system it comes: one row per account.
-- in opus_linje: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, version VARCHAR, vaerditype VARCHAR,
--    funktionsomraade VARCHAR, ejerforhold VARCHAR, art VARCHAR, omkostningssted VARCHAR, beloeb DECIMAL(18,2)
-- in oesindsigt_saldo: kommune VARCHAR, konto VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR,
--    oprindeligt_budget DECIMAL(18,2), korrigeret_budget DECIMAL(18,2), regnskab DECIMAL(18,2)
-- in koer_regnskab: kommune VARCHAR, funktion VARCHAR, dranst VARCHAR, ejerforhold VARCHAR, gruppering VARCHAR,
--    art VARCHAR, omkostningssted VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, regnskab DECIMAL(18,2),
--    oprindeligt_budget DECIMAL(18,2), korrigeret_budget DECIMAL(18,2)
-- out saldo: kommune VARCHAR, regnskabsaar DATE, regnskabsperiode VARCHAR, funktion VARCHAR, dranst VARCHAR,
--    ejerforhold VARCHAR, omkostningssted VARCHAR, gruppering VARCHAR, art VARCHAR, regnskab DECIMAL(18,2),
--    oprindeligt_budget DECIMAL(18,2), korrigeret_budget DECIMAL(18,2)
-- kind kept
SELECT
    kommune, regnskabsaar, regnskabsperiode, substr(funktionsomraade, 2, 5) AS funktion,
    substr(funktionsomraade, 8, 1) AS dranst, ejerforhold, omkostningssted,
    substr(funktionsomraade, 10, 3) AS gruppering, art,
    coalesce(sum(beloeb) FILTER (WHERE vaerditype = '010'), 0)::DECIMAL(18,2) AS regnskab,
    coalesce(sum(beloeb) FILTER (WHERE vaerditype = '020' AND version = '10'), 0)::DECIMAL(18,2) AS oprindeligt_budget,
    coalesce(sum(beloeb) FILTER (WHERE vaerditype = '020' AND version = '0'), 0)::DECIMAL(18,2) AS korrigeret_budget
FROM opus_linje
GROUP BY ALL
UNION ALL
SELECT
    kommune, regnskabsaar, regnskabsperiode, substr(konto, 1, 5), substr(konto, 6, 1), substr(konto, 7, 1),
    substr(konto, 8, 4), substr(konto, 12, 3), substr(konto, 15, 2), regnskab, oprindeligt_budget, korrigeret_budget
FROM oesindsigt_saldo
UNION ALL
SELECT
    kommune, regnskabsaar, regnskabsperiode, replace(funktion, '.', ''), dranst, ejerforhold, omkostningssted,
    gruppering, replace(art, '.', ''), regnskab, oprindeligt_budget, korrigeret_budget
FROM koer_regnskab
