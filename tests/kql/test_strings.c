/*
 * KQL's functions and operators of strings. Expected values are those of Microsoft's engine or of
 * Kusto's documentation; a name behind a row is the page or the engine's case.
 */
#include "harness.h"

#include <string.h>

#include "base/buf.h"
#include "kql/terms.h"
#include "kql/unicode.h"

typedef struct row {
    const char *expression, *expected;
} row;

static void assert_rows(const row *rows, size_t n)
{
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < n; i++) {
        char *sql = sqlite3_mprintf("SELECT %s", rows[i].expression);
        assert_query(db, sql, rows[i].expected);
        sqlite3_free(sql);
    }
    harness_close(db);
}

#define ASSERT_ROWS(rows) assert_rows(rows, sizeof(rows) / sizeof(rows)[0])

/* ---- characters ----------------------------------------------------------------------------- */

static void test_unicode_case_is_one_character_to_one(void **state)
{
    static const struct {
        uint32_t c, fold, upper, lower;
    } cases[] = {
        /* UnicodeData.txt and CaseFolding.txt, statuses C and S */
        {'a', 'a', 'A', 'a'},
        {'Z', 'z', 'Z', 'z'},
        {'_', '_', '_', '_'},
        {0xB5, 0x3BC, 0x39C, 0xB5},           /* micro sign */
        {0xDF, 0xDF, 0xDF, 0xDF},             /* sharp s: its capital is two letters */
        {0xC9, 0xE9, 0xC9, 0xE9},             /* E with acute */
        {0xFF, 0xFF, 0x178, 0xFF},            /* y with diaeresis */
        {0x130, 0x130, 0x130, 0x130},         /* I with dot: its small form is two characters */
        {0x131, 0x131, 'I', 0x131},           /* dotless i */
        {0x17F, 's', 'S', 0x17F},             /* long s */
        {0x1C5, 0x1C6, 0x1C4, 0x1C6},         /* Dz with caron, the title form */
        {0x3A3, 0x3C3, 0x3A3, 0x3C3},         /* sigma */
        {0x3C2, 0x3C3, 0x3A3, 0x3C2},         /* final sigma */
        {0x41C, 0x43C, 0x41C, 0x43C},         /* Cyrillic em */
        {0x1E9E, 0xDF, 0x1E9E, 0xDF},         /* capital sharp s */
        {0x1FB3, 0x1FB3, 0x1FBC, 0x1FB3},     /* alpha with iota below: title form */
        {0x1F88, 0x1F80, 0x1F88, 0x1F80},     /* */
        {0x212A, 'k', 0x212A, 'k'},           /* Kelvin sign */
        {0x13A0, 0x13A0, 0x13A0, 0xAB70},     /* Cherokee folds to its capitals */
        {0xAB70, 0x13A0, 0x13A0, 0xAB70},     /* */
        {0xFF21, 0xFF41, 0xFF21, 0xFF41},     /* fullwidth A */
        {0x10400, 0x10428, 0x10400, 0x10428}, /* Deseret */
        {CT_BAD_BYTE + 0xC9, CT_BAD_BYTE + 0xC9, CT_BAD_BYTE + 0xC9, CT_BAD_BYTE + 0xC9},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(ct_unicode_fold(cases[i].c), cases[i].fold);
        assert_int_equal(ct_unicode_to_upper(cases[i].c), cases[i].upper);
        assert_int_equal(ct_unicode_to_lower(cases[i].c), cases[i].lower);
    }
}

static void test_unicode_letters_and_digits(void **state)
{
    static const uint32_t alnum[] = {'0',  '9',   'A',    'z',    0xAA,
                                     0xE9, 0x663, 0x4E00, 0xFF11, 0x1D7CE};
    static const uint32_t other[] = {'_',   '/',    ':',     '@',      '[',
                                     '`',   '{',    0x80,    0xA0,     0xB2,
                                     0x301, 0x2160, 0x1F600, 0x10FFFF, CT_BAD_BYTE + 0xE9};
    (void)state;
    for (size_t i = 0; i < sizeof alnum / sizeof alnum[0]; i++)
        assert_true(ct_unicode_is_alnum(alnum[i]));
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        assert_false(ct_unicode_is_alnum(other[i]));
}

/* Forward and backward give the same characters, whatever the bytes. */
static void test_unicode_next_and_before_agree(void **state)
{
    static const char pieces[][5] = {"a",    "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                                     "\xC3", "\x80",     "\xE2\x82",     "\xF0\x9F",
                                     "\xFF"};
    unsigned seed = 7;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[40];
        size_t n = 0;
        uint32_t forward[40];
        while (n < 20) {
            seed = seed * 1664525u + 1013904223u;
            const char *piece = pieces[(seed >> 16) % (sizeof pieces / sizeof pieces[0])];
            memcpy(text + n, piece, strlen(piece));
            n += strlen(piece);
        }
        int count = 0;
        size_t size = 0;
        for (const char *p = text; p < text + n; count++) {
            forward[count] = ct_unicode_next(&p, text + n);
            size += ct_unicode_size(forward[count]);
        }
        assert_int_equal(size, n);
        for (const char *end = text + n; end > text;) {
            uint32_t c = ct_unicode_before(text, end);
            assert_int_equal(c, forward[--count]);
            end -= ct_unicode_size(c);
        }
        assert_int_equal(count, 0);
    }
}

/* ---- operators ------------------------------------------------------------------------------ */

static void test_operators_answers_of_the_engine(void **state)
{
    static const row rows[] = {
        /* the page of the string operators */
        {"kql_contains('FabriKam', 'BRik'), kql_contains('Fabrikam', 'xyz')", "1|0"},
        {"kql_contains_cs('FabriKam', 'Kam'), kql_contains_cs('FabriKam', 'kam')", "1|0"},
        {"kql_endswith('Fabrikam', 'Kam'), kql_endswith('Fabrikam', 'brik')", "1|0"},
        {"kql_startswith('Fabrikam', 'fab'), kql_startswith('Fabrikam', 'kam')", "1|0"},
        {"kql_startswith_cs('Fabrikam', 'Fab'), kql_startswith_cs('Fabrikam', 'fab')", "1|0"},
        {"kql_endswith_cs('Fabrikam', 'kam'), kql_endswith_cs('Fabrikam', 'Kam')", "1|0"},
        {"kql_has('North America', 'america'), kql_has('North America', 'amer')", "1|0"},
        {"kql_has_cs('North America', 'America'), kql_has_cs('North America', 'america')", "1|0"},
        {"kql_hasprefix('North America', 'ame'), kql_hassuffix('North America', 'ica')", "1|1"},
        {"kql_hasprefix('North America', 'ica'), kql_hassuffix('North America', 'ame')", "0|0"},
        {"kql_hasprefix_cs('North America', 'ame'), kql_hassuffix_cs('North America', 'ICA')",
         "0|0"},
        {"kql_has_any('North America', '[\"south\",\"north\"]')", "1"},
        {"kql_has_all('North and South America', '[\"south\",\"north\"]'),"
         " kql_has_all('North America', '[\"south\",\"north\"]')",
         "1|0"},
        {"kql_in_ci('Abc', '[\"123\",\"345\",\"abc\"]'), kql_in_ci('bca', '[\"abc\"]')", "1|0"},
        {"kql_equals_ci('aBc', 'abc'), kql_equals_ci('aBc', 'xyz')", "1|0"},
        /* cases of the engine: case and terms are Unicode's */
        {"kql_has('CAFÉ RÉSUMÉ', 'café'), kql_has('cafe', 'café')", "1|0"},
        {"kql_has('ПриветМир', 'привет'), kql_has('МИР привет', 'привет')", "0|1"},
        {"kql_has('I like café au lait', 'café'), kql_hasprefix('café', 'caf')", "1|1"},
        {"kql_equals_ci('STRASSE', 'straße'), kql_equals_ci('Straße', 'straße')", "0|1"},
        {"kql_equals_ci('ＦＵＬＬ', 'full'), kql_equals_ci('FULL', 'full')", "0|1"},
        {"kql_in_ci('MÜLLER', '[\"müller\",\"mueller\"]')", "1"},
        {"kql_endswith('CAFÉ', 'é'), kql_startswith('ÜBER', 'über'), kql_contains('xÉx', 'é')",
         "1|1|1"},
        /* an empty needle is everywhere; blanks and underscores are no letters */
        {"kql_has('', ''), kql_contains('a', ''), kql_startswith('a', ''), kql_endswith('', ''),"
         " kql_hassuffix('a', ''), kql_has_any('a', '[\"\"]')",
         "1|1|1|1|1|1"},
        {"kql_has('alpha_beta', 'alpha'), kql_has('alphabeta', 'alpha')", "1|0"},
        {"kql_has('a b', ' '), kql_has('a' || char(9) || 'b', ' ')", "1|0"},
        {"kql_has('version=1.2.3', '2.3'), kql_has('1_2_3', '2.3')", "1|0"},
        /* a letter that folds to ASCII, and one of another length */
        {"kql_has(char(8490) || 'ms', 'kms'), kql_endswith('x' || char(8490), 'K'),"
         " kql_has_any('a ' || char(8490), '[\"k\"]')",
         "1|1|1"},
        {"kql_has(NULL, 'a'), kql_contains('a', NULL), kql_in_ci(NULL, '[]')", "NULL|NULL|NULL"},
        {"kql_in_ci('a', '{}')",
         "error: kql_in_ci(): expected a JSON array of strings, got an object: '{}'"},
        {"kql_in_ci('', '[]'), kql_in_ci('', '[\"\"]'), kql_in_ci('17', '[17]')", "0|1|1"},
        {"kql_fold('CAFÉ'), kql_fold(NULL) = '', hex(kql_fold(x'FFC941'))", "café|1|FFC961"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void test_comparisons_know_null_and_nan(void **state)
{
    static const row rows[] = {
        /* null-values: both null is null, one null is unlike everything */
        {"kql_eq(1, 1), kql_eq(1, 2), kql_eq(1, NULL), kql_eq(NULL, NULL)", "1|0|0|NULL"},
        {"kql_ne(1, 1), kql_ne(1, 2), kql_ne(1, NULL), kql_ne(NULL, NULL)", "0|1|1|NULL"},
        {"kql_eq('NaN', 'NaN'), kql_ne('NaN', 'NaN'), kql_eq('NaN', 1.0)", "0|1|0"},
        {"kql_eq(9007199254740993, 9007199254740992)", "0"},
        {"kql_lt_real(1, 2), kql_le_real(2.0, 2), kql_gt_real(9e999, 1e308),"
         " kql_ge_real(1, 'NaN'), kql_lt_real('NaN', 'NaN'), kql_lt_real(NULL, 1)",
         "1|1|1|0|0|NULL"},
        {"kql_eq_dyn('\"a\"', '\"a\"'), kql_eq_dyn('1', '1.0'), kql_eq_dyn('\"1\"', '1'),"
         " kql_eq_dyn(NULL, '1'), kql_ne_dyn(NULL, '1'), kql_eq_dyn(NULL, NULL)",
         "1|1|0|0|1|NULL"},
        {"kql_eq_dyn('9007199254740993', '9007199254740992')", "0"},
        {"kql_in_dyn('\"a\"', '[\"b\",\"a\"]'), kql_in_dyn('1', '[1.0]'), kql_in_dyn(NULL, '[1]')",
         "1|1|0"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* ---- functions ------------------------------------------------------------------------------ */

static void test_functions_answers_of_the_engine(void **state)
{
    static const row rows[] = {
        {"kql_strlen('a' || char(9) || 'b'), kql_strlen('café'), kql_strlen('👨‍👩‍👧')",
         "3|4|5"},
        {"kql_string_size('Straße'), kql_string_size('👨‍👩‍👧'), kql_strlen(NULL)",
         "7|18|0"},
        {"kql_substring('123456', 1), kql_substring('123456', 2, 2), kql_substring('ABCD', 0, 2),"
         " kql_substring('123456', -2, 2)",
         "23456|34|AB|56"}, /* substring-function */
        {"kql_substring('abcdef', 3), kql_substring('abcdef', -2), kql_substring('abcdef', 100) = "
         "''",
         "def|ef|1"},
        {"kql_substring('hello', -3, 2), kql_substring('hello', -100, 3) = '',"
         " kql_substring('hello', 2, 0) = '', kql_substring('hello', 1, -1) = ''",
         "ll|1|1|1"},
        {"kql_substring('café', 1), kql_substring('👨‍👩‍👧', 0, 1)", "afé|👨"},
        {"kql_substring('abc', -9223372036854775807 - 1) = ''", "1"},
        /* indexof-function */
        {"kql_indexof('abcdefg', 'cde'), kql_indexof('abcdefg', 'cde', 1, 4),"
         " kql_indexof('abcdefg', 'cde', 1, 2), kql_indexof('abcdefg', 'cde', 3, 4),"
         " kql_indexof('abcdefg', 'cde', -5), kql_indexof(1234567, 5, 1, 4),"
         " kql_indexof('abcdefg', 'cde', 2, -1)",
         "2|2|-1|-1|2|4|2"},
        {"kql_indexof('abcdefgabcdefg', 'cde', 1, 10, 2),"
         " kql_indexof('abcdefgabcdefg', 'cde', 1, -1, 3)",
         "9|-1"},
        {"kql_indexof('abcabcabc', 'a', 2), kql_indexof('café a', 'a', 2), kql_indexof('x', '')",
         "3|5|NULL"},
        {"kql_toupper('naïve'), kql_tolower('ПРИВЕТ'), kql_toupper('ａｂ'), kql_toupper('ß')",
         "NAÏVE|привет|ＡＢ|ß"},
        {"kql_reverse('Kusto'), kql_reverse('añb'), hex(kql_reverse(x'FF61'))", "otsuK|bña|61FF"},
        {"kql_replace_string('A magic trick can turn a cat into a dog', 'cat', 'hamster')",
         "A magic trick can turn a hamster into a dog"},
        {"kql_replace_string('aaa', '', 'X'), kql_replace_string('', 'a', 'b') = ''", "aaa|1"},
        {"kql_replace_string('O''Brien''s', '''', '''''')", "O''Brien''s"},
        /* countof-function */
        {"kql_countof('aaa', 'a'), kql_countof('aaaa', 'aa'), kql_countof('ababa', 'ab'),"
         " kql_countof('ababa', 'aba'), kql_countof('abc', '')",
         "3|3|2|2|0"},
        {"kql_strcat('hello', ' ', NULL, 'world'), kql_strcat() = ''", "hello world|1"},
        {"kql_strcat_delim('-', '1', '2', 'A', '3')", "1-2-A-3"},
        {"kql_strcat_array('[1,2,3]', '->'), kql_strcat_array('[\"a\",null,\"\",\"b\"]', '|'),"
         " kql_strcat_array('[null,null]', ',')",
         "1->2->3|a|||b|,"},
        /* strrep-function */
        {"kql_strrep('ABC', 2), kql_strrep('123', 3, '.'), kql_strrep('x', 0) = ''",
         "ABCABC|123.123.123|1"},
        {"kql_strlen(kql_strrep('verylongstringneedsrepeat', 1000)), length(kql_strrep('a', 5000))",
         "25000|1024"},
        /* strcmp-function */
        {"kql_strcmp('ABC', 'ABC'), kql_strcmp('abc', 'ABC'), kql_strcmp('ABC', 'abc'),"
         " kql_strcmp('abcde', 'abc')",
         "0|1|-1|1"},
        /* translate-function */
        {"kql_translate('krasp', 'otsku', 'spark'), kql_translate('abc', '', 'ab') = '',"
         " kql_translate('abc', 'x', 'abc')",
         "kusto|1|xxx"},
        /* tohex-function */
        {"kql_tohex(256), kql_tohex(-256), kql_tohex(256, 8), kql_tohex(NULL) = ''",
         "100|ffffffffffffff00|00000100|1"},
        {"kql_unicode_codepoints_from_string('Hi'), kql_make_string(75, 117, 115, 116, 111)",
         "[72,105]|Kusto"},
        {"kql_make_string('[75,117]', 115, 0, 55296, -1)", "Kus"},
        {"kql_isascii('some'), kql_isascii('é'), kql_isutf8('é'), kql_isutf8(x'FF')", "1|0|1|0"},
        {"kql_first_text('', NULL, 'b', 'c'), kql_first_text('', NULL) = ''", "b|1"},
        {"kql_split('aa_bb', '_'), kql_split('aaa_bbb_ccc', '_', 1), kql_split('', '_'),"
         " kql_split('a__b', '_'), kql_split('aabbcc', 'bb')",
         "[\"aa\",\"bb\"]|[\"bbb\"]|[\"\"]|[\"a\",\"\",\"b\"]|[\"aa\",\"cc\"]"},
        {"kql_split('noequals', '=', 1), kql_split('=leading', '=', 0)", "NULL|[\"\"]"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void test_encodings_answers_of_the_documentation(void **state)
{
    static const row rows[] = {
        /* pages of base64_*, hash_*, url_*, parse_url, parse_csv */
        {"kql_base64_encode_tostring('Kusto'), kql_base64_decode_tostring('S3VzdG8=')",
         "S3VzdG8=|Kusto"},
        {"kql_base64_decode_tostring('U3RyaW5n_0KHR0') = '', kql_base64_decode_tostring('=') = '',"
         " kql_base64_decode_tostring('QQ=A') = '', kql_base64_decode_toarray('S3VzdG8=')",
         "1|1|1|[75,117,115,116,111]"},
        {"kql_base64_decode_toarray('x'), kql_base64_decode_toarray('')", "NULL|[]"},
        {"kql_hash_sha256('World')",
         "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524"},
        {"kql_hash_sha1('World'), kql_hash_md5('World')",
         "70c07ec18ef89c5309bbb0937f3a6342411e1fdd|f5a7924e621e84c9280a9a27e1bcb7f6"},
        {"kql_hash_md5(kql_tostring_datetime(kql_todatetime_string('2020-01-01')))",
         "786c530672d1f8db31fee25ea8a9390b"},
        {"kql_hash_sha256('') = '', kql_hash_md5(NULL) = ''", "1|1"}, /* as Kusto's engine */
        {"kql_url_decode('https%3a%2f%2fwww.bing.com%2f'), kql_url_encode_component('a b'),"
         " kql_url_decode('100%'), kql_url_decode('%4')",
         "https://www.bing.com/|a%20b|100%|%4"},
        {"kql_parse_url('scheme://username:password@host:1234/this/is/a/"
         "path?k1=v1&k2=v2#fragment')",
         "{\"Scheme\":\"scheme\",\"Host\":\"host\",\"Port\":\"1234\",\"Path\":\"/this/is/a/path\","
         "\"Username\":\"username\",\"Password\":\"password\",\"Query Parameters\":"
         "{\"k1\":\"v1\",\"k2\":\"v2\"},\"Fragment\":\"fragment\"}"},
        {"kql_parse_url('')",
         "{\"Scheme\":\"\",\"Host\":\"\",\"Port\":\"\",\"Path\":\"\",\"Username\":\"\","
         "\"Password\":\"\",\"Query Parameters\":{},\"Fragment\":\"\"}"},
        {"kql_parse_urlquery('k1=v1&k2=v2&k3=v3')",
         "{\"Query Parameters\":{\"k1\":\"v1\",\"k2\":\"v2\",\"k3\":\"v3\"}}"},
        {"kql_parse_path('C:\\temp\\file.txt')",
         "{\"Scheme\":\"\",\"RootPath\":\"C:\",\"DirectoryPath\":\"C:\\\\temp\","
         "\"DirectoryName\":\"temp\",\"Filename\":\"file.txt\",\"Extension\":\"txt\","
         "\"AlternateDataStreamName\":\"\"}"},
        {"kql_parse_path('temp\\file.txt')",
         "{\"Scheme\":\"\",\"RootPath\":\"\",\"DirectoryPath\":\"temp\",\"DirectoryName\":\"temp\","
         "\"Filename\":\"file.txt\",\"Extension\":\"txt\",\"AlternateDataStreamName\":\"\"}"},
        {"kql_parse_path('file://C:/temp/file.txt:some.exe')",
         "{\"Scheme\":\"file\",\"RootPath\":\"C:\",\"DirectoryPath\":\"C:/temp\","
         "\"DirectoryName\":\"temp\",\"Filename\":\"file.txt\",\"Extension\":\"txt\","
         "\"AlternateDataStreamName\":\"some.exe\"}"},
        {"kql_parse_path('\\\\shared\\users\\temp\\file.txt.gz')",
         "{\"Scheme\":\"\",\"RootPath\":\"\",\"DirectoryPath\":\"\\\\\\\\shared\\\\users\\\\temp\","
         "\"DirectoryName\":\"temp\",\"Filename\":\"file.txt.gz\",\"Extension\":\"gz\","
         "\"AlternateDataStreamName\":\"\"}"},
        {"kql_parse_path('/usr/lib/temp/file.txt')",
         "{\"Scheme\":\"\",\"RootPath\":\"\",\"DirectoryPath\":\"/usr/lib/temp\","
         "\"DirectoryName\":\"temp\",\"Filename\":\"file.txt\",\"Extension\":\"txt\","
         "\"AlternateDataStreamName\":\"\"}"},
        {"kql_parse_csv('aa,b,cc'), kql_parse_csv('aa,\"b,b,b\",cc,\"Escaping quotes:"
         " \"\"Title\"\"\",\"line1\nline2\"')",
         "[\"aa\",\"b\",\"cc\"]|[\"aa\",\"b,b,b\",\"cc\",\"Escaping quotes: \\\"Title\\\"\","
         "\"line1\\nline2\"]"},
        {"kql_parse_csv('record1,a,b,c' || char(10) || 'record2,x,y,z'), kql_parse_csv('\"a')",
         "[\"record1\",\"a\",\"b\",\"c\"]|[\"a\"]"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void test_addresses_answers_of_the_documentation(void **state)
{
    static const row rows[] = {
        {"kql_ipv4_is_private('192.168.1.1/24'), kql_ipv4_is_private('10.1.2.3/24'),"
         " kql_ipv4_is_private('202.1.2.3'), kql_ipv4_is_private('127.0.0.1')",
         "1|1|0|0"},
        {"kql_ipv4_is_private('172.16.0.0'), kql_ipv4_is_private('172.31.255.255'),"
         " kql_ipv4_is_private('172.32.0.0'), kql_ipv4_is_private('iam.amazonaws.com'),"
         " kql_ipv4_is_private('')",
         "1|1|0|NULL|NULL"},
        {"kql_ipv4_is_in_range('127.0.0.1', '127.0.0.1'),"
         " kql_ipv4_is_in_range('192.168.1.6', '192.168.1.1/24'),"
         " kql_ipv4_is_in_range('192.168.1.1', '192.168.2.1/24'),"
         " kql_ipv4_is_in_range('192.168.1.1', 'x')",
         "1|1|0|NULL"},
        {"kql_ipv4_is_in_any_range('192.168.1.6', '192.168.1.1/24', '10.0.0.1/8'),"
         " kql_ipv4_is_in_any_range('192.168.1.6', '[\"127.0.0.1/8\",\"10.0.0.1/8\"]'),"
         " kql_ipv4_is_in_any_range('x', '10.0.0.1/8')",
         "1|0|NULL"},
        {"kql_parse_ipv4('127.0.0.1'), kql_parse_ipv4('192.1.168.1'),"
         " kql_parse_ipv4('192.1.168.2/31') = kql_parse_ipv4('192.1.168.3/31')",
         "2130706433|3221334017|1"},
        {"kql_parse_ipv4('1.2.3'), kql_parse_ipv4('1.2.3.4.5'), kql_parse_ipv4('1.2.3.256'),"
         " kql_parse_ipv4('1.2.3.4/33'), kql_parse_ipv4('1.2.3.4/'), kql_parse_ipv4('1.2.3.0004')",
         "NULL|NULL|NULL|NULL|NULL|NULL"},
        {"kql_parse_ipv4_mask('127.0.0.1', 24), kql_ipv4_netmask_suffix('10.1.2.3'),"
         " kql_ipv4_netmask_suffix('10.1.2.3/16')",
         "2130706432|32|16"},
        {"kql_format_ipv4('192.168.1.255', 24), kql_format_ipv4('192.168.1.1'),"
         " kql_format_ipv4(3232236031), kql_format_ipv4('x') = ''",
         "192.168.1.0|192.168.1.1|192.168.1.255|1"},
        {"kql_ipv4_compare('127.0.0.1', '127.0.0.1'), kql_ipv4_compare('192.168.1.1',"
         " '192.168.1.255'), kql_ipv4_compare('192.168.1.1/24', '192.168.1.255/24'),"
         " kql_ipv4_compare('192.168.1.1', '192.168.1.255', 24)",
         "0|-1|0|0"},
        {"kql_ipv4_is_match('192.168.1.1', '192.168.1.255'),"
         " kql_ipv4_is_match('192.168.1.1/24', '192.168.1.255/24')",
         "0|1"},
        {"kql_parse_ipv6('127.0.0.1'), kql_parse_ipv6('fe80::85d:e82c:9446:7994')",
         "0000:0000:0000:0000:0000:ffff:7f00:0001|fe80:0000:0000:0000:085d:e82c:9446:7994"},
        {"kql_parse_ipv6('192.168.255.255/24'), kql_parse_ipv6('fe80::85d:e82c:9446:7994/120')",
         "0000:0000:0000:0000:0000:ffff:c0a8:ff00|fe80:0000:0000:0000:085d:e82c:9446:7900"},
        {"kql_parse_ipv6('::'), kql_parse_ipv6('1::'), kql_parse_ipv6('1:2:3:4:5:6:7::')",
         "0000:0000:0000:0000:0000:0000:0000:0000|0001:0000:0000:0000:0000:0000:0000:0000|"
         "0001:0002:0003:0004:0005:0006:0007:0000"},
        {"kql_parse_ipv6('1::2::3') = '', kql_parse_ipv6('1:2:3:4:5:6:7:8:9') = '',"
         " kql_parse_ipv6('12345::') = '', kql_parse_ipv6(':1') = '', kql_parse_ipv6('::/129') = "
         "'',"
         " kql_parse_ipv6('') = '', kql_parse_ipv6('1:2:3:4:5:6:7:8::') = ''",
         "1|1|1|1|1|1|1"},
        {"kql_ipv6_compare('127.0.0.1', '127.0.0.1'), kql_ipv6_compare('fe80::85d:e82c:9446:7994',"
         " 'fe80::85d:e82c:9446:7995'), kql_ipv6_compare('192.168.1.1/24', '192.168.1.255/24'),"
         " kql_ipv6_is_match('fe80::85d:e82c:9446:7994/127', 'fe80::85d:e82c:9446:7995/127')",
         "0|-1|0|1"},
        {"kql_has_ipv4('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0.0.1'),"
         " kql_has_ipv4('05:04:54 127.0.0.256 GET /favicon.ico 404', '127.0.0.256'),"
         " kql_has_ipv4('05:04:54127.0.0.1 GET /favicon.ico 404', '127.0.0.1')",
         "1|0|0"},
        {"kql_has_ipv4_prefix('05:04:54 127.0.0.1 GET', '127.0.'),"
         " kql_has_ipv4_prefix('05:04:54 127.0.0.1 GET', '127.0'),"
         " kql_has_ipv4_prefix('05:04:54 127.0.0.256 GET', '127.0.'),"
         " kql_has_ipv4_prefix('05:04:54127.0.0.1 GET', '127.0.')",
         "1|0|0|0"},
        {"kql_has_any_ipv4('05:04:54 127.0.0.1 GET', '127.0.0.1', '127.0.0.2'),"
         " kql_has_any_ipv4('05:04:54 127.0.0.1 GET', '[\"127.0.0.2\"]'),"
         " kql_has_any_ipv4_prefix('05:04:54 127.0.0.1 GET', '[\"192.168.\",\"127.0.\"]')",
         "1|0|1"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unicode_case_is_one_character_to_one),
        cmocka_unit_test(test_unicode_letters_and_digits),
        cmocka_unit_test(test_unicode_next_and_before_agree),
        cmocka_unit_test(test_operators_answers_of_the_engine),
        cmocka_unit_test(test_comparisons_know_null_and_nan),
        cmocka_unit_test(test_functions_answers_of_the_engine),
        cmocka_unit_test(test_encodings_answers_of_the_documentation),
        cmocka_unit_test(test_addresses_answers_of_the_documentation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
