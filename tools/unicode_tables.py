#!/usr/bin/env python3
"""Writes ext/kql/unicode_tables.c: letters and digits, and case, one code point to one.

usage: python3 tools/unicode_tables.py >ext/kql/unicode_tables.c
The facts are those of Unicode's UnicodeData.txt and CaseFolding.txt as Python's unicodedata carries
them. The result is checked in, so that building needs no Python.

simple fold   CaseFolding.txt, statuses C and S
simple upper  UnicodeData.txt, field 12
simple lower  UnicodeData.txt, field 13
alphanumeric  general categories L* and Nd
Python gives the full mappings. Where one is longer than a code point, the simple one is the title
form (upper) or the lower form (fold) if that is one code point, else the character itself.
"""
import sys
import unicodedata

LAST = 0x10FFFF


def fold(c):
    return next((s for s in (c.casefold(), c.lower()) if len(s) == 1), c)


def upper(c):
    return next((s for s in (c.upper(), c.title()) if len(s) == 1), c)


def lower(c):
    return c.lower() if len(c.lower()) == 1 else c


def characters():
    for code in range(LAST + 1):
        if not 0xD800 <= code <= 0xDFFF:
            yield code, chr(code)


def case_ranges(mapping):
    """(first, last, step, delta): each step-th code point of first..last maps to itself + delta."""
    ranges = []
    for code, c in characters():
        delta = ord(mapping(c)) - code
        if delta == 0:
            continue
        if ranges:
            first, last, step, old = ranges[-1]
            gap = code - last
            if delta == old and gap in (1, 2) and (first == last or gap == step):
                ranges[-1] = (first, code, gap, delta)
                continue
        ranges.append((code, code, 1, delta))
    return ranges


def alnum_ranges():
    ranges = []
    for code, c in characters():
        category = unicodedata.category(c)
        if category[0] != 'L' and category != 'Nd':
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = (ranges[-1][0], code)
        else:
            ranges.append((code, code))
    return ranges


def emit(items, per_line):
    for i in range(0, len(items), per_line):
        print('    ' + ' '.join(items[i:i + per_line]))


def main():
    print('/* Written by tools/unicode_tables.py from the data of Unicode %s. */'
          % unicodedata.unidata_version)
    print('#include "kql/unicode_tables.h"\n')
    print('// clang-format off')
    for name, mapping in (('fold', fold), ('upper', upper), ('lower', lower)):
        ranges = case_ranges(mapping)
        print('const ct_case_range ct_unicode_%s_ranges[] = {' % name)
        emit(['{0x%X, 0x%X, %d, %d},' % r for r in ranges], 4)
        print('};')
        print('const size_t ct_unicode_n_%s = %d;\n' % (name, len(ranges)))
    ranges = alnum_ranges()
    print('const ct_code_range ct_unicode_alnum_ranges[] = {')
    emit(['{0x%X, 0x%X},' % r for r in ranges], 5)
    print('};')
    print('const size_t ct_unicode_n_alnum = %d;' % len(ranges))
    print('// clang-format on')


if __name__ == '__main__':
    sys.exit(main())
