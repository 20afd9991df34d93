"""A slow, obvious evaluation of KQL, to hold the compiler of ext/kql against.

It shares no code with the extension and makes no SQL: it walks the tree of kql_parse.py over lists
of rows. A table is its columns (name, type), its rows, for each row the set of events it comes
from, and what is known of their order. Expressions are those of kql_bind.py. kql_cases.py proves it
on the real engine's answers.

Values: string and guid str, never None; long and int int; real float; bool bool; datetime and
timespan int, in ticks of 100 ns since 0001-01-01; dynamic what json gives; null None.

What KQL leaves open (a take without an order, ties of arg_max ...) is Undetermined, not guessed,
where `strict` is set. With it off, rows keep the order of the input, as the engine's do.
"""

import json
import math
import re

from kql_aggregates import AGGREGATES, AGGREGATES_OF
from kql_bind import Binder, Scope, Undetermined, convert, null
from kql_functions import FUNCTIONS, datetime_text, read_value, same, timespan_text
from kql_parse import Parser, Unsupported

NOTHING = frozenset()


def union(sets):
    return frozenset().union(*sets)


class Table:
    """order: None, 'some' (sorted, but rows that tie differ) or 'total'."""

    def __init__(self, columns, rows, events=None, order=None):
        self.columns, self.rows, self.order = columns, rows, order
        self.events = events if events is not None else [NOTHING] * len(rows)

    def names(self):
        return [name for name, _ in self.columns]


class Evaluator(Binder):
    def __init__(self, tables, strict=False):
        super().__init__(strict)
        self.tables, self.pipes = tables, {}

    def run(self, text):
        parser = Parser(text, read_value)
        lets, body = parser.query()
        self.values, self.pipes = {}, {}
        for name, value in lets:
            if value[0] == 'pipe':
                self.pipes[name] = self.pipe(value)
            else:
                kind, make = self.bind(value, Scope([], None))
                self.values[name] = (kind, make([()], 0))
        return self.pipe(body)

    # ---- pipes ----

    def pipe(self, node):
        if node[0] != 'pipe':
            return self.source(node)
        table = self.source(node[1])
        for operator in node[2]:
            table = self.operate(table, operator)
        return table

    def operate(self, table, operator):
        return getattr(self, 'op_' + operator[0].replace('-', '_'))(table, *operator[1:])

    def source(self, node):
        if node[0] == 'pipe':
            return self.pipe(node)
        if node[0] == 'union':
            return self.op_union(None, *node[1:])
        return getattr(self, 'source_' + node[0])(*node[1:])

    def source_table(self, name):
        if name in self.pipes:
            return self.pipes[name]
        if name not in self.tables:
            raise Unsupported('unknown table ' + name)
        return self.tables[name]

    def source_datatable(self, columns, values):
        flat = []
        for k, value in enumerate(values):
            kind, make = self.bind(value, Scope([], None))
            flat.append(convert(kind, columns[k % len(columns)][1], make([()], 0)))
        width = len(columns)
        return Table(columns, [tuple(flat[i : i + width]) for i in range(0, len(flat), width)])

    def source_print(self, items):
        columns, values = [], []
        for name, expression in items:
            kind, make = self.bind(expression, Scope([], None))
            columns.append((name or 'print_%d' % len(columns), kind))
            values.append(make([()], 0))
        return Table(columns, [tuple(values)], order='total')

    def source_range(self, name, start, stop, step):
        (kind, first), (_, last), (_, by) = [
            self.bind(e, Scope([], None)) for e in (start, stop, step)
        ]
        first, last, by = [make([()], 0) for make in (first, last, by)]
        if kind == 'real' or not by:
            raise Unsupported('such a range')
        rows = []
        while (by > 0 and first <= last) or (by < 0 and first >= last):
            rows.append((first,))
            first += by
        return Table([(name, 'long' if kind == 'int' else kind)], rows, order='total')

    # ---- operators of one table, a row a row ----

    def op_same(self, table):
        return table

    def op_where(self, table, condition):
        kind, test = self.bind(condition, Scope(table.columns, None))
        if kind != 'bool':
            raise Unsupported('where of ' + kind)
        self.need_order(table, condition)
        kept = [i for i in range(len(table.rows)) if test(table.rows, i)]
        return Table(
            table.columns,
            [table.rows[i] for i in kept],
            [table.events[i] for i in kept],
            table.order,
        )

    def need_order(self, table, *expressions):
        if (
            self.strict
            and table.order != 'total'
            and len(table.rows) > 1
            and re.search(r"'(prev|next|row_number|row_cumsum)'", repr(expressions))
        ):
            raise Undetermined('rows in no order')

    def op_extend(self, table, items):
        scope = Scope(table.columns, None)
        columns = list(table.columns)
        added = []
        for name, expression in items:
            kind, make = self.bind(expression, scope)
            self.need_order(table, expression)
            if isinstance(name, list):
                raise Unsupported('a list of names')
            name = name or self.automatic_name(expression, columns)
            at = (
                [column for column, _ in columns].index(name)
                if name in [c for c, _ in columns]
                else len(columns)
            )
            columns[at : at + 1] = [(name, kind)]
            added.append((at, make))
        rows = []
        for i, row in enumerate(table.rows):
            row = list(row)
            for at, make in added:
                row[at : at + 1] = [make(table.rows, i)]
            rows.append(tuple(row))
        return Table(columns, rows, table.events, table.order)

    op_serialize = op_extend

    def op_project(self, table, items):
        scope = Scope(table.columns, None)
        columns, makers = [], []
        for name, expression in items:
            kind, make = self.bind(expression, scope)
            self.need_order(table, expression)
            columns.append((name or self.automatic_name(expression, columns), kind))
            makers.append(make)
        rows = [tuple(make(table.rows, i) for make in makers) for i in range(len(table.rows))]
        return Table(columns, rows, table.events, table.order)

    def automatic_name(self, node, taken):
        name = base = self.natural_name(node)
        names = [column for column, _ in taken]
        if not base:
            n = 1
            while 'Column%d' % n in names:
                n += 1
            return 'Column%d' % n
        n = 1
        while name in names:
            name, n = '%s%d' % (base, n), n + 1
        return name

    def natural_name(self, node):
        if node[0] == 'name':
            return node[1]
        if node[0] == 'path':
            inner = self.natural_name(node[1])
            return inner and '%s_%s' % (inner, node[2])
        if node[0] == 'index' and node[2][0] == 'lit':
            inner = self.natural_name(node[1])
            return inner and '%s_%s' % (inner, node[2][2])
        if node[0] == 'index' and node[2][0] == 'neg':
            inner = self.natural_name(node[1])
            return inner and inner + '_'
        if (
            node[0] == 'call'
            and node[2]
            and node[1]
            in (
                'tostring',
                'toint',
                'tolong',
                'todouble',
                'toreal',
                'tobool',
                'todatetime',
                'totimespan',
                'parse_json',
                'todynamic',
                'split',
                'bin',
                'startofday',
            )
        ):
            return self.natural_name(node[2][0][1])
        return None

    def reordered(self, table, at, names=None):
        columns = [
            (names[k] if names else table.columns[i][0], table.columns[i][1])
            for k, i in enumerate(at)
        ]
        return Table(
            columns, [tuple(row[i] for i in at) for row in table.rows], table.events, table.order
        )

    def matching(self, table, pattern):
        regex = re.compile('.*'.join(re.escape(part) for part in pattern.split('*')))
        found = [i for i, name in enumerate(table.names()) if regex.fullmatch(name)]
        if not found:
            raise Unsupported('no column ' + pattern)
        return found

    def op_project_away(self, table, patterns):
        gone = {i for pattern in patterns for i in self.matching(table, pattern)}
        return self.reordered(table, [i for i in range(len(table.columns)) if i not in gone])

    def op_project_keep(self, table, patterns):
        kept = {i for pattern in patterns for i in self.matching(table, pattern)}
        return self.reordered(table, sorted(kept))

    def op_project_reorder(self, table, patterns):
        first = []
        for pattern in patterns:
            first += [i for i in self.matching(table, pattern) if i not in first]
        return self.reordered(
            table, first + [i for i in range(len(table.columns)) if i not in first]
        )

    def op_project_rename(self, table, items):
        names = table.names()
        for new, old in items:
            names[self.matching(table, old[1])[0]] = new
        return self.reordered(table, range(len(names)), names)

    # ---- order ----

    def op_sort(self, table, keys):
        order = list(range(len(table.rows)))
        bound = []
        for expression, ascending, nulls_first in keys:
            kind, make = self.bind(expression, Scope(table.columns, None))
            if kind == 'dynamic':
                raise Unsupported('sort by dynamic')
            bound.append((make, ascending, nulls_first))
        key_of = [[make(table.rows, i) for make, _, _ in bound] for i in order]
        for k in reversed(range(len(bound))):
            _, ascending, nulls_first = bound[k]
            absent = [i for i in order if key_of[i][k] is None]
            not_numbers = [
                i for i in order if isinstance(key_of[i][k], float) and math.isnan(key_of[i][k])
            ]
            present = [i for i in order if i not in absent and i not in not_numbers]
            present.sort(key=lambda i: key_of[i][k], reverse=False)
            if not ascending:  # stable, so that the lesser keys stay
                present = [
                    i
                    for value in sorted({key_of[i][k] for i in present}, reverse=True)
                    for i in present
                    if key_of[i][k] == value
                ]
            order = (
                absent + not_numbers + present if nulls_first else present + not_numbers + absent
            )
        ties = any(
            same(key_of[a], key_of[b])
            and not same(
                [table.rows[a], sorted(table.events[a])], [table.rows[b], sorted(table.events[b])]
            )
            for a, b in zip(order, order[1:])
        )
        return Table(
            table.columns,
            [table.rows[i] for i in order],
            [table.events[i] for i in order],
            'some' if ties else 'total',
        )

    def op_take(self, table, count):
        n = self.bind(count, Scope([], None))[1]([()], 0)
        if self.strict and table.order != 'total' and n < len(table.rows):
            raise Undetermined('take')
        return Table(table.columns, table.rows[:n], table.events[:n], table.order)

    def op_top(self, table, count, keys):
        return self.op_take(self.op_sort(table, keys), count)

    # ---- groups ----

    def groups(self, table, makers):
        """The keys and the rows' numbers of each group, in the order of the input."""
        found = []
        for i in range(len(table.rows)):
            key = tuple(make(table.rows, i) for make in makers)
            for known, members in found:
                if same(known, key):
                    members.append(i)
                    break
            else:
                found.append((key, [i]))
        return found

    def op_count(self, table):
        return Table([('Count', 'long')], [(len(table.rows),)], [union(table.events)], 'total')

    def op_distinct(self, table, items):
        if items[0][1] == ('star',):
            items = [(None, ('name', name)) for name in table.names()]
        return self.op_summarize(table, [], items)

    def op_summarize(self, table, aggregates, keys):
        scope = Scope(table.columns, None)
        columns, makers, key_names = [], [], []
        for name, expression in keys or []:
            kind, make = self.bind(expression, scope)
            if kind == 'dynamic':
                raise Unsupported('dynamic as a key')
            columns.append((name or self.automatic_name(expression, columns), kind))
            makers.append(make)
            if expression[0] == 'name':
                key_names.append(expression[1])
        if keys is None:
            groups = [((), list(range(len(table.rows))))]
        else:
            groups = self.groups(table, makers)
        rows = [list(key) for key, _ in groups]
        for name, expression in aggregates:
            for column, values in self.aggregate(
                table, scope, name, expression, groups, columns, key_names
            ):
                columns.append(column)
                for row, value in zip(rows, values):
                    row.append(value)
        events = [union([table.events[i] for i in members]) for _, members in groups]
        return Table(columns, [tuple(row) for row in rows], events)

    def aggregate(self, table, scope, name, expression, groups, taken, key_names):
        """The columns that one item of summarize gives."""
        if expression[0] == 'call' and expression[1] in ('arg_max', 'arg_min'):
            return self.arg_extreme(table, scope, name, expression, groups, taken, key_names)
        parts = []
        inner = self.take_aggregates(expression, parts)
        kinds, columns = [], []
        for _, function, arguments in parts:
            bound = [self.bind(argument, scope) for _, argument in arguments]
            kind, values = self.simple_aggregate(table, function, bound, groups)
            kinds.append(('$%d' % len(kinds), kind))
            columns.append(values)
        kind, make = self.bind(inner, Scope(kinds, None))
        values = [
            make([row], 0) for row in (list(zip(*columns)) if columns else [()] * len(groups))
        ]
        if not name:
            if expression[0] != 'call' or len(parts) != 1 or inner[0] != 'name':
                raise Unsupported('an automatic name')
            function, arguments = expression[1], expression[2]
            short = {
                'make_list': 'list',
                'make_set': 'set',
                'make_bag': 'bag',
                'take_any': 'any',
            }.get(function, function)
            of = self.natural_name(arguments[0][1]) if arguments else ''
            if function == 'take_any':
                raise Unsupported('an automatic name')
            base = name = '%s_%s' % (short, of or '')
            n = 1
            while name in [column for column, _ in taken]:
                name, n = '%s%d' % (base, n), n + 1
        return [((name, kind), values)]

    def take_aggregates(self, node, parts):
        """The expression with a name $n in the place of each aggregate."""
        if not isinstance(node, tuple) or not node:
            return node
        if node[0] == 'call' and node[1] in AGGREGATES:
            parts.append(node)
            return ('name', '$%d' % (len(parts) - 1))
        if node[0] == 'call':
            return ('call', node[1], [(n, self.take_aggregates(a, parts)) for n, a in node[2]])
        return tuple(self.take_aggregates(part, parts) for part in node)

    def simple_aggregate(self, table, function, bound, groups):
        conditional = function not in ('countif',) and function.endswith('if')
        condition = None
        if function == 'countif':
            condition, bound = bound[0], []
        elif conditional:
            condition, bound = bound[1], bound[:1] + bound[2:]
            function = function[:-3] if function.endswith('_if') else function[:-2]
        if condition and condition[0] != 'bool':
            raise Unsupported('a condition that is no bool')
        kind, make = bound[0] if bound else ('long', None)
        extra = [value([()], 0) for _, value in bound[1:]]
        out_kind, calculate = AGGREGATES_OF[function](kind)
        values = []
        for _, members in groups:
            if condition:
                members = [i for i in members if condition[1](table.rows, i)]
            got = [make(table.rows, i) if make else 1 for i in members]
            if (
                function in ('make_list', 'make_list_with_nulls')
                and self.strict
                and table.order != 'total'
                and any(not same(x, got[0]) for x in got)
            ):
                raise Undetermined('the order of a list')
            if (
                function in ('take_any', 'any')
                and self.strict
                and any(not same(x, got[0]) for x in got)
            ):
                raise Undetermined('any of several')
            value = calculate(got)
            if function in ('make_list', 'make_set') and extra:
                if function == 'make_set' and self.strict and len(value) > extra[0]:
                    raise Undetermined('some of a set')
                value = value[: extra[0]]
            values.append(value)
        return out_kind, values

    def arg_extreme(self, table, scope, name, expression, groups, taken, key_names):
        _, function, arguments = expression
        first = arguments[0][1]
        items = []
        for _, item in arguments[1:]:
            if item == ('star',):
                items += [
                    ('name', column)
                    for column in table.names()
                    if column not in key_names and ('name', column) != first
                ]
            else:
                items.append(item)
        kind, key = self.bind(first, scope)
        bound = [self.bind(item, scope) for item in items]
        given = name if isinstance(name, list) else [name] if name else []
        columns = []
        for k, (item, of) in enumerate(zip([first] + items, [kind] + [b[0] for b in bound])):
            if k < len(given):
                columns.append((given[k], of))
            else:
                columns.append((self.automatic_name(item, taken + columns), of))
        rows = []
        for _, members in groups:
            keyed = [
                (key(table.rows, i), tuple(make(table.rows, i) for _, make in bound))
                for i in members
            ]
            present = [pair for pair in keyed if pair[0] is not None]
            if any(isinstance(k, float) and math.isnan(k) for k, _ in present):
                raise Unsupported('NaN in ' + function)
            if present:
                extreme = (max if function == 'arg_max' else min)(k for k, _ in present)
                best = [pair for pair in present if pair[0] == extreme]
            else:
                best = keyed or [(null(kind), tuple(null(k) for k, _ in bound))]
            if self.strict and any(not same(pair, best[0]) for pair in best):
                raise Undetermined('ties of ' + function)
            rows.append((best[0][0],) + best[0][1])
        return [(column, [row[k] for row in rows]) for k, column in enumerate(columns)]

    # ---- two tables ----

    def op_join(self, table, kind, right, keys, lookup=False):
        right = self.pipe(right)
        left_keys, right_keys = [], []
        for key in keys:
            if key[0] == 'name':
                pair = (key, key)
            elif (
                key[0] == 'bin'
                and key[1] == '=='
                and all(e[0] == 'path' and e[1][0] == 'name' for e in key[2:])
            ):
                sides = {e[1][1]: ('name', e[2]) for e in key[2:]}
                pair = (sides['$left'], sides['$right'])
            else:
                raise Unsupported('such a key')
            left_keys.append(pair[0])
            right_keys.append(pair[1])
        of_left = [self.bind(key, Scope(table.columns, None)) for key in left_keys]
        of_right = [self.bind(key, Scope(right.columns, None)) for key in right_keys]
        for (ka, _), (kb, _) in zip(of_left, of_right):
            if ka == 'dynamic' or (ka != kb and {ka, kb} != {'int', 'long'}):
                raise Unsupported('key of %s and %s' % (ka, kb))
        left_of = [
            tuple(make(table.rows, i) for _, make in of_left) for i in range(len(table.rows))
        ]
        right_of = [
            tuple(make(right.rows, i) for _, make in of_right) for i in range(len(right.rows))
        ]
        lefts = list(range(len(table.rows)))
        if kind == 'innerunique':
            lefts = self.first_of_each(table, left_of)
        pairs = [
            (i, k) for i in lefts for k in range(len(right.rows)) if same(left_of[i], right_of[k])
        ]
        if kind in (
            'leftsemi',
            'leftanti',
            'anti',
            'leftantisemi',
            'rightsemi',
            'rightanti',
            'rightantisemi',
        ):
            return self.half_join(table, right, kind, pairs)
        if kind in ('leftouter', 'fullouter'):
            matched = {i for i, _ in pairs}
            pairs += [(i, None) for i in lefts if i not in matched]
        if kind in ('rightouter', 'fullouter'):
            matched = {k for _, k in pairs}
            pairs += [(None, k) for k in range(len(right.rows)) if k not in matched]
        if kind not in ('inner', 'innerunique', 'leftouter', 'rightouter', 'fullouter'):
            raise Unsupported('join kind ' + kind)
        left_null, right_null = [tuple(null(of) for _, of in t.columns) for t in (table, right)]
        rows = [
            (left_null if i is None else table.rows[i])
            + (right_null if k is None else right.rows[k])
            for i, k in pairs
        ]
        events = [
            (NOTHING if i is None else table.events[i])
            | (NOTHING if k is None else right.events[k])
            for i, k in pairs
        ]
        columns = list(table.columns)
        dropped = [key[1] for key in right_keys] if lookup else []
        at = list(range(len(columns)))
        for n, (name, of) in enumerate(right.columns):
            if name in dropped:
                continue
            at.append(len(table.columns) + n)
            taken = [column for column, _ in columns]
            if name in taken:
                number = 1
                while '%s%d' % (name, number) in taken or '%s%d' % (name, number) in right.names():
                    number += 1
                name = '%s%d' % (name, number)
            columns.append((name, of))
        return Table(columns, [tuple(row[i] for i in at) for row in rows], events)

    def op_lookup(self, table, kind, right, keys):
        if kind not in ('leftouter', 'inner'):
            raise Unsupported('lookup kind ' + kind)
        return self.op_join(table, kind, right, keys, lookup=True)

    def first_of_each(self, table, keys):
        firsts = []
        for i, key in enumerate(keys):
            for known in firsts:
                if same(keys[known], key):
                    if self.strict and not (
                        same(table.rows[known], table.rows[i])
                        and table.events[known] == table.events[i]
                    ):
                        raise Undetermined('which row of innerunique')
                    break
            else:
                firsts.append(i)
        return firsts

    def half_join(self, table, right, kind, pairs):
        whole, other, at = (
            (table, right, 0) if kind.startswith('left') or kind == 'anti' else (right, table, 1)
        )
        rows, events = [], []
        for i, row in enumerate(whole.rows):
            matches = [pair[1 - at] for pair in pairs if pair[at] == i]
            if (
                bool(matches) == kind.endswith('semi')
                and 'anti' not in kind
                or 'anti' in kind
                and not matches
            ):
                rows.append(row)
                events.append(whole.events[i] | union([other.events[k] for k in matches]))
        return Table(whole.columns, rows, events)

    def op_union(self, table, kind, source, others):
        legs = ([table] if table else []) + [self.pipe(other) for other in others]
        if source:
            raise Unsupported('withsource')
        columns = []
        for leg in legs:
            for name, of in leg.columns:
                known = dict(columns).get(name)
                if known and known != of:
                    raise Unsupported('a name of two types')
                if not known:
                    columns.append((name, of))
        if kind == 'inner':
            columns = [column for column in columns if all(column in leg.columns for leg in legs)]
            if not columns:
                raise Unsupported('a union without columns')
        rows, events = [], []
        for leg in legs:
            names = leg.names()
            for row, event in zip(leg.rows, leg.events):
                rows.append(
                    tuple(
                        row[names.index(name)] if name in names else null(of)
                        for name, of in columns
                    )
                )
                events.append(event)
        return Table(columns, rows, events)

    # ---- several rows of one ----

    def expand_columns(self, table, items):
        """Where each item goes, its new columns, and its function."""
        columns = list(table.columns)
        placed = []
        for name, expression, kind in items:
            of, make = self.bind(expression, Scope(table.columns, None))
            if of != 'dynamic':
                raise Unsupported('mv-expand of ' + of)
            name = name or self.automatic_name(expression, [])
            names = [column for column, _ in columns]
            at = names.index(name) if name in names else len(columns)
            if at in [known for known, _, _ in placed]:
                raise Unsupported('a column expanded twice')
            columns[at : at + 1] = [(name, kind or 'dynamic')]
            placed.append((at, make, kind or 'dynamic'))
        return columns, placed

    def expansions(self, table, placed, bag, i):
        """The lists of values that the row i expands to, padded to one length."""
        lists = []
        for _, make, kind in placed:
            value = make(table.rows, i)
            if isinstance(value, dict):
                value = (
                    [[k, v] for k, v in value.items()]
                    if bag == 'array'
                    else [{k: v} for k, v in value.items()]
                )
            elif not isinstance(value, list):
                value = [value]
            lists.append([self.cast(one, kind) for one in value])
        longest = max(len(one) for one in lists)
        return [
            one + [null(place[2])] * (longest - len(one)) for one, place in zip(lists, placed)
        ], longest

    @staticmethod
    def cast(value, kind):
        """typeof: a cast only, elements of another kind become null."""
        if kind == 'dynamic':
            return value
        if kind == 'string':
            if value is not None and not isinstance(value, str):
                raise Unsupported('typeof(string) of what is none')
            return value or ''
        if value is None:
            return None
        if kind in ('long', 'int') and isinstance(value, int) and not isinstance(value, bool):
            return value
        if kind == 'real' and isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        raise Unsupported('typeof of another kind')

    def op_mv_expand(self, table, bag, index, items, limit):
        columns, placed = self.expand_columns(table, items)
        most = self.bind(limit, Scope([], None))[1]([()], 0) if limit else None
        rows, events = [], []
        for i, row in enumerate(table.rows):
            lists, length = self.expansions(table, placed, bag, i)
            for k in range(length if most is None else min(length, most)):
                new = list(row)
                for (at, _, _), one in zip(placed, lists):
                    new[at : at + 1] = [one[k]]
                rows.append(tuple(new + ([k] if index else [])))
                events.append(table.events[i])
        if index:
            columns.append((index, 'long'))
        return Table(columns, rows, events, table.order)

    def op_mv_apply(self, table, index, items, limit, operators):
        if index or limit:
            raise Unsupported('mv-apply with an index or a limit')
        columns, placed = self.expand_columns(table, items)
        result, rows, events = None, [], []
        for i in list(range(len(table.rows))) + [None]:
            little = Table(columns, [])
            if i is not None:
                lists, length = self.expansions(table, placed, 'bag', i)
                if length == 0:
                    raise Unsupported('mv-apply of nothing')
                for k in range(length):
                    new = list(table.rows[i])
                    for (at, _, _), one in zip(placed, lists):
                        new[at : at + 1] = [one[k]]
                    little.rows.append(tuple(new))
                    little.events.append(table.events[i])
            mine = {columns[at][0] for at, _, _ in placed}
            repeated = [k for k, (name, _) in enumerate(table.columns) if name not in mine]
            inner = Table(
                [c for c in columns], little.rows, little.events, 'total' if i is not None else None
            )
            for operator in operators:
                inner = self.operate(inner, operator)
            if any(op[0] in ('summarize', 'project', 'count', 'distinct') for op in operators):
                result, at = [table.columns[k] for k in repeated], []
                for column in inner.columns:  # one of a repeated name takes that one's place
                    names = [name for name, _ in result]
                    at.append(names.index(column[0]) if column[0] in names else len(result))
                    result[at[-1] : at[-1] + 1] = [column]
                new = []
                for row in inner.rows if i is not None else []:
                    whole = [table.rows[i][k] for k in repeated] + [None] * (
                        len(result) - len(repeated)
                    )
                    for place, value in zip(at, row):
                        whole[place] = value
                    new.append(tuple(whole))
            else:
                result, new = inner.columns, inner.rows
            if i is not None:
                rows += new
                events += [table.events[i]] * len(new)
        return Table(result, rows, events)

    def op_parse(self, table, expression, parts, keep):
        kind, make = self.bind(expression, Scope(table.columns, None))
        if kind != 'string':
            raise Unsupported('parse of ' + kind)
        columns = list(table.columns)
        places, regex = [], ''
        for n, part in enumerate(parts):
            if part[0] == 'text':
                regex += re.escape(part[1])
            elif part[0] == 'any':
                regex += '.*?'
            else:
                names = [column for column, _ in columns]
                at = names.index(part[1]) if part[1] in names else len(columns)
                columns[at : at + 1] = [(part[1], part[2])]
                places.append((at, part[2]))
                regex += {'string': '(.*?)', 'long': r'(-?\d+)', 'int': r'(-?\d+)'}.get(
                    part[2], '(.*?)'
                )
        pattern = re.compile(regex + r'\Z', re.S)
        rows, events = [], []
        for i, row in enumerate(table.rows):
            found = pattern.match(make(table.rows, i))
            values = [None] * len(places)
            if found:
                values = [
                    (
                        FUNCTIONS['to' + of](('string', lambda rows, i, text=text: text))[1](
                            None, 0
                        )
                        if of != 'string'
                        else text
                    )
                    for (_, of), text in zip(places, found.groups())
                ]
            if not found or any(v is None for v in values):
                if not keep:
                    continue
                values = [null(of) for _, of in places]
            new = list(row)
            for (at, _), value in zip(places, values):
                new[at : at + 1] = [value]
            rows.append(tuple(new))
            events.append(table.events[i])
        return Table(columns, rows, events, table.order)


# ---- as text -------------------------------------------------------------------------------------


def cell(kind, value):
    """As the extension's result stands in SQLite, a text for each value."""
    if value is None:
        return 'NULL'
    if kind == 'bool':
        return '1' if value else '0'
    if kind == 'real':
        return 'NaN' if math.isnan(value) else '%.12g' % value
    if kind == 'datetime':
        return datetime_text(value, short=True)
    if kind == 'timespan':
        return timespan_text(value)
    if kind == 'dynamic':
        return json.dumps(value, ensure_ascii=False, separators=(',', ':'))
    return str(value)
