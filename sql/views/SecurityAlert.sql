-- SecurityAlert: the alerts under the names and rules of Microsoft Sentinel's table.
--
-- Missing strings are ''. Tactics, Techniques and SubTechniques are lists with commas, Entities and
-- ExtendedProperties JSON, with the custom details as a text in it, as Sentinel has them. SystemAlertId
-- and VendorOriginalId are the alertID, AlertType the rule's GUID. Status is New, InProgress, Resolved
-- or Dismissed (suppressed); for another state of the analyst's it is Unknown. Alerts that were merged
-- into another are left out. TenantId and what else only a workspace knows is ''.
-- Source: https://learn.microsoft.com/azure/sentinel/security-alert-schema
--         https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityalert
-- Readable without the extension.
CREATE VIEW SecurityAlert AS
SELECT
    a.detectedAt                               AS TimeGenerated,
    ifnull(r.title, a.ruleName)                AS DisplayName,
    ifnull(r.title, a.ruleName)                AS AlertName,
    a.severity                                 AS AlertSeverity,
    ifnull(r.description, '')                  AS Description,
    'sqlite-cloudtrail'                        AS ProviderName,
    'sqlite-cloudtrail'                        AS VendorName,
    a.alertID                                  AS VendorOriginalId,
    a.alertID                                  AS SystemAlertId,
    ''                                         AS ResourceId,
    ''                                         AS SourceComputerId,
    ifnull(r.id, '')                           AS AlertType,
    ''                                         AS ConfidenceLevel,
    NULL                                       AS ConfidenceScore,
    0                                          AS IsIncident,
    a.startTime                                AS StartTime,
    a.endTime                                  AS EndTime,
    a.detectedAt                               AS ProcessingEndTime,
    ''                                         AS RemediationSteps,
    '{"Custom Details":"' || replace(replace(a.customDetails, '\', '\\'), '"', '\"')
        || '","Event Count":"' || a.eventCount || '","Data Sources":"[\"AWSCloudTrail\"]"}'
                                               AS ExtendedProperties,
    a.entities                                 AS Entities,
    'Detection'                                AS SourceSystem,
    ''                                         AS WorkspaceSubscriptionId,
    ''                                         AS WorkspaceResourceGroup,
    ''                                         AS ExtendedLinks,
    'sqlite-cloudtrail'                        AS ProductName,
    ifnull(r.kind || ' Alerts', '')            AS ProductComponentName,
    ''                                         AS AlertLink,
    CASE replace(replace(lower(a.state), ' ', ''), '_', '')
        WHEN 'new' THEN 'New'
        WHEN 'suppressed' THEN 'Dismissed'
        WHEN 'dismissed' THEN 'Dismissed'
        WHEN 'inprogress' THEN 'InProgress'
        WHEN 'resolved' THEN 'Resolved'
        WHEN 'closed' THEN 'Resolved'
        ELSE 'Unknown'
    END                                        AS Status,
    a.accountName || CASE WHEN a.accountUPNSuffix = '' THEN '' ELSE '@' || a.accountUPNSuffix END
                                               AS CompromisedEntity,
    CASE WHEN a.tacticList IS NULL THEN a.tactics
         ELSE ifnull((SELECT group_concat(value, ',') FROM json_each(a.tacticList)), '')
    END                                        AS Tactics,
    -- a sub-technique's technique, each once
    ifnull((SELECT group_concat(technique, ',')
              FROM (SELECT substr(value, 1, instr(value || '.', '.') - 1) AS technique
                      FROM (SELECT value, key FROM json_each(a.techniqueList)
                            UNION ALL
                            SELECT a.techniques, 0 WHERE a.techniqueList IS NULL)
                     GROUP BY technique
                     ORDER BY min(key))), '')  AS Techniques,
    ifnull((SELECT group_concat(value, ',')
              FROM (SELECT value FROM json_each(a.techniqueList)
                    UNION ALL
                    SELECT a.techniques WHERE a.techniqueList IS NULL)
             WHERE instr(value, '.')), '')     AS SubTechniques,
    ''                                         AS TenantId,
    'SecurityAlert'                            AS Type
FROM (SELECT *,
             -- NULL where it is no list: one text that somebody has put there
             CASE WHEN tactics = '[]' OR tactics GLOB '[[]"*"]' AND tacticItems NOT GLOB noItem
                  THEN tactics END AS tacticList,
             CASE WHEN techniques = '[]' OR techniques GLOB '[[]"*"]' AND techniqueItems NOT GLOB noItem
                  THEN techniques END AS techniqueList
        FROM (SELECT *,
                     -- the items without what separates them; then no quote is left
                     replace(replace(substr(tactics, 3, length(tactics) - 4), '","', ''), '", "', '')
                         AS tacticItems,
                     replace(replace(substr(techniques, 3, length(techniques) - 4), '","', ''),
                             '", "', '') AS techniqueItems,
                     '*[' || char(1) || '-' || char(31) || '"\]*' AS noItem
                FROM alert)) AS a
LEFT JOIN rule AS r ON r.name = a.ruleName
WHERE a.mergedInto IS NULL;
