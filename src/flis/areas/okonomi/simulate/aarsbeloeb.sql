-- What each account of a municipality comes to in 2022: its residents of the ages, and what is its own. Taxes pay for the
-- rest, so that a year leaves nothing over.
WITH brugere AS (
    SELECT kommune, fra, til, sum(persons) AS personer
    FROM residents JOIN (SELECT DISTINCT fra, til FROM konto) AS aldre ON age BETWEEN fra AND til GROUP BY ALL
),
brutto AS (
    SELECT kommune AS sender, konto.* EXCLUDE (kr, fra, til),
        kr * personer * exp(0.08 * normal(concat(kommune, funktion)) + 0.05 * normal(concat(kommune, nr))) AS beloeb
    FROM konto JOIN brugere USING (fra, til)
),
skat AS (
    SELECT sender, -sum(beloeb) FILTER (hovedkonto <> '7' OR dranst <> '7' OR beloeb > 0)
        / sum(beloeb) FILTER (hovedkonto = '7' AND dranst = '7' AND beloeb <= 0) AS faktor
    FROM brutto GROUP BY sender
)
SELECT brutto.* REPLACE (
    CASE WHEN hovedkonto = '7' AND dranst = '7' AND beloeb <= 0 THEN beloeb * faktor ELSE beloeb END AS beloeb)
FROM brutto JOIN skat USING (sender)
