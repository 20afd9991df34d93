#include "corpus.h"

#include <stdio.h>

#include "harness.h"
#include "log/paths.h"
#include "log/source.h"

bool corpus_read(const char *path, ct_buf *bytes)
{
    ct_source *source;
    const char *error;
    if (ct_source_open(path, &source, &error) != CT_SOURCE_OK)
        fail_msg("%s: %s", path, error);
    ct_source_status st;
    do {
        size_t n = 0;
        ct_buf_reserve(bytes, 65536);
        st = ct_source_read(source, bytes->data + bytes->len, 65536, &n);
        bytes->len += n;
    } while (st == CT_SOURCE_OK);
    ct_source_close(source);
    return st == CT_SOURCE_END;
}

bool corpus_each(void (*see)(const char *path, const ct_buf *bytes, void *arg), void *arg)
{
    if (!harness_shared()) {
        printf("skipped: the real logs (../shared/data) are not there\n");
        return false;
    }
    char folder[256], error_text[CT_PATHS_ERROR_MAX];
    snprintf(folder, sizeof folder, "%s/data", harness_shared());
    ct_paths *paths;
    const char *path, *error;
    if (ct_paths_open(folder, NULL, &paths, error_text) != CT_PATHS_FILE)
        fail_msg("%s", error_text);
    ct_file_info info;
    while (ct_paths_next(paths, &path, &info, &error) == CT_PATHS_FILE) {
        ct_buf bytes = CT_BUF_EMPTY;
        assert_true(corpus_read(path, &bytes));
        see(path, &bytes, arg);
        ct_buf_free(&bytes);
    }
    ct_paths_close(paths);
    return true;
}
