-- cloudtrail_coverage: what there is, in runs of hours with events and without, for each account,
-- region and category of events.
--
-- Why: before saying that nothing happened, see whether there are logs of that time at all.
-- Columns: gap 0 is a run of hours each of which has an event: firstTime and lastTime are those of
--   its first and last event. gap 1 are the silent hours between two such runs, from their first
--   second to their last; files and events are 0. `hours` counts them.
-- False positives: a region where nobody works is silent for hours. A gap is a question, not an
--   answer: cloudtrail_missing answers it where there are digests.
CREATE VIEW cloudtrail_coverage AS
WITH
counted (recipientAccountId, awsRegion, eventCategory, hour, fileID, firstTime, lastTime, events) AS (
    SELECT
        recipientAccountId,
        awsRegion,
        eventCategory,
        strftime('%s', substr(eventTime, 1, 13) || ':00:00Z') / 3600,
        fileID,
        min(eventTime),
        max(eventTime),
        count(*)
    FROM cloudtrail
    GROUP BY 1, 2, 3, 4, 5
),
-- hours that follow one another have the same distance from their rank
numbered AS (
    SELECT
        *,
        hour - dense_rank() OVER (
            PARTITION BY recipientAccountId, awsRegion, eventCategory
            ORDER BY hour
        ) AS run
    FROM counted
),
runs AS (
    SELECT
        recipientAccountId,
        awsRegion,
        eventCategory,
        min(firstTime) AS firstTime,
        max(lastTime) AS lastTime,
        min(hour) AS firstHour,
        max(hour) AS lastHour,
        count(DISTINCT fileID) AS files,
        sum(events) AS events
    FROM numbered
    GROUP BY recipientAccountId, awsRegion, eventCategory, run
),
followed AS (
    SELECT
        *,
        lead(firstHour) OVER (
            PARTITION BY recipientAccountId, awsRegion, eventCategory
            ORDER BY firstHour
        ) AS nextHour
    FROM runs
)
SELECT
    recipientAccountId,
    awsRegion,
    eventCategory,
    firstTime,
    lastTime,
    lastHour - firstHour + 1 AS hours,
    0 AS gap,
    files,
    events
FROM followed
UNION ALL
SELECT
    recipientAccountId,
    awsRegion,
    eventCategory,
    strftime('%Y-%m-%dT%H:%M:%SZ', (lastHour + 1) * 3600, 'unixepoch'),
    strftime('%Y-%m-%dT%H:%M:%SZ', nextHour * 3600 - 1, 'unixepoch'),
    nextHour - lastHour - 1,
    1,
    0,
    0
FROM followed
WHERE nextHour IS NOT NULL
ORDER BY 1, 2, 3, 4;
