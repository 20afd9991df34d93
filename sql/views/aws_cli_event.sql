-- aws_cli_event: each event of the AWS CLI with its command, how that was read, and whom it counts for.
--
-- Every event whose user agent begins with `aws-cli`, be it in [ ]; command is NULL where it is another
-- client that calls itself so.
-- The account is that of aws_cli_recon_burst; sentinelName is what SuspiciousAWSCLICommandExecution
-- makes AccountName and AccountUPNSuffix of, '' where it finds none. Missing texts are ''. `event` is
-- the row of cloudtrail, as long as the file is not vacuumed. Insight events are not calls: left out.
CREATE VIEW aws_cli_event AS
SELECT
    event,
    eventTime,
    eventID,
    fileID,
    recordNumber,
    recipientAccountId,
    ifnull(nullif(upn_name(sentinelName), ''), nameless) AS accountName,
    CASE WHEN upn_name(sentinelName) <> '' THEN upn_suffix(sentinelName) ELSE '' END
        AS accountUPNSuffix,
    sourceIPAddress,
    aws_cli_command(userAgent, eventSource, eventName, apiVersion) AS command,
    CASE WHEN aws_cli_command(userAgent)
              = aws_cli_command(userAgent, eventSource, eventName, apiVersion)
         THEN 'user-agent' ELSE 'event' END AS commandSource,
    userAgent,
    userIdentityUserName,
    sessionMfaAuthenticated,
    sentinelName
FROM (
    SELECT
        rowid AS event,
        eventTime,
        eventID,
        fileID,
        recordNumber,
        eventName,
        eventSource,
        apiVersion,
        userAgent,
        ifnull(recipientAccountId, '') AS recipientAccountId,
        ifnull(sourceIPAddress, '') AS sourceIPAddress,
        ifnull(userIdentityUserName, '') AS userIdentityUserName,
        sessionMfaAuthenticated,
        CASE
            WHEN userIdentityPrincipalId = 'Anonymous' THEN 'Anonymous'
            WHEN userIdentityUserName <> '' THEN userIdentityUserName
            ELSE ifnull(kql_split_part(
                     CASE WHEN userIdentityArn <> '' THEN userIdentityArn
                          ELSE (SELECT value FROM json_each(resources, '$[0]')
                                WHERE key = 'ARN') END,
                     '/', -1), '')
        END AS sentinelName,
        coalesce(nullif(userIdentityPrincipalId, ''), userIdentityAccountId, '') AS nameless
    FROM cloudtrail
    WHERE ltrim(userAgent, ' [') COLLATE NOCASE BETWEEN 'aws-cli' AND 'aws-clj' -- the index cloudtrail_aws_cli
      AND eventCategory IS NOT 'Insight'
      AND eventType IS NOT 'AwsCloudTrailInsight'
);
