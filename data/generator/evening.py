"""The attack goes on in the evening, by what was read at 14:14: see data/README.md.

What the hunts are there for: no rule view finds any of it, for nobody looks around in a hurry. Few
events, a step each.
"""
from generator.trail import *

BUYER = '198.51.100.219'  # another network, another machine
OUTSIDE = '123456789012'  # an account that nobody in the company has heard of
ROLE = 'mail-migration'
BOTO_WINDOWS = 'Boto3/1.26.90 Python/3.10.9 Windows/10 Botocore/1.29.90'
KALI_FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
TRIED = (
    'iam.list-policies',
    'ec2.describe-instances',
    'dynamodb.list-tables',
    'sqs.list-queues',
    'ssm.describe-parameters',
    's3api.create-bucket',
    'cloudformation.create-stack',
    'iam.create-role',
)


def role_arn(account, name):
    return 'arn:aws:iam::%s:role/%s' % (account, name)


def trust(*principals):
    return json_text(
        [
            {'Effect': 'Allow', 'Principal': {'AWS': principal}, 'Action': 'sts:AssumeRole'}
            for principal in principals
        ]
    )


def try_the_key(mail):
    """The mail server's key, which sends by SMTP and was in the secret: it may send, and little else."""
    cli(at('21:31:08'), mail, 'sts.get-caller-identity', params=None)
    cli(at('21:31:52'), mail, 'sesv2.get-account', params=None)
    for number, command in enumerate(TRIED):
        source, name = call_of(command).split(':')
        moment = at('21:33:00') + timedelta(seconds=30 * number + RNG.random() * 8)
        params = '' if source == 'ec2' else None
        cli(moment, mail, command, params=params, error=denial(mail, source, name))


def into_the_role(mail):
    """A role that was made for a move, and that the mail server may still assume."""
    moment, key = at('21:38:15'), access_key('ASIA')
    cli(
        moment,
        mail,
        'sts.assume-role',
        params={'roleArn': role_arn(PROD, ROLE), 'roleSessionName': 'mover'},
        answer={
            'credentials': {
                'accessKeyId': key,
                'sessionToken': 'HIDDEN_DUE_TO_SECURITY_REASONS',
                'expiration': spoken(moment + timedelta(hours=1)),
            },
            'assumedRoleUser': {
                'assumedRoleId': role_id(PROD, ROLE) + ':mover',
                'arn': 'arn:aws:sts::%s:assumed-role/%s/mover' % (PROD, ROLE),
            },
        },
        resources=[{'accountId': PROD, 'type': 'AWS::IAM::Role', 'ARN': role_arn(PROD, ROLE)}],
        shared=new_uuid(),
    )
    return assumed(PROD, ROLE, 'mover', moment, ATTACKER_2, 'new27', key=key)


def onto_a_node(role):
    """A command on the node of the cluster that called last; then its credentials at the thief's desk."""
    moment = at('21:44:20')
    node = next(
        record['userIdentity']
        for _, _, _, record in sorted(EVENTS, key=lambda event: event[2], reverse=True)
        if record['eventTime'] < iso(moment)
        and '/eks-nodes/i-' in record['userIdentity'].get('arn', '')
    )
    cli(
        moment,
        role,
        'ssm.send-command',
        params={
            'documentName': 'AWS-RunShellScript',
            'instanceIds': [node['arn'].split('/')[-1]],
            'interactive': False,
            'parameters': 'HIDDEN_DUE_TO_SECURITY_REASONS',
        },
    )
    thief = Actor(PROD, node, ATTACKER_2, 'new27')
    cli(at('21:47:05'), thief, 'sts.get-caller-identity', params=None)
    cli(at('21:47:41'), thief, 'ecr.describe-repositories', params=None)


def hide_and_stay(role):
    """Nobody is to scan the image that he means to change, and he is to come back from his own account."""
    cli(
        at('21:50:12'),
        role,
        'ecr.put-image-scanning-configuration',
        params={
            'registryId': PROD,
            'repositoryName': 'shop/checkout',
            'imageScanningConfiguration': {'scanOnPush': False},
        },
    )
    cli(
        at('21:53:30'),
        role,
        'iam.update-assume-role-policy',
        params={
            'roleName': ROLE,
            'policyDocument': trust(
                'arn:aws:iam::%s:user/svc-mail' % PROD, 'arn:aws:iam::%s:root' % OUTSIDE
            ),
        },
    )


def take(role):
    """By the console: a snapshot for the account outside. A key that everyone may encrypt with, for later."""
    signed_in = at('21:57:10')
    browser = assumed(PROD, ROLE, 'mover', signed_in, ATTACKER_2, KALI_FIREFOX, console=True)
    at_the_door = role.using(KALI_FIREFOX)
    at_the_door.identity = {k: v for k, v in role.identity.items() if k != 'accessKeyId'}
    emit(
        signed_in,
        at_the_door,
        'signin:ConsoleLogin',
        None,
        {'ConsoleLogin': 'Success'},
        kind='AwsConsoleSignIn',
        extra={'MobileVersion': 'No', 'MFAUsed': 'No'},
    )
    emit(
        at('22:01:44'),
        browser,
        'ec2:ModifySnapshotAttribute',
        {
            'snapshotId': 'snap-' + hexa(17),
            'createVolumePermission': {'add': {'items': [{'userId': OUTSIDE}]}},
            'attributeType': 'CREATE_VOLUME_PERMISSION',
        },
        {'requestId': new_uuid(), '_return': True},
    )
    cli(
        at('22:06:09'),
        role,
        'kms.create-key',
        params={
            'policy': json_text(
                [{'Effect': 'Allow', 'Principal': '*', 'Action': 'kms:*', 'Resource': '*'}]
            ),
            'description': '',
            'keySpec': 'SYMMETRIC_DEFAULT',
            'keyUsage': 'ENCRYPT_DECRYPT',
            'origin': 'AWS_KMS',
            'multiRegion': False,
            'bypassPolicyLockoutSafetyCheck': False,
        },
    )


def make_money(role, mail):
    """Models at the company's expense; and the key of the mail server is sold to somebody who sends."""
    cli(at('22:12:30'), role, 'bedrock.put-use-case-for-model-access', params=None)
    cli(
        at('22:13:55'),
        role,
        'bedrock-runtime.invoke-model',
        params={'modelId': 'anthropic.claude-3-5-sonnet-20240620-v1:0'},
    )
    buyer = mail.using(BOTO_WINDOWS, BUYER)
    emit(at('22:18:02'), buyer, 'ses:GetSendQuota', None)
    emit(
        at('22:18:40'),
        buyer,
        'ses:VerifyEmailIdentity',
        {'emailAddress': 'billing@example.net'},
    )


def aws_finds_the_key(mail):
    """The buyer's script is public: AWS puts the quarantine upon the user, in his own name."""
    emit(
        at('22:41:19'),
        mail.using('AWS Internal', 'AWS Internal'),
        'iam:AttachUserPolicy',
        {
            'userName': 'svc-mail',
            'policyArn': 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3',
        },
    )


def evening():
    mail = iam_user(PROD, 'svc-mail', ATTACKER_2, 'new27')
    try_the_key(mail)
    role = into_the_role(mail)
    onto_a_node(role)
    hide_and_stay(role)
    take(role)
    make_money(role, mail)
    aws_finds_the_key(mail)
