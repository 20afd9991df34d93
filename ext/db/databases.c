#include "db/databases.h"

#include <string.h>
#include <sys/stat.h>

#include "base/grow.h"
#include "base/mem.h"

static const char header[16] = "SQLite format 3";

enum { SMALLEST_PAGE = 512 }; /* of a database: its size is a multiple of that */

typedef struct file_id {
    dev_t device;
    ino_t inode;
} file_id;

struct ct_databases {
    file_id *files; /* owned: the connection's databases */
    size_t n_files, capacity;
    sqlite3_vfs *vfs;   /* borrowed: SQLite's own, with locks; NULL where it is built without */
    sqlite3_file *file; /* owned (sqlite3_malloc): room for one of its files */
};

/* ---- the connection's databases ------------------------------------------------------------- */

static int add_database(ct_databases *d, const char *path)
{
    struct stat st;
    if (!path || !*path || stat(path, &st) != 0) /* in memory, or not there yet */
        return SQLITE_OK;
    file_id *files = ct_grow(d->files, d->n_files, &d->capacity, 4, sizeof *files);
    if (!files)
        return SQLITE_NOMEM;
    d->files = files;
    d->files[d->n_files++] = (file_id){.device = st.st_dev, .inode = st.st_ino};
    return SQLITE_OK;
}

#if SQLITE_VERSION_NUMBER >= 3039000
enum { DB_NAME_SINCE = 3039000 };

/* By SQLite's functions: no authorizer of the host is asked, nor can it leave one out. */
static int add_named(ct_databases *d, sqlite3 *db)
{
    int rc = SQLITE_OK;
    const char *name;
    for (int i = 0; rc == SQLITE_OK && (name = sqlite3_db_name(db, i)) != NULL; i++)
        rc = add_database(d, sqlite3_db_filename(db, name));
    return rc;
}
#endif

static int add_databases(ct_databases *d, sqlite3 *db)
{
#if SQLITE_VERSION_NUMBER >= 3039000
    if (sqlite3_libversion_number() >= DB_NAME_SINCE)
        return add_named(d, db);
#endif
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &stmt, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = add_database(d, (const char *)sqlite3_column_text(stmt, 2));
    int finished = sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? finished : rc;
}

int ct_databases_open(sqlite3 *db, ct_databases **databases)
{
    *databases = NULL;
    ct_databases *d = ct_malloc(sizeof *d);
    if (!d)
        return SQLITE_NOMEM;
    memset(d, 0, sizeof *d);
    int rc = add_databases(d, db);
    d->vfs = sqlite3_vfs_find("unix");
    if (rc == SQLITE_OK && d->vfs) {
        d->file = sqlite3_malloc(d->vfs->szOsFile);
        rc = d->file ? SQLITE_OK : SQLITE_NOMEM;
    }
    if (rc == SQLITE_OK)
        *databases = d;
    else
        ct_databases_close(d);
    return rc;
}

void ct_databases_close(ct_databases *databases)
{
    if (!databases)
        return;
    ct_free(databases->files);
    sqlite3_free(databases->file);
    ct_free(databases);
}

/* ---- one file ------------------------------------------------------------------------------- */

static bool is_ours(const ct_databases *d, const struct stat *st)
{
    for (size_t i = 0; i < d->n_files; i++)
        if (d->files[i].device == st->st_dev && d->files[i].inode == st->st_ino)
            return true;
    return false;
}

/* Whether the file begins as a database does. Opened as one: for that kind of file only SQLite puts
 * the closing off while one of its connections holds a lock. What cannot be opened is none; the
 * reader will say what is wrong with it. */
static int has_header(ct_databases *d, const char *path, bool *has)
{
    char name[4096 + 2] = ""; /* SQLite looks for parameters behind the NUL of a database's name */
    size_t n = strlen(path);
    *has = false;
    if (n > sizeof name - 2)
        return SQLITE_OK;
    memcpy(name, path, n);
    memset(d->file, 0, (size_t)d->vfs->szOsFile);
    int rc = d->vfs->xOpen(d->vfs, name, d->file, SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB, NULL);
    if (rc == SQLITE_OK) {
        char bytes[sizeof header];
        *has = d->file->pMethods->xRead(d->file, bytes, sizeof bytes, 0) == SQLITE_OK &&
               memcmp(bytes, header, sizeof bytes) == 0;
    }
    if (d->file->pMethods)
        d->file->pMethods->xClose(d->file);
    return rc == SQLITE_NOMEM ? rc : SQLITE_OK;
}

static ct_file_use use_of_database(ct_databases *d, const char *path, const struct stat *st)
{
    bool has = false;
    if (is_ours(d, st))
        return CT_USE_LEAVE;
    if (!d->vfs || st->st_size < SMALLEST_PAGE || st->st_size % SMALLEST_PAGE != 0)
        return CT_USE_READ;
    if (has_header(d, path, &has) != SQLITE_OK)
        return CT_USE_NO_MEMORY;
    return has ? CT_USE_REPORT : CT_USE_READ;
}

/* The length of the database's path where the file is named as one that goes with a database; else
 * 0. */
static size_t length_before_suffix(const char *path)
{
    static const char *const suffixes[] = {"-journal", "-wal", "-shm"};
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t len = strlen(suffixes[i]);
        if (n > len && strcmp(path + n - len, suffixes[i]) == 0)
            return n - len;
    }
    return 0;
}

/* By its name and not by its inode: it comes and goes with the transactions. */
static ct_file_use use_of_companion(ct_databases *d, const char *path)
{
    struct stat st;
    char database[4096];
    size_t n = length_before_suffix(path);
    if (n == 0 || n >= sizeof database)
        return CT_USE_READ;
    memcpy(database, path, n);
    database[n] = '\0';
    if (stat(database, &st) != 0 || !S_ISREG(st.st_mode))
        return CT_USE_READ;
    return use_of_database(d, database, &st);
}

static ct_file_use use_of(void *context, const char *path, const struct stat *st,
                          const char **error)
{
    ct_databases *d = context;
    ct_file_use use = use_of_companion(d, path); /* first: SQLite does not know its own -shm here */
    *error = use == CT_USE_LEAVE ? "belongs to a database that is open" : "belongs to a database";
    if (use != CT_USE_READ)
        return use;
    use = use_of_database(d, path, st);
    *error = use == CT_USE_LEAVE ? "is a database that is open" : "is a database";
    return use;
}

ct_paths_guard ct_databases_guard(ct_databases *databases)
{
    return (ct_paths_guard){.use = use_of, .context = databases};
}
