-- Pools on the last day of each month: basins then, and hours, visits and income of the month.
-- in maaling: maaned DATE, ejer VARCHAR, sted VARCHAR, art VARCHAR, bassiner BIGINT, timer DECIMAL(8,1), besoeg BIGINT,
--    indtaegt DECIMAL(12,2)
-- in codes_art: code VARCHAR, gruppe VARCHAR
-- out drift: dato DATE, ejer VARCHAR, sted VARCHAR, art VARCHAR, gruppe VARCHAR, haller BIGINT, bassiner BIGINT,
--    timer DECIMAL(18,1), besoeg BIGINT, indtaegt DECIMAL(18,2)
-- kind fact
-- place ejer, dato by year
-- store municipal by ejer, national
SELECT
    last_day(maaned) AS dato, ejer, sted, art, gruppe, count(*) AS haller, sum(bassiner)::BIGINT AS bassiner,
    sum(timer)::DECIMAL(18,1) AS timer, sum(besoeg)::BIGINT AS besoeg, sum(indtaegt)::DECIMAL(18,2) AS indtaegt
FROM maaling
JOIN codes_art ON code = art
GROUP BY last_day(maaned), ejer, sted, art, gruppe
