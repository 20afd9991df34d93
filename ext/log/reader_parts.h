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

#include "base/utf16.h"
#include "log/carrier.h"
#include "log/csv_record.h"

enum {
    LISTS_MAX = 16,    /* brackets open around a record; AWS writes two */
    LOOKAHEAD = 256,   /* bytes that must be there to see how a value begins */
    PREFIX_MAX = 4096, /* bytes of text before a record on its line */
    MESSAGE_MAX = 640
};

/* What may come next inside a list. Behind a broken region nothing more is said about commas. */
typedef enum list_state { LIST_BEGINS, AFTER_RECORD, AFTER_COMMA, AFTER_BROKEN } list_state;

/* How often something was met, and where first. */
typedef struct ct_tally {
    int64_t n, offset;
} ct_tally;

static inline void ct_tally_count(ct_tally *tally, int64_t offset)
{
    if (tally->n++ == 0)
        tally->offset = offset;
}

/* What lies between the file's bytes and its text. */
typedef struct ct_layers {
    bool looked;      /* at the first bytes */
    bool has_colours; /* of a terminal: they are taken out */
    ct_utf16 utf16;
    ct_buf half; /* bytes of a character that wait for the others */
    enum { NO_ESCAPE, ESCAPE_BEGINS, ESCAPE_INSIDE } escape;
} ct_layers;

struct ct_reader {
    ct_source *source; /* owned */
    ct_buf window;     /* the bytes being looked at */
    size_t pos;        /* the next byte to look at, in window */
    int64_t base;      /* of the window's first byte in the (inflated) file */
    ct_source_status source_status;
    bool no_memory;

    char open[LISTS_MAX]; /* the brackets around the next record: '[' a list of records, '{' an
                             object that holds such a list, 'c' a carrier too large for the window,
                             every field of which is searched */
    size_t n_open;
    size_t n_walked;             /* of these, the carriers */
    size_t path_lens[LISTS_MAX]; /* of the path to each of them */
    char path[CT_CARRIER_PATH_MAX];
    size_t path_len;
    list_state list;
    bool cut_reported; /* that the file ends early was said already */
    bool begun;        /* the first bytes were looked at */
    bool stamped;      /* a time stands before the next record */
    bool is_csv;
    bool begins_inside; /* the file begins inside a record: its brackets close without a partner */
    int end_step;       /* what of the end was said already */

    ct_carrier carrier;
    bool is_searching; /* the carrier goes on inside the value below */
    const char *value; /* of the window, which does not move meanwhile */
    size_t value_len;
    int64_t n_in_value;                   /* records that were found in it, readable or not */
    int64_t budget_before;                /* of the carrier, when it began with the value */
    bool lacks_time;                      /* it is a record but for its time */
    bool is_carrier_csv;                  /* columns of its rows hold records */
    bool has_no_header;                   /* the first row is one */
    size_t next_field;                    /* of such a row: to be searched next */
    char found_path[CT_CARRIER_PATH_MAX]; /* of the record that was found last */
    int64_t n_ignored;                    /* to be handed out */
    int64_t n_found;                      /* records, readable or not, in all of the file */
    int64_t n_before_walk;                /* of these when the outermost walked carrier began; -1:
                                             that it is broken is said anyway */
    int64_t walked_to;                    /* the furthest fault in a carrier that was walked */
    int n_rewalks;                        /* how often, since it was met */

    ct_layers layers;

    /* What is said once a file, at its end. */
    ct_tally nothing;    /* values in which no record was found */
    ct_buf nothing_text; /* of the first: as much as is kept */
    char nothing_message[MESSAGE_MAX];
    ct_tally cells; /* scalars in lists in lists: of rows */
    ct_tally no_zone, prefixes, other_text, rows, commas;
    ct_buf first_other; /* text: the first line of it */
    int64_t prefix_bytes, other_bytes;

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
void ct_reader_begin_layers(ct_reader *r);
void ct_reader_free_layers(ct_reader *r);

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
    char before;  /* the byte before i */
    char token;   /* the last byte that is neither white space nor inside a string */
    size_t tried; /* bytes that were scanned for a record in vain */
} search;

void ct_reader_stash_text(ct_reader *r, search *f);
void ct_reader_put_region(ct_reader *r, ct_item *item, search *f);
void ct_reader_skip_broken(ct_reader *r, ct_item *item, const char *fault, const char *message);
const char *ct_reader_cut_message(const ct_reader *r, const char *message);
void ct_reader_report_cut(ct_reader *r, ct_item *item, const char *message);

/* ---- carriers: reader_carrier.c ------------------------------------------------------------- */

bool ct_reader_put_record(ct_reader *r, ct_item *item, int64_t offset, const char *p, size_t n,
                          const char *message);
bool ct_reader_search(ct_reader *r, ct_item *item, const char *p, size_t n);
bool ct_reader_search_on(ct_reader *r, ct_item *item);
void ct_reader_note_nothing(ct_reader *r, const char *p, size_t n);
bool ct_reader_take_scalar(ct_reader *r, ct_item *item, bool *is_scalar);
bool ct_reader_take_lake_row(ct_reader *r, ct_item *item, bool *is_row);
bool ct_reader_may_walk_broken(ct_reader *r, const char *fault);
bool ct_reader_enter_walk(ct_reader *r, bool is_broken);
bool ct_reader_walk_field(ct_reader *r, ct_item *item);
void ct_reader_end_walk(ct_reader *r);
bool ct_reader_say_at_end(ct_reader *r, ct_item *item);

/* ---- JSON: reader_json.c ------------------------------------------------------------------- */

bool ct_reader_open_list(ct_reader *r, const char *brackets);
void ct_reader_close_bracket(ct_reader *r);
bool ct_reader_scan_inner(ct_reader *r, const char *p, size_t n, const char **error);
bool ct_reader_take_object(ct_reader *r, ct_item *item);
bool ct_reader_pass_over_field(ct_reader *r, ct_item *item);
bool ct_reader_pass_over_comma(ct_reader *r, ct_item *item);

/* ---- CSV: reader_csv.c --------------------------------------------------------------------- */

bool ct_reader_next_row(ct_reader *r, ct_item *item);

typedef enum csv_verdict { NO_CSV, OTHER_CSV, KNOWN_CSV } csv_verdict;

csv_verdict ct_reader_begin_csv(ct_reader *r, ct_item *item, bool may_be_other);

#endif
