#include "temp.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[256];

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void remove_dir(void)
{
    (void)nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void give_up(const char *what)
{
    perror(what);
    abort();
}

static bool make_dir(const char *base)
{
    int n = snprintf(dir, sizeof dir, "%s/cloudtrail-test-XXXXXX", base);
    return n < (int)sizeof dir && mkdtemp(dir);
}

/* Whether a folder's path can stand in quotes in the commands, SQL and JSON of tests, and leaves room
 * for names behind it. */
static bool is_plain(const char *path)
{
    return strlen(path) < 100 && !strpbrk(path, "'\"\\$`%\n");
}

const char *temp_dir(void)
{
    if (!*dir) {
        const char *wanted = getenv("TMPDIR");
        char *base = wanted ? realpath(wanted, NULL) : NULL; /* it may be relative, or not there */
        if (!(base && is_plain(base) && make_dir(base)) && !make_dir("/tmp"))
            give_up(dir);
        free(base);
        atexit(remove_dir);
    }
    return dir;
}

const char *temp_path(const char *name)
{
    static char paths[8][1024];
    static size_t next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", temp_dir(), name);
    return path;
}

const char *temp_write(const char *name, const void *p, size_t n)
{
    char path[1024];
    snprintf(path, sizeof path, "%s", temp_path(name));
    for (char *slash = path + strlen(temp_dir()) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        (void)mkdir(path, 0777);
        *slash = '/';
    }
    (void)remove(path); /* ext4 waits for the disk where a file is cut and written again */
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(p, 1, n, file) != n || fclose(file) != 0)
        give_up(path);
    return temp_path(name);
}
