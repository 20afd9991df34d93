"""Random values, tables and CloudTrail records for kql_random.py."""

import json

from kql_eval import Table, cell
from kql_functions import read_datetime, read_timespan
from kql_parse import Unsupported


class Dice:
    """The same numbers on every machine."""

    def __init__(self, seed):
        self.state = seed * 2654435761 + 12345

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def one(self, items):
        if not items:
            raise Unsupported('nothing to choose from')
        return items[self.below(len(items))]

    def chance(self, percent):
        return self.below(100) < percent

    def some(self, items, n):
        items, out = list(items), []
        for _ in range(min(n, len(items))):
            out.append(items.pop(self.below(len(items))))
        return out


STRINGS = [
    '',
    'a',
    'A',
    'alpha',
    'Alpha Beta',
    'alpha-beta',
    'beta.alpha',
    'a_b',
    'café',
    'CAFÉ au lait',
    'b',
    '10',
    '-3',
    '2.5',
    ' 7 ',
    '0x1F',
    'true',
    'x=1;y=22',
    'x=;y=3',
    'Zoë/ops/Zoë',
    "it's",
    'say "hi"',
    '50%',
    'a*b',
    '[1,"a",null]',
    '{"a":1,"b":{"c":"alpha"}}',
    '{"a"',
    '2024-02-29T23:59:59.5Z',
    '10:30:00',
    'Straße',
    'naïve-A',
]
NEEDLES = [
    'a',
    'alpha',
    'ALPHA',
    'beta',
    'é',
    'CAFÉ',
    '-',
    'a-b',
    '',
    'x=1',
    'Zoë',
    'b',
    '10',
    '.',
    'alpha-beta',
    'SS',
]
PATTERNS = [
    '@"([a-z]+)-", 1',
    '@"^(.)(.)", 2',
    '@"[0-9]+", 0',
    '@"(\\d+)$", 1',
    '@"l.h", 0',
    '@"(?i)ALPHA", 0',
    '@"[éÉ]", 0',
]
TIMES = [
    '2024-02-29T23:59:59.5Z',
    '2024-03-01T00:00:00Z',
    '2024-03-01T00:00:00.0000001Z',
    '2023-12-31T12:30:00Z',
    '2024-03-03T08:15:30.25Z',
    '1969-07-20T20:17:40Z',
]
SPANS = ['00:00:00', '01:00:00', '1.02:03:04.5', '-00:30:00', '00:00:00.0000001', '10.00:00:00']
DOCUMENTS = [
    None,
    None,
    1,
    2.5,
    'alpha',
    'b',
    True,
    [],
    {},
    [1, 2, 3],
    ['a', 'b'],
    ['b', 'alpha', 'a'],
    [3, None, 1],
    {'a': 1, 'b': 'x'},
    {'a': [1, 2], 'b': {'c': 'alpha'}},
    {'b': ['a', 'A']},
    {'a': None},
    [{'a': 1}, {'a': 'z'}],
    {'a': 'alpha', 'two words': 2},
]
T = [
    ('id', 'long'),
    ('k', 'long'),
    ('n', 'long'),
    ('r', 'real'),
    ('s', 'string'),
    ('g', 'string'),
    ('f', 'bool'),
    ('t', 'datetime'),
    ('p', 'timespan'),
    ('d', 'dynamic'),
]
U = [
    ('id', 'long'),
    ('k', 'long'),
    ('g', 'string'),
    ('w', 'string'),
    ('v', 'real'),
    ('t', 'datetime'),
    ('e', 'dynamic'),
]
EVENTS = ['ListUsers', 'GetUser', 'PutBucketPolicy', 'ConsoleLogin', 'listusers']
TRAIL = [
    ('TimeGenerated', 'datetime'),
    ('EventName', 'string'),
    ('UserIdentityUserName', 'string'),
    ('SourceIpAddress', 'string'),
    ('AWSRegion', 'string'),
    ('ErrorCode', 'string'),
    ('ReadOnly', 'bool'),
    ('RequestParameters', 'string'),
]


def value_of(dice, kind, name):
    if name == 'g':
        return dice.one(['a', 'b', 'A', 'café'])
    if kind != 'string' and dice.chance(18):
        return None
    if kind in ('long', 'int'):
        if name == 'k':
            return dice.below(4)
        if kind == 'long' and dice.chance(6):
            return dice.one([2**63 - 1, -(2**63), 2**31])
        return dice.below(12) - 3
    if kind == 'real':
        return (dice.below(40) - 12) * 0.25
    if kind == 'string':
        return dice.one(STRINGS)
    if kind == 'bool':
        return dice.chance(50)
    if kind == 'datetime':
        return read_datetime(dice.one(TIMES))
    if kind == 'timespan':
        return read_timespan(dice.one(SPANS))
    return dice.one(DOCUMENTS)


def random_table(dice, columns, most):
    rows = []
    for n in range(dice.below(most + 1)):
        rows.append(
            tuple(n + 1 if name == 'id' else value_of(dice, kind, name) for name, kind in columns)
        )
    return Table(columns, rows)


def sql_literal(kind, value):
    if value is None:
        return 'NULL'
    if kind in ('long', 'int', 'real', 'bool'):
        return '(-9223372036854775807 - 1)' if value == -(2**63) else str(value * 1)
    return "'%s'" % cell(kind, value).replace("'", "''")


def sql_of(name, table):
    lines = [
        'DROP TABLE IF EXISTS %s' % name,
        'CREATE TABLE %s(%s)'
        % (
            name,
            ', '.join(
                '%s %s' % (c, 'TEXT' if k == 'string' else k.upper()) for c, k in table.columns
            ),
        ),
    ]
    for row in table.rows:
        lines.append(
            'INSERT INTO %s VALUES(%s)'
            % (
                name,
                ', '.join(sql_literal(kind, value) for (_, kind), value in zip(table.columns, row)),
            )
        )
    return ''.join(line + ';\n' for line in lines)


def random_events(dice, most):
    """CloudTrail records and the table they are, numbered from 1."""
    records, rows = [], []
    for n in range(1 + dice.below(most)):
        second = dice.below(40)
        record = {
            'eventVersion': '1.08',
            'eventID': 'e%03d' % n,
            'eventTime': '2024-03-01T00:%02d:%02dZ' % (n, second),
            'eventSource': 'iam.amazonaws.com',
            'eventName': dice.one(EVENTS),
            'awsRegion': dice.one(['us-east-1', 'eu-west-1']),
            'sourceIPAddress': dice.one(['192.0.2.1', '192.0.2.2', 'iam.amazonaws.com']),
        }
        if dice.chance(80):
            record['userIdentity'] = {
                'type': 'IAMUser',
                'userName': dice.one(['alice', 'bob', 'Alice']),
            }
        if dice.chance(30):
            record['errorCode'] = 'AccessDenied'
        if dice.chance(70):
            record['readOnly'] = dice.chance(50)
        if dice.chance(60):
            record['requestParameters'] = dice.one(
                [
                    {'names': ['a', 'b']},
                    {'names': []},
                    {'userName': 'bob', 'names': ['a']},
                    {'policy': {'Statement': [{'Effect': 'Allow'}, {'Effect': 'Deny'}]}},
                ]
            )
        records.append(record)
        rows.append(
            (
                read_datetime(record['eventTime']),
                record['eventName'],
                record.get('userIdentity', {}).get('userName', ''),
                record['sourceIPAddress'],
                record['awsRegion'],
                record.get('errorCode', ''),
                record.get('readOnly'),
                (
                    json.dumps(record['requestParameters'], separators=(',', ':'))
                    if 'requestParameters' in record
                    else ''
                ),
            )
        )
    table = Table(TRAIL, rows, [frozenset([n + 1]) for n in range(len(rows))])
    return ''.join(json.dumps(record) + '\n' for record in records), table
