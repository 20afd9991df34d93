/*
 * Issue 12: standard input that is quiet, or that never ends. An interrupt is seen, and nobody is
 * locked out meanwhile.
 */
#include "harness.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "logs.h"
#include "temp.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void sleep_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* What another thread does while the call reads standard input. */
typedef struct visitor {
    sqlite3 *db;      /* to interrupt; NULL: none */
    const char *path; /* of the database, to write to; NULL: none */
    const char *text; /* to feed, again and again where `endless`; then the pipe is closed */
    bool endless;
    int fd;
    atomic_bool done; /* the call has returned */
    int written;      /* SQLite's code for what it wrote */
} visitor;

static void *visit(void *context)
{
    visitor *v = context;
    double start = now();
    sleep_ms(v->endless ? 0 : 400);
    while (v->endless && now() - start < 0.4)
        (void)!write(v->fd, v->text, strlen(v->text));
    if (v->path) {
        sqlite3 *other;
        assert_int_equal(sqlite3_open(v->path, &other), SQLITE_OK);
        v->written = sqlite3_exec(other, "CREATE TABLE mine (x)", NULL, NULL, NULL);
        sqlite3_close(other);
    }
    if (v->db)
        sqlite3_interrupt(v->db);
    else if (!v->endless && v->text)
        (void)!write(v->fd, v->text, strlen(v->text));
    /* who does not see the interrupt ends later, and is found out by that */
    while (v->db && !v->done && now() - start < 3)
        if (v->endless)
            (void)!write(v->fd, v->text, strlen(v->text));
        else
            sleep_ms(20);
    close(v->fd);
    return NULL;
}

/* Runs the SQL with a pipe as standard input; *seconds gets how long it took. */
static char *query_with_visitor(sqlite3 *db, const char *sql, visitor *v, double *seconds)
{
    int ends[2], saved = dup(STDIN_FILENO);
    if (saved < 0) /* it is closed: the pipe would become it */
        saved = dup(open("/dev/null", O_RDONLY));
    assert_int_equal(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    v->fd = ends[1];
    pthread_t thread;
    double start = now();
    assert_int_equal(pthread_create(&thread, NULL, visit, v), 0);
    char *got = harness_query(db, sql);
    *seconds = now() - start;
    v->done = true;
    dup2(saved, STDIN_FILENO); /* closes the pipe: who writes to it gets EPIPE */
    close(saved);
    pthread_join(thread, NULL);
    return got;
}

static void assert_interrupted(const char *sql, const char *expected, const char *text)
{
    sqlite3 *db = harness_open();
    visitor v = {.db = db, .text = text, .endless = text != NULL};
    double seconds;
    char *got = query_with_visitor(db, sql, &v, &seconds);
    assert_string_equal(got, expected);
    assert_true(seconds < 2);
    assert_true(sqlite3_get_autocommit(db));
    free(got);
    harness_close(db);
}

static const char interrupted_import[] =
    "error: cloudtrail_import(): interrupted; call it again to go on from where it was";

static void test_issue12_quiet_input_is_interrupted(void **state)
{
    (void)state;
    assert_interrupted("SELECT cloudtrail_import('-')", interrupted_import, NULL);
    assert_interrupted("SELECT count(*) FROM cloudtrail_log('-')", "error: interrupted", NULL);
    assert_interrupted("SELECT count(*) FROM cloudtrail_log('-', 'skip')", "error: interrupted",
                       NULL);
}

/* White space, and a record, that do not end. */
static void test_issue12_endless_input_is_interrupted(void **state)
{
    (void)state;
    static char space[65536], record[65536];
    memset(space, ' ', sizeof space - 1);
    memset(record, 'x', sizeof record - 1);
    assert_interrupted("SELECT cloudtrail_import('-')", interrupted_import, space);
    memcpy(record, "{\"eventTime\":\"", 14);
    assert_interrupted("SELECT cloudtrail_import('-')", interrupted_import, record);
    assert_interrupted("SELECT count(*) FROM cloudtrail_log('-', 'skip')", "error: interrupted",
                       record);
}

static void test_issue12_waiting_locks_nobody_out(void **state)
{
    (void)state;
    char *path = sqlite3_mprintf("%s", temp_path("waiting.db"));
    ct_buf text = CT_BUF_EMPTY;
    logs_put_record(&text, 1, "");
    ct_buf_put_char(&text, '\n');
    logs_put_record(&text, 2, "");
    ct_buf_put_char(&text, '\0');
    sqlite3 *db = harness_open_file(path);
    visitor v = {.path = path, .text = text.data};
    double seconds;
    char *got = query_with_visitor(
        db, "SELECT json_extract(cloudtrail_import('-'), '$.events', '$.files')", &v, &seconds);
    assert_int_equal(v.written, SQLITE_OK);
    assert_string_equal(got, "[2,1]");
    assert_query(db, "SELECT path, events, complete FROM cloudtrail_file", "-|2|1");
    assert_query(db, "SELECT count(*) FROM mine", "0");
    free(got);
    harness_close(db);
    ct_buf_free(&text);
    sqlite3_free(path);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_issue12_quiet_input_is_interrupted),
        cmocka_unit_test(test_issue12_endless_input_is_interrupted),
        cmocka_unit_test(test_issue12_waiting_locks_nobody_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
