#include "aws/upn.h"

#include <string.h>

#include "sqlite/args.h"
#include "sqlite/register.h"

ct_span ct_upn_name(const char *p, size_t n)
{
    const char *at = memchr(p, '@', n);
    return (ct_span){p, at ? (size_t)(at - p) : n};
}

ct_span ct_upn_suffix(const char *p, size_t n)
{
    size_t name = ct_upn_name(p, n).n;
    if (name == n)
        return (ct_span){p + n, 0};
    return ct_upn_name(p + name + 1, n - name - 1); /* the piece up to the next @ */
}

/*
 * upn_name(x TEXT) -> TEXT
 * upn_suffix(x TEXT) -> TEXT
 *
 * The text before the first @, and the text between the first @ and the second or the end. Without
 * an @ the name is x and the suffix is ''.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT upn_name('jane@example.com'), upn_suffix('jane@example.com');
 *          -- jane|example.com
 */
static void upn_name(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    if (!ct_any_null(n_args, args) && ct_arg_text(context, args[0], &text))
        ct_result_span(context, ct_upn_name(text.p, text.n));
}

static void upn_suffix(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    if (!ct_any_null(n_args, args) && ct_arg_text(context, args[0], &text))
        ct_result_span(context, ct_upn_suffix(text.p, text.n));
}

int ct_upn_register(sqlite3 *db, char **error)
{
    // clang-format off
    static const ct_function functions[] = {
        /* name         args flags    scalar      step  final value inverse */
        {"upn_name",    1,   CT_PURE, upn_name,   NULL, NULL, NULL, NULL},
        {"upn_suffix",  1,   CT_PURE, upn_suffix, NULL, NULL, NULL, NULL},
    };
    // clang-format on
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
