-- Who counts in which municipality, from when until when: changes between figures are counted by it. No store has it.
-- in presence: person BLOB, measure VARCHAR, kommune VARCHAR, fra DATE, til DATE
-- out stay: kommune VARCHAR, person BLOB, fra DATE, til DATE
-- kind fact
SELECT kommune, person, fra, til
FROM presence
WHERE measure = 'antal'
