"""trino.py: a coordinator and two workers of Trino on loopback, and a client of the few words they need.

Run by itself it is what `make engines-trino` runs, see main().
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = int(os.environ.get('ENGINES_PORT', '18080'))


# ---- the servers ------------------------------------------------------------------------------------


def write(path, *lines):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines) + '\n')


class Node:
    """One server. Java is told directly what to run, as bin/launcher would, so that it ends with its process."""

    def __init__(self, folder, home, java, number, heap):
        self.number, self.folder = number, os.path.join(folder, f'node{number}')
        self.port = PORT + number
        etc = os.path.join(self.folder, 'etc')
        is_coordinator = number == 0
        write(os.path.join(etc, 'config.properties'), f'coordinator={str(is_coordinator).lower()}',
              *(['node-scheduler.include-coordinator=false'] if is_coordinator else []),
              f'http-server.http.port={self.port}', f'discovery.uri=http://127.0.0.1:{PORT}',
              f'query.max-memory-per-node={heap * 2 // 3}MB', f'memory.heap-headroom-per-node={heap // 4}MB',
              'query.max-memory=8GB',
              # millions of events of busy names are more than a worker's heap holds
              'spill-enabled=true', f'spiller-spill-path={self.folder}/spill',
              # a machine with other work to do answers late
              'exchange.max-error-duration=2m', 'query.remote-task.max-error-duration=2m',
              'exchange.http-client.request-timeout=60s', 'exchange.http-client.idle-timeout=60s',
              'catalog.management=static', f'plugin.dir={home}/plugin')  # fmt: skip
        write(os.path.join(etc, 'catalog', 'hive.properties'), 'connector.name=hive', 'hive.metastore=file',
              f'hive.metastore.catalog.dir=local://{folder}/metastore', 'fs.native-local.enabled=true',
              'local.location=/', 'hive.recursive-directories=true', 'hive.max-initial-split-size=4MB',
              'hive.max-split-size=4MB')  # fmt: skip
        write(os.path.join(etc, 'log.properties'), 'io.trino=WARN')
        os.makedirs(os.path.join(self.folder, 'data'), exist_ok=True)
        self.command = [java, f'-Xmx{heap}m', '-XX:+UseSerialGC' if is_coordinator else '-XX:+UseG1GC',
                        '-XX:+ExitOnOutOfMemoryError', '-XX:-OmitStackTraceInFastThrow', '-Djdk.attach.allowAttachSelf=true',
                        '-Djdk.nio.maxCachedBufferSize=2000000', '--enable-native-access=ALL-UNNAMED',
                        '--add-modules=jdk.incubator.vector', '--sun-misc-unsafe-memory-access=allow',
                        '-Dnode.environment=test', f'-Dnode.id=node{number}', f'-Dnode.data-dir={self.folder}/data',
                        '-Dnode.bind-ip=127.0.0.1', '-Dnode.internal-address=127.0.0.1',
                        f'-Dlog.levels-file={etc}/log.properties', f'-Dconfig={etc}/config.properties',
                        '-cp', f'{home}/lib/*', 'io.trino.server.TrinoServer']  # fmt: skip
        self.process = None

    def start(self):
        with open(os.path.join(self.folder, 'server.log'), 'wb') as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.folder)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Cluster:
    def __init__(self, folder, home, java, n_workers=2, heap=1536):
        shutil.rmtree(os.path.join(folder, 'metastore'), ignore_errors=True)
        os.makedirs(os.path.join(folder, 'metastore'))
        self.nodes = [Node(folder, home, java, number, 1024 if number == 0 else heap) for number in range(n_workers + 1)]

    def __enter__(self):
        for node in self.nodes:
            node.start()
        try:
            self.wait_for(len(self.nodes))
            query('CREATE SCHEMA IF NOT EXISTS hive.cloudtrail')
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.stop()

    def restart(self, number):
        """A node that was stopped. For a while the coordinator counts the one that it knew."""
        self.nodes[number].start()
        for _ in range(180):
            try:
                if not request(f'http://127.0.0.1:{self.nodes[number].port}/v1/info')['starting']:
                    break
            except (OSError, TrinoError):
                pass
            time.sleep(1)
        time.sleep(10)
        self.wait_for(len(self.nodes))

    def wait_for(self, n_nodes, seconds=180):
        last = None
        for _ in range(seconds):
            if any(node.process.poll() is not None for node in self.nodes):
                break
            try:
                last = query("SELECT count(*) FROM system.runtime.nodes WHERE state = 'active'")
                if last == [[n_nodes]]:
                    return
            except (OSError, TrinoError) as error:
                last = error
            time.sleep(1)
        raise SystemExit(f'Trino did not come up: {last}; its logs are in {self.nodes[0].folder}')


# ---- the client -------------------------------------------------------------------------------------


class TrinoError(Exception):
    pass


def request(url, data=None):
    headers = {'X-Trino-User': 'test', 'X-Trino-Catalog': 'hive', 'X-Trino-Schema': 'cloudtrail'}
    for attempt in range(100):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (502, 503, 504):
                raise TrinoError(f'{error.code} {error.read()[:500]}') from error
            time.sleep(0.1)
    raise TrinoError('the coordinator is busy')


def run(sql, watch=None):
    """Columns, rows and the statistics of a statement; watch(statistics) is called while it runs."""
    answer = request(f'http://127.0.0.1:{PORT}/v1/statement', sql.encode())
    columns, rows = [], []
    while True:
        columns = [column['name'] for column in answer.get('columns', [])] or columns
        rows.extend(answer.get('data', []))
        if 'error' in answer:
            raise TrinoError(answer['error']['errorName'] + ': ' + answer['error']['message'])
        if watch:
            watch(answer['stats'])
        if 'nextUri' not in answer:
            return columns, rows, dict(answer['stats'], id=answer['id'])
        answer = request(answer['nextUri'])


def query(sql):
    return run(sql)[1]


def statements(text):
    """Split at each ; that is in no text and no comment."""
    for statement in re.findall(r"(?:'[^']*'|--[^\n]*|[^';])+", text):
        if re.sub(r'--[^\n]*', '', statement).strip():
            yield statement


def prepare(script):
    """Runs all of a script but its last statement, and gives that."""
    *first, last = statements(script)
    query('DROP TABLE IF EXISTS cloudtrail_log_file')
    for statement in first:
        query(statement)
    return last


def run_script(path):
    with open(path, encoding='utf-8') as file:
        columns, rows, _ = run(prepare(file.read()))
    return [dict(zip(columns, row)) for row in rows]
