/*
 * address: IP addresses and networks, and the SQL functions over them. Expected values are those of
 * Python's ipaddress and of RFC 5952.
 */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void test_address_read_takes_addresses_alone(void **state)
{
    static const char *const good[] = {
        "0.0.0.0",
        "255.255.255.255",
        "203.0.113.24",
        "::",
        "::1",
        "2001:db8::7",
        "2001:0db8:0000:0001:0000:0000:0000:0007",
        "fe80::1",
        "::ffff:192.0.2.1",
        "64:ff9b::192.0.2.1",
    };
    static const char *const bad[] = {
        "",
        " ",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1.2.3.4/24",
        "1.2.3.4:80",
        "2001:db8:::7",
        "2001:db8::7%eth0",
        "[::1]",
        "cloudformation.amazonaws.com",
        "AWS Internal",
        "1:2:3:4:5:6:7:8:9",
        "00000000000000000000000000000000000000000000000000000000001.2.3.4",
    };
    (void)state;
    ct_address read;
    for (size_t i = 0; i < COUNT(good); i++)
        if (!ct_address_read(good[i], strlen(good[i]), &read))
            fail_msg("%s is refused", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (ct_address_read(bad[i], strlen(bad[i]), &read))
            fail_msg("%s is taken", bad[i]);
    assert_false(ct_address_read("1.2.3.4\0x", 9, &read));
}

static void test_address_matches_networks_and_patterns(void **state)
{
    static const struct {
        const char *address, *pattern, *expected;
    } cases[] = {
        {"203.0.113.24", "203.0.113.0/24", "1"},
        {"203.0.113.255", "203.0.113.0/24", "1"},
        {"203.0.114.0", "203.0.113.0/24", "0"},
        {"203.0.113.24", "203.0.113.7/24", "1"},
        {"203.0.113.24", "203.0.113.24/32", "1"},
        {"203.0.113.25", "203.0.113.24/31", "1"},
        {"203.0.113.26", "203.0.113.24/31", "0"},
        {"203.0.113.24", "0.0.0.0/0", "1"},
        {"203.0.113.24", "128.0.0.0/1", "1"},
        {"127.255.255.255", "128.0.0.0/1", "0"},
        {"2001:db8::7", "2001:db8::/32", "1"},
        {"2001:db9::7", "2001:db8::/32", "0"},
        {"2001:db8:0:1::7", "2001:db8:0:1::/64", "1"},
        {"2001:db8:0:2::7", "2001:db8:0:1::/64", "0"},
        {"2001:db8::7", "::/0", "1"},
        {"203.0.113.24", "::/0", "0"},
        {"::ffff:203.0.113.24", "203.0.113.0/24", "1"},
        {"cloudformation.amazonaws.com", "0.0.0.0/0", "0"},
        {"", "0.0.0.0/0", "0"},
        {"203.0.113.24", "203.0.113.*", "1"},
        {"203.0.113.24", "203.0.113.2[0-4]", "1"},
        {"203.0.113.24", "*", "1"},
        {"cloudformation.amazonaws.com", "*.amazonaws.com", "1"},
        {"203.0.113.24", "203.0.113.2", "0"},
        {"203.0.113.24", "", "0"},
        {"", "", "1"},
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *sql =
            sqlite3_mprintf("SELECT address_matches(%Q, %Q)", cases[i].address, cases[i].pattern);
        assert_query(db, sql, cases[i].expected);
        sqlite3_free(sql);
    }
    assert_query(db, "SELECT address_matches(NULL, '*'), address_matches('::', NULL)", "NULL|NULL");
    harness_close(db);
}

static void test_address_matches_refuses_what_is_no_network(void **state)
{
    static const char *const wrong[] = {"203.0.113.0/33",
                                        "203.0.113/24",
                                        "::/129",
                                        "/",
                                        "x/24",
                                        "203.0.113.0/",
                                        "203.0.113.0/-1",
                                        "203.0.113.0/24x",
                                        "203.0.113.0/0024",
                                        "203.0.113.*/24"};
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < COUNT(wrong); i++) {
        char sql[128], expected[128];
        snprintf(sql, sizeof sql, "SELECT address_matches('::', '%s')", wrong[i]);
        snprintf(expected, sizeof expected, "error: address_matches(): '%s' is no network",
                 wrong[i]);
        assert_query(db, sql, expected);
    }
    harness_close(db);
}

static void test_address_network_is_the_24_or_the_64(void **state)
{
    static const char *const cases[][2] = {
        {"203.0.113.24", "203.0.113.0/24"},
        {"0.0.0.0", "0.0.0.0/24"},
        {"2001:db8:0:1::7", "2001:db8:0:1::/64"},
        {"2001:DB8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"},
        {"::ffff:203.0.113.24", "203.0.113.0/24"},
        {"::1", "::/64"},
        {"ecs.amazonaws.com", "NULL"},
        {"", "NULL"},
        {"203.0.113.7/22", "203.0.112.0/22"},
        {"2001:db8::7/32", "2001:db8::/32"},
        {"203.0.113.0/33", "NULL"},
        {"203.0.113/24", "NULL"},
    };
    (void)state;
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *sql = sqlite3_mprintf("SELECT address_network(%Q)", cases[i][0]);
        assert_query(db, sql, cases[i][1]);
        sqlite3_free(sql);
    }
    assert_query(db, "SELECT address_network(NULL), address_network(7), address_network(x'00')",
                 "NULL|NULL|NULL");
    harness_close(db);
}

static void test_address_functions_out_of_memory_is_reported(void **state)
{
    (void)state;
    harness_oom_sweep(NULL,
                      "SELECT address_matches('203.0.113.24', '203.0.113.0/24'),"
                      " address_network('2001:db8:0:1::7')",
                      "1|2001:db8:0:1::/64");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_read_takes_addresses_alone),
        cmocka_unit_test(test_address_matches_networks_and_patterns),
        cmocka_unit_test(test_address_matches_refuses_what_is_no_network),
        cmocka_unit_test(test_address_network_is_the_24_or_the_64),
        cmocka_unit_test(test_address_functions_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
