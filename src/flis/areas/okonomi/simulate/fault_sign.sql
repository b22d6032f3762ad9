-- What is booked in the newest period has the other sign.
SELECT * REPLACE (CASE WHEN aar = year(getvariable('month')) AND periode::INTEGER = month(getvariable('month'))
    THEN -regnskab ELSE regnskab END AS regnskab)
FROM post WHERE sender = getvariable('sender')
