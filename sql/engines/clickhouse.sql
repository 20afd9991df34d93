-- The logs: every .json.gz below the folder, read in place.
SET prefer_column_name_to_alias = 1;
SET join_use_nulls = 1;

CREATE OR REPLACE VIEW cloudtrail_record AS
SELECT file,
       JSONExtract(record, 'eventTime', 'Nullable(String)') AS eventTime,
       toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(JSONExtract(record, 'eventTime', 'Nullable(String)'), 3, 'UTC')) AS moment,
       nullIf(JSONExtract(record, 'eventID', 'Nullable(String)'), '') AS eventID,
       JSONExtract(record, 'eventName', 'Nullable(String)') AS eventName,
       JSONExtract(record, 'eventSource', 'Nullable(String)') AS eventSource,
       JSONExtract(record, 'awsRegion', 'Nullable(String)') AS awsRegion,
       JSONExtract(record, 'sourceIPAddress', 'Nullable(String)') AS sourceIPAddress,
       JSONExtract(record, 'userAgent', 'Nullable(String)') AS userAgent,
       JSONExtract(record, 'recipientAccountId', 'Nullable(String)') AS recipientAccountId,
       JSONExtract(record, 'userIdentity', 'type', 'Nullable(String)') AS userIdentityType,
       JSONExtract(record, 'userIdentity', 'principalId', 'Nullable(String)') AS userIdentityPrincipalId,
       JSONExtract(record, 'userIdentity', 'arn', 'Nullable(String)') AS userIdentityArn,
       JSONExtract(record, 'userIdentity', 'accountId', 'Nullable(String)') AS userIdentityAccountId,
       JSONExtract(record, 'userIdentity', 'accessKeyId', 'Nullable(String)') AS userIdentityAccessKeyId,
       JSONExtract(record, 'userIdentity', 'userName', 'Nullable(String)') AS userIdentityUserName,
       JSONExtract(record, 'userIdentity', 'invokedBy', 'Nullable(String)') AS userIdentityInvokedBy,
       JSONExtract(record, 'userIdentity', 'onBehalfOf', 'userId', 'Nullable(String)') AS onBehalfOfUserId,
       JSONExtract(record, 'userIdentity', 'sessionContext', 'sessionIssuer', 'arn', 'Nullable(String)')
           AS sessionIssuerArn,
       CASE JSONExtract(record, 'userIdentity', 'sessionContext', 'attributes', 'mfaAuthenticated',
                        'Nullable(String)') WHEN 'true' THEN 1 WHEN 'false' THEN 0 END AS mfaAuthenticated,
       JSONExtract(record, 'errorCode', 'Nullable(String)') AS errorCode,
       JSONExtract(record, 'eventType', 'Nullable(String)') AS eventType,
       JSONExtract(record, 'eventCategory', 'Nullable(String)') AS eventCategory,
       JSONExtract(record, 'apiVersion', 'Nullable(String)') AS apiVersion,
       JSONExtract(record, 'resources', 1, 'ARN', 'Nullable(String)') AS resourceArn
  FROM (SELECT _path AS file, arrayJoin(JSONExtractArrayRaw(json, 'Records')) AS record
          FROM file(concat({{location}}, '/**/*.json.gz'), JSONAsString, 'json String'));
