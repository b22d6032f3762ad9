-- The cost centres that a municipality has accounts of. No names are delivered; '0000' stands for none.
-- in saldo: kommune VARCHAR, omkostningssted VARCHAR, funktion VARCHAR
-- out oko_omkostningssted: kommune VARCHAR, omkostningssted VARCHAR, nummer VARCHAR
-- kind fact
-- place kommune
-- store municipal
SELECT DISTINCT kommune, kommune || '-' || omkostningssted AS omkostningssted, omkostningssted AS nummer
FROM saldo
WHERE funktion < '9'
