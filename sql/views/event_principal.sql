-- event_principal: whom the policy that a call writes lets in: a row a principal of a statement that
-- allows.
--
-- event, statement, actions, conditions: as in event_policy.
-- type, id:    AWS and an account, an ARN or *; Service, Federated, CanonicalUser and what they are.
-- accountId:   of type AWS the account, where there is one.
-- isEveryone:  1 for * and where all but some are let in (NotPrincipal).
-- isNarrowed:  1 where a condition binds it to an account, organization, source, network or role. A
--              condition does so that must be met and names something: not by StringNotEquals,
--              ...IfExists or ForAllValues, nor with * or every network as its value.
-- Blind spots: what the conditions say, beyond that.
CREATE VIEW event_principal AS
SELECT
    event,
    statement,
    actions,
    type,
    id,
    CASE WHEN type <> 'AWS' THEN NULL
         WHEN id GLOB '[0-9]*' AND id NOT GLOB '*[^0-9]*' THEN id
         ELSE nullif(arn_part(id, 'account'), '') END AS accountId,
    type = 'AWS' AND id IN ('*', 'arn:aws:iam::*:root') AS isEveryone,
    EXISTS (
        SELECT 1
        FROM json_each(conditions) AS c
        WHERE ct_json_text(c.value, '$.operator') NOT LIKE '%Not%'
          AND ct_json_text(c.value, '$.operator') NOT LIKE '%IfExists'
          AND ct_json_text(c.value, '$.operator') NOT LIKE 'ForAllValues:%'
          AND ct_json_text(c.value, '$.operator') <> 'Null'
          AND lower(ct_json_text(c.value, '$.key')) IN (
                  'aws:principalaccount', 'aws:principalarn', 'aws:principalorgid',
                  'aws:principalorgpaths', 'aws:sourceaccount', 'aws:sourcearn', 'aws:sourceip',
                  'aws:sourceorgid', 'aws:sourceorgpaths', 'aws:sourceowner', 'aws:sourcevpc',
                  'aws:sourcevpce', 'aws:userid', 'kms:calleraccount', 's3:dataaccesspointaccount')
          AND NOT EXISTS (SELECT 1
                          FROM json_each(ct_json_text(c.value, '$.values')) AS v
                          WHERE v.value IN ('*', '0.0.0.0/0', '::/0'))
    ) AS isNarrowed,
    conditions
FROM (
    SELECT
        p.event,
        p.statement,
        p.actions,
        p.conditions,
        ct_json_text(w.value, '$.type') AS type,
        ct_json_text(w.value, '$.id') AS id
    FROM event_policy AS p
    CROSS JOIN json_each(CASE p.notPrincipals WHEN '[]' THEN p.principals
                              ELSE '[{"type":"AWS","id":"*"}]' END) AS w
    WHERE p.effect = 'Allow'
);
