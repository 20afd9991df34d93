-- hunt_image_findings: which container images have grave findings, and who had them looked for no
-- more?
--
-- Title:        Findings in container images
-- Description:  A scan of an image in ECR told of critical, high or medium findings to whoever asked
--               for them; or the scanning of what is pushed was switched off.
-- Severity:     Low
-- Tactics:      Execution, DefenseEvasion
-- Techniques:   T1525, T1562.001
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           94e6a1b0-2c7d-4f53-8b9a-e05f3d68c712
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     ECR image scan findings high or critical; ECR image scan findings medium; Automatic
--               image scanning disabled for ECR
-- Why:          an image with a known hole is a way in, and one that nobody scans any more may be
--               somebody's hiding place.
-- Columns read: eventTime, eventName, eventSource, errorCode, requestParameters, responseElements,
--               userAgent, userIdentity*, sourceIPAddress, recipientAccountId, awsRegion;
--               rule_parameter.
-- Window:       calls for one image, or that switch off the scanning of one repository, by one
--               identity with pauses of less than hunt_shift (14400 seconds) are one finding.
-- False positives: every image has findings of medium severity; scanning that is switched off because
--               another scanner does it.
-- Blind spots:  findings that nobody asked for: CloudTrail records the question and the answer, not
--               the scan. Enhanced scanning (Inspector) answers elsewhere.
-- Next step:    who pulled the image (BatchGetImage), and where it runs.
--
-- Counted: DescribeImageScanFindings whose answer counts CRITICAL or HIGH (Medium) or MEDIUM (Low);
-- PutImageScanningConfiguration with scanOnPush false, PutRegistryScanningConfiguration without rules,
-- or either denied (Medium).
-- Shown by: no recording here has either; the tests compose them. Beside them a scan without findings,
-- and scanning switched on.
-- Cost in false positives: none on the shared recordings.
CREATE VIEW hunt_image_findings AS
WITH
deed AS (
    SELECT *,
           ct_json_text(requestParameters, '$.repositoryName')
               || ifnull('@' || ct_json_text(responseElements, '$.imageId.imageDigest'), '') AS image,
           ct_json_text(responseElements, '$.imageScanFindings.findingSeverityCounts.CRITICAL') + 0
               AS critical,
           ct_json_text(responseElements, '$.imageScanFindings.findingSeverityCounts.HIGH') + 0 AS high,
           ct_json_text(responseElements, '$.imageScanFindings.findingSeverityCounts.MEDIUM') + 0
               AS medium,
           eventName <> 'DescribeImageScanFindings' AS isOff
      FROM event_caller
     WHERE eventSource = 'ecr.amazonaws.com'
       AND (eventName = 'DescribeImageScanFindings'
                AND instr(responseElements, '"findingSeverityCounts"')
            OR eventName = 'PutImageScanningConfiguration'
                AND (ct_json_text(requestParameters, '$.imageScanningConfiguration.scanOnPush')
                     IN ('false', '0')
                     OR outcome = 'denied')
            OR eventName = 'PutRegistryScanningConfiguration'
                AND (instr(requestParameters, '"rules":[]') OR outcome = 'denied'))
),
-- What one identity did without a long pause.
run AS (
    SELECT *,
           episode(eventTime, (SELECT value FROM rule_parameter WHERE name = 'hunt_shift'))
               OVER (PARTITION BY recipientAccountId, accountName, accountUPNSuffix, isOff, image
                     ORDER BY eventTime, event) AS run
      FROM deed
     WHERE isOff OR critical > 0 OR high > 0 OR medium > 0
),
told AS (
    SELECT recipientAccountId,
           accountName,
           accountUPNSuffix,
           min(eventTime) AS firstTime,
           max(eventTime) AS lastTime,
           list_distinct(address) AS addresses,
           list_distinct(accessKeyId) AS accessKeyIds,
           list_distinct(client) AS clients,
           list_distinct(region) AS regions,
           list_distinct(call) AS calls,
           list_distinct(aws_call_name(eventName)) AS names,
           max(isOff) AS isOff,
           sum(isOff AND outcome = 'done') AS offCount,
           list_distinct(image) AS images,
           max(critical) AS critical,
           max(high) AS high,
           max(medium) AS medium,
           count(*) AS eventCount,
           sum(outcome = 'done') AS doneCount,
           sum(outcome = 'denied') AS deniedCount,
           ct_json_group_array(event) AS evidence
      FROM run
     GROUP BY recipientAccountId, accountName, accountUPNSuffix, isOff, image, run
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       ifnull((SELECT value FROM json_each(addresses) LIMIT 1), '') AS sourceIPAddress,
       '' AS groupKey,
       CASE WHEN isOff OR critical > 0 OR high > 0 THEN 'Medium' END AS severity,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE WHEN offCount > 0 THEN 'switched off the scanning of images'
                             WHEN isOff THEN 'tried to switch off the scanning of images'
                             ELSE printf('was told of %d critical, %d high and %d medium findings',
                                         critical, high, medium) END
                        || ifnull(' in ' || finding_list(images, 2), ''),
                        firstTime, lastTime,
                        finding_list(addresses, 1),
                        recipientAccountId, deniedCount) AS summary,
       ct_json_object('images', ct_json(images), 'critical', critical, 'high', high, 'medium', medium,
                      'calls', ct_json(calls),
                      'eventCount', eventCount, 'doneCount', doneCount, 'deniedCount', deniedCount,
                      'accessKeyIds', ct_json(accessKeyIds), 'addresses', ct_json(addresses),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told;
