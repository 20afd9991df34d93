#!/usr/bin/env python3
"""Breaks the code in one place after another and looks whether a test turns red.

    mutants.py FOLDER [WORD]

Two kinds of faults: every check of an allocation in ext is taken out, one after another, found by
their shape (see checks()); and those of OTHERS, each once made or nearly made by somebody. The
sources are copied to FOLDER and broken there. A fault of ext/x/y.c must be noticed by test_y of
tests/x, or else by another of that folder. With a WORD only the faults of files that hold it. The
exit status is 1 where a fault survives, or where the text of one of OTHERS is no longer there
(then bring it up to date).
"""
import filecmp
import glob
import os
import re
import shutil
import subprocess
import sys

# The test program that must notice, the file, what stands there and what the fault makes of it.
OTHERS = [
    ('windows/test_windows', 'ext/windows/windows.c',
     'state->slides && !place ? CT_DISTINCT_NONE : ', ''),
    ('windows/test_windows', 'ext/windows/windows.c',
     'if (!ct_buf_ok(&kept->json)) {', 'if (kept->json.data == NULL) {'),
    ('windows/test_bursts', 'ext/windows/bursts.c',
     '!(spare = ct_malloc(n / 2 * sizeof *spare)))\n        return false;',
     '!(spare = ct_malloc(n / 2 * sizeof *spare)))\n        return true;'),
    ('aws/test_useragent', 'ext/sqlite/register.c',
     'if (!ct_buf_ok(buf)) {', 'if (!ct_buf_ok(buf) && !buf->data) {'),
    ('aws/test_useragent', 'ext/aws/useragent.c',
     '{"md/prompt#",   NULL,      "",   PROMPT,           NONE,             true}',
     '{"md/prompt#",   NULL,      "",   PROMPT,           NONE,             false}'),
    ('aws/test_useragent', 'ext/aws/useragent.c',
     '    {"md/prompt#",   NULL,      "",   PROMPT,           NONE,             true},\n', ''),
    ('log/test_forms', 'ext/db/store.c', ' || column == CT_MANAGEMENT_EVENT', ''),
    ('db/test_import', 'sql/views/cloudtrail_missing.sql', '    WHERE complete = 1\n', ''),
    ('log/test_reader_faults', 'ext/log/reader_problem.c', 'RETRIES_MAX = 16', 'RETRIES_MAX = 0'),
    ('log/test_reader_faults', 'ext/log/reader_problem.c', 'RETRIES_MAX = 16',
     'RETRIES_MAX = 1 << 30'),
]

# Checks that no test can notice, and yet they stay.
SAFEGUARDS = {
    # the buffer grows in the look-up whose failure means "not read yet"; behind it there is room
    ('ext/db/store.c', 'ct_buf_ok(&store->path)'),
}

# What gives memory, or NULL.
ALLOCATES = (r'(ct_\w*alloc|ct_grow|ct_kql_copy|sqlite3_\w*alloc\w*|sqlite3_v?mprintf'
             r'|sqlite3_aggregate_context|sqlite3_value_text|sqlite3_value_blob'
             r'|sqlite3_column_text|ct_\w+_(?:new|open|copy|add)|copy_text)\(')
# The programs that noticed a fault and were seen to pass without it, the latest first.
SOUND = []

# Parentheses with at most one pair within.
CALL = r'\([^()]*(?:\([^()]*\))?[^()]*\)'


def checks(text):
    """Yields (start, end, what the fault makes of it) of each check of an allocation."""
    for at in re.finditer(r'sqlite3_result_error_nomem\([^;]*\);', text):
        yield at.start(), at.end(), '(void)0;'
    for at in re.finditer(r'(!?)ct_buf_ok' + CALL, text):
        yield at.start(), at.end(), f'({"0 &&" if at[1] else "1 ||"} {at[0]})'
    for at in re.finditer(r'[\w>.-]+ == (CT_\w*NO_MEMORY|SQLITE_NOMEM)\b', text):
        yield at.start(), at.end(), f'(0 && {at[0]})'
    for at in re.finditer(r'if \(!((?:[\w>.*\[\]-]|\([^()]*\))+)\)', text):
        lines_before = '\n'.join(text[:at.start()].split('\n')[-5:])
        if re.search(ALLOCATES, at[1] + '(' if '(' in at[1] else '') or \
           re.search(re.escape(at[1]) + r'\s*=[^=;]*' + ALLOCATES, lines_before):
            yield at.start(), at.end(), f'if (0 && !{at[1]})'
    for at in re.finditer(r'(?<=\n)[ \t]+ct_kql_fail_memory\([^;]*\);', text):
        yield at.start(), at.end(), '(void)0;'


def text_of(path):
    with open(path) as file:
        return file.read()


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, errors='replace', **options)


def programs_for(path):
    """The test programs of a source's folder: its own, those that noticed the last faults, then the
    others by size."""
    folder, name = path[:-len('.c')].split('/')[1:3]
    own = f'{folder}/test_{name}'
    found = sorted(glob.glob(f'tests/{folder}/test_*.c'), key=os.path.getsize)
    found = [p[len('tests/'):-len('.c')] for p in found]
    rank = {program: i for i, program in enumerate([own] + [p for p in SOUND if p != own])}
    return sorted(found, key=lambda program: rank.get(program, len(rank)))


def copy_tree(source, target):
    """Makes target the same as source. What is the same already keeps its time: a file that was
    broken and mended there stays newer than the object of the broken one."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
        names = os.listdir(source)
        for gone in set(os.listdir(target)) - set(names):
            run('rm', '-rf', os.path.join(target, gone))
        for name in names:
            copy_tree(os.path.join(source, name), os.path.join(target, name))
    elif not os.path.exists(target):
        shutil.copy2(source, target)
    elif not filecmp.cmp(source, target, shallow=False):
        shutil.copy(source, target)


def notices(program):
    """Whether the program fails, or does not even end; a build that fails is no fault at all."""
    built = run('make', '-s', 'all', f'build/tests/{program}')
    if built.returncode != 0:
        sys.exit(f'does not compile:\n{built.stderr}')
    try:
        return run(f'build/tests/{program}', timeout=120).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def try_fault(path, start, end, fault, programs):
    """Prints what became of one fault; whether it was noticed."""
    original = text_of(path)
    with open(path, 'w') as file:
        file.write(original[:start] + fault + original[end:])
    by = next((program for program in programs if notices(program)), None)
    with open(path, 'w') as file:
        file.write(original)
    if by:
        if by not in SOUND and notices(by):
            sys.exit(f'{by} fails without a fault')
        if by in SOUND:
            SOUND.remove(by)
        SOUND.insert(0, by)
    place = f'{path}:{original.count(chr(10), 0, start) + 1}'
    print(f'{"found" if by else "SURVIVES":9} {place}: {" ".join(original[start:end].split())[:80]}',
          f'by {by}' if by else '', flush=True)
    return by is not None


def main():
    folder, word = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ''
    os.makedirs(folder, exist_ok=True)
    for name in ('ext', 'sql', 'data', 'tests', 'tools', 'Makefile'):
        copy_tree(name, os.path.join(folder, name))
    os.chdir(folder)
    os.environ.pop('MAKEFLAGS', None)
    os.environ['CT_EXTENSION'] = 'build/cloudtrail.so'
    n = n_bad = 0
    for path in sorted(glob.glob('ext/*/*.c')):
        if word in path:
            text = text_of(path)
            for start, end, fault in sorted(set(checks(text))):
                if (path, text[start:end]) in SAFEGUARDS:
                    continue
                n += 1
                n_bad += not try_fault(path, start, end, fault, programs_for(path))
    for program, path, old, new in OTHERS:
        if word not in path:
            continue
        n += 1
        original = text_of(path)
        if original.count(old) != 1:
            print(f'GONE      {path}: {old!r} stands there {original.count(old)} times')
            n_bad += 1
        else:
            start = original.index(old)
            n_bad += not try_fault(path, start, start + len(old), new, [program])
    print(f'{n} faults, {n_bad} not noticed')
    sys.exit(n_bad > 0)


if __name__ == '__main__':
    main()
