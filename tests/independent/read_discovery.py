#!/usr/bin/env python3
"""Bursts of discovery calls: a second reading of logs, to hold the view aws_discovery_burst against.

    read_discovery.py [--fast N] [--slow N] [--wide N] PATH...

Prints one JSON array a finding, sorted by its first event: firstTime, lastTime, recipientAccountId,
accountName, accountUPNSuffix, sourceIPAddress, severity, suppressedBy, summary, windows, callCount,
eventCount, deniedCount, errorCount, calls, identities, arns, accessKeyIds, addresses, accounts,
regions, sessionIds, and its events as [time, eventID].

It shares nothing with the extension: every window that begins at an event is looked at by itself, and
findings are put together by going from event to event, over and over, until nothing changes. The list
of calls is read from sql/seeds/discovery_call.sql, or from shared/discovery_calls.tsv beside the
project where that is there (the two must agree); that of ordinary agents stands below.

Where a choice was to be made:
 1. A name without the date of a version: 20150331, 20150331v2, 2020_05_31 at its end.
 2. A service's address ends in .amazonaws.com or is `AWS Internal`. An identity of type AWSService
    counts as one, too.
 3. An agent is held against the patterns without [ and blanks in front and blanks behind, as LIKE
    does: without case. A missing agent is like none.
 4. Groups: (account id, name without what stands behind the @); (the session's issuer, else the role's
    ARN without the session, else the user's ARN; address, missing ones are one); session id.
 5. An event without a source or a name is none of the reading calls.
 6. Of a session, the events of a burst (all its windows that share events) must be four different
    calls.
 7. A finding is ordinary when nothing in it was denied and the tools of ordinary_agent make enough
    different calls for a burst, be it a fast, a slow or a wide one, all other agents together too few
    for any; listed calls are counted for each account. The whole finding is looked at, not a window.
"""
import argparse
import json
import os
import re
import sys

from read_trail import PROJECT, Trail, account_of, at, is_insight, seconds_of
from read_who import session_of, who

CONSOLE = [r'mozilla/.*', r'.*\.amazonaws\.com', r'.*\.amazonaws\.com\]', r'aws internal.*',
           r'.*aws-internal/.*', r'coral/.*']  # fmt: skip
TOOL = [r'.*terraform/.*', r'.*pulumi/.*', r'amazon-vpc-cni-k8s/.*', r'.*karpenter\.sh-.*',
        r'.*app/karpenter-.*']  # fmt: skip
# errorCode, as docs/events.md has it
DENIED = (
    'AccessDenied Unauthorized NotAuthorized AuthorizationError Forbidden AuthFailure AllAccessDisabled '
    'InvalidClientTokenId InvalidAccessKeyId UnrecognizedClient SignatureDoesNotMatch InvalidSignature '
    'IncompleteSignature MissingAuthenticationToken ExpiredToken'
).split()


def listed_calls():
    with open(os.path.join(PROJECT, 'sql', 'seeds', 'discovery_call.sql'), encoding='utf-8') as file:
        seed = set(re.findall(r"^ *\('([^']+)', '([^']+)', '[^']+'\)", file.read(), re.M))
    shared = os.path.join(PROJECT, '..', 'shared', 'discovery_calls.tsv')
    if os.path.exists(shared):
        with open(shared, encoding='utf-8') as file:
            rows = [line.rstrip('\n').split('\t') for line in file][1:]
        assert seed == {(source, undated(name)) for source, name, _ in rows}
    return seed


def undated(name):
    return re.sub(r'(?<=.)(\d{8}|\d{4}_\d\d_\d\d)(v\d+)?\Z', '', name, flags=re.S)


def is_like(agent, patterns):
    agent = re.sub(r'\A[\[ ]+', '', agent).strip(' ').lower()
    return any(re.fullmatch(pattern, agent, re.S) for pattern in patterns)


def role_or_user(record):
    issuer = at(record, 'userIdentity', 'sessionContext', 'sessionIssuer', 'arn')
    arn = at(record, 'userIdentity', 'arn')
    session = re.fullmatch(r'(arn:[^:]+:[^:]+:[^:]*:[^:]*:assumed-role/.+)/[^/]*', arn, re.S)
    return issuer or (session.group(1) if session else arn)


class Event:
    def __init__(self, row, place, listed):
        record = row['record']
        self.row, self.record, self.place = row, record, place
        self.time = seconds_of(row['time'])
        self.agent = at(record, 'userAgent')
        self.account, self.name, self.suffix = who(record)[:3]
        self.address = at(record, 'sourceIPAddress')
        self.key = at(record, 'userIdentity', 'accessKeyId')
        self.session = session_of(record)
        self.arn = role_or_user(record)
        source, name = at(record, 'eventSource'), undated(at(record, 'eventName'))
        self.call = (source, name)
        self.is_listed = self.call in listed
        self.is_reading = bool(source) and name.startswith(('List', 'Describe', 'Get'))
        code = at(record, 'errorCode')
        self.is_error = code != ''
        self.is_denied = any(word in code for word in DENIED)

    @property
    def is_tool(self):
        return is_like(self.agent, TOOL)

    def counts(self):
        record = self.record
        if is_insight(record) or at(record, 'eventType') not in ('', 'AwsApiCall'):
            return False
        if at(record, 'userIdentity', 'invokedBy') or at(record, 'userIdentity', 'type') == 'AWSService':
            return False
        if self.address.endswith('.amazonaws.com') or self.address == 'AWS Internal':
            return False
        if is_like(self.agent, CONSOLE):
            return self.key.startswith('AKIA') and 'aws-internal/' not in self.agent.lower()
        return True


def bursts(events, values, seconds, threshold):
    """Sets of places: the windows that hold enough, put together where they share an event."""
    found = []
    # events of a group in time order; a window is looked at by itself
    for i, first in enumerate(events):
        j = i
        while j < len(events) and events[j].time < first.time + seconds:
            j += 1
        # all events of the first one's second belong to its window
        start = i
        while start > 0 and events[start - 1].time == first.time:
            start -= 1
        window = events[start:j]
        if len({values(event) for event in window}) >= threshold:
            found.append({event.place for event in window})
    return join(found)


def join(sets):
    """The sets, those that share a member made one."""
    joined, of = {}, {}
    for number, members in enumerate(sets):
        members = set(members)
        for other in {of[m] for m in members if m in of}:
            members |= joined.pop(other)
        joined[number] = members
        for member in members:
            of[member] = number
    return list(joined.values())


def groups_of(events, key):
    groups = {}
    for event in events:
        if key(event) is not None:
            groups.setdefault(key(event), []).append(event)
    return groups.values()


def is_ordinary(events, limits):
    def is_enough(some):
        listed = {(event.account, event.call) for event in some if event.is_listed}
        reading = {event.call for event in some if event.is_reading}
        return len(listed) >= min(limits.fast, limits.slow) or len(reading) >= limits.wide

    if any(event.is_denied for event in events):
        return False
    return is_enough([e for e in events if e.is_tool]) and not is_enough([e for e in events if not e.is_tool])


def distinct(values):
    return [value for value in dict.fromkeys(values) if value]


def sentence(events, calls, names, addresses, accounts, denied):
    first = events[0]
    text = first.name or 'An identity without a name'
    text += '@' + first.suffix if first.suffix else ''
    text += ' and %d more' % (names - 1) if names > 1 else ''
    text += ' made %d different discovery calls' % calls
    seconds = events[-1].time - first.time
    if seconds >= 2 * 86400:
        text += ' in %d days' % ((seconds + 43200) // 86400)
    elif seconds >= 2 * 3600:
        text += ' in %d hours' % ((seconds + 1800) // 3600)
    elif seconds >= 2 * 60:
        text += ' in %d minutes' % ((seconds + 30) // 60)
    else:
        text += {0: ' within a second', 1: ' in 1 second'}.get(seconds, ' in %d seconds' % seconds)
    if first.address:
        text += ' from ' + first.address + (' and %d more' % (addresses - 1) if addresses > 1 else '')
    if first.account:
        text += ' in account ' + first.account + (' and %d more' % (accounts - 1) if accounts > 1 else '')
    denials = {0: '', 1: '; 1 call was denied'}.get(denied, '; %d calls were denied' % denied)
    return text + denials + '.'


def told(events, windows, limits):
    first = events[0]
    calls = distinct(e.call[0].replace('.amazonaws.com', '') + ':' + e.call[1] for e in events if e.call[0])
    identities = distinct(e.name + ('@' + e.suffix if e.suffix else '') for e in events)
    n_identities = len({(e.name + ('@' + e.suffix if e.suffix else '')) for e in events})
    accounts = list(dict.fromkeys(e.account for e in events))
    addresses = distinct(e.address for e in events)
    denied = sum(e.is_denied for e in events)
    ordinary = is_ordinary(events, limits)
    return [
        first.row['time'],
        events[-1].row['time'],
        first.account,
        first.name,
        first.suffix,
        first.address,
        'Informational' if ordinary else None,
        'ordinary agent' if ordinary else None,
        sentence(events, len(calls), n_identities, len(addresses), len(accounts), denied),
        windows,
        len(calls),
        len(events),
        denied,
        sum(e.is_error for e in events),
        calls,
        identities,
        distinct(at(e.record, 'userIdentity', 'arn') for e in events),
        distinct(e.key for e in events),
        addresses,
        accounts,
        distinct(at(e.record, 'awsRegion') for e in events),
        distinct(e.session for e in events),
        [[e.row['time'], e.row['id']] for e in events],
    ]


def findings(events, limits):
    listed = [e for e in events if e.is_listed]
    reading = [e for e in events if e.is_reading]
    by_name = lambda e: (e.account, e.name)
    by_arn = lambda e: (e.arn, e.address) if e.arn else None
    by_session = lambda e: e.session
    call = lambda e: e.call
    pair = lambda e: (e.account, e.call)
    found = []
    for window, seconds, limit in ('fast', 60, limits.fast), ('slow', 600, limits.slow):
        for key in by_name, by_arn:
            for group in groups_of(listed, key):
                found += [(window, burst) for burst in bursts(group, call, seconds, limit)]
        for group in groups_of(listed, by_session):
            for burst in bursts(group, pair, seconds, limit):
                if len({e.call for e in listed if e.place in burst}) >= 4:
                    found.append((window, burst))
    for group in groups_of(reading, by_name):
        found += [('wide', burst) for burst in bursts(group, call, 60, limits.wide)]
    by_place = {e.place: e for e in events}
    for places in join([burst for _, burst in found]):
        windows = sorted({window for window, burst in found if burst & places})
        yield told([by_place[place] for place in sorted(places)], windows, limits)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--fast', type=int, default=8)
    parser.add_argument('--slow', type=int, default=10)
    parser.add_argument('--wide', type=int, default=20)
    parser.add_argument('paths', nargs='+')
    limits = parser.parse_args()
    listed = listed_calls()
    rows = Trail().read(limits.paths).rows
    names = ('List', 'Describe', 'Get') + tuple({name for _, name in listed})
    events = [
        Event(row, place, listed)
        for place, row in enumerate(rows)
        if at(row['record'], 'eventName').startswith(names)
    ]
    counted = [e for e in events if (e.is_listed or e.is_reading) and e.counts()]
    lines = [
        (finding[-1][0], json.dumps(finding, ensure_ascii=False, separators=(',', ':')))
        for finding in findings(counted, limits)
    ]
    for _, line in sorted(lines, key=lambda item: (item[0], item[1].encode())):
        print(line)


if __name__ == '__main__':
    main()
