/* The rows of a folder come in one order, whatever the number of threads that read ahead. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "faulty_mem.h"
#include "log/log.h"
#include "temp.h"

enum { N_FILES = 90 };

/* Most files are small; some are of several batches. */
static int records_of(int file)
{
    return file % 30 == 7 ? 4000 : file % 11;
}

/* A line a record, numbered through the file; a file without records holds an empty list. */
static void write_folder(void)
{
    for (int file = 0; file < N_FILES; file++) {
        ct_buf text = CT_BUF_EMPTY;
        for (int i = 0; i < records_of(file); i++) {
            char line[320];
            int n = snprintf(line, sizeof line,
                             "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:00Z\","
                             "\"eventID\":\"%02d-%d\","
                             "\"requestParameters\":{\"filler\":\"%0200d\"}}\n",
                             file, i, i);
            ct_buf_put(&text, line, (size_t)n);
        }
        if (text.len == 0)
            ct_buf_put_text(&text, "{\"Records\":[]}");
        assert_true(ct_buf_ok(&text));
        char name[64];
        snprintf(name, sizeof name, "threads/%02d.json", file);
        temp_write(name, text.data, text.len);
        ct_buf_free(&text);
    }
}

/* Checks a batch's rows, the next of them record *record of file *file. */
static void check_batch(const ct_batch *b, int *file, int *record)
{
    char name[16], id[32];
    snprintf(name, sizeof name, "%02d.json", *file);
    assert_string_equal(strrchr(ct_batch_text(b, b->path), '/') + 1, name);
    assert_int_equal(b->begins_file, *record == 0);
    for (size_t i = 0; i < b->n_rows; i++) {
        assert_int_equal(b->rows[i].kind, CT_ITEM_RECORD);
        ct_cell cell = ct_batch_cell(b, &b->rows[i], CT_EVENT_ID);
        int n = snprintf(id, sizeof id, "%02d-%d", *file, (*record)++);
        assert_int_equal(cell.len, n);
        assert_memory_equal(cell.p, id, cell.len);
    }
    if (b->ends_file) {
        assert_int_equal(*record, records_of(*file));
        ++*file;
        *record = 0;
    }
}

/* Walks the folder and stops after so many batches; returns how many there were. */
static int walk(int n_threads, int most)
{
    char error[CT_PATHS_ERROR_MAX];
    ct_log *log;
    ct_log_options options = {.columns = CT_ALL_COLUMNS, .n_threads = n_threads};
    assert_true(ct_log_open(temp_path("threads"), &options, &log, error));
    int file = 0, record = 0, n = 0;
    ct_batch *b;
    ct_log_status status = CT_LOG_BATCH;
    while (n < most && (status = ct_log_next(log, &b)) == CT_LOG_BATCH) {
        check_batch(b, &file, &record);
        ct_log_release(log, b);
        n++;
    }
    if (n < most) {
        assert_int_equal(status, CT_LOG_END);
        assert_int_equal(file, N_FILES);
    }
    ct_log_close(log);
    return n;
}

static void test_log_any_number_of_threads_gives_the_same_rows_in_order(void **state)
{
    (void)state;
    write_folder();
    int n = walk(1, 1000000);
    assert_true(n > N_FILES);
    for (int threads = 0; threads <= CT_LOG_THREADS_MAX + 1; threads++)
        for (int round = 0; round < harness_extent(10, 4); round++)
            assert_int_equal(walk(threads, 1000000), n);
}

static void test_log_closed_at_any_batch_stops_its_threads(void **state)
{
    (void)state;
    write_folder();
    for (int most = 0; most < 100; most++)
        assert_int_equal(walk(1 + most % CT_LOG_THREADS_MAX, most), most);
}

/* ---- memory --------------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { MAX_KILOBYTES = 10 * 1024 * 1024 };
#else
enum { MAX_KILOBYTES = 100 * 1024 };
#endif

/* Records as large as a batch can get: 4 MB of bytes that become three each. */
static void write_large_records(void)
{
    enum { RECORD = 4000000, N_RECORDS = 3 };
    ct_buf text = CT_BUF_EMPTY;
    for (int i = 0; i < N_RECORDS; i++) {
        ct_buf_put_text(
            &text, "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:00Z\",\"eventID\":\"x\","
                   "\"requestParameters\":\"");
        assert_true(ct_buf_reserve(&text, RECORD));
        memset(text.data + text.len, '\xFF', RECORD);
        text.len += RECORD;
        ct_buf_put_text(&text, "\"}\n");
    }
    for (int i = 0; i < 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "large/%02d.json", i);
        temp_write(name, text.data, text.len);
    }
    ct_buf_free(&text);
}

static long peak_kilobytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* The threads have all the time they want to read ahead. */
static int walk_slowly(const char *folder, bool *is_bounded)
{
    char error[CT_PATHS_ERROR_MAX];
    long before = peak_kilobytes();
    ct_log *log;
    ct_log_options options = {.columns = CT_ALL_COLUMNS, .n_threads = CT_LOG_THREADS_MAX};
    if (!ct_log_open(folder, &options, &log, error))
        return -1;
    int n = 0;
    ct_batch *b;
    while (ct_log_next(log, &b) == CT_LOG_BATCH) {
        if (n == 0)
            sleep((unsigned)harness_extent(4, 1));
        n += (int)b->n_rows;
        ct_log_release(log, b);
    }
    long taken = peak_kilobytes() - before;
    *is_bounded = taken < MAX_KILOBYTES;
    if (!*is_bounded)
        fprintf(stderr, "%ld KB were taken\n", taken);
    ct_log_close(log);
    return n;
}

static void test_log_large_records_are_not_read_far_ahead(void **state)
{
    (void)state;
    write_large_records();
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        bool is_bounded = false;
        int n = walk_slowly(temp_path("large"), &is_bounded);
        _exit(n != 15 ? 2 : !is_bounded);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* A large file alone: while its first batch is used, another thread fills the next ones, so that
 * the user's thread needs no memory any more. */
static void test_log_single_file_is_read_ahead(void **state)
{
    (void)state;
    static const struct timespec pause = {0, 300 * 1000 * 1000};
    write_folder();
    char error[CT_PATHS_ERROR_MAX];
    ct_log *log;
    ct_log_options options = {.columns = CT_ALL_COLUMNS, .n_threads = 1};
    assert_true(ct_log_open(temp_path("threads/07.json"), &options, &log, error));
    int n = 0;
    ct_batch *b;
    ct_log_status status;
    while ((status = ct_log_next(log, &b)) == CT_LOG_BATCH) {
        ct_log_release(log, b);
        if (n++ == 0)
            nanosleep(&pause, NULL);
        ct_mem_fail_after(0);
    }
    ct_mem_fail_after(-1);
    assert_int_equal(status, CT_LOG_END);
    assert_true(n > 3);
    ct_log_close(log);
}

/* Whether an allocation of the user's thread was refused; then that is said, or all is there. */
static bool walk_without_memory(ct_mem_way *refuse, long n, const char *name, int64_t n_there)
{
    char error[CT_PATHS_ERROR_MAX];
    ct_log *log;
    ct_batch *b;
    ct_log_options options = {.columns = CT_ALL_COLUMNS, .n_threads = 1};
    ct_log_status status = CT_LOG_NO_MEMORY;
    int64_t n_records = 0;
    refuse(n);
    if (ct_log_open(name, &options, &log, error)) {
        while ((status = ct_log_next(log, &b)) == CT_LOG_BATCH) {
            n_records += b->n_records;
            ct_log_release(log, b);
        }
        ct_log_close(log);
    }
    bool refused = ct_mem_failures() > 0;
    ct_mem_fail_after(-1);
    assert_true(status == CT_LOG_NO_MEMORY || n_records == n_there);
    assert_true(refused || status == CT_LOG_END);
    return refused;
}

static void test_log_without_memory_says_so(void **state)
{
    (void)state;
    static const char record[] = "{\"eventType\":\"T\",\"eventTime\":\"2024-05-01T10:00:00Z\"}\n";
    for (int file = 0; file < 40; file++) { /* more than are looked at in advance */
        char name[64];
        snprintf(name, sizeof name, "few/%02d.json", file);
        temp_write(name, record, sizeof record - 1);
    }
    for (int i = 0; i < CT_MEM_N_WAYS; i++)
        for (long n = 0; walk_without_memory(ct_mem_ways[i], n, temp_path("few"), 40); n++)
            ;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_any_number_of_threads_gives_the_same_rows_in_order),
        cmocka_unit_test(test_log_large_records_are_not_read_far_ahead),
        cmocka_unit_test(test_log_single_file_is_read_ahead),
        cmocka_unit_test(test_log_closed_at_any_batch_stops_its_threads),
        cmocka_unit_test(test_log_without_memory_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
