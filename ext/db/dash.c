#include "db/dash.h"

#include <string.h>

#include "base/grow.h"
#include "base/mem.h"
#include "db/sql_text.h"
#include "sqlite/statement.h"
#include "windows/distinct.h"

/* The files of sql/dash, by their order. */
enum { SCRATCH, STALE, EVENT, CLIENT, NOTE };

char *ct_dash_sql(const char *sql, bool in_temp)
{
    static const char from[] = "main.dash_", to[] = "temp.dash_";
    _Static_assert(sizeof from == sizeof to, "replaced in place");
    char *text = sqlite3_mprintf("%s", sql);
    for (char *p = text; in_temp && p && (p = strstr(p, from)); p += sizeof to - 1)
        memcpy(p, to, sizeof to - 1);
    return text;
}

static int run_text(sqlite3 *db, const char *sql, bool in_temp, char **error)
{
    char *text = ct_dash_sql(sql, in_temp);
    int rc = text ? ct_exec(db, text, error) : SQLITE_NOMEM;
    sqlite3_free(text);
    return rc;
}

/* ---- counting -------------------------------------------------------------------------------- */

/* What a column of the statement is for, where it is no value. */
typedef struct counter {
    int flag_column;  /* whether an event counts here */
    int event_column; /* of which any one event is kept with a row, -1: none */
    int *columns;     /* owned: of the statement, in the order of the table */
    size_t n_columns, capacity;
    sqlite3_stmt *insert;  /* owned: ?1 the hour, ?2 the count, ?3 the event, then the columns */
    ct_distinct rows;      /* of this hour: the columns, as put_key() writes them */
    sqlite3_int64 *events; /* owned: by the id of the row, where events are kept */
    size_t n_events, events_capacity;
} counter;

/* Bytes that are written one behind the other. ct_buf would do; here each byte is dear. */
typedef struct bytes {
    char *p; /* owned */
    size_t len, capacity;
} bytes;

typedef struct counting {
    sqlite3 *db;
    sqlite3_stmt *source; /* owned: the events of an hour */
    counter *counters;    /* owned */
    size_t n_counters, capacity;
    uint64_t hash_key[2]; /* of the columns ...Hash */
    bool *is_hash;        /* owned: which columns these are */
    bytes event;          /* the columns of the event that is counted */
    size_t *ends;         /* owned: of each of these columns in there */
    bytes key;            /* of the row that it counts as */
} counting;

/* Room for n bytes more; NULL when there is no memory. */
static char *extend(bytes *b, size_t n)
{
    if (n > b->capacity - b->len) {
        size_t wanted = 2 * (b->len + n) + 256;
        char *grown = ct_realloc(b->p, wanted);
        if (!grown)
            return NULL;
        b->p = grown;
        b->capacity = wanted;
    }
    b->len += n;
    return b->p + b->len - n;
}

/* What stands before a value. A log brings integers and texts; what else a user has put there is
 * counted as its text. */
typedef struct value_head {
    sqlite3_int64 integer; /* of a text its length */
    int type;
} value_head;

static bool put_value(counting *c, int column)
{
    bytes *out = &c->event;
    sqlite3_stmt *source = c->source;
    value_head head;
    memset(&head, 0, sizeof head); /* between its fields, too: it is compared */
    head.type = sqlite3_column_type(source, column);
    const char *text = NULL;
    if (head.type == SQLITE_INTEGER) {
        head.integer = sqlite3_column_int64(source, column);
    } else if (head.type != SQLITE_NULL) {
        head.type = SQLITE_TEXT;
        text = (const char *)sqlite3_column_text(source, column);
        head.integer = sqlite3_column_bytes(source, column);
        if (!text)
            return false;
    }
    if (text && c->is_hash[column]) {
        ct_value value = ct_value_bytes(CT_VALUE_TEXT, text, (size_t)head.integer);
        head.integer = (sqlite3_int64)ct_value_hash(&value, c->hash_key);
        head.type = SQLITE_INTEGER;
        text = NULL;
    }
    size_t n = text ? (size_t)head.integer : 0;
    char *p = extend(out, sizeof head + n);
    if (!p)
        return false;
    memcpy(p, &head, sizeof head);
    if (n > 0)
        memcpy(p + sizeof head, text, n);
    return true;
}

/* Each column once: most of them count in several tables. */
static bool read_event(counting *c)
{
    c->event.len = 0;
    int n = sqlite3_column_count(c->source);
    for (int i = 0; i < n; i++) {
        if (!put_value(c, i))
            return false;
        c->ends[i] = c->event.len;
    }
    return true;
}

static value_head head_of(const counting *c, int column)
{
    value_head head;
    memcpy(&head, c->event.p + (column ? c->ends[column - 1] : 0), sizeof head);
    return head;
}

static bool keep_event(counter *k, uint32_t id, sqlite3_int64 event)
{
    if (id < k->n_events)
        return true;
    sqlite3_int64 *events =
        ct_grow(k->events, k->n_events, &k->events_capacity, 64, sizeof *events);
    if (!events)
        return false;
    k->events = events;
    k->events[k->n_events++] = event;
    return true;
}

static bool count_row(counting *c, counter *k)
{
    c->key.len = 0;
    for (size_t i = 0; i < k->n_columns; i++) {
        size_t from = k->columns[i] ? c->ends[k->columns[i] - 1] : 0;
        size_t n = c->ends[k->columns[i]] - from;
        char *p = extend(&c->key, n);
        if (!p)
            return false;
        memcpy(p, c->event.p + from, n);
    }
    ct_value key = ct_value_bytes(CT_VALUE_BLOB, c->key.p, c->key.len);
    uint32_t id = ct_distinct_add(&k->rows, &key);
    return id != CT_DISTINCT_NONE &&
           (k->event_column < 0 || keep_event(k, id, head_of(c, k->event_column).integer));
}

static int count_events(counting *c)
{
    int rc;
    while ((rc = sqlite3_step(c->source)) == SQLITE_ROW) {
        if (!read_event(c))
            return SQLITE_NOMEM;
        for (size_t i = 0; i < c->n_counters; i++) {
            counter *k = &c->counters[i];
            if (head_of(c, k->flag_column).integer == 1 && !count_row(c, k))
                return SQLITE_NOMEM;
        }
    }
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Binds what put_value() wrote at p; what stands behind it. */
static const char *bind_value(sqlite3_stmt *insert, int parameter, const char *p, int *rc)
{
    value_head head;
    memcpy(&head, p, sizeof head);
    p += sizeof head;
    if (head.type == SQLITE_TEXT) {
        *rc = sqlite3_bind_text(insert, parameter, p, (int)head.integer, SQLITE_STATIC);
        return p + head.integer;
    }
    *rc = head.type == SQLITE_NULL ? sqlite3_bind_null(insert, parameter)
                                   : sqlite3_bind_int64(insert, parameter, head.integer);
    return p;
}

static int insert_row(counter *k, uint32_t id)
{
    ct_value key = ct_distinct_value(&k->rows, id);
    const char *p = key.as.bytes;
    int rc = sqlite3_bind_int64(k->insert, 2, (sqlite3_int64)ct_distinct_count(&k->rows, id));
    if (rc == SQLITE_OK && k->event_column >= 0)
        rc = sqlite3_bind_int64(k->insert, 3, k->events[id]);
    for (size_t i = 0; rc == SQLITE_OK && i < k->n_columns; i++)
        p = bind_value(k->insert, (int)i + 4, p, &rc);
    return rc == SQLITE_OK ? ct_statement_run(k->insert) : rc;
}

static int insert_rows(counter *k, const char *hour)
{
    int rc = sqlite3_bind_text(k->insert, 1, hour, -1, SQLITE_STATIC);
    for (uint32_t id = 0; rc == SQLITE_OK && id < k->rows.n; id++)
        rc = insert_row(k, id);
    (void)sqlite3_clear_bindings(k->insert);
    ct_distinct rows = k->rows;
    ct_distinct_free(&k->rows);
    memcpy(k->rows.key, rows.key, sizeof rows.key);
    k->n_events = 0;
    return rc;
}

/* ---- the statements -------------------------------------------------------------------------- */

static bool is_table(const char *column)
{
    return strchr(column, '.') != NULL;
}

static bool is_hash(const char *column)
{
    size_t n = strlen(column);
    return n > 4 && strcmp(column + n - 4, "Hash") == 0;
}

static int find_column(sqlite3_stmt *source, const char *name)
{
    int i = sqlite3_column_count(source) - 1;
    while (i >= 0 && (!sqlite3_column_name(source, i) ||
                      sqlite3_stricmp(sqlite3_column_name(source, i), name) != 0))
        i--;
    return i;
}

/* The columns that the table shares with the statement; into: their names for the INSERT. */
static int match_columns(counting *c, counter *k, sqlite3_stmt *table, sqlite3_str *into)
{
    k->event_column = -1;
    for (int i = 0; i < sqlite3_column_count(table); i++) {
        const char *name = sqlite3_column_name(table, i);
        int found = name ? find_column(c->source, name) : -1;
        if (!name)
            return SQLITE_NOMEM;
        if (found < 0)
            continue; /* hour, events, and what a user has added */
        if (strcmp(name, "event") == 0) {
            k->event_column = found;
            continue;
        }
        int *columns = ct_grow(k->columns, k->n_columns, &k->capacity, 16, sizeof *columns);
        if (!columns)
            return SQLITE_NOMEM;
        k->columns = columns;
        k->columns[k->n_columns++] = found;
        sqlite3_str_appendf(into, ", \"%w\"", name);
    }
    return SQLITE_OK;
}

static int prepare_insert(counting *c, counter *k, const char *table, const char *columns)
{
    sqlite3_str *sql = sqlite3_str_new(c->db);
    sqlite3_str_appendf(sql, "INSERT INTO %s (hour, events%s%s) VALUES (?1, ?2%s", table,
                        k->event_column >= 0 ? ", event" : "", columns,
                        k->event_column >= 0 ? ", ?3" : "");
    for (size_t i = 0; i < k->n_columns; i++)
        sqlite3_str_appendf(sql, ", ?%d", (int)i + 4);
    sqlite3_str_appendall(sql, ")");
    char *text = sqlite3_str_finish(sql);
    int rc = text ? sqlite3_prepare_v2(c->db, text, -1, &k->insert, NULL) : SQLITE_NOMEM;
    sqlite3_free(text);
    return rc;
}

static int open_counter(counting *c, counter *k, const char *table)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3_randomness(sizeof k->rows.key, k->rows.key);
    char *look = sqlite3_mprintf("SELECT * FROM %s LIMIT 0", table), *columns = NULL;
    int rc = look ? sqlite3_prepare_v2(c->db, look, -1, &stmt, NULL) : SQLITE_NOMEM;
    if (rc == SQLITE_OK) {
        sqlite3_str *into = sqlite3_str_new(c->db);
        rc = match_columns(c, k, stmt, into);
        columns = sqlite3_str_finish(into); /* NULL also when there is no memory */
        if (rc == SQLITE_OK && !columns)
            rc = SQLITE_NOMEM;
    }
    if (rc == SQLITE_OK)
        rc = prepare_insert(c, k, table, columns);
    sqlite3_finalize(stmt);
    sqlite3_free(columns);
    sqlite3_free(look);
    return rc;
}

static int add_counter(counting *c, int flag_column, const char *table)
{
    counter *counters = ct_grow(c->counters, c->n_counters, &c->capacity, 16, sizeof *counters);
    if (!counters)
        return SQLITE_NOMEM;
    c->counters = counters;
    counter *k = &counters[c->n_counters++];
    *k = (counter){.flag_column = flag_column};
    return open_counter(c, k, table);
}

/* What is kept of each column of the statement. */
static int make_room(counting *c)
{
    size_t n = (size_t)sqlite3_column_count(c->source);
    c->ends = ct_malloc(n * sizeof *c->ends);
    c->is_hash = ct_malloc(n * sizeof *c->is_hash);
    if (!c->ends || !c->is_hash)
        return SQLITE_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const char *name = sqlite3_column_name(c->source, (int)i);
        if (!name)
            return SQLITE_NOMEM;
        c->is_hash[i] = is_hash(name);
    }
    sqlite3_randomness(sizeof c->hash_key, c->hash_key);
    return SQLITE_OK;
}

static int open_counters(counting *c)
{
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < sqlite3_column_count(c->source); i++) {
        const char *name = sqlite3_column_name(c->source, i);
        if (!name)
            rc = SQLITE_NOMEM;
        else if (is_table(name))
            rc = add_counter(c, i, name);
    }
    return rc;
}

static int open_counting(counting *c, bool in_temp)
{
    char *sql = ct_dash_sql(ct_dash_texts[EVENT].text, in_temp);
    int rc = sql ? sqlite3_prepare_v2(c->db, sql, -1, &c->source, NULL) : SQLITE_NOMEM;
    sqlite3_free(sql);
    if (rc == SQLITE_OK)
        rc = make_room(c);
    return rc == SQLITE_OK ? open_counters(c) : rc;
}

static void close_counting(counting *c)
{
    sqlite3_finalize(c->source);
    for (size_t i = 0; i < c->n_counters; i++) {
        counter *k = &c->counters[i];
        sqlite3_finalize(k->insert);
        ct_distinct_free(&k->rows);
        ct_free(k->events);
        ct_free(k->columns);
    }
    ct_free(c->counters);
    ct_free(c->event.p);
    ct_free(c->ends);
    ct_free(c->is_hash);
    ct_free(c->key.p);
}

/* ---- hours ----------------------------------------------------------------------------------- */

static int count_hour(counting *c, sqlite3_stmt *hours)
{
    const char *hour = (const char *)sqlite3_column_text(hours, 0);
    const char *first = (const char *)sqlite3_column_text(hours, 1);
    const char *last = (const char *)sqlite3_column_text(hours, 2);
    if (!hour || !first || !last)
        return SQLITE_NOMEM;
    int rc = sqlite3_bind_text(c->source, 1, first, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(c->source, 2, last, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = count_events(c);
    int reset = sqlite3_reset(c->source);
    if (rc == SQLITE_OK)
        rc = reset;
    (void)sqlite3_clear_bindings(c->source);
    for (size_t i = 0; rc == SQLITE_OK && i < c->n_counters; i++)
        rc = insert_rows(&c->counters[i], hour);
    return rc;
}

static int count_hours(counting *c)
{
    sqlite3_stmt *hours = NULL;
    int rc = sqlite3_prepare_v2(
        c->db,
        "SELECT hour, firstTime, lastTime FROM temp.cloudtrail_dash_stale"
        " JOIN temp.cloudtrail_dash_hour USING (hour) ORDER BY hour", /* others are empty now */
        -1, &hours, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(hours)) == SQLITE_ROW)
        rc = count_hour(c, hours);
    sqlite3_finalize(hours);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int count(sqlite3 *db, bool in_temp, char **error)
{
    counting c = {.db = db};
    int rc = open_counting(&c, in_temp);
    if (rc == SQLITE_OK)
        rc = count_hours(&c);
    if (rc != SQLITE_OK)
        rc = ct_statement_failed(db, rc, error);
    close_counting(&c);
    return rc;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static int make_in_temp(sqlite3 *db, const ct_sql_text *table, char **error)
{
    /* the file names its index as one of main, and its table not at all */
    int rc = ct_execf(db, error, "DROP TABLE IF EXISTS temp.\"%w\"", table->name);
    char *sql = sqlite3_mprintf("%s", table->text);
    char *statement = sql ? strstr(sql, "CREATE TABLE ") : NULL;
    char *index = statement ? strstr(statement, "CREATE INDEX main.") : NULL;
    if (index) /* small enough to be read without one */
        *index = '\0';
    if (rc == SQLITE_OK)
        rc = statement ? ct_execf(db, error, "CREATE TEMP TABLE %s",
                                  statement + sizeof "CREATE TABLE " - 1)
                       : SQLITE_NOMEM;
    sqlite3_free(sql);
    return rc;
}

int ct_dash_prepare(sqlite3 *db, bool in_temp, char **error)
{
    int rc = run_text(db, ct_dash_texts[SCRATCH].text, in_temp, error);
    for (size_t i = 0; rc == SQLITE_OK && in_temp && i < ct_n_sql_texts; i++)
        if (strncmp(ct_sql_texts[i].name, "dash_", 5) == 0)
            rc = make_in_temp(db, &ct_sql_texts[i], error);
    return rc;
}

int ct_dash_update(sqlite3 *db, bool in_temp, char **error)
{
    int rc = run_text(db, ct_dash_texts[STALE].text, in_temp, error);
    if (rc == SQLITE_OK)
        rc = count(db, in_temp, error);
    if (rc == SQLITE_OK)
        rc = run_text(db, ct_dash_texts[CLIENT].text, in_temp, error);
    return rc == SQLITE_OK ? run_text(db, ct_dash_texts[NOTE].text, in_temp, error) : rc;
}
