/* Files as bytes: plain and gzip, whole and damaged. The gzip data is put together by RFC 1952. */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faulty_mem.h"
#include "gz.h"
#include "rng.h"
#include "log/source.h"
#include "temp.h"

static const char ends_early[] = "the gzip data ends early";
static const char wrong_checksum[] = "the gzip checksum is wrong";
static const char broken_header[] = "the gzip header is broken";
static const char broken_data[] = "the gzip data is broken";
static const char not_gzip_behind[] = "bytes that are not gzip stand behind the gzip data";

/* What came out of a file, and how it ended: NULL at its end, else the error. */
typedef struct outcome {
    ct_buf bytes;
    const char *error;
    bool is_gzip;
} outcome;

/* Reads a file in pieces of n bytes. Each piece is an allocation of its own: a sanitizer sees a
 * byte too far. */
static outcome read_file(const char *path, size_t n)
{
    outcome got = {CT_BUF_EMPTY, NULL, false};
    ct_source *source;
    if (ct_source_open(path, &source, &got.error) != CT_SOURCE_OK)
        return got;
    char *piece = malloc(n);
    ct_source_status st;
    size_t n_read;
    while ((st = ct_source_read(source, piece, n, &n_read)) == CT_SOURCE_OK) {
        assert_in_range(n_read, 1, n);
        ct_buf_put(&got.bytes, piece, n_read);
    }
    assert_int_equal(n_read, 0);
    got.is_gzip = ct_source_is_gzip(source);
    got.error = st == CT_SOURCE_END ? NULL : ct_source_error(source);
    assert_int_equal(ct_source_read(source, piece, n, &n_read), st); /* it stays so */
    assert_int_equal(n_read, 0);
    ct_source_close(source);
    free(piece);
    return got;
}

static outcome read_bytes(const char *p, size_t len, size_t n)
{
    return read_file(temp_write("file", p, len), n);
}

static void assert_outcome(outcome *got, const char *p, size_t n, const char *error)
{
    if (got->bytes.len != n)
        fail_msg("%zu bytes and error %s, expected %zu", got->bytes.len,
                 got->error ? got->error : "none", n);
    if (n > 0)
        assert_memory_equal(got->bytes.data, p, n);
    if (error ? !got->error || strcmp(got->error, error) != 0 : got->error != NULL)
        fail_msg("error %s, expected %s", got->error ? got->error : "none", error ? error : "none");
    ct_buf_free(&got->bytes);
}

static void put_random(ct_buf *out, size_t n, uint64_t seed)
{
    rng r = {seed};
    while (n-- > 0)
        ct_buf_put_char(out, (char)rng_next(&r));
}

static const size_t piece_sizes[] = {1, 2, 3, 7, 16, 1000, 65536, 262144};
enum { N_PIECE_SIZES = sizeof piece_sizes / sizeof piece_sizes[0] };

/* ---- whole files ---------------------------------------------------------------------------- */

static void test_source_read_plain_gives_all_bytes(void **state)
{
    static const size_t lengths[] = {0, 1, 2, 3, 65535, 65536, 65537, 200000};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        for (size_t k = 0; k < N_PIECE_SIZES; k++) {
            ct_buf bytes = CT_BUF_EMPTY;
            put_random(&bytes, lengths[i], 11);
            outcome got = read_bytes(bytes.data ? bytes.data : "", bytes.len, piece_sizes[k]);
            assert_false(got.is_gzip);
            assert_outcome(&got, bytes.data, bytes.len, NULL);
            ct_buf_free(&bytes);
        }
}

static void test_source_read_first_byte_of_gzip_alone_is_plain(void **state)
{
    static const char *const texts[] = {"\x1F", "\x1F\x8A", "\x8B\x1F", "x\x1F\x8B"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        outcome got = read_bytes(texts[i], strlen(texts[i]), 100);
        assert_false(got.is_gzip);
        assert_outcome(&got, texts[i], strlen(texts[i]), NULL);
    }
}

/* Members of all header forms behind one another, empty ones and zeros between and behind. */
static void test_source_read_members_are_one_stream(void **state)
{
    (void)state;
    ct_buf gzip = CT_BUF_EMPTY, expected = CT_BUF_EMPTY;
    for (int fields = 0; fields < 32; fields += 2) {
        char text[64];
        int n = snprintf(text, sizeof text, "{\"fields\":%d,\"again\":%d}\n", fields, fields);
        gz_put_header_fields(&gzip, text, (size_t)n, fields, (size_t)fields * 40);
        ct_buf_put(&expected, text, (size_t)n);
        gz_put(&gzip, "", 0);
        if (fields % 4 == 0)
            ct_buf_put(&gzip, "\0\0\0", 3);
    }
    gz_put_stored(&gzip, "stored", 6);
    ct_buf_put_text(&expected, "stored");
    for (size_t k = 0; k < N_PIECE_SIZES; k++) {
        outcome got = read_bytes(gzip.data, gzip.len, piece_sizes[k]);
        assert_true(got.is_gzip);
        assert_outcome(&got, expected.data, expected.len, NULL);
    }
    ct_buf_free(&gzip);
    ct_buf_free(&expected);
}

static void test_source_read_padding_is_passed_over_and_garbage_reported(void **state)
{
    static const struct {
        const char *p;
        size_t n;
        const char *error;
    } tails[] = {
        {"\0", 1, NULL},
        {"\0\0\0\0\0\0\0", 7, NULL},
        {"x", 1, not_gzip_behind},
        {"\0\0x", 3, not_gzip_behind},
        {"\x1F\x8A", 2, not_gzip_behind},
        {"{}", 2, not_gzip_behind},
        {"\x1F", 1, ends_early},
        {"\0\x1F", 2, ends_early},
        {"\x1F\x8B", 2, ends_early},
        {"\x1F\x8B\x09\0\0\0\0\0\0\0", 10, broken_header},
    };
    (void)state;
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++)
        for (size_t k = 0; k < N_PIECE_SIZES; k++) {
            ct_buf gzip = CT_BUF_EMPTY;
            gz_put(&gzip, "the data", 8);
            ct_buf_put(&gzip, tails[i].p, tails[i].n);
            outcome got = read_bytes(gzip.data, gzip.len, piece_sizes[k]);
            assert_outcome(&got, "the data", 8, tails[i].error);
            ct_buf_free(&gzip);
        }
    ct_buf zeros = CT_BUF_EMPTY;
    gz_put(&zeros, "the data", 8);
    for (size_t i = 0; i < 200000; i++)
        ct_buf_put_char(&zeros, '\0');
    outcome got = read_bytes(zeros.data, zeros.len, 4096);
    assert_outcome(&got, "the data", 8, NULL);
    ct_buf_free(&zeros);
}

/* A member that ends, and with it the next one's header, at every place around the raw buffer's
 * 64 KB. The extra field makes the length exact. */
static void test_source_read_member_ends_around_the_raw_buffer(void **state)
{
    (void)state;
    ct_buf data = CT_BUF_EMPTY;
    put_random(&data, 40000, 5);
    for (size_t target = 65536 - 40; target <= 65536 + 40; target++) {
        ct_buf gzip = CT_BUF_EMPTY, expected = CT_BUF_EMPTY;
        gz_put_header_fields(&gzip, data.data, data.len, GZ_FEXTRA, 0);
        size_t n_extra = target - gzip.len;
        gzip.len = 0;
        gz_put_header_fields(&gzip, data.data, data.len, GZ_FEXTRA, n_extra);
        assert_int_equal(gzip.len, target);
        ct_buf_put(&expected, data.data, data.len);
        gz_put_header_fields(&gzip, "second", 6, GZ_FNAME | GZ_FHCRC, 0);
        ct_buf_put_text(&expected, "second");
        gz_put(&gzip, data.data, data.len);
        ct_buf_put(&expected, data.data, data.len);
        outcome got = read_bytes(gzip.data, gzip.len, target % 2 ? 262144 : 777);
        assert_outcome(&got, expected.data, expected.len, NULL);
        ct_buf_free(&gzip);
        ct_buf_free(&expected);
    }
    ct_buf_free(&data);
}

/* ---- sizes: whole by libdeflate, streamed by zlib -------------------------------------------- */

static void put_lines(ct_buf *out, size_t n_bytes)
{
    for (unsigned i = 0; out->len < n_bytes; i++)
        ct_buf_printf(out, "{\"eventID\":\"%u\",\"eventName\":\"ListUsers\"}\n", i * 7919U);
    out->len = n_bytes;
}

/* Around the size of a read and the bound up to which a member is inflated whole. */
static void test_source_read_members_of_all_sizes_give_all_bytes(void **state)
{
    static const size_t sizes[] = {65535,   65536,         262143,  262144,        262145,
                                   1048576, (8 << 20) - 1, 8 << 20, (8 << 20) + 1, 20 << 20};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        ct_buf data = CT_BUF_EMPTY, gzip = CT_BUF_EMPTY;
        put_lines(&data, sizes[i]);
        gz_put(&gzip, data.data, data.len);
        outcome got = read_bytes(gzip.data, gzip.len, i % 2 ? 262144 : 10000);
        assert_outcome(&got, data.data, data.len, NULL);
        gz_put(&gzip, "behind", 6);
        ct_buf_put_text(&data, "behind");
        got = read_bytes(gzip.data, gzip.len, 262144);
        assert_outcome(&got, data.data, data.len, NULL);
        ct_buf_free(&data);
        ct_buf_free(&gzip);
    }
}

/* The size in a trailer may be anything: it is believed for nothing but a first guess. */
static void test_source_read_trailer_with_another_size_gives_all_and_says_so(void **state)
{
    static const unsigned char sizes[][4] = {
        {0, 0, 0, 0}, {1, 0, 0, 0}, {0xFF, 0xFF, 0xFF, 0xFF}, {0, 0, 0x7F, 0}, {0, 0, 0x80, 0}};
    (void)state;
    ct_buf data = CT_BUF_EMPTY, gzip = CT_BUF_EMPTY;
    put_lines(&data, 700000);
    gz_put(&gzip, data.data, data.len);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        memcpy(gzip.data + gzip.len - 4, sizes[i], 4);
        for (size_t k = 4; k < N_PIECE_SIZES; k++) {
            outcome got = read_bytes(gzip.data, gzip.len, piece_sizes[k]);
            assert_outcome(&got, data.data, data.len, wrong_checksum);
        }
    }
    ct_buf_free(&data);
    ct_buf_free(&gzip);
}

/* The same bytes and the same error whichever way they are inflated: without a budget for whole
 * members everything is streamed. */
static void test_source_read_without_budget_streams_the_same(void **state)
{
    (void)state;
    ct_buf data = CT_BUF_EMPTY, gzip = CT_BUF_EMPTY;
    put_random(&data, 150000, 3); /* does not shrink: more than one read of raw bytes */
    put_lines(&data, 900000);
    gz_put(&gzip, data.data, data.len);
    for (size_t cut = gzip.len; cut > gzip.len / 2; cut -= gzip.len / 7) {
        const char *path = temp_write("file", gzip.data, cut);
        outcome whole = read_file(path, 262144);
        ct_gunzip_budget none = {0};
        ct_source *source;
        const char *error;
        assert_int_equal(ct_source_open(path, &source, &error), CT_SOURCE_OK);
        ct_source_set_budget(source, &none);
        static char piece[262144];
        size_t n_read, n = 0;
        while (ct_source_read(source, piece, sizeof piece, &n_read) == CT_SOURCE_OK) {
            assert_true(n + n_read <= whole.bytes.len);
            assert_memory_equal(piece, whole.bytes.data + n, n_read);
            n += n_read;
        }
        assert_int_equal(n, whole.bytes.len);
        assert_ptr_equal(ct_source_error(source), whole.error);
        assert_memory_equal(whole.bytes.data, data.data, n);
        ct_source_close(source);
        ct_buf_free(&whole.bytes);
    }
    ct_buf_free(&data);
    ct_buf_free(&gzip);
}

/* A budget is given back with the file that took of it. */
static void test_source_reopen_gives_the_budget_back(void **state)
{
    (void)state;
    ct_buf data = CT_BUF_EMPTY, gzip = CT_BUF_EMPTY;
    put_random(&data, 100000, 3);
    put_lines(&data, 900000);
    gz_put(&gzip, data.data, data.len);
    const char *path = temp_write("file", gzip.data, gzip.len);
    ct_gunzip_budget budget = {4 << 20};
    ct_source *source;
    const char *error;
    char piece[1000];
    size_t n_read;
    assert_int_equal(ct_source_open(path, &source, &error), CT_SOURCE_OK);
    ct_source_set_budget(source, &budget);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(ct_source_read(source, piece, sizeof piece, &n_read), CT_SOURCE_OK);
        assert_in_range(budget.left, 1 << 20, (4 << 20) - gzip.len - data.len);
        assert_int_equal(ct_source_reopen(source, path, &error), CT_SOURCE_OK);
    }
    ct_source_close(source);
    assert_int_equal(budget.left, 4 << 20);
    ct_buf_free(&data);
    ct_buf_free(&gzip);
}

/* ---- gzip inside gzip ----------------------------------------------------------------------- */

static void test_source_read_gzip_inside_gzip_is_inflated_twice(void **state)
{
    static const size_t sizes[] = {0, 1, 5, 70000, 600000, 9 << 20};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        ct_buf data = CT_BUF_EMPTY, once = CT_BUF_EMPTY, twice = CT_BUF_EMPTY;
        put_lines(&data, sizes[i]);
        gz_put(&once, data.data ? data.data : "", data.len);
        gz_put(&twice, once.data, once.len);
        for (size_t k = sizes[i] > 1000 ? 5 : 0; k < N_PIECE_SIZES; k++) {
            outcome got = read_bytes(twice.data, twice.len, piece_sizes[k]);
            assert_true(got.is_gzip);
            assert_outcome(&got, data.data, data.len, NULL);
        }
        ct_buf_free(&data);
        ct_buf_free(&once);
        ct_buf_free(&twice);
    }
}

/* What is broken inside is told as such; three times is once too many: the innermost stays. */
static void test_source_read_gzip_inside_gzip_damage_and_depth(void **state)
{
    (void)state;
    ct_buf once = CT_BUF_EMPTY, twice = CT_BUF_EMPTY, thrice = CT_BUF_EMPTY;
    gz_put_stored(&once, "the data", 8);
    gz_put(&twice, once.data, once.len);
    gz_put(&thrice, twice.data, twice.len);
    outcome got = read_bytes(thrice.data, thrice.len, 4096);
    assert_outcome(&got, once.data, once.len, NULL);

    twice.len = 0;
    gz_put(&twice, once.data, once.len - 9); /* cut inside: without the last byte of data */
    got = read_bytes(twice.data, twice.len, 4096);
    assert_outcome(&got, "the dat", 7, ends_early);

    once.data[16] = 'X';
    twice.len = 0;
    gz_put(&twice, once.data, once.len);
    got = read_bytes(twice.data, twice.len, 4096);
    assert_outcome(&got, "tXe data", 8, wrong_checksum);

    twice.len = 0;
    gz_put(&twice, "\x1F", 1);
    for (size_t k = 0; k < N_PIECE_SIZES; k++) {
        got = read_bytes(twice.data, twice.len, piece_sizes[k]);
        assert_outcome(&got, "\x1F", 1, NULL);
    }
    twice.len = 0;
    gz_put(&twice, "\x1F\x8A..", 4);
    for (size_t k = 0; k < N_PIECE_SIZES; k++) {
        got = read_bytes(twice.data, twice.len, piece_sizes[k]);
        assert_outcome(&got, "\x1F\x8A..", 4, NULL);
    }
    ct_buf_free(&once);
    ct_buf_free(&twice);
    ct_buf_free(&thrice);
}

/* ---- gzip in memory ------------------------------------------------------------------------- */

static void test_gunzip_bytes_gives_all_or_says_why_not(void **state)
{
    (void)state;
    ct_buf data = CT_BUF_EMPTY, gzip = CT_BUF_EMPTY, out = CT_BUF_EMPTY;
    const char *error;
    put_lines(&data, 300000);
    gz_put(&gzip, data.data, 200000);
    gz_put(&gzip, data.data + 200000, 100000);
    assert_int_equal(ct_gunzip_bytes(gzip.data, gzip.len, 300000, &out, &error), CT_SOURCE_OK);
    assert_int_equal(out.len, 300000);
    assert_memory_equal(out.data, data.data, out.len);
    ct_buf_clear(&out);
    assert_int_equal(ct_gunzip_bytes(gzip.data, gzip.len, 299999, &out, &error), CT_SOURCE_BROKEN);
    assert_string_equal(error, "the gzip data inflates to too much");
    ct_buf_clear(&out);
    assert_int_equal(ct_gunzip_bytes(gzip.data, gzip.len - 1, 1 << 20, &out, &error),
                     CT_SOURCE_BROKEN);
    assert_string_equal(error, ends_early);
    assert_int_equal(out.len, 300000);
    ct_buf_clear(&out);
    assert_int_equal(ct_gunzip_bytes("{}", 2, 1 << 20, &out, &error), CT_SOURCE_BROKEN);
    assert_string_equal(error, not_gzip_behind);
    assert_int_equal(out.len, 0);
    ct_buf_free(&data);
    ct_buf_free(&gzip);
    ct_buf_free(&out);
}

/* ---- damage --------------------------------------------------------------------------------- */

static void test_source_read_stored_cut_at_every_byte_gives_all_before(void **state)
{
    static const char text[] = "{\"Records\":[{\"eventVersion\":\"1.08\"}]}";
    (void)state;
    ct_buf gzip = CT_BUF_EMPTY;
    gz_put_stored(&gzip, text, strlen(text));
    for (size_t cut = 2; cut < gzip.len; cut++) {
        size_t before = cut < 15 ? 0 : cut - 15;
        before = before < strlen(text) ? before : strlen(text);
        for (size_t k = 0; k < N_PIECE_SIZES; k++) {
            outcome got = read_bytes(gzip.data, cut, piece_sizes[k]);
            assert_true(got.is_gzip);
            assert_outcome(&got, text, before, ends_early);
        }
    }
    ct_buf_free(&gzip);
}

static void test_source_read_deflated_cut_at_every_byte_gives_a_beginning(void **state)
{
    (void)state;
    ct_buf gzip = CT_BUF_EMPTY, data = CT_BUF_EMPTY;
    for (int i = 0; i < 40; i++)
        ct_buf_printf(&data, "{\"eventID\":\"%d\",\"eventName\":\"ListUsers\"}\n", i * 7919);
    gz_put_header_fields(&gzip, data.data, data.len, GZ_FNAME | GZ_FEXTRA | GZ_FHCRC, 5);
    size_t first_end = gzip.len;
    gz_put_header_fields(&gzip, "behind", 6, GZ_FCOMMENT, 0);
    size_t first_len = data.len, before = 0;
    ct_buf_put_text(&data, "behind");

    for (size_t cut = 2; cut < gzip.len; cut++) {
        outcome got = read_bytes(gzip.data, cut, cut % 3 ? 4096 : 5);
        size_t n = got.bytes.len;
        assert_in_range(n, before, data.len); /* more of the file never gives less */
        if (cut + 8 >= first_end)
            assert_true(n >= first_len);
        assert_outcome(&got, data.data, n, cut == first_end ? NULL : ends_early);
        before = n;
    }
    ct_buf_free(&gzip);
    ct_buf_free(&data);
}

static void test_source_read_flipped_bit_is_never_other_data(void **state)
{
    (void)state;
    ct_buf gzip = CT_BUF_EMPTY, data = CT_BUF_EMPTY;
    for (int i = 0; i < 8; i++)
        ct_buf_printf(&data, "{\"eventID\":\"%d\",\"eventName\":\"GetUser\"}\n", i * 104729);
    gz_put_header_fields(&gzip, data.data, data.len, GZ_FNAME, 0);
    size_t n_unnoticed = 0;
    for (size_t bit = 16; bit < gzip.len * 8; bit++) {
        gzip.data[bit / 8] = (char)(gzip.data[bit / 8] ^ 1 << bit % 8);
        outcome got = read_bytes(gzip.data, gzip.len, 4096);
        if (!got.error) {
            n_unnoticed++;
            assert_int_equal(got.bytes.len, data.len);
            assert_memory_equal(got.bytes.data, data.data, data.len);
        }
        ct_buf_free(&got.bytes);
        gzip.data[bit / 8] = (char)(gzip.data[bit / 8] ^ 1 << bit % 8);
    }
    /* No checksum guards the flags' unused bits, time, hint, system and name of a header. */
    assert_in_range(n_unnoticed, 1, (1 + 4 + 1 + 1 + 11) * 8);
    ct_buf_free(&gzip);
    ct_buf_free(&data);
}

static void test_source_read_damaged_byte_names_the_damage(void **state)
{
    static const struct {
        int at; /* from the start; below 0 from the end */
        unsigned char byte;
        const char *error;
        size_t n_before;
    } cases[] = {
        {2, 7, broken_header, 0},      /* another method */
        {10, 6, broken_data, 0},       /* a block type that does not exist */
        {11, 0xFF, broken_data, 0},    /* a stored length unlike its complement */
        {-8, 0xAA, wrong_checksum, 8}, /* CRC32 */
        {-5, 0xAA, wrong_checksum, 8}, {-4, 0xAA, wrong_checksum, 8}, /* ISIZE */
        {-1, 0xAA, wrong_checksum, 8}, {16, 'X', wrong_checksum, 8},  /* the data */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_buf gzip = CT_BUF_EMPTY;
        gz_put_stored(&gzip, "the data", 8);
        size_t at = cases[i].at < 0 ? gzip.len - (size_t)-cases[i].at : (size_t)cases[i].at;
        gzip.data[at] = (char)cases[i].byte;
        outcome got = read_bytes(gzip.data, gzip.len, 4096);
        assert_outcome(&got, at == 16 ? "tXe data" : "the data", cases[i].n_before, cases[i].error);
        ct_buf_free(&gzip);
    }
}

static void test_source_read_wrong_header_checksum_is_reported(void **state)
{
    (void)state;
    ct_buf gzip = CT_BUF_EMPTY;
    gz_put_header_fields(&gzip, "data", 4, GZ_FHCRC, 0);
    gzip.data[10] = (char)(gzip.data[10] ^ 1);
    outcome got = read_bytes(gzip.data, gzip.len, 4096);
    assert_outcome(&got, "", 0, wrong_checksum);
    ct_buf_free(&gzip);
}

/* ---- bombs ---------------------------------------------------------------------------------- */

static outcome read_and_count(const char *path, int64_t *n_bytes)
{
    static char piece[262144];
    outcome got = {CT_BUF_EMPTY, NULL, true};
    ct_source *source;
    assert_int_equal(ct_source_open(path, &source, &got.error), CT_SOURCE_OK);
    size_t n_read;
    for (*n_bytes = 0; ct_source_read(source, piece, sizeof piece, &n_read) == CT_SOURCE_OK;)
        *n_bytes += (int64_t)n_read;
    got.error = ct_source_error(source);
    ct_source_close(source);
    return got;
}

static void test_source_read_bomb_is_stopped_behind_the_free_bytes(void **state)
{
    enum { MEMBER = 32 << 20 };
    (void)state;
    char *zeros = calloc(1, MEMBER);
    ct_buf member = CT_BUF_EMPTY, gzip = CT_BUF_EMPTY;
    gz_put(&member, zeros, MEMBER);
    free(zeros);
    assert_true(MEMBER / member.len > CT_INFLATE_MAX_RATIO);
    for (int i = 0; i < 8; i++)
        ct_buf_put(&gzip, member.data, member.len);
    int64_t n_bytes;
    outcome got = read_and_count(temp_write("bomb", gzip.data, gzip.len), &n_bytes);
    assert_null(got.error); /* 256 MB: any ratio is fine */
    assert_int_equal(n_bytes, CT_INFLATE_FREE_BYTES);

    for (int i = 0; i < 4; i++)
        ct_buf_put(&gzip, member.data, member.len);
    got = read_and_count(temp_write("bomb", gzip.data, gzip.len), &n_bytes);
    assert_string_equal(got.error, "the gzip data grows more than 200 times: taken for a bomb");
    assert_in_range(n_bytes, CT_INFLATE_FREE_BYTES, CT_INFLATE_FREE_BYTES + (MEMBER * 2));
    ct_buf_free(&member);
    ct_buf_free(&gzip);
}

/* ---- what is no file ------------------------------------------------------------------------ */

static void test_source_open_other_things_say_what_they_are(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(temp_path("fifo"), 0600), 0);
    struct {
        const char *path, *error;
    } cases[] = {
        {temp_path("absent"), "no such file or folder"},
        {temp_path("file/below"), "not a folder"},
        {temp_dir(), "is a folder"},
        {temp_path("fifo"), "is no regular file"}, /* and nothing hangs */
        {"/dev/null", "is no regular file"},
        {"", "no such file or folder"},
    };
    (void)temp_write("file", "", 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_source *source;
        const char *error;
        assert_int_equal(ct_source_open(cases[i].path, &source, &error), CT_SOURCE_BROKEN);
        assert_string_equal(error, cases[i].error);
        assert_null(source);
    }
}

static void test_source_open_unreadable_file_is_refused(void **state)
{
    (void)state;
    const char *path = temp_write("secret", "{}", 2);
    assert_int_equal(chmod(path, 0), 0);
    bool is_root = geteuid() == 0;
    if (is_root && seteuid(65534) != 0) {
        printf("skipped: root reads every file, and cannot be another user here\n");
        skip();
    }
    ct_source *source;
    const char *error;
    ct_source_status st = ct_source_open(path, &source, &error);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(st, CT_SOURCE_BROKEN);
    assert_string_equal(error, "permission denied");
}

static void test_source_info_is_size_and_time_in_nanoseconds(void **state)
{
    (void)state;
    const char *path = temp_write("file", "12345", 5);
    const struct timespec times[2] = {{1700000000, 0}, {1700000001, 123456789}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    ct_source *source;
    const char *error;
    assert_int_equal(ct_source_open(path, &source, &error), CT_SOURCE_OK);
    ct_file_info info = ct_source_info(source);
    assert_int_equal(info.size, 5);
    assert_int_equal(info.modified_ns, INT64_C(1700000001123456789));
    ct_source_close(source);
}

/* ---- standard input ------------------------------------------------------------------------- */

/* A pipe whose other end writes byte by byte stands as standard input. */
static void test_source_open_standard_input_reads_a_slow_pipe(void **state)
{
    (void)state;
    ct_buf gzip = CT_BUF_EMPTY;
    gz_put_header_fields(&gzip, "first ", 6, GZ_FNAME | GZ_FEXTRA, 9);
    gz_put(&gzip, "second", 6);
    for (size_t i = 0; i < 2; i++) {
        int ends[2], kept = dup(STDIN_FILENO);
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            for (size_t k = 0; k < gzip.len; k++)
                if (write(ends[1], gzip.data + k, 1) != 1)
                    _exit(1);
            _exit(0);
        }
        close(ends[1]);
        dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
        outcome got = read_file(NULL, 4096);
        assert_outcome(&got, "first second", 12, NULL);
        assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* closing left it open */
        waitpid(child, NULL, 0);
        dup2(kept, STDIN_FILENO);
        close(kept);
    }
    ct_buf_free(&gzip);
}

/* Where the program has closed its standard input, the first file gets the number 0. */
static void test_source_close_closes_a_file_in_the_place_of_standard_input(void **state)
{
    (void)state;
    const char *path = temp_write("file", "{}", 2);
    int kept = dup(STDIN_FILENO);
    close(STDIN_FILENO);
    outcome got = read_file(path, 4096);
    bool is_open = fcntl(STDIN_FILENO, F_GETFD) >= 0;
    outcome none = read_file(NULL, 4096);
    dup2(kept, STDIN_FILENO);
    close(kept);
    assert_outcome(&got, "{}", 2, NULL);
    assert_outcome(&none, "", 0, "is closed");
    assert_false(is_open);
}

/* Reads the file while the n-th allocation and all after it fail, for each n: that is said. */
static void read_with_failures(const char *path, size_t n_expected)
{
    static char piece[262144];
    long failures = 1;
    for (long fail_after = 0; failures > 0; fail_after++) {
        ct_source *source;
        const char *error;
        size_t n_read, n = 0;
        ct_mem_fail_after(fail_after);
        ct_source_status st = ct_source_open(path, &source, &error);
        while (st == CT_SOURCE_OK) {
            st = ct_source_read(source, piece, sizeof piece, &n_read);
            n += n_read;
        }
        failures = ct_mem_failures();
        ct_mem_fail_after(-1);
        ct_source_close(source);
        assert_int_equal(st, failures ? CT_SOURCE_NO_MEMORY : CT_SOURCE_END);
        if (!failures)
            assert_int_equal(n, n_expected);
    }
}

static void test_source_read_without_memory_says_so(void **state)
{
    (void)state;
    ct_buf data = CT_BUF_EMPTY, once = CT_BUF_EMPTY, twice = CT_BUF_EMPTY;
    put_random(&data, 100000, 3);
    put_lines(&data, 900000);
    gz_put(&once, data.data, data.len);
    gz_put(&twice, once.data, once.len);
    read_with_failures(temp_write("file", once.data, once.len), data.len);
    read_with_failures(temp_write("file", twice.data, twice.len), data.len);
    ct_buf_free(&data);
    ct_buf_free(&once);
    ct_buf_free(&twice);
}

static void test_source_open_without_memory_says_so(void **state)
{
    (void)state;
    const char *path = temp_write("file", "{}", 2);
    ct_source *source;
    const char *error;
    ct_mem_fail_after(0);
    ct_source_status st = ct_source_open(path, &source, &error);
    ct_mem_fail_after(-1);
    assert_int_equal(st, CT_SOURCE_NO_MEMORY);
    assert_null(source);
    ct_source_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source_read_plain_gives_all_bytes),
        cmocka_unit_test(test_source_read_first_byte_of_gzip_alone_is_plain),
        cmocka_unit_test(test_source_read_members_are_one_stream),
        cmocka_unit_test(test_source_read_padding_is_passed_over_and_garbage_reported),
        cmocka_unit_test(test_source_read_member_ends_around_the_raw_buffer),
        cmocka_unit_test(test_source_read_members_of_all_sizes_give_all_bytes),
        cmocka_unit_test(test_source_read_trailer_with_another_size_gives_all_and_says_so),
        cmocka_unit_test(test_source_read_without_budget_streams_the_same),
        cmocka_unit_test(test_source_reopen_gives_the_budget_back),
        cmocka_unit_test(test_source_read_gzip_inside_gzip_is_inflated_twice),
        cmocka_unit_test(test_source_read_gzip_inside_gzip_damage_and_depth),
        cmocka_unit_test(test_gunzip_bytes_gives_all_or_says_why_not),
        cmocka_unit_test(test_source_read_without_memory_says_so),
        cmocka_unit_test(test_source_read_stored_cut_at_every_byte_gives_all_before),
        cmocka_unit_test(test_source_read_deflated_cut_at_every_byte_gives_a_beginning),
        cmocka_unit_test(test_source_read_flipped_bit_is_never_other_data),
        cmocka_unit_test(test_source_read_damaged_byte_names_the_damage),
        cmocka_unit_test(test_source_read_wrong_header_checksum_is_reported),
        cmocka_unit_test(test_source_read_bomb_is_stopped_behind_the_free_bytes),
        cmocka_unit_test(test_source_open_other_things_say_what_they_are),
        cmocka_unit_test(test_source_open_unreadable_file_is_refused),
        cmocka_unit_test(test_source_info_is_size_and_time_in_nanoseconds),
        cmocka_unit_test(test_source_open_standard_input_reads_a_slow_pipe),
        cmocka_unit_test(test_source_close_closes_a_file_in_the_place_of_standard_input),
        cmocka_unit_test(test_source_open_without_memory_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
