"""The scalar functions of kql_eval.py and how values are read and written.

FUNCTIONS[name](*arguments), each argument a pair (type, function of (rows, i)), gives such a pair.
"""

import json
import math
import re
from datetime import datetime, timedelta

from kql_parse import UNITS, Unsupported

DAY, SECOND = 864 * 10**9, 10**7
LAST = 3155378975999999999
FIRST_DAY = datetime(1, 1, 1)


def wrap(n, bits=64):
    """Whole numbers wrap, as two's complement does."""
    n &= (1 << bits) - 1
    return n - (1 << bits) if n >> (bits - 1) else n


def same(a, b):
    """Equality of values as keys of groups: a null, and a NaN, is the same as another; 1, 1.0 and
    true are three values."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    return type(a) is type(b) and a == b


# ---- time ----------------------------------------------------------------------------------------


def to_datetime(ticks):
    return FIRST_DAY + timedelta(microseconds=ticks // 10)


def from_datetime(value):
    gone = value - FIRST_DAY
    return gone.days * DAY + gone.seconds * SECOND + gone.microseconds * 10


def datetime_text(ticks, short=False):
    fraction = ticks % SECOND
    text = to_datetime(ticks - fraction)
    text = '%04d-%02d-%02dT%02d:%02d:%02d' % text.timetuple()[:6]
    if short:
        return text + ('.%07d' % fraction).rstrip('0').rstrip('.') + 'Z'
    return text + '.%07dZ' % fraction


def timespan_text(ticks):
    sign, ticks = ('-', -ticks) if ticks < 0 else ('', ticks)
    days, rest = divmod(ticks, DAY)
    seconds, fraction = divmod(rest, SECOND)
    return '%s%s%02d:%02d:%02d%s' % (
        sign,
        '%d.' % days if days else '',
        seconds // 3600,
        seconds // 60 % 60,
        seconds % 60,
        '.%07d' % fraction if fraction else '',
    )


def read_datetime(text):
    """ISO 8601 alone; the other forms are left to the cases."""
    text = text.strip()
    match = re.fullmatch(
        r'(\d{4})-(\d\d?)-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?Z?', text
    )
    if not match:
        if re.fullmatch(r'[\d/.:TZ+ -]+', text) and text:
            raise Unsupported('datetime of the form ' + text)
        return None
    try:
        value = datetime(*[int(part or 0) for part in match.groups()[:6]])
    except ValueError:
        return None
    return from_datetime(value) + int((match[7] or '').ljust(7, '0'))


def read_timespan(text):
    text = text.strip().strip('"\'')
    match = re.fullmatch(r'(-?)(?:(\d+)\.)?(\d\d?):(\d\d?)(?::(\d\d?)(?:\.(\d{1,7}))?)?', text)
    if match:
        if int(match[3]) > 23 or int(match[4]) > 59 or int(match[5] or 0) > 59:
            return None
        ticks = (
            int(match[2] or 0) * DAY
            + (int(match[3]) * 3600 + int(match[4]) * 60 + int(match[5] or 0)) * SECOND
        )
        ticks += int((match[6] or '').ljust(7, '0'))
        return -ticks if match[1] else ticks
    match = re.fullmatch(r'(-?\d+(?:\.\d+)?) *([a-z]*)', text)
    if match and (match[2] or 'd') in UNITS and (match[2] or '.' not in text):
        return round(float(match[1]) * UNITS[match[2] or 'd'])
    if re.search(r'\d', text):
        raise Unsupported('timespan of the form ' + text)
    return None


def read_value(kind, text):
    """What stands in the brackets of long(...), datetime(...) and the like, as a literal."""
    text = text.strip()
    if text == 'null':
        return ('lit', kind, None)
    if kind == 'datetime':
        return ('lit', kind, read_datetime(text.strip('"\'')) if text else None)
    if kind == 'timespan':
        return ('lit', kind, read_timespan(text))
    if kind in ('long', 'int'):
        return ('lit', kind, int(text, 0))
    if kind == 'real':
        return ('lit', kind, float(text))
    if kind == 'bool':
        return ('lit', kind, text.lower() in ('true', '1'))
    if kind == 'guid':
        return ('lit', kind, text.lower())
    raise Unsupported('%s(%s)' % (kind, text))


# ---- conversions ---------------------------------------------------------------------------------


def real_text(value):
    if math.isnan(value):
        return 'NaN'
    if math.isinf(value):
        raise Unsupported('text of infinity')
    if value == int(value) and abs(value) < 1e15:
        return '%d.0' % value
    text = repr(value)
    if 'e' in text:
        raise Unsupported('text of such a real')
    return text


def to_string(kind, value):
    if value is None:
        return ''
    if kind in ('string', 'guid'):
        return value
    if kind in ('long', 'int'):
        return str(value)
    if kind == 'real':
        return real_text(value)
    if kind == 'bool':
        return 'True' if value else 'False'
    if kind == 'datetime':
        return datetime_text(value)
    if kind == 'timespan':
        return timespan_text(value)
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(',', ':'))


def to_whole(bits):
    def make(kind, value):
        if value is None or kind in ('long', 'int', 'bool'):
            return value if value is None else wrap(int(value), bits)
        if kind in ('datetime', 'timespan'):
            return wrap(value, bits)
        if kind == 'real' or isinstance(value, float):
            if not math.isfinite(value):
                return None
            if abs(value) >= 2**62:
                raise Unsupported('such a real as a whole number')
            return wrap(int(value), bits)
        if isinstance(value, (bool, int)):
            return wrap(int(value), bits)
        if not isinstance(value, str):
            return None
        text = value.strip()
        if re.fullmatch(r'[+-]?\d+', text):
            n = int(text)
            return n if -(2 ** (bits - 1)) <= n < 2 ** (bits - 1) else None
        if re.fullmatch(r'0[xX][0-9a-fA-F]+', text):
            return wrap(int(text, 16), bits)
        return None

    return make


def to_real(kind, value):
    if value is None or isinstance(value, (int, float)):
        return value if value is None else float(value)
    if not isinstance(value, str):
        return None
    if re.fullmatch(r'\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*', value):
        return float(value)
    if re.search(r'nan|inf', value, re.I):
        raise Unsupported('NaN and infinity of text')
    return None


def to_bool(kind, value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value != 0
    if not isinstance(value, str):
        return None
    text = value.strip().lower()
    if text in ('true', 'false'):
        return text == 'true'
    if text.startswith('0x'):
        if kind == 'string':
            raise Unsupported('tobool of such a text')
        return to_whole(64)(kind, text) != 0
    return int(text) != 0 if re.fullmatch(r'[+-]?\d+', text) else None


def to_datetime_value(kind, value):
    if kind == 'datetime' or value is None:
        return value
    if kind == 'dynamic' and not isinstance(value, str):
        raise Unsupported('todatetime of such a dynamic')
    if kind in ('string', 'dynamic'):
        return read_datetime(value)
    raise Unsupported('todatetime of ' + kind)


def to_timespan_value(kind, value):
    if kind == 'timespan' or value is None:
        return value
    if kind == 'string':
        return read_timespan(value)
    if kind in ('long', 'int'):
        return value
    raise Unsupported('totimespan of ' + kind)


def parse_json(kind, value):
    if kind == 'dynamic':
        return value
    if kind != 'string':
        raise Unsupported('parse_json of ' + kind)
    if value.strip() == '':
        return None

    def refuse(text):
        raise ValueError(text)

    try:
        return json.loads(value, parse_constant=refuse)
    except ValueError:
        return value


FUNCTIONS = {}


def conversion(name, to, make):
    def of(argument, *more):
        if more:
            raise Unsupported('two arguments of ' + name)
        kind, value = argument
        return to, lambda rows, i: make(kind, value(rows, i))

    FUNCTIONS[name] = of


for names, to, make in (
    ('tostring', 'string', to_string),
    ('toint', 'int', to_whole(32)),
    ('tolong', 'long', to_whole(64)),
    ('todouble toreal', 'real', to_real),
    ('tobool', 'bool', to_bool),
    ('todatetime', 'datetime', to_datetime_value),
    ('totimespan', 'timespan', to_timespan_value),
    ('parse_json todynamic', 'dynamic', parse_json),
):
    for one in names.split():
        conversion(one, to, make)


# ---- functions of values that are not null -------------------------------------------------------

KINDS = {
    's': 'string',
    'l': 'long',
    'r': 'real',
    'd': 'datetime',
    't': 'timespan',
    'y': 'dynamic',
    'b': 'bool',
}
FITS = {
    's': ('string', 'dynamic'),
    'l': ('long', 'int'),
    'r': ('real', 'long', 'int'),
    'd': ('datetime',),
    't': ('timespan',),
    'y': ('dynamic',),
    'b': ('bool',),
}


def scalar(signature, result, optional=0, names=None):
    """A null argument makes the result null; strings are never null."""

    def register(function):
        def of(*bound):
            if not len(signature) - optional <= len(bound) <= len(signature):
                raise Unsupported('arguments of ' + function.__name__)
            for letter, (kind, _) in zip(signature, bound):
                if kind not in FITS[letter]:
                    raise Unsupported('%s of %s' % (function.__name__, kind))

            def call(rows, i):
                values = []
                for letter, (kind, value) in zip(signature, bound):
                    got = value(rows, i)
                    got = (
                        to_string(kind, got)
                        if letter == 's'
                        else float(got) if letter == 'r' and got is not None else got
                    )
                    if got is None:
                        return '' if result == 'string' else None
                    values.append(got)
                return function(*values)

            return result, call

        for name in names or [function.__name__.rstrip('_')]:
            FUNCTIONS[name] = of
        return function

    return register


def any_types(function):
    """A function that sees the types of its arguments: it is called with the bound pairs."""
    FUNCTIONS[function.__name__.rstrip('_')] = function
    return function


@any_types
def isnull(argument):
    kind, value = argument
    return 'bool', lambda rows, i: value(rows, i) is None


@any_types
def isnotnull(argument):
    kind, value = argument
    return 'bool', lambda rows, i: value(rows, i) is not None


@any_types
def isempty(argument):
    kind, value = argument
    return 'bool', lambda rows, i: value(rows, i) in (None, '')


@any_types
def isnotempty(argument):
    kind, value = argument
    return 'bool', lambda rows, i: value(rows, i) not in (None, '')


@any_types
def not_(argument):
    kind, value = argument
    if kind != 'bool':
        raise Unsupported('not of ' + kind)

    def negate(rows, i):
        x = value(rows, i)
        return None if x is None else not x

    return 'bool', negate


@any_types
def strcat(*bound):
    return 'string', lambda rows, i: ''.join(
        to_string(kind, value(rows, i)) for kind, value in bound
    )


@any_types
def strcat_delim(delimiter, *bound):
    return 'string', lambda rows, i: delimiter[1](rows, i).join(
        to_string(k, v(rows, i)) for k, v in bound
    )


@any_types
def gettype(argument):
    kind, value = argument
    if kind != 'dynamic':
        return 'string', lambda rows, i: kind

    def name(rows, i):
        x = value(rows, i)
        return (
            'null'
            if x is None
            else (
                'bool'
                if isinstance(x, bool)
                else (
                    'long'
                    if isinstance(x, int)
                    else (
                        'double'
                        if isinstance(x, float)
                        else (
                            'string'
                            if isinstance(x, str)
                            else 'array' if isinstance(x, list) else 'dictionary'
                        )
                    )
                )
            )
        )

    return 'string', name


def as_element(kind, value):
    if kind == 'datetime' and value is not None:
        return datetime_text(value)
    if kind == 'timespan' and value is not None:
        return timespan_text(value)
    if kind == 'real' and value is not None and not math.isfinite(value):
        raise Unsupported('NaN in a dynamic value')
    return value


@any_types
def pack_array(*bound):
    return 'dynamic', lambda rows, i: [as_element(kind, value(rows, i)) for kind, value in bound]


@any_types
def bag_pack(*bound):
    def make(rows, i):
        out = {}
        for (_, key), (kind, value) in zip(bound[::2], bound[1::2]):
            out[key(rows, i)] = as_element(kind, value(rows, i))
        return out

    if len(bound) % 2 or any(kind != 'string' for kind, _ in bound[::2]):
        raise Unsupported('such a bag_pack')
    return 'dynamic', make


FUNCTIONS['pack'] = FUNCTIONS['bag_pack']


@any_types
def bin_(value, size):
    (kind, x), (by, n) = value, size
    if kind in ('datetime', 'timespan'):
        if by != 'timespan':
            raise Unsupported('bin of %s by %s' % (kind, by))
    elif kind not in ('long', 'int', 'real') or by not in ('long', 'int', 'real'):
        raise Unsupported('bin of %s by %s' % (kind, by))
    out = 'real' if 'real' in (kind, by) else kind if kind in ('datetime', 'timespan') else 'long'

    def floor(rows, i):
        a, b = x(rows, i), n(rows, i)
        if a is None or b is None or b <= 0:
            return None
        if out == 'real':
            if not math.isfinite(a):
                raise Unsupported('bin of NaN')
            return math.floor(a / b) * float(b)
        return wrap(a // b * b)

    return out, floor


FUNCTIONS['floor'] = FUNCTIONS['bin']


def extreme(name, pick):
    def of(*bound):
        kinds = {kind for kind, _ in bound}
        if (
            not kinds <= {'long', 'int'}
            and len(kinds) != 1
            or kinds & {'string', 'dynamic', 'bool', 'real', 'guid'}
        ):
            raise Unsupported('%s of %s' % (name, sorted(kinds)))

        def choose(rows, i):
            got = [x for x in (value(rows, i) for _, value in bound) if x is not None]
            return pick(got) if got else None

        return ('long' if len(kinds) == 2 else kinds.pop()), choose

    FUNCTIONS[name] = of


extreme('max_of', max)
extreme('min_of', min)


@any_types
def abs_(argument):
    kind, value = argument
    if kind not in ('long', 'int', 'real', 'timespan'):
        raise Unsupported('abs of ' + kind)

    def positive(rows, i):
        x = value(rows, i)
        return None if x is None else abs(x) if kind == 'real' else wrap(abs(x))

    return ('long' if kind == 'int' else kind), positive


@scalar('s', 'long')
def strlen(s):
    return len(s)


def simple_case(text, change):
    return ''.join(change(c) if len(change(c)) == 1 else c for c in text)


@scalar('s', 'string')
def tolower(s):
    return simple_case(s, str.lower)


@scalar('s', 'string')
def toupper(s):
    return simple_case(s, str.upper)


@scalar('s', 'string')
def reverse(s):
    return s[::-1]


@scalar('sll', 'string', optional=1)
def substring(s, start, length=None):
    start = len(s) + start if start < 0 else start
    if start < 0:
        if length is None or start + length > 0:
            raise Unsupported('substring from before the beginning')
        return ''
    if length is None:
        return s[start:]
    return s[start : start + length] if length > 0 else ''


@scalar('ssl', 'long', optional=1)
def indexof(s, what, start=0):
    if start < 0 or what == '':
        raise Unsupported('such an indexof')
    return s.find(what, start)


@scalar('sss', 'string')
def replace_string(s, what, by):
    return s.replace(what, by) if what else s


@scalar('ss', 'long')
def countof(s, what):
    if what == '':
        raise Unsupported('countof of nothing')
    count, at = 0, s.find(what)
    while at >= 0:
        count, at = count + 1, s.find(what, at + 1)
    return count


@scalar('ssl', 'dynamic', optional=1)
def split(s, delimiter, at=None):
    if delimiter == '':
        raise Unsupported('split by nothing')
    parts = s.split(delimiter)
    if at is None:
        return parts
    return [parts[at]] if 0 <= at < len(parts) else None


@scalar('y', 'long')
def array_length(array):
    return len(array) if isinstance(array, list) else None


@any_types
def array_concat(*bound):
    if any(kind != 'dynamic' for kind, _ in bound):
        raise Unsupported('array_concat')

    def join(rows, i):
        got = [value(rows, i) for _, value in bound]
        if not all(isinstance(one, list) for one in got):
            raise Unsupported('array_concat of what is no array')
        return [x for one in got for x in one]

    return 'dynamic', join


def sort_array(array, descending):
    if not isinstance(array, list):
        return None
    kinds = {type(x) for x in array}
    if not kinds <= {str} and not kinds <= {int, float}:
        raise Unsupported('sort of such an array')
    return sorted(array, reverse=descending)


@scalar('y', 'dynamic')
def array_sort_asc(array):
    return sort_array(array, False)


@scalar('y', 'dynamic')
def array_sort_desc(array):
    return sort_array(array, True)


@scalar('y', 'dynamic')
def array_reverse(array):
    return array[::-1] if isinstance(array, list) else None


@scalar('y', 'dynamic')
def bag_keys(bag):
    return list(bag) if isinstance(bag, dict) else None


@scalar('yll', 'dynamic')
def array_slice(array, first, last):
    if not isinstance(array, list):
        raise Unsupported('array_slice of what is no array')
    first = max(first + len(array), 0) if first < 0 else first
    last = last + len(array) if last < 0 else last
    return array[first : last + 1]


@any_types
def set_has_element(array, element):
    if array[0] != 'dynamic' or element[0] not in ('string', 'long', 'int'):
        raise Unsupported('set_has_element')

    def find(rows, i):
        a, x = array[1](rows, i), element[1](rows, i)
        if not isinstance(a, list) or x is None:
            raise Unsupported('set_has_element of what is no array')
        return any(same(x, one) for one in a)

    return 'bool', find


@any_types
def bag_merge(*bound):
    if any(kind != 'dynamic' for kind, _ in bound):
        raise Unsupported('bag_merge')

    def merge(rows, i):
        out = {}
        for _, value in bound:
            bag = value(rows, i)
            if not isinstance(bag, dict):
                raise Unsupported('bag_merge of what is no bag')
            for key in bag:
                out.setdefault(key, bag[key])
        return out

    return 'dynamic', merge


# ---- regular expressions: only such as mean the same to Python -----------------------------------


def pattern_of(text):
    plain = r'[\w \-^$.+*/=()]|\[[\w \-À-ÿ]+\]|\\[dsw.]|\{\d\}'
    if not re.fullmatch(r'(\(\?i\))?(%s)+' % plain, text):
        raise Unsupported('regex ' + text)
    try:
        return re.compile(text.replace('$', r'\Z'))
    except re.error:
        raise Unsupported('regex ' + text)


@scalar('ss', 'bool', names=['matches regex'])
def matches(s, pattern):
    return bool(pattern_of(pattern).search(s))


@scalar('sls', 'string')
def extract(pattern, group, s):
    found = pattern_of(pattern).search(s)
    return (found[group] or '') if found else ''


@scalar('sss', 'string')
def replace_regex(s, pattern, by):
    if '\\' in by or pattern_of(pattern).search(''):
        raise Unsupported('such a replacement')
    return pattern_of(pattern).sub(by, s)


@scalar('ss', 'string')
def trim_start(pattern, s):
    return re.sub(r'\A(?:%s)' % pattern_of(pattern).pattern, '', s)


@scalar('ss', 'string')
def trim_end(pattern, s):
    return re.sub(r'(?:%s)\Z' % pattern_of(pattern).pattern, '', s)


@scalar('ss', 'string')
def trim(pattern, s):
    return trim_end_of(pattern, re.sub(r'\A(?:%s)' % pattern_of(pattern).pattern, '', s))


def trim_end_of(pattern, s):
    return re.sub(r'(?:%s)\Z' % pattern_of(pattern).pattern, '', s)


# ---- parts of a time -----------------------------------------------------------------------------


@scalar('d', 'datetime')
def startofday(t):
    return t - t % DAY


@scalar('d', 'datetime')
def endofday(t):
    return t - t % DAY + DAY - 1


@scalar('d', 'datetime')
def startofweek(t):
    return t - (t + DAY) % (7 * DAY)  # 0001-01-01 is a Monday, weeks begin on Sunday


@scalar('d', 'datetime')
def startofmonth(t):
    return from_datetime(to_datetime(t).replace(day=1, hour=0, minute=0, second=0, microsecond=0))


@scalar('d', 'datetime')
def startofyear(t):
    return from_datetime(
        to_datetime(t).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    )


@scalar('d', 'timespan')
def dayofweek(t):
    if t > LAST - DAY:
        raise Unsupported('the last day of time')
    return (t // DAY + 1) % 7 * DAY


@scalar('d', 'int')
def dayofmonth(t):
    return to_datetime(t).day


@scalar('d', 'int')
def dayofyear(t):
    return to_datetime(t).timetuple().tm_yday


@scalar('d', 'int')
def hourofday(t):
    return t % DAY // (3600 * SECOND)


@scalar('d', 'int', names=['getmonth', 'monthofyear'])
def month(t):
    return to_datetime(t).month


@scalar('d', 'int')
def getyear(t):
    return to_datetime(t).year


@scalar('sdd', 'long')
def datetime_diff(unit, a, b):
    """The boundaries of the unit between the two."""
    unit = unit.lower()
    x, y = to_datetime(a), to_datetime(b)
    if unit == 'year':
        return x.year - y.year
    if unit == 'month':
        return x.year * 12 + x.month - y.year * 12 - y.month
    if unit == 'quarter':
        return x.year * 4 + (x.month - 1) // 3 - y.year * 4 - (y.month - 1) // 3
    if unit == 'week':
        return (a + DAY) // (7 * DAY) - (b + DAY) // (7 * DAY)
    sizes = {
        'day': DAY,
        'hour': 3600 * SECOND,
        'minute': 60 * SECOND,
        'second': SECOND,
        'millisecond': 10**4,
        'microsecond': 10,
    }
    if unit not in sizes:
        raise Unsupported('datetime_diff of ' + unit)
    return a // sizes[unit] - b // sizes[unit]


@scalar('sld', 'datetime')
def datetime_add(unit, n, t):
    sizes = {
        'week': 7 * DAY,
        'day': DAY,
        'hour': 3600 * SECOND,
        'minute': 60 * SECOND,
        'second': SECOND,
    }
    if unit.lower() not in sizes:
        raise Unsupported('datetime_add of ' + unit)
    t += n * sizes[unit.lower()]
    return t if 0 <= t <= LAST else None
