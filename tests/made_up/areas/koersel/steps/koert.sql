-- Rides by day, municipality and purpose.
-- in rejse: kommune VARCHAR, dag DATE, formaal VARCHAR, km DECIMAL(8,1), pris DECIMAL(10,2)
-- out koert: dato DATE, kommune VARCHAR, formaal VARCHAR, ture BIGINT, km DECIMAL(18,1), pris DECIMAL(18,2)
-- kind fact
-- place kommune, dato by month
-- store municipal, national
SELECT
    dag AS dato, kommune, formaal, count(*) AS ture, sum(km)::DECIMAL(18,1) AS km, sum(pris)::DECIMAL(18,2) AS pris
FROM rejse
GROUP BY dag, kommune, formaal
