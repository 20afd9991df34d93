-- duckdb_files.sql in another way: the records stay JSON text, and their fields are read one by
-- one. {files} is the glob.
CREATE VIEW event AS
WITH record AS (
    SELECT unnest(Records) AS r
      FROM read_json('{files}', format = 'newline_delimited', maximum_object_size = 268435456,
                     columns = {Records: 'JSON[]'})
)
SELECT (r->>'eventTime')::TIMESTAMP AS eventTime,
       r->>'eventName' AS eventName,
       r->>'eventType' AS eventType,
       r->>'eventCategory' AS eventCategory,
       r->>'userAgent' AS userAgent,
       r->>'sourceIPAddress' AS sourceIPAddress,
       r->>'recipientAccountId' AS recipientAccountId,
       r->>'$.userIdentity.principalId' AS userIdentityPrincipalId,
       r->>'$.userIdentity.arn' AS userIdentityArn,
       r->>'$.userIdentity.userName' AS userIdentityUserName,
       (r->>'$.userIdentity.sessionContext.attributes.mfaAuthenticated') = 'true'
           AS sessionMfaAuthenticated,
       r->>'$.resources[0].ARN' AS resourceArn
  FROM record;
