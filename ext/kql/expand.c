/*
 * SQL: the table functions of compiled queries. INNOCUOUS: they read their arguments and nothing
 * else, so that they work in views where trusted_schema is off.
 *
 * kql_expand(kind TEXT, row_limit INTEGER, j1 TEXT (JSON) [, j2 ... j8]) -> rows
 *     ordinal INTEGER        from 0
 *     v1 ... v8 TEXT (JSON)  what j1 ... j8 give in this row; NULL where they have no more
 *   mv-expand: an array gives its elements, a bag its members, each as a bag of one (kind 'bag') or
 *   as [key,value] ('array'); any other value and NULL give one row; [] and {} none. As many rows
 *   as the longest, at most row_limit (NULL: all).
 *
 * kql_series(start, stop, step) -> rows
 *     value INTEGER or REAL  start, start + step ... up to stop, which is included
 *   range: no row where the step is 0 or leads away, or an argument is NULL.
 */
#include "kql/runtime.h"

#include <stdbool.h>
#include <string.h>

#include "kql/dynamic.h"
#include "kql/glue.h"

/* ---- kql_expand: the table ------------------------------------------------------------------ */

enum {
    N_VALUES = 8,
    COLUMN_ORDINAL = 0,
    COLUMN_VALUE = 1, /* v1; the others follow */
    COLUMN_KIND = COLUMN_VALUE + N_VALUES,
    COLUMN_LIMIT,
    COLUMN_JSON, /* j1; the others follow */
    N_PARAMETERS = 2 + N_VALUES
};

static int connect(sqlite3 *db, const char *declaration, sqlite3_vtab **table)
{
    int rc = sqlite3_declare_vtab(db, declaration);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
    sqlite3_vtab *t = sqlite3_malloc(sizeof *t);
    if (!t)
        return SQLITE_NOMEM;
    memset(t, 0, sizeof *t);
    *table = t;
    return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

/*
 * Takes the = constraints of the hidden columns from `first` on: bit i of idxNum is set where
 * parameter i is given, and xFilter gets those in this order.
 */
static int take_parameters(sqlite3_index_info *info, int first, int n)
{
    int constraints[N_PARAMETERS], n_args = 0;
    for (int i = 0; i < n; i++)
        constraints[i] = -1;
    for (int i = 0; i < info->nConstraint; i++) {
        const struct sqlite3_index_constraint *c = &info->aConstraint[i];
        if (c->op != SQLITE_INDEX_CONSTRAINT_EQ || c->iColumn < first || c->iColumn >= first + n)
            continue;
        if (!c->usable)
            return SQLITE_CONSTRAINT; /* a parameter from a table that comes later in the join */
        constraints[c->iColumn - first] = i;
    }
    for (int i = 0; i < n; i++) {
        if (constraints[i] < 0)
            continue;
        info->idxNum |= 1 << i;
        info->aConstraintUsage[constraints[i]].argvIndex = ++n_args;
        info->aConstraintUsage[constraints[i]].omit = 1;
    }
    info->estimatedCost = 10;
    info->estimatedRows = 10;
    return SQLITE_OK;
}

static int expand_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                          sqlite3_vtab **table, char **error)
{
    (void)aux, (void)argc, (void)argv, (void)error;
    return connect(db,
                   "CREATE TABLE x(ordinal INTEGER,v1,v2,v3,v4,v5,v6,v7,v8,kind HIDDEN,"
                   "row_limit HIDDEN,j1 HIDDEN,j2 HIDDEN,j3 HIDDEN,j4 HIDDEN,j5 HIDDEN,j6 HIDDEN,"
                   "j7 HIDDEN,j8 HIDDEN)",
                   table);
}

static int expand_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    return take_parameters(info, COLUMN_KIND, N_PARAMETERS);
}

/* ---- kql_expand: the cursor ----------------------------------------------------------------- */

/* One of the values that are expanded side by side. */
typedef struct source {
    ct_buf json;      /* a copy: SQLite's own does not outlive xFilter */
    ct_dyn_walk walk; /* of an array or a bag */
    bool is_there;    /* the current row has a value of it */
    bool is_walk;     /* there may be more values; else this is the one */
} source;

typedef struct expand_cursor {
    sqlite3_vtab_cursor base;
    source sources[N_VALUES];
    int n_sources;
    sqlite3_int64 ordinal, limit;
    bool as_array; /* kind 'array' */
} expand_cursor;

static int expand_open(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor)
{
    (void)table;
    expand_cursor *c = sqlite3_malloc64(sizeof *c);
    if (!c)
        return SQLITE_NOMEM;
    memset(c, 0, sizeof *c);
    *cursor = &c->base;
    return SQLITE_OK;
}

static void free_sources(expand_cursor *c)
{
    for (int i = 0; i < N_VALUES; i++)
        ct_buf_free(&c->sources[i].json);
    memset(c->sources, 0, sizeof c->sources);
    c->n_sources = 0;
}

static int expand_close(sqlite3_vtab_cursor *cursor)
{
    expand_cursor *c = (expand_cursor *)cursor;
    free_sources(c);
    sqlite3_free(c);
    return SQLITE_OK;
}

static int open_source(source *s, sqlite3_value *arg)
{
    s->is_there = true;
    if (ct_kql_is_null(arg))
        return SQLITE_OK;
    const char *p = (const char *)sqlite3_value_text(arg);
    if (!p)
        return SQLITE_NOMEM;
    ct_buf_put(&s->json, p, (size_t)sqlite3_value_bytes(arg));
    if (!ct_buf_ok(&s->json))
        return SQLITE_NOMEM;
    ct_span json = {s->json.data ? s->json.data : "", s->json.len};
    ct_json_kind kind = ct_dyn_kind(json);
    s->is_walk = kind == CT_JSON_ARRAY || kind == CT_JSON_OBJECT;
    if (s->is_walk)
        s->is_there = ct_dyn_first(&s->walk, json);
    return SQLITE_OK;
}

static int expand_filter(sqlite3_vtab_cursor *cursor, int idx_num, const char *idx_str, int argc,
                         sqlite3_value **argv)
{
    expand_cursor *c = (expand_cursor *)cursor;
    (void)idx_str, (void)argc;
    free_sources(c);
    c->ordinal = 0;
    c->limit = INT64_MAX;
    c->as_array = false;
    for (int i = 0, k = 0; i < N_PARAMETERS; i++) {
        if (!(idx_num >> i & 1))
            continue;
        sqlite3_value *arg = argv[k++];
        if (i == 0) {
            const char *kind = (const char *)sqlite3_value_text(arg);
            c->as_array = kind && strcmp(kind, "array") == 0;
        } else if (i == 1) {
            if (!ct_kql_is_null(arg))
                c->limit = sqlite3_value_int64(arg);
        } else {
            c->n_sources = i - 1;
            int rc = open_source(&c->sources[i - 2], arg);
            if (rc != SQLITE_OK)
                return rc;
        }
    }
    return SQLITE_OK;
}

static int expand_next(sqlite3_vtab_cursor *cursor)
{
    expand_cursor *c = (expand_cursor *)cursor;
    c->ordinal++;
    for (int i = 0; i < c->n_sources; i++) {
        source *s = &c->sources[i];
        s->is_there = s->is_there && s->is_walk && ct_dyn_next(&s->walk);
    }
    return SQLITE_OK;
}

static int expand_eof(sqlite3_vtab_cursor *cursor)
{
    const expand_cursor *c = (const expand_cursor *)cursor;
    if (c->ordinal >= c->limit)
        return 1;
    for (int i = 0; i < c->n_sources; i++)
        if (c->sources[i].is_there)
            return 0;
    return 1;
}

/* A member as {"key":value} or ["key",value]. */
static void result_member(sqlite3_context *context, const ct_dyn_walk *walk, bool as_array)
{
    ct_buf out = CT_BUF_EMPTY;
    ct_buf_put_char(&out, as_array ? '[' : '{');
    ct_buf_put(&out, walk->key.p, walk->key.len);
    ct_buf_put_char(&out, as_array ? ',' : ':');
    ct_buf_put(&out, walk->value.p, walk->value.len);
    ct_buf_put_char(&out, as_array ? ']' : '}');
    ct_result_buf(context, &out);
}

static void result_source(sqlite3_context *context, const source *s, bool as_array)
{
    if (!s->is_there)
        return;
    if (!s->is_walk) {
        if (s->json.len > 0)
            ct_result_span(context, (ct_span){s->json.data, s->json.len});
    } else if (s->walk.closing == '}') {
        result_member(context, &s->walk, as_array);
    } else if (s->walk.value.kind != CT_JSON_NULL) {
        ct_result_span(context, ct_dyn_span(&s->walk.value));
    }
}

static int expand_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
    const expand_cursor *c = (const expand_cursor *)cursor;
    if (column == COLUMN_ORDINAL)
        sqlite3_result_int64(context, c->ordinal);
    else if (column >= COLUMN_VALUE && column < COLUMN_KIND)
        result_source(context, &c->sources[column - COLUMN_VALUE], c->as_array);
    return SQLITE_OK;
}

static int expand_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
    *rowid = ((const expand_cursor *)cursor)->ordinal;
    return SQLITE_OK;
}

/* ---- kql_series ----------------------------------------------------------------------------- */

enum { SERIES_VALUE, SERIES_START, N_SERIES_PARAMETERS = 3 };

typedef struct series_cursor {
    sqlite3_vtab_cursor base;
    bool is_real, at_end;
    sqlite3_int64 rowid, integer, stop, step;
    double real_start, real_stop, real_step;
} series_cursor;

static int series_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                          sqlite3_vtab **table, char **error)
{
    (void)aux, (void)argc, (void)argv, (void)error;
    return connect(db, "CREATE TABLE x(value,start HIDDEN,stop HIDDEN,step HIDDEN)", table);
}

static int series_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    return take_parameters(info, SERIES_START, N_SERIES_PARAMETERS);
}

static int series_open(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor)
{
    (void)table;
    series_cursor *c = sqlite3_malloc64(sizeof *c);
    if (!c)
        return SQLITE_NOMEM;
    memset(c, 0, sizeof *c);
    *cursor = &c->base;
    return SQLITE_OK;
}

static int series_close(sqlite3_vtab_cursor *cursor)
{
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static double series_real(const series_cursor *c)
{
    return c->real_start + (double)c->rowid * c->real_step;
}

static void check_end(series_cursor *c)
{
    if (!c->is_real)
        c->at_end = c->step > 0 ? c->integer > c->stop : c->integer < c->stop;
    else if (c->real_step > 0)
        c->at_end = !(series_real(c) <= c->real_stop);
    else
        c->at_end = !(series_real(c) >= c->real_stop);
}

static int series_filter(sqlite3_vtab_cursor *cursor, int idx_num, const char *idx_str, int argc,
                         sqlite3_value **argv)
{
    series_cursor *c = (series_cursor *)cursor;
    (void)idx_str;
    c->rowid = 0;
    c->at_end = true;
    if (idx_num != 7 || argc != N_SERIES_PARAMETERS)
        return SQLITE_OK;
    c->is_real = false;
    for (int i = 0; i < argc; i++)
        c->is_real |= sqlite3_value_type(argv[i]) != SQLITE_INTEGER;
    if (c->is_real) {
        if (!ct_kql_real(NULL, argv[0], &c->real_start) ||
            !ct_kql_real(NULL, argv[1], &c->real_stop) ||
            !ct_kql_real(NULL, argv[2], &c->real_step) || !(c->real_step != 0))
            return SQLITE_OK;
    } else {
        c->integer = sqlite3_value_int64(argv[0]);
        c->stop = sqlite3_value_int64(argv[1]);
        c->step = sqlite3_value_int64(argv[2]);
        if (c->step == 0)
            return SQLITE_OK;
    }
    check_end(c);
    return SQLITE_OK;
}

static int series_next(sqlite3_vtab_cursor *cursor)
{
    series_cursor *c = (series_cursor *)cursor;
    c->rowid++;
    if (!c->is_real && __builtin_add_overflow(c->integer, c->step, &c->integer))
        c->at_end = true;
    else
        check_end(c);
    return SQLITE_OK;
}

static int series_eof(sqlite3_vtab_cursor *cursor)
{
    return ((const series_cursor *)cursor)->at_end;
}

static int series_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
    const series_cursor *c = (const series_cursor *)cursor;
    if (column == SERIES_VALUE && c->is_real)
        sqlite3_result_double(context, series_real(c));
    else if (column == SERIES_VALUE)
        sqlite3_result_int64(context, c->integer);
    return SQLITE_OK;
}

static int series_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
    *rowid = ((const series_cursor *)cursor)->rowid;
    return SQLITE_OK;
}

int ct_kql_register_expand(sqlite3 *db, char **error)
{
    /* Without xCreate they are table functions, and nobody can CREATE one. */
    static const sqlite3_module expand = {
        .xConnect = expand_connect,
        .xBestIndex = expand_best_index,
        .xDisconnect = disconnect,
        .xOpen = expand_open,
        .xClose = expand_close,
        .xFilter = expand_filter,
        .xNext = expand_next,
        .xEof = expand_eof,
        .xColumn = expand_column,
        .xRowid = expand_rowid,
    };
    static const sqlite3_module series = {
        .xConnect = series_connect,
        .xBestIndex = series_best_index,
        .xDisconnect = disconnect,
        .xOpen = series_open,
        .xClose = series_close,
        .xFilter = series_filter,
        .xNext = series_next,
        .xEof = series_eof,
        .xColumn = series_column,
        .xRowid = series_rowid,
    };
    int rc = sqlite3_create_module_v2(db, "kql_expand", &expand, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_module_v2(db, "kql_series", &series, NULL, NULL);
    if (rc != SQLITE_OK)
        *error = sqlite3_mprintf("cloudtrail: cannot register a table function of KQL: %s",
                                 sqlite3_errmsg(db));
    return rc;
}
