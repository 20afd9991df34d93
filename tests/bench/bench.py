#!/usr/bin/env python3
"""bench.py: what the extension costs beside DuckDB and plain SQLite, on the same data in one run.

`make bench` calls it. Every measurement is a process of its own, ours and the peer's in turns, RUNS
times; the table gives the median and the range. Seconds are those of the statements alone, as
the process itself measures them (the shell's .timer, performance.now() in node), so that neither
side pays for its start. Peak memory is that of the whole process. Answers are compared, and a
difference ends the run with exit status 1.

Environment: RUNS, EVENTS, FILES, ROWS, BENCH_LARGE=1 (also ten times the events), ONLY (some of
"rule import detect hunt dash windows"), DOCS=1 (the table goes into docs/performance.md too). CT_EXTENSION is the extension, CT_BENCH_DIR the folder for all output.
"""
import datetime
import gzip
import hashlib
import inspect
import json
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.relpath(os.path.join(HERE, '..', '..'))
SQL = os.path.join(HERE, 'sql')
OUT = os.environ.get('CT_BENCH_DIR', 'build/bench')
EXTENSION = os.environ.get('CT_EXTENSION', 'build/cloudtrail.so')
MODULES = os.path.abspath(os.path.join(OUT, 'peer', 'node_modules'))

RUNS = int(os.environ.get('RUNS') or 3)
EVENTS = int(os.environ.get('EVENTS') or 400000)
FILES = int(os.environ.get('FILES') or 5184)
ROWS = int(os.environ.get('ROWS') or 2000000)
LARGE = os.environ.get('BENCH_LARGE') == '1'
ONLY = (os.environ.get('ONLY') or '').split()

GROUPS = max(1, ROWS // 40)
WINDOW, THRESHOLD = 60, 8

FAILURES = []
MONTH = [] # the events of the month's database, once it is there


def say(text):
    print(text, file=sys.stderr, flush=True)


def fail(text):
    FAILURES.append(text)
    say('DIFFERENT: ' + text)


def sql_file(name, **values):
    """The text of a file in sql/, without its comments, {name} replaced."""
    with open(os.path.join(SQL, name)) as file:
        text = re.sub(r'^ *--.*\n', '', file.read(), flags=re.M)
    for key, value in values.items():
        text = text.replace('{%s}' % key, value)
    return text.strip().rstrip(';')


# ---- one measurement ----------------------------------------------------------------------------


class Cost:
    """What one process took for its statements."""

    def __init__(self, seconds, cpu, peak_kb, rows, size=0):
        self.seconds, self.cpu, self.peak_kb, self.rows, self.size = seconds, cpu, peak_kb, rows, size


def run(command, text=None, **more):
    """Runs a command: (its output, its peak memory in KB)."""
    peak = os.path.join(OUT, 'peak')
    # `time` and not our own wait: a child's peak counts from its parent's size.
    done = subprocess.run(
        ['/usr/bin/time', '-q', '-f', '%M', '-o', peak] + command, input=text, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, universal_newlines=True, **more
    )
    if done.returncode != 0:
        raise SystemExit('%s failed:\n%s\n%s' % (command[0], (text or command[-1])[:4000], done.stderr))
    with open(peak) as file:
        return done.stdout, int(file.read().split()[-1])


def ours(timed, database=':memory:', setup='', load=True):
    """Runs SQL in the sqlite3 shell; `timed` is a list of statements."""
    script = '.bail on\n.mode list\n'
    if load:
        script += '.load %s\n' % os.path.splitext(EXTENSION)[0]
    script += setup + '\n.mode json\n.print @@\n.timer on\n' + ''.join(s + ';\n' for s in timed)
    output, peak = run(['sqlite3', '-batch', '-init', '/dev/null', database], script)
    output = output.split('@@\n', 1)[1]
    times = re.findall(r'^Run Time: real ([0-9.]+) user ([0-9.]+) sys ([0-9.]+)$', output, re.M)
    if len(times) != len(timed):
        raise SystemExit('the shell ran %d of %d statements:\n%s' % (len(times), len(timed), output[-2000:]))
    text = re.split(r'^Run Time: .*\n', output, flags=re.M)[-2].strip()
    return Cost(
        sum(float(t[0]) for t in times),
        sum(float(t[1]) + float(t[2]) for t in times),
        peak,
        [tuple(row.values()) for row in json.loads(text)] if text else [],
    )


def duckdb(timed, database=':memory:', setup=()):
    task = {'database': database, 'setup': list(setup), 'timed': timed}
    environment = dict(os.environ, CT_BENCH_MODULES=MODULES)
    output, peak = run(['node', os.path.join(HERE, 'duckdb.mjs'), json.dumps(task)], env=environment)
    answer = json.loads(output)
    PEER['version'] = answer['version']
    return Cost(answer['seconds'], answer['cpu'], peak, [tuple(r) for r in answer['rows']])


PEER = {'version': None, 'is_there': False}


def file_size(path):
    return sum(os.path.getsize(path + tail) for tail in ('', '-wal', '.wal') if os.path.exists(path + tail))


def remove_database(path):
    for tail in ('', '-wal', '-shm', '-journal', '.wal'):
        if os.path.exists(path + tail):
            os.remove(path + tail)


def into_new_database(path, measure):
    """Measures what fills a new database; nothing older waits to be written to the disk."""
    remove_database(path)
    os.sync()
    cost = measure()
    cost.size = file_size(path)
    return cost


# ---- series and the table -----------------------------------------------------------------------


class Series:
    def __init__(self):
        self.costs = []

    def median(self, of):
        return statistics.median(getattr(c, of) for c in self.costs)

    @property
    def seconds(self):
        return self.median('seconds')

    @property
    def rows(self):
        return self.costs[0].rows


def interleaved(name, *measures, rounds=RUNS):
    """All measures in turns, so many rounds; None stands for one that is not to be had."""
    series = [m and Series() for m in measures]
    for number in range(rounds):
        say('%s, round %d of %d' % (name, number + 1, rounds))
        for measure, one in zip(measures, series):
            if measure:
                one.costs.append(measure())
    return series


def best_of(name, ways):
    """The peer's fastest way: each is tried once, the two fastest again. [(label, measure)] -> measure."""
    if not PEER['is_there']:
        return None
    best = {}

    def attempt(label, measure):
        cost = measure()
        best[label] = min(cost.seconds, best.get(label, cost.seconds))
        say('%s: DuckDB, %s: %.2f s, %d MB' % (name, label, cost.seconds, cost.peak_kb // 1024))

    for label, measure in ways:
        attempt(label, measure)
    for label, measure in sorted(ways, key=lambda way: best[way[0]])[:2]:
        attempt(label, measure)
    ways = sorted(ways, key=lambda way: best[way[0]])
    NOTES.append(
        'DuckDB, %s, its ways: %s; the first is in the table.'
        % (name, ', '.join('%s %.2f s' % (label, best[label]) for label, _ in ways))
    )
    return ways[0][1]


NOTES = []
LINES = []  # what add() was given


def add(what, who, series, against=None, targets=(), scale=1):
    """A line of the table. `against`: our series, which this one is compared with. Targets are
    (text, seconds to stay below)."""
    if series:
        LINES.append((what, who, series, against, targets, scale))


def part_of(series, name, most):
    """A target that is a share of what another series took in this run; none without that one."""
    return [('%s %s' % (most, name), series.seconds * most)] if series else []


def stated(text, seconds):
    """A target in seconds, which is stated for 400,000 events in 5,184 files."""
    return [(text, seconds)] if (EVENTS, FILES) == (400000, 5184) else []


def seconds_text(value):
    return '%.3f' % value if value < 1 else '%.2f' % value


def table():
    lines = [
        '| what | who | seconds: median (range) | CPU s | peak MB | file MB | time to ours | target: how much of it |',
        '|---|---|---|---|---|---|---|---|',
    ]
    for what, who, series, against, targets, scale in LINES:
        spread = [c.seconds * scale for c in series.costs]
        median, size = statistics.median(spread), series.costs[0].size
        lines.append(
            '| %s | %s | %s (%s - %s) | %s | %d | %s | %s | %s |'
            % (
                what,
                who,
                seconds_text(median),
                seconds_text(min(spread)),
                seconds_text(max(spread)),
                seconds_text(series.median('cpu') * scale),
                round(series.median('peak_kb') / 1024),
                round(size / 1e6) if size else '',
                '%.2f' % (median / against.seconds) if against else '',
                '; '.join('%s: %.2f' % (text, median / limit) for text, limit in targets),
            )
        )
    return '\n'.join(lines)


def peer(measure):
    return measure if PEER['is_there'] else None


# ---- the rule over files ------------------------------------------------------------------------

SEED, BURST = 'SuspiciousAWSCLICommandExecution', 'aws_cli_recon_burst'


def seed_rows(rows):
    """What all formulations must agree on: all but the lists, whose order is free within a second."""
    return sorted((r[0], r[1], r[2], r[3], r[4] or '', r[5], r[6] in (1, True), int(r[7]), int(r[8])) for r in rows)


def burst_rows(rows):
    """Our view: firstTime, lastTime, account, name, suffix, address, commands, peak, events, denied, errors."""
    return sorted(tuple(r[:6]) + (int(r[6]), int(r[7]), int(r[8]), int(r[10])) for r in rows)


def integers(rows):
    return [tuple(int(value or 0) for value in row) for row in rows]


def same(what, *answers):
    """Fails when answers differ, or when there is nothing in them to differ."""
    named = [a for a in answers if a is not None]
    for other in named[1:]:
        if other != named[0]:
            fail('%s: %s ... and %s ...' % (what, str(named[0])[:300], str(other)[:300]))
    if not named[0]:
        fail('%s: no rows at all' % what)


def over_files(name, folder):
    """A rule over files as sql/files has it: (setup, statement)."""
    path = os.path.join(ROOT, 'sql', 'files', name + '.sql')
    setup = ".parameter init\n.parameter set @logs \"'%s'\"\n.read %s\n" % (folder.replace("'", "''"), path)
    return setup, 'SELECT * FROM temp.' + name


def rule(folder, trail):
    what = 'seed rule over the gzip files'
    setup, statement = over_files(SEED, folder)
    glob = folder + '/**/*.json.gz'
    seed = sql_file('duckdb_seed.sql')

    def way(file, **values):
        return lambda: duckdb([seed], setup=[sql_file(file, files=glob, **values)])

    best = best_of(
        what,
        [
            ('columns typed, one value a line', way('duckdb_files.sql', format='newline_delimited')),
            ('columns typed, any layout', way('duckdb_files.sql', format='unstructured')),
            ('columns typed, layout found out', way('duckdb_files.sql', format='auto')),
            ('records as JSON text', way('duckdb_files_json.sql')),
        ],
    )
    burst_setup, burst_statement = over_files(BURST, folder)
    a, b, c, d = interleaved(
        what,
        lambda: ours([statement], setup=setup),
        best,
        lambda: ours([burst_statement], setup=burst_setup),
        peer(way('duckdb_files.sql', format='unstructured')),
    )
    add(what, 'cloudtrail', a, targets=stated('0.4 s', 0.4) + part_of(b, 'of DuckDB', 0.167))
    add(what, 'DuckDB', b, a)
    add(what, 'DuckDB, any JSON layout', d, a)
    add('burst view over the gzip files', 'cloudtrail', c)
    same(what, seed_rows(a.rows), b and seed_rows(b.rows), d and seed_rows(d.rows))
    if len(a.rows) < trail['seed_bursts']:
        fail('%s: %d rows for %d bursts' % (what, len(a.rows), trail['seed_bursts']))
    if len(c.rows) < trail['seed_bursts'] + trail['other_bursts']:
        fail('the burst view over files: %d rows' % len(c.rows))
    plain_sqlite(folder, a)


def plain_sqlite(folder, whole):
    """SQLite's own JSON functions on the files of one stream, unpacked in the measured time."""
    what = 'seed rule over the gzip files'
    part = os.path.join(folder, '444455556666', 'CloudTrail', 'us-west-2')
    if not os.path.isdir(part):
        return
    unpacked = os.path.join(OUT, 'unpacked')
    shutil.rmtree(unpacked, ignore_errors=True)
    os.makedirs(unpacked)
    packed = [os.path.join(d, n) for d, _, names in os.walk(part) for n in names]
    size = sum(map(os.path.getsize, packed))
    scale = sum(os.path.getsize(os.path.join(d, n)) for d, _, names in os.walk(folder) for n in names) / size

    begin = time.time()
    subprocess.run(['gzip', '-dc'] + packed, stdout=subprocess.DEVNULL, check=True)
    inflating = time.time() - begin
    for path in packed:
        with gzip.open(path) as file, open(os.path.join(unpacked, os.path.basename(path)[:-3]), 'wb') as out:
            shutil.copyfileobj(file, out)
    setup = sql_file('sqlite_json_event.sql', files=unpacked.replace("'", "''")) + ';'
    seed = sql_file('sqlite_seed.sql')
    ours_setup, statement = over_files(SEED, part)

    def measure():
        cost = ours([seed], setup=setup, load=False)
        cost.seconds += inflating
        cost.cpu += inflating
        return cost

    a, b = interleaved(
        'the rule in plain SQLite, 1/%.0f of the files' % scale,
        measure,
        lambda: ours([statement], setup=ours_setup),
    )
    same('the rule in plain SQLite', ['anything'] + seed_rows(b.rows), ['anything'] + seed_rows(a.rows))
    add(what, 'SQLite JSON1 (1/%.0f of the files, scaled)' % scale, a, whole, scale=scale)
    shutil.rmtree(unpacked)


# ---- the import ---------------------------------------------------------------------------------

IMPORT = "SELECT cloudtrail_import('%s')"


def keeping_the_record(view):
    """The view with the record beside its columns, so that no field is lost: read as JSON, then typed."""
    struct = re.search(r"STRUCT\(.*\)(?=\[\]')", view, re.S).group()
    shape = re.sub(r'"?(\w+)"? (VARCHAR|BOOLEAN|JSON)', r'"\1":"\2"', struct)
    shape = re.sub(r'(\w+ )?STRUCT\(', lambda m: '"%s":{' % m.group(1).strip() if m.group(1) else '{', shape)
    shape = re.sub(r'\s+', ' ', shape.replace(')', '}'))
    json.loads(shape)
    view = view.replace(struct, 'JSON')
    view = view.replace('unnest(Records) AS r', 'one AS record, json_transform(one, \'%s\') AS r' % shape)
    view = view.replace('FROM read_json(', 'FROM (SELECT unnest(Records) AS one FROM read_json(').replace('})\n)', '}))\n)')
    return view.replace('SELECT r.eventTime', 'SELECT record, r.eventTime')


def import_ways(folder, path, change=lambda view: view):
    """DuckDB's ways to a table without duplicates, on disk: [(label, measure)]."""
    glob = folder + '/**/*.json.gz'
    whole = 'CREATE TABLE cloudtrail AS SELECT * FROM record'
    ways = {
        'DISTINCT ON': ['CREATE TABLE cloudtrail AS SELECT DISTINCT ON (eventTime, eventID) * FROM record'],
        'duplicates deleted afterwards': [
            whole,
            'DELETE FROM cloudtrail WHERE rowid IN (SELECT unnest(list(rowid)[2:]) FROM cloudtrail'
            ' GROUP BY eventTime, eventID HAVING count(*) > 1)',
        ],
        'unique index and ON CONFLICT': [
            whole + ' LIMIT 0',
            'CREATE UNIQUE INDEX one ON cloudtrail (eventTime, eventID)',
            'INSERT INTO cloudtrail SELECT * FROM record ON CONFLICT DO NOTHING',
        ],
    }

    def way(statements):
        setup = [change(sql_file('duckdb_record.sql', files=glob, format='newline_delimited'))]
        count = 'SELECT count(*) FROM cloudtrail'
        return lambda: into_new_database(path, lambda: duckdb(statements + ['CHECKPOINT', count], path, setup))

    return [(label, way(statements)) for label, statements in ways.items()]


def insert_again(source, path):
    """What the inserting alone takes: SQLite fills a table and indexes like ours from the finished one."""
    schema, _ = run(
        ['sqlite3', '-batch', '-init', '/dev/null', source],
        "SELECT sql || ';' FROM sqlite_master WHERE tbl_name = 'cloudtrail' AND sql IS NOT NULL ORDER BY rowid;",
    )
    setup = "PRAGMA page_size = 16384; PRAGMA cache_size = -131072;\n%s\nATTACH '%s' AS source;" % (schema, source)
    insert = 'INSERT INTO main.cloudtrail SELECT * FROM source.cloudtrail WHERE true ON CONFLICT DO NOTHING'
    return ours([insert, 'SELECT count(*) FROM main.cloudtrail'], path, setup, load=False)


def summary(series):
    return json.loads(series.rows[0][0])


def imports(folder, trail):
    what = 'import into a new database'
    own, theirs = os.path.join(OUT, 'ours.db'), os.path.join(OUT, 'peer.duckdb')
    wal_path, theirs_whole, copy = (os.path.join(OUT, n) for n in ('wal.db', 'whole.duckdb', 'copy.db'))
    statement = IMPORT % folder.replace("'", "''")
    best = best_of(what, import_ways(folder, theirs))
    best_whole = best_of(what + ', records kept', import_ways(folder, theirs_whole, keeping_the_record))
    a, b, whole, w, floor = interleaved(
        what,
        lambda: into_new_database(own, lambda: ours([statement], own)),
        best,
        best_whole,
        lambda: into_new_database(
            wal_path, lambda: ours([statement], wal_path, setup='PRAGMA journal_mode = WAL;')
        ),
        lambda: into_new_database(copy, lambda: insert_again(own, copy)),
    )
    add(what, 'cloudtrail', a, targets=stated('2.0 s', 2.0) + part_of(whole, 'of DuckDB, records kept', 0.25))
    add(what, 'DuckDB, records kept', whole, a)
    add(what, 'DuckDB, other fields lost', b, a)
    add(what, 'SQLite: INSERT of the same rows, read from a table', floor, a)
    add(what, 'cloudtrail, WAL', w, a)
    for path in (theirs_whole, copy):
        remove_database(path)
    events = trail['records'] - trail['duplicates']
    same(
        what, events, summary(a)['events'], summary(w)['events'], int(floor.rows[0][0]),
        b and int(b.rows[0][0]), whole and int(whole.rows[0][0]),
    )
    same('duplicates', trail['duplicates'], summary(a)['duplicates'])
    same('files', trail['files'], summary(a)['files'])
    remove_database(wal_path)

    (again,) = interleaved('second import of the same folder', lambda: ours([statement], own))
    add('second import of the same folder', 'cloudtrail', again, targets=stated('1 s', 1.0))
    same('second import', (0, trail['files']), (summary(again)['events'], summary(again)['skipped']))
    views(own, theirs)
    return a


def views(own, theirs):
    """Both rules on the tables that the imports made."""
    setup = [sql_file('duckdb_table_event.sql').replace('CREATE VIEW', 'CREATE TEMP VIEW')]
    seed, burst = sql_file('duckdb_seed.sql'), sql_file('duckdb_burst.sql')
    a, c, b, d, plain = interleaved(
        'both views on the table',
        lambda: ours(['SELECT * FROM ' + SEED], own),
        lambda: ours(['SELECT * FROM ' + BURST], own),
        peer(lambda: duckdb([seed], theirs, setup)),
        peer(lambda: duckdb([burst], theirs, setup)),
        lambda: ours([sql_file('sqlite_seed.sql')], own, 'CREATE TEMP VIEW event AS SELECT * FROM cloudtrail;', False),
        rounds=3 * RUNS,
    )
    add('seed view on the table', 'cloudtrail', a, targets=part_of(b, 'of DuckDB', 1.0))
    add('seed view on the table', 'DuckDB', b, a)
    add('seed view on the table', 'SQLite, the rule in plain SQL', plain, a)
    same('seed view', seed_rows(a.rows), b and seed_rows(b.rows), seed_rows(plain.rows))
    add('burst view on the table', 'cloudtrail', c, targets=part_of(a, 'of the seed view', 1.5))
    add('burst view on the table', 'DuckDB', d, c)
    same(
        'burst view',
        burst_rows(c.rows),
        d and sorted(tuple(r[:6]) + tuple(map(int, r[6:])) for r in d.rows),
    )


def large(folder, small, trail):
    what = 'import of ten times the events'
    path = os.path.join(OUT, 'large.db')
    statement = IMPORT % folder.replace("'", "''")
    (a,) = interleaved(what, lambda: into_new_database(path, lambda: ours([statement], path)))
    add(what, 'cloudtrail', a, targets=part_of(small, 'of the smaller import', 10.5))
    same(what, trail['records'] - trail['duplicates'], summary(a)['events'])
    remove_database(path)


# ---- detections ---------------------------------------------------------------------------------

# So many identities run so many listed commands each, all in the same minutes; or one identity runs
# ten commands in half a minute, once an hour, and ten others on the way.
AT_ONCE = """
WITH RECURSIVE who(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM who WHERE n < %d),
               step(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM step WHERE i < 99)
INSERT INTO cloudtrail (eventTime, eventID, userAgent, userIdentityUserName, sourceIPAddress,
                        recipientAccountId, fileID, recordNumber)
SELECT strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', '2024-03-05 10:00', '+' || (3 * i) || ' seconds'),
       n || '-' || i, 'aws-cli/2.13.5 prompt/off command/' || l.command, 'user' || n, '192.0.2.1',
       '111122223333', 1, 100 * n + i
  FROM who CROSS JOIN step JOIN suspicious_command AS l ON l.rowid = 1 + i %% 19;
"""
ONE_BUSY = """
WITH RECURSIVE hour(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM hour WHERE n < %d),
               step(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM step WHERE i < 19)
INSERT INTO cloudtrail (eventTime, eventID, userAgent, userIdentityUserName, sourceIPAddress,
                        recipientAccountId, fileID, recordNumber)
SELECT strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', '2024-03-05 10:00', '+' || n || ' hours',
                '+' || (3 * i) || ' seconds'),
       n || '-' || i, 'aws-cli/2.13.5 prompt/off command/' || l.command, 'job', '192.0.2.1',
       '111122223333', 1, 20 * n + i
  FROM hour CROSS JOIN step JOIN suspicious_command AS l ON l.rowid = 1 + i %% 19;
"""


def detections():
    """cloudtrail_detect() where it has most to do, and with twice as much."""
    setup = "SELECT cloudtrail_init() IS NOT NULL;\n"
    for what, events, n, alerts in (
        ('%d identities at once, %d events', AT_ONCE, 800, 800),
        ('one identity with %d bursts, %d events', ONE_BUSY, 2000, 2000),
    ):
        detect = ["SELECT json_extract(cloudtrail_detect(), '$.rules.aws_cli_recon_burst.new') AS n"]
        name = 'detection: ' + what
        once, twice = interleaved(
            name % (n, n * (100 if events is AT_ONCE else 20)),
            lambda: ours(detect, ':memory:', setup + events % n),
            lambda: ours(detect, ':memory:', setup + events % (2 * n)),
        )
        label = name % (n, n * (100 if events is AT_ONCE else 20))
        add(label, 'cloudtrail', once, targets=[('5 s', 5.0)])
        add(label, 'cloudtrail, twice as many', twice, once)
        same(label, [(alerts,), (2 * alerts,)], [once.rows[0], twice.rows[0]])


def month_database():
    """The path of a database of a month, two and a half times the events, and how many it has."""
    folder, trail = corpus(EVENTS * 5 // 2, FILES * 30)
    path = os.path.join(OUT, 'month.db')
    if not MONTH:
        into_new_database(path, lambda: ours([IMPORT % folder.replace("'", "''")], path))
        MONTH.append(trail['records'] - trail['duplicates'])
    return path, MONTH[0]


def hidden(calls):
    return '.output /dev/null\n' + ''.join(c + ';\n' for c in calls) + '.output stdout\n'


def hunts():
    """All rules and all hunts, one call each, on a month."""
    path, events = month_database()
    detect, hunt = ["SELECT json_extract(cloudtrail_%s(), '$.failed') IS NULL AS ran" % name for name in ('detect', 'hunt')]
    label = '`cloudtrail_detect()` and `cloudtrail_hunt()`, %d events of 30 days' % events
    # in a transaction that is given up: each round finds everything new
    both, first, again, second, floor, found = interleaved(
        label,
        lambda: ours([detect, hunt], path, 'BEGIN;'),
        lambda: ours([detect], path, 'BEGIN;'),
        lambda: ours([detect], path, 'BEGIN;\n' + hidden([detect])),
        lambda: ours([hunt], path, 'BEGIN;'),
        lambda: ours(['SELECT count(DISTINCT userAgent) AS n FROM cloudtrail'], path, load=False),
        lambda: ours(
            [
                'SELECT hunt, count(*) AS n, (SELECT count(*) FROM alert) AS alerts FROM hunt_finding'
                ' GROUP BY hunt ORDER BY n DESC LIMIT 1'
            ],
            path,
            'BEGIN;\n' + hidden([detect, hunt]),
        ),
    )
    add(label, 'cloudtrail', both, targets=[('10 s', 10.0)] if EVENTS == 400000 else [])
    add(label, 'detect alone', first, both)
    add(label, 'detect again, nothing new', again, both)
    add(label, 'hunt alone', second, both)
    add(label, 'SQLite: one reading of the table', floor, both)
    same(label, [(1,)], both.rows)
    if found.rows and int(found.rows[0][2]):
        NOTES.append('Of the month: %s alerts; the hunt with the most findings is %s, %s.' % (found.rows[0][2], *found.rows[0][:2]))
    else:
        fail('no alerts of a month, or nothing that a hunt finds')


def dashboards():
    """The tables dash_* of a month from nothing, and its page."""
    path, events = month_database()
    page = 'SELECT length(cloudtrail_dashboard()) AS n'
    label = '`cloudtrail_dashboard()`, %d events of 30 days' % events
    whole, known, floor = interleaved(
        label,
        lambda: ours([page], path, 'BEGIN;'),
        lambda: ours([page], path, 'BEGIN;\n' + hidden([page])),
        lambda: ours(['SELECT count(DISTINCT userAgent) AS n FROM cloudtrail'], path, load=False),
    )
    targets = [[('4 s', 4.0)], [('1 s', 1.0)]] if EVENTS == 400000 else [[], []]
    add(label, 'cloudtrail, `dash_*` from nothing and the page', whole, targets=targets[0])
    add(label, 'cloudtrail, `dash_*` known: the page', known, whole, targets=targets[1])
    add(label, 'SQLite: one reading of the table', floor, whole)
    NOTES.append('The page of the month: %.1f MB.' % (int(known.rows[0][0]) / 1e6))


# ---- windows ------------------------------------------------------------------------------------


def write_rows(path, groups, values, days):
    """ROWS rows of (group, ISO time, value): scripts of commands, minutes or hours apart; no order."""
    rng = random.Random(groups)
    begin = datetime.datetime(2025, 10, 14)
    stamps = {}
    rows = []
    for number in range(groups):
        group = '%s:user/person%d' % (rng.choice(['111122223333', '444455556666']), number)
        second = rng.randrange(3600)
        for _ in range(ROWS // groups):
            if groups == 1:
                second = rng.randrange(86400 * days)
            else:
                second += rng.randrange(600, 5000) if rng.random() < 0.08 else rng.randrange(12)
            if second not in stamps:
                stamps[second] = (begin + datetime.timedelta(seconds=second)).strftime('%Y-%m-%dT%H:%M:%SZ')
            rows.append('%s,%s,ec2.describe-thing-%d\n' % (group, stamps[second], rng.randrange(values)))
    rng.shuffle(rows)
    with open(path, 'w') as file:
        file.writelines(rows)


def windows_data(name, groups, values, days):
    """Tables in SQLite without and with an index, and in DuckDB, from one CSV: (plain, indexed, duckdb)."""
    csv = os.path.join(OUT, '%s-%d.csv' % (name, ROWS))
    stem = csv[:-4]
    paths = stem + '.db', stem + '-indexed.db', stem + '.duckdb'
    done = stem + '.done'
    how = hashlib.sha256(inspect.getsource(write_rows).encode()).hexdigest()[:16]
    stamp = '%d %d %d %d %s' % (ROWS, groups, values, days, how)
    if not os.path.exists(csv) or not os.path.exists(done) or open(done).read() != stamp:
        say('writing %d rows in %d groups' % (ROWS, groups))
        remove_database(paths[2])
        write_rows(csv, groups, values, days)
        for path, index in ((paths[0], ''), (paths[1], 'CREATE INDEX covering ON r (g, t, v);'
                                             'CREATE INDEX by_second ON w (g, s, v);')):
            remove_database(path)
            run(
                ['sqlite3', '-batch', '-init', '/dev/null', path],
                'PRAGMA page_size = 16384;\nCREATE TABLE r (g TEXT, t TEXT, v TEXT);\n.mode csv\n.import %s r\n'
                "CREATE TABLE w AS SELECT g, CAST(strftime('%%s', t) AS INTEGER) AS s, v FROM r;\n%s\n" % (csv, index),
            )
        with open(done, 'w') as file:
            file.write(stamp)
    if PEER['is_there'] and not os.path.exists(paths[2]):
        duckdb(
            [
                "CREATE TABLE r AS SELECT * FROM read_csv('%s', header = false,"
                " columns = {g: 'VARCHAR', t: 'TIMESTAMP', v: 'VARCHAR'})" % csv,
                'CHECKPOINT',
            ],
            paths[2],
        )
    return paths


# The same frame in both: whole seconds, so 59 before and the second itself are a window of 60.
PEER_WINDOW = (
    'SELECT g, t, count(DISTINCT v) OVER (PARTITION BY g ORDER BY t'
    ' RANGE BETWEEN INTERVAL %d SECONDS PRECEDING AND CURRENT ROW) AS n FROM r' % (WINDOW - 1)
)
OUR_WINDOW = (
    'SELECT %s(v) OVER (PARTITION BY g ORDER BY s RANGE BETWEEN %d PRECEDING AND CURRENT ROW) AS n FROM w'
)
# To count the bursts takes reading the JSON again: in the comparison, not in the measurement.
BURSTS = 'SELECT %s FROM (SELECT distinct_bursts(v, t, %d, %d) AS b FROM r GROUP BY g) WHERE b <> %s'


def windows(name, what, groups, values, days, threshold, seconds):
    plain, indexed, theirs = windows_data(name, groups, values, days)
    bursts = BURSTS % ('count(*) AS groups, sum(length(b)) AS n', WINDOW, threshold, "'[]'")
    counted = BURSTS % ('count(*) AS groups, sum(json_array_length(b)) AS bursts', WINDOW, threshold, "'[]'")
    count = 'SELECT sum(n) AS total, max(n) AS most FROM (%s)'

    a, two, b, c, floor, floor_indexed = interleaved(
        'bursts, ' + what,
        lambda: ours([bursts], plain),
        lambda: ours([bursts], plain, 'PRAGMA threads = 1;'),
        lambda: ours([bursts], indexed),
        peer(lambda: duckdb([count % PEER_WINDOW], theirs)),
        lambda: ours(['SELECT max(n) FROM (SELECT max(t || v) AS n FROM r GROUP BY g)'], plain),
        lambda: ours(['SELECT max(n) FROM (SELECT max(t || v) AS n FROM r GROUP BY g)'], indexed),
    )
    label = 'distinct_bursts, ' + what
    add(label, 'cloudtrail', a, targets=seconds[:1] + part_of(c, 'of DuckDB', 0.7))
    add(label, 'cloudtrail, PRAGMA threads = 1', two, a, targets=part_of(c, 'of DuckDB', 0.7))
    add(label, 'DuckDB count(DISTINCT) OVER', c, a)
    add(label, 'SQLite, max() in its place', floor, a)
    add(label + ', by index', 'cloudtrail', b, targets=seconds[1:] + part_of(c, 'of DuckDB', 0.2))
    add(label + ', by index', 'SQLite, max() in its place', floor_indexed, b)
    same(label, a.rows, b.rows, two.rows)
    if PEER['is_there']:
        # A burst ends where no window that qualifies begins within its length.
        islands = duckdb(
            [
                'WITH counted AS (%s), full_window AS (SELECT g, t, lag(t) OVER (PARTITION BY g ORDER BY t) AS'
                ' before FROM counted WHERE n >= %d) SELECT count(DISTINCT g), count(*) FILTER (before IS NULL'
                ' OR t - before >= INTERVAL %d SECONDS) FROM full_window' % (PEER_WINDOW, threshold, WINDOW)
            ],
            theirs,
        )
        same(label + ', groups and bursts', integers(ours([counted], plain).rows), integers(islands.rows))

    for path, order in ((plain, ''), (indexed, ', by index')):
        d, e = interleaved(
            'count_distinct OVER, %s%s' % (what, order),
            lambda: ours([count % (OUR_WINDOW % ('count_distinct', WINDOW - 1))], path),
            lambda: ours([count % (OUR_WINDOW % ('count', WINDOW - 1))], path),
        )
        label = 'count_distinct() OVER, %s%s' % (what, order)
        add(label, 'cloudtrail', d, targets=part_of(e, 'of count()', 1.3))
        add(label, "SQLite's count() OVER", e, d)
        if c and not order:
            add(label, 'DuckDB count(DISTINCT) OVER', c, d)
            same(label, integers(d.rows), integers(c.rows))


# ---- all of it ----------------------------------------------------------------------------------


def corpus(events, files):
    folder = os.path.join(OUT, 'trail-%d-%d' % (events, files))
    subprocess.run(
        [sys.executable, os.path.join(HERE, 'corpus.py'), folder, str(events), str(files)], check=True
    )
    with open(os.path.join(folder, 'corpus.json')) as file:
        return os.path.join(folder, 'AWSLogs'), json.load(file)


def machine():
    model = ''
    if os.path.exists('/proc/cpuinfo'):
        with open('/proc/cpuinfo') as file:
            found = re.search(r'^model name\s*: (.*)$', file.read(), re.M)
            model = found.group(1) if found else ''
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30
    return '%s, %d cores, %d GB, %s %s' % (
        model or platform.machine(), os.cpu_count(), round(memory), platform.system(), platform.release()
    )


def command():
    words = [
        '%s=%s' % (n, os.environ[n])
        for n in ('RUNS', 'EVENTS', 'FILES', 'ROWS', 'BENCH_LARGE', 'ONLY')
        if os.environ.get(n)
    ]
    return ' '.join(['make bench'] + words)


def put_into_docs(text):
    path = os.path.join(ROOT, 'docs', 'performance.md')
    with open(path) as file:
        page = file.read()
    before, rest = page.split('<!-- table -->\n', 1)
    after = rest.split('<!-- end of table -->', 1)[1]
    with open(path, 'w') as file:
        file.write(before + '<!-- table -->\n' + text + '<!-- end of table -->' + after)


def wanted(part):
    return not ONLY or part in ONLY


def main():
    os.makedirs(OUT, exist_ok=True)
    PEER['is_there'] = os.path.isdir(os.path.join(MODULES, '@duckdb', 'node-api'))
    if not PEER['is_there']:
        NOTES.append('DuckDB could not be installed: its rows are missing, and the checks against it.')
        say(NOTES[0])
    load = os.getloadavg()[0]
    if load > 0.5:
        NOTES.append('The machine had other work to do: judge by CPU seconds and ratios, not by seconds.')
    folder, trail = corpus(EVENTS, FILES)
    if wanted('rule'):
        rule(folder, trail)
    if wanted('import'):
        small = imports(folder, trail)
        if LARGE:
            large_folder, large_trail = corpus(EVENTS * 10, FILES * 10)
            large(large_folder, small, large_trail)
    if wanted('detect'):
        detections()
    if wanted('hunt'):
        hunts()
    if wanted('dash'):
        dashboards()
    if MONTH:
        remove_database(month_database()[0])
    if wanted('windows'):
        # The seconds are stated for 2 M rows in 50,000 groups.
        seconds = [('2.0 s', 2.0), ('0.6 s', 0.6)] if ROWS == 2000000 else []
        windows('groups', '%d rows in %d groups' % (ROWS, GROUPS), GROUPS, 60, 1, THRESHOLD, seconds)
        # A little more than a window of that trail holds on average.
        most = max(2, round(1.06 * ROWS * WINDOW / (7 * 86400)))
        windows('one', '%d rows in one group' % ROWS, 1, 5000, 7, most, [])

    shell = subprocess.run(['sqlite3', '--version'], stdout=subprocess.PIPE, universal_newlines=True).stdout.split()[0]
    text = '\n'.join(
        [
            '`%s`, %s' % (command(), datetime.date.today().isoformat()),
            '%s; load when it began: %.1f' % (machine(), load),
            'SQLite %s, DuckDB %s (2 threads), Python %s' % (shell, PEER['version'] or '-', platform.python_version()),
            '%d events (%d of them delivered twice, %d by the AWS CLI) in %d files, %.0f MB, %.0f MB gzipped; %d runs'
            % (
                trail['records'], trail['duplicates'], trail['cli'], trail['files'], trail['bytes'] / 1e6,
                trail['gzip_bytes'] / 1e6, RUNS,
            ),
            '',
            table(),
            '',
        ]
        + ['- ' + note for note in NOTES]
        + ['- DIFFERENT ANSWERS: ' + text for text in FAILURES]
        + ([] if FAILURES else ['- All answers were compared, and agree.'])
    )
    text = text.replace('\n', '  \n', 3) + '\n'
    with open(os.path.join(OUT, 'table.md'), 'w') as file:
        file.write(text)
    if os.environ.get('DOCS') == '1' and not FAILURES:
        put_into_docs(text)
    print(text)
    sys.exit(1 if FAILURES else 0)


if __name__ == '__main__':
    main()
