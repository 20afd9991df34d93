-- alert_navigator: the techniques of the alerts, and of the hunts that found something, as a layer for
-- MITRE's ATT&CK Navigator: one row, a JSON object.
--
-- score:   how many alerts have the technique; 0 where only a hunt has found it. Alerts that were merged
--          into another or are suppressed do not count. comment names the rules, and of each the first
--          five whom its alerts are about; and the hunts, with the number of their findings.
-- How:     a technique stands without a tactic, so it shows under each tactic that it belongs to; what is
--          no technique's id (T1087, T1087.004) is left out.
-- Next step: SELECT json FROM alert_navigator into a file; in the Navigator: Open Existing Layer.
-- Version: 4.5 of the layer format.
--          https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md
CREATE VIEW alert_navigator AS
WITH
counted AS (
    SELECT
        a.alertID,
        a.ruleName,
        a.startTime,
        a.endTime,
        a.accountName || CASE WHEN a.accountUPNSuffix = '' THEN '' ELSE '@' || a.accountUPNSuffix END
            AS who,
        -- a list, or one text that somebody has put there
        CASE WHEN a.techniques GLOB '[[]*' THEN ct_json_text(a.techniques, '$')
             ELSE ct_json_array(CAST(a.techniques AS TEXT)) END AS techniqueList
    FROM alert AS a
    WHERE a.mergedInto IS NULL
      AND a.state <> 'suppressed'
),
named AS (
    SELECT DISTINCT c.alertID, c.ruleName, c.startTime, c.who, t.value AS techniqueID
    FROM counted AS c
    CROSS JOIN json_each(c.techniqueList) AS t
    WHERE t.type = 'text'
      AND (t.value GLOB 'T[0-9][0-9][0-9][0-9]'
           OR t.value GLOB 'T[0-9][0-9][0-9][0-9].[0-9][0-9][0-9]')
),
-- whom the alerts of a rule are about, each once
person AS (
    SELECT
        techniqueID,
        ruleName,
        who,
        row_number() OVER (PARTITION BY techniqueID, ruleName ORDER BY min(startTime), who) AS number
    FROM named
    WHERE who <> ''
    GROUP BY techniqueID, ruleName, who
),
told AS (
    SELECT
        n.techniqueID,
        count(*) AS alerts,
        ifnull(r.title, n.ruleName) || ': ' || count(*)
        || ifnull((SELECT ' (' || group_concat(p.who, ', ')
                          || CASE WHEN p.people > 5 THEN printf(' and %d more', p.people - 5) ELSE '' END
                          || ')'
                     FROM (SELECT q.who, q.number, max(q.number) OVER () AS people
                             FROM person AS q
                            WHERE q.techniqueID = n.techniqueID
                              AND q.ruleName = n.ruleName
                            ORDER BY q.number) AS p
                    WHERE p.number <= 5), '') AS comment,
        min(n.startTime) AS first
    FROM named AS n
    LEFT JOIN rule AS r ON r.name = n.ruleName
    GROUP BY n.techniqueID, n.ruleName
),
found AS (
    SELECT
        f.hunt,
        ifnull(r.title, f.hunt) AS title,
        count(*) AS findings,
        CASE WHEN r.techniques GLOB '[[]*' THEN ct_json_text(r.techniques, '$')
             ELSE ct_json_array(CAST(r.techniques AS TEXT)) END AS techniqueList
    FROM hunt_finding AS f
    JOIN rule AS r ON r.name = f.hunt
    WHERE f.suppressedBy IS NULL
    GROUP BY f.hunt
),
told_of_hunts AS (
    SELECT DISTINCT
        t.value AS techniqueID,
        0 AS alerts,
        f.title || CASE f.findings WHEN 1 THEN ': 1 finding' ELSE ': ' || f.findings || ' findings' END
            AS comment,
        '~' AS first -- behind all times
    FROM found AS f
    CROSS JOIN json_each(f.techniqueList) AS t
    WHERE t.type = 'text'
      AND (t.value GLOB 'T[0-9][0-9][0-9][0-9]'
           OR t.value GLOB 'T[0-9][0-9][0-9][0-9].[0-9][0-9][0-9]')
),
technique AS (
    SELECT techniqueID, sum(alerts) AS score, group_concat(comment, char(10)) AS comment
    FROM (SELECT * FROM told UNION ALL SELECT * FROM told_of_hunts
           ORDER BY techniqueID, first, comment)
    GROUP BY techniqueID
)
SELECT
    ct_json_object(
        'name', 'CloudTrail alerts and hunts',
        'versions', ct_json_object('navigator', '4.9.0', 'layer', '4.5'),
        'domain', 'enterprise-attack',
        'description', (
            SELECT CASE count(*) WHEN 0 THEN 'No alerts'
                                 WHEN 1 THEN '1 alert' ELSE count(*) || ' alerts' END
                   || ifnull(strftime(' from %Y-%m-%d %H:%M:%S', min(startTime))
                             || strftime(' to %Y-%m-%d %H:%M:%S UTC', max(endTime)), '')
                   || '. The score of a technique is the number of alerts that have it; 0: a hunt has found it.'
              FROM counted),
        'layout', ct_json_object('layout', 'side', 'showID', ct_json('true'),
                                 'expandedSubtechniques', 'annotated'),
        'sorting', 3,
        'techniques', (
            SELECT ct_json_group_array(ct_json_object('techniqueID', techniqueID, 'score', score,
                                                      'comment', comment))
              FROM (SELECT * FROM technique ORDER BY score DESC, techniqueID)),
        'gradient', ct_json_object(
            'colors', ct_json_array('#ffe8d6', '#f4a261', '#c1121f'),
            'minValue', 0,
            'maxValue', max(1, ifnull((SELECT max(score) FROM technique), 1)))
    ) AS json;
