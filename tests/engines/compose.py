"""Random trails that hold what the engines' text could get wrong: compose(folder, seed, n_events).

Few callers, many commands, and pauses that lie on the edges of the windows; events delivered twice, and events
without an id of which some are twins; each form of user agent, with what tells none; names, roles, sessions and
accounts that change from call to call; sources that several services share, versions, the CLI's own commands,
agents that do not say what the event says; fields that are null, empty or absent; texts with quotes, line
ends, backslashes and letters beyond ASCII.
"""
import gzip
import json
import os
import random

ACCOUNTS = ['111122223333', '444455556666', '777788889999']
REGIONS = ['us-east-1', 'eu-west-1']
START = 1_760_400_000  # 2025-10-14T00:00:00Z
PAUSES = [0, 0, 0, 1, 1, 2, 3, 5, 7, 9, 20, 45, 58, 59, 60, 61, 119, 120, 540, 599, 600, 601]

# (eventSource, eventName, the CLI's command), listed by the rules as shipped, or not.
LISTED = [
    ('iam', 'ListUsers', 'iam.list-users'), ('iam', 'ListRoles', 'iam.list-roles'),
    ('iam', 'ListGroups', 'iam.list-groups'), ('iam', 'ListAccessKeys', 'iam.list-access-keys'),
    ('iam', 'GetUser', 'iam.get-user'), ('kms', 'ListKeys', 'kms.list-keys'),
    ('kms', 'ListAliases', 'kms.list-aliases'), ('ec2', 'DescribeVpcs', 'ec2.describe-vpcs'),
    ('ec2', 'DescribeSubnets', 'ec2.describe-subnets'),
    ('ec2', 'DescribeNetworkAcls', 'ec2.describe-network-acls'),
    ('ec2', 'DescribeRouteTables', 'ec2.describe-route-tables'),
    ('ec2', 'DescribeSecurityGroups', 'ec2.describe-security-groups'),
    ('ecs', 'ListClusters', 'ecs.list-clusters'), ('ecs', 'ListServices', 'ecs.list-services'),
    ('route53', 'ListHostedZones', 'route53.list-hosted-zones'),
]  # fmt: skip
OTHERS = [
    ('s3', 'ListBuckets', 's3api.list-buckets'), ('s3', 'GetObject', 's3.cp'),
    ('s3', 'GetBucketPublicAccessBlock', 's3api.get-public-access-block'),
    ('s3', 'GetAccountPublicAccessBlock', 's3control.get-public-access-block'),
    ('lambda', 'ListFunctions20150331', 'lambda.list-functions'),
    ('lambda', 'GetFunction20150331v2', 'lambda.get-function'),
    ('cloudfront', 'ListDistributions2020_05_31', 'cloudfront.list-distributions'),
    ('rds', 'DescribeDBInstances', 'rds.describe-db-instances'),
    ('rds', 'DescribeDBInstances', 'neptune.describe-db-instances'),
    ('rds', 'DescribeDBClusters', 'docdb.describe-db-clusters'),
    ('elasticloadbalancing', 'DescribeTags', 'elbv2.describe-tags'),
    ('elasticloadbalancing', 'DescribeLoadBalancers', 'elb.describe-load-balancers'),
    ('ses', 'GetAccount', 'sesv2.get-account'), ('ses', 'ListIdentities', 'ses.list-identities'),
    ('bedrock', 'InvokeModel', 'bedrock-runtime.invoke-model'),
    ('wafv2', 'ListWebACLs', 'wafv2.list-web-acls'), ('iam', 'ListMFADevices', 'iam.list-mfa-devices'),
    ('ec2', 'DescribeInstances', 'ec2.wait.instance-running'),
    ('newservice', 'ListThings', 'newservice.list-things'),
    ('newsource', 'ListThings', 'newservice.list-things'),
    ('sts', 'AssumeRole', 'iam.list-users'), ('sts', 'GetCallerIdentity', 'sts.get-caller-identity'),
    ('monitoring', 'ListMetrics', 'cloudwatch.list-metrics'), ('s3', 'PutObject', 'S3.CP'),
    ('iam', 'list-users', 'iam.list-users'), ('iam', 'Listusers', 'iam.listusers'),
    ('organizations', 'ListAccounts', 'organizations.list-accounts'),
]  # fmt: skip
# As many more that begin with List, Describe or Get as the wide window wants.
READING = [('config', 'Describe' + word, 'configservice.x') for word in
           'Aa Bb Cc Dd Ee Ff Gg Hh Ii Jj Kk Ll Mm Nn Oo Pp Qq Rr Ss Tt'.split()]  # fmt: skip

# {c} is the command, {s} a session id, {v} a version.
AGENTS = [
    'aws-cli/1.18.147 Python/2.7.18 Linux/4.14 botocore/1.18.6',
    'aws-cli/{v} Python/3.11 Linux/5.10 exe/x86_64.amzn.2 prompt/off command/{c}',
    '[aws-cli/{v} Python/3.8.8 Linux/4.14 exe/x86_64.amzn.2 prompt/off command/{c}]',
    ' [ aws-cli/{v} md/installer#exe md/prompt#off md/command#{c} ] ',
    'aws-cli/{v} md/awscrt#0.21.2 ua/2.0 os/linux#6.3.0 m/G,E sid/{s} md/prompt#off md/command#{c}',
    'AWS-CLI/{v} md/command#{c} x',
    'aws-cli/{v} command/false.start md/command#{c}',
    'aws-cli/{v} md/command#{c} md/command#',
    'aws-cli/{v} md/command#nodot',
    'aws-cli/{v}', 'aws-cli/', 'aws-cli', 'aws-cli/]', '[aws-cli/{v}', 'xaws-cli/{v} command/{c}',
    'aws-cli/{v} é"\'\\ \t\n md/command#{c}',
    'Boto3/1.34.0 md/Botocore#1.34.0 ua/2.0 sid/{s} cfg/retry-mode#legacy',
    'Boto3/1.26 Python/3.10 SID/{s} sid/', 'Boto3/1.26 sid/first SID/{s}',
    'aws-sdk-go/1.44', 'APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io)',
    'TERRAFORM/1', 'Pulumi/3.0', 'amazon-vpc-cni-k8s/v1', 'Mozilla/5.0 (X11; Linux) sid/{s} Chrome/1',
    'console.ec2.amazonaws.com', '[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12]', 'Coral/Netty4',
    'Éclair/1 sid/{s}', 'our_inventory\\1 sid/{s}', "o'brien%", '', '-', None,
]  # fmt: skip
LONG = 'aws-cli/2.17.32 ' + 'x' * 1100 + ' md/command#iam.list-users'
VERSIONS = ['2.15.60', '2.0.36', '2.0.35', '2.0', '2.0.', '2.0.0', '2.1', '1.33.1', '2', 'x', '3.0.0', '02.00.035',
            '2.0.4x', '0.1', '2.13.5']  # fmt: skip


def caller(rng):
    """Who makes the calls of a run; what of it changes on the way is drawn for each event."""
    kind = rng.randrange(8)
    account = rng.choice(ACCOUNTS)
    name = rng.choice(['jane', 'joe', 'jane@corp.example', "o'brien", 'ana\\b', 'zoë', '@home', 'a@b@c', ''])
    role = rng.choice(['Admin', 'Ops'])
    return kind, account, name, role


def identity(rng, who):
    kind, account, name, role = who
    key = rng.choice(['AKIAEXAMPLE' + account[:4], 'ASIAEXAMPLE' + account[:4]])
    arn = f'arn:aws:iam::{account}:user/path/{name}'
    if kind == 0:
        return {'type': 'IAMUser', 'principalId': 'AIDA' + account, 'arn': arn, 'accountId': account,
                'accessKeyId': key, 'userName': name}  # fmt: skip
    if kind in (1, 2, 3):
        session = name if kind == 1 else rng.choice(['s1', 's2', 's3', 'x@corp.example'])
        found = {'type': 'AssumedRole', 'principalId': f'AROA{role}:{session}', 'accessKeyId': key,
                 'arn': f'arn:aws:sts::{account}:assumed-role/{role}/{session}', 'accountId': account,
                 'sessionContext': {'attributes': {'mfaAuthenticated': rng.choice(['true', 'false'])}}}  # fmt: skip
        if rng.random() < 0.5:
            found['sessionContext']['sessionIssuer'] = {
                'type': 'Role', 'arn': f'arn:aws:iam::{account}:role/{role}', 'userName': role}  # fmt: skip
        return found
    if kind == 4:
        return {'type': 'IdentityCenterUser', 'accountId': account, 'onBehalfOf': {'userId': 'u-' + name},
                'principalId': rng.choice([None, '', 'p'])}  # fmt: skip
    if kind == 5:
        return {'type': 'Root', 'arn': f'arn:aws:iam::{account}:root', 'accountId': account,
                'principalId': account, 'userName': None, 'invokedBy': rng.choice([None, '', None])}  # fmt: skip
    if kind == 6:
        return {'type': rng.choice(['AWSService', 'AWSAccount', 'Unknown']), 'principalId': 'Anonymous',
                'invokedBy': rng.choice([None, 'cloudformation.amazonaws.com'])}  # fmt: skip
    return rng.choice([{'type': 'IAMUser', 'userName': name}, {'arn': 'arn:aws:sts::1:assumed-role/R'},
                       {'arn': 'arn:aws:iam::1:assumed-role/R/S'}, {}, None])  # fmt: skip


def time_text(seconds):
    import datetime
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')


def optional(rng, event, name, *values):
    value = rng.choice(values)
    if value != 'absent':
        event[name] = value


def event_of(rng, at, who, call, agent, session):
    source, name, command = call
    said = command if rng.random() < 0.8 else rng.choice(LISTED + OTHERS)[2]
    event = {'eventVersion': '1.08', 'eventTime': time_text(at), 'eventName': name}
    if rng.random() < 0.98:
        event['eventSource'] = source + rng.choice(['.amazonaws.com'] * 9 + ['.amazonaws.com.cn'])
    if rng.random() < 0.01:
        del event['eventName']
    event['userIdentity'] = identity(rng, who)
    event['awsRegion'] = rng.choice(REGIONS)
    event['sourceIPAddress'] = rng.choice(['192.0.2.1'] * 6 + ['198.51.100.7'] + ['2001:db8::1'])
    if rng.random() < 0.02:
        event['sourceIPAddress'] = rng.choice(['ec2.amazonaws.com', 'AWS Internal', None])
    if agent is not None:
        event['userAgent'] = agent.format(c=said, s=session, v=rng.choice(VERSIONS)) if '{' in agent else agent
    optional(rng, event, 'errorCode', *['absent'] * 8, 'AccessDenied', 'Client.UnauthorizedOperation',
             'ThrottlingException', '', None)  # fmt: skip
    optional(rng, event, 'eventType', *['AwsApiCall'] * 12, 'absent', '', 'AwsServiceEvent')
    optional(rng, event, 'eventCategory', *['Management'] * 12, 'absent', 'Insight')
    optional(rng, event, 'apiVersion', *['absent'] * 4, '2012-06-01', '2015-12-01', '2014-10-31', '20150331', '',
             '2019_09_27')  # fmt: skip
    optional(rng, event, 'recipientAccountId', *[who[1]] * 8, 'absent', '', rng.choice(ACCOUNTS))
    optional(rng, event, 'resources', *['absent'] * 6, None, [], [{'ARN': 'arn:aws:s3:::bucket/key/' + who[2]}])
    if rng.random() < 0.93:
        event['eventID'] = f'{rng.getrandbits(64):016x}'
    return event


def run_of(rng, at):
    """One caller's calls, one after the other."""
    who, session = caller(rng), rng.choice(['aaa111', 'bbb222', 'ccc333'])
    calls = rng.choice([LISTED, LISTED, LISTED + OTHERS, OTHERS, READING + LISTED])
    agents = rng.choice([AGENTS, AGENTS[:6], AGENTS[4:5], AGENTS[16:18], AGENTS[19:22], [LONG], [AGENTS[1]]])
    pauses = rng.choice([PAUSES, PAUSES[:8], [0, 1, 59, 60], [3], [6, 7], [60], [59], [66]])
    for _ in range(rng.randrange(3, 60)):
        if rng.random() < 0.1:
            who = who[:1] + caller(rng)[1:2] + who[2:]
        yield event_of(rng, at, who, rng.choice(calls), rng.choice(agents), session)
        at += rng.choice(pauses)


def compose(folder, seed, n_events):
    rng = random.Random(seed)
    events = []
    while len(events) < n_events:
        events.extend(run_of(rng, START + rng.randrange(6 * 3600)))
    files = {}
    for i, event in enumerate(events):
        files.setdefault((event['userIdentity'] or {}).get('accountId') or ACCOUNTS[0], []).append(event)
        if rng.random() < 0.03:  # delivered twice
            files[rng.choice(list(files))].append(event)
    for account, held in files.items():
        for i in range(0, len(held), 500):
            below = os.path.join(folder, 'AWSLogs', account, 'CloudTrail', rng.choice(REGIONS), '2025/10/14')
            os.makedirs(below, exist_ok=True)
            path = os.path.join(below, f'{account}_CloudTrail_us-east-1_20251014T0015Z_{i:08d}.json.gz')
            with gzip.open(path, 'wt', encoding='utf-8') as file:
                json.dump({'Records': held[i : i + 500]}, file, ensure_ascii=i % 1000 == 0, separators=(',', ':'))
