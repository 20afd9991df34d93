#include "db/store.h"

#include <stdio.h>
#include <string.h>

#include "base/json_equal.h"
#include "base/mem.h"
#include "base/timestamp.h"
#include "base/sha256.h"
#include "base/version.h"
#include "log/digest.h"
#include "log/s3_name.h"
#include "base/utf8.h"
#include "sqlite/statement.h"

enum {
    INSERT_EVENT,
    FIND_EVENT,
    REPLACE_EVENT,
    INSERT_PROBLEM,
    FIND_FILE,
    INSERT_FILE,
    SET_ASIDE,
    BEGIN_AGAIN,
    DELETE_PROBLEMS,
    DELETE_DIGEST,
    DELETE_DIGEST_FILES,
    DELETE_WITHOUT_ID,
    INSERT_DIGEST,
    INSERT_DIGEST_FILE,
    READ_COUNTS,
    END_FILE,
    RECOUNT_REPLACED,
    HAS_COLUMNS,
    NOTE_TWO_TIMES,
    RECOUNT_TWO_TIMES,
    N_STATEMENTS
};

/* What is said of an event whose id another row has under another time. */
#define TWO_TIMES "'this eventID stands under another eventTime, too'"
/* Whether a file is of a form that holds less than a record; ct_form_rank() says the same. */
#define IS_OF_COLUMNS                                                                              \
    "(format GLOB '*csv console' OR format GLOB '*csv sentinel' OR format GLOB '*csv columns'"     \
    " OR format GLOB '*json sentinel' OR format GLOB '*json columns')"

static const char *const statements[N_STATEMENTS] = {
    /* INSERT_EVENT, FIND_EVENT and REPLACE_EVENT list the columns: prepare() writes them. */
    [INSERT_PROBLEM] = "INSERT INTO main.cloudtrail_problem"
                       " (fileID, recordNumber, byteOffset, message, text, kind)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [FIND_FILE] =
        "SELECT fileID, size, modified, complete, events, format FROM main.cloudtrail_file"
        " WHERE path = ?1 AND path <> '-'",
    [INSERT_FILE] = "INSERT INTO main.cloudtrail_file (path, size, modified, format, importedAt)"
                    " VALUES (?1, ?2, ?3, ?4, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
    [SET_ASIDE] = "UPDATE main.cloudtrail_file SET path = path ||"
                  " strftime(' (until %Y-%m-%dT%H:%M:%fZ)', 'now') WHERE fileID = ?1",
    [BEGIN_AGAIN] = "UPDATE main.cloudtrail_file SET size = ?2, modified = ?3, complete = 0,"
                    " format = ifnull(?4, format),"
                    " importedAt = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE fileID = ?1",
    [DELETE_PROBLEMS] = "DELETE FROM main.cloudtrail_problem WHERE fileID = ?1",
    [DELETE_DIGEST] = "DELETE FROM main.cloudtrail_digest WHERE fileID = ?1",
    [DELETE_DIGEST_FILES] = "DELETE FROM main.cloudtrail_digest_file WHERE fileID = ?1",
    [INSERT_DIGEST] =
        "INSERT INTO main.cloudtrail_digest (fileID, recipientAccountId, awsRegion,"
        " digestS3Bucket, digestS3Object, startTime, endTime, sha256, previousDigestS3Object,"
        " previousDigestHashValue, previousDigestSignature, publicKeyFingerprint)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [INSERT_DIGEST_FILE] =
        "INSERT INTO main.cloudtrail_digest_file"
        " (fileID, s3Bucket, s3Object, oldestEventTime, newestEventTime, hashValue)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [DELETE_WITHOUT_ID] = "DELETE FROM main.cloudtrail WHERE fileID = ?1 AND eventID IS NULL",
    [READ_COUNTS] = "SELECT records, events, duplicates, problems, complete"
                    " FROM main.cloudtrail_file WHERE fileID = ?1",
    [HAS_COLUMNS] = "SELECT 1 FROM main.cloudtrail_file WHERE " IS_OF_COLUMNS " LIMIT 1",
    [NOTE_TWO_TIMES] =
        "INSERT INTO main.cloudtrail_problem (fileID, recordNumber, kind, message, text)"
        " SELECT c.fileID, c.recordNumber, 'note', " TWO_TIMES ", c.eventID"
        " FROM main.cloudtrail AS c WHERE c.eventID IN (SELECT eventID FROM main.cloudtrail"
        " WHERE eventID IS NOT NULL GROUP BY eventID HAVING count(*) > 1)"
        " AND c.fileID IN (SELECT fileID FROM main.cloudtrail_file WHERE " IS_OF_COLUMNS ")"
        " AND NOT EXISTS (SELECT 1 FROM main.cloudtrail_problem AS p WHERE p.fileID = c.fileID"
        " AND p.recordNumber = c.recordNumber AND p.message = " TWO_TIMES ")",
    [RECOUNT_TWO_TIMES] =
        "UPDATE main.cloudtrail_file SET problems = (SELECT count(*) FROM main.cloudtrail_problem"
        " AS p WHERE p.fileID = cloudtrail_file.fileID) WHERE problems < 100000"
        " AND fileID IN (SELECT fileID FROM main.cloudtrail_problem WHERE message = " TWO_TIMES ")",
    [RECOUNT_REPLACED] = "UPDATE main.cloudtrail_file SET events = events - 1,"
                         " duplicates = duplicates + (?2 = 0), problems = problems + ?2"
                         " WHERE fileID = ?1",
    [END_FILE] =
        "UPDATE main.cloudtrail_file SET format = ifnull(?2, format), records = ?3, events = ?4,"
        " duplicates = ?5, problems = ?6, firstTime = ?7,"
        " lastTime = ?8, complete = ?9, sha256 = ?10, version = '" CT_VERSION "' WHERE fileID = ?1",
};

struct ct_store {
    sqlite3 *db;
    sqlite3_stmt *statements[N_STATEMENTS]; /* owned */
    bool is_utf16;                          /* the database */
    ct_buf path;           /* of the file, as the ledger has it where that is not its bytes */
    int bound;             /* of the statement being bound: the first error, else SQLITE_OK */
    ct_column_set is_null; /* which columns INSERT_EVENT has bound to NULL: half of an event's are,
                              and mostly the same half, which need not be bound again */
};

/* Where the parameters and result columns behind the record's own stand. */
enum { FILE_ID = CT_N_COLUMNS, RECORD_NUMBER, FORMAT };

/* ---- statements ---------------------------------------------------------------------------- */

static void put_columns(ct_buf *sql)
{
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        ct_buf_put_text(sql, ct_column_name((ct_column)i));
        ct_buf_put_char(sql, ',');
    }
    ct_buf_put_text(sql, "fileID,recordNumber");
}

static void put_parameters(ct_buf *sql)
{
    for (int i = 2; i <= RECORD_NUMBER + 1; i++)
        ct_buf_printf(sql, ",?%d", i);
}

static void put_statement(int which, ct_buf *sql)
{
    if (which == INSERT_EVENT) {
        ct_buf_put_text(sql, "INSERT INTO main.cloudtrail (");
        put_columns(sql);
        ct_buf_put_text(sql, ") VALUES (?1");
        put_parameters(sql);
        ct_buf_put_text(sql, ") ON CONFLICT DO NOTHING");
    } else if (which == FIND_EVENT) {
        ct_buf_put_text(sql, "SELECT ");
        put_columns(sql);
        ct_buf_put_text(sql, ",(SELECT format FROM main.cloudtrail_file AS f"
                             " WHERE f.fileID = cloudtrail.fileID)"
                             " FROM main.cloudtrail WHERE eventTime = ?1 AND eventID = ?2");
    } else if (which == REPLACE_EVENT) {
        ct_buf_put_text(sql, "UPDATE main.cloudtrail SET (");
        put_columns(sql);
        ct_buf_put_text(sql, ") = (?1");
        put_parameters(sql);
        ct_buf_put_text(sql, ") WHERE eventTime = ?1 AND eventID = ?2");
    } else {
        ct_buf_put_text(sql, statements[which]);
    }
}

static int prepare(ct_store *store, int which)
{
    ct_buf sql = CT_BUF_EMPTY;
    put_statement(which, &sql);
    int rc = SQLITE_NOMEM;
    if (ct_buf_ok(&sql))
        rc = sqlite3_prepare_v3(store->db, sql.data, (int)sql.len, SQLITE_PREPARE_PERSISTENT,
                                &store->statements[which], NULL);
    ct_buf_free(&sql);
    return rc;
}

int ct_store_open(sqlite3 *db, ct_store **store)
{
    *store = NULL;
    ct_store *s = ct_malloc(sizeof *s);
    if (!s)
        return SQLITE_NOMEM;
    memset(s, 0, sizeof *s);
    s->db = db;
    s->is_null = CT_ALL_COLUMNS;
    int rc = ct_is_utf16(db, &s->is_utf16);
    for (int i = 0; i < N_STATEMENTS && rc == SQLITE_OK; i++)
        rc = prepare(s, i);
    if (rc == SQLITE_OK)
        *store = s;
    else
        ct_store_close(s);
    return rc;
}

void ct_store_close(ct_store *store)
{
    if (!store)
        return;
    for (int i = 0; i < N_STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    ct_buf_free(&store->path);
    ct_free(store);
}

/* ---- parameters: an error is kept until the statement is stepped ----------------------------- */

static void note_bound(ct_store *store, int rc)
{
    if (store->bound == SQLITE_OK)
        store->bound = rc;
}

static void bind_integer(ct_store *store, sqlite3_stmt *stmt, int parameter, sqlite3_int64 value)
{
    note_bound(store, sqlite3_bind_int64(stmt, parameter, value));
}

/* The text is borrowed until the statement is reset. */
static void bind_text(ct_store *store, sqlite3_stmt *stmt, int parameter, const char *p, size_t n)
{
    note_bound(store, sqlite3_bind_text64(stmt, parameter, p, n, SQLITE_STATIC, SQLITE_UTF8));
}

static void bind_null(ct_store *store, sqlite3_stmt *stmt, int parameter)
{
    note_bound(store, sqlite3_bind_null(stmt, parameter));
}

/* SQLITE_ROW, SQLITE_DONE, or an error, also of a parameter that could not be bound. */
static int step(ct_store *store, sqlite3_stmt *stmt)
{
    int rc = store->bound;
    store->bound = SQLITE_OK;
    return rc == SQLITE_OK ? sqlite3_step(stmt) : rc;
}

/* Runs a statement for what it does. */
static int run(ct_store *store, sqlite3_stmt *stmt)
{
    int rc = store->bound;
    store->bound = SQLITE_OK;
    return rc == SQLITE_OK ? ct_statement_run(stmt) : rc;
}

static int run_for_file(ct_store *store, int which, sqlite3_int64 file_id)
{
    sqlite3_stmt *stmt = store->statements[which];
    bind_integer(store, stmt, 1, file_id);
    return run(store, stmt);
}

/* ---- the ledger ---------------------------------------------------------------------------- */

/* The rank of a form by the ledger's name for it. */
static ct_rank rank_of_format(const char *format)
{
    static const char gzip[] = "gzip ";
    if (format && strncmp(format, gzip, sizeof gzip - 1) == 0)
        format += sizeof gzip - 1;
    return format ? ct_rank_of_name(format, strlen(format)) : CT_RANK_FULL;
}

/* As bytes; two names that are not UTF-8 would be one in a database that keeps UTF-16. */
static void bind_path(ct_store *store, sqlite3_stmt *stmt, int parameter, const char *path)
{
    size_t n = strlen(path);
    if (!store->is_utf16 || ct_utf8_valid(path, n)) {
        bind_text(store, stmt, parameter, path, n);
        return;
    }
    ct_buf_clear(&store->path);
    ct_utf8_put_escaped(&store->path, path, n);
    if (ct_buf_ok(&store->path))
        bind_text(store, stmt, parameter, store->path.data, store->path.len);
    else
        note_bound(store, SQLITE_NOMEM);
}

/* The same for a column of a row. */
static ct_rank rank_in(sqlite3_stmt *row, int column, bool *no_memory)
{
    const char *format = (const char *)sqlite3_column_text(row, column);
    if (!format && sqlite3_column_type(row, column) != SQLITE_NULL)
        *no_memory = true;
    return rank_of_format(format);
}

/* The file's row in the ledger, with file_id 0 when there is none; *rank is of its form. */
static int find_file(ct_store *store, const char *path, const ct_file_info *info, ct_ledger *ledger,
                     ct_rank *rank)
{
    sqlite3_stmt *stmt = store->statements[FIND_FILE];
    *ledger = (ct_ledger){.file_id = 0};
    *rank = CT_RANK_FULL;
    bind_path(store, stmt, 1, path);
    int rc = step(store, stmt);
    if (rc == SQLITE_ROW) {
        ledger->file_id = sqlite3_column_int64(stmt, 0);
        ledger->unchanged = sqlite3_column_int64(stmt, 1) == info->size &&
                            sqlite3_column_int64(stmt, 2) == info->modified_ns &&
                            sqlite3_column_int(stmt, 3) == 1;
        ledger->rows_before = sqlite3_column_int64(stmt, 4);
        bool no_memory = false;
        *rank = rank_in(stmt, 5, &no_memory);
        rc = no_memory ? SQLITE_NOMEM : SQLITE_DONE;
    }
    int reset = sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? reset : rc;
}

int ct_store_has_file(ct_store *store, const char *path, const ct_file_info *info, bool *has)
{
    ct_ledger ledger;
    ct_rank rank;
    int rc = find_file(store, path, info, &ledger, &rank);
    *has = rc == SQLITE_OK && ledger.unchanged;
    return rc;
}

/* NULL where nothing is known of the form. */
static void bind_format(ct_store *store, sqlite3_stmt *stmt, int parameter, const char *format)
{
    if (format)
        bind_text(store, stmt, parameter, format, strlen(format));
    else
        bind_null(store, stmt, parameter);
}

static int insert_file(ct_store *store, const char *path, const ct_file_info *info,
                       const char *format, ct_ledger *ledger)
{
    sqlite3_stmt *stmt = store->statements[INSERT_FILE];
    bind_path(store, stmt, 1, path);
    bind_integer(store, stmt, 2, info->size);
    bind_integer(store, stmt, 3, info->modified_ns);
    bind_format(store, stmt, 4, format);
    int rc = run(store, stmt);
    ledger->file_id = sqlite3_last_insert_rowid(store->db);
    return rc;
}

static int begin_again(ct_store *store, const ct_file_info *info, const char *format,
                       ct_ledger *ledger)
{
    sqlite3_stmt *stmt = store->statements[BEGIN_AGAIN];
    bind_integer(store, stmt, 1, ledger->file_id);
    bind_integer(store, stmt, 2, info->size);
    bind_integer(store, stmt, 3, info->modified_ns);
    bind_format(store, stmt, 4, format);
    int rc = run(store, stmt);
    if (rc == SQLITE_OK)
        rc = run_for_file(store, DELETE_PROBLEMS, ledger->file_id);
    if (rc == SQLITE_OK)
        rc = run_for_file(store, DELETE_DIGEST, ledger->file_id);
    if (rc == SQLITE_OK)
        rc = run_for_file(store, DELETE_DIGEST_FILES, ledger->file_id);
    if (rc == SQLITE_OK)
        rc = run_for_file(store, DELETE_WITHOUT_ID, ledger->file_id);
    if (rc == SQLITE_OK)
        ledger->rows_before -= sqlite3_changes(store->db);
    return rc;
}

int ct_store_begin_file(ct_store *store, const char *path, const ct_file_info *info,
                        const char *format, ct_ledger *ledger)
{
    const char *name = info->is_stdin ? "-" : path;
    ct_rank rank;
    int rc = find_file(store, name, info, ledger, &rank);
    if (rc != SQLITE_OK || ledger->unchanged)
        return rc;
    if (format && ledger->rows_before > 0 && rank != rank_of_format(format)) {
        rc = run_for_file(store, SET_ASIDE, ledger->file_id);
        *ledger = (ct_ledger){.file_id = 0};
        if (rc != SQLITE_OK)
            return rc;
    }
    return ledger->file_id ? begin_again(store, info, format, ledger)
                           : insert_file(store, name, info, format, ledger);
}

/*
 * What the ledger calls events and duplicates. Of a file that is read again the events of the first
 * time came up as duplicates of themselves. While the file is read, events are its rows in the
 * table, so that the next reading knows them; in the end they add up to what the file shows (one
 * that has lost records since keeps their rows).
 */
static sqlite3_int64 events_of(const ct_ledger *ledger, bool complete)
{
    sqlite3_int64 rows = ledger->rows_before + ledger->events;
    sqlite3_int64 shown = ledger->events + ledger->duplicates;
    return complete && rows > shown ? shown : rows;
}

static sqlite3_int64 duplicates_of(const ct_ledger *ledger, bool complete)
{
    sqlite3_int64 shown = ledger->events + ledger->duplicates;
    sqlite3_int64 events = events_of(ledger, complete);
    return events < shown ? shown - events : 0;
}

int ct_store_is_ours(ct_store *store, const ct_ledger *ledger, bool *is_ours)
{
    sqlite3_stmt *stmt = store->statements[READ_COUNTS];
    bind_integer(store, stmt, 1, ledger->file_id);
    int rc = step(store, stmt);
    *is_ours = rc == SQLITE_ROW && sqlite3_column_int64(stmt, 0) == ledger->records &&
               sqlite3_column_int64(stmt, 1) == events_of(ledger, false) &&
               sqlite3_column_int64(stmt, 2) == duplicates_of(ledger, false) &&
               sqlite3_column_int64(stmt, 3) == ledger->problems &&
               sqlite3_column_int(stmt, 4) == 0;
    int reset = sqlite3_reset(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? reset : rc;
}

/* Binds the digits YYYYMMDDhhmmss as a time; NULL where there is none. */
static void bind_time(ct_store *store, sqlite3_stmt *stmt, int parameter, uint64_t digits)
{
    char text[32];
    int n =
        snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)(digits / 10000000000),
                 (int)(digits / 100000000 % 100), (int)(digits / 1000000 % 100),
                 (int)(digits / 10000 % 100), (int)(digits / 100 % 100), (int)(digits % 100));
    if (digits == 0)
        bind_null(store, stmt, parameter);
    else
        note_bound(store, sqlite3_bind_text(stmt, parameter, text, n, SQLITE_TRANSIENT));
}

int ct_store_end_file(ct_store *store, const ct_ledger *ledger, const char *format, bool complete,
                      const unsigned char *sha256)
{
    char hex[CT_SHA256_HEX];
    sqlite3_stmt *stmt = store->statements[END_FILE];
    bind_integer(store, stmt, 1, ledger->file_id);
    bind_format(store, stmt, 2, format);
    bind_integer(store, stmt, 3, ledger->records);
    bind_integer(store, stmt, 4, events_of(ledger, complete));
    bind_integer(store, stmt, 5, duplicates_of(ledger, complete));
    bind_integer(store, stmt, 6, ledger->problems);
    bind_time(store, stmt, 7, ledger->first_time);
    bind_time(store, stmt, 8, ledger->last_time);
    bind_integer(store, stmt, 9, complete);
    if (sha256) {
        ct_hex(sha256, CT_SHA256_BYTES, hex);
        bind_text(store, stmt, 10, hex, sizeof hex);
    } else {
        bind_null(store, stmt, 10);
    }
    return run(store, stmt);
}

int ct_store_recount_replaced(ct_store *store, sqlite3_int64 file_id, bool is_problem)
{
    sqlite3_stmt *stmt = store->statements[RECOUNT_REPLACED];
    bind_integer(store, stmt, 1, file_id);
    bind_integer(store, stmt, 2, is_problem);
    return run(store, stmt);
}

static int insert_problem(ct_store *store, sqlite3_int64 file_id, ct_problem_kind kind,
                          sqlite3_int64 number, sqlite3_int64 offset, const char *message,
                          const char *text, size_t len)
{
    static const char *const kinds[] = {"unreadable", "conflict", "note"};
    sqlite3_stmt *stmt = store->statements[INSERT_PROBLEM];
    bind_integer(store, stmt, 1, file_id);
    if (number > 0)
        bind_integer(store, stmt, 2, number);
    else
        bind_null(store, stmt, 2);
    if (offset >= 0)
        bind_integer(store, stmt, 3, offset);
    else
        bind_null(store, stmt, 3);
    bind_text(store, stmt, 4, message, strlen(message));
    bind_text(store, stmt, 5, text, len);
    bind_text(store, stmt, 6, kinds[kind], strlen(kinds[kind]));
    return run(store, stmt);
}

int ct_store_note_two_times(ct_store *store, sqlite3_int64 *n)
{
    sqlite3_stmt *has = store->statements[HAS_COLUMNS];
    int rc = sqlite3_step(has);
    bool has_columns = rc == SQLITE_ROW;
    int reset = sqlite3_reset(has);
    *n = 0;
    if (!has_columns)
        return reset;
    rc = run(store, store->statements[NOTE_TWO_TIMES]);
    if (rc == SQLITE_OK)
        *n = sqlite3_changes(store->db);
    return rc == SQLITE_OK && *n > 0 ? run(store, store->statements[RECOUNT_TWO_TIMES]) : rc;
}

int ct_store_problem(ct_store *store, sqlite3_int64 file_id, ct_problem_kind kind,
                     sqlite3_int64 number, sqlite3_int64 offset, const char *message,
                     const char *text, size_t len)
{
    int rc = insert_problem(store, file_id, kind, number, offset, message, text, len);
    if (rc == SQLITE_TOOBIG)
        rc = insert_problem(store, file_id, kind, number, offset, message, "", 0);
    return rc;
}

/* A field of a digest; NULL where it has none. */
static void bind_span(ct_store *store, sqlite3_stmt *stmt, int parameter, ct_span span)
{
    if (span.n > 0)
        bind_text(store, stmt, parameter, span.p, span.n);
    else
        bind_null(store, stmt, parameter);
}

static int insert_digest(ct_store *store, sqlite3_int64 file_id, const ct_digest *d,
                         const char *sha256)
{
    sqlite3_stmt *stmt = store->statements[INSERT_DIGEST];
    ct_s3_name name = ct_s3_parse(d->object.p, d->object.n);
    const ct_span none = {"", 0};
    const ct_span fields[] = {d->account,
                              name.kind == CT_S3_DIGEST ? name.region : none,
                              d->bucket,
                              d->object,
                              d->start_time,
                              d->end_time,
                              {sha256, CT_SHA256_HEX},
                              d->previous_object,
                              d->previous_hash,
                              d->previous_signature,
                              d->fingerprint};
    bind_integer(store, stmt, 1, file_id);
    for (int i = 0; i < (int)(sizeof fields / sizeof fields[0]); i++)
        bind_span(store, stmt, i + 2, fields[i]);
    return run(store, stmt);
}

static int insert_digest_file(ct_store *store, sqlite3_int64 file_id, const ct_digest_entry *entry)
{
    sqlite3_stmt *stmt = store->statements[INSERT_DIGEST_FILE];
    const ct_span fields[] = {entry->bucket, entry->object, entry->oldest, entry->newest,
                              entry->hash};
    bind_integer(store, stmt, 1, file_id);
    for (int i = 0; i < (int)(sizeof fields / sizeof fields[0]); i++)
        bind_span(store, stmt, i + 2, fields[i]);
    return run(store, stmt);
}

int ct_store_digest(ct_store *store, sqlite3_int64 file_id, const char *text, size_t len)
{
    ct_digest digest;
    ct_digest_entry entry;
    unsigned char hash[CT_SHA256_BYTES];
    char sha256[CT_SHA256_HEX];
    const char *at = NULL;
    (void)ct_digest_parse(text, len, &digest); /* what it has of the fields */
    ct_sha256_of(text, len, hash);
    ct_hex(hash, sizeof hash, sha256);
    int rc = insert_digest(store, file_id, &digest, sha256);
    while (rc == SQLITE_OK && ct_digest_next(&digest, &at, &entry))
        rc = insert_digest_file(store, file_id, &entry);
    return rc;
}

/* ---- events -------------------------------------------------------------------------------- */

static void bind_cell(ct_store *store, sqlite3_stmt *stmt, int parameter, const ct_cell *cell)
{
    if (cell->kind == CT_CELL_TEXT)
        bind_text(store, stmt, parameter, cell->p, cell->len);
    else if (cell->kind == CT_CELL_INTEGER)
        bind_integer(store, stmt, parameter, cell->integer);
    else
        bind_null(store, stmt, parameter);
}

/* Whether two texts of the column `extra` differ in nothing but spelling. */
static bool same_essence(const char *p, size_t n, const char *q, size_t m, bool *no_memory)
{
    ct_buf a = CT_BUF_EMPTY, b = CT_BUF_EMPTY;
    ct_record_put_essence(p, n, &a);
    ct_record_put_essence(q, m, &b);
    bool same = a.len == 0 || b.len == 0 ? a.len == b.len
                                         : ct_json_equal(a.data, a.len, b.data, b.len, no_memory);
    if (!ct_buf_ok(&a) || !ct_buf_ok(&b))
        *no_memory = true;
    ct_buf_free(&a);
    ct_buf_free(&b);
    return same;
}

/* Whether two texts are the same time. */
static bool same_time(const char *p, size_t n, const char *q, size_t m)
{
    int64_t a, b;
    return ct_time_parse(p, n, &a) && ct_time_parse(q, m, &b) && a == b;
}

/* Whether a column says the same in two rows: NULL is a text without a byte. An absent field and an
 * empty object are the same. */
static bool same_text_of(ct_column column, const char *p, size_t n, const char *q, size_t m,
                         bool *no_memory)
{
    bool is_json = ct_column_type_of(column) == CT_TYPE_JSON;
    if (n == m && (n == 0 || memcmp(p, q, n) == 0))
        return true;
    if (column == CT_EXTRA)
        return same_essence(p, n, q, m, no_memory);
    if (n == 0 || m == 0)
        return is_json && n + m == 2 && memcmp(n ? p : q, "{}", 2) == 0;
    if (is_json)
        return ct_json_equal(p, n, q, m, no_memory);
    return column == CT_SESSION_CREATION_DATE && same_time(p, n, q, m);
}

/* Whether a column of the row found says the same as the cell. */
static bool is_same(sqlite3_stmt *found, int column, const ct_cell *cell, bool *no_memory)
{
    if (cell->kind == CT_CELL_INTEGER)
        return sqlite3_column_type(found, column) == SQLITE_INTEGER &&
               sqlite3_column_int(found, column) == cell->integer;
    bool was_null = sqlite3_column_type(found, column) == SQLITE_NULL;
    bool is_null = cell->kind == CT_CELL_NULL;
    if (was_null && is_null)
        return true;
    const char *text = was_null ? "" : (const char *)sqlite3_column_text(found, column);
    size_t len = was_null ? 0 : (size_t)sqlite3_column_bytes(found, column);
    if (!text) {
        *no_memory = true;
        return false;
    }
    if ((was_null || is_null) && ct_column_type_of((ct_column)column) != CT_TYPE_JSON)
        return false; /* an empty string is a value */
    return same_text_of((ct_column)column, text, len, is_null ? "" : cell->p,
                        is_null ? 0 : cell->len, no_memory);
}

/* ---- forms that hold less than a record ------------------------------------------------------ */

/* The cells of a row that was found, lent until the statement goes on. */
static bool cells_of_found(sqlite3_stmt *found, ct_cell cells[CT_N_COLUMNS])
{
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        ct_cell *cell = &cells[i];
        *cell = (ct_cell){.kind = CT_CELL_NULL};
        if (sqlite3_column_type(found, i) == SQLITE_INTEGER) {
            cell->kind = CT_CELL_INTEGER;
            cell->integer = sqlite3_column_int(found, i);
        } else if (sqlite3_column_type(found, i) != SQLITE_NULL) {
            cell->kind = CT_CELL_TEXT;
            cell->p = (const char *)sqlite3_column_text(found, i);
            cell->len = (size_t)sqlite3_column_bytes(found, i);
            if (!cell->p)
                return false;
        }
    }
    return true;
}

static bool same_text(const ct_cell *cell, const char *p, size_t len)
{
    return cell->kind == CT_CELL_TEXT && cell->len == len && memcmp(cell->p, p, len) == 0;
}

/* What stands behind the last `c` of a text, or NULL. */
static const char *behind_last(const ct_cell *cell, char c)
{
    for (size_t i = cell->kind == CT_CELL_TEXT ? cell->len : 0; i > 0; i--)
        if (cell->p[i - 1] == c)
            return cell->p + i;
    return NULL;
}

/* Whether the console's user name can be of this record: it is the record's own, or the session's
 * name, which ends the ARN and the principal id, or `root`. */
static bool is_user_name(const ct_cell *name, const ct_cell *record)
{
    const ct_cell *own = &record[CT_USER_IDENTITY_USER_NAME];
    const ct_cell *arn = &record[CT_USER_IDENTITY_ARN];
    const ct_cell *principal = &record[CT_USER_IDENTITY_PRINCIPAL_ID];
    const char *of_arn = behind_last(arn, '/'), *of_principal = behind_last(principal, ':');
    if (own->kind == CT_CELL_NULL && !of_arn && !of_principal)
        return true; /* it does not say */
    return same_text(name, own->p ? own->p : "", own->len) ||
           (of_arn && same_text(name, of_arn, (size_t)(arn->p + arn->len - of_arn))) ||
           (of_principal && same_text(name, of_principal,
                                      (size_t)(principal->p + principal->len - of_principal))) ||
           (same_text(name, "root", 4) && same_text(&record[CT_USER_IDENTITY_TYPE], "Root", 4));
}

/* Fields that an export fills even where the record has none. */
static bool is_filled_in(int column)
{
    return column == CT_READ_ONLY || column == CT_MANAGEMENT_EVENT || column == CT_EVENT_CATEGORY;
}

static bool same_cell(const ct_cell *a, const ct_cell *b, int column, bool *no_memory)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == CT_CELL_INTEGER)
        return a->integer == b->integer;
    if (ct_column_type_of((ct_column)column) == CT_TYPE_JSON)
        return ct_json_equal(a->p, a->len, b->p, b->len, no_memory);
    return same_text(a, b->p, b->len);
}

/* Whether two rows can be of one event: `less` is from a form that holds less than a record, and
 * the fields it has count; `more` is from one of the same or a higher rank. */
static bool agrees(const ct_cell *less, const ct_cell *more, bool more_is_full, bool *no_memory)
{
    for (int i = 0; i < CT_EXTRA; i++) {
        if (less[i].kind == CT_CELL_NULL)
            continue;
        if (more[i].kind == CT_CELL_NULL && (!more_is_full || is_filled_in(i)))
            continue;
        if (same_cell(&less[i], &more[i], i, no_memory))
            continue;
        if (*no_memory || i != CT_USER_IDENTITY_USER_NAME || !is_user_name(&less[i], more))
            return false;
    }
    return true;
}

/* Writes an event in the place of the one under its time and id. */
static int replace_event(ct_store *store, const ct_cell cells[CT_N_COLUMNS], sqlite3_int64 file_id,
                         sqlite3_int64 number)
{
    sqlite3_stmt *stmt = store->statements[REPLACE_EVENT];
    for (int i = 0; i < CT_N_COLUMNS; i++)
        bind_cell(store, stmt, i + 1, &cells[i]);
    bind_integer(store, stmt, FILE_ID + 1, file_id);
    bind_integer(store, stmt, RECORD_NUMBER + 1, number);
    return run(store, stmt);
}

/* Compares with the row found where one of the two holds less than a record, and lets the one with
 * more have the place. Resets `found`. */
static int compare_lossy(ct_store *store, sqlite3_stmt *found, const ct_batch *batch,
                         const ct_row *row, const ct_ledger *ledger, ct_outcome *outcome,
                         sqlite3_int64 *replaced)
{
    ct_cell old[CT_N_COLUMNS], new[CT_N_COLUMNS];
    bool no_memory = !cells_of_found(found, old);
    ct_rank old_rank = rank_in(found, FORMAT, &no_memory);
    ct_rank rank = ct_form_rank(batch->form);
    for (int i = 0; i < CT_N_COLUMNS; i++)
        new[i] = ct_batch_cell(batch, row, (ct_column)i);
    bool replaces = rank > old_rank;
    bool full = rank == CT_RANK_FULL || old_rank == CT_RANK_FULL;
    bool same = !no_memory && (replaces ? agrees(old, new, full, &no_memory)
                                        : agrees(new, old, full, &no_memory));
    ct_buf text = CT_BUF_EMPTY;
    if (replaces && !same && !no_memory)
        (void)ct_record_rebuild(old, &text);
    sqlite3_int64 number = sqlite3_column_int64(found, RECORD_NUMBER);
    *replaced = sqlite3_column_int64(found, FILE_ID);
    *outcome = replaces ? (same ? CT_OUTCOME_REPLACED : CT_OUTCOME_CORRECTED)
                        : (same ? CT_OUTCOME_DUPLICATE : CT_OUTCOME_CONFLICT);
    int rc = sqlite3_reset(found);
    if (no_memory || !ct_buf_ok(&text))
        rc = SQLITE_NOMEM;
    if (rc == SQLITE_OK && replaces)
        rc = replace_event(store, new, ledger->file_id, row->number);
    if (rc == SQLITE_OK && replaces && !same)
        rc = ct_store_problem(store, *replaced, CT_PROBLEM_CONFLICT, number, -1,
                              CT_CONFLICT_MESSAGE, text.data, text.len);
    ct_buf_free(&text);
    return rc;
}

/* The insert did nothing: an event of that time and id is there. Is it this one? */
static int compare_event(ct_store *store, const ct_batch *batch, const ct_row *row,
                         const ct_ledger *ledger, ct_outcome *outcome, sqlite3_int64 *replaced)
{
    sqlite3_stmt *found = store->statements[FIND_EVENT];
    ct_cell time = ct_batch_cell(batch, row, CT_EVENT_TIME);
    ct_cell id = ct_batch_cell(batch, row, CT_EVENT_ID);
    bool no_memory = false;
    bind_cell(store, found, 1, &time);
    bind_cell(store, found, 2, &id);
    *outcome = CT_OUTCOME_CONFLICT;
    *replaced = 0;
    int rc = step(store, found);
    if (rc == SQLITE_ROW) {
        *replaced = sqlite3_column_int64(found, FILE_ID);
        if (ct_form_rank(batch->form) != CT_RANK_FULL ||
            rank_in(found, FORMAT, &no_memory) != CT_RANK_FULL)
            return compare_lossy(store, found, batch, row, ledger, outcome, replaced);
        bool same = !no_memory;
        for (int i = 0; i < CT_N_COLUMNS && same; i++) {
            ct_cell cell = ct_batch_cell(batch, row, (ct_column)i);
            same = is_same(found, i, &cell, &no_memory);
        }
        if (same)
            *outcome = CT_OUTCOME_DUPLICATE;
        rc = SQLITE_DONE;
    }
    int reset = sqlite3_reset(found);
    if (no_memory)
        return SQLITE_NOMEM;
    return rc == SQLITE_DONE ? reset : rc;
}

int ct_store_event(ct_store *store, const ct_batch *batch, const ct_row *row,
                   const ct_ledger *ledger, ct_outcome *outcome, sqlite3_int64 *replaced)
{
    sqlite3_stmt *stmt = store->statements[INSERT_EVENT];
    ct_column_set is_null = 0;
    for (int i = 0; i < CT_N_COLUMNS; i++) {
        ct_cell cell = ct_batch_cell(batch, row, (ct_column)i);
        ct_column_set bit = (ct_column_set)(cell.kind == CT_CELL_NULL) << i;
        if (!(bit & store->is_null))
            bind_cell(store, stmt, i + 1, &cell);
        is_null |= bit;
    }
    store->is_null = is_null;
    bind_integer(store, stmt, FILE_ID + 1, ledger->file_id);
    bind_integer(store, stmt, RECORD_NUMBER + 1, row->number);
    int rc = run(store, stmt);
    *outcome = CT_OUTCOME_NEW;
    if (rc != SQLITE_OK || sqlite3_changes(store->db) > 0)
        return rc;
    return compare_event(store, batch, row, ledger, outcome, replaced);
}
