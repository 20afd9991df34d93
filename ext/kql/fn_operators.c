/*
 * SQL: Kusto's string operators, its comparisons that know null and NaN, and those of dynamic
 * values. See terms.h for what the string operators mean and docs/kql.md for the rest.
 */
#include "kql/runtime.h"

#include <math.h>
#include <stdlib.h>

#include "base/grow.h"
#include "kql/dynamic.h"
#include "kql/glue.h"
#include "kql/terms.h"

/* ---- text and needle ------------------------------------------------------------------------ */

/* Reads both; false when the result is set: NULL for a NULL, or out of memory. */
static bool read_two(sqlite3_context *context, sqlite3_value **args, ct_span *a, ct_span *b)
{
    return !ct_any_null(2, args) && ct_arg_text(context, args[0], a) &&
           ct_arg_text(context, args[1], b);
}

static void find(sqlite3_context *context, sqlite3_value **args, unsigned how)
{
    ct_span text, needle;
    if (read_two(context, args, &text, &needle))
        sqlite3_result_int(context, ct_kql_find(text, needle, how));
}

/*
 * kql_has(text TEXT, needle TEXT) -> INTEGER
 * kql_has_cs(text TEXT, needle TEXT) -> INTEGER
 *
 * Kusto's has: 1 when the needle stands in text with no letter or digit touching an edge of it that
 * is itself a letter or digit, else 0. Case does not matter but for _cs; letters, digits and case
 * are Unicode's. An empty needle is in every text.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_has('ec2.describe-vpc-endpoints', 'EC2.describe-vpc');
 *          -- 1
 */
static void kql_has(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    find(context, args, 0);
}

static void kql_has_cs(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    find(context, args, CT_FIND_CASE);
}

/*
 * kql_hasprefix(text TEXT, needle TEXT) -> INTEGER     and kql_hasprefix_cs
 * kql_hassuffix(text TEXT, needle TEXT) -> INTEGER     and kql_hassuffix_cs
 *
 * As kql_has(), but only the beginning (the end) of the needle must not lie within a term.
 *
 * Example: SELECT kql_hasprefix('North America', 'ame'), kql_hassuffix('North America', 'ica');
 *          -- 1|1
 */
static void kql_hasprefix(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    find(context, args, CT_FIND_ANY_END);
}

static void kql_hasprefix_cs(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    find(context, args, CT_FIND_ANY_END | CT_FIND_CASE);
}

static void kql_hassuffix(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    find(context, args, CT_FIND_ANY_START);
}

static void kql_hassuffix_cs(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    find(context, args, CT_FIND_ANY_START | CT_FIND_CASE);
}

/*
 * kql_contains(text TEXT, needle TEXT) -> INTEGER      and kql_contains_cs
 * kql_startswith(text TEXT, needle TEXT) -> INTEGER    and kql_startswith_cs
 * kql_endswith(text TEXT, needle TEXT) -> INTEGER      and kql_endswith_cs
 * kql_equals_ci(a TEXT, b TEXT) -> INTEGER
 *
 * Kusto's operators of those names, and =~. Case folds one character to one.
 *
 * Example: SELECT kql_contains('CAFÉ', 'afé'), kql_equals_ci('Straße', 'strasse');
 *          -- 1|0
 */
static void kql_contains(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    find(context, args, CT_FIND_ANYWHERE);
}

static void kql_contains_cs(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, needle;
    (void)n_args;
    if (read_two(context, args, &text, &needle))
        sqlite3_result_int(context, needle.n == 0 || ct_kql_search(text, needle));
}

static void kql_startswith(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, needle;
    (void)n_args;
    if (read_two(context, args, &text, &needle))
        sqlite3_result_int(context, ct_kql_starts_with(text, needle, false));
}

static void kql_startswith_cs(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, needle;
    (void)n_args;
    if (read_two(context, args, &text, &needle))
        sqlite3_result_int(context, ct_kql_starts_with(text, needle, true));
}

static void kql_endswith(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, needle;
    (void)n_args;
    if (read_two(context, args, &text, &needle))
        sqlite3_result_int(context, ct_kql_ends_with(text, needle, false));
}

static void kql_endswith_cs(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text, needle;
    (void)n_args;
    if (read_two(context, args, &text, &needle))
        sqlite3_result_int(context, ct_kql_ends_with(text, needle, true));
}

static void kql_equals_ci(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span a, b;
    (void)n_args;
    if (read_two(context, args, &a, &b))
        sqlite3_result_int(context, ct_kql_equals_folded(a, b));
}

/*
 * kql_fold(text TEXT) -> TEXT
 *
 * The text with its case folded: equal for two texts exactly when kql_equals_ci() is 1.
 *
 * NULL:    '' for NULL.
 * Errors:  SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_fold('CAFÉ');
 *          -- café
 */
static void kql_fold(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text))
        return;
    ct_kql_put_folded(&out, text);
    ct_result_buf(context, &out);
}

/* ---- text and list -------------------------------------------------------------------------- */

static const char *describe_kind(ct_json_kind kind)
{
    static const char *const words[] = {
        [CT_JSON_NONE] = "malformed JSON", [CT_JSON_NULL] = "null",
        [CT_JSON_FALSE] = "false",         [CT_JSON_TRUE] = "true",
        [CT_JSON_NUMBER] = "a number",     [CT_JSON_STRING] = "a string",
        [CT_JSON_ARRAY] = "an array",      [CT_JSON_OBJECT] = "an object",
    };
    return words[kind];
}

/* Whether the text is JSON and an array; else sets the error. */
static bool check_is_array(sqlite3_context *context, ct_span json)
{
    ct_json root = {.kind = CT_JSON_NONE};
    if (!ct_dyn_read(json, &root))
        root.kind = CT_JSON_NONE;
    if (root.kind == CT_JSON_ARRAY)
        return true;
    ct_buf message = CT_BUF_EMPTY;
    ct_buf_put_text(&message, ct_kql_name(context));
    ct_buf_put_text(&message, "(): expected a JSON array of strings, got ");
    ct_buf_put_text(&message, describe_kind(root.kind));
    ct_buf_put_text(&message, ": ");
    ct_put_quoted(&message, json.p, json.n);
    ct_result_error_buf(context, &message);
    return false;
}

typedef bool add_text(void *list, const char *p, size_t n);

/* Adds the texts of the array's elements, of a null '' unless nulls are left out; false after an
 * error, which is then set. */
static bool read_list(sqlite3_context *context, sqlite3_value *array, bool with_nulls,
                      add_text *add, void *list)
{
    ct_span json;
    if (!ct_arg_text(context, array, &json) || !check_is_array(context, json))
        return false;
    ct_buf text = CT_BUF_EMPTY;
    ct_dyn_walk walk;
    bool ok = true;
    for (bool more = ct_dyn_first(&walk, json); ok && more; more = ct_dyn_next(&walk)) {
        bool is_null = walk.value.kind == CT_JSON_NULL;
        if (is_null && !with_nulls)
            continue;
        ct_buf_clear(&text);
        if (!is_null)
            ct_dyn_put_text(&text, &walk.value);
        ok = ct_buf_ok(&text) && add(list, text.data ? text.data : "", text.len);
    }
    ct_buf_free(&text);
    if (!ok)
        sqlite3_result_error_nomem(context);
    return ok;
}

static bool add_term(void *list, const char *p, size_t n)
{
    return ct_kql_terms_add(list, p, n);
}

typedef bool has_terms(const char *text, size_t n, const ct_kql_terms *terms);

static void has_list(sqlite3_context *context, sqlite3_value **args, has_terms *has)
{
    ct_span text;
    if (ct_any_null(2, args) || !ct_arg_text(context, args[0], &text))
        return;
    ct_kql_terms *known = sqlite3_get_auxdata(context, 1);
    ct_kql_terms *terms = known ? known : ct_kql_terms_new();
    if (!terms) {
        sqlite3_result_error_nomem(context);
        return;
    }
    if (!known && !read_list(context, args[1], true, add_term, terms)) {
        ct_kql_terms_free(terms);
        return;
    }
    sqlite3_result_int(context, has(text.p, text.n, terms));
    if (!known) /* last: SQLite may free them at once */
        sqlite3_set_auxdata(context, 1, terms, ct_kql_terms_free);
}

/*
 * kql_has_any(text TEXT, terms TEXT (JSON array)) -> INTEGER
 * kql_has_all(text TEXT, terms TEXT (JSON array)) -> INTEGER
 *
 * Kusto's has_any and has_all: 1 when kql_has() would give 1 for at least one (for all) of the
 * terms, else 0. An element that is no string counts as its text, a null as '', which every text
 * has. A constant array is read once for a statement.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  terms is not JSON or no array; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_has_any('iam.list-users', '["kms.list-keys","iam.list-users"]');
 *          -- 1
 */
static void kql_has_any(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    has_list(context, args, ct_kql_has_any);
}

static void kql_has_all(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    has_list(context, args, ct_kql_has_all);
}

/* Folded texts, sorted, for in~. */
typedef struct folded_list {
    ct_buf bytes;
    ct_span *texts; /* owned (ct_malloc); p is set once bytes has stopped growing */
    size_t n, capacity;
} folded_list;

static void folded_list_free(void *p)
{
    folded_list *list = p;
    if (!list)
        return;
    ct_buf_free(&list->bytes);
    ct_free(list->texts);
    ct_free(list);
}

static bool add_folded(void *p, const char *text, size_t n)
{
    folded_list *list = p;
    size_t before = list->bytes.len;
    ct_kql_put_folded(&list->bytes, (ct_span){text, n});
    ct_span *texts = ct_grow(list->texts, list->n, &list->capacity, 32, sizeof *texts);
    if (texts)
        list->texts = texts;
    if (!texts || !ct_buf_ok(&list->bytes))
        return false;
    list->texts[list->n++] = (ct_span){"", list->bytes.len - before};
    return true;
}

static int compare_spans(const void *left, const void *right)
{
    const ct_span *a = left, *b = right;
    size_t n = a->n < b->n ? a->n : b->n;
    int order = n > 0 ? memcmp(a->p, b->p, n) : 0;
    return order ? order : (a->n > b->n) - (a->n < b->n);
}

static folded_list *read_folded(sqlite3_context *context, sqlite3_value *array)
{
    folded_list *list = ct_malloc(sizeof *list);
    if (!list) {
        sqlite3_result_error_nomem(context);
        return NULL;
    }
    *list = (folded_list){.bytes = CT_BUF_EMPTY};
    if (!read_list(context, array, false, add_folded, list)) {
        folded_list_free(list);
        return NULL;
    }
    size_t at = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (list->texts[i].n > 0)
            list->texts[i].p = ct_buf_at(&list->bytes, at);
        at += list->texts[i].n;
    }
    if (list->n > 0)
        qsort(list->texts, list->n, sizeof *list->texts, compare_spans);
    return list;
}

/*
 * kql_in_ci(text TEXT, list TEXT (JSON array)) -> INTEGER
 *
 * Kusto's in~: 1 when kql_equals_ci() is 1 for one of the elements, else 0. An element that is no
 * string counts as its text. A constant array is read once for a statement.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  the list is not JSON or no array; SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_in_ci('CreateUser', '["createuser","deleteuser"]');
 *          -- 1
 */
static void kql_in_ci(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    (void)n_args;
    if (ct_any_null(2, args) || !ct_arg_text(context, args[0], &text))
        return;
    folded_list *known = sqlite3_get_auxdata(context, 1);
    folded_list *list = known ? known : read_folded(context, args[1]);
    if (!list)
        return;
    ct_buf folded = CT_BUF_EMPTY;
    ct_kql_put_folded(&folded, text);
    ct_span key = {folded.data ? folded.data : "", folded.len};
    if (!ct_buf_ok(&folded))
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_int(
            context, list->n > 0 && bsearch(&key, list->texts, list->n, sizeof key, compare_spans));
    ct_buf_free(&folded);
    if (!known) /* last: SQLite may free it at once */
        sqlite3_set_auxdata(context, 1, list, folded_list_free);
}

/* ---- == and != ------------------------------------------------------------------------------ */

static bool is_number(int type)
{
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

/* Neither is NULL. */
static bool equal_numbers(sqlite3_value *a, sqlite3_value *b)
{
    int ta = sqlite3_value_type(a), tb = sqlite3_value_type(b);
    if (ta == SQLITE_INTEGER && tb == SQLITE_INTEGER)
        return sqlite3_value_int64(a) == sqlite3_value_int64(b);
    return is_number(ta) && is_number(tb) && sqlite3_value_double(a) == sqlite3_value_double(b);
}

/* The nulls of == and !=: true when they have decided. */
static bool decide_nulls(sqlite3_context *context, sqlite3_value **args, bool if_one)
{
    bool a = ct_kql_is_null(args[0]), b = ct_kql_is_null(args[1]);
    if (a != b)
        sqlite3_result_int(context, if_one);
    return a || b;
}

/*
 * kql_eq(a, b) -> INTEGER
 * kql_ne(a, b) -> INTEGER
 *
 * Kusto's == and != of two values of one type but string, which SQL's = compares as Kusto does. NaN
 * equals nothing.
 *
 * NULL:    NULL for two NULLs; one NULL is unlike everything.
 * Errors:  none for any input.
 * Example: SELECT kql_eq(1, 1.0), kql_eq(1, NULL), kql_ne(1, NULL), kql_eq(NULL, NULL),
 *                 kql_eq('NaN', 'NaN');
 *          -- 1|0|1|NULL|0
 */
static void compare_values(sqlite3_context *context, sqlite3_value **args, bool if_equal)
{
    ct_span a, b;
    if (decide_nulls(context, args, !if_equal))
        return;
    if (is_number(sqlite3_value_type(args[0])) || is_number(sqlite3_value_type(args[1])))
        sqlite3_result_int(context, equal_numbers(args[0], args[1]) == if_equal);
    else if (ct_arg_text(context, args[0], &a) && ct_arg_text(context, args[1], &b))
        sqlite3_result_int(context, (ct_span_equal(a, b) && !ct_span_is(a, "NaN")) == if_equal);
}

static void kql_eq(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    compare_values(context, args, true);
}

static void kql_ne(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    compare_values(context, args, false);
}

/*
 * kql_eq_dyn(a TEXT (JSON), b TEXT (JSON)) -> INTEGER
 * kql_ne_dyn(a TEXT (JSON), b TEXT (JSON)) -> INTEGER
 *
 * The same of two dynamic values: equal as canonical JSON, numbers by their value.
 *
 * Example: SELECT kql_eq_dyn('1', '1.0'), kql_eq_dyn('"1"', '1');
 *          -- 1|0
 */
static void compare_dyn(sqlite3_context *context, sqlite3_value **args, bool if_equal)
{
    ct_span a, b;
    if (!decide_nulls(context, args, !if_equal) && ct_arg_text(context, args[0], &a) &&
        ct_arg_text(context, args[1], &b))
        sqlite3_result_int(context, ct_dyn_equal(a, b) == if_equal);
}

static void kql_eq_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    compare_dyn(context, args, true);
}

static void kql_ne_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    compare_dyn(context, args, false);
}

/*
 * kql_in_dyn(value TEXT (JSON), list TEXT (JSON array)) -> INTEGER
 *
 * Kusto's in with a dynamic list: 1 when kql_eq_dyn() is 1 for one of the elements, else 0.
 *
 * NULL:    0 for NULL.
 * Errors:  SQLITE_NOMEM when out of memory.
 * Example: SELECT kql_in_dyn('"a"', '["a",1]'), kql_in_dyn('1.0', '["a",1]');
 *          -- 1|1
 */
static void kql_in_dyn(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span value, list;
    bool found = false;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &value) || !ct_kql_text(context, args[1], &list))
        return;
    if (value.n > 0 && ct_dyn_kind(list) == CT_JSON_ARRAY) {
        ct_dyn_walk walk;
        for (bool more = ct_dyn_first(&walk, list); more && !found; more = ct_dyn_next(&walk))
            found = ct_dyn_equal(value, ct_dyn_span(&walk.value));
    }
    sqlite3_result_int(context, found);
}

/* ---- < <= > >= ------------------------------------------------------------------------------ */

enum { LESS = 1, SAME = 2, MORE = 4 };

static void order_real(sqlite3_context *context, sqlite3_value **args, int wanted)
{
    double a, b;
    if (!ct_kql_real(context, args[0], &a) || !ct_kql_real(context, args[1], &b))
        return;
    if (sqlite3_value_type(args[0]) == SQLITE_INTEGER &&
        sqlite3_value_type(args[1]) == SQLITE_INTEGER) {
        int64_t i = sqlite3_value_int64(args[0]), j = sqlite3_value_int64(args[1]);
        sqlite3_result_int(context, (wanted & (i < j ? LESS : i > j ? MORE : SAME)) != 0);
        return;
    }
    int order = a < b ? LESS : a > b ? MORE : a == b ? SAME : 0;
    sqlite3_result_int(context, (wanted & order) != 0);
}

/*
 * kql_lt_real(a, b) -> INTEGER      and kql_le_real, kql_gt_real, kql_ge_real
 *
 * Kusto's < <= > >= of reals and longs: always 0 with a NaN.
 *
 * NULL:    NULL in, NULL out; also for what is no number.
 * Errors:  none for any input.
 * Example: SELECT kql_lt_real(1, 2.5), kql_lt_real('NaN', 1), kql_ge_real('NaN', 1);
 *          -- 1|0|0
 */
static void kql_lt_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    order_real(context, args, LESS);
}

static void kql_le_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    order_real(context, args, LESS | SAME);
}

static void kql_gt_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    order_real(context, args, MORE);
}

static void kql_ge_real(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    order_real(context, args, MORE | SAME);
}

int ct_kql_register_operators(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_SCALAR("kql_has", 2, kql_has),
        CT_KQL_SCALAR("kql_has_cs", 2, kql_has_cs),
        CT_KQL_SCALAR("kql_hasprefix", 2, kql_hasprefix),
        CT_KQL_SCALAR("kql_hasprefix_cs", 2, kql_hasprefix_cs),
        CT_KQL_SCALAR("kql_hassuffix", 2, kql_hassuffix),
        CT_KQL_SCALAR("kql_hassuffix_cs", 2, kql_hassuffix_cs),
        CT_KQL_SCALAR("kql_contains", 2, kql_contains),
        CT_KQL_SCALAR("kql_contains_cs", 2, kql_contains_cs),
        CT_KQL_SCALAR("kql_startswith", 2, kql_startswith),
        CT_KQL_SCALAR("kql_startswith_cs", 2, kql_startswith_cs),
        CT_KQL_SCALAR("kql_endswith", 2, kql_endswith),
        CT_KQL_SCALAR("kql_endswith_cs", 2, kql_endswith_cs),
        CT_KQL_SCALAR("kql_equals_ci", 2, kql_equals_ci),
        CT_KQL_SCALAR("kql_fold", 1, kql_fold),
        CT_KQL_SCALAR("kql_has_any", 2, kql_has_any),
        CT_KQL_SCALAR("kql_has_all", 2, kql_has_all),
        CT_KQL_SCALAR("kql_in_ci", 2, kql_in_ci),
        CT_KQL_SCALAR("kql_in_dyn", 2, kql_in_dyn),
        CT_KQL_SCALAR("kql_eq", 2, kql_eq),
        CT_KQL_SCALAR("kql_ne", 2, kql_ne),
        CT_KQL_SCALAR("kql_eq_dyn", 2, kql_eq_dyn),
        CT_KQL_SCALAR("kql_ne_dyn", 2, kql_ne_dyn),
        CT_KQL_SCALAR("kql_lt_real", 2, kql_lt_real),
        CT_KQL_SCALAR("kql_le_real", 2, kql_le_real),
        CT_KQL_SCALAR("kql_gt_real", 2, kql_gt_real),
        CT_KQL_SCALAR("kql_ge_real", 2, kql_ge_real),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
