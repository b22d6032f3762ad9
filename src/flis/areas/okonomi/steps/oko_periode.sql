-- The accounting periods of the years that anybody has accounts of, each with a day of its year that stands for it.
--
-- The day is the same in all years, so that a period has its counterpart a year before: 1 January for the opening, the
-- 15th for a month, the last days of December for the supplementary period.
-- in saldo: regnskabsaar DATE
-- in codes_periode: code VARCHAR, da VARCHAR, en VARCHAR, dag VARCHAR
-- out oko_periode: dag DATE, aar INTEGER, periode VARCHAR, navn_da VARCHAR, navn_en VARCHAR
-- kind fact
-- store municipal, national
SELECT
    CAST(year(a.regnskabsaar) || '-' || p.dag AS DATE) AS dag, year(a.regnskabsaar)::INTEGER AS aar,
    p.code AS periode, p.da || ' ' || year(a.regnskabsaar) AS navn_da, p.en || ' ' || year(a.regnskabsaar) AS navn_en
FROM (SELECT DISTINCT regnskabsaar FROM saldo) a
CROSS JOIN codes_periode p
