-- The rows of the newest period stand twice.
SELECT * FROM post WHERE sender = getvariable('sender')
UNION ALL
SELECT * FROM post WHERE sender = getvariable('sender') AND aar = year(getvariable('month'))
    AND periode::INTEGER = month(getvariable('month'))
