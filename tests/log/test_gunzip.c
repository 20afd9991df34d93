/* Members of gzip where what stands before them fails, and inflating what is in memory. Whole files
 * that are cut and damaged: test_source.c. */
#include "harness.h"

#include <string.h>

#include "faulty_mem.h"
#include "gz.h"
#include "log/gunzip.h"

static const char first[] = "what the first member holds, and a little more of it";
static const char second[] = "the second";

/* Two members with all that a header may have. */
static ct_buf two_members(void)
{
    ct_buf packed = CT_BUF_EMPTY;
    int all = GZ_FHCRC | GZ_FEXTRA | GZ_FNAME | GZ_FCOMMENT;
    gz_put_header_fields(&packed, first, strlen(first), all, 5);
    gz_put_header_fields(&packed, second, strlen(second), all, 5);
    return packed;
}

/* Hands out `left` bytes, a few at a time, and then the status. */
typedef struct failing_file {
    const char *p;
    size_t left, step;
    ct_source_status status;
} failing_file;

static ct_source_status read_failing(void *context, char *p, size_t n, size_t *n_read,
                                     const char **error)
{
    failing_file *file = context;
    size_t step = file->left < file->step ? file->left : file->step;
    *n_read = step < n ? step : n;
    if (*n_read == 0) {
        *error = file->status == CT_SOURCE_BROKEN ? "the disk is gone" : NULL;
        return file->status;
    }
    memcpy(p, file->p, *n_read);
    file->p += *n_read;
    file->left -= *n_read;
    return CT_SOURCE_OK;
}

/* What was read before is given; then it is said what failed, at each byte. */
static void test_gunzip_read_of_what_fails_says_so(void **state)
{
    static const ct_source_status statuses[] = {CT_SOURCE_BROKEN, CT_SOURCE_NO_MEMORY};
    static const size_t steps[] = {1, 7, 1000};
    char whole[sizeof first + sizeof second], got[sizeof whole];
    strcat(strcpy(whole, first), second);
    (void)state;
    ct_buf packed = two_members();
    for (size_t i = 0; i < 6; i++)
        for (size_t n = 0; n < packed.len; n++) {
            failing_file file = {packed.data, n, steps[i / 2], statuses[i % 2]};
            ct_feed feed = {.read = NULL};
            ct_feed_begin(&feed, read_failing, &file);
            assert_true(ct_feed_reserve(&feed, 512));
            ct_gunzip *g = ct_gunzip_new();
            ct_gunzip_begin(g, &feed, NULL);
            size_t n_got = 0, n_read;
            const char *error = NULL;
            ct_source_status st;
            while ((st = ct_gunzip_read(g, got + n_got, 10, &n_read, &error)) == CT_SOURCE_OK)
                n_got += n_read;
            assert_int_equal(st, file.status);
            if (st == CT_SOURCE_BROKEN)
                assert_string_equal(error, "the disk is gone");
            assert_memory_equal(got, whole, n_got);
            ct_gunzip_free(g);
            ct_feed_free(&feed);
        }
    ct_buf_free(&packed);
}

static void test_gunzip_bytes_gives_no_more_than_may_be(void **state)
{
    char whole[sizeof first + sizeof second];
    strcat(strcpy(whole, first), second);
    (void)state;
    ct_buf packed = two_members();
    for (size_t max = 0; max <= strlen(whole) + 1; max++) {
        ct_buf out = CT_BUF_EMPTY;
        const char *error;
        ct_source_status st = ct_gunzip_bytes(packed.data, packed.len, max, &out, &error);
        size_t n = max < strlen(whole) ? max : strlen(whole);
        assert_int_equal(st, n < strlen(whole) ? CT_SOURCE_BROKEN : CT_SOURCE_OK);
        if (st == CT_SOURCE_BROKEN)
            assert_string_equal(error, "the gzip data inflates to too much");
        assert_int_equal(out.len, n);
        assert_memory_equal(out.data ? out.data : "", whole, n);
        ct_buf_free(&out);
    }
    ct_buf_free(&packed);
}

static void test_gunzip_bytes_out_of_memory(void **state)
{
    (void)state;
    ct_buf packed = two_members();
    for (size_t i = 0; i < 2; i++) {
        bool refused = true;
        for (long n = 0; refused; n++) {
            ct_buf out = CT_BUF_EMPTY;
            const char *error;
            ct_mem_ways[i](n);
            ct_source_status st = ct_gunzip_bytes(packed.data, packed.len, 1000, &out, &error);
            refused = ct_mem_failures() > 0;
            ct_mem_fail_after(-1);
            /* what cannot be inflated whole is inflated in pieces */
            assert_true(st == CT_SOURCE_OK || (refused && st == CT_SOURCE_NO_MEMORY));
            assert_true(st != CT_SOURCE_OK || out.len == strlen(first) + strlen(second));
            ct_buf_free(&out);
        }
    }
    ct_buf_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gunzip_read_of_what_fails_says_so),
        cmocka_unit_test(test_gunzip_bytes_gives_no_more_than_may_be),
        cmocka_unit_test(test_gunzip_bytes_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
