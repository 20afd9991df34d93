-- What an alert says in Sentinel's terms. rule.customDetails maps names to members of the finding's
-- details or to its columns; without a mapping all of the details are told.
UPDATE temp.cloudtrail_finding
   SET entities = json_array(json_object(
           '$id', '1', 'Type', 'account', 'Name', accountName, 'UPNSuffix', accountUPNSuffix,
           'CloudAppAccountId', recipientAccountId)),
       customDetails = ifnull(
           (SELECT json_group_object(mapped.key,
                                     CASE WHEN mapped.type = 'text' AND NOT instr(mapped.value, '"')
                                          THEN json_extract(told.details,
                                                            '$."' || mapped.value || '"') END)
              FROM main.rule AS r
             CROSS JOIN (SELECT json_patch(json_object(
                                    'firstTime', startTime, 'lastTime', endTime,
                                    'recipientAccountId', recipientAccountId,
                                    'accountName', accountName,
                                    'accountUPNSuffix', accountUPNSuffix,
                                    'sourceIPAddress', sourceIPAddress, 'summary', summary),
                                    details) AS details) AS told
             CROSS JOIN json_each(r.customDetails) AS mapped
             WHERE r.name = cloudtrail_finding.ruleName
               AND json_valid(r.customDetails)
             GROUP BY r.name),
           json(details));
