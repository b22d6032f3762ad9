-- Places on the last day of each month, by the child's age on that day.
-- in register: kommune VARCHAR, foedt DATE, form VARCHAR, fra DATE, til DATE, betaler VARCHAR, takst DECIMAL(9,2),
--    timer DECIMAL(5,1)
-- in month: maaned DATE, after DATE
-- in codes_aldersgruppe: code VARCHAR, fra VARCHAR, til VARCHAR
-- out indskrevet: dato DATE, kommune VARCHAR, betaler VARCHAR, form VARCHAR, aldersgruppe VARCHAR, pladser BIGINT,
--    takst DECIMAL(18,2), timer DECIMAL(18,1)
-- kind fact
-- place kommune, dato by month
-- store municipal, national
SELECT
    last_day(m.maaned) AS dato, r.kommune, r.betaler, r.form, a.code AS aldersgruppe, count(*) AS pladser,
    sum(r.takst)::DECIMAL(18,2) AS takst, sum(r.timer)::DECIMAL(18,1) AS timer
FROM register r
JOIN month m ON r.fra <= last_day(m.maaned) AND coalesce(r.til, DATE '9999-12-31') >= last_day(m.maaned)
JOIN codes_aldersgruppe a
    ON date_sub('year', r.foedt, last_day(m.maaned)) BETWEEN CAST(a.fra AS INTEGER) AND CAST(a.til AS INTEGER)
GROUP BY last_day(m.maaned), r.kommune, r.betaler, r.form, a.code
