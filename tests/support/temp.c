#include "temp.h"

#include <ftw.h>
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

const char *temp_dir(void)
{
    if (!*dir) {
        const char *base = getenv("TMPDIR");
        snprintf(dir, sizeof dir, "%s/cloudtrail-test-XXXXXX", base ? base : "/tmp");
        if (!mkdtemp(dir))
            give_up(dir);
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
