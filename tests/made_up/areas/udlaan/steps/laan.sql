-- The loans of a municipality's month, as they were delivered.
-- in udlaan: kommune VARCHAR, maaned DATE, slags VARCHAR, dag DATE, antal BIGINT, leje DECIMAL(10,2)
-- out laan: kommune VARCHAR, maaned DATE, slags VARCHAR, dag DATE, antal BIGINT, leje DECIMAL(10,2)
-- kind kept
SELECT kommune, maaned, slags, dag, antal, leje
FROM udlaan
