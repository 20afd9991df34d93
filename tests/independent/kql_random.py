#!/usr/bin/env python3
"""Random KQL over random tables, with the answers of kql_eval.py, to hold kql_sql() against.

    kql_random.py COUNT [SEED]      one JSON object a line:
        {"sql": text}               statements that make the tables of what follows
        {"records": text}           events to import in the place of those before (NDJSON)
        {"query": text, "schema": text, "ordered": 0 or 1, "rows": text, "evidence": 0 or 1}

The query grows operator by operator, each evaluated at once, so that the next one knows the
columns. What KQL leaves open, or the evaluator does not know, is thrown away and tried anew: all
that is printed has one answer. Rows are lines, cells joined by |; with evidence the last cell is
the row's events, as the numbers of the records.
"""

import json
import sys

from kql_bind import Undetermined
from kql_eval import Evaluator, cell
from kql_functions import read_value
from kql_parse import Parser, Unsupported
from kql_random_expressions import Expressions
from kql_random_values import TRAIL, Dice, T, U, random_events, random_table, sql_of

WORLD = 20  # queries a set of tables
DIRECTIONS = ['', ' asc', ' desc', ' asc nulls last', ' desc nulls first']
KINDS = ['long', 'string', 'real', 'bool', 'datetime', 'timespan', 'dynamic']


class Queries:
    def __init__(self, dice, tables, trail):
        self.dice, self.trail = dice, trail
        self.evaluator = Evaluator(tables, strict=True)
        self.expressions = Expressions(dice, self.evaluator)
        self.fresh = 0

    def name(self):
        self.fresh += 1
        return 'c%d' % self.fresh

    def parser(self, text):
        return Parser(text, read_value)

    def start(self):
        """Text and table that a query begins with."""
        dice = self.dice
        if self.evaluator.pipes and dice.chance(40):
            text = dice.one(sorted(self.evaluator.pipes))
        elif dice.chance(8):
            text = dice.one(
                [
                    'range k from 0 to 6 step 2',
                    'print k = 1, g = "a", id = 3',
                    'print d = dynamic([1, 2]), s = "alpha-beta"',
                    'datatable(k:long, g:string, r:real)[1, "a", 0.5, 2, "b", real(null)]',
                    'range t from datetime(2024-03-01) to datetime(2024-03-04) step 36h',
                ]
            )
        elif self.trail and dice.chance(90):
            kept = ', '.join(
                dice.some([name for name, _ in TRAIL], 3 + dice.below(5)) or ['EventName']
            )
            first = dice.one(
                [
                    '',
                    ' | where EventName in ("ListUsers", "ConsoleLogin")',
                    ' | where TimeGenerated > datetime(2024-03-01T00:02:00Z)',
                    ' | where EventName == "GetUser"',
                    ' | where UserIdentityUserName != ""',
                ]
            )
            text = 'AWSCloudTrail%s | project %s' % (first, kept)
        else:
            text = dice.one(['T', 'T', 'T', 'U'])
        return text, self.evaluator.pipe(self.parser(text).pipe())

    def grow(self, steps):
        text, table = self.start()
        for _ in range(steps):
            for _ in range(12):
                try:
                    operator = self.operator(table)
                    parser = self.parser(operator)
                    new = self.evaluator.operate(table, parser.operator())
                    if parser.tokens[parser.at][0] != 'end':
                        raise AssertionError('not read to the end: ' + operator)
                except (Undetermined, Unsupported):
                    continue
                if (
                    new.columns
                    and len(new.rows) <= 120
                    and len({name.lower() for name in new.names()}) == len(new.columns)
                ):
                    text, table = '%s\n| %s' % (text, operator), new
                    break
        return text, table

    def operator(self, table):
        dice = self.dice
        make = dice.one(
            [
                'where',
                'where',
                'where',
                'extend',
                'extend',
                'extend',
                'project',
                'summarize',
                'summarize',
                'summarize',
                'join',
                'join',
                'sort',
                'sort',
                'top',
                'union',
                'mv_expand',
                'mv_expand',
                'distinct',
                'columns',
                'serialize',
                'serialize',
                'take',
                'parse',
                'lookup',
                'mv_apply',
                'subquery',
                'count',
            ]
        )
        return getattr(self, 'make_' + make)(table)

    def make_where(self, table):
        return 'where ' + self.expressions.of('bool', table.columns, 3)

    def item(self, table, name=None):
        kind = self.dice.one(KINDS)
        name = name or self.name()
        return '%s = %s' % (name, self.expressions.of(kind, table.columns, 3))

    def make_extend(self, table):
        items = [self.item(table)]
        if self.dice.chance(30):
            items.append(self.item(table, self.dice.one(table.names())))
        elif self.dice.chance(30):
            items.append(self.item(table))
        return 'extend ' + ', '.join(items)

    def make_project(self, table):
        items = self.dice.some(table.names(), 2 + self.dice.below(5))
        items += [self.item(table) for _ in range(self.dice.below(2))]
        return 'project ' + ', '.join(items)

    def make_columns(self, table):
        names = table.names()
        some = self.dice.some(names, 1 + self.dice.below(2))
        if not names:
            raise Unsupported('no column')
        if len(names) < 3:
            return 'project-reorder ' + some[0]
        return self.dice.one(
            [
                lambda: 'project-away ' + ', '.join(some),
                lambda: 'project-keep ' + ', '.join(some + [names[0][:1] + '*']),
                lambda: 'project-rename %s = %s' % (self.name(), some[0]),
                lambda: 'project-reorder ' + ', '.join(some),
            ]
        )()

    def plain(self, table):
        """Columns that may be keys."""
        return [name for name, kind in table.columns if kind != 'dynamic']

    def make_distinct(self, table):
        names = self.dice.some(self.plain(table), 1 + self.dice.below(3))
        if not names:
            raise Unsupported('no key')
        return 'distinct ' + ', '.join(names)

    def aggregate(self, table):
        dice, e = self.dice, lambda kind: self.expressions.of(kind, table.columns, 1)
        kind = dice.one(['long', 'real', 'string', 'datetime', 'timespan'])
        number = dice.one(['long', 'real', 'long'])
        return dice.one(
            [
                lambda: 'count()',
                lambda: 'countif(%s)' % e('bool'),
                lambda: 'dcount(%s)' % e(dice.one(['long', 'string', 'datetime', 'bool'])),
                lambda: 'dcountif(%s, %s)' % (e('string'), e('bool')),
                lambda: 'sum(%s)' % e(number),
                lambda: 'sumif(%s, %s)' % (e(number), e('bool')),
                lambda: 'avg(%s)' % e(number),
                lambda: 'min(%s)' % e(kind),
                lambda: 'max(%s)' % e(kind),
                lambda: 'maxif(%s, %s)' % (e('long'), e('bool')),
                lambda: 'minif(%s, %s)' % (e('datetime'), e('bool')),
                lambda: 'array_sort_asc(make_set(%s))' % e(dice.one(['long', 'string'])),
                lambda: 'array_sort_desc(make_set_if(%s, %s))' % (e('string'), e('bool')),
                lambda: 'array_sort_asc(make_list(%s))' % e('string'),
                lambda: 'make_list(%s)' % e(dice.one(['long', 'string', 'dynamic', 'bool'])),
                lambda: 'array_length(make_set(%s))' % e('string'),
                lambda: 'max(%s) - min(%s)' % (e('long'), e('long')),
                lambda: 'take_any(%s)' % e('string'),
                lambda: 'stdev(%s)' % e('long'),
                lambda: 'strcat("n=", count())',
            ]
        )()

    def make_summarize(self, table):
        dice = self.dice
        plain = self.plain(table)
        keys = dice.some(plain, dice.below(3))
        if dice.chance(25):
            keys.append(
                '%s = %s'
                % (
                    self.name(),
                    self.expressions.of(
                        dice.one(['string', 'bool', 'long', 'datetime']), table.columns, 2
                    ),
                )
            )
        elif dice.chance(15) and [k for n, k in table.columns if k == 'datetime']:
            keys = ['bin(%s, 1h)' % dice.one([n for n, k in table.columns if k == 'datetime'])]
        items = []
        for _ in range(dice.below(3) + (not keys)):
            items.append('%s = %s' % (self.name(), self.aggregate(table)))
        if dice.chance(15):
            items.append(
                dice.one(
                    [
                        'count()',
                        'sum(%s)' % dice.one(table.names()),
                        'max(%s)' % dice.one(table.names()),
                        'dcount(%s)' % dice.one(table.names()),
                        'countif(%s)' % self.expressions.of('bool', table.columns, 1),
                    ]
                )
            )
        if dice.chance(20) and plain:
            ordered = [
                name for name, kind in table.columns if kind not in ('dynamic', 'bool')
            ] or plain
            items.append(
                '%s(%s, %s)'
                % (
                    dice.one(['arg_max', 'arg_min']),
                    dice.one(ordered),
                    dice.one(['*', ', '.join(dice.some(table.names(), 2))]),
                )
            )
        return ('summarize %s' % ', '.join(items)) + (' by ' + ', '.join(keys) if keys else '')

    def sort_keys(self, table):
        keys = self.dice.some(self.plain(table), 1 + self.dice.below(3))
        if self.dice.chance(60):
            keys += [name for name in self.plain(table) if name not in keys]
            keys += ['tostring(%s)' % name for name, kind in table.columns if kind == 'dynamic']
        if not keys:
            raise Unsupported('no key')
        return ', '.join(key + self.dice.one(DIRECTIONS) for key in keys)

    def make_sort(self, table):
        return '%s by %s' % (self.dice.one(['sort', 'order']), self.sort_keys(table))

    def make_top(self, table):
        keys = [
            name for name in self.plain(table) if name.startswith(('id', 'Time', 'c'))
        ] or self.plain(table)
        if not keys:
            raise Unsupported('no key')
        return 'top %d by %s%s' % (
            1 + self.dice.below(6),
            self.dice.one(keys),
            self.dice.one(DIRECTIONS),
        )

    def make_take(self, table):
        return '%s %d' % (self.dice.one(['take', 'limit']), self.dice.below(6))

    def make_count(self, table):
        if not self.dice.chance(30):
            raise Unsupported('too much counting')
        return 'count'

    def make_serialize(self, table):
        e = lambda of: self.expressions.of(of, table.columns, 1)
        return 'serialize %s = %s' % (
            self.name(),
            self.dice.one(
                [
                    lambda: 'row_number()',
                    lambda: 'prev(%s)' % self.dice.one(table.names()),
                    lambda: 'next(%s)' % self.dice.one(table.names()),
                    lambda: 'prev(%s, 2)' % self.dice.one(table.names()),
                    lambda: 'prev(%s, 1, 0)'
                    % self.dice.one([n for n, k in table.columns if k == 'long'] or table.names()),
                    lambda: 'row_cumsum(%s)' % e('long'),
                    lambda: 'iff(%s == prev(%s), 1, 0)' % ((self.dice.one(self.plain(table)),) * 2),
                ]
            )(),
        )

    def right_side(self):
        """Another pipe, short, without an order of its own."""
        return self.grow(self.dice.below(3))

    def make_join(self, table, what='join', kinds=None):
        dice = self.dice
        text, right = self.right_side()
        common = [
            name
            for name, kind in table.columns
            if (name, kind) in right.columns and kind != 'dynamic'
        ]
        kind = dice.one(
            kinds
            or [
                '',
                'kind=inner ',
                'kind=inner ',
                'kind=leftouter ',
                'kind=rightouter ',
                'kind=fullouter ',
                'kind=leftanti ',
                'kind=rightanti ',
                'kind=leftsemi ',
                'kind=rightsemi ',
                'kind=innerunique ',
            ]
        )
        if common and dice.chance(75):
            on = ', '.join(dice.some(common, 1 + dice.chance(30)))
        else:
            pairs = [
                (a, b)
                for a, ka in table.columns
                for b, kb in right.columns
                if ka == kb and ka in ('string', 'long', 'datetime')
            ]
            if not pairs:
                raise Unsupported('nothing to join')
            on = '$left.%s == $right.%s' % dice.one(pairs)
        return '%s %s(%s) on %s' % (what, kind, text.replace('\n', ' '), on)

    def make_lookup(self, table):
        return self.make_join(table, 'lookup', ['', 'kind=leftouter ', 'kind=inner '])

    def make_union(self, table):
        text, _ = self.right_side()
        return 'union %s(%s)' % (
            self.dice.one(['', '', 'kind=inner ', 'kind=outer ']),
            text.replace('\n', ' '),
        )

    def make_mv_expand(self, table):
        dice = self.dice
        lists = [name for name, kind in table.columns if kind == 'dynamic']
        items = []
        for _ in range(1 + dice.chance(20)):
            if lists and dice.chance(60):
                name = dice.one(lists)
                items.append(
                    dice.one(
                        [
                            name,
                            name,
                            '%s = %s' % (self.name(), name),
                            name + ' to typeof(long)',
                            name + ' to typeof(string)',
                        ]
                    )
                )
            else:
                items.append(
                    '%s = %s' % (self.name(), self.expressions.of('dynamic', table.columns, 2))
                )
        index = 'with_itemindex=%s ' % self.name() if dice.chance(20) else ''
        bag = 'kind=array ' if dice.chance(10) else ''
        return 'mv-expand %s%s%s%s' % (
            bag,
            index,
            ', '.join(items),
            ' limit 2' if dice.chance(15) else '',
        )

    def make_mv_apply(self, table):
        name = self.name()
        inner = self.dice.one(
            [
                'where %s > 1' % name,
                'summarize m = count()',
                'summarize m = max(%s)' % name,
                'extend z = %s + 1' % name,
                'top 1 by %s' % name,
                'summarize m = sum(%s) | where m > 2' % name,
            ]
        )
        return 'mv-apply %s = %s to typeof(long) on (%s)' % (
            name,
            self.expressions.of('dynamic', table.columns, 2),
            inner,
        )

    def make_parse(self, table):
        dice = self.dice
        texts = [name for name, kind in table.columns if kind == 'string']
        if not texts:
            raise Unsupported('nothing to parse')
        pattern = dice.one(
            [
                '%s "-" %s',
                '* "=" %s:long ";" *',
                '%s "a" *',
                '"x=" %s ";y=" %s:long',
                '* "l" %s "a" *',
                '%s "/" %s "/" *',
            ]
        )
        while '%s' in pattern:
            pattern = pattern.replace('%s', self.name(), 1)
        name = dice.one(['parse', 'parse', 'parse-where'])
        return '%s %s with %s' % (name, dice.one(texts), pattern)

    def make_subquery(self, table):
        dice = self.dice
        text, right = self.right_side()
        pairs = [
            (a, b)
            for a, ka in table.columns
            for b, kb in right.columns
            if ka == kb and ka in ('string', 'long', 'datetime')
        ]
        if not pairs:
            raise Unsupported('nothing to look for')
        a, b = dice.one(pairs)
        text = text.replace('\n', ' ')
        if dice.chance(30):
            return 'extend %s = toscalar(%s | summarize %s(%s))' % (
                self.name(),
                text,
                dice.one(['max', 'min', 'dcount']),
                b,
            )
        return 'where %s %s (%s | project %s)' % (a, dice.one(['in', 'in', '!in']), text, b)

    def query(self):
        """One query with its table."""
        self.fresh = 0
        lets = ''
        if self.dice.chance(20):
            text, table = self.grow(1 + self.dice.below(3))
            lets = 'let L = %s;\n' % self.dice.one(['%s', '%s', 'materialize(%s)']) % text
            self.evaluator.pipes['L'] = table
        if self.dice.chance(15):
            lets += 'let limit_ = 2;\nlet word = "alpha";\n'
            self.evaluator.values.update({'limit_': ('long', 2), 'word': ('string', 'alpha')})
        text, table = self.grow(1 + self.dice.below(5))
        return lets + text, table


def printed(query, table, evidence):
    lines = []
    for row, events in zip(table.rows, table.events):
        cells = [cell(kind, value) for (_, kind), value in zip(table.columns, row)]
        if evidence:
            cells.append(json.dumps(sorted(events), separators=(',', ':')))
        lines.append('|'.join(cells).replace('\n', '\\n'))
    if table.order != 'total':
        lines.sort(key=lambda line: line.encode())
    schema = json.dumps(
        [{'name': name, 'type': kind} for name, kind in table.columns],
        ensure_ascii=False,
        separators=(',', ':'),
    )
    return {
        'query': query,
        'schema': schema,
        'ordered': int(table.order == 'total'),
        'rows': ''.join(line + '\n' for line in lines),
        'evidence': int(evidence),
    }


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for n in range(count):
        if n % WORLD == 0:
            dice = Dice(seed * 1000003 + n)
            tables = {'T': random_table(dice, T, 9), 'U': random_table(dice, U, 6)}
            print(json.dumps({'sql': sql_of('T', tables['T']) + sql_of('U', tables['U'])}))
            records, tables['AWSCloudTrail'] = random_events(dice, 10)
            print(json.dumps({'records': records}))
        trail = n % 4 == 3
        query, table = Queries(Dice(seed * 7919 + n), tables, trail).query()
        print(json.dumps(printed(query, table, trail)))


if __name__ == '__main__':
    main()
