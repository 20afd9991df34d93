#!/usr/bin/env python3
"""Composes a trail in which each reason of sentinel_gap occurs, and says what the view must say.

Usage: python3 tests/independent/compose_gaps.py FILE

Writes the records to FILE, one JSON object a line, and prints a line a gap: account name, which
rule is silent, reasons. What is expected is known because each burst is made to have its faults.
"""
import json
import sys

from compose_hits import COMMANDS, V1, V2, V20, V2_NEW
from read_trail import LISTED

ACCOUNT = '111122223333'
PLAIN = [
    name
    for name in LISTED
    if name not in ('iam.get-user', 'iam.list-access-keys')
    and not name.startswith('ec2.describe-transit')
]
COMMA = ['iam.get-user', 'iam.list-access-keys']
ENDPOINTS = ['ec2.describe-vpc-endpoints', 'ec2.describe-vpc-attribute']

records = []


def burst(name, commands, start=5, step=4, forms=(V2,), mfa=(None,), role_from=99):
    """One call of each command; start and step are seconds within the identity's own hour."""
    hour = len({record['userIdentity']['arn'].split('/')[-1] for record in records})
    for number, command in enumerate(commands):
        seconds = start + number * step
        service, event = COMMANDS[command]
        form = forms[number % len(forms)]
        identity = {
            'type': 'IAMUser',
            'principalId': 'AIDA' + name,
            'arn': 'arn:aws:iam::%s:user/%s' % (ACCOUNT, name),
            'userName': name,
        }
        if number >= role_from:
            identity = {
                'type': 'AssumedRole',
                'principalId': 'AROA:' + name,
                'arn': 'arn:aws:sts::%s:assumed-role/audit/%s' % (ACCOUNT, name),
            }
        state = mfa[number * len(mfa) // len(commands)]
        if state:
            identity['sessionContext'] = {'attributes': {'mfaAuthenticated': state}}
        records.append(
            {
                'eventVersion': '1.08',
                'userIdentity': identity,
                'eventTime': '2024-03-05T%02d:%02d:%02dZ' % (hour, seconds // 60, seconds % 60),
                'eventSource': service + '.amazonaws.com',
                'eventName': event,
                'awsRegion': 'us-east-1',
                'sourceIPAddress': '198.51.100.9',
                'userAgent': form % command if '%s' in form else form,
                'eventID': '%s-%d' % (name, number),
                'eventType': 'AwsApiCall',
                'recipientAccountId': ACCOUNT,
            }
        )


def bracketed(form):
    return '[' + form + ']'


def main():
    expected = []

    def gap(name, reasons, *arguments, silent='SuspiciousAWSCLICommandExecution', **options):
        expected.append('%s|%s|%s' % (name, silent, json.dumps(reasons, separators=(',', ':'))))
        burst(name, *arguments, **options)

    edge, form, bracket, comma, mfa = (
        "window over the minute's edge",
        'user agent form',
        'bracketed agent',
        'lost comma',
        'split by MFA state',
    )
    burst('seen', PLAIN[:9])
    burst('near', PLAIN[:7])
    # each by itself
    gap('edge', [edge], PLAIN[:10], start=40)
    gap('version-1', [form], PLAIN[:8], forms=(V1,))
    gap('version-2-0', [form], PLAIN[:8], forms=(V20,))
    gap('version-new', [form], PLAIN[:8], forms=(V2_NEW,))
    gap('half-new', [form], PLAIN[:8], forms=(V2, V2_NEW))
    gap('bracket', [bracket], PLAIN[:8], forms=(bracketed(V2),))
    gap('comma', [comma], PLAIN[:6] + COMMA)
    gap('comma-one', [comma], PLAIN[:7] + COMMA[:1])
    gap('mfa', [mfa], PLAIN[:10], mfa=('false', 'true'))
    gap('mfa-unsaid', [mfa], PLAIN[:10], mfa=(None, 'true'))
    # seldom ones
    gap('misspelt', ['misspelt command'], PLAIN[:7] + ['ec2.describe-transit-gateway-vpc-attachments'])
    gap('twofold', ['split by user name'], PLAIN[:10], role_from=5)
    # what is there and does not matter is no reason
    gap('edge-not-comma', [edge], PLAIN[:8] + COMMA, start=42)
    # two that are both needed
    gap('edge-and-form', [edge, form], PLAIN[:10], start=40, forms=(V1,))
    gap('bracket-and-form', [form, bracket], PLAIN[:8], forms=(bracketed(V2_NEW),))
    gap('comma-and-mfa', [comma, mfa], PLAIN[:6] + COMMA, mfa=('false', 'true'))
    # two that make up for each other: eight commands would do in either way
    gap('edge-or-comma', [edge, comma], PLAIN[:7] + COMMA[:1] + PLAIN[7:8], start=28)
    # the rule as published alone
    gap(
        'endpoints',
        ['commands not on the list'],
        PLAIN[:6] + ENDPOINTS,
        silent='aws_cli_recon_burst',
    )
    with open(sys.argv[1], 'w', encoding='utf-8') as file:
        for record in records:
            print(json.dumps(record), file=file)
    print('\n'.join(sorted(expected)))


if __name__ == '__main__':
    main()
