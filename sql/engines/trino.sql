-- The logs: every file below the folder, read in place. A file is one document on one line, as CloudTrail
-- writes it. The catalog must read folders within folders: hive.recursive-directories=true.
CREATE TABLE IF NOT EXISTS cloudtrail_log_file (
    records array(row(
        eventtime varchar,
        eventid varchar,
        eventname varchar,
        eventsource varchar,
        awsregion varchar,
        sourceipaddress varchar,
        useragent varchar,
        recipientaccountid varchar,
        useridentity row(
            type varchar,
            principalid varchar,
            arn varchar,
            accountid varchar,
            accesskeyid varchar,
            username varchar,
            invokedby varchar,
            onbehalfof row(userid varchar),
            sessioncontext row(
                sessionissuer row(arn varchar),
                attributes row(mfaauthenticated varchar))),
        errorcode varchar,
        eventtype varchar,
        eventcategory varchar,
        apiversion varchar,
        resources array(row(arn varchar)))))
WITH (format = 'OPENX_JSON', external_location = {{location}});

CREATE OR REPLACE VIEW cloudtrail_record AS
SELECT f."$path" AS file,
       r.eventtime AS eventTime,
       CAST(round(to_unixtime(try(from_iso8601_timestamp(r.eventtime))) * 1000) AS bigint) AS moment,
       nullif(r.eventid, '') AS eventID,
       r.eventname AS eventName,
       r.eventsource AS eventSource,
       r.awsregion AS awsRegion,
       r.sourceipaddress AS sourceIPAddress,
       r.useragent AS userAgent,
       r.recipientaccountid AS recipientAccountId,
       r.useridentity.type AS userIdentityType,
       r.useridentity.principalid AS userIdentityPrincipalId,
       r.useridentity.arn AS userIdentityArn,
       r.useridentity.accountid AS userIdentityAccountId,
       r.useridentity.accesskeyid AS userIdentityAccessKeyId,
       r.useridentity.username AS userIdentityUserName,
       r.useridentity.invokedby AS userIdentityInvokedBy,
       r.useridentity.onbehalfof.userid AS onBehalfOfUserId,
       r.useridentity.sessioncontext.sessionissuer.arn AS sessionIssuerArn,
       CASE r.useridentity.sessioncontext.attributes.mfaauthenticated WHEN 'true' THEN 1 WHEN 'false' THEN 0
           END AS mfaAuthenticated,
       r.errorcode AS errorCode,
       r.eventtype AS eventType,
       r.eventcategory AS eventCategory,
       r.apiversion AS apiVersion,
       element_at(r.resources, 1).arn AS resourceArn
  FROM cloudtrail_log_file AS f
 CROSS JOIN UNNEST(f.records) AS r(eventtime, eventid, eventname, eventsource, awsregion, sourceipaddress,
                                   useragent, recipientaccountid, useridentity, errorcode, eventtype,
                                   eventcategory, apiversion, resources);
