"""Random expressions of a wanted type over given columns, for kql_random.py."""

import json

from kql_random_values import DOCUMENTS, NEEDLES, PATTERNS, STRINGS, TIMES


def quoted(text):
    return (
        '"%s"' % text.replace('\\', '\\\\').replace('"', '\\"')
        if '"' not in text or "'" in text
        else "'%s'" % text
    )


class Expressions:
    def __init__(self, dice, evaluator):
        self.dice, self.evaluator = dice, evaluator

    def of(self, kind, columns, depth=2):
        mine = [name for name, of in columns if of == kind or (kind == 'long' and of == 'int')]
        if mine and self.dice.chance(55 if depth else 80):
            return self.dice.one(mine)
        if depth <= 0 or self.dice.chance(15):
            return self.literal(kind)
        return getattr(self, kind)(lambda of: self.of(of, columns, depth - 1))

    def literal(self, kind):
        dice = self.dice
        if self.evaluator.values and kind in ('long', 'string') and dice.chance(25):
            return 'word' if kind == 'string' else 'limit_'
        if kind != 'string' and dice.chance(8):
            return '%s(null)' % kind
        if kind == 'long':
            return dice.one(['0', '1', '2', '3', '5', '-1', '7', '9223372036854775807', '0x10'])
        if kind == 'real':
            return dice.one(['0.0', '0.5', '1.0', '2.5', '-1.25', 'real(nan)', '1e3'])
        if kind == 'string':
            return quoted(dice.one(STRINGS + NEEDLES))
        if kind == 'bool':
            return dice.one(['true', 'false'])
        if kind == 'datetime':
            return 'datetime(%s)' % dice.one(TIMES)
        if kind == 'timespan':
            return dice.one(['1h', '30m', '1d', '90s', '250ms', 'time(1.02:03:04)', '1tick'])
        return 'dynamic(%s)' % json.dumps(dice.one(DOCUMENTS[2:]), ensure_ascii=False)

    def choice(self, kind, e):
        """What every type has."""
        return self.dice.one(
            [
                lambda: 'iff(%s, %s, %s)' % (e('bool'), e(kind), e(kind)),
                lambda: 'case(%s, %s, %s, %s, %s)'
                % (e('bool'), e(kind), e('bool'), e(kind), e(kind)),
                lambda: 'coalesce(%s, %s)' % (e(kind), e(kind)),
            ]
        )()

    def bool(self, e):
        dice = self.dice
        needle = quoted(dice.one(NEEDLES))
        words = ', '.join(quoted(word) for word in dice.some(NEEDLES, 1 + dice.below(3)))
        return dice.one(
            [
                lambda: '%s %s %s'
                % (e('long'), dice.one(['==', '!=', '<', '<=', '>', '>=', '<>']), e('long')),
                lambda: '%s %s %s'
                % (e('real'), dice.one(['==', '!=', '<', '>=']), e(dice.one(['real', 'long']))),
                lambda: '%s %s %s' % (e('string'), dice.one(['==', '!=', '=~', '!~']), e('string')),
                lambda: '%s %s %s'
                % (e('datetime'), dice.one(['==', '!=', '<', '>', '<=', '>=']), e('datetime')),
                lambda: '%s %s %s'
                % (e('timespan'), dice.one(['==', '!=', '<', '>']), e('timespan')),
                lambda: '(%s) %s (%s)' % (e('bool'), dice.one(['==', '!=']), e('bool')),
                lambda: '%s %s %s'
                % (
                    e('string'),
                    dice.one(['', '!'])
                    + dice.one(
                        [
                            'has',
                            'has_cs',
                            'contains',
                            'contains_cs',
                            'startswith',
                            'startswith_cs',
                            'endswith',
                            'endswith_cs',
                            'hasprefix',
                            'hassuffix',
                            'hasprefix_cs',
                            'hassuffix_cs',
                        ]
                    ),
                    needle,
                ),
                lambda: '%s %s %s'
                % (
                    e('string'),
                    dice.one(['has', 'contains', 'startswith', '!endswith']),
                    e('string'),
                ),
                lambda: '%s %s (%s)'
                % (
                    e('string'),
                    dice.one(['in', '!in', 'in~', '!in~', 'has_any', 'has_all']),
                    words,
                ),
                lambda: '%s %s (1, 2, %s)' % (e('long'), dice.one(['in', '!in']), e('long')),
                lambda: '%s matches regex %s'
                % (e('string'), dice.one(PATTERNS).split('", ')[0] + '"'),
                lambda: '%s in (dynamic(["a", "alpha", "b"]))' % e('string'),
                lambda: '%s %s (%s .. %s)'
                % (e('long'), dice.one(['between', '!between']), e('long'), e('long')),
                lambda: '%s between (%s .. %s)'
                % (e('datetime'), e('datetime'), dice.one(['1d', e('datetime')])),
                lambda: '%s(%s)'
                % (
                    dice.one(['isnull', 'isnotnull', 'isempty', 'isnotempty']),
                    e(dice.one(['long', 'string', 'dynamic', 'datetime', 'real', 'bool'])),
                ),
                lambda: 'not(%s)' % e('bool'),
                lambda: '(%s and %s)' % (e('bool'), e('bool')),
                lambda: '(%s or %s)' % (e('bool'), e('bool')),
                lambda: '(%s) %s (%s)' % (e('bool'), dice.one(['and', 'or']), e('bool')),
                lambda: '%s == %s' % (e('dynamic'), dice.one(['1', 'true', '2.5'])),
                lambda: '%s == "alpha"' % e('dynamic'),
                lambda: 'tobool(%s)' % e(dice.one(['string', 'long', 'dynamic'])),
                lambda: self.choice('bool', e),
            ]
        )()

    def long(self, e):
        dice = self.dice
        return dice.one(
            [
                lambda: '(%s %s %s)' % (e('long'), dice.one('+-*/%'), e('long')),
                lambda: '(%s %s %s %s %s)'
                % (e('long'), dice.one('+-*/%'), e('long'), dice.one('+-*/%'), e('long')),
                lambda: '-(%s)' % e('long'),
                lambda: 'strlen(%s)' % e('string'),
                lambda: '%s(%s)'
                % (
                    dice.one(['toint', 'tolong']),
                    e(dice.one(['string', 'real', 'bool', 'dynamic', 'long'])),
                ),
                lambda: 'array_length(%s)' % self.root(e),
                lambda: 'indexof(%s, %s)'
                % (e('string'), quoted(dice.one([n for n in NEEDLES if n]))),
                lambda: 'countof(%s, %s)'
                % (e('string'), quoted(dice.one([n for n in NEEDLES if n]))),
                lambda: 'datetime_diff("%s", %s, %s)'
                % (
                    dice.one(
                        ['day', 'hour', 'month', 'year', 'week', 'minute', 'second', 'Quarter']
                    ),
                    e('datetime'),
                    e('datetime'),
                ),
                lambda: 'bin(%s, %s)' % (e('long'), dice.one(['2', '5', '0', '-1'])),
                lambda: 'abs(%s)' % e('long'),
                lambda: '%s(%s, %s)' % (dice.one(['max_of', 'min_of']), e('long'), e('long')),
                lambda: '%s(%s)'
                % (
                    dice.one(
                        [
                            'dayofmonth',
                            'dayofyear',
                            'hourofday',
                            'getmonth',
                            'getyear',
                            'monthofyear',
                        ]
                    ),
                    e('datetime'),
                ),
                lambda: self.choice('long', e),
            ]
        )()

    def real(self, e):
        dice = self.dice
        return dice.one(
            [
                lambda: '(%s %s %s)' % (e('real'), dice.one('+-*/'), e('real')),
                lambda: '(%s %s %s)' % (e('long'), dice.one('+-*/'), e('real')),
                lambda: '(%s %% %s)' % (e('real'), dice.one(['2.0', '1.5', '-2.5', '3'])),
                lambda: '%s(%s)'
                % (
                    dice.one(['todouble', 'toreal']),
                    e(dice.one(['string', 'long', 'dynamic', 'bool'])),
                ),
                lambda: 'bin(%s, %s)' % (e('real'), dice.one(['0.5', '1', '2.0', '0.0'])),
                lambda: '(%s / %s)' % (e('timespan'), dice.one(['1h', '1d', e('timespan')])),
                lambda: '-(%s)' % e('real'),
                lambda: 'abs(%s)' % e('real'),
                lambda: self.choice('real', e),
            ]
        )()

    def string(self, e):
        dice = self.dice
        return dice.one(
            [
                lambda: 'strcat(%s, "-", %s)'
                % (
                    e('string'),
                    e(dice.one(['string', 'long', 'bool', 'datetime', 'timespan', 'real'])),
                ),
                lambda: 'strcat_delim(", ", %s, %s, %s)' % (e('string'), e('string'), e('long')),
                lambda: '%s(%s)' % (dice.one(['tolower', 'toupper', 'reverse']), e('string')),
                lambda: 'substring(%s, %s)' % (e('string'), dice.one(['0', '1', '3', '50'])),
                lambda: 'substring(%s, %s, %s)'
                % (
                    e('string'),
                    dice.one(['0', '1', '2', '-2', '-9']),
                    dice.one(['0', '1', '4', '-1']),
                ),
                lambda: 'replace_string(%s, %s, %s)'
                % (e('string'), quoted(dice.one(NEEDLES)), quoted(dice.one(['', '+', 'alpha']))),
                lambda: 'tostring(%s)'
                % e(
                    dice.one(
                        [
                            'long',
                            'bool',
                            'datetime',
                            'timespan',
                            'dynamic',
                            'dynamic',
                            'string',
                            'real',
                        ]
                    )
                ),
                lambda: 'tostring(split(%s, "%s")[%s])'
                % (e('string'), dice.one(['-', '/', ';', 'a']), dice.one(['0', '1', '-1', '5'])),
                lambda: 'extract(%s, %s)' % (dice.one(PATTERNS), e('string')),
                lambda: 'replace_regex(%s, %s, "<")'
                % (e('string'), dice.one(PATTERNS).split('", ')[0] + '"'),
                lambda: '%s("%s", %s)'
                % (
                    dice.one(['trim', 'trim_start', 'trim_end']),
                    dice.one(['a', '-', 'al', '[ 0-9]']),
                    e('string'),
                ),
                lambda: 'gettype(%s)' % e(dice.one(['dynamic', 'dynamic', 'long', 'real'])),
                lambda: 'tostring(parse_json(%s)%s)'
                % (e('string'), dice.one(['.a', '.b.c', '[0]', '[-1]', '["a"]'])),
                lambda: self.choice('string', e),
            ]
        )()

    def datetime(self, e):
        dice = self.dice
        return dice.one(
            [
                lambda: 'bin(%s, %s)' % (e('datetime'), dice.one(['1h', '1d', '7d', '5m', '1s'])),
                lambda: '%s(%s)'
                % (
                    dice.one(
                        ['startofday', 'endofday', 'startofweek', 'startofmonth', 'startofyear']
                    ),
                    e('datetime'),
                ),
                lambda: '(%s %s %s)' % (e('datetime'), dice.one('+-'), e('timespan')),
                lambda: 'todatetime(%s)' % e('string'),
                lambda: 'datetime_add("%s", %s, %s)'
                % (
                    dice.one(['day', 'hour', 'week', 'minute']),
                    dice.one(['1', '-3', '10']),
                    e('datetime'),
                ),
                lambda: self.choice('datetime', e),
            ]
        )()

    def timespan(self, e):
        dice = self.dice
        return dice.one(
            [
                lambda: '(%s - %s)' % (e('datetime'), e('datetime')),
                lambda: '(%s %s %s)' % (e('timespan'), dice.one('+-'), e('timespan')),
                lambda: '(%s %s %s)' % (e('timespan'), dice.one('*/'), dice.one(['2', '3', '-1'])),
                lambda: 'totimespan(%s)' % e('string'),
                lambda: 'dayofweek(%s)' % e('datetime'),
                lambda: 'bin(%s, 1h)' % e('timespan'),
                lambda: self.choice('timespan', e),
            ]
        )()

    def dynamic(self, e):
        dice = self.dice
        return dice.one(
            [
                lambda: '%s%s'
                % (
                    self.root(e),
                    dice.one(
                        ['.a', '.b', '[0]', '[-1]', '["a"]', '.b.c', '["two words"]', '[1].a']
                    ),
                ),
                lambda: 'parse_json(%s)' % e('string'),
                lambda: 'split(%s, "%s")' % (e('string'), dice.one(['-', ';', '/', '=', 'lph'])),
                lambda: 'split(%s, "-", %s)' % (e('string'), dice.one(['0', '1'])),
                lambda: 'pack_array(%s, %s)'
                % (
                    e('long'),
                    e(dice.one(['string', 'long', 'datetime', 'timespan', 'bool', 'dynamic'])),
                ),
                lambda: 'bag_pack("a", %s, "z", %s)'
                % (
                    e(dice.one(['long', 'string', 'dynamic'])),
                    e(dice.one(['string', 'datetime', 'bool'])),
                ),
                lambda: 'bag_keys(%s)' % self.root(e),
                lambda: 'array_concat(split(%s, "-"), split(%s, ";"))' % (e('string'), e('string')),
                lambda: 'array_sort_%s(split(%s, "%s"))'
                % (dice.one(['asc', 'desc']), e('string'), dice.one(['-', 'a', '/'])),
                lambda: 'array_slice(split(%s, "a"), %s, %s)'
                % (e('string'), dice.one(['0', '1', '-2']), dice.one(['0', '2', '-1'])),
                lambda: 'array_reverse(%s)' % self.root(e),
                lambda: 'bag_merge(bag_pack("a", %s), bag_pack("a", 1, "b", %s))'
                % (e('long'), e('string')),
            ]
        )()

    def root(self, e):
        inner = e('dynamic')
        return inner if inner.isidentifier() else 'parse_json(%s)' % e('string')
