-- The persons of a delivery; a birth date of zeros is none. A cancelled, deleted or changed number (30, 50, 60) is `counted` on no day: what is still
-- true of the person comes under the current number.
-- in record_001: person BLOB, status VARCHAR, statushaenstart DATE, koen VARCHAR, foed_dt DATE, ordinal BIGINT
-- out person: person BLOB, status VARCHAR, sex VARCHAR, birth DATE, died DATE, counted BOOLEAN
-- kind kept
WITH latest AS (
    SELECT *, row_number() OVER (PARTITION BY person ORDER BY ordinal DESC) AS place
    FROM record_001
)
SELECT
    person,
    status,
    koen AS sex,
    foed_dt AS birth,
    CASE WHEN status = '90' THEN statushaenstart END AS died,
    status NOT IN ('30', '50', '60') AS counted
FROM latest
WHERE place = 1
