-- near_miss: what was one to three different commands short of a burst of aws_cli_recon_burst.
--
-- Why:     a threshold is a guess. Somebody who runs seven of the commands is worth a look, and a list
--          of near misses shows what a lower threshold would cost.
-- Columns: commandCount, all different commands; peakCount, the most in one window; missing, how many
--          one window is short of the threshold; commands, JSON; the others as in the rule.
-- Window:  as in the rule, rule_parameter has the numbers. What belongs to a burst is not here.
CREATE VIEW near_miss AS
WITH
listed_event AS (
    SELECT
        e.recipientAccountId,
        e.accountName,
        e.accountUPNSuffix,
        e.sourceIPAddress,
        e.eventTime,
        e.command
    FROM suspicious_cli_event AS e
    ORDER BY e.eventTime, e.eventID, e.fileID, e.recordNumber
),
identity AS (
    SELECT
        recipientAccountId,
        accountName,
        accountUPNSuffix,
        sourceIPAddress,
        distinct_bursts(
            command, eventTime,
            (SELECT value FROM rule_parameter WHERE name = 'window_seconds'),
            -- a threshold that makes no sense fails here as it fails in the rule
            (SELECT CASE WHEN typeof(value) = 'integer' AND value > 3 THEN value - 3
                         WHEN typeof(value) = 'integer' AND value > 0 THEN 1
                         ELSE value END
               FROM rule_parameter
              WHERE name = 'threshold')) AS bursts
    FROM listed_event
    GROUP BY accountName, sourceIPAddress, recipientAccountId, accountUPNSuffix
    HAVING bursts <> '[]'
)
SELECT
    (SELECT value FROM json_each(b.value, '$.start')) AS firstTime,
    (SELECT value FROM json_each(b.value, '$.end')) AS lastTime,
    i.recipientAccountId,
    i.accountName,
    i.accountUPNSuffix,
    i.sourceIPAddress,
    (SELECT value FROM json_each(b.value, '$.count')) AS commandCount,
    peak.value AS peakCount,
    threshold.value - peak.value AS missing,
    (SELECT value FROM json_each(b.value, '$.events')) AS eventCount,
    (SELECT kql_make_list(value) FROM json_each(b.value, '$.values')) AS commands
FROM identity AS i
CROSS JOIN json_each(i.bursts) AS b
CROSS JOIN json_each(b.value, '$.peak') AS peak
CROSS JOIN rule_parameter AS threshold ON threshold.name = 'threshold'
WHERE peak.value < threshold.value;
