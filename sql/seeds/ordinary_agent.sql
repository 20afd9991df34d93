-- ordinary_agent: agents of the console and of AWS itself, and of tools that read an account to manage
-- it.
INSERT INTO main.ordinary_agent (pattern, kind) VALUES
    ('Mozilla/%', 'console'),
    ('%.amazonaws.com', 'console'),  -- console.ec2.amazonaws.com
    ('%.amazonaws.com]', 'console'),
    ('AWS Internal%', 'console'),
    ('%aws-internal/%', 'console'),  -- [S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488 ...
    ('Coral/%', 'console'),
    ('%Terraform/%', 'tool'),        -- APN/1.0 HashiCorp/1.0 Terraform/1.9.8 ...
    ('%Pulumi/%', 'tool'),           -- APN/1.0 Pulumi/1.0 PulumiAwsNative/0.0.2
    ('amazon-vpc-cni-k8s/%', 'tool'),
    ('%karpenter.sh-%', 'tool'),     -- aws-sdk-go/1.45.15 (go1.21.3; linux; amd64) karpenter.sh-v0.31.2
    ('%app/karpenter-%', 'tool');    -- aws-sdk-go-v2/1.38.1 ua/2.1 ... app/karpenter-v1.6.3
