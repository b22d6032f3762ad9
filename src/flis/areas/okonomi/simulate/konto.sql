-- The accounts of main accounts 0 to 8 that a file has: the largest ones, as many as the scale asks for, with the amounts
-- of those that are left out. `kr` is an amount per resident of the ages `fra` to `til` before it is brought to level.
WITH drift AS (
    SELECT f.funktion, b.dranst, b.ejerforhold, b.art, b.saeson, f.fra::INTEGER AS fra, f.til::INTEGER AS til,
        f.kr::DOUBLE * b.andel::DOUBLE / f.steder::DOUBLE AS kr,
        CASE WHEN f.steder = '1' THEN '0000' ELSE format('{:04d}', 1000 + sted.nr) END AS sted
    FROM funktion AS f JOIN blanding AS b USING (blanding), unnest(range(f.steder::INTEGER)) AS sted(nr)
),
grupperet AS (
    SELECT d.* EXCLUDE (kr), d.kr / count(*) OVER (PARTITION BY d.funktion, d.dranst, d.art, d.sted) AS kr,
        coalesce(g.gruppering, '000') AS gruppering
    FROM drift AS d LEFT JOIN codes_gruppering AS g ON g.funktion = d.funktion AND g.dranst = d.dranst
),
alle AS (
    SELECT funktion, dranst, ejerforhold, art, saeson, fra, til, kr, sted, gruppering FROM grupperet
    UNION ALL
    SELECT funktion, dranst, '1', art, saeson, 0, 125, kr::DOUBLE, '0000', gruppering FROM finansiering
),
landet AS (
    SELECT alle.*, left(funktion, 1) AS hovedkonto,
        kr * (SELECT sum(persons) FROM residents WHERE age BETWEEN alle.fra AND alle.til) AS i_alt
    FROM alle
),
niveau AS (
    -- operation and reimbursement add up to what the main account costs per resident
    SELECT hovedkonto, h.kr::DOUBLE * (SELECT sum(persons) FROM residents) / sum(i_alt) AS faktor
    FROM landet JOIN hovedkonto AS h USING (hovedkonto) WHERE dranst IN ('1', '2') GROUP BY hovedkonto, h.kr
),
bragt AS (
    SELECT l.* REPLACE (l.kr * CASE WHEN l.dranst IN ('1', '2') THEN coalesce(n.faktor, 1) ELSE 1 END AS kr,
        l.i_alt * CASE WHEN l.dranst IN ('1', '2') THEN coalesce(n.faktor, 1) ELSE 1 END AS i_alt)
    FROM landet AS l LEFT JOIN niveau AS n USING (hovedkonto)
),
ordnet AS (
    SELECT *, row_number() OVER (ORDER BY abs(i_alt) DESC, funktion, dranst, art, gruppering, sted) AS plads,
        row_number() OVER (
            PARTITION BY hovedkonto, dranst, i_alt > 0
            ORDER BY abs(i_alt) DESC, funktion, art, gruppering, sted
        ) AS i_gruppe
    FROM bragt
),
valgt AS (
    SELECT *, plads <= greatest(26, round(getvariable('scale') * 1130))
        OR i_gruppe = 1 AND dranst IN ('1', '2') AS med
    FROM ordnet
),
skaleret AS (
    SELECT *, sum(i_alt) OVER gruppe / sum(i_alt) FILTER (med) OVER gruppe AS mere
    FROM valgt WINDOW gruppe AS (PARTITION BY hovedkonto, dranst, i_alt > 0)
)
SELECT concat(funktion, dranst, ejerforhold, sted, gruppering, art) AS nr, hovedkonto, funktion, dranst, art, saeson,
    fra, til, kr * mere AS kr,
    -- two accounts with one season make a pair: what is corrected on one is corrected on the other
    concat(saeson, (row_number() OVER saesonens - 1) // 2) AS par,
    CASE row_number() OVER saesonens % 2 WHEN 1 THEN 1 ELSE -1 END AS side
FROM skaleret WHERE med
WINDOW saesonens AS (PARTITION BY saeson ORDER BY funktion, dranst, ejerforhold, sted, gruppering, art)
