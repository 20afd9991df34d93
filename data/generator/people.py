"""The part of a normal day that people and pipelines make: console, Terraform, releases, the CLI."""
from datetime import timedelta

from generator.trail import *
from generator.systems import *


def console_login(moment, actor, mfa=True, ok=True):
    identity = {
        key: value
        for key, value in actor.identity.items()
        if key in ('type', 'principalId', 'arn', 'accountId', 'userName')
    }
    if not ok:
        identity['accessKeyId'] = ''
    emit(
        moment,
        Actor(actor.account, identity, actor.address, actor.agent),
        'signin:ConsoleLogin',
        None,
        {'ConsoleLogin': 'Success' if ok else 'Failure'},
        None if ok else (None, 'Failed authentication'),
        kind='AwsConsoleSignIn',
        extra={
            'LoginTo': 'https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state=hashArgsFromTB_us-east-1_'
            + hexa(16),
            'MobileVersion': 'No',
            'MFAIdentifier': actor.arn.replace(':user/', ':mfa/'),
            'MFAUsed': 'Yes' if mfa else 'No',
        }
        if mfa
        else {
            'LoginTo': 'https://console.aws.amazon.com/console/home',
            'MobileVersion': 'No',
            'MFAUsed': 'No',
        },
    )


PAGES = {
    'ec2': [
        'ec2:DescribeInstances',
        'ec2:DescribeInstanceStatus',
        'ec2:DescribeVolumes',
        'ec2:DescribeAddresses',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeRegions',
        'monitoring:DescribeAlarms',
        'autoscaling:DescribeAutoScalingGroups',
        'elasticloadbalancing:DescribeLoadBalancers',
    ],
    'vpc': [
        'ec2:DescribeVpcs',
        'ec2:DescribeSubnets',
        'ec2:DescribeRouteTables',
        'ec2:DescribeInternetGateways',
        'ec2:DescribeNatGateways',
        'ec2:DescribeNetworkAcls',
        'ec2:DescribeVpcPeeringConnections',
    ],
    'iam': [
        'iam:ListUsers',
        'iam:ListGroups',
        'iam:ListRoles',
        'iam:GetAccountSummary',
        'iam:ListAccountAliases',
        'iam:GetAccountPasswordPolicy',
    ],
    'home': [
        'health:DescribeEventAggregates',
        'ce:GetCostAndUsage',
        'cost-optimization-hub:ListEnrollmentStatuses',
        'notifications:ListNotificationHubs',
    ],
    'lambda': [
        'lambda:ListFunctions20150331',
        'lambda:GetAccountSettings20160819',
        'logs:DescribeLogGroups',
        'monitoring:GetMetricData',
    ],
    's3': [
        's3:ListBuckets',
        's3:GetBucketAcl',
        's3:GetBucketPolicyStatus',
        's3:GetBucketPublicAccessBlock',
    ],
    'rds': [
        'rds:DescribeDBInstances',
        'rds:DescribeDBSnapshots',
        'rds:DescribeDBEngineVersions',
        'kms:ListAliases',
    ],
}


def browse(start, actor, pages, region=US):
    """A person clicks through console pages; the pages call the services in little clusters."""
    moment = start
    for page in pages:
        moment = later(moment, 15, 150)
        for call in PAGES[page]:
            source, name = call.split(':')
            agent, params = actor.agent, ''
            if source in (
                'health',
                'ce',
                'notifications',
                'cost-optimization-hub',
                'autoscaling',
                'monitoring',
            ):
                agent = 'AWS Internal' if RNG.random() < 0.5 else actor.agent
            if source == 's3':
                agent = S3_CONSOLE
                if name != 'ListBuckets':
                    params = {
                        'bucketName': EXPORTS,
                        'Host': 's3.amazonaws.com',
                        name[9:10].lower() + name[10:]: '',
                    }
            error = (
                ('ResourceNotFoundException', None) if source == 'cost-optimization-hub' else None
            )
            emit(later(moment, 0, 2), actor, call, params, agent=agent, region=region, error=error)
    return moment


def sso_sign_in(moment, person, path, account, address, agent):
    """A sign-in by IAM Identity Center: the portal's events, then the role session's birth."""
    portal = Actor(
        account,
        {
            'type': 'IdentityCenterUser',
            'accountId': account,
            'onBehalfOf': {
                'userId': '9267a4c5-%s' % hexa(4) + '-70b1-c5d7-%s' % hexa(12),
                'identityStoreArn': 'arn:aws:identitystore::%s:identitystore/d-9367example' % PROD,
            },
            'credentialId': hexa(64),
        },
        address,
        agent,
    )
    emit(
        moment,
        portal,
        'sso:Authenticate',
        None,
        region=EU,
        kind='AwsServiceEvent',
        details={'Authenticate': 'Success'},
    )
    emit(
        later(moment, 1, 3),
        portal,
        'sso:Federate',
        None,
        region=EU,
        kind='AwsServiceEvent',
        details={'role_name': path.split('/')[-1].split('_')[1], 'account_id': account},
    )
    role = 'arn:aws:iam::%s:role/%s' % (account, path)
    saml = Actor(
        account,
        {
            'type': 'SAMLUser',
            'principalId': mixed(27) + '=:' + person,
            'userName': person,
            'identityProvider': mixed(27) + '=',
        },
        address,
        'aws-internal/3',
    )
    born = later(moment, 3, 4)
    emit(
        born,
        saml,
        'sts:AssumeRoleWithSAML',
        {
            'sAMLAssertionID': '_' + new_uuid(),
            'roleSessionName': person,
            'roleArn': role,
            'durationSeconds': 28800,
            'principalArn': 'arn:aws:iam::%s:saml-provider/AWSSSO_8a1c3e5d7b9f0246_DO_NOT_DELETE'
            % account,
        },
        {
            'credentials': {
                'accessKeyId': access_key('ASIA'),
                'sessionToken': 'HIDDEN_DUE_TO_SECURITY_REASONS',
                'expiration': spoken(born + timedelta(hours=8)),
            },
            'assumedRoleUser': {
                'assumedRoleId': '%s:%s' % (role_id(account, path), person),
                'arn': 'arn:aws:sts::%s:assumed-role/%s/%s'
                % (account, path.split('/')[-1], person),
            },
            'subject': person,
            'subjectType': 'persistent',
            'issuer': 'https://portal.sso.eu-west-1.amazonaws.com/saml/assertion/' + mixed(24),
            'audience': 'https://signin.aws.amazon.com/saml',
        },
        resources=[{'accountId': account, 'type': 'AWS::IAM::Role', 'ARN': role}],
    )
    return born


def terraform(start, account, actor, region, writes=()):
    """A plan reads what is there; an apply also writes."""
    moment = start
    emit(moment, actor, 'sts:GetCallerIdentity', None, region=region)
    reads = []
    for _ in range(5):
        reads += [
            ('ec2:DescribeVpcs', {'vpcSet': {'items': [{'vpcId': VPC[account]}]}, 'filterSet': {}}),
            (
                'ec2:DescribeVpcAttribute',
                {
                    'vpcId': VPC[account],
                    'attribute': RNG.choice(['enableDnsSupport', 'enableDnsHostnames']),
                },
            ),
            (
                'ec2:DescribeRouteTables',
                {
                    'routeTableIdSet': {'items': [{'routeTableId': 'rtb-' + hexa(17)}]},
                    'filterSet': {},
                },
            ),
            (
                'ec2:DescribeSubnets',
                {'subnetSet': {'items': [{'subnetId': RNG.choice(SUBNETS)}]}, 'filterSet': {}},
            ),
            (
                'ec2:DescribeSecurityGroups',
                {
                    'securityGroupSet': {},
                    'securityGroupIdSet': {'items': [{'groupId': RNG.choice(GROUPS)}]},
                    'filterSet': {},
                },
            ),
        ]
    for function in FUNCTIONS:
        reads += [
            ('lambda:GetFunction20150331v2', {'functionName': function}),
            ('iam:GetRole', {'roleName': function + '-role'}),
            ('iam:ListRolePolicies', {'roleName': function + '-role'}),
            ('iam:ListAttachedRolePolicies', {'roleName': function + '-role'}),
        ]
    for name in (
        'GetBucketPolicy',
        'GetBucketAcl',
        'GetBucketVersioning',
        'GetBucketEncryption',
        'GetBucketLogging',
        'GetBucketTagging',
    ):
        reads.append(
            (
                's3:' + name,
                {
                    'bucketName': EXPORTS,
                    'Host': EXPORTS + '.s3.us-east-1.amazonaws.com',
                    name[9:].lower(): '',
                },
            )
        )
    reads += [
        ('kms:DescribeKey', {'keyId': KEYS['orders']}),
        ('kms:GetKeyPolicy', {'keyId': KEYS['orders'], 'policyName': 'default'}),
        ('kms:ListAliases', {'keyId': KEYS['orders']}),
        ('route53:GetHostedZone', {'id': 'Z0123456789EXAMPLE'}),
        ('rds:DescribeDBInstances', {'dBInstanceIdentifier': 'orders'}),
        ('dynamodb:DescribeTable', {'tableName': 'orders'}),
        ('eks:DescribeCluster', {'name': 'shop'}),
        ('logs:DescribeLogGroups', {'logGroupNamePrefix': '/aws/lambda/'}),
        (
            'elasticloadbalancing:DescribeLoadBalancers',
            {
                'loadBalancerArns': [
                    'arn:aws:elasticloadbalancing:us-east-1:%s:loadbalancer/app/shop/50dc6c495c0c9188'
                    % account
                ]
            },
        ),
        ('secretsmanager:DescribeSecret', {'secretId': SECRET_ARN['prod/orders/db']}),
    ]
    for call, params in reads:
        moment = later(moment, 0.02, 0.5)
        error = None
        if call == 's3:GetBucketTagging':
            error = ('NoSuchTagSet', 'The TagSet does not exist')
        if call == 's3:GetBucketPolicy' and account == DEV:
            error = ('NoSuchBucketPolicy', 'The bucket policy does not exist')
        emit(moment, actor, call, params, region=region, error=error)
    for call, params, answer in writes:
        moment = later(moment, 0.5, 6)
        emit(moment, actor, call, params, answer, region=region)


def pipeline(clock, repository, address, work):
    """A GitHub job: a token for a role, then `work(actor, moment)`."""
    moment = at(clock, 30)
    subject = 'repo:example-corp/%s:ref:refs/heads/main' % repository
    web = Actor(
        PROD,
        {
            'type': 'WebIdentityUser',
            'principalId': '%s:sts.amazonaws.com:%s' % (GITHUB, subject),
            'userName': subject,
            'identityProvider': GITHUB,
        },
        address,
        'aws-sdk-js/3.879.0 ua/2.1 os/linux#6.11.0-1018-azure lang/js md/nodejs#20.19.5 api/sts#3.879.0 m/E',
    )
    role, session = 'arn:aws:iam::%s:role/ci-deploy' % PROD, 'GitHubActions'
    key = access_key('ASIA')
    emit(
        moment,
        web,
        'sts:AssumeRoleWithWebIdentity',
        {'roleArn': role, 'roleSessionName': session, 'durationSeconds': 3600},
        {
            'credentials': {
                'accessKeyId': key,
                'sessionToken': 'HIDDEN_DUE_TO_SECURITY_REASONS',
                'expiration': spoken(moment + timedelta(hours=1)),
            },
            'subjectFromWebIdentityToken': subject,
            'assumedRoleUser': {
                'assumedRoleId': '%s:%s' % (role_id(PROD, 'ci-deploy'), session),
                'arn': 'arn:aws:sts::%s:assumed-role/ci-deploy/%s' % (PROD, session),
            },
            'provider': GITHUB,
            'audience': 'sts.amazonaws.com',
        },
        resources=[{'accountId': PROD, 'type': 'AWS::IAM::Role', 'ARN': role}],
    )
    work(
        assumed(PROD, 'ci-deploy', session, moment, address, 'runner', oidc=GITHUB, key=key),
        later(moment, 2, 6),
    )


def release(actor, moment):
    cli(moment, actor, 'sts.get-caller-identity', params=None)
    cli(later(moment, 2, 5), actor, 'ecr.get-login-password', params=None)
    for number in range(RNG.randrange(3, 6)):
        emit(
            later(moment, 8 + 5 * number, 12 + 5 * number),
            actor.using(
                'docker/28.0.4 go/go1.23.7 git-commit/6430e49 kernel/6.11.0-1018-azure os/linux arch/amd64'
            ),
            'ecr:'
            + [
                'InitiateLayerUpload',
                'UploadLayerPart',
                'CompleteLayerUpload',
                'PutImage',
                'BatchCheckLayerAvailability',
            ][number],
            {'registryId': PROD, 'repositoryName': 'shop/checkout'},
        )
    cli(later(moment, 45, 50), actor, 'eks.update-kubeconfig', params={'name': 'shop'})
    boto = actor.using(BOTO_CI)
    emit(
        later(moment, 50, 60),
        boto,
        'lambda:GetFunction20150331v2',
        {'functionName': 'order-intake'},
    )
    emit(
        later(moment, 60, 70),
        boto,
        'lambda:UpdateFunctionCode20150331v2',
        {
            'functionName': 'order-intake',
            's3Bucket': 'example-corp-artifacts',
            's3Key': 'order-intake/%s.zip' % hexa(40),
            'publish': False,
            'dryRun': False,
        },
        {
            'functionName': 'order-intake',
            'functionArn': 'arn:aws:lambda:us-east-1:%s:function:order-intake' % PROD,
            'runtime': 'python3.12',
            'handler': 'app.handler',
            'codeSize': RNG.randrange(900000, 1200000),
            'memorySize': 256,
            'timeout': 30,
            'lastUpdateStatus': 'InProgress',
        },
    )


def people():
    mary = 'mary.major@example.com'
    born = sso_sign_in(at('07:51:12'), mary, SSO_ADMIN, PROD, OFFICE, CHROME)
    admin = assumed(PROD, SSO_ADMIN, mary, born, OFFICE, CHROME, console=True, mfa=False)
    browse(at('07:52'), admin, ['home', 'ec2', 'iam', 'lambda', 's3'])
    browse(at('10:34'), admin, ['vpc', 'ec2', 'rds'])
    browse(at('14:58'), admin, ['iam', 'ec2'])

    nikki = iam_user(PROD, 'nikki.wolf', OFFICE, FIREFOX)
    console_login(at('08:22:40'), nikki, ok=False)
    console_login(at('08:23:05'), nikki)
    seen = iam_user(
        PROD, 'nikki.wolf', OFFICE, FIREFOX, session=at('08:23:05'), mfa=True, console=True
    )
    browse(at('08:24'), seen, ['home', 'rds', 'lambda'])
    browse(at('13:03'), seen, ['lambda', 's3', 'ec2'])
    shell = seen.using('cloudshell', '198.51.100.180')
    for step, command in enumerate(
        [
            'sts.get-caller-identity',
            'lambda.list-functions',
            'logs.tail',
            'logs.tail',
            'cloudwatch.describe-alarms',
        ]
    ):
        cli(
            at('13:10', 20) + timedelta(seconds=40 * step),
            shell,
            command,
            params=None if command.startswith('sts') else '',
        )

    pat = iam_user(DEV, 'pat.candella', HOME_C, EDGE)
    console_login(at('09:02:11'), pat, mfa=False)
    seen = iam_user(DEV, 'pat.candella', HOME_C, EDGE, session=at('09:02:11'), console=True)
    browse(at('09:03'), seen, ['home', 'ec2', 'vpc', 's3'])
    emit(
        at('09:11:31'),
        seen,
        'iam:CreateUser',
        {'userName': 'tmp-load-test', 'tags': [{'key': 'owner', 'value': 'Márcia Oliveira'}]},
        error=denial(seen, 'iam', 'CreateUser', 'arn:aws:iam::%s:user/tmp-load-test' % DEV),
    )
    root = Actor(
        PROD,
        {
            'type': 'Root',
            'principalId': PROD,
            'arn': 'arn:aws:iam::%s:root' % PROD,
            'accountId': PROD,
            'accessKeyId': '',
        },
        '192.0.2.93',
        CHROME,
    )
    console_login(at('05:01:20'), root, mfa=False, ok=False)

    # Everyday use of the CLI, in every generation of its user agent.
    for clock, actor, commands in (
        (
            '06:47',
            iam_user(PROD, 'svc-backup', BACKUP_HOST, 'v1new'),
            ['s3.ls', 's3api.list-buckets', 'rds.describe-db-instances'],
        ),
        (
            '08:40',
            iam_user(PROD, 'john.stiles', HOME_A, 'noprompt'),
            ['sts.get-caller-identity', 's3.ls', 'ec2.describe-instances', 'ec2.describe-vpcs'],
        ),
        (
            '09:15',
            iam_user(PROD, 'arnav.desai', OFFICE, 'brew'),
            ['sts.get-caller-identity', 'eks.update-kubeconfig', 'ecs.list-clusters'],
        ),
        (
            '10:02',
            iam_user(DEV, 'terry.whitlock', HOME_B, 'first'),
            ['ec2.describe-instances', 'ec2.describe-security-groups', 's3.ls'],
        ),
        (
            '11:22',
            iam_user(PROD, 'li.juan', OFFICE, 'new57'),
            ['sts.get-caller-identity', 'dynamodb.list-tables', 'logs.tail', 'logs.tail'],
        ),
        (
            '12:11',
            assumed(DEV, SSO_ADMIN, mary, at('11:58:02'), OFFICE, 'newmac'),
            ['sts.get-caller-identity', 'iam.list-roles', 'organizations.list-accounts'],
        ),
        (
            '13:20',
            iam_user(PROD, 'svc-deploy', '198.51.100.71', 'runner'),
            ['sts.get-caller-identity', 'ecr.get-login-password', 's3api.list-buckets'],
        ),
        (
            '15:37',
            iam_user(PROD, 'saanvi.sarkar', HOME_A, 'new22'),
            [
                'ec2.describe-instances',
                'cloudwatch.describe-alarms',
                'elbv2.describe-load-balancers',
            ],
        ),
        (
            '16:05',
            iam_user(PROD, 'john.stiles', HOME_A, 'noprompt'),
            ['s3.ls', 'iam.list-mfa-devices'],
        ),
        (
            '17:12',
            iam_user(PROD, 'svc-backup', BACKUP_HOST, 'v1new'),
            ['s3.ls', 'rds.describe-db-instances', 'rds.describe-db-instances'],
        ),
        (
            '18:20',
            iam_user(PROD, 'arnav.desai', HOME_B, 'brew'),
            ['eks.update-kubeconfig', 'logs.tail', 'logs.tail', 'lambda.list-functions'],
        ),
    ):
        moment = at(clock, 50)
        for command in commands:
            region = EU if actor.account == DEV and RNG.random() < 0.3 else US
            error = None
            if command == 'iam.list-mfa-devices':
                error = denial(actor, 'iam', 'ListMFADevices', 'user john.stiles')
            if command == 'organizations.list-accounts':
                error = denial(actor, 'organizations', 'ListAccounts')
            cli(moment, actor, command, region=region, error=error)
            moment = later(moment, 6, 95)

    # User agents nobody expects: none, empty, a made-up one, a false command injected before the true one.
    odd = iam_user(PROD, 'svc-partner-feed', '203.0.113.160', '')
    for clock, agent in (
        ('07:33:10', ''),
        ('07:33:12', '-'),
        ('07:33:15', 'partner-feed (contact: ops@example.com)'),
        ('07:33:21', 'curl/8.5.0'),
    ):
        emit(
            at(clock),
            odd,
            's3:ListObjects',
            {
                'bucketName': 'example-corp-partner',
                'Host': 'example-corp-partner.s3.amazonaws.com',
                'prefix': 'in/',
            },
            agent=agent,
            data=True,
        )
    record = emit(at('07:33:30'), odd, 'sts:GetCallerIdentity', None)
    del record['userAgent']
    cli(
        at('11:23:50'),
        iam_user(
            PROD,
            'li.juan',
            OFFICE,
            CLI['new57']
            .replace(' cfg/', ' exec-env/nightly md/command#s3.ls cfg/')
            .format('iam.list-users'),
        ),
        'iam.list-users',
    )
    emit(
        at('16:31:02'),
        iam_user(
            PROD, 'john.stiles', HOME_A, 'aws-cli/2.28.1 Python/3.13.5 Darwin/24.5.0 source/arm64 '
        ),
        'sts:GetCallerIdentity',
        None,
    )

    bucket = 'example-corp-artifacts-' + hexa(6)
    applied = [
        (
            's3:CreateBucket',
            {'bucketName': bucket, 'Host': bucket + '.s3.us-east-1.amazonaws.com'},
            None,
        ),
        (
            'ec2:CreateTags',
            {
                'resourcesSet': {'items': [{'resourceId': SUBNETS[0]}]},
                'tagSet': {'items': [{'key': 'tier', 'value': 'private'}]},
            },
            {'requestId': new_uuid(), '_return': True},
        ),
        (
            'iam:CreateRole',
            {
                'roleName': 'stock-sync-v2-role',
                'path': '/',
                'assumeRolePolicyDocument': '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
            },
            {
                'role': {
                    'path': '/',
                    'roleName': 'stock-sync-v2-role',
                    'roleId': principal('AROA'),
                    'arn': 'arn:aws:iam::%s:role/stock-sync-v2-role' % PROD,
                    'createDate': spoken(at('12:30:40')),
                }
            },
        ),
        (
            'iam:AttachRolePolicy',
            {
                'roleName': 'stock-sync-v2-role',
                'policyArn': 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
            },
            None,
        ),
    ]
    for clock, repository, writes in (
        ('06:16', 'infrastructure', ()),
        ('08:46', 'infrastructure', ()),
        ('12:31', 'infrastructure', applied),
        ('16:16', 'infrastructure', ()),
    ):
        pipeline(
            clock,
            repository,
            '198.51.100.%d' % RNG.randrange(66, 78),
            lambda actor, moment, writes=writes: terraform(
                moment, PROD, actor.using('terraform'), US, writes
            ),
        )
    for clock in ('07:46', '09:31', '11:01', '13:31', '15:46', '18:01'):
        pipeline(clock, 'shop', '198.51.100.%d' % RNG.randrange(66, 78), release)
    person = iam_user(DEV, 'terry.whitlock', HOME_B, 'terraform')
    terraform(at('10:16', 20), DEV, person, EU)
    terraform(at('14:01', 20), DEV, person, EU)
    terraform(at('11:31', 20), PROD, iam_user(PROD, 'mateo.jackson', OFFICE, 'terraform'), EU)

    # The development account runs a few things of its own.
    for clock in ('07:02', '09:03', '11:03', '13:03', '15:03', '17:03'):
        moment = at(clock, 20)
        assume_by_service(
            moment, DEV, 'lambda.amazonaws.com', 'service-role/nightly-role', 'nightly'
        )
        who = assumed(DEV, 'service-role/nightly-role', 'nightly', moment, DEV_NAT, BOTO_LAMBDA)
        emit(
            later(moment, 1, 4),
            who,
            'logs:CreateLogStream',
            {
                'logGroupName': '/aws/lambda/nightly',
                'logStreamName': '2025/10/14/[$LATEST]' + hexa(32),
            },
        )
        for number in range(6):
            error = ('ThrottlingException', 'Rate exceeded') if number > 3 else None
            emit(
                later(moment, 4 + number, 5 + number),
                who,
                'ssm:GetParameter',
                {'name': '/dev/flags', 'withDecryption': True},
                error=error,
            )
        kms(
            later(moment, 5, 6),
            acting_for(who, 'ssm.amazonaws.com'),
            'Decrypt',
            'ebs',
            {'PARAMETER_ARN': 'arn:aws:ssm:us-east-1:%s:parameter/dev/flags' % DEV},
        )
