#include "log.h"

#include <string.h>

#include "mem.h"

struct ct_log {
    ct_paths *paths;   /* owned */
    ct_reader *reader; /* owned; NULL between files */
    ct_buf path;       /* of the current file, NUL-terminated */
    ct_file_info info;
    bool found;            /* the name led to something, wanted or not */
    ct_log_filter *filter; /* may be NULL */
    void *context;         /* borrowed: the filter's */
};

bool ct_log_open(const char *name, ct_log_filter *filter, void *context, ct_log **log,
                 char error_text[CT_PATHS_ERROR_MAX])
{
    *log = NULL;
    error_text[0] = '\0';
    ct_log *l = ct_malloc(sizeof *l);
    if (!l)
        return false;
    memset(l, 0, sizeof *l);
    l->filter = filter;
    l->context = context;
    if (ct_paths_open(name, &l->paths, error_text) != CT_PATHS_FILE) {
        ct_free(l);
        return false;
    }
    *log = l;
    return true;
}

/* The next file that is wanted, opened. */
static ct_log_kind open_next(ct_log *l, ct_log_event *event)
{
    const char *path;
    ct_paths_status status;
    do {
        status = ct_paths_next(l->paths, &path, &l->info, &event->error);
        if (status == CT_PATHS_NO_MEMORY)
            return CT_LOG_NO_MEMORY;
        if (status == CT_PATHS_END) {
            event->error = l->found ? NULL : "no file in this folder";
            return CT_LOG_END;
        }
        l->found = true;
    } while (status == CT_PATHS_FILE && l->filter && !l->filter(l->context, path, &l->info));

    ct_buf_clear(&l->path);
    ct_buf_put(&l->path, path, strlen(path) + 1);
    if (!ct_buf_ok(&l->path))
        return CT_LOG_NO_MEMORY;
    if (status == CT_PATHS_SKIPPED)
        return CT_LOG_SKIPPED;

    ct_source *source;
    ct_source_status opened = ct_source_open(path, &source, &event->error);
    if (opened == CT_SOURCE_BROKEN)
        return CT_LOG_SKIPPED;
    if (opened == CT_SOURCE_OK)
        l->reader = ct_reader_open(source);
    return l->reader ? CT_LOG_FILE : CT_LOG_NO_MEMORY;
}

void ct_log_next(ct_log *log, ct_log_event *event)
{
    memset(event, 0, sizeof *event);
    if (!log->reader) {
        event->kind = open_next(log, event);
    } else {
        ct_reader_next(log->reader, &event->item);
        event->kind = event->item.kind == CT_ITEM_END         ? CT_LOG_FILE_END
                      : event->item.kind == CT_ITEM_NO_MEMORY ? CT_LOG_NO_MEMORY
                                                              : CT_LOG_ITEM;
    }
    event->path = log->path.data;
    event->info = log->info;
    if (event->kind == CT_LOG_FILE_END) {
        event->form = ct_reader_form(log->reader);
        event->is_gzip = ct_source_is_gzip(ct_reader_source(log->reader));
        ct_reader_close(log->reader);
        log->reader = NULL;
    }
}

void ct_log_close(ct_log *log)
{
    if (!log)
        return;
    ct_reader_close(log->reader);
    ct_paths_close(log->paths);
    ct_buf_free(&log->path);
    ct_free(log);
}
