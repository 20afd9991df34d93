-- The fields that the seed rule reads, by SQLite's own JSON functions, from unpacked files in the
-- folder {files}; for the sqlite3 shell, which has fsdir() and readfile().
CREATE TEMP VIEW event AS
SELECT json_extract(r.value, '$.eventTime') AS eventTime,
       json_extract(r.value, '$.eventName') AS eventName,
       json_extract(r.value, '$.eventType') AS eventType,
       json_extract(r.value, '$.eventCategory') AS eventCategory,
       json_extract(r.value, '$.userAgent') AS userAgent,
       json_extract(r.value, '$.sourceIPAddress') AS sourceIPAddress,
       json_extract(r.value, '$.recipientAccountId') AS recipientAccountId,
       json_extract(r.value, '$.userIdentity.principalId') AS userIdentityPrincipalId,
       json_extract(r.value, '$.userIdentity.arn') AS userIdentityArn,
       json_extract(r.value, '$.userIdentity.userName') AS userIdentityUserName,
       json_extract(r.value, '$.userIdentity.sessionContext.attributes.mfaAuthenticated') = 'true'
           AS sessionMfaAuthenticated,
       json_extract(r.value, '$.resources') AS resources
  FROM fsdir('{files}') AS f,
       json_each(CAST(readfile(f.name) AS TEXT), '$.Records') AS r
 WHERE f.name LIKE '%.json';
