-- cloudtrail_coverage: what there is, hour by hour, for each account and region.
--
-- Why: before saying that nothing happened, see whether there are logs of that hour at all.
-- Columns: gap is 1 for an hour without any event between the first and the last hour of that
--   account and region; such hours have files 0 and events 0. Of a gap longer than 31 days only the
--   first hour is listed.
-- False positives: a region where nobody works is silent for hours. A gap is a question, not an
--   answer: cloudtrail_missing answers it where there are digests.
CREATE VIEW cloudtrail_coverage AS
WITH RECURSIVE
counted (recipientAccountId, awsRegion, hour, files, events) AS (
    SELECT
        recipientAccountId,
        awsRegion,
        substr(eventTime, 1, 13) || ':00:00Z',
        count(DISTINCT fileID),
        count(*)
    FROM cloudtrail
    GROUP BY 1, 2, 3
),
-- each hour and the one that follows it in the data
followed AS (
    SELECT
        *,
        lead(hour) OVER (PARTITION BY recipientAccountId, awsRegion ORDER BY hour) AS next
    FROM counted
),
-- the hours between the two
gaps (recipientAccountId, awsRegion, hour, next) AS (
    SELECT recipientAccountId, awsRegion, strftime('%Y-%m-%dT%H:00:00Z', hour, '+1 hour'), next
    FROM followed
    WHERE next > strftime('%Y-%m-%dT%H:00:00Z', hour, '+1 hour')
    UNION ALL
    SELECT recipientAccountId, awsRegion, strftime('%Y-%m-%dT%H:00:00Z', hour, '+1 hour'), next
    FROM gaps
    WHERE next > strftime('%Y-%m-%dT%H:00:00Z', hour, '+1 hour')
      AND julianday(next) - julianday(hour) < 31
)
SELECT recipientAccountId, awsRegion, hour, files, events, 0 AS gap FROM counted
UNION ALL
SELECT recipientAccountId, awsRegion, hour, 0, 0, 1 FROM gaps
ORDER BY 1, 2, 3;
