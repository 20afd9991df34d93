#!/usr/bin/env python3
"""Breaks the code in one place after another and looks whether a test turns red.

    mutants.py FOLDER [WORD]

Each line of MUTANTS is a fault that somebody could make: the test program that must notice, the
file, what stands there and what the fault makes of it. The sources are copied to FOLDER and broken
there. With a WORD only the mutants whose file or program holds it. The exit status is 1 where a
mutant survives, or where its text is no longer there (then bring the line up to date).
"""
import os
import shutil
import subprocess
import sys

MUTANTS = [
    # ---- want of memory
    ('kql/test_kql', 'ext/kql/kql.c', '    if (terms)\n        *terms', '        *terms'),
    ('kql/test_kql', 'ext/kql/kql.c', 'if (!list || !ct_buf_ok(&terms->bytes))',
     'if (!ct_buf_ok(&terms->bytes))'),
    ('kql/test_kql', 'ext/kql/kql.c', 'if (!list || !ct_buf_ok(&terms->bytes))', 'if (!list)'),
    ('kql/test_kql', 'ext/kql/kql.c', 'ok = ct_buf_ok(&string) && ', 'ok = '),
    ('kql/test_kql', 'ext/kql/kql.c', 'if (!state || result == CT_SQLVALUE_NO_MEMORY)',
     'if (result == CT_SQLVALUE_NO_MEMORY)'),
    ('kql/test_kql', 'ext/kql/kql.c', 'if (!state || result == CT_SQLVALUE_NO_MEMORY)',
     'if (!state)'),
    ('windows/test_windows', 'ext/windows/windows.c',
     'if (id == CT_DISTINCT_NONE) {\n        sqlite3_result_error_nomem(context);\n    } else if',
     'if'),
    ('windows/test_windows', 'ext/windows/windows.c',
     'state->slides && !place ? CT_DISTINCT_NONE : ', ''),
    ('windows/test_windows', 'ext/windows/windows.c',
     '    if (!ct_distinct_list_add(&state->list, &x))\n        sqlite3_result_error_nomem(context);',
     '    (void)ct_distinct_list_add(&state->list, &x);'),
    ('windows/test_windows', 'ext/windows/windows.c',
     'if (!ct_buf_ok(&kept->json)) {', 'if (kept->json.data == NULL) {'),
    ('windows/test_windows', 'ext/windows/windows.c',
     'void *state = sqlite3_aggregate_context(context, n_bytes);\n    if (!state)\n        sqlite3_result_error_nomem(context);',
     'void *state = sqlite3_aggregate_context(context, n_bytes);'),
    ('windows/test_windows', 'ext/windows/windows.c',
     'if (result == CT_SQLVALUE_NO_MEMORY)\n        sqlite3_result_error_nomem(context);', ''),
    ('windows/test_bursts', 'ext/windows/windows.c',
     '    if (!ct_events_add(&state->events, &x, ticks))\n        sqlite3_result_error_nomem(context);',
     '    (void)ct_events_add(&state->events, &x, ticks);'),
    ('windows/test_bursts', 'ext/windows/windows.c',
     '    if (!place) {\n        sqlite3_result_error_nomem(context);\n        return false;\n    }\n', ''),
    ('windows/test_bursts', 'ext/windows/windows.c',
     '    if (!ct_buf_ok(values))\n        json->failed = true;\n', ''),
    ('windows/test_bursts', 'ext/windows/windows.c',
     '    if (!ct_window_open(&window, &state->events, state->width_ticks, is_last))\n        json->failed = true;',
     '    (void)ct_window_open(&window, &state->events, state->width_ticks, is_last);'),
    ('windows/test_bursts', 'ext/windows/bursts.c', '    if (!w->counts)\n        return false;\n', ''),
    ('windows/test_bursts', 'ext/windows/bursts.c',
     'if (!w->sorted)\n            return false;', ';'),
    ('windows/test_bursts', 'ext/windows/bursts.c',
     '!(spare = ct_malloc(n / 2 * sizeof *spare)))\n        return false;',
     '!(spare = ct_malloc(n / 2 * sizeof *spare)))\n        return true;'),
    ('windows/test_bursts', 'ext/windows/bursts.c',
     '!(spare = ct_malloc(n / 2 * sizeof *spare)))\n        return false;',
     '!(spare = ct_malloc(n / 2 * sizeof *spare)))\n        ;'),
    ('windows/test_windows', 'ext/windows/distinct.c', 'if (!slots)\n        return false;', ''),
    ('windows/test_windows', 'ext/windows/distinct.c', 'if (!entries)\n        return false;', ''),
    ('windows/test_windows', 'ext/windows/distinct.c', 'if (!bytes)\n        return false;', ''),
    ('windows/test_windows', 'ext/windows/distinct_list.c', 'if (!places)\n        return false;', ''),
    ('windows/test_windows', 'ext/windows/queue.c', 'if (!items)\n        return NULL;', ''),
    ('aws/test_useragent', 'ext/aws/useragent.c',
     '    if (!text->p)\n        sqlite3_result_error_nomem(context);\n    return text->p != NULL;',
     '    return text->p != NULL;'),
    ('aws/test_useragent', 'ext/aws/useragent.c', 'return text->p != NULL;', 'return true;'),
    ('aws/test_useragent', 'ext/sqlite/register.c',
     'if (!ct_buf_ok(buf)) {', 'if (!ct_buf_ok(buf) && !buf->data) {'),
    ('aws/test_event_command', 'ext/aws/event_command.c',
     '    if (!read->p)\n        sqlite3_result_error_nomem(context);\n    return read->p != NULL;',
     '    return read->p != NULL;'),
    # ---- others that no test had noticed once
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


def text_of(path):
    with open(path) as file:
        return file.read()


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors='replace')


def survives(program):
    """Whether the program still passes; a build that fails is no mutant at all."""
    built = run('make', '-s', 'all', f'build/tests/{program}')
    if built.returncode != 0:
        sys.exit(f'does not compile:\n{built.stderr}')
    os.environ['CT_EXTENSION'] = 'build/cloudtrail.so'
    try:
        return subprocess.run([f'build/tests/{program}'], capture_output=True, timeout=120).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def main():
    folder, word = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ''
    os.makedirs(folder, exist_ok=True)
    for name in ('ext', 'sql', 'data', 'tests', 'tools', 'Makefile'):
        run('cp', '-RpT', name, os.path.join(folder, name))
    os.chdir(folder)
    os.environ.pop('MAKEFLAGS', None)
    n_bad = 0
    chosen = [m for m in MUTANTS if word in m[0] or word in m[1]]
    for program, path, old, new in chosen:
        original = text_of(path)
        if original.count(old) != 1:
            print(f'GONE      {path}: {old!r} stands there {original.count(old)} times')
            n_bad += 1
            continue
        with open(path, 'w') as file:
            file.write(original.replace(old, new))
        alive = survives(program)
        with open(path, 'w') as file:
            file.write(original)
        print(f'{"SURVIVES" if alive else "found":9} {program}: {path}: {" ".join(old.split())[:80]}', flush=True)
        n_bad += alive
    print(f'{len(chosen)} mutants, {n_bad} not found')
    sys.exit(n_bad > 0)


if __name__ == '__main__':
    main()
