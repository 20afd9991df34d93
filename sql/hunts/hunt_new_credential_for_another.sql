-- hunt_new_credential_for_another: who made a user, or gave somebody else a key, a password or an MFA
-- device?
--
-- Title:        New credential for another
-- Description:  Somebody made a user, or gave a user other than himself an access key, a password or
--               another credential, or set or took away an MFA device: a way back in under a name that
--               is not his.
-- Severity:     Medium
-- Tactics:      Persistence, PrivilegeEscalation
-- Techniques:   T1098.001, T1136.003, T1556.006
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           c174ad83-338a-4fbf-b736-d8668c1624d6
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Creation of Access Key for IAM User; New access key created to user; Login profile
--               updated; CreateLoginProfile; NewRootAccessKey
-- Why:          a stolen key is soon revoked; one that the thief gave to a forgotten user works on.
-- Columns read: eventTime, eventName, eventSource, errorCode, errorMessage, requestParameters,
--               responseElements, userIdentity*, userAgent, sourceIPAddress, recipientAccountId,
--               awsRegion; ordinary_agent, rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_pause (3600 seconds) are one
--               finding.
-- False positives: administrators who take in a colleague or change the keys of a service; where
--               Terraform, Pulumi and the like did it all and nothing was denied it is Informational
--               and suppressed.
-- Blind spots:  what CloudFormation does for somebody; users of IAM Identity Center and of Cognito;
--               CreateVirtualMFADevice, which is nobody's until EnableMFADevice; a denied call whose
--               message does not name the user.
-- Next step:    credential has what the new key or password then did, alert_scope the chain. Does the
--               user know of it?
--
-- High: a user that was made and given a credential at once, and a key of root. Low: a user that was
-- made and nothing else.
-- Shown by: stratus-red-team (iam-backdoor-user, iam-create-admin-user, iam-create-user-login-profile,
-- iam-update-user-login-profile); aws_dataset (the same); cloudtrail-log-parser (CreateUser);
-- traildiscover (CreateUser, denied). Beside them traildiscover's CreateAccessKey, CreateLoginProfile
-- and DeactivateMFADevice, denied, of a user for himself; DeleteLoginProfile.
-- Cost in false positives: none clear: two administrators who made a user (cloudtrail-log-parser, and
-- pat.candella in the sample, denied); Terraform's in aws_dataset is suppressed; none in the corpus of
-- tests/bench.
CREATE VIEW hunt_new_credential_for_another AS
WITH
given AS (
    SELECT c.*,
           coalesce(ct_json_text(c.requestParameters, '$.userName'),
                    ct_json_text(c.responseElements, '$.accessKey.userName'),
                    (SELECT r.name FROM event_refused AS r WHERE r.event = c.event),
                    -- who names nobody means himself
                    CASE WHEN c.userIdentityType = 'Root' AND c.eventName = 'CreateAccessKey'
                         THEN 'root' END) AS receiver,
           CASE c.userIdentityType WHEN 'IAMUser' THEN arn_part(c.userIdentityArn, 'resource_name') END
               AS caller
      FROM event_caller AS c
     WHERE c.eventName IN ('CreateUser', 'CreateAccessKey', 'UpdateAccessKey', 'CreateLoginProfile',
                           'UpdateLoginProfile', 'EnableMFADevice', 'DeactivateMFADevice',
                           'CreateServiceSpecificCredential', 'ResetServiceSpecificCredential',
                           'UploadSSHPublicKey', 'UploadSigningCertificate')
       AND c.eventSource = 'iam.amazonaws.com'
       AND (c.eventName <> 'UpdateAccessKey'
            OR ct_json_text(c.requestParameters, '$.status') = 'Active')
),
deed AS (
    SELECT *,
           finding_deed(CASE eventName
                            WHEN 'CreateUser' THEN 'made the user'
                            WHEN 'CreateAccessKey' THEN 'gave an access key to'
                            WHEN 'UpdateAccessKey' THEN 'switched on an access key of'
                            WHEN 'CreateLoginProfile' THEN 'gave a password to'
                            WHEN 'UpdateLoginProfile' THEN 'changed the password of'
                            WHEN 'EnableMFADevice' THEN 'set an MFA device for'
                            WHEN 'DeactivateMFADevice' THEN 'took the MFA device from'
                            WHEN 'UploadSSHPublicKey' THEN 'gave an SSH key to'
                            WHEN 'UploadSigningCertificate' THEN 'gave a certificate to'
                            ELSE 'gave a credential for a service to'
                        END, receiver, eventName, outcome) AS deed,
           CASE WHEN userIdentityType = 'Root' AND receiver = 'root' THEN 3
                WHEN eventName = 'CreateUser' THEN 1
                ELSE 2 END AS weight
      FROM given
     WHERE receiver <> ifnull(caller, '')
        OR eventName = 'CreateUser'
),
placed AS (
    SELECT *,
           episode(eventTime, (SELECT value FROM rule_parameter WHERE name = 'hunt_pause'))
               OVER (PARTITION BY recipientAccountId, accountName, accountUPNSuffix, isTool
                     ORDER BY eventTime, event) AS episode
      FROM deed
),
told AS (
    SELECT recipientAccountId,
           accountName,
           accountUPNSuffix,
           min(eventTime) AS firstTime,
           max(eventTime) AS lastTime,
           list_distinct(deed) AS deeds,
           list_distinct(receiver) AS users,
           list_distinct(CASE WHEN outcome = 'done' AND eventName = 'CreateUser' THEN receiver END)
               AS made,
           list_distinct(CASE WHEN outcome = 'done' AND eventName <> 'CreateUser' THEN receiver END)
               AS armed,
           list_distinct(access_key_id(ct_json_text(responseElements, '$.accessKey.accessKeyId')))
               AS newAccessKeyIds,
           list_distinct(call) AS calls,
           list_distinct(address) AS addresses,
           list_distinct(accessKeyId) AS accessKeyIds,
           list_distinct(client) AS clients,
           list_distinct(region) AS regions,
           count(*) AS eventCount,
           sum(outcome = 'denied') AS deniedCount,
           max(weight) AS weight,
           isTool AND sum(outcome = 'denied') = 0 AS isOrdinary,
           ct_json_group_array(event) AS evidence
      FROM placed
     GROUP BY recipientAccountId, accountName, accountUPNSuffix, isTool, episode
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       ifnull(ct_json_text(addresses, '$[0]'), '') AS sourceIPAddress,
       '' AS groupKey,
       CASE WHEN isOrdinary THEN 'Informational'
            WHEN EXISTS (SELECT 1
                           FROM json_each(made) AS m
                           JOIN json_each(armed) AS a ON a.value = m.value) THEN 'High'
            ELSE CASE weight WHEN 3 THEN 'High' WHEN 2 THEN 'Medium' ELSE 'Low' END END AS severity,
       CASE WHEN isOrdinary THEN 'ordinary agent' END AS suppressedBy,
       finding_sentence(accountName, accountUPNSuffix, finding_list(deeds, 3), firstTime, lastTime,
                        finding_list(addresses, 1), recipientAccountId, deniedCount) AS summary,
       ct_json_object('deeds', ct_json(deeds),
                      'users', ct_json(users), 'newAccessKeyIds', ct_json(newAccessKeyIds),
                      'calls', ct_json(calls), 'eventCount', eventCount, 'deniedCount', deniedCount,
                      'addresses', ct_json(addresses), 'accessKeyIds', ct_json(accessKeyIds),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told;
