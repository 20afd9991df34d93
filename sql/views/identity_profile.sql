-- identity_profile: what is usual for each name in each account: a row an identity, of its own calls.
--
-- days:       on how many days it was seen.
-- services, regions, addresses, clients, accessKeyIds, roles: JSON arrays, each value once, in no order
--             that means anything. clients: the products that its agents name.
-- changes:    the calls that were done and not read-only, each once: what it changed; changed: how many.
-- errorShare: the part of its calls that was not done, from 0 to 1; denied: how many were denied.
-- Who is as in event_identity. What a service did, on its own or for somebody, is left out.
-- Cost: it reads the table: 1 s for 400,000 events.
CREATE VIEW identity_profile AS
SELECT
    accountId AS recipientAccountId,
    accountName,
    accountUPNSuffix,
    min(eventTime) AS firstTime,
    max(eventTime) AS lastTime,
    count_distinct(substr(eventTime, 1, 10)) AS days,
    count(*) AS events,
    list_distinct(replace(eventSource, '.amazonaws.com', '')) AS services,
    list_distinct(nullif(awsRegion, '')) AS regions,
    list_distinct(nullif(sourceIPAddress, '')) AS addresses,
    (SELECT list_distinct(ct_json_text(user_agent_json(one.value), '$.product'))
       FROM json_each(list_distinct(userAgent)) AS one) AS clients,
    list_distinct(nullif(userIdentityAccessKeyId, '')) AS accessKeyIds,
    list_distinct(nullif(sessionIssuerUserName, '')) AS roles,
    round(sum(outcome <> 'done') * 1.0 / count(*), 3) AS errorShare,
    sum(outcome = 'denied') AS denied,
    sum(outcome = 'done' AND readOnly IS 0) AS changed,
    list_distinct(CASE WHEN outcome = 'done' AND readOnly IS 0
                       THEN replace(eventSource, '.amazonaws.com', '') || ':'
                            || aws_call_name(eventName) END) AS changes
FROM event_named
WHERE isCall
  AND NOT isService
GROUP BY accountId, accountName, accountUPNSuffix;
