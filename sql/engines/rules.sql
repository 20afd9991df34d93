-- The rules as views over cloudtrail_record, one text for every engine. What the engines write in ways of
-- their own are calls that begin with an @, see ENGINE.pieces, put in at build time by tools/engine_sql.awk;
-- what comes from the user's database are names in double braces, put in by cloudtrail_engine_sql().
--
-- Each view is a step. The logs are read twice: first for who did enough in which minutes, with little kept
-- of each event; then for the events of those few.

-- Of suspicious_command: each command, and in small letters.
CREATE OR REPLACE VIEW cloudtrail_suspicious_command AS
SELECT command, folded
  FROM @rows({{suspicious_command}}, command, folded)
 WHERE folded <> '';

-- Which command an event makes by itself, for the commands above: by its source without
-- .amazonaws.com, its call (see cloudtrail_command) and the version of the API, '' for any other.
-- command is in small letters, '' where it is none of them.
CREATE OR REPLACE VIEW cloudtrail_event_command AS
SELECT source, apiCall, apiVersion, command
  FROM @rows({{event_command}}, source, apiCall, apiVersion, command)
 WHERE apiCall <> '';

-- The names under which the services of a source make a call: rds, neptune and docdb share one.
CREATE OR REPLACE VIEW cloudtrail_command_name AS
SELECT source, apiCall, command
  FROM @rows({{command_name}}, source, apiCall, command)
 WHERE apiCall <> '';

-- Event names that follow no rule, or that several services of a source do not share.
CREATE OR REPLACE VIEW cloudtrail_odd_name AS
SELECT source, eventName
  FROM @rows({{odd_name}}, source, eventName)
 WHERE eventName <> '';

-- The calls of discovery_call.
CREATE OR REPLACE VIEW cloudtrail_discovery_call AS
SELECT eventSource, eventName
  FROM @rows({{discovery_call}}, eventSource, eventName)
 WHERE eventName <> '';

-- What is counted: for each rule whose events are grouped how, in windows of how many milliseconds,
-- and how many different ones make a burst.
CREATE OR REPLACE VIEW cloudtrail_window AS
SELECT ruleName, groupedBy, windowName, @integer(width) AS width, @integer(threshold) AS threshold
  FROM @rows({{window}}, ruleName, groupedBy, windowName, width, threshold);

-- The events that one of the rules may count.
CREATE OR REPLACE VIEW cloudtrail_candidate AS
SELECT r.*,
       CASE WHEN d.eventName IS NOT NULL THEN 1 ELSE 0 END AS isListed
  FROM (SELECT p.*,
               @fold_long(p.userAgent) AS foldedAgent,
               -- without [ ] and blanks: where it matters who the client is, or which run of it
               CASE WHEN @matches(p.userAgent, '[Aa][Ww][Ss]-[Cc][Ll][Ii]/|sid/')
                    THEN @extract(p.userAgent, '(?s)\A *\[? *(.*?) *\]? *\z') END AS agent,
               -- ListFunctions of ListFunctions20150331
               coalesce(@extract(p.eventName,
                                 '(?s)\A(.+)(?:[0-9]{8}|[0-9]{4}_[0-9]{2}_[0-9]{2})(?:v[0-9]+)?\z'),
                        p.eventName) AS callName,
               CASE WHEN p.eventName LIKE 'List%' OR p.eventName LIKE 'Describe%'
                      OR p.eventName LIKE 'Get%' THEN 1 ELSE 0 END AS isReading
          FROM cloudtrail_record AS p
         WHERE p.eventTime IS NOT NULL
           -- what Insights reports is no call
           AND coalesce(p.eventCategory, '') <> 'Insight'
           AND coalesce(p.eventType, '') <> 'AwsCloudTrailInsight'
           -- nobody's burst: AWS did it for somebody
           AND coalesce(p.userIdentityInvokedBy, '') = '') AS r
  LEFT JOIN cloudtrail_discovery_call AS d
         ON d.eventSource = r.eventSource AND d.eventName = r.callName
 WHERE r.isReading = 1 OR d.eventName IS NOT NULL OR r.agent IS NOT NULL;

-- Each with what the AWS CLI says of itself, and the name of its call as the CLI has it.
CREATE OR REPLACE VIEW cloudtrail_said AS
SELECT c.*,
       -- CLIs before 2.0.36 name no command, whatever stands in their agent; nor does a token without a
       -- dot, or one at the end of an agent that was cut at 1 KB
       CASE WHEN NOT @matches(c.cliVersion, '\A0*[01]([^0-9]|\z)')
             AND NOT @matches(c.cliVersion,
                              '\A0*2[.]0+([.]0*([0-9]|[12][0-9]|3[0-5])([^0-9]|\z)|[.]([^0-9]|\z)|[^0-9.]|\z)')
             AND @matches(c.token, '(?s)\A[^.]+[.].')
             AND NOT (@bytes(c.userAgent) >= 1024
                      AND @matches(c.agent, '(?s) (md/command#|command/)[^ ]*\z'))
            THEN c.token END AS saidCommand,
       -- botocore's rule: DescribeDBInstances is describe-db-instances, ListWebACLs list-web-acls
       CASE WHEN c.apiName LIKE '%-%' THEN @fold(c.apiName)
            ELSE @fold(@replace_all(
                           @replace_all(@replace_all(c.apiName, '[A-Z][A-Z]+s\z', ''),
                                        '(?s)(.)([A-Z][a-z]+)', @with_hyphen()),
                           '([a-z0-9])([A-Z])', @with_hyphen())
                       || coalesce('-' || @extract(c.apiName, '([A-Z][A-Z]+s)\z'), ''))
       END AS operation
  FROM (SELECT s.*,
               CASE WHEN s.cliVersion IS NOT NULL
                    THEN @extract(s.agent, '(?s)\A.* (?:md/command#|command/)([^ ]*)') END AS token,
               CASE WHEN s.cliVersion IS NULL THEN NULL
                    WHEN s.source IN ('lambda', 'cloudfront') THEN s.callName
                    ELSE s.eventName END AS apiName
          FROM (SELECT r.*,
                       @extract(r.agent, '\A[Aa][Ww][Ss]-[Cc][Ll][Ii]/([^ ]+)') AS cliVersion,
                       CASE WHEN r.agent IS NOT NULL
                            THEN @replace_all(@fold(r.eventSource), '[.]amazonaws[.]com([.]cn)?\z', '')
                            END AS source
                  FROM cloudtrail_candidate AS r) AS s) AS c;

-- Each with its command, where that is on the list and the AWS CLI made the call. The agent's counts
-- where it is one of the CLI's own that make several calls, or makes this one; else the event's own.
CREATE OR REPLACE VIEW cloudtrail_command AS
SELECT e.*,
       l.command,
       CASE WHEN e.isSaid = 1 THEN 'user-agent' ELSE 'event' END AS commandSource
  FROM (SELECT t.*,
               CASE WHEN t.isSaid = 1 THEN @fold(t.saidCommand)
                    WHEN t.cliVersion IS NOT NULL AND t.eventSource IS NOT NULL
                    THEN t.ownCommand END AS anyCommand
          FROM (SELECT s.*,
                       coalesce(byVersion.command, anyVersion.command) AS ownCommand,
                       CASE WHEN s.saidCommand IS NOT NULL
                             AND (s.eventSource IS NULL
                                  OR s.eventName IS NULL
                                  OR @fold(@extract(s.saidCommand, '\A([^.]*)'))
                                     || @extract(s.saidCommand, '\A[^.]*([.][^.]*)')
                                     IN ({{own_commands}})
                                  OR @extract(s.saidCommand, '\A[^.]*[.]([^.]*)')
                                     IN ({{own_commands_of_all}})
                                  OR named.command IS NOT NULL
                                  OR @fold(s.saidCommand) = coalesce(byVersion.command, anyVersion.command)
                                  -- a service too new for the lists
                                  OR @fold(@extract(s.saidCommand, '(?s)\A[^.]*[.](.*)\z')) = s.operation
                                     AND s.source NOT IN ({{known_sources}}))
                            THEN 1 ELSE 0 END AS isSaid
                  FROM (SELECT o.*,
                               coalesce(odd.eventName, o.operation) AS apiCall,
                               CASE WHEN @matches(o.apiVersion, '\A[0-9]{4}[-_]?[0-9]{2}[-_]?[0-9]{2}\z')
                                    THEN @replace_all(o.apiVersion, '[-_]', '') END AS apiDate
                          FROM cloudtrail_said AS o
                          LEFT JOIN cloudtrail_odd_name AS odd
                                 ON odd.source = o.source AND odd.eventName = o.apiName) AS s
                  LEFT JOIN cloudtrail_event_command AS byVersion
                         ON byVersion.source = s.source AND byVersion.apiCall = s.apiCall
                        AND byVersion.apiVersion = s.apiDate
                  LEFT JOIN (SELECT source, apiCall, command
                               FROM cloudtrail_event_command
                              WHERE apiVersion = '') AS anyVersion
                         ON anyVersion.source = s.source AND anyVersion.apiCall = s.apiCall
                  LEFT JOIN cloudtrail_command_name AS named
                         ON named.source = s.source AND named.apiCall = s.apiCall
                        AND named.command = @fold(s.saidCommand)) AS t) AS e
  LEFT JOIN cloudtrail_suspicious_command AS l ON l.folded = e.anyCommand;

-- Each with whom it counts for, and what of it aws_discovery_burst counts.
CREATE OR REPLACE VIEW cloudtrail_event AS
SELECT q.*,
       q.accountId || ' ' || q.accountName AS account,
       -- the agents that pages of the console send do not count, unless with a long-lived key
       CASE WHEN q.isListed = 1 AND q.mayDiscover = 1 THEN q.eventSource || ' ' || q.callName END
           AS listedCall,
       CASE WHEN q.isReading = 1 AND q.mayDiscover = 1 THEN q.eventSource || ' ' || q.callName END
           AS readingCall
  FROM (SELECT n.*,
               CASE WHEN n.upn <> '' THEN n.upn
                    ELSE coalesce(nullif(n.onBehalfOfUserId, ''), nullif(n.userIdentityPrincipalId, ''),
                                  n.accountId) END AS accountName,
               CASE WHEN n.upn <> ''
                    THEN coalesce(@extract(n.sentinelName, '\A[^@]*@([^@]*)'), '') ELSE '' END
                   AS accountUPNSuffix,
               coalesce(nullif(n.sessionIssuerArn, ''),
                        -- all sessions of a role are one
                        CASE WHEN @matches(n.userIdentityArn,
                                           '\Aarn:[^:]+:[^:]+:[^:]*:[^:]*:/?assumed-role[/:]')
                             THEN @extract(n.userIdentityArn,
                                           '(?s)\A(arn:[^:]+:sts:[^:]*:[^:]*:/?assumed-role/[^/]*)/.')
                             ELSE nullif(n.userIdentityArn, '') END) AS roleArn,
               CASE WHEN n.userAgent LIKE '%sid/%' AND n.agent NOT LIKE 'Mozilla/%'
                    THEN @extract(n.agent, '(?s)\A.* [Ss][Ii][Dd]/([^ ]+)') END AS sessionId,
               CASE WHEN coalesce(nullif(n.eventType, ''), 'AwsApiCall') = 'AwsApiCall'
                     AND coalesce(n.userIdentityType, '') <> 'AWSService'
                     AND n.address NOT LIKE '%.amazonaws.com'
                     AND n.address <> 'AWS Internal'
                     AND (n.isConsole = 0
                          OR n.foldedAgent NOT LIKE '%aws-internal/%'
                             AND n.userIdentityAccessKeyId LIKE 'AKIA%')
                    THEN 1 ELSE 0 END AS mayDiscover
          FROM (SELECT m.*,
                       coalesce(@extract(m.sentinelName, '\A([^@]*)'), '') AS upn
                  FROM (SELECT k.*,
                               CASE WHEN {{console_agents}} THEN 1 ELSE 0 END AS isConsole,
                               CASE WHEN {{tool_agents}} THEN 1 ELSE 0 END AS isTool,
                               coalesce(nullif(k.recipientAccountId, ''), k.userIdentityAccountId, '')
                                   AS accountId,
                               coalesce(k.sourceIPAddress, '') AS address,
                               CASE WHEN k.userIdentityPrincipalId = 'Anonymous' THEN 'Anonymous'
                                    WHEN k.userIdentityUserName <> '' THEN k.userIdentityUserName
                                    WHEN k.userIdentityArn <> ''
                                    THEN @extract(k.userIdentityArn, '([^/]*)\z')
                                    ELSE @extract(k.resourceArn, '([^/]*)\z') END AS sentinelName
                          FROM (SELECT f.*,
                                       @replace_all(f.foldedAgent, '\A[ \[]+| +\z', '') AS bareAgent
                                  FROM cloudtrail_command AS f) AS k) AS m) AS n) AS q
 WHERE q.command IS NOT NULL
    OR q.mayDiscover = 1;

-- Each as often as it is counted: once for each grouping and window, under that group. slot is the window's
-- length that its time lies in.
CREATE OR REPLACE VIEW cloudtrail_counted AS
SELECT x.*,
       @div(x.moment, x.width) AS slot
  FROM (SELECT e.*,
               w.ruleName,
               w.groupedBy,
               w.windowName,
               w.width,
               w.threshold,
               CASE w.groupedBy WHEN 'role' THEN e.roleArn WHEN 'session' THEN e.sessionId
                    ELSE e.accountName END AS group1,
               CASE w.groupedBy WHEN 'role' THEN e.address WHEN 'session' THEN ''
                    ELSE e.accountId END AS group2,
               CASE WHEN w.ruleName = 'aws_cli_recon_burst' THEN e.accountUPNSuffix ELSE '' END AS group3,
               CASE WHEN w.ruleName = 'aws_cli_recon_burst' THEN e.address ELSE '' END AS group4,
               CASE WHEN w.ruleName = 'aws_cli_recon_burst' THEN e.command
                    WHEN w.windowName = 'wide' THEN e.readingCall
                    WHEN w.groupedBy = 'session' THEN e.listedCall || ' ' || e.accountId
                    ELSE e.listedCall END AS thing
          FROM cloudtrail_event AS e
         CROSS JOIN cloudtrail_window AS w) AS x
 WHERE x.thing IS NOT NULL
   AND x.group1 IS NOT NULL;

-- The slots in which a group may have a burst. Each window lies in two slots, one behind the other: where no
-- such two together hold enough different things, there is none.
CREATE OR REPLACE VIEW cloudtrail_busy AS
SELECT DISTINCT b.ruleName, b.groupedBy, b.windowName, b.group1, b.group2, b.group3, b.group4, b.slot + n.next AS slot
  FROM (SELECT p.ruleName, p.groupedBy, p.windowName, p.group1, p.group2, p.group3, p.group4, p.slot
          FROM (SELECT DISTINCT c.ruleName, c.groupedBy, c.windowName, c.group1, c.group2, c.group3, c.group4,
                       c.threshold, c.thing, c.slot - m.before AS slot
                  FROM cloudtrail_counted AS c
                 CROSS JOIN (SELECT 0 AS before UNION ALL SELECT 1) AS m) AS p
         GROUP BY p.ruleName, p.groupedBy, p.windowName, p.group1, p.group2, p.group3, p.group4, p.slot
        HAVING count(*) >= min(p.threshold)) AS b
 CROSS JOIN (SELECT 0 AS next UNION ALL SELECT 1) AS n;

-- Windows slide: [t, t + width) is looked at for every event's t. A thing that happens at a, and then
-- again and again until b without a pause longer than the width, is in the windows that begin after
-- a - width and not after b. So the number of different things in the window that begins at t is
-- the number of such stretches that have begun by then and not ended: a running sum, however many
-- events a window holds.
CREATE OR REPLACE VIEW cloudtrail_stretch AS
SELECT c.*,
       m.mark,
       CASE m.mark WHEN 'begin' THEN c.moment - c.width + 1 WHEN 'end' THEN c.moment + 1
            ELSE c.moment END AS point,
       CASE m.mark WHEN 'begin' THEN 1 WHEN 'end' THEN -1 ELSE 0 END AS step
  FROM (SELECT e.*,
               e.moment - lag(e.moment) OVER (PARTITION BY e.ruleName, e.groupedBy, e.windowName, e.group1,
                                                           e.group2, e.group3, e.group4, e.thing
                                                  ORDER BY e.moment) AS pauseBefore,
               lead(e.moment) OVER (PARTITION BY e.ruleName, e.groupedBy, e.windowName, e.group1,
                                                 e.group2, e.group3, e.group4, e.thing
                                        ORDER BY e.moment) - e.moment AS pauseBehind
          FROM cloudtrail_counted AS e
          JOIN cloudtrail_busy AS b
            ON b.ruleName = e.ruleName AND b.groupedBy = e.groupedBy AND b.windowName = e.windowName
           AND b.group1 = e.group1 AND b.group2 = e.group2 AND b.group3 = e.group3 AND b.group4 = e.group4
           AND b.slot = e.slot) AS c
 CROSS JOIN (SELECT 'event' AS mark UNION ALL SELECT 'begin' UNION ALL SELECT 'end') AS m
 WHERE m.mark = 'event'
    OR m.mark = 'begin' AND (c.pauseBefore IS NULL OR c.pauseBefore > c.width)
    OR m.mark = 'end' AND (c.pauseBehind IS NULL OR c.pauseBehind > c.width);

-- The events that lie in a window with enough, and the burst of each: one begins where a window
-- that holds enough shares no event with those before it.
CREATE OR REPLACE VIEW cloudtrail_burst_event AS
SELECT g.*
  FROM (SELECT f.*,
               row_number() OVER (PARTITION BY f.ruleName, f.groupedBy, f.windowName, f.group1, f.group2,
                                               f.group3, f.group4, f.burst, f.eventTime, f.eventID
                                      ORDER BY f.file) AS delivery
          FROM (SELECT b.*,
                       max(CASE WHEN b.isStart = 1
                                 AND (b.startBefore IS NULL OR b.point - b.startBefore >= b.width)
                                THEN b.point END)
                           OVER (PARTITION BY b.ruleName, b.groupedBy, b.windowName, b.group1, b.group2,
                                              b.group3, b.group4
                                     ORDER BY b.point) AS burst
                  FROM (SELECT a.*,
                               max(CASE WHEN a.isStart = 1 THEN a.point END)
                                   OVER (PARTITION BY a.ruleName, a.groupedBy, a.windowName, a.group1,
                                                      a.group2, a.group3, a.group4
                                             ORDER BY a.point) AS lastStart,
                               max(CASE WHEN a.isStart = 1 THEN a.point END)
                                   OVER (PARTITION BY a.ruleName, a.groupedBy, a.windowName, a.group1,
                                                      a.group2, a.group3, a.group4
                                             ORDER BY a.point
                                             RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                                   AS startBefore
                          FROM (SELECT n.*,
                                       CASE WHEN n.mark = 'event' AND n.inWindow >= n.threshold
                                            THEN 1 ELSE 0 END AS isStart
                                  FROM (SELECT s.*,
                                               sum(s.step)
                                                   OVER (PARTITION BY s.ruleName, s.groupedBy, s.windowName,
                                                                      s.group1, s.group2, s.group3, s.group4
                                                             ORDER BY s.point) AS inWindow
                                          FROM cloudtrail_stretch AS s) AS n
                                 WHERE n.mark = 'event') AS a) AS b) AS f
         WHERE f.point - f.lastStart < f.width) AS g
 -- CloudTrail delivers some events twice; without an id nothing tells that two are one
 WHERE g.delivery = 1
    OR g.eventID IS NULL;

-- One row a burst.
CREATE OR REPLACE VIEW cloudtrail_burst AS
SELECT t.*
  FROM (SELECT ruleName,
               groupedBy,
               windowName,
               min(eventTime) AS firstTime,
               max(eventTime) AS lastTime,
               @div(max(moment) - min(moment) + 500, 1000) AS seconds,
               @first(accountId, eventKey) AS recipientAccountId,
               @first(accountName, eventKey) AS accountName,
               @first(accountUPNSuffix, eventKey) AS accountUPNSuffix,
               @first(address, eventKey) AS sourceIPAddress,
               count(DISTINCT CASE WHEN ruleName = 'aws_cli_recon_burst' THEN command
                                   ELSE eventSource || ' ' || callName END) AS thingCount,
               max(inWindow) AS peakCount,
               count(*) AS eventCount,
               count(CASE WHEN isDenied = 1 THEN 1 END) AS deniedCount,
               count(nullif(errorCode, '')) AS errorCount,
               CASE WHEN min(mfaAuthenticated) = max(mfaAuthenticated) THEN min(mfaAuthenticated) END
                   AS mfaAuthenticated,
               count(DISTINCT account) AS accountCount,
               count(DISTINCT accountName) AS nameCount,
               count(DISTINCT nullif(address, '')) AS addressCount,
               count(DISTINCT CASE WHEN isTool = 1 THEN listedCall || ' ' || accountId END) AS toolListed,
               count(DISTINCT CASE WHEN isTool = 1 THEN readingCall END) AS toolReading,
               count(DISTINCT CASE WHEN isTool = 0 THEN listedCall || ' ' || accountId END) AS otherListed,
               count(DISTINCT CASE WHEN isTool = 0 THEN readingCall END) AS otherReading,
               @json_list(CASE WHEN ruleName = 'aws_cli_recon_burst' THEN command
                               ELSE @replace_all(eventSource, '[.]amazonaws[.]com', '') || ':' || callName END)
                   AS things,
               CASE WHEN min(commandSource) = max(commandSource) THEN min(commandSource) ELSE 'mixed' END
                   AS commandSource,
               @json_list(accountName || CASE accountUPNSuffix WHEN '' THEN ''
                                              ELSE '@' || accountUPNSuffix END) AS identities,
               @json_list(accountId) AS accounts,
               @json_list(nullif(userIdentityArn, '')) AS arns,
               @json_list(nullif(userIdentityAccessKeyId, '')) AS accessKeyIds,
               @json_list(nullif(address, '')) AS addresses,
               @json_list(nullif(awsRegion, '')) AS regions,
               @json_list(sessionId) AS sessionIds,
               @json_list(userAgent) AS userAgents,
               @json_in_order(eventID, eventKey) AS evidence,
               @json_list(file) AS files,
               @lines(CASE WHEN file LIKE 's3%' THEN 'aws s3 cp ' ELSE 'cp ' END
                      || '''' || replace(file, '''', '''\''''') || ''' evidence/') AS download
          FROM (SELECT e.*,
                       e.eventTime || ' ' || coalesce(e.eventID, '') AS eventKey,
                       CASE WHEN @denied(e.errorCode) THEN 1 ELSE 0 END AS isDenied
                  FROM cloudtrail_burst_event AS e) AS e
         GROUP BY ruleName, groupedBy, windowName, group1, group2, group3, group4, burst) AS t
 WHERE t.groupedBy NOT IN ('role', 'session')
       -- else the group by name has every event already
    OR t.groupedBy = 'role' AND t.accountCount > 1
    OR t.groupedBy = 'session' AND t.thingCount >= 4;

-- The findings: columns as cloudtrail_detect() reads them, and the files behind them.
CREATE OR REPLACE VIEW cloudtrail_finding AS
SELECT b.ruleName,
       b.firstTime,
       b.lastTime,
       b.recipientAccountId,
       b.accountName,
       b.accountUPNSuffix,
       b.sourceIPAddress,
       CASE WHEN b.isOrdinary = 1 THEN 'Informational' END AS severity,
       CASE WHEN b.isOrdinary = 1 THEN 'ordinary agent' END AS suppressedBy,
       coalesce(nullif(b.accountName, ''), 'An identity without a name')
           || CASE b.accountUPNSuffix WHEN '' THEN '' ELSE '@' || b.accountUPNSuffix END
           || CASE WHEN b.ruleName = 'aws_cli_recon_burst'
                   THEN ' ran ' || @text(b.thingCount) || ' suspicious AWS CLI commands'
                   ELSE CASE WHEN b.nameCount > 1 THEN ' and others' ELSE '' END
                        || ' made ' || @text(b.thingCount) || ' different discovery calls' END
           -- from two minutes on in minutes, so with hours and days
           || CASE WHEN b.seconds = 0 THEN ' within a second'
                   WHEN b.seconds = 1 THEN ' in 1 second'
                   WHEN b.seconds >= 172800 THEN ' in ' || @text(@div(b.seconds + 43200, 86400)) || ' days'
                   WHEN b.seconds >= 7200 THEN ' in ' || @text(@div(b.seconds + 1800, 3600)) || ' hours'
                   WHEN b.seconds >= 120 THEN ' in ' || @text(@div(b.seconds + 30, 60)) || ' minutes'
                   ELSE ' in ' || @text(b.seconds) || ' seconds' END
           || CASE b.sourceIPAddress WHEN '' THEN '' ELSE ' from ' || b.sourceIPAddress END
           || CASE WHEN b.addressCount > 1 AND b.sourceIPAddress <> ''
                   THEN ' and ' || @text(b.addressCount - 1) || ' more' ELSE '' END
           || CASE b.recipientAccountId WHEN '' THEN '' ELSE ' in account ' || b.recipientAccountId END
           || CASE b.deniedCount WHEN 0 THEN '.' WHEN 1 THEN '; 1 call was denied.'
                   ELSE '; ' || @text(b.deniedCount) || ' calls were denied.' END AS summary,
       '{"grouping":"' || b.groupedBy || '","window":"' || b.windowName
           || CASE WHEN b.ruleName = 'aws_cli_recon_burst'
                   THEN '","commandCount":' ELSE '","callCount":' END || @text(b.thingCount)
           || ',"peakCount":' || @text(b.peakCount)
           || ',"eventCount":' || @text(b.eventCount)
           || ',"deniedCount":' || @text(b.deniedCount)
           || ',"errorCount":' || @text(b.errorCount)
           || CASE WHEN b.ruleName = 'aws_cli_recon_burst'
                   THEN ',"mfaAuthenticated":' || coalesce(@text(b.mfaAuthenticated), 'null')
                        || ',"commandSource":"' || b.commandSource || '","commands":'
                   ELSE ',"calls":' END || b.things
           || ',"identities":' || b.identities
           || ',"accounts":' || b.accounts
           || ',"arns":' || b.arns
           || ',"accessKeyIds":' || b.accessKeyIds
           || ',"addresses":' || b.addresses
           || ',"regions":' || b.regions
           || ',"sessionIds":' || b.sessionIds
           || ',"userAgents":' || b.userAgents || '}' AS details,
       b.evidence,
       b.files,
       b.download
  FROM (SELECT x.*,
               -- tools made calls enough for a burst, all others together too few
               CASE WHEN x.ruleName = 'aws_discovery_burst'
                     AND x.deniedCount = 0
                     AND (x.toolListed >= {{least_listed}} OR x.toolReading >= {{wide}})
                     AND x.otherListed < {{least_listed}}
                     AND x.otherReading < {{wide}} THEN 1 ELSE 0 END AS isOrdinary
          FROM cloudtrail_burst AS x) AS b;

SELECT *
  FROM cloudtrail_finding
 ORDER BY firstTime, ruleName, details;
