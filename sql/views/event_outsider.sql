-- event_outsider: which accounts outside, or everyone, the policy that a call writes lets in: a row a
-- principal.
--
-- event, statement, actions: as in event_policy.
-- outsider: the account, or `everyone`.
-- How: by event_principal. Outside is what inside_account has not; everyone is none where a condition
-- narrows it.
-- Cost: it reads JSON: ask for few events, by a condition on their names first.
CREATE VIEW event_outsider AS
SELECT
    event,
    statement,
    actions,
    CASE WHEN isEveryone THEN 'everyone' ELSE accountId END AS outsider
FROM event_principal
WHERE isEveryone AND NOT isNarrowed
   OR accountId GLOB '[0-9]*' AND accountId NOT IN (SELECT i.accountId FROM inside_account AS i);
