-- Rides of a municipality and month, as they were known at any time.
-- in rejse: kommune VARCHAR, dag DATE, km DECIMAL(8,1)
-- out maanedstal: kommune VARCHAR, maaned DATE, ture BIGINT, km DECIMAL(18,1)
-- kind revised kommune, maaned
SELECT
    kommune, CAST(date_trunc('month', dag) AS DATE) AS maaned, count(*) AS ture, sum(km)::DECIMAL(18,1) AS km
FROM rejse
GROUP BY kommune, CAST(date_trunc('month', dag) AS DATE)
