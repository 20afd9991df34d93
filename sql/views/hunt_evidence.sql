-- hunt_evidence: the events behind each finding of a hunt, in order (step).
--
-- How:     outcome is that of cloudtrail_call; event the row of cloudtrail, good until a VACUUM.
-- Blind spots: an event that is no longer in cloudtrail keeps its line, with NULL for the rest.
-- Readable without the extension.
CREATE VIEW hunt_evidence AS
SELECT
    f.hunt,
    f.number,
    one.key + 1 AS step,
    (SELECT value FROM json_each(one.value) WHERE key = 0) AS eventTime,
    e.eventSource,
    e.eventName,
    e.awsRegion,
    c.outcome,
    e.errorCode,
    e.recipientAccountId,
    e.userIdentityArn,
    e.userIdentityAccessKeyId,
    e.sourceIPAddress,
    e.userAgent,
    e.requestParameters,
    e.responseElements,
    (SELECT value FROM json_each(one.value) WHERE key = 1) AS eventID,
    e.rowid AS event
FROM hunt_finding AS f
CROSS JOIN json_each(f.evidence) AS one
-- each way by its own index; the + keeps eventTime from being taken where there is no id
LEFT JOIN cloudtrail AS e
       ON e.rowid = CASE
              WHEN (SELECT value FROM json_each(one.value) WHERE key = 1) IS NULL THEN
                  (SELECT p.rowid
                     FROM cloudtrail AS p
                    WHERE p.eventID IS NULL
                      AND p.fileID = (SELECT value FROM json_each(one.value) WHERE key = 2)
                      AND p.recordNumber = (SELECT value FROM json_each(one.value) WHERE key = 3)
                      AND +p.eventTime = (SELECT value FROM json_each(one.value) WHERE key = 0))
              ELSE
                  (SELECT p.rowid
                     FROM cloudtrail AS p
                    WHERE p.eventTime = (SELECT value FROM json_each(one.value) WHERE key = 0)
                      AND p.eventID = (SELECT value FROM json_each(one.value) WHERE key = 1))
          END
LEFT JOIN cloudtrail_call AS c ON c.event = e.rowid
ORDER BY f.hunt, f.number, step;
