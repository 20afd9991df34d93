/*
 * What Kusto's documentation says of operators, literals and functions, each as a query and its
 * rows. The names of pages are those of learn.microsoft.com/kusto/query; where a page prints an
 * example, the query is that example, and elsewhere the rows follow from the sentence that stands
 * beside them.
 */
#include "kql_rows.h"

#define GUID "74be27de-1e4e-49d9-b579-fe0b331d3642"

/* ---- functions of let ----------------------------------------------------------------------- */

/* Page functions/user-defined-functions: all of its examples that print, and its rules. */
static void test_functions_of_a_let(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        {"let Add7 = (arg0:long = 5) { arg0 + 7 }; range x from 1 to 2 step 1 | extend a = "
         "Add7(x), "
         "b = Add7()",
         "1|8|12\n2|9|12"},
        {"let tenNumbers = () { range x from 1 to 2 step 1 }; tenNumbers | extend y = x + 7",
         "1|8\n2|9"},
        {"let MyFilter = (T:(x:long), v:long) { T | where x >= v }; MyFilter((range x from 1 to 10 "
         "step 1), 9)",
         "9\n10"},
        {"let F = (T:(x:long)) { T }; let D = datatable(x:long, y:long)[1, 2]; F(D) | where x > 0",
         "1|2"},
        {"let MyDistinct = (T:(*)) { T | distinct * }; MyDistinct((range x from 1 to 3 step 1))",
         "1\n2\n3"},
        {"let Test1 = (id: int) { let Test2 = 10; let Test3 = 10 + Test2 + id; let Test4 = (arg: "
         "int) { let Test5 = 20; Test2 + Test3 + Test5 + arg }; Test4(10) }; range x from 1 to "
         "Test1(10) step 1 | count",
         "70"},
        {"let f = (a:long, b:string = 'b.default', c:long = 0) { strcat(a, '-', b, '-', c) }; "
         "union "
         "(print x=f(c=7, a=12)), (print x=f(12, c=7))",
         "12-b.default-7\n12-b.default-7"},
        {"let a = () {123}; range x from 1 to 2 step 1 | extend y = x * a, z = x * a()",
         "1|123|123\n2|246|246"},
        {"let T = () { range x from 1 to 2 step 1 }; union T, (T())", "1\n2\n1\n2"},
        {"let f = (a:string, b:string) { strcat(a, ' (la la la)', b) }; print f('hello', 'world')",
         "hello (la la la)world"},
        {"let Table1 = datatable(xdate:datetime)[datetime(1970-01-01)]; let f = (hours:long) { "
         "toscalar(Table1 | summarize min(xdate) - hours*1h) }; datatable(Column:long)[1235] | "
         "project d = f(10)",
         "1969-12-31T14:00:00Z"},
        {"let T1 = print x=1; let T2 = print x=2; let f = (_selector:string) { union (T1 | where "
         "_selector == 'T1'), (T2 | where _selector == 'T2') }; f('T2')",
         "2"}, /* page table-function */
        {"let f = () { let q = datatable(a:long)[1, 2]; let r = q | where a > 1; r }; f()", "2"},
        {"let f = (T:(a:long)) { let U = T; U }; f((datatable(a:long)[1]))", "1"},
        {"let f = view(x:long) { print x }; f(4)", "4"},
        {"let T = () { print a = 1 }; T", "1"},
        {"let T = () { print a = 1 }; let g = (X:(a:long)) { X | where a > 0 }; union (g(T)), "
         "(materialize(T))",
         "1\n1"},
        /* arguments are converted as values are elsewhere */
        {"let f = (x:real) { x / 2 }; print f(3), f(dynamic(5.0))", "1.5|2.5"},
        {"let f = (x:dynamic) { x.a }; print f(dynamic({'a': 5}))", "5"},
        {"let f = (d:datetime, t:timespan = 1h) { d + t }; print f(datetime(2020-01-01)), "
         "f(datetime(2020-01-01), 2d)",
         "2020-01-01T01:00:00Z|2020-01-03T00:00:00Z"},
        {"let f = (b:bool, g:guid) { iff(b, tostring(g), '') }; print f(true, guid(" GUID "))",
         GUID},
    };
    ASSERT_ANSWERS(rows);
}

static void test_functions_that_are_refused(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        {"let f = (x:long) { x }; print f()",
         "line 1, column 31: 'f': the argument 'x' is missing"},
        {"let f = (x:long) { x }; print f(1, 2)", "line 1, column 31: 'f' takes 1 arguments"},
        {"let f = (x:long, y:long = 2) { x }; print f(1, z = 2)",
         "line 1, column 48: 'f' has no parameter 'z'"},
        {"let f = (x:long, y:long = 2) { x }; print f(1, x = 2)",
         "line 1, column 48: the argument 'x' is given twice"},
        {"let f = (x:long, y:long = 2) { x }; print f(x = 1, x = 2)",
         "line 1, column 52: the argument 'x' is given twice"},
        {"let f = (x:long, y:long = 2) { x }; print f(x = 1, 2)",
         "line 1, column 52: an argument behind a named one needs a name"},
        {"let f = (x:long) { x }; print f(1.5)",
         "line 1, column 33: a long is expected here, this is a real"},
        {"let f = (x:long) { x }; print f('a')",
         "line 1, column 33: a long is expected here, this is a string"},
        {"let f = (T:(a:long)) { T }; f(5)", "line 1, column 31: a table is expected here"},
        {"let f = (T:(a:long)) { T }; f((datatable(b:long)[1]))",
         "line 1, column 32: the table has no column 'a' of type long"},
        {"let f = (T:(a:long)) { T }; f((datatable(a:string)['1']))",
         "line 1, column 32: the table has no column 'a' of type long"},
        {"let f = (x:long) { x }; f | take 1",
         "line 1, column 25: 'f': the argument 'x' is missing"},
        {"let f = (x:long) { x }; f(4) | take 1",
         "line 1, column 25: 'f' gives no table that is known here"},
        {"let f = (x:long) { x }; f(4)",
         "line 1, column 25: the query ends with a value, not with a table"},
        {"let f = () { print 1 }; print f()", "line 1, column 31: 'f' gives a table, not a value"},
        {"let f = () { print 1 }; print f", "line 1, column 31: 'f' gives a table, not a value"},
        {"let f = (x:long) { f(x) }; print f(1)",
         "line 1, column 20: the function 'f' is not known or not supported"},
        {"let x = 4; x | take 1", "line 1, column 12: 'x' is a value, not a table"},
        {"let x = datatable(a:long)[1]; print x", "line 1, column 37: 'x' is a table, not a value"},
        /* the page's restrictions: no table is made anew for each row */
        {"let T = datatable(d:datetime)[datetime(1970-01-01)]; let f = (h:long) { toscalar(T | "
         "summarize min(d) - h*1h) }; datatable(c:long)[1] | project f(c)",
         "line 1, column 105: 'h' is another value for each row: no table can read it"},
        {"let f = (h:long) { range x from 1 to h step 1 }; datatable(c:long)[1] | project f(c)",
         "line 1, column 38: 'h' is another value for each row: no table can read it"},
    };
    ASSERT_REFUSALS(rows);
}

/* Page table-function; the name may come through a let or a parameter. */
static void test_table_by_its_name(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db, "CREATE TABLE storm(a INTEGER); INSERT INTO storm VALUES(1), (2)");
    assert_answer(db, "table('storm') | count", "2");
    assert_answer(db, "let foo = (tableName:string) { table(tableName) | count }; foo('storm')",
                  "2");
    assert_answer(db, "let n = 'storm'; print x = toscalar(table(n) | count)", "2");
    assert_answer(db, "union storm, (table('storm')) | summarize sum(a)", "6");
    assert_refused(db, "table('Storm')", "line 1, column 1: there is no table 'Storm'");
    assert_refused(db, "table(5)",
                   "line 1, column 1: table() takes the name of a table, as a string");
    assert_refused(db, "table(strcat('st', 'orm'))",
                   "line 1, column 1: table() takes the name of a table, as a string");
    assert_refused(db, "table('storm', 'hotcache')",
                   "line 1, column 1: table() takes the name of a table, as a string");
    harness_close(db);
}

/* ---- literals ------------------------------------------------------------------------------- */

/* Pages scalar-data-types/dynamic ("may also include other Kusto literals"), and of each type. */
static void test_literals(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        {"print dynamic({'a': datetime(1970-05-11)})", "{\"a\":\"1970-05-11T00:00:00.0000000Z\"}"},
        {"print dynamic([datetime(2020-01-02 03:04:05.1234567), timespan(1.02:03:04.5), 1h, -90s, "
         "guid(" GUID "), bool(true), real(1.5), long(3), int(-4)])",
         "[\"2020-01-02T03:04:05.1234567Z\",\"1.02:03:04.5000000\",\"01:00:00\",\"-00:01:30\","
         "\"" GUID "\",true,1.5,3,-4]"},
        {"print dynamic([datetime(null), time(null), long(null), bool(null), guid(null), "
         "real(null), null, True, False, true, false])",
         "[null,null,null,null,null,null,null,true,false,true,false]"},
        {"print dynamic([dynamic(1), dynamic({'a': dynamic([])})]), dynamic(2.0), dynamic(-1.5), "
         "dynamic('it\\'s')",
         "[1,{\"a\":[]}]|2.0|-1.5|\"it's\""},
        {"print dynamic(-9223372036854775808), dynamic(9223372036854775807)",
         "-9223372036854775808|9223372036854775807"},
        {"print isnull(dynamic(dynamic(null))), gettype(iff(true, int(1), 2)), 100nanoseconds, "
         "200nano",
         "1|long|00:00:00.0000001|00:00:00.0000002"},
        {"print isnull(dynamic(null)), todatetime(dynamic([datetime(2020-01-01)])[0]) + 1h, "
         "totimespan(dynamic([1d])[0]) + 1h",
         "1|2020-01-01T01:00:00Z|1.01:00:00"},
        /* page timespan: the table of its literals */
        {"print 2d, 1.5h, 30m, 10s, 0.1s, 100ms, 10microsecond, 1tick, time(15 seconds), time(2), "
         "time(0.12:34:56.7)",
         "2.00:00:00|01:30:00|00:30:00|00:00:10|00:00:00.1000000|00:00:00.1000000|00:00:00.0000100|"
         "00:00:00.0000001|00:00:15|2.00:00:00|12:34:56.7000000"},
        {"print isnull(time(null)), 1d / 1s, time(1d) / time(1s), 24 * 60 * time(00:01:00) / "
         "time(1s)",
         "1|86400.0|86400.0|86400.0"},
        /* pages bool, int, long, real, guid, datetime */
        {"print bool(true), bool(false), bool(1), bool(0), bool(5), isnull(bool(null))",
         "1|0|1|0|1|1"},
        {"print long(12), long(0xff), long(+5), long( 7 ), long(-9223372036854775808), "
         "int(-2147483648), isnull(int(null))",
         "12|255|5|7|-9223372036854775808|-2147483648|1"},
        {"print real(1), real(-1e3), real(0x10), real(-9223372036854775808), isnan(real(nan)), "
         "isinf(real(+inf)), real(-inf) < 0, isnull(real(null)), double(2.5)",
         "1.0|-1000.0|16.0|-9.22337203685478e+18|1|1|1|1|2.5"},
        {"print guid(" GUID ") == guid('74BE27DE-1E4E-49D9-B579-FE0B331D3642'), isnull(guid(null))",
         "1|1"},
        {"print datetime('2020-01-01'), datetime(\"2020-01-01 10:00\"), datetime( 2020-01-01 ), "
         "isnull(datetime(null)), datetime() == now()",
         "2020-01-01T00:00:00Z|2020-01-01T10:00:00Z|2020-01-01T00:00:00Z|1|1"},
        {"print 0xFF, 1e3, 0x7fffffffffffffff", "255|1000.0|9223372036854775807"},
        /* page string: escapes, verbatim, multi-line, hidden; what stands beside is joined */
        {"print '\\t\\u00e9\\x41\\101\\U0001F600\\u6f22', @'a\\b', @\"c\"\"d\", 'a' \"b\", h'x'",
         "\t\xC3\xA9"
         "AA\xF0\x9F\x98\x80\xE6\xBC\xA2|a\\b|c\"d|ab|x"},
        {"print strlen(\"Hello\"', '@\"world!\"), strlen(\"Hello\"\n// Comment\n ', '@\"world!\")",
         "13|13"},
        {"print ```a\n'b'```, ~~~c~~~", "a\n'b'|c"},
        {"\xEF\xBB\xBFprint\xC2\xA0x = 1 // a byte order mark, and a no-break space", "1"},
    };
    ASSERT_ANSWERS(rows);
}

static void test_literals_that_are_refused(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        {"print dynamic(datetime())", "line 1, column 15: datetime() is no literal"},
        {"print dynamic([real(nan)])", "line 1, column 16: JSON holds no infinite number"},
        {"print dynamic([1e400])", "line 1, column 16: JSON holds no infinite number"},
        {"print dynamic([string('x')])", "line 1, column 16: a JSON value expected, not 'string'"},
        {"print dynamic(x)", "line 1, column 15: a JSON value expected, not 'x'"},
        {"print dynamic(-)", "line 1, column 16: a JSON value expected, not ')'"},
        {"print dynamic({a: 1})", "line 1, column 16: a quoted key expected, not 'a'"},
        {"print dynamic({'a' 1})", "line 1, column 20: ':' expected, not '1'"},
        {"print dynamic([1 2])", "line 1, column 18: ',' expected, not '2'"},
        {"print dynamic(9223372036854775808)",
         "line 1, column 15: the number is too large for a long"},
        {"print 9223372036854775808", "line 1, column 7: the number is too large for a long"},
        {"print long(1.5)", "line 1, column 7: '1.5' is no long"},
        {"print long(1 2)", "line 1, column 7: '1 2' is no long"},
        {"print int(2147483648)", "line 1, column 7: '2147483648' is no int"},
        {"print real(abc)", "line 1, column 7: 'abc' is no real"},
        {"print bool(maybe)", "line 1, column 7: 'maybe' is no bool"},
        {"print bool(2.5)", "line 1, column 7: '2.5' is no bool"},
        {"print guid(xyz)", "line 1, column 7: 'xyz' is no guid"},
        {"print timespan(abc)", "line 1, column 7: 'abc' is no timespan"},
        {"print long(12", "line 1, column 7: the literal does not end"},
        {"print datetime('2020)", "line 1, column 7: the literal does not end"},
        {"print 99999999d", "line 1, column 7: the timespan is too long"},
        {"print '\\u12'",
         "line 1, column 8: a backslash that begins no escape of KQL (write \\\\ or "
         "@'...')"},
        {"print 'a\\zb'",
         "line 1, column 9: a backslash that begins no escape of KQL (write \\\\ or "
         "@'...')"},
        {"print 'abc", "line 1, column 7: the string does not end on its line"},
        {"print ```a", "line 1, column 7: the string does not end"},
        {"print \\ 1", "line 1, column 7: '\\' begins nothing in KQL"},
        {"print decimal(1)", "line 1, column 7: the type decimal is not supported"},
    };
    ASSERT_REFUSALS(rows);
}

/* ---- sources -------------------------------------------------------------------------------- */

static void test_range_datatable_union(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        /* page range-operator: int, long, real, datetime or timespan, up to and until the stop */
        {"range Steps from 1 to 8 step 3", "1\n4\n7"},
        {"range x from 1 to 2 step 0.5", "1.0\n1.5\n2.0"},
        {"range x from 1.0 to int(2) step 0.75", "1.0\n1.75"},
        {"range x from 3.0 to 1.0 step -1.0", "3.0\n2.0\n1.0"},
        {"range x from datetime(2024-01-01) to datetime(2024-01-03) step 1d",
         "2024-01-01T00:00:00Z\n2024-01-02T00:00:00Z\n2024-01-03T00:00:00Z"},
        {"range x from 1h to 3h step 90m", "01:00:00\n02:30:00"},
        {"range x from 5 to 1 step -2", "5\n3\n1"},
        {"range x from 5 to 1 step 1", ""},
        /* page datatable-operator */
        {"datatable(b:bool, i:int, l:long, r:real)[true, 1, -2, 3.5, 0, int(5), 6, 7, bool(null), "
         "int(null), long(null), real(null)]",
         "1|1|-2|3.5\n0|5|6|7.0\nNULL|NULL|NULL|NULL"},
        {"datatable(t:timespan, d:dynamic, g:guid)[1h, 5, guid(" GUID "), timespan(2d), "
         "dynamic({'a':1}), guid(null)]",
         "01:00:00|5|" GUID "\n2.00:00:00|{\"a\":1}|NULL"},
        /* page union-operator */
        {"let V = view () { print x=1 }; let W = view () { print x=1 }; union isfuzzy=true (V | "
         "where x > 0), (W | where x > 0), (View_3 | where x > 0) | count",
         "2"},
        {"let View_1 = view () { print x=1 }; let View_2 = view () { print x=toint(2) }; union "
         "withsource=TableName View_1, View_2",
         "View_1|1|NULL\nView_2|NULL|2"},
        {"let View_1 = view () { print x=1 }; let View_2 = view () { print x=toint(2) }; let "
         "View_3 "
         "= view () { print x_long=3 }; union withsource=TableName View_1, View_2, View_3 | "
         "project "
         "TableName, x_long1, x_int, x_long",
         "View_1|1|NULL|NULL\nView_2|NULL|2|NULL\nView_3|NULL|NULL|3"},
        /* page as-operator: the names that withsource tells */
        {"range x from 1 to 2 step 1 | as T1 | union withsource=t (print x = 3 | as T2), (print x "
         "= 4 "
         "| as T3 | where x > 0)",
         "T1|1\nT1|2\nT2|3\nunion_arg2|4"},
        /* page toscalar */
        {"let Start = toscalar(print x=1); let End = toscalar(range x from 1 to 9 step 1 | count); "
         "let "
         "Step = toscalar(2); range z from Start to End step Step | extend s = Start, e = End, t = "
         "Step | where z > 5",
         "7|1|9|2\n9|1|9|2"},
        {"union kind=inner (print a = 1, b = 2), (print a = 3)", "1\n3"},
        {"union (print a = 1, s = 'x'), (print b = 3)", "1|x|NULL\nNULL||3"},
        {"print a = 1 | union (print a = 2), (print a = 3)", "1\n2\n3"},
    };
    static const kql_row refused[] = {
        {"range x from 1 to 3h step 1h",
         "line 1, column 1: a range goes from long to timespan by timespan: not known"},
        {"range x from datetime(2020-01-01) to datetime(2020-01-03) step 1",
         "line 1, column 1: a range goes from datetime to datetime by long: not known"},
        {"range x from 'a' to 'b' step 1",
         "line 1, column 1: a range goes from string to string by long: not known"},
        {"datatable(i:int)[3000000000]", "line 1, column 18: the number is too large for an int"},
        {"datatable(i:int)[-3000000000]", "line 1, column 18: the number is too large for an int"},
        {"datatable(l:long)[1.5]", "line 1, column 19: a real cannot be a long"},
        {"datatable(b:bool)[1.5]", "line 1, column 19: a real cannot be a bool"},
        {"datatable(d:datetime)[5]", "line 1, column 23: a long cannot be a datetime"},
        {"datatable(a:long, b:long)[1, 2, 3]",
         "line 1, column 1: 3 values do not fill rows of 2 columns"},
        {"datatable(a:long, a:long)[1, 2]", "line 1, column 19: the name 'a' is given twice"},
        {"datatable(a:long)[1 + 2]", "line 1, column 19: a value of a datatable is a literal"},
        {"datatable(t:timespan)[1h, 02:00:00]", "line 1, column 29: ',' or ']' expected, not ':'"},
        {"datatable(a:nosuch)[1]", "line 1, column 13: a type expected, not 'nosuch'"},
        {"union isfuzzy=true nosuch1, nosuch2",
         "line 1, column 1: none of the tables of the union is here"},
        {"union nosuch1, (print a = 1)", "line 1, column 7: there is no table 'nosuch1'"},
        {"print a = 1 | union kind=middle (print a = 2)",
         "line 1, column 15: a union is of kind inner or outer"},
        {"let T_view = view () { print x=1 }; union T*",
         "line 1, column 43: a pattern of names of tables is not supported"},
    };
    ASSERT_ANSWERS(rows);
    ASSERT_REFUSALS(refused);
}

/* ---- operators on columns ------------------------------------------------------------------- */

static void test_columns_chosen(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        /* page project-reorder-operator */
        {"print a='a', b='b', c='c' | project-reorder b", "b|a|c"},
        {"print b = 'b', a2='a2', a3='a3', a1='a1' | project-reorder a* asc", "a1|a2|a3|b"},
        {"print b = 'b', a2='a2', a3='a3', a1='a1' | project-reorder a* desc", "a3|a2|a1|b"},
        {"print b = 'b', a2='a2', a3='a3', a1='a1' | project-reorder a*", "a2|a3|a1|b"},
        {"print b = 'b', a2='a2', a3='a3', a1='a1' | project-reorder *2, a1", "a2|a1|b|a3"},
        {"print a = 'a', aa='aa' | project-reorder * desc", "aa|a"},
        {"print a1b=1, aXb=2, abx=3, ab=4 | project-keep a*b", "1|2|4"},
        {"print a1b=1, aXb=2, abx=3 | project-away *b*x*", "1|2"},
        /* page distinct-operator: * is every column */
        {"datatable(a:long, b:string)[1, 'x', 1, 'x', 2, 'y'] | distinct *", "1|x\n2|y"},
        {"datatable(a:long, b:string)[2, 'y', 1, 'x', 1, 'x'] | distinct * | where a == 1", "1|x"},
        /* pages take-operator, top-operator */
        {"let n = 2; range x from 1 to 5 step 1 | take n", "1\n2"},
        {"range x from 1 to 5 step 1 | take toscalar(print 2)", "1\n2"},
        {"range x from 1 to 5 step 1 | top 1 + 1 by x", "5\n4"},
        /* page row-window functions in where and by */
        {"range x from 1 to 3 step 1 | where row_number() > 1", "2\n3"},
        {"range x from 1 to 3 step 1 | where prev(x) == 1", "2"},
        {"range x from 1 to 3 step 1 | summarize n = count() by r = row_number() % 2 | sort by r "
         "asc",
         "0|1\n1|2"},
        /* an automatic name that is taken gets a number */
        {"print a = 1 | extend tolower('A'), Column1 = 5", "1|a|5"},
        {"print Column1 = 2 | extend Column1 + 1", "2|3"},
    };
    static const kql_row columns[] = {
        {"print a = 1 | project a, tostring(a)", "a:long, a1:string"},
        {"print a = 1 | extend tostring(a)", "a:long, a1:string"},
        {"print a = 1 | extend a", "a:long"},
        {"print Column1 = 2 | extend Column1 + 1", "Column1:long, Column2:long"},
    };
    static const kql_row refused[] = {
        {"print a100=1, a20=2 | project-reorder a* granny-asc",
         "line 1, column 42: 'granny' is not supported"},
        {"print a=1 | project-reorder z", "line 1, column 29: there is no column 'z'"},
        {"print a=1 | project-rename b = c", "line 1, column 32: there is no column 'c'"},
        {"print a=1 | project-rename b", "line 1, column 28: project-rename takes new = old"},
        {"print a=1 | project-rename b = a + 1",
         "line 1, column 28: project-rename takes new = old"},
        {"print a=1 | project-away a", "line 1, column 1: the result has no columns"},
        {"print (a, b) = 5",
         "line 1, column 7: several names for one value are not supported here"},
        {"print x = 1 | extend (a, b) = x",
         "line 1, column 22: several names for one value are not supported here"},
        {"print x = 1 | summarize (a, b) = count()",
         "line 1, column 25: several names for one value are not supported here"},
        {"print a = 1 | take 1.5", "line 1, column 20: a number of rows is a long, not a real"},
        {"print a = 1 | take a", "line 1, column 20: there is no column or let named 'a'"},
        {"print d = dynamic(1) | distinct *",
         "line 1, column 24: rows cannot be grouped by a dynamic value (use tostring)"},
        {"print a = 1 | extend z", "line 1, column 22: there is no column or let named 'z'"},
        {"print a = 1 | sort by a nulls maybe",
         "line 1, column 31: 'first' or 'last' expected, not 'maybe'"},
        {"print a = 1 | 5", "line 1, column 15: an operator expected, not '5'"},
    };
    ASSERT_ANSWERS(rows);
    ASSERT_COLUMNS(columns);
    ASSERT_REFUSALS(refused);
}

/* Page join-innerunique: a filter of left columns behind the join acts before one row of each key is
 * chosen; what looks at both sides, or beyond the row, acts behind it. */
static void test_filters_before_innerunique(void **state)
{
    (void)state;
    static const kql_row rows[] = {
#define LEFT "datatable(key:long, value:string)[1, 'val1.1', 1, 'val1.2'] "
#define RIGHT "(datatable(key:long, w:string)[1, 'val1.3', 1, 'val1.4']) on key "
        {LEFT "| join kind=innerunique " RIGHT "| where value == 'val1.2'",
         "1|val1.2|1|val1.3\n1|val1.2|1|val1.4"},
        {LEFT "| join " RIGHT "| where value in ('val1.2', 'x') and w == 'val1.3'",
         "1|val1.2|1|val1.3"},
        {LEFT "| join kind=inner " RIGHT "| where strcat(value, w) == 'val1.2val1.3'",
         "1|val1.2|1|val1.3"},
        {LEFT "| join " RIGHT "| where w == 'val1.3' and 1 == 1 | count", "1"},
    };
    ASSERT_ANSWERS(rows);
}

/* ---- where ---------------------------------------------------------------------------------- */

/* Pages in-cs-operator, has-any-operator and their like: a value is looked for among scalars, in
 * dynamic arrays, or in the first column of a table. */
static void test_where(void **state)
{
    (void)state;
    static const kql_row rows[] = {
#define XY "datatable(a:string)['x', 'Y', '1'] "
        {XY "| where a in ('x', 'y')", "x"},
        {XY "| where a in~ ('X', 'y')", "x\nY"},
        {XY "| where a !in~ ('X') | where a !in ('1')", "Y"},
        {XY "| where a in~ ((print 'X'))", "x"},
        {XY "| where a !in~ ((print 'X', 5)) | where a !in ((print '1'))", "Y"},
        {XY "| where a in (dynamic(['x', 'y']), '1')", "x\n1"},
        {XY "| where a in (dynamic([])) or a in (dynamic(null)) or a in (dynamic({'x': 1}))", ""},
        {"let l = dynamic(['x']); " XY "| where a in (l)", "x"},
        {"let l = materialize(datatable(b:string)['x']); " XY "| where a in (l)", "x"},
        {"range a from 1 to 3 step 1 | where a in ((datatable(b:int)[1])) or a in (2.0, 7)",
         "1\n2"},
        {"datatable(a:real)[1, 2.5, real(nan)] | where a in (1, 2.5)", "1.0\n2.5"},
        {"datatable(a:dynamic)[dynamic(1), dynamic('x')] | where a in ((datatable(b:long)[1])) or "
         "a "
         "in ('x', 'y')",
         "1\n\"x\""},
        {"datatable(a:datetime)[datetime(2020-01-01)] | where a in (datetime(2020-01-01), "
         "datetime(2021-01-01))",
         "2020-01-01T00:00:00Z"},
#define TEXTS "datatable(a:string)['x y', 'Y z'] "
        {TEXTS "| where a has_any ((datatable(b:string)['X']))", "x y"},
        {TEXTS "| where a has_any ('q', dynamic(['z']))", "Y z"},
        {TEXTS "| where a has_any (dynamic(['x', 1]))", "x y"},
        {"datatable(a:string, d:dynamic)['x y', dynamic(['X']), 'z', dynamic(null)] | where a "
         "has_any "
         "(d) | project a",
         "x y"},
        {"datatable(a:string, b:string)['x y', 'x', 'x y', 'z'] | where * has b | count", "2"},
        {TEXTS "| where a has_all ('X', 'y')", "x y"},
        {TEXTS "| where a has_all (dynamic(['z']))", "Y z"},
        {"datatable(a:string)['Xy'] | where a hasprefix 'x' and a !hassuffix 'z' and a "
         "startswith_cs "
         "'X' and a !endswith_cs 'Y' and a contains_cs 'X' and a !contains_cs 'x' and a has_cs "
         "'Xy' "
         "and a !has_cs 'xy' and a hasprefix_cs 'X' and a hassuffix_cs 'y' and a !hasprefix_cs 'x' "
         "and a !startswith 'y' and a endswith 'Y' and a !hassuffix_cs 'Y'",
         "Xy"},
        {"datatable(a:dynamic)[dynamic('abc')] | where a has 'ABC' and a contains 'B' and a "
         "startswith 'a' and a in~ ('ABC')",
         "\"abc\""},
        /* page null-values: a comparison with null but for != and !in is not true */
        {"datatable(a:long)[1, long(null)] | where a !in (1) and isnull(a) or a == 1", "1\nNULL"},
        /* `*`: any column that is a string or has some */
        {"datatable(a:string, n:long, b:dynamic)['x', 1, dynamic({'k': 'Zed'}), 'y', 2, "
         "dynamic([])] | where * has 'zed' or * contains 'Y' | project n",
         "1\n2"},
        {"datatable(a:string, t:datetime)['x', datetime(2020-01-01)] | where * !has 'q' | count",
         "1"},
        {"print 5 between (1 .. 10), 5 !between (1 .. 10), 5 between (1.5 .. 5), "
         "datetime(2020-01-02) between (datetime(2020-01-01) .. 1d), 2h between (1h .. 3h), "
         "dynamic(5) between (1 .. 10), 1 between (10 .. 1)",
         "1|0|1|1|1|1|0"},
        {"print 'a' == dynamic('a'), dynamic(1) == 1, 1 != dynamic(1), dynamic([1]) == "
         "dynamic([1]), "
         "guid(" GUID ") == '" GUID "', '" GUID "' == guid(" GUID "), '5' == 5, "
         "'2020-01-01' == datetime(2020-01-01), 'a' =~ 'A', 'a' !~ 'A', 1 <> 2",
         "1|1|0|1|1|1|1|1|1|0|1"},
    };
    static const kql_row refused[] = {
        {"print a = 'x', n = 1 | where * has '1'",
         "line 1, column 30: '*' over columns that are no strings is not supported for this text"},
        {"print n = 1 | where * has 'x'", "line 1, column 21: there is no string column"},
        {XY "| where a in ((datatable(b:long)[1]))",
         "line 1, column 44: a string is looked for in a table of long"},
        {TEXTS "| where a has_any ((datatable(b:long)[1]))",
         "line 1, column 43: 'has_any' takes a table of strings, not of long"},
        {"print n = 5 | where n has '5'", "line 1, column 21: 'has' takes strings, not a long"},
        {"print a = 'x' | where a has 5", "line 1, column 23: 'has' takes strings, not a long"},
        {"print datetime(2020-01-02) between (1d .. 2d)",
         "line 1, column 7: 'between' does not take a datetime and a timespan"},
        {"print d = dynamic(1) | where 1 between (d .. 5)",
         "line 1, column 30: 'between' does not take a long and a dynamic"},
    };
    ASSERT_ANSWERS(rows);
    ASSERT_REFUSALS(refused);
}

/* ---- join, parse, mv-expand ----------------------------------------------------------------- */

static void test_join_parse_expand(void **state)
{
    (void)state;
    static const kql_row rows[] = {
    /* page join-operator: `on` is a column of both sides, or an equality of $left and $right */
#define KV "datatable(k:long, v:long)[1, 2] "
        {KV "| join (print k = 1, v = 2) on k, v", "1|2|1|2"},
        {KV "| join (print k = 1, v = 2) on k and v", "1|2|1|2"},
        {KV "| join (print a = 1, b = 2) on $left.k == $right.a and $right.b == $left.v",
         "1|2|1|2"},
        {KV "| join hint.strategy=broadcast kind=inner (print k = int(1)) on k", "1|2|1"},
        {"let R = print k = 1; " KV "| join R on k", "1|2|1"},
        /* page lookup-operator: without the key of the right side; leftouter is the default */
        {"datatable(Row:string, Personal:string, Family:string)['1', 'Bill', 'Gates', '2', "
         "'Steve', "
         "'Ballmer', '3', 'No', 'One'] | lookup (datatable(Personal:string, Family:string, "
         "Alias:string)['Bill', 'Gates', 'billg', 'Steve', 'Ballmer', 'steveb']) on Personal, "
         "Family",
         "1|Bill|Gates|billg\n2|Steve|Ballmer|steveb\n3|No|One|"},
    /* page parse-operator, regex mode: greedy but for the flag U */
#define TRACE "datatable(t:string)['Event: (resourceName=P, totalSlices=27, lockTime=02)'] | parse "
        {TRACE
         "kind=regex t with '(.*?)[a-zA-Z]*=' resourceName @', totalSlices=\\s*\\d+\\s*.*?(lock)?"
         "Time=' lockTime: long '.*' | project resourceName, lockTime",
         "P|2"},
        {TRACE "kind=regex t with * 'resourceName=' r ',' * | project r", "P, totalSlices=27"},
        {TRACE "kind=regex flags=Ui t with * 'RESOURCENAME=' r ',' * | project r", "P"},
        /* page parse-operator: with types; relaxed gives null for what does not fit, simple all */
        {"datatable(s:string)['t=1.5 u=true d=2020-01-01 g=" GUID " p=01:02:03 y={\"q\":1} i=5'] | "
         "parse s with 't=' t:real ' u=' u:bool ' d=' d:datetime ' g=' g:guid ' p=' p:timespan ' "
         "y=' "
         "y:dynamic ' i=' i:int | project-away s",
         "1.5|1|2020-01-01T00:00:00Z|" GUID "|01:02:03|{\"q\":1}|5"},
        {"datatable(s:string)['a=1 t=x u=x d=x g=x p=x i=x'] | parse kind=relaxed s with 'a=' "
         "a:long "
         "' t=' t:real ' u=' u:bool ' d=' d:datetime ' g=' g:guid ' p=' p:timespan ' i=' i:int | "
         "project-away s",
         "1|NULL|NULL|NULL|NULL|NULL|NULL"},
        {"datatable(s:string)['a=1 b=x', 'a=1 b=2'] | parse s with 'a=' a:long * 'b=' b:long | "
         "project a, b",
         "NULL|NULL\n1|2"},
        {"datatable(s:string)['a=1 t=x'] | parse s with 'a=' a:long ' t=' t:real | project a, t",
         "NULL|NULL"},
        {"datatable(s:string)['a=1 t=x'] | parse s with 'a=' a:long ' t=' t:bool | project a, t",
         "NULL|NULL"},
        {"datatable(s:string)['a=1 t=x'] | parse s with 'a=' a:long ' t=' t:timespan | project a, "
         "t",
         "NULL|NULL"},
        {"datatable(s:string)['a=1 t=x'] | parse s with 'a=' a:long ' t=' t:guid | project a, t",
         "NULL|NULL"},
        {"datatable(s:string)['a=q b', 'a={\"k\": 1} b'] | parse s with 'a=' d:dynamic ' b' | "
         "project d",
         "\"q\"\n{\"k\":1}"},
        {"datatable(d:dynamic)[dynamic({'k':'v1'})] | parse d.k with 'v' a:long | project a", "1"},
        {"datatable(s:string)['a=1 b=2'] | parse kind=regex flags=i s with 'A=' a ' ' * | project "
         "a",
         "1"},
        /* page mv-expand-operator */
        {"datatable(d:dynamic)[dynamic([1, 2, 3])] | mv-expand d limit 2", "1\n2"},
        {"datatable(d:dynamic)[dynamic({'a':1, 'b':2})] | mv-expand kind=array d",
         "[\"a\",1]\n[\"b\",2]"},
        {"datatable(d:dynamic)[dynamic({'a':1, 'b':2})] | mv-expand bagexpansion=bag d",
         "{\"a\":1}\n{\"b\":2}"},
        {"datatable(d:dynamic)[dynamic([]), dynamic(null)] | mv-expand d", "NULL"},
        {"datatable(d:dynamic)[dynamic([1, 'x'])] | mv-expand d to typeof(long)", "1\nNULL"},
        {"datatable(d:dynamic)[dynamic(['a', 1])] | mv-expand d to typeof(dynamic)", "\"a\"\n1"},
        {"datatable(a:dynamic, b:dynamic)[dynamic([1, 2]), dynamic(['x'])] | mv-expand "
         "with_itemindex=i a, b",
         "1|\"x\"|0\n2|NULL|1"},
    };
    static const kql_row columns[] = {
        {"print d = dynamic([1]) | mv-expand pack_array(1, 2), d", "d:dynamic, Column1:dynamic"},
        {"print Column1 = 1 | mv-expand pack_array(1, 2)", "Column1:long, Column2:dynamic"},
        {"print dynamic({'a': 1}).a, parse_json('{}')['b']", "print_0:dynamic, print_1:dynamic"},
    };
    static const kql_row refused[] = {
        {"print k = 1 | join kind=nosuch (print k = 1) on k",
         "line 1, column 15: a join of kind 'nosuch' is not known"},
        {"print k = 1 | lookup kind=fullouter (print k = 1) on k",
         "line 1, column 15: a join of kind 'fullouter' is not known"},
        {"print k = 1 | join (print a = 1) on $left.k == $left.k",
         "line 1, column 37: one side is of $left, the other of $right"},
        {"print k = 1 | join (print a = 1) on $left.k == 5",
         "line 1, column 37: one side is of $left, the other of $right"},
        {"print k = 1 | join (print a = 1) on $left.z == $right.a",
         "line 1, column 37: the left side has no column 'z'"},
        {"print k = 1 | join (print a = 1) on $left.k == $right.z",
         "line 1, column 48: the right side has no column 'z'"},
        {"print k = 1 | join (print a = 1) on k",
         "line 1, column 37: the right side has no column 'k'"},
        {"print k = 1 | join (print a = 1) on a",
         "line 1, column 37: the left side has no column 'a'"},
        {"print k = 1 | join (print k = 1) on k > 5",
         "line 1, column 37: a join is on the name of a column, or on $left.a == $right.b"},
        {"print k = 1 | join (print k = 1) on tostring(k)",
         "line 1, column 37: a join is on the name of a column, or on $left.a == $right.b"},
        {"print k = 1 | join (print k = 1)", "line 1, column 33: 'on' expected, but the query ends "
                                             "here"},
        {"print k = 1 | join (print k = 1.5) on k",
         "line 1, column 39: a join compares a long with a real"},
        {"print s = 'a' | parse kind=nosuch s with 'a' b",
         "line 1, column 17: parse is of kind simple, relaxed or regex"},
        {"print s = 'a' | parse s with", "line 1, column 17: parse needs a pattern behind 'with'"},
        {"print s = 'a' | parse-where kind=relaxed s with 'a' b",
         "line 1, column 17: parse-where is of kind simple or regex"},
        {"print s = 'a' | parse flags=i s with 'a' b",
         "line 1, column 17: flags go with kind=regex"},
        {"print s = 'a' | parse s with '' b", "line 1, column 30: an empty text in the pattern"},
        {"print s = 'a' | parse s with * * b",
         "line 1, column 32: '*' cannot stand here: nothing says where it begins"},
        {"print s = 'a' | parse s with b *",
         "line 1, column 32: '*' cannot stand here: nothing says where it begins"},
        {"print d = dynamic([1]) | mv-expand d limit toscalar(print 2)",
         "line 1, column 44: a number of rows is a number as it is written"},
        {"print d = dynamic([1]) | mv-expand d limit 'x'",
         "line 1, column 44: a number of rows is a number as it is written"},
        {"print d = dynamic([1]) | mv-expand d to typeof(nosuch)",
         "line 1, column 48: a type expected, not 'nosuch'"},
        {"print d = dynamic([1]) | mv-expand bagexpansion=nosuch d",
         "line 1, column 26: a bag is expanded as bag or as array"},
        {"print d = dynamic([1]) | mv-expand d, d, d, d, d, d, d, d, d",
         "line 1, column 26: mv-expand takes 8 columns at most"},
        {"print d = dynamic([1]) | mv-apply d on (union (print 1))",
         "line 1, column 41: union within mv-apply is not supported"},
        {"print d = dynamic([1]) | mv-apply d on (join (print 1) on d)",
         "line 1, column 41: join within mv-apply is not supported"},
        {"print d = dynamic([1]) | mv-apply d on (mv-apply d on (take 1))",
         "line 1, column 41: mv-apply within mv-apply is not supported"},
        {"print d = dynamic([1]) | mv-apply d on (getschema)",
         "line 1, column 26: this operator within mv-apply is not supported"},
        {"union isfuzzy=maybe (print 1), (print 2)", "line 1, column 1: isfuzzy is true or false"},
        {"print a = 1 | union kind=5 (print 2)",
         "line 1, column 15: a union is of kind inner or outer"},
        {"print a = 1 | union kind=(1) (print 2)", "line 1, column 26: a value expected, not '('"},
    };
    ASSERT_ANSWERS(rows);
    ASSERT_COLUMNS(columns);
    ASSERT_REFUSALS(refused);
}

/* ---- summarize ------------------------------------------------------------------------------ */

static void test_summarize(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        /* page take-any: with several expressions all are of one row, with one it looks for a value
         * that is neither null nor empty */
        {"datatable(a:long, b:long)[long(null), 1, 2, long(null)] | summarize take_any(*) | where "
         "isnull(a) != isnull(b)",
         "NULL|1"},
        {"datatable(a:long, b:string)[1, 'x'] | summarize take_any(b, a + 1)", "x|2"},
        {"datatable(k:long, a:string)[1, 'x', 2, 'y'] | summarize take_any(*) by k | sort by k asc",
         "1|x\n2|y"},
        {"datatable(a:long, b:string)[] | summarize take_any(b, a)", "|NULL"},
        {"datatable(a:string, b:long)['', long(null), 'x', 2] | summarize take_any(a), take_any(b)",
         "x|2"},
        {"datatable(d:dynamic)[dynamic([3, 1])] | mv-apply x = d to typeof(long) on (summarize "
         "take_any(x, x + 1)) | project x",
         "3"},
        /* page percentiles: nearest rank */
        {"range a from 1 to 10 step 1 | summarize percentiles(a, 5, 50, 95)", "1|5|10"},
        /* page arg-max: `*` is every column but the keys */
        {"datatable(a:long, b:long)[1, 2, 1, 3] | summarize arg_max(b + 1, z = a, b), max(b)",
         "4|1|3|3"},
        {"datatable(a:long, b:long)[1, 2, 1, 3] | summarize arg_max(b + 1)", "4"},
        {"datatable(d:dynamic)[dynamic([1, 2]), dynamic([4])] | mv-apply x = d to typeof(long) on "
         "(summarize max(x), arg_max(x, y = x)) | project max_x, x, y",
         "2|2|2\n4|4|4"},
        {"datatable(a:long)[1, 3] | summarize iff(max(a) > 2, min(a), sum(a))", "1"},
        {"datatable(a:long)[1, 3] | summarize by a | sort by a asc", "1\n3"},
    };
    static const kql_row columns[] = {
        {"datatable(a:long)[] | summarize percentiles(a, 5, 99.9)",
         "percentile_a_5:long, percentile_a_99_9:long"},
        {"datatable(a:string, b:long)[] | summarize any(*)", "any_a:string, any_b:long"},
        {"datatable(a:string, b:long)[] | summarize any(b), take_any(a)", "any_b:long, a:string"},
        {"datatable(a:long)[] | summarize arg_max(a + 1)", "max_:long"},
        {"datatable(a:long)[] | summarize count() by count_ = a", "count_:long, count_1:long"},
    };
    static const kql_row refused[] = {
        {"print a = 1 | summarize percentiles(a), count()",
         "line 1, column 25: 'percentiles' takes a value and percentiles of it"},
        {"print a = 1 | summarize (x, a) = arg_max(a, a), a = count()",
         "line 1, column 49: the name 'a' is given twice"},
        {"print a = 1 | summarize (a, b, c) = arg_max(a, a)",
         "line 1, column 25: more names than values"},
        {"print a = 1 | summarize z = take_any(*)",
         "line 1, column 25: a name for several values is not supported here"},
        {"print a = dynamic(1) | summarize arg_max(a, a)",
         "line 1, column 34: 'arg_max' does not order a dynamic"},
        {"print a = 1 | summarize arg_max()",
         "line 1, column 25: 'arg_max' takes what is looked for, and the columns to give"},
        {"print a = 1 | summarize a = count(), a = sum(a)",
         "line 1, column 38: the name 'a' is given twice"},
        {"print a = 1 | summarize x = count() by x = a",
         "line 1, column 25: the name 'x' is given twice"},
        {"print a = 1 | summarize count() by a, a",
         "line 1, column 39: the name 'a' is given twice"},
        {"print a = 1 | summarize sum(row_number())",
         "line 1, column 29: 'row_number' needs rows in an order: sort or serialize first"},
    };
    ASSERT_ANSWERS(rows);
    ASSERT_COLUMNS(columns);
    ASSERT_REFUSALS(refused);
}

/* ---- tables of the database ----------------------------------------------------------------- */

/* Every type that a declared one may be, and names that SQL must quote. */
static void test_tables_of_the_database(void **state)
{
    (void)state;
    sqlite3 *db = harness_open();
    harness_exec(db,
                 "CREATE TABLE \"a\"\"b\"(g GUID, t TIMESPAN, \"d\"\"t\" DATETIME, y DYNAMIC, f "
                 "BOOLEAN, r DOUBLE, i BIGINT, s); INSERT INTO \"a\"\"b\" VALUES('" GUID
                 "', 36000000000, 0, '{\"k\": 1}', 'true', '1.5', '7', 8), ('x', '1d', "
                 "'2020-01-01', 'x', 2, 1, 1.9, NULL)");
    assert_answer(db, "['a\"b']",
                  GUID "|01:00:00|0001-01-01T00:00:00Z|{\"k\":1}|1|1.5|7|8\n"
                       "NULL|1.00:00:00|2020-01-01T00:00:00Z|\"x\"|1|1.0|1|");
    assert_columns(
        db, "['a\"b']",
        "g:guid, t:timespan, d\"t:datetime, y:dynamic, f:bool, r:real, i:long, s:string");
    /* A table of the user's own that is called AWSCloudTrail has Sentinel's types where it has
     * Sentinel's columns. */
    harness_exec(db, "CREATE TABLE AWSCloudTrail(TimeGenerated TEXT, EventName TEXT, "
                     "SessionMfaAuthenticated TEXT, mine INTEGER); INSERT INTO AWSCloudTrail "
                     "VALUES('2020-01-01T00:00:00Z', 'A', 'true', 5)");
    assert_answer(
        db, "AWSCloudTrail | getschema | project ColumnName, ColumnType",
        "TimeGenerated|datetime\nEventName|string\nSessionMfaAuthenticated|bool\nmine|long");
    assert_answer(db, "AWSCloudTrail | where TimeGenerated < datetime(2021-01-01)",
                  "2020-01-01T00:00:00Z|A|1|5");
    harness_close(db);
}

/* An event's name is found by an index where its letters are ASCII; whatever stands where, the rows
 * are those of the comparison. */
static void test_names_of_events(void **state)
{
    (void)state;
    sqlite3 *db = harness_open_ready();
    harness_exec(
        db,
        "INSERT INTO cloudtrail(eventTime, eventID, eventName, userAgent, fileID, recordNumber) "
        "VALUES('2024-05-01T10:00:00Z', 'e1', 'ListUsers', 'x', 1, 1), "
        "('2024-05-01T10:00:01Z', 'e2', 'listusers', 'ListUsers', 1, 2), "
        "('2024-05-01T10:00:02Z', 'e3', '\u00c9t\u00e9', NULL, 1, 3)");
    static const kql_row rows[] = {
        {"AWSCloudTrail | where EventName == 'ListUsers' | project AwsEventId", "e1"},
        {"AWSCloudTrail | where 'ListUsers' == EventName | project AwsEventId", "e1"},
        {"AWSCloudTrail | where 'LISTUSERS' =~ EventName | count", "2"},
        {"AWSCloudTrail | where EventName in~ ('LISTUSERS', 'q') | count", "2"},
        {"AWSCloudTrail | where EventName in ('ListUsers', 'q') and EventName != 'q' | count", "1"},
        {"AWSCloudTrail | where EventName in~ ('LISTUSERS', UserAgent) | count", "2"},
        {"AWSCloudTrail | where EventName == UserAgent | count", "0"},
        {"AWSCloudTrail | where EventName =~ UserAgent | project AwsEventId", "e2"},
        {"AWSCloudTrail | where TimeGenerated >= datetime(2024-05-01 10:00:00.5) and TimeGenerated "
         "< "
         "datetime(2024-05-01 10:00:02) | project AwsEventId",
         "e2"},
        {"AWSCloudTrail | where datetime(2024-05-01 10:00:01) <= TimeGenerated | count", "2"},
        {"AWSCloudTrail | where TimeGenerated <= datetime(9999-12-31 23:59:59.9999999) | count",
         "3"},
        {"AWSCloudTrail | where TimeGenerated > datetime(0001-01-01) | count", "3"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_answer(db, rows[i].query, rows[i].expected);
    assert_answer(db,
                  "AWSCloudTrail | where EventName == '\\u00c9t\\u00e9' or EventName in~ "
                  "('\\u00e9T\\u00c9', 'q') | project AwsEventId",
                  "e3");
    harness_close(db);
}

/* ---- limits --------------------------------------------------------------------------------- */

/* A text with `what` n times, each with the number written where it has %d, behind `front`. */
static char *repeated(const char *front, const char *what, int n, const char *back)
{
    char *text = sqlite3_mprintf("%s", front);
    for (int i = 1; i <= n; i++) {
        char *piece = sqlite3_mprintf(what, i, i - 1, i - 1);
        char *longer = sqlite3_mprintf("%z%z", text, piece);
        text = longer;
    }
    return sqlite3_mprintf("%z%s", text, back);
}

static void test_limits(void **state)
{
    (void)state;
    static const struct {
        const char *front, *what;
        int n;
        const char *back, *sentence;
    } queries[] = {
        /* not the C stack: 128 KB of functions that call one another */
        {"let f0 = () { print 1 };", "let f%d=(){f%d()};", 4000, "f4000()",
         "line 1, column 76996: the query nests too deep"},
        {"let f0 = (x:long) { x };", "let f%d = (x:long) { f%d(x) };", 200, "print f200(1)",
         "line 1, column 2221: the query nests too deep"},
        {"let f = () { let a0 = print 1;", "let a%d = a%d;", 500, "a500 }; f()",
         "line 1, column 1440: the query nests too deep"},
        {"let f0 = (x:long) { x + x };", "let f%d = (x:long) { f%d(x) + f%d(x) };", 17,
         "print f17(1)", "line 1, column 49: the query is too large (over 100000 expressions)"},
        {"print a0 = 0", ", a%d = %d", 1000, "",
         "line 1, column 1: a step has more than 1000 columns"},
        {"print 1", " + 1", 200, "", "line 1, column 521: a chain of more than 128 operators"},
        {"print d = dynamic(1) | project d", ".a", 70, "",
         "line 1, column 161: a path of more than 64 steps"},
        {"print x = 1.", "0", 500, "", "line 1, column 11: a number of more than 399 characters"},
    };
    sqlite3 *db = harness_open();
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        char *query = repeated(queries[i].front, queries[i].what, queries[i].n, queries[i].back);
        assert_refused(db, query, queries[i].sentence);
        sqlite3_free(query);
    }
    /* a literal is written where its let is used */
    char *text = sqlite3_mprintf("%0*d", 60000, 1);
    char *front = sqlite3_mprintf("let s = '%z'; print a0 = s", text);
    char *query = repeated(front, ", a%d = s", 20, "");
    assert_refused(db, query, "line 1, column 1: the query becomes more than 1000000 bytes of SQL");
    sqlite3_free(front);
    sqlite3_free(query);
    harness_close(db);
}

/* What stands where it cannot. */
static void test_refusals(void **state)
{
    (void)state;
    static const kql_row rows[] = {
        {"print strlen(*)", "line 1, column 14: '*' cannot stand here"},
        {"print a = 1 | summarize take_any(x = a, a)",
         "line 1, column 34: a name cannot be given here"},
        {"print x = (print 1)", "line 1, column 12: a value is expected here, this is a table"},
        {"print strlen(typeof(long))",
         "line 1, column 14: a value is expected here, this is a table"},
        {"5 | take 1", "line 1, column 1: a table is expected here"},
        {"nosuch() | take 1", "line 1, column 1: 'nosuch' gives no table that is known here"},
        {"print 'x' in ((print a = 1 | project-away a))",
         "line 1, column 7: the table has no columns"},
        {"print toscalar(print a = 1 | project-away a)",
         "line 1, column 7: the table has no columns"},
        {"print a = '1' | where a in (5)",
         "line 1, column 23: 'in' does not take a string and a long"},
        {"print a = 'x', n = 1 | where * has '0'",
         "line 1, column 30: '*' over columns that are no strings is not supported for this text"},
        {"print a = 'x', n = 1 | where * has a",
         "line 1, column 30: '*' over columns that are no strings is not supported for this text"},
        {"print dynamic([datetime 5])", "line 1, column 25: '(' expected, not '5'"},
        {"range x in 5", "line 1, column 9: 'from' expected, not 'in'"},
        {"union withsource='a\\0b' (print 1)", "line 1, column 1: a name with a NUL in it"},
        {"print ['a\\0b'] = 1", "line 1, column 7: an empty name, or one with a NUL in it"},
        {"print [''] = 1", "line 1, column 7: an empty name, or one with a NUL in it"},
        {"datatable(['']:long)[1]", "line 1, column 11: an empty name, or one with a NUL in it"},
        {"datatable(a:'x')[1]", "line 1, column 13: a type expected, not ''x''"},
        {"['"
         "a\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
         "\u00e9\u00e9"
         "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
         "\u00e9\u00e9']",
         "line 1, column 1: there is no table "
         "'a\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
         "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
         "\u00e9"
         "\u00e9\u00e9\u00e9\u00e9\u00e9...'"},
        {"search 'x'", "line 1, column 1: 'search' is not supported"},
        {"find('x')", "line 1, column 1: 'find' is not supported"},
        {"search *", "line 1, column 1: 'search' is not supported"},
    };
    ASSERT_REFUSALS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_of_a_let),
        cmocka_unit_test(test_functions_that_are_refused),
        cmocka_unit_test(test_table_by_its_name),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_literals_that_are_refused),
        cmocka_unit_test(test_range_datatable_union),
        cmocka_unit_test(test_columns_chosen),
        cmocka_unit_test(test_filters_before_innerunique),
        cmocka_unit_test(test_where),
        cmocka_unit_test(test_join_parse_expand),
        cmocka_unit_test(test_summarize),
        cmocka_unit_test(test_tables_of_the_database),
        cmocka_unit_test(test_names_of_events),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
