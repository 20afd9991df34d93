-- What an alert says in words and in Sentinel's terms.
UPDATE temp.cloudtrail_finding
   SET summary =
           CASE WHEN accountName = '' THEN 'An identity without a name' ELSE accountName END
           || CASE WHEN accountUPNSuffix = '' THEN '' ELSE '@' || accountUPNSuffix END
           || printf(' ran %d suspicious AWS CLI commands', commandCount)
           || CASE CAST(round((julianday(endTime) - julianday(startTime)) * 86400) AS INTEGER)
                  WHEN 0 THEN ' within a second'
                  WHEN 1 THEN ' in 1 second'
                  ELSE printf(' in %d seconds',
                              round((julianday(endTime) - julianday(startTime)) * 86400))
              END
           || CASE WHEN sourceIPAddress = '' THEN '' ELSE ' from ' || sourceIPAddress END
           || CASE WHEN recipientAccountId = '' THEN ''
                   ELSE ' in account ' || recipientAccountId END
           || CASE deniedCount WHEN 0 THEN '.' WHEN 1 THEN '; 1 call was denied.'
                               ELSE printf('; %d calls were denied.', deniedCount) END,
       entities = json_array(json_object(
           '$id', '1', 'Type', 'account', 'Name', accountName, 'UPNSuffix', accountUPNSuffix,
           'CloudAppAccountId', recipientAccountId)),
       customDetails = json_object(
           'SuspiciousCommand', json(commands),
           'AWSUser', ifnull(userIdentityUserName, accountName),
           'AWSUserIp', sourceIPAddress);
