/* Any bytes as a file (plain or gzip): the reader ends, and numbers its records one by one. */
#define _GNU_SOURCE /* memfd_create */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf16.h"
#include "log/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void put_all(int fd, const uint8_t *data, size_t n)
{
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, n, 0) != (ssize_t)n)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static int fd = -1;
    static char path[64];
    if (fd < 0) {
        fd = memfd_create("fuzz", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    put_all(fd, data, n);
    ct_source *source;
    const char *error;
    if (ct_source_open(path, &source, &error) != CT_SOURCE_OK)
        abort();
    ct_reader *reader = ct_reader_open(source);
    /* UTF-16 and a terminal's colours are taken out before anything is looked at. */
    size_t mark;
    bool is_as_in_file = ct_utf16_detect((const char *)data, n, &mark) == CT_UTF16_NOT &&
                         !(n > 2 && memcmp(data, "\033[", 2) == 0);
    ct_buf scratch = CT_BUF_EMPTY;
    ct_item item;
    int64_t number = 0;
    size_t n_items = 0;
    for (ct_reader_next(reader, &item); item.kind != CT_ITEM_END; ct_reader_next(reader, &item)) {
        if (item.kind == CT_ITEM_NO_MEMORY || item.offset < 0)
            abort();
        if (item.number != 0 && item.number != ++number)
            abort();
        if (is_as_in_file && !ct_source_is_gzip(source)) {
            if (n_items++ > n + 2 || (size_t)item.offset > n)
                abort();
            if (item.kind == CT_ITEM_RECORD && memcmp(data + item.offset, item.text, item.len) != 0)
                abort();
        }
        if (item.kind == CT_ITEM_RECORD)
            for (int i = 0; i < CT_N_COLUMNS; i++)
                (void)ct_record_cell(item.record, (ct_column)i, &scratch);
        ct_buf_clear(&scratch);
    }
    ct_buf_free(&scratch);
    ct_reader_close(reader);
    return 0;
}
