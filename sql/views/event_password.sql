-- event_password: the calls that set a password for the console, and the sign-ins to it. A layer under
-- credential.
--
-- password: `password:ACCOUNT/USER`, as credential names it; NULL for a sign-in without one.
-- isSet:    1 for CreateLoginProfile and UpdateLoginProfile, 0 for ConsoleLogin.
-- setAt:    since when it is that password: the last time, until then, that it was set; NULL where the
--           logs do not show it.
-- event:    the row of cloudtrail, good until a VACUUM.
-- Blind spots: ChangePassword, with which somebody changes his own; the password of root.
CREATE VIEW event_password AS
SELECT
    event,
    eventTime,
    isSet,
    password,
    -- what is set in the second of a sign-in counts
    max(CASE WHEN isSet AND password IS NOT NULL THEN eventTime END)
        OVER (PARTITION BY password ORDER BY eventTime
              RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS setAt
FROM (
    SELECT
        event,
        eventTime,
        eventName <> 'ConsoleLogin' AS isSet,
        'password:' || accountId || '/'
            || CASE
                   WHEN eventName = 'ConsoleLogin' AND ifnull(userIdentityType, '') NOT IN ('IAMUser', 'Root')
                       THEN NULL
                   ELSE coalesce(CASE WHEN eventName <> 'ConsoleLogin'
                                      THEN coalesce(ct_json_text(responseElements,
                                                                 '$.loginProfile.userName'),
                                                    ct_json_text(requestParameters, '$.userName'))
                                 END,
                                 nullif(userIdentityUserName, ''),
                                 CASE userIdentityType WHEN 'Root' THEN 'root' END,
                                 arn_part(userIdentityArn, 'resource_name'))
               END AS password
    FROM event_named
    WHERE eventName IN ('CreateLoginProfile', 'UpdateLoginProfile', 'ConsoleLogin')
      AND isCall
      AND outcome = 'done'
);
