#!/usr/bin/env python3
"""Proves kql_eval.py on the answers of the real engine.

    kql_cases.py FILE [-v]      one case a line: query, columns, rows or error

Prints how many cases are right, wrong, unsupported (the evaluator does not know something) and
lenient (it answers what the engine refuses: it is no binder). Exits 0 where none is wrong.
"""

import json
import math
import re
import sys

from kql_eval import Evaluator, cell
from kql_functions import datetime_text
from kql_parse import Unsupported


def client_cell(kind, value):
    """As the client of the engine prints it."""
    if value is None:
        return "''" if kind == 'string' else 'null'
    if kind in ('string', 'guid'):
        return "'%s'" % value if value or kind == 'string' else 'null'
    if kind == 'bool':
        return str(value)
    if kind == 'datetime':
        return datetime_text(value)
    if kind == 'dynamic':
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return cell(kind, value)


def close(a, b):
    if a == b:
        return True
    try:
        return math.isclose(float(a), float(b), rel_tol=1e-9)
    except ValueError:
        return False


def split_row(text, columns):
    one = {'String': r"('.*?'|null)", 'Guid': r"('.*?'|null)", 'Dynamic': r'(.*?)'}
    match = re.fullmatch(
        ', '.join(one.get(c.rsplit(':', 1)[1], '([^,]*?)') for c in columns), text[1:-1], re.S
    )
    if not match:
        return None
    out = []
    for value, column in zip(match.groups(), columns):
        if column.endswith(':Dynamic'):
            try:
                value = json.dumps(json.loads(value), ensure_ascii=False, sort_keys=True)
            except ValueError:
                pass
        out.append("''" if column.endswith(':String') and value == 'null' else value)
    return out


def judge(case):
    try:
        table = Evaluator({}).run(case['query'])
    except Unsupported as e:
        return 'unsupported', str(e)
    if case.get('error'):
        return 'lenient', ''
    if table.names() != [column.rsplit(':', 1)[0] for column in case['columns']]:
        return 'wrong', 'columns %s, expected %s' % (table.names(), case['columns'])
    got = [[client_cell(kind, v) for (_, kind), v in zip(table.columns, row)] for row in table.rows]
    want = [split_row(row, case['columns']) for row in case['rows']]
    if None in want:
        return ('right' if len(got) == len(want) else 'wrong'), 'ambiguous'
    if table.order != 'total':
        got.sort()
        want.sort()
    fine = len(got) == len(want) and all(
        len(g) == len(w) and all(map(close, g, w)) for g, w in zip(got, want)
    )
    return ('right', '') if fine else ('wrong', 'got %s, expected %s' % (got[:4], want[:4]))


def main():
    verdicts = {}
    with open(sys.argv[1]) as lines:
        for case in map(json.loads, lines):
            verdict, why = judge(case)
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
            if verdict == 'wrong' or '-v' in sys.argv:
                print(verdict, case['id'], ' '.join(case['query'].split())[:300], '--', why)
    print(' '.join('%s %d' % pair for pair in sorted(verdicts.items())))
    sys.exit('wrong' in verdicts)


if __name__ == '__main__':
    main()
