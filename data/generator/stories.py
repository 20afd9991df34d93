"""The events that the rule views are there for, in the order of the day: see data/README.md."""
from datetime import timedelta

from generator.trail import *
from generator.systems import *
from generator.people import *


def story_inventory_by_v1():
    who = assumed(
        PROD,
        'inventory-host',
        'i-0b7d3f1a9c5e28460',
        at('01:58:40'),
        LEGACY_HOST,
        'v1amazon',
        from_instance=True,
    )
    cli(at('02:02:03'), who, 'sts.get-caller-identity', params=None)
    # Longer than a minute: no window holds all of its commands.
    script(
        at('02:02:05'),
        who,
        [
            'ec2.describe-vpcs',
            'ec2.describe-subnets',
            'ec2.describe-route-tables',
            'ec2.describe-internet-gateways',
            'ec2.describe-security-groups',
            'ec2.describe-network-acls',
            'ec2.describe-instances',
            'iam.list-users',
            'iam.list-roles',
            'iam.list-access-keys',
            'kms.list-keys',
            'kms.list-aliases',
            'route53.list-hosted-zones',
            's3api.list-buckets',
            'ecs.list-clusters',
            'ecs.list-services',
        ],
        84,
        pages={'iam.list-roles': 2, 'iam.list-access-keys': 3},
        params={
            'iam.list-access-keys': {'userName': 'nikki.wolf'},
            'ecs.list-services': {'cluster': 'shop'},
        },
    )
    emit(
        at('02:03:52'),
        who,
        's3:PutObject',
        {
            'bucketName': 'example-corp-inventory',
            'Host': 'example-corp-inventory.s3.amazonaws.com',
            'key': 'inventory/2025-10-14.json',
        },
        data=True,
    )


def story_near_miss():
    who = iam_user(PROD, 'nikki.wolf', OFFICE, 'brew')
    script(
        at('09:27:06'),
        who,
        [
            'ec2.describe-vpcs',
            'ec2.describe-subnets',
            'ec2.describe-security-groups',
            'ec2.describe-route-tables',
            'ecs.list-clusters',
            'ecs.list-services',
            'iam.list-roles',
            'ec2.describe-instances',
        ],
        44,
        pages={'iam.list-roles': 3, 'ec2.describe-security-groups': 2, 'ecs.list-services': 2},
        params={'ecs.list-services': {'cluster': 'shop'}},
    )


def story_upn_session():
    person = 'paulo.santos@example.com'
    born = sso_sign_in(at('10:07:30'), person, SSO_READ, DEV, OFFICE, FIREFOX)
    who = assumed(DEV, SSO_READ, person, born, OFFICE, 'debian')
    cli(at('10:11:40'), who, 'sts.get-caller-identity', params=None)
    script(
        at('10:12:08'),
        who,
        [
            'iam.list-users',
            'iam.list-groups',
            'iam.list-roles',
            'kms.list-keys',
            'ec2.describe-vpcs',
            'ec2.describe-subnets',
            'ec2.describe-security-groups',
            'ec2.describe-internet-gateways',
            'ec2.describe-network-interfaces',
        ],
        38,
        denied=('kms.list-keys',),
        pages={'iam.list-roles': 2},
        region=EU,
    )


def story_seed_only():
    who = iam_user(PROD, 'mateo.jackson', OFFICE, 'windows')
    script(
        at('11:05:09'),
        who,
        [
            'ec2.describe-vpcs',
            'ec2.describe-subnets',
            'ec2.describe-route-tables',
            'ec2.describe-internet-gateways',
            'ec2.describe-vpc-endpoints',
            'ec2.describe-vpc-endpoint-services',
            'ec2.describe-vpc-attribute',
            'ec2.describe-vpc-peering-connections',
            'ec2.describe-vpc-endpoint-connections',
        ],
        43,
        region=EU,
        params={
            'ec2.describe-vpc-attribute': {'vpcId': VPC[PROD], 'attribute': 'enableDnsSupport'}
        },
    )


def story_split_by_mfa():
    plain = iam_user(PROD, 'li.juan', HOME_C, 'ubuntu')
    strong = iam_user(PROD, 'li.juan', HOME_C, 'ubuntu', session=at('11:38:20'), mfa=True)
    emit(
        at('11:38:20'),
        plain,
        'sts:GetSessionToken',
        {
            'durationSeconds': 3600,
            'serialNumber': 'arn:aws:iam::%s:mfa/li.juan' % PROD,
            'tokenCode': 'HIDDEN_DUE_TO_SECURITY_REASONS',
        },
        {
            'credentials': {
                'accessKeyId': strong.identity['accessKeyId'],
                'expiration': spoken(at('12:38:20')),
                'sessionToken': 'HIDDEN_DUE_TO_SECURITY_REASONS',
            }
        },
        agent='ubuntu',
        command='sts.get-session-token',
    )
    script(
        at('11:40:11'),
        plain,
        [
            'ec2.describe-vpcs',
            'ec2.describe-subnets',
            'ec2.describe-network-acls',
            'ec2.describe-route-tables',
            'ecs.list-clusters',
        ],
        17,
    )
    script(
        at('11:40:31'),
        strong,
        [
            'iam.list-users',
            'iam.list-groups',
            'iam.list-roles',
            'kms.list-aliases',
            'kms.list-keys',
        ],
        18,
    )


def story_attack_recon():
    """A key of svc-deploy, leaked from a build log, is tried from abroad."""
    who = iam_user(PROD, 'svc-deploy', ATTACKER, 'kali')
    cli(at('13:38:12'), who, 'sts.get-caller-identity', params=None)
    cli(at('13:39:05'), who, 's3.ls')
    script(
        at('13:41:04'),
        who,
        [
            'iam.list-users',
            'iam.list-groups',
            'iam.list-roles',
            'iam.list-access-keys',
            'ec2.describe-vpcs',
            'ec2.describe-subnets',
            'ec2.describe-security-groups',
            'ec2.describe-network-acls',
            'ec2.describe-route-tables',
            'kms.list-keys',
            'kms.list-aliases',
            'route53.list-hosted-zones',
            'ecs.list-clusters',
        ],
        49,
        denied=(
            'iam.list-groups',
            'ec2.describe-network-acls',
            'kms.list-keys',
            'route53.list-hosted-zones',
        ),
        pages={'iam.list-roles': 3, 'iam.list-users': 2},
    )
    for clock, command, params, refused in (
        ('13:43:19', 'iam.list-attached-user-policies', {'userName': 'svc-deploy'}, False),
        (
            '13:43:44',
            'iam.get-policy',
            {'policyArn': 'arn:aws:iam::%s:policy/deploy' % PROD},
            False,
        ),
        (
            '13:43:58',
            'iam.get-policy-version',
            {'policyArn': 'arn:aws:iam::%s:policy/deploy' % PROD, 'versionId': 'v7'},
            False,
        ),
        ('13:45:10', 'iam.get-account-authorization-details', None, True),
        ('13:46:31', 'secretsmanager.list-secrets', None, True),
        ('13:49:02', 'iam.list-access-keys', {'userName': 'svc-backup'}, False),
    ):
        source, name = call_of(command).split(':')
        cli(
            at(clock),
            who,
            command,
            params=params,
            error=denial(who, source, name) if refused else None,
        )
    fresh = access_key('AKIA')
    cli(
        at('13:52:27'),
        who,
        'iam.create-access-key',
        params={'userName': 'svc-backup'},
        answer={
            'accessKey': {
                'accessKeyId': fresh,
                'status': 'Active',
                'userName': 'svc-backup',
                'createDate': spoken(at('13:52:27')),
            }
        },
    )
    cli(
        at('13:54:03'),
        who,
        'iam.create-login-profile',
        params=None,
        error=denial(who, 'iam', 'CreateLoginProfile', 'user mary.major'),
    )
    cli(
        at('13:55:48'),
        who,
        'iam.attach-user-policy',
        params={
            'userName': 'svc-backup',
            'policyArn': 'arn:aws:iam::aws:policy/AdministratorAccess',
        },
    )
    return fresh


def story_attack_over_the_minute(key):
    """The new key looks around: five commands before and five after the full minute."""
    who = iam_user(PROD, 'svc-backup', ATTACKER, 'kali', key=key)
    cli(at('13:58:40'), who, 'sts.get-caller-identity', params=None)
    script(
        at('14:06:38'),
        who,
        [
            'iam.list-users',
            'iam.list-roles',
            'ec2.describe-vpcs',
            'ec2.describe-subnets',
            'kms.list-aliases',
        ],
        17,
    )
    script(
        at('14:07:02'),
        who,
        [
            'kms.list-keys',
            'ecs.list-clusters',
            'ecs.list-services',
            'route53.list-hosted-zones',
            'ec2.describe-network-interfaces',
        ],
        19,
        params={'ecs.list-services': {'cluster': 'shop'}},
    )
    trail = 'arn:aws:cloudtrail:us-east-1:%s:trail/' % PROD
    cli(at('14:09:50'), who, 'cloudtrail.describe-trails', params=None)
    cli(
        at('14:10:08'), who, 'cloudtrail.get-trail-status', params={'name': trail + 'company-trail'}
    )
    cli(
        at('14:10:41'),
        who,
        'cloudtrail.stop-logging',
        params={'name': trail + 'company-trail'},
        error=denial(who, 'cloudtrail', 'StopLogging', trail + 'company-trail', SCP),
    )
    cli(at('14:11:02'), who, 'cloudtrail.stop-logging', params={'name': trail + 'app-audit'})
    cli(at('14:14:17'), who, 'secretsmanager.list-secrets', params=None)
    for number, secret in enumerate(SECRETS):
        moment = at('14:14:51') + timedelta(seconds=9 * number + RNG.random() * 4)
        cli(moment, who, 'secretsmanager.get-secret-value', params={'secretId': secret})
        kms(
            moment,
            acting_for(who, 'secretsmanager.amazonaws.com'),
            'Decrypt',
            'secrets',
            {'SecretARN': SECRET_ARN[secret], 'SecretVersionId': new_uuid()},
        )
    host = EXPORTS + '.s3.us-east-1.amazonaws.com'
    emit(
        at('14:19:30'),
        who,
        's3:ListObjects',
        {
            'list-type': '2',
            'bucketName': EXPORTS,
            'encoding-type': 'url',
            'prefix': '',
            'delimiter': '/',
            'Host': host,
        },
        data=True,
        command='s3.sync',
    )
    for number in range(26):
        key_name = 'daily/2025/10/%02d/%s.csv' % (1 + number // 2, hexa(8))
        emit(
            at('14:19:32') + timedelta(seconds=1.4 * number + RNG.random()),
            who,
            's3:GetObject',
            {'bucketName': EXPORTS, 'Host': host, 'key': key_name},
            data=True,
            command='s3.sync',
            extra={'bytesTransferredOut': RNG.randrange(200000, 9000000)},
            resources=[
                {'type': 'AWS::S3::Object', 'ARN': 'arn:aws:s3:::%s/%s' % (EXPORTS, key_name)},
                {'accountId': PROD, 'type': 'AWS::S3::Bucket', 'ARN': 'arn:aws:s3:::' + EXPORTS},
            ],
        )
    return who


def story_attack_next_account(who):
    """From the first account into the second, with another machine and a current CLI."""
    moment, shared = at('14:24:36'), new_uuid()
    role, path = (
        'arn:aws:iam::%s:role/OrganizationAccountAccessRole' % DEV,
        'OrganizationAccountAccessRole',
    )
    key = access_key('ASIA')
    answer = {
        'credentials': {
            'accessKeyId': key,
            'sessionToken': 'HIDDEN_DUE_TO_SECURITY_REASONS',
            'expiration': spoken(moment + timedelta(hours=1)),
        },
        'assumedRoleUser': {
            'assumedRoleId': role_id(DEV, path) + ':maint',
            'arn': 'arn:aws:sts::%s:assumed-role/%s/maint' % (DEV, path),
        },
    }
    resources = [{'accountId': DEV, 'type': 'AWS::IAM::Role', 'ARN': role}]
    cli(
        moment,
        who,
        'sts.assume-role',
        params={'roleArn': role, 'roleSessionName': 'maint'},
        answer=answer,
        shared=shared,
        resources=resources,
    )
    foreign = Actor(
        DEV,
        {'type': 'AWSAccount', 'principalId': who.identity['principalId'], 'accountId': PROD},
        who.address,
        who.agent,
    )
    cli(
        moment,
        foreign,
        'sts.assume-role',
        params={'roleArn': role, 'roleSessionName': 'maint'},
        answer=answer,
        shared=shared,
        resources=resources,
    )
    maint = assumed(DEV, path, 'maint', moment, ATTACKER_2, 'new27', key=key)
    cli(at('14:30:22'), maint, 'sts.get-caller-identity', params=None)
    script(
        at('14:31:07'),
        maint,
        [
            'ec2.describe-vpcs',
            'ec2.describe-subnets',
            'ec2.describe-security-groups',
            'ec2.describe-internet-gateways',
            'ec2.describe-vpc-peering-connections',
            'ec2.describe-transit-gateway-vpc-attachments',
            'ec2.describe-route-tables',
            'iam.list-users',
            'iam.list-roles',
            'kms.list-keys',
            'ecs.list-clusters',
        ],
        46,
        denied=('iam.list-users', 'kms.list-keys'),
        pages={'ec2.describe-security-groups': 2},
        reason=SCP,
    )
    for region, clock in ((US, '14:37:30'), (EU, '14:41:10'), ('us-west-2', '14:44:02')):
        moment = at(clock)
        cli(
            moment,
            maint,
            'ec2.create-key-pair',
            params={'keyName': 'maint', 'keyType': 'rsa', 'keyFormat': 'pem'},
            region=region,
            answer={
                'requestId': new_uuid(),
                'keyName': 'maint',
                'keyFingerprint': ':'.join(hexa(2) for _ in range(20)),
                'keyPairId': 'key-' + hexa(17),
                'keyMaterial': '<sensitiveDataRemoved>',
            },
        )
        group = 'sg-' + hexa(17)
        cli(
            later(moment, 8, 14),
            maint,
            'ec2.create-security-group',
            params={'groupName': 'maint', 'groupDescription': 'maint', 'vpcId': VPC[DEV]},
            region=region,
            answer={'requestId': new_uuid(), '_return': True, 'groupId': group},
        )
        cli(
            later(moment, 18, 24),
            maint,
            'ec2.authorize-security-group-ingress',
            region=region,
            params={
                'groupId': group,
                'ipPermissions': {
                    'items': [
                        {
                            'ipProtocol': 'tcp',
                            'fromPort': 22,
                            'toPort': 22,
                            'groups': {},
                            'ipRanges': {'items': [{'cidrIp': '0.0.0.0/0'}]},
                            'ipv6Ranges': {},
                            'prefixListIds': {},
                        }
                    ]
                },
            },
            answer={'requestId': new_uuid(), '_return': True},
        )
        for number, size in enumerate(
            ['p4d.24xlarge', 'p3.16xlarge', 'g5.48xlarge', 'g5.12xlarge', 'c7i.16xlarge']
        ):
            params = {
                'instancesSet': {
                    'items': [
                        {
                            'imageId': 'ami-0c55b159cbfafe1f0',
                            'minCount': 1,
                            'maxCount': 8,
                            'keyName': 'maint',
                        }
                    ]
                },
                'groupSet': {'items': [{'groupId': group}]},
                'instanceType': size,
                'blockDeviceMapping': {},
                'monitoring': {'enabled': False},
                'disableApiTermination': False,
                'clientToken': new_uuid(),
            }
            if number < 4 or region == 'us-west-2':
                error = (
                    'Client.VcpuLimitExceeded',
                    'You have requested more vCPU capacity than your current vCPU limit of 0 allows for the instance bucket that the specified instance type belongs to.',
                )
                cli(
                    later(moment, 30 + 11 * number, 38 + 11 * number),
                    maint,
                    'ec2.run-instances',
                    params=params,
                    error=error,
                    region=region,
                )
            else:
                launched = [
                    {
                        'instanceId': 'i-' + hexa(17),
                        'imageId': 'ami-0c55b159cbfafe1f0',
                        'instanceState': {'code': 0, 'name': 'pending'},
                        'instanceType': size,
                        'keyName': 'maint',
                        'amiLaunchIndex': index,
                    }
                    for index in range(3)
                ]
                cli(
                    later(moment, 30 + 11 * number, 38 + 11 * number),
                    maint,
                    'ec2.run-instances',
                    params=params,
                    region=region,
                    answer={
                        'requestId': new_uuid(),
                        'reservationId': 'r-' + hexa(17),
                        'ownerId': DEV,
                        'groupSet': {},
                        'instancesSet': {'items': launched},
                    },
                )


def story_response(key):
    """The admin ends it from the console; the attacker meets closed doors."""
    mary = assumed(
        PROD, SSO_ADMIN, 'mary.major@example.com', at('07:51:15'), OFFICE, CHROME, console=True
    )
    leaked = user_ids(PROD, 'svc-deploy')[1]
    emit(
        at('15:05:20'),
        mary,
        'iam:UpdateAccessKey',
        {'userName': 'svc-deploy', 'accessKeyId': leaked, 'status': 'Inactive'},
    )
    emit(
        at('15:06:02'),
        mary,
        'iam:UpdateAccessKey',
        {'userName': 'svc-backup', 'accessKeyId': key, 'status': 'Inactive'},
    )
    emit(
        at('15:06:40'),
        mary,
        'iam:DetachUserPolicy',
        {'userName': 'svc-backup', 'policyArn': 'arn:aws:iam::aws:policy/AdministratorAccess'},
    )
    emit(
        at('15:08:11'),
        mary,
        'cloudtrail:StartLogging',
        {'name': 'arn:aws:cloudtrail:us-east-1:%s:trail/app-audit' % PROD},
    )
    dev = assumed(
        DEV, SSO_ADMIN, 'mary.major@example.com', at('15:09:02'), OFFICE, CHROME, console=True
    )
    emit(
        at('15:10:15'),
        dev,
        'iam:PutRolePolicy',
        {
            'roleName': 'OrganizationAccountAccessRole',
            'policyName': 'AWSRevokeOlderSessions',
            'policyDocument': '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2025-10-14T15:10:12.000Z"}}}]}',
        },
    )
    maint = assumed(
        DEV, 'OrganizationAccountAccessRole', 'maint', at('14:24:36'), ATTACKER_2, 'new27'
    )
    for clock, command in (
        ('15:12:31', 'ec2.describe-instances'),
        ('15:12:58', 'iam.list-users'),
        ('15:13:40', 'ec2.run-instances'),
    ):
        source, name = call_of(command).split(':')
        cli(
            at(clock),
            maint,
            command,
            error=denial(
                maint, source, name, None, 'with an explicit deny in an identity-based policy'
            ),
        )
    emit(
        at('15:15:09'),
        dev,
        'ec2:TerminateInstances',
        {'instancesSet': {'items': [{'instanceId': 'i-' + hexa(17)} for _ in range(3)]}},
    )


def story_lost_comma():
    who = iam_user(PROD, 'arnav.desai', HOME_B, 'brew')
    script(
        at('15:20:06'),
        who,
        [
            'iam.list-users',
            'iam.get-user',
            'iam.list-access-keys',
            'iam.list-groups',
            'iam.list-roles',
            'kms.list-keys',
            'kms.list-aliases',
            'ec2.describe-security-groups',
            'ec2.describe-network-interfaces',
        ],
        47,
        pages={'iam.get-user': 4, 'iam.list-access-keys': 4},
        params={
            'iam.get-user': {'userName': 'nikki.wolf'},
            'iam.list-access-keys': {'userName': 'nikki.wolf'},
        },
    )


def story_two_clients():
    old = iam_user(PROD, 'saanvi.sarkar', HOME_A, 'v1ubuntu')
    new = iam_user(PROD, 'saanvi.sarkar', HOME_A, 'new22')
    script(
        at('16:45:30'),
        old,
        ['iam.list-users', 'iam.list-roles', 'ec2.describe-vpcs', 'ec2.describe-network-acls'],
        14,
    )
    script(
        at('16:45:52'),
        new,
        [
            'ec2.describe-vpcs',
            'ec2.describe-subnets',
            'ec2.describe-security-groups',
            'ecs.list-clusters',
            'ecs.list-services',
        ],
        21,
        params={'ecs.list-services': {'cluster': 'shop'}},
    )
