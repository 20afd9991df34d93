#include "kql/catalog.h"

#include <string.h>

#include "kql/awscloudtrail.h"

static bool has_table(ct_kql_database *database, const char *schema, ct_span name)
{
    static const char *const queries[] = {
        "SELECT 1 FROM main.sqlite_master WHERE name = ?1 AND type IN ('table', 'view')",
        "SELECT 1 FROM temp.sqlite_master WHERE name = ?1 AND type IN ('table', 'view')",
    };
    sqlite3_stmt *stmt = NULL;
    bool is_there = false;
    database->rc = sqlite3_prepare_v2(database->db, queries[schema[0] == 't'], -1, &stmt, NULL);
    if (database->rc == SQLITE_OK)
        database->rc = sqlite3_bind_text(stmt, 1, name.p, (int)name.n, SQLITE_STATIC);
    if (database->rc == SQLITE_OK) {
        database->rc = sqlite3_step(stmt);
        is_there = database->rc == SQLITE_ROW;
    }
    int rc = sqlite3_finalize(stmt);
    if (database->rc == SQLITE_ROW || database->rc == SQLITE_DONE)
        database->rc = rc;
    return is_there;
}

/* KQL's type of a declared one; others than the names of the contract are strings. */
static ct_kql_type declared_type(const char *declared)
{
    static const struct {
        const char *name;
        ct_kql_type type;
    } types[] = {
        {"INT", CT_KQL_LONG},     {"INTEGER", CT_KQL_LONG},      {"BIGINT", CT_KQL_LONG},
        {"LONG", CT_KQL_LONG},    {"REAL", CT_KQL_REAL},         {"DOUBLE", CT_KQL_REAL},
        {"FLOAT", CT_KQL_REAL},   {"DATETIME", CT_KQL_DATETIME}, {"BOOL", CT_KQL_BOOL},
        {"BOOLEAN", CT_KQL_BOOL}, {"DYNAMIC", CT_KQL_DYNAMIC},   {"TIMESPAN", CT_KQL_TIMESPAN},
        {"GUID", CT_KQL_GUID},
    };
    for (size_t i = 0; declared && i < sizeof types / sizeof types[0]; i++)
        if (sqlite3_stricmp(declared, types[i].name) == 0)
            return types[i].type;
    return CT_KQL_STRING;
}

static const char *scan_function(ct_kql_type type)
{
    switch (type) {
    case CT_KQL_LONG:
        return "kql_scan_long";
    case CT_KQL_REAL:
        return "kql_scan_real";
    case CT_KQL_BOOL:
        return "kql_scan_bool";
    case CT_KQL_DATETIME:
        return "kql_scan_datetime";
    case CT_KQL_TIMESPAN:
        return "kql_scan_timespan";
    case CT_KQL_GUID:
        return "kql_scan_guid";
    case CT_KQL_DYNAMIC:
        return "kql_scan_dynamic";
    default:
        return "kql_scan_string";
    }
}

static ct_span quote(ct_kql_job *job, ct_span name)
{
    char *quoted = ct_kql_new(job, 2 * name.n + 3);
    size_t n = 0;
    quoted[n++] = '"';
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"')
            quoted[n++] = '"';
        quoted[n++] = name.p[i];
    }
    quoted[n++] = '"';
    return (ct_span){quoted, n};
}

/* The type that Sentinel gives the column of a table of the user's that is called AWSCloudTrail. */
static ct_kql_type sentinel_type(ct_span name, ct_kql_type declared)
{
    for (size_t i = 0; i < ct_kql_awscloudtrail.n_columns; i++) {
        const ct_kql_table_column *column = &ct_kql_awscloudtrail.columns[i];
        if (column->name.n == name.n && memcmp(column->name.p, name.p, name.n) == 0)
            return column->type;
    }
    return declared;
}

typedef struct raw_column {
    struct raw_column *next;
    char *name, *type; /* owned: sqlite3_malloc */
} raw_column;

static void free_raw(raw_column *list)
{
    while (list) {
        raw_column *next = list->next;
        sqlite3_free(list->name);
        sqlite3_free(list->type);
        sqlite3_free(list);
        list = next;
    }
}

/* The columns out of the schema, while no job can fail: the statement must be finalized. */
static raw_column *read_columns(ct_kql_database *database, const char *schema, ct_span name)
{
    raw_column *first = NULL, **end = &first;
    sqlite3_stmt *stmt = NULL;
    database->rc = sqlite3_prepare_v2(
        database->db, "SELECT name, type FROM pragma_table_info(?1, ?2) ORDER BY cid", -1, &stmt,
        NULL);
    if (database->rc == SQLITE_OK)
        database->rc = sqlite3_bind_text(stmt, 1, name.p, (int)name.n, SQLITE_STATIC);
    if (database->rc == SQLITE_OK)
        database->rc = sqlite3_bind_text(stmt, 2, schema, -1, SQLITE_STATIC);
    while (database->rc == SQLITE_OK && (database->rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        raw_column *column = sqlite3_malloc64(sizeof *column);
        database->rc = SQLITE_NOMEM;
        if (!column)
            break;
        const char *column_name = (const char *)sqlite3_column_text(stmt, 0);
        const char *type = (const char *)sqlite3_column_text(stmt, 1);
        *column = (raw_column){NULL, column_name ? sqlite3_mprintf("%s", column_name) : NULL,
                               type ? sqlite3_mprintf("%s", type) : NULL};
        *end = column;
        end = &column->next;
        if (!column->name || !column->type)
            break;
        database->rc = SQLITE_OK;
    }
    int rc = sqlite3_finalize(stmt);
    if (database->rc == SQLITE_DONE)
        database->rc = rc;
    return first;
}

static void find_user_table(ct_kql_database *database, ct_kql_job *job, const char *schema,
                            ct_span name, ct_kql_table *table)
{
    raw_column *raw = read_columns(database, schema, name);
    size_t n = 0, n_bytes = 0;
    for (raw_column *column = raw; column; column = column->next) {
        n++;
        n_bytes += column->name ? strlen(column->name) + 1 : 0;
    }
    /* Two allocations of the arena, which may fail the job: the list is copied to a block first. */
    char *block = sqlite3_malloc64(n_bytes + n * sizeof(ct_kql_type) + 1);
    if (!block)
        database->rc = SQLITE_NOMEM;
    if (database->rc != SQLITE_OK) {
        sqlite3_free(block);
        free_raw(raw);
        ct_kql_fail_memory(job);
    }
    size_t at = n * sizeof(ct_kql_type), i = 0;
    for (raw_column *column = raw; column && column->name; column = column->next, i++) {
        ct_kql_type type = declared_type(column->type);
        memcpy(block + i * sizeof type, &type, sizeof type);
        memcpy(block + at, column->name, strlen(column->name) + 1);
        at += strlen(column->name) + 1;
    }
    free_raw(raw);
    size_t n_block = at + 1;
    bool fits = n_block <= CT_KQL_MAX_MEMORY / 4;
    ct_span copy = {"", 0};
    if (fits) /* a failure here must not lose the block: the arena has room, or says so by NULL */
        copy = ct_kql_keep(job, block, n_block);
    sqlite3_free(block);
    if (!fits || !copy.p)
        ct_kql_fail_memory(job);

    ct_kql_table_column *columns = ct_kql_new(job, (n + 1) * sizeof *columns);
    bool is_sentinels = ct_span_is(name, "AWSCloudTrail");
    at = n * sizeof(ct_kql_type);
    for (i = 0; i < n; i++) {
        ct_kql_type type;
        memcpy(&type, copy.p + i * sizeof type, sizeof type);
        ct_span column = {copy.p + at, strlen(copy.p + at)};
        at += column.n + 1;
        if (is_sentinels)
            type = sentinel_type(column, type);
        ct_span quoted = quote(job, column);
        columns[i] = (ct_kql_table_column){
            .name = column,
            .sql = ct_kql_printf(job, "%s(t.%.*s)", scan_function(type), (int)quoted.n, quoted.p),
            .type = type,
            .text_sql = {"", 0},
        };
    }
    table->sql = quote(job, name);
    table->columns = columns;
    table->n_columns = n;
}

static void find(void *of, ct_kql_job *job, ct_span name, ct_kql_table *table)
{
    ct_kql_database *database = of;
    bool is_sentinels = ct_span_is(name, "AWSCloudTrail");
    if (is_sentinels) {
        bool has_events = has_table(database, "main", (ct_span){"cloudtrail", 10});
        if (database->rc != SQLITE_OK)
            ct_kql_fail_memory(job);
        if (has_events || !database->needs_cloudtrail) {
            *table = ct_kql_awscloudtrail;
            return;
        }
    }
    static const char *const schemas[] = {"temp", "main"};
    for (int i = database->only_main ? 1 : 0; i < 2; i++) {
        bool is_there = has_table(database, schemas[i], name);
        if (database->rc != SQLITE_OK)
            ct_kql_fail_memory(job);
        if (is_there) {
            find_user_table(database, job, schemas[i], name, table);
            return;
        }
    }
}

/* now(): the row 'as_of' of rule_parameter, else the last event; in a database without events, the
 * clock. */
ct_kql_catalog ct_kql_catalog_of(ct_kql_database *database)
{
    bool has_parameter = has_table(database, "main", (ct_span){"rule_parameter", 14});
    bool has_events =
        database->rc == SQLITE_OK && has_table(database, "main", (ct_span){"cloudtrail", 10});
    const char *now =
        has_parameter && has_events
            ? "kql_scan_datetime(coalesce((SELECT value FROM rule_parameter WHERE name = 'as_of'), "
              "(SELECT max(eventTime) FROM cloudtrail)))"
        : has_events ? "kql_scan_datetime((SELECT max(eventTime) FROM cloudtrail))"
                     : "kql_scan_datetime(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";
    return (ct_kql_catalog){.of = database, .find = find, .now = {now, strlen(now)}};
}
