/*
 * reader_parts: what the files of the reader share.
 *
 * Private to ext/reader*.c; everybody else includes reader.h. Functions are described where they
 * are defined. Those below are inline because they are called for each record, or for each byte of
 * a broken region.
 */
#ifndef CT_READER_PARTS_H
#define CT_READER_PARTS_H

#include "log/reader.h"

#include "log/csv_record.h"

enum {
    LISTS_MAX = 16,  /* brackets open around a record; AWS writes two */
    LOOKAHEAD = 256, /* bytes that must be there to see how a value begins */
    MESSAGE_MAX = 640
};

/* What may come next inside a list. Behind a broken region nothing more is said about commas. */
typedef enum list_state { LIST_BEGINS, AFTER_RECORD, AFTER_COMMA, AFTER_BROKEN } list_state;

struct ct_reader {
    ct_source *source; /* owned */
    ct_buf window;     /* the bytes being looked at */
    size_t pos;        /* the next byte to look at, in window */
    int64_t base;      /* of the window's first byte in the (inflated) file */
    ct_source_status source_status;
    bool no_memory;

    char open[LISTS_MAX]; /* the brackets around the next record: '[' a list of records, '{' an
                             object that holds such a list */
    size_t n_open;
    list_state list;
    bool cut_reported; /* that the file ends early was said already */
    bool begun;        /* the first bytes were looked at */
    bool stamped;      /* a time stands before the next record */
    bool is_csv;

    ct_record record;
    ct_form form;
    int64_t n_records;
    ct_buf inner;       /* the record that stood inside a string */
    ct_buf text;        /* the beginning of a problem's text that is longer than the window */
    int64_t last_fault; /* the furthest */
    int n_retries;      /* faults before it, since then */
    ct_csv_header header;
    ct_csv_row row;
    ct_buf scratch; /* of a row */
    char message[MESSAGE_MAX];
};

/* ---- the window: reader_window.c ----------------------------------------------------------- */

static inline const char *window_at(const ct_reader *r)
{
    return r->window.data + r->pos;
}

static inline size_t window_left(const ct_reader *r)
{
    return r->window.len - r->pos;
}

static inline int64_t offset_of(const ct_reader *r, const char *p)
{
    return r->base + (p - r->window.data);
}

bool ct_reader_fill(ct_reader *r);

/* Tries to have n bytes in the window; fewer are there only at the end of the file. */
static inline void look_ahead(ct_reader *r, size_t n)
{
    while (window_left(r) < n && ct_reader_fill(r))
        ;
}

bool ct_reader_skip_space_slow(ct_reader *r);

/* Moves to the next byte that is no white space; false at the end of the file. */
static inline bool skip_space(ct_reader *r)
{
    if (window_left(r) > 0 && (unsigned char)*window_at(r) > ' ')
        return true;
    return ct_reader_skip_space_slow(r);
}

void ct_reader_skip_byte_order_mark(ct_reader *r);

/* ---- problems: reader_problem.c ------------------------------------------------------------ */

void ct_reader_put_problem(ct_item *item, int64_t number, int64_t offset, const char *message);
void ct_reader_put_text(ct_item *item, const char *p, size_t n);

/* How far the search for the end of a broken region has come. */
typedef struct search {
    size_t i;      /* the byte looked at, in the window */
    int64_t start; /* offset of the region */
    int64_t from;  /* offset from which on a record may begin */
    size_t depth;  /* open brackets, strings left apart: as far as the broken text tells */
    bool in_string;
    char before; /* the byte before i */
    char token;  /* the last byte that is neither white space nor inside a string */
} search;

void ct_reader_stash_text(ct_reader *r, search *f);
void ct_reader_put_region(ct_reader *r, ct_item *item, search *f);
void ct_reader_skip_broken(ct_reader *r, ct_item *item, const char *fault, const char *message);
const char *ct_reader_cut_message(const ct_reader *r, const char *message);
void ct_reader_report_cut(ct_reader *r, ct_item *item, const char *message);

/* ---- JSON: reader_json.c ------------------------------------------------------------------- */

bool ct_reader_open_list(ct_reader *r, const char *brackets);
bool ct_reader_scan_inner(ct_reader *r, const char *p, size_t n, const char **error);
bool ct_reader_take_object(ct_reader *r, ct_item *item);
bool ct_reader_pass_over_field(ct_reader *r, ct_item *item);
bool ct_reader_pass_over_comma(ct_reader *r, ct_item *item);

/* ---- CSV: reader_csv.c --------------------------------------------------------------------- */

bool ct_reader_next_row(ct_reader *r, ct_item *item);

typedef enum csv_verdict { NO_CSV, OTHER_CSV, KNOWN_CSV } csv_verdict;

csv_verdict ct_reader_begin_csv(ct_reader *r, ct_item *item, bool may_be_other);

#endif
