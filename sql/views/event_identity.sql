-- event_identity: who, for every event: the one definition that rules, hunts and alerts go by.
--
-- recipientAccountId: the account that the event is about, else the caller's own; '' where neither is
--              known.
-- accountName, accountUPNSuffix: the user's name or the session's, as the rules have it: before the @
--              and behind it. Where there is none the user of IAM Identity Center, else the principal
--              id, else the account id.
-- principal:   the ARN, else the principal id, else the user of IAM Identity Center, else the service.
-- roleName:    the role whose session it is.
-- sessionId:   of one run of the AWS CLI or one client of an SDK (sid/ in the user agent): it stays
--              the same when role, key, account or address change.
-- client, clientVersion: what the user agent says, which whoever calls may write: aws-cli, Boto3 ...
-- isService:   1 when AWS made the call on its own or for somebody: an identity of type AWSService, one
--              that invokedBy names, or the address of a service. The agent is no sign of it.
-- Missing is NULL but for the first three.
CREATE VIEW event_identity AS
SELECT
    event,
    accountId AS recipientAccountId,
    accountName,
    accountUPNSuffix,
    principal,
    CASE
        WHEN sessionIssuerType = 'Role' AND sessionIssuerUserName <> '' THEN sessionIssuerUserName
        WHEN arn_part(userIdentityArn, 'resource_type') = 'assumed-role'
            THEN kql_split_part(userIdentityArn, '/', 1)
        WHEN arn_part(userIdentityArn, 'resource_type') = 'role'
            THEN arn_part(userIdentityArn, 'resource_name')
    END AS roleName,
    nullif(userIdentityAccessKeyId, '') AS accessKeyId,
    CASE WHEN instr(userAgent, 'sid/')
         THEN ct_json_text(user_agent_json(userAgent), '$.session_id') END AS sessionId,
    ct_json_text(user_agent_json(userAgent), '$.product') AS client,
    ct_json_text(user_agent_json(userAgent), '$.version') AS clientVersion,
    isService
FROM event_named;
