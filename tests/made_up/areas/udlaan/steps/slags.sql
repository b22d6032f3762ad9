-- The kinds of aids, with their captions.
-- in codes_slags: code VARCHAR, da VARCHAR, en VARCHAR, gruppe VARCHAR
-- out slags: slags VARCHAR, navn_da VARCHAR, navn_en VARCHAR, gruppe VARCHAR
-- kind fact
-- store municipal, national
SELECT code AS slags, da AS navn_da, en AS navn_en, gruppe
FROM codes_slags
