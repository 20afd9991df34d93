#!/usr/bin/env python3
"""compose_attacks.py FOLDER: small buckets, each with one attack on the proof itself.

What compose_bucket.py makes a day of is made six hours of here, and then rewritten by somebody who
knows how the proof works and has no key of AWS. Writes

    FOLDER/NAME/...            the bucket of an attack
    FOLDER/NAME.expected       `object|state` of what must be found with keys, sorted
    FOLDER/keys.json

The states are known from what was done.
"""
import copy
import datetime
import gzip
import hashlib
import os

import compose_bucket as compose
from compose_bucket import A, B, DAY, HOUR, Digest, log_bytes, log_object

REGION = 'us-east-1'


class Bucket:
    """Files by their path, digests that are not written yet, and what is to be found."""

    def __init__(self, chain):
        self.chain = copy.deepcopy(chain)
        self.files = {}
        for digest in self.chain:
            for name in digest.logs:
                self.files[name] = compose.FILES[name]
        self.expected = []

    def expect(self, name, state):
        self.expected.append('%s|%s' % (name, state))

    def add(self, name, data):
        self.files[name] = gzip.compress(data, mtime=0)

    def write(self, folder):
        for digest in self.chain:
            self.add(digest.object, digest.text())
        for name, data in self.files.items():
            compose.write_file(folder, name, data)
        with open(os.path.join(compose.ROOT, folder + '.expected'), 'w') as file:
            file.write(''.join(line + '\n' for line in sorted(self.expected)))


def at(hour, minute):
    return DAY.replace(second=0) + hour * HOUR + datetime.timedelta(minutes=minute)


def make_chain(private, fingerprint, n, account=A, trail=compose.TRAIL, first=DAY, minutes=(10, 35)):
    chain = []
    for hour in range(n):
        logs = []
        for minute in minutes:
            time = first.replace(second=0) + hour * HOUR + datetime.timedelta(minutes=minute)
            name, text = log_object(account, REGION, time), log_bytes(account, REGION, time)
            compose.FILES[name] = gzip.compress(text, mtime=0)
            logs.append((name, text))
        digest = Digest(account, REGION, first + hour * HOUR, logs, chain[-1] if chain else None,
                        fingerprint, trail=trail)
        compose.SIGNATURES[digest.object] = digest.sign(private)
        chain.append(digest)
    return chain


def rewrite(bucket, first, change):
    """From a digest on all are rewritten, without the first log file of each; hashes are mended."""
    for i in range(first, len(bucket.chain)):
        digest = bucket.chain[i]
        gone = digest.value['logFiles'].pop(0)
        del bucket.files[gone['s3Object']]
        digest.value['previousDigestHashValue'] = bucket.chain[i - 1].sha256()
        change(digest.value)


def without_signature(value):
    value['previousDigestSignature'] = None


def without_key(value):
    value['previousDigestSignature'] = None
    value['digestPublicKeyFingerprint'] = '0' * 32


def without_fingerprint(value):
    value['previousDigestSignature'] = None
    value['digestPublicKeyFingerprint'] = ''


def as_a_start(value):
    for key in value:
        if key.startswith('previousDigest'):
            value[key] = None


def strip(chain, change, newest=None):
    bucket = Bucket(chain)
    rewrite(bucket, 2, change)
    for digest in bucket.chain[1:-1]:
        bucket.expect(digest.object, 'signature wrong')
    if newest:
        bucket.expect(bucket.chain[-1].object, newest)
    return bucket


def starts(chain):
    bucket = Bucket(chain)
    rewrite(bucket, 2, as_a_start)
    for digest in bucket.chain[2:]:
        bucket.expect(digest.object, 'gap')
    return bucket


def copies(chain):
    bucket = Bucket(chain)
    logs = [name for digest in bucket.chain[:4] for name in digest.logs]
    texts = [gzip.decompress(bucket.files[name]) for name in logs]
    base = [os.path.basename(name) for name in logs]
    bucket.add('aside/' + base[0], texts[0].replace(b'ListUsers', b'ListRoles'))
    bucket.expect(base[0], 'altered')
    bucket.add('aside/' + base[1], b'')
    bucket.expect(base[1], 'emptied')
    elsewhere = logs[2].replace('/CloudTrail/', '/x/CloudTrail/')
    bucket.add(elsewhere, texts[2].replace(b'ListUsers', b'ListRoles'))
    bucket.expect(elsewhere, 'unlisted')
    renamed = log_object(A, REGION, at(1, 20))
    bucket.add(renamed, texts[3])
    bucket.expect(renamed, 'good')
    bucket.add('aside/' + base[4], texts[4])  # needs no row of its own
    bucket.add('aside/' + base[5] + '.1', texts[5].replace(b'ListUsers', b'ListRoles'))
    bucket.expect(base[5] + '.1', 'unlisted')
    hidden = os.path.dirname(logs[6]) + '/' + base[6] + '.metadata.json'
    bucket.add(hidden, texts[6].replace(b'ListUsers', b'ListRoles'))
    bucket.expect(hidden + '.gz', 'unlisted')  # known as that of an unpacked file
    return bucket


def digest_copies(chain):
    bucket = Bucket(chain)
    forged = copy.deepcopy(bucket.chain[2])
    forged.value['logFiles'] = []
    bucket.add('aside/' + forged.object, forged.text())
    bucket.expect(forged.object, 'digest altered')
    forged = copy.deepcopy(bucket.chain[-1])  # nothing follows it: which one is right?
    forged.value['logFiles'] = []
    bucket.add('aside/' + forged.object, forged.text())
    bucket.expect(forged.object, 'digest altered')
    return bucket


def launder(chain, fingerprint, state=None, **how):
    """An added log file, and a digest made up to name it."""
    bucket = Bucket(chain)
    time = at(3, 20)
    name, text = log_object(A, REGION, time), log_bytes(A, REGION, time)
    bucket.add(name, text)
    bucket.expect(name, 'unlisted')
    forged = Digest(A, REGION, DAY + 3 * HOUR, [(name, text)], None, fingerprint, **how)
    bucket.add(forged.object, forged.text())
    if state:
        bucket.expect(forged.object, state)
    return bucket


def launder_by_next(chain, fingerprint):
    """The made-up digest goes on where the chain ends, with the signature that S3 tells of."""
    bucket = Bucket(chain)
    time = at(3, 20)
    name, text = log_object(A, REGION, time), log_bytes(A, REGION, time)
    bucket.add(name, text)
    bucket.expect(name, 'unlisted')
    forged = Digest(A, REGION, DAY + len(chain) * HOUR, [(name, text)], chain[-1], fingerprint)
    bucket.add(forged.object, forged.text())
    return bucket


def two_trails(chain, other):
    """Nothing was done: the newest digest of one trail lies in the middle of the other's."""
    bucket = Bucket(chain + other)
    return bucket


def nothing_listed(private, fingerprint):
    bucket = Bucket(make_chain(private, fingerprint, 3, account=B, minutes=()))
    name = log_object(B, REGION, at(1, 20))
    bucket.add(name, log_bytes(B, REGION, at(1, 20)))
    bucket.expect(name, 'unlisted')
    return bucket


def main():
    os.makedirs(compose.ROOT, exist_ok=True)
    private, der = compose.make_key('cloudtrail')
    compose.write_key_list('keys.json', (der, der))
    fingerprint = hashlib.md5(der).hexdigest()
    chain = make_chain(private, fingerprint, 6)
    other = make_chain(private, fingerprint, 2, trail='other',
                       first=DAY + datetime.timedelta(minutes=90), minutes=(15,))
    buckets = {
        'stripped': strip(chain, without_signature),
        'stripped-other-key': strip(chain, without_key, 'no key'),
        'stripped-no-key': strip(chain, without_fingerprint, 'no key'),
        'starts': starts(chain),
        'copies': copies(chain),
        'digest-copies': digest_copies(chain),
        'lone-trail': launder(chain, fingerprint, trail='made_up'),
        'lone-backfill': launder(chain, fingerprint, backfill=True),
        'lone-other-key': launder(chain, '0' * 32, 'no key', trail='made_up'),
        'next': launder_by_next(chain, fingerprint),
        'two-trails': two_trails(chain, other),
        'nothing-listed': nothing_listed(private, fingerprint),
    }
    for name, bucket in buckets.items():
        bucket.write(name)


main()
