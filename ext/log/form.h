/*
 * form: the forms that logs are handed over in, and how a place in a text is told to be one.
 */
#ifndef CT_FORM_H
#define CT_FORM_H

#include <stdbool.h>
#include <stddef.h>

typedef enum ct_form {
    CT_FORM_UNKNOWN, /* nothing was recognised (yet) */
    CT_FORM_RECORDS,
    CT_FORM_LOOKUP_EVENTS,
    CT_FORM_ARRAY,
    CT_FORM_SEQUENCE, /* one record, NDJSON */
    CT_FORM_EVENTBRIDGE,
    CT_FORM_OPENSEARCH,
    CT_FORM_DIGEST,
    CT_FORM_CLOUDWATCH,
    CT_FORM_CSV_CONSOLE,
    CT_FORM_CSV_SENTINEL,
    CT_FORM_CSV_COLUMNS,
    CT_FORM_CSV_CARRIER, /* a column holds whole records */
    CT_FORM_CSV_OTHER,   /* other columns: nothing of it was read */
    CT_FORM_CARRIER,     /* what holds the records is told by their path in it */
    CT_FORM_JSON_SENTINEL,
    CT_FORM_JSON_COLUMNS,
    CT_N_FORMS
} ct_form;

const char *ct_form_name(ct_form form);

/* How much of a record a form holds. What is said of an event in a form of a higher rank takes the
 * place of what was said in a lower one. */
typedef enum ct_rank {
    CT_RANK_CONSOLE,
    CT_RANK_SENTINEL, /* and any other row of columns */
    CT_RANK_FULL
} ct_rank;

ct_rank ct_form_rank(ct_form form);

/* The same by the form's name; a name that is not known has the highest rank. */
ct_rank ct_rank_of_name(const char *name, size_t len);

/* Whether an object begins at p whose first name is one of a record's own that nothing else begins
 * with. */
bool ct_form_begins_event(const char *p, const char *end);

/* Whether a record, or what wraps one, begins at p: a brace and one of the names it begins with.
 * Names that also begin objects inside records (type, name, apiVersion ...) are not among them. */
bool ct_form_begins_record(const char *p, const char *end);

/* Whether it may: a brace and any other name of a record's own fields. Objects inside records begin
 * so, too. */
bool ct_form_may_begin_record(const char *p, const char *end);

/* Whether a list stands in the bytes that may be one of records, or of what holds some. */
bool ct_form_has_list(const char *p, const char *end);

/* Whether behind text on its line stands JSON that has a record inside, by the names in it. */
bool ct_form_wraps_record_in_line(const char *p, size_t n);

/* What to say of a JSON object that holds no record, where its kind can be told (n bytes from its
 * beginning on); NULL where not. */
const char *ct_form_other_object(const char *p, size_t n);

/* The same of a text that is no JSON. */
const char *ct_form_other_text(const char *p, size_t n);

/*
 * The length of what stands before a record in a line of CloudWatch Logs: its time, and behind it,
 * as `aws logs tail` prints it, the stream's name. 0 when the line is no such line.
 */
size_t ct_form_stamp_length(const char *p, const char *end);

/* Whether p begins like a record or a list of them: `{"`, `[{` and so on. A bracket alone does not
 * tell: user agents stand in brackets, too. */
bool ct_form_looks_like_json(const char *p, const char *end);

/* The same where a line begins in a file that did not begin so: `{"` or `[{`, nothing empty. */
bool ct_form_begins_json_line(const char *p, const char *end);

/* What to say of a file that begins like one of another kind, an archive say; NULL where it does
 * not. 262 bytes tell all of them. */
const char *ct_form_foreign(const char *p, size_t n);

#endif
