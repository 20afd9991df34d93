/*
 * json: a strict scanner for JSON text (RFC 8259), one pass, no tree.
 *
 * A scanner stands on bytes and moves over whole values; what it gives back are spans of those
 * bytes. It accepts exactly the grammar of the RFC, with two remarks. Bytes that are not UTF-8 are
 * accepted inside strings, where they are flagged and become U+FFFD when the string is decoded:
 * one bad byte must not hide a record. And a value nests at most CT_JSON_MAX_DEPTH deep: SQLite's
 * JSON functions, which will read the text next, end at 1,000, counting what stands around it.
 *
 * The text may be the beginning of something longer. A scanner that comes to the end of its bytes
 * while all before was well-formed says CT_JSON_INCOMPLETE, and the caller tries again with more.
 *
 * Memory: none is allocated by scanning. Threads: a scanner belongs to one thread at a time.
 */
#ifndef CT_JSON_H
#define CT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { CT_JSON_MAX_DEPTH = 990 };

typedef enum ct_json_kind {
    CT_JSON_NONE, /* no value: what a zeroed ct_json is */
    CT_JSON_NULL,
    CT_JSON_FALSE,
    CT_JSON_TRUE,
    CT_JSON_NUMBER,
    CT_JSON_STRING,
    CT_JSON_ARRAY,
    CT_JSON_OBJECT
} ct_json_kind;

enum {
    CT_JSON_ESCAPED = 1, /* a backslash stands in it */
    CT_JSON_8BIT = 2,    /* a byte above 127 stands in it */
    CT_JSON_SPACED = 4   /* white space stands between its tokens */
};

/* A value as it stands in the text, quotes or brackets included. */
typedef struct ct_json {
    const char *p; /* borrowed: the caller's bytes */
    size_t len;
    unsigned char kind;  /* ct_json_kind */
    unsigned char flags; /* CT_JSON_ESCAPED and the others; of an array or object: of all in it */
} ct_json;

typedef enum ct_json_status { CT_JSON_OK, CT_JSON_INCOMPLETE, CT_JSON_INVALID } ct_json_status;

typedef struct ct_json_scanner {
    const char *p;     /* the next byte; after CT_JSON_INVALID the byte that is wrong */
    const char *end;   /* behind the last byte */
    const char *error; /* after CT_JSON_INVALID what is wrong: constant text, lower case */
    unsigned flags;    /* gathered since the caller last cleared them */
} ct_json_scanner;

/* Of no bytes at all p may be NULL. */
static inline ct_json_scanner ct_json_scan(const char *p, size_t n)
{
    const char *start = p ? p : "";
    return (ct_json_scanner){.p = start, .end = start + n, .error = NULL, .flags = 0};
}

/* Moves over white space. False at the end of the bytes. */
bool ct_json_space(ct_json_scanner *s);

/* Moves over the value that begins at s->p (no white space before it). A number that touches the
 * end of the bytes counts as complete. */
ct_json_status ct_json_value(ct_json_scanner *s, ct_json *value);

/* The same where only a string may stand: a key. */
ct_json_status ct_json_string(ct_json_scanner *s, ct_json *value);

/*
 * Walking an object or an array, member by member. Enter at its bracket, then call next until it
 * says that the end was reached (*more false; the scanner then stands behind the bracket).
 * `bracket` is the opening one for enter, the closing one for next.
 *
 *     ct_json_status st = ct_json_enter(&s, '{', &more);
 *     while (st == CT_JSON_OK && more) {
 *         st = ct_json_key(&s, &key);           // objects only
 *         if (st == CT_JSON_OK) st = ct_json_value(&s, &value);
 *         if (st == CT_JSON_OK) st = ct_json_next(&s, '}', &more);
 *     }
 */
ct_json_status ct_json_enter(ct_json_scanner *s, char bracket, bool *more);
ct_json_status ct_json_key(ct_json_scanner *s, ct_json *key); /* the colon is passed, too */
ct_json_status ct_json_next(ct_json_scanner *s, char bracket, bool *more);

/*
 * The same for a value that was scanned before; where one was not, a fault ends the walk.
 *
 *     for (ct_json_walk w = ct_json_walk_into(&object); ct_json_walk_on(&w, &key, &value);)
 */
typedef struct ct_json_walk {
    ct_json_scanner s; /* behind the last member; at the end behind the bracket */
    ct_json_status status;
    char closing; /* bracket */
    bool begun;
} ct_json_walk;

ct_json_walk ct_json_walk_into(const ct_json *value); /* an object or an array */

/* The next member; *key is only written inside an object. False behind the last, and where the
 * status is not CT_JSON_OK. */
bool ct_json_walk_on(ct_json_walk *walk, ct_json *key, ct_json *value);

/* The first member of that name (ASCII); false when the object has none. */
bool ct_json_find(const ct_json *object, const char *name, ct_json *value);

/* The first byte from p on that a string cannot just run over: a quote, a backslash or a control
 * character; end when there is none. *flags gets CT_JSON_8BIT when a byte before it is above 127.
 */
const char *ct_json_plain_run(const char *p, const char *end, unsigned *flags);

/* True when the whole text is one valid value, with or without white space around it. */
bool ct_json_valid(const char *p, size_t n);

/*
 * Appends what a string value says, as UTF-8. U+0000, a lone surrogate and ill-formed UTF-8, which
 * SQLite text cannot hold, become U+FFFD; the result says whether any did.
 */
bool ct_json_decode(const ct_json *string, ct_buf *out);

/* Whether decoding the string would replace anything. */
bool ct_json_is_lossy(const ct_json *string);

/* Appends a value without the white space between its tokens; ill-formed UTF-8 becomes U+FFFD.
 * Key order, number spelling and escapes stay. */
void ct_json_minify(const ct_json *value, ct_buf *out);

/* Whether a string value says exactly this text, which must be ASCII. */
bool ct_json_says(const ct_json *string, const char *text, size_t n);

#endif
