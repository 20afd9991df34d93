"""What a CloudTrail record is made of: invented values, clients, actors, and emit(), which adds one.

Everything random comes from RNG, in the order of the calls: the same program gives the same trail.
"""
import json
import random
import uuid
from datetime import datetime, timedelta, timezone

RNG = random.Random(20251014)
DAY = datetime(2025, 10, 14, tzinfo=timezone.utc)

PROD, DEV, VENDOR = '111122223333', '444455556666', '777788889999'
US, EU = 'us-east-1', 'eu-west-1'
OFFICE, HOME_A, HOME_B, HOME_C = '203.0.113.24', '203.0.113.77', '203.0.113.118', '198.51.100.201'
BACKUP_HOST, LEGACY_HOST, EKS_NAT, DEV_NAT = (
    '203.0.113.50',
    '198.51.100.23',
    '198.51.100.10',
    '198.51.100.11',
)
ATTACKER, ATTACKER_2 = '192.0.2.146', '192.0.2.201'

# ---- values AWS makes up ------------------------------------------------------------------------


def letters(count, alphabet='ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'):
    return ''.join(alphabet[RNG.randrange(len(alphabet))] for _ in range(count))


def hexa(count):
    return letters(count, '0123456789abcdef')


def mixed(count):
    return letters(count, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')


def new_uuid():
    return str(uuid.UUID(int=RNG.getrandbits(128), version=4))


def access_key(prefix):
    return prefix + letters(9) + 'EXAMPLE'


def principal(prefix):
    return prefix + letters(10) + 'EXAMPLE'


def at(clock, jitter=0.0):
    """'13:41:04' -> that time of the day, up to `jitter` seconds later."""
    parts = [int(part) for part in clock.split(':')] + [0, 0]
    return DAY + timedelta(
        hours=parts[0], minutes=parts[1], seconds=parts[2] + RNG.random() * jitter
    )


def later(moment, least, most):
    return moment + timedelta(seconds=least + RNG.random() * (most - least))


def iso(moment):
    return moment.strftime('%Y-%m-%dT%H:%M:%SZ')


def spoken(moment):
    """The form in which CloudTrail writes times inside requests and answers."""
    hour = moment.hour % 12 or 12
    return '%s %d, %d, %d:%02d:%02d %s' % (
        moment.strftime('%b'),
        moment.day,
        moment.year,
        hour,
        moment.minute,
        moment.second,
        moment.strftime('%p'),
    )


def json_text(statements):
    """A policy as it stands in a request."""
    return json.dumps({'Version': '2012-10-17', 'Statement': statements}, separators=(',', ':'))


# ---- clients ------------------------------------------------------------------------------------
# '{}' is where the AWS CLI names its command; version 1 never names one.

CLI = {
    'kali': 'aws-cli/2.12.0 Python/3.11.4 Linux/6.5.0-kali3-amd64 source/x86_64.kali.2023 prompt/off command/{}',
    'debian': 'aws-cli/2.9.19 Python/3.11.2 Linux/6.1.0-40-amd64 source/x86_64.debian.12 prompt/off command/{}',
    'brew': 'aws-cli/2.13.30 Python/3.11.6 Darwin/24.6.0 source/arm64 prompt/off command/{}',
    'windows': 'aws-cli/2.15.38 Python/3.11.8 Windows/10 exe/AMD64 prompt/off command/{}',
    'ubuntu': 'aws-cli/2.11.21 Python/3.11.3 Linux/6.8.0-85-generic exe/x86_64.ubuntu.24 prompt/off command/{}',
    'noprompt': 'aws-cli/2.0.50 Python/3.7.3 Linux/5.4.0-216-generic exe/x86_64.ubuntu.20 command/{}',
    'first': 'aws-cli/2.1.30 Python/3.8.8 Linux/4.15.0-213-generic exe/x86_64.ubuntu.18 prompt/off command/{}',
    'new57': 'aws-cli/2.15.57 Python/3.11.8 ua/2.0 os/linux#6.8.0-1021-aws md/arch#x86_64 lang/python#3.11.8 '
    'md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.22 md/prompt#off md/command#{}',
    'new22': 'aws-cli/2.22.35 md/awscrt#0.23.4 ua/2.0 os/windows#2022Server md/arch#amd64 lang/python#3.12.6 '
    'md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#{}',
    'new27': 'aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/linux#6.12.33-cloud-amd64 md/arch#x86_64 lang/python#3.13.4 '
    'md/pyimpl#CPython m/E,Z,b,N cfg/retry-mode#standard md/installer#exe sid/8c1f0e6a27d3 md/distrib#kali.2025 '
    'md/prompt#off md/command#{}',
    'newmac': 'aws-cli/2.31.13 md/awscrt#0.27.6 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.8 '
    'md/pyimpl#CPython m/Z,b,E,t cfg/retry-mode#standard md/installer#source sid/5f3c0a9be127 md/prompt#off md/command#{}',
    'runner': 'aws-cli/2.31.11 md/awscrt#0.27.6 ua/2.1 os/linux#6.11.0-1018-azure md/arch#x86_64 lang/python#3.13.7 '
    'md/pyimpl#CPython exec-env/GitHub_Actions m/b,E,Z,g cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.24 '
    'md/prompt#off md/command#{}',
    'cloudshell': 'aws-cli/2.31.10 md/awscrt#0.27.6 ua/2.1 os/linux#6.1.153-175.280.amzn2023.x86_64 md/arch#x86_64 '
    'lang/python#3.13.7 md/pyimpl#CPython exec-env/CloudShell m/C,E,Z,b cfg/retry-mode#standard md/installer#exe '
    'md/distrib#amzn.2023 md/prompt#off md/command#{}',
    'v1amazon': 'aws-cli/1.18.147 Python/2.7.18 Linux/4.14.355-280.664.amzn2.x86_64 botocore/1.18.6',
    'v1ubuntu': 'aws-cli/1.22.34 Python/3.10.12 Linux/5.15.167.4-microsoft-standard-WSL2 botocore/1.23.34',
    'v1new': 'aws-cli/1.42.44 md/Botocore#1.40.44 ua/2.1 os/linux#6.1.0-40-amd64 md/arch#x86_64 lang/python#3.11.2 '
    'md/pyimpl#CPython m/N,b cfg/retry-mode#legacy botocore/1.40.44',
}
CHROME = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36'
FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0'
EDGE = (
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 '
    'Safari/537.36 Edg/140.0.0.0'
)
TERRAFORM = (
    'APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.94.1 '
    '(+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.23.8 '
    'md/GOOS#linux md/GOARCH#amd64 api/{}#{} m/E,b'
)
GO_API = {
    'ec2': '1.211.3',
    'iam': '1.41.1',
    's3': '1.79.1',
    'sts': '1.33.18',
    'kms': '1.38.1',
    'rds': '1.94.4',
    'lambda': '1.71.2',
    'dynamodb': '1.42.1',
    'logs': '1.47.3',
    'route53': '1.50.0',
    'eks': '1.64.0',
    'elasticloadbalancing': '1.45.2',
    'secretsmanager': '1.35.3',
    'ecr': '1.43.3',
}
BOTO_LAMBDA = (
    'Boto3/1.40.4 md/Botocore#1.40.4 ua/2.1 os/linux#5.10.240-252.962.amzn2.x86_64 md/arch#x86_64 '
    'lang/python#3.12.11 md/pyimpl#CPython exec-env/AWS_Lambda_python3.12 m/Z,b cfg/retry-mode#legacy Botocore/1.40.4'
)
BOTO_CI = (
    'Boto3/1.34.162 md/Botocore#1.34.162 ua/2.0 os/linux#6.11.0-1018-azure md/arch#x86_64 lang/python#3.11.13 '
    'md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.162'
)
NODE_SDK = 'aws-sdk-js/3.873.0 ua/2.1 os/linux#6.1.148 lang/js md/nodejs#20.19.4 api/dynamodb#3.873.0 m/E,T exec-env/AWS_ECS_FARGATE'
JAVA_SDK = (
    'aws-sdk-java/2.31.78 md/io#sync md/http#Apache ua/2.1 api/SQS#2.31.x os/Linux#6.1.148-173.267.amzn2023.x86_64 '
    'lang/java#21.0.8 md/OpenJDK_64-Bit_Server_VM#21.0.8+9-LTS md/vendor#Amazon.com_Inc. md/en m/D,N,i'
)
VPC_CNI = 'amazon-vpc-cni-k8s/version/v1.19.5 aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.23.8 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.211.3 m/g'
KARPENTER = 'aws-sdk-go-v2/1.38.1 ua/2.1 os/linux lang/go#1.24.6 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.245.2 m/C,g,u app/karpenter-v1.6.3'
SSM_AGENT = 'aws-sdk-go/1.55.7 (go1.23.12; linux; amd64) amazon-ssm-agent/3.3.2746.0'
S3_CONSOLE = (
    '[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10.240-238.959.amzn2int.x86_64 '
    'OpenJDK_64-Bit_Server_VM/25.462-b08 java/1.8.0_462 vendor/Oracle_Corporation cfg/retry-mode/standard]'
)

# ---- who acts -----------------------------------------------------------------------------------


class Actor:
    """Someone or something with credentials; `identity` is the userIdentity of each of its events."""

    def __init__(self, account, identity, address, agent, console=False, tls=True, endpoint=None):
        self.account, self.identity, self.address, self.agent = account, identity, address, agent
        self.console, self.tls, self.endpoint = console, tls, endpoint

    def using(self, agent=None, address=None, console=None):
        return Actor(
            self.account,
            self.identity,
            address or self.address,
            agent or self.agent,
            self.console if console is None else console,
            self.tls,
            self.endpoint,
        )

    @property
    def arn(self):
        return self.identity.get('arn', '')


def attributes(created, mfa):
    return {'creationDate': iso(created), 'mfaAuthenticated': 'true' if mfa else 'false'}


USERS = {}


def user_ids(account, name):
    if (account, name) not in USERS:
        USERS[account, name] = (principal('AIDA'), access_key('AKIA'))
    return USERS[account, name]


def iam_user(account, name, address, agent, key=None, session=None, mfa=False, console=False):
    """An IAM user with its own key, or (session = time) with temporary credentials."""
    principal_id, own_key = user_ids(account, name)
    identity = {
        'type': 'IAMUser',
        'principalId': principal_id,
        'arn': 'arn:aws:iam::%s:user/%s' % (account, name),
        'accountId': account,
        'accessKeyId': key or (access_key('ASIA') if session else own_key),
        'userName': name,
    }
    if session:
        identity['sessionContext'] = {'attributes': attributes(session, mfa)}
    return Actor(account, identity, address, agent, console)


ROLES = {}


def role_id(account, path):
    return ROLES.setdefault((account, path), principal('AROA'))


def assumed(
    account,
    path,
    session,
    created,
    address,
    agent,
    mfa=False,
    console=False,
    oidc=None,
    invoked_by=None,
    from_instance=False,
    key=None,
):
    """A session of a role; `path` is the role with its IAM path."""
    role = path.split('/')[-1]
    identity = {
        'type': 'AssumedRole',
        'principalId': '%s:%s' % (role_id(account, path), session),
        'arn': 'arn:aws:sts::%s:assumed-role/%s/%s' % (account, role, session),
        'accountId': account,
        'accessKeyId': key or access_key('ASIA'),
        'sessionContext': {
            'sessionIssuer': {
                'type': 'Role',
                'principalId': role_id(account, path),
                'arn': 'arn:aws:iam::%s:role/%s' % (account, path),
                'accountId': account,
                'userName': role,
            }
        },
    }
    if oidc:
        identity['sessionContext']['webIdFederationData'] = {
            'federatedProvider': oidc,
            'attributes': {},
        }
    identity['sessionContext']['attributes'] = attributes(created, mfa)
    if from_instance:
        identity['sessionContext']['ec2RoleDelivery'] = '2.0'
    if invoked_by:
        del identity['accessKeyId']
        identity['invokedBy'] = invoked_by
        address = agent = invoked_by
    return Actor(account, identity, address, agent, console, tls=not invoked_by)


def service(account, name):
    return Actor(account, {'type': 'AWSService', 'invokedBy': name}, name, name, tls=False)


def acting_for(actor, name):
    """The same identity, but the call comes from an AWS service on its behalf."""
    return Actor(actor.account, dict(actor.identity, invokedBy=name), name, name, tls=False)


SSO = 'aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_%s'
SSO_ADMIN, SSO_READ = (
    SSO % 'AdministratorAccess_0f3c9a51be7d2468',
    SSO % 'ReadOnlyAccess_6b20d7f18c94e35a',
)
GITHUB = 'arn:aws:iam::%s:oidc-provider/token.actions.githubusercontent.com' % PROD
EKS_OIDC = (
    'arn:aws:iam::%s:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/5D3C0E9A7B1F482690ACDE1357924680'
    % PROD
)

# ---- what is there ------------------------------------------------------------------------------

VPC = {PROD: 'vpc-0a1b5c7d9e3f20468', DEV: 'vpc-0f2e4d6c8b1a39570'}
SUBNETS = ['subnet-' + hexa(17) for _ in range(6)]
GROUPS = ['sg-' + hexa(17) for _ in range(5)]
INSTANCES = ['i-' + hexa(17) for _ in range(8)]
KEYS = {'orders': new_uuid(), 'secrets': new_uuid(), 'exports': new_uuid(), 'ebs': new_uuid()}
FUNCTIONS = ['order-intake', 'invoice-render', 'stock-sync', 'mail-out']
SECRETS = [
    'prod/orders/db',
    'prod/payments/api-key',
    'prod/mail/smtp',
    'prod/warehouse/sftp',
    'prod/reporting/db',
    'ci/registry-token',
]
SECRET_ARN = {
    name: 'arn:aws:secretsmanager:us-east-1:%s:secret:%s-%s' % (PROD, name, mixed(6))
    for name in SECRETS
}
EXPORTS = 'example-corp-customer-exports'
LOG_BUCKET = 'example-corp-cloudtrail-%s' % PROD


def key_arn(name, account=PROD, region=US):
    return 'arn:aws:kms:%s:%s:key/%s' % (region, account, KEYS[name])


# ---- events -------------------------------------------------------------------------------------

# eventVersion as the services wrote it in October 2025; the others write 1.08 or 1.09.
VERSIONS = {
    'ec2': '1.10',
    'iam': '1.11',
    'kms': '1.11',
    's3': '1.11',
    'rds': '1.11',
    'monitoring': '1.11',
    'sso': '1.09',
    'logs': '1.09',
    'secretsmanager': '1.11',
    'lambda': '1.09',
    'ecr': '1.10',
    'dynamodb': '1.11',
    'eks': '1.09',
    'elasticloadbalancing': '1.09',
    'autoscaling': '1.09',
    'route53': '1.11',
    'cloudtrail': '1.10',
    'organizations': '1.10',
    'bedrock': '1.11',
}
API_VERSIONS = {
    'logs': '20140328',
    'route53': '2013-04-01',
    'elasticloadbalancing': '2015-12-01',
    'cloudfront': '2020_05_31',
}
GLOBAL = {
    'iam': 'iam.amazonaws.com',
    'route53': 'route53.amazonaws.com',
    'organizations': 'organizations.us-east-1.amazonaws.com',
    'cloudfront': 'cloudfront.amazonaws.com',
}
READS = (
    'Describe',
    'Get',
    'List',
    'Head',
    'BatchGet',
    'BatchCheck',
    'AssumeRole',
    'Decrypt',
    'Encrypt',
    'GenerateDataKey',
    'Lookup',
    'Simulate',
    'Filter',
    'CheckMfa',
    'InvokeModel',
    'Search',
    'Query',
)
SETS = {
    'DescribeVpcs': 'vpcSet',
    'DescribeSubnets': 'subnetSet',
    'DescribeSecurityGroups': 'securityGroupSet',
    'DescribeNetworkAcls': 'networkAclIdSet',
    'DescribeNetworkInterfaces': 'networkInterfaceIdSet',
    'DescribeRouteTables': 'routeTableIdSet',
    'DescribeInternetGateways': 'internetGatewayIdSet',
    'DescribeVpcPeeringConnections': 'vpcPeeringConnectionIdSet',
    'DescribeInstances': 'instancesSet',
    'DescribeVolumes': 'volumeSet',
    'DescribeAddresses': 'publicIpsSet',
    'DescribeImages': 'imagesSet',
    'DescribeSnapshots': 'snapshotSet',
    'DescribeInstanceStatus': 'instancesSet',
    'DescribeNatGateways': None,
    'DescribeKeyPairs': 'keySet',
    'DescribeAvailabilityZones': 'availabilityZoneSet',
    'DescribeRegions': 'regionSet',
}
EVENTS = []  # (account, region, moment, record)


def request_of(source, name):
    """The requestParameters of a call without arguments; CloudTrail writes null for most services."""
    if source == 'ec2':
        if name in SETS:
            return dict(([(SETS[name], {})] if SETS[name] else []) + [('filterSet', {})])
        if name.startswith('Describe'):
            return {name + 'Request': ''}
    if source == 's3' and name == 'ListBuckets':
        return {'Host': 's3.amazonaws.com'}
    return None


def denial(actor, source, name, resource=None, reason=None):
    """(errorCode, errorMessage) as the service words a denied call."""
    reason = reason or 'because no identity-based policy allows the %s:%s action' % (source, name)
    on = ' on resource: %s' % resource if resource else ''
    text = 'User: %s is not authorized to perform: %s:%s%s %s' % (
        actor.arn,
        source,
        name,
        on,
        reason,
    )
    if source == 'ec2':
        return (
            'Client.UnauthorizedOperation',
            'You are not authorized to perform this operation. ' + text,
        )
    return 'AccessDenied', text


SCP = 'with an explicit deny in a service control policy'


def emit(
    moment,
    actor,
    call,
    params='',
    answer=None,
    error=None,
    region=US,
    command=None,
    resources=None,
    extra=None,
    data=False,
    shared=None,
    kind='AwsApiCall',
    details=None,
    recipient=None,
    agent=None,
):
    """Adds one event. `call` is 'iam:ListUsers'; params '' stands for the call's usual ones."""
    source, name = call.split(':')
    if source in GLOBAL or source == 'signin':
        region = US
    agent = agent if agent is not None else actor.agent
    if agent in CLI:
        agent = CLI[agent].format(command)
    elif agent == 'terraform':
        agent = TERRAFORM.format(source, GO_API[source])
    if source == 's3' and agent.startswith(('aws-cli', 'APN', 'Boto3', 'aws-sdk')):
        agent = '[%s]' % agent
    plain = name[:-8] if name[-8:].isdigit() else name
    reads = plain.startswith(READS) and kind != 'AwsConsoleSignIn'
    record = {
        'eventVersion': VERSIONS.get(source, '1.08'),
        'userIdentity': actor.identity,
        'eventTime': iso(moment),
        'eventSource': source + '.amazonaws.com',
        'eventName': name,
        'awsRegion': region,
        'sourceIPAddress': actor.address,
        'userAgent': agent,
    }
    for field, value in zip(('errorCode', 'errorMessage'), error or ()):
        if value:
            record[field] = value
    record['requestParameters'] = request_of(source, name) if params == '' else params
    record['responseElements'] = answer
    if source == 's3' and kind == 'AwsApiCall':
        extra = dict(
            {
                'SignatureVersion': 'SigV4',
                'CipherSuite': 'TLS_AES_128_GCM_SHA256',
                'bytesTransferredIn': 0,
                'AuthenticationMethod': 'AuthHeader',
                'x-amz-id-2': mixed(56) + '=',
                'bytesTransferredOut': RNG.randrange(200, 4000),
            },
            **(extra or {})
        )
    if extra:
        record['additionalEventData'] = extra
    if kind == 'AwsApiCall':
        record['requestID'] = (
            letters(16, 'ABCDEFGHJKMNPQRSTVWXYZ0123456789') if source == 's3' else new_uuid()
        )
    record['eventID'] = new_uuid()
    record['readOnly'] = bool(reads)
    if resources:
        record['resources'] = resources
    record['eventType'] = kind
    if source in API_VERSIONS and kind == 'AwsApiCall':
        record['apiVersion'] = API_VERSIONS[source]
    record['managementEvent'] = not data
    record['recipientAccountId'] = recipient or actor.account
    if shared:
        record['sharedEventID'] = shared
    if actor.endpoint and kind == 'AwsApiCall':
        record['vpcEndpointId'] = actor.endpoint
        record['vpcEndpointAccountId'] = actor.account
    if details is not None:
        record['serviceEventDetails'] = details
    record['eventCategory'] = 'Data' if data else 'Management'
    if actor.tls and kind != 'AwsServiceEvent' and agent != 'AWS Internal':
        host = GLOBAL.get(
            source, '%s.%s.amazonaws.com' % ('api.ecr' if source == 'ecr' else source, region)
        )
        if source == 's3' and isinstance(record['requestParameters'], dict):
            host = record['requestParameters'].get('Host', host)
        if source == 'signin':
            host = 'signin.aws.amazon.com'
        old = agent.startswith('aws-cli/1.18')
        record['tlsDetails'] = {
            'tlsVersion': 'TLSv1.2' if old else 'TLSv1.3',
            'cipherSuite': 'ECDHE-RSA-AES128-GCM-SHA256' if old else 'TLS_AES_128_GCM_SHA256',
            'clientProvidedHostHeader': host,
        }
    if actor.console and kind == 'AwsApiCall':
        record['sessionCredentialFromConsole'] = 'true'
    EVENTS.append((record['recipientAccountId'], region, moment, record))
    return record


# The CLI's name for a call -> the call in the log, where it is not plain camel case.
CALLS = {
    's3.ls': 's3:ListBuckets',
    's3api.list-buckets': 's3:ListBuckets',
    'logs.tail': 'logs:FilterLogEvents',
    'eks.update-kubeconfig': 'eks:DescribeCluster',
    'ecr.get-login-password': 'ecr:GetAuthorizationToken',
    'lambda.list-functions': 'lambda:ListFunctions20150331',
    'cloudwatch.describe-alarms': 'monitoring:DescribeAlarms',
    'rds.describe-db-instances': 'rds:DescribeDBInstances',
    'elbv2.describe-load-balancers': 'elasticloadbalancing:DescribeLoadBalancers',
    'iam.list-mfa-devices': 'iam:ListMFADevices',
    'sesv2.get-account': 'ses:GetAccount',
    'bedrock-runtime.invoke-model': 'bedrock:InvokeModel',
    'dynamodb.list-tables': 'dynamodb:ListTables',
}


def call_of(command):
    name, operation = command.split('.')
    return CALLS.get(command) or name + ':' + ''.join(
        part.capitalize() for part in operation.split('-')
    )


def cli(moment, actor, command, **more):
    """One call of the AWS CLI: the event, with the command in the user agent where the client names it."""
    return emit(moment, actor, call_of(command), command=command, **more)


def script(
    start, actor, commands, seconds, denied=(), pages=None, reason=None, region=US, params=None
):
    """A shell script: the commands in a row, spread over `seconds`; `pages` repeats a paged call."""
    pages, params = pages or {}, params or {}
    steps = [(command, page) for command in commands for page in range(pages.get(command, 1))]
    pace = seconds / max(len(steps) - 1, 1)
    for number, (command, page) in enumerate(steps):
        moment = start + timedelta(
            seconds=number * pace
            + (RNG.random() - 0.5) * min(pace, 1.2) * 0.6 * (0 < number < len(steps) - 1)
        )
        source, name = call_of(command).split(':')
        more = {}
        if page:
            more['params'] = (
                {'marker': mixed(40)}
                if source == 'iam'
                else {'maxResults': 100, 'nextToken': mixed(60)}
            )
        elif command in params:
            more['params'] = params[command]
        if command in denied:
            more['error'] = denial(
                actor,
                source,
                name,
                'arn:aws:iam::%s:%s/' % (actor.account, 'user') if source == 'iam' else None,
                reason,
            )
            if source != 'ec2':
                more['params'] = None
        cli(moment, actor, command, region=region, **more)
