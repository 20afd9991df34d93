-- event_refused: what a denied call was for, by the message: the request itself is not logged then.
--
-- event, action (iam:CreateAccessKey), resource (`user jane`, an ARN, or *), name (its last part).
-- Services put it as `is not authorized to perform: ACTION on resource: RESOURCE because ...`.
-- Blind spots: messages that name no resource; services without a message.
CREATE VIEW event_refused AS
SELECT
    event,
    action,
    resource,
    ifnull(arn_part(kql_split_part(resource, ' ', -1), 'resource_name'),
           kql_split_part(resource, ' ', -1)) AS name
FROM (
    SELECT
        event,
        kql_split_part(kql_split_part(errorMessage, 'not authorized to perform: ', 1), ' ', 0)
            AS action,
        kql_split_part(kql_split_part(kql_split_part(errorMessage, ' on resource: ', 1),
                                      ' because ', 0),
                       ' with an explicit deny', 0) AS resource
    FROM event_base
    WHERE instr(errorMessage, ' on resource: ')
);
