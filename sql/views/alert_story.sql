-- alert_story: each alert as a paragraph: who, from where, by which client, what, how the calls ended,
-- and what the same identities did meanwhile and in the quarter of an hour before and after.
--
-- done, denied, throttled, failed: how many of the alert's events ended so, as cloudtrail_call has it.
-- calls:   what was called, commands where the rule counts them, as `GetObject 26x`, in order of
--          first appearance; the first 100.
-- clients: the first words of the user agents, the first 3.
-- How:     what the same identities did is told by alert_around. They are those of the alert's events, by
--          ARN or principal id; where sessions of one role change their names while the address stays,
--          all sessions of that role from there.
-- Marks and chain, which tools the user agents name, where the credentials came from and what came out
--          of them, are told as the last cloudtrail_detect() found them: alert.toolMarks, alert.chain.
-- Lists:   whatever is cut says how much more there is: of calls the number of calls.
-- Blind spots: who goes on under another principal whose credential the logs do not show to be issued;
--          look at the address, then. Around events that have neither ARN nor principal id nothing is looked for.
-- Readable without the extension.
CREATE VIEW alert_story AS
WITH
worded AS (
    SELECT
        l.alertID,
        ruleName,
        state,
        startTime,
        CASE WHEN mergedInto IS NOT NULL THEN 'Part of the alert ' || mergedInto || '.' ELSE
        -- a rule that counts no commands has to say what it found
        CASE WHEN nCommands > 0 OR summary = '' THEN ''
             ELSE summary || CASE WHEN summary GLOB '*[.!?]' THEN ' ' ELSE '. ' END END
        || CASE WHEN accountName = '' THEN 'An identity without a name'
                WHEN accountName GLOB 'arn:aws*:root' THEN 'The root user'
                ELSE accountName END
        || CASE WHEN accountUPNSuffix = '' THEN '' ELSE '@' || accountUPNSuffix END
        || CASE WHEN names > 2 THEN printf(' and %d other names', names - 1)
                WHEN names = 2 THEN ' and 1 other name' ELSE '' END
        || ifnull(' (' || nullif(substr(ifnull(', ' || nullif(kindList, 'root'), '')
                                        || ifnull(', ' || roleList, '')
                                        || ifnull('; ' || keyList, ''), 3), '') || ')', '')
        || ifnull(' in ' || accountList, '')
        || ifnull(', from ' || addressList, '')
        || ifnull(' with ' || clients, '')
        || CASE WHEN n = 0 THEN ': no event is named'
                WHEN kinds = 1 THEN CASE WHEN nCommands > 0 THEN ': 1 command' ELSE ': 1 call' END
                ELSE printf(CASE WHEN nCommands > 0 THEN ': %d different commands'
                                 ELSE ': %d different calls' END, kinds) END
        || CASE WHEN seconds = 0 THEN ' within a second'
                WHEN seconds = 1 THEN ' in 1 second'
                WHEN seconds <= 600 THEN printf(' in %d seconds', seconds)
                WHEN seconds <= 7200 THEN printf(' in %d minutes', round(seconds / 60.0))
                ELSE printf(' in %d hours', round(seconds / 3600.0)) END
        || strftime(' from %Y-%m-%d %H:%M:%S UTC', startTime)
        || CASE WHEN n = 0 THEN ''
                ELSE ' (' || CASE WHEN nCommands > 0 THEN services ELSE weightiest END || ')' END
        || ifnull(', in ' || regions, '')
        || CASE WHEN n = 0 OR n = gone THEN '.'
                WHEN n = done THEN CASE n WHEN 1 THEN '. It was done.'
                                          ELSE printf('. All %d calls were done.', n) END
                WHEN n = 1 THEN '. It was ' || CASE WHEN denied THEN 'denied.'
                                                    WHEN throttled THEN 'throttled.'
                                                    ELSE 'tried and failed.' END
                WHEN n = failed THEN printf('. All %d calls failed', n)
                                     || substr(notDone, instr(notDone, ' (')) || '.'
                WHEN done + gone = 0 THEN printf('. All %d calls failed: ', n) || notDone || '.'
                ELSE printf('. Of %d calls %d %s done', n, done,
                            CASE done WHEN 1 THEN 'was' ELSE 'were' END)
                     || CASE notDone WHEN '' THEN '' ELSE ', ' || notDone END || '.' END
        || CASE WHEN gone = 0 THEN ''
                WHEN gone = n THEN printf(CASE n WHEN 1 THEN ' Its event is no longer in the table.'
                                                 ELSE ' Its %d events are no longer in the table.'
                                          END, n)
                ELSE printf(' %d of its events %s no longer in the table.', gone,
                            CASE gone WHEN 1 THEN 'is' ELSE 'are' END) END
        || ifnull(' Its user agents bear the marks of ' || nullif(toolMarks, '') || '.', '')
        || around
        || ifnull(' ' || nullif(chain, ''), '')
        END AS story,
        done,
        denied,
        throttled,
        failed,
        calls,
        clients
    FROM alert_list AS l
    JOIN alert_around AS r ON r.alertID = l.alertID
)
SELECT
    alertID,
    ruleName,
    state,
    startTime,
    -- names may hold line breaks and what moves a terminal's cursor
    (WITH RECURSIVE
     clean (code, story) AS (
         SELECT 0, w.story
         UNION ALL
         SELECT CASE code WHEN 31 THEN 127 ELSE code + 1 END,
                replace(story, char(CASE code WHEN 31 THEN 127 ELSE code + 1 END), ' ')
         FROM clean
         WHERE code < 159
     )
     SELECT story FROM clean WHERE code = 159) AS story,
    done,
    denied,
    throttled,
    failed,
    calls,
    clients
FROM worded AS w;
