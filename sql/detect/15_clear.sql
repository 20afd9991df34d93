-- Nothing is left of the call before, but for what it said less than a second ago: some clients ask
-- twice.
DELETE FROM temp.cloudtrail_detected_earlier;

INSERT INTO temp.cloudtrail_detected_earlier (alertID, ruleName, change, detectedAt)
SELECT alertID, ruleName, change, detectedAt
  FROM temp.cloudtrail_detected
 WHERE detectedAt > julianday('now') - 1.0 / 86400;

DELETE FROM temp.cloudtrail_detected;
DELETE FROM temp.cloudtrail_finding_alert;
DELETE FROM temp.cloudtrail_incident_node;
DELETE FROM temp.cloudtrail_incident_member;
DELETE FROM temp.cloudtrail_incident_now;
DELETE FROM temp.cloudtrail_incident_claim;
DELETE FROM temp.cloudtrail_incident_reach;
DELETE FROM temp.cloudtrail_incident_deed;
DELETE FROM temp.cloudtrail_incident_list;
