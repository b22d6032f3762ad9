-- No count is below zero.
-- in stock: dato DATE, kommune VARCHAR, antal INTEGER, foedt_i_danmark INTEGER
-- out negative: dato DATE, kommune VARCHAR
-- kind check
SELECT dato, kommune
FROM stock
WHERE antal < 0 OR foedt_i_danmark < 0
