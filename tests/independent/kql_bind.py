"""Expressions of kql_eval.py: a tree is bound to its type and a function of (rows, i).

The rows are those of a table in its order, i is the row in hand: so prev() and row_number() are
functions like the others.
"""

import math

from kql_functions import FUNCTIONS, datetime_text, timespan_text, to_string, wrap
from kql_parse import Unsupported


class Scope:
    """What the names of an expression may mean."""

    def __init__(self, columns, outer):
        self.columns, self.outer = columns, outer

    def column(self, name):
        for i, (column, kind) in enumerate(self.columns):
            if column == name:
                return i, kind
        return None


class Undetermined(Exception):
    pass


def null(kind):
    return '' if kind in ('string', 'guid') else None


NUMBERS = ('long', 'int', 'real')


def widest(kinds):
    kinds = set(kinds)
    if len(kinds) == 1:
        return kinds.pop()
    if kinds <= {'int', 'long'}:
        return 'long'
    if kinds <= set(NUMBERS):
        return 'real'
    if 'dynamic' in kinds and len(kinds) == 2:
        return (kinds - {'dynamic'}).pop()
    raise Unsupported('types %s in one place' % sorted(kinds))


def convert(kind, to, value):
    """A value of one type where another is expected."""
    if kind == to or (kind in ('int', 'long') and to in ('int', 'long')):
        return value
    if value is None:
        return null(to)
    if to == 'real' and kind in NUMBERS:
        return float(value)
    if to == 'dynamic':
        return to_dynamic(kind, value)
    if to == 'string':
        return to_string(kind, value)
    if kind == 'dynamic':
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return value if to == 'bool' and isinstance(value, bool) else null(to)
        if to in ('int', 'long'):
            return int(value)
        if to == 'real':
            return float(value)
    raise Unsupported('%s as %s' % (kind, to))


def to_dynamic(kind, value):
    if kind == 'datetime':
        return value if value is None else datetime_text(value)
    if kind == 'timespan':
        return value if value is None else timespan_text(value)
    if kind == 'real' and value is not None and not math.isfinite(value):
        raise Unsupported('NaN in a dynamic value')
    return value


def compare(op, a, b):
    if op == '<':
        return a < b
    if op == '<=':
        return a <= b
    if op == '>':
        return a > b
    return a >= b


def fold(text):
    """Case folding of one code point to one."""
    return ''.join(c.lower() if len(c.lower()) == 1 else c for c in text)


def has_term(text, term, before=True, after=True):
    """An occurrence of the term with no alphanumeric beyond its alphanumeric edges."""
    if term == '':
        return True
    at = text.find(term)
    while at >= 0:
        end = at + len(term)
        left = not before or at == 0 or not text[at - 1].isalnum() or not term[0].isalnum()
        right = not after or end == len(text) or not text[end].isalnum() or not term[-1].isalnum()
        if left and right:
            return True
        at = text.find(term, at + 1)
    return False


STRING_TESTS = {
    'has': has_term,
    'hasprefix': lambda a, b: has_term(a, b, after=False),
    'hassuffix': lambda a, b: has_term(a, b, before=False),
    'contains': lambda a, b: b in a,
    'startswith': lambda a, b: a.startswith(b),
    'endswith': lambda a, b: a.endswith(b),
}


def arithmetic(op, a, b, ka, kb):
    """The type and the function of two values that are not null."""
    pair = (ka, kb)
    if 'dynamic' in pair or 'string' in pair or 'bool' in pair or 'guid' in pair:
        raise Unsupported('%s %s %s' % (ka, op, kb))
    if ka in NUMBERS and kb in NUMBERS:
        if 'real' in pair:
            return 'real', real_arithmetic(op)
        return 'long', long_arithmetic(op)
    time = lambda value: value if 0 <= value <= 3155378975999999999 else None
    if op in '+-' and pair == ('datetime', 'timespan'):
        return 'datetime', lambda x, y: time(x + y if op == '+' else x - y)
    if op == '+' and pair == ('timespan', 'datetime'):
        return 'datetime', lambda x, y: time(x + y)
    if op == '-' and pair == ('datetime', 'datetime'):
        return 'timespan', lambda x, y: x - y
    if pair == ('timespan', 'timespan'):
        if op in '+-%':
            return 'timespan', long_arithmetic(op)
        if op == '/':
            return 'real', lambda x, y: real_arithmetic('/')(float(x), float(y))
    if op in '*/' and ka == 'timespan' and kb in ('int', 'long'):
        return 'timespan', long_arithmetic(op)
    if op == '*' and kb == 'timespan' and ka in ('int', 'long'):
        return 'timespan', long_arithmetic(op)
    raise Unsupported('%s %s %s' % (ka, op, kb))


def long_arithmetic(op):
    def divide(x, y):
        if y == 0:
            return None
        quotient = abs(x) // abs(y)
        return wrap(quotient if (x < 0) == (y < 0) else -quotient)

    return {
        '+': lambda x, y: wrap(x + y),
        '-': lambda x, y: wrap(x - y),
        '*': lambda x, y: wrap(x * y),
        '/': divide,
        '%': lambda x, y: None if y == 0 else x % abs(y),
    }[op]


def real_arithmetic(op):
    def divide(x, y):
        if y == 0:
            if x == 0 or math.isnan(x):
                return math.nan
            return math.copysign(math.inf, x) * math.copysign(1, y)
        return x / y

    def modulo(x, y):
        if y == 0 or not math.isfinite(x) or not math.isfinite(y):
            raise Unsupported('% of such reals')
        rest = math.fmod(x, abs(y))
        return rest + abs(y) if rest < 0 else rest

    return {
        '+': lambda x, y: x + y,
        '-': lambda x, y: x - y,
        '*': lambda x, y: x * y,
        '/': divide,
        '%': modulo,
    }[op]


def equal(a, b, ka, kb):
    """== of two values, null when both are null."""
    if a is None or b is None:
        return None if a is b else False
    if 'dynamic' in (ka, kb) and ka != kb:
        if ka == 'dynamic':
            a, b, ka, kb = b, a, kb, ka
        if kb != 'dynamic':
            raise Unsupported('== of %s and %s' % (ka, kb))
        if ka in NUMBERS:
            if isinstance(b, bool) or not isinstance(b, (int, float)):
                return False
        elif ka == 'bool':
            if not isinstance(b, bool):
                return False
        elif ka == 'string':
            if not isinstance(b, str):
                raise Unsupported('a dynamic that is no string against a string')
        else:
            raise Unsupported('dynamic against ' + ka)
    elif ka == 'dynamic':
        raise Unsupported('dynamic against dynamic')
    elif ka != kb and not (ka in NUMBERS and kb in NUMBERS):
        raise Unsupported('== of %s and %s' % (ka, kb))
    return a == b


class Binder:
    """What the names of a query mean beyond its columns: the scalar lets. A subclass has pipe(),
    for the queries inside of an expression. `strict`: see kql_eval.py."""

    def __init__(self, strict):
        self.strict, self.values = strict, {}

    def bind(self, node, scope):
        return getattr(self, 'bind_' + node[0])(node, scope)

    def bind_star(self, node, scope):
        raise Unsupported('*')

    def bind_lit(self, node, scope):
        return node[1], lambda rows, i: node[2]

    def bind_name(self, node, scope):
        found = scope.column(node[1])
        if found:
            at, kind = found
            return kind, lambda rows, i: rows[i][at]
        if node[1] in self.values:
            kind, value = self.values[node[1]]
            return kind, lambda rows, i: value
        raise Unsupported('unknown name ' + node[1])

    def bind_neg(self, node, scope):
        kind, value = self.bind(node[1], scope)
        if kind not in NUMBERS + ('timespan',):
            raise Unsupported('- of ' + kind)

        def negated(rows, i):
            x = value(rows, i)
            return None if x is None else -x if kind == 'real' else wrap(-x)

        return kind, negated

    def bind_path(self, node, scope):
        kind, value = self.bind(node[1], scope)
        if kind != 'dynamic':
            raise Unsupported('path of ' + kind)

        def member(rows, i):
            bag = value(rows, i)
            return bag.get(node[2]) if isinstance(bag, dict) else None

        return 'dynamic', member

    def bind_index(self, node, scope):
        kind, value = self.bind(node[1], scope)
        at_kind, at = self.bind(node[2], scope)
        if kind != 'dynamic' or at_kind not in ('string', 'long', 'int'):
            raise Unsupported('[%s] of %s' % (at_kind, kind))

        def element(rows, i):
            whole, key = value(rows, i), at(rows, i)
            if isinstance(whole, dict) and isinstance(key, str):
                return whole.get(key)
            if isinstance(whole, list) and isinstance(key, int) and -len(whole) <= key < len(whole):
                return whole[key]
            return None

        return 'dynamic', element

    def bind_bin(self, node, scope):
        _, op, left, right = node
        (ka, a), (kb, b) = self.bind(left, scope), self.bind(right, scope)
        if op in ('and', 'or'):
            if ka != 'bool' or kb != 'bool':
                raise Unsupported('%s of %s, %s' % (op, ka, kb))
            decisive = op == 'or'

            def logic(rows, i):
                x, y = a(rows, i), b(rows, i)
                if x is decisive or y is decisive:
                    return decisive
                return None if x is None or y is None else not decisive

            return 'bool', logic
        if op in ('==', '!='):

            def equality(rows, i):
                result = equal(a(rows, i), b(rows, i), ka, kb)
                return None if result is None else result == (op == '==')

            return 'bool', equality
        if op in ('<', '<=', '>', '>='):
            if not (ka == kb or (ka in NUMBERS and kb in NUMBERS)) or ka in (
                'dynamic',
                'guid',
                'bool',
            ):
                raise Unsupported('%s %s %s' % (ka, op, kb))

            def order(rows, i):
                x, y = a(rows, i), b(rows, i)
                return None if x is None or y is None else compare(op, x, y)

            return 'bool', order
        if op in '+-*/%':
            kind, make = arithmetic(op, a, b, ka, kb)
            real = kind == 'real' and 'timespan' not in (ka, kb)

            def calculate(rows, i):
                x, y = a(rows, i), b(rows, i)
                if x is None or y is None:
                    return None
                return make(float(x), float(y)) if real else make(x, y)

            return kind, calculate
        return self.bind_string_test(op, ka, a, kb, b)

    def bind_string_test(self, op, ka, a, kb, b):
        if ka not in ('string', 'dynamic') or kb not in ('string', 'dynamic'):
            raise Unsupported('%s %s %s' % (ka, op, kb))
        wanted = op[0] != '!'
        name = op.lstrip('!')
        with_case = name.endswith('_cs')
        name = name[:-3] if with_case else name
        test = STRING_TESTS.get(name, lambda x, y: x == y)  # =~ and !~

        def string_test(rows, i):
            x, y = to_string(ka, a(rows, i)), to_string(kb, b(rows, i))
            if not with_case:
                x, y = fold(x), fold(y)
            return test(x, y) == wanted

        return 'bool', string_test

    def bind_in(self, node, scope):
        _, op, left, values = node
        ka, a = self.bind(left, scope)
        if values[0][0] == 'pipe':
            table = self.pipe(values[0])
            kind = table.columns[0][1]
            listed = [(kind, (lambda v: lambda rows, i: v)(row[0])) for row in table.rows]
        else:
            listed = [self.bind(value, scope) for value in values]

        def elements(rows, i):
            for kind, value in listed:
                got = value(rows, i)
                if kind == 'dynamic' and isinstance(got, list):
                    for one in got:
                        if isinstance(one, (list, dict)):
                            raise Unsupported('a list of lists in ' + op)
                        yield (
                            'bool'
                            if isinstance(one, bool)
                            else (
                                'string'
                                if isinstance(one, str)
                                else (
                                    'long'
                                    if isinstance(one, int)
                                    else 'real' if one is not None else 'null'
                                )
                            )
                        ), one
                else:
                    yield kind, got

        name = op.lstrip('!')
        wanted = op[0] != '!'
        if name in ('has_any', 'has_all'):

            def has_some(rows, i):
                text = fold(to_string(ka, a(rows, i)))
                found = [
                    has_term(text, fold(to_string(kind, one))) for kind, one in elements(rows, i)
                ]
                return any(found) if name == 'has_any' else all(found)

            return 'bool', has_some

        def member(rows, i):
            x = a(rows, i)
            result = False
            for kind, y in elements(rows, i):
                if x is None or y is None:
                    if x is y:
                        raise Unsupported('null in a list with null')
                    continue
                if name == 'in~':
                    result |= fold(to_string(ka, x)) == fold(to_string(kind, y))
                else:
                    result |= bool(equal(x, y, ka, kind))
            return result == wanted

        return 'bool', member

    def bind_between(self, node, scope):
        _, op, value, low, high = node
        inside = ('bin', 'and', ('bin', '>=', value, low), ('bin', '<=', value, high))
        if self.bind(value, scope)[0] == 'datetime' and self.bind(high, scope)[0] == 'timespan':
            inside = ('bin', 'and', inside[2], ('bin', '<=', value, ('bin', '+', low, high)))
        kind, test = self.bind(inside, scope)

        def between(rows, i):
            result = test(rows, i)
            return None if result is None else result == (op == 'between')

        return kind, between

    def bind_call(self, node, scope):
        _, name, arguments = node
        if any(named for named, _ in arguments):
            raise Unsupported('named arguments')
        if name == 'toscalar':
            table = self.pipe(arguments[0][1])
            if self.strict and len(table.rows) > 1 and table.order != 'total':
                raise Undetermined('toscalar of several rows')
            kind = table.columns[0][1]
            value = table.rows[0][0] if table.rows else null(kind)
            return kind, lambda rows, i: value
        special = getattr(self, 'call_' + name, None)
        bound = [self.bind(argument, scope) for _, argument in arguments]
        if special:
            return special(bound, [argument for _, argument in arguments])
        if name not in FUNCTIONS:
            raise Unsupported('function ' + name)
        try:
            return FUNCTIONS[name](*bound)
        except TypeError:
            raise Unsupported('arguments of ' + name)

    def call_iff(self, bound, _):
        return self.call_case(bound, _)

    call_iif = call_iff

    def call_case(self, bound, _):
        conditions, values = bound[0:-1:2], bound[1:-1:2] + bound[-1:]
        if any(kind != 'bool' for kind, _ in conditions) or len(bound) % 2 == 0:
            raise Unsupported('a condition that is no bool')
        kind = widest([k for k, _ in values])

        def choose(rows, i):
            for (_, condition), (of, value) in zip(conditions, values):
                if condition(rows, i):
                    return convert(of, kind, value(rows, i))
            return convert(values[-1][0], kind, values[-1][1](rows, i))

        return kind, choose

    def call_coalesce(self, bound, _):
        kind = widest([k for k, _ in bound])

        def first(rows, i):
            for of, value in bound:
                got = convert(of, kind, value(rows, i))
                if got is not None and got != null(kind):
                    return got
            return null(kind)

        return kind, first

    # functions that look at other rows: the rows are those of the table, in its order

    def neighbour(self, bound, direction):
        kind, value = bound[0]
        default_kind, default = bound[2] if len(bound) > 2 else (kind, lambda rows, i: null(kind))
        if default_kind != kind:
            raise Unsupported('a default of another type')

        def look(rows, i):
            at = i + direction * (bound[1][1](rows, i) if len(bound) > 1 else 1)
            if not 0 <= at < len(rows):
                return convert(default_kind, kind, default(rows, i))
            return value(rows, at)

        return kind, look

    def call_prev(self, bound, arguments):
        if arguments[0][0] != 'name':
            raise Unsupported('prev of what is no column')
        return self.neighbour(bound, -1)

    def call_next(self, bound, arguments):
        if arguments[0][0] != 'name':
            raise Unsupported('next of what is no column')
        return self.neighbour(bound, 1)

    def call_row_number(self, bound, _):
        start = bound[0][1] if bound else lambda rows, i: 1

        def number(rows, i):
            n = i
            if len(bound) > 1:
                while n > 0 and not bound[1][1](rows, n):
                    n -= 1
                return start(rows, i) + i - n
            return start(rows, i) + i

        return 'long', number

    def call_row_cumsum(self, bound, _):
        kind, value = bound[0]

        def total(rows, i):
            first = i
            if len(bound) > 1:
                while first > 0 and not bound[1][1](rows, first):
                    first -= 1
            else:
                first = 0
            got = [x for x in (value(rows, k) for k in range(first, i + 1)) if x is not None]
            return sum(got) if kind == 'real' else wrap(sum(got))

        return kind, total
