-- alert_scope: which credentials hang together with each alert, by what issued what: a row a key.
--
-- accessKeyId: a key, or a password, as in credential.
-- depth:       0 the keys of the alert's own events; -1 what issued those, -2 what issued that ...; 1
--              what the alert's keys have issued, 2 what that has issued ...: by the shortest way.
-- how:         the first call that issued it, issuedAt its time; NULL where the logs do not show it.
-- principal:   who last used it; if nobody did, who got it.
-- firstTime, lastTime, events: of all calls with it, in whatever account.
-- accounts, addresses: JSON arrays, each value once.
-- changed, read: calls that were done: those that changed something, those that only read.
-- How:         walk_chains() over the calls of credential, whatever their time.
-- Blind spots: as in credential. What only has an ancestor in common with the alert is not in its scope:
--              WHERE issuerAccessKeyId = '...' in credential tells what else an ancestor has issued.
-- Cost: that of credential, for one alert as for all; the calls of each key come by an index.
CREATE VIEW alert_scope AS
WITH
issued AS (
    SELECT issuerLink, link, how, eventTime, receiverPrincipal
    FROM credential
    WHERE accessKeyId IS NOT NULL
),
walk (alertID, link, depth) AS (
    SELECT
        ct_json_text(one.value, '$[0]'),
        ct_json_text(one.value, '$[1]'),
        CAST(ct_json_text(one.value, '$[2]') AS INTEGER)
    FROM (
        SELECT walk_chains(alertID, node, next) AS reached
        FROM (
            SELECT alertID, access_key_id(userIdentityAccessKeyId) AS node, NULL AS next
            FROM alert_evidence
            UNION ALL
            SELECT NULL, issuerLink, link
            FROM issued
        )
    ) AS w
    CROSS JOIN json_each(w.reached) AS one
),
-- with min() the other columns are those of the row that has it
origin AS (
    SELECT link, min(eventTime) AS issuedAt, how, receiverPrincipal
    FROM issued
    WHERE link IN (SELECT link FROM walk)
    GROUP BY link
),
used AS (
    SELECT
        userIdentityAccessKeyId AS link,
        min(eventTime) AS firstTime,
        count(*) AS events,
        list_distinct(nullif(recipientAccountId, '')) AS accounts,
        list_distinct(nullif(sourceIPAddress, '')) AS addresses,
        sum(outcome = 'done' AND readOnly IS 0) AS changed,
        sum(outcome = 'done' AND readOnly IS NOT 0) AS read,
        max(eventTime || coalesce(nullif(userIdentityArn, ''), userIdentityPrincipalId, ''))
            AS lastUse
    FROM cloudtrail_call
    WHERE userIdentityAccessKeyId IN (SELECT link FROM walk)
    GROUP BY userIdentityAccessKeyId
)
-- Not a join: SQLite may take the keys for few, and then walks through all of them for each row.
SELECT
    alertID,
    CASE WHEN link GLOB 'password:*' -- without since when
         THEN substr(link, 1, length(link) - length(kql_split_part(link, ' ', -1)) - 1)
         ELSE link END AS accessKeyId,
    depth,
    how,
    issuedAt,
    coalesce(nullif(substr(lastUse, 21), ''), receiverPrincipal) AS principal,
    firstTime,
    substr(lastUse, 1, 20) AS lastTime,
    ifnull(events, 0) AS events,
    ifnull(accounts, '[]') AS accounts,
    ifnull(addresses, '[]') AS addresses,
    ifnull(changed, 0) AS changed,
    ifnull(read, 0) AS read
FROM (
    SELECT
        alertID,
        link,
        depth,
        max(how) OVER of_key AS how,
        max(issuedAt) OVER of_key AS issuedAt,
        max(receiverPrincipal) OVER of_key AS receiverPrincipal,
        max(lastUse) OVER of_key AS lastUse,
        max(firstTime) OVER of_key AS firstTime,
        max(events) OVER of_key AS events,
        max(accounts) OVER of_key AS accounts,
        max(addresses) OVER of_key AS addresses,
        max(changed) OVER of_key AS changed,
        max(read) OVER of_key AS read
    FROM (
        SELECT alertID, link, depth, NULL AS how, NULL AS issuedAt,
               NULL AS receiverPrincipal, NULL AS lastUse, NULL AS firstTime, NULL AS events,
               NULL AS accounts, NULL AS addresses, NULL AS changed, NULL AS read
        FROM walk
        UNION ALL
        SELECT NULL, link, NULL, how, issuedAt, receiverPrincipal,
               NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM origin
        UNION ALL
        SELECT NULL, link, NULL, NULL, NULL, NULL,
               lastUse, firstTime, events, accounts, addresses, changed, read
        FROM used
    )
    WINDOW of_key AS (PARTITION BY link)
)
WHERE alertID IS NOT NULL;
