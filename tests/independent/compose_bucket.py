#!/usr/bin/env python3
"""compose_bucket.py FOLDER: a bucket of CloudTrail logs and digests, then tampered with.

Three accounts, a day of hourly digests each, signed by a key that openssl makes on the spot. Writes

    FOLDER/bucket/AWSLogs/...   what was handed over
    FOLDER/keys.json            as `aws cloudtrail list-public-keys` prints it
    FOLDER/keys/...             the same keys, a file each, the right one as SubjectPublicKeyInfo
    FOLDER/with-metadata/...    the same with KEY.metadata.json beside each digest, as
                                `aws s3api head-object` prints it
    FOLDER/expected.tsv         for every object its state without keys, with keys, with both
    FOLDER/signatures.json      S3's metadata of every digest: object -> signature

The states are known from what was done to the bucket, not from any reading of it.
"""
import base64
import datetime
import gzip
import hashlib
import json
import os
import subprocess
import sys

ROOT = sys.argv[1]
BUCKET = 'trail-bucket'
TRAIL = 'company_trail'  # an underscore may stand in the name
DAY = datetime.datetime(2024, 5, 14, 0, 5, 12)
HOUR = datetime.timedelta(hours=1)
A, B, C = '111111111111', '222222222222', '333333333333'

FILES = {}       # object -> bytes
EXPECTED = {}    # object -> its states without keys, with keys, with keys and metadata
SIGNATURES = {}  # object -> hex


def iso(t):
    return t.strftime('%Y-%m-%dT%H:%M:%SZ')


def openssl(*args, data=None):
    return subprocess.run(['openssl', *args], input=data, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE).stdout


def make_key(name):
    """A key pair; returns (private file, PKCS#1 DER of the public key)."""
    private = os.path.join(ROOT, name + '.pem')
    openssl('genrsa', '-out', private, '2048')
    return private, openssl('rsa', '-in', private, '-RSAPublicKey_out', '-outform', 'DER')


def write_key_list(name, *keys):
    """Keys are pairs: the DER, and the DER whose MD5 is the fingerprint."""
    keys = [{'Value': base64.b64encode(der).decode(), 'ValidityStartTime': 1715558400.0,
             'ValidityEndTime': 1718150400.0, 'Fingerprint': hashlib.md5(known).hexdigest()}
            for der, known in keys]
    os.makedirs(os.path.join(ROOT, 'keys'), exist_ok=True)
    with open(os.path.join(ROOT, name), 'w') as file:
        json.dump({'PublicKeyList': keys}, file, indent=4)


# ---- objects ------------------------------------------------------------------------------------


def expect(name, without, with_keys=None, with_metadata=None):
    with_keys = with_keys or without
    EXPECTED[name] = [without, with_keys, with_metadata or with_keys]


def log_object(account, region, time, kind='CloudTrail'):
    mark = hashlib.sha256(('%s%s%s%s' % (account, region, time, kind)).encode()).hexdigest()[:16]
    return 'AWSLogs/%s/%s/%s/%s/%s_%s_%s_%s_%s.json.gz' % (
        account, kind, region, time.strftime('%Y/%m/%d'), account, kind, region,
        time.strftime('%Y%m%dT%H%MZ'), mark)


def log_bytes(account, region, time):
    record = {'eventVersion': '1.08', 'eventTime': iso(time - datetime.timedelta(minutes=7)),
              'eventSource': 'iam.amazonaws.com', 'eventName': 'ListUsers', 'awsRegion': region,
              'eventID': hashlib.md5(('%s%s%s' % (account, region, time)).encode()).hexdigest(),
              'recipientAccountId': account}
    return json.dumps({'Records': [record]}).encode()


def digest_object(account, region, end, backfill=False, trail=TRAIL):
    return 'AWSLogs/%s/CloudTrail-Digest/%s/%s/%s_CloudTrail-Digest_%s_%s_us-east-1_%s%s.json.gz' % (
        account, region, end.strftime('%Y/%m/%d'), account, region, trail,
        end.strftime('%Y%m%dT%H%M%SZ'), '_backfill' if backfill else '')


class Digest:
    """A digest as CloudTrail writes it; `text` is what it says."""

    def __init__(self, account, region, start, logs, before, fingerprint, backfill=False,
                 trail=TRAIL):
        self.end = start + HOUR
        self.start = start
        self.object = digest_object(account, region, self.end, backfill, trail)
        self.logs = [name for name, _ in logs]
        self.value = {
            'awsAccountId': account, 'digestStartTime': iso(start), 'digestEndTime': iso(self.end),
            'digestS3Bucket': BUCKET, 'digestS3Object': self.object,
            'digestPublicKeyFingerprint': fingerprint, 'digestSignatureAlgorithm': 'SHA256withRSA',
            'newestEventTime': iso(self.end), 'oldestEventTime': iso(start),
            'previousDigestS3Bucket': BUCKET if before else None,
            'previousDigestS3Object': before.object if before else None,
            'previousDigestHashValue': before.sha256() if before else None,
            'previousDigestHashAlgorithm': 'SHA-256' if before else None,
            'previousDigestSignature': SIGNATURES[before.object] if before else None,
            'logFiles': [{'s3Bucket': BUCKET, 's3Object': name,
                          'hashValue': hashlib.sha256(text).hexdigest(), 'hashAlgorithm': 'SHA-256',
                          'newestEventTime': iso(self.end), 'oldestEventTime': iso(start)}
                         for name, text in logs]}

    def text(self):
        return json.dumps(self.value, separators=(',', ':')).encode()

    def sha256(self):
        return hashlib.sha256(self.text()).hexdigest()

    def sign(self, private):
        before = self.value['previousDigestSignature']
        to_sign = '%s\n%s/%s\n%s\n%s' % (self.value['digestEndTime'], BUCKET, self.object,
                                         self.sha256(), before if before else 'null')
        return openssl('dgst', '-sha256', '-sign', private, data=to_sign.encode()).hex()

    def deliver(self):
        FILES[self.object] = gzip.compress(self.text(), mtime=0)


def make_chain(account, region, private, fingerprint, empty_hours=(), off_hours=()):
    """A day of digests, two log files an hour, all of it good; a list with None for hours off."""
    chain, before = [], None
    for hour in range(24):
        if hour in off_hours:
            chain.append(None)
            before = None
            continue
        start = DAY + hour * HOUR
        logs = []
        for minute in () if hour in empty_hours else (10, 35):
            time = start.replace(second=0) + datetime.timedelta(minutes=minute)
            name, text = log_object(account, region, time), log_bytes(account, region, time)
            FILES[name] = gzip.compress(text, mtime=0)
            logs.append((name, text))
            expect(name, 'good')
        digest = Digest(account, region, start, logs, before, fingerprint)
        SIGNATURES[digest.object] = digest.sign(private)
        digest.deliver()
        expect(digest.object, 'good')
        chain.append(digest)
        before = digest
    return chain


def expect_all(digest, *states):
    """The same for a digest and the log files that it names."""
    for name in [digest.object] + digest.logs:
        expect(name, *states)


# ---- what was done to it ------------------------------------------------------------------------


def tamper_with_logs(chain):
    name = chain[2].logs[0]
    text = gzip.decompress(FILES[name])
    FILES[name] = gzip.compress(text.replace(b'ListUsers', b'ListUserz'))
    expect(name, 'altered')

    FILES[chain[3].logs[1]] = gzip.compress(b'')
    expect(chain[3].logs[1], 'emptied')

    del FILES[chain[4].logs[0]]
    expect(chain[4].logs[0], 'missing')

    time = chain[5].start.replace(second=0) + datetime.timedelta(minutes=20)
    name = log_object(A, 'us-east-1', time)
    FILES[name] = gzip.compress(log_bytes(A, 'us-east-1', time))
    expect(name, 'unlisted')

    FILES[chain[6].logs[1]] += gzip.compress(b'{"Records":[]}')
    expect(chain[6].logs[1], 'altered')

    name = chain[14].logs[0]
    FILES[name] = gzip.compress(gzip.decompress(FILES[name]), 1, mtime=7)

    insight = log_object(A, 'us-east-1', chain[5].start.replace(second=0), 'CloudTrail-Insight')
    FILES[insight] = gzip.compress(log_bytes(A, 'us-east-1', chain[5].start))
    expect(insight, 'not covered')


def tamper_with_digests(chain):
    for digest in chain[8:10]:
        del FILES[digest.object]
        expect(digest.object, 'digest missing')
        for name in digest.logs:
            expect(name, 'not covered')
    # With the metadata beside it, it needs no follower.
    expect_all(chain[7], 'unproven', 'unproven', 'good')

    altered = chain[12].text().replace(b'"newestEventTime":"2024-05-14T13', b'"newestEventTime":"2024-05-14T12')
    assert altered != chain[12].text()
    FILES[chain[12].object] = gzip.compress(altered)
    expect(chain[12].object, 'digest altered')
    for name in chain[12].logs:
        expect(name, 'unproven')
    expect_all(chain[23], 'unproven', 'unproven', 'good')


def forge_last_but_one(chain):
    """A log file is rewritten, and every hash after it that can be."""
    forged, last = chain[22], chain[23]
    name = forged.logs[0]
    text = gzip.decompress(FILES[name]).replace(b'ListUsers', b'ListRoles')
    FILES[name] = gzip.compress(text)
    forged.value['logFiles'][0]['hashValue'] = hashlib.sha256(text).hexdigest()
    forged.deliver()
    last.value['previousDigestHashValue'] = forged.sha256()
    last.value['previousDigestSignature'] = forged.sign(make_key('attacker')[0])
    last.deliver()
    expect(forged.object, 'good', 'signature wrong')
    for name in forged.logs:
        expect(name, 'good', 'unproven')
    expect(last.object, 'unproven', 'unproven', 'signature wrong')
    for name in last.logs:
        expect(name, 'unproven')


def add_backfill(private, fingerprint):
    time = DAY.replace(second=0) - 5 * HOUR
    name, text = log_object(B, 'us-east-1', time), log_bytes(B, 'us-east-1', time)
    FILES[name] = gzip.compress(text)
    digest = Digest(B, 'us-east-1', DAY - 5 * HOUR, [(name, text)], None, fingerprint, backfill=True)
    SIGNATURES[digest.object] = digest.sign(private)
    digest.deliver()
    expect_all(digest, 'unproven', 'unproven', 'good')


def cut_end(chain):
    """The newest digest is deleted: nothing names it, its log files show that there was one."""
    del FILES[chain[23].object]
    expect(chain[23].object, 'digests end')
    for name in chain[23].logs:
        expect(name, 'not covered')
    expect_all(chain[22], 'unproven', 'unproven', 'good')
    # The digest before the gap has no follower either.
    expect_all(chain[9], 'unproven', 'unproven', 'good')


def drop_region(chain):
    for digest in chain:
        del FILES[digest.object], EXPECTED[digest.object]
        for name in digest.logs:
            expect(name, 'not covered')
    expect('AWSLogs/%s/CloudTrail-Digest/eu-west-1/' % A, 'no digest')


def write_file(folder, name, data):
    path = os.path.join(ROOT, folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(data)


def write():
    for name, data in FILES.items():
        for folder in 'bucket', 'with-metadata':
            write_file(folder, name, data)
        if name in SIGNATURES:
            head = {'ContentLength': len(data), 'Metadata': {
                'signature-algorithm': 'SHA256withRSA', 'signature': SIGNATURES[name]}}
            write_file('with-metadata', name + '.metadata.json', json.dumps(head).encode())
    with open(os.path.join(ROOT, 'signatures.json'), 'w') as file:
        json.dump(SIGNATURES, file)
    with open(os.path.join(ROOT, 'expected.tsv'), 'w') as file:
        for name, states in sorted(EXPECTED.items()):
            file.write('\t'.join([name] + states) + '\n')


def main():
    os.makedirs(ROOT, exist_ok=True)
    private, der = make_key('cloudtrail')
    _, other = make_key('other')
    write_key_list('keys.json', (other, other), (der, der))
    write_key_list('keys/other.json', (other, other))
    spki = openssl('rsa', '-in', private, '-pubout', '-outform', 'DER')
    write_key_list('keys/right.json', (spki, der))
    fingerprint = hashlib.md5(der).hexdigest()
    chain = make_chain(A, 'us-east-1', private, fingerprint, empty_hours=(15,))
    tamper_with_logs(chain)
    tamper_with_digests(chain)
    drop_region(make_chain(A, 'eu-west-1', private, fingerprint))
    forge_last_but_one(make_chain(B, 'us-east-1', private, fingerprint))
    add_backfill(private, fingerprint)
    cut_end(make_chain(C, 'us-east-1', private, fingerprint, off_hours=(10, 11)))
    write()


if __name__ == '__main__':
    main()
