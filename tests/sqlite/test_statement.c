/*
 * Side questions in the middle of a transaction: where SQLite runs out of memory it rolls back, so
 * an answer that is said to be good must leave the transaction open.
 */
#include "sqlite/statement.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "faulty_mem.h"
#include "harness.h"

/* Refuses the first allocation, then the second, until there is none to refuse. */
static void assert_each_is_refused(bool (*without_memory)(long n))
{
    long n = 0;
    while (without_memory(n))
        n++;
    assert_true(n > 10);
}

/* False when nothing was refused. */
static bool ask_without_memory(long n)
{
    sqlite3 *db = harness_open();
    harness_exec(db, "BEGIN; CREATE TABLE t (x)");
    bool is = false;
    ct_mem_fail_once_after(n);
    int rc = ct_is_utf16(db, &is);
    bool refused = ct_mem_failures() > 0;
    ct_mem_fail_after(-1);
    assert_false(is);
    assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
    if (rc == SQLITE_OK)
        assert_int_equal(sqlite3_get_autocommit(db), 0);
    harness_close(db);
    return refused;
}

static void test_statement_ask_says_that_memory_ran_out(void **state)
{
    (void)state;
    assert_each_is_refused(ask_without_memory);
}

/* A number is written as text for it, which takes memory; SQLite then gives up the transaction. */
static bool look_up_without_memory(long n)
{
    sqlite3 *db = harness_open();
    harness_exec(db, "BEGIN; CREATE TABLE t (x)");
    char *value = NULL, *error = NULL;
    ct_mem_fail_once_after(n);
    int rc = ct_lookup(db, "SELECT 7 FROM main.sqlite_master WHERE name = ?1", "t", NULL, &value,
                       &error);
    bool refused = ct_mem_failures() > 0;
    ct_mem_fail_after(-1);
    assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
    if (rc == SQLITE_OK) {
        assert_string_equal(value, "7");
        assert_int_equal(sqlite3_get_autocommit(db), 0);
    }
    sqlite3_free(value);
    sqlite3_free(error);
    harness_close(db);
    return refused;
}

static void test_statement_lookup_says_that_memory_ran_out(void **state)
{
    (void)state;
    assert_each_is_refused(look_up_without_memory);
}

static void test_statement_utf16_is_told(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "PRAGMA encoding = 'UTF-16'; CREATE TABLE t (x)");
    bool is = false;
    assert_int_equal(ct_is_utf16(db, &is), SQLITE_OK);
    assert_true(is);
    harness_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statement_ask_says_that_memory_ran_out),
        cmocka_unit_test(test_statement_lookup_says_that_memory_ran_out),
        cmocka_unit_test(test_statement_utf16_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
