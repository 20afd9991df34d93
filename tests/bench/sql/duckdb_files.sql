-- The fields that the seed rule reads, straight from the gzip files, for DuckDB. {files} is the
-- glob, {format} the way of read_json that is tried. Only these fields are named: DuckDB then
-- skips all others.
CREATE VIEW event AS
WITH record AS (
    SELECT unnest(Records) AS r
      FROM read_json('{files}', format = '{format}', maximum_object_size = 268435456,
                     columns = {Records: 'STRUCT(
                         eventTime VARCHAR, eventName VARCHAR, eventType VARCHAR,
                         eventCategory VARCHAR, userAgent VARCHAR, sourceIPAddress VARCHAR,
                         recipientAccountId VARCHAR,
                         userIdentity STRUCT(principalId VARCHAR, arn VARCHAR, userName VARCHAR,
                             sessionContext STRUCT(
                                 attributes STRUCT(mfaAuthenticated VARCHAR))),
                         resources STRUCT(ARN VARCHAR)[])[]'})
)
SELECT r.eventTime::TIMESTAMP AS eventTime,
       r.eventName AS eventName,
       r.eventType AS eventType,
       r.eventCategory AS eventCategory,
       r.userAgent AS userAgent,
       r.sourceIPAddress AS sourceIPAddress,
       r.recipientAccountId AS recipientAccountId,
       r.userIdentity.principalId AS userIdentityPrincipalId,
       r.userIdentity.arn AS userIdentityArn,
       r.userIdentity.userName AS userIdentityUserName,
       r.userIdentity.sessionContext.attributes.mfaAuthenticated = 'true'
           AS sessionMfaAuthenticated,
       r.resources[1].ARN AS resourceArn
  FROM record;
