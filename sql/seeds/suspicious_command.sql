-- suspicious_command: the list of the rule "Suspicious AWS CLI Command Execution", origin 'sentinel',
-- in its order, each command once, with its faults mended:
--   - the comma missing between 'iam.get-user' and 'iam.list-access-keys' glued the two together;
--   - 'ec2.describe-transit-gateway-vpc-attachment' is called -attachments;
--   - 'ec2.describe-vpc' is no command, but matches every command that begins with it and a '-'.
INSERT INTO main.suspicious_command (command, origin) VALUES
    ('iam.list-users', 'sentinel'),
    ('iam.list-groups', 'sentinel'),
    ('ec2.describe-vpcs', 'sentinel'),
    ('ec2.describe-subnets', 'sentinel'),
    ('route53.list-hosted-zones', 'sentinel'),
    ('kms.list-keys', 'sentinel'),
    ('kms.list-aliases', 'sentinel'),
    ('ecs.list-clusters', 'sentinel'),
    ('ecs.list-services', 'sentinel'),
    ('iam.list-roles', 'sentinel'),
    ('iam.get-user', 'sentinel'),
    ('iam.list-access-keys', 'sentinel'),
    ('ec2.describe-security-groups', 'sentinel'),
    ('ec2.describe-network-acls', 'sentinel'),
    ('ec2.describe-network-interfaces', 'sentinel'),
    ('ec2.describe-route-tables', 'sentinel'),
    ('ec2.describe-internet-gateways', 'sentinel'),
    ('ec2.describe-vpc-peering-connections', 'sentinel'),
    ('ec2.describe-transit-gateway-vpc-attachments', 'sentinel');
