/*
 * carrier: the records inside something that is none.
 *
 * Queues, streams, log platforms and search engines each put an event into a value of their own.
 * One rule reads them all: where an object is no record, what it holds is searched for some, in
 * objects, arrays and strings. A string counts that is JSON, has JSON behind some text, or is
 * base64, of JSON or of gzip, under a key that says data. An object whose names are columns
 * (json_columns.h) tells of a record, too.
 *
 * Bounded whatever the input: CT_CARRIER_KEYS_MAX names deep and CT_CARRIER_TEXTS_MAX strings in
 * strings, CT_CARRIER_BYTES_MAX bytes of decoded strings at a time, and of strings that hold nothing
 * in all of a file CT_CARRIER_GRANT times its own size and CT_CARRIER_FREE_BYTES. Each byte of a value is looked at once a name that
 * it stands under. No recursion.
 */
#ifndef CT_CARRIER_H
#define CT_CARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/form.h"
#include "log/gunzip.h"
#include "log/json_columns.h"
#include "log/record.h"

enum {
    CT_CARRIER_RECORD_MIN = 40, /* bytes: {"eventTime":1715677512,"eventName":"x"} has 40 */
    CT_CARRIER_KEYS_MAX = 6,
    CT_CARRIER_TEXTS_MAX = 6,
    CT_CARRIER_LEVELS_MAX = 32, /* brackets and strings that are open */
    CT_CARRIER_PATH_MAX = 100,
    CT_CARRIER_BYTES_MAX = 16 * 1024 * 1024,
    CT_CARRIER_FREE_BYTES = 32 * 1024 * 1024,
    CT_CARRIER_GRANT = 4, /* times the file's own bytes */
    CT_CARRIER_REFUND = 40
};

typedef struct ct_carrier_level {
    ct_json_scanner s; /* where it goes on */
    char kind;         /* { [ or t: a text, of values one behind the other; v: one value that was
                          scanned; r: rows of a table */
    bool begun;
    unsigned char n_texts; /* that are open with it */
    unsigned char n_keys;  /* names that lead to it */
    size_t path_len;
    const char *key; /* the last name that leads to it */
    size_t key_len;
} ct_carrier_level;

typedef struct ct_carrier {
    ct_carrier_level levels[CT_CARRIER_LEVELS_MAX];
    size_t n_levels;
    ct_buf texts[CT_CARRIER_TEXTS_MAX]; /* owned: decoded strings, one inside the other */
    ct_buf spare;                       /* owned: of base64, what it stands for */
    size_t n_texts;
    char path[CT_CARRIER_PATH_MAX]; /* the names that lead to where it is */
    size_t path_len;
    const char *key; /* borrowed: the last of them */
    size_t key_len;
    ct_json_columns columns;
    ct_buf nested;     /* owned: a record whose names had dots */
    int64_t budget;    /* bytes of strings that may yet be decoded */
    int64_t n_ignored; /* messages that test a channel */
    bool gave_up;      /* the budget was not enough */
    bool no_memory;
} ct_carrier;

typedef enum ct_carrier_status {
    CT_CARRIER_RECORD, /* the record describes one */
    CT_CARRIER_BROKEN, /* what begins like a record cannot be read */
    CT_CARRIER_END,
    CT_CARRIER_NO_MEMORY
} ct_carrier_status;

/* What the search came to. The text holds until the next step. */
typedef struct ct_found {
    const char *p;
    size_t len;
    const char
        *message; /* of a broken one what is wrong; of a record what is to be noted, or NULL */
    ct_form form; /* CT_FORM_CARRIER, or the one of its columns */
} ct_found;

/* Starts on a value that was scanned (what the record describes of it need not be scanned again), or on a text, which stands under the name `key` (empty: under
 * none). Bytes are borrowed. `path` are the names that lead there. */
void ct_carrier_begin(ct_carrier *carrier, const ct_json *value, const char *path, const char *key,
                      size_t key_len);
void ct_carrier_begin_text(ct_carrier *carrier, const char *path, const char *key, size_t key_len,
                           const char *p, size_t n);

ct_carrier_status ct_carrier_next(ct_carrier *carrier, ct_record *record, ct_found *found);

/* Adds a name to a path of path_len bytes; the length it has then. */
size_t ct_carrier_put_key(char path[CT_CARRIER_PATH_MAX], size_t path_len, const char *key,
                          size_t n);

/* Whether a JSON string can hold a record: by its beginning, which is JSON's or base64's. */
bool ct_carrier_may_hold(const ct_json *string);

/* Whether such a message is meant to be nothing: it tests a channel of CloudWatch Logs. */
bool ct_carrier_is_control_message(const ct_record *record);

/* Whether the object, which would be a record by its fields, has the record itself in another one
 * (Splunk's _raw beside the fields that it took out of it). */
bool ct_carrier_holds_original(const ct_record *record);

/* Whether some names of the record have dots and stand for nested ones: then *record describes the
 * record with these, whose text stands in `nested`. Want of memory shows in record->no_memory. */
void ct_carrier_nest(ct_record *record, ct_buf *nested);

void ct_carrier_free(ct_carrier *carrier);

#endif
