#include "paths.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "mem.h"
#include "source.h"

/* A folder that is being walked: its names, sorted, and how far the walk has come. */
typedef struct folder {
    char **names; /* owned, each; NULL for those handed out */
    size_t n_names, next;
    size_t path_len; /* of paths->path, up to and with this folder's slash */
    dev_t device;    /* with the inode: which folder it is, whatever name led there */
    ino_t inode;
} folder;

struct ct_paths {
    ct_buf path;  /* the path handed out, NUL-terminated */
    folder *open; /* owned: the folders from the top down to the current one */
    size_t n_open, open_capacity;
    glob_t matches; /* what the name stands for: one path, or all that fit a pattern */
    size_t n_matches, next_match;
    char *single; /* owned: the only match, where there was no pattern */
    bool has_glob;
};

/* ---- one folder ---------------------------------------------------------------------------- */

static void free_folder(folder *f)
{
    for (size_t i = f->next; i < f->n_names; i++)
        ct_free(f->names[i]);
    ct_free(f->names);
}

static char *copy_text(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = ct_malloc(n);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_name(folder *f, size_t *capacity, const char *name)
{
    if (f->n_names == *capacity) {
        size_t wanted = *capacity ? *capacity * 2 : 32;
        char **names = ct_realloc(f->names, wanted * sizeof *names);
        if (!names)
            return false;
        f->names = names;
        *capacity = wanted;
    }
    f->names[f->n_names] = copy_text(name);
    return f->names[f->n_names] && ++f->n_names > 0;
}

/* Reads the names in a folder. CT_PATHS_FILE when all is well. */
static ct_paths_status read_names(const char *path, folder *f, const char **error)
{
    DIR *dir = opendir(path);
    if (!dir) {
        *error = strerror(errno);
        return CT_PATHS_SKIPPED;
    }
    ct_paths_status status = CT_PATHS_FILE;
    size_t capacity = 0;
    struct dirent *entry;
    while (status == CT_PATHS_FILE && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            !add_name(f, &capacity, entry->d_name))
            status = CT_PATHS_NO_MEMORY;
    closedir(dir);
    if (f->n_names > 1)
        qsort(f->names, f->n_names, sizeof f->names[0], compare_names);
    return status;
}

/* ---- the walk ------------------------------------------------------------------------------ */

static bool is_being_walked(const ct_paths *paths, const struct stat *st)
{
    for (size_t i = 0; i < paths->n_open; i++)
        if (paths->open[i].device == st->st_dev && paths->open[i].inode == st->st_ino)
            return true;
    return false;
}

/* Puts the folder at paths->path on the stack. */
static ct_paths_status enter_folder(ct_paths *paths, const struct stat *st, const char **error)
{
    if (is_being_walked(paths, st)) {
        *error = "is a link back to a folder above it";
        return CT_PATHS_SKIPPED;
    }
    if (paths->n_open == paths->open_capacity) {
        size_t capacity = paths->open_capacity ? paths->open_capacity * 2 : 16;
        folder *open = ct_realloc(paths->open, capacity * sizeof *open);
        if (!open)
            return CT_PATHS_NO_MEMORY;
        paths->open = open;
        paths->open_capacity = capacity;
    }
    folder f = {.names = NULL, .device = st->st_dev, .inode = st->st_ino};
    ct_paths_status status = read_names(paths->path.data, &f, error);

    if (status == CT_PATHS_FILE) {
        paths->path.len--; /* the NUL */
        if (paths->path.len > 0 && paths->path.data[paths->path.len - 1] != '/')
            ct_buf_put_char(&paths->path, '/');
        f.path_len = paths->path.len;
        ct_buf_put_char(&paths->path, '\0');
        if (!ct_buf_ok(&paths->path))
            status = CT_PATHS_NO_MEMORY;
    }
    if (status != CT_PATHS_FILE) {
        free_folder(&f);
        return status;
    }
    paths->open[paths->n_open++] = f;
    return CT_PATHS_FILE;
}

/* The next path to look at, into paths->path: from the innermost folder that has one left, else
 * from the matches. */
static ct_paths_status next_candidate(ct_paths *paths)
{
    while (paths->n_open > 0) {
        folder *f = &paths->open[paths->n_open - 1];
        if (f->next < f->n_names) {
            char *name = f->names[f->next++];
            paths->path.len = f->path_len;
            ct_buf_put(&paths->path, name, strlen(name) + 1);
            ct_free(name);
            return ct_buf_ok(&paths->path) ? CT_PATHS_FILE : CT_PATHS_NO_MEMORY;
        }
        free_folder(f);
        paths->n_open--;
    }
    if (paths->next_match == paths->n_matches)
        return CT_PATHS_END;
    const char *match =
        paths->has_glob ? paths->matches.gl_pathv[paths->next_match] : paths->single;
    paths->next_match++;
    ct_buf_clear(&paths->path);
    ct_buf_put(&paths->path, match, strlen(match) + 1);
    return ct_buf_ok(&paths->path) ? CT_PATHS_FILE : CT_PATHS_NO_MEMORY;
}

ct_paths_status ct_paths_next(ct_paths *paths, const char **path, const char **error)
{
    for (;;) {
        ct_paths_status status = next_candidate(paths);
        if (status != CT_PATHS_FILE)
            return status;
        *path = paths->path.data;
        if (ct_path_is_stdin(*path))
            return CT_PATHS_FILE;

        struct stat st;
        if (stat(*path, &st) != 0) {
            *error = errno == ELOOP ? "is a link that leads to itself" : strerror(errno);
            return CT_PATHS_SKIPPED;
        }
        if (S_ISREG(st.st_mode))
            return CT_PATHS_FILE;
        if (!S_ISDIR(st.st_mode)) {
            *error = "is no regular file";
            return CT_PATHS_SKIPPED;
        }
        status = enter_folder(paths, &st, error);
        *path = paths->path.data;
        if (status != CT_PATHS_FILE)
            return status;
    }
}

/* ---- the name ------------------------------------------------------------------------------ */

static ct_paths_status refuse(char *text, const char *format, const char *name)
{
    snprintf(text, CT_PATHS_ERROR_MAX, format, name);
    return CT_PATHS_SKIPPED;
}

/* What can be said of a name without looking at the disk. */
static ct_paths_status check_name(const char *name, char *text)
{
    if (*name == '\0')
        return refuse(text, "the path is empty%s", "");
    if (*name == '~')
        return refuse(text, "%.300s: SQL does not expand ~, write the folder's full path", name);
    if (strncmp(name, "s3://", 5) == 0)
        return refuse(text,
                      "this reads files, not buckets; fetch them first: aws s3 sync %.300s logs/",
                      name);
    return CT_PATHS_FILE;
}

/* Appends the current folder's path, false when it has none (it was removed, say). For a pattern,
 * what would have a meaning in one is escaped. */
static bool put_current_folder(ct_buf *path, bool for_pattern)
{
    ct_buf current = CT_BUF_EMPTY;
    size_t room = 256;
    char *found = NULL;
    while (ct_buf_reserve(&current, room) && !(found = getcwd(current.data, current.capacity)) &&
           errno == ERANGE)
        room *= 2;
    for (const char *p = found; p && *p; p++) {
        if (for_pattern && strchr("*?[\\", *p))
            ct_buf_put_char(path, '\\');
        ct_buf_put_char(path, *p);
    }
    bool has_path = found || !ct_buf_ok(&current);
    if (!ct_buf_ok(&current))
        path->failed = true;
    ct_buf_free(&current);
    return has_path;
}

/* The name made absolute: *path gets it, to be freed with ct_free. */
static ct_paths_status absolute(const char *name, bool for_pattern, char **path, char *text)
{
    ct_buf out = CT_BUF_EMPTY;
    if (*name != '/' && !ct_path_is_stdin(name)) {
        if (!put_current_folder(&out, for_pattern))
            return refuse(text, "%.400s: the current folder cannot be found", name);
        if (out.len > 0 && out.data[out.len - 1] != '/')
            ct_buf_put_char(&out, '/');
        while (strncmp(name, "./", 2) == 0)
            name += 2;
        if (strcmp(name, ".") == 0)
            name = "";
    }
    ct_buf_put_text(&out, name);
    ct_buf_put_char(&out, '\0');
    if (!ct_buf_ok(&out))
        ct_buf_free(&out);
    *path = out.data;
    return *path ? CT_PATHS_FILE : CT_PATHS_NO_MEMORY;
}

/* The files that a pattern stands for. */
static ct_paths_status match_pattern(ct_paths *paths, const char *name, char *text)
{
    char *pattern;
    ct_paths_status status = absolute(name, true, &pattern, text);
    if (status != CT_PATHS_FILE)
        return status;
    int rc = glob(pattern, 0, NULL, &paths->matches);
    ct_free(pattern);
    if (rc == GLOB_NOSPACE)
        return CT_PATHS_NO_MEMORY;
    if (rc != 0)
        return refuse(text, "%.400s: no file fits the pattern", name);
    paths->has_glob = true;
    paths->n_matches = paths->matches.gl_pathc;
    return CT_PATHS_FILE;
}

/* A name that exists is that file, also when it has a * in it; any other is tried as a pattern. */
static ct_paths_status match(ct_paths *paths, const char *name, char *text)
{
    struct stat st;
    ct_paths_status status = absolute(name, false, &paths->single, text);
    if (status != CT_PATHS_FILE)
        return status;
    if (ct_path_is_stdin(name) || stat(paths->single, &st) == 0) {
        paths->n_matches = 1;
        return CT_PATHS_FILE;
    }
    int missing = errno;
    if (!strpbrk(name, "*?["))
        return refuse(
            text, missing == ENOENT ? "%.400s: no such file or folder" : "%.400s: cannot be opened",
            name);
    return match_pattern(paths, name, text);
}

ct_paths_status ct_paths_open(const char *name, ct_paths **paths,
                              char error_text[CT_PATHS_ERROR_MAX])
{
    *paths = NULL;
    ct_paths_status status = check_name(name, error_text);
    if (status != CT_PATHS_FILE)
        return status;
    ct_paths *p = ct_malloc(sizeof *p);
    if (!p)
        return CT_PATHS_NO_MEMORY;
    memset(p, 0, sizeof *p);
    status = match(p, name, error_text);
    if (status == CT_PATHS_FILE)
        *paths = p;
    else
        ct_paths_close(p);
    return status;
}

void ct_paths_close(ct_paths *paths)
{
    if (!paths)
        return;
    while (paths->n_open > 0)
        free_folder(&paths->open[--paths->n_open]);
    ct_free(paths->open);
    if (paths->has_glob)
        globfree(&paths->matches);
    ct_free(paths->single);
    ct_buf_free(&paths->path);
    ct_free(paths);
}
