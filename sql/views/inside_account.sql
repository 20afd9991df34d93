-- inside_account: the accounts that hunts do not call outside: those whose trails the logs are of, and
-- those of known_account.
--
-- Blind spots: an account of the same organization whose trail is not among the logs is outside.
-- Cost: it reads the whole table, once for a query: 0.1 s for 400,000 events.
CREATE VIEW inside_account AS
SELECT coalesce(nullif(recipientAccountId, ''), userIdentityAccountId) AS accountId
FROM cloudtrail
WHERE coalesce(nullif(recipientAccountId, ''), userIdentityAccountId) <> ''
UNION
SELECT accountId
FROM known_account;
