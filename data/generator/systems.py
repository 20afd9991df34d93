"""The part of a normal day that no person types: functions, the cluster, AWS's own services."""
from datetime import timedelta

from generator.trail import *


def beats():
    """The times at which the systems of the company are busy: each quarter hour by day, hourly at night."""
    for minute in range(0, 24 * 60, 15):
        if 6 * 60 <= minute < 20 * 60 or minute % 60 == 0:
            yield DAY + timedelta(minutes=minute + 2)


def assume_by_service(moment, account, name, path, session, region=US):
    role = 'arn:aws:iam::%s:role/%s' % (account, path)
    emit(
        moment,
        service(account, name),
        'sts:AssumeRole',
        {'roleArn': role, 'roleSessionName': session},
        {
            'credentials': {
                'accessKeyId': access_key('ASIA'),
                'sessionToken': 'HIDDEN_DUE_TO_SECURITY_REASONS',
                'expiration': spoken(moment + timedelta(hours=1)),
            },
            'assumedRoleUser': {
                'assumedRoleId': '%s:%s' % (role_id(account, path), session),
                'arn': 'arn:aws:sts::%s:assumed-role/%s/%s'
                % (account, path.split('/')[-1], session),
            },
        },
        region=region,
        resources=[{'accountId': account, 'type': 'AWS::IAM::Role', 'ARN': role}],
        shared=new_uuid(),
    )


def kms(moment, actor, name, key, context, region=US):
    arn = key_arn(key, actor.account, region)
    params = {'encryptionContext': context}
    if name == 'GenerateDataKey':
        params = {'keyId': arn, 'encryptionContext': context, 'keySpec': 'AES_256'}
    else:
        params['encryptionAlgorithm'] = 'SYMMETRIC_DEFAULT'
    emit(
        moment,
        actor,
        'kms:' + name,
        params,
        region=region,
        resources=[{'accountId': actor.account, 'type': 'AWS::KMS::Key', 'ARN': arn}],
    )


def background_lambda():
    for beat in beats():
        for function in RNG.sample(FUNCTIONS, 2 if 6 <= beat.hour < 20 else 1):
            moment = later(beat, 0, 120)
            assume_by_service(
                moment, PROD, 'lambda.amazonaws.com', 'service-role/%s-role' % function, function
            )
            who = assumed(
                PROD, 'service-role/%s-role' % function, function, moment, EKS_NAT, BOTO_LAMBDA
            )
            emit(
                later(moment, 0, 1),
                acting_for(who, 'lambda.amazonaws.com'),
                'kms:Decrypt',
                {
                    'encryptionContext': {
                        'aws:lambda:FunctionArn': 'arn:aws:lambda:us-east-1:%s:function:%s'
                        % (PROD, function)
                    },
                    'encryptionAlgorithm': 'SYMMETRIC_DEFAULT',
                },
                resources=[{'accountId': PROD, 'type': 'AWS::KMS::Key', 'ARN': key_arn('orders')}],
            )
            emit(
                later(moment, 1, 3),
                who,
                'logs:CreateLogStream',
                {
                    'logGroupName': '/aws/lambda/' + function,
                    'logStreamName': '%s/[$LATEST]%s' % (moment.strftime('%Y/%m/%d'), hexa(32)),
                },
                agent='awslambda-worker/1.0 rusoto/0.48.0 rust/1.89.0 linux',
            )
            if function in ('order-intake', 'mail-out'):
                secret = 'prod/orders/db' if function == 'order-intake' else 'prod/mail/smtp'
                read = later(moment, 1, 4)
                emit(read, who, 'secretsmanager:GetSecretValue', {'secretId': secret})
                kms(
                    read,
                    acting_for(who, 'secretsmanager.amazonaws.com'),
                    'Decrypt',
                    'secrets',
                    {
                        'SecretARN': SECRET_ARN[secret],
                        'SecretVersionId': '7d1f0c64-2b1e-4a58-9c3e-5a0b6f2d8e17',
                    },
                )


def background_eks():
    node = 'eks-nodes'
    for number, beat in enumerate(beats()):
        if number % 2 and not 8 <= beat.hour < 18:
            continue
        instance = RNG.choice(INSTANCES)
        born = beat - timedelta(hours=1 + RNG.randrange(4), seconds=RNG.randrange(3000))
        who = assumed(PROD, node, instance, born, EKS_NAT, VPC_CNI, from_instance=True)
        emit(
            later(beat, 0, 100),
            who,
            'ec2:DescribeNetworkInterfaces',
            {
                'maxResults': 1000,
                'networkInterfaceIdSet': {},
                'filterSet': {
                    'items': [
                        {
                            'name': 'tag:node.k8s.amazonaws.com/instance_id',
                            'valueSet': {'items': [{'value': instance}]},
                        }
                    ]
                },
            },
        )
        if number % 3 == 0:
            emit(
                later(beat, 0, 150),
                who.using(SSM_AGENT),
                'ssm:UpdateInstanceInformation',
                {
                    'instanceId': instance,
                    'agentVersion': '3.3.2746.0',
                    'agentStatus': 'Active',
                    'platformType': 'Linux',
                    'platformName': 'Amazon Linux',
                    'platformVersion': '2023',
                    'iPAddress': '10.20.%d.%d' % (RNG.randrange(8), RNG.randrange(4, 250)),
                    'computerName': 'ip-10-20-4-17.ec2.internal',
                    'agentName': 'amazon-ssm-agent',
                    'availabilityZone': 'us-east-1b',
                    'availabilityZoneId': 'use1-az2',
                    'sSMConnectionChannel': 'ssmmessages',
                },
            )
        moment = later(beat, 10, 170)
        session = str(int(moment.timestamp() * 1000000000))
        account = 'system:serviceaccount:shop:' + RNG.choice(['checkout', 'catalogue', 'stock'])
        web = Actor(
            PROD,
            {
                'type': 'WebIdentityUser',
                'principalId': '%s:%s:%s' % (EKS_OIDC, 'sts.amazonaws.com', account),
                'userName': account,
                'identityProvider': EKS_OIDC,
            },
            EKS_NAT,
            JAVA_SDK,
        )
        emit(
            moment,
            web,
            'sts:AssumeRoleWithWebIdentity',
            {
                'roleArn': 'arn:aws:iam::%s:role/eks/shop' % PROD,
                'roleSessionName': 'aws-sdk-java-' + session[:13],
            },
            {
                'credentials': {
                    'accessKeyId': access_key('ASIA'),
                    'sessionToken': 'HIDDEN_DUE_TO_SECURITY_REASONS',
                    'expiration': spoken(moment + timedelta(hours=1)),
                },
                'subjectFromWebIdentityToken': account,
                'assumedRoleUser': {
                    'assumedRoleId': '%s:aws-sdk-java-%s'
                    % (role_id(PROD, 'eks/shop'), session[:13]),
                    'arn': 'arn:aws:sts::%s:assumed-role/shop/aws-sdk-java-%s'
                    % (PROD, session[:13]),
                },
                'provider': EKS_OIDC,
                'audience': 'sts.amazonaws.com',
            },
            resources=[
                {
                    'accountId': PROD,
                    'type': 'AWS::IAM::Role',
                    'ARN': 'arn:aws:iam::%s:role/eks/shop' % PROD,
                }
            ],
        )
        shop = assumed(
            PROD,
            'eks/shop',
            'aws-sdk-java-' + session[:13],
            moment,
            EKS_NAT,
            JAVA_SDK,
            oidc=EKS_OIDC,
        )
        kms(
            later(moment, 1, 5),
            acting_for(shop, 'dynamodb.amazonaws.com'),
            'Decrypt',
            'orders',
            {'aws:dynamodb:tableName': 'orders', 'aws:dynamodb:subscriberId': PROD},
        )
        if number % 4 == 0:
            pull = later(beat, 20, 160)
            emit(pull, who.using('containerd/1.7.28'), 'ecr:GetAuthorizationToken', None)
            for _ in range(2):
                emit(
                    later(pull, 1, 4),
                    who.using('containerd/1.7.28'),
                    'ecr:BatchGetImage',
                    {
                        'registryId': PROD,
                        'repositoryName': 'shop/checkout',
                        'imageIds': [{'imageTag': '2025.10.%d' % RNG.randrange(1, 14)}],
                        'acceptedMediaTypes': ['application/vnd.oci.image.manifest.v1+json'],
                    },
                    resources=[
                        {
                            'accountId': PROD,
                            'ARN': 'arn:aws:ecr:us-east-1:%s:repository/shop/checkout' % PROD,
                        }
                    ],
                )
        if number % 5 == 0:
            kar = assumed(PROD, 'eks/karpenter', session, moment, EKS_NAT, KARPENTER, oidc=EKS_OIDC)
            for name in (
                'DescribeSubnets',
                'DescribeSecurityGroups',
                'DescribeImages',
                'DescribeInstanceTypeOfferings',
            ):
                emit(later(beat, 5, 60), kar, 'ec2:' + name)


def background_services():
    config = 'aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig'
    scaling = 'aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling'
    for number, beat in enumerate(beats()):
        emit(
            later(beat, 0, 100),
            service(PROD, 'cloudtrail.amazonaws.com'),
            's3:GetBucketAcl',
            {
                'bucketName': LOG_BUCKET,
                'Host': LOG_BUCKET + '.s3.us-east-1.amazonaws.com',
                'acl': '',
            },
            resources=[
                {'accountId': PROD, 'type': 'AWS::S3::Bucket', 'ARN': 'arn:aws:s3:::' + LOG_BUCKET}
            ],
            shared=new_uuid(),
        )
        assume_by_service(
            later(beat, 0, 100), PROD, 'ec2.amazonaws.com', 'eks-nodes', RNG.choice(INSTANCES)
        )
        if number % 2 == 0:
            who = assumed(
                PROD,
                scaling,
                'AutoScaling',
                beat - timedelta(minutes=7),
                '',
                '',
                invoked_by='autoscaling.amazonaws.com',
            )
            emit(
                later(beat, 0, 150),
                who,
                'ec2:DescribeInstanceStatus',
                {
                    'instancesSet': {'items': [{'instanceId': RNG.choice(INSTANCES)}]},
                    'filterSet': {},
                    'includeAllInstances': True,
                },
            )
            emit(
                later(beat, 0, 150),
                service(PROD, 'delivery.logs.amazonaws.com'),
                'logs:CreateLogStream',
                {
                    'forAccount': PROD,
                    'logGroupName': '/vpc/flow',
                    'logStreamName': 'eni-%s-all' % hexa(17),
                },
                shared=new_uuid(),
            )
        if number % 6 == 0:
            who = assumed(
                PROD, config, 'AWSConfig-Describe', beat, '', '', invoked_by='config.amazonaws.com'
            )
            for call in RNG.sample(
                [
                    'ec2:DescribeVpcs',
                    'ec2:DescribeSubnets',
                    'ec2:DescribeSecurityGroups',
                    'ec2:DescribeRouteTables',
                    'iam:ListRoles',
                    'iam:ListUsers',
                    'kms:ListKeys',
                    's3:ListBuckets',
                    'rds:DescribeDBInstances',
                    'lambda:ListFunctions20150331',
                    'elasticloadbalancing:DescribeLoadBalancers',
                ],
                5,
            ):
                emit(later(beat, 0, 60), who, call)
        if number % 8 == 3:
            web = service(PROD, 'elasticloadbalancing.amazonaws.com')
            kms(
                later(beat, 0, 90),
                web,
                'GenerateDataKey',
                'exports',
                {'aws:s3:arn': 'arn:aws:s3:::example-corp-alb-logs'},
            )
        if number % 5 == 2:
            ecs = assumed(PROD, 'ecs/reporting-task', hexa(32), beat, EKS_NAT, NODE_SDK)
            ecs.endpoint = 'vpce-0c4d8f1a2b6e73950'
            table = {'tableName': 'report-runs', 'key': {'id': 'HIDDEN_DUE_TO_SECURITY_REASONS'}}
            for name in ('GetItem', 'PutItem', 'Query'):
                emit(
                    later(beat, 0, 100),
                    ecs,
                    'dynamodb:' + name,
                    dict(table),
                    data=True,
                    resources=[
                        {
                            'accountId': PROD,
                            'type': 'AWS::DynamoDB::Table',
                            'ARN': 'arn:aws:dynamodb:us-east-1:%s:table/report-runs' % PROD,
                        }
                    ],
                )
        if number % 3 == 1:
            key = 'daily/2025/10/14/%s.csv' % hexa(8)
            who = assumed(
                PROD,
                'service-role/invoice-render-role',
                'invoice-render',
                beat,
                EKS_NAT,
                BOTO_LAMBDA,
            )
            for name in ('PutObject', 'GetObject'):
                emit(
                    later(beat, 0, 100),
                    who,
                    's3:' + name,
                    {
                        'bucketName': EXPORTS,
                        'Host': EXPORTS + '.s3.us-east-1.amazonaws.com',
                        'key': key,
                    },
                    data=True,
                    answer={'x-amz-server-side-encryption': 'aws:kms'}
                    if name == 'PutObject'
                    else None,
                    resources=[
                        {'type': 'AWS::S3::Object', 'ARN': 'arn:aws:s3:::%s/%s' % (EXPORTS, key)},
                        {
                            'accountId': PROD,
                            'type': 'AWS::S3::Bucket',
                            'ARN': 'arn:aws:s3:::' + EXPORTS,
                        },
                    ],
                )
    rotation = Actor(
        PROD,
        {'accountId': PROD, 'invokedBy': 'secretsmanager.amazonaws.com'},
        'secretsmanager.amazonaws.com',
        'secretsmanager.amazonaws.com',
        tls=False,
    )
    for name, clock in (('RotationStarted', '03:03:01'), ('RotationSucceeded', '03:03:29')):
        emit(
            at(clock),
            rotation,
            'secretsmanager:' + name,
            None,
            kind='AwsServiceEvent',
            details={'secretId': SECRET_ARN['prod/reporting/db'], 'createdDate': spoken(at(clock))},
        )
    emit(
        at('04:04:11'),
        Actor(
            PROD,
            {'accountId': PROD, 'invokedBy': 'kms.amazonaws.com'},
            'kms.amazonaws.com',
            'kms.amazonaws.com',
            tls=False,
        ),
        'kms:RotateKey',
        None,
        kind='AwsServiceEvent',
        details={'rotationType': 'AUTOMATIC', 'keyId': KEYS['ebs']},
    )
    for clock in ('06:48', '12:19', '18:33'):
        moment = at(clock, 60)
        emit(
            moment,
            Actor(
                PROD,
                {'accountId': PROD, 'invokedBy': 'ec2.amazonaws.com'},
                'ec2.amazonaws.com',
                'ec2.amazonaws.com',
                tls=False,
            ),
            'ec2:BidEvictedEvent',
            None,
            kind='AwsServiceEvent',
            details={'instanceIdSet': [RNG.choice(INSTANCES)]},
        )
    # A monitoring vendor reads the account through a role of its own account.
    for clock in ('06:31', '09:46', '13:16', '17:31'):
        moment = at(clock, 40)
        vendor = Actor(
            PROD,
            {
                'type': 'AWSAccount',
                'principalId': 'AROAQ3EGZ7VENDOREXAMPLE:metrics',
                'accountId': VENDOR,
            },
            '198.51.100.140',
            'aws-sdk-go-v2/1.32.6 ua/2.1 os/linux lang/go#1.23.4 md/GOOS#linux md/GOARCH#amd64 api/sts#1.33.2',
        )
        role = 'arn:aws:iam::%s:role/vendor-metrics' % PROD
        emit(
            moment,
            vendor,
            'sts:AssumeRole',
            {'roleArn': role, 'roleSessionName': 'metrics', 'externalId': 'c0ffee00-1d2e'},
            {
                'credentials': {
                    'accessKeyId': access_key('ASIA'),
                    'sessionToken': 'HIDDEN_DUE_TO_SECURITY_REASONS',
                    'expiration': spoken(moment + timedelta(hours=1)),
                },
                'assumedRoleUser': {
                    'assumedRoleId': role_id(PROD, 'vendor-metrics') + ':metrics',
                    'arn': 'arn:aws:sts::%s:assumed-role/vendor-metrics/metrics' % PROD,
                },
            },
            resources=[{'accountId': PROD, 'type': 'AWS::IAM::Role', 'ARN': role}],
            shared=new_uuid(),
        )
        who = assumed(
            PROD,
            'vendor-metrics',
            'metrics',
            moment,
            '198.51.100.140',
            vendor.agent.replace('sts#1.33.2', 'cloudwatch#1.43.4'),
        )
        for _ in range(3):
            emit(
                later(moment, 1, 20),
                who,
                'monitoring:' + RNG.choice(['ListMetrics', 'DescribeAlarms', 'GetMetricData']),
                None,
            )
    # Strangers try the bucket with the customer exports.
    nobody = Actor(
        PROD,
        {'type': 'AWSAccount', 'principalId': '', 'accountId': 'anonymous'},
        '192.0.2.77',
        '[Go-http-client/1.1]',
    )
    for clock, key in (('07:17:40', '.env'), ('07:17:41', 'backup.zip'), ('07:17:43', 'db.sql.gz')):
        emit(
            at(clock),
            nobody,
            's3:GetObject',
            {'bucketName': EXPORTS, 'Host': EXPORTS + '.s3.amazonaws.com', 'key': key},
            error=('AccessDenied', 'Access Denied'),
            data=True,
            extra={'AuthenticationMethod': 'None', 'SignatureVersion': ''},
            resources=[
                {'type': 'AWS::S3::Object', 'ARN': 'arn:aws:s3:::%s/%s' % (EXPORTS, key)},
                {'accountId': PROD, 'type': 'AWS::S3::Bucket', 'ARN': 'arn:aws:s3:::' + EXPORTS},
            ],
        )
