-- rule: "Suspicious AWS CLI Command Execution" as Microsoft publishes it, its fields under the names of
-- its YAML file; and the corrected rule.
INSERT INTO main.rule
    (name, id, title, description, severity, tactics, techniques, queryFrequency, queryPeriod,
     triggerOperator, triggerThreshold, version, source, entityMappings, customDetails, enabled,
     kind, requiredDataConnectors)
VALUES (
    'SuspiciousAWSCLICommandExecution',
    '8c2dc344-9352-4ca1-8863-b1b7a5e09e59',
    'Suspicious AWS CLI Command Execution',
    'This detection focuses on identifying potentially suspicious activities involving the execution of AWS Command Line Interface (CLI) commands, particularly focusing on reconnaissance operations.',
    'Medium',
    '["Reconnaissance"]',
    '["T1595","T1592.004","T1589.002","T1589.003","T1590","T1591","T1596"]',
    '1d',
    '1d',
    'gt',
    0,
    '1.0.1',
    'https://github.com/Azure/Azure-Sentinel/blob/master/Solutions/Amazon Web Services/Analytic Rules/SuspiciousAWSCLICommandExecution.yaml',
    '[{"fieldMappings":[{"columnName":"AccountName","identifier":"Name"},{"columnName":"AccountUPNSuffix","identifier":"UPNSuffix"},{"columnName":"RecipientAccountId","identifier":"CloudAppAccountId"}],"entityType":"Account"}]',
    '{"AWSUserIp":"SourceIpAddress","AWSUser":"UserIdentityUserName","SuspiciousCommand":"commands"}',
    1,
    'Scheduled',
    '[{"connectorId":"AWS","dataTypes":["AWSCloudTrail"]}]'
), (
    'aws_cli_recon_burst',
    '3718bff8-a8cd-40f5-8e03-d5ce0f0d83dd',
    'Burst of AWS CLI reconnaissance commands',
    'One identity runs many different reconnaissance commands of the AWS CLI within a short time: Suspicious AWS CLI Command Execution corrected, for any version of the CLI and any minute.',
    'Medium',
    '["Discovery"]',
    '["T1087.004","T1069.003","T1580","T1526"]',
    '1d',
    '1d',
    'gt',
    0,
    '1.0.0',
    'sql/rules/aws_cli_recon_burst.sql',
    '[{"fieldMappings":[{"columnName":"accountName","identifier":"Name"},{"columnName":"accountUPNSuffix","identifier":"UPNSuffix"},{"columnName":"recipientAccountId","identifier":"CloudAppAccountId"}],"entityType":"Account"}]',
    '{"AWSUserIp":"sourceIPAddress","AWSUser":"accountName","SuspiciousCommand":"commands"}',
    1,
    'Scheduled',
    '[{"connectorId":"AWS","dataTypes":["AWSCloudTrail"]}]'
);
