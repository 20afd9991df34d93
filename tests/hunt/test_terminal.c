/*
 * tools/cloudtrail-hunt under terminals of 80 and 120 columns and under none, and what Ctrl-C leaves.
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

/* What a terminal shows: what stands before a carriage return with "erase the line" is gone. */
static void render(char *text)
{
    char *to = text, *line = text;
    for (const char *from = text; *from;) {
        if (strncmp(from, "\r\033[K", 4) == 0) {
            to = line;
            from += 4;
        } else if (strncmp(from, "\r\n", 2) == 0) {
            *to++ = '\n';
            line = to;
            from += 2;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
}

static size_t characters(const char *line)
{
    size_t n = 0;
    for (; *line != '\n' && *line != '\0'; line++)
        n += (*line & 0xc0) != 0x80; /* what begins a character of UTF-8 */
    return n;
}

/* No line is longer, but those that are there to be typed. */
static void assert_fits(const char *text, size_t columns)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (characters(line) > columns && strncmp(line + strspn(line, " "), "SELECT ", 7) != 0 &&
            strncmp(line, ".load ", 6) != 0)
            fail_msg("longer than %zu: %.*s", columns, (int)strcspn(line, "\n"), line);
    }
}

static const char hunt[] = "exec \"$HUNT\" --db wide.db burst";

static void test_terminal_of_120_columns_shows_a_table(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0, "rm -f wide.db", out);
    assert_int_equal(outside_run_terminal(120, hunt, NULL, out), 1);
    /* it says what it does */
    assert_holds(out, "reading burst ...");
    assert_holds(out, "asking the hunts ...");
    assert_holds(out, "looking for alerts ...");
    render(out);
    assert_lacks(out, " ...");
    assert_steers_nothing(out);
    assert_holds(out, "│ 2024-05-02 10:00:00 │ 7s  │ mallory │ 2 ");
    assert_fits(out, 120);
}

static void test_terminal_of_80_columns_shows_cards(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0, "rm -f wide.db", out);
    assert_int_equal(outside_run_terminal(80, hunt, NULL, out), 1);
    render(out);
    assert_steers_nothing(out);
    assert_lacks(out, "│");
    assert_holds(out, "\n 1. mallory\n"
                      "    2024-05-02 10:00:00 UTC, for 7s: 2 alerts, 8 events\n"
                      "    0 changes, 0 new keys, 0 denied; Sentinel: ");
    assert_fits(out, 80);
}

static void test_terminal_none_is_silent_but_for_the_report(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0, "rm -f wide.db", out);
    assert_run(1, "\"$HUNT\" --db wide.db burst 2>errors", out);
    assert_holds(out, "│ 2024-05-02 10:00:00 │");
    assert_fits(out, 120);
    assert_run(0, "cat errors", out);
    assert_string_equal(out, "");
    /* another width, where it is said */
    assert_run(0, "COLUMNS=60 \"$HUNT\" --db wide.db", out);
    assert_holds(out, "\n 1. mallory\n");
    assert_fits(out, 60);
}

/* The terminal is the logs: it reads and waits. */
static void test_terminal_interrupt_ends_an_import(void **state)
{
    (void)state;
    outside_need_shell();
    assert_run(0, OUTSIDE_ONE_DB "cp one.db int.db", out);
    assert_int_equal(outside_run_terminal(80, "exec \"$HUNT\" --db int.db -", "reading - ...", out),
                     130);
    render(out);
    assert_holds(out, "cloudtrail-hunt: interrupted; what was read stays in int.db, and the same ");
    assert_lacks(out, "No alerts");
    assert_run(0, "sqlite3 int.db 'PRAGMA integrity_check; SELECT count(*) FROM cloudtrail'", out);
    assert_string_equal(out, "ok\n1\n");
    assert_run(0, "\"$HUNT\" --db int.db one", out);
}

/* A rule or hunt of the user's own that does not end by itself. */
static void assert_interrupt_ends(const char *kind, const char *at)
{
    char command[2048];
    snprintf(command, sizeof command,
             OUTSIDE_ONE_DB
             "cp one.db int.db; sqlite3 int.db \"CREATE VIEW slow"
             " AS WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT '' AS firstTime,"
             " '' AS lastTime, '' AS recipientAccountId, '' AS accountName, '' AS accountUPNSuffix,"
             " '' AS sourceIPAddress, '' AS summary, '{}' AS details, '[]' AS evidence FROM n"
             " WHERE i < 0; INSERT INTO rule (name, kind) VALUES ('slow', '%s')\"",
             kind);
    assert_run(0, command, out);
    assert_int_equal(outside_run_terminal(80, "exec \"$HUNT\" --db int.db burst", at, out), 130);
    render(out);
    assert_holds(out, "burst: 8 new events ");
    assert_holds(out, "cloudtrail-hunt: interrupted; what was read stays in int.db, and the same ");
    assert_lacks(out, "incident");
    /* what came in stays; nothing is half told, and the alerts are still new */
    assert_run(1, "sqlite3 int.db \"DELETE FROM rule WHERE name = 'slow'\"; \"$HUNT\" --db int.db",
               out);
    assert_holds(out, "\n1 incident of 2 alerts (2 new) ");
}

static void test_terminal_interrupt_ends_a_detection(void **state)
{
    (void)state;
    outside_need_shell();
    assert_interrupt_ends("Scheduled", "looking for alerts ...");
}

static void test_terminal_interrupt_ends_the_hunts(void **state)
{
    (void)state;
    outside_need_shell();
    assert_interrupt_ends("Hunting", "asking the hunts ...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terminal_of_120_columns_shows_a_table),
        cmocka_unit_test(test_terminal_of_80_columns_shows_cards),
        cmocka_unit_test(test_terminal_none_is_silent_but_for_the_report),
        cmocka_unit_test(test_terminal_interrupt_ends_an_import),
        cmocka_unit_test(test_terminal_interrupt_ends_a_detection),
        cmocka_unit_test(test_terminal_interrupt_ends_the_hunts),
    };
    return cmocka_run_group_tests(tests, outside_setup, NULL);
}
