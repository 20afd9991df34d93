/*
 * proof_parts: what proof.c, proof_file.c and proof_log.c share.
 */
#ifndef CT_PROOF_PARTS_H
#define CT_PROOF_PARTS_H

#include <string.h>

#include "log/digest.h"
#include "log/proof.h"
#include "log/s3_name.h"
#include "log/source.h"

typedef struct proof_region proof_region;
typedef struct proof_digest proof_digest;
typedef struct proof_entry proof_entry;

/* A file that was handed over. Texts are the arena's. */
typedef struct proof_file {
    const char *path;
    ct_span key, base; /* in path; without .gz */
    ct_s3_name name;
    unsigned char sha256[CT_SHA256_BYTES];
    const char *error;           /* why not all of it could be read; NULL */
    bool is_checksum_wrong;      /* the error is that: all bytes are there, and not as they were */
    bool is_empty;               /* no record is left in it */
    bool is_odd;                 /* only the beginning of its name is that of a log file */
    bool is_named;               /* it was held against what a digest says of it */
    proof_digest *digest;        /* NULL: it is none */
    const proof_entry *namesake; /* has its name; another file lies where that one should; NULL */
} proof_file;

/* A log file that a digest names. */
struct proof_entry {
    ct_span object, key; /* key: without prefix and .gz */
    const proof_digest *digest;
    unsigned char sha256[CT_SHA256_BYTES];
    bool has_hash;
};

struct proof_digest {
    proof_file *file;
    ct_digest text; /* its spans are the arena's; log_files is not kept */
    bool is_read;   /* it is a digest, and text holds what it says */
    ct_span object, key, account, region, trail;
    bool is_backfill;
    int64_t start, end;           /* ticks; 0: not known */
    const proof_digest *copy_of;  /* another file says the same; NULL */
    const proof_digest *follower; /* which names this one as the one before it */
    bool has_twin;                /* another file of this key says something else */
    bool is_outdone;              /* and that one is to be believed */
    bool follows_proven;          /* it goes on where a digest ends that is good */
    ct_proof_state state;
    const char *detail;
};

/* Of arrays that are sorted. */
typedef struct proof_file_ref {
    proof_file *p;
} proof_file_ref;

typedef struct proof_digest_ref {
    proof_digest *p;
} proof_digest_ref;

typedef struct proof_entry_ref {
    const proof_entry *p;
} proof_entry_ref;

typedef struct proof_block {
    struct proof_block *next;
    size_t len, capacity;
    char data[];
} proof_block;

/* A stretch of time in which every digest is there. */
typedef struct proof_run {
    int64_t start, end;
} proof_run;

/* Stretches of digests as they are; and of those alone whose signature was found right. */
typedef enum proof_worth { PROOF_THERE, PROOF_SIGNED, PROOF_N_WORTHS } proof_worth;

typedef struct proof_runs {
    proof_run *p;
    size_t n, capacity;
} proof_runs;

struct proof_region {
    ct_span account, region;
    bool has_digest;            /* of either kind */
    const proof_digest *newest; /* ordinary digest; NULL: none */
    const proof_digest *oldest;
    int64_t newest_log;    /* that no digest names; ticks, 0: none */
    const proof_file *log; /* one of the kind CloudTrail; NULL */
    struct {
        size_t first, n;
    } runs[PROOF_N_WORTHS]; /* of the proof's */
};

struct ct_proof {
    ct_public_keys *keys;  /* borrowed; NULL */
    const ct_pulse *pulse; /* borrowed; NULL */
    proof_block *blocks;   /* owned: the arena of all texts, files and digests */
    bool no_memory;
    ct_source *source; /* owned; reads one file after another */
    char *piece;       /* owned */
    ct_buf document;   /* of a digest, while it is read */

    proof_file_ref *files; /* the array owned, in the order of their base names once sorted */
    size_t n_files, files_capacity;
    proof_digest_ref *digests; /* by chain and time */
    proof_digest_ref *by_key;  /* the same by key */
    size_t n_digests, digests_capacity;
    proof_entry *entries;
    size_t n_entries, entries_capacity;
    proof_entry_ref *by_hash; /* those that have one; made when first asked for */
    size_t n_by_hash;
    proof_region *regions;
    size_t n_regions, regions_capacity;
    proof_runs runs[PROOF_N_WORTHS]; /* in the order of the regions */
    ct_proof_row *rows;
    size_t n_rows, rows_capacity;
    ct_proof_gap *gaps;
    size_t n_gaps, gaps_capacity;
    size_t n_logs, n_other;
};

static inline int ct_proof_compare(ct_span a, ct_span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* Room in the arena, where things stay until the proof is freed; NULL and no_memory without. */
void *ct_proof_alloc(ct_proof *proof, size_t n_bytes);
ct_span ct_proof_copy(ct_proof *proof, ct_span text); /* NUL-terminated behind its length */

/* A text in the arena, cut at some length. */
__attribute__((format(printf, 2, 3))) const char *ct_proof_say(ct_proof *proof, const char *format,
                                                               ...);

/* A file's path, or its end. */
const char *ct_proof_show_path(const proof_file *file);

void ct_proof_add_row(ct_proof *proof, ct_span object, ct_span account, ct_span region,
                      ct_proof_state state, const char *detail);

/* NULL where there is none. Of a log file that is there, there is one. */
proof_region *ct_proof_find_region(const ct_proof *proof, ct_span account, ct_span region);

/* By name; before all that follows. */
void ct_proof_order_files(ct_proof *proof);

/* A row for every log file, once the digests are judged. */
void ct_proof_judge_logs(ct_proof *proof);

/* The key that a file had in the bucket, as far as its path shows it. */
ct_span ct_proof_object(ct_proof *proof, const proof_file *file);

/* Reads what stands in `path`.metadata.json as `aws s3api head-object` prints it: the signature of
 * a digest. Empty when there is none. */
ct_span ct_proof_metadata_signature(ct_proof *proof, const char *path);

#endif
