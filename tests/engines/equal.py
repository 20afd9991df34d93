#!/usr/bin/env python3
"""equal.py FOLDER ENGINE...: holds the rules on other engines against the rules of a database.

For the sample and for random trails (compose.py), with the lists and numbers as shipped and with others, each
engine runs the script of cloudtrail_engine_sql() over the gzip files, and its rows must be those of expected.py,
no more, no fewer. CT_EXTENSION is the extension; FOLDER is for what is made. ENGINES_RANDOM is how many random
trails there are, ENGINES_CORPUS a folder AWSLogs to look at, too, such as that of `make bench`.
"""
import collections
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from compose import compose
from expected import PROJECT, expected, found

HERE = os.path.dirname(os.path.abspath(__file__))

VARIANTS = {
    'shipped': '',
    'other numbers': '''
        UPDATE rule_parameter SET value = 45.5 WHERE name = 'window_seconds';
        UPDATE rule_parameter SET value = 5 WHERE name = 'threshold';
        UPDATE rule_parameter SET value = 6 WHERE name = 'discovery_fast';
        UPDATE rule_parameter SET value = 5 WHERE name = 'discovery_slow';
        UPDATE rule_parameter SET value = 9 WHERE name = 'discovery_wide';''',
    'other lists': r'''
        UPDATE rule_parameter SET value = 3600 WHERE name = 'window_seconds';
        UPDATE rule_parameter SET value = 4 WHERE name IN ('threshold', 'discovery_fast', 'discovery_slow');
        DELETE FROM suspicious_command WHERE command LIKE 'ec2.%';
        INSERT INTO suspicious_command (command, origin) VALUES
            ('s3.cp', 'own'), ('S3api.Get-Public-Access-Block', 'own'), ('s3control.get-public-access-block', 'own'),
            ('lambda.list-functions', 'own'), ('lambda.get-function', 'own'), ('elbv2.describe-tags', 'own'),
            ('cloudfront.list-distributions', 'own'), ('rds.describe-db-instances', 'own'),
            ('docdb.describe-db-clusters', 'own'), ('sesv2.get-account', 'own'), ('ses.list-identities', 'own'),
            ('wafv2.list-web-acls', 'own'), ('iam.list-mfa-devices', 'own'), ('cloudwatch.list-metrics', 'own'),
            ('ec2.wait.instance-running', 'own'), ('newservice.list-things', 'own'),
            ('elb.describe-load-balancers', 'own'), ('bedrock-runtime.invoke-model', 'own'), ('sts.assume-role', 'own'),
            ('o''brien\', 'own'), ('x'' OR 1 = 1 --', 'own'), ('zoë."\n', 'own'), (char(10) || ';', 'own');
        INSERT OR IGNORE INTO discovery_call (eventSource, eventName, origin) VALUES
            ('s3.amazonaws.com', 'GetObject', 'own'), ('rds.amazonaws.com', 'DescribeDBInstances', 'own'),
            ('it''s\', '"); DROP TABLE x; --', 'own');
        DELETE FROM discovery_call WHERE eventSource LIKE 'iam%';
        DELETE FROM ordinary_agent WHERE pattern LIKE '%terraform%' OR kind = 'console';
        INSERT INTO ordinary_agent (pattern, kind) VALUES ('our_inventory\_%', 'tool'), ('o''BRIEN\%', 'tool'), ('b__o3/1.3%', 'console'),
            ('é%', 'console'), ('ÉC%', 'tool'), ('[%', 'tool');
        INSERT INTO allow_list (principal, reason) VALUES ('*', 'all of it');''',
    'empty lists': '''
        DELETE FROM suspicious_command;
        DELETE FROM discovery_call;
        DELETE FROM ordinary_agent;
        UPDATE rule_parameter SET value = 3 WHERE name = 'discovery_wide';''',
}


def connect(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.path.abspath(os.environ['CT_EXTENSION']))
    return db


def run_measured(command, environment=None):
    """What a command prints, and what it took, for docs/scale.md. Linux counts the bytes of each read()."""
    begin = time.time()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=complaints)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with open(f'/proc/{process.pid}/io', encoding='ascii') as file:
            n_read = int(file.readline().split()[1])
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        complaints.seek(0)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command, stderr=complaints.read())
        return out.read(), (f' ({time.time() - begin:.0f} seconds, {usage.ru_utime + usage.ru_stime:.0f} CPU seconds,'
                            f' {n_read / 1e6:.0f} MB read, {usage.ru_maxrss / 1024:.0f} MB of memory)')  # fmt: skip


def run_duckdb(script):
    return run_measured(['node', os.path.join(HERE, 'duckdb.mjs'), script])


def run_clickhouse(script):
    environment = dict(os.environ, PYTHONPATH=os.environ['ENGINES_PYTHON'])
    return run_measured([sys.executable, os.path.join(HERE, 'clickhouse.py'), script], environment)


def run_trino(script):
    import trino

    return b'\n'.join(json.dumps(row).encode() for row in trino.run_script(script)), ''


RUNNERS = {'duckdb': run_duckdb, 'clickhouse': run_clickhouse, 'trino': run_trino}


def canonical(finding):
    return json.dumps(finding, sort_keys=True)


def difference(wanted, got):
    """The first few rows that one side alone has."""
    wanted, got = collections.Counter(map(canonical, wanted)), collections.Counter(map(canonical, got))
    for name, rows in ('missing', wanted - got), ('too many', got - wanted):
        for row in sorted(rows.elements())[:3]:
            yield f'  {name}: {row[:1500]}'


def compare(db, engine, logs, folder, name, wanted):
    script = os.path.join(folder, engine + '.sql')
    with open(script, 'w', encoding='utf-8') as file:
        location = ('local://' if engine == 'trino' else '') + logs
        file.write(db.execute('SELECT cloudtrail_engine_sql(?, ?)', (engine, location)).fetchone()[0])
    try:
        output, cost = RUNNERS[engine](script)
    except (subprocess.CalledProcessError, OSError) as error:
        print(f'not ok {engine}: {name}: {getattr(error, "stderr", b"")[-2000:]!r} {error}')
        return False
    rows = [found(json.loads(line)) for line in output.decode().split('\n') if line]
    faults = list(difference(wanted, rows))
    print(f'{"not ok" if faults else "ok"} {engine}: {name}: {len(wanted)} findings{cost}', *faults, sep='\n')
    return not faults


def sets(folder):
    """Name, the folder of the logs, a database of them."""
    yield 'sample', os.path.join(PROJECT, 'data', 'sample', 'AWSLogs')
    corpus = os.environ.get('ENGINES_CORPUS', '')
    if corpus:
        yield 'corpus', corpus
    for seed in range(1, int(os.environ.get('ENGINES_RANDOM', '3')) + 1):
        logs = os.path.join(folder, f'random{seed}')
        shutil.rmtree(logs, ignore_errors=True)
        compose(logs, seed, int(os.environ.get('ENGINES_EVENTS', '20000')))
        yield f'random {seed}', os.path.join(logs, 'AWSLogs')


def database(folder, logs):
    path = os.path.join(folder, 'events.db')
    if os.path.exists(path):
        os.remove(path)
    db = connect(path)
    db.execute('SELECT cloudtrail_import(?)', (logs,))
    return db


def main():
    folder, engines = sys.argv[1], sys.argv[2:]
    os.makedirs(folder, exist_ok=True)
    is_good = True
    for name, logs in sets(folder):
        db = database(folder, os.path.abspath(logs))
        for variant, changes in VARIANTS.items():
            db.execute('BEGIN')
            for statement in changes.split(';\n'):
                db.execute(statement)
            wanted = expected(db)
            for engine in engines:
                is_good &= compare(db, engine, os.path.abspath(logs), folder, f'{name}, {variant}', wanted)
            db.execute('ROLLBACK')
        db.close()
    sys.exit(not is_good)


if __name__ == '__main__':
    main()
