-- Loans by municipality, day and kind.
-- in laan: kommune VARCHAR, slags VARCHAR, dag DATE, antal BIGINT, leje DECIMAL(10,2)
-- out hjaelpemiddel: dato DATE, kommune VARCHAR, slags VARCHAR, antal BIGINT, leje DECIMAL(18,2), laan BIGINT
-- kind fact
-- place kommune, dato by month
-- store municipal, national
SELECT dag AS dato, kommune, slags, sum(antal)::BIGINT AS antal, sum(leje)::DECIMAL(18,2) AS leje, count(*) AS laan
FROM laan
GROUP BY dag, kommune, slags
