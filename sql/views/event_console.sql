-- event_console: the calls that pages of the console make by themselves, by their agents: of the kind
-- 'console' in the table ordinary_agent, unless made with a long-lived key, which the console does not
-- have (AWS passes a user's on). What hunts leave out as NOT EXISTS (... WHERE k.event = c.event).
--
-- Blind spots: whoever types such an agent, with a key that is not long-lived.
CREATE VIEW event_console AS
SELECT c.event
FROM cloudtrail_call AS c
WHERE EXISTS (SELECT 1
                FROM ordinary_agent AS o
               WHERE o.kind = 'console'
                 AND trim(ltrim(c.userAgent, ' [')) LIKE o.pattern)
  AND NOT (ifnull(c.userIdentityAccessKeyId, '') GLOB 'AKIA*'
           AND c.userAgent NOT LIKE '%aws-internal/%');
