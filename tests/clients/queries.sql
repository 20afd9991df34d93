SELECT json_remove(cloudtrail_import('data/sample'), '$.database', '$.seconds')
SELECT json_remove(cloudtrail_import('data/sample'), '$.database', '$.seconds')
SELECT json_remove(cloudtrail_detect(), '$.rules', '$.seconds')
SELECT count(*) || ' alerts of ' || count(DISTINCT ruleName) || ' rules' FROM alert
SELECT count(*) FROM temp.cloudtrail_detected
SELECT count(*) || ' events, ' || count(DISTINCT fileID) || ' files' FROM cloudtrail
SELECT eventTime || ' ' || eventName || ' ' || sourceIPAddress FROM cloudtrail WHERE userIdentityType = 'Root' ORDER BY eventTime
SELECT count(*) || ' of ' || count(DISTINCT file) || ' files' FROM cloudtrail_log('data/sample')
SELECT count(*) FROM cloudtrail_log('data/sample', 'fail', 'boto3')
SELECT accountName || ' ' || commandCount FROM aws_cli_recon_burst ORDER BY firstTime, accountName LIMIT 2
SELECT count(*) FROM cloudtrail_record WHERE json_extract(json, '$.eventID') IS NOT NULL
