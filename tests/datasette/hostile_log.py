#!/usr/bin/env python3
"""Prints a log whose every text that a caller can choose is meant for a browser."""
import json

EVIL = '<img src=x onerror="document.title=\'owned\'">\u2028</td></script><script>document.title="owned"</script>'
CALLS = ['ListUsers', 'ListRoles', 'ListGroups', 'ListPolicies', 'ListAccessKeys', 'GetAccountSummary',
         'ListMFADevices', 'GetAccountPasswordPolicy', 'ListInstanceProfiles', 'ListServerCertificates']


def record(number, source, name, **fields):
    return {
        'eventVersion': '1.08', 'eventID': f'hostile-{number}', 'eventTime': f'2025-10-14T10:00:{number:02}Z',
        'eventSource': source, 'eventName': name, 'awsRegion': 'us-east-1', 'recipientAccountId': '111122223333',
        'sourceIPAddress': '192.0.2.77', 'userAgent': EVIL, 'requestParameters': {'bucketName': EVIL},
        'userIdentity': {'type': 'IAMUser', 'accountId': '111122223333', 'userName': EVIL, 'arn': EVIL,
                         'accessKeyId': 'AKIAHOSTILE0EXAMPLE0'}, **fields}


records = [record(i, 'iam.amazonaws.com', call, errorCode='AccessDenied', errorMessage=EVIL)
           for i, call in enumerate(CALLS)]
records.append(record(20, 'iam.amazonaws.com', EVIL, readOnly=False, sourceIPAddress=EVIL))
records.append(record(21, 'signin.amazonaws.com', 'ConsoleLogin', eventType='AwsConsoleSignIn',
                      responseElements={'ConsoleLogin': 'Failure'}, errorMessage=EVIL))
print(json.dumps({'Records': records}))
