-- hunt_network_opened: who opened a network to the whole internet?
--
-- Title:        Network opened
-- Description:  Somebody let every address into a security group, a network ACL, a database's or
--               cluster's group or a cluster's endpoint, on other ports than 80 and 443; deleted a
--               network ACL's entry, had a subnet give out public addresses, or put other groups in
--               front of a load balancer.
-- Severity:     Medium
-- Tactics:      DefenseEvasion, LateralMovement
-- Techniques:   T1562.007, T1021
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           823d36d3-54ca-4dee-94e8-7dc02afe6af4
-- Version:      1.0.0
-- Source:       own
-- Sentinel:     Changes to AWS Security Group ingress and egress settings; Changes to Amazon VPC
--               settings; Network ACL with all the open ports to a specified CIDR; NetworkACLDeleted;
--               Changes to AWS Elastic Load Balancer security groups; Modification of subnet attributes
--               and its sisters; Changes to internet facing AWS RDS Database instances
-- Why:          a port that is open to everyone is found within minutes; who opens one for himself
--               often opens it for all.
-- Columns read: eventTime, eventName, eventSource, errorCode, errorMessage, requestParameters,
--               responseElements, userIdentity*, userAgent, sourceIPAddress, recipientAccountId,
--               awsRegion; ordinary_agent, rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_pause (3600 seconds) are one
--               finding.
-- False positives: a machine that is tried out, a server that is meant for everyone on a port of its
--               own; where Terraform, Pulumi and the like did it all and nothing was denied it is
--               Informational and suppressed.
-- Blind spots:  what CloudFormation does for somebody; a range that is not all addresses, however wide;
--               routes, gateways and peerings; ports 80 and 443 alone; databases made public
--               (hunt_shared_outside).
-- Next step:    hunt_onto_the_machine for what stands behind it; was it closed again
--               (RevokeSecurityGroupIngress)?
--
-- High: ports of administration and of databases (22, 3389, 5985, 5986, 445, 1433, 1521, 3306, 5432,
-- 6379, 9200, 27017) or all of them. Low: what may as well close (DeleteNetworkAclEntry, groups of a
-- load balancer, subnets).
-- Shown by: stratus-red-team (ec2-security-group-open-port-22-ingress); traildiscover
-- (CreateNetworkAclEntry, denied). Beside them aws_dataset's port 443 for everyone, and traildiscover's
-- port 22 for 0.0.0.0/24.
-- Cost in false positives: none on the recordings (Terraform's open port 443 is none), none in the
-- corpus of tests/bench.
CREATE VIEW hunt_network_opened AS
WITH
-- The rules that a request asks for, each an object with its ports and its ranges of addresses.
rule_of AS (
    SELECT c.event, c.eventName, r.value AS rule
      FROM event_caller AS c
     CROSS JOIN json_each(
               CASE c.eventName
                   WHEN 'AuthorizeSecurityGroupIngress'
                       THEN ct_json_list(c.requestParameters, '$.ipPermissions.items', '$')
                   WHEN 'ModifySecurityGroupRules'
                       THEN ct_json_list(c.requestParameters,
                                         '$.ModifySecurityGroupRulesRequest.SecurityGroupRule')
                   ELSE ct_json_list(c.requestParameters, '$')
               END) AS r
     WHERE c.eventName IN ('AuthorizeSecurityGroupIngress', 'ModifySecurityGroupRules',
                           'CreateNetworkAclEntry', 'ReplaceNetworkAclEntry',
                           'AuthorizeDBSecurityGroupIngress', 'AuthorizeClusterSecurityGroupIngress',
                           'OpenInstancePublicPorts', 'PutInstancePublicPorts')
       AND r.type = 'object'
),
-- Those that let every address in, and through which ports; no ports are all of them.
opened AS (
    SELECT event,
           CAST(ct_json_text(rule, '$.fromPort', '$.portRange.from', '$.SecurityGroupRule.FromPort',
                             '$.portInfo.fromPort') AS INTEGER) AS fromPort,
           CAST(ct_json_text(rule, '$.toPort', '$.portRange.to', '$.SecurityGroupRule.ToPort',
                             '$.portInfo.toPort') AS INTEGER) AS toPort,
           CASE ct_json_text(rule, '$.ipProtocol', '$.aclProtocol', '$.SecurityGroupRule.IpProtocol')
               WHEN '-1' THEN 1 ELSE 0 END AS isAllPorts
      FROM rule_of
     WHERE CASE
               WHEN eventName GLOB '*NetworkAclEntry'
                   THEN ct_json_text(rule, '$.ruleAction') = 'allow'
                        AND ct_json_text(rule, '$.egress') = 'false'
               ELSE 1
           END
       AND ifnull(ct_json_text(rule, '$.ipProtocol', '$.aclProtocol', '$.SecurityGroupRule.IpProtocol'),
                  '') NOT IN ('icmp', 'icmpv6', '1', '58')
       AND EXISTS (SELECT 1
                     FROM json_tree(rule) AS t
                    WHERE t.type = 'text'
                      AND t.value GLOB '*[0-9:]/0'
                      AND lower(t.key) <> 'description')
),
port AS (
    SELECT event,
           list_distinct(CASE WHEN isAllPorts OR fromPort IS NULL OR fromPort <= 0 AND toPort >= 65535
                                   OR fromPort = -1
                                  THEN 'all ports'
                              WHEN fromPort = toPort THEN 'port ' || fromPort
                              ELSE printf('ports %d to %d', fromPort, toPort) END) AS ports,
           max(isAllPorts OR fromPort IS NULL OR fromPort = -1
               OR EXISTS (SELECT 1
                            FROM (SELECT 22 AS p UNION ALL VALUES (445), (1433), (1521), (3306), (3389),
                                         (5432), (5985), (5986), (6379), (9200), (27017))
                           WHERE p BETWEEN fromPort AND toPort)) AS isGrave,
           min(fromPort IS NOT NULL AND fromPort = toPort AND fromPort IN (80, 443)) AS isWeb
      FROM opened
     GROUP BY event
),
called AS (
    SELECT c.*,
           p.ports,
           p.isGrave,
           p.isWeb,
           coalesce(ct_json_text(c.requestParameters, '$.groupId', '$.groupName',
                                 '$.ModifySecurityGroupRulesRequest.GroupId', '$.networkAclId',
                                 '$.dBSecurityGroupName', '$.clusterSecurityGroupName',
                                 '$.instanceName', '$.subnetId',
                                 '$.loadBalancerArn', '$.loadBalancerName', '$.name'),
                    (SELECT r.name FROM event_refused AS r WHERE r.event = c.event AND r.name <> '*'))
               AS target
      FROM event_caller AS c
      LEFT JOIN port AS p ON p.event = c.event
     WHERE c.eventName IN ('AuthorizeSecurityGroupIngress', 'ModifySecurityGroupRules',
                           'CreateNetworkAclEntry', 'ReplaceNetworkAclEntry',
                           'AuthorizeDBSecurityGroupIngress', 'AuthorizeClusterSecurityGroupIngress',
                           'OpenInstancePublicPorts', 'PutInstancePublicPorts',
                           'DeleteNetworkAclEntry', 'DeleteNetworkAcl', 'ModifySubnetAttribute',
                           'SetSecurityGroups', 'ApplySecurityGroupsToLoadBalancer',
                           'UpdateClusterConfig')
),
deed AS (
    SELECT *,
           finding_deed(CASE
                            WHEN ports IS NOT NULL
                                THEN 'opened ' || finding_list(ports, 3) || ' to everyone in'
                            WHEN eventName = 'DeleteNetworkAcl' THEN 'deleted the network ACL'
                            WHEN eventName = 'DeleteNetworkAclEntry'
                                THEN 'deleted an entry of the network ACL'
                            WHEN eventName = 'ModifySubnetAttribute'
                                THEN 'had public addresses given out in'
                            WHEN eventName = 'UpdateClusterConfig'
                                THEN 'opened to everyone the endpoint of'
                            ELSE 'changed the security groups of'
                        END, target, eventName, outcome) AS deed,
           CASE WHEN isGrave THEN 3 WHEN ports IS NOT NULL THEN 2
                WHEN eventName = 'UpdateClusterConfig' THEN 3 ELSE 1 END AS weight
      FROM called
     WHERE CASE eventName
               WHEN 'ModifySubnetAttribute'
                   THEN ct_json_text(requestParameters, '$.mapPublicIpOnLaunch')
                            IN ('true', '{"value":true}')
               WHEN 'UpdateClusterConfig'
                   THEN ct_json_text(requestParameters, '$.resourcesVpcConfig.endpointPublicAccess')
                            = 'true'
                        AND instr(ifnull(ct_json_text(requestParameters,
                                                      '$.resourcesVpcConfig.publicAccessCidrs'),
                                         '0.0.0.0/0'), '0.0.0.0/0')
               WHEN 'DeleteNetworkAclEntry' THEN 1
               WHEN 'DeleteNetworkAcl' THEN 1
               WHEN 'SetSecurityGroups' THEN 1
               WHEN 'ApplySecurityGroupsToLoadBalancer' THEN 1
               ELSE NOT isWeb
           END
),
placed AS (
    SELECT *,
           episode(eventTime, (SELECT value FROM rule_parameter WHERE name = 'hunt_pause'))
               OVER (PARTITION BY recipientAccountId, accountName, accountUPNSuffix, isTool
                     ORDER BY eventTime, event) AS episode
      FROM deed
),
told AS (
    SELECT recipientAccountId,
           accountName,
           accountUPNSuffix,
           min(eventTime) AS firstTime,
           max(eventTime) AS lastTime,
           list_distinct(deed) AS deeds,
           list_distinct(target) AS targets,
           list_distinct(call) AS calls,
           list_distinct(address) AS addresses,
           list_distinct(accessKeyId) AS accessKeyIds,
           list_distinct(client) AS clients,
           list_distinct(region) AS regions,
           count(*) AS eventCount,
           sum(outcome = 'denied') AS deniedCount,
           max(weight) AS weight,
           isTool AND sum(outcome = 'denied') = 0 AS isOrdinary,
           ct_json_group_array(event) AS evidence
      FROM placed
     GROUP BY recipientAccountId, accountName, accountUPNSuffix, isTool, episode
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       ifnull(ct_json_text(addresses, '$[0]'), '') AS sourceIPAddress,
       '' AS groupKey,
       CASE WHEN isOrdinary THEN 'Informational'
            ELSE CASE weight WHEN 3 THEN 'High' WHEN 2 THEN 'Medium' ELSE 'Low' END END AS severity,
       CASE WHEN isOrdinary THEN 'ordinary agent' END AS suppressedBy,
       finding_sentence(accountName, accountUPNSuffix, finding_list(deeds, 3), firstTime, lastTime,
                        finding_list(addresses, 1), recipientAccountId, deniedCount) AS summary,
       ct_json_object('deeds', ct_json(deeds),
                      'targets', ct_json(targets),
                      'calls', ct_json(calls), 'eventCount', eventCount, 'deniedCount', deniedCount,
                      'addresses', ct_json(addresses), 'accessKeyIds', ct_json(accessKeyIds),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told;
