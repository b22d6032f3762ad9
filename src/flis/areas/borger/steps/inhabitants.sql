-- How many persons live in each municipality, as the newest delivery on each of them has it.
-- in present: kommune VARCHAR
-- in municipality: kommune VARCHAR
-- out inhabitants: kommune VARCHAR, antal INTEGER
-- kind revised kommune
SELECT m.kommune, CAST(count(p.kommune) AS INTEGER) AS antal
FROM municipality m
LEFT JOIN present p ON p.kommune = m.kommune
GROUP BY m.kommune
