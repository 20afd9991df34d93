-- incident_ranked: what to look at first: the incidents that stand for themselves, by rank from 1.
--
-- rank: by weight (who changed something before who got new credentials, before who stopped logs, before
--       who was denied, then the severity), then by how much was changed and denied, then the newest.
-- Readable without the extension.
CREATE VIEW incident_ranked AS
SELECT
    row_number() OVER (ORDER BY weight DESC, changed DESC, denied DESC, firstTime DESC, incidentID)
        AS rank,
    incidentID,
    firstTime,
    lastTime,
    who,
    rules,
    alerts,
    severity,
    summary,
    events,
    changed,
    credentials,
    logsStopped,
    denied,
    weight
FROM incident
WHERE mergedInto IS NULL;
