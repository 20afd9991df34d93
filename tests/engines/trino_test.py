#!/usr/bin/env python3
"""trino_test.py FOLDER SERVER JAVA [measure LOGS...]: the rules on a cluster of Trino.

Without `measure`: the cluster has three nodes; the sets of equal.py give the same rows as SQLite; both workers
took part; the script for Athena runs but for its table; and a query whose worker is killed on the way gives all
rows or an error. With it: time, rows and bytes of each folder, on two workers and on one, for docs/scale.md.
"""
import os
import re
import signal
import sys
import threading
import time

import equal
import trino
from expected import PROJECT, expected, found

SAMPLE = os.path.join(os.path.realpath(PROJECT), 'data', 'sample', 'AWSLogs')


def say(is_good, what):
    print('ok' if is_good else 'not ok', 'trino:', what, flush=True)
    return is_good


def script_of(db, folder, engine, logs):
    path = os.path.join(folder, engine + '.sql')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(db.execute('SELECT cloudtrail_engine_sql(?, ?)', (engine, logs)).fetchone()[0])
    return path


def rows_of(columns, rows):
    return [found(dict(zip(columns, row))) for row in rows]


def check_nodes():
    nodes = trino.query('SELECT node_id, coordinator FROM system.runtime.nodes ORDER BY node_id')
    return say(nodes == [['node0', True], ['node1', False], ['node2', False]], f'nodes: {nodes}')


def check_sets(folder):
    is_good = True
    for name, logs in equal.sets(folder):
        db = equal.database(folder, os.path.abspath(logs))
        for variant, changes in equal.VARIANTS.items():
            db.execute('BEGIN')
            for statement in changes.split(';\n'):
                db.execute(statement)
            is_good &= equal.compare(db, 'trino', os.path.abspath(logs), folder, f'{name}, {variant}', expected(db))
            db.execute('ROLLBACK')
        db.close()
    return is_good


def check_workers(db, folder, logs, wanted):
    """Tasks that read rows ran on both."""
    last = trino.prepare(script_of(db, folder, 'trino', 'local://' + logs))
    columns, rows, stats = trino.run(last)
    workers = trino.query(f"""SELECT node_id, sum(raw_input_rows) FROM system.runtime.tasks
                               WHERE query_id = '{stats['id']}' AND raw_input_rows > 0 GROUP BY 1 ORDER BY 1""")
    is_same = not list(equal.difference(wanted, rows_of(columns, rows)))
    return say(is_same and [worker for worker, _ in workers if worker != 'node0'] == ['node1', 'node2'],
               f'rows read by each worker: {workers}')  # fmt: skip


# What stands for the table that only Athena can make: the same columns, out of the same files.
STAND_IN = """CREATE OR REPLACE VIEW cloudtrail_log AS
SELECT f."$path" AS "$path", r.*,
       regexp_extract(f."$path", '/([0-9]+)/CloudTrail/', 1) AS account,
       regexp_extract(f."$path", '/CloudTrail/([^/]+)/', 1) AS region,
       regexp_extract(f."$path", '/CloudTrail/[^/]+/(\\d+/\\d+/\\d+)/', 1) AS day
  FROM cloudtrail_log_file AS f
 CROSS JOIN UNNEST(f.records) AS r(eventtime, eventid, eventname, eventsource, awsregion, sourceipaddress,
                                   useragent, recipientaccountid, useridentity, errorcode, eventtype,
                                   eventcategory, apiversion, resources)"""


def check_athena(db, folder, logs, wanted):
    """All of Athena's script but its first statement, with the day of the sample for today's."""
    trino.prepare(script_of(db, folder, 'trino', 'local://' + logs))
    with open(script_of(db, folder, 'athena', 's3://bucket/AWSLogs'), encoding='utf-8') as file:
        statements = list(trino.statements(file.read()))
    is_ddl = [bool(re.search('CREATE EXTERNAL TABLE', statement)) for statement in statements]
    trino.query(STAND_IN)
    for statement in statements[1:-1]:
        trino.query(statement.replace('current_date', "DATE '2025-10-14'"))
    columns, rows, _ = trino.run(statements[-1])
    trino.query('DROP VIEW cloudtrail_log')
    faults = list(equal.difference(wanted, rows_of(columns, rows)))
    return say(is_ddl == [True] + [False] * (len(statements) - 1) and not faults,
               f'the script for Athena, all but its table: {len(rows)} findings')  # fmt: skip


def check_table(db, folder, logs, wanted):
    """The period kept as a table of columns, as docs/scale.md has it."""
    last = trino.prepare(script_of(db, folder, 'trino', 'local://' + logs))
    trino.query("CREATE TABLE cloudtrail_period WITH (format = 'PARQUET') AS SELECT * FROM cloudtrail_record")
    trino.query('CREATE OR REPLACE VIEW cloudtrail_record AS SELECT * FROM cloudtrail_period')
    columns, rows, _ = trino.run(last)
    faults = list(equal.difference(wanted, rows_of(columns, rows)))
    trino.query('DROP TABLE cloudtrail_period')
    return say(not faults, f'from a table of columns: {len(rows)} findings')


def check_loss(cluster, db, folder, logs, wanted):
    """A worker is killed while it works. Nothing is as bad as fewer rows."""
    last = trino.prepare(script_of(db, folder, 'trino', 'local://' + logs))
    worker, killed = cluster.nodes[2], threading.Event()

    def kill_midway(stats):
        if stats.get('completedSplits', 0) > 0 and not killed.is_set():
            killed.set()
            worker.stop()

    try:
        columns, rows, _ = trino.run(last, kill_midway)
        faults = list(equal.difference(wanted, rows_of(columns, rows)))
        return say(killed.is_set() and not faults, f'a worker killed midway: all {len(rows)} findings')
    except trino.TrinoError as error:
        return say(killed.is_set(), f'a worker killed midway: {str(error)[:120]}')


def test(folder, server, java):
    n_random = int(os.environ.setdefault('ENGINES_RANDOM', '1'))
    with trino.Cluster(folder, server, java) as cluster:
        is_good = check_nodes() and check_sets(folder)
        db = equal.database(folder, SAMPLE)
        wanted = expected(db)
        is_good &= check_athena(db, folder, SAMPLE, wanted)
        is_good &= check_table(db, folder, SAMPLE, wanted)
        logs = os.path.join(folder, f'random{n_random}', 'AWSLogs') if n_random else SAMPLE
        db.close()
        db = equal.database(folder, logs)
        wanted = expected(db)
        is_good &= check_workers(db, folder, logs, wanted)
        is_good &= check_loss(cluster, db, folder, logs, wanted)
    return is_good


def measure(folder, server, java, all_logs):
    """Rows are files: each is one row until it is taken apart."""
    print('workers|folder|seconds|CPU seconds|rows|bytes|peak memory|findings', flush=True)
    for n_workers in (2, 1):
        with trino.Cluster(folder, server, java, n_workers) as cluster:
            db = equal.database(folder, SAMPLE)
            trino.run(trino.prepare(script_of(db, folder, 'trino', 'local://' + SAMPLE)))  # warm
            for logs in all_logs:
                last = trino.prepare(script_of(db, folder, 'trino', 'local://' + os.path.abspath(logs)))
                begin = time.time()
                _, rows, stats = trino.run(last)
                print(n_workers, logs, round(time.time() - begin, 1), stats['cpuTimeMillis'] / 1000,
                      stats['processedRows'], stats['physicalInputBytes'], stats['peakMemoryBytes'], len(rows), sep='|',
                      flush=True)  # fmt: skip
            db.close()


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # no server is left behind
    if sys.argv[4:5] == ['measure']:
        measure(*sys.argv[1:4], sys.argv[5:])
    else:
        sys.exit(not test(*sys.argv[1:4]))
