-- event_named: event_base, and whom each event counts for: the layer under event_identity and
-- event_aws_cli. Queries read those.
--
-- accountId:    the account that the event is about, else the caller's own.
-- sentinelName: what SuspiciousAWSCLICommandExecution makes AccountName and AccountUPNSuffix of: the
--               user's name, else what stands behind the last / of the ARN; '' where it finds none.
-- principal:    the ARN, else the principal id, else the user of IAM Identity Center, else the service;
--               NULL where there is none.
-- accountName:  its part before the @. Where there is none the user of IAM Identity Center, else the
--               principal id, else the account id stands in: strangers do not share a row.
-- The other texts are '' where missing.
CREATE VIEW event_named AS
SELECT
    *,
    ifnull(nullif(upn_name(sentinelName), ''),
           coalesce(nullif(ct_json_text(extra, '$.userIdentity.onBehalfOf.userId'), ''),
                    nullif(userIdentityPrincipalId, ''),
                    accountId)) AS accountName,
    CASE WHEN upn_name(sentinelName) <> '' THEN upn_suffix(sentinelName) ELSE '' END
        AS accountUPNSuffix
FROM (
    SELECT
        *,
        coalesce(nullif(recipientAccountId, ''), userIdentityAccountId, '') AS accountId,
        coalesce(nullif(userIdentityArn, ''),
                 nullif(userIdentityPrincipalId, ''),
                 nullif(ct_json_text(extra, '$.userIdentity.onBehalfOf.userId'), ''),
                 nullif(userIdentityInvokedBy, '')) AS principal,
        CASE
            WHEN userIdentityPrincipalId = 'Anonymous' THEN 'Anonymous'
            WHEN userIdentityUserName <> '' THEN userIdentityUserName
            WHEN userIdentityArn <> '' THEN kql_split_part(userIdentityArn, '/', -1)
            ELSE ifnull(kql_split_part(ct_json_text(resources, '$[0].ARN'), '/', -1), '')
        END AS sentinelName
    FROM event_base
);
