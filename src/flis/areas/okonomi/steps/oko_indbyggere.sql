-- How many persons live in a municipality in the evening of 1 January of each year that it has accounts of, as known now.
--
-- A day before the first delivery of the register, or after the last one that changed anything, has no figure.
-- in saldo: kommune VARCHAR, regnskabsaar DATE
-- in borger.residence: kommune VARCHAR, valid_from DATE, valid_to DATE
-- in borger.inhabitants: known_from DATE, known_to DATE
-- out oko_indbyggere: dato DATE, kommune VARCHAR, antal INTEGER
-- kind fact
-- place kommune, dato by year
-- store municipal, national
WITH known AS (
    SELECT min(known_from) AS first, greatest(max(known_from), coalesce(max(known_to), max(known_from))) AS last
    FROM borger.inhabitants
),
asked AS (
    SELECT DISTINCT s.kommune, s.regnskabsaar AS dato
    FROM saldo s
    JOIN known k ON k.first <= s.regnskabsaar AND k.last >= s.regnskabsaar
)
SELECT a.dato, a.kommune, CAST(count(*) AS INTEGER) AS antal
FROM asked a
JOIN borger.residence r ON r.kommune = a.kommune AND r.valid_from <= a.dato AND r.valid_to > a.dato
GROUP BY a.dato, a.kommune
