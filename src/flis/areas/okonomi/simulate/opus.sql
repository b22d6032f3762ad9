-- A row for each of the three amounts that an account has in a period.
WITH linjer AS (
    SELECT *, '0' AS version, '010' AS vaerditype, 'SA' AS bilagsart, regnskab AS beloeb FROM post WHERE budgetdag IS NULL
    UNION ALL
    SELECT *, '10', '020', 'BU', oprindeligt FROM post WHERE budgetdag IS NOT NULL
    UNION ALL
    SELECT *, '0', '020', 'BU', korrigeret FROM post WHERE budgetdag IS NOT NULL
)
SELECT sender, sender AS kommune, concat('1', right(sender, 3)) AS firmakode, make_date(aar, 1, 1) AS regnskabsaar,
    periode AS regnskabsperiode, version, vaerditype, concat('0', left(nr, 1)) AS hovedkonto,
    concat('0', left(nr, 3)) AS hovedfunktion, concat('0', left(nr, 5)) AS funktion,
    format('0{}/{}/{:d}', left(nr, 5), nr[6], nr[12:14]::INTEGER) AS grupperingssti,
    format('0{}-{}-{}_{}', left(nr, 5), nr[6], nr[12:14], nr[13:14]) AS funktionsomraade, nr[7] AS ejerforhold,
    nr[15:16] AS art, nr[8:11] AS omkostningssted, bilagsart, beloeb
FROM linjer
