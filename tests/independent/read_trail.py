#!/usr/bin/env python3
"""A slow, obvious reading of CloudTrail logs, to hold the extension against.

It shares no code with the extension: Python's own json, lists, nested loops. It answers three
questions about files and folders, plain or gzipped:

    read_trail.py records PATH...   one JSON object: records, rows, duplicates, conflicts, problems
    read_trail.py seed PATH...      rows of the view SuspiciousAWSCLICommandExecution
    read_trail.py bursts PATH...    rows of the view aws_cli_recon_burst

The last two print one JSON array a row, in the column order of the view. --header prints the
column names first; --window, --threshold, --add and --drop set the bursts' parameters and list.
--facts DIR names the folder with aws_services.tsv, aws_operation_exceptions.tsv and, if it is
there, aws_operations.tsv (default: shared/ beside the project, else data/ of the project).

What it reads: {"Records":[...]}, a bare array, one record, NDJSON and any other run of JSON
values. Other forms (LookupEvents, EventBridge, OpenSearch, CSV, digests) are named on stderr and
left out. Files are taken in the order of their whole paths, compared as bytes.

How it reads, where a choice was to be made:
 1. A record is an object with eventName, eventSource, eventVersion or eventTime, or any object
    inside Records. Other values are problems.
 2. Text that is no JSON is one problem; the reading goes on at the next line that begins with
    '{'. Of a broken {"Records":[ or array, the elements before the break count. JSON is RFC 8259:
    no NaN, no bare control character. Bytes that are no UTF-8 become U+FFFD. Of repeated keys the
    first counts, and no problem is counted for them. A cut gzip gives what stands before the cut,
    and one problem.
 3. eventTime is brought to UTC and cut to whole seconds; missing or null, @timestamp serves; a
    time that cannot be read is a problem.
 4. Two records are the same when equal as JSON, null members apart at any depth; numbers by value
    (1 = 1.0). Same (eventTime, eventID) and same content is a duplicate, other content a conflict;
    the first in file order is the row. Without an eventID nothing is merged.
 5. Missing strings are '' in both views; a missing MFA state is null. Scalars that are no strings
    are taken as JSON spells them, objects and arrays as missing.
 6. Event order is eventTime, eventID, fileID, recordNumber; an event without eventID first.
 7. Seed: as the rule's text says, row by row below. Rows are sorted by the group's columns in
    output order; a null MFA state before 0 before 1.
 8. Bursts: the product token is 'aws-cli/' in any case with a version behind it, also in brackets
    and behind spaces. The user agent's command counts when it is one of the CLI's own (s3.cp) or
    makes this call; else the event's own does. Versions before 2.0.36 name none, and what has no dot
    or ends an agent of 1,024 bytes or more is cut.
 9. Bursts: a command is compared without case and counted and listed in the spelling of the list.
    principals, regions, userAgents (as logged) and events (event names) hold distinct values in
    the order of their first event; missing values are left out. principals is userIdentity.arn.
10. Bursts: the account id is recipientAccountId, else userIdentity.accountId. Where AccountName is
    empty, userIdentity.onBehalfOf.userId, the principal id and then the account id stand in its
    place, whole and with the suffix ''.
11. Bursts: deniedCount looks for the words of DENIED with case; an empty errorCode is no error.
    Rows are sorted by firstTime, then by the group.
    Bursts: nor does an event that a service made on somebody's behalf (userIdentity.invokedBy).
12. Insight events (eventCategory Insight or eventType AwsCloudTrailInsight) are rows, but take
    part in neither rule.
"""
import argparse
import json
import os
import re
import stat
import sys
import zlib
from datetime import datetime, timedelta, timezone
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))

# ---- files --------------------------------------------------------------------------------------


def regular_files(paths):
    found = []
    for path in paths:
        if os.path.isdir(path):
            for folder, _, names in os.walk(path):
                found += [os.path.join(folder, name) for name in names]
        else:
            found.append(path)
    found = [path for path in found if stat.S_ISREG(os.stat(path).st_mode)]
    return sorted(set(found), key=os.fsencode)


def content(path):
    """(bytes, problem or None); gzip members are unpacked one after the other."""
    with open(path, 'rb') as file:
        data = file.read()
    if data[:2] != b'\x1f\x8b':
        return data, None
    out = bytearray()
    while data:
        member = zlib.decompressobj(31)
        try:
            # In small steps, so that what stands before a break is kept.
            position = 0
            while position < len(data) and not member.eof:
                out += member.decompress(data[position : position + 64])
                position += 64
        except zlib.error as error:
            return bytes(out), 'gzip: %s' % error
        if not member.eof:
            return bytes(out), 'gzip: the file ends in the middle'
        data = member.unused_data + data[position:]
        if data and data[:2] != b'\x1f\x8b':
            return bytes(out), 'gzip: bytes behind the last member'
    return bytes(out), None


# ---- JSON ---------------------------------------------------------------------------------------


def first_of_repeated(pairs):
    members = {}
    for key, value in pairs:
        members.setdefault(key, value)
    return members


def refuse(word):
    raise ValueError('%s is no JSON' % word)


DECODER = json.JSONDecoder(
    object_pairs_hook=first_of_repeated, parse_float=Decimal, parse_constant=refuse
)
SPACE = re.compile(r'[ \t\r\n]*')
LIST_START = re.compile(r'\[|\{[ \t\r\n]*"Records"[ \t\r\n]*:[ \t\r\n]*\[')


def skip_space(text, position):
    return SPACE.match(text, position).end()


def values(text):
    """Yields each top-level value as (value, None), and (None, problem) for what cannot be read."""
    position = skip_space(text, 1 if text.startswith('\ufeff') else 0)
    while position < len(text):
        try:
            value, position = DECODER.raw_decode(text, position)
            yield value, None
        except (ValueError, RecursionError) as error:
            start = LIST_START.match(text, position)
            if start:
                elements, position = elements_before_break(text, start.end())
                yield elements, None
            yield None, 'not JSON: %s' % error
            line = re.compile(r'\n(?=\{)').search(text, position)
            position = line.end() if line else len(text)
        position = skip_space(text, position)


def elements_before_break(text, position):
    elements = []
    while True:
        try:
            value, end = DECODER.raw_decode(text, skip_space(text, position))
        except (ValueError, RecursionError):
            return elements, position
        end = skip_space(text, end)
        if text[end : end + 1] != ',':
            # Cut behind a whole element: the element counts.
            return elements + [value], end
        elements.append(value)
        position = end + 1


def other_form(value):
    """The name of a form this reader leaves out, or None."""
    if 'CloudTrailEvent' in value or isinstance(value.get('Events'), list):
        return 'LookupEvents'
    if 'detail-type' in value or 'detail' in value and 'eventName' not in value:
        return 'EventBridge'
    if (
        'aws.cloudtrail' in value
        or isinstance(value.get('aws'), dict)
        and 'cloudtrail' in value['aws']
    ):
        return 'OpenSearch'
    if 'digestS3Bucket' in value:
        return 'digest'
    if 'logEvents' in value or 'message' in value and 'eventName' not in value:
        return 'CloudWatch Logs'
    return None


def looks_like_record(value):
    return any(key in value for key in ('eventName', 'eventSource', 'eventVersion', 'eventTime'))


# ---- records ------------------------------------------------------------------------------------


def utc(text):
    """The time as 'YYYY-MM-DDTHH:MM:SSZ', or None."""
    match = re.fullmatch(
        r'(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z|z|[+-]\d\d:?\d\d)?', text
    )
    if not match:
        return None
    try:
        moment = datetime.strptime(match.group(1) + ' ' + match.group(2), '%Y-%m-%d %H:%M:%S')
        zone = (match.group(3) or 'Z').replace(':', '')
        if zone not in ('Z', 'z'):
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
            moment = moment - offset if zone[0] == '+' else moment + offset
    except (ValueError, OverflowError):
        return None
    return moment.strftime('%Y-%m-%dT%H:%M:%SZ').zfill(20)


def seconds_of(time):
    moment = datetime.strptime(time, '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=timezone.utc)
    return int(moment.timestamp())


def without_nulls(value):
    """A form in which two values are equal exactly when they are the same content."""
    if isinstance(value, dict):
        return (
            'object',
            tuple(
                sorted(
                    (key, without_nulls(member))
                    for key, member in value.items()
                    if member is not None
                )
            ),
        )
    if isinstance(value, list):
        return ('array', tuple(without_nulls(element) for element in value))
    if isinstance(value, (bool, str)) or value is None:
        return (type(value).__name__, value if value is not None else '')
    return ('number', Decimal(value))


def scalar(value):
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return 'true' if value else 'false'
    return '' if value is None or isinstance(value, (dict, list)) else str(value)


def at(record, *path):
    for key in path:
        if not isinstance(record, dict):
            return ''
        record = record.get(key)
    return scalar(record)


class Trail:
    """The rows that are left when duplicates, conflicts and problems are taken out."""

    def __init__(self):
        self.rows, self.files, self.seen = [], [], {}

    def read(self, paths):
        for file_id, path in enumerate(regular_files(paths), 1):
            counts = {
                'file': path,
                'records': 0,
                'rows': 0,
                'duplicates': 0,
                'conflicts': 0,
                'problems': 0,
                'otherForms': 0,
            }
            self.files.append(counts)
            data, broken = content(path)
            text = data.decode('utf-8', 'replace')
            start = text[skip_space(text, 1 if text.startswith('\ufeff') else 0) :][:1]
            if start and start not in '{[':
                print('%s: not JSON, left out' % path, file=sys.stderr)
                counts['otherForms'] += 1
                continue
            number = 0
            for value, problem in values(text):
                if problem and broken:
                    break  # the cut, which is told below
                if problem:
                    print('%s: %s' % (path, problem), file=sys.stderr)
                    counts['problems'] += 1
                    continue
                for record in self.unpack(path, counts, value):
                    number += 1
                    self.add(path, counts, file_id, number, record)
            if broken:
                print('%s: %s' % (path, broken), file=sys.stderr)
                counts['problems'] += 1
        self.rows.sort(key=lambda row: (row['time'], row['id'], row['file'], row['number']))
        return self

    def unpack(self, path, counts, value):
        if isinstance(value, dict) and isinstance(value.get('Records'), list):
            return value['Records']
        left_out = {}
        records = []
        for element in value if isinstance(value, list) else [value]:
            form = other_form(element) if isinstance(element, dict) else None
            if form:
                left_out[form] = left_out.get(form, 0) + 1
            else:
                records.append(element)
        for form, count in left_out.items():
            counts['otherForms'] += count
            print('%s: %d of the form %s, left out' % (path, count, form), file=sys.stderr)
        if (
            not isinstance(value, list)
            and records
            and not (isinstance(value, dict) and looks_like_record(value))
        ):
            counts['problems'] += 1
            print('%s: a value that is no record' % path, file=sys.stderr)
            return []
        return records

    def add(self, path, counts, file_id, number, record):
        counts['records'] += 1
        time = None
        if isinstance(record, dict):
            stamp = record.get('eventTime')
            time = utc(scalar(record.get('@timestamp') if stamp is None else stamp))
        if time is None:
            counts['problems'] += 1
            print('%s: record %d: no time' % (path, number), file=sys.stderr)
            return
        identity = at(record, 'eventID')
        if identity:
            key, shape = (time, identity), without_nulls(record)
            if key in self.seen:
                counts['duplicates' if self.seen[key] == shape else 'conflicts'] += 1
                return
            self.seen[key] = shape
        counts['rows'] += 1
        self.rows.append(
            {'time': time, 'id': identity, 'file': file_id, 'number': number, 'record': record}
        )


# ---- the seed rule ------------------------------------------------------------------------------

# The rule's list as it is written. Two literals side by side are one, in Kusto as in Python.
# fmt: off
SUSPICIOUS_COMMANDS = ['iam.list-users', 'iam.list-groups', 'ec2.describe-vpcs', 'ec2.describe-subnets', 'route53.list-hosted-zones', 'kms.list-keys', 'kms.list-aliases', 'ecs.list-clusters', 'ecs.list-services', 'iam.list-roles', 'iam.get-user''iam.list-access-keys', 'ec2.describe-security-groups', 'ec2.describe-network-acls', 'ec2.describe-network-interfaces', 'ec2.describe-route-tables', 'ec2.describe-internet-gateways', 'ec2.describe-vpc-peering-connections', 'ec2.describe-network-interfaces', 'ec2.describe-network-interfaces', 'ec2.describe-transit-gateway-vpc-attachment', 'ec2.describe-vpc']
# fmt: on

ALNUM = set('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')


LOWER = {letter: letter + 32 for letter in range(ord('A'), ord('Z') + 1)}


def lower(text):
    """ASCII only, as the design has it."""
    return text.translate(LOWER)


def has(text, needle):
    """Kusto's has: the needle, with a term's boundary at each edge that is a letter or digit."""
    text, needle = lower(text), lower(needle)
    for start in range(len(text) - len(needle) + 1):
        if text[start : start + len(needle)] != needle:
            continue
        before, after = text[:start][-1:], text[start + len(needle) :][:1]
        if not (needle[0] in ALNUM and before in ALNUM or needle[-1] in ALNUM and after in ALNUM):
            return True
    return False


def split_at(text, delimiter, index):
    """tostring(split(text, delimiter, index)[0])"""
    parts = text.split(delimiter)
    return parts[index] if index < len(parts) else ''


def mfa_state(record):
    stated = lower(at(record, 'userIdentity', 'sessionContext', 'attributes', 'mfaAuthenticated'))
    return {'true': 1, 'false': 0}.get(stated)


def is_insight(record):
    return (
        at(record, 'eventCategory') == 'Insight'
        or at(record, 'eventType') == 'AwsCloudTrailInsight'
    )


def account_of(record):
    """(AccountName, AccountUPNSuffix) by the rule's three extends."""
    arn = at(record, 'userIdentity', 'arn')
    if arn == '':
        resources = record.get('resources')
        first = resources[0] if isinstance(resources, list) and resources else None
        arn = first.get('ARN') if isinstance(first, dict) else None
        # tostring() of an object that parse_json() gave is its JSON
        is_nested = isinstance(arn, (dict, list))
        arn = json.dumps(arn, separators=(',', ':')) if is_nested else scalar(arn)
    user_name = arn.split('/')[-1]
    if at(record, 'userIdentity', 'principalId') == 'Anonymous':
        name = 'Anonymous'
    elif at(record, 'userIdentity', 'userName') == '':
        name = user_name
    else:
        name = at(record, 'userIdentity', 'userName')
    # Both expressions of the last extend see the name as it was before it.
    if '@' in name:
        return split_at(name, '@', 0), split_at(name, '@', 1)
    return name, ''


SEED_COLUMNS = [
    'TimeGenerated',
    'RecipientAccountId',
    'AccountName',
    'AccountUPNSuffix',
    'UserIdentityUserName',
    'SourceIpAddress',
    'SessionMfaAuthenticated',
    'CommadCount',
    'EventCount',
    'commands',
    'Events',
]


def seed(trail):
    groups = {}
    for row in trail.rows:
        record = row['record']
        agent = at(record, 'userAgent')
        if is_insight(record) or not lower(agent).startswith('aws-cli'):
            continue
        command = split_at(agent, 'off command/', 1)
        if not any(has(command, suspicious) for suspicious in SUSPICIOUS_COMMANDS):
            continue
        minute = row['time'][:17] + '00Z'
        key = (
            (minute, at(record, 'recipientAccountId'))
            + account_of(record)
            + (
                at(record, 'userIdentity', 'userName'),
                at(record, 'sourceIPAddress'),
                mfa_state(record),
            )
        )
        groups.setdefault(key, []).append((command, at(record, 'eventName')))
    result = []
    for key, members in groups.items():
        commands, events = [pair[0] for pair in members], [pair[1] for pair in members]
        if len(set(commands)) >= 8:
            result.append(list(key) + [len(set(commands)), len(set(events)), commands, events])
    return sorted(result, key=lambda row: [(value is not None, value) for value in row[:7]])


# ---- the corrected rule -------------------------------------------------------------------------


class Facts:
    """What AWS calls its services and operations, from the three tables."""

    RENAMED = {'s3': 's3api', 'config': 'configservice', 'codedeploy': 'deploy'}
    PREFERRED = ('rds', 'apigateway', 'ses', 'elbv2')

    def __init__(self, folder):
        self.services = self.table(folder, 'aws_services.tsv')
        lists = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'data')
        shared = self.table(lists, 'aws_shared_operations.tsv')
        self.shared = {(row['cli_service'], row['operation']) for row in shared}
        self.own = {row['command'] for row in self.table(lists, 'cli_commands.tsv')}
        self.operations = {
            (row['cli_service'], row['operation']): row['cli_operation']
            for name in ('aws_operations.tsv', 'aws_operation_exceptions.tsv')
            if os.path.exists(os.path.join(folder, name))
            for row in self.table(folder, name)
        }

    @staticmethod
    def table(folder, name):
        with open(os.path.join(folder, name), encoding='utf-8') as file:
            lines = file.read().splitlines()
        head = lines[0].split('\t')
        return [dict(zip(head, line.split('\t'))) for line in lines[1:]]

    def services_of(self, source):
        """All that a source can mean, in order of preference."""
        for suffix in ('.amazonaws.com', '.amazonaws.com.cn'):
            source = source[: -len(suffix)] if source.endswith(suffix) else source
        source = source.lower()
        names = [source] + ([source[4:]] if source.startswith('api.') else [])
        found = []
        for column in ('cli_service', 'signing_name', 'endpoint_prefix'):
            for row in self.services:
                named = row[column].lower()
                if named in names or (column == 'endpoint_prefix' and named == 'api.' + source):
                    if row not in found:
                        found.append(row)
        return source, found

    def service(self, source, event, api_version):
        source, found = self.services_of(source)
        versioned = [row for row in found if row['api_version'] == api_version]
        pool = versioned or found
        for row in pool:
            if (row['cli_service'], event) in self.shared:
                return row['cli_service']
        for row in pool:
            if row['cli_service'] in self.PREFERRED:
                return row['cli_service']
        return pool[0]['cli_service'] if pool else source

    def command_of(self, service, event):
        if service in ('lambda', 'cloudfront'):
            event = re.sub(r'\d{4}_\d\d_\d\d$|\d{8}(v\d+)?$', '', event)
        operation = self.operations.get((service, event)) or plain_name(event)
        return self.RENAMED.get(service, service) + '.' + operation

    def command(self, source, event, api_version):
        """The CLI command that makes this call: 'iam.list-users'."""
        if not source or not event:
            return ''
        return self.command_of(self.service(source, event, api_version), event)

    def is_own(self, command):
        """Is it one of the CLI's own, which make calls of other names? `*.wait` is any service's."""
        service, operation = command.split('.')[:2]
        return service + '.' + operation in self.own or '*.' + operation in self.own

    def makes(self, command, source, event):
        """Could the command, of any service that the source can mean, make this call?"""
        service = command.split('.')[0]
        _, found = self.services_of(source)
        names = [row['cli_service'] for row in found]
        candidates = [name for name in names if self.RENAMED.get(name, name) == lower(service)]
        if not found:
            candidates = [service]
        return any(lower(self.command_of(name, event)) == lower(command) for name in candidates)


def plain_name(event):
    """botocore's rule: ListMFADevices -> list-mfa-devices."""
    name = re.sub(r'(.)([A-Z][a-z]+)', r'\1-\2', event)
    return re.sub(r'([a-z0-9])([A-Z])', r'\1-\2', name).lower()


def cli_agent(agent):
    """(is it the AWS CLI, the command it names or '')"""
    n_bytes = len(agent.encode('utf-8'))
    agent = agent.strip(' ')
    if agent.startswith('['):
        agent = agent[1:]
    if agent.endswith(']'):
        agent = agent[:-1]
    tokens = [token for token in agent.split(' ') if token] or ['']
    if not lower(tokens[0]).startswith('aws-cli/') or lower(tokens[0]) == 'aws-cli/':
        return False, ''
    command, is_last = '', False
    for token in tokens:
        for mark in ('md/command#', 'command/'):
            if token.startswith(mark):
                command = token[len(mark) :]
                is_last = token == tokens[-1]
    version = re.match(r'(\d+)(?:\.(\d+))?(?:\.(\d+))?', tokens[0].split('/', 1)[1])
    parts = [int(part) if part else -1 for part in version.groups()] if version else [3, 0, 0]
    names_none = parts[0] < 2 or (parts[0] == 2 and parts[1] == 0 and parts[2] < 36)
    is_cut = not re.match(r'[^.]+\..', command) or (is_last and n_bytes >= 1024)
    return True, '' if names_none or is_cut else command


def told_command(facts, record):
    """(the command behind an event of the AWS CLI, or '', whether the agent named it)"""
    event = [at(record, name) for name in ('eventSource', 'eventName', 'apiVersion')]
    is_cli, named = cli_agent(at(record, 'userAgent'))
    if not is_cli:
        return '', False
    if named and (not event[0] or not event[1]):
        return named, True
    if named and (facts.is_own(named) or facts.makes(named, event[0], event[1])):
        return named, True
    return facts.command(*event), False


# The seed's list with its faults mended: 19 commands.
LISTED = [
    'iam.list-users',
    'iam.list-groups',
    'ec2.describe-vpcs',
    'ec2.describe-subnets',
    'route53.list-hosted-zones',
    'kms.list-keys',
    'kms.list-aliases',
    'ecs.list-clusters',
    'ecs.list-services',
    'iam.list-roles',
    'iam.get-user',
    'iam.list-access-keys',
    'ec2.describe-security-groups',
    'ec2.describe-network-acls',
    'ec2.describe-network-interfaces',
    'ec2.describe-route-tables',
    'ec2.describe-internet-gateways',
    'ec2.describe-vpc-peering-connections',
    'ec2.describe-transit-gateway-vpc-attachments',
]
BURST_COLUMNS = [
    'firstTime',
    'lastTime',
    'recipientAccountId',
    'accountName',
    'accountUPNSuffix',
    'sourceIPAddress',
    'commandCount',
    'peakCount',
    'eventCount',
    'deniedCount',
    'errorCount',
    'mfaAuthenticated',
    'principals',
    'commands',
    'events',
    'regions',
    'userAgents',
    'commandSource',
]


def distinct(items):
    result = []
    for item in items:
        if item != '' and item not in result:
            result.append(item)
    return result


def bursts_of(members, window_seconds, threshold):
    """Each burst: its indexes into `members` (in event order), the most commands in one window.

    A window that begins between two events holds no more than the one that begins with its first
    event, so the windows that begin with an event are enough.
    """
    windows = []
    for first in members:
        inside = {
            index
            for index, other in enumerate(members)
            if first['seconds'] <= other['seconds'] < first['seconds'] + window_seconds
        }
        count = len({members[index]['command'] for index in inside})
        if count >= threshold:
            windows.append((inside, count))
    merged = []
    for inside, count in windows:
        apart = []
        for burst, peak in merged:
            if burst & inside:
                inside, count = inside | burst, max(count, peak)
            else:
                apart.append((burst, peak))
        merged = apart + [(inside, count)]
    return [(sorted(burst), peak) for burst, peak in merged]


def listed_calls(trail, facts, suspicious):
    """The AWS CLI's events on the list: (row, identity, command as listed, whether the agent named it)."""
    for row in trail.rows:
        record = row['record']
        command, is_named = told_command(facts, record)
        if not command or is_insight(record) or at(record, 'userIdentity', 'invokedBy'):
            continue
        spelled = [listed for listed in suspicious if lower(listed) == lower(command)]
        if not spelled:
            continue
        account = account_of(record)
        account_id = at(record, 'recipientAccountId') or at(record, 'userIdentity', 'accountId')
        if account[0] == '':
            account = (
                at(record, 'userIdentity', 'onBehalfOf', 'userId')
                or at(record, 'userIdentity', 'principalId')
                or account_id,
                '',
            )
        key = (account_id,) + account + (at(record, 'sourceIPAddress'),)
        yield row, key, spelled[0], is_named


# Codes by which AWS's services say that they refuse the caller, by their lists of common errors.
DENIED = [
    'AccessDenied',
    'Unauthorized',
    'NotAuthorized',
    'AuthorizationError',
    'Forbidden',
    'AuthFailure',
    'AllAccessDisabled',
    'InvalidClientTokenId',
    'InvalidAccessKeyId',
    'UnrecognizedClient',
    'SignatureDoesNotMatch',
    'InvalidSignature',
    'IncompleteSignature',
    'MissingAuthenticationToken',
    'ExpiredToken',
]


def bursts(trail, facts, window_seconds=60, threshold=8, suspicious=tuple(LISTED)):
    groups = {}
    for row, key, command, is_named in listed_calls(trail, facts, suspicious):
        groups.setdefault(key, []).append(
            {
                'time': row['time'],
                'seconds': seconds_of(row['time']),
                'record': row['record'],
                'agent': at(row['record'], 'userAgent'),
                'command': command,
                'from': 'user-agent' if is_named else 'event',
            }
        )
    result = []
    for key, members in groups.items():
        for indexes, peak in bursts_of(members, window_seconds, threshold):
            rows = [members[index] for index in indexes]
            records = [row['record'] for row in rows]
            errors = [at(record, 'errorCode') for record in records]
            mfa = {mfa_state(record) for record in records} - {None}
            sources = {row['from'] for row in rows}
            commands = distinct([row['command'] for row in rows])
            result.append(
                [rows[0]['time'], rows[-1]['time']]
                + list(key)
                + [
                    len(commands),
                    peak,
                    len(rows),
                    len(
                        [
                            code
                            for code in errors
                            if any(word in code for word in DENIED)
                        ]
                    ),
                    len([code for code in errors if code]),
                    mfa.pop() if len(mfa) == 1 else None,
                    distinct([at(record, 'userIdentity', 'arn') for record in records]),
                    commands,
                    distinct([at(record, 'eventName') for record in records]),
                    distinct([at(record, 'awsRegion') for record in records]),
                    distinct([row['agent'] for row in rows]),
                    sources.pop() if len(sources) == 1 else 'mixed',
                ]
            )
    return sorted(result, key=lambda row: (row[0], row[2:6]))


# ---- the command line ---------------------------------------------------------------------------


def facts_folder(given):
    shared = os.path.join(os.path.dirname(PROJECT), 'shared')
    for folder in [given] if given else [shared, os.path.join(PROJECT, 'data')]:
        if os.path.exists(os.path.join(folder, 'aws_services.tsv')):
            return folder
    sys.exit('read_trail.py: aws_services.tsv not found: name its folder with --facts')


def main():
    parser = argparse.ArgumentParser(description='An independent reading of CloudTrail logs.')
    parser.add_argument('what', choices=['records', 'seed', 'bursts'])
    parser.add_argument('paths', nargs='+', metavar='PATH')
    parser.add_argument('--facts', metavar='DIR', help='folder of the three aws_*.tsv tables')
    parser.add_argument(
        '--window',
        type=int,
        default=60,
        help='seconds of a burst window (rule_parameter window_seconds)',
    )
    parser.add_argument(
        '--threshold', type=int, default=8, help='commands of a burst (rule_parameter threshold)'
    )
    parser.add_argument('--add', action='append', default=[], metavar='COMMAND', help='to the list')
    parser.add_argument('--drop', action='append', default=[], metavar='COMMAND', help='off the list')
    parser.add_argument('--header', action='store_true', help='print the column names first')
    options = parser.parse_args()
    trail = Trail().read(options.paths)
    if options.what == 'records':
        total = {
            name: sum(file[name] for file in trail.files)
            for name in ('records', 'rows', 'duplicates', 'conflicts', 'problems', 'otherForms')
        }
        print(json.dumps(dict(total, files=trail.files), indent=1))
        return
    if options.what == 'seed':
        columns, rows = SEED_COLUMNS, seed(trail)
    else:
        columns, rows = BURST_COLUMNS, bursts(
            trail,
            Facts(facts_folder(options.facts)),
            options.window,
            options.threshold,
            [command for command in LISTED if command not in options.drop] + options.add,
        )
    for row in ([columns] if options.header else []) + rows:
        print(json.dumps(row, ensure_ascii=False, separators=(',', ':')))


if __name__ == '__main__':
    main()
