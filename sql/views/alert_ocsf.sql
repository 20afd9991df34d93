-- alert_ocsf: each alert as an OCSF Detection Finding (class 2004), a JSON object a row.
--
-- Version: 1.3.0 of the schema, with the profile `cloud`.
--          https://schema.ocsf.io/1.3.0/classes/detection_finding
-- How:     status is New, In Progress, Suppressed or Resolved, else Other with the analyst's own word;
--          what was merged into another alert is Other, "merged". activity is Close for what is
--          resolved or merged, else Create. evidences holds the first 100 events; related_events_count tells how many there are.
-- Put together by hand, because SQLite before 3.41 refuses its own json_object() in a view where the
-- schema is not trusted. kql_make_list() of one row quotes a text, and is [] for a missing one.
CREATE VIEW alert_ocsf AS
WITH
-- texts as JSON arrays of one, then as JSON strings, '' where missing
alert_list AS (
    SELECT
        a.alertID AS id,
        a.startTime,
        a.endTime,
        a.detectedAt,
        a.eventCount,
        -- a list, or one text that somebody has put there
        CASE WHEN a.tactics GLOB '[[]*]' THEN a.tactics ELSE kql_make_list(a.tactics) END AS tactics,
        CASE WHEN a.techniques GLOB '[[]*]' THEN a.techniques ELSE kql_make_list(a.techniques) END
            AS techniques,
        lower(a.severity) AS level,
        CASE WHEN a.mergedInto IS NULL THEN replace(replace(lower(a.state), ' ', ''), '_', '')
             ELSE 'merged' END AS status,
        -- three dots between digits, or two colons and what else an address of IPv6 may have
        a.sourceIPAddress NOT GLOB '*[^0-9.]*'
            AND a.sourceIPAddress GLOB '[0-9]*.[0-9]*.[0-9]*.[0-9]*'
            AND a.sourceIPAddress NOT GLOB '*.*.*.*.*'
        OR a.sourceIPAddress NOT GLOB '*[^0-9a-fA-F:.]*' AND a.sourceIPAddress GLOB '*:*:*'
            AS isAddress,
        kql_make_list(a.alertID) AS alertID,
        kql_make_list(a.ruleName) AS ruleName,
        kql_make_list(a.severity) AS severity,
        kql_make_list(CASE WHEN a.mergedInto IS NULL THEN a.state ELSE 'merged' END) AS state,
        kql_make_list(a.summary) AS summary,
        kql_make_list(nullif(a.recipientAccountId, '')) AS account,
        kql_make_list(nullif(a.accountName || CASE WHEN a.accountUPNSuffix = '' THEN ''
                                            ELSE '@' || a.accountUPNSuffix END, '')) AS userName,
        kql_make_list(nullif(a.sourceIPAddress, '')) AS address,
        kql_make_list(CAST(a.notes AS TEXT)) AS comment,
        kql_make_list(r.id) AS ruleID,
        kql_make_list(ifnull(r.title, a.ruleName)) AS title,
        kql_make_list(r.description) AS description,
        kql_make_list(r.version) AS ruleVersion
    FROM alert AS a
    LEFT JOIN rule AS r ON r.name = a.ruleName
    GROUP BY a.alertID
),
alert_text AS (
    SELECT
        id,
        startTime,
        endTime,
        CAST(strftime('%s', detectedAt) AS INTEGER) * 1000 AS detected,
        CAST(strftime('%s', startTime) AS INTEGER) * 1000 AS started,
        CAST(strftime('%s', endTime) AS INTEGER) * 1000 AS ended,
        eventCount,
        tactics,
        techniques,
        isAddress,
        CASE level WHEN 'informational' THEN 1 WHEN 'low' THEN 2 WHEN 'medium' THEN 3
                   WHEN 'high' THEN 4 WHEN 'critical' THEN 5 ELSE 99 END AS severityID,
        CASE status WHEN 'new' THEN 1 WHEN 'inprogress' THEN 2 WHEN 'suppressed' THEN 3
                    WHEN 'resolved' THEN 4 WHEN 'closed' THEN 4 ELSE 99 END AS statusID,
        CASE WHEN status IN ('resolved', 'closed', 'merged') THEN 3 ELSE 1 END AS activityID,
        substr(alertID, 2, length(alertID) - 2) AS alertID,
        substr(ruleName, 2, length(ruleName) - 2) AS ruleName,
        substr(severity, 2, length(severity) - 2) AS severity,
        substr(state, 2, length(state) - 2) AS state,
        substr(summary, 2, length(summary) - 2) AS summary,
        substr(account, 2, length(account) - 2) AS account,
        substr(userName, 2, length(userName) - 2) AS userName,
        substr(address, 2, length(address) - 2) AS address,
        substr(comment, 2, length(comment) - 2) AS comment,
        substr(ruleID, 2, length(ruleID) - 2) AS ruleID,
        substr(title, 2, length(title) - 2) AS title,
        substr(description, 2, length(description) - 2) AS description,
        substr(ruleVersion, 2, length(ruleVersion) - 2) AS ruleVersion
    FROM alert_list
),
call_list AS (
    SELECT
        v.alertID AS id,
        v.step,
        v.eventTime,
        v.sourceIPAddress NOT GLOB '*[^0-9.]*'
            AND v.sourceIPAddress GLOB '[0-9]*.[0-9]*.[0-9]*.[0-9]*'
            AND v.sourceIPAddress NOT GLOB '*.*.*.*.*'
        OR v.sourceIPAddress NOT GLOB '*[^0-9a-fA-F:.]*' AND v.sourceIPAddress GLOB '*:*:*'
            AS isAddress,
        kql_make_list(nullif(v.sourceIPAddress, '')) AS address,
        kql_make_list(v.command) AS command,
        kql_make_list(coalesce(nullif(v.eventName, ''), v.command)) AS operation,
        kql_make_list(nullif(v.eventSource, '')) AS service,
        kql_make_list(nullif(v.errorCode, '')) AS error,
        kql_make_list(nullif(v.errorMessage, '')) AS errorMessage,
        kql_make_list(coalesce(nullif(v.userIdentityArn, ''), nullif(v.userIdentityPrincipalId, ''))) AS userID,
        kql_make_list(nullif(v.userIdentityType, '')) AS userType,
        kql_make_list(nullif(v.userAgent, '')) AS agent,
        kql_make_list(nullif(v.awsRegion, '')) AS region,
        kql_make_list(nullif(v.eventID, '')) AS eventID
    FROM alert_evidence AS v
    WHERE v.step <= 100
    GROUP BY v.alertID, v.step
),
call_text AS (
    SELECT
        id,
        step,
        eventTime,
        isAddress,
        substr(address, 2, length(address) - 2) AS address,
        substr(command, 2, length(command) - 2) AS command,
        substr(operation, 2, length(operation) - 2) AS operation,
        substr(service, 2, length(service) - 2) AS service,
        substr(error, 2, length(error) - 2) AS error,
        substr(errorMessage, 2, length(errorMessage) - 2) AS errorMessage,
        substr(userID, 2, length(userID) - 2) AS userID,
        substr(userType, 2, length(userType) - 2) AS userType,
        substr(agent, 2, length(agent) - 2) AS agent,
        substr(region, 2, length(region) - 2) AS region,
        substr(eventID, 2, length(eventID) - 2) AS eventID
    FROM call_list
),
evidence AS (
    SELECT
        id,
        group_concat(
            '{"api":{"operation":' || operation
            || CASE WHEN service = '' THEN '' ELSE ',"service":{"name":' || service || '}' END
            || CASE WHEN error = '' THEN ''
                    ELSE ',"response":{"error":' || error
                         || CASE WHEN errorMessage = '' THEN ''
                                 ELSE ',"error_message":' || errorMessage END || '}' END
            || '}'
            || CASE WHEN userName = '' OR userID = '' THEN ''
                    ELSE ',"actor":{"user":{"name":' || userName || ',"uid":' || userID
                         || CASE WHEN userType = '' THEN '' ELSE ',"type":' || userType END
                         || '}}' END
            || CASE WHEN address = '' THEN ''
                    ELSE ',"src_endpoint":{' || CASE WHEN isAddress THEN '"ip":' ELSE '"domain":' END
                         || address || '}' END
            || ',"data":{"time":"' || eventTime || '","command":' || command
            || CASE WHEN eventID = '' THEN '' ELSE ',"event_uid":' || eventID END
            || CASE WHEN region = '' THEN '' ELSE ',"region":' || region END
            || CASE WHEN agent = '' THEN '' ELSE ',"user_agent":' || agent END
            || '}}') AS items
    FROM (SELECT c.*, a.userName
            FROM call_text AS c
            JOIN alert_text AS a ON a.id = c.id
           ORDER BY c.id, c.step)
    GROUP BY id
)
SELECT
    a.id AS alertID,
    '{"activity_id":' || activityID
    || ',"activity_name":"' || CASE activityID WHEN 3 THEN 'Close' ELSE 'Create' END
    || '","category_uid":2,"category_name":"Findings","class_uid":2004'
    || ',"class_name":"Detection Finding","type_uid":' || (200400 + activityID)
    || ',"type_name":"Detection Finding: ' || CASE activityID WHEN 3 THEN 'Close' ELSE 'Create' END
    || '","time":' || detected || ',"start_time":' || started || ',"end_time":' || ended
    || ',"severity_id":' || severityID || ',"severity":' || severity
    || ',"status_id":' || statusID || ',"status":'
    || CASE statusID WHEN 1 THEN '"New"' WHEN 2 THEN '"In Progress"' WHEN 3 THEN '"Suppressed"'
                     WHEN 4 THEN '"Resolved"' ELSE state END
    || ',"message":' || summary
    || CASE WHEN comment = '' THEN '' ELSE ',"comment":' || comment END
    || ',"metadata":{"version":"1.3.0","profiles":["cloud"],"log_name":"AWS CloudTrail","uid":'
    || alertID || ',"product":{"name":"sqlite-cloudtrail","vendor_name":"sqlite-cloudtrail"'
    || ifnull((SELECT printf(',"version":"%d.%d.%d"', v / 1000000, v / 1000 % 1000, v % 1000)
                 FROM (SELECT max(version) AS v FROM cloudtrail_schema) WHERE v IS NOT NULL), '')
    || '}}'
    || ',"cloud":{"provider":"AWS"'
    || CASE WHEN account = '' THEN ''
            ELSE ',"account":{"uid":' || account || ',"type_id":10,"type":"AWS Account"}' END || '}'
    || ',"finding_info":{"uid":' || alertID || ',"title":' || title
    || CASE WHEN description = '' THEN '' ELSE ',"desc":' || description END
    || ',"created_time":' || detected || ',"first_seen_time":' || started
    || ',"last_seen_time":' || ended || ',"related_events_count":' || eventCount
    || ',"data_sources":["AWS CloudTrail"],"analytic":{"type_id":1,"type":"Rule","name":' || ruleName
    || CASE WHEN ruleID = '' THEN '' ELSE ',"uid":' || ruleID END
    || CASE WHEN ruleVersion = '' THEN '' ELSE ',"version":' || ruleVersion END
    || '},"attacks":['
    || ifnull((
        SELECT group_concat(
                   '{"tactic":{"name":' || substr(tactic.quoted, 2, length(tactic.quoted) - 2)
                   || CASE tactic.name WHEN 'Reconnaissance' THEN ',"uid":"TA0043"'
                                       WHEN 'Discovery' THEN ',"uid":"TA0007"' ELSE '' END
                   || '},"technique":{"uid":'
                   || substr(technique.quoted, 2, length(technique.quoted) - 2) || '}'
                   || CASE WHEN instr(technique.name, '.')
                           THEN ',"sub_technique":{"uid":'
                                || substr(technique.whole, 2, length(technique.whole) - 2) || '}'
                           ELSE '' END
                   || '}')
          FROM (SELECT value AS name,
                       kql_make_list(value) AS quoted
                  FROM json_each(a.tactics)
                 WHERE type = 'text'
                 GROUP BY key) AS tactic
         CROSS JOIN (SELECT value AS name,
                            kql_make_list(value) AS whole,
                            kql_make_list(substr(value, 1, instr(value || '.', '.') - 1)) AS quoted
                       FROM json_each(a.techniques)
                      WHERE type = 'text'
                      GROUP BY key) AS technique), '')
    || ']}'
    || CASE WHEN userName = '' AND address = '' THEN '' ELSE
           ',"observables":['
           || CASE WHEN userName = '' THEN ''
                   ELSE '{"name":"evidences.actor.user.name","type_id":4,"type":"User Name","value":'
                        || userName || '}' END
           || CASE WHEN userName = '' OR address = '' THEN '' ELSE ',' END
           || CASE WHEN address = '' THEN ''
                   WHEN a.isAddress THEN
                        '{"name":"evidences.src_endpoint.ip","type_id":2,"type":"IP Address","value":'
                        || address || '}'
                   ELSE '{"name":"evidences.src_endpoint.domain","type_id":1,"type":"Hostname","value":'
                        || address || '}' END
           || ']' END
    || ',"evidences":[' || ifnull(e.items, '') || ']}' AS json
FROM alert_text AS a
LEFT JOIN evidence AS e ON e.id = a.id
ORDER BY a.startTime, a.id;
