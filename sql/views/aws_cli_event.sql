-- aws_cli_event: each event of the AWS CLI with its command, how that was read, and whom it counts for.
--
-- Every event whose user agent begins with `aws-cli`, be it in [ ]; command is NULL where it is another
-- client that calls itself so.
-- Who is as in event_identity; sentinelName is what SuspiciousAWSCLICommandExecution makes AccountName
-- and AccountUPNSuffix of, '' where it finds none, sentinelAccountId its RecipientAccountId. Missing
-- texts are '' up to there, NULL in the columns behind, which are those of cloudtrail_call. `event` is
-- the row of cloudtrail, as long as the file is not vacuumed. Insight events are not calls: left out.
CREATE VIEW aws_cli_event AS
SELECT
    event,
    eventTime,
    eventID,
    fileID,
    recordNumber,
    accountId AS recipientAccountId,
    accountName,
    accountUPNSuffix,
    ifnull(sourceIPAddress, '') AS sourceIPAddress,
    aws_cli_command(userAgent, eventSource, eventName, apiVersion) AS command,
    CASE WHEN aws_cli_command(userAgent)
              = aws_cli_command(userAgent, eventSource, eventName, apiVersion)
         THEN 'user-agent' ELSE 'event' END AS commandSource,
    userAgent,
    ifnull(userIdentityUserName, '') AS userIdentityUserName,
    sessionMfaAuthenticated,
    sentinelName,
    ifnull(recipientAccountId, '') AS sentinelAccountId,
    userIdentityArn,
    userIdentityAccessKeyId,
    userIdentityInvokedBy,
    eventSource,
    eventName,
    awsRegion,
    errorCode,
    outcome
FROM event_aws_cli
WHERE isCall;
