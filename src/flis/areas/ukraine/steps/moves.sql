-- Moves between municipalities cancel in the country.
-- in flow: dato DATE, tilflyttede INTEGER, fraflyttede INTEGER
-- out moves: dato DATE, kommune VARCHAR
-- kind check
SELECT dato, '0000' AS kommune
FROM flow
GROUP BY dato
HAVING sum(tilflyttede) <> sum(fraflyttede)
