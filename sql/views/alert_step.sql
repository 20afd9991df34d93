-- alert_step: the events of each alert in the words that people read: the layer under alert_story and
-- alert_csv.
--
-- call:      the command where the rule counts commands (isCommand), else the name of the event.
-- service:   of the command, else of the event: iam, s3.
-- outcome:   that of cloudtrail_call; 'gone' where the event is no longer in cloudtrail.
-- readsData: 1 where the call is one of data_read_call.
-- client:    the first word of the user agent, without Amazon's brackets: aws-cli/2.12.0.
-- name:      the user's or the session's; kind: what it is; role: whose session it is. The identity
--            itself is principal, the ARN or principal id.
-- Names are cut to 60 letters: they come from whoever made the calls.
-- Readable without the extension.
CREATE VIEW alert_step AS
SELECT
    alertID,
    step,
    event,
    isCommand,
    CASE WHEN length(call) > 60 THEN substr(call, 1, 59) || '…' ELSE call END AS call,
    substr(service, 1, instr(service || '.', '.') - 1) AS service,
    outcomeOrGone AS outcome,
    isChange,
    readsData,
    nullif(awsRegion, '') AS region,
    nullif(sourceIPAddress, '') AS address,
    coalesce(nullif(recipientAccountId, ''), nullif(userIdentityAccountId, '')) AS account,
    nullif(userIdentityAccessKeyId, '') AS accessKeyId,
    nullif(CASE WHEN length(client) > 60 THEN substr(client, 1, 59) || '…' ELSE client END, '')
        AS client,
    principal,
    CASE WHEN length(name) > 60 THEN substr(name, 1, 59) || '…' ELSE name END AS name,
    CASE userIdentityType
        WHEN 'IAMUser' THEN 'IAM user'
        WHEN 'Root' THEN 'root'
        WHEN 'AssumedRole' THEN CASE WHEN role IS NULL THEN 'role' END
        WHEN 'FederatedUser' THEN 'federated user'
        WHEN 'WebIdentityUser' THEN 'web identity'
        WHEN 'SAMLUser' THEN 'SAML user'
        WHEN 'IdentityCenterUser' THEN 'Identity Center user'
        WHEN 'AWSAccount' THEN 'another account'
        WHEN 'AWSService' THEN 'AWS service'
        ELSE nullif(userIdentityType, '')
    END AS kind,
    role,
    sessionIssuerArn
FROM (
    SELECT
        v.*,
        v.command <> '' AS isCommand,
        CASE WHEN v.command <> '' THEN v.command ELSE ifnull(v.eventName, 'a call without a name') END
            AS call,
        CASE WHEN v.command <> '' THEN v.command ELSE ifnull(v.eventSource, '') END AS service,
        ifnull(v.outcome, 'gone') AS outcomeOrGone,
        v.readOnly IS 0 AS isChange,
        EXISTS (SELECT 1
                  FROM data_read_call AS d
                 WHERE d.eventSource = v.eventSource
                   AND d.eventName = v.eventName) AS readsData,
        rtrim(substr(ltrim(v.userAgent, ' ['), 1, instr(ltrim(v.userAgent, ' [') || ' ', ' ') - 1),
              ']') AS client,
        coalesce(nullif(v.userIdentityArn, ''), nullif(v.userIdentityPrincipalId, '')) AS principal,
        coalesce(nullif(v.userIdentityUserName, ''),
                 -- what stands behind the last /
                 nullif(replace(v.userIdentityArn,
                                rtrim(v.userIdentityArn, replace(v.userIdentityArn, '/', '')), ''), ''),
                 nullif(v.userIdentityPrincipalId, '')) AS name,
        CASE WHEN v.userIdentityType = 'AssumedRole' THEN nullif(v.sessionIssuerUserName, '') END
            AS role
    FROM alert_evidence AS v
);
