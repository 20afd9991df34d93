#include "files.h"

#include <stdio.h>

#include "harness.h"

ct_buf files_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    ct_buf bytes = CT_BUF_EMPTY;
    char piece[8192];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        ct_buf_put(&bytes, piece, n);
    fclose(file);
    assert_true(ct_buf_ok(&bytes));
    return bytes;
}

char *files_read_text(const char *path)
{
    ct_buf text = files_read(path);
    ct_buf_put_char(&text, '\0');
    assert_true(ct_buf_ok(&text));
    return text.data;
}
