-- credential: who issued which credential to whom, when, by which call: a row a call that was done.
--
-- how:           the call: AssumeRole, AssumeRoleWithSAML, AssumeRoleWithWebIdentity, AssumeRoot,
--                GetSessionToken, GetFederationToken, CreateAccessKey, CreateServiceSpecificCredential,
--                CreateLoginProfile, UpdateLoginProfile, ConsoleLogin, GetSigninToken, CreateSession
--                (Roles Anywhere, directory buckets), GetCredentialsForIdentity (Cognito).
-- issuerAccessKeyId: the key that the call was made with; of a sign-in to the console with a password
--                `password:ACCOUNT/USER`. NULL where AWS, or a token from outside, stands behind it, and
--                in the copy of an AssumeRole that the role's own account gets.
-- issuerPrincipal, issuerAccountId: who called, as event_identity has it.
-- accessKeyId:   the key that was issued; `password:ACCOUNT/USER` where it is a password; of a sign-in
--                the keys that the console then used: those of the same ARN whose session began in that
--                second, a row each, NULL where there are none.
-- receiverPrincipal, receiverAccountId: who has it now: the ARN, or the user's name where the call tells
--                no more.
-- event:         the row of cloudtrail, good until a VACUUM.
-- link, issuerLink: accessKeyId and issuerAccessKeyId as a chain follows them: behind a password since when
--                it is that one (`password:ACCOUNT/USER 2025-10-14T13:02:00Z`, - where that is not shown),
--                so that a sign-in hangs on the last setting before it and on no other.
-- An AssumeRole into another account is logged in both: two rows, of which that of the caller's account
-- has the issuer's key.
-- Blind spots: keys that the logs have blacked out; instances, Lambda and the like, whose keys AWS issues
--              without naming anybody; a sign-in by IAM Identity Center.
-- Cost: the calls by their names, and the table once for the sessions of the console: 0.4 s for 400,000
--       events.
CREATE VIEW credential AS
WITH
issue AS (
    SELECT
        c.event,
        c.eventTime,
        c.eventID,
        c.eventName,
        c.sourceIPAddress,
        c.userIdentityType,
        c.userIdentityArn,
        c.userIdentityAccountId,
        c.userIdentityAccessKeyId,
        c.principal,
        p.password,
        p.setAt,
        coalesce(nullif(c.recipientAccountId, ''), nullif(c.userIdentityAccountId, '')) AS accountId,
        coalesce(nullif(c.userIdentityUserName, ''),
                 CASE c.userIdentityType WHEN 'Root' THEN 'root' END,
                 arn_part(c.userIdentityArn, 'resource_name')) AS callerName,
        access_key_id(ct_json_text(c.responseElements,
                                   '$.credentials.accessKeyId',
                                   '$.accessKey.accessKeyId',
                                   '$.serviceSpecificCredential.serviceSpecificCredentialId',
                                   '$.credentialSet[0].credentials.accessKeyId')) AS issuedKey,
        -- of whom the call tells by ARN, or by what stands for one
        coalesce(ct_json_text(c.responseElements,
                              '$.assumedRoleUser.arn',
                              '$.federatedUser.arn',
                              '$.credentialSet[0].assumedRoleUser.arn',
                              '$.identityId'),
                 CASE c.eventName
                     WHEN 'AssumeRoot' THEN ct_json_text(c.requestParameters, '$.targetPrincipal')
                 END) AS receiver,
        CASE WHEN c.eventName IN ('CreateAccessKey', 'CreateServiceSpecificCredential',
                                  'CreateLoginProfile', 'UpdateLoginProfile')
             THEN coalesce(ct_json_text(c.responseElements,
                                        '$.accessKey.userName',
                                        '$.serviceSpecificCredential.userName',
                                        '$.loginProfile.userName'),
                           ct_json_text(c.requestParameters, '$.userName')) END AS userName
    FROM (
        SELECT rowid AS event, NULL AS password, NULL AS setAt
        FROM cloudtrail
        WHERE eventName IN ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity',
                            'AssumeRoot', 'GetSessionToken', 'GetFederationToken',
                            'CreateAccessKey', 'CreateServiceSpecificCredential',
                            'GetSigninToken', 'CreateSession', 'GetCredentialsForIdentity')
        UNION ALL
        SELECT event, password, setAt
        FROM event_password
    ) AS p
    CROSS JOIN event_named AS c ON c.event = p.event
    WHERE c.isCall
      AND c.outcome = 'done'
),
-- the sessions of the console, of those who have signed in to it
session AS (
    SELECT
        userIdentityArn,
        sessionCreationDate,
        access_key_id(userIdentityAccessKeyId) AS accessKeyId
    FROM cloudtrail
    WHERE sessionCreationDate <> ''
      AND userIdentityArn IN (SELECT userIdentityArn FROM cloudtrail WHERE eventName = 'ConsoleLogin')
    GROUP BY userIdentityArn, sessionCreationDate, userIdentityAccessKeyId
),
told AS (
    SELECT
        i.*,
        CASE
            WHEN i.eventName IN ('CreateLoginProfile', 'UpdateLoginProfile') THEN i.password
            WHEN i.eventName = 'ConsoleLogin' THEN s.accessKeyId
            ELSE i.issuedKey
        END AS accessKeyId,
        CASE
            WHEN i.eventName = 'ConsoleLogin' AND i.password IS NOT NULL THEN i.password
            ELSE access_key_id(i.userIdentityAccessKeyId)
        END AS issuerAccessKeyId,
        ' ' || ifnull(i.setAt, '-') AS since
    FROM issue AS i
    LEFT JOIN session AS s
           ON i.eventName = 'ConsoleLogin'
          AND s.userIdentityArn = i.userIdentityArn
          AND s.sessionCreationDate = i.eventTime
)
SELECT
    t.event,
    t.eventTime,
    t.eventID,
    t.eventName AS how,
    t.sourceIPAddress,
    t.issuerAccessKeyId,
    t.principal AS issuerPrincipal,
    coalesce(nullif(t.userIdentityAccountId, ''), t.accountId) AS issuerAccountId,
    t.accessKeyId,
    coalesce(t.receiver, nullif(t.userName, t.callerName), t.principal) AS receiverPrincipal,
    coalesce(nullif(arn_part(t.receiver, 'account'), ''),
             CASE WHEN t.receiver GLOB '[0-9]*' AND t.receiver NOT GLOB '*[^0-9]*'
                  THEN t.receiver END,
             t.accountId) AS receiverAccountId,
    t.accessKeyId || CASE WHEN t.accessKeyId GLOB 'password:*' THEN t.since ELSE '' END AS link,
    t.issuerAccessKeyId || CASE WHEN t.issuerAccessKeyId GLOB 'password:*' THEN t.since ELSE '' END
        AS issuerLink
FROM told AS t
WHERE t.accessKeyId IS NOT NULL
   OR t.eventName = 'ConsoleLogin';
