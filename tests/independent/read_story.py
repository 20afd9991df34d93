#!/usr/bin/env python3
"""Holds the stories of a database against a plain count of its events.

Usage: python3 tests/independent/read_story.py DATABASE...

Reads the tables cloudtrail, alert and alert_event, counts in Python what each alert's events were and
what the same identities did around them, takes each story apart and compares: how many calls were
done, denied, throttled and failed; that each list names different things that are there, and together
with `and N more` as many as there are; that what read data stands first. Prints a line a fault, and
how many stories it has read. The names in the database hold no brackets, commas or colons.
"""
import collections
import datetime
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from read_trail import DENIED

# Codes by which AWS asks for fewer calls: the guides of its SDKs on retries.
THROTTLED = ['Throttl', 'RequestLimitExceeded', 'TooManyRequests', 'SlowDown', 'ThroughputExceeded',
             'BandwidthLimitExceeded', 'PriorRequestNotComplete']
OUTCOMES = ['done', 'denied', 'throttled', 'failed']


def outcome_of(event):
    code = event['errorCode'] or ''
    if any(word in code for word in DENIED):
        return 'denied'
    if any(word in code for word in THROTTLED):
        return 'throttled'
    if code or event['errorMessage']:
        return 'failed'
    if event['eventSource'] == 'signin.amazonaws.com' and '"Failure"' in (event['responseElements'] or ''):
        return 'failed'
    return 'done'


def principal_of(event):
    return event['userIdentityArn'] or event['userIdentityPrincipalId'] or None


def is_of_service(event):
    return (event['userIdentityType'] == 'AWSService' or bool(event['userIdentityInvokedBy'])
            or (event['sourceIPAddress'] or '').endswith('.amazonaws.com'))


def shifted(time, minutes):
    form = '%Y-%m-%dT%H:%M:%SZ'
    moved = datetime.datetime.strptime(time, form) + datetime.timedelta(minutes=minutes)
    return moved.strftime(form)


def first_word(agent):
    return agent.lstrip(' [').split(' ')[0].rstrip(']') if agent else None


def things(text):
    """'a, b and 3 more' -> (['a', 'b'], 3)"""
    more = re.search(r' and (\d+) more$', text)
    if more:
        text = text[:more.start()]
    return text.split(', '), int(more.group(1)) if more else 0


def calls(text):
    """'GetObject 26x, ListBuckets and 3 more' -> ({'GetObject': 26, 'ListBuckets': 1}, 3)"""
    named, more = things(text)
    result = {}
    for one in named:
        name, _, times = one.partition(' ')
        if name in result:
            raise ValueError(name + ' is named twice')
        result[name] = int(times[:-1]) if times else 1
    return result, more


def around(text):
    """'A 3x (10:00:00, 1 denied), B (10:00:01) and 3 more calls (1 failed)' ->
    ([(name, n, {outcome: n})], more, {outcome: n})"""
    named = []
    position = 0
    item = re.compile(r'([^ ,()]+)(?: (\d+)x)? \((\d\d:\d\d:\d\d)((?:, [^()]*)?)\)(?:, )?')
    while True:
        found = item.match(text, position)
        if not found:
            break
        n = int(found.group(2) or 1)
        marks = {}
        for mark in found.group(4).split(', ')[1:]:
            words = mark.split(' ')
            marks[words[-1]] = n if words[0] == 'all' or len(words) == 1 else int(words[0])
        named.append((found.group(1), n, marks))
        position = found.end()
    rest = text[position:]
    more, marks = 0, {}
    if rest:
        found = re.fullmatch(r' and (\d+) more calls?(?: \(([^()]*)\))?', rest)
        if not found:
            raise ValueError('cannot read ' + repr(rest))
        more = int(found.group(1))
        for mark in (found.group(2) or '').split(', '):
            if mark:
                marks[mark.split(' ')[1]] = int(mark.split(' ')[0])
    return named, more, marks


class Reader:
    def __init__(self, path):
        self.path = path
        self.db = sqlite3.connect(path)
        self.db.row_factory = sqlite3.Row
        self.events = [dict(row) for row in self.db.execute(
            'SELECT rowid AS event, * FROM cloudtrail')]
        self.by_id, self.by_place = {}, {}
        for event in self.events:
            if event['eventID'] is None:
                self.by_place[event['eventTime'], event['fileID'], event['recordNumber']] = event
            else:
                self.by_id[event['eventTime'], event['eventID']] = event
        self.data_reads = set(map(tuple, self.db.execute('SELECT * FROM data_read_call')))
        self.faults = 0
        self.stories = 0

    def fault(self, *what):
        self.faults += 1
        print(self.path, self.alert['alertID'], *what)

    def check(self, what, told, counted):
        if told != counted:
            self.fault(what + ':', 'told', told, 'counted', counted)

    def read(self):
        told = {row['alertID']: row for row in self.db.execute('SELECT * FROM alert_story')}
        for alert in self.db.execute('SELECT * FROM alert').fetchall():
            self.alert = alert
            self.told = told.pop(alert['alertID'])
            if alert['mergedInto'] is None:
                self.stories += 1
                try:
                    self.one()
                except (ValueError, AttributeError, KeyError) as error:
                    self.fault('cannot be read:', repr(error), self.told['story'])
        if told:
            print(self.path, 'stories of no alert:', list(told))

    def one(self):
        self.story = self.told['story']
        steps = self.db.execute('SELECT * FROM alert_event WHERE alertID = ? ORDER BY step',
                                (self.alert['alertID'],)).fetchall()
        own = []
        for step in steps:
            event = (self.by_id.get((step['eventTime'], step['eventID'])) if step['eventID'] is not None
                     else self.by_place.get((step['eventTime'], step['fileID'], step['recordNumber'])))
            own.append((step['command'] or event['eventName'], event))
        self.outcomes(own)
        self.lists(own)
        self.phases([event for _, event in own])
        self.chain()

    def outcomes(self, own):
        counted = collections.Counter(outcome_of(event) for _, event in own)
        for outcome in OUTCOMES:
            self.check('column ' + outcome, self.told[outcome], counted[outcome])
        text = dict.fromkeys(OUTCOMES, 0)
        n = len(own)
        head = self.story
        found = re.search(r'\. Of (\d+) calls (\d+) (?:was|were) done(.*?)\.(?: |$)', head)
        all_done = re.search(r'\. All (\d+) calls were done\.', head)
        all_failed = re.search(r'\. All (\d+) calls failed(:?) (.*?)\.(?: |$)', head)
        one = re.search(r'\. It was (done|denied|throttled|tried and failed)\.', head)
        parts = ''
        if found:
            self.check('calls', int(found.group(1)), n)
            text['done'] = int(found.group(2))
            parts = found.group(3)
        elif all_done:
            text['done'] = int(all_done.group(1))
        elif all_failed and all_failed.group(2):
            self.check('calls', int(all_failed.group(1)), n)
            parts = all_failed.group(3)
        elif all_failed:
            parts = all_failed.group(1) + ' failed ' + all_failed.group(3)
        elif one:
            text[one.group(1).split(' ')[-1]] = 1
        else:
            self.fault('no outcome is told', head)
        for number, outcome, names in re.findall(r'(\d+) (denied|throttled|failed) \(([^()]*)\)', parts):
            text[outcome] = int(number)
            named, more = calls(names)
            self.check(outcome + ' named', sum(named.values()) + more, int(number))
            kinds = collections.Counter(call for call, event in own if outcome_of(event) == outcome)
            for name, times in named.items():
                self.check(outcome + ' ' + name, times, kinds[name])
            self.check(outcome + ' named at all', len(named), min(len(kinds), 5))
        for outcome in OUTCOMES:
            self.check('text ' + outcome, text[outcome], counted[outcome])

    def list_of(self, what, pattern, there):
        """There are as many as the story says, and what it names is among them."""
        found = re.search(pattern, self.story)
        if not found:
            self.check(what, 0, len(there))
            return
        named, more = things(found.group(1))
        self.check(what, len(set(named)) + more, len(there))
        for one in named:
            if one not in there:
                self.fault(what, 'names', one)

    def lists(self, own):
        events = [event for _, event in own]
        names = {e['userIdentityUserName'] or (e['userIdentityArn'] or '').split('/')[-1]
                 or e['userIdentityPrincipalId'] for e in events} - {None}
        other = re.search(r' and (\d+) other names?[ :]', self.story)
        self.check('other names', int(other.group(1)) if other else 0, max(len(names) - 1, 0))
        self.list_of('roles', r' \((?:[^()]*, )?roles? ([^();]+)',
                     {e['sessionIssuerUserName'] for e in events
                      if e['userIdentityType'] == 'AssumedRole' and e['sessionIssuerUserName']})
        self.list_of('keys', r'[(;] ?access keys? ([^()]+)\)',
                     {e['userIdentityAccessKeyId'] for e in events if e['userIdentityAccessKeyId']})
        self.list_of('accounts', r' in accounts? (.*?)(?:, from | with |: )',
                     {e['recipientAccountId'] or e['userIdentityAccountId'] for e in events} - {None, ''}
                     | {self.alert['recipientAccountId']} - {''})
        self.list_of('addresses', r', from (.*?)(?: with |: )',
                     {e['sourceIPAddress'] for e in events} - {None, ''}
                     | {self.alert['sourceIPAddress']} - {''})
        self.list_of('clients', r' with ([^():]*?): ',
                     {first_word(e['userAgent']) for e in events} - {None, ''})
        self.list_of('regions', r'\), in ([^.()]*)\.', {e['awsRegion'] for e in events} - {None, ''})
        kinds = collections.Counter(call for call, _ in own)
        summed = re.search(r' UTC \(([^()]*)\)', self.story).group(1)
        commands = re.search(r': (\d+) (?:different )?commands? ', self.story)
        if commands:
            self.check('commands', int(commands.group(1)), len(kinds))
            named, more = things(summed)
            self.check('services', sum(int(one.split(' ')[-1]) for one in named) + more, len(kinds))
        else:
            told = re.search(r': (\d+) (?:different )?calls? ', self.story)
            self.check('different calls', int(told.group(1)), len(kinds))
            named, more = calls(summed)
            self.check('calls told', sum(named.values()) + more, len(own))
            for name, times in named.items():
                self.check(name, times, kinds[name])
            reads = {e['eventName'] for e in events
                     if (e['eventSource'], e['eventName']) in self.data_reads}
            first = list(named)[:len(reads)]
            if not set(first) <= reads and len(reads) <= 8:
                self.fault('data reads', reads, 'are not first in', list(named))
        named, more = calls(self.told['calls'])
        self.check('column calls', sum(named.values()) + more, len(own))

    def phases(self, own):
        since, until = shifted(self.alert['startTime'], -15), shifted(self.alert['endTime'], 15)
        ids = {event['event'] for event in own}
        principals = {principal_of(event) for event in own} - {None}
        sessions = collections.defaultdict(set)
        for event in own:
            if event['sessionIssuerArn'] and event['sourceIPAddress'] and principal_of(event):
                sessions[event['sessionIssuerArn'], event['sourceIPAddress']].add(principal_of(event))
        rotating = {pair for pair, names in sessions.items() if len(names) > 1}
        counted = {'Just before': [], 'Meanwhile': [], 'Right after': []}
        for event in self.events:
            if (not since <= event['eventTime'] <= until or event['event'] in ids
                    or event['eventName'] is None or is_of_service(event)
                    or event['eventCategory'] == 'Insight' or event['eventType'] == 'AwsCloudTrailInsight'):
                continue
            if not (principal_of(event) in principals
                    or (event['sessionIssuerArn'], event['sourceIPAddress']) in rotating):
                continue
            phase = ('Just before' if event['eventTime'] < self.alert['startTime'] else
                     'Right after' if event['eventTime'] > self.alert['endTime'] else 'Meanwhile')
            counted[phase].append(event)
        if not principals:
            counted = dict.fromkeys(counted, [])
        for phase, events in counted.items():
            found = re.search(' ' + phase + r': (.*?)\.(?: |$)', self.story)
            if not found:
                self.check(phase, 0, len(events))
                continue
            named, more, rest = around(found.group(1))
            self.check(phase, sum(n for _, n, _ in named) + more, len(events))
            kinds = collections.Counter(event['eventName'] for event in events)
            for name, n, marks in named:
                self.check(phase + ' ' + name, n, kinds[name])
                ends = collections.Counter(outcome_of(event) for event in events
                                           if event['eventName'] == name)
                for outcome in OUTCOMES[1:]:
                    self.check(phase + ' ' + name + ' ' + outcome, marks.get(outcome, 0), ends[outcome])
            ends = collections.Counter(outcome_of(event) for event in events)
            for outcome in OUTCOMES[1:]:
                self.check(phase + ' ' + outcome,
                           sum(marks.get(outcome, 0) for _, _, marks in named) + rest.get(outcome, 0),
                           ends[outcome])
            reads = {event['eventName'] for event in events if outcome_of(event) == 'done'
                     and (event['eventSource'], event['eventName']) in self.data_reads}
            room = 8 if phase == 'Right after' else 4
            self.check(phase + ' named at all', len(named), min(room, len(kinds)))
            first = {name for name, _, _ in named[:len(reads)]}
            if not first <= reads:
                self.fault(phase + ': data reads', reads, 'are not first in', named)

    def chain(self):
        for key, n, names in re.findall(
                r'([A-Z0-9]+) for [^;]*?, with which (\d+) calls? (?:was|were) made until [0-9: -]+: '
                r'((?:[^;.]|\.(?! |$))*)', self.story):
            events = [event for event in self.events if event['userIdentityAccessKeyId'] == key
                      and event['eventName'] and not is_of_service(event)]
            self.check('calls with ' + key, int(n), len(events))
            total = sum(int(times or 1) for times in
                        re.findall(r'(?:^|, )[A-Za-z0-9]+(?: (\d+)x)?', re.sub(r' \([^()]*\)', '', names)))
            more = re.search(r' and (\d+) more(?: |$)', names)
            self.check('calls told with ' + key, total + (int(more.group(1)) if more else 0), len(events))


def main():
    faults = stories = 0
    for path in sys.argv[1:]:
        reader = Reader(path)
        reader.read()
        faults += reader.faults
        stories += reader.stories
    print('%d stories, %d faults' % (stories, faults))


main()
