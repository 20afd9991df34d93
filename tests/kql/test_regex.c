/*
 * KQL's regular expressions and the parse operator. Expected values are those of Microsoft's engine
 * or of Kusto's documentation, or what Rust's regex crate answers (1.7.1, asked once), whose syntax
 * it is.
 */
#include "harness.h"

#include <string.h>

#include "base/buf.h"
#include "kql/regex.h"

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

/* ---- what is read --------------------------------------------------------------------------- */

static void test_translate_refuses_with_place_and_reason(void **state)
{
    static const struct {
        const char *pattern;
        size_t at;
        const char *error;
    } cases[] = {
        {"a(?=b)", 3, "look-around is not supported"},
        {"a(?!b)", 3, "look-around is not supported"},
        {"(?<=b)", 2, "look-around is not supported"},
        {"(?<!b)", 2, "look-around is not supported"},
        {"(a)\\1", 4, "back-references are not supported"},
        {"\\k<a>", 1, "this escape is not supported"},
        {"(?>a)", 2, "this kind of group is not supported"},
        {"(?|a)", 2, "this kind of group is not supported"},
        {"(?R)", 2, "this kind of group is not supported"},
        {"(?#a)", 2, "this kind of group is not supported"},
        {"(?x)a", 2, "this kind of group is not supported"},
        {"(?P=a)", 2, "this kind of group is not supported"},
        {"(?-u)a", 3, "the flag u cannot be switched off"},
        {"(?i", 3, "this kind of group is not supported"},
        {"(?<>a)", 3, "this name of a group is not supported"},
        {"(?P<1>a)", 4, "this name of a group is not supported"},
        {"(*UTF)", 1, "a quantifier has nothing to repeat"},
        {"a++", 2, "a quantifier behind a quantifier is not supported"},
        {"a{2}{3}", 4, "a quantifier behind a quantifier is not supported"},
        {"a???", 3, "a quantifier behind a quantifier is not supported"},
        {"*a", 0, "a quantifier has nothing to repeat"},
        {"a|*", 2, "a quantifier has nothing to repeat"},
        {"(+)", 1, "a quantifier has nothing to repeat"},
        {"(?i)*", 4, "a quantifier has nothing to repeat"},
        {"(a*)*", 5, "repeating what can be empty is not supported"},
        {"(?:a|b?)+", 9, "repeating what can be empty is not supported"},
        {"(?:){2}", 7, "repeating what can be empty is not supported"},
        {"\\Qa\\E", 1, "this escape is not supported"},
        {"\\K", 1, "this escape is not supported"},
        {"\\Z", 1, "this escape is not supported"},
        {"\\G", 1, "this escape is not supported"},
        {"\\R", 1, "this escape is not supported"},
        {"\\h", 1, "this escape is not supported"},
        {"\\cA", 1, "this escape is not supported"},
        {"\\<a\\>", 1, "this escape is not supported"},
        {"\\b{start}", 1, "this kind of word boundary is not supported"},
        {"\\", 1, "a backslash at the end"},
        {"[\\W]", 2, "this escape is not supported"},
        {"[\\b]", 2, "this escape is not supported"},
        {"\\xZ1", 2, "hexadecimal digits are missing"},
        {"\\x{}", 3, "hexadecimal digits are missing"},
        {"\\x{110000}", 10, "no character has this number"},
        {"\\uD800", 6, "no character has this number"},
        {"\\p", 2, "a property is missing behind \\p"},
        {"\\p{^L}", 3, "this form of \\p is not supported"},
        {"(?i)\\pL", 7, "\\p and [[:^x:]] together with the flag i are not supported"},
        {"[[:^alpha:]](?i:a)", 18, "\\p and [[:^x:]] together with the flag i are not supported"},
        {"[a", 2, "a bracket is not closed"},
        {"[]", 2, "a bracket is not closed"},
        {"[[a]]", 1, "a class within a class is not supported"},
        {"[a&&b]", 2, "operators between classes are not supported"},
        {"[a--b]", 2, "operators between classes are not supported"},
        {"[a~~b]", 2, "operators between classes are not supported"},
        {"[\\d-z]", 3, "a range must begin with a character"},
        {"[a-\\d]", 5, "a range must end with a character that is not before its first"},
        {"[z-a]", 4, "a range must end with a character that is not before its first"},
        {"[a-c-e]", 4, "a hyphen here is not supported: escape it"},
        {"[[:foo:]]", 1, "no class of this name"},
        {"a{", 2, "a count is missing"},
        {"a{,3}", 2, "a count is missing"},
        {"a{3,2}", 5, "the second count is below the first"},
        {"a{65536}", 6, "a count above 65535 is not supported"},
        {"a{2", 3, "a brace is not closed"},
        {"(a", 2, "a parenthesis is not closed"},
        {"a)", 2, "a parenthesis was not opened"},
        {"\xFF", 0, "not UTF-8"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_buf out = CT_BUF_EMPTY;
        const char *error = NULL;
        size_t at = 0;
        ct_span pattern = {cases[i].pattern, strlen(cases[i].pattern)};
        if (ct_regex_translate(&out, pattern, &error, &at) || strcmp(error, cases[i].error) != 0 ||
            at != cases[i].at)
            fail_msg("%s: byte %zu: %s", cases[i].pattern, at, error ? error : "was read");
        ct_buf_free(&out);
    }
}

static void test_translate_depth_is_bounded(void **state)
{
    char pattern[2001];
    ct_buf out = CT_BUF_EMPTY;
    const char *error;
    size_t at;
    (void)state;
    memset(pattern, '(', 1000);
    memset(pattern + 1000, ')', 1000);
    assert_false(ct_regex_translate(&out, (ct_span){pattern, 2000}, &error, &at));
    assert_string_equal(error, "groups nest too deeply");
    assert_int_equal(at, 201);
    ct_buf_free(&out);
}

static void test_matches_answers_of_the_crate(void **state)
{
    static const row rows[] = {
        /* Unicode's \d \w \s \b, ASCII's [[:x:]] */
        {"kql_matches_regex('ＡＢ１２', '\\d'), kql_matches_regex('é', '\\w'),"
         " kql_matches_regex('²', '\\w'), kql_matches_regex('Ⓐ', '\\w'),"
         " kql_matches_regex(char(769), '\\w'), kql_matches_regex(char(8205), '\\w')",
         "1|1|0|1|1|1"},
        {"kql_matches_regex(char(160), '\\s'), kql_matches_regex(char(11), '\\s'),"
         " kql_matches_regex(char(133), '\\s'), kql_matches_regex(char(6158), '\\s'),"
         " kql_matches_regex(char(11), '\\v'), kql_matches_regex(char(10), '\\v')",
         "1|1|1|0|1|0"},
        {"kql_matches_regex('é', '[[:alpha:]]'), kql_matches_regex('é', '[[:^alpha:]]'),"
         " kql_matches_regex('a', '[[:^alpha:]]'), kql_matches_regex('٣', '[[:digit:]]'),"
         " kql_matches_regex('_', '[[:word:]]'), kql_matches_regex('~', '^[[:punct:]]$')",
         "0|1|0|0|1|1"},
        {"kql_matches_regex('né', '\\bn\\b'), kql_matches_regex('n é', '\\bn\\b'),"
         " kql_matches_regex('²a', '\\ba'), kql_matches_regex('ab', 'a\\Bb')",
         "0|1|1|1"},
        {"kql_matches_regex('a' || char(10), 'a$'), kql_matches_regex(char(10), '.'),"
         " kql_matches_regex(char(10), '(?s).'), kql_matches_regex(char(13), '.'),"
         " kql_matches_regex('x' || char(10) || 'y', '(?m)^y$'),"
         " kql_matches_regex('x' || char(10), '(?m)^$')",
         "0|0|1|1|1|1"},
        {"kql_matches_regex('ABC', 'abc'), kql_matches_regex('ABC', '(?i)abc'),"
         " kql_matches_regex('É', '(?i)é'), kql_matches_regex('ſ', '(?i)s'),"
         " kql_matches_regex(char(8490), '(?i)k'), kql_matches_regex('ab', '(?i:A)B')",
         "0|1|1|1|1|0"},
        {"kql_matches_regex('a]', '^[]a]+$'), kql_matches_regex('a-', '^[a-]+$'),"
         " kql_matches_regex('-', '[^a-]'), kql_matches_regex('A', '[\\x41-\\x43]'),"
         " kql_matches_regex('😀', '^\\U0001F600$'), kql_matches_regex('é', '\\u00e9'),"
         " kql_matches_regex('Σ', '\\p{Greek}'), kql_matches_regex('}]', '}]')",
         "1|1|0|1|1|1|1|1"},
        {"kql_matches_regex('', ''), kql_matches_regex('a', ''), kql_matches_regex('', 'a*'),"
         " kql_matches_regex(NULL, 'a'), kql_matches_regex('a', NULL)",
         "1|1|1|NULL|NULL"},
        {"kql_matches_regex(x'61FF62', 'b'), kql_matches_regex(x'61FF62', 'a.b'),"
         " kql_matches_regex(x'FF', '.')",
         "1|0|0"},
        {"kql_replace_regex('baac', 'a*', 'X'), kql_replace_regex('abc', '', '-'),"
         " kql_replace_regex('é', '', '-')",
         "XbXcX|-a-b-c-|-é-"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void test_functions_answers_of_the_engine(void **state)
{
    static const row rows[] = {
        {"kql_matches_regex('192.168.0.1', '^\\d{1,3}(\\.\\d{1,3}){3}$'),"
         " kql_matches_regex('1.2.3', '^\\d{1,3}(\\.\\d{1,3}){3}$'),"
         " kql_matches_regex('café', '.*é$'), kql_matches_regex('9z9', '[a-z][0-9]')",
         "1|0|1|1"},
        {"kql_extract('([a-z]+)', 1, ' spaced '), kql_extract('<([a-z]+)', 1, 'plain') = '',"
         " kql_extract('\\{(.*)\\}', 1, '{\"k\":\"v\"}'), kql_extract('x=([0-9.]+)', 0,"
         " 'hello x=45.6|wo'), kql_extract('(a)|(b)', 2, 'a') = '', kql_extract('a', 7, 'a') = ''",
         "spaced|1|\"k\":\"v\"|x=45.6|1|1"},
        {"kql_extract_all('([a-z])(\\d)', 'a1 b2 c3')",
         "[[\"a\",\"1\"],[\"b\",\"2\"],[\"c\",\"3\"]]"},
        {"kql_extract_all('([a-z])(\\d)?', 'aXb1'), kql_extract_all('([a-z])(\\d)', 'no digits')",
         "[[\"a\",\"\"],[\"b\",\"1\"]]|NULL"},
        {"kql_extract_all('(\\d+)', 'a set of numbers: 123, 567 and 789'),"
         " kql_extract_all('(\\w)(\\w+)(\\w)', '[1,3]', '82b8be2d-dfa7'),"
         " kql_extract_all('(\\w)(\\w)', '[0]', 'ab')",
         "[\"123\",\"567\",\"789\"]|[[\"8\",\"d\"],[\"d\",\"7\"]]|[\"ab\"]"},
        {"kql_extract_all('a', 'aaa')",
         "error: kql_extract_all(): the regular expression must have 1 to 64 groups"},
        {"kql_extract_all('(a)', '[2]', 'a')", "error: kql_extract_all(): no such groups: '[2]'"},
        {"kql_replace_regex('one two three', '\\s+', '-'),"
         " kql_replace_regex('wordword', '(\\w)(\\w)', '\\2\\1'),"
         " kql_replace_regex('a-b-c', '(\\w+)', '[\\1]'), kql_replace_regex('a', 'a', "
         "'\\\\\\0\\9.')",
         "one-two-three|owdrowdr|[a]-[b]-[c]|\\a."},
        {"kql_trim('x', 'xxabcxx'), kql_trim('y', 'yyy'), kql_trim('\\s', '  pad  '),"
         " kql_trim_start('x', 'xxx'), kql_trim_end('_', '__world__'), kql_trim('x', 'x') = ''",
         "xabcx|y| pad |xx|__world_|1"},
        {"kql_trim('[\\sx]', 'xxstripxx'), kql_trim('\\s', char(160) || 'nbsp' || char(160)),"
         " kql_trim('--|x', '--a--')",
         "xstripx|nbsp|a"},
        {"kql_countof_regex('hello world hello', 'l+'), kql_countof_regex('ababa', 'aba'),"
         " kql_countof_regex('abcabc', 'a.c')",
         "3|1|2"},
        {"kql_indexof_regex('abcabc', 'a.c'), kql_indexof_regex('abcabcdefg', 'a.c', 0, 9, 2),"
         " kql_indexof_regex('abcabc', 'a.c', 1, -1, 2), kql_indexof_regex('ababaa', 'a.a', 0, -1,"
         " 2), kql_indexof_regex('abcabc', 'a|ab', -1), kql_indexof_regex('éa', 'a')",
         "0|3|-1|-1|NULL|1"},
        {"kql_regex_quote('(so$me.Te%^st)'), kql_matches_regex('a.b', kql_regex_quote('a.b'))",
         "\\(so\\$me\\.Te%\\^st\\)|1"},
        {"kql_matches_regex('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '(a+)+$')",
         "error: kql_matches_regex(): the search took too many steps and was given up"},
        {"kql_replace_regex('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '(a+)+$', 'x')",
         "error: kql_replace_regex(): the search took too many steps and was given up"},
        {"kql_matches_regex('a', '(')",
         "error: kql_matches_regex(): a parenthesis is not closed (byte 1) in the regular"
         " expression: '('"},
        {"kql_matches_regex('a', '\\p{Nope}')",
         "error: kql_matches_regex(): unknown property after \\P or \\p in the regular expression:"
         " '\\p{Nope}'"},
        {"kql_trim('(', 'a')",
         "error: kql_trim(): a parenthesis is not closed (byte 1) in the regular expression: '('"},
        {"sum(kql_matches_regex(column1, column2)) FROM (VALUES ('a', 'a'), ('b', 'a'), ('b', "
         "'b'))",
         "2"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

/* ---- parse ---------------------------------------------------------------------------------- */

#define PATTERN(kind, parts) "'{\"kind\":\"" kind "\",\"flags\":\"\",\"parts\":[" parts "]}'"
#define TEXT(text) "{\"literal\":\"" text "\"}"
#define COLUMN(type) "{\"type\":\"" type "\"}"
#define STAR "{\"star\":true}"

/* Measured on Kusto's emulator: what is anchored, what a typed column takes. */
static void test_parse_ends_and_shapes(void **state)
{
#define P(text, kind, flags, parts)                                                                \
    "kql_parse(" text ", '{\"kind\":\"" kind "\",\"flags\":\"" flags "\",\"parts\":[" parts "]}')"
#define A_B TEXT("a") "," COLUMN("string") "," TEXT("b")
#define K_COMMA TEXT("k=") "," COLUMN("string") "," TEXT(",")
#define N(type) TEXT("n=") "," COLUMN(type)
#define N_X(type) TEXT("n=") "," COLUMN(type) "," TEXT("x")
#define A_STAR TEXT("a=") "," COLUMN("long") "," STAR "," TEXT("b=") "," COLUMN("long")
#define LAST_STAR TEXT("p|") "," COLUMN("string") "," TEXT("-q|") "," COLUMN("long") "," STAR
    static const row rows[] = {
        {P("'abcbd'", "regex", "", A_B) ", " P("'abcbd'", "simple", "", A_B), "[\"bc\"]|NULL"},
        {P("'k=1,k=2,end'", "regex", "", K_COMMA), "[\"1,k=2\"]"},
        {P("'k=1,k=2,end'", "simple", "", K_COMMA), "NULL"},
        {P("'aXcYc'", "simple", "", TEXT("a") "," COLUMN("string") "," TEXT("c")), "[\"XcY\"]"},
        {P("'x' || char(10) || 'a=1'", "regex", "m", TEXT("^a=") "," COLUMN("string")), "[\"1\"]"},
        {P("'n=27x'", "regex", "", N("long")) ", " P("'n=27x'", "simple", "", N("long")),
         "[27]|NULL"},
        {P("'n=27x'", "simple", "", N_X("long")) ", " P("'n= 9x'", "simple", "", N_X("int")) ", " P(
             "'n=+5x'", "simple", "", N_X("int")) ", " P("'n=012x'", "simple", "", N_X("long")),
         "[27]|[9]|[5]|[12]"},
        {P("'n=1.5x'", "simple", "", N_X("long")) ", " P("'n=x'", "simple", "", N_X("long")),
         "NULL|NULL"},
        {P("'n=1.5x'", "regex", "", N_X("long")) ", " P(
             "'n=1.5x'", "regex", "",
             N_X("real")) ", " P("'n=.5x'", "regex", "",
                                 N_X("real")) ", " P("'n=truex'", "regex", "",
                                                     N_X("bool")) ", " P("'n=1x'", "regex", "",
                                                                         N_X("bool")),
         "NULL|[1.5]|NULL|[true]|NULL"},
        {P("'a=12;b=3'", "simple", "", A_STAR) ", " P("'a=no;b=3'", "relaxed", "", A_STAR),
         "[12,3]|NULL"},
        {P("'p|1-q|xx'", "relaxed", "", LAST_STAR) ", " P("'p|1-q|xx'", "simple", "", LAST_STAR),
         "[\"1\",null]|NULL"},
        {P("'p|1-q|7 x'", "relaxed", "", LAST_STAR), "[\"1\",7]"},
        /* in time in proportion to the text */
        {P("replace(hex(zeroblob(250000)), '0', 'x=1,')", "simple", "",
           STAR "," TEXT("x=") "," COLUMN("string") "," TEXT(",") "," COLUMN("long") "," TEXT(";")),
         "NULL"},
        {P("'a'", "regex", "", "") ", " P("'a'", "simple", "", "") ", " P("''", "simple", "", ""),
         "[]|NULL|[]"},
        {P("'a b'", "simple", "", TEXT("a") "," TEXT(" ") "," TEXT("b")) ", " P(
             "'aba'", "simple", "", TEXT("ab") "," COLUMN("string") "," TEXT("ba")),
         "[]|NULL"},
        /* no answer of Kusto is known: refused */
        {P("'a=1'", "regex", "U", TEXT("a=") "," COLUMN("string")),
         "error: kql_parse(): kind=regex: a text is needed behind the last column: "
         "'{\"kind\":\"regex\",\"flags\":\"U\",\"parts\":[{\"literal\":\"a=\"},{\"type\":"
         "\"string\"}]}'"},
        {P("'a=1'", "regex", "", TEXT("a=") "," COLUMN("datetime")),
         "error: kql_parse(): kind=regex: a text is needed behind the last column: "
         "'{\"kind\":\"regex\",\"flags\":\"\",\"parts\":[{\"literal\":\"a=\"},{\"type\":"
         "\"datetime\"}]}'"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

static void test_parse_answers_of_the_engine(void **state)
{
    static const row rows[] = {
        {"kql_parse('name=alice age=30', " PATTERN(
             "simple", TEXT("name=") "," COLUMN("string") "," TEXT(" age=") "," COLUMN("int")) ")",
         "[\"alice\",30]"},
        {"kql_parse('garbage', " PATTERN("simple", TEXT("name=") "," COLUMN("string")) ")", "NULL"},
        {"kql_parse('  leading and trailing  spaces  here  ', " PATTERN(
             "simple", TEXT("  ") "," COLUMN("string") "," TEXT(" and ") "," COLUMN(
                           "string") "," TEXT("  ") "," COLUMN("string")) ")",
         "[\"leading\",\"trailing\",\"spaces  here  \"]"},
        {"kql_parse('2020-01-02 ERROR x', " PATTERN(
             "simple", COLUMN("datetime") "," TEXT(" ") "," COLUMN(
                           "string")) "),"
                                      " kql_parse('2020-13-45 weird', " PATTERN(
                                          "simple", COLUMN("datetime") "," TEXT(" ") "," COLUMN(
                                                        "string")) ")",
         "[\"2020-01-02T00:00:00.0000000Z\",\"ERROR x\"]|NULL"},
        {"kql_parse('aXbXcXd', " PATTERN("simple",
                                         COLUMN("string") "," TEXT("X") "," COLUMN("string")) ")",
         "[\"a\",\"bXcXd\"]"},
        /* parse-operator: `long * "sliceNumber="` */
        {"kql_parse('(totalSlices=27, sliceNumber=23, z)', " PATTERN(
             "simple", STAR "," TEXT("totalSlices=") "," COLUMN("long") "," STAR "," TEXT(
                           "sliceNumber=") "," COLUMN("long") "," STAR) ")",
         "[27,23]"},
        {"kql_parse('(totalSlices=bad, sliceNumber=23, z)', " PATTERN(
             "simple", STAR
             "," TEXT("totalSlices=") "," COLUMN("long") "," STAR "," TEXT("sliceNumber=") "," COLUMN(
                 "long") "," STAR) "),"
                                   " kql_parse('(totalSlices=bad, sliceNumber=23, z)', " PATTERN(
                                       "relaxed",
                                       STAR "," TEXT("totalSlices=") "," COLUMN("long") "," TEXT(
                                           ", sliceNumber=") "," COLUMN("long") "," STAR) ")",
         "NULL|[null,23]"},
        {"kql_parse('t=nonValidDateTime 08:40:01, p=1', " PATTERN(
             "relaxed", TEXT("t=") "," COLUMN("datetime") "," TEXT(",") "," STAR "," TEXT(
                            "p=") "," COLUMN("long")) ")",
         "[null,1]"},
        {"kql_parse('MixedCASE123end', " PATTERN(
             "regex", COLUMN("string") "," TEXT("[0-9]+") "," COLUMN(
                          "string")) "),"
                                     " kql_parse('ABCdef', " PATTERN(
                                         "regex", TEXT("[A-Z]+") "," COLUMN("string") "," TEXT(
                                                      "[a-z]*")) ")",
         "[\"MixedCASE12\",\"end\"]|[\"def\"]"},
        {"kql_parse('v1.2.3', " PATTERN("regex",
                                        TEXT("v") "," COLUMN("int") "," TEXT(".") "," COLUMN(
                                            "int") "," TEXT(".") "," COLUMN("int")) ")",
         "[1,2,3]"},
        {"kql_parse('guid=550E8400-e29b-41d4-a716-446655440000 end', " PATTERN(
             "regex", TEXT("guid=") "," COLUMN("guid") "," TEXT(" end")) ")",
         "[\"550e8400-e29b-41d4-a716-446655440000\"]"},
        {"kql_parse('a=1.5e3;b=true;c=01:00', " PATTERN(
             "simple", TEXT("a=") "," COLUMN("real") "," TEXT(";b=") "," COLUMN("bool") "," TEXT(
                           ";c=") "," COLUMN("timespan")) ")",
         "[1500.0,true,\"01:00:00\"]"},
        {"kql_parse('a' || char(10) || 'b', " PATTERN(
             "simple",
             COLUMN("string") "," TEXT("\\n") "," COLUMN(
                 "string")) "),"
                            " kql_parse('x.y', " PATTERN(
                                "simple",
                                COLUMN("string") "," TEXT(".") "," COLUMN(
                                    "string")) "), kql_parse('xzy', " PATTERN("simple",
                                                                              COLUMN("string") "," TEXT(
                                                                                  ".") "," COLUMN("string")) ")",
         "[\"a\",\"b\"]|[\"x\",\"y\"]|NULL"},
        {"kql_parse('d={\"a\": 1}', " PATTERN("simple", TEXT("d=") "," COLUMN("dynamic")) ")",
         "[{\"a\":1}]"},
        {"kql_parse('99999999999', " PATTERN(
             "simple", COLUMN("int")) "),"
                                      " kql_parse('99999999999', " PATTERN("simple",
                                                                           COLUMN("long")) ")",
         "NULL|[99999999999]"},
        /* the flag U: as short as can be */
        {"kql_parse('r=a,b,c', "
         "'{\"kind\":\"regex\",\"flags\":\"Ui\",\"parts\":[{\"literal\":\"R=\"},"
         "{\"type\":\"string\"},{\"literal\":\",\"},{\"star\":true}]}')",
         "[\"a\"]"},
        {"kql_parse('r=a,b,c', '{\"kind\":\"regex\",\"flags\":\"\",\"parts\":[{\"literal\":\"r=\"},"
         "{\"type\":\"string\"},{\"literal\":\",\"},{\"star\":true}]}')",
         "[\"a,b\"]"},
        {"kql_parse('a', " PATTERN("regex", TEXT("(?=a)")) ")",
         "error: kql_parse(): look-around is not supported (byte 2 of a part):"
         " '{\"kind\":\"regex\",\"flags\":\"\",\"parts\":[{\"literal\":\"(?=a)\"}]}'"},
        {"kql_parse('a', 'x'), kql_parse('', 'x'), kql_parse(NULL, NULL)", "NULL|[]|[]"},
    };
    (void)state;
    ASSERT_ROWS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_translate_refuses_with_place_and_reason),
        cmocka_unit_test(test_translate_depth_is_bounded),
        cmocka_unit_test(test_matches_answers_of_the_crate),
        cmocka_unit_test(test_functions_answers_of_the_engine),
        cmocka_unit_test(test_parse_ends_and_shapes),
        cmocka_unit_test(test_parse_answers_of_the_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
