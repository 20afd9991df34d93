-- event_aws_cli: the events whose user agent begins with `aws-cli`, be it in [ ]: the layer under both
-- rules and aws_cli_event, in which the condition of the index cloudtrail_aws_cli stands once.
--
-- Whoever reads it asks for isCall, and where that is cheap: behind what leaves few events.
CREATE VIEW event_aws_cli AS
SELECT *
FROM event_named
-- SQLite takes the index where its condition stands as it is
WHERE ltrim(userAgent, ' [') COLLATE NOCASE BETWEEN 'aws-cli' AND 'aws-clj';
