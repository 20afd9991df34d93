-- hunt_email_and_sms_readied: who looked how much mail or how many text messages an account may
-- send, or made it ready to send more?
--
-- Title:        Mail and text messages readied
-- Description:  Somebody read the quotas, identities and settings of SES or of text messages in SNS,
--               verified an address or a domain to send from, asked for a higher limit, or switched
--               sending on.
-- Severity:     Medium
-- Tactics:      Discovery, Impact, ResourceDevelopment
-- Techniques:   T1496.003, T1087.004, T1526, T1583
-- Kind:         Hunting
-- Frequency:    none
-- Period:       none
-- Trigger:      gt 0
-- Enabled:      no
-- Id:           2a94d8f6-1b07-4e3c-b5f8-7c60e9d1a342
-- Version:      1.0.0
-- Source:       own
-- Why:          an account that may send 50,000 mails a day is worth money to whoever sends spam:
--               these are the calls that stolen keys are tried out with most, after GetCallerIdentity.
-- Columns read: eventTime, eventName, eventSource, errorCode, requestParameters, userAgent,
--               userIdentity*, sourceIPAddress, recipientAccountId, awsRegion; ordinary_agent,
--               rule_parameter.
-- Window:       calls of one identity with pauses of less than hunt_shift (14400 seconds) are one
--               finding.
-- False positives: monitoring that reads the quota; whoever sets up SES, once.
-- Blind spots:  one kind of reading call in one region, not denied, by a key that did not ask who it
--               is; the sending itself (data events); mail by SMTP, of which CloudTrail has nothing;
--               pages of the console, where they only read.
-- Next step:    SES's suppression list and bounces; VerifyEmailIdentity and CreateEmailIdentity in the
--               evidence name what was to be sent from; hunt_new_credential_for_another for users
--               called ses-smtp-user....
--
-- Counted as readying: VerifyEmailIdentity, VerifyEmailAddress, VerifyDomainIdentity,
-- VerifyDomainDkim, CreateEmailIdentity, PutAccountDetails, UpdateAccountSendingEnabled,
-- PutAccountSendingAttributes, SetSMSAttributes, CreateSMSSandboxPhoneNumber,
-- VerifySMSSandboxPhoneNumber, RequestServiceQuotaIncrease for ses or sns: one is enough. Counted as
-- looking: GetSendQuota, GetSendStatistics, SES GetAccount, GetAccountSendingEnabled, ListIdentities,
-- ListEmailIdentities, ListVerifiedEmailAddresses, GetIdentityVerificationAttributes,
-- GetSMSAttributes, GetSMSSandboxAccountStatus, ListOriginationNumbers, by other clients than pages of
-- the console: two different ones, two regions, a refusal, or one within 900 seconds of
-- GetCallerIdentity by the same key; then it is Low. Text messages that the same identity sent (SNS
-- Publish to a number) are told with it.
-- Shown by: traildiscover (ten calls, most denied). Beside it SNS Publish to a topic (the bench's
-- corpus) and ListTopics, ListSubscriptions (traildiscover), which are no looking at mail or text
-- messages.
-- Cost in false positives: one on the shared recordings, Low: somebody at work in
-- cloudtrail-log-parser, whose agents its publisher took out, so that a console is not told from a
-- tool.
CREATE VIEW hunt_email_and_sms_readied AS
WITH
call (source, name, isReadying) AS (
    VALUES
        ('ses.amazonaws.com', 'VerifyEmailIdentity', 1),
        ('ses.amazonaws.com', 'VerifyEmailAddress', 1),
        ('ses.amazonaws.com', 'VerifyDomainIdentity', 1),
        ('ses.amazonaws.com', 'VerifyDomainDkim', 1),
        ('ses.amazonaws.com', 'CreateEmailIdentity', 1),
        ('ses.amazonaws.com', 'PutAccountDetails', 1),
        ('ses.amazonaws.com', 'UpdateAccountSendingEnabled', 1),
        ('ses.amazonaws.com', 'PutAccountSendingAttributes', 1),
        ('sns.amazonaws.com', 'SetSMSAttributes', 1),
        ('sns.amazonaws.com', 'CreateSMSSandboxPhoneNumber', 1),
        ('sns.amazonaws.com', 'VerifySMSSandboxPhoneNumber', 1),
        ('servicequotas.amazonaws.com', 'RequestServiceQuotaIncrease', 1),
        ('ses.amazonaws.com', 'GetSendQuota', 0),
        ('ses.amazonaws.com', 'GetSendStatistics', 0),
        ('ses.amazonaws.com', 'GetAccount', 0),
        ('ses.amazonaws.com', 'GetAccountSendingEnabled', 0),
        ('ses.amazonaws.com', 'ListIdentities', 0),
        ('ses.amazonaws.com', 'ListEmailIdentities', 0),
        ('ses.amazonaws.com', 'ListVerifiedEmailAddresses', 0),
        ('ses.amazonaws.com', 'GetIdentityVerificationAttributes', 0),
        ('sns.amazonaws.com', 'GetSMSAttributes', 0),
        ('sns.amazonaws.com', 'GetSMSSandboxAccountStatus', 0),
        ('sns.amazonaws.com', 'ListOriginationNumbers', 0),
        ('sns.amazonaws.com', 'Publish', 0)
),
mail AS (
    SELECT c.*,
           call.isReadying,
           call.name = 'Publish' AS isSending
      FROM call
     CROSS JOIN event_caller AS c ON c.eventName = call.name AND c.eventSource = call.source
     WHERE CASE call.name
               WHEN 'Publish' THEN ct_json_text(c.requestParameters, '$.phoneNumber') IS NOT NULL
               WHEN 'RequestServiceQuotaIncrease'
                   THEN ct_json_text(c.requestParameters, '$.serviceCode') IN ('ses', 'sns')
               ELSE 1
           END
),
deed AS (
    SELECT *,
           -- a key that was tried out: who am I, what may I send?
           EXISTS (SELECT 1
                     FROM cloudtrail_call AS w
                    WHERE w.eventName = 'GetCallerIdentity'
                      AND w.userIdentityAccessKeyId = mail.accessKeyId
                      AND w.eventTime >= strftime('%Y-%m-%dT%H:%M:%SZ', mail.eventTime,
                                                  '-900 seconds')
                      AND w.eventTime <= strftime('%Y-%m-%dT%H:%M:%SZ', mail.eventTime,
                                                  '+900 seconds')) AS isTried
      FROM mail
     WHERE isReadying
        OR NOT EXISTS (SELECT 1 FROM event_console AS k WHERE k.event = mail.event)
),
-- What one identity did without a long pause.
run AS (
    SELECT *,
           episode(eventTime, (SELECT value FROM rule_parameter WHERE name = 'hunt_shift'))
               OVER (PARTITION BY recipientAccountId, accountName, accountUPNSuffix
                     ORDER BY eventTime, event) AS run
      FROM deed
),
told AS (
    SELECT recipientAccountId,
           accountName,
           accountUPNSuffix,
           min(eventTime) AS firstTime,
           max(eventTime) AS lastTime,
           list_distinct(address) AS addresses,
           list_distinct(accessKeyId) AS accessKeyIds,
           list_distinct(client) AS clients,
           list_distinct(region) AS regions,
           list_distinct(call) AS calls,
           min(isTool) AS isTool,
           list_distinct(aws_call_name(eventName)) AS names,
           list_distinct(CASE WHEN isReadying THEN aws_call_name(eventName) END) AS readyingNames,
           sum(isReadying AND outcome = 'done') AS readiedCount,
           max(isReadying) AS isReadying,
           max(isSending) AS isSending,
           max(isTried AND NOT isSending) AS isTried,
           count_distinct(CASE WHEN NOT isSending THEN call END) AS callCount,
           count_distinct(CASE WHEN NOT isSending THEN region END) AS regionCount,
           count(*) AS eventCount,
           sum(outcome = 'done') AS doneCount,
           sum(outcome = 'denied') AS deniedCount,
           ct_json_group_array(event) AS evidence
      FROM run
     GROUP BY recipientAccountId, accountName, accountUPNSuffix, run
)
SELECT firstTime,
       lastTime,
       recipientAccountId,
       accountName,
       accountUPNSuffix,
       ifnull((SELECT value FROM json_each(addresses) LIMIT 1), '') AS sourceIPAddress,
       '' AS groupKey,
       CASE WHEN isTool AND deniedCount = 0 THEN 'Informational'
            WHEN isReadying AND isSending THEN 'High'
            WHEN NOT isReadying THEN 'Low'
       END AS severity,
       CASE WHEN isTool AND deniedCount = 0 THEN 'ordinary agent' END AS suppressedBy,
       finding_sentence(accountName, accountUPNSuffix,
                        CASE WHEN NOT isReadying THEN 'looked what mail or text messages may be sent'
                             WHEN readiedCount = 0 THEN 'tried to make ready to send mail or texts'
                             ELSE 'made ready to send mail or text messages' END
                        || ' by '
                        || finding_list(CASE WHEN isReadying THEN readyingNames ELSE names END, 4)
                        || CASE WHEN regionCount > 1 THEN printf(' in %d regions', regionCount)
                                ELSE '' END,
                        firstTime, lastTime,
                        finding_list(addresses, 1),
                        recipientAccountId, deniedCount) AS summary,
       ct_json_object('calls', ct_json(calls),
                      'eventCount', eventCount, 'doneCount', doneCount, 'deniedCount', deniedCount,
                      'accessKeyIds', ct_json(accessKeyIds), 'addresses', ct_json(addresses),
                      'clients', ct_json(clients), 'regions', ct_json(regions)) AS details,
       evidence
  FROM told
 WHERE isReadying
    OR isTried
    OR callCount > 1
    OR regionCount > 1
    OR callCount > 0 AND deniedCount > 0;
