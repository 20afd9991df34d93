/* Any bytes: a tree whose nodes lie within the text and within their parents' depth, or a sentence. */
#include <stdint.h>
#include <stdlib.h>

#include "kql/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void walk(const ct_kql_job *job, const ct_kql_node *node, int depth)
{
    if (!node)
        return;
    if (node->at > job->text.n || node->end > job->text.n || depth > 1000)
        abort();
    walk(job, node->left, depth + 1);
    walk(job, node->right, depth + 1);
    walk(job, node->third, depth + 1);
    for (size_t i = 0; i < node->items.n; i++)
        walk(job, node->items.at[i], depth + 1);
    for (size_t i = 0; i < node->more.n; i++)
        walk(job, node->more.at[i], depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    ct_kql_job job;
    ct_kql_job_begin(&job, (ct_span){(const char *)data, n});
    if (setjmp(job.failed) == 0)
        walk(&job, ct_kql_parse_query(&job), 0);
    else if (job.no_memory || job.error.len == 0)
        abort();
    ct_kql_job_end(&job);
    return 0;
}
