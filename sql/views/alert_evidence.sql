-- alert_evidence: the events behind each alert, in order (step), with the command and how it was read.
--
-- How:     commandSource is 'user-agent' where the AWS CLI named the command, 'event' where it was
--          told from the call. outcome is that of cloudtrail_call,
--          event the row of cloudtrail, good until a VACUUM.
-- Blind spots: an event that is no longer in cloudtrail keeps its line, with NULL for the rest.
-- Readable without the extension.
CREATE VIEW alert_evidence AS
SELECT
    l.alertID,
    l.step,
    l.eventTime,
    l.command,
    l.commandSource,
    e.eventSource,
    e.eventName,
    e.awsRegion,
    e.errorCode,
    e.errorMessage,
    e.sourceIPAddress,
    e.userAgent,
    e.userIdentityType,
    e.userIdentityArn,
    e.userIdentityPrincipalId,
    e.userIdentityAccessKeyId,
    e.sessionIssuerUserName,
    e.sessionMfaAuthenticated,
    e.requestParameters,
    l.eventID,
    e.fileID,
    e.recordNumber,
    (SELECT c.outcome FROM cloudtrail_call AS c WHERE c.event = e.rowid) AS outcome,
    e.rowid AS event,
    e.recipientAccountId,
    e.userIdentityAccountId,
    e.userIdentityUserName,
    e.sessionIssuerArn,
    e.readOnly
FROM alert_event AS l
-- each way by its own index; the + keeps eventTime from being taken where there is no id
LEFT JOIN cloudtrail AS e
       ON e.rowid = CASE
              WHEN l.eventID IS NULL THEN
                  (SELECT p.rowid
                     FROM cloudtrail AS p
                    WHERE p.eventID IS NULL
                      AND p.fileID = l.fileID
                      AND p.recordNumber = l.recordNumber
                      AND +p.eventTime = l.eventTime)
              ELSE
                  (SELECT p.rowid
                     FROM cloudtrail AS p
                    WHERE p.eventTime = l.eventTime
                      AND p.eventID = l.eventID)
          END;
