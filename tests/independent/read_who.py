#!/usr/bin/env python3
"""Who made each event: a second reading of logs, to hold the view event_identity against.

    read_who.py PATH...    a JSON array an event, sorted: eventTime, eventID, recipientAccountId,
                           accountName, accountUPNSuffix, principal, roleName, accessKeyId, sessionId,
                           isService

Insight events too. What the columns mean is told in docs/events.md; of the client, which the user
agent names, only the session id is read here.
"""
import json
import re
import sys

from read_trail import Trail, account_of, at


def role_of(record):
    identity = record.get('userIdentity')
    issuer = (
        (identity.get('sessionContext') or {}).get('sessionIssuer') or {}
        if isinstance(identity, dict) and isinstance(identity.get('sessionContext'), (dict, type(None)))
        else {}
    )
    if at(issuer, 'type') == 'Role' and at(issuer, 'userName'):
        return at(issuer, 'userName')
    arn = re.fullmatch(
        r'arn:[^:]+:[^:]+:[^:]*:[^:]*:(assumed-role|role)/(.+)', at(record, 'userIdentity', 'arn'), re.S
    )
    if not arn:
        return None
    parts = arn.group(2).split('/')
    return parts[0] if arn.group(1) == 'assumed-role' else parts[-1]


def session_of(record):
    agent = at(record, 'userAgent')
    found = re.search(r'(?:^|[\[ ])sid/([^ \]]+)', agent)
    return found.group(1) if found else None


def who(record):
    account_id = at(record, 'recipientAccountId') or at(record, 'userIdentity', 'accountId')
    user_id = at(record, 'userIdentity', 'onBehalfOf', 'userId')
    principal_id = at(record, 'userIdentity', 'principalId')
    name, suffix = account_of(record)
    if not name:
        name, suffix = user_id or principal_id or account_id, ''
    invoked_by = at(record, 'userIdentity', 'invokedBy')
    is_service = (
        at(record, 'userIdentity', 'type') == 'AWSService'
        or invoked_by != ''
        or at(record, 'sourceIPAddress').endswith('.amazonaws.com')
    )
    return [
        account_id,
        name,
        suffix,
        at(record, 'userIdentity', 'arn') or principal_id or user_id or invoked_by or None,
        role_of(record),
        at(record, 'userIdentity', 'accessKeyId') or None,
        session_of(record),
        int(is_service),
    ]


def main():
    lines = [
        json.dumps(
            [row['time'], at(row['record'], 'eventID')] + who(row['record']),
            ensure_ascii=False,
            separators=(',', ':'),
        )
        for row in Trail().read(sys.argv[1:]).rows
    ]
    for line in sorted(lines, key=str.encode):
        print(line)


if __name__ == '__main__':
    main()
