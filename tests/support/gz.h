/*
 * gz: gzip members put together byte by byte (RFC 1952), so that a test decides what stands in
 * them.
 */
#ifndef CT_GZ_H
#define CT_GZ_H

#include <stddef.h>

#include "base/buf.h"

/* Fields of a member's header, after RFC 1952; their contents are fixed but for the extra field. */
enum { GZ_FHCRC = 2, GZ_FEXTRA = 4, GZ_FNAME = 8, GZ_FCOMMENT = 16 };

/* Appends a member that holds p, deflated. */
void gz_put(ct_buf *out, const char *p, size_t n);

/* The same with header fields; n_extra bytes stand in the extra field. */
void gz_put_header_fields(ct_buf *out, const char *p, size_t n, int fields, size_t n_extra);

/* Appends a member of one stored block (n < 65,536): each byte of p is one byte of the member, from
 * its fifteenth on. */
void gz_put_stored(ct_buf *out, const char *p, size_t n);

#endif
