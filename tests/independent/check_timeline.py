#!/usr/bin/env python3
"""check_timeline.py DATABASE CSV JSONL: reads both files as Timesketch's importer does (guides/user/import-from-json-csv
in its documentation: message, datetime in ISO 8601 and timestamp_desc are mandatory, timestamp is in
microseconds) and holds them against each other and against the tables, read without the extension.
Prints how many rows are alerts and how many events; the exit status is 1 where something is wrong.
"""
import csv
import json
import sqlite3
import sys
from collections import Counter
from datetime import datetime

RISKS = '=+-@\t\r\n\uff1d\uff0b\uff0d\uff20'


def main():
    path, csv_path, jsonl_path = sys.argv[1:]
    csv.field_size_limit(1 << 24)
    with open(csv_path, newline='', encoding='utf-8') as file:
        rows = list(csv.DictReader(file))
    with open(jsonl_path, encoding='utf-8', newline='\n') as file:
        objects = [json.loads(line) for line in file]
    assert [{k: '' if v is None else str(v) for k, v in o.items()} for o in objects] == rows
    for row in rows:
        assert None not in row and None not in row.values(), row
        assert row['message'] and row['timestamp_desc'] in ('Alert', 'Event Time'), row
        when = datetime.fromisoformat(row['datetime'])
        assert when.utcoffset() is not None and when.timestamp() * 1e6 == int(row['timestamp']), row
        for cell in row.values():
            assert not cell.lstrip(' ')[:1] or cell.lstrip(' ')[0] not in RISKS, cell
    assert [r['timestamp'] for r in rows] == sorted(r['timestamp'] for r in rows)

    db = sqlite3.connect(path)
    alerts = dict(db.execute('SELECT alertID, startTime FROM alert WHERE mergedInto IS NULL'))
    told = {r['alertID']: r['datetime'] for r in rows if r['timestamp_desc'] == 'Alert'}
    assert told == {a: t.replace('Z', '+00:00') for a, t in alerts.items()}
    events = Counter((a, t.replace('Z', '+00:00'), i or '') for a, t, i in db.execute(
        'SELECT alertID, eventTime, eventID FROM alert_event') if a in alerts)
    assert events == Counter((r['alertID'], r['datetime'], r['eventID']) for r in rows
                             if r['timestamp_desc'] == 'Event Time')
    columns = [c for c in rows[0] if c in
               ('eventName', 'errorMessage', 'userAgent', 'userIdentityArn', 'requestParameters')]
    wanted = {(t.replace('Z', '+00:00'), i): values for t, i, *values in db.execute(
        f"SELECT eventTime, eventID, {', '.join(columns)} FROM cloudtrail")}
    for row in rows:
        if row['timestamp_desc'] == 'Event Time' and row['eventName']:
            for name, value in zip(columns, wanted[row['datetime'], row['eventID']]):
                text = value or ''
                assert row[name] == ("'" if text.lstrip(' ')[:1] and text.lstrip(' ')[0] in RISKS else '') + text
    print(len(told), sum(events.values()))


main()
