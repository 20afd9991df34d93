-- suspicious_cli_event: what the burst rule counts: each event of the AWS CLI whose command is in the
-- table suspicious_command, under the spelling of the list, unless AWS made the call for somebody
-- (CloudFormation sends the agent of whoever created the stack along).
--
-- Columns are those of aws_cli_event.
CREATE VIEW suspicious_cli_event AS
SELECT
    e.event,
    e.eventTime,
    e.eventID,
    e.fileID,
    e.recordNumber,
    e.recipientAccountId,
    e.accountName,
    e.accountUPNSuffix,
    e.sourceIPAddress,
    listed.command,
    e.commandSource,
    e.userAgent,
    e.userIdentityUserName,
    e.sessionMfaAuthenticated,
    e.sentinelName,
    e.sentinelAccountId,
    e.userIdentityArn,
    e.userIdentityAccessKeyId,
    e.eventSource,
    e.eventName,
    e.awsRegion,
    e.errorCode,
    e.outcome
FROM aws_cli_event AS e
-- CROSS: events outside, the list is looked up
CROSS JOIN suspicious_command AS listed ON listed.command = e.command
WHERE ifnull(e.userIdentityInvokedBy, '') = '';
