/*
 * job: what one compilation of a KQL query holds: its text, its memory, its one error.
 *
 * Everything that lexer, parser, binder and emitter make lives in one arena, and is given back at
 * once by ct_kql_job_end(). The first failure ends the compilation: ct_kql_refuse() and an allocation
 * that finds no memory jump back to where the job was begun (setjmp in ct_kql_job's owner, see
 * compile.c). So no module holds anything else that must be freed while it calls another.
 */
#ifndef CT_KQL_JOB_H
#define CT_KQL_JOB_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdnoreturn.h>

#include "base/buf.h"
#include "base/span.h"

enum {
    CT_KQL_MAX_BYTES = 128 * 1024,       /* of a query; Sentinel takes 10,000 characters */
    CT_KQL_MAX_MEMORY = 64 * 1024 * 1024 /* of one compilation */
};

typedef struct ct_kql_block ct_kql_block;

typedef struct ct_kql_job {
    ct_span text;         /* borrowed: the query */
    ct_kql_block *blocks; /* owned */
    size_t n_bytes;       /* in blocks */
    jmp_buf failed;       /* where ct_kql_refuse() goes */
    bool no_memory;
    ct_buf error;   /* owned: the sentence, once it failed */
    ct_buf scratch; /* owned: text that grows; who uses it cuts it back to where it was */
} ct_kql_job;

void ct_kql_job_begin(ct_kql_job *job, ct_span text);
void ct_kql_job_end(ct_kql_job *job);

/* n zeroed bytes of the job's arena. */
void *ct_kql_new(ct_kql_job *job, size_t n);
/* The bytes copied into the arena. */
ct_span ct_kql_copy(ct_kql_job *job, ct_span bytes);
/* The same, but a span whose p is NULL where there is no room: for who holds what must be freed. */
ct_span ct_kql_keep(ct_kql_job *job, const char *bytes, size_t n);
/* What the scratch buffer holds behind `from`, copied into the arena and cut off. */
ct_span ct_kql_take_scratch(ct_kql_job *job, size_t from);
/* printf into the arena; %.*s takes an int and a pointer. */
ct_span ct_kql_printf(ct_kql_job *job, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Ends the job with `line 3, column 17: ` and the sentence; at is the byte of the query. Text of
 * the query is given with ct_kql_quote(), which cuts and cleans it.
 */
noreturn void ct_kql_refuse(ct_kql_job *job, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
noreturn void ct_kql_fail_memory(ct_kql_job *job);
const char *ct_kql_quote(ct_kql_job *job, ct_span text);

/* Room for one more in an array of the arena that grows: its new place. */
void *ct_kql_grow(ct_kql_job *job, void *array, size_t n, size_t item_bytes);

#endif
