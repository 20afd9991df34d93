-- The logs as a table of partitions that Athena works out by itself: account, region and day of delivery. The
-- accounts and regions are those that this case has seen: put in all that are to be looked at.
CREATE EXTERNAL TABLE IF NOT EXISTS cloudtrail_log (
    eventversion string,
    useridentity struct<
        type: string,
        principalid: string,
        arn: string,
        accountid: string,
        invokedby: string,
        accesskeyid: string,
        username: string,
        onbehalfof: struct<userid: string, identitystorearn: string>,
        sessioncontext: struct<
            attributes: struct<mfaauthenticated: string, creationdate: string>,
            sessionissuer: struct<type: string, principalid: string, arn: string, accountid: string,
                                  username: string>>>,
    eventtime string,
    eventsource string,
    eventname string,
    awsregion string,
    sourceipaddress string,
    useragent string,
    errorcode string,
    errormessage string,
    requestparameters string,
    responseelements string,
    additionaleventdata string,
    requestid string,
    eventid string,
    readonly string,
    resources array<struct<arn: string, accountid: string, type: string>>,
    eventtype string,
    apiversion string,
    recipientaccountid string,
    serviceeventdetails string,
    sharedeventid string,
    vpcendpointid string,
    eventcategory string)
PARTITIONED BY (account string, region string, day string)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION '{{bare_location}}'
TBLPROPERTIES (
    'projection.enabled' = 'true',
    'projection.account.type' = 'enum',
    'projection.account.values' = '{{accounts}}',
    'projection.region.type' = 'enum',
    'projection.region.values' = '{{regions}}',
    'projection.day.type' = 'date',
    'projection.day.format' = 'yyyy/MM/dd',
    'projection.day.interval' = '1',
    'projection.day.interval.unit' = 'DAYS',
    'projection.day.range' = '2013/11/13,NOW',
    'storage.location.template' = '{{bare_location}}/${account}/CloudTrail/${region}/${day}');

-- The period stands here, twice: times of events from one date on and before the other, and days of delivery,
-- which comes later than the event, from the day before the first to the day after the last. As it stands:
-- yesterday, and today so far. Athena bills what it reads: every day and account more costs.
CREATE OR REPLACE VIEW cloudtrail_record AS
SELECT l."$path" AS file,
       l.eventtime AS eventTime,
       CAST(round(to_unixtime(try(from_iso8601_timestamp(l.eventtime))) * 1000) AS bigint) AS moment,
       nullif(l.eventid, '') AS eventID,
       l.eventname AS eventName,
       l.eventsource AS eventSource,
       l.awsregion AS awsRegion,
       l.sourceipaddress AS sourceIPAddress,
       l.useragent AS userAgent,
       l.recipientaccountid AS recipientAccountId,
       l.useridentity.type AS userIdentityType,
       l.useridentity.principalid AS userIdentityPrincipalId,
       l.useridentity.arn AS userIdentityArn,
       l.useridentity.accountid AS userIdentityAccountId,
       l.useridentity.accesskeyid AS userIdentityAccessKeyId,
       l.useridentity.username AS userIdentityUserName,
       l.useridentity.invokedby AS userIdentityInvokedBy,
       l.useridentity.onbehalfof.userid AS onBehalfOfUserId,
       l.useridentity.sessioncontext.sessionissuer.arn AS sessionIssuerArn,
       CASE l.useridentity.sessioncontext.attributes.mfaauthenticated WHEN 'true' THEN 1 WHEN 'false' THEN 0
           END AS mfaAuthenticated,
       l.errorcode AS errorCode,
       l.eventtype AS eventType,
       l.eventcategory AS eventCategory,
       l.apiversion AS apiVersion,
       element_at(l.resources, 1).arn AS resourceArn
  FROM cloudtrail_log AS l
 WHERE l.eventtime >= date_format(current_date - INTERVAL '1' DAY, '%Y-%m-%d')
   AND l.eventtime < date_format(current_date + INTERVAL '1' DAY, '%Y-%m-%d')
   AND l.day >= date_format(current_date - INTERVAL '2' DAY, '%Y/%m/%d')
   AND l.day <= date_format(current_date + INTERVAL '2' DAY, '%Y/%m/%d');
