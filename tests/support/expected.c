#include "expected.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "files.h"

static const char tables[] =
    "CREATE TEMP TABLE IF NOT EXISTS expected_file (file TEXT PRIMARY KEY, n INTEGER);"
    "CREATE TEMP TABLE IF NOT EXISTS expected (file TEXT, number INTEGER, json TEXT, time TEXT,"
    " PRIMARY KEY (file, number));"
    "CREATE TEMP TABLE IF NOT EXISTS expected_column (name TEXT PRIMARY KEY, kind TEXT, path TEXT);"
    "INSERT OR IGNORE INTO expected_column VALUES"
    " ('eventTime', 'time', '$.eventTime'), ('eventID', 'text', '$.eventID'),"
    " ('eventName', 'text', '$.eventName'), ('eventSource', 'text', '$.eventSource'),"
    " ('awsRegion', 'text', '$.awsRegion'), ('sourceIPAddress', 'text', '$.sourceIPAddress'),"
    " ('userAgent', 'text', '$.userAgent'),"
    " ('recipientAccountId', 'text', '$.recipientAccountId'),"
    " ('userIdentityType', 'text', '$.userIdentity.type'),"
    " ('userIdentityPrincipalId', 'text', '$.userIdentity.principalId'),"
    " ('userIdentityArn', 'text', '$.userIdentity.arn'),"
    " ('userIdentityAccountId', 'text', '$.userIdentity.accountId'),"
    " ('userIdentityAccessKeyId', 'text', '$.userIdentity.accessKeyId'),"
    " ('userIdentityUserName', 'text', '$.userIdentity.userName'),"
    " ('userIdentityInvokedBy', 'text', '$.userIdentity.invokedBy'),"
    " ('sessionIssuerType', 'text', '$.userIdentity.sessionContext.sessionIssuer.type'),"
    " ('sessionIssuerPrincipalId', 'text',"
    "  '$.userIdentity.sessionContext.sessionIssuer.principalId'),"
    " ('sessionIssuerArn', 'text', '$.userIdentity.sessionContext.sessionIssuer.arn'),"
    " ('sessionIssuerAccountId', 'text', '$.userIdentity.sessionContext.sessionIssuer.accountId'),"
    " ('sessionIssuerUserName', 'text', '$.userIdentity.sessionContext.sessionIssuer.userName'),"
    " ('sessionMfaAuthenticated', 'bool_string',"
    "  '$.userIdentity.sessionContext.attributes.mfaAuthenticated'),"
    " ('sessionCreationDate', 'text',"
    "  '$.userIdentity.sessionContext.attributes.creationDate'),"
    " ('errorCode', 'text', '$.errorCode'), ('errorMessage', 'text', '$.errorMessage'),"
    " ('readOnly', 'bool', '$.readOnly'), ('managementEvent', 'bool', '$.managementEvent'),"
    " ('eventType', 'text', '$.eventType'), ('eventCategory', 'text', '$.eventCategory'),"
    " ('eventVersion', 'text', '$.eventVersion'), ('apiVersion', 'text', '$.apiVersion'),"
    " ('requestID', 'text', '$.requestID'), ('sharedEventID', 'text', '$.sharedEventID'),"
    " ('vpcEndpointId', 'text', '$.vpcEndpointId'), ('tlsVersion', 'text', "
    "'$.tlsDetails.tlsVersion'),"
    " ('tlsCipherSuite', 'text', '$.tlsDetails.cipherSuite'),"
    " ('tlsClientProvidedHostHeader', 'text', '$.tlsDetails.clientProvidedHostHeader'),"
    " ('requestParameters', 'json', '$.requestParameters'),"
    " ('responseElements', 'json', '$.responseElements'), ('resources', 'json', '$.resources'),"
    " ('additionalEventData', 'json', '$.additionalEventData'),"
    " ('serviceEventDetails', 'json', '$.serviceEventDetails');";

char *expected_value(const char *kind, const char *path)
{
    if (strcmp(kind, "time") == 0)
        return sqlite3_mprintf("e.time");
    if (strcmp(kind, "text") == 0)
        return sqlite3_mprintf("CASE json_type(e.json, %Q) WHEN 'text' THEN"
                               " json_extract(e.json, %Q) END",
                               path, path);
    if (strncmp(kind, "bool", 4) == 0) /* true, "true" or "True": the column holds all of them */
        return sqlite3_mprintf(
            "CASE WHEN json_type(e.json, %Q) IN ('true', 'false', 'text') THEN"
            " CASE lower(json_extract(e.json, %Q)) WHEN '1' THEN 1 WHEN '0' THEN 0"
            " WHEN 'true' THEN 1 WHEN 'false' THEN 0 END END",
            path, path);
    /* Of two paths json_extract() makes an array, and so keeps a value's own spelling. */
    return sqlite3_mprintf("CASE WHEN json_type(e.json, %Q) <> 'null' THEN"
                           " substr(json_extract(e.json, %Q, '$.absent'), 2,"
                           " length(json_extract(e.json, %Q, '$.absent')) - 7) END",
                           path, path, path);
}

/* ---- a file's bytes ------------------------------------------------------------------------- */

static void read_all(FILE *stream, ct_buf *out)
{
    char chunk[65536];
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, stream)) > 0)
        ct_buf_put(out, chunk, n);
}

static void read_file(const char *path, ct_buf *out)
{
    *out = files_read(path);
    if (out->len < 2 || memcmp(out->data, "\x1F\x8B", 2) != 0)
        return;
    ct_buf_clear(out);
    setenv("CT_FILE", path, 1); /* its path may hold quotes */
    FILE *stream = popen("gzip -dc <\"$CT_FILE\"", "r");
    read_all(stream, out);
    assert_int_equal(pclose(stream), 0);
}

/* ---- its records ---------------------------------------------------------------------------- */

typedef struct loader {
    sqlite3 *db;
    const char *file;
    sqlite3_stmt *insert;
    int n; /* records of the file */
} loader;

static bool is_type(loader *l, const char *json, const char *path, const char *type)
{
    char *sql = sqlite3_mprintf("SELECT json_type(?1, %Q) IS %Q", path, type);
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(l->db, sql, -1, &stmt, NULL), SQLITE_OK);
    sqlite3_bind_text(stmt, 1, json, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    bool is = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return is;
}

static void add_value(loader *l, const char *json);

static void add_each(loader *l, const char *json, const char *path)
{
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(l->db, "SELECT value FROM json_each(?1, ?2) ORDER BY id",
                                        -1, &stmt, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(stmt, 1, json, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, path, -1, SQLITE_STATIC);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        add_value(l, (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

static void add_extracted(loader *l, const char *json, const char *path)
{
    sqlite3_stmt *stmt;
    assert_int_equal(
        sqlite3_prepare_v2(l->db, "SELECT json(json_extract(?1, ?2))", -1, &stmt, NULL), SQLITE_OK);
    sqlite3_bind_text(stmt, 1, json, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, path, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    add_value(l, (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

static void add_record(loader *l, const char *json)
{
    sqlite3_bind_text(l->insert, 1, l->file, -1, SQLITE_STATIC);
    sqlite3_bind_int(l->insert, 2, ++l->n);
    sqlite3_bind_text(l->insert, 3, json, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(l->insert), SQLITE_DONE);
    sqlite3_reset(l->insert);
}

static void add_value(loader *l, const char *json)
{
    static const char *const wrapped[] = {"$.detail", "$.CloudTrailEvent", "$.aws.cloudtrail",
                                          "$.\"aws.cloudtrail\""};
    if (is_type(l, json, "$", "array")) {
        add_each(l, json, "$");
        return;
    }
    if (!is_type(l, json, "$.eventName", NULL)) {
        add_record(l, json);
        return;
    }
    if (is_type(l, json, "$.Records", "array"))
        add_each(l, json, "$.Records");
    else if (is_type(l, json, "$.Events", "array"))
        add_each(l, json, "$.Events");
    else if (!is_type(l, json, "$.digestStartTime", NULL))
        return;
    else {
        for (size_t i = 0; i < sizeof wrapped / sizeof wrapped[0]; i++) {
            if (!is_type(l, json, wrapped[i], NULL)) {
                add_extracted(l, json, wrapped[i]);
                return;
            }
        }
        add_record(l, json);
    }
}

static bool is_json(sqlite3 *db, const char *p, size_t n)
{
    sqlite3_stmt *stmt;
    sqlite3_prepare_v2(db, "SELECT json_valid(?1)", -1, &stmt, NULL);
    sqlite3_bind_text(stmt, 1, p, (int)n, SQLITE_STATIC);
    sqlite3_step(stmt);
    bool is = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return is;
}

/* One JSON text, or one a line; NULL bytes end a line, so the text may be
 * changed. False: neither. */
static bool add_text(loader *l, char *text)
{
    if (is_json(l->db, text, strlen(text))) {
        add_value(l, text);
        return true;
    }
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (!is_json(l->db, line, strlen(line)))
            return false;
        add_value(l, line);
    }
    return true;
}

static void load_file(sqlite3 *db, const char *path)
{
    loader l = {.db = db, .file = path};
    assert_int_equal(
        sqlite3_prepare_v2(
            db,
            "INSERT INTO temp.expected VALUES (?1, ?2, json(?3), strftime('%Y-%m-%dT%H:%M:%SZ',"
            " ifnull(json_extract(?3, '$.eventTime'), json_extract(?3, '$.\"@timestamp\"'))))",
            -1, &l.insert, NULL),
        SQLITE_OK);
    ct_buf bytes = CT_BUF_EMPTY;
    read_file(path, &bytes);
    ct_buf_put_char(&bytes, '\0');
    bool is_read = add_text(&l, bytes.data);
    sqlite3_finalize(l.insert);
    ct_buf_free(&bytes);

    char *sql = is_read
                    ? sqlite3_mprintf("INSERT INTO temp.expected_file VALUES (%Q, %d)", path, l.n)
                    : sqlite3_mprintf("DELETE FROM temp.expected WHERE file = %Q;"
                                      "INSERT INTO temp.expected_file VALUES (%Q, NULL)",
                                      path, path);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_free(sql);
}

static sqlite3 *loading; /* nftw() has no context */

static int load_entry(const char *path, const struct stat *st, int type)
{
    (void)st;
    if (type == FTW_F)
        load_file(loading, path);
    return 0;
}

void expected_load(sqlite3 *db, const char *path)
{
    char *absolute = realpath(path, NULL);
    assert_non_null(absolute);
    assert_int_equal(sqlite3_exec(db, tables, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_exec(db, "SAVEPOINT expected", NULL, NULL, NULL);
    loading = db;
    assert_int_equal(ftw(absolute, load_entry, 16), 0);
    sqlite3_exec(db, "RELEASE expected", NULL, NULL, NULL);
    free(absolute);
}

/* ---- canonical() ---------------------------------------------------------------------------- */

static const char canonical_sql[] =
    "SELECT group_concat(fullkey || ' ' || type || ' ' || quote(atom), char(10)) FROM"
    " (SELECT fullkey, type, atom FROM json_tree(?1)"
    "  WHERE NOT (type = 'null' AND typeof(key) = 'text') ORDER BY fullkey)";

static void canonical(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    sqlite3_stmt *stmt = sqlite3_user_data(context);
    sqlite3_bind_value(stmt, 1, argv[0]);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        sqlite3_result_value(context, sqlite3_column_value(stmt, 0));
    if (sqlite3_reset(stmt) != SQLITE_OK)
        sqlite3_result_error(context, sqlite3_errmsg(sqlite3_context_db_handle(context)), -1);
}

static void finalize(void *stmt)
{
    sqlite3 *db = sqlite3_db_handle(stmt);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

/* The statement lives in a connection of its own: the caller's must be free of open ones. */
void expected_add_canonical(sqlite3 *db)
{
    sqlite3 *own;
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_open(":memory:", &own), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(own, canonical_sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_create_function_v2(db, "canonical", 1, SQLITE_UTF8, stmt, canonical,
                                                NULL, NULL, finalize),
                     SQLITE_OK);
}
