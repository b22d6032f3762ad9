-- The same for the cube: from which day, and until which, a figure was what was known.
-- in maanedstal: kommune VARCHAR, maaned DATE, ture BIGINT, km DECIMAL(18,1), known_from DATE, known_to DATE
-- out kendt: dato DATE, kommune VARCHAR, ture BIGINT, km DECIMAL(18,1), kendt_fra DATE, kendt_til DATE
-- kind fact
-- place kommune, dato by month
-- store municipal, national
SELECT
    maaned AS dato, kommune, ture, km, known_from AS kendt_fra, coalesce(known_to, DATE '9999-12-31') AS kendt_til
FROM maanedstal
