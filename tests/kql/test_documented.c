/*
 * Functions of KQL against Kusto's documentation, through the compiler: the examples of the pages
 * (learn.microsoft.com/kusto/query), and what the pages say of arguments that do not fit. Values of
 * mathematics are those of mathematics.
 */
#include "kql_rows.h"

/* ---- arrays and bags ------------------------------------------------------------------------ */

static void test_arrays(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        {"print array_slice(dynamic([1,2,3]), 1, 2), array_slice(dynamic([1,2,3,4,5]), 2, -1), "
         "array_slice(dynamic([1,2,3,4,5]), -3, -2)",
         "[2,3]|[3,4,5]|[3,4]"},
        {"print array_split(dynamic([1,2,3,4,5]), 2), array_split(dynamic([1,2,3,4,5]), "
         "dynamic([1,3])), array_split(dynamic([1,2,3,4,5]), -2)",
         "[[1,2],[3,4,5]]|[[1],[2,3],[4,5]]|[[1,2,3],[4,5]]"},
        {"print array_rotate_left(dynamic([1,2,3,4,5]), 2), "
         "array_rotate_left(dynamic([1,2,3,4,5]), "
         "-2), array_rotate_right(dynamic([1,2,3,4,5]), 2)",
         "[3,4,5,1,2]|[4,5,1,2,3]|[4,5,1,2,3]"},
        /* "null or an empty string depending on the type of elements" */
        {"print array_shift_left(dynamic([1,2,3,4,5]), 2), array_shift_left(dynamic([1,2,3,4,5]), "
         "2, "
         "-1), array_shift_left(dynamic([1,2,3,4,5]), -2, -1), "
         "array_shift_right(dynamic(['a','b']), "
         "1), array_shift_left(dynamic(['a', 1]), 1), array_shift_left(dynamic([]), 1)",
         "[3,4,5,null,null]|[3,4,5,-1,-1]|[-1,-1,1,2,3]|[\"\",\"a\"]|[1,null]|[]"},
        {"print array_sort_asc(dynamic([null, 'blue', 'yellow', 'green', null])), "
         "array_sort_asc(dynamic([null, 'blue', 'yellow', 'green', null]), false), "
         "array_sort_desc(dynamic([1,3,4,5,2]), true), array_sort_asc(dynamic(['b', 1.5, 1, 'a']))",
         "[\"blue\",\"green\",\"yellow\",null,null]|[null,null,\"blue\",\"green\",\"yellow\"]|"
         "[5,4,3,2,1]|[1,1.5,\"a\",\"b\"]"},
        /* strings by their characters, not by their escapes in JSON */
        {"print array_sort_asc(dynamic(['a\\\\', 'a\\t', 'a\\n', 'a\\r', 'a\\b', 'a\\f', 'aZ', "
         "'a\\x01']))",
         "[\"a\\u0001\",\"a\\b\",\"a\\t\",\"a\\n\",\"a\\f\",\"a\\r\",\"aZ\",\"a\\\\\"]"},
        {"print a = array_sort_asc(dynamic([[1], true, 'x', 2, {'k': 1}])) | project a[0], a[1], "
         "array_length(a)",
         "2|\"x\"|5"},
        {"let a = dynamic(['this', 'is', 'an', 'example', 'an', 'example']); print "
         "array_index_of(a, 'an'), array_index_of(a, 'example', 1, 3), array_index_of(a, "
         "'example', "
         "1, 2), array_index_of(a, 'is', 2, 4), array_index_of(a, 'example', 2, -1), "
         "array_index_of(a, 'an', 1, -1, 2), array_index_of(a, 'an', 1, -1, 3), array_index_of(a, "
         "'an', -3), array_index_of(a, 'is', -4), array_index_of(a, 'is', 0, -2), "
         "array_index_of(a, 'is', 0, -1, -1), array_index_of(a, 'this', -9), array_index_of(a, "
         "'an', "
         "9), array_index_of(dynamic([1, 2]), 2)",
         "2|3|-1|-1|3|4|-1|4|-1|NULL|NULL|0|-1|1"},
        {"range x from 1 to 2 step 1 | extend y = x * 2 | extend z = y * 2, w = x * 8 | extend a1 "
         "= "
         "pack_array(x, y, x, z), a2 = pack_array(x, y), a3 = pack_array(x, y, w) | project "
         "array_concat(a1, a2), set_difference(a1, a2, a3)",
         "[1,2,1,4,1,2]|[4]\n[2,4,2,8,2,4]|[8]"},
        {"print array_iff(dynamic([true,false,true]), dynamic([1,2,3]), dynamic([4,5,6])), "
         "array_iff(dynamic([1,0,50]), 'yes', 'no'), array_iff(dynamic(['some string value', "
         "datetime('01-01-2022'), null]), 1, 0), array_iif(dynamic([true,true,true]), "
         "dynamic([1,2]), dynamic([3,4]))",
         "[1,5,3]|[\"yes\",\"no\",\"yes\"]|[null,null,null]|[1,2,null]"},
        /* "if the array contains elements of non-numeric types, the result is null" */
        {"print array_sum(dynamic([1,2,3,4])), array_sum(dynamic([1,'a'])), array_sum(dynamic([1, "
         "true]))",
         "10.0|NULL|NULL"},
        {"print zip(dynamic([1,3,5]), dynamic([2,4,6])), zip(dynamic(['A',1,1.5]), "
         "dynamic([true])), "
         "array_concat(dynamic([1,2]), dynamic([3])), array_reverse(dynamic(['this', 'is']))",
         "[[1,2],[3,4],[5,6]]|[[\"A\",true],[1,null],[1.5,null]]|[1,2,3]|[\"is\",\"this\"]"},
        {"print repeat(1, 3), repeat('a', 2), repeat(1, 0), repeat(1h, 2)",
         "[1,1,1]|[\"a\",\"a\"]|[]|[\"01:00:00\",\"01:00:00\"]"},
        {"print range(1, 8, 3), range(1, 3), range(1h, 5h), range(3.0, 1.0, -1.0), range(1.0, 3.5)",
         "[1,4,7]|[1,2,3]|[\"01:00:00\",\"02:00:00\",\"03:00:00\",\"04:00:00\",\"05:00:00\"]|"
         "[3.0,2.0,1.0]|[1.0,2.0,3.0]"},
        {"print array_length(range(datetime(2015-01-01), datetime(2015-12-31), 1d)), "
         "array_length(range(datetime(2015-01-01), datetime(2015-01-02))), array_length(range(1, "
         "1000000000)), array_length(range(1.0, 1e9)), array_length(range(datetime(9999-12-31), "
         "datetime(9999-12-31 23:59), 1h))",
         "365|25|1048576|1048576|24"},
        {"print jaccard_index(dynamic([1,2,3]), dynamic([1,2,3,4])), "
         "set_has_element(dynamic(['this', 'is']), 'is'), set_union(dynamic([1,2]), "
         "dynamic([2,3])), "
         "set_intersect(dynamic([1,2]), dynamic([2,3])), set_difference(dynamic([1,2,3,4]), "
         "dynamic([2]), dynamic([3]))",
         "0.75|1|[1,2,3]|[2]|[1,4]"},
        /* null for what is no array */
        {"print d = dynamic({'a': 1}) | project array_slice(d, 0, 1), array_split(d, 1), "
         "array_rotate_left(d, 1), array_shift_left(d, 1), array_sort_asc(d), array_index_of(d, "
         "1), "
         "array_iff(d, 1, 2), array_sum(d), array_length(d), array_reverse(d), zip(d, d), "
         "set_has_element(d, 1)",
         "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL"},
    };
    ASSERT_ANSWERS(rows);
}

static void test_bags(void **state)
{
    (void)state;
    static const kql_row rows[] = {
#define NESTED                                                                                     \
    "dynamic({'key1': 123, 'key2': {'prop1': 'abc', 'prop2': 'xyz'}, 'key3': [100, 200]})"
        {"print d = " NESTED " | project bag_has_key(d, 'key2'), bag_has_key(d, 'key4'), "
         "bag_has_key(d, '$.key2.prop1'), bag_has_key(d, '$.key2.prop3'), bag_has_key(d, "
         "\"$['key2']['prop2']\"), bag_has_key(d, '$.key1.prop1')",
         "1|0|1|0|1|0"},
        {"print d = dynamic({'key1': 1, 'key3': 'abc'}) | project bag_set_key(d, 'key3', 3), "
         "bag_set_key(d, 'key2', 'x')",
         "{\"key1\":1,\"key3\":3}|{\"key1\":1,\"key3\":\"abc\",\"key2\":\"x\"}"},
        {"datatable(d:dynamic)[dynamic({'key1': 123, 'key2': {'prop1': 123, 'prop2': 'xyz'}}), "
         "dynamic({'key1': 123}), dynamic({})] | project bag_set_key(d, '$.key2.prop1', 'abc')",
         "{\"key1\":123,\"key2\":{\"prop1\":\"abc\",\"prop2\":\"xyz\"}}\n"
         "{\"key1\":123,\"key2\":{\"prop1\":\"abc\"}}\n{\"key2\":{\"prop1\":\"abc\"}}"},
        {"print d = " NESTED " | project bag_remove_keys(d, dynamic(['$.key2.prop1', 'key3'])), "
         "bag_remove_keys(d, dynamic(['key2', 'key4', 5])), bag_remove_keys(d, "
         "dynamic(['$.key1.x', '$[\"key2\"]', '$.key3']))",
         "{\"key1\":123,\"key2\":{\"prop2\":\"xyz\"}}|{\"key1\":123,\"key3\":[100,200]}|"
         "{\"key1\":123}"},
        {"print bag_merge(dynamic({'A1':12, 'B1':2}), dynamic({'A2':81, 'A1':1})), "
         "bag_keys(dynamic({'a':1, 'b':2}))",
         "{\"A1\":12,\"B1\":2,\"A2\":81}|[\"a\",\"b\"]"},
        {"print dynamic_to_json(dynamic({'Y10':dynamic({}), 'X8': dynamic({'c3':1, 'd8':5, "
         "'a4':6}), "
         "'D1':114, 'A1':12, 'B1':2, 'C1':3, 'A14':[15, 13, 18]}))",
         "{\"A1\":12,\"A14\":[15,13,18],\"B1\":2,\"C1\":3,\"D1\":114,\"X8\":{\"a4\":6,\"c3\":1,"
         "\"d8\":5},\"Y10\":{}}"},
        {"print dynamic_to_json(dynamic({'ab': 1, 'a': [{'d': 1, 'c': null}, []]}))",
         "{\"a\":[{\"c\":null,\"d\":1},[]],\"ab\":1}"},
        {"print treepath(parse_json('{\"a\":\"b\", \"c\":123}')), treepath(parse_json("
         "'{\"prop1\":[1,2,3,4], \"prop2\":{\"p\":1}}'))",
         "[\"['a']\",\"['c']\"]|[\"['prop1']\",\"['prop1'][0]\",\"['prop2']\",\"['prop2']['p']\"]"},
        {"datatable(a:string, b:long)['555', 46, '', long(null)] | project pack_all(), "
         "pack_all(true), pack_all(false) == pack_all()",
         "{\"a\":\"555\",\"b\":46}|{\"a\":\"555\",\"b\":46}|1\n{\"a\":\"\",\"b\":null}|{}|1"},
        /* null for what is no bag */
        {"print d = dynamic([1]) | project bag_has_key(d, 'a'), bag_set_key(d, 'a', 1), "
         "bag_remove_keys(d, dynamic(['a'])), bag_keys(d), bag_remove_keys(dynamic({'a':1}), "
         "dynamic('a'))",
         "NULL|NULL|NULL|NULL|NULL"},
        /* page dynamic: accessors */
        {"datatable(dict:dynamic, arr:dynamic, col:string, index:long)[dynamic({'k': 5, 'where': "
         "{'x y': 6}}), dynamic([10, 20, 30]), 'k', 1] | project dict[col], arr[index], "
         "arr[-index], "
         "arr[(-1)], arr[toint('2')], dict['where']['x y'], dict.['where'], arr[9], dict.no, "
         "dict[0], arr['k']",
         "5|20|30|30|30|6|{\"x y\":6}|NULL|NULL|NULL|NULL"},
        {"datatable(d:dynamic, k:dynamic)[dynamic({'a': 1}), dynamic('a')] | project d[k]", "1"},
    };
    static const kql_row refused[] = {
        {"print d = dynamic([1]) | project d[1.5]",
         "line 1, column 36: an index is a string or a long, not a real"},
        {"print s = 'x' | project s.a",
         "line 1, column 25: a string has no members, only a dynamic has"},
        {"print s = 'x' | project s[0]",
         "line 1, column 25: a string has no members, only a dynamic has"},
        {"print dynamic({'a':1}).5", "line 1, column 24: the name of a member expected, not '5'"},
        {"print pack_all()",
         "line 1, column 7: 'pack_all' takes true or false or nothing, where there is a row"},
        {"print a = 1 | project pack_all(a)",
         "line 1, column 23: 'pack_all' takes true or false or nothing, where there is a row"},
        {"print bag_pack('a')",
         "line 1, column 7: 'bag_pack' does not take 1 arguments of these types"},
        {"print array_sort_asc(dynamic([1]), dynamic([2]))",
         "line 1, column 7: 'array_sort_asc' does not take 2 arguments of these types"},
    };
    ASSERT_ANSWERS(rows);
    ASSERT_REFUSALS(refused);
    sqlite3 *db = harness_open();
    /* "array indexing isn't supported"; a bag that would have to take the place of another value */
    assert_query(db, "SELECT kql_bag_has_key('{}', '$.a[0]')",
                 "error: kql_bag_has_key(): no path of keys: $.key.key: '$.a[0]'");
    assert_query(db, "SELECT kql_bag_has_key('{}', '$.a..b')",
                 "error: kql_bag_has_key(): no path of keys: $.key.key: '$.a..b'");
    assert_query(db, "SELECT kql_bag_set_key('{}', '$[''a', '1')",
                 "error: kql_bag_set_key(): no path of keys: $.key.key: '$['a'");
    assert_query(db, "SELECT kql_bag_remove_keys('{\"a\":1}', '[\"$[x]\"]')",
                 "error: kql_bag_remove_keys(): no path of keys: $.key.key: '[\"$[x]\"]'");
    assert_query(db,
                 "SELECT kql_bag_has_key('{}', '$.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p'), "
                 "kql_bag_set_key('{\"a\":1}', '$.a.b', '2'), kql_bag_set_key('{\"a\":1,\"a\":2}', "
                 "'a', '3')",
                 "0|NULL|{\"a\":3}");
    assert_query(db, "SELECT kql_bag_has_key('{}', '$.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q')",
                 "error: kql_bag_has_key(): no path of keys: $.key.key: "
                 "'$.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q'");
    harness_close(db);
}

/* ---- strings -------------------------------------------------------------------------------- */

static void test_strings(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        {"print substring('123456', 1), substring('123456', 2, 2), substring('ABCD', 0, 2), "
         "substring('123456', -2, 2)",
         "23456|34|AB|56"},
        {"print indexof('abcdefg','cde'), indexof('abcdefg','cde',1,4), "
         "indexof('abcdefg','cde',1,2), "
         "indexof('abcdefg','cde',3,4), indexof('abcdefg','cde',-5), indexof(1234567,5,1,4), "
         "indexof('abcdefg','cde',2,-1), indexof('abcdefgabcdefg', 'cde', 1, 10, 2), "
         "indexof('abcdefgabcdefg', 'cde', 1, -1, 3), indexof('abc', 'b', -9)",
         "2|2|-1|-1|2|4|2|9|-1|1"},
        {"print translate('krasp', 'otsku', 'spark'), translate('abc', '', 'ab'), translate('abc', "
         "'x', 'abc')",
         "kusto||xxx"},
        {"print strrep('ABC', 2), strrep(123, 3, '.'), strrep(3s, 2, ' ')",
         "ABCABC|123.123.123|00:00:03 00:00:03"},
        {"print strcat_delim('-', 1, '2', 'A', 1s), strcat_array(dynamic([1, 2, 3]), '->'), "
         "strcat('hello', ' ', 'world!')",
         "1-2-A-00:00:01|1->2->3|hello world!"},
        {"print strcmp('ABC','ABC'), strcmp('abc','ABC'), strcmp('ABC','abc'), "
         "strcmp('abcde','abc'), "
         "strcmp('', '')",
         "0|1|-1|1|0"},
        {"print make_string(75, 117, 115, 116, 111), make_string(dynamic([75, 117, 115, 116, "
         "111])), "
         "make_string(dynamic([75, 117, 115]), 116, 111), make_string(75, 10, dynamic([117, 115]))",
         "Kusto|Kusto|Kusto|K\nus"},
        {"print unicode_codepoints_from_string('Kus'), to_utf8('to'), reverse('macrohard'), "
         "reverse(12345)",
         "[75,117,115]|[116,111]|drahorcam|54321"},
        {"print countof('The cat sat on the mat', 'at'), countof('aaa', 'a'), countof('aaaa', "
         "'aa'), "
         "countof('ababa', 'ab', 'normal'), countof('ababa', 'aba'), countof('ababa', 'aba', "
         "'regex'), countof('abcabc', 'a.c', 'regex')",
         "3|3|3|2|2|1|2"},
        {"print hash_sha256('World'), hash_md5('World'), hash_sha1('World')",
         "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524|"
         "f5a7924e621e84c9280a9a27e1bcb7f6|70c07ec18ef89c5309bbb0937f3a6342411e1fdd"},
        /* RFC 4648 */
        {"print base64_encode_tostring(''), base64_encode_tostring('f'), "
         "base64_encode_tostring('fo'), base64_encode_tostring('foo'), "
         "base64_decode_tostring('S3VzdG8='), base64_decode_toarray('S3VzdG8='), "
         "base64_decode_tostring('%%%'), base64_decode_toarray('?')",
         "|Zg==|Zm8=|Zm9v|Kusto|[75,117,115,116,111]||NULL"},
        {"let url = @'https://www.bing.com/hello world'; print url_encode(url), "
         "url_encode_component(url), url_decode('https%3a%2f%2fwww.bing.com%2f'), "
         "url_decode('a+b'), "
         "url_decode('100%')",
         "https%3a%2f%2fwww.bing.com%2fhello+world|https%3a%2f%2fwww.bing.com%2fhello%20world|"
         "https://www.bing.com/|a b|100%"},
        {"print parse_url('scheme://username:password@host:1234/this/is/a/"
         "path?k1=v1&k2=v2#fragment')",
         "{\"Scheme\":\"scheme\",\"Host\":\"host\",\"Port\":\"1234\",\"Path\":\"/this/is/a/path\","
         "\"Username\":\"username\",\"Password\":\"password\",\"Query "
         "Parameters\":{\"k1\":\"v1\",\"k2\":\"v2\"},\"Fragment\":\"fragment\"}"},
        {"print parse_urlquery('k1=v1&k2=v2&k3=v3'), parse_urlquery('')",
         "{\"Query Parameters\":{\"k1\":\"v1\",\"k2\":\"v2\",\"k3\":\"v3\"}}|{\"Query "
         "Parameters\":{}}"},
        {"datatable(p:string)[@'C:\\temp\\file.txt', @'temp\\file.txt', "
         "'file://C:/temp/file.txt:some.exe', @'\\\\shared\\users\\temp\\file.txt.gz', "
         "'/usr/lib/temp/file.txt'] | extend d = parse_path(p) | project d.Scheme, d.RootPath, "
         "d.DirectoryPath, d.DirectoryName, d.Filename, d.Extension, d.AlternateDataStreamName",
         "\"\"|\"C:\"|\"C:\\\\temp\"|\"temp\"|\"file.txt\"|\"txt\"|\"\"\n"
         "\"\"|\"\"|\"temp\"|\"temp\"|\"file.txt\"|\"txt\"|\"\"\n"
         "\"file\"|\"C:\"|\"C:/temp\"|\"temp\"|\"file.txt\"|\"txt\"|\"some.exe\"\n"
         "\"\"|\"\"|\"\\\\\\\\shared\\\\users\\\\temp\"|\"temp\"|\"file.txt.gz\"|\"gz\"|\"\"\n"
         "\"\"|\"\"|\"/usr/lib/temp\"|\"temp\"|\"file.txt\"|\"txt\"|\"\""},
        {"print parse_csv('aa,\"b,b,b\",cc,\"Escaping quotes: "
         "\"\"Title\"\"\",\"line1\\nline2\"'), parse_csv('record1,a,b,c\\nrecord2,x,y,z'), "
         "parse_csv('a,\\r\\nb'), parse_csv('a,,\"\"')",
         "[\"aa\",\"b,b,b\",\"cc\",\"Escaping quotes: "
         "\\\"Title\\\"\",\"line1\\nline2\"]|[\"record1\",\"a\",\"b\",\"c\"]|[\"a\",\"\"]|"
         "[\"a\",\"\",\"\"]"},
        {"print tohex(256), tohex(-256), tohex(toint(-256), 8), tohex(toint(-256)), tohex(256, 8), "
         "tohex(256, 2), tohex(1, 99)",
         "100|ffffffffffffff00|ffffff00|ffffff00|00000100|100|0000000000000001"},
        {"let GUID = '82b8be2d-dfa7'; print extract_all(@'([\\da-f]{2})', GUID), "
         "extract_all(@'(\\w)(\\w+)(\\w)', GUID), extract_all(@'(\\w)(\\w+)(\\w)', dynamic([1,3]), "
         "GUID), extract_all(@'(?P<first>\\w)(?P<middle>\\w+)(?P<last>\\w)', "
         "dynamic(['first',2,'last']), GUID)",
         "[\"82\",\"b8\",\"be\",\"2d\",\"df\",\"a7\"]|[[\"8\",\"2b8be2\",\"d\"],[\"d\",\"fa\","
         "\"7\"]]|"
         "[[\"8\",\"d\"],[\"d\",\"7\"]]|[[\"8\",\"2b8be2\",\"d\"],[\"d\",\"fa\",\"7\"]]"},
        {"print regex_quote('(so$me.Te^xt)'), isutf8('some string'), isascii('some string'), "
         "isascii('\\u00e9')",
         "\\(so\\$me\\.Te\\^xt\\)|1|1|0"},
        {"print isempty(''), isempty(1), isempty(long(null)), isnotempty(' '), isnull(''), "
         "isnotnull(1)",
         "1|0|1|1|0|1"},
    };
    ASSERT_ANSWERS(rows);
}

/* Page regex: one row for what each line of its tables describes. */
static void test_regular_expressions(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        {"print 'a1b' matches regex @'^\\D\\d\\w$', '-' matches regex @'\\W', 'a' matches regex "
         "@'\\W', 'x' matches regex @'\\S', ' ' matches regex @'\\S', ' ' matches regex @'^\\s$'",
         "1|1|0|1|0|1"},
        {"print '\\a\\t\\n\\r\\v\\f' matches regex @'^\\a\\t\\n\\r\\v\\f$', '\\a\\f\\n\\r\\t\\v' "
         "matches regex @'^[\\a\\f\\n\\r\\t\\v]+$', 'a' matches regex @'[\\n]'",
         "1|1|0"},
        {"print 'ab' matches regex @'\\Aab\\z', 'cab' matches regex @'\\Aab', 'ab\\n' matches "
         "regex "
         "@'b\\z', 'ab\\n' matches regex @'(?m)b$', 'ab\\n' matches regex 'b$'",
         "1|0|0|1|0"},
        {"print extract(@'(?P<name>\\w+)-(\\d+)', 1, 'ab-12'), "
         "extract(@'(?<n2>\\w+)-(?:\\d)(\\d)', "
         "2, 'ab-12')",
         "ab|2"},
        {"print 'aB' matches regex '(?i)AB', 'aaB' matches regex '^(?i)a+(?-i)b+', 'AAb' matches "
         "regex '^(?i)a+(?-i)b+$', 'aB' matches regex '^(?i:A)B$', 'a\\nb' matches regex "
         "'(?s)a.b', 'a\\nb' matches regex 'a.b', extract('(?U)a+', 0, 'aaa'), "
         "extract('(?U)a+?', 0, 'aaa'), 'a' matches regex '(?u)a'",
         "1|0|1|1|1|0|a|aaa|1"},
        {"print '\\u00e9' matches regex '^[\\u00e0-\\u00fc]$', '\\u6f22' matches regex "
         "'^[\\u4e00-\\u9fa5]$', '\\U0001F600' matches regex '^[\\U0001F600-\\U0001F602]$', "
         "'\\U0001F603' matches regex '^[\\U0001F600-\\U0001F602]$'",
         "1|1|1|0"},
        {"print '\\u03b1' matches regex @'^\\p{Greek}$', 'a' matches regex @'^\\pL$', 'a' matches "
         "regex @'^\\PL$', '\\u03b1' matches regex @'^\\P{Greek}$', '5' matches regex "
         "@'^[\\p{Greek}[:digit:]]$'",
         "1|1|0|0|1"},
        {"print '_' matches regex '^[[:word:]]$', 'f' matches regex '^[[:xdigit:]]$', '\\x7f' "
         "matches regex '^[[:cntrl:]]$', '~' matches regex '^[[:graph:]]$', ' ' matches regex "
         "'^[[:print:]]$', '!' matches regex '^[[:punct:]]$', '\\v' matches regex '^[[:space:]]$', "
         "'\\t' matches regex '^[[:blank:]]$', 'A' matches regex '^[[:upper:]]$', 'A' matches "
         "regex "
         "'^[[:lower:]]$', 'Z' matches regex '^[[:alnum:]]$', '\\u00e9' matches regex "
         "'^[[:ascii:]]$', '1' matches regex '[[:^alpha:]]', '\\x01' matches regex '[[:^ascii:]]'",
         "1|1|1|1|1|1|1|1|1|0|1|0|1|0"},
        {"print 'A' matches regex @'\\x41', 'A' matches regex @'\\x{41}', 'A' matches regex "
         "@'\\u0041', 'A' matches regex @'\\u{41}', 'A' matches regex @'\\U00000041', 'A' matches "
         "regex @'\\U{41}', '\\U0001F600' matches regex @'^\\x{1F600}$', 'a.b' matches regex "
         "@'a\\.b', 'aab' matches regex @'a\\.b'",
         "1|1|1|1|1|1|1|1|0"},
        {"print extract('a{1,2}?', 0, 'aaa'), extract('a{2}?', 0, 'aaa'), extract('a{2,}?', 0, "
         "'aaa'), extract('a?"
         "?', 0, 'a'), extract('a*?b', 0, 'aab'), extract('a{1,2}', 0, 'aaa'), "
         "extract('(a)|(b)', 2, 'b'), extract('(a)|(b)', 1, 'b')",
         "a|aa|aa||aab|aa|b|"},
        {"print extract('x=([0-9.]+)', 1, 'hello x=45.6|wo', typeof(real)) * time(1s), "
         "extract('(.*)', 1, 'a', typeof(long))",
         "00:00:45.6000000|NULL"}, /* page extract */
        {"print extract_all(@'(\\d+)', 'a set of numbers: 123, 567 and 789'), "
         "extract_all(@'(\\w)(\\d)', 'a1b2'), extract_all('(x)', 'y')",
         "[\"123\",\"567\",\"789\"]|[[\"a\",\"1\"],[\"b\",\"2\"]]|NULL"},
        {"print replace_regex('Number is 1', @'is (\\d+)', @'was: \\1'), replace('Number', 'N', "
         "'Number'), indexof_regex('abcabc', @'a.c', 0, -1, 2), indexof_regex('ababaa', 'a.a', 0, "
         "-1, 2)",
         "Number was: 1|N|3|-1"},
    };
    static const kql_row failing[] = {
        {"(?<n.a>x)", "this name of a group is not supported (byte 4)"},
        {"(?<2n>x)", "this name of a group is not supported (byte 3)"},
        {"(?x)a b", "this kind of group is not supported (byte 2)"},
        {"(?-)a", "a flag is missing (byte 3)"},
        {"(?-u:a)", "the flag u cannot be switched off (byte 3)"},
        {"a(?=b)", "look-around is not supported (byte 3)"},
        {"(a)\\1", "back-references are not supported (byte 4)"},
        {"a++", "a quantifier behind a quantifier is not supported (byte 2)"},
        {"(?>a)", "this kind of group is not supported (byte 2)"},
        {"[", "a bracket is not closed (byte 1)"},
        {"[b-a]", "a range must end with a character that is not before its first (byte 4)"},
        {"[a-\\d]", "a range must end with a character that is not before its first (byte 5)"},
        {"[a-\\q]", "this escape is not supported (byte 4)"},
        {"[[:nosuch:]]", "no class of this name (byte 1)"},
        {"[x[^xyz]]", "a class within a class is not supported (byte 2)"},
        {"[a-y&&xyz]", "operators between classes are not supported (byte 4)"},
        {"[0-9--4]", "a hyphen here is not supported: escape it (byte 4)"},
        {"\\x4", "hexadecimal digits are missing (byte 3)"},
        {"\\x{110000}", "no character has this number (byte 10)"},
        {"\\uD800", "no character has this number (byte 6)"},
        {"\\x{}", "hexadecimal digits are missing (byte 3)"},
        {"\\<ab", "this escape is not supported (byte 1)"},
        {"\\b{start}a", "this kind of word boundary is not supported (byte 1)"},
        {"\\", "a backslash at the end (byte 1)"},
        {"a{2,1}", "the second count is below the first (byte 5)"},
        {"a{99999}", "a count above 65535 is not supported (byte 6)"},
        {"a{1,99999}", "a count above 65535 is not supported (byte 8)"},
        {"a{", "a count is missing (byte 2)"},
        {"a{1", "a brace is not closed (byte 3)"},
        {"a{1,x}", "a count is missing (byte 4)"},
        {"*a", "a quantifier has nothing to repeat (byte 0)"},
        {"(a", "a parenthesis is not closed (byte 2)"},
        {"a)", "a parenthesis was not opened (byte 2)"},
    };
    ASSERT_ANSWERS(rows);
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof failing / sizeof failing[0]; i++) {
        char *sql = sqlite3_mprintf("SELECT kql_matches_regex('x', %Q)", failing[i].query);
        char *expected =
            sqlite3_mprintf("error: kql_matches_regex(): %s in the regular expression: '%s'",
                            failing[i].expected, failing[i].query);
        assert_query(db, sql, expected);
        sqlite3_free(expected);
        sqlite3_free(sql);
    }
    harness_close(db);
}

/* ---- addresses ------------------------------------------------------------------------------ */

static void test_addresses(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        {"print ipv4_is_private('192.168.1.1/24'), ipv4_is_private('10.1.2.3/24'), "
         "ipv4_is_private('202.1.2.3'), ipv4_is_private('127.0.0.1'), ipv4_is_private('x')",
         "1|1|0|0|NULL"},
        {"print ipv4_is_in_range('127.0.0.1', '127.0.0.1'), ipv4_is_in_range('192.168.1.6', "
         "'192.168.1.1/24'), ipv4_is_in_range('192.168.1.1', '192.168.2.1/24'), "
         "ipv4_is_in_range('x', '1.1.1.1'), ipv4_is_in_range('1.1.1.1', 'x'), "
         "ipv4_is_in_range('1.1.1.1', '0.0.0.0/0')",
         "1|1|0|NULL|NULL|1"},
        {"print ipv4_is_in_any_range('192.168.1.6', '192.168.1.1/24', '10.0.0.1/8', "
         "'127.1.0.1/16'), ipv4_is_in_any_range('127.0.0.1', dynamic(['127.0.0.1', "
         "'192.168.1.1'])), ipv4_is_in_any_range('192.168.1.6', '192.168.2.1/24'), "
         "ipv4_is_in_any_range('1.1.1.1', dynamic([1, '1.1.1.1']))",
         "1|1|0|1"},
        {"print ipv4_is_match('127.0.0.1', '127.0.0.1'), ipv4_is_match('192.168.1.1', "
         "'192.168.1.255'), ipv4_is_match('192.168.1.1/24', '192.168.1.255/24'), "
         "ipv4_is_match('192.168.1.1', '192.168.1.255', 24), ipv4_is_match('1.1.1.1', '1.1.1.1', "
         "33), ipv4_is_match('1.1.1.1', '1.1.1.1', -1), ipv4_is_match('x', '1.1.1.1'), "
         "ipv4_is_match('1.1.1.1', 'x')",
         "1|0|1|1|NULL|NULL|NULL|NULL"},
        {"print ipv4_compare('127.0.0.1', '127.0.0.1'), ipv4_compare('192.168.1.1', "
         "'192.168.1.255'), ipv4_compare('192.168.1.1/24', '192.168.1.255/24'), "
         "ipv4_compare('192.168.1.1', '192.168.1.255', 24), ipv4_compare('192.168.1.255', "
         "'192.168.1.1'), ipv4_compare('x', '1.1.1.1'), ipv4_compare('1.1.1.1', '1.1.1.1', 40)",
         "0|-1|0|0|1|NULL|NULL"},
        {"print parse_ipv4('127.0.0.1'), parse_ipv4('192.1.168.1'), parse_ipv4('192.1.168.1/24'), "
         "parse_ipv4('255.255.255.255/31'), parse_ipv4('1.2.3'), parse_ipv4_mask('127.0.0.1', 24), "
         "parse_ipv4_mask('192.1.168.2', 31), parse_ipv4_mask('1.2.3.4', 33)",
         "2130706433|3221334017|3221334016|4294967294|NULL|2130706432|3221334018|NULL"},
        {"datatable(a:string, mask:long)['192.168.1.1', 24, '192.168.1.1', 32, '192.168.1.1/24', "
         "32, "
         "'192.168.1.1/24', -1] | project format_ipv4(a, mask)",
         "192.168.1.0\n192.168.1.1\n192.168.1.0\n"},
        {"print format_ipv4(3232236031, 24), format_ipv4(-1), format_ipv4(4294967296), "
         "format_ipv4('x')",
         "192.168.1.0|||"},
        {"print ipv4_netmask_suffix('10.1.2.3'), ipv4_netmask_suffix('192.168.1.1/24'), "
         "ipv4_netmask_suffix('192.168.1.1/33')",
         "32|24|NULL"},
        {"print ipv6_is_match('::ffff:7f00:1', '127.0.0.1'), "
         "ipv6_is_match('fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7995'), "
         "ipv6_is_match('192.168.1.1/24', '192.168.1.255/24'), "
         "ipv6_is_match('fe80::85d:e82c:9446:7994/127', 'fe80::85d:e82c:9446:7995/127'), "
         "ipv6_is_match('fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7995', 127), "
         "ipv6_is_match('x', '::1'), ipv6_is_match('::1', 'x'), ipv6_is_match('::1', '::1', 129)",
         "1|0|1|1|1|NULL|NULL|NULL"},
        {"datatable(a:string, b:string)['192.168.1.1', '192.168.1.1', '192.168.1.1/24', "
         "'192.168.1.255', '192.168.1.1', '192.168.1.255/24', '192.168.1.1/30', "
         "'192.168.1.255/24', "
         "'fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7998/120', "
         "'fe80::85d:e82c:9446:7994/120', 'fe80::85d:e82c:9446:7998/120', '192.168.1.1', "
         "'::ffff:c0a8:0101', '192.168.1.1/24', '::ffff:c0a8:01ff', '::192.168.1.1/30', "
         "'192.168.1.255/24'] | where ipv6_compare(a, b) == 0 and ipv6_is_match(a, b) | count",
         "9"},
        {"datatable(a:string, b:string, prefix:long)['192.168.1.1', '192.168.1.0', 31, "
         "'192.168.1.1/24', '192.168.1.255', 31, '192.168.1.1', '192.168.1.255', 24] | where "
         "ipv4_compare(a, b, prefix) == 0 and ipv4_is_match(a, b, prefix) | count",
         "3"},
        {"datatable(a:string, b:string, prefix:long)['192.168.1.1', '192.168.1.0', 31, "
         "'fe80::85d:e82c:9446:7994/127', 'fe80::85d:e82c:9446:7998', 120, '192.168.1.1/24', "
         "'::ffff:c0a8:01ff', 127, '::192.168.1.1/30', '192.168.1.255/24', 127] | where "
         "ipv6_compare(a, b, prefix) == 0 | count",
         "4"},
        {"print ipv6_compare('::ffff:7f00:1', '127.0.0.1'), "
         "ipv6_compare('fe80::85d:e82c:9446:7994', 'fe80::85d:e82c:9446:7995'), "
         "ipv6_compare('fe80::85d:e82c:9446:7995', 'fe80::85d:e82c:9446:7994'), ipv6_compare('x', "
         "'::1'), ipv6_compare('::1', 'x'), ipv6_compare('::1', '::1', -1)",
         "0|-1|1|NULL|NULL|NULL"},
        /* RFC 4291, 2.2, and what it does not allow */
        {"datatable(a:string)['127.0.0.1', 'fe80::85d:e82c:9446:7994', '::ffff:1.2.3.4', "
         "'1:2:3:4:5:6:1.2.3.4', '::', '2001:DB8::8:800:200C:417A', ':fe80::1', "
         "'1:2:3:4:5:6:7:1.2.3.4', '1::2::3', '1:2:3:4:5:6:7:8:9', '1:2:', '12345::', '1:2/64', "
         "'1:/64', '1;2', '1:2:3:4:5:6:7'] | project parse_ipv6(a)",
         "0000:0000:0000:0000:0000:ffff:7f00:0001\nfe80:0000:0000:0000:085d:e82c:9446:7994\n"
         "0000:0000:0000:0000:0000:ffff:0102:0304\n0001:0002:0003:0004:0005:0006:0102:0304\n"
         "0000:0000:0000:0000:0000:0000:0000:0000\n2001:0db8:0000:0000:0008:0800:200c:417a\n"
         "\n\n\n\n\n\n\n\n\n"},
#define IP6 "'a5e:f127:8a9d:146d:e102:b5d3:c755:abcd'"
#define RANGE6 "'a5e:f127:8a9d:146d:e102:b5d3:c755:0000/112'"
        {"print ipv6_is_in_range(" IP6 ", " RANGE6 "), ipv6_is_in_range(" IP6 ", " IP6
         "), ipv6_is_in_range(" IP6 ", '0:0:0:0:0:ffff:c0a8:ac/60'), ipv6_is_in_range('x', "
         "'::/0'), ipv6_is_in_range('::1', 'x')",
         "1|1|0|NULL|NULL"},
        {"print ipv6_is_in_any_range(" IP6 ", " RANGE6 ", '0:0:0:0:0:ffff:c0a8:ac/60'), "
         "ipv6_is_in_any_range(" IP6 ", dynamic(['::2', " RANGE6 "])), "
         "ipv6_is_in_any_range('::1', '::2')",
         "1|1|0"},
        {"print has_ipv4('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0.0.1'), "
         "has_ipv4('05:04:54 127.0.0.256 GET /favicon.ico 404', '127.0.0.256'), "
         "has_ipv4('05:04:54127.0.0.1 GET /favicon.ico 404', '127.0.0.1'), has_ipv4('a "
         "127.0.0.1x', "
         "'127.0.0.1')",
         "1|0|0|0"},
        {"print has_ipv4_prefix('05:04:54 127.0.0.1 GET', '127.0.'), has_ipv4_prefix('05:04:54 "
         "127.0.0.1 GET', '127.0'), has_ipv4_prefix('05:04:54 127.0.0.256 GET', '127.0.'), "
         "has_ipv4_prefix('05:04:54127.0.0.1 GET', '127.0.'), has_ipv4_prefix('127.0.0.1', "
         "'127.0.0.1')",
         "1|0|0|0|1"},
        {"print has_any_ipv4('05:04:54 127.0.0.1 GET', '127.0.0.1', '127.0.0.2'), "
         "has_any_ipv4('05:04:54 127.0.0.1 GET', dynamic(['127.0.0.2', '127.0.0.1'])), "
         "has_any_ipv4('127.0.0.1', '127.0.0.', '10.0.0.1'), has_any_ipv4_prefix('05:04:54 "
         "127.0.0.1 GET', '127.0.', '192.168.'), has_any_ipv4_prefix('127.0.0.1', "
         "dynamic(['10.', '127.'])), has_any_ipv4('127.0.0.1', dynamic([]))",
         "1|1|0|1|1|0"},
    };
    ASSERT_ANSWERS(rows);
}

/* ---- numbers and times ---------------------------------------------------------------------- */

static void test_numbers(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        {"print sin(0), asin(0), acos(1), atan(0), atan2(0, 1), cos(0), tan(0), isinf(cot(0)), "
         "round(sin(pi() / 2), 9), round(asin(1) * 2 - pi(), 9), round(acos(-1) - pi(), 9), "
         "round(atan(1) * 4 - pi(), 9)",
         "0.0|0.0|0.0|0.0|0.0|1.0|0.0|1|1.0|0.0|0.0|0.0"},
        {"print degrees(pi()), radians(180) == pi(), exp(0), exp2(3), exp10(2), sqrt(16), "
         "gamma(4), "
         "loggamma(1), log(1), log2(8), log10(1000), pow(2, 3), isnan(sqrt(-1)), log(-1)",
         "180.0|1|1.0|8.0|100.0|4.0|6.0|0.0|0.0|3.0|3.0|8.0|1|NULL"},
        {"print sign(-42), sign(0), sign(11.2), abs(-5), abs(-1.5), abs(-1h), ceiling(-1.1), "
         "ceiling(0), ceiling(0.9), round(2.98765, 3), round(2.15, 1), round(2.15), round(-50.55, "
         "-2), round(21.5, -1)",
         "-1.0|0.0|1.0|5|1.5|01:00:00|-1.0|0|1.0|2.988|2.2|2.0|-100.0|20.0"},
        {"print binary_and(5, 3), binary_or(5, 3), binary_xor(5, 3), binary_not(0), "
         "binary_shift_left(1, 3), binary_shift_right(8, 1), binary_shift_left(1, 64), "
         "binary_shift_left(1, -1), bitset_count_ones(42), bitset_count_ones(-1)",
         "1|7|6|-1|8|4|1|NULL|3|64"},
        {"print bin(4.5, 1), bin(time(16d), 7d), bin(datetime(1970-05-11 13:45:07), 1d), bin(7, "
         "0), "
         "bin(7.5, 0.0), bin(7, -2), floor(4.5, 1)",
         "4.0|14.00:00:00|1970-05-11T00:00:00Z|NULL|NULL|NULL|4.0"},
        {"print bin_at(6.5, 2.5, 7), bin_at(1h, 1d, 12h), bin_at(datetime(2017-05-15 10:20), 1d, "
         "datetime(1970-01-01 12:00)), bin_at(datetime(2017-05-17 10:20), 7d, "
         "datetime(2017-06-04)), "
         "bin_at(5, 0, 1), bin_at(5.0, 0.0, 1.0)",
         "4.5|-12:00:00|2017-05-14T12:00:00Z|2017-05-14T00:00:00Z|NULL|NULL"},
        {"datatable(n:long, r:real, t:timespan)[4, 2.5, 1d] | project n * t, t * n, r * t, t * r, "
         "t / "
         "n, t / r, t / t, t % (2 * t), -t, +n, -r, t / 0",
         "4.00:00:00|4.00:00:00|2.12:00:00|2.12:00:00|06:00:00|09:36:00|1.0|1.00:00:00|-1.00:00:00|"
         "4|-2.5|NULL"},
        {"datatable(i:int, l:long, r:real, s:string, d:datetime)[1, 2, 2.5, 'a', "
         "datetime(2020-01-01)] | project max_of(i, l, r), min_of(r, l), max_of(s, 'b', 'ab'), "
         "min_of(s, 'b'), max_of(d, datetime(2019-01-01)), max_of(l, long(null)), "
         "min_of(long(null), long(null))",
         "2.5|2.0|b|a|2020-01-01T00:00:00Z|2|NULL"},
        /* pages numerical-operators and datetime-timespan-arithmetic */
        {"print 14 % 12, -14 % 12, 14 % -12, -14 % -12, 1.0 / 2, 1 / 2.0, 1 / 2, real(1) / 2",
         "2|10|2|10|0.5|0.5|0|0.5"},
        {"print datetime(1997-06-25) - datetime(1910-06-11), 1d + 2d, datetime(1910-06-11) + 1d, "
         "1d / "
         "5h, 1h / 1s, 1.5 * 1h, 10sec < 1h, 10min > 1sec, 1s * 5, 10m / 1s",
         "31791.00:00:00|3.00:00:00|1910-06-12T00:00:00Z|4.8|3600.0|01:30:00|1|1|00:00:05|600.0"},
        {"datatable(val:int)[5, int(null)] | project val > 3, val > 3 or isnull(val), val + 10",
         "1|1|15\nNULL|1|NULL"},
        {"print isnan(0.0 / 0), isinf(1.0 / 0), isfinite(1.0 / 0), 1 / 0, 1 % 0, 5.5 % 2, 7 % 4",
         "1|1|0|NULL|NULL|1.5|3"},
        {"datatable(d:dynamic, n:long, r:real, t:timespan)[dynamic(5), 2, 2.5, 1h] | project d + "
         "n, n "
         "+ d, d - r, d / n, d % n, d < n, d > n, d <= r, d >= r, n < d, r >= d, d == 5",
         "7|7|2.5|2|1|0|1|0|1|1|0|1"},
    };
    static const kql_row refused[] = {
        {"print dynamic(1) + dynamic(2)",
         "line 1, column 7: '+' does not take a dynamic and a dynamic"},
        {"print datetime(2020-01-01) + datetime(2020-01-01)",
         "line 1, column 7: '+' does not take a datetime and a datetime"},
        {"print 1d - datetime(2020-01-01)",
         "line 1, column 7: '-' does not take a timespan and a datetime"},
        {"print 1h * 1h", "line 1, column 7: '*' does not take a timespan and a timespan"},
        {"print -dynamic(1)", "line 1, column 7: a dynamic has no sign"},
        {"print '5' == 5.0", "line 1, column 7: '==' does not take a string and a real"},
        {"print 1h == 1", "line 1, column 7: '==' does not take a timespan and a long"},
        {"print '1h' == 1h", "line 1, column 7: '==' does not take a string and a timespan"},
        {"print true < false", "line 1, column 7: '<' does not take a bool and a bool"},
        {"print 5 between (1 .. 'a')",
         "line 1, column 7: 'between' does not take a long and a string"},
        {"print floor(7)", "line 1, column 7: 'floor' takes a value and a step"},
        {"print iff(true, 1, 'x')",
         "line 1, column 20: 'iff' gives values of one type, not a long and a string"},
        {"print case(true, 1, false, datetime(2020-01-01), 3)",
         "line 1, column 28: 'case' gives values of one type, not a long and a datetime"},
        {"print coalesce(1, 'a')",
         "line 1, column 19: 'coalesce' gives values of one type, not a long and a string"},
        {"print ago(5)", "line 1, column 7: 'ago' takes a timespan, not a long"},
        {"print strlen(x = 'a')",
         "line 1, column 14: an argument of a built-in function has no name"},
        {"print countof('a', 'a', 'x')", "line 1, column 25: 'normal' or 'regex' expected"},
        {"print toscalar(1, 2)", "line 1, column 7: 'toscalar' takes one table"},
        {"print column_ifexists(a, 5)", "line 1, column 7: 'column_ifexists' takes the name of a "
                                        "column, as a string, and a value"},
        {"print column_ifexists('a')", "line 1, column 7: 'column_ifexists' takes the name of a "
                                       "column, as a string, and a value"},
    };
    ASSERT_ANSWERS(rows);
    ASSERT_REFUSALS(refused);
}

/* Page null-values: null in, null out. */
static void test_null_gives_null(void **state)
{
    (void)state;
    static const char *const values[] = {
        "abs(n)",
        "abs(r)",
        "sign(r)",
        "round(r)",
        "round(r, 1)",

        "ceiling(r)",
        "exp(r)",
        "exp2(r)",
        "exp10(r)",
        "log(r)",
        "log2(r)",
        "log10(r)",
        "pow(r, 2)",
        "pow(2, r)",
        "sqrt(r)",
        "sin(r)",
        "cos(r)",
        "tan(r)",
        "asin(r)",
        "acos(r)",
        "atan(r)",
        "atan2(r, 1)",
        "atan2(1, r)",
        "cot(r)",
        "degrees(r)",
        "radians(r)",
        "gamma(r)",
        "loggamma(r)",
        "binary_and(n, 1)",
        "binary_or(1, n)",
        "binary_xor(n, 1)",
        "binary_not(n)",
        "binary_shift_left(n, 1)",
        "binary_shift_right(1, n)",
        "bitset_count_ones(n)",
        "bin(n, 1)",
        "bin(r, 1.0)",
        "bin(d, 1d)",
        "bin_at(n, 1, 1)",
        "bin_at(r, 1.0, 1.0)",
        "bin_at(5, 2, n)",
        "n + 1",
        "1 - n",
        "n * n",
        "n / 2",
        "n % 2",
        "r + 1",
        "r * 2",
        "r / 2",
        "r % 2",
        "-n",
        "-r",
        "n * 1h",
        "1h * r",
        "t / 2",
        "t / 2.5",
        "t / 1h",
        "t + 1h",
        "d + 1h",
        "d - d",
        "datetime_diff('day', d, d)",
        "datetime_add('day', n, d)",
        "datetime_part('day', d)",
        "startofday(d)",
        "endofmonth(d, n)",
        "dayofweek(d)",
        "dayofyear(d)",
        "hourofday(d)",
        "getmonth(d)",
        "week_of_year(d)",
        "make_datetime(2020, n, 1)",
        "make_datetime(2020, 1, 1, 1, 1, r)",
        "make_timespan(n, 1)",
        "make_timespan(1, 2, r)",
        "unixtime_seconds_todatetime(n)",
        "unixtime_seconds_todatetime(r)",
        "tolong(r)",
        "toint(n)",
        "toint(r)",
        "todouble(n)",
        "tobool(n)",
        "todatetime(n)",
        "totimespan(n)",
        "tolong(y)",
        "toint(y)",
        "todouble(y)",
        "tobool(y)",
        "todatetime(y)",
        "totimespan(y)",
        "toguid(y)",
        "array_length(y)",
        "array_slice(dynamic([1]), n, 1)",
        "array_split(dynamic([1]), y)",
        "array_rotate_left(dynamic([1]), n)",
        "repeat(1, n)",
        "range(n, 2, 1)",
        "range(1.0, r, 1.0)",
        "range(d, d, 1d)",
        "bag_keys(y)",
        "set_union(y, y)",
        "y.a",
        "y[0]",
        "array_index_of(dynamic([1]), 1, n)",
        "array_index_of(dynamic([1]), 1, 0, n)",
        "ipv4_is_match('1.1.1.1', '1.1.1.1', n)",
        "isnan(r)",
        "isinf(r)",
        "isfinite(r)",
        "max_of(n, n)",
        "treepath(y)",
        "iff(isnull(n), n, 1)",
        "coalesce(n, n)",
        "parse_json('')",
        "range(1, 2, 0)",
        "range(1.0, 2.0, 0.0)",
        "range(1.0, 1.0 / 0, 1.0)",
        "repeat(1, -1)",
        "indexof('abc', 'b', n)",
        "indexof('abc', 'b', 0, n)",
        "todatetime('x')",
        "todatetime('')",
        "totimespan('x')",
        "toguid('x')",
        "tobool('x')",
        "tolong('0x')",
        "tolong('0xzz')",
        "tolong('0xfffffffffffffffff')",
        "tolong(1.0 / 0)",
        "tolong('-')",
        "todouble('1e')",
        "todouble('1e+')",
        "todouble('1ex')",
        "todouble('-')",
        "todatetime('2014-13-01')",
        "todatetime('2014-02-30')",
        "todatetime('2014-11-08T25:00')",
        "todatetime('2014-11-08T23:60')",
        "todatetime('8 Foo 2014')",
        "todatetime(-1)",
        "make_datetime(2017, 13, 1)",
        "make_datetime(2017, 2, 29)",
        "make_datetime(2017, 1, 1, 24, 0)",
        "make_datetime(2017, 1, 1, 0, 60)",
        "make_datetime(2017, 1, 1, 0, 0, 60.0)",
        "datetime_add('year', 10000, datetime(2017-01-01))",
        "datetime_add('month', -1, datetime(0001-01-01))",
        "startofday(datetime(2017-01-01), 99999999)",
        "unixtime_seconds_todatetime(1e300)",
        "unixtime_seconds_todatetime(-62135596801)",
    };
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char *query = sqlite3_mprintf("datatable(n:long, r:real, d:datetime, t:timespan, y:dynamic)"
                                      "[long(null), real(null), datetime(null), time(null), "
                                      "dynamic(null)] | project x = %s",
                                      values[i]);
        assert_answer(db, query, "NULL");
        sqlite3_free(query);
    }
    harness_close(db);
}

static void test_times(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        /* page datetime-diff */
        {"print datetime_diff('year',datetime(2017-01-01),datetime(2000-12-31)), "
         "datetime_diff('quarter',datetime(2017-07-01),datetime(2017-03-30)), "
         "datetime_diff('month',datetime(2017-01-01),datetime(2015-12-30)), "
         "datetime_diff('week',datetime(2017-10-29 00:00),datetime(2017-09-30 23:59)), "
         "datetime_diff('minute',datetime(2017-10-30 23:05:01),datetime(2017-10-30 23:00:59)), "
         "datetime_diff('millisecond',datetime(2017-10-30 23:00:00.200100),datetime(2017-10-30 "
         "23:00:00.100900)), datetime_diff('microsecond',datetime(2017-10-30 "
         "23:00:00.1009001),datetime(2017-10-30 23:00:00.1008009)), "
         "datetime_diff('nanosecond',datetime(2017-10-30 23:00:00.0000000),datetime(2017-10-30 "
         "23:00:00.0000007))",
         "17|2|13|5|5|100|100|-700"},
        {"print datetime_add('quarter',1,datetime(2017-01-01)), "
         "datetime_add('month',1,datetime(2017-01-31)), "
         "datetime_add('week',1,datetime(2017-01-01)), "
         "datetime_add('microsecond',1,datetime(2017-01-01)), datetime_add('month', 119987, "
         "datetime(0001-01-01))",
         "2017-04-01T00:00:00Z|2017-02-28T00:00:00Z|2017-01-08T00:00:00Z|"
         "2017-01-01T00:00:00.000001Z|9999-12-01T00:00:00Z"},
        /* page datetime-part */
        {"let dt = datetime(2017-10-30 01:02:03.7654321); print datetime_part('year', dt), "
         "datetime_part('quarter', dt), datetime_part('week_of_year', dt), "
         "datetime_part('dayOfYear', dt), datetime_part('millisecond', dt), "
         "datetime_part('microsecond', dt), datetime_part('nanosecond', dt)",
         "2017|4|44|303|765|765432|765432100"},
        {"print startofweek(datetime(2017-01-01 10:10:17), -1), startofmonth(datetime(2017-01-01 "
         "10:10:17), 1), endofweek(datetime(2017-01-01 10:10:17), 1), "
         "endofyear(datetime(2017-01-01 "
         "10:10:17), -1), endofyear(datetime(9999-01-01)), endofmonth(datetime(9999-12-01))",
         "2016-12-25T00:00:00Z|2017-02-01T00:00:00Z|2017-01-14T23:59:59.9999999Z|"
         "2016-12-31T23:59:59.9999999Z|9999-12-31T23:59:59.9999999Z|9999-12-31T23:59:59.9999999Z"},
        {"print dayofweek(datetime(2015-12-14)), dayofyear(datetime(2015-12-14)), "
         "week_of_year(datetime(2020-12-31)), week_of_year(datetime(1970-01-01)), "
         "week_of_year(datetime(2000-01-01))",
         "1.00:00:00|348|53|1|52"},
        {"print make_datetime(2017,10,01), make_datetime(2017,10,01,12,10), "
         "make_datetime(2017,11,01,12,10,0.1234567), make_timespan(1,12), make_timespan(1,12,30), "
         "make_timespan(1,12,30,55.123)",
         "2017-10-01T00:00:00Z|2017-10-01T12:10:00Z|2017-11-01T12:10:00.1234567Z|01:12:00|01:12:"
         "30|1.12:30:55.1230000"},
        {"print unixtime_seconds_todatetime(1546300800), "
         "unixtime_milliseconds_todatetime(1546300800000), "
         "unixtime_seconds_todatetime(1546300800.5), "
         "unixtime_seconds_todatetime(-62135596800)",
         "2019-01-01T00:00:00Z|2019-01-01T00:00:00Z|2019-01-01T00:00:00.5Z|0001-01-01T00:00:00Z"},
        {"print format_datetime(datetime(2017-01-29 09:00:05), 'yy-MM-dd [HH:mm:ss]'), "
         "format_datetime(datetime(2017-01-29 09:00:05), 'yyyy-M-dd [H:mm:ss]'), "
         "format_datetime(datetime(2017-01-29 09:00:05.1234567), 'yy-MM-dd [hh:mm:ss tt]'), "
         "format_timespan(time(29.09:00:05.12345), 'dd.hh:mm:ss [FF]'), "
         "format_timespan(time(29.09:00:05.12345), 'ddd.h:mm:ss [fffffff]')",
         "17-01-29 [09:00:05]|2017-1-29 [9:00:05]|17-01-29 [09:00:05 AM]|29.09:00:05 "
         "[12]|029.9:00:05 "
         "[1234500]"},
    /* the tables of pages format-datetime and format-timespan */
#define D "format_datetime(d, '"
        {"datatable(d:datetime)[datetime(2009-06-15 13:45:30.6175425), datetime(2009-06-15 "
         "13:45:30.0001150), datetime(2009-06-01 01:09:09)] | project " D "d'), " D "dd'), " D
         "f'), " D "fff'), " D "fffffff'), " D "F'), " D "FFFF'), " D "FFFFFFF'), " D "h'), " D
         "hh'), " D "H'), " D "HH'), " D "m'), " D "mm'), " D "M'), " D "MM'), " D "s'), " D
         "ss'), " D "tt')",
         "15|15|6|617|6175425|6|6175|6175425|1|01|13|13|45|45|6|06|30|30|PM\n"
         "15|15|0|000|0001150||0001|000115|1|01|13|13|45|45|6|06|30|30|PM\n"
         "1|01|0|000|0000000||||1|01|1|01|9|09|6|06|9|09|AM"},
        {"datatable(d:datetime)[datetime(0001-01-01), datetime(0900-01-01), datetime(2009-06-15), "
         "datetime(2019-06-15)] | project " D "y'), " D "yy'), " D "yyyy')",
         "1|01|0001\n0|00|0900\n9|09|2009\n19|19|2019"},
#define T "format_timespan(t, '"
        {"datatable(t:timespan)[time(15.13:45:30.6175425), time(15.13:45:30.0001150), "
         "time(15.01:09:09)] | project " T "d'), " T "ddd'), " T "f'), " T "fffffff'), " T "F'), " T
         "FFFFFFF'), " T "H'), " T "HH'), " T "m'), " T "mm'), " T "s'), " T "ss')",
         "15|015|6|6175425|6|6175425|13|13|45|45|30|30\n"
         "15|015|0|0001150||000115|13|13|45|45|30|30\n"
         "15|015|0|0000000|||1|01|9|09|9|09"},
        {"print now() - ago(2d), now(-2d) == ago(2d), now(1h) - now()", "2.00:00:00|1|01:00:00"},
        /* page datetime: the forms of RFC 822, RFC 850 and ISO 8601 with an offset (ISO 8601, 4.2.5) */
        {"print todatetime('2014-11-08T15:05:02+02:00'), todatetime('8 Nov 2014 15:05:02 +0200'), "
         "todatetime('8 Nov 2014 15:05:02.5 +02:30'), todatetime('Sat, 8 Nov 14 15:05 GMT'), "
         "todatetime('8 Nov 2014 15:05 +02'), todatetime('8 Nov 2014 15:05:02 -0130')",
         "2014-11-08T13:05:02Z|2014-11-08T13:05:02Z|2014-11-08T12:35:02.5Z|2014-11-08T15:05:00Z|"
         "2014-11-08T13:05:00Z|2014-11-08T16:35:02Z"},
        {"datatable(s:string)['Saturday, 08-Nov-14 15:05:02 GMT', 'Saturday, 08-Nov-14 15:05', "
         "'08-Nov-14 15:05:02', '08-Nov-14 15:05 GMT', 'Sat, 8 Nov 14 15:05:02', '2014-11-08 "
         "15:05:02 "
         "GMT', '2014-11-08T15:05 GMT', '2014-11-08 15:05'] | where startofday(todatetime(s)) == "
         "datetime(2014-11-08) and bin(todatetime(s), 1m) == datetime(2014-11-08 15:05) | count",
         "8"},
        /* what is none of them */
        {"datatable(s:string)['8 Nov 2014 15:05:02 +020', '8 Nov 2014 15:05 +02:6', '8 Nov 2014 "
         "15:05 "
         "+15:00', '8 Nov 2014 15:05 +02:60', '8 Nov 2014 15:05:0', '8 Nov 2014 15:05:02.', '8 Nov "
         "2014 24:05', '8 Nov 2014 15:60', '8 Nov 2014 15:05:60', '8 Nov 014', '8/Nov/14', "
         "'2014-', "
         "'2014-1-', '2014/1/', '8 Nov 2014 15', '8 Nov 2014 15:05 CET', '32 Nov 2014', '11/8/', "
         "'8 Nov 2014T15:05x'] | where isnotnull(todatetime(s))",
         ""},
        {"print totimespan('0.00:01:00'), totimespan('1d'), totimespan('1.5h'), "
         "totimespan('-1:00'), "
         "totimespan(dynamic('1h')), totimespan(dynamic(5)), todatetime(dynamic('2015-12-24'))",
         "00:01:00|1.00:00:00|01:30:00|-01:00:00|01:00:00|00:00:00.0000005|2015-12-24T00:00:00Z"},
        {"print toguid('70fc66f7-8279-44fc-9092-d364d70fce44'), "
         "toguid('{70fc66f7-8279-44fc-9092-d364d70fce44}'), "
         "toguid('(70fc66f7-8279-44fc-9092-d364d70fce44)'), "
         "isnull(toguid('{70fc66f7-8279-44fc-9092-d364d70fce44)')), "
         "isnull(toguid('(70fc66f7-8279-44fc-9092-d364d70fce44}'))",
         "70fc66f7-8279-44fc-9092-d364d70fce44|70fc66f7-8279-44fc-9092-d364d70fce44|70fc66f7-8279-"
         "44fc-9092-d364d70fce44|1|1"},
        {"print todouble('1e3'), todouble('.5'), todouble('5.'), todouble(' 1.5 '), "
         "todouble('-inf') "
         "< 0, isnan(todouble('nan')), todouble('123456789012345678901234567890.5') > 1.2e29, "
         "todouble('1e-400'), tolong('0xff'), tolong('+5'), tobool('TRUE'), "
         "tobool(dynamic('false')), "
         "tobool(dynamic(5)), tolong(dynamic('12')), toint(dynamic('7'))",
         "1000.0|0.5|5.0|1.5|1|1|1|0.0|255|5|1|0|1|12|7"},
    };
    ASSERT_ANSWERS(rows);
}

/* ---- rows in an order ----------------------------------------------------------------------- */

static void test_windows(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        {"range a from 1 to 3 step 1 | extend p = prev(a, 1, 0), q = next(a, 2, 99), r = prev(a)",
         "1|0|3|NULL\n2|1|99|1\n3|2|99|2"},
        {"datatable(a:int)[1, 2] | sort by a asc | extend p = prev(a, 1, 0) | project p", "0\n1"},
        {"range a from 1 to 3 step 1 | extend p = row_cumsum(a), q = row_cumsum(a, a == 3), r = "
         "row_cumsum(a * 1h), s = row_cumsum(a, false), t = row_cumsum(1.5)",
         "1|1|1|01:00:00|1|1.5\n2|3|3|03:00:00|3|3.0\n3|6|3|06:00:00|6|4.5"},
        /* the examples of row_number(), binary_all_xor() and coalesce() */
        {"datatable(Airport:string)['SEA', 'SEA', 'LAX'] | serialize r = row_number(1, "
         "prev(Airport) != Airport)",
         "SEA|1\nSEA|2\nLAX|1"},
        {"datatable(num:long)[0x44404440, 0x1E1E1E1E, 0x90ABBA09, 0x000B105A] | summarize "
         "toupper(tohex(binary_all_xor(num)))",
         "CAFEF00D"},
        {"print coalesce(tolong('not a number'), tolong('42'), 33)", "42"},
        {"range a from 1 to 2 step 1 | extend p = row_number(5), q = row_number(7, a == 2)",
         "1|5|7\n2|6|7"},
        {"datatable(Airline:string, Departures:long)['LH', 3, 'LY', 100, 'UA', 3, 'BA', 2, 'EL', "
         "3] | "
         "sort by Departures asc | project row_rank_dense(Departures), row_rank_min(Departures)",
         "1|1\n2|2\n2|2\n2|2\n3|5"},
        {"datatable(s:string)['a', 'b'] | serialize p = prev(s), n = next(s)", "a||b\nb|a|"},
        {"datatable(a:long, g:string)[1, 'x', 1, 'x', 2, 'y', 5, 'y'] | sort by g asc, a asc | "
         "project "
         "row_rank_dense(a), row_rank_min(a), row_rank_dense(a, prev(g) != g), row_rank_min(a, "
         "prev(g) != g)",
         "1|1|1|1\n1|1|1|1\n2|3|1|1\n3|4|2|2"},
        {"datatable(a:long)[1] | extend b = column_ifexists('a', 5), c = column_ifexists('z', "
         "'none')",
         "1|1|none"},
        {"print toscalar(datatable(a:long)[3, 1, 2] | sort by a asc), "
         "toscalar(datatable(a:long)[3, "
         "long(null), 2] | sort by a desc nulls first), toscalar(datatable(a:long)[3, long(null), "
         "2] "
         "| sort by a asc nulls last, a desc), toscalar(datatable(a:string)[]), toscalar(5)",
         "1|NULL|2||5"},
    };
    static const kql_row refused[] = {
        {"print a = 1 | sort by a | extend prev()",
         "line 1, column 34: 'prev' takes a value, an offset and a default"},
        {"print a = 1 | sort by a | extend prev(a, 1, 0, 5)",
         "line 1, column 34: 'prev' takes a value, an offset and a default"},
        {"print a = 1 | sort by a | extend prev(a, a)",
         "line 1, column 34: the offset of 'prev' is a number above zero"},
        {"print a = 1 | sort by a | extend next(a, 0)",
         "line 1, column 34: the offset of 'next' is a number above zero"},
        {"print a = 'x' | sort by a | extend row_cumsum(a)",
         "line 1, column 36: row_cumsum sums numbers and timespans, not a string"},
        {"print a = 1 | sort by a | extend row_cumsum()",
         "line 1, column 34: 'row_cumsum' takes a value and a condition of restart"},
        {"print a = 1 | sort by a | extend row_cumsum(a, true, 1)",
         "line 1, column 34: 'row_cumsum' takes a value and a condition of restart"},
        {"print a = 1 | sort by a | extend row_number(1, true, 2)",
         "line 1, column 34: 'row_number' takes the first number and a condition of restart"},
        {"print a = 1 | sort by a | extend row_number(a)",
         "line 1, column 34: 'row_number' takes a first number that is the same for every row"},
        {"print a = 1 | sort by a | extend row_number('a')",
         "line 1, column 34: 'row_number' takes a first number that is the same for every row"},
        {"print a = 1 | sort by a | extend row_number(1, a)",
         "line 1, column 48: a bool is expected here, this is a long"},
        {"print a = 1 | extend row_rank_dense(a)",
         "line 1, column 22: 'row_rank_dense' needs rows in an order: sort or serialize first"},
        {"print a = 1 | sort by a | extend row_rank_dense()",
         "line 1, column 34: 'row_rank_dense' takes a value and a condition of restart"},
    };
    ASSERT_ANSWERS(rows);
    ASSERT_REFUSALS(refused);
}

/* ---- the functions in SQL ------------------------------------------------------------------- */

/* What only a direct call can give them. */
static void test_arguments_in_sql(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        {"kql_cast_dyn('[1]', 'dynamic'), kql_cast_dyn('true', 'bool')", "[1]|1"},
        {"kql_range_dyn_datetime(-1, 5, 1), kql_range_dyn_datetime(5, -1, 1), "
         "kql_datetime_part(NULL, 0), kql_datetime_add('day', 1, NULL), kql_format_timespan(NULL, "
         "'d')",
         "NULL|NULL|NULL|NULL|"},
        {"kql_second_after(3155378975999999999), kql_second_from(-5)",
         "9999-12-31T23:59:60Z|0001-01-01T00:00:00Z"},
        {"kql_datetime_add('dayofyear', 1, 0)",
         "error: kql_datetime_add(): no unit to add: 'dayofyear'"},
        {"kql_zip('[]','[]','[]','[]','[]','[]','[]','[]','[]','[]','[]','[]','[]','[]','[]','[]','"
         "[]')",
         "error: kql_zip(): more than 16 arrays"}, /* page zip: between 2 and 16 */
        {"kql_parse('x', '{\"kind\":\"simple\",\"flags\":\"\",\"parts\":[{\"type\":\"nosuch\"}]}')",
         "error: kql_parse(): no such part, or too many columns: "
         "'{\"kind\":\"simple\",\"flags\":\"\",\"parts\":[{\"type\":\"nosuch\"}]}'"},
        {"kql_extract_all('(a)', '[2]', 'a')", "error: kql_extract_all(): no such groups: '[2]'"},
        {"kql_extract_all('(a)', '[\"n\"]', 'a')",
         "error: kql_extract_all(): no such groups: '[\"n\"]'"},
        {"kql_extract_all('(a)', '[-1]', 'a')", "error: kql_extract_all(): no such groups: '[-1]'"},
        {"kql_extract_all('a', 'a')",
         "error: kql_extract_all(): the regular expression must have 1 to 64 groups"},
        {"count(DISTINCT rowid), sum(value) FROM kql_series(1, 3, 1)", "3|6"},
        {"count(DISTINCT rowid), group_concat(v1) FROM kql_expand('bag', 9, '[4,5,6]')", "3|4,5,6"},
        {"kql_round(1.5, -400), kql_bitset_count_ones(NULL)", "0.0|NULL"},
    };
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *sql = sqlite3_mprintf("SELECT %s", rows[i].query);
        assert_query(db, sql, rows[i].expected);
        sqlite3_free(sql);
    }
    static const char *const too_big[] = {
        "kql_strrep('aaaaaaaaaa', 100)",
        "kql_strrep('aaaaaaaaaa', 100, 'bbbbbbbbbbbb')",
        "kql_repeat('\"aaaaaaaaaa\"', 100)",
        "kql_replace_string(kql_strrep('a', 100), 'a', 'bbbbbbbbbbbb')",
        "kql_replace_regex(kql_strrep('a', 100), 'a', 'bbbbbbbbbbbb')",
    };
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 500);
    for (size_t i = 0; i < sizeof too_big / sizeof too_big[0]; i++) {
        char *sql = sqlite3_mprintf("SELECT %s", too_big[i]);
        assert_query(db, sql, "error: string or blob too big");
        sqlite3_free(sql);
    }
    harness_close(db);
}

/* Aggregates of what is infinite, null or not there: pages sum, avg, percentiles, make-list. */
static void test_aggregates(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        /* page summarize: over no rows */
        {"datatable(x:long)[] | summarize any_x=take_any(x), arg_max_x=arg_max(x, *), "
         "arg_min_x=arg_min(x, *), avg(x), max(x), min(x), percentile(x, 55), stdev(x), sum(x), "
         "sumif(x, x > 0), variance(x)",
         "NULL|NULL|NULL|NaN|NULL|NULL|NULL|0.0|0|0|0.0"},
        {"datatable(x:long)[] | summarize count(x), countif(x > 0) , dcount(x), dcountif(x, x > "
         "0), "
         "make_set(x), make_list(x)",
         "0|0|0|0|[]|[]"},
        {"range x from 1 to 4 step 1 | extend y = iff(x == 1, real(null), real(5)) | summarize "
         "sum(y), avg(y), count(y), make_set(y), make_set(y)",
         "15.0|5.0|4|[5.0]|[5.0]"},
        /* page bin-at */
        {"datatable(Date:datetime, NumOfEvents:int)[datetime(2018-02-24T15:14), 3, "
         "datetime(2018-02-24T15:24), 4, datetime(2018-02-23T16:14), 4, "
         "datetime(2018-02-23T17:29), "
         "4, datetime(2018-02-26T15:14), 5] | summarize sum(NumOfEvents) by bin_at(Date, 1d, "
         "datetime(2018-02-24 15:14)) | sort by Date asc",
         "2018-02-23T15:14:00Z|8\n2018-02-24T15:14:00Z|7\n2018-02-26T15:14:00Z|5"},
    /* page sort: where null and NaN stand */
#define SPECIAL                                                                                    \
    "datatable(x:real)[5, real(nan), 0, real(null), -5, real(-inf), real(+inf)] | sort by x "
#define LISTED " | summarize make_list(tostring(x))"
        {SPECIAL "asc" LISTED,
         "[\"\",\"NaN\",\"-Infinity\",\"-5.0\",\"0.0\",\"5.0\",\"Infinity\"]"},
        {SPECIAL "desc nulls first" LISTED,
         "[\"\",\"NaN\",\"Infinity\",\"5.0\",\"0.0\",\"-5.0\",\"-Infinity\"]"},
        {SPECIAL "asc nulls last" LISTED,
         "[\"-Infinity\",\"-5.0\",\"0.0\",\"5.0\",\"Infinity\",\"NaN\",\"\"]"},
        {SPECIAL LISTED, "[\"Infinity\",\"5.0\",\"0.0\",\"-5.0\",\"-Infinity\",\"NaN\",\"\"]"},
        /* page mv-apply */
        {"datatable(Source: string, Target: string, Count: long)['555-1234', '555-1212', 46, "
         "'555-2424', '', int(null)] | extend Pack = pack_all() | mv-apply removeProperties = Pack "
         "on "
         "(mv-expand kind = array Pack | where Pack[1] !startswith '555' | summarize propsToRemove "
         "= "
         "make_set(Pack[0])) | project bag_remove_keys(Pack, propsToRemove)",
         "{\"Source\":\"555-1234\",\"Target\":\"555-1212\"}\n{\"Source\":\"555-2424\"}"},
        {"datatable (Val: int, Arr1: dynamic, Arr2: dynamic)[1, dynamic(['A1', 'A2']), "
         "dynamic(['B1', "
         "'B2', 'B3']), 5, dynamic(['C1', 'C2']), dynamic(['D1'])] | mv-apply T1=Arr1, T2=Arr2 on "
         "(extend Out = strcat(T1, '_', T2) | summarize Out= make_list(Out)) | project Val, Out",
         "1|[\"A1_B1\",\"A2_B2\",\"_B3\"]\n5|[\"C1_D1\",\"C2_\"]"},
        {"datatable(Val:int, Arr1:dynamic, Arr2:dynamic)[1, dynamic(['A1', 'A2', 'A3']), "
         "dynamic([10, "
         "30, 7]), 3, dynamic(['C1', 'C2', 'C3', 'C4']), dynamic([6, 40, 20, 8])] | mv-apply "
         "A=Arr1, B=Arr2 to typeof(long) on (top 2 by B | summarize make_list(A), make_list(B)) | "
         "project Val, list_A, list_B",
         "1|[\"A2\",\"A1\"]|[30,10]\n3|[\"C2\",\"C3\"]|[40,20]"},
        {"datatable(row:int, Arr:dynamic)[0, dynamic([5, 1, 3]), 1, dynamic([4, 10, 8, 7])] | "
         "mv-apply "
         "with_itemindex=index value=Arr to typeof(long) on (where index >= 2) | project row, "
         "value, "
         "index",
         "0|3|2\n1|8|2\n1|7|3"},
        {"datatable(r:real)[1.5, real(-inf)] | summarize s = sum(r), m = min(r), max(r), a = "
         "avg(r) | project isinf(s) and s < 0, isinf(m) and m < 0, max_r, isinf(a) and a < 0",
         "1|1|1.5|1"},
        {"datatable(r:real)[3.5, 1.5, 2.5, real(null)] | summarize percentile(r, 50), "
         "percentile(r, "
         "0), percentile(r, 100), percentiles(r, 25, 75), variance(r), stdev(r), count()",
         "2.5|1.5|3.5|1.5|3.5|1.0|1.0|4"},
        {"range x from 1 to 5 step 1 | summarize round(stdev(x), 9), variancep(x), variance(x)",
         "1.58113883|2.0|2.5"}, /* pages stdev, variancep */
        {"datatable(n:long)[] | summarize sum(n), avg(n), min(n), max(n), percentile(n, 50), "
         "variance(n), stdevp(n), binary_all_and(n), binary_all_or(n), binary_all_xor(n), "
         "take_any(n)",
         "0|NaN|NULL|NULL|NULL|0.0|0.0|NULL|NULL|NULL|NULL"},
        {"datatable(n:long)[12, 10, 14, long(null)] | summarize binary_all_and(n), "
         "binary_all_or(n), "
         "binary_all_xor(n), make_list(n), make_list(n, 2), make_set(n, 1), make_list(n, "
         "99999999), "
         "make_list_with_nulls(n)",
         "8|14|8|[12,10,14]|[12,10]|[12]|[12,10,14]|[12,10,14,null]"},
        {"datatable(d:dynamic)[dynamic({'a': 1}), dynamic({'b': 2, 'a': 3}), dynamic(null), "
         "dynamic(5)] | summarize make_bag(d)",
         "{\"a\":1,\"b\":2}"},
    };
    ASSERT_ANSWERS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arrays),          cmocka_unit_test(test_bags),
        cmocka_unit_test(test_strings),         cmocka_unit_test(test_regular_expressions),
        cmocka_unit_test(test_addresses),       cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_null_gives_null), cmocka_unit_test(test_times),
        cmocka_unit_test(test_windows),         cmocka_unit_test(test_arguments_in_sql),
        cmocka_unit_test(test_aggregates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
