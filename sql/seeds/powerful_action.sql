-- powerful_action: actions of IAM, STS and Organizations by which whoever has them can have everything,
-- by IAM's service authorization reference. They are those that write policies, give out credentials,
-- or move somebody into what another has.
INSERT INTO main.powerful_action (action, why) VALUES
    ('iam:AddUserToGroup', 'has what a group has'),
    ('iam:AttachGroupPolicy', 'gives any policy'),
    ('iam:AttachRolePolicy', 'gives any policy'),
    ('iam:AttachUserPolicy', 'gives any policy'),
    ('iam:CreateAccessKey', 'a key of anybody'),
    ('iam:CreateLoginProfile', 'a password of anybody'),
    ('iam:CreatePolicyVersion', 'writes policies that are attached'),
    ('iam:PassRole', 'gives a machine or function any role; where no condition narrows it'),
    ('iam:PutGroupPolicy', 'writes policies'),
    ('iam:PutRolePolicy', 'writes policies'),
    ('iam:PutUserPolicy', 'writes policies'),
    ('iam:SetDefaultPolicyVersion', 'brings back an older policy'),
    ('iam:UpdateAssumeRolePolicy', 'lets itself into any role'),
    ('iam:UpdateLoginProfile', 'a password of anybody'),
    ('sts:AssumeRole', 'any role that trusts the account');
