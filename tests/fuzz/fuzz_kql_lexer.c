/* Any bytes: tokens follow each other without overlap and cover what is no space or comment. */
#include <stdint.h>
#include <stdlib.h>

#include "kql/lexer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_all(ct_kql_job *job)
{
    ct_kql_lexer lexer = {job, 0};
    size_t end = 0;
    for (;;) {
        ct_kql_token ahead = ct_kql_peek(&lexer), token = ct_kql_next(&lexer);
        if (ahead.kind != token.kind || ahead.at != token.at || ahead.end != token.end)
            abort();
        if (token.at < end || token.end < token.at || token.end > job->text.n)
            abort();
        if (token.kind == KT_END)
            return;
        if (token.end == token.at)
            abort();
        end = token.end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    ct_kql_job job;
    ct_kql_job_begin(&job, (ct_span){(const char *)data, n});
    if (setjmp(job.failed) == 0)
        read_all(&job);
    else if (job.no_memory || job.error.len == 0)
        abort();
    ct_kql_job_end(&job);
    return 0;
}
