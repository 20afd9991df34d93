#include "aws/access_key.h"

#include "base/ascii.h"
#include "sqlite/args.h"

/* https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html */
enum { SHORTEST_ID = 16, LONGEST_ID = 128 };

bool ct_is_access_key(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!ct_is_upper(p[i]) && !ct_is_lower(p[i]) && !ct_is_digit(p[i]))
            return false;
    return n >= SHORTEST_ID && n <= LONGEST_ID;
}

/*
 * access_key_id(x TEXT) -> TEXT
 *
 * x where it can be the id of an access key (16 to 128 letters and digits), else NULL: what was
 * blacked out names no key.
 *
 * NULL:    NULL in, NULL out.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT access_key_id('AKIAIOSFODNN7EXAMPLE'), access_key_id('AKIA****************');
 *          -- AKIAIOSFODNN7EXAMPLE|NULL
 */
static void access_key_id(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    if (!ct_any_null(n_args, args) && ct_arg_text(context, args[0], &text) &&
        ct_is_access_key(text.p, text.n))
        ct_result_span(context, text);
}

// clang-format off
static const ct_function functions[] = {
    /* name           args flags    scalar         step  final value inverse */
    {"access_key_id", 1,   CT_PURE, access_key_id, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_access_key_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
