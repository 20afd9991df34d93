#!/usr/bin/env python3
"""trino_test.py FOLDER SERVER JAVA [measure LOGS...]: the rules on a cluster of Trino.

Without `measure`: the cluster has three nodes; the sets of equal.py give the same rows as SQLite; both workers
took part; the script for Athena runs but for its table; and queries whose worker is killed on the way give all
rows or an error, never fewer. With it: what each folder costs, on two workers and on one, for docs/scale.md.
"""
import os
import re
import signal
import sys

import equal
import trino
from expected import PROJECT, expected, found

SAMPLE = os.path.join(os.path.realpath(PROJECT), 'data', 'sample', 'AWSLogs')


def say(is_good, what):
    print('ok' if is_good else 'not ok', 'trino:', what, flush=True)
    return is_good


def script_of(db, engine, logs):
    return db.execute('SELECT cloudtrail_engine_sql(?, ?)', (engine, logs)).fetchone()[0]


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


def check_workers(db, logs, wanted):
    """Tasks that read rows ran on both."""
    last = trino.prepare(script_of(db, 'trino', 'local://' + logs))
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


def check_athena(db, logs, wanted):
    """All of Athena's script but its first statement, with the day of the sample for today's."""
    trino.prepare(script_of(db, 'trino', 'local://' + logs))
    statements = list(trino.statements(script_of(db, 'athena', 's3://bucket/AWSLogs')))
    is_ddl = [bool(re.search('CREATE EXTERNAL TABLE', statement)) for statement in statements]
    trino.query(STAND_IN)
    for statement in statements[1:-1]:
        trino.query(statement.replace('current_date', "DATE '2025-10-14'"))
    columns, rows, _ = trino.run(statements[-1])
    trino.query('DROP VIEW cloudtrail_log')
    faults = list(equal.difference(wanted, rows_of(columns, rows)))
    return say(is_ddl == [True] + [False] * (len(statements) - 1) and not faults,
               f'the script for Athena, all but its table: {len(rows)} findings')  # fmt: skip


def check_table(db, logs, wanted):
    """The period kept as a table of columns, as docs/scale.md has it."""
    last = trino.prepare(script_of(db, 'trino', 'local://' + logs))
    trino.query("CREATE TABLE cloudtrail_period WITH (format = 'PARQUET') AS SELECT * FROM cloudtrail_record")
    trino.query('CREATE OR REPLACE VIEW cloudtrail_record AS SELECT * FROM cloudtrail_period')
    columns, rows, _ = trino.run(last)
    faults = list(equal.difference(wanted, rows_of(columns, rows)))
    trino.query('DROP TABLE cloudtrail_period')
    return say(not faults, f'from a table of columns: {len(rows)} findings')


# When a worker is killed, by the statistics of a query that runs.
MOMENTS = {
    'at the first rows': lambda stats: stats.get('processedRows', 0) > 0,
    'at the first finished split': lambda stats: stats.get('completedSplits', 0) > 0,
    'at half of the splits': lambda stats: 2 * stats.get('completedSplits', 0) > stats.get('totalSplits', 0) > 100,
}


def check_loss(cluster, last, wanted, moment):
    """A worker is killed while it works. Nothing is as bad as fewer rows."""
    worker, killed = cluster.nodes[2], []

    def kill_midway(stats):
        if not killed and stats['state'] == 'RUNNING' and MOMENTS[moment](stats):
            killed.append(f"{stats['completedSplits']} of {stats['totalSplits']} splits")
            worker.stop()

    try:
        columns, rows, _ = trino.run(last, kill_midway)
        is_good = not list(equal.difference(wanted, rows_of(columns, rows)))
        end = f'{len(rows)} findings of {len(wanted)}'
    except trino.TrinoError as error:
        is_good, end = True, str(error)[:120]
    return say(is_good and bool(killed), f'a worker killed {moment}, {"".join(killed)}: {end}')


def check_losses(cluster, db, logs, wanted):
    is_good = True
    for moment in MOMENTS:
        last = trino.prepare(script_of(db, 'trino', 'local://' + logs))
        is_good &= check_loss(cluster, last, wanted, moment)
        cluster.restart(2)
    columns, rows, _ = trino.run(last)
    is_same = not list(equal.difference(wanted, rows_of(columns, rows)))
    return is_good and say(is_same, f'the worker is back: {len(rows)} findings')


def test(folder, server, java):
    n_random = int(os.environ.setdefault('ENGINES_RANDOM', '1'))
    with trino.Cluster(folder, server, java) as cluster:
        is_good = check_nodes() and check_sets(folder)
        db = equal.database(folder, SAMPLE)
        wanted = expected(db)
        is_good &= check_athena(db, SAMPLE, wanted)
        is_good &= check_table(db, SAMPLE, wanted)
        logs = os.path.join(folder, f'random{n_random}', 'AWSLogs') if n_random else SAMPLE
        db.close()
        db = equal.database(folder, logs)
        wanted = expected(db)
        is_good &= check_workers(db, logs, wanted)
        is_good &= check_losses(cluster, db, logs, wanted)
    return is_good


def spent(cluster):
    """CPU seconds of the nodes, with their compilers and collectors, and of all else on this machine."""
    tick = os.sysconf('SC_CLK_TCK')
    with open('/proc/stat', encoding='ascii') as file:
        times = [int(word) for word in file.readline().split()[1:9]]
    busy = sum(times) - times[3] - times[4]
    own = 0
    for node in cluster.nodes:
        with open(f'/proc/{node.process.pid}/stat', encoding='ascii') as file:
            words = file.read().rpartition(')')[2].split()
        own += int(words[11]) + int(words[12])
    return own / tick, (busy - own) / tick


def measured(cluster, last, wanted):
    nodes, others = spent(cluster)
    columns, rows, stats = trino.run(last)
    nodes_behind, others_behind = spent(cluster)
    tasks = trino.query(f"""SELECT node_id, sum(split_cpu_time_ms), sum(physical_input_bytes) FROM system.runtime.tasks
                             WHERE query_id = '{stats['id']}' AND physical_input_bytes > 0 GROUP BY 1 ORDER BY 1""")
    return {
        'seconds': stats['elapsedTimeMillis'] / 1000,
        'CPU': stats['cpuTimeMillis'] / 1000,
        'CPU of all nodes': round(nodes_behind - nodes),
        'CPU of all else': round(others_behind - others),
        'load': round(os.getloadavg()[1], 1),
        'rows': stats['processedRows'],
        'bytes': stats['physicalInputBytes'],
        'peak memory': stats['peakMemoryBytes'],
        'bytes by worker': ' '.join(f'{node}:{n_bytes}' for node, _, n_bytes in tasks),
        'findings': len(rows),
        'as SQLite': 'no' if list(equal.difference(wanted, rows_of(columns, rows))) else 'yes',
    }


def measure(folder, server, java, all_logs):
    """Rows are files: each is one row until it is taken apart. ENGINES_HEAP is a worker's, in MB."""
    heap = int(os.environ.get('ENGINES_HEAP', '1536'))
    wanted, scripts = {}, {}
    for logs in {SAMPLE, *all_logs}:
        db = equal.database(folder, os.path.abspath(logs))
        wanted[logs] = expected(db)
        scripts[logs] = script_of(db, 'trino', 'local://' + os.path.abspath(logs))
        db.close()
    for n_workers in (2, 1):
        with trino.Cluster(folder, server, java, n_workers, heap) as cluster:
            # the sample first, for a start that is not quite cold
            for logs in [SAMPLE, *all_logs]:
                try:
                    cost = measured(cluster, trino.prepare(scripts[logs]), wanted[logs])
                except trino.TrinoError as error:
                    cost = {'error': str(error)[:300]}
                print(f'{n_workers} workers', logs, *(f'{name}: {value}' for name, value in cost.items()), sep=' | ',
                      flush=True)  # fmt: skip


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # no server is left behind
    if sys.argv[4:5] == ['measure']:
        measure(*sys.argv[1:4], sys.argv[5:])
    else:
        sys.exit(not test(*sys.argv[1:4]))
