-- The events from ?1 to ?2, which are those of one hour. A column that is named like a table says of each event
-- whether it counts there; ext/db/dash.c counts, for each of these tables, the different rows of the columns
-- that the table has. `event` is any one of the events that were counted together. Of a column ...Hash a
-- number is kept that is the same for the same text, and by all likelihood for no other.
SELECT
    accountId                   AS recipientAccountId,
    ifnull(awsRegion, '')       AS awsRegion,
    ifnull(eventSource, '')     AS eventSource,
    ifnull(eventName, '')       AS eventName,
    ifnull(eventCategory, '')   AS eventCategory,
    ifnull(errorCode, '')       AS errorCode,
    outcome,
    readOnly,
    accountName,
    accountUPNSuffix,
    ifnull(userIdentityType, '') AS userIdentityType,
    isService,
    ifnull(sourceIPAddress, '') AS sourceIPAddress,
    ifnull(userAgent, '')       AS agentHash,
    CASE WHEN eventSource = 'signin.amazonaws.com'
         THEN ifnull(ct_json_text(additionalEventData, '$.MFAUsed'), '') END AS mfa,
    event,
    1                                                AS "main.dash_coverage",
    isCall                                           AS "main.dash_event",
    isCall                                           AS "main.dash_identity",
    isCall                                           AS "main.dash_address",
    isCall                                           AS "temp.cloudtrail_dash_agent",
    isCall AND eventSource = 'signin.amazonaws.com'  AS "main.dash_signin",
    isCall AND readOnly IS 0                         AS "main.dash_change",
    isCall AND outcome = 'denied'                    AS "main.dash_denied"
FROM main.event_named
WHERE eventTime BETWEEN ?1 AND ?2;
