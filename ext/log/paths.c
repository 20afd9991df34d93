#include "log/paths.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/grow.h"
#include "base/mem.h"
#include "base/system_error.h"
#include "log/source.h"

/* A folder that is being walked: its names, sorted, and how far the walk has come. */
typedef struct folder {
    char **names; /* owned, each; NULL for those handed out */
    size_t n_names, next;
    size_t path_len;  /* of paths->path, up to and with this folder's slash */
    char *path_above; /* owned: what paths->path was before a link led here; NULL: none did */
    dev_t device;     /* with the inode: which folder it is, whatever name led there */
    ino_t inode;
} folder;

struct ct_paths {
    ct_buf path;  /* the path handed out, NUL-terminated */
    folder *open; /* owned: the folders from the top down to the current one */
    size_t n_open, open_capacity;
    ct_buf target; /* where a link leads to, NUL-terminated */
    char **taken;  /* owned, each, sorted: what matches and links have led to */
    size_t n_taken, taken_capacity;
    glob_t matches; /* what the name stands for: one path, or all that fit a pattern */
    size_t n_matches, next_match;
    char *single; /* owned: the only match, where there was no pattern */
    bool has_glob;
    bool is_stdin;        /* the only match is standard input */
    ct_paths_guard guard; /* without a function: every file is read */
};

/* ---- one folder ---------------------------------------------------------------------------- */

static void free_folder(folder *f)
{
    for (size_t i = f->next; i < f->n_names; i++)
        ct_free(f->names[i]);
    ct_free(f->names);
    ct_free(f->path_above);
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
    char **names = ct_grow(f->names, f->n_names, capacity, 32, sizeof *names);
    if (!names)
        return false;
    f->names = names;
    f->names[f->n_names] = copy_text(name);
    return f->names[f->n_names] && ++f->n_names > 0;
}

/* Reads the names in a folder. CT_PATHS_FILE when all is well. */
static ct_paths_status read_names(const char *path, folder *f, const char **error)
{
    DIR *dir = opendir(path);
    if (!dir) {
        *error = ct_system_error(errno);
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

/* ---- what was taken ------------------------------------------------------------------------- */

/*
 * What a match or a link leads to is read with all that lies below it by its own path, so that only
 * these paths must be kept to read nothing twice: whatever a later link leads to below one of them
 * is or will be met there, and a walk that meets one of them on its way was there before.
 */

/* Where the path of n bytes stands among those taken, or would stand. */
static size_t place_of(const ct_paths *paths, const char *path, size_t n, bool *is_there)
{
    size_t low = 0, high = paths->n_taken;
    *is_there = false;
    while (low < high && !*is_there) {
        size_t middle = low + (high - low) / 2;
        const char *other = paths->taken[middle];
        int order = strncmp(path, other, n);
        if (order == 0 && other[n] == '\0') {
            *is_there = true;
            return middle;
        }
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_taken(const ct_paths *paths, const char *path, size_t n)
{
    bool is_there;
    (void)place_of(paths, path, n, &is_there);
    return is_there;
}

/* Whether the path or a folder above it was taken. The root has no name: it is "". */
static bool is_below_taken(const ct_paths *paths, const char *path)
{
    for (size_t n = 0; path[n]; n++)
        if (path[n] == '/' && is_taken(paths, path, n))
            return true;
    return is_taken(paths, path, strlen(path));
}

static bool take(ct_paths *paths, const char *path)
{
    bool is_there;
    const char *name = strcmp(path, "/") == 0 ? "" : path;
    size_t place = place_of(paths, name, strlen(name), &is_there);
    char **taken = ct_grow(paths->taken, paths->n_taken, &paths->taken_capacity, 4, sizeof *taken);
    if (!taken)
        return false;
    paths->taken = taken;
    char *copy = copy_text(name);
    if (!copy)
        return false;
    memmove(taken + place + 1, taken + place, (paths->n_taken - place) * sizeof *taken);
    taken[place] = copy;
    paths->n_taken++;
    return true;
}

/* ---- the walk ------------------------------------------------------------------------------ */

/* Something that the walk has come to. */
typedef struct found_entry {
    struct stat st;
    const char *path; /* its own, without links */
    bool is_link;     /* that was at paths->path */
    bool is_named;    /* a match or a link led here; else it lies in a folder that is walked */
} found_entry;

static bool is_being_walked(const ct_paths *paths, const struct stat *st)
{
    for (size_t i = 0; i < paths->n_open; i++)
        if (paths->open[i].device == st->st_dev && paths->open[i].inode == st->st_ino)
            return true;
    return false;
}

/* Moves paths->path to where a link leads to; *above gets what it was. Where there is no memory for the
 * new path, the first name that is put behind it finds none either. */
static bool follow(ct_paths *paths, char **above)
{
    *above = copy_text(paths->path.data);
    if (!*above)
        return false;
    ct_buf_clear(&paths->path);
    ct_buf_put(&paths->path, paths->target.data, paths->target.len);
    return true;
}

/* Puts a folder on the stack. */
static ct_paths_status enter_folder(ct_paths *paths, const found_entry *found, const char **error)
{
    folder *open = ct_grow(paths->open, paths->n_open, &paths->open_capacity, 16, sizeof *open);
    if (!open)
        return CT_PATHS_NO_MEMORY;
    paths->open = open;
    folder f = {.names = NULL, .device = found->st.st_dev, .inode = found->st.st_ino};
    ct_paths_status status = read_names(found->path, &f, error);
    if (status == CT_PATHS_FILE && found->is_link && !follow(paths, &f.path_above))
        status = CT_PATHS_NO_MEMORY;

    if (status != CT_PATHS_FILE) {
        free_folder(&f);
        return status;
    }
    paths->path.len -= paths->path.len > 0; /* the NUL; a slash has room there */
    if (paths->path.len > 0 && paths->path.data[paths->path.len - 1] != '/')
        ct_buf_put_char(&paths->path, '/');
    f.path_len = paths->path.len;
    paths->open[paths->n_open++] = f;
    return CT_PATHS_FILE;
}

/* Takes the innermost folder off the stack. What paths->path was before has room in it. */
static void leave_folder(ct_paths *paths)
{
    folder *f = &paths->open[--paths->n_open];
    if (f->path_above) {
        ct_buf_clear(&paths->path);
        ct_buf_put(&paths->path, f->path_above, strlen(f->path_above) + 1);
    }
    free_folder(f);
}

/* Puts the name into paths->path, absolute and without detours, so that the same file has the same
 * path however it was named. What does not exist stays as it is: it will be reported. */
static bool set_absolute(ct_paths *paths, const char *name)
{
    char *resolved = paths->is_stdin ? NULL : realpath(name, NULL);
    const char *path = resolved ? resolved : name;
    ct_buf_clear(&paths->path);
    ct_buf_put(&paths->path, path, strlen(path) + 1);
    free(resolved);
    return ct_buf_ok(&paths->path);
}

/* The next path to look at, into paths->path: from the innermost folder that has one left, else
 * from the matches. */
static ct_paths_status next_candidate(ct_paths *paths, bool *is_match)
{
    *is_match = false;
    while (paths->n_open > 0) {
        folder *f = &paths->open[paths->n_open - 1];
        if (f->next < f->n_names) {
            char *name = f->names[f->next++];
            paths->path.len = f->path_len;
            ct_buf_put(&paths->path, name, strlen(name) + 1);
            ct_free(name);
            return ct_buf_ok(&paths->path) ? CT_PATHS_FILE : CT_PATHS_NO_MEMORY;
        }
        leave_folder(paths);
    }
    if (paths->next_match == paths->n_matches)
        return CT_PATHS_END;
    const char *match =
        paths->has_glob ? paths->matches.gl_pathv[paths->next_match] : paths->single;
    paths->next_match++;
    *is_match = true;
    return set_absolute(paths, match) ? CT_PATHS_FILE : CT_PATHS_NO_MEMORY;
}

static ct_file_use use_of(const ct_paths *paths, const char *path, const struct stat *st,
                          const char **error)
{
    return paths->guard.use ? paths->guard.use(paths->guard.context, path, st, error) : CT_USE_READ;
}

/* Says what stands at paths->path. */
static ct_paths_status look_at(ct_paths *paths, found_entry *found, const char **error)
{
    const char *path = paths->path.data;
    struct stat *st = &found->st;
    found->path = path;
    int rc = lstat(path, st);
    found->is_link = rc == 0 && S_ISLNK(st->st_mode);
    if (found->is_link)
        rc = stat(path, st);
    if (rc != 0) {
        *error = ct_system_error(errno);
        return CT_PATHS_SKIPPED;
    }
    if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode)) {
        *error = "is no regular file";
        return CT_PATHS_SKIPPED;
    }
    if (!found->is_link)
        return CT_PATHS_FILE;
    char *resolved = realpath(path, NULL);
    if (!resolved) {
        *error = ct_system_error(errno);
        return CT_PATHS_SKIPPED;
    }
    ct_buf_clear(&paths->target);
    ct_buf_put(&paths->target, resolved, strlen(resolved) + 1);
    free(resolved);
    found->path = paths->target.data;
    return ct_buf_ok(&paths->target) ? CT_PATHS_FILE : CT_PATHS_NO_MEMORY;
}

/* Whether it is read elsewhere. CT_PATHS_FILE: it is not, and now it is taken.
 * CT_PATHS_END: it is. */
static ct_paths_status take_once(ct_paths *paths, const found_entry *found)
{
    const char *path = found->path;
    if (!found->is_named)
        return is_taken(paths, path, strlen(path)) ? CT_PATHS_END : CT_PATHS_FILE;
    if (is_below_taken(paths, path))
        return CT_PATHS_END;
    return take(paths, path) ? CT_PATHS_FILE : CT_PATHS_NO_MEMORY;
}

/* What the guard says of a file. CT_PATHS_END: nothing, and it is not read. */
static ct_paths_status take_file(ct_paths *paths, const found_entry *found, const char **error)
{
    switch (use_of(paths, found->path, &found->st, error)) {
    case CT_USE_LEAVE:
        return CT_PATHS_END;
    case CT_USE_REPORT:
        return CT_PATHS_SKIPPED;
    case CT_USE_NO_MEMORY:
        return CT_PATHS_NO_MEMORY;
    case CT_USE_READ:
        break;
    }
    return CT_PATHS_FILE;
}

/* What stands at paths->path: CT_PATHS_FILE, a file to hand out; CT_PATHS_END, nothing to speak of,
 * or a folder that was entered. */
static ct_paths_status visit(ct_paths *paths, found_entry *found, const char **error)
{
    ct_paths_status status = look_at(paths, found, error);
    if (status != CT_PATHS_FILE)
        return status;
    found->is_named = found->is_named || found->is_link;
    bool is_folder = S_ISDIR(found->st.st_mode);
    if (is_folder && is_being_walked(paths, &found->st)) {
        *error = "is a link back to a folder above it";
        return CT_PATHS_SKIPPED;
    }
    status = take_once(paths, found);
    if (status != CT_PATHS_FILE)
        return status;
    if (!is_folder)
        return take_file(paths, found, error);
    status = enter_folder(paths, found, error);
    return status == CT_PATHS_FILE ? CT_PATHS_END : status;
}

ct_paths_status ct_paths_next(ct_paths *paths, const char **path, ct_file_info *info,
                              const char **error)
{
    *info = (ct_file_info){.size = 0};
    for (;;) {
        found_entry found = {.is_link = false};
        ct_paths_status status = next_candidate(paths, &found.is_named);
        if (status != CT_PATHS_FILE)
            return status;
        *path = paths->path.data;
        if (paths->is_stdin) {
            info->is_stdin = true;
            return CT_PATHS_FILE;
        }
        status = visit(paths, &found, error);
        if (status == CT_PATHS_END)
            continue;
        *path = status == CT_PATHS_FILE ? found.path : paths->path.data;
        if (status == CT_PATHS_FILE)
            *info = ct_file_info_of(&found.st);
        return status;
    }
}

/* ---- the name ------------------------------------------------------------------------------ */

static ct_paths_status refuse(char *text, const char *format, const char *name)
{
    snprintf(text, CT_PATHS_ERROR_MAX, format, name);
    return CT_PATHS_SKIPPED;
}

/* A file by its own name that the guard wants left out: silence would be taken for "no events". */
static ct_paths_status check_file(const ct_paths *paths, const char *name, const struct stat *st,
                                  char *text)
{
    const char *error = NULL;
    ct_file_use use = S_ISREG(st->st_mode) ? use_of(paths, name, st, &error) : CT_USE_READ;
    if (use == CT_USE_READ)
        return CT_PATHS_FILE;
    if (use == CT_USE_NO_MEMORY)
        return CT_PATHS_NO_MEMORY;
    snprintf(text, CT_PATHS_ERROR_MAX, "%.400s: %.100s", name, error);
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
                      "this reads files, not buckets; fetch them first: aws s3 sync %.300s logs/"
                      " --exclude '*' --include '*/CloudTrail*/*' --include 'CloudTrail*/*'",
                      name);
    return CT_PATHS_FILE;
}

/* The files that a pattern stands for. */
static ct_paths_status match_pattern(ct_paths *paths, const char *pattern, char *text)
{
    int rc = glob(pattern, 0, NULL, &paths->matches);
    if (rc == GLOB_NOSPACE)
        return CT_PATHS_NO_MEMORY;
    if (rc != 0)
        return refuse(text, "%.400s: no file fits the pattern", pattern);
    paths->has_glob = true;
    paths->n_matches = paths->matches.gl_pathc;
    return CT_PATHS_FILE;
}

/* A name that exists is that file, also when it has a * in it; any other is tried as a pattern. */
static ct_paths_status match(ct_paths *paths, const char *name, char *text)
{
    struct stat st;
    paths->single = copy_text(name);
    if (!paths->single)
        return CT_PATHS_NO_MEMORY;
    paths->n_matches = 1;
    paths->is_stdin = strcmp(name, "-") == 0 || strcmp(name, "/dev/stdin") == 0;
    if (paths->is_stdin)
        return CT_PATHS_FILE;
    if (stat(paths->single, &st) == 0)
        return check_file(paths, name, &st, text);
    int missing = errno;
    if (!strpbrk(name, "*?["))
        return refuse(
            text, missing == ENOENT ? "%.400s: no such file or folder" : "%.400s: cannot be opened",
            name);
    return match_pattern(paths, name, text);
}

ct_paths_status ct_paths_open(const char *name, const ct_paths_guard *guard, ct_paths **paths,
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
    if (guard)
        p->guard = *guard;
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
    for (size_t i = 0; i < paths->n_taken; i++)
        ct_free(paths->taken[i]);
    ct_free(paths->taken);
    ct_buf_free(&paths->target);
    if (paths->has_glob)
        globfree(&paths->matches);
    ct_free(paths->single);
    ct_buf_free(&paths->path);
    ct_free(paths);
}
