-- cloudtrail: one row an event, under CloudTrail's own field names, flattened.
--
-- A field that the record does not have, or has as null, is NULL. Every field without a column
-- stands in `extra`, nested as in the record; so does a value whose JSON type or spelling its
-- column cannot give back. The view cloudtrail_record puts the record together again.
-- AWS delivers the same event more than once: (eventTime, eventID) is unique, and rows without
-- eventID (NULL) are never merged.
CREATE TABLE cloudtrail (
    eventTime                   TEXT NOT NULL, -- YYYY-MM-DDTHH:MM:SSZ
    eventID                     TEXT,
    eventName                   TEXT,
    eventSource                 TEXT,
    awsRegion                   TEXT,
    sourceIPAddress             TEXT,
    userAgent                   TEXT,
    recipientAccountId          TEXT,
    userIdentityType            TEXT,
    userIdentityPrincipalId     TEXT,
    userIdentityArn             TEXT,
    userIdentityAccountId       TEXT,
    userIdentityAccessKeyId     TEXT,
    userIdentityUserName        TEXT,
    userIdentityInvokedBy       TEXT,
    sessionIssuerType           TEXT,
    sessionIssuerPrincipalId    TEXT,
    sessionIssuerArn            TEXT,
    sessionIssuerAccountId      TEXT,
    sessionIssuerUserName       TEXT,
    sessionMfaAuthenticated     INTEGER,       -- 0 or 1
    sessionCreationDate         TEXT,
    errorCode                   TEXT,
    errorMessage                TEXT,
    readOnly                    INTEGER,       -- 0 or 1
    managementEvent             INTEGER,       -- 0 or 1
    eventType                   TEXT,
    eventCategory               TEXT,
    eventVersion                TEXT,
    apiVersion                  TEXT,
    requestID                   TEXT,
    sharedEventID               TEXT,
    vpcEndpointId               TEXT,
    tlsVersion                  TEXT,
    tlsCipherSuite              TEXT,
    tlsClientProvidedHostHeader TEXT,
    requestParameters           TEXT,          -- JSON, as are the next five
    responseElements            TEXT,
    resources                   TEXT,
    additionalEventData         TEXT,
    serviceEventDetails         TEXT,
    extra                       TEXT,          -- NULL when the columns hold everything
    fileID                      INTEGER NOT NULL, -- cloudtrail_file.fileID
    recordNumber                INTEGER NOT NULL  -- in that file, from 1
);
CREATE UNIQUE INDEX main.cloudtrail_event ON cloudtrail (eventTime, eventID);
-- A file that is read again gives up its rows without eventID first: they cannot be told from new ones.
-- And alerts find them by their place, for there may be many in one second.
CREATE INDEX main.cloudtrail_without_id ON cloudtrail (fileID, recordNumber) WHERE eventID IS NULL;
-- What both rules read, in event order, so that they need not touch the table: the events of the AWS
-- CLI are few. It names itself first, at most behind a [, and what begins with aws-cli in any case
-- sorts from there to aws-clj. A view uses the index when it has this very term on the bare column.
CREATE INDEX main.cloudtrail_aws_cli ON cloudtrail (
    eventTime, eventID, fileID, recordNumber, userAgent, eventName, eventSource, apiVersion,
    recipientAccountId, sourceIPAddress, userIdentityArn, userIdentityUserName,
    userIdentityPrincipalId, userIdentityAccountId, userIdentityInvokedBy, sessionMfaAuthenticated,
    eventType, eventCategory
) WHERE ltrim(userAgent, ' [') COLLATE NOCASE BETWEEN 'aws-cli' AND 'aws-clj';
-- What hunts read: the calls of a name, and what went wrong, each in event order.
CREATE INDEX main.cloudtrail_by_name ON cloudtrail (eventName, eventTime);
CREATE INDEX main.cloudtrail_failed ON cloudtrail (eventTime, errorCode) WHERE errorCode <> '';
-- What a key did: the first question about any.
CREATE INDEX main.cloudtrail_by_key ON cloudtrail (userIdentityAccessKeyId, eventTime)
    WHERE userIdentityAccessKeyId IS NOT NULL;
