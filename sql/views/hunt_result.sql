-- hunt_result: what cloudtrail_hunt() found, a row a finding: who, what, when, from where; the gravest
-- first, then by time.
--
-- who:    the name, with what stood behind an @ in it.
-- events: how many stand behind it; hunt_evidence has them.
-- Readable without the extension.
CREATE VIEW hunt_result AS
SELECT
    f.hunt,
    f.number,
    r.title,
    f.severity,
    f.firstTime,
    f.lastTime,
    f.accountName || CASE f.accountUPNSuffix WHEN '' THEN '' ELSE '@' || f.accountUPNSuffix END AS who,
    f.recipientAccountId,
    f.sourceIPAddress,
    f.summary,
    f.eventCount AS events,
    f.details,
    f.suppressedBy
FROM hunt_finding AS f
LEFT JOIN rule AS r ON r.name = f.hunt
ORDER BY CASE f.severity WHEN 'High' THEN 1 WHEN 'Medium' THEN 2 WHEN 'Low' THEN 3 ELSE 4 END,
         f.firstTime, f.hunt, f.number;
