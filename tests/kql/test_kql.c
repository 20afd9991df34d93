#include "harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "kql/numbers.h"
#include "kql/terms.h"
#include "kql/ticks.h"
#include "base/timestamp.h"

/* ---- split ---------------------------------------------------------------------------------- */

/* The examples on Kusto's page of split(), and its rules at the edges. */
static void test_kql_split_documented_examples(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT kql_split('aa_bb', '_')", "[\"aa\",\"bb\"]");
    assert_query(db, "SELECT kql_split('aaa_bbb_ccc', '_', 1)", "[\"bbb\"]");
    assert_query(db, "SELECT kql_split('', '_')", "[\"\"]");
    assert_query(db, "SELECT kql_split('a__b', '_')", "[\"a\",\"\",\"b\"]");
    assert_query(db, "SELECT kql_split('aabbcc', 'bb')", "[\"aa\",\"cc\"]");
    harness_close(db);
}

static void test_kql_split_edges(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT kql_split('_a_', '_')", "[\"\",\"a\",\"\"]");
    assert_query(db, "SELECT kql_split('_', '_')", "[\"\",\"\"]");
    assert_query(db, "SELECT kql_split('aaa', 'aa')", "[\"\",\"a\"]"); /* from the left */
    assert_query(db, "SELECT kql_split('aab', 'ab')", "[\"a\",\"\"]");
    assert_query(db, "SELECT kql_split('a', 'abc')", "[\"a\"]");
    assert_query(db, "SELECT kql_split('aXb', 'x')", "[\"aXb\"]"); /* case matters */
    assert_query(db, "SELECT kql_split('a\"b\\c', ',')", "[\"a\\\"b\\\\c\"]");
    assert_query(db, "SELECT json_array_length(kql_split('a,b,c', ','))", "3");
    assert_query(db, "SELECT json_array(kql_split('a,b', ','))", "[[\"a\",\"b\"]]");
    harness_close(db);
}

static void test_kql_split_index_counts_from_zero(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT kql_split('a,b,c', ',', 0), kql_split('a,b,c', ',', 2),"
                 " kql_split('a,b,c', ',', 3), kql_split('a,b,c', ',', -1), kql_split('', ',', 0),"
                 " kql_split('', ',', 1), kql_split('a,', ',', 1)",
                 "[\"a\"]|[\"c\"]|NULL|NULL|[\"\"]|NULL|[\"\"]");
    assert_query(db,
                 "SELECT kql_split('a,b', ',', 9223372036854775807),"
                 " kql_split('a,b', ',', -9223372036854775807 - 1)",
                 "NULL|NULL");
    assert_query(db, "SELECT kql_split('a,b', ',', '1')", "[\"b\"]");
    harness_close(db);
}

/* split(UserAgent, "off command/", 1)[0], the step of the Sentinel rule. */
static void test_kql_split_user_agent_gives_command(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT json_extract(kql_split('aws-cli/2.15.50 Python/3.11.8 prompt/off"
                 " command/iam.list-users', 'off command/', 1), '$[0]')",
                 "iam.list-users");
    assert_query(db,
                 "SELECT json_extract(kql_split('aws-cli/2.15.60 md/prompt#off"
                 " md/command#iam.list-users', 'off command/', 1), '$[0]')",
                 "NULL");
    harness_close(db);
}

static void test_kql_split_null_errors_and_any_bytes(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT kql_split(NULL, ','), kql_split('a', NULL), kql_split('a', ',', NULL)",
                 "NULL|NULL|NULL");
    assert_query(db, "SELECT kql_split('a', '')", "error: kql_split(): delimiter is empty");
    assert_query(db, "SELECT kql_split('a', x'', 0)", "error: kql_split(): delimiter is empty");
    assert_query(db, "SELECT kql_split('a', ',', 'one')",
                 "error: kql_split(): index is no integer: 'one'");
    assert_query(db, "SELECT kql_split('a', ',', 1.5)",
                 "error: kql_split(): index is no integer: 1.5");
    assert_query(db, "SELECT kql_split(1.5, '.'), kql_split(121, 2)",
                 "[\"1\",\"5\"]|[\"1\",\"1\"]");
    assert_query(db, "SELECT kql_split(x'', ',')", "[\"\"]");
    assert_query(db, "SELECT kql_split(x'FF2CC3A9', ',')",
                 "[\"\xEF\xBF\xBD\",\"\xC3\xA9\"]"); /* not UTF-8: U+FFFD */
    assert_query(db, "SELECT kql_split(x'61002C62', ',')", "[\"a\\u0000\",\"b\"]");
    assert_query(db, "SELECT kql_split(x'610062', x'00')", "[\"a\",\"b\"]");
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1000);
    assert_query(db, "SELECT kql_split(zeroblob(500), 'a')", "error: string or blob too big");
    harness_close(db);
}

/* ---- has ------------------------------------------------------------------------------------ */

/* Kusto's page of the string operators, the design's own examples, and the rule at the edges. */
static void test_kql_has_documented_examples(void **state)
{
    static const struct {
        const char *text, *term;
        bool has;
    } cases[] = {
        {"North America", "america", true},
        {"North America", "amer", false},
        {"Kusto: ad67d136-c1db-4f9f-88ef-d94f3b6b0b5a;KustoExplorerQueryRun", "4f9f", true},
        {"Kusto: ad67d136-c1db-4f9f-88ef-d94f3b6b0b5a;KustoExplorerQueryRun", "Kusto", true},
        {"Kusto: ad67d136-c1db-4f9f-88ef-d94f3b6b0b5a;KustoExplorerQueryRun", "KustoExplorer",
         false},
        {"ec2.describe-vpc-endpoints", "ec2.describe-vpc", true},
        {"ec2.describe-vpcs", "ec2.describe-vpc", false},
        {"iam.list-users", "iam.list-users", true},
        {"xiam.list-users", "iam.list-users", false},
        {"iam_list", "iam", true}, /* an underscore is no letter */
        {"_iam_", "iam", true},
        {"iam-list", "-list", true}, /* an edge that is no letter may be touched */
        {"iam-list", "iam-", true},
        {"iam-lists", "m-list", false},
        {"xxiam xiam iam", "iam", true}, /* the last one */
        {"aba-ab", "ab", true},
        {"abab", "ab", false},
        {"a.a.ab", "a.a", true},
        {"a.a.ab", "a.ab", true},
        {"a.ab", "a.a", false},
        {"..", ".", true},
        {"IAM.LIST-USERS", "iam.list-users", true},
        {"iam", "IAM", true},
        {"\xC3\xA9iam\xC3\xA9", "iam", false}, /* letters are Unicode's */
        {"\xC3\xA9", "\xC3\x89", true},        /* so is case */
        {"[", "{", false},                     /* 0x20 apart, but no letters */
        {"@", "`", false},
        {"", "iam", false},
        {"ia", "iam", false},
        {"iam", "", true}, /* an empty term touches nothing */
        {"", "", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (ct_kql_has(cases[i].text, strlen(cases[i].text), cases[i].term,
                       strlen(cases[i].term)) != cases[i].has)
            fail_msg("'%s' has '%s': expected %d", cases[i].text, cases[i].term, cases[i].has);
}

static bool is_letter_or_digit(char c)
{
    return c != '\0' && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", c);
}

static char lower(char c)
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *at = c ? strchr(upper, c) : NULL;
    return at ? "abcdefghijklmnopqrstuvwxyz"[at - upper] : c;
}

/* By another road: number the terms of the text; a place fits when the letters and digits of the
 * needle's first and last term are the whole of the text's terms there. */
static bool slow_has(const char *text, size_t n, const char *needle, size_t m)
{
    size_t begin[64], end[64]; /* of the term that the byte is in */
    for (size_t i = 0; i < n; i++) {
        begin[i] = end[i] = i;
        while (begin[i] > 0 && is_letter_or_digit(text[i]) &&
               is_letter_or_digit(text[begin[i] - 1]))
            begin[i]--;
        while (end[i] + 1 < n && is_letter_or_digit(text[i]) &&
               is_letter_or_digit(text[end[i] + 1]))
            end[i]++;
    }
    for (size_t i = 0; i + m <= n; i++) {
        size_t same = 0;
        while (same < m && lower(text[i + same]) == lower(needle[same]))
            same++;
        if (same == m && (m == 0 || (begin[i] == i && end[i + m - 1] == i + m - 1)))
            return true;
    }
    return false;
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static size_t random_text(unsigned *seed, char *out, size_t max)
{
    static const char letters[] = {'a', 'A', 'b', '1', '.', '-', '_', '\xC3', '\0'};
    size_t n = next_random(seed) % (max + 1);
    for (size_t i = 0; i < n; i++)
        out[i] = letters[next_random(seed) % sizeof letters];
    return n;
}

static void test_kql_has_random_text_agrees_with_slow_search(void **state)
{
    unsigned seed = 1;
    int n_found = 0;
    (void)state;
    for (int round = 0; round < 300000; round++) {
        char text[24], needle[4];
        size_t n = random_text(&seed, text, sizeof text);
        size_t m = random_text(&seed, needle, sizeof needle);
        bool expected = slow_has(text, n, needle, m);
        n_found += expected;
        if (ct_kql_has(text, n, needle, m) != expected)
            fail_msg("'%.*s' has '%.*s': expected %d", (int)n, text, (int)m, needle, expected);
    }
    assert_in_range(n_found, 60000, 240000);
}

static void test_kql_has_any_random_terms_agree_with_slow_search(void **state)
{
    unsigned seed = 2;
    int n_found = 0;
    (void)state;
    for (int round = 0; round < 50000; round++) {
        char text[24];
        size_t n = random_text(&seed, text, sizeof text);
        ct_kql_terms *terms = ct_kql_terms_new();
        bool expected = false;
        for (unsigned n_terms = next_random(&seed) % 5; n_terms > 0; n_terms--) {
            char needle[6];
            size_t m = random_text(&seed, needle, sizeof needle);
            assert_true(ct_kql_terms_add(terms, needle, m));
            expected = expected || slow_has(text, n, needle, m);
        }
        n_found += expected;
        if (ct_kql_has_any(text, n, terms) != expected)
            fail_msg("round %d: '%.*s': expected %d", round, (int)n, text, expected);
        ct_kql_terms_free(terms);
    }
    assert_in_range(n_found, 10000, 40000);
}

static void test_kql_has_null_types_and_any_bytes(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT kql_has(NULL, 'a'), kql_has('a', NULL)", "NULL|NULL");
    assert_query(db, "SELECT kql_has('a b', 'B'), typeof(kql_has('a', 'b'))", "1|integer");
    assert_query(db, "SELECT kql_has(1.5, 5), kql_has(15, 5)", "1|0");
    assert_query(db, "SELECT kql_has(x'FF6162FF', 'ab'), kql_has('a', x''), kql_has(x'', 'a')",
                 "1|1|0");
    assert_query(db, "SELECT kql_has(x'610062', 'b'), kql_has(x'610062', x'0062')", "1|1");
    assert_query(db, "SELECT kql_has(zeroblob(10000000), 'a')", "0");
    harness_close(db);
}

/* ---- split_part, make_list ------------------------------------------------------------------ */

static void test_kql_split_part_counts_from_both_ends(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT kql_split_part('a,b,c', ',', 0), kql_split_part('a,b,c', ',', 2),"
                 " kql_split_part('a,b,c', ',', 3), kql_split_part('a,b,c', ',', -1),"
                 " kql_split_part('a,b,c', ',', -3), kql_split_part('a,b,c', ',', -4)",
                 "a|c||c|a|");
    assert_query(db,
                 "SELECT kql_split_part('a', ',', 0), kql_split_part('a', ',', -1),"
                 " kql_split_part('a', ',', 1), kql_split_part('a,', ',', -1),"
                 " kql_split_part('', ',', -1), typeof(kql_split_part('', ',', 9))",
                 "a|a||||text");
    assert_query(db,
                 "SELECT kql_split_part('a,b', ',', 9223372036854775807),"
                 " kql_split_part('a,b', ',', -9223372036854775807 - 1)",
                 "|");
    assert_query(db, "SELECT kql_split_part('aaaa', 'aa', 1), kql_split_part('aaa', 'aa', -1)",
                 "|a");
    harness_close(db);
}

/* As kql_split() and SQLite's JSON have it, for any text. */
static void test_kql_split_part_is_a_piece_of_kql_split(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "WITH RECURSIVE t(i, x) AS (SELECT 0, '' UNION ALL SELECT i + 1, substr('x/y//zz/', 1 +"
        " i % 5, i % 9) || '/' || i FROM t WHERE i < 200), n(k) AS (VALUES (0), (1), (2), (3), (9))"
        " SELECT count(*), count(CASE WHEN kql_split_part(x, '/', k)"
        " <> ifnull(json_extract(kql_split(x, '/'), '$[' || k || ']'), '') THEN 1 END),"
        " count(CASE WHEN kql_split_part(x, '/', -1 - k)"
        " <> ifnull(json_extract(kql_split(x, '/'), '$[#-' || (1 + k) || ']'), '') THEN 1 END)"
        " FROM t, n",
        "1005|0|0");
    harness_close(db);
}

static void test_kql_split_part_null_types_and_errors(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT kql_split_part(NULL, ',', 0), kql_split_part('a', NULL, 0),"
                 " kql_split_part('a', ',', NULL), kql_split_part(1.5, '.', 1),"
                 " hex(kql_split_part(x'FF2CFE', ',', 1))",
                 "NULL|NULL|NULL|5|FE");
    assert_query(db, "SELECT kql_split_part('a', '', 0)",
                 "error: kql_split_part(): delimiter is empty");
    assert_query(db, "SELECT kql_split_part('a', ',', 'last')",
                 "error: kql_split_part(): index is no integer: 'last'");
    harness_close(db);
}

static void test_kql_make_list_keeps_repeats_and_order(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "SELECT kql_make_list(column1), json_type(kql_make_list(column1)),"
        " json_array(kql_make_list(column1)) FROM (VALUES ('b'), (NULL), (1), ('b'), (1.5),"
        " ('q\"\n'))",
        "[\"b\",1,\"b\",1.5,\"q\\\"\\n\"]|array|[[\"b\",1,\"b\",1.5,\"q\\\"\\n\"]]");
    assert_query(db, "SELECT kql_make_list(1) WHERE 0", "[]");
    assert_query(db, "SELECT kql_make_list(NULL)", "[]");
    assert_query(
        db,
        "SELECT column1, kql_make_list(column2) FROM (VALUES (1, 'a'), (2, NULL), (1, 'b'))"
        " GROUP BY 1",
        "1|[\"a\",\"b\"]\n2|[]");
    assert_query(db, "SELECT kql_make_list(x'00')", "error: JSON cannot hold BLOB values");
    harness_close(db);
}

/* ---- has_any -------------------------------------------------------------------------------- */

static void test_kql_has_any_terms_from_json(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT kql_has_any('North America', '[\"south\",\"north\"]')", "1");
    assert_query(db, "SELECT kql_has_any('North America', '[\"south\",\"amer\"]')", "0");
    assert_query(db, "SELECT kql_has_any('a', '[]'), kql_has_any('', '[\"\"]')", "0|1");
    assert_query(db, "SELECT kql_has_any('x \"a/b\" y', ' [ \"\\u0022a\\/b\\u0022\" ] ')", "1");
    assert_query(db, "SELECT kql_has_any('a\\u0000', '[\"a\\\\u0000\"]')", "1"); /* no NUL here */
    assert_query(db, "SELECT kql_has_any('caf\xC3\xA9', '[\"caf\\u00e9\"]')", "1");
    assert_query(db, "SELECT kql_has_any('b', json_array('a', 'b'))", "1");
    assert_query(db, "SELECT kql_has_any('b', CAST('[\"b\"]' AS BLOB))", "1");
    assert_query(db, "SELECT kql_has_any(7, '[\"7\"]'), kql_has_any(x'FF6162', '[\"ab\"]')", "1|1");
    assert_query(db, "SELECT kql_has_any(NULL, '[\"a\"]'), kql_has_any('a', NULL)", "NULL|NULL");
    assert_query(db, "SELECT kql_has_any(NULL, 'x')", "NULL");
    harness_close(db);
}

/* The seed rule's list as Kusto reads it: 'iam.get-user' 'iam.list-access-keys' are one element. */
static void test_kql_has_any_list_of_the_rule(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "WITH list(l) AS (VALUES ('[\"iam.list-users\",\"iam.get-useriam.list-access-keys\","
        "\"ec2.describe-transit-gateway-vpc-attachment\",\"ec2.describe-vpc\"]')), "
        "c(command) AS (VALUES ('iam.list-users'), ('iam.get-user'), ('iam.list-access-keys'),"
        " ('ec2.describe-transit-gateway-vpc-attachments'), ('ec2.describe-vpc-endpoints'),"
        " ('ec2.describe-vpcs'), (''))"
        "SELECT command, kql_has_any(command, l) FROM c, list",
        "iam.list-users|1\niam.get-user|0\niam.list-access-keys|0\n"
        "ec2.describe-transit-gateway-vpc-attachments|0\nec2.describe-vpc-endpoints|1\n"
        "ec2.describe-vpcs|0\n|0");
    harness_close(db);
}

static void test_kql_has_any_other_than_array_is_error(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
#define EXPECTED "error: kql_has_any(): expected a JSON array of strings, got "
    assert_query(db, "SELECT kql_has_any('a', 'iam')", EXPECTED "malformed JSON: 'iam'");
    assert_query(db, "SELECT kql_has_any('a', '')", EXPECTED "malformed JSON: ''");
    assert_query(db, "SELECT kql_has_any('a', x'')", EXPECTED "malformed JSON: ''");
    assert_query(db, "SELECT kql_has_any('a', '[\"a\"')", EXPECTED "malformed JSON: '[\"a\"'");
    assert_query(db, "SELECT kql_has_any('a', '[''a'']')", EXPECTED "malformed JSON: '['a']'");
    assert_query(db, "SELECT kql_has_any('a', '{\"a\":\"b\"}')",
                 EXPECTED "an object: '{\"a\":\"b\"}'");
    assert_query(db, "SELECT kql_has_any('a', '{}')", EXPECTED "an object: '{}'");
    assert_query(db, "SELECT kql_has_any('a', '\"a\"')", EXPECTED "a string: '\"a\"'");
    assert_query(db, "SELECT kql_has_any('a', 7)", EXPECTED "a number: '7'");
    assert_query(db, "SELECT kql_has_any('a', 'null')", EXPECTED "null: 'null'");
    assert_query(db, "SELECT kql_has_any('a', CAST('[\"a\"]' AS BLOB) || x'00')",
                 EXPECTED "malformed JSON: '[\"a\"]\xEF\xBF\xBD'");
    assert_query(db, "SELECT kql_has_any('a b', '[\"a\\u0000\"]')", "0"); /* no cut at the NUL */
#undef EXPECTED
    harness_close(db);
}

/* "dynamic arrays (mixed with scalars too)": each counts as its text. */
static void test_kql_has_any_other_elements_count_as_their_text(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT kql_has_any('a 17 b', '[\"x\",17]'), kql_has_any('17.5', '[17.5]')",
                 "1|1");
    assert_query(db, "SELECT kql_has_any('is true', '[true]'), kql_has_any('a', '[null]')", "1|1");
    harness_close(db);
}

static int count_statement(unsigned trace, void *count, void *stmt, void *sql)
{
    (void)trace;
    (void)stmt;
    (void)sql;
    ++*(int *)count;
    return 0;
}

static void test_kql_has_any_constant_array_is_read_once(void **state)
{
    int n_statements = 0;
    (void)state;
    sqlite3 *db = harness_open();
    sqlite3_trace_v2(db, SQLITE_TRACE_STMT, count_statement, &n_statements);
    assert_query(db,
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
                 "SELECT sum(kql_has_any(i, '[\"7\",\"70\"]')), sum(kql_has_any(i, '[\"8\"]'))"
                 " FROM n",
                 "2|1");
    assert_in_range(n_statements, 1, 5);
    harness_close(db);
}

static void test_kql_has_any_array_from_a_column_may_change(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "SELECT kql_has_any('a', column1) FROM (VALUES ('[\"a\"]'), ('[\"b\"]'),"
                 " ('[\"b\",\"a\"]'), (NULL))",
                 "1\n0\n1\nNULL");
    assert_query(db, "SELECT kql_has_any('b', column1) FROM (VALUES ('[\"b\"]'), ('no'))",
                 "1\nerror: kql_has_any(): expected a JSON array of strings, got malformed JSON:"
                 " 'no'");
    harness_close(db);
}

static void test_kql_has_any_works_in_view_of_untrusted_schema(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db,
                 "PRAGMA trusted_schema = OFF; CREATE VIEW v AS SELECT kql_has_any('a b',"
                 " '[\"b\"]') AS found, kql_bin(7, 5) AS bin; SELECT * FROM v",
                 "1|5");
    harness_close(db);
}

/* ---- bin ------------------------------------------------------------------------------------ */

static void test_kql_timespan_literals(void **state)
{
    static const int64_t s = CT_TICKS_PER_SECOND;
    const struct {
        const char *text;
        int64_t ticks;
    } cases[] = {
        {"2d", 2 * 86400 * s}, /* these five on Kusto's page of the timespan type */
        {"1.5h", 5400 * s},
        {"30m", 1800 * s},
        {"10s", 10 * s},
        {"100ms", s / 10},
        {"1min", 60 * s},
        {"7d", 7 * 86400 * s},
        {"0s", 0},
        {"-1d", -86400 * s},
        {"0.25d", 21600 * s},
        {"0.0001ms", 1}, /* a tick is 100 ns */
        {"0.00009ms", 0},
        {"0.333333333333333333333333d", 287999999999},
        {"1.000000000000000000000000000000s", s},
        {"0000000000000000000000000001s", s},
        {"10675199d", INT64_C(10675199) * 86400 * s}, /* the longest of .NET's TimeSpan */
        {"922337203685477.5807ms", -1},
        {"922337203685477ms", INT64_C(9223372036854770000)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ticks = -2;
        if (cases[i].ticks == -1) {
            assert_true(ct_kql_read_timespan(cases[i].text, strlen(cases[i].text), &ticks));
            assert_int_equal(ticks, INT64_MAX);
        } else if (!ct_kql_read_timespan(cases[i].text, strlen(cases[i].text), &ticks) ||
                   ticks != cases[i].ticks) {
            fail_msg("%s: got %lld", cases[i].text, (long long)ticks);
        }
    }
}

static void test_kql_timespan_other_text_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "d",
        "1w",
        "1D",
        "1.d",
        ".5d",
        "1..5d",
        "+1d",
        "--1d",
        "1e3s",
        "1min2",
        "1d1h",
        "1,5h",
        "1.5",
        "-",
        "1mins",
        "1us",
        "0x1d",
        "1.5.1h",
        "10675200d",
        "99999999999999999999s",
        "922337203685477.5808ms",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ticks;
        if (ct_kql_read_timespan(cases[i], strlen(cases[i]), &ticks))
            fail_msg("'%s' was read", cases[i]);
    }
}

static void test_kql_bin_documented_examples(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT kql_bin(4.5, 1), kql_bin(16, 7)", "4.0|14");
    assert_query(db, "SELECT kql_bin('1970-05-11 13:45:07', '1d')", "1970-05-11T00:00:00Z");
    assert_query(db, "SELECT kql_bin('2023-07-10T11:42:36Z', '1min')", "2023-07-10T11:42:00Z");
    assert_query(db, "SELECT kql_bin('2023-07-10T11:42:36.75Z', '500ms')",
                 "2023-07-10T11:42:36.5Z");
    assert_query(db, "SELECT kql_bin('2023-07-10T11:42:36+02:00', '1h')", "2023-07-10T09:00:00Z");
    assert_query(db, "SELECT kql_bin('2023-07-10T11:42:36Z', '1.5h')", "2023-07-10T10:30:00Z");
    assert_query(db, "SELECT kql_bin('2023-07-16T23:59:59Z', '7d')", "2023-07-10T00:00:00Z");
    assert_query(db, "SELECT kql_bin('0001-01-01', '10675199d')", "0001-01-01T00:00:00Z");
    assert_query(db, "SELECT kql_bin('9999-12-31T23:59:59.9999999Z', '0.0001ms')",
                 "9999-12-31T23:59:59.9999999Z");
    harness_close(db);
}

/* 0001-01-01 was a Monday, so a bin of 7d is the Monday at or before the day; and the minute, hour
 * and day of SQLite's own strftime. */
static void test_kql_bin_times_agree_with_strftime(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(
        db,
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 20000),"
        " t(s, t) AS (SELECT i * 13592713, strftime('%Y-%m-%dT%H:%M:%SZ', i * 13592713 -"
        " 62135596800, 'unixepoch') FROM n WHERE i * 13592713 < 9999 * 31556952)"
        "SELECT count(*) > 20000, min(t), sum(kql_bin(t, '1s') <> t),"
        " sum(kql_bin(t, '1m') <> strftime('%Y-%m-%dT%H:%M:00Z', t)),"
        " sum(kql_bin(t, '1h') <> strftime('%Y-%m-%dT%H:00:00Z', t)),"
        " sum(kql_bin(t, '1d') <> strftime('%Y-%m-%dT00:00:00Z', t)),"
        " sum(kql_bin(t, '7d') <>"
        "     strftime('%Y-%m-%dT00:00:00Z', julianday(date(t)) - (strftime('%w', t) + 6) % 7)),"
        " sum(kql_bin(t, '17min') <> strftime('%Y-%m-%dT%H:%M:%SZ', s / 1020 * 1020 - 62135596800,"
        " 'unixepoch')) FROM t",
        "1|0001-01-01T00:00:00Z|0|0|0|0|0|0");
    harness_close(db);
}

static void test_kql_bin_numbers_floor_towards_minus_infinity(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT kql_bin(7, 5), kql_bin(-7, 5), kql_bin(-5, 5), kql_bin(0, 5)",
                 "5|-10|-5|0");
    assert_query(db, "SELECT kql_bin(-7.5, 5), kql_bin(7, 2.5), kql_bin(-0.0, 5), kql_bin(0, 1.5)",
                 "-10.0|5.0|0.0|0.0");
    assert_query(db, "SELECT typeof(kql_bin(7, 5)), typeof(kql_bin(7.0, 5)), kql_bin('7', '5')",
                 "integer|real|5");
    assert_query(db, "SELECT kql_bin(9223372036854775807, 10), kql_bin(-9223372036854775807, 2)",
                 "9223372036854775800|-9223372036854775808");
    assert_query(db, "SELECT kql_bin(-9223372036854775807 - 1, 9223372036854775807)",
                 "error: kql_bin(): the bin is out of range: -9223372036854775808,"
                 " 9223372036854775807");
    assert_query(db, "SELECT kql_bin(-9223372036854775807 - 1, 2), kql_bin(9e999, 2)",
                 "-9223372036854775808|Inf");
    assert_query(db, "SELECT kql_bin(1e300, 1e-300) = 1e300", "1");
    assert_query(db, "SELECT kql_bin(-1.7e308, 1e308)",
                 "error: kql_bin(): the bin is out of range: -1.7e+308, 1.0e+308");
    harness_close(db);
}

/* Division and multiplication that cannot overflow at this size, and a remainder taken twice. */
static void test_kql_bin_integer_random_is_multiple_at_or_below(void **state)
{
    unsigned seed = 3;
    (void)state;
    for (int round = 0; round < 100000; round++) {
        int64_t value = (int64_t)next_random(&seed) * 65536 + next_random(&seed) - 2000000000;
        int64_t step = next_random(&seed) % 1000 + 1, bin;
        assert_true(ct_kql_bin_integer(value, step, &bin));
        assert_true(bin % step == 0 && bin <= value && value - bin < step);
        double real;
        assert_true(ct_kql_bin_real((double)value, (double)step, &real));
        assert_true(real == floor((double)value / (double)step) * (double)step);
    }
}

#define FFFD_10                                                                                    \
    "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"                                 \
    "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"

static void test_kql_bin_null_and_errors(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    assert_query(db, "SELECT kql_bin(NULL, '1m'), kql_bin('2023-07-10', NULL), kql_bin(NULL, 'x')",
                 "NULL|NULL|NULL");
    assert_query(db, "SELECT kql_bin('yesterday', '1m')",
                 "error: kql_bin(): value is neither a time nor a number: 'yesterday'");
    assert_query(db, "SELECT kql_bin('', '1m')",
                 "error: kql_bin(): value is neither a time nor a number: ''");
    assert_query(db, "SELECT kql_bin(x'FF00', 5)",
                 "error: kql_bin(): value is neither a time nor a number:"
                 " '\xEF\xBF\xBD\xEF\xBF\xBD'");
    assert_query(db, "SELECT kql_bin('2023-07-10', '1w')",
                 "error: kql_bin(): step is neither a timespan (d, h, m, min, s, ms) nor a number:"
                 " '1w'");
    assert_query(db, "SELECT kql_bin('2023-07-10', 60)",
                 "error: kql_bin(): value is a time, but step a number: '2023-07-10', 60");
    assert_query(db, "SELECT kql_bin(5, '1m')",
                 "error: kql_bin(): value is a number, but step a timespan: 5, '1m'");
    assert_query(db, "SELECT kql_bin('2023-07-10', '0s')",
                 "error: kql_bin(): step must be above zero: '0s'");
    assert_query(db, "SELECT kql_bin('2023-07-10', '-1d')",
                 "error: kql_bin(): step must be above zero: '-1d'");
    assert_query(db, "SELECT kql_bin(5, 0)", "error: kql_bin(): step must be above zero: 0");
    assert_query(db, "SELECT kql_bin(5.5, -2)", "error: kql_bin(): step must be above zero: -2");
    assert_query(db, "SELECT kql_bin(5, -0.5)", "error: kql_bin(): step must be above zero: -0.5");
    assert_query(db, "SELECT kql_bin(5, 9e999)", "error: kql_bin(): step must be finite: 9e999");
    assert_query(db, "SELECT kql_bin(zeroblob(5000000), '1m') IS NULL",
                 "error: kql_bin(): value is neither a time nor a number: '" FFFD_10 FFFD_10 FFFD_10
                     FFFD_10 FFFD_10 FFFD_10 FFFD_10 FFFD_10 FFFD_10 FFFD_10 "...'");
    harness_close(db);
}

/* ---- memory --------------------------------------------------------------------------------- */

static void test_kql_out_of_memory_is_an_error(void **state)
{
    (void)state;
    harness_oom_sweep(NULL, "SELECT kql_split('a,b', ','), kql_split('a,b', ',', 1)",
                      "[\"a\",\"b\"]|[\"b\"]");
    harness_oom_sweep(NULL, "SELECT kql_split_part('a,b', ',', -1), kql_make_list('a')",
                      "b|[\"a\"]");
    harness_oom_sweep(NULL, "SELECT kql_make_list(x) FROM (SELECT 'a' AS x UNION ALL SELECT 'b')",
                      "[\"a\",\"b\"]");
    harness_oom_sweep(NULL, "SELECT kql_has('a b', 'b'), kql_bin('2023-07-10', '1d')",
                      "1|2023-07-10T00:00:00Z");
    harness_oom_sweep(NULL, "SELECT kql_has_any('a b', '[\"x\",\"b\"]'), kql_has_any(1, '[]')",
                      "1|0");
    /* a term that is lost must not become the empty one, which every text holds */
    harness_oom_sweep(NULL, "SELECT kql_has_any('a b', '[\"x\",\"y\"]')", "0");
    harness_oom_sweep(NULL, "SELECT kql_has_any('a', '{}')",
                      "error: kql_has_any(): expected a JSON array of strings, got an object:"
                      " '{}'");
    harness_oom_sweep(NULL, "SELECT kql_bin(5.25, '1m')",
                      "error: kql_bin(): value is a number, but step a timespan: 5.25, '1m'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kql_split_documented_examples),
        cmocka_unit_test(test_kql_split_edges),
        cmocka_unit_test(test_kql_split_index_counts_from_zero),
        cmocka_unit_test(test_kql_split_user_agent_gives_command),
        cmocka_unit_test(test_kql_split_null_errors_and_any_bytes),
        cmocka_unit_test(test_kql_has_documented_examples),
        cmocka_unit_test(test_kql_has_random_text_agrees_with_slow_search),
        cmocka_unit_test(test_kql_has_any_random_terms_agree_with_slow_search),
        cmocka_unit_test(test_kql_has_null_types_and_any_bytes),
        cmocka_unit_test(test_kql_split_part_counts_from_both_ends),
        cmocka_unit_test(test_kql_split_part_is_a_piece_of_kql_split),
        cmocka_unit_test(test_kql_split_part_null_types_and_errors),
        cmocka_unit_test(test_kql_make_list_keeps_repeats_and_order),
        cmocka_unit_test(test_kql_has_any_terms_from_json),
        cmocka_unit_test(test_kql_has_any_list_of_the_rule),
        cmocka_unit_test(test_kql_has_any_other_than_array_is_error),
        cmocka_unit_test(test_kql_has_any_other_elements_count_as_their_text),
        cmocka_unit_test(test_kql_has_any_constant_array_is_read_once),
        cmocka_unit_test(test_kql_has_any_array_from_a_column_may_change),
        cmocka_unit_test(test_kql_has_any_works_in_view_of_untrusted_schema),
        cmocka_unit_test(test_kql_timespan_literals),
        cmocka_unit_test(test_kql_timespan_other_text_is_refused),
        cmocka_unit_test(test_kql_bin_documented_examples),
        cmocka_unit_test(test_kql_bin_times_agree_with_strftime),
        cmocka_unit_test(test_kql_bin_numbers_floor_towards_minus_infinity),
        cmocka_unit_test(test_kql_bin_integer_random_is_multiple_at_or_below),
        cmocka_unit_test(test_kql_bin_null_and_errors),
        cmocka_unit_test(test_kql_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
