#!/usr/bin/env python3
"""Records into every form they are handed over in, and back: made and judged by Python alone.

    forms.py make DIR [LOG...]     writes DIR/FORM/... for every form, from the records in the logs
    forms.py check DIR FORM...     DIR/FORM.back holds what came back, one JSON record a line: each
                                   must be its original (of CSV: in the fields that the form has)

Records without eventID or eventTime are left out, and of those that share both the first stays: the
forms of the console and of Sentinel tell events by them. Null members count as absent; so do empty
strings where the form is CSV.
"""
import base64
import csv
import gzip
import io
import json
import os
import sys

# The header of the console's download (see ext/csv_record.h), and the field each column shows.
CONSOLE = [
    ('User name', None), ('AWS access key', 'userIdentity.accessKeyId'),
    ('Event time', 'eventTime'), ('Event source', 'eventSource'), ('Event name', 'eventName'),
    ('AWS region', 'awsRegion'), ('Source IP address', 'sourceIPAddress'),
    ('User agent', 'userAgent'), ('Error code', 'errorCode'), ('Resources', None),
    ('Request ID', 'requestID'), ('Event ID', 'eventID'), ('Read-only', 'readOnly'),
    ('Event type', 'eventType'), ('Recipient Account Id', 'recipientAccountId'),
    ('Event category', 'eventCategory'),
]
# The columns of Sentinel's table, in the order of its own export.
SENTINEL = [
    ('TimeGenerated [UTC]', 'eventTime'), ('AwsEventId', 'eventID'),
    ('EventVersion', 'eventVersion'), ('EventSource', 'eventSource'),
    ('EventTypeName', 'eventType'), ('EventName', 'eventName'),
    ('UserIdentityType', 'userIdentity.type'),
    ('UserIdentityPrincipalid', 'userIdentity.principalId'),
    ('UserIdentityArn', 'userIdentity.arn'), ('UserIdentityAccountId', 'userIdentity.accountId'),
    ('UserIdentityInvokedBy', 'userIdentity.invokedBy'),
    ('UserIdentityAccessKeyId', 'userIdentity.accessKeyId'),
    ('UserIdentityUserName', 'userIdentity.userName'),
    ('SessionMfaAuthenticated', 'userIdentity.sessionContext.attributes.mfaAuthenticated'),
    ('SessionCreationDate [UTC]', 'userIdentity.sessionContext.attributes.creationDate'),
    ('SessionIssuerType', 'userIdentity.sessionContext.sessionIssuer.type'),
    ('SessionIssuerPrincipalId', 'userIdentity.sessionContext.sessionIssuer.principalId'),
    ('SessionIssuerArn', 'userIdentity.sessionContext.sessionIssuer.arn'),
    ('SessionIssuerAccountId', 'userIdentity.sessionContext.sessionIssuer.accountId'),
    ('SessionIssuerUserName', 'userIdentity.sessionContext.sessionIssuer.userName'),
    ('AWSRegion', 'awsRegion'), ('SourceIpAddress', 'sourceIPAddress'),
    ('UserAgent', 'userAgent'), ('ErrorCode', 'errorCode'), ('ErrorMessage', 'errorMessage'),
    ('RequestParameters', 'requestParameters'), ('ResponseElements', 'responseElements'),
    ('AdditionalEventData', 'additionalEventData'), ('AwsRequestId', None),
    ('AwsRequestId_', 'requestID'), ('Resources', 'resources'), ('APIVersion', 'apiVersion'),
    ('ReadOnly', 'readOnly'), ('RecipientAccountId', 'recipientAccountId'),
    ('ServiceEventDetails', 'serviceEventDetails'), ('SharedEventId', 'sharedEventID'),
    ('VpcEndpointId', 'vpcEndpointId'), ('ManagementEvent', 'managementEvent'),
    ('TenantId', None), ('SourceSystem', None), ('OperationName', None),
    ('Category', 'eventCategory'),
    ('EC2RoleDelivery', 'userIdentity.sessionContext.ec2RoleDelivery'),
    ('TlsVersion', 'tlsDetails.tlsVersion'), ('CipherSuite', 'tlsDetails.cipherSuite'),
    ('ClientProvidedHostHeader', 'tlsDetails.clientProvidedHostHeader'),
    ('UserIdentityUserId', 'userIdentity.onBehalfOf.userId'),
    ('UserIdentityStoreArn', 'userIdentity.onBehalfOf.identityStoreArn'), ('Type', None),
]
FORMS = {'console': CONSOLE, 'sentinel': SENTINEL}


def without_nulls(value):
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [without_nulls(v) for v in value]
    return value


def in_csv(value):
    """What a cell can say of a value: nothing of an empty string."""
    return None if value == '' else without_nulls(value)


def at(record, path):
    """The value at a.b.c, None where there is none or a scalar stands in the way."""
    for name in path.split('.'):
        record = record.get(name) if isinstance(record, dict) else None
    return record


def read_log(path):
    raw = open(path, 'rb').read()
    if raw[:2] == b'\x1f\x8b':
        raw = gzip.decompress(raw)
    try:
        value = json.loads(raw)
    except ValueError:
        return []
    if isinstance(value, dict):
        value = value.get('Records', [value])
    return [r for r in value if isinstance(r, dict)]


def collect(paths):
    seen, records = set(), []
    for path in paths:
        files = [path] if os.path.isfile(path) else sorted(
            os.path.join(d, f) for d, _, names in os.walk(path) for f in names)
        for name in files:
            for r in read_log(name):
                key = (r.get('eventTime'), r.get('eventID'))
                if all(isinstance(k, str) and k for k in key) and r.get('eventName') and \
                        key not in seen:
                    seen.add(key)
                    records.append(r)
    return records


def user_name(record):
    """What the console shows as the user's name."""
    user = record.get('userIdentity') or {}
    arn = user.get('arn') or ''
    if user.get('type') == 'Root':
        return 'root'
    return user.get('userName') or (arn.split('/')[-1] if '/' in arn else '')


def us_time(iso):
    """5/14/2024, 9:05:12.000 AM: as a portal in English (United States) writes it."""
    y, mo, d, h, mi, s = (int(iso[a:b]) for a, b in
                          ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19)))
    return f"{mo}/{d}/{y}, {h % 12 or 12}:{mi:02}:{s:02}.000 {'AM' if h < 12 else 'PM'}"


def cell(column, path, record):
    if column == 'User name':
        return user_name(record)
    if column == 'Resources' and not path:
        return json.dumps([{'resourceType': r.get('type'), 'resourceName': r.get('ARN')}
                           for r in record.get('resources') or [] if isinstance(r, dict)])
    if column == 'TenantId':
        return '46bec743-35fa-4608-b7e2-2aa3c38a97c2'
    if column == 'Type':
        return 'AWSCloudTrail'
    value = at(record, path) if path else None
    if column == 'Event category':
        return value or 'Management'
    if value is None:
        return ''
    if '[UTC]' in column:
        return us_time(value)
    if isinstance(value, bool):
        return 'true' if value else 'false'
    return value if isinstance(value, str) else json.dumps(value)


def csv_text(columns, records, line_end):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=line_end)
    writer.writerow([name for name, _ in columns])
    for r in records:
        writer.writerow([cell(name, path, r) for name, path in columns])
    return out.getvalue()


def base64_of(text, pack=False):
    raw = text.encode()
    return base64.b64encode(gzip.compress(raw) if pack else raw).decode()


def dotted(value, prefix=''):
    """{'a': {'b': 1}} as {'a.b': 1}, as pandas' json_normalize() does."""
    out = {}
    for name, member in value.items():
        if isinstance(member, dict) and member:
            out.update(dotted(member, prefix + name + '.'))
        else:
            out[prefix + name] = member
    return out


def make_carriers(write, records, texts):
    """Records inside what queues, streams, log platforms and search engines make of them."""
    envelopes = [json.dumps({'version': '0', 'detail-type': 'x', 'detail': r}) for r in records]
    lines = lambda values: ''.join(json.dumps(v) + '\n' for v in values)
    parts = [json.dumps({'messageType': 'DATA_MESSAGE', 'logEvents': [
        {'id': '1', 'timestamp': 1, 'message': t} for t in texts[i:i + 200]]})
        for i in range(0, len(texts), 200)]
    write('Message.detail', 'sns.json', lines({'Type': 'Notification', 'Message': e}
                                              for e in envelopes))
    write('Messages.Body.Message', 'sqs.json', json.dumps({'Messages': [
        {'MessageId': 'm', 'Body': json.dumps({'Type': 'Notification', 'Message': t})}
        for t in texts]}, indent=1))
    write('Records.kinesis.data', 'lambda.json', json.dumps({'Records': [
        {'eventSource': 'aws:kinesis', 'eventName': 'aws:kinesis:record', 'eventVersion': '1.0',
         'kinesis': {'partitionKey': 'p', 'data': base64_of(s, pack=True)}}
        for s in parts]}))
    write('records.data', 'firehose.json', json.dumps({'invocationId': 'i', 'records': [
        {'recordId': 'r', 'data': base64_of(t)} for t in texts]}))
    write('awslogs.data', 'lambda.json', lines({'awslogs': {'data': base64_of(s, pack=True)}}
                                               for s in parts))
    write('result._raw', 'splunk.json', lines({'preview': False, 'result': {
        '_raw': t, 'eventName': r['eventName'], 'eventTime': r['eventTime']}}
        for r, t in zip(records, texts)))
    write('event', 'hec.json', lines({'time': 1, 'sourcetype': 'aws:cloudtrail', 'event': r}
                                     for r in records))
    write('hits.hits._source.event.original', 'elastic.json', json.dumps({'took': 1, 'hits': {
        'total': {'value': 2}, 'hits': [{'_index': 'x', '_source': {
            '@timestamp': r['eventTime'], 'aws': {'cloudtrail': {'event_version': '1.08'}},
            'event': {'action': r['eventName'], 'original': t}}} for r, t in zip(records, texts)]}}))
    write('data.aws', 'wazuh.json', lines({'timestamp': 'x', 'data': {'aws': r}} for r in records))
    write('data.result.values', 'loki.json', json.dumps({'status': 'success', 'data': {
        'resultType': 'streams', 'result': [
            {'stream': {'job': 'x'}, 'values': [['1715677512000000000', t] for t in texts]}]}}))
    write('log', 'docker.json', lines({'log': t + '\n', 'stream': 'stdout', 'time': 'x'}
                                      for t in texts))
    write('array-strings', 'query.json', json.dumps(texts, indent=4))
    write('ndjson-dotted', 'pandas.json', lines(dotted(r) for r in records))
    write('ndjson-syslog', 'a.log', ''.join(
        f'<134>May 14 09:06:00 collector cloudtrail[{i}]: {t}\n' for i, t in enumerate(texts)))
    write('records-utf16', 'powershell.json', json.dumps({'Records': records}, indent=2),
          encoding='utf-16')
    write('ndjson-utf16be', 'a.json', '\ufeff' + ''.join(t + '\r\n' for t in texts),
          encoding='utf-16-be')
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(['_time', '_raw', 'host'])
    writer.writerows([r['eventTime'], t, 'h'] for r, t in zip(records, texts))
    write('_raw', 'splunk.csv', out.getvalue())


def make(folder, records):
    def write(form, name, text, pack=False, encoding='utf-8'):
        os.makedirs(os.path.join(folder, form), exist_ok=True)
        raw = text.encode(encoding)
        with open(os.path.join(folder, form, name), 'wb') as out:
            out.write(gzip.compress(raw) if pack else raw)

    texts = [json.dumps(r) for r in records]
    lines = ''.join(t + '\n' for t in texts)
    half = len(records) // 2
    write('records', 'a.json', json.dumps({'Records': records}))
    write('array', 'a.json', json.dumps(records, indent=2))
    write('ndjson', 'a.json', lines)
    write('ndjson', 'crlf.json', lines.replace('\n', '\r\n'))
    write('lookup-events', 'a.json', json.dumps({'Events': [
        {'EventId': r['eventID'], 'EventName': r['eventName'], 'ReadOnly': 'true',
         'EventTime': '2020-01-01T00:00:00+02:00', 'EventSource': 'x', 'Resources': [],
         'CloudTrailEvent': t} for r, t in zip(records, texts)]}, indent=4))
    write('eventbridge', 'a.json', ''.join(json.dumps(
        {'version': '0', 'id': 'x', 'detail-type': 'AWS API Call via CloudTrail', 'detail': r})
        + '\n' for r in records))
    write('opensearch', 'a.json', json.dumps([{'aws': {'cloudtrail': r}} for r in records]))
    stamps = [r['eventTime'].replace('Z', '.123Z') for r in records]
    write('cloudwatch', '000000.gz', ''.join(
        f'{s} {t}\n' for s, t in zip(stamps[:half], texts[:half])), pack=True)
    write('cloudwatch', '000001.gz', ''.join(
        f'{s} {t}\n' for s, t in zip(stamps[half:], texts[half:])), pack=True)
    write('cloudwatch-tail', 'a.log', ''.join(
        f"{s.replace('Z', '000+00:00')} 111122223333_CloudTrail_us-east-1 {t}\n"
        for s, t in zip(stamps, texts)))
    write('cloudwatch-filter', 'a.json', json.dumps({'events': [
        {'logStreamName': 'x', 'timestamp': 1715677512000, 'message': t,
         'ingestionTime': 1715677512001, 'eventId': '3826'} for t in texts],
        'searchedLogStreams': []}, indent=4))
    write('cloudwatch-get', 'a.json', json.dumps({'nextForwardToken': 'f/1', 'events': [
        {'timestamp': 1715677512000, 'message': t, 'ingestionTime': 1715677512001}
        for t in texts]}, indent=4))
    # Firehose puts one document behind the other, without a line break.
    write('cloudwatch-subscription', 'a', ''.join(json.dumps(
        {'messageType': 'DATA_MESSAGE', 'owner': '111122223333', 'logGroup': 'g', 'logStream': 's',
         'subscriptionFilters': ['f'], 'logEvents': [
             {'id': '3826', 'timestamp': 1715677512000, 'message': t} for t in part]})
        for part in (texts[:half], texts[half:])))
    make_carriers(write, records, texts)
    write('console', 'event_history.csv', csv_text(CONSOLE, records, '\n'))
    write('console', 'bom.csv', '\ufeff' + csv_text(CONSOLE[::-1], records, '\r\n'), pack=True)
    write('sentinel', 'query_data.csv', csv_text(SENTINEL, records, '\r\n'))
    with open(os.path.join(folder, 'originals'), 'w') as out:
        out.write(lines)
    print(len(records))


def check(folder, form):
    originals = {(r['eventTime'], r['eventID']): r for r in
                 map(json.loads, open(os.path.join(folder, 'originals')))}
    faults = 0
    back = [json.loads(line) for line in open(os.path.join(folder, f'{form}.back'))]
    for got in back:
        key = (got.get('eventTime'), got.get('eventID'))
        want = originals.pop(key, None)
        if form not in FORMS:
            same = dotted if form == 'ndjson-dotted' else dict  # a dot in a name is lost in it
            wrong = want is None or same(without_nulls(want)) != same(without_nulls(got))
        else:
            wrong = want is None or any(
                in_csv(at(want, path)) != without_nulls(at(got, path))
                for name, path in FORMS[form]
                if path and not (name == 'Event category' and at(want, path) is None))
        if wrong:
            faults += 1
            if faults < 3:
                print(f'{key}\n  want {json.dumps(want)}\n  got  {json.dumps(got)}')
    print(f'{form}: {len(back)} records, {faults} wrong, {len(originals)} missing')
    return faults == 0 and not originals


if __name__ == '__main__':
    if sys.argv[1] == 'make':
        make(sys.argv[2], collect(sys.argv[3:]))
    elif not all([check(sys.argv[2], form) for form in sys.argv[3:]]):
        sys.exit(1)
