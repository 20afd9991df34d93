-- Nothing is left of the call before. Then ext/db/rule_run.c fills cloudtrail_finding.
DELETE FROM temp.cloudtrail_finding;
DELETE FROM temp.cloudtrail_finding_event;
DELETE FROM temp.cloudtrail_finding_command;
