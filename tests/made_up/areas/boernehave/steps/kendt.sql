-- The same for the cube: from which day, and until which, a figure was what was known.
-- in dagtal: kommune VARCHAR, aabne BIGINT, takst DECIMAL(18,2), known_from DATE, known_to DATE
-- out kendt: kommune VARCHAR, aabne BIGINT, takst DECIMAL(18,2), kendt_fra DATE, kendt_til DATE
-- kind fact
-- place kommune
-- store municipal, national
SELECT
    kommune, aabne, takst, known_from AS kendt_fra, coalesce(known_to, DATE '9999-12-31') AS kendt_til
FROM dagtal
