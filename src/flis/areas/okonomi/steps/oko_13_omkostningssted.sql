-- A municipality books on cost centres that it has.
--
-- No list of a municipality's cost centres is delivered. It is assumed that those of the year before are known, so that
-- the ones that are new this year are told; 0000 is none.
-- in saldo: kommune VARCHAR, regnskabsaar DATE, omkostningssted VARCHAR, regnskab DECIMAL(18,2)
-- out oko_13_omkostningssted: kommune VARCHAR, da VARCHAR, en VARCHAR
-- kind rule
WITH used AS (
    SELECT DISTINCT kommune, year(regnskabsaar) AS aar, omkostningssted
    FROM saldo
    WHERE regnskab <> 0 AND omkostningssted <> '0000'
),
known AS (
    SELECT DISTINCT kommune, aar FROM used
)
SELECT
    u.kommune, count(*) || ' omkostningssteder er taget i brug i ' || u.aar || ' og ukendte i året før.' AS da,
    count(*) || ' cost centres came into use in ' || u.aar || ' and are unknown in the year before.' AS en
FROM used u
JOIN known k ON k.kommune = u.kommune AND k.aar = u.aar - 1
LEFT JOIN used b ON b.kommune = u.kommune AND b.aar = u.aar - 1 AND b.omkostningssted = u.omkostningssted
WHERE b.omkostningssted IS NULL
GROUP BY u.kommune, u.aar
