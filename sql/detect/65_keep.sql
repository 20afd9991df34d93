-- What this call touched is dated; what a call just before it touched stays beside it.
UPDATE temp.cloudtrail_detected SET detectedAt = julianday('now');

INSERT OR IGNORE INTO temp.cloudtrail_detected (alertID, ruleName, change, isEarlier, detectedAt)
SELECT alertID, ruleName, change, 1, detectedAt
  FROM temp.cloudtrail_detected_earlier;
