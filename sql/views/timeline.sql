-- timeline: every call in one line: who, with which key, from where, with what, did what to what, and how
-- it ended. Ask for one person, key, address, bucket or instance, ORDER BY eventTime, eventID:
--
--     WHERE who = 'jane'                    WHERE accessKeyId = 'AKIA...'
--     WHERE sourceIPAddress = '192.0.2.1'   WHERE address_network(sourceIPAddress) = '192.0.2.0/24'
--     WHERE event IN (SELECT event FROM event_target WHERE kind = 'bucket' AND name = 'my-bucket')
--
-- who:     the name, with what stood behind an @ in it; roleName the role whose session it is.
-- accessKeyId: as it stands in the event: '' where it is empty there.
-- call:    service and call: iam:CreateUser.
-- touched: what it touched, by event_target: `policy AdministratorAccess, user jane`; NULL where that is not known.
-- event:   the row of cloudtrail, good until a VACUUM.
-- Cost: one key's calls come by an index; for the rest it reads the table once, what was touched only of
--       the rows that are shown.
CREATE VIEW timeline AS
SELECT
    c.eventTime,
    i.recipientAccountId,
    i.accountName || CASE i.accountUPNSuffix WHEN '' THEN '' ELSE '@' || i.accountUPNSuffix END AS who,
    i.roleName,
    c.userIdentityAccessKeyId AS accessKeyId, -- as it stands, so that the index serves
    c.sourceIPAddress,
    i.client,
    c.awsRegion,
    replace(c.eventSource, '.amazonaws.com', '') || ':' || aws_call_name(c.eventName) AS call,
    c.outcome,
    c.errorCode,
    (SELECT group_concat(thing, ', ')
       FROM (SELECT t.kind || ' ' || t.name AS thing
               FROM event_target AS t
              WHERE t.event = c.event
              ORDER BY t.kind, t.name)) AS touched,
    c.readOnly,
    i.isService,
    i.principal,
    c.eventID,
    c.event
FROM cloudtrail_call AS c
JOIN event_identity AS i ON i.event = c.event;
