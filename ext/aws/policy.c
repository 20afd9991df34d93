/*
 * policy: policy_statements() in SQL.
 *
 * Reads:   the text of one policy, as JSON or percent-encoded JSON.
 * Refuses: nothing: what is no policy gives NULL, a statement that is no object is passed over.
 * Limits:  JSON at most CT_JSON_MAX_DEPTH deep.
 */
#include "aws/policy.h"

#include "base/ascii.h"
#include "base/json.h"
#include "base/json_write.h"
#include "sqlite/args.h"

/* ---- members and items ---------------------------------------------------------------------- */

/* The items of a list, or the value itself where it stands alone. */
typedef struct items {
    ct_json_walk list;
    ct_json single;
    bool is_list;
} items;

static items begin_items(const ct_json *value)
{
    items i = {.single = *value, .is_list = value->kind == CT_JSON_ARRAY};
    if (i.is_list)
        i.list = ct_json_walk_into(value);
    return i;
}

static bool next_item(items *i, ct_json *item)
{
    if (i->is_list)
        return ct_json_walk_on(&i->list, NULL, item);
    *item = i->single;
    i->single.kind = CT_JSON_NONE;
    return item->kind != CT_JSON_NONE;
}

/* ---- one spelling --------------------------------------------------------------------------- */

typedef struct writer {
    ct_buf *out;
    ct_buf text; /* a string, decoded */
} writer;

/* What a string says; a number or a word as it is spelled. Good until the next call. */
static ct_span text_of(writer *w, const ct_json *value)
{
    if (value->kind != CT_JSON_STRING)
        return (ct_span){value->p, value->len};
    ct_buf_clear(&w->text);
    ct_json_decode(value, &w->text);
    if (!ct_buf_ok(&w->text))
        w->out->failed = true;
    return (ct_span){w->text.data ? w->text.data : "", w->text.len};
}

static bool is_element(writer *w, const ct_json *key, const char *name)
{
    ct_span text = text_of(w, key);
    size_t i = 0;
    for (; i < text.n && name[i]; i++)
        if (ct_to_lower(text.p[i]) != ct_to_lower(name[i]))
            return false;
    return i == text.n && !name[i];
}

static void put_text(writer *w, const ct_json *value)
{
    ct_span text = text_of(w, value);
    ct_json_put_string(w->out, text.p, text.n);
}

/* A comma, but not at the beginning of a list. */
static void put_comma(writer *w)
{
    char last = w->out->len > 0 ? w->out->data[w->out->len - 1] : '[';
    if (last != '[' && last != '{')
        ct_buf_put_char(w->out, ',');
}

static bool is_scalar(const ct_json *value)
{
    return value->kind != CT_JSON_OBJECT && value->kind != CT_JSON_ARRAY &&
           value->kind != CT_JSON_NULL;
}

static void put_items(writer *w, const ct_json *value)
{
    ct_json item;
    for (items i = begin_items(value); next_item(&i, &item);) {
        if (!is_scalar(&item))
            continue;
        put_comma(w);
        put_text(w, &item);
    }
}

/* Those of one type, which is NULL where the principal has none: "*", or something that is none. */
static void put_principals_of(writer *w, const ct_json *type, const ct_json *value)
{
    ct_json item;
    for (items i = begin_items(value); next_item(&i, &item);) {
        if (!is_scalar(&item))
            continue;
        put_comma(w);
        ct_buf_put_text(w->out, "{\"type\":");
        if (type)
            put_text(w, type);
        else
            ct_buf_put_text(w->out, "\"AWS\"");
        ct_buf_put_text(w->out, ",\"id\":");
        put_text(w, &item);
        ct_buf_put_char(w->out, '}');
    }
}

static void put_principals(writer *w, const ct_json *value)
{
    if (value->kind != CT_JSON_OBJECT) {
        put_principals_of(w, NULL, value);
        return;
    }
    ct_json type, of_type;
    for (ct_json_walk types = ct_json_walk_into(value); ct_json_walk_on(&types, &type, &of_type);)
        put_principals_of(w, &type, &of_type);
}

static void put_conditions(writer *w, const ct_json *value)
{
    if (value->kind != CT_JSON_OBJECT)
        return;
    ct_json operator, keys, key, wanted;
    for (ct_json_walk operators = ct_json_walk_into(value);
         ct_json_walk_on(&operators, &operator, & keys);) {
        if (keys.kind != CT_JSON_OBJECT)
            continue;
        for (ct_json_walk tests = ct_json_walk_into(&keys);
             ct_json_walk_on(&tests, &key, &wanted);) {
            put_comma(w);
            ct_buf_put_text(w->out, "{\"operator\":");
            put_text(w, &operator);
            ct_buf_put_text(w->out, ",\"key\":");
            put_text(w, &key);
            ct_buf_put_text(w->out, ",\"values\":[");
            put_items(w, &wanted);
            ct_buf_put_text(w->out, "]}");
        }
    }
}

typedef void put_element(writer *w, const ct_json *value);

/* A list of all that the statement's members of one name hold. */
static void put_list(writer *w, const ct_json *statement, const char *element, const char *name,
                     put_element *put)
{
    ct_json key, value;
    put_comma(w);
    ct_buf_put_text(w->out, name);
    ct_buf_put_text(w->out, ":[");
    for (ct_json_walk members = ct_json_walk_into(statement);
         ct_json_walk_on(&members, &key, &value);)
        if (is_element(w, &key, element))
            put(w, &value);
    ct_buf_put_char(w->out, ']');
}

/* "Allow" or "Deny"; of two that differ Allow, so that no statement hides what it may allow. */
static void put_effect(writer *w, const ct_json *statement)
{
    ct_json key, value;
    bool allows = false, denies = false;
    for (ct_json_walk members = ct_json_walk_into(statement);
         ct_json_walk_on(&members, &key, &value);) {
        if (!is_element(w, &key, "Effect"))
            continue;
        allows = allows || is_element(w, &value, "Allow");
        denies = denies || is_element(w, &value, "Deny");
    }
    ct_buf_put_text(w->out, allows   ? "\"effect\":\"Allow\""
                            : denies ? "\"effect\":\"Deny\""
                                     : "\"effect\":null");
}

static void put_statement(writer *w, const ct_json *statement)
{
    put_comma(w);
    ct_buf_put_char(w->out, '{');
    put_effect(w, statement);
    put_list(w, statement, "Principal", "\"principals\"", put_principals);
    put_list(w, statement, "NotPrincipal", "\"notPrincipals\"", put_principals);
    put_list(w, statement, "Action", "\"actions\"", put_items);
    put_list(w, statement, "NotAction", "\"notActions\"", put_items);
    put_list(w, statement, "Resource", "\"resources\"", put_items);
    put_list(w, statement, "NotResource", "\"notResources\"", put_items);
    put_list(w, statement, "Condition", "\"conditions\"", put_conditions);
    ct_buf_put_char(w->out, '}');
}

/* ---- the document --------------------------------------------------------------------------- */

static int hex_value(char c)
{
    return ct_is_digit(c) ? c - '0' : ct_to_lower(c) - 'a' + 10;
}

/* Appends the text without its percent signs: each %XX is the byte that it stands for. */
static void put_decoded(ct_span text, ct_buf *out)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '%' && text.n - i > 2 && ct_is_hex(text.p[i + 1]) &&
            ct_is_hex(text.p[i + 2])) {
            ct_buf_put_char(out, (char)(hex_value(text.p[i + 1]) * 16 + hex_value(text.p[i + 2])));
            i += 2;
        } else {
            ct_buf_put_char(out, text.p[i]);
        }
    }
}

static void put_statements(writer *w, const ct_json *policy, bool *is_policy)
{
    ct_json key, value, statement;
    for (ct_json_walk members = ct_json_walk_into(policy);
         ct_json_walk_on(&members, &key, &value);) {
        if (!is_element(w, &key, "Statement"))
            continue;
        *is_policy = true;
        for (items i = begin_items(&value); next_item(&i, &statement);)
            if (statement.kind == CT_JSON_OBJECT)
                put_statement(w, &statement);
    }
}

/* `text` is JSON, or nothing is appended. */
static ct_policy_result read_policy(ct_span text, ct_buf *out)
{
    ct_json_scanner s = ct_json_scan(text.p, text.n);
    ct_json policy;
    if (!ct_json_space(&s) || *s.p != '{' || ct_json_value(&s, &policy) != CT_JSON_OK ||
        ct_json_space(&s))
        return CT_POLICY_NONE;
    writer w = {.out = out, .text = CT_BUF_EMPTY};
    size_t before = out->len;
    bool is_policy = false;
    ct_buf_put_char(out, '[');
    put_statements(&w, &policy, &is_policy);
    ct_buf_put_char(out, ']');
    ct_buf_free(&w.text);
    if (!ct_buf_ok(out))
        return CT_POLICY_NO_MEMORY;
    if (!is_policy)
        out->len = before;
    return is_policy ? CT_POLICY_OK : CT_POLICY_NONE;
}

ct_policy_result ct_policy_statements(ct_span document, ct_buf *out)
{
    size_t i = 0;
    while (i < document.n && ct_is_blank(document.p[i]))
        i++;
    if (i == document.n || document.p[i] != '%')
        return read_policy(document, out);
    ct_buf decoded = CT_BUF_EMPTY;
    put_decoded(document, &decoded);
    ct_policy_result result = ct_buf_ok(&decoded)
                                  ? read_policy((ct_span){decoded.data, decoded.len}, out)
                                  : CT_POLICY_NO_MEMORY;
    ct_buf_free(&decoded);
    return result;
}

/*
 * policy_statements(policy TEXT) -> TEXT (JSON)
 *
 * The statements of an IAM policy as a JSON array of objects that all have the same members: effect
 * ('Allow', 'Deny' or null), principals and notPrincipals ({"type","id"}), actions, notActions,
 * resources, notResources, conditions ({"operator","key","values"}). Each is a list, empty where the
 * statement has none. The policy may be percent-encoded, and its names in any case.
 *
 * NULL:    NULL in, NULL out; NULL for what is no policy: no JSON object with a Statement.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT json_extract(value, '$.effect', '$.principals', '$.actions')
 *            FROM json_each(policy_statements('{"Statement":{"Effect":"Deny","Action":"s3:*"}}'));
 *          -- ["Deny",[],["s3:*"]]
 */
static void policy_statements(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    if (ct_any_null(n_args, args) || !ct_arg_text(context, args[0], &text))
        return;
    ct_buf out = CT_BUF_EMPTY;
    switch (ct_policy_statements(text, &out)) {
    case CT_POLICY_OK:
        ct_result_json(context, &out);
        break;
    case CT_POLICY_NO_MEMORY:
        sqlite3_result_error_nomem(context);
        break;
    case CT_POLICY_NONE:
        break;
    }
    ct_buf_free(&out);
}

// clang-format off
static const ct_function functions[] = {
    /* name               args flags         scalar             step  final value inverse */
    {"policy_statements", 1,   CT_PURE_JSON, policy_statements, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_policy_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
