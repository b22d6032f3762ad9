-- A row for an account in a period, with the account's name.
SELECT sender, nr AS konto, make_date(aar, 1, 1) AS regnskabsaar, periode AS regnskabsperiode, budgetdag AS budgetdato,
    oprindeligt AS oprindeligt_budget, korrigeret AS korrigeret_budget, regnskab,
    regexp_replace(f.da, '^[0-9.]+ ', '') AS tekst
FROM post LEFT JOIN codes_funktion AS f ON f.code = left(nr, 5)
