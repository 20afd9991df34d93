#include "db/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/system_error.h"
#include "sqlite/page_cache.h"
#include "sqlite/statement.h"

/* ---- names ---------------------------------------------------------------------------------- */

static int refuse(char **error, const char *path, const char *why)
{
    *error = sqlite3_mprintf("%s: %s", path, why);
    return *error ? SQLITE_ERROR : SQLITE_NOMEM;
}

static int refuse_if_there(const char *path, const char *suffix, const char *why, char **error)
{
    struct stat st;
    char *name = sqlite3_mprintf("%s%s", path, suffix);
    if (!name)
        return SQLITE_NOMEM;
    int rc = lstat(name, &st) == 0 ? refuse(error, name, why) : SQLITE_OK;
    sqlite3_free(name);
    return rc;
}

/* A journal or log of that name would be played into the new file when it is opened. */
static int check_names(const char *path, char **error)
{
    static const char *const suffixes[] = {"-journal", "-wal"};
    size_t n = strlen(path);
    if (n == 0 || path[n - 1] == '/')
        return refuse(error, path, "names a folder: name a file");
    if (path[0] == '~')
        return refuse(error, path, "SQL does not expand ~, write the folder's full path");
    int rc = refuse_if_there(path, "", "is there already, and nothing is overwritten", error);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0] && rc == SQLITE_OK; i++)
        rc = refuse_if_there(path, suffixes[i], "is there, of another database", error);
    return rc;
}

/* In the same folder, so that it can be renamed; with a folder in front, so that SQLite never takes
 * it for a URI. Its length does not depend on the name that it stands for. */
static char *partial_name(const char *path)
{
    unsigned long long number;
    sqlite3_randomness(sizeof number, &number);
    const char *slash = strrchr(path, '/');
    int n_folder = slash ? (int)(slash - path) : 1;
    return sqlite3_mprintf("%.*s/cloudtrail-%016llx.partial", n_folder, slash ? path : ".", number);
}

/* ---- opening -------------------------------------------------------------------------------- */

static int make_empty(ct_new_file *file, char **error)
{
    char *partial = partial_name(file->path);
    if (!partial)
        return SQLITE_NOMEM;
    int fd = open(partial, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0) {
        int code = errno;
        sqlite3_free(partial);
        (void)refuse(error, file->path, ct_system_error(code));
        return *error ? SQLITE_CANTOPEN : SQLITE_NOMEM;
    }
    close(fd); /* SQLite does not know it yet: there is no lock that this could end */
    file->partial = partial;
    return SQLITE_OK;
}

/* `12 name` a line: a number of arguments and a function that SQLite does not bring. */
static int remove_function(sqlite3 *db, char *line)
{
    char *name;
    long n_args = strtol(line, &name, 10);
    if (*name++ != ' ')
        return SQLITE_ERROR;
    return sqlite3_create_function(db, name, (int)n_args, SQLITE_ANY, NULL, NULL, NULL, NULL);
}

/* A host that has registered the extension for all connections (sqlite3_auto_extension) has given
 * it to this one, too. */
static int make_plain(sqlite3 *db, char **error)
{
    static const char list[] =
        "SELECT ifnull(group_concat(printf('%d %s', narg, name), char(10)), '')"
        " FROM (SELECT DISTINCT narg, name FROM pragma_function_list"
        "  WHERE builtin = 0)";
    const char *kept[] = {"json_each", "json_tree", NULL};
    char *names;
    int rc = ct_lookup(db, list, NULL, NULL, &names, error);
    for (char *line = names; rc == SQLITE_OK && line && *line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        rc = remove_function(db, line);
        line = end;
    }
    sqlite3_free(names);
    return rc == SQLITE_OK ? sqlite3_drop_modules(db, kept) : rc;
}

/* A journal in memory holds no more than the first pages: all others are new. */
static int begin(sqlite3 *db, char **error)
{
    int rc = make_plain(db, error);
    if (rc == SQLITE_OK)
        rc = ct_page_size_choose(db);
    if (rc == SQLITE_OK)
        rc = ct_exec(
            db,
            "PRAGMA encoding = 'UTF-8'; PRAGMA journal_mode = MEMORY; PRAGMA foreign_keys = OFF;"
            "PRAGMA ignore_check_constraints = ON; PRAGMA cache_size = -16384; BEGIN",
            error);
    return rc == SQLITE_OK ? rc : ct_statement_failed(db, rc, error);
}

int ct_new_file_open(ct_new_file *file, const char *path, char **error)
{
    *file = (ct_new_file){.path = path};
    int rc = check_names(path, error);
    if (rc == SQLITE_OK)
        rc = make_empty(file, error);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_open_v2(file->partial, &file->db, SQLITE_OPEN_READWRITE, NULL);
    if (rc != SQLITE_OK)
        return file->db ? ct_statement_failed(file->db, rc, error) : SQLITE_NOMEM;
    return begin(file->db, error);
}

/* ---- finishing ------------------------------------------------------------------------------ */

/* Some file systems have no second name for a file; there the name is looked for once more. */
static int take_name(const char *partial, const char *path)
{
    struct stat st;
    if (link(partial, path) == 0) {
        (void)unlink(partial);
        return 0;
    }
    if (errno == EEXIST)
        return EEXIST;
    if (lstat(path, &st) == 0)
        return EEXIST;
    return rename(partial, path) == 0 ? 0 : errno;
}

int ct_new_file_finish(ct_new_file *file, char **error)
{
    int rc = ct_exec(file->db, "COMMIT", error);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_close(file->db);
    if (rc != SQLITE_OK) /* a statement was left open: that cannot be */
        return rc;
    file->db = NULL;
    int code = take_name(file->partial, file->path);
    if (code == EEXIST)
        return refuse(error, file->path, "is there already, and nothing is overwritten");
    if (code != 0)
        return refuse(error, file->path, ct_system_error(code));
    sqlite3_free(file->partial);
    file->partial = NULL;
    return SQLITE_OK;
}

void ct_new_file_close(ct_new_file *file)
{
    (void)sqlite3_close(file->db);
    if (file->partial)
        (void)unlink(file->partial);
    sqlite3_free(file->partial);
    *file = (ct_new_file){.path = NULL};
}
