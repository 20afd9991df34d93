#!/usr/bin/env python3
"""Composes a trail of bursts of discovery calls, and of what nearly is one.

    compose_discovery.py SEED FOLDER

The same seed writes the same records. Each burst lies on an edge of the rule: a call more or fewer
than its numbers ask for, a second more or less than its windows last, events of one second; by one
name or by several of one role, address, session of the CLI or key; by clients of every kind, with long
and short keys; with calls that a service made, Insight events, other types, names that end in the date
of a version, fields that are missing, denials. Some identities come again, so that bursts meet.
"""
import json
import os
import random
import sys
import uuid

LISTED = [
    ('iam', 'ListUsers'), ('iam', 'ListRoles'), ('iam', 'GetUser'), ('iam', 'ListGroups'),
    ('iam', 'GetAccountSummary'), ('iam', 'ListAccessKeys'), ('ec2', 'DescribeVpcs'),
    ('ec2', 'DescribeInstances'), ('ec2', 'DescribeImages'), ('ecr', 'DescribeImages'),
    ('ec2', 'DescribeSubnets'), ('s3', 'ListBuckets'), ('kms', 'ListKeys'), ('ecs', 'ListClusters'),
    ('eks', 'ListClusters'), ('sts', 'GetCallerIdentity'), ('secretsmanager', 'ListSecrets'),
    ('cloudtrail', 'LookupEvents'), ('resource-explorer-2', 'Search'), ('ses', 'GetSendQuota'),
    ('lambda', 'ListFunctions'), ('lambda', 'ListFunctions20150331'),
    ('lambda', 'GetFunction20150331v2'), ('lambda', 'GetFunction20150331'),
]  # fmt: skip
READING = [('svc%d' % (n % 5), word + 'Things%d' % n) for n, word in enumerate(['List', 'Describe', 'Get'] * 12)]
OTHERS = [('s3', 'PutObject'), ('iam', 'listUsers'), ('iam', 'CreateUser'), ('ec2', 'RunInstances'),
          ('sts', 'AssumeRole'), ('iam', 'Get')]  # fmt: skip

BOTO = 'Boto3/1.34.162 md/Botocore#1.34.162 ua/2.0 os/linux lang/python#3.11.13'
CLI = 'aws-cli/2.31.11 ua/2.1 md/installer#exe sid/%s md/prompt#off md/command#iam.list-users'
TERRAFORM = 'APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.94.1'
AGENTS = [
    BOTO, BOTO, CLI, CLI, None, '', TERRAFORM, TERRAFORM, '[' + TERRAFORM + ']', 'APN/1.0 Pulumi/1.0 x/1',
    'amazon-vpc-cni-k8s/version/v1.19.5', ' [amazon-vpc-cni-k8s/v1', 'x amazon-vpc-cni-k8s/v1',
    'aws-sdk-go/1.45.15 karpenter.sh-v0.31.2', 'Mozilla/5.0 (X11)', '[Mozilla/5.0]', 'mozilla/5.0',
    'x Mozilla/5.0', 'console.ec2.amazonaws.com', '[console.ec2.amazonaws.com]', 'ec2.amazonaws.com ',
    'AWS Internal', '[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488]', 'aws-internal/3',
    'Coral/Netty', 'Mozilla/5.0 Terraform/1.0',
]  # fmt: skip
ACCOUNTS = ['111122223333', '444455556666', '777788889999']


def time_text(seconds):
    return '2024-03-05T%02d:%02d:%02dZ' % (seconds // 3600, seconds // 60 % 60, seconds % 60)


class Composer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.records = []
        self.people = [self.person(n) for n in range(14)]

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def person(self, n):
        """How an identity looks from one call to the next: the same, or another each time."""
        pick = self.random
        return {
            'number': n,
            'kind': pick.choice(['user', 'user', 'role', 'role', 'bare role', 'root', 'nobody']),
            'rotates': pick.choice(['', '', 'session', 'address', 'account', 'suffix', 'session address']),
            'key': pick.choice(['AKIA', 'ASIA', 'ASIA', 'akia', None]),
            'address': pick.choice(['198.51.100.%d' % n, '198.51.100.1', None]),
            'account': pick.choice(ACCOUNTS),
            'recipient': not self.chance(5),
            'agents': pick.sample(AGENTS, pick.choice([1, 1, 1, 2])),
            'sid': '%012x' % pick.randrange(4),
        }

    def identity(self, who, turn):
        number = turn if 'session' in who['rotates'] else who['number']
        account = ACCOUNTS[turn % 3] if 'account' in who['rotates'] else who['account']
        suffix = '@%s.example' % (turn % 2) if 'suffix' in who['rotates'] else ''
        name = 'name-%d%s' % (number, suffix)
        identity = {'accountId': account, 'principalId': 'P%d' % who['number']}
        if who['key']:
            identity['accessKeyId'] = who['key'] + 'EXAMPLE%d' % number
        if who['kind'] == 'user':
            identity.update(type='IAMUser', userName=name, arn='arn:aws:iam::%s:user/x/%s' % (account, name))
        elif who['kind'] == 'root':
            identity.update(type='Root', arn='arn:aws:iam::%s:root' % account)
        elif who['kind'] != 'nobody':
            role = 'role-%d' % (who['number'] % 3)
            identity.update(type='AssumedRole', arn='arn:aws:sts::%s:assumed-role/%s/%s' % (account, role, name))
            if who['kind'] == 'role':
                identity['sessionContext'] = {
                    'sessionIssuer': {'type': 'Role', 'userName': role,
                                      'arn': 'arn:aws:iam::%s:role/%s' % (account, role)}
                }  # fmt: skip
        return identity

    def event(self, who, seconds, call, turn):
        pick = self.random
        identity = self.identity(who, turn)
        agent = pick.choice(who['agents'])
        record = {
            'eventVersion': '1.09',
            'userIdentity': identity,
            'eventTime': time_text(seconds),
            'eventSource': call[0] + '.amazonaws.com',
            'eventName': call[1],
            'awsRegion': pick.choice(['us-east-1', 'eu-west-1']),
            'sourceIPAddress': '2001:db8::%x' % turn if 'address' in who['rotates'] else who['address'],
            'userAgent': agent % who['sid'] if agent and '%s' in agent else agent,
            'errorCode': pick.choice([None] * 30 + ['AccessDenied', 'Client.UnauthorizedOperation', 'Throttling', '']),
            'eventID': str(uuid.UUID(int=pick.getrandbits(128))),
            'eventType': 'AwsApiCall',
            'eventCategory': 'Management',
        }
        if who['recipient']:
            record['recipientAccountId'] = identity['accountId']
        if self.chance(40):
            identity['invokedBy'] = pick.choice(['cloudformation.amazonaws.com', ''])
        if self.chance(40):
            record['sourceIPAddress'] = pick.choice(
                ['cloudformation.amazonaws.com', 'AWS Internal', 'x.amazonaws.com.example'])  # fmt: skip
        if self.chance(60):
            record['eventType'] = pick.choice(['AwsServiceEvent', 'AwsConsoleAction', '', 'AwsCloudTrailInsight'])
        if self.chance(80):
            record['eventCategory'] = 'Insight'
        if self.chance(80):
            identity['type'] = 'AWSService'
        for key in ('eventType', 'eventCategory', 'userAgent', 'eventSource', 'eventName', 'eventID'):
            if self.chance(80):
                del record[key]
        self.records.append(record)
        if self.chance(30):
            self.records.append(record)

    def burst(self):
        pick = self.random
        who = pick.choice(self.people) if self.chance(3) else self.person(pick.randrange(14))
        pool = list(pick.choice([LISTED, LISTED, LISTED, READING, LISTED + READING, LISTED + OTHERS]))
        pick.shuffle(pool)
        if 'account' in who['rotates']:
            pool = pool[: pick.choice([3, 4, 5])]
        count = pick.choice([4, 7, 8, 8, 9, 10, 10, 11, 19, 20, 20, 21, 24])
        span = pick.choice([0, 0, 30, 58, 59, 59, 60, 61, 300, 598, 599, 599, 600, 601, 1200])
        start = pick.randrange(0, 22 * 3600)
        at = [0, span] + [pick.randrange(span + 1) for _ in range(count - 2)]
        for turn, offset in enumerate(sorted(at)):
            self.event(who, start + offset, pool[turn % len(pool)], turn)


def main():
    composer = Composer(int(sys.argv[1]))
    for _ in range(70):
        composer.burst()
    records = composer.records
    composer.random.shuffle(records)
    half = len(records) // 2
    os.makedirs(sys.argv[2], exist_ok=True)
    for name, part in ('a.json', records[:half]), ('b.json', records[half:]):
        with open(os.path.join(sys.argv[2], name), 'w', encoding='utf-8') as file:
            json.dump({'Records': part}, file)


if __name__ == '__main__':
    main()
