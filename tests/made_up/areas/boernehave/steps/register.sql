-- The places of a municipality's register, each with what it says of the child.
-- in plads: kommune VARCHAR, barn BLOB, foedt DATE, distrikt VARCHAR, form VARCHAR, fra DATE, til DATE, betaler VARCHAR,
--    takst DECIMAL(9,2), timer DECIMAL(5,1)
-- out register: kommune VARCHAR, barn BLOB, foedt DATE, distrikt VARCHAR, form VARCHAR, fra DATE, til DATE,
--    betaler VARCHAR, takst DECIMAL(9,2), timer DECIMAL(5,1)
-- kind kept
SELECT kommune, barn, foedt, distrikt, form, fra, til, betaler, takst, timer
FROM plads
