/*
 * `make hunt` and `make shell` from outside: which logs and which database they take, that the sample is
 * never taken for somebody's logs, and what the sample shows. The report itself is test_command.c's.
 */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outside.h"

static char out[OUTSIDE_SIZE];

/* What make runs, without make: in the project's folder, CT_FROM being the case's. */
#define RUN(what)                                                                                  \
    "FROM=$(pwd); cd \"$PROJECT\" && CT_FROM=\"$FROM\" CT_BUILD=\"$FROM/b\""                       \
    " sh tools/hunt.sh " what " \"$CT_EXTENSION\""
#define HUNT RUN("hunt")
#define SHELL RUN("shell")

/* With what the make that runs the tests was given, so that nothing is built anew; and without. */
#define MAKE "make -s --no-print-directory -C \"$PROJECT\" BUILD=\"$BUILD\" "
#define MAKE_TYPED "env -u MAKEFLAGS -u MAKELEVEL make -s --no-print-directory -C \"$PROJECT\" "

static void assert_hunts(const char *before, const char *logs, const char *db, const char *file)
{
    char command[4096];
    snprintf(command, sizeof command, "mkdir -p b; %s\nexport CT_LOGS=%s CT_DB=%s; " HUNT, before,
             logs, db);
    assert_run(0, command, out);
    assert_holds(out, ": 1 new event from 1 file ");
    assert_lacks(out, "sample");
    snprintf(command, sizeof command, "[ -s %s ] && rm %s", file, file);
    assert_run(0, command, out);
}

static void test_make_hunt_odd_paths_work(void **state)
{
    (void)state;
    outside_need_shell();
    assert_hunts("", "'~/one'", "'~/home.db'", "home.db"); /* make and quotes leave ~ as it is */
    assert_hunts("cp -R one \"it's a \\\"folder\\\" \\$HOME\"", "\"it's a \\\"folder\\\" \\$HOME\"",
                 "\"it's \\$x.db\"", "\"it's \\$x.db\"");
    assert_hunts("cp -R one ./-logs", "-logs", "-case.db", "./-case.db");
    assert_hunts("cp -R one './~logs'", "'~logs'", "'~case.db'", "'./~case.db'");
}

/* make itself, called from elsewhere: what it hands on and what its exit status is. */
static void test_make_hunt_by_make(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0,
               MAKE "hunt LOGS='burst' DB=\"it's \\$x.db\" 2>errors; status=$?; cat errors;"
                    " [ -s \"it's \\$x.db\" ] && exit $status",
               out);
    assert_holds(out, "burst: 8 new events ");
    assert_holds(out, "\n1 incident of 2 alerts (2 new) ");
}

static void test_make_hunt_wrong_names_write_nothing(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(2, "mkdir -p b; export CT_LOGS=none CT_DB=new.db; " HUNT, out);
    assert_holds(out, "cloudtrail-hunt: none: no such file or folder\n");
    assert_run(2, "export CT_DB=none.db; " HUNT, out);
    assert_holds(out, "hunt: DB=none.db: no such database; with LOGS=folder ");
    assert_run(0, "ls", out);
    assert_lacks(out, "none");
    assert_lacks(out, "new.db");
}

static void test_make_shell_opens_a_database_that_is_there(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0, "sqlite3 shell.db 'CREATE TABLE t AS SELECT 8'", out);
    assert_run(0,
               "export CT_DB=shell.db; echo 'SELECT NULL, count(*), cloudtrail_version() IS NULL"
               " FROM t;' | { " SHELL "; }",
               out);
    assert_holds(out, "│ NULL │ 1        │ 0 ");
    assert_run(0, "cp shell.db ./-s.db; export CT_DB=-s.db; echo 'SELECT 7' | { " SHELL "; }", out);
    assert_holds(out, "│ 7 │");
    assert_run(2, "export CT_DB=none.db; " SHELL, out);
    assert_holds(out, "shell: DB=none.db: no such database\n");
    assert_run(2, SHELL, out);
    assert_holds(out, "shell: give DB=file, the database to open\n");
    assert_run(1, "[ -e none.db ]", out);
}

/* Before anything is done, and so before the sample is taken. */
static void test_make_dashboard_writes_over_no_database(void **state)
{
    static const char dashboard[] =
        "F=$(pwd); cd \"$PROJECT\" && CT_BUILD=\"$F/b\" CT_DB=\"$F/$DB\""
        " CT_OUT=\"$F/$OUT\" sh tools/dashboard.sh \"$CT_EXTENSION\"";
    char command[1024];
    (void)state;
    outside_need_shell();
    assert_run(0, "mkdir -p b; export CT_LOGS=one CT_DB=page.db; " HUNT, out);
    snprintf(command, sizeof command, "DB=page.db OUT=page.db; %s", dashboard);
    assert_run(1, command, out);
    assert_holds(out, "page.db is the database; name another file");
    assert_run(0, "ln page.db other.html; sqlite3 page.db 'SELECT count(*) FROM cloudtrail'", out);
    assert_string_equal(out, "1\n");
    snprintf(command, sizeof command, "DB=page.db OUT=other.html; %s", dashboard);
    assert_run(1, command, out);
    assert_run(0, "sqlite3 theirs.db 'CREATE TABLE t (a)'", out);
    snprintf(command, sizeof command, "DB=theirs.db OUT=page.html; %s", dashboard);
    assert_run(1, command, out);
    assert_holds(out, "theirs.db: no database of CloudTrail logs");
    assert_run(0, "sqlite3 theirs.db 'SELECT name FROM sqlite_master'", out);
    assert_string_equal(out, "t\n");
    snprintf(command, sizeof command, "DB=page.db OUT=page.html; %s", dashboard);
    assert_run(0, command, out);
    assert_holds(out, "open it in a browser");
    /* wherever the extension lies */
    assert_run(0, "mkdir 'a \"b' && ln -s \"$CT_EXTENSION\" 'a \"b/'", out);
    snprintf(command, sizeof command,
             "CT_EXTENSION=\"$(pwd)/a \\\"b/$(basename \"$CT_EXTENSION\")\"; DB=page.db"
             " OUT=page.html; %s",
             dashboard);
    assert_run(0, command, out);
    assert_holds(out, "open it in a browser");
}

static void test_make_hunt_misspelt_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *arguments, *says;
    } cases[] = {
        {"hunt LOG=one",
         "*** LOG= means nothing to `make hunt`. LOGS=folder names the logs, DB=file "},
        {"hunt logs=one", "*** logs= means nothing to "},
        {"hunt LOGS=one db=x", "*** db= means nothing to "},
        {"shell DB=x LOG=", "*** LOG= means nothing to `make shell`"},
        {"hunt one", "*** There is no goal one. A folder of logs: make hunt LOGS=folder"},
        {"hunt Makefile", "*** There is no goal Makefile."}, /* be there a file of that name */
        {"hnut", "*** There is no goal hnut."},
        {"hunt LOGS=", "*** LOGS= is empty. "},
        {"hunt LOGS=one DB=", "*** DB= is empty. "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char command[512];
        snprintf(command, sizeof command, MAKE_TYPED "%s", cases[i].arguments);
        assert_run(2, command, out);
        assert_holds(out, cases[i].says);
        assert_lacks(out, "event");
    }
    assert_run(0, "ls | grep -v -e '^one$' -e '^burst$'; " MAKE_TYPED "help", out);
    assert_holds(out, "  make hunt [LOGS=folder] [DB=file] ");
}

static size_t characters(const char *line)
{
    size_t n = 0;
    for (; *line != '\n' && *line != '\0'; line++)
        n += (*line & 0xc0) != 0x80; /* what begins a character of UTF-8 */
    return n;
}

/* A line that is there to be typed stays whole, however long the folder's name in it is. */
static bool is_typed(const char *line)
{
    static const char *const begins[] = {"SELECT ", "sqlite3 ", ".load "};
    line += strspn(line, " ");
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (strncmp(line, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

static void test_make_hunt_sample_is_told_and_shown(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0, "mkdir -p b; echo x >b/sample.db; " HUNT, out);
    assert_holds(out,
                 "This is the sample, a composed day of a small company; your logs: make hunt ");
    assert_ptr_equal(strstr(out, "This is the sample"), out);
    /* the alerts of one attack, and three rules' of one burst, are one line each; it comes first */
    assert_holds(
        out, "\n8 incidents of 20 alerts (20 new) in 2 accounts; the rule as published reports 3 ");
    assert_holds(out, "┤\n│ 2025-10-14 13:38:12 │ 53m │ svc-deploy, svc-backup, maint │ 7 ");
    assert_holds(out, "│ paulo.santos@example.com      │ 3 ");
    assert_lacks(strstr(out, "│ paulo.santos") + 1, "│ paulo.santos");
    assert_holds(out, "│ yes ");
    assert_holds(out, "│ missed ");
    assert_holds(out, "\nSuppressed: 7; near misses: 2; by the rule as published only: 1.\n");
    assert_holds(out, " hunts 25 found something: ");
    assert_holds(out, "\n  SELECT firstTime, who, summary FROM hunt_result WHERE hunt = 'hunt_");
    /* a paragraph an alert, its lines no longer than a screen is wide */
    assert_holds(out, "\n\nsvc-backup (IAM user; access key AKIATRODQHLTOEXAMPLE) in account ");
    assert_holds(out, "\nlogs stopped, 10 calls denied");
    for (const char *line = strstr(out, "\n\n1."); line; line = strchr(line + 1, '\n'))
        assert_true(strcspn(line + 1, "\n") <= 112 || is_typed(line + 1));
    /* nor is the table's, in characters */
    for (const char *line = strstr(out, "┌"); *line != '8'; line = strchr(line, '\n') + 1)
        assert_true(characters(line) <= 120);
    /* each burst once: of its alerts that which tells most */
    assert_holds(
        out, "\n\n1. svc-deploy, svc-backup, maint in accounts 111122223333, 444455556666, from ");
    const char *story = strstr(out, "\n\nsvc-deploy (IAM user; access key ");
    assert_non_null(story);
    assert_lacks(story + 2, "\n\nsvc-deploy (IAM user;");
    assert_holds(story, "Of 24 calls 18 were done, 6 denied (");

    /* its database is nobody else's: it takes no logs, and says of itself what it is */
    assert_run(2, "export CT_LOGS=one CT_DB=b/sample.db; " HUNT, out);
    assert_holds(out, "made anew each time");
    assert_run(0, "export CT_DB=b/sample.db; " HUNT, out);
    assert_ptr_equal(strstr(out, "This is the sample"), out);
}

/* A database that is there is only read without logs; the sample goes into none. */
static void test_make_hunt_database_is_kept_and_not_mixed(void **state)
{
    static const char count[] = "sqlite3 kept.db 'SELECT count(*) FROM cloudtrail'";
    (void)state;
    outside_need_shell();
    assert_run(0, "mkdir -p b; export CT_LOGS=one CT_DB=kept.db; " HUNT, out);
    assert_run(0, count, out);
    assert_string_equal(out, "1\n");
    assert_run(0, "export CT_DB=kept.db; " HUNT, out);
    assert_lacks(out, "sample");
    assert_run(0, count, out);
    assert_string_equal(out, "1\n");
    /* without DB= it is the build's */
    assert_run(0, "export CT_LOGS=one; " HUNT, out);
    assert_holds(out, "/b/hunt.db. To go on:\n");
    assert_run(0, "sqlite3 b/hunt.db 'SELECT count(*) FROM cloudtrail'", out);
    assert_string_equal(out, "1\n");
}

/* What is both in the caller's folder and in the project's could be taken for the other. */
static void test_make_hunt_ambiguous_path_is_refused(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(2, "mkdir -p data b; export CT_LOGS=data; " HUNT, out);
    assert_holds(out, "hunt: data: there is one in ");
    /* what is only in the project's is meant, and read */
    assert_run(2, "rmdir data; export CT_LOGS=README.md CT_DB=readme.db; " HUNT, out);
    assert_holds(out, "not read: is no CloudTrail log (");
}

/* With BUILD elsewhere nothing is written into the project's folder, which may be read-only. */
static void test_make_hunt_writes_to_the_build_only(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(
        0,
        "mkdir -p b copy/ext && cp -R \"$PROJECT/tools\" \"$PROJECT/sql\" copy/ && mkdir copy/data"
        " && cp -R \"$PROJECT/data/sample\" copy/data/ && chmod -R a-w copy && find copy -type f"
        " -exec cksum {} + | sort >before; FROM=$(pwd)\n"
        "(cd copy && CT_BUILD=\"$FROM/b\" sh tools/hunt.sh hunt \"$CT_EXTENSION\" >../told) &&"
        " find copy -type f -exec cksum {} + | sort | diff before - && chmod -R u+w copy &&"
        " cat told",
        out);
    assert_holds(out, ": 2,074 new events from 98 files ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_make_hunt_odd_paths_work),
        cmocka_unit_test(test_make_hunt_by_make),
        cmocka_unit_test(test_make_hunt_wrong_names_write_nothing),
        cmocka_unit_test(test_make_shell_opens_a_database_that_is_there),
        cmocka_unit_test(test_make_dashboard_writes_over_no_database),
        cmocka_unit_test(test_make_hunt_misspelt_is_refused),
        cmocka_unit_test(test_make_hunt_sample_is_told_and_shown),
        cmocka_unit_test(test_make_hunt_database_is_kept_and_not_mixed),
        cmocka_unit_test(test_make_hunt_ambiguous_path_is_refused),
        cmocka_unit_test(test_make_hunt_writes_to_the_build_only),
    };
    return cmocka_run_group_tests(tests, outside_setup, NULL);
}
