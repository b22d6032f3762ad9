-- Residence over time: in which Danish municipality (0101-0860) a person lived at the end of each day from `valid_from`
-- up to, not including, `valid_to`; moves within a municipality do not show.
-- in whereabouts: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE
-- out residence: person BLOB, kommune VARCHAR, valid_from DATE, valid_to DATE
-- kind kept
WITH danish AS (
    SELECT
        *,
        lag(kommune) OVER (PARTITION BY person ORDER BY valid_from) AS last_kommune,
        lag(valid_to) OVER (PARTITION BY person ORDER BY valid_from) AS last_to
    FROM whereabouts
    WHERE kommune BETWEEN '0101' AND '0860'
), joined AS (
    SELECT
        *,
        sum(CASE WHEN kommune = last_kommune AND last_to >= valid_from THEN 0 ELSE 1 END)
            OVER (PARTITION BY person ORDER BY valid_from ROWS UNBOUNDED PRECEDING) AS island
    FROM danish
)
SELECT person, kommune, min(valid_from) AS valid_from, max(valid_to) AS valid_to
FROM joined
GROUP BY person, kommune, island
