"""The aggregates of kql_eval.py: the type of the argument gives the type of the result and a
function of the list of values of a group, nulls among them.
"""

import math

from kql_bind import NUMBERS, null, to_dynamic
from kql_functions import same, wrap
from kql_parse import Unsupported


def present(values):
    return [value for value in values if value is not None]


def distinct(values):
    found = []
    for value in present(values):
        if not any(same(value, known) for known in found):
            found.append(value)
    return found


def sum_of(kind):
    if kind == 'real':
        return 'real', lambda values: (
            math.fsum(present(values))
            if all(map(math.isfinite, present(values)))
            else sum(present(values))
        )
    if kind not in ('long', 'int', 'timespan'):
        raise Unsupported('sum of ' + kind)
    return ('timespan' if kind == 'timespan' else 'long'), lambda values: wrap(sum(present(values)))


def average_of(kind):
    if kind not in NUMBERS:
        raise Unsupported('avg of ' + kind)

    def calculate(values):
        if not present(values):
            return math.nan
        total = sum_of(kind)[1](values)  # the sum of long wraps here as well
        return total / len(present(values))

    return 'real', calculate


def extreme_of(pick):
    def of(kind):
        if kind in ('dynamic', 'guid', 'bool'):
            raise Unsupported('min of ' + kind)

        def calculate(values):
            got = present(values)
            if any(isinstance(v, float) and math.isnan(v) for v in got):
                raise Unsupported('NaN in min and max')
            return pick(got) if got else null(kind)

        return kind, calculate

    return of


def spread_of(sample, root):
    def of(kind):
        if kind not in NUMBERS:
            raise Unsupported('variance of ' + kind)

        def calculate(values):
            got = [float(v) for v in present(values)]
            if len(got) < 2:
                return 0.0
            mean = sum(got) / len(got)
            value = round(
                sum((v - mean) ** 2 for v in got) / (len(got) - (1 if sample else 0)), 10
            )  # so the engine
            return math.sqrt(value) if root else value

        return 'real', calculate

    return of


def list_of(kind):
    def calculate(values):
        out = []
        for value in values if kind == 'dynamic' else present(values):
            value = to_dynamic(kind, value)
            out += value if isinstance(value, list) else [value]
        return out

    return 'dynamic', calculate


def set_of(kind):
    def calculate(values):
        out = []
        for value in list_of(kind)[1](values):
            if isinstance(value, (list, dict)) or value is None:
                raise Unsupported('a set of such values')
            if not any(same(value, known) for known in out):
                out.append(value)
        return out

    return 'dynamic', calculate


def bag_of(kind):
    def calculate(values):
        out = {}
        for value in values:
            for key in value if isinstance(value, dict) else {}:
                out.setdefault(key, value[key])
        return out

    return 'dynamic', calculate


AGGREGATES_OF = {
    'count': lambda kind: ('long', len),
    'countif': lambda kind: ('long', len),
    'dcount': lambda kind: ('long', lambda values: len(distinct(values))),
    'sum': sum_of,
    'avg': average_of,
    'min': extreme_of(min),
    'max': extreme_of(max),
    'make_list': list_of,
    'make_set': set_of,
    'make_bag': bag_of,
    'take_any': lambda kind: (kind, lambda values: values[0] if values else null(kind)),
    'stdev': spread_of(True, True),
    'stdevp': spread_of(False, True),
    'variance': spread_of(True, False),
    'variancep': spread_of(False, False),
}
AGGREGATES = set(AGGREGATES_OF) | {
    'sumif',
    'avgif',
    'minif',
    'maxif',
    'dcountif',
    'make_list_if',
    'make_set_if',
}
