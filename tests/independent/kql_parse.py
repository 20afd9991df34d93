"""Reads KQL into a tree, for kql_eval.py: tokens by one regular expression, then plain descent.

The tree is made of tuples whose first member says what they are:
  expressions  ('lit', type, value) ('name', n) ('call', f, [(name or None, e)]) ('path', e, member)
               ('index', e, e) ('neg', e) ('bin', op, a, b) ('in', op, a, [e])
               ('between', op, a, lo, hi) ('star',) ('pipe', source, [operators])
  operators    (name, what the operator needs ...), see operator() below
Whatever it does not know is Unsupported: nothing is guessed.
"""

import json
import re


class Unsupported(Exception):
    pass


UNITS = {}
for names, ticks in (
    ('d day days', 864 * 10**9),
    ('h hr hrs hour hours', 36 * 10**9),
    ('m min minute minutes', 6 * 10**8),
    ('s sec second seconds', 10**7),
    ('ms milli millis millisecond milliseconds', 10**4),
    ('micro micros microsecond microseconds', 10),
    ('tick ticks', 1),
):
    for unit in names.split():
        UNITS[unit] = ticks

TOKEN = re.compile(
    r'''
  (?P<blank>\s+|//[^\n]*)
 |(?P<literal>\b(?:datetime|date|time|timespan|guid)\s*\([^)("']*\))
 |(?P<string>[hH]?(?:@"(?:[^"]|"")*"|@'(?:[^']|'')*'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
 |(?P<span>\d+(?:\.\d+)?(?:%s)\b)
 |(?P<number>0[xX][0-9a-fA-F]+\b|\d+(?:\.(?!\.)\d*)?(?:[eE][+-]?\d+)?(?![\w]))
 |(?P<word>[A-Za-z_$][\w]*)
 |(?P<op>![A-Za-z_]+~?|!~|=~|==|!=|<>|<=|>=|\.\.|[-+*/%%<>=()\[\]{},;:|.~])
''' % '|'.join(sorted(UNITS, key=len, reverse=True)),
    re.X,
)

ESCAPES = {
    'a': '\a',
    'b': '\b',
    'f': '\f',
    'n': '\n',
    'r': '\r',
    't': '\t',
    'v': '\v',
    '0': '\0',
    '\\': '\\',
    "'": "'",
    '"': '"',
}


def unquote(text):
    text = text[1:] if text[0] in 'hH' else text
    if text[0] == '@':
        return text[2:-1].replace(text[1] * 2, text[1])

    def one(match):
        body = match[1]
        if body[0] in 'uUx':
            return chr(int(body[1:], 16))
        if body not in ESCAPES:
            raise Unsupported('escape \\' + body)
        return ESCAPES[body]

    return re.sub(r'\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)', one, text[1:-1])


def tokens(text):
    out, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise Unsupported('token at %d: %s' % (at, text[at : at + 20]))
        if match.lastgroup != 'blank':
            out.append((match.lastgroup, match[0], at))
        if match[0] == 'dynamic' and re.match(r'\s*\(', text[match.end() :]):
            start, at = match.end(), dynamic_end(text, text.index('(', match.end()))
            out[-1] = ('dynamic', text[text.index('(', start) + 1 : at - 1], start)
        else:
            at = match.end()
    return out + [('end', '', len(text))]


def dynamic_end(text, at):
    depth, quote = 0, None
    while at < len(text):
        c = text[at]
        if quote:
            if c == '\\':
                at += 1
            elif c == quote:
                quote = None
        elif c in '"\'':
            quote = c
        elif c in '([{':
            depth += 1
        elif c in ')]}':
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    raise Unsupported('dynamic without an end')


STRING_OPS = {
    'has',
    'has_cs',
    'hasprefix',
    'hassuffix',
    'hasprefix_cs',
    'hassuffix_cs',
    'contains',
    'contains_cs',
    'startswith',
    'startswith_cs',
    'endswith',
    'endswith_cs',
}
DASHED = {
    'project': ('away', 'keep', 'rename', 'reorder'),
    'mv': ('expand', 'apply'),
    'parse': ('where',),
}
TABULAR = ('datatable', 'range', 'print', 'union', 'materialize')
TYPES = {
    'string': 'string',
    'long': 'long',
    'int': 'int',
    'real': 'real',
    'double': 'real',
    'bool': 'bool',
    'datetime': 'datetime',
    'timespan': 'timespan',
    'time': 'timespan',
    'dynamic': 'dynamic',
    'guid': 'guid',
    'boolean': 'bool',
    'date': 'datetime',
}


class Parser:
    def __init__(self, text, read_literal):
        self.tokens, self.at, self.read_literal = tokens(text), 0, read_literal
        self.tables = set()  # the names of tabular lets

    # ---- tokens ----

    def peek(self, *texts):
        kind, text, _ = self.tokens[self.at]
        return kind in ('word', 'op', 'end') and text in texts

    def take(self, *texts):
        if self.peek(*texts):
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def need(self, text):
        if not self.take(text):
            raise Unsupported('%r expected at %r' % (text, self.tokens[self.at]))

    def next_is(self, text, ahead=1):
        kind, got, _ = self.tokens[min(self.at + ahead, len(self.tokens) - 1)]
        return kind in ('word', 'op') and got == text

    def word(self):
        kind, text, _ = self.tokens[self.at]
        if kind == 'op' and text == '[' and self.tokens[self.at + 1][0] == 'string':
            text = unquote(self.tokens[self.at + 1][1])
            self.at += 2
            self.need(']')
            return text
        if kind != 'word':
            raise Unsupported('a name expected at %r' % (self.tokens[self.at],))
        self.at += 1
        return text

    def type_name(self):
        name = self.word()
        if name not in TYPES:
            raise Unsupported('type ' + name)
        return TYPES[name]

    def option(self, name):
        """kind=inner and the like."""
        if self.peek(name) and self.next_is('='):
            self.at += 2
            return self.word()
        return None

    def commas(self, one, end=None):
        out = []
        if end and self.take(end):
            return out
        while True:
            out.append(one())
            if not self.take(','):
                break
            if end and self.peek(end):
                break
        if end:
            self.need(end)
        return out

    # ---- statements ----

    def query(self):
        lets = []
        while self.peek('let'):
            self.at += 1
            name = self.word()
            self.need('=')
            value = self.pipe() if self.is_tabular() else self.expression()
            if value[0] == 'pipe':
                self.tables.add(name)
            elif self.peek('|'):
                raise Unsupported('let of an unknown table')
            lets.append((name, value))
            self.need(';')
        body = self.pipe()
        while self.take(';'):
            pass
        if self.tokens[self.at][0] != 'end':
            raise Unsupported('at %r' % (self.tokens[self.at],))
        return lets, body

    def is_tabular(self):
        kind, text, _ = self.tokens[self.at]
        if kind == 'op' and text == '(':
            self.at += 1
            try:
                return self.is_tabular()
            finally:
                self.at -= 1
        if kind != 'word':
            return False
        if text in ('range', 'materialize', 'datatable'):
            return text != 'range' or self.tokens[self.at + 1][1] != '('
        return text in ('union', 'print') or text in self.tables or (self.next_is('|'))

    def pipe(self):
        source = self.source()
        operators = []
        while self.take('|'):
            operators.append(self.operator())
        return ('pipe', source, operators)

    def source(self):
        if self.take('('):
            inner = self.pipe()
            self.need(')')
            return inner
        if self.take('materialize'):
            self.need('(')
            inner = self.pipe()
            self.need(')')
            return inner
        if self.take('datatable'):
            self.need('(')
            columns = self.commas(self.column_of_datatable, ')')
            self.need('[')
            return ('datatable', columns, self.commas(self.expression, ']'))
        if self.take('print'):
            return ('print', self.commas(self.named))
        if self.take('range'):
            name = self.word()
            parts = []
            for keyword in ('from', 'to', 'step'):
                self.need(keyword)
                parts.append(self.expression())
            return ('range', name, *parts)
        if self.peek('union'):
            return self.operator()
        return ('table', self.word())

    def column_of_datatable(self):
        name = self.word()
        self.need(':')
        return name, self.type_name()

    def operator(self):
        name = self.word()
        for tail in DASHED.get(name, ()):
            if self.peek('-') and self.next_is(tail):
                self.at += 2
                name = '%s-%s' % (name, tail)
                break
        make = getattr(self, 'op_' + name.replace('-', '_'), None)
        if not make:
            raise Unsupported('operator ' + name)
        return make()

    def op_where(self):
        return ('where', self.expression())

    op_filter = op_where

    def op_extend(self):
        return ('extend', self.commas(self.named))

    def op_project(self):
        return ('project', self.commas(self.named))

    def op_serialize(self):
        return ('serialize', [] if self.peek('|', ')', ';', '') else self.commas(self.named))

    def op_project_away(self):
        return ('project-away', self.commas(self.pattern))

    def op_project_keep(self):
        return ('project-keep', self.commas(self.pattern))

    def op_project_reorder(self):
        return ('project-reorder', self.commas(self.pattern))

    def op_project_rename(self):
        return ('project-rename', self.commas(self.named))

    def pattern(self):
        out = ''
        while self.tokens[self.at][0] == 'word' or self.peek('*', '['):
            out += self.take('*') or self.word()
        return out

    def op_distinct(self):
        return (
            'distinct',
            self.commas(lambda: (None, ('star',)) if self.take('*') else self.named()),
        )

    def op_count(self):
        return ('count',)

    def op_take(self):
        return ('take', self.expression())

    op_limit = op_take

    def op_sort(self):
        self.need('by')
        return ('sort', self.commas(self.sort_key))

    op_order = op_sort

    def op_top(self):
        count = self.expression()
        self.need('by')
        return ('top', count, self.commas(self.sort_key))

    def sort_key(self):
        expression = self.expression()
        ascending = (self.take('asc', 'desc') or 'desc') == 'asc'
        first = ascending
        if self.take('nulls'):
            first = self.word() == 'first'
        return expression, ascending, first

    def op_summarize(self):
        aggregates = [] if self.peek('by') else self.commas(self.named)
        keys = self.commas(self.named) if self.take('by') else None
        return ('summarize', aggregates, keys)

    def op_join(self, default='innerunique', what='join'):
        kind = self.option('kind') or default
        right = self.source()
        self.need('on')
        keys = []
        for key in self.commas(self.expression):
            while key[0] == 'bin' and key[1] == 'and':
                keys.append(key[3])
                key = key[2]
            keys.append(key)
        return (what, kind, right, keys)

    def op_lookup(self):
        return self.op_join('leftouter', 'lookup')

    def op_union(self):
        kind, source = 'outer', None
        while True:
            if self.peek('kind'):
                kind = self.option('kind')
            elif self.peek('withsource'):
                source = self.option('withsource')
            elif self.peek('isfuzzy'):
                self.option('isfuzzy')
            else:
                break
        return ('union', kind, source, self.commas(self.source))

    def op_mv_expand(self):
        bag, index = 'bag', None
        while True:
            if self.peek('kind', 'bagexpansion') and self.next_is('='):
                bag = self.option('kind') or self.option('bagexpansion')
            elif self.peek('with_itemindex'):
                index = self.option('with_itemindex')
            else:
                break
        items = self.commas(self.expanded)
        limit = self.expression() if self.take('limit') else None
        return ('mv-expand', bag, index, items, limit)

    def op_mv_apply(self):
        index = self.option('with_itemindex')
        items = self.commas(self.expanded)
        limit = self.expression() if self.take('limit') else None
        self.need('on')
        self.need('(')
        operators = [self.operator()]
        while self.take('|'):
            operators.append(self.operator())
        self.need(')')
        return ('mv-apply', index, items, limit, operators)

    def expanded(self):
        name, expression = self.named()
        kind = None
        if self.take('to'):
            self.need('typeof')
            self.need('(')
            kind = self.type_name()
            self.need(')')
        return name, expression, kind

    def op_parse(self, keep=True):
        if self.option('kind') not in (None, 'simple'):
            raise Unsupported('parse kind')
        expression = self.expression()
        self.need('with')
        parts = []
        while not self.peek('|', ')', ';', ''):
            if self.take('*'):
                parts.append(('any',))
            elif self.tokens[self.at][0] == 'string':
                parts.append(('text', self.primary()[2]))
            else:
                name = self.word()
                parts.append(('column', name, self.type_name() if self.take(':') else 'string'))
        return ('parse', expression, parts, keep)

    def op_parse_where(self):
        return self.op_parse(keep=False)

    def op_as(self):
        self.word()
        return ('same',)

    # ---- expressions ----

    def named(self):
        if self.peek('(') and self.tokens[self.at + 1][0] == 'word' and self.next_is(',', 2):
            start = self.at
            self.at += 1
            names = []
            try:
                names = self.commas(self.word, ')')
            except Unsupported:
                pass
            if names and self.take('='):
                return names, self.expression()
            self.at = start
        start = self.at
        try:
            name = self.word()
            if self.take('='):
                return name, self.expression()
        except Unsupported:
            pass
        self.at = start
        return None, self.expression()

    def expression(self):
        left = self.conjunction()
        while self.take('or'):
            left = ('bin', 'or', left, self.conjunction())
        return left

    def conjunction(self):
        left = self.equality()
        while self.take('and'):
            left = ('bin', 'and', left, self.equality())
        return left

    def equality(self):
        left = self.relation()
        op = self.take('==', '!=', '<>', '=~', '!~')
        if op:
            return ('bin', '!=' if op == '<>' else op, left, self.relation())
        op = self.take('in', '!in', '!in~', 'has_any', 'has_all')
        if op:
            if op == 'in' and self.take('~'):
                op = 'in~'
            self.need('(')
            if self.is_tabular():
                values = [self.pipe()]
                self.need(')')
            else:
                values = self.commas(self.expression, ')')
            return ('in', op, left, values)
        op = self.take('between', '!between')
        if op:
            self.need('(')
            low = self.expression()
            self.need('..')
            high = self.expression()
            self.need(')')
            return ('between', op, left, low, high)
        return left

    def relation(self):
        left = self.string_operation()
        op = self.take('<', '<=', '>', '>=')
        return ('bin', op, left, self.string_operation()) if op else left

    def string_operation(self):
        left = self.sum()
        kind, text, _ = self.tokens[self.at]
        if kind in ('word', 'op') and text.lstrip('!') in STRING_OPS:
            self.at += 1
            return ('bin', text, left, self.sum())
        if self.take('matches'):
            self.need('regex')
            return ('call', 'matches regex', [(None, left), (None, self.sum())])
        return left

    def sum(self):
        left = self.product()
        while True:
            op = self.take('+', '-')
            if not op:
                return left
            left = ('bin', op, left, self.product())

    def product(self):
        left = self.unary()
        while True:
            op = self.take('*', '/', '%')
            if not op:
                return left
            left = ('bin', op, left, self.unary())

    def unary(self):
        if self.take('-'):
            return ('neg', self.unary())
        if self.take('+'):
            return self.unary()
        return self.postfix()

    def postfix(self):
        left = self.primary()
        while True:
            if self.peek('.') and not self.next_is('.'):
                self.at += 1
                left = ('path', left, self.word())
            elif self.take('['):
                left = ('index', left, self.expression())
                self.need(']')
            else:
                return left

    def primary(self):
        kind, text, _ = self.tokens[self.at]
        if kind == 'op':
            if text == '(':
                self.at += 1
                inner = self.expression()
                self.need(')')
                return inner
            if text == '*':
                self.at += 1
                return ('star',)
            if text == '[':
                return ('name', self.word())
            raise Unsupported('an expression expected at %r' % (self.tokens[self.at],))
        self.at += 1
        if kind == 'string':
            value = unquote(text)
            while self.tokens[self.at][0] == 'string':
                value += unquote(self.tokens[self.at][1])
                self.at += 1
            return ('lit', 'string', value)
        if kind == 'span':
            match = re.fullmatch(r'([\d.]+)([a-z]+)', text)
            return ('lit', 'timespan', round(float(match[1]) * UNITS[match[2]]))
        if kind == 'number':
            if re.fullmatch(r'\d+|0[xX].*', text):
                return ('lit', 'long', int(text, 0) if text[:2].lower() == '0x' else int(text))
            return ('lit', 'real', float(text))
        if kind == 'literal':
            name, body = re.fullmatch(r'(\w+)\s*\((.*)\)', text, re.S).groups()
            return self.read_literal(TYPES[name], body.strip())
        if kind == 'dynamic':
            try:
                return ('lit', 'dynamic', json.loads(text))
            except ValueError:
                raise Unsupported('dynamic literal ' + text)
        if kind != 'word':
            raise Unsupported('at %r' % (text,))
        if text in ('true', 'false', 'True', 'False', 'TRUE', 'FALSE'):
            return ('lit', 'bool', text.lower() == 'true')
        if self.peek('('):
            if text in TYPES and text != 'dynamic':
                return self.typed_literal(TYPES[text])
            self.at += 1
            if text == 'toscalar':
                inner = self.pipe()
                self.need(')')
                return ('call', text, [(None, inner)])
            return ('call', text, self.commas(self.argument, ')'))
        return ('name', text)

    def argument(self):
        if self.peek('typeof'):
            self.at += 1
            self.need('(')
            name = self.type_name()
            self.need(')')
            return None, ('lit', 'typeof', name)
        return self.named()

    def typed_literal(self, kind):
        """long(null), real(nan), int(-3), datetime('...')"""
        self.need('(')
        kind_of, text, _ = self.tokens[self.at]
        body = ''
        while not self.peek(')'):
            body += self.tokens[self.at][1]
            self.at += 1
        self.need(')')
        if kind_of == 'string':
            body = unquote(text)
        return self.read_literal(kind, body)
