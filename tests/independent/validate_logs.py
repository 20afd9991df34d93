#!/usr/bin/env python3
"""validate_logs.py FOLDER DATABASE: the AWS CLI's own `cloudtrail validate-logs` over a bucket that
compose_bucket.py made, offline, beside what cloudtrail_verify() wrote into the
database. Prints a line for each object of which the two say different things, and how many they
agree on. Exit status 77: the AWS CLI's code is not there.
"""
import contextlib
import io
import json
import os
import re
import sqlite3
import sys
import types
import zlib

try:
    from awscli.customizations.cloudtrail import validation
    from botocore.exceptions import ClientError
except ImportError as error:
    print('the AWS CLI is not installed for %s: %s' % (sys.executable, error))
    sys.exit(77)

ROOT, DATABASE = sys.argv[1:3]
BUCKET = 'trail-bucket'
with open(os.path.join(ROOT, 'signatures.json')) as file:
    SIGNATURES = json.load(file)
with open(os.path.join(ROOT, 'keys.json')) as file:
    KEYS = json.load(file)


class Bucket:
    """What botocore's S3 client does, of a folder."""

    def get_object(self, Bucket, Key):
        try:
            with open(os.path.join(ROOT, 'bucket', Key), 'rb') as file:
                data = file.read()
        except FileNotFoundError:
            raise ClientError({'Error': {'Code': 'NoSuchKey', 'Message': 'gone'}}, 'GetObject')
        metadata = {}
        if Key in SIGNATURES:
            metadata = {'signature': SIGNATURES[Key], 'signature-algorithm': 'SHA256withRSA',
                        'backfill-generation-timestamp': '2024-05-14T10:00:00Z'}
        return {'Body': io.BytesIO(data), 'Metadata': metadata}

    def get_paginator(self, _):
        return self

    def paginate(self, Bucket, Marker, Prefix):
        keys = [os.path.relpath(os.path.join(folder, name), os.path.join(ROOT, 'bucket'))
                for folder, _, names in os.walk(os.path.join(ROOT, 'bucket')) for name in names]
        found = sorted(key for key in keys if key.startswith(Prefix) and key > Marker)
        return types.SimpleNamespace(search=lambda _: found)


def validate(account, region):
    """What the CLI says of one account and region: {object: its words}."""
    command = validation.CloudTrailValidateLogs(session=None)
    command.trail_arn = 'arn:aws:cloudtrail:us-east-1:%s:trail/company_trail' % account
    command.is_verbose = True
    command.start_time = validation.normalize_date(validation.parse_date('2024-05-13T00:00:00Z'))
    command.end_time = validation.normalize_date(validation.parse_date('2024-05-16T00:00:00Z'))
    command.s3_bucket, command.s3_prefix, command.account_id = BUCKET, None, account
    command._source_region = region
    command.s3_client_provider = types.SimpleNamespace(get_client=lambda _: Bucket())
    command.cloudtrail_client = types.SimpleNamespace(list_public_keys=lambda **_: KEYS)
    command.organization_client = None
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        command._call()
    return dict(re.findall(r'(?:Digest|Log) file\ts3://%s/(\S+)\t(.*)' % BUCKET, out.getvalue()))


# What our states are in its words.
WORDS = {
    'good': 'valid', 'unproven': 'valid',
    'altered': "INVALID: hash value doesn't match",
    'emptied': "INVALID: hash value doesn't match",
    'missing': 'INVALID: not found', 'digest missing': 'INVALID: not found',
    'digest altered': 'INVALID: signature verification failed',
    'signature wrong': 'INVALID: signature verification failed',
}
# It hashes the first gzip member; newer releases say that there is more behind it.
APPENDED = 'INVALID: unexpected data after end of compressed stream'


def has_more_members(name):
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    with open(os.path.join(ROOT, 'bucket', name), 'rb') as file:
        inflater.decompress(file.read())
    return inflater.unused_data != b''


def main():
    states = dict(sqlite3.connect(DATABASE).execute(
        "SELECT s3Object, state FROM cloudtrail_proof WHERE state <> 'gap'"))
    n_same = 0
    for account in ('111111111111', '222222222222', '333333333333'):
        for name, said in sorted(validate(account, 'us-east-1').items()):
            ours = states.get(name, 'nothing')
            appended = ours == 'altered' and said in ('valid', APPENDED) and has_more_members(name)
            if said == WORDS.get(ours) or appended:
                n_same += 1
            else:
                print('%s: ours %s, the AWS CLI: %s' % (name, ours, said))
    print('the same of %d objects' % n_same)


main()
