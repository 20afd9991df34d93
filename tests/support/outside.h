/*
 * outside: for tests that see the project from outside, by its commands: nothing is linked in.
 *
 * Commands run in a folder of the test program's own, whose name has blanks, quotes and a dollar, so
 * that each of them is tried with such a path. It is gone when the program ends. They find
 *
 *     $PROJECT  the project's folder, $BUILD the build's as make knows it, $CT_EXTENSION the extension
 *     $HUNT     tools/cloudtrail-hunt
 *     one       logs: one event that no rule looks at
 *     burst     logs: eight calls that look around, which rules find, and one of another's
 */
#ifndef CT_OUTSIDE_H
#define CT_OUTSIDE_H

#include <stdbool.h>

#define OUTSIDE_SIZE 65536

/* The beginning of a command: the logs of `one` are in one.db, for others to begin with. */
#define OUTSIDE_ONE_DB "[ -f one.db ] || \"$HUNT\" --db one.db one >/dev/null; "

/* Makes the folder, once; for cmocka's group setup. */
int outside_setup(void **state);

/* Skips the test, saying why, where the sqlite3 shell cannot load the extension. */
void outside_need_shell(void);

/* Runs a command; out gets what it prints, stderr included. Returns the exit status, -1 where a
 * signal ended it. */
int outside_run(const char *command, char out[OUTSIDE_SIZE]);

/* The same under a terminal of that many columns; where interrupt_at is given Ctrl-C is typed some
 * time after that text is seen. */
int outside_run_terminal(int columns, const char *command, const char *interrupt_at,
                         char out[OUTSIDE_SIZE]);

/* Fails the test unless the command ends with that status; the first also gives what it printed. */
#define assert_run(status, command, out) outside_assert(status, command, out, __FILE__, __LINE__)
void outside_assert(int status, const char *command, char out[OUTSIDE_SIZE], const char *file,
                    int line);

/* Fail the test unless the output holds, or does not hold, the text. */
#define assert_holds(out, text) outside_assert_holds(out, text, true, __FILE__, __LINE__)
#define assert_lacks(out, text) outside_assert_holds(out, text, false, __FILE__, __LINE__)
void outside_assert_holds(const char *out, const char *text, bool holds, const char *file,
                          int line);

/* As it was before lines were broken where they get too long: each newline becomes a blank. */
void outside_unbreak(char *out);

/* Fails the test unless all of it is text for a terminal: UTF-8 without what steers one. */
void assert_steers_nothing(const char *out);

#endif
