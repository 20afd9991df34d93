#include "shell.h"

#include <stdio.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "harness.h"

char *shell_output(const char *command)
{
    fflush(NULL);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    ct_buf out = CT_BUF_EMPTY;
    char piece[4096];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, pipe)) > 0)
        ct_buf_put(&out, piece, n);
    int status = pclose(pipe);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("failed: %s", command);
    if (out.len > 0 && out.data[out.len - 1] == '\n')
        out.len--;
    ct_buf_put_char(&out, '\0');
    assert_true(ct_buf_ok(&out));
    return out.data;
}
