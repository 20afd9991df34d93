-- alert_ocsf: each alert as an OCSF Detection Finding (class 2004), a JSON object a row.
--
-- Version: 1.3.0 of the schema, with the profile `cloud`.
--          https://schema.ocsf.io/1.3.0/classes/detection_finding
-- How:     status is New, In Progress, Suppressed or Resolved, else Other with the analyst's own word;
--          what was merged into another alert is Other, "merged". activity is Close for what is
--          resolved or merged, else Create. evidences holds the first 100 events; related_events_count
--          tells how many there are. What is missing is left out.
CREATE VIEW alert_ocsf AS
WITH
finding AS (
    SELECT
        *,
        nullif(accountName || CASE WHEN accountUPNSuffix = '' THEN '' ELSE '@' || accountUPNSuffix END,
               '') AS userName,
        nullif(sourceIPAddress, '') AS address,
        -- three dots between digits, or two colons and what else an address of IPv6 may have
        sourceIPAddress NOT GLOB '*[^0-9.]*'
            AND sourceIPAddress GLOB '[0-9]*.[0-9]*.[0-9]*.[0-9]*'
            AND sourceIPAddress NOT GLOB '*.*.*.*.*'
        OR sourceIPAddress NOT GLOB '*[^0-9a-fA-F:.]*' AND sourceIPAddress GLOB '*:*:*'
            AS isAddress,
        -- a list, or one text that somebody has put there
        ifnull(ct_json_list(CASE WHEN tactics GLOB '[[]*]' THEN tactics END, '$'),
               ct_json_array(tactics)) AS tacticList,
        ifnull(ct_json_list(CASE WHEN techniques GLOB '[[]*]' THEN techniques END, '$'),
               ct_json_array(techniques)) AS techniqueList,
        CAST(strftime('%s', detectedAt) AS INTEGER) * 1000 AS detected,
        CAST(strftime('%s', startTime) AS INTEGER) * 1000 AS started,
        CAST(strftime('%s', endTime) AS INTEGER) * 1000 AS ended,
        CASE WHEN mergedInto IS NULL THEN state ELSE 'merged' END AS ownStatus,
        CASE WHEN mergedInto IS NOT NULL THEN 'merged'
             ELSE replace(replace(lower(state), ' ', ''), '_', '') END AS status
    FROM alert
),
coded AS (
    SELECT
        *,
        CASE lower(severity) WHEN 'informational' THEN 1 WHEN 'low' THEN 2 WHEN 'medium' THEN 3
                             WHEN 'high' THEN 4 WHEN 'critical' THEN 5 ELSE 99 END AS severityID,
        CASE status WHEN 'new' THEN 1 WHEN 'inprogress' THEN 2 WHEN 'suppressed' THEN 3
                    WHEN 'resolved' THEN 4 WHEN 'closed' THEN 4 ELSE 99 END AS statusID,
        CASE WHEN status IN ('resolved', 'closed', 'merged') THEN 3 ELSE 1 END AS activityID,
        CASE WHEN status IN ('resolved', 'closed', 'merged') THEN 'Close' ELSE 'Create' END
            AS activity
    FROM finding
)
SELECT
    a.alertID,
    ct_json_object_nonnull(
        'activity_id', a.activityID,
        'activity_name', a.activity,
        'category_uid', 2,
        'category_name', 'Findings',
        'class_uid', 2004,
        'class_name', 'Detection Finding',
        'type_uid', 200400 + a.activityID,
        'type_name', 'Detection Finding: ' || a.activity,
        'time', a.detected,
        'start_time', a.started,
        'end_time', a.ended,
        'severity_id', a.severityID,
        'severity', a.severity,
        'status_id', a.statusID,
        'status', CASE a.statusID WHEN 1 THEN 'New' WHEN 2 THEN 'In Progress'
                                  WHEN 3 THEN 'Suppressed' WHEN 4 THEN 'Resolved'
                                  ELSE a.ownStatus END,
        'message', a.summary,
        'comment', CAST(a.notes AS TEXT),
        'metadata', ct_json_object(
            'version', '1.3.0',
            'profiles', ct_json_array('cloud'),
            'log_name', 'AWS CloudTrail',
            'uid', a.alertID,
            'product', ct_json_object_nonnull(
                'name', 'sqlite-cloudtrail',
                'vendor_name', 'sqlite-cloudtrail',
                'version', (SELECT printf('%d.%d.%d', v / 1000000, v / 1000 % 1000, v % 1000)
                              FROM (SELECT max(version) AS v FROM cloudtrail_schema)
                             WHERE v IS NOT NULL))),
        'cloud', ct_json_object_nonnull(
            'provider', 'AWS',
            'account', CASE WHEN a.recipientAccountId <> '' THEN ct_json_object(
                'uid', a.recipientAccountId, 'type_id', 10, 'type', 'AWS Account') END),
        'finding_info', ct_json_object_nonnull(
            'uid', a.alertID,
            'title', ifnull(r.title, a.ruleName),
            'desc', r.description,
            'created_time', a.detected,
            'first_seen_time', a.started,
            'last_seen_time', a.ended,
            'related_events_count', a.eventCount,
            'data_sources', ct_json_array('AWS CloudTrail'),
            'analytic', ct_json_object_nonnull(
                'type_id', 1, 'type', 'Rule', 'name', a.ruleName, 'uid', r.id,
                'version', r.version),
            -- each tactic with each technique
            'attacks', (
                SELECT ct_json_group_array(ct_json_object_nonnull(
                           'tactic', ct_json_object_nonnull(
                               'name', tactic.value,
                               'uid', CASE tactic.value WHEN 'Reconnaissance' THEN 'TA0043'
                                                        WHEN 'Discovery' THEN 'TA0007' END),
                           'technique', ct_json_object(
                               'uid', substr(technique.value, 1,
                                             instr(technique.value || '.', '.') - 1)),
                           'sub_technique', CASE WHEN instr(technique.value, '.')
                                                 THEN ct_json_object('uid', technique.value) END))
                  FROM json_each(a.tacticList) AS tactic
                 CROSS JOIN json_each(a.techniqueList) AS technique
                 WHERE tactic.type = 'text'
                   AND technique.type = 'text')),
        'observables', ct_json_array_nonnull(
            CASE WHEN a.userName IS NOT NULL THEN ct_json_object(
                'name', 'evidences.actor.user.name', 'type_id', 4, 'type', 'User Name',
                'value', a.userName) END,
            CASE WHEN a.address IS NULL THEN NULL WHEN a.isAddress THEN ct_json_object(
                'name', 'evidences.src_endpoint.ip', 'type_id', 2, 'type', 'IP Address',
                'value', a.address)
            ELSE ct_json_object(
                'name', 'evidences.src_endpoint.domain', 'type_id', 1, 'type', 'Hostname',
                'value', a.address) END),
        'evidences', (
            SELECT ct_json_group_array(ct_json_object_nonnull(
                       'api', ct_json_object_nonnull(
                           'operation', coalesce(nullif(v.eventName, ''), v.command),
                           'service', ct_json_object_nonnull('name', nullif(v.eventSource, '')),
                           'response', CASE WHEN v.errorCode <> '' THEN ct_json_object_nonnull(
                               'error', v.errorCode,
                               'error_message', nullif(v.errorMessage, '')) END),
                       'actor', CASE WHEN v.userID <> '' AND a.userName IS NOT NULL THEN
                           ct_json_object('user', ct_json_object_nonnull(
                               'name', a.userName,
                               'uid', v.userID,
                               'type', nullif(v.userIdentityType, ''))) END,
                       'src_endpoint', CASE WHEN v.sourceIPAddress <> '' THEN ct_json_object(
                           CASE WHEN v.isAddress THEN 'ip' ELSE 'domain' END,
                           v.sourceIPAddress) END,
                       'data', ct_json_object_nonnull(
                           'time', v.eventTime,
                           'command', v.command,
                           'event_uid', nullif(v.eventID, ''),
                           'region', nullif(v.awsRegion, ''),
                           'user_agent', nullif(v.userAgent, ''))))
              FROM (SELECT
                        *,
                        coalesce(nullif(userIdentityArn, ''), userIdentityPrincipalId) AS userID,
                        sourceIPAddress NOT GLOB '*[^0-9.]*'
                            AND sourceIPAddress GLOB '[0-9]*.[0-9]*.[0-9]*.[0-9]*'
                            AND sourceIPAddress NOT GLOB '*.*.*.*.*'
                        OR sourceIPAddress NOT GLOB '*[^0-9a-fA-F:.]*'
                            AND sourceIPAddress GLOB '*:*:*' AS isAddress
                    FROM alert_evidence
                    WHERE alertID = a.alertID
                      AND step <= 100
                    ORDER BY step) AS v)) AS json
FROM coded AS a
LEFT JOIN rule AS r ON r.name = a.ruleName
ORDER BY a.startTime, a.alertID;
