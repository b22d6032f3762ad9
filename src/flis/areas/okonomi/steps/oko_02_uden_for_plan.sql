-- Functions are those of the chart of accounts in the year, and arts those of its list.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, funktion VARCHAR, art VARCHAR
-- in codes_funktion: code VARCHAR, valid_from DATE, valid_to DATE
-- in codes_art: code VARCHAR
-- out oko_02_uden_for_plan: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule
WITH known AS (
    SELECT
        s.kommune, year(s.regnskabsaar) AS aar,
        f.code IS NOT NULL AND year(coalesce(f.valid_from, s.regnskabsaar)) <= year(s.regnskabsaar)
        AND year(coalesce(f.valid_to, s.regnskabsaar)) >= year(s.regnskabsaar) AND a.code IS NOT NULL AS planned
    FROM saldo s
    LEFT JOIN codes_funktion f ON f.code = s.funktion
    LEFT JOIN codes_art a ON a.code = s.art
)
SELECT
    kommune, count(*) || ' rækker for ' || aar || ' har en konto, som kontoplanen for året ikke har.' AS da,
    count(*) || ' rows of ' || aar || ' have an account that the chart of accounts of the year does not have.' AS en
FROM known
WHERE NOT planned
GROUP BY kommune, aar
