#include "kql/job.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

struct ct_kql_block {
    ct_kql_block *next;
    size_t used, size; /* of bytes */
    _Alignas(max_align_t) char bytes[];
};

enum { BLOCK_BYTES = 16 * 1024 };

void ct_kql_job_begin(ct_kql_job *job, ct_span text)
{
    memset(job, 0, sizeof *job);
    job->text = text;
    job->error = CT_BUF_EMPTY;
    job->scratch = CT_BUF_EMPTY;
}

void ct_kql_job_end(ct_kql_job *job)
{
    while (job->blocks) {
        ct_kql_block *next = job->blocks->next;
        ct_free(job->blocks);
        job->blocks = next;
    }
    ct_buf_free(&job->error);
    ct_buf_free(&job->scratch);
}

noreturn void ct_kql_fail_memory(ct_kql_job *job)
{
    job->no_memory = true;
    longjmp(job->failed, 1);
}

void *ct_kql_new(ct_kql_job *job, size_t n)
{
    n = (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (!job->blocks || job->blocks->size - job->blocks->used < n) {
        size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
        if (size > CT_KQL_MAX_MEMORY - job->n_bytes)
            ct_kql_refuse(job, 0, "the query needs more memory than a compilation may take (%d MB)",
                          CT_KQL_MAX_MEMORY / 1024 / 1024);
        ct_kql_block *block = ct_malloc(sizeof *block + size);
        if (!block)
            ct_kql_fail_memory(job);
        *block = (ct_kql_block){.next = job->blocks, .used = 0, .size = size};
        job->blocks = block;
        job->n_bytes += size;
    }
    void *p = job->blocks->bytes + job->blocks->used;
    job->blocks->used += n;
    return memset(p, 0, n);
}

ct_span ct_kql_copy(ct_kql_job *job, ct_span bytes)
{
    char *p = ct_kql_new(job, bytes.n + 1);
    memcpy(p, bytes.p, bytes.n);
    return (ct_span){p, bytes.n};
}

ct_span ct_kql_keep(ct_kql_job *job, const char *bytes, size_t n)
{
    if (n > CT_KQL_MAX_MEMORY - job->n_bytes)
        return (ct_span){NULL, 0};
    ct_kql_block *block = ct_malloc(sizeof *block + n);
    if (!block)
        return (ct_span){NULL, 0};
    *block = (ct_kql_block){.next = NULL, .used = n, .size = n};
    memcpy(block->bytes, bytes, n);
    if (job->blocks) { /* behind the block that has room */
        block->next = job->blocks->next;
        job->blocks->next = block;
    } else {
        job->blocks = block;
    }
    job->n_bytes += n;
    return (ct_span){block->bytes, n};
}

ct_span ct_kql_take_scratch(ct_kql_job *job, size_t from)
{
    ct_buf *scratch = &job->scratch;
    if (!ct_buf_ok(scratch))
        ct_kql_fail_memory(job);
    ct_span copy = ct_kql_copy(job, (ct_span){ct_buf_at(scratch, from), scratch->len - from});
    scratch->len = from;
    return copy;
}

ct_span ct_kql_printf(ct_kql_job *job, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        ct_kql_fail_memory(job);
    char *p = ct_kql_new(job, (size_t)n + 1);
    va_start(args, format);
    vsnprintf(p, (size_t)n + 1, format, args);
    va_end(args);
    return (ct_span){p, (size_t)n};
}

void *ct_kql_grow(ct_kql_job *job, void *array, size_t n, size_t item_bytes)
{
    /* The capacity is the power of two at or above n, 4 at least: it grows when n is one. */
    if (n != 0 && (n < 4 || (n & (n - 1)) != 0))
        return array;
    void *grown = ct_kql_new(job, (n == 0 ? 4 : n * 2) * item_bytes);
    if (n > 0)
        memcpy(grown, array, n * item_bytes);
    return grown;
}

const char *ct_kql_quote(ct_kql_job *job, ct_span text)
{
    enum { SHOWN = 60 };
    ct_buf quoted = CT_BUF_EMPTY;
    size_t n = text.n < SHOWN ? text.n : SHOWN;
    while (n > 0 && n < text.n && ((unsigned char)text.p[n] & 0xC0) == 0x80)
        n--; /* not within a character */
    ct_buf_put_char(&quoted, '\'');
    ct_utf8_put(&quoted, text.p, n);
    ct_buf_put_text(&quoted, n < text.n ? "...'" : "'");
    ct_buf_put_char(&quoted, 0);
    for (size_t i = 0; ct_buf_ok(&quoted) && i + 1 < quoted.len; i++)
        if ((unsigned char)quoted.data[i] < ' ' || quoted.data[i] == 0x7F)
            quoted.data[i] = '?';
    ct_span copy = {NULL, 0};
    if (ct_buf_ok(&quoted)) /* the buffer is held: no jump here */
        copy = ct_kql_keep(job, quoted.data, quoted.len);
    ct_buf_free(&quoted);
    if (!copy.p)
        ct_kql_fail_memory(job);
    return copy.p;
}

noreturn void ct_kql_refuse(ct_kql_job *job, size_t at, const char *format, ...)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < at && i < job->text.n; i++) {
        if (job->text.p[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)job->text.p[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    char sentence[512];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    ct_buf_printf(&job->error, "line %zu, column %zu: ", line, column);
    ct_buf_put_text(&job->error, sentence);
    job->no_memory = !ct_buf_ok(&job->error);
    longjmp(job->failed, 1);
}
