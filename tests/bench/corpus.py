#!/usr/bin/env python3
"""corpus.py FOLDER EVENTS FILES [SEED]: writes a trail to measure with, in the layout of the S3 bucket.

FOLDER/AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_TIME_RANDOM.json.gz,
a file every five minutes from each of 18 streams (3 accounts, 6 regions, not equally busy), for as
many days as FILES asks for. The records of machines are those of data/sample with times, ids, keys,
accounts, regions and addresses of their own, of which each identity keeps its key and its address;
those of the AWS CLI (12.25 %) are composed here: every form of its user agent, and bursts: of each
10,000 events one that both rules report and one that only the corrected rule sees. One record in a thousand is delivered a second time, one file later.
Within a file records stand nearly in the order of time.

The same arguments give the same records. What was written is counted in FOLDER/corpus.json, which
also names the arguments and is written last: a corpus that has it is whole.
"""
import gzip
import hashlib
import json
import os
import random
import re
import sys
from datetime import datetime, timedelta, timezone
from multiprocessing import Pool

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
SAMPLE = os.path.join(ROOT, 'data', 'sample', 'AWSLogs')

BEGIN = datetime(2025, 10, 14, tzinfo=timezone.utc)
SLOT_SECONDS = 300
SLOTS_A_DAY = 86400 // SLOT_SECONDS

ACCOUNTS = {'111122223333': 0.55, '444455556666': 0.3, '777788889999': 0.15}
REGIONS = {
    'us-east-1': 0.46,
    'eu-west-1': 0.2,
    'us-west-2': 0.13,
    'eu-central-1': 0.1,
    'ap-southeast-2': 0.07,
    'sa-east-1': 0.04,
}
STREAMS = [(a, r, wa * wr) for a, wa in ACCOUNTS.items() for r, wr in REGIONS.items()]

CLI_SHARE = 0.1225
DUPLICATE_SHARE = 0.001

# ---- the AWS CLI --------------------------------------------------------------------------------

# Agents in which the seed rule finds the command.
SEEN = [
    'aws-cli/2.12.0 Python/3.11.4 Linux/6.5.0-kali3-amd64 source/x86_64.kali.2023 prompt/off command/{}',
    'aws-cli/2.13.30 Python/3.11.6 Darwin/24.6.0 source/arm64 prompt/off command/{}',
    'aws-cli/2.15.38 Python/3.11.8 Windows/10 exe/AMD64 prompt/off command/{}',
    'aws-cli/2.11.21 Python/3.11.3 Linux/6.8.0-85-generic exe/x86_64.ubuntu.24 prompt/off command/{}',
    'aws-cli/2.7.35 Python/3.9.11 Linux/5.10.240-238.959.amzn2.x86_64 exec-env/CloudShell '
    'exe/x86_64.amzn.2 prompt/off command/{}',
]
# Those in which it does not: no prompt, #, version 1, brackets, and none at all.
UNSEEN = [
    'aws-cli/2.0.50 Python/3.7.3 Linux/5.4.0-216-generic exe/x86_64.ubuntu.20 command/{}',
    'aws-cli/2.15.57 Python/3.11.8 ua/2.0 os/linux#6.8.0-1021-aws md/arch#x86_64 lang/python#3.11.8 '
    'md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.22 md/prompt#off md/command#{}',
    'aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/linux#6.12.33-cloud-amd64 md/arch#x86_64 lang/python#3.13.4 '
    'md/pyimpl#CPython m/E,Z,b,N cfg/retry-mode#standard md/installer#exe sid/{sid} md/distrib#kali.2025 '
    'md/prompt#off md/command#{}',
    'aws-cli/2.31.11 md/awscrt#0.27.6 ua/2.1 os/linux#6.11.0-1018-azure md/arch#x86_64 lang/python#3.13.7 '
    'md/pyimpl#CPython exec-env/GitHub_Actions m/b,E,Z,g cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.24 '
    'md/prompt#off md/command#{}',
    '[aws-cli/2.13.30 Python/3.11.6 Darwin/24.6.0 source/arm64 prompt/off command/{}]',
    'aws-cli/1.18.147 Python/2.7.18 Linux/4.14.355-280.664.amzn2.x86_64 botocore/1.18.6',
    'aws-cli/1.42.44 md/Botocore#1.40.44 ua/2.1 os/linux#6.1.0-40-amd64 md/arch#x86_64 lang/python#3.11.2 '
    'md/pyimpl#CPython m/N,b cfg/retry-mode#legacy botocore/1.40.44',
    'aws-cli/2.9.19 Python/3.11.2 Linux/6.1.0-40-amd64 source/x86_64.debian.12 prompt/off',
]

# On the rule's list, also after its lost comma.
LISTED = (
    'iam.list-users iam.list-groups iam.list-roles ec2.describe-vpcs ec2.describe-subnets '
    'route53.list-hosted-zones kms.list-keys kms.list-aliases ecs.list-clusters ecs.list-services '
    'ec2.describe-security-groups ec2.describe-network-acls ec2.describe-network-interfaces '
    'ec2.describe-route-tables ec2.describe-internet-gateways ec2.describe-vpc-peering-connections'
).split()
# Not on it, or only on the mended one.
OTHERS = (
    'iam.get-user iam.list-access-keys iam.get-role iam.list-attached-role-policies ec2.describe-instances '
    'ec2.describe-volumes ec2.describe-images ec2.describe-addresses ec2.describe-vpc-endpoints '
    'ec2.describe-snapshots ec2.run-instances ec2.create-tags sts.get-caller-identity s3api.list-buckets '
    'rds.describe-db-instances lambda.list-functions lambda.invoke logs.filter-log-events '
    'logs.describe-log-groups ssm.get-parameter ssm.describe-instance-information ssm.send-command '
    'secretsmanager.list-secrets secretsmanager.get-secret-value ecr.get-authorization-token '
    'ecr.describe-repositories eks.describe-cluster ecs.describe-tasks ecs.update-service '
    'cloudformation.describe-stacks cloudformation.list-stacks sqs.get-queue-attributes dynamodb.query '
    'sns.publish cloudtrail.describe-trails route53.list-resource-record-sets'
).split()
GLOBAL = {'iam', 'route53', 's3api'}
# What few people do: those who run the machines.
OPERATIONS = {'ec2.run-instances', 'ec2.create-tags', 'ssm.send-command', 'ecs.update-service'}
OPERATOR_EVERY = 20
SOURCES = {'s3api': 's3'}
EVENT_NAMES = {
    'rds.describe-db-instances': 'DescribeDBInstances',
    'lambda.list-functions': 'ListFunctions20150331',
}
READS = ('Describe', 'Get', 'List', 'Filter', 'Query')


def event_name(command):
    operation = command.split('.')[1]
    return EVENT_NAMES.get(command) or ''.join(p.capitalize() for p in operation.split('-'))


def hexa(rng, count):
    return '%0*x' % (count, rng.getrandbits(4 * count))


def new_uuid(rng):
    h = '%032x' % rng.getrandbits(128)
    return '%s-%s-4%s-a%s-%s' % (h[:8], h[8:12], h[13:16], h[17:20], h[20:])


BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'


def letters(rng, count):
    return ''.join(rng.choices(BASE32, k=count))


def iso(second):
    return (BEGIN + timedelta(seconds=second)).strftime('%Y-%m-%dT%H:%M:%SZ')


def at_work(agent):
    """The agent of somebody who works here: as it is, but not on Kali Linux, which the bursts come from."""
    return (agent.replace('6.5.0-kali3-amd64 source/x86_64.kali.2023', '6.5.0-41-generic source/x86_64.ubuntu.22')
            .replace('md/distrib#kali.2025', 'md/distrib#debian.13'))


class User:
    """Who calls the CLI: an IAM user or a session of a role, from one address, with one client."""

    def __init__(self, rng, name, account, agent, second=0):
        # a terminal of one's own: the id of a session joins what many identities did with it
        self.agent = agent.replace('{sid}', '%012x' % random.Random(name).getrandbits(48))
        self.account = account
        # one works in one region, and on what is nobody's
        self.region = random.Random(name).choices(list(REGIONS), REGIONS.values())[0]
        self.is_operator = False
        self.address = '%s.%d' % (rng.choice(['203.0.113', '198.51.100', '192.0.2']), rng.randrange(1, 255))
        user, key = letters(rng, 10), letters(rng, 9)
        mfa = rng.choice(['true', 'false'])
        created = iso(max(0, second - rng.randrange(60, 3000)))
        if rng.random() < 0.5:
            self.arn = 'arn:aws:iam::%s:user/%s' % (account, name)
            identity = {
                'type': 'IAMUser',
                'principalId': 'AIDA%sEXAMPLE' % user,
                'arn': self.arn,
                'accountId': account,
                'accessKeyId': 'AKIA%sEXAMPLE' % key,
                'userName': name,
            }
            if rng.random() < 0.3:
                identity['sessionContext'] = {'attributes': {'creationDate': created, 'mfaAuthenticated': mfa}}
        else:
            role, session = rng.choice(['Operations', 'ReadOnly', 'Deployment']), name + '@example.com'
            self.arn = 'arn:aws:sts::%s:assumed-role/%s/%s' % (account, role, session)
            identity = {
                'type': 'AssumedRole',
                'principalId': 'AROA%sEXAMPLE:%s' % (user, session),
                'arn': self.arn,
                'accountId': account,
                'accessKeyId': 'ASIA%sEXAMPLE' % key,
                'sessionContext': {
                    'sessionIssuer': {
                        'type': 'Role',
                        'principalId': 'AROA%sEXAMPLE' % user,
                        'arn': 'arn:aws:iam::%s:role/people/%s' % (account, role),
                        'accountId': account,
                        'userName': role,
                    },
                    'webIdFederationData': {},
                    'attributes': {'creationDate': created, 'mfaAuthenticated': mfa},
                },
            }
        self.identity = compact(identity)


def compact(value):
    return json.dumps(value, separators=(',', ':'))


# What the calls ask for and what is answered, by the kind of call.
def request(rng, source, name):
    if source == 'ec2' and name == 'RunInstances':
        return (
            '{"instancesSet":{"items":[{"imageId":"ami-%s","minCount":1,"maxCount":1}]},"instanceType":"m7i.large",'
            '"blockDeviceMapping":{},"monitoring":{"enabled":false},"disableApiTermination":false}' % hexa(rng, 17)
        )
    if source == 'ec2':
        return (
            '{"maxResults":100,"filterSet":{"items":[{"name":"tag:Environment","valueSet":{"items":'
            '[{"value":"production"},{"value":"%s"}]}}]},"nextToken":null}' % hexa(rng, 12)
        )
    if source == 'iam' or rng.random() < 0.3:
        return rng.choice(['null', '{"maxItems":100}', '{"roleName":"app-%d"}' % rng.randrange(400)])
    return '{"maxResults":50,"nextToken":"%s","include":["details","tags"]}' % letters(rng, 24)


def cli_record(rng, second, user, command, region, denied=False):
    service = command.split('.')[0]
    source, name = SOURCES.get(service, service), event_name(command)
    error = answer = ''
    if denied:
        code = 'Client.UnauthorizedOperation' if source == 'ec2' else 'AccessDenied'
        error = (
            '"errorCode":"%s","errorMessage":"User: %s is not authorized to perform: %s:%s because no '
            'identity-based policy allows the %s:%s action",' % (code, user.arn, source, name, source, name)
        )
    if name == 'RunInstances':
        answer = (
            '{"requestId":"%s","reservationId":"r-%s","ownerId":"%s","groupSet":{},"instancesSet":{"items":'
            '[{"instanceId":"i-%s","instanceState":{"code":0,"name":"pending"},"privateDnsName":'
            '"ip-10-0-1-17.ec2.internal","amiLaunchIndex":0,"productCodes":{},"placement":{"tenancy":"default"}}]}}'
            % (new_uuid(rng), hexa(rng, 17), user.account, hexa(rng, 17))
        )
    host = '%s.amazonaws.com' % source if service in GLOBAL else '%s.%s.amazonaws.com' % (source, region)
    return (
        '{"eventVersion":"1.%02d","userIdentity":%s,"eventTime":"%s","eventSource":"%s.amazonaws.com","eventName":"%s",'
        '"awsRegion":"%s","sourceIPAddress":"%s","userAgent":"%s",%s"requestParameters":%s,"responseElements":%s,'
        '"requestID":"%s","eventID":"%s","readOnly":%s,"eventType":"AwsApiCall","managementEvent":true,'
        '"recipientAccountId":"%s","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3",'
        '"cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"%s"}}'
        % (
            10 if source in ('ec2', 'iam') else 8,
            user.identity,
            iso(second),
            source,
            name,
            region,
            user.address,
            user.agent.format(command),
            error,
            'null' if denied else request(rng, source, name),
            answer or 'null',
            new_uuid(rng),
            new_uuid(rng),
            'true' if name.startswith(READS) else 'false',
            user.account,
            host,
        )
    )


def region_of(command, region):
    return 'us-east-1' if command.split('.')[0] in GLOBAL else region


# ---- machines -----------------------------------------------------------------------------------

# The addresses of each account's identities.
NETWORKS = ['198.51.100', '203.0.113', '192.0.2']

# What differs from record to record in those of the sample, and where it comes from.
TOKEN = re.compile(
    r'(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})'
    r'|(?P<account>111122223333|444455556666)'
    r'|(?P<region>us-east-1|eu-west-1)'
    r'|(?<=eventTime":")(?P<time>[^"]{20})'
    r'|(?P<before>2025-10-14T\d\d:\d\d:\d\dZ)'
    r'|(?<=[KS]IA)(?P<key>[A-Z2-7]{9})(?=EXAMPLE)'
    r'|(?<=IPAddress":")(?P<address>[0-9.]+)(?=")'
    r'|(?<=-)(?P<hexa>[0-9a-f]{17})(?=["/])'
)


def same_for_all(arn):
    """An ARN as the templates of one identity share it, whatever account or id it is given."""
    return TOKEN.sub(lambda match: match.lastgroup, arn or '')


def unremarkable(record):
    """A record of the sample as it may stand here a hundred times a day. Who is refused a change does not try
    it so often: of the one such call a reading one is made."""
    if record['eventName'] != 'CreateUser':
        return record
    message = record['errorMessage'].replace('iam:CreateUser', 'iam:GetUser')
    return dict(record, eventName='GetUser', readOnly=True, errorMessage=message)


def is_attack(record):
    """Whether it is of the sample's evening (data/README.md): here it would be of every day. The rest of what the
    attack does, it does by the CLI."""
    arn = (record.get('userIdentity') or {}).get('arn') or ''
    return arn.endswith(('user/svc-mail', 'assumed-role/mail-migration/mover'))


def read_templates():
    """The records of the sample but the CLI's and the attack's: (texts between the tokens, the tokens, length, whose it
    is, whose a credential is that it issues). A token is (kind, text); in an identity a key is the
    'own key', in what is answered an 'issued key'."""
    templates = []
    for folder, _, names in sorted(os.walk(SAMPLE)):
        for name in sorted(names):
            if '_CloudTrail_' not in name:
                continue
            with gzip.open(os.path.join(folder, name)) as file:
                for record in json.load(file)['Records']:
                    if 'aws-cli' in (record.get('userAgent') or '') or 'eventID' not in record:
                        continue
                    if is_attack(record):
                        continue
                    length = len(compact(record))
                    text, parts, tokens, end = compact(unremarkable(record)), [], [], 0
                    identity = compact(record.get('userIdentity') or {})
                    identity_end = text.find(identity) + len(identity)
                    answered = text.find('"responseElements"')
                    for match in TOKEN.finditer(text):
                        kind = match.lastgroup
                        if kind == 'key' and match.start() < identity_end:
                            kind = 'own key'
                        elif kind == 'key' and match.start() > answered >= 0:
                            kind = 'issued key'
                        parts.append(text[end : match.start()])
                        tokens.append((kind, match.group()))
                        end = match.end()
                    whose = record.get('userIdentity') or {}
                    issued = (record.get('responseElements') or {}).get('assumedRoleUser') or {}
                    templates.append(
                        (
                            parts + [text[end:]],
                            tokens,
                            length,
                            same_for_all(whose.get('arn') or whose.get('invokedBy')),
                            same_for_all(issued.get('arn')),
                        )
                    )
    return templates


class Stream:
    """The machines of one account and region, for one day."""

    def __init__(self, rng, account, region, templates):
        self.rng, self.account, self.region, self.templates = rng, account, region, templates
        # Long records are the busier ones; that gives the average length of a large trail.
        total, self.weights = 0.0, []
        for _, _, length, _, _ in templates:
            total += length ** 2.2
            self.weights.append(total)
        self.ids = [hexa(rng, 17) for _ in range(400)]
        self.network = NETWORKS[list(ACCOUNTS).index(account)]
        self.fixed = {}

    def of_identity(self, kind, who, one, hour=0):
        """What an identity has: its address, the key of a user for good, that of a session for an hour. The
        same in all regions and on all days. `one`: which of the instances, where it is one."""
        what = (kind, who, one, hour)
        if what not in self.fixed:
            rng = random.Random('/'.join(map(str, (self.account,) + what)))
            self.fixed[what] = (
                '%s.%d' % (self.network, rng.randrange(1, 255)) if kind == 'address' else letters(rng, 9)
            )
        return self.fixed[what]

    def record(self, second):
        rng = self.rng
        parts, tokens, _, who, issued_to = rng.choices(self.templates, cum_weights=self.weights)[0]
        out, ids, hour = [], {}, second // 3600
        for part, (kind, text) in zip(parts, tokens):
            out.append(part)
            if kind == 'uuid':
                out.append(new_uuid(rng))
            elif kind == 'account':
                out.append(self.account)
            elif kind == 'region':
                out.append(self.region)
            elif kind == 'time':
                out.append(iso(second))
            elif kind == 'before':
                out.append(iso(max(0, second - rng.randrange(1, 3600))))
            elif kind == 'own key':
                one = next(iter(ids.values()), '')
                out.append(self.of_identity('key', who, one, hour if part.endswith('ASIA') else 0))
            elif kind == 'issued key' and issued_to:
                one = next(iter(ids.values()), '') if 'hexa' in issued_to else ''
                out.append(self.of_identity('key', issued_to, one, hour))
            elif kind in ('key', 'issued key'):
                out.append(letters(rng, 9))
            elif kind == 'address':
                out.append(self.of_identity('address', who, next(iter(ids.values()), '')))
            else:
                # one instance is the same throughout its record
                if text not in ids:
                    ids[text] = rng.choice(self.ids)
                out.append(ids[text])
        out.append(parts[-1])
        return ''.join(out)


# ---- the trail ----------------------------------------------------------------------------------


def share(total, weights):
    """Splits a number by weights, exactly, and no part is nothing."""
    parts, done, given, all_weights = [], 0.0, 0, sum(weights)
    for weight in weights:
        done += weight
        upto = round((total - len(weights)) * done / all_weights)
        parts.append(upto - given + 1)
        given = upto
    return parts


class Plan:
    """What every process must know alike: sizes, people, bursts."""

    def __init__(self, events, files, seed):
        self.events, self.files, self.seed = events, files, seed
        self.days = -(-files // (len(STREAMS) * SLOTS_A_DAY))
        # More by day than by night.
        weights = []
        for file in range(files):
            slot = file // len(STREAMS)
            hour = slot % SLOTS_A_DAY / 12
            weights.append(STREAMS[file % len(STREAMS)][2] * (1.0 if 7 <= hour < 19 else 0.6))
        self.sizes = share(events, weights)

        rng = random.Random('%s/plan/%d/%d' % (seed, events, files))
        accounts = list(ACCOUNTS)
        # As many people that none of them comes near a burst by chance.
        self.users = [
            User(rng, 'person%d' % n, rng.choice(accounts), at_work(rng.choice(SEEN + UNSEEN)))
            for n in range(max(30, round(events / self.days / 1000)))
        ]
        for user in self.users[::OPERATOR_EVERY]:
            user.is_operator = True
        self.bursts = {}  # (stream, slot) -> records
        self.n_seed = self.n_unseen = max(2, events // 10000)
        n_slots = -(-files // len(STREAMS))
        for n in range(2 * self.n_seed):
            self.burst(rng, n, n % 2 == 0, rng.randrange(n_slots - 2) if n_slots > 2 else 0)

    def burst(self, rng, n, is_seen, slot):
        """Ten to fourteen listed commands: in one minute of the clock, or over its edge."""
        commands = rng.sample(LISTED, rng.randrange(10, 15))
        agent = rng.choice(SEEN) if is_seen or rng.random() < 0.4 else rng.choice(UNSEEN[:4])
        minute = slot * SLOT_SECONDS + 60 * rng.randrange(3)
        begin = minute + (4 if is_seen else 35 if agent in SEEN else rng.randrange(30))
        name = 'svc-%s%d' % (rng.choice(['backup', 'deploy', 'audit']), n)
        user = User(rng, name, rng.choice(list(ACCOUNTS)), agent, begin)
        region = rng.choice(list(REGIONS))
        for number, command in enumerate(commands):
            second = begin + number * 45 // len(commands)
            where = region_of(command, region)
            stream = next(i for i, s in enumerate(STREAMS) if s[:2] == (user.account, where))
            record = cli_record(rng, second, user, command, where, rng.random() < 0.25)
            self.bursts.setdefault((stream, slot), []).append((second, record))


class People:
    """Who of an account calls the CLI in a region, and for what."""

    def __init__(self, users, account, region):
        self.region = region
        self.all = [u for u in users if u.account == account]
        self.here = [u for u in self.all if u.region == region] or self.all
        self.operators = [u for u in self.here if u.is_operator]
        self.commands = [c for c in LISTED + OTHERS if region == 'us-east-1' or c.split('.')[0] not in GLOBAL]
        if not self.operators:
            self.commands = [c for c in self.commands if c not in OPERATIONS]

    def record(self, rng, second):
        command = rng.choice(self.commands)
        able = self.operators if command in OPERATIONS else self.here
        user = rng.choice(self.all if command.split('.')[0] in GLOBAL else able)
        return cli_record(rng, second, user, command, self.region, rng.random() < 0.03)


def write_day(task):
    """Writes the files of one stream and day."""
    folder, plan, templates, stream, day = task
    account, region, _ = STREAMS[stream]
    rng = random.Random('%s/%s/%s/%d' % (plan.seed, account, region, day))
    machines = Stream(rng, account, region, templates)
    people = People(plan.users, account, region)
    counts = dict.fromkeys(('files', 'records', 'duplicates', 'cli', 'bytes', 'gzip_bytes'), 0)
    late = []
    where = BEGIN + timedelta(days=day)
    path = os.path.join(folder, 'AWSLogs', account, 'CloudTrail', region, where.strftime('%Y/%m/%d'))
    os.makedirs(path)
    for slot in range(day * SLOTS_A_DAY, (day + 1) * SLOTS_A_DAY):
        file = slot * len(STREAMS) + stream
        if file >= plan.files:
            break
        n = plan.sizes[file]
        rows = [(second, second, text) for second, text in plan.bursts.get((stream, slot), ())]
        counts['cli'] += len(rows)
        again, late = late, []
        counts['duplicates'] += len(again)
        rows += again
        while len(rows) < n:
            second = slot * SLOT_SECONDS + rng.randrange(SLOT_SECONDS)
            if rng.random() < CLI_SHARE:
                text = people.record(rng, second)
                counts['cli'] += 1
            else:
                text = machines.record(second)
            row = (second + rng.randrange(40), second, text)
            rows.append(row)
            if rng.random() < DUPLICATE_SHARE and slot % SLOTS_A_DAY < SLOTS_A_DAY - 1:
                late.append(row)
        rows.sort()
        if file + len(STREAMS) >= plan.files:
            late = []
        text = ('{"Records":[%s]}' % ','.join(row[2] for row in rows)).encode()
        packed = gzip.compress(text, 6, mtime=0)
        delivered = BEGIN + timedelta(seconds=(slot + 1) * SLOT_SECONDS)
        name = '%s_CloudTrail_%s_%s_%s.json.gz' % (
            account,
            region,
            delivered.strftime('%Y%m%dT%H%MZ'),
            ''.join(rng.choices('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', k=16)),
        )
        with open(os.path.join(path, name), 'wb') as out:
            out.write(packed)
        counts['files'] += 1
        counts['records'] += len(rows)
        counts['bytes'] += len(text)
        counts['gzip_bytes'] += len(packed)
    return counts


def fingerprint(events, files, seed):
    """Names a corpus by its sizes and by what it is made by and from."""
    digest = hashlib.sha256(open(os.path.abspath(__file__), 'rb').read())
    for folder, _, names in sorted(os.walk(SAMPLE)):
        for name in sorted(names):
            digest.update(open(os.path.join(folder, name), 'rb').read())
    return {'events': events, 'files': files, 'seed': seed, 'made_by': digest.hexdigest()[:16]}


def main():
    folder, events, files = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    seed = sys.argv[4] if len(sys.argv) > 4 else '1'
    if events < 2 * files:
        sys.exit('corpus.py: at least two events a file are needed')
    arguments = fingerprint(events, files, seed)
    manifest = os.path.join(folder, 'corpus.json')
    if os.path.exists(manifest):
        with open(manifest) as file:
            if json.load(file)['arguments'] == arguments:
                return
    if os.path.exists(folder):
        # Only what this program made is removed.
        if os.path.exists(manifest):
            os.remove(manifest)
        for below, folders, names in os.walk(os.path.join(folder, 'AWSLogs'), topdown=False):
            for name in names:
                os.remove(os.path.join(below, name))
            for name in folders:
                os.rmdir(os.path.join(below, name))
    print('writing a corpus of %d events in %d files' % (events, files), file=sys.stderr)
    plan, templates = Plan(events, files, seed), read_templates()
    tasks = [(folder, plan, templates, s, d) for d in range(plan.days) for s in range(len(STREAMS))]
    tasks = [t for t in tasks if t[4] * SLOTS_A_DAY * len(STREAMS) + t[3] < files]
    total = {}
    with Pool() as pool:
        for counts in pool.imap_unordered(write_day, tasks, chunksize=1):
            for key, value in counts.items():
                total[key] = total.get(key, 0) + value
    total.update(seed_bursts=plan.n_seed, other_bursts=plan.n_unseen, arguments=arguments)
    with open(manifest, 'w') as file:
        json.dump(total, file, indent=1)
    print(json.dumps(total), file=sys.stderr)


if __name__ == '__main__':
    main()
