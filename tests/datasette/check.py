#!/usr/bin/env python3
"""check.py FOLDER: serves FOLDER/case.db by Datasette with docs/datasette.yml and looks at all of it: every table's
page, every query, every chart, with filters and without; then, in Chromium, that each panel is drawn, that
nothing is said on the console, and that what a log says stays text.
"""
import json
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

METADATA = 'docs/datasette.yml'
FILTERS = [{}, {'date_start': '2025-10-14', 'date_end': '2025-10-14', 'account': '111122223333'},
           {'date_start': '2031-01-01'}]


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        raise SystemExit(f'{url}: {error.code} {error.read().decode()[:300]}')


def serve(folder):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    log = open(f'{folder}/datasette.log', 'w')
    server = subprocess.Popen(
        [f'{folder}/venv/bin/datasette', 'serve', f'{folder}/case.db', '--metadata', METADATA, '--port', str(port),
         '--setting', 'sql_time_limit_ms', '10000'], stdout=log, stderr=log)
    base = f'http://127.0.0.1:{port}'
    for _ in range(300):
        try:
            urllib.request.urlopen(base + '/-/versions.json', timeout=5).close()
            return server, base
        except OSError:
            assert server.poll() is None, f'Datasette has ended, see {folder}/datasette.log'
            time.sleep(0.1)
    raise SystemExit('Datasette does not answer')


def check_tables(base, db):
    """Every table's page and rows: no view fails, and incidents, stories and evidence are there."""
    shown = json.loads(get(base + '/case.json'))
    assert not shown['views'], shown['views']
    n_rows = {t['name']: t['count'] for t in shown['tables']}
    for name in n_rows:
        get(f'{base}/case/{urllib.parse.quote(name)}')
        rows = json.loads(get(f'{base}/case/{urllib.parse.quote(name)}.json?_shape=array&_size=1'))
        n = db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
        assert len(rows) == min(n, 1), name
    for name in ('incident', 'incident_ranked', 'alert', 'alert_story', 'alert_evidence', 'dash_event'):
        assert n_rows[name] > 0, name
    return len(n_rows)


def check_queries(base, metadata):
    for name, query in metadata['databases']['case']['queries'].items():
        params = {p: 'AKIATRODQHLTOEXAMPLE' if 'Key' in p else '192.0.2.146'
                  for p in re.findall(r':(\w+)', query['sql'])}
        assert json.loads(get(f'{base}/case/{name}.json?_shape=array&{urllib.parse.urlencode(params)}')), name


def chosen(query, filters):
    """The optional parts of a query as the plugin takes them."""
    return re.sub(r'\[\[(.*?)\]\]',
                  lambda part: part[1] if re.search(r':(\w+)', part[1])[1] in filters else '', query)


def check_charts(base, charts, db):
    for filters in FILTERS:
        get(f'{base}/-/dashboards/case?{urllib.parse.urlencode(filters)}')
        for name, chart in charts.items():
            get(f'{base}/-/dashboards/case/{name}?{urllib.parse.urlencode(filters)}')
            sql = chosen(chart['query'], filters)
            got = json.loads(get(f'{base}/case.json?' + urllib.parse.urlencode(
                {'sql': sql, '_shape': 'objects', **filters})))
            assert got['ok'] and not got['truncated'], (name, got)
            assert got['rows'] or 'date_start' in filters or chart['library'] not in ('table', 'metric'), name
            if not filters:
                assert got['rows'], name
    for name, where in (('events', ''), ('denials', " AND errorCode GLOB '*AccessDenied*'")):
        n = db.execute("SELECT count(*) FROM cloudtrail WHERE ifnull(eventCategory, '') <> 'Insight'"
                       + where).fetchone()[0]
        shown = json.loads(get(f'{base}/case.json?_shape=objects&' + urllib.parse.urlencode(
            {'sql': chosen(charts[name]['query'], {})})))['rows'][0]['n']
        shown = int(str(shown).replace(',', ''))
        assert shown == n if name == 'events' else shown >= n > 0, (name, shown, n)


def look(browser, folder, url, *more):
    ran = subprocess.run(
        [browser, '--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--window-size=1280,2600',
         '--virtual-time-budget=15000', '--enable-logging=stderr', f'--user-data-dir={folder}/chromium', *more, url],
        capture_output=True, text=True, timeout=180)
    said = [line for line in re.findall(r'CONSOLE[^"]*"(.*?)", source', ran.stderr) if not line.startswith('WARN')]
    assert not said, said
    return ran.stdout


def check_page(base, folder, charts):
    browser = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
    if not browser:
        print('left out: the look at it (no Chromium)')
        return
    for filters in FILTERS:
        url = f'{base}/-/dashboards/case?{urllib.parse.urlencode(filters)}'
        page = look(browser, folder, url, '--dump-dom')
        assert '<title>CloudTrail case</title>' in page, re.findall('<title>.*?</title>', page)
        assert 'src="x"' not in page, 'a name from a log has become an element'
        for name, chart in charts.items():
            card = page.split(f'id="chart-{name}"')[1].split('class="dashboard-card"')[0]
            drawn = '<td>' if chart['library'] == 'table' else '<p style' if chart['library'] == 'metric' else 'role="graphics-document"'
            assert drawn in card, (name, card[:300])
        if not filters:
            assert '&lt;img src=x onerror=' in page
    for table in ('alert_story', 'alert_evidence', 'dash_denied', 'cloudtrail'):
        page = look(browser, folder, f'{base}/case/{table}', '--dump-dom')
        assert 'src="x"' not in page and 'owned</title>' not in page, table
    look(browser, folder, f'{base}/-/dashboards/case', f'--screenshot={folder}/dashboard.png')
    print(f'looked at: {folder}/dashboard.png')


def main():
    folder = sys.argv[1]
    with open(METADATA, encoding='utf-8') as file:
        metadata = yaml.safe_load(file)
    charts = metadata['plugins']['datasette-dashboards']['case']['charts']
    db = sqlite3.connect(f'{folder}/case.db')
    server, base = serve(folder)
    try:
        n_tables = check_tables(base, db)
        check_queries(base, metadata)
        check_charts(base, charts, db)
        check_page(base, folder, charts)
    finally:
        server.terminate()
        server.wait()
    print(f'ok: {n_tables} tables, {len(charts)} panels')


main()
