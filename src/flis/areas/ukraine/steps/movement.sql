-- Where anything moved on the days asked for, and how many changes of persons no record explains.
-- in event: dato DATE, kommune VARCHAR, oevrige INTEGER
-- in day: dato DATE
-- out movement: dato DATE, kommune VARCHAR, uforklaret INTEGER
-- kind fact
SELECT e.dato, e.kommune, CAST(sum(CASE WHEN e.oevrige <> 0 THEN 1 ELSE 0 END) AS INTEGER) AS uforklaret
FROM event e
JOIN day d ON d.dato = e.dato
GROUP BY e.dato, e.kommune
