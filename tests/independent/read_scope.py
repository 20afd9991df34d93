#!/usr/bin/env python3
"""Credentials, the scope of alerts, and incidents: a second reading of logs, to hold the views
credential and alert_scope and the table incident against.

    read_scope.py ALERTS LOGS...    a JSON array a row of credential, alert_scope and incident, each
                                    beginning with that name

Lines are sorted. ALERTS is a file of JSON arrays, an event of an alert each: alertID, eventTime,
eventID, ruleName, severity, state, name. What the columns mean is told in docs/alerts.md.
"""
import json
import re
import sys
from collections import deque
from datetime import datetime, timedelta

from read_trail import Trail, at, is_insight

TEMPORARY = {
    'AssumeRole',
    'AssumeRoleWithSAML',
    'AssumeRoleWithWebIdentity',
    'AssumeRoot',
    'GetSessionToken',
    'GetFederationToken',
    'GetSigninToken',
    'CreateSession',
    'GetCredentialsForIdentity',
}
LASTING = {'CreateAccessKey', 'CreateServiceSpecificCredential'}
PASSWORD = {'CreateLoginProfile', 'UpdateLoginProfile'}


def key_id(text):
    return text if re.fullmatch('[A-Za-z0-9]{16,128}', text) else None


def is_done(record):
    if at(record, 'errorCode') or at(record, 'errorMessage'):
        return False
    response = record.get('responseElements')
    failed = isinstance(response, dict) and 'Failure' in response.values()
    return not (at(record, 'eventSource') == 'signin.amazonaws.com' and failed)


def principal_of(record):
    return (
        at(record, 'userIdentity', 'arn')
        or at(record, 'userIdentity', 'principalId')
        or at(record, 'userIdentity', 'onBehalfOf', 'userId')
        or at(record, 'userIdentity', 'invokedBy')
        or None
    )


def arn_parts(text):
    parts = text.split(':', 5)
    return parts if len(parts) == 6 and parts[0] == 'arn' else None


def caller_name(record):
    if at(record, 'userIdentity', 'userName'):
        return at(record, 'userIdentity', 'userName')
    if at(record, 'userIdentity', 'type') == 'Root':
        return 'root'
    parts = arn_parts(at(record, 'userIdentity', 'arn'))
    return re.split('[/:]', parts[5])[-1] if parts else None


def first(*texts):
    return next((text for text in texts if text), None)


def credentials(rows):
    """(row, issuer, key, principal, account, receiver, receiver's account), by the calls that were done."""
    console = {}
    for row in rows:
        record = row['record']
        began = at(record, 'userIdentity', 'sessionContext', 'attributes', 'creationDate')
        key = key_id(at(record, 'userIdentity', 'accessKeyId'))
        if began and key:
            console.setdefault((at(record, 'userIdentity', 'arn'), began), set()).add(key)
    for row in rows:
        record = row['record']
        how = at(record, 'eventName')
        if is_insight(record) or not is_done(record):
            continue
        answer, request = record.get('responseElements'), record.get('requestParameters')
        account = at(record, 'recipientAccountId') or at(record, 'userIdentity', 'accountId') or None
        issuer = key_id(at(record, 'userIdentity', 'accessKeyId'))
        receiver, keys = principal_of(record), []
        receiver_account = account
        name = None
        if how in TEMPORARY:
            part = answer
            if isinstance(answer, dict) and isinstance(answer.get('credentialSet'), list):
                part = answer['credentialSet'][0]
            keys = [key_id(at(part, 'credentials', 'accessKeyId'))]
            told = first(
                at(part, 'assumedRoleUser', 'arn'),
                at(part, 'federatedUser', 'arn'),
                at(part, 'identityId'),
                at(request, 'targetPrincipal') if how == 'AssumeRoot' else '',
            )
            if told:
                receiver = told
                parts = arn_parts(told)
                if parts and parts[4]:
                    receiver_account = parts[4]
                elif told.isdigit():
                    receiver_account = told
        elif how in LASTING or how in PASSWORD:
            name = first(
                at(answer, 'accessKey', 'userName'),
                at(answer, 'serviceSpecificCredential', 'userName'),
                at(answer, 'loginProfile', 'userName'),
                at(request, 'userName'),
            )
            keys = [
                key_id(at(answer, 'accessKey', 'accessKeyId'))
                or key_id(at(answer, 'serviceSpecificCredential', 'serviceSpecificCredentialId'))
            ]
            if how in PASSWORD:
                user = name or caller_name(record)
                keys = ['password:%s/%s' % (account or '', user)] if user else []
            if name and name != caller_name(record):
                receiver = name
        elif how == 'ConsoleLogin':
            if at(record, 'userIdentity', 'type') in ('IAMUser', 'Root'):
                user = caller_name(record)
                issuer = 'password:%s/%s' % (account or '', user) if user else None
            sessions = console.get((at(record, 'userIdentity', 'arn'), row['time']))
            keys = sorted(sessions) if sessions else ['']
        for key in keys:
            if key is not None:
                yield {
                    'row': row,
                    'how': how,
                    'issuer': issuer,
                    'key': key or None,
                    'account': at(record, 'userIdentity', 'accountId') or account,
                    'receiver': receiver,
                    'receiverAccount': receiver_account,
                }


def credential_lines(rows):
    for c in credentials(rows):
        record = c['row']['record']
        yield [
            c['row']['time'],
            at(record, 'eventID') or None,
            c['how'],
            at(record, 'sourceIPAddress') or None,
            c['issuer'],
            principal_of(record),
            c['account'],
            c['key'],
            c['receiver'],
            c['receiverAccount'],
        ]


# ---- scope ---------------------------------------------------------------------------------------


def chained(rows):
    """All credentials, as chains follow them: a password is (name, since when it is that one), for a
    sign-in since it was last set until then, be it in the same second."""
    issued = sorted(credentials(rows), key=lambda c: c['row']['time'])
    times = {}
    for c in issued:
        if c['how'] in PASSWORD:
            times.setdefault(c['key'], []).append(c['row']['time'])
    for c in issued:
        c['link'], c['from'] = c['key'], c['issuer']
        if c['how'] in PASSWORD:
            c['link'] = (c['key'], c['row']['time'])
        elif c['how'] == 'ConsoleLogin' and c['issuer'] and c['issuer'].startswith('password:'):
            before = [time for time in times.get(c['issuer'], []) if time <= c['row']['time']]
            c['from'] = (c['issuer'], max(before) if before else None)
    return issued


def links(issued):
    children, parents = {}, {}
    for c in issued:
        if c['from'] and c['link']:
            children.setdefault(c['from'], set()).add(c['link'])
            parents.setdefault(c['link'], set()).add(c['from'])
    return children, parents


def distances(starts, following):
    found, queue = {start: 0 for start in starts}, deque(starts)
    while queue:
        node = queue.popleft()
        for other in following.get(node, ()):
            if other not in found:
                found[other] = found[node] + 1
                queue.append(other)
    return found


def alert_events(path):
    with open(path, encoding='utf-8') as lines:
        return [json.loads(line) for line in lines if line.strip()]


def keys_of_alerts(events, rows):
    by_id = {(row['time'], at(row['record'], 'eventID')): row['record'] for row in rows}
    keys = {}
    for event in events:
        key = key_id(at(by_id[(event[1], event[2])], 'userIdentity', 'accessKeyId'))
        keys.setdefault(event[0], set())
        if key:
            keys[event[0]].add(key)
    return keys


def used(rows):
    """Of each key: its calls in the order of time."""
    calls = {}
    for row in rows:
        key = key_id(at(row['record'], 'userIdentity', 'accessKeyId'))
        if key and not is_insight(row['record']):
            calls.setdefault(key, []).append(row)
    return calls


def is_change(record):
    return record.get('readOnly') in (False, 'false')


def scope_lines(rows, events):
    issued = chained(rows)
    children, parents = links(issued)
    origin, calls = {}, used(rows)
    for c in issued:
        origin.setdefault(c['link'], c)
    for alert, keys in keys_of_alerts(events, rows).items():
        back, ahead = distances(keys, parents), distances(keys, children)
        for key in set(back) | set(ahead):
            if key in back and back[key] <= ahead.get(key, back[key]):
                depth = -back[key]
            else:
                depth = ahead[key]
            mine = calls.get(key, [])
            records = [row['record'] for row in mine]
            done = [record for record in records if is_done(record)]
            changed = sum(is_change(record) for record in done)
            c = origin.get(key)
            yield [
                alert,
                key[0] if isinstance(key, tuple) else key,
                depth,
                c and c['how'],
                c and c['row']['time'],
                mine[0]['time'] if mine else None,
                mine[-1]['time'] if mine else None,
                len(mine),
                sorted({at(record, 'recipientAccountId') for record in records} - {''}),
                sorted({at(record, 'sourceIPAddress') for record in records} - {''}),
                changed,
                len(done) - changed,
            ]


# ---- incidents -----------------------------------------------------------------------------------

SEVERITIES = ['Informational', 'Low', 'Medium', 'High']
DENIED = re.compile(
    'AccessDenied|Unauthorized|NotAuthorized|AuthorizationError|Forbidden|AuthFailure|'
    'AllAccessDisabled|InvalidClientTokenId|InvalidAccessKeyId|UnrecognizedClient|'
    'SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|'
    'ExpiredToken'
)
# fmt: off
STOPS = {
    'StopLogging', 'DeleteTrail', 'PutEventSelectors', 'StopEventDataStoreIngestion',
    'DeleteEventDataStore', 'DeleteFlowLogs', 'DeleteLogGroup', 'DeleteLogStream', 'DeleteDetector',
    'StopMonitoringMembers', 'DisassociateFromMasterAccount', 'DisassociateFromAdministratorAccount',
    'DisableSecurityHub', 'StopConfigurationRecorder', 'DeleteConfigurationRecorder',
    'DeleteDeliveryChannel',
}
# fmt: on


def a_day_after(time):
    moment = datetime.strptime(time, '%Y-%m-%dT%H:%M:%SZ') + timedelta(days=1)
    return moment.strftime('%Y-%m-%dT%H:%M:%SZ')


def incident_lines(rows, events):
    """Alerts that are not suppressed, and what holds them together: events, keys, what issued what."""
    events = [event for event in events if event[5] != 'suppressed']
    keys = keys_of_alerts(events, rows)
    issued = [c for c in chained(rows) if c['from'] and c['link']]
    children, _ = links(issued)
    near = {}

    def join(a, b):
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)

    for event in events:
        join(('alert', event[0]), ('event', event[1], event[2]))
    for alert, its in keys.items():
        for key in its:
            join(('alert', alert), ('key', key))
    for c in issued:
        join(('key', c['from']), ('key', c['link']))
    facts = {}
    for event in events:
        fact = facts.setdefault(
            event[0], {'rule': event[3], 'severity': event[4], 'name': event[6], 'ids': set()}
        )
        fact['ids'].add((event[1], event[2]))
    left = set(facts)
    while left:
        reached = distances([('alert', min(left))], near)
        alerts = {node[1] for node in reached if node[0] == 'alert'}
        left -= alerts
        oldest = min((min(facts[alert]['ids'])[0], alert) for alert in alerts)[1]
        ids = set().union(*(facts[alert]['ids'] for alert in alerts))
        first, last = min(ids)[0], max(ids)[0]
        until = a_day_after(last)
        reach = distances(set().union(*(keys[alert] for alert in alerts)), children)
        records = []
        for row in rows:
            record = row['record']
            is_own = (row['time'], at(record, 'eventID')) in ids
            with_key = (
                at(record, 'userIdentity', 'accessKeyId') in reach
                and first <= row['time'] <= until
            )
            if (is_own or with_key) and not is_insight(record):
                records.append(record)
        yield [
            oldest,
            first,
            last,
            sorted({facts[alert]['name'] for alert in alerts}),
            sorted({facts[alert]['rule'] for alert in alerts}),
            sorted(alerts),
            max((facts[alert]['severity'] for alert in alerts), key=SEVERITIES.index),
            len(ids),
            sum(is_done(record) and is_change(record) for record in records),
            sum(c['from'] in reach and first <= c['row']['time'] <= until for c in issued),
            sum(is_done(record) and at(record, 'eventName') in STOPS for record in records),
            sum(bool(DENIED.search(at(record, 'errorCode'))) for record in records),
        ]


def main():
    rows, events = Trail().read(sys.argv[2:]).rows, alert_events(sys.argv[1])
    lines = [['credential'] + line for line in credential_lines(rows)]
    lines += [['alert_scope'] + line for line in scope_lines(rows, events)]
    lines += [['incident'] + line for line in incident_lines(rows, events)]
    texts = [json.dumps(line, ensure_ascii=False, separators=(',', ':')) for line in lines]
    for text in sorted(texts, key=str.encode):
        print(text)


if __name__ == '__main__':
    main()
