#!/usr/bin/env python3
"""Composes events whose alerts have much to tell: many roles, keys, accounts, addresses, clients,
regions, services and calls, so that every list of a story has to be cut in some and is whole in others.

Usage: python3 tests/independent/compose_stories.py SEED FILE

Each account's events from 10:00 to 10:01 are meant to be one alert each, by a rule that says so; some
of them are a burst of the AWS CLI's commands. Around them the same identities go on, services do for
them, strangers do the like. Sessions of some roles change their names; some events have no eventID.
Keys are issued, and used.
"""
import json
import random
import sys

COMMANDS = [('iam', 'ListUsers'), ('iam', 'ListGroups'), ('ec2', 'DescribeVpcs'), ('ec2', 'DescribeSubnets'),
            ('route53', 'ListHostedZones'), ('kms', 'ListKeys'), ('kms', 'ListAliases'),
            ('ecs', 'ListClusters'), ('ecs', 'ListServices'), ('iam', 'ListRoles'), ('iam', 'GetUser')]
READS = [('s3', 'GetObject'), ('secretsmanager', 'GetSecretValue'), ('ssm', 'GetParameter'), ('kms', 'Decrypt')]
CHANGES = [('iam', 'CreateUser'), ('ec2', 'RunInstances'), ('cloudtrail', 'StopLogging'), ('s3', 'PutObject'),
           ('iam', 'AttachUserPolicy'), ('lambda', 'CreateFunction20150331'), ('sns', 'Publish')]
OTHERS = [(service, verb + noun) for service, noun in
          (('glue', 'Jobs'), ('rds', 'DBInstances'), ('sqs', 'Queues'), ('eks', 'Clusters'), ('ecr', 'Images'),
           ('ses', 'Identities'), ('athena', 'WorkGroups'), ('batch', 'JobQueues'), ('kafka', 'Brokers'),
           ('mq', 'Users'), ('dax', 'Tables')) for verb in ('List', 'Describe')]
ERRORS = [None] * 8 + ['AccessDenied', 'Client.UnauthorizedOperation', 'ThrottlingException', 'SlowDown',
                       'NoSuchKey', 'Client.VcpuLimitExceeded', '']
REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-south-1', 'sa-east-1', 'ca-central-1',
           'ap-northeast-1']


class Composer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.records = []

    def some(self, make, most):
        return [make(i) for i in range(self.random.choice([1, 2, 3, most, most]))]

    def identity(self, account, i):
        key = 'A%sA%012dKEY' % ('KI' if i % 2 else 'SI', self.random.randrange(10 ** 12))
        if i % 3 == 0:
            return {'type': 'IAMUser', 'principalId': 'AIDA%d' % i, 'accountId': account, 'accessKeyId': key,
                    'arn': 'arn:aws:iam::%s:user/user%d' % (account, i), 'userName': 'user%d' % i}
        role = 'role%d' % self.random.randrange(self.roles)
        return {'type': 'AssumedRole', 'principalId': 'AROA%s:s%d' % (role, i), 'accountId': account,
                'accessKeyId': key, 'arn': 'arn:aws:sts::%s:assumed-role/%s/s%d' % (account, role, i),
                'sessionContext': {'sessionIssuer': {
                    'type': 'Role', 'userName': role, 'accountId': account,
                    'arn': 'arn:aws:iam::%s:role/%s' % (account, role)}}}

    def add(self, account, seconds, identity, call, address, agent, region, **more):
        n = len(self.records)
        record = {
            'eventVersion': '1.11', 'eventTime': '2026-03-01T%02d:%02d:%02dZ'
            % (seconds // 3600, seconds // 60 % 60, seconds % 60),
            'eventSource': call[0] + '.amazonaws.com', 'eventName': call[1], 'awsRegion': region,
            'sourceIPAddress': address, 'userAgent': agent, 'eventType': 'AwsApiCall',
            'readOnly': call not in CHANGES, 'userIdentity': identity, 'recipientAccountId': account,
            'eventCategory': 'Management', 'eventID': '00000000-0000-4000-8000-%012d' % n}
        error = self.random.choice(ERRORS)
        if error is not None:
            record['errorCode'] = error
        if self.random.random() < 0.05:
            del record['eventID']
        record.update(more)
        self.records.append(record)

    def account(self, account, only_cli):
        choice = self.random.choice
        self.roles = choice([1, 2, 9])
        who = self.some(lambda i: self.identity(account, i + self.random.randrange(3)), 12)
        from_where = self.some(lambda i: '192.0.2.%d' % i, 7)
        agents = self.some(lambda i: 'aws-cli/2.%d.0 Python/3 command/x' % i if i % 2 else
                           'Boto3/1.%d.0 Python/3' % i, 6)
        if only_cli:
            who, from_where, agents = who[:1], from_where[:1], ['aws-cli/1.18.%d Python/3' % account.count('1')]
        regions = self.some(lambda i: REGIONS[i], 8)
        pool = (COMMANDS if only_cli else
                READS + CHANGES + COMMANDS + OTHERS if self.random.random() < 0.7 else READS[:1] + OTHERS[:3])
        for _ in range(choice([1, 3, 60, 90]) if not only_cli else 30):
            self.add(account, 36000 + self.random.randrange(60), choice(who), choice(pool), choice(from_where),
                     choice(agents), choice(regions))
        for _ in range(choice([0, 5, 60, 120])):
            seconds = 36000 + choice([-1, 1]) * self.random.randrange(61, 1100)
            identity = dict(choice(who))
            more = {}
            dice = self.random.random()
            if dice < 0.1:
                more = {'sourceIPAddress': 'cloudformation.amazonaws.com'}
            elif dice < 0.2:
                identity['invokedBy'] = 'secretsmanager.amazonaws.com'
            elif dice < 0.3:
                identity = self.identity(account, 50)
            elif dice < 0.5 and identity['type'] == 'AssumedRole':
                identity['arn'] += 'x'
                identity['principalId'] += 'x'
            self.add(account, seconds, identity, choice(READS + CHANGES + OTHERS[:8]), choice(from_where),
                     choice(agents), choice(regions), **more)
        for i in range(choice([0, 1, 5])):
            self.issue(account, choice(who), i, choice(from_where), choice(agents))

    def issue(self, account, issuer, i, address, agent):
        other = self.identity(account, 3 * i + 30)
        self.add(account, 36100 + i, issuer, ('iam', 'CreateAccessKey'), address, agent, 'us-east-1',
                 errorCode=None, readOnly=False, requestParameters={'userName': other['userName']},
                 responseElements={'accessKey': {'userName': other['userName'], 'status': 'Active',
                                                 'accessKeyId': other['accessKeyId']}})
        for _ in range(self.random.choice([0, 1, 30])):
            self.add(account, 36200 + self.random.randrange(3600), other,
                     self.random.choice(READS + CHANGES + OTHERS), address, agent, 'us-east-1')


def main():
    composer = Composer(int(sys.argv[1]))
    for i in range(24):
        composer.account('%012d' % (111111111111 + i), i % 4 == 3)
    with open(sys.argv[2], 'w') as file:
        json.dump({'Records': composer.records}, file)


main()
