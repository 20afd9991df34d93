#!/usr/bin/env python3
"""Composes trails of credentials that issue each other, with bursts that raise alerts.

Usage: python3 tests/independent/compose_chains.py N FOLDER

Writes FOLDER/1.json to FOLDER/N.json, the same each time, which have neither keys nor users in common. Keys issue keys by every call that does so, over accounts; some
calls are denied, some have the key blacked out; some chains close to a circle; a key is issued twice;
passwords are made, users sign in with them and work in the console. Some keys then list what there
is, by the AWS CLI, in a burst; one or two bursts may be of one key.
"""
import json
import os
import random
import sys
import uuid
from datetime import datetime, timedelta

LISTED = [
    ('iam', 'ListUsers'),
    ('iam', 'ListGroups'),
    ('iam', 'ListRoles'),
    ('kms', 'ListKeys'),
    ('kms', 'ListAliases'),
    ('ecs', 'ListClusters'),
    ('ec2', 'DescribeVpcs'),
    ('ec2', 'DescribeSubnets'),
    ('ec2', 'DescribeRouteTables'),
    ('route53', 'ListHostedZones'),
]
CLI = 'aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/linux#6.8 md/command#%s.%s'
ACCOUNTS = ['111122223333', '444455556666', '777788889999']


class Composer:
    def __init__(self, seed):
        self.seed, self.random = seed, random.Random(seed)
        self.records, self.sessions, self.n = [], [], 0
        self.now = datetime(2026, 3, 1, 8, 0, 0) + timedelta(days=seed)

    def pick(self, *items):
        return self.random.choice(items)

    def new_key(self, prefix):
        self.n += 1
        return '%s%03dE%05d' % (prefix.ljust(11, 'X'), self.seed, self.n)

    def put(self, who, source, name, seconds=None, **fields):
        self.now += timedelta(seconds=seconds or self.random.randrange(1, 40))
        record = {
            'eventVersion': '1.11',
            'userIdentity': who['identity'],
            'eventTime': self.now.strftime('%Y-%m-%dT%H:%M:%SZ'),
            'eventSource': source + '.amazonaws.com',
            'eventName': name,
            'awsRegion': 'eu-west-1',
            'sourceIPAddress': who['address'],
            'userAgent': 'Boto3/1.34.0',
            'eventID': str(uuid.UUID(int=self.random.getrandbits(128))),
            'eventType': 'AwsApiCall',
            'readOnly': name.startswith(('List', 'Describe', 'Get')),
            'recipientAccountId': who['account'],
        }
        record.update(fields)
        if self.random.random() < 0.02:
            del record['readOnly']
        self.records.append(record)
        return record

    def user(self, account, name, key):
        return {
            'account': account,
            'name': name,
            'address': '192.0.2.%d' % self.random.randrange(1, 250),
            'identity': {
                'type': 'IAMUser',
                'principalId': 'AIDA' + name.upper(),
                'arn': 'arn:aws:iam::%s:user/team/%s' % (account, name),
                'accountId': account,
                'accessKeyId': key,
                'userName': name,
            },
        }

    def role(self, account, role, session, key):
        return {
            'account': account,
            'name': session,
            'address': '198.51.100.%d' % self.random.randrange(1, 250),
            'identity': {
                'type': 'AssumedRole',
                'principalId': 'AROA%s:%s' % (role.upper(), session),
                'arn': 'arn:aws:sts::%s:assumed-role/%s/%s' % (account, role, session),
                'accountId': account,
                'accessKeyId': key,
                'sessionContext': {
                    'sessionIssuer': {'type': 'Role', 'userName': role},
                    'attributes': {'creationDate': self.now.strftime('%Y-%m-%dT%H:%M:%SZ')},
                },
            },
        }

    def answer(self, key):
        """What is told of the key: seldom it is blacked out."""
        key = self.pick('ASIA****************', 'HIDDEN_DUE_TO_SECURITY_REASONS') if (
            self.random.random() < 0.08) else key
        return {'accessKeyId': key, 'sessionToken': 'HIDDEN_DUE_TO_SECURITY_REASONS'}

    def issue(self, who):
        """`who` issues a credential, by any of the ways; who has it then joins the sessions."""
        way = self.random.randrange(8)
        denied = {'errorCode': 'AccessDenied'} if self.random.random() < 0.15 else {}
        account, session = self.pick(*ACCOUNTS), 's%d-%d' % (self.seed, self.n)
        key = self.new_key('ASIA')
        if self.sessions and self.random.random() < 0.1:
            key = self.pick(*self.sessions)['identity'].get('accessKeyId') or key
        if way <= 2:
            arn = 'arn:aws:sts::%s:assumed-role/ops/%s' % (account, session)
            self.put(who, 'sts', 'AssumeRole',
                     requestParameters={'roleArn': 'arn:aws:iam::%s:role/ops' % account},
                     responseElements=None if denied else {
                         'credentials': self.answer(key), 'assumedRoleUser': {'arn': arn}}, **denied)
            new = self.role(account, 'ops', session, key)
        elif way == 3:
            self.put(who, 'sts', 'GetSessionToken', requestParameters=None,
                     responseElements=None if denied else {'credentials': self.answer(key)}, **denied)
            new = dict(who, identity=dict(who['identity'], accessKeyId=key))
        elif way == 4:
            arn = 'arn:aws:sts::%s:federated-user/%s' % (who['account'], session)
            self.put(who, 'sts', 'GetFederationToken', requestParameters={'name': session},
                     responseElements=None if denied else {
                         'credentials': self.answer(key), 'federatedUser': {'arn': arn}}, **denied)
            new = dict(who, identity={'type': 'FederatedUser', 'arn': arn, 'accessKeyId': key,
                                      'principalId': session, 'accountId': who['account']})
        elif way == 5:
            name, key = 'u%d-%d' % (self.seed, self.n), self.new_key('AKIA')
            self.put(who, 'iam', 'CreateAccessKey', requestParameters={'userName': name},
                     responseElements=None if denied else {
                         'accessKey': {'accessKeyId': key, 'userName': name, 'status': 'Active'}},
                     **denied)
            new = self.user(who['account'], name, key)
        elif way == 6:
            self.put(who, 'sts', 'AssumeRoot', requestParameters={'targetPrincipal': account},
                     responseElements=None if denied else {'credentials': self.answer(key)}, **denied)
            new = dict(self.role(account, 'root', 'root', key))
            new['identity']['type'] = 'AssumedRoot'
        else:
            return self.sign_in(who, denied)
        if not denied:
            self.sessions.append(new)

    def sign_in(self, who, denied):
        """A password for a user, who signs in, at times in vain, and works in the console."""
        name = 'p%d-%d' % (self.seed, self.random.randrange(4))
        self.put(who, 'iam', self.pick('CreateLoginProfile', 'UpdateLoginProfile'),
                 requestParameters={'userName': name}, responseElements=None, **denied)
        user = self.user(who['account'], name, '')
        right = self.random.random() < 0.7
        login = self.put(user, 'signin', 'ConsoleLogin', eventType='AwsConsoleSignIn',
                         responseElements={'ConsoleLogin': 'Success' if right else 'Failure'},
                         additionalEventData={'MFAUsed': 'No'})
        if not right:
            return
        key = self.new_key('ASIA')
        user['identity'] = dict(user['identity'], accessKeyId=key, sessionContext={
            'attributes': {'creationDate': login['eventTime'], 'mfaAuthenticated': 'false'}})
        self.put(user, 'iam', 'ListUsers', sessionCredentialFromConsole='true')
        self.sessions.append(user)

    def burst(self, who):
        for source, name in self.random.sample(LISTED, 9):
            self.put(who, source, name, seconds=self.random.randrange(1, 6),
                     userAgent=CLI % (source, 'x'))

    def compose(self):
        for i in range(4):
            self.sessions.append(self.user(self.pick(*ACCOUNTS), 'first%d-%d' % (self.seed, i), self.new_key('AKIA')))
        for _ in range(self.random.randrange(10, 40)):
            who = self.pick(*self.sessions)
            self.issue(who)
            if self.random.random() < 0.3:
                self.put(self.pick(*self.sessions), 's3', self.pick('PutObject', 'GetObject'))
            if self.random.random() < 0.25:
                self.now += timedelta(seconds=self.random.randrange(0, 600))
                self.burst(self.pick(*self.sessions))
        return self.records


def main():
    os.makedirs(sys.argv[2], exist_ok=True)
    for seed in range(1, int(sys.argv[1]) + 1):
        with open('%s/%d.json' % (sys.argv[2], seed), 'w', encoding='utf-8') as out:
            json.dump({'Records': Composer(seed).compose()}, out)


if __name__ == '__main__':
    main()
