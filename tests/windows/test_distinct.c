#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "windows/distinct.h"
#include "windows/distinct_list.h"
#include "faulty_mem.h"
#include "rng.h"

enum { N_VALUES = 300 };

/* Value number i: an integer, a real, or a text or blob of up to 900 bytes. */
static ct_value nth_value(int i, char text[1000])
{
    if (i % 5 == 0)
        return ct_value_integer(i);
    if (i % 5 == 1)
        return ct_value_real(i + 0.5);
    int n = snprintf(text, 1000, "%0*d", 1 + i * 3, i);
    return ct_value_bytes(i % 5 == 2 ? CT_VALUE_BLOB : CT_VALUE_TEXT, text, (size_t)n);
}

/* Compares the set with plain counters. */
static void assert_counts(const ct_distinct *d, const int counts[N_VALUES])
{
    char text[1000];
    uint32_t n = 0;
    for (int i = 0; i < N_VALUES; i++) {
        ct_value v = nth_value(i, text);
        uint32_t id = ct_distinct_find(d, &v);
        if (counts[i] == 0) {
            assert_int_equal(id, CT_DISTINCT_NONE);
            continue;
        }
        n++;
        assert_true(id != CT_DISTINCT_NONE);
        assert_int_equal(ct_distinct_count(d, id), counts[i]);
        ct_value kept = ct_distinct_value(d, id);
        assert_true(ct_value_equal(&kept, &v));
    }
    assert_int_equal(d->n, n);
}

static void test_distinct_random_adds_and_removes_agree_with_counters(void **state)
{
    (void)state;
    rng r = {20230710};
    char text[1000];
    int counts[N_VALUES] = {0};
    ct_distinct d = {.key = {1, 2}};
    for (int step = 0; step < 60000; step++) {
        /* waves: some thousand steps that mostly add, then as many that mostly remove */
        bool grows = step / 3000 % 2 == 0;
        int i = rng_int_below(&r, N_VALUES);
        ct_value v = nth_value(i, text);
        if (rng_int_below(&r, 10) < (grows ? 7 : 3)) {
            assert_true(ct_distinct_add(&d, &v) != CT_DISTINCT_NONE);
            counts[i]++;
        } else if (counts[i] > 0) {
            assert_int_equal(ct_distinct_remove(&d, ct_distinct_find(&d, &v)), counts[i] == 1);
            counts[i]--;
        }
        if (step % 500 == 0)
            assert_counts(&d, counts);
    }
    ct_distinct_free(&d);
}

static void test_distinct_list_long_slide_memory_follows_the_frame(void **state)
{
    (void)state;
    enum { FRAME = 100, ROWS = 200000 };
    ct_distinct_list list = {.values.key = {1, 2}};
    char text[32];
    for (int i = 0; i < ROWS; i++) {
        int n = snprintf(text, sizeof text, "value-%019d", i);
        ct_value v = ct_value_bytes(CT_VALUE_TEXT, text, (size_t)n);
        assert_true(ct_distinct_list_add(&list, &v));
        if (i >= FRAME)
            ct_distinct_list_drop(&list);
    }
    assert_int_equal(list.values.n, FRAME);
    assert_int_equal(list.rows.n, FRAME);
    assert_true(list.values.entries_capacity <= 4 * FRAME);
    assert_true(list.values.n_slots <= 4 * FRAME);
    assert_true(list.rows.capacity <= 4 * FRAME);
    assert_true(list.places_capacity <= 4 * FRAME);
    assert_true(list.values.bytes_capacity <= (size_t)25 * FRAME * 8);
    ct_distinct_list_free(&list);
}

/* A refused add leaves the list as it was: the same value goes in once there is memory again. */
static void test_distinct_list_no_memory_changes_nothing(void **state)
{
    (void)state;
    ct_distinct_list list = {.values.key = {1, 2}};
    char text[32];
    for (int i = 0; i < 200; i++) {
        int n = snprintf(text, sizeof text, "value-%d", i / 2);
        ct_value v = ct_value_bytes(CT_VALUE_TEXT, text, (size_t)n);
        for (int left = 0;; left++) {
            ct_mem_fail_after(left);
            bool ok = ct_distinct_list_add(&list, &v);
            ct_mem_fail_after(-1);
            if (ok)
                break;
            assert_int_equal(list.rows.n, i);
        }
    }
    int i = 0;
    for (uint32_t id = ct_distinct_list_first(&list); id != CT_DISTINCT_NONE;
         id = ct_distinct_list_next(&list, id), i++) {
        ct_value v = ct_distinct_list_value(&list, id);
        int n = snprintf(text, sizeof text, "value-%d", i);
        assert_int_equal(v.n_bytes, n);
        assert_memory_equal(v.as.bytes, text, (size_t)n);
        assert_int_equal(ct_distinct_count(&list.values, id), 2);
    }
    assert_int_equal(i, 100);
    ct_distinct_list_free(&list);
}

/* Without memory for tidying up, removing still works. */
static void test_distinct_remove_no_memory_still_removes(void **state)
{
    (void)state;
    ct_distinct d = {.key = {1, 2}};
    char text[1000];
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 100; i++) {
        memcpy(text, &i, sizeof i);
        ct_value v = ct_value_bytes(CT_VALUE_BLOB, text, sizeof text);
        assert_true(ct_distinct_add(&d, &v) != CT_DISTINCT_NONE);
    }
    ct_mem_fail_after(0);
    for (int i = 0; i < 99; i++) {
        memcpy(text, &i, sizeof i);
        ct_value v = ct_value_bytes(CT_VALUE_BLOB, text, sizeof text);
        assert_true(ct_distinct_remove(&d, ct_distinct_find(&d, &v)));
    }
    ct_mem_fail_after(-1);
    assert_int_equal(d.n, 1);
    ct_distinct_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distinct_random_adds_and_removes_agree_with_counters),
        cmocka_unit_test(test_distinct_list_long_slide_memory_follows_the_frame),
        cmocka_unit_test(test_distinct_list_no_memory_changes_nothing),
        cmocka_unit_test(test_distinct_remove_no_memory_still_removes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
