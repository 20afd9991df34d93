#include "sqlite/register.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static int register_one(sqlite3 *db, const ct_function *f)
{
    void *row = (void *)f; /* const in our hands; SQLite only hands it back */
    if (f->value)
        return sqlite3_create_window_function(db, f->name, f->n_args, f->flags, row, f->step,
                                              f->final, f->value, f->inverse, NULL);
    return sqlite3_create_function_v2(db, f->name, f->n_args, f->flags, row, f->scalar, f->step,
                                      f->final, NULL);
}

int ct_register(sqlite3 *db, const ct_function *functions, size_t n, char **error)
{
    for (size_t i = 0; i < n; i++) {
        int rc = register_one(db, &functions[i]);
        if (rc != SQLITE_OK) {
            *error = sqlite3_mprintf("cloudtrail: cannot register %s(): %s", functions[i].name,
                                     sqlite3_errmsg(db));
            return rc;
        }
    }
    return SQLITE_OK;
}

void ct_result_buf(sqlite3_context *context, ct_buf *buf)
{
    if (!ct_buf_ok(buf)) {
        sqlite3_result_error_nomem(context);
        ct_buf_free(buf);
        return;
    }
    if (buf->len == 0) {
        sqlite3_result_text(context, "", 0, SQLITE_STATIC);
        ct_buf_free(buf);
        return;
    }
    sqlite3_result_text64(context, buf->data, buf->len, ct_free, SQLITE_UTF8);
    *buf = CT_BUF_EMPTY; /* SQLite frees the bytes now, also when it refuses them as too big */
}

void ct_result_json(sqlite3_context *context, ct_buf *buf)
{
    ct_result_buf(context, buf);
    sqlite3_result_subtype(context, CT_JSON_SUBTYPE);
}

char *ct_printable_error(char *error)
{
    if (!error)
        return NULL;
    ct_buf clean = CT_BUF_EMPTY;
    ct_utf8_put_printable(&clean, error, strlen(error));
    ct_buf_put_char(&clean, '\0');
    sqlite3_free(error);
    error = ct_buf_ok(&clean) ? sqlite3_mprintf("%s", clean.data) : NULL;
    ct_buf_free(&clean);
    return error;
}

static bool is_error(int code)
{
    return code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE;
}

void ct_result_failure(sqlite3_context *context, int code, const char *function, const char *error)
{
    if (!is_error(code))
        code = SQLITE_ERROR;
    char *text = NULL;
    if (code != SQLITE_NOMEM)
        text = ct_printable_error(
            sqlite3_mprintf("%s(): %s", function, error ? error : sqlite3_errstr(code)));
    if (!text) {
        sqlite3_result_error_nomem(context);
        return;
    }
    sqlite3_result_error(context, text, -1);
    sqlite3_result_error_code(context, code);
    sqlite3_free(text);
}
