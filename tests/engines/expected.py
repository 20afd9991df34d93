"""What the rules of a database find, in the form that cloudtrail_finding has on other engines.

aws_cli_recon_burst is read as it is. Of aws_discovery_burst the rule's own text is taken up to the bursts
that it puts together to findings; what a finding tells of a burst is worked out here, from its events.
"""
import json
import os
import re

PROJECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')

EVENTS = '''
SELECT c.event, c.eventTime, c.eventID, c.eventName, c.eventSource, c.awsRegion, c.errorCode, c.userIdentityArn,
       c.userAgent, c.outcome, ifnull(c.sourceIPAddress, '') AS address, i.recipientAccountId, i.accountName,
       i.accountUPNSuffix, i.accessKeyId, i.sessionId, aws_call_name(c.eventName) AS callName, f.path,
       EXISTS (SELECT 1 FROM discovery_call AS d
                WHERE d.eventSource = c.eventSource AND d.eventName = aws_call_name(c.eventName)) AS isListed,
       EXISTS (SELECT 1 FROM ordinary_agent AS o
                WHERE o.kind = 'tool' AND trim(ltrim(c.userAgent, ' [')) LIKE o.pattern) AS isTool
  FROM cloudtrail_call AS c
  JOIN event_identity AS i ON i.event = c.event
  JOIN cloudtrail_file AS f ON f.fileID = c.fileID
 WHERE c.event IN (SELECT value FROM json_each(?))'''

RECON = '''
SELECT recipientAccountId, accountName, accountUPNSuffix, sourceIPAddress, commandCount, peakCount, mfaAuthenticated,
       commands, commandSource, summary, evidence, deniedCount
  FROM aws_cli_recon_burst'''

# Each as it is in the rule, but for which group and window a burst is of.
BURSTS = ' UNION ALL '.join(
    f"""SELECT '{grouping}', '{window}', one.value FROM by_{table} CROSS JOIN json_each(by_{table}.{window}) AS one"""
    for table, grouping, windows in (('name', 'name', ('fast', 'slow', 'wide')), ('arn', 'role', ('fast', 'slow')),
                                     ('session', 'session', ('fast', 'slow')))
    for window in windows)  # fmt: skip


def short(path):
    """What of a file's name is the same wherever the folder lies."""
    return path[path.rindex('AWSLogs/') :]


def listed(values):
    return sorted({value for value in values if value not in (None, '')})


def text_of(event):
    suffix = event['accountUPNSuffix']
    return event['accountName'] + ('@' + suffix if suffix else '')


def common(events):
    """What both rules tell of a burst's events."""
    return {
        'firstTime': events[0]['eventTime'],
        'lastTime': events[-1]['eventTime'],
        'eventCount': len(events),
        'deniedCount': sum(event['outcome'] == 'denied' for event in events),
        'errorCount': sum(bool(event['errorCode']) for event in events),
        'identities': sorted({text_of(event) for event in events}),
        'accounts': sorted({event['recipientAccountId'] for event in events}),
        'arns': listed(event['userIdentityArn'] for event in events),
        'accessKeyIds': listed(event['accessKeyId'] for event in events),
        'addresses': listed(event['address'] for event in events),
        'regions': listed(event['awsRegion'] for event in events),
        'userAgents': sorted({event['userAgent'] for event in events if event['userAgent'] is not None}),
        'evidence': sorted(event['eventID'] for event in events if event['eventID'] is not None),
        'files': sorted({short(event['path']) for event in events}),
    }


def recon(rows, events):
    for row in rows:
        found = common([events[event] for event in json.loads(row[10])])
        found.update(ruleName='aws_cli_recon_burst', grouping='name', window='command', count=row[4], peakCount=row[5],
                     mfaAuthenticated=row[6], things=sorted(json.loads(row[7])), commandSource=row[8], summary=row[9],
                     suppressedBy=None, who=row[:4])  # fmt: skip
        assert found['deniedCount'] == row[11]
        yield found


def is_ordinary(events, numbers):
    def different(is_tool, key):
        return len({key(event) for event in events if bool(event['isTool']) == is_tool and key(event)})

    def counted(event):
        return event['isListed'] and (event['eventSource'], event['callName'], event['recipientAccountId'])

    def reading(event):
        return re.match('List|Describe|Get', event['callName']) and (event['eventSource'], event['callName'])

    fast, slow, wide = numbers
    least = min(fast, slow)
    return (all(event['outcome'] != 'denied' for event in events)
            and (different(True, counted) >= least or different(True, reading) >= wide)
            and different(False, counted) < least and different(False, reading) < wide)  # fmt: skip


def discovery_bursts(db):
    with open(os.path.join(PROJECT, 'sql', 'rules', 'aws_discovery_burst.sql'), encoding='utf-8') as file:
        text = file.read()
    steps = text[text.index('WITH\nnumber AS') : text.index('-- A burst of any of them, and its events.')].rstrip(' ,\n')
    for grouping, window, burst in db.execute(steps + ' ' + BURSTS):
        yield grouping, window, json.loads(burst)


def discovery(db, bursts, events):
    numbers = db.execute("""SELECT max(value) FILTER (WHERE name = 'discovery_fast'),
                                   max(value) FILTER (WHERE name = 'discovery_slow'),
                                   max(value) FILTER (WHERE name = 'discovery_wide') FROM rule_parameter""").fetchone()
    for grouping, window, burst in bursts:
        members = sorted((events[event] for event in burst['rows']),
                         key=lambda event: (event['eventTime'], event['eventID'] or ''))  # fmt: skip
        calls = {(event['eventSource'], event['callName']) for event in members}
        if grouping == 'session' and len(calls) < 4:
            continue
        # a role's burst is told where several names share it
        if grouping == 'role' and len({(event['accountName'], event['recipientAccountId']) for event in members}) < 2:
            continue
        found = common(members)
        found.update(ruleName='aws_discovery_burst', grouping=grouping, window=window, count=len(calls),
                     peakCount=burst['peak'],
                     things=sorted(source.replace('.amazonaws.com', '') + ':' + name for source, name in calls),
                     sessionIds=listed(event['sessionId'] for event in members),
                     suppressedBy='ordinary agent' if is_ordinary(members, numbers) else None)  # fmt: skip
        yield found


def expected(db):
    db.row_factory = None
    rows, bursts = db.execute(RECON).fetchall(), list(discovery_bursts(db))
    # Of millions of events only those of a burst are wanted here.
    members = {event for row in rows for event in json.loads(row[10])}
    members.update(event for _, _, burst in bursts for event in burst['rows'])
    cursor = db.execute(EVENTS, (json.dumps(sorted(members)),))
    names = [column[0] for column in cursor.description]
    events = {row[0]: dict(zip(names, row)) for row in cursor}
    return list(recon(rows, events)) + list(discovery(db, bursts, events))


def found(row):
    """A row of cloudtrail_finding in the form of expected(), whatever the engine did to the names of columns."""
    row = {name.lower(): value for name, value in row.items()}
    details = json.loads(row['details'])
    is_recon = row['rulename'] == 'aws_cli_recon_burst'
    result = {name: details[name] for name in (
        'grouping', 'window', 'peakCount', 'eventCount', 'deniedCount', 'errorCount', 'identities', 'accounts', 'arns',
        'accessKeyIds', 'addresses', 'regions', 'userAgents')}  # fmt: skip
    for name in ('identities', 'accounts', 'arns', 'accessKeyIds', 'addresses', 'regions', 'userAgents'):
        result[name].sort()
    evidence = json.loads(row['evidence'])
    result.update(ruleName=row['rulename'], firstTime=row['firsttime'], lastTime=row['lasttime'],
                  suppressedBy=row['suppressedby'], evidence=sorted(evidence),
                  files=sorted(short(path) for path in json.loads(row['files'])))  # fmt: skip
    if is_recon:
        result.update(count=details['commandCount'], things=sorted(details['commands']),
                      mfaAuthenticated=details['mfaAuthenticated'], commandSource=details['commandSource'],
                      summary=row['summary'],
                      who=(row['recipientaccountid'], row['accountname'], row['accountupnsuffix'],
                           row['sourceipaddress']))  # fmt: skip
    else:
        result.update(count=details['callCount'], things=sorted(details['calls']),
                      sessionIds=sorted(details['sessionIds']))
    lines = [line for line in row['download'].split('\n') if line]
    assert len(lines) == len(result['files']), row['download']
    return result
