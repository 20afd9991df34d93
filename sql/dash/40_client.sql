-- The clients behind the user agents: what event_identity says of one event of each, for it says the same
-- of every other.
INSERT INTO temp.cloudtrail_dash_client (agentHash, client, clientVersion)
SELECT a.agentHash, ifnull(k.client, ''), ifnull(k.clientVersion, '')
  FROM (SELECT agentHash, min(event) AS event FROM temp.cloudtrail_dash_agent GROUP BY agentHash) AS a
 CROSS JOIN main.event_identity AS k ON k.event = a.event;

INSERT INTO main.dash_client (hour, recipientAccountId, client, clientVersion, isService, events)
SELECT a.hour, a.recipientAccountId, c.client, c.clientVersion, a.isService, sum(a.events)
  FROM temp.cloudtrail_dash_agent AS a
 CROSS JOIN temp.cloudtrail_dash_client AS c ON c.agentHash = a.agentHash
 GROUP BY 1, 2, 3, 4, 5;
