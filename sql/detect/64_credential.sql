-- The keys of the alerts, and all that was issued to anybody: read once for all that follows.
-- Without an alert there is nothing to hold together.
DELETE FROM temp.cloudtrail_alert_key;
DELETE FROM temp.cloudtrail_credential;

INSERT OR IGNORE INTO temp.cloudtrail_alert_key (alertID, accessKeyId)
SELECT alertID, access_key_id(userIdentityAccessKeyId)
  FROM main.alert_evidence
 WHERE access_key_id(userIdentityAccessKeyId) IS NOT NULL;

INSERT INTO temp.cloudtrail_credential
    (link, issuerLink, accessKeyId, how, issuedAt, issuerPrincipal, receiverPrincipal,
     receiverAccountId)
SELECT link, issuerLink, accessKeyId, how, eventTime, issuerPrincipal, receiverPrincipal,
       receiverAccountId
  FROM main.credential
 WHERE accessKeyId IS NOT NULL
   AND EXISTS (SELECT 1 FROM main.alert);
