-- What was told of each pool and month.
-- in hal: hal VARCHAR, maaned DATE, ejer VARCHAR, sted VARCHAR, art VARCHAR, bassiner BIGINT, timer DECIMAL(8,1),
--    besoeg BIGINT, indtaegt DECIMAL(12,2)
-- out maaling: maaned DATE, hal VARCHAR, ejer VARCHAR, sted VARCHAR, art VARCHAR, bassiner BIGINT, timer DECIMAL(8,1),
--    besoeg BIGINT, indtaegt DECIMAL(12,2)
-- kind kept
SELECT maaned, hal, ejer, sted, art, bassiner, timer, besoeg, indtaegt
FROM hal
