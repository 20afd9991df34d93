#include "kql/compile.h"

#include "base/ascii.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "kql/emit.h"
#include "kql/parser.h"

static void write_schema(const ct_kql_step *last, ct_buf *schema)
{
    ct_buf_put_char(schema, '[');
    for (size_t i = 0; i < last->columns.n; i++) {
        const ct_kql_column *column = last->columns.at[i];
        ct_buf_put_text(schema, i ? ",{\"name\":" : "{\"name\":");
        ct_json_put_string(schema, column->name.p, column->name.n);
        ct_buf_put_text(schema, ",\"type\":\"");
        ct_buf_put_text(schema, ct_kql_type_name(column->type));
        ct_buf_put_text(schema, "\"}");
    }
    ct_buf_put_char(schema, ']');
}

static bool are_twins(ct_span a, ct_span b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (ct_to_lower(a.p[i]) != ct_to_lower(b.p[i]))
            return false;
    return true;
}

static bool find_twins(const ct_kql_step *last, bool with_evidence)
{
    const ct_kql_columns *columns = &last->columns;
    for (size_t i = 0; i < columns->n; i++) {
        if (with_evidence && are_twins(columns->at[i]->name, (ct_span){"evidence", 8}))
            return true;
        for (size_t k = 0; k < i; k++)
            if (are_twins(columns->at[i]->name, columns->at[k]->name))
                return true;
    }
    return false;
}

/* Everything between setjmp and a failure; nothing but the job holds memory. */
static void run(ct_kql_job *job, const ct_kql_catalog *catalog, bool with_evidence, ct_buf *sql,
                ct_buf *schema, bool *has_twins)
{
    if (!ct_utf8_valid(job->text.p, job->text.n))
        ct_kql_refuse(job, 0, "the query is not UTF-8");
    ct_kql_node *query = ct_kql_parse_query(job);
    ct_kql_step *last = ct_kql_bind(job, query, catalog, with_evidence);
    if (has_twins)
        *has_twins = find_twins(last, with_evidence);
    if (schema)
        write_schema(last, schema);
    if (!sql)
        return;
    job->scratch.len = 0;
    ct_kql_emit(job, last, with_evidence);
    ct_buf_put(sql, job->scratch.data, job->scratch.len);
}

ct_kql_status ct_kql_compile(ct_span query, const ct_kql_catalog *catalog, bool with_evidence,
                             ct_buf *sql, ct_buf *schema, bool *has_twins, ct_buf *error)
{
    ct_kql_job job;
    ct_kql_job_begin(&job, query);
    ct_kql_status status = CT_KQL_OK;
    if (setjmp(job.failed) == 0)
        run(&job, catalog, with_evidence, sql, schema, has_twins);
    else if (job.no_memory)
        status = CT_KQL_NO_MEMORY;
    else
        status = CT_KQL_REFUSED;
    if (status == CT_KQL_REFUSED)
        ct_buf_put(error, job.error.data, job.error.len);
    ct_kql_job_end(&job);
    if ((sql && !ct_buf_ok(sql)) || (schema && !ct_buf_ok(schema)) || !ct_buf_ok(error))
        status = CT_KQL_NO_MEMORY;
    return status;
}
