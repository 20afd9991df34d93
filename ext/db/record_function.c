/*
 * SQL: cloudtrail_record_json(), on which the view cloudtrail_record rests.
 */
#include "db/record_function.h"

#include "log/record.h"
#include "sqlite/register.h"

static ct_cell cell_of(sqlite3_value *value, ct_column column)
{
    ct_column_type type = ct_column_type_of(column);
    if (sqlite3_value_type(value) == SQLITE_NULL)
        return (ct_cell){.kind = CT_CELL_NULL};
    if (type == CT_TYPE_BOOL || type == CT_TYPE_BOOL_STRING)
        return (ct_cell){.kind = CT_CELL_INTEGER, .integer = sqlite3_value_int(value) != 0};
    const char *p = (const char *)sqlite3_value_text(value);
    return (ct_cell){.kind = CT_CELL_TEXT, .p = p, .len = (size_t)sqlite3_value_bytes(value)};
}

/*
 * cloudtrail_record_json(eventTime, eventID, ... extra) -> TEXT (JSON)
 *
 * The record that these columns came from: equal as JSON to the original but for fields that were
 * null. The arguments are the columns of `cloudtrail` up to `extra`, in the table's order.
 *
 * NULL:    a NULL column is a field that the record does not have.
 * Errors:  `extra` is no JSON object.
 * Example: the view cloudtrail_record.
 */
static void cloudtrail_record_json(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    ct_cell cells[CT_N_COLUMNS];
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        cells[i] = cell_of(argv[i], (ct_column)i);
        if (cells[i].kind == CT_CELL_TEXT && !cells[i].p) {
            sqlite3_result_error_nomem(context);
            return;
        }
    }
    ct_buf json = CT_BUF_EMPTY;
    if (ct_record_rebuild(cells, &json)) {
        ct_result_json(context, &json);
        return;
    }
    ct_buf_free(&json);
    sqlite3_result_error(context, "cloudtrail_record_json(): extra is no JSON object", -1);
}

// clang-format off
static const ct_function functions[] = {
    /* name                    argc          flags         scalar                  step  final value inverse */
    {"cloudtrail_record_json", CT_N_COLUMNS, CT_PURE_JSON, cloudtrail_record_json, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_record_function_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
