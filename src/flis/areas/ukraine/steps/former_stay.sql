-- The same as `stay`, of persons as a delivery told of them: what was known on an earlier day is made so again.
-- in member: person BLOB, measure VARCHAR, kommune VARCHAR, valid_from DATE, valid_to DATE
-- out former_stay: kommune VARCHAR, person BLOB, fra DATE, til DATE
-- kind fact
SELECT kommune, person, valid_from AS fra, valid_to AS til
FROM member
WHERE measure = 'antal'
