-- A row for an account in a period, its levels with dots.
SELECT sender, sender AS kommune, left(nr, 1) AS hovedkonto, format('{}.{}', nr[1], nr[2:3]) AS hovedfunktion,
    format('{}.{}.{}', nr[1], nr[2:3], nr[4:5]) AS funktion, nr[6] AS dranst, nr[7] AS ejerforhold,
    nr[12:14] AS gruppering, nr[15] AS hovedart, format('{}.{}', nr[15], nr[16]) AS art, nr[8:11] AS omkostningssted,
    make_date(aar, 1, 1) AS regnskabsaar, periode AS regnskabsperiode, regnskab, oprindeligt AS oprindeligt_budget,
    korrigeret AS korrigeret_budget
FROM post
