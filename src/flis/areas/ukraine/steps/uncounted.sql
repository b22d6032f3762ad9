-- How many persons are missing in the figures through the production date, by why they could not be read. An entry that
-- is dated later than its delivery counts from that day on, and is no longer missing then.
-- in unread: person BLOB, reason VARCHAR
-- in presence: person BLOB, measure VARCHAR, fra DATE, til DATE
-- in production: produced DATE
-- out uncounted: what VARCHAR, kommune VARCHAR, antal BIGINT
-- kind volume
SELECT u.reason AS what, '' AS kommune, count(*) AS antal
FROM unread u
CROSS JOIN production d
LEFT JOIN presence p
    ON p.person = u.person AND p.measure = 'antal' AND p.fra <= d.produced AND p.til > d.produced
    AND u.reason NOT IN ('earlier', 'imprecise')
WHERE p.person IS NULL
GROUP BY u.reason
