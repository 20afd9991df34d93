#!/usr/bin/env python3
"""Composes a trail full of what the two rules look for, and of what nearly is.

Usage: python3 tests/independent/compose_hits.py SEED FOLDER [--own-forms]

The same seed writes the same records; fewer where CT_LONG is not set. Bursts begin near a minute's edge, by identities of every
kind (names with @, with two, beginning with one; no user name, no ARN, nothing at all), some with
an MFA state that changes, with fields missing, with events of one second, delivered twice or
without an eventID. User agents take every form that was ever seen and some that an attacker might
try; with --own-forms only those that the AWS CLI itself writes.
"""
import gzip
import json
import os
import random
import sys
import uuid

COMMANDS = {
    'iam.list-users': ('iam', 'ListUsers'),
    'iam.list-groups': ('iam', 'ListGroups'),
    'ec2.describe-vpcs': ('ec2', 'DescribeVpcs'),
    'ec2.describe-subnets': ('ec2', 'DescribeSubnets'),
    'route53.list-hosted-zones': ('route53', 'ListHostedZones'),
    'kms.list-keys': ('kms', 'ListKeys'),
    'kms.list-aliases': ('kms', 'ListAliases'),
    'ecs.list-clusters': ('ecs', 'ListClusters'),
    'ecs.list-services': ('ecs', 'ListServices'),
    'iam.list-roles': ('iam', 'ListRoles'),
    'iam.get-user': ('iam', 'GetUser'),
    'iam.list-access-keys': ('iam', 'ListAccessKeys'),
    'ec2.describe-security-groups': ('ec2', 'DescribeSecurityGroups'),
    'ec2.describe-network-acls': ('ec2', 'DescribeNetworkAcls'),
    'ec2.describe-network-interfaces': ('ec2', 'DescribeNetworkInterfaces'),
    'ec2.describe-route-tables': ('ec2', 'DescribeRouteTables'),
    'ec2.describe-internet-gateways': ('ec2', 'DescribeInternetGateways'),
    'ec2.describe-vpc-peering-connections': ('ec2', 'DescribeVpcPeeringConnections'),
    'ec2.describe-transit-gateway-vpc-attachments': ('ec2', 'DescribeTransitGatewayVpcAttachments'),
    # on the seed's list only
    'ec2.describe-vpc-endpoints': ('ec2', 'DescribeVpcEndpoints'),
    'ec2.describe-vpc-attribute': ('ec2', 'DescribeVpcAttribute'),
    # on neither
    'sts.get-caller-identity': ('sts', 'GetCallerIdentity'),
    's3.ls': ('s3', 'ListBuckets'),
    'lambda.list-functions': ('lambda', 'ListFunctions20150331'),
}

V1 = 'aws-cli/1.22.34 Python/3.10.6 Linux/5.15.0-1019-aws botocore/1.27.89'
V20 = 'aws-cli/2.0.50 Python/3.7.3 Linux/5.4.0 command/%s'
V2 = 'aws-cli/2.13.5 Python/3.11.4 Linux/4.14.255 exe/x86_64.amzn.2 prompt/off command/%s'
V2_NEW = (
    'aws-cli/2.17.32 md/awscrt#0.21.2 ua/2.0 os/linux#6.3.0 md/arch#x86_64 lang/python#3.11.9 '
    'md/installer#exe md/prompt#off md/command#%s'
)
OWN_FORMS = [V2, V2, V2, V2_NEW, V2_NEW, V1, V20, '[' + V2_NEW + ']', V2.replace('/off', '/on')]
OTHER_FORMS = [
    V2.replace('aws-cli', 'AWS-CLI'),
    V2_NEW.replace('aws-cli', 'Aws-Cli'),
    V1.upper(),
    '[' + V1,
    ' ' + V2,
    V2 + ' md/command#',
    V2.replace('prompt', 'exec-env/x command/kms.list-keys prompt'),
    'aws-cli/2.1.30 off command/iam.list-users off command/%s',
    'aws-cli/2.1.30 off command/%s, and iam.list-users',
    'aws-cli off command/%s',
    'aws-cli/ prompt/off command/%s',
    'aws-clive/2 prompt/off command/%s',
    'Boto3/1.26.165 md/command#%s',
    'a aws-cli/2.13.5 prompt/off command/%s',
    '',
    None,
]

NAMES = ['jane', 'jane@corp.example', 'jane@corp@example', '@corp.example', 'jane@', 'zoë "z" \\ o']
ACCOUNT = '111122223333'


def identities():
    for number, name in enumerate(NAMES):
        user = {'type': 'IAMUser', 'principalId': 'AIDA%d' % number, 'accountId': ACCOUNT}
        yield dict(user, arn='arn:aws:iam::%s:user/path/%s' % (ACCOUNT, name), userName=name)
        yield dict(user, arn='arn:aws:sts::%s:assumed-role/admin/%s' % (ACCOUNT, name))
    yield {'type': 'AssumedRole', 'arn': 'arn:aws:sts::%s:assumed-role/other/jane' % ACCOUNT}
    yield {'type': 'AWSAccount', 'principalId': 'Anonymous', 'accountId': 'anonymous'}
    yield {'type': 'AWSAccount', 'principalId': 'Anonymous', 'userName': 'somebody'}
    yield {'type': 'AWSAccount', 'principalId': 'AIDAONLY', 'accountId': ACCOUNT}
    yield {'type': 'AWSAccount', 'principalId': '', 'accountId': ACCOUNT, 'userName': ''}
    yield dict(
        {'type': 'IAMUser', 'principalId': 'AIDASTACK', 'accountId': ACCOUNT, 'userName': 'jane'},
        invokedBy='cloudformation.amazonaws.com',
    )
    yield {'type': 'Root', 'principalId': ACCOUNT, 'arn': 'arn:aws:iam::%s:root' % ACCOUNT}
    yield {'type': 'Unknown', 'arn': 'arn:aws:iam::%s:user/' % ACCOUNT, 'principalId': 'slash'}
    yield None


def time_text(seconds):
    return '2024-03-05T%02d:%02d:%02dZ' % (seconds // 3600, seconds // 60 % 60, seconds % 60)


class Composer:
    def __init__(self, seed, own_forms):
        self.random = random.Random(seed)
        self.forms = OWN_FORMS if own_forms else OWN_FORMS + OTHER_FORMS
        self.records = []

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def agent(self, form, command):
        if form is None or '%s' not in form:
            return form
        return form % (command.title() if self.chance(30) else command)

    def event(self, who, seconds, command, form):
        pick = self.random
        source, name = COMMANDS[command]
        record = {
            'eventVersion': '1.08',
            'userIdentity': json.loads(json.dumps(who['identity'])),
            'eventTime': time_text(seconds),
            'eventSource': source + '.amazonaws.com',
            'eventName': name,
            'awsRegion': pick.choice(['us-east-1', 'us-east-1', 'eu-west-1']),
            'sourceIPAddress': who['address'],
            'userAgent': self.agent(form, command),
            'errorCode': pick.choice(
                [None] * 5 + ['AccessDenied', 'Client.UnauthorizedOperation', 'Throttling', '']
            ),
            'eventID': str(uuid.UUID(int=pick.getrandbits(128))),
            'eventType': 'AwsApiCall',
            'eventCategory': 'Management',
            'recipientAccountId': who['recipient'],
        }
        mfa = pick.choice(who['mfa'])
        if mfa and record['userIdentity']:
            record['userIdentity']['sessionContext'] = {'attributes': {'mfaAuthenticated': mfa}}
        if who['resources']:
            record['resources'] = who['resources']
        for key in ('eventName', 'awsRegion', 'eventID', 'eventType', 'userAgent', 'eventSource'):
            if self.chance(60):
                del record[key]
        if self.chance(50):
            record['eventCategory'] = 'Insight'
        if self.chance(80):
            record['eventType'] = 'AwsCloudTrailInsight'
        self.records.append(record)
        if self.chance(25):
            self.records.append(record)

    def who(self, identity):
        pick = self.random
        return {
            'identity': identity,
            'address': pick.choice(['198.51.100.1', '198.51.100.1', 'cloudshell.example', None]),
            'recipient': pick.choice([ACCOUNT, ACCOUNT, '444455556666', None]),
            'mfa': pick.choice([['true'], ['false'], [None], ['true', 'false'], ['true', None]]),
            'resources': pick.choice(
                [
                    None, None, [{'ARN': 'arn:aws:iam::1:user/by-resource'}, {'ARN': 'x'}], [],
                    [{'ARN': {'of': 'user/by-object'}}],
                ]
            ),
        }

    def burst(self, identity):
        pick = self.random
        who, form = self.who(identity), pick.choice(self.forms)
        seconds = pick.randrange(0, 23 * 60) * 60 + pick.choice([0, 1, 5, 30, 52, 58, 59])
        step = pick.choice([0, 1, 2, 4, 7, 9, 20])
        count = pick.choice([3, 6, 7, 8, 8, 9, 10, 12, 16, 30])
        pool = list(COMMANDS)
        pick.shuffle(pool)
        for i in range(count):
            if self.chance(12):
                form = pick.choice(self.forms)
            self.event(who, seconds, pool[i % len(pool)], form)
            seconds += pick.randrange(0, step + 1)


def main():
    seed, folder = int(sys.argv[1]), sys.argv[2]
    composer = Composer(seed, '--own-forms' in sys.argv)
    for identity in list(identities()) * (12 if os.environ.get('CT_LONG') else 7):
        composer.burst(identity)
    records = composer.records
    composer.random.shuffle(records)
    third = len(records) // 3
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'a.json'), 'w', encoding='utf-8') as file:
        json.dump({'Records': records[:third]}, file, ensure_ascii=False)
    with gzip.open(os.path.join(folder, 'b.json.gz'), 'wt', encoding='utf-8') as file:
        json.dump(records[third : 2 * third], file)
    with open(os.path.join(folder, 'c.ndjson'), 'w', encoding='utf-8') as file:
        for record in records[2 * third :]:
            print(json.dumps(record), file=file)


if __name__ == '__main__':
    main()
