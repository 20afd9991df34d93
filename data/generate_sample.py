#!/usr/bin/env python3
"""Writes data/sample/: one composed day of CloudTrail in the layout of the S3 bucket.

Usage: python3 data/generate_sample.py [folder]     (default: data/sample beside this file)

Reads nothing and draws every random value from one fixed seed, so each run writes the same JSON;
with the same zlib also the same gzip bytes. The folder is emptied first. What the day is about,
and which events are meant to raise which alert, is told in data/README.md; generator/ beside
this file holds the parts: trail.py makes records, systems.py and people.py a normal day, stories.py
what the rules should find, evening.py what the hunts should.

Accounts, addresses and keys are AWS's and the RFCs' documentation values; nothing was recorded.
"""
import gzip
import hashlib
import json
import os
import shutil
import sys
from datetime import timedelta

from generator import evening, people, stories, systems
from generator.trail import *

SLOT_SECONDS = 15 * 60  # one file for an account, a region and a quarter of an hour


def write(path, document):
    """Minified JSON in gzip, without name or time in its header."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    text = json.dumps(document, separators=(',', ':'), ensure_ascii=False).encode('utf-8')
    with open(path, 'wb') as out:
        with gzip.GzipFile(filename='', mode='wb', fileobj=out, mtime=0, compresslevel=9) as zipped:
            zipped.write(text)
    return hashlib.sha256(text).hexdigest()


def object_key(account, region, kind, moment):
    return 'AWSLogs/%s/%s/%s/%s/%s_%s_%s_%s_%s.json.gz' % (
        account,
        kind,
        region,
        moment.strftime('%Y/%m/%d'),
        account,
        kind,
        region,
        moment.strftime('%Y%m%dT%H%MZ'),
        mixed(16),
    )


def deliver(root, events, twice=()):
    """Sorts the events into files, as CloudTrail does: minutes late, and a few events twice, in the
    file of the time named in `twice` and in the next one."""
    files = {}
    sent_at = {id(event): later(event[2], 60, 420) for event in events}
    for event in sorted(events, key=lambda event: sent_at[id(event)]):
        account, region, _, record = event
        sent = sent_at[id(event)]
        since = (sent - DAY).total_seconds()
        slot = DAY + timedelta(seconds=(since // SLOT_SECONDS + 1) * SLOT_SECONDS)
        files.setdefault((account, region, slot), []).append(record)
    order = sorted(files)
    for clock in twice:
        here = order.index((PROD, US, at(clock)))
        files[order[here + 1]].insert(RNG.randrange(3), files[order[here]][RNG.randrange(4)])
    listing = []
    for account, region, slot in order:
        records = files[account, region, slot]
        key = object_key(account, region, 'CloudTrail', slot)
        digest = write(os.path.join(root, key), {'Records': records})
        if (account, region) == (PROD, US) and at('13:00') < slot <= at('14:00'):
            times = sorted(record['eventTime'] for record in records)
            listing.append(
                {
                    's3Bucket': LOG_BUCKET,
                    's3Object': key,
                    'hashValue': digest,
                    'hashAlgorithm': 'SHA-256',
                    'newestEventTime': times[-1],
                    'oldestEventTime': times[0],
                }
            )
    return len(order), listing


def write_digest(root, listing):
    base = 'AWSLogs/%s/CloudTrail-Digest/us-east-1/2025/10/14/%s_CloudTrail-Digest_us-east-1_company-trail_us-east-1_20251014T%s.json.gz'
    key = base % (PROD, PROD, '140512Z')
    write(
        os.path.join(root, key),
        {
            'awsAccountId': PROD,
            'digestStartTime': '2025-10-14T13:05:12Z',
            'digestEndTime': '2025-10-14T14:05:12Z',
            'digestS3Bucket': LOG_BUCKET,
            'digestS3Object': key,
            'digestPublicKeyFingerprint': hexa(32),
            'digestSignatureAlgorithm': 'SHA256withRSA',
            'newestEventTime': max(entry['newestEventTime'] for entry in listing),
            'oldestEventTime': min(entry['oldestEventTime'] for entry in listing),
            'previousDigestS3Bucket': LOG_BUCKET,
            'previousDigestS3Object': base % (PROD, PROD, '130512Z'),
            'previousDigestHashValue': hexa(64),
            'previousDigestHashAlgorithm': 'SHA-256',
            'previousDigestSignature': hexa(512),
            'logFiles': listing,
        },
    )


def write_insight(root):
    shared, arn = (
        new_uuid(),
        'arn:aws:sts::%s:assumed-role/OrganizationAccountAccessRole/maint' % DEV,
    )
    records = []
    for state, clock in (('Start', '14:37:00'), ('End', '14:39:00')):
        context = {
            'statistics': {
                'baseline': {'average': 0.0009920635},
                'insight': {'average': 5},
                'insightDuration': 1,
                'baselineDuration': 10080,
            },
            'attributions': [
                {
                    'attribute': 'userIdentityArn',
                    'insight': [{'value': arn, 'average': 5}],
                    'baseline': [
                        {
                            'value': 'arn:aws:iam::%s:user/terry.whitlock' % DEV,
                            'average': 0.0009920635,
                        }
                    ],
                },
                {
                    'attribute': 'userAgent',
                    'insight': [{'value': CLI['new27'].format('ec2.run-instances'), 'average': 5}],
                    'baseline': [{'value': 'ec2.amazonaws.com', 'average': 0.0009920635}],
                },
                {
                    'attribute': 'errorCode',
                    'insight': [
                        {'value': 'Client.VcpuLimitExceeded', 'average': 4},
                        {'value': 'null', 'average': 1},
                    ],
                    'baseline': [{'value': 'null', 'average': 0.0009920635}],
                },
            ],
        }
        if state == 'Start':
            del context['statistics']['insightDuration']
        records.append(
            {
                'eventVersion': '1.09',
                'eventTime': iso(at(clock)),
                'awsRegion': US,
                'eventID': new_uuid(),
                'eventType': 'AwsCloudTrailInsight',
                'recipientAccountId': DEV,
                'sharedEventID': shared,
                'insightDetails': {
                    'state': state,
                    'eventSource': 'ec2.amazonaws.com',
                    'eventName': 'RunInstances',
                    'insightType': 'ApiCallRateInsight',
                    'insightContext': context,
                },
                'eventCategory': 'Insight',
            }
        )
    write(
        os.path.join(root, object_key(DEV, US, 'CloudTrail-Insight', at('15:10'))),
        {'Records': records},
    )


def main():
    root = (
        sys.argv[1]
        if len(sys.argv) > 1
        else os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sample')
    )
    systems.background_lambda()
    systems.background_eks()
    systems.background_services()
    people.people()
    stories.story_inventory_by_v1()
    stories.story_near_miss()
    stories.story_upn_session()
    stories.story_seed_only()
    stories.story_split_by_mfa()
    fresh = stories.story_attack_recon()
    who = stories.story_attack_over_the_minute(fresh)
    stories.story_attack_next_account(who)
    stories.story_response(fresh)
    stories.story_lost_comma()
    stories.story_two_clients()
    shutil.rmtree(root, ignore_errors=True)
    count, listing = deliver(root, EVENTS, twice=('06:15', '13:45', '16:30'))
    write_digest(root, listing)
    write_insight(root)
    # After all that draws from RNG: the files of the day are what they are without the evening, which
    # has files of its own.
    before = len(EVENTS)
    evening.evening()
    count += deliver(root, EVENTS[before:])[0]
    print('%d events in %d log files, one digest file, one Insight file' % (len(EVENTS), count))


if __name__ == '__main__':
    main()
