/*
 * reader: the records of one file, one after another.
 *
 * The form is told by the content, value by value, so that one file may even mix them:
 *   {"Records":[...]}        as a trail delivers it; other fields before or behind are passed over
 *   {"Events":[...]}         LookupEvents; the record is the string in CloudTrailEvent
 *   [...]                    a bare array of any of the others
 *   {...} {...}              records one after another: NDJSON, or pretty-printed
 *   2024-05-14T09:05:12Z {.. the same behind a time: CloudWatch Logs, exported or tailed
 *   {"events":[...]}         CloudWatch Logs, filter-log-events; the string in message
 *   {"logEvents":[...]}      CloudWatch Logs, what a subscription delivers; likewise
 *   {"detail":{...}}         the EventBridge envelope
 *   {"aws":{"cloudtrail":..  OpenSearch, also "aws.cloudtrail"; a record or an array of records
 * A digest file is told, too: its records are the names of other files. And by its first row:
 *   CSV                      the console's event history or Sentinel's table (csv_record.h)
 *
 * What cannot be read costs itself and nothing else. Behind a fault the reader goes on at the first
 * of: the bracket that closes the broken record, a `{` before a field name that records begin with,
 * or a line that begins with `{`. All between becomes one problem with its text. Where braces are
 * missing or too many and the text is JSON all the same, nobody can tell: a record that was cut in
 * an array and whose list then closes it has the records behind it as elements.
 * In a CSV file reading goes on at the next line that is a row by itself, with as many fields as
 * the header.
 *
 * Memory: one buffer of CT_READER_CHUNK bytes, or of the largest record up to
 * CT_RECORD_MAX_BYTES, and a second one of that size where records stand inside strings.
 */
#ifndef CT_READER_H
#define CT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/form.h"
#include "log/record.h"
#include "log/source.h"

enum {
    CT_READER_CHUNK = 256 * 1024, /* fits the second-level cache: inflate and scan meet there */
    /* CloudTrail's own limit for an event is 256 KB, 1 MB for some; twice that leaves room for
     * indented files. A longer one is reported, not read. */
    CT_RECORD_MAX_BYTES = 4 * 1024 * 1024,
    CT_PROBLEM_TEXT_MAX = 1024 * 1024 /* of a problem's text this much is kept */
};

typedef enum ct_item_kind {
    CT_ITEM_RECORD,  /* `record` is a record with a time */
    CT_ITEM_PROBLEM, /* `message` says what could not be read */
    CT_ITEM_NOTE,    /* `message` says what is odd, and cost nothing */
    CT_ITEM_IGNORED, /* what is no log, and is meant to be none: a message that tests a channel */
    CT_ITEM_DIGEST,  /* a digest document, `text`; it holds no records */
    CT_ITEM_END,
    CT_ITEM_NO_MEMORY
} ct_item_kind;

/* What came next. All pointers hold until the next call. */
typedef struct ct_item {
    ct_item_kind kind;
    int64_t number; /* of the record in its file, from 1; 0: a problem of the file itself */
    int64_t offset; /* byte in the file, inflated, from 0: where the record begins, or
                       where the problem is */
    const ct_record *record; /* CT_ITEM_RECORD */
    const char *message;     /* of a problem or a note; of a record what is to be noted */
    const char *text;        /* the record's text; of a problem at most CT_PROBLEM_TEXT_MAX bytes */
    size_t len;
} ct_item;

typedef struct ct_reader ct_reader;

/* Takes over the source, also when it returns NULL (no memory). */
ct_reader *ct_reader_open(ct_source *source);

/* Goes on with another file (ct_source_open says what a path may be), in the memory of the last
 * one. After a failure the reader can only be reopened or closed. */
ct_source_status ct_reader_reopen(ct_reader *reader, const char *path, const char **error);

/* As ct_source_set_pulse(). */
void ct_reader_set_pulse(ct_reader *reader, const ct_pulse *pulse);

void ct_reader_next(ct_reader *reader, ct_item *item);

ct_form ct_reader_form(const ct_reader *reader); /* of the last record */
/* ct_source_sha256() of its file, once it has come to CT_ITEM_END. */
bool ct_reader_sha256(ct_reader *reader, unsigned char out[CT_SHA256_BYTES]);

/* Its name, as the ledger has it: of a carrier the path to the record. */
enum { CT_FORMAT_MAX = 128 };
void ct_reader_put_format(const ct_reader *reader, char out[CT_FORMAT_MAX]);
const ct_source *ct_reader_source(const ct_reader *reader);

void ct_reader_close(ct_reader *reader); /* NULL is fine */

#endif
