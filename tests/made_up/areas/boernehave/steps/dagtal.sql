-- Places in a municipality's register without an end, and what they cost, as they were known at any time.
-- in register: kommune VARCHAR, til DATE, takst DECIMAL(9,2)
-- out dagtal: kommune VARCHAR, aabne BIGINT, takst DECIMAL(18,2)
-- kind revised kommune
SELECT kommune, count(*) AS aabne, sum(takst)::DECIMAL(18,2) AS takst
FROM register
WHERE til IS NULL
GROUP BY kommune
