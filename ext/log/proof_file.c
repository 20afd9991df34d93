/* Reading a file for the proof: its hash, and what it says when it is a digest. */
#include "log/proof_parts.h"

#include <string.h>

#include "base/ascii.h"
#include "base/grow.h"
#include "base/mem.h"
#include "base/timestamp.h"

enum {
    PIECE_BYTES = 256 * 1024,
    BLOCK_BYTES = 256 * 1024,    /* of the arena */
    DIGEST_BYTES_MAX = 64 << 20, /* an hour with 100,000 log files has half of that */
    METADATA_BYTES_MAX = 64 * 1024,
    HEAD_BYTES = 4096,   /* in which a digest names itself */
    EMPTY_BYTES_MAX = 64 /* what has more bytes has something in it */
};

void *ct_proof_alloc(ct_proof *proof, size_t n_bytes)
{
    size_t n = (n_bytes + 7) & ~(size_t)7;
    proof_block *block = proof->blocks;
    if (!block || block->capacity - block->len < n) {
        size_t capacity = n > BLOCK_BYTES ? n : BLOCK_BYTES;
        block = ct_malloc(sizeof *block + capacity);
        if (!block) {
            proof->no_memory = true;
            return NULL;
        }
        block->next = proof->blocks;
        block->len = 0;
        block->capacity = capacity;
        proof->blocks = block;
    }
    void *p = block->data + block->len;
    block->len += n;
    return p;
}

ct_span ct_proof_copy(ct_proof *proof, ct_span text)
{
    char *p = ct_proof_alloc(proof, text.n + 1);
    if (!p)
        return (ct_span){"", 0};
    memcpy(p, text.p, text.n);
    p[text.n] = '\0';
    return (ct_span){p, text.n};
}

ct_span ct_proof_object(ct_proof *proof, const proof_file *file)
{
    if (file->is_odd)
        return (ct_span){file->key.p, strlen(file->key.p)}; /* .gz may stand anywhere in it */
    char *p = ct_proof_alloc(proof, file->key.n + sizeof ".gz");
    if (!p)
        return (ct_span){"", 0};
    memcpy(p, file->key.p, file->key.n);
    memcpy(p + file->key.n, ".gz", sizeof ".gz");
    return (ct_span){p, file->key.n + sizeof ".gz" - 1};
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static bool open_file(ct_proof *proof, const char *path, const char **error)
{
    *error = NULL;
    ct_source_status st = proof->source ? ct_source_reopen(proof->source, path, error)
                                        : ct_source_open(path, &proof->source, error);
    if (st == CT_SOURCE_NO_MEMORY)
        proof->no_memory = true;
    if (st == CT_SOURCE_OK)
        ct_source_set_pulse(proof->source, proof->pulse);
    return st == CT_SOURCE_OK;
}

static const char *keep_error(ct_proof *proof, const char *error)
{
    return ct_proof_copy(proof, (ct_span){error, strlen(error)}).p;
}

static bool holds(const char *p, size_t n, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= n; i++)
        if (memcmp(p + i, text, len) == 0)
            return true;
    return false;
}

/* Whether a file can be a digest: by its name, or by how it begins. */
static bool may_be_digest(const proof_file *file, const char *p, size_t n)
{
    return file->name.kind == CT_S3_DIGEST ||
           (file->name.kind == CT_S3_OTHER &&
            holds(p, n < HEAD_BYTES ? n : HEAD_BYTES, "\"digestS3Object\""));
}

/* Whether the few bytes of a file hold no record: white space aside, nothing or an empty list. */
static bool says_nothing(const char *p, size_t n)
{
    static const char *const empty[] = {"", "{}", "[]", "{\"Records\":[]}", "{\"Records\":null}"};
    char text[EMPTY_BYTES_MAX + 1];
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        if (!ct_is_blank(p[i]))
            text[len++] = p[i];
    text[len] = '\0';
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
        if (strcmp(text, empty[i]) == 0)
            return true;
    return false;
}

/* Hashes all of the file, and keeps its text where it may be a digest. */
static void read_file(ct_proof *proof, proof_file *file)
{
    ct_sha256 hash;
    ct_source_status st;
    size_t n_read = 0, n_all = 0, n_kept = 0;
    char first[EMPTY_BYTES_MAX];
    bool is_kept = false;
    ct_buf_clear(&proof->document);
    ct_sha256_begin(&hash);
    while ((st = ct_source_read(proof->source, proof->piece, PIECE_BYTES, &n_read)) ==
           CT_SOURCE_OK) {
        ct_sha256_add(&hash, proof->piece, n_read);
        for (size_t i = 0; i < n_read && n_kept < sizeof first; i++)
            first[n_kept++] = proof->piece[i];
        if (n_all == 0)
            is_kept = may_be_digest(file, proof->piece, n_read);
        n_all += n_read;
        if (is_kept && n_all <= DIGEST_BYTES_MAX)
            ct_buf_put(&proof->document, proof->piece, n_read);
    }
    ct_sha256_end(&hash, file->sha256);
    if (st == CT_SOURCE_BROKEN) {
        const char *error = ct_source_error(proof->source);
        file->is_checksum_wrong = error == ct_gunzip_wrong_checksum;
        file->error = keep_error(proof, error);
    }
    file->is_empty = n_all < sizeof first && says_nothing(first, n_all);
    if (st == CT_SOURCE_NO_MEMORY || !ct_buf_ok(&proof->document))
        proof->no_memory = true;
}

/* ---- digests -------------------------------------------------------------------------------- */

static int64_t ticks_of(ct_span time)
{
    int64_t ticks;
    return ct_time_parse(time.p, time.n, &ticks) ? ticks : 0;
}

static bool add_entries(ct_proof *proof, const proof_digest *digest, const ct_digest *text)
{
    const char *at = NULL;
    ct_digest_entry e;
    while (ct_digest_next(text, &at, &e)) {
        proof_entry *entries = ct_grow(proof->entries, proof->n_entries, &proof->entries_capacity,
                                       256, sizeof *entries);
        if (!entries)
            return false;
        proof->entries = entries;
        proof_entry *entry = &entries[proof->n_entries++];
        entry->object = ct_proof_copy(proof, e.object);
        entry->key = ct_s3_key(entry->object.p, entry->object.n);
        entry->digest = digest;
        entry->has_hash = (e.algorithm.n == 0 || ct_span_is(e.algorithm, "SHA-256")) &&
                          ct_unhex(e.hash.p, e.hash.n, entry->sha256, sizeof entry->sha256);
    }
    return !proof->no_memory;
}

/* Keeps the fields of a digest; the text they stand in goes. */
static void keep_text(ct_proof *proof, proof_digest *digest, const ct_digest *text)
{
    ct_digest *d = &digest->text;
    *d = *text;
    ct_span *const spans[] = {&d->account,         &d->start_time,    &d->end_time,
                              &d->bucket,          &d->object,        &d->fingerprint,
                              &d->previous_object, &d->previous_hash, &d->previous_signature};
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        *spans[i] = ct_proof_copy(proof, *spans[i]);
    d->log_files = (ct_json){0};
}

/* Whether the file bears the name that the digest gives itself. */
static bool has_own_name(const proof_digest *digest)
{
    ct_span own = ct_s3_base(ct_s3_key(digest->text.object.p, digest->text.object.n));
    return own.n == digest->file->base.n && memcmp(own.p, digest->file->base.p, own.n) == 0;
}

/* What chain a digest is of: by the file's name, else by the one that it gives itself. */
static void place_digest(ct_proof *proof, proof_digest *digest)
{
    const ct_span none = {"", 0};
    bool has_name = digest->file->name.kind == CT_S3_DIGEST;
    digest->object = digest->is_read && (!has_name || has_own_name(digest))
                         ? digest->text.object
                         : ct_proof_object(proof, digest->file);
    digest->key = ct_s3_key(digest->object.p, digest->object.n);
    ct_s3_name name = ct_s3_parse(digest->object.p, digest->object.n);
    bool is_known = name.kind == CT_S3_DIGEST;
    digest->account = is_known ? name.account : digest->text.account;
    digest->region = is_known ? name.region : none;
    digest->trail = is_known ? name.trail : none;
    digest->is_backfill = is_known && name.is_backfill;
    if (digest->end == 0 && is_known)
        digest->end = name.ticks;
}

static bool add_digest(ct_proof *proof, proof_file *file)
{
    ct_digest text = {0};
    bool is_read = proof->document.len > 0 && proof->document.len <= DIGEST_BYTES_MAX &&
                   ct_digest_parse(proof->document.data, proof->document.len, &text);
    if (!is_read && file->name.kind != CT_S3_DIGEST)
        return true;
    proof_digest_ref *digests =
        ct_grow(proof->digests, proof->n_digests, &proof->digests_capacity, 64, sizeof *digests);
    proof_digest *digest = ct_proof_alloc(proof, sizeof *digest);
    if (digests)
        proof->digests = digests;
    if (!digests || !digest)
        return false;
    *digest = (proof_digest){.file = file, .is_read = is_read, .state = CT_PROOF_GOOD};
    if (is_read) {
        keep_text(proof, digest, &text);
        digest->start = ticks_of(text.start_time);
        digest->end = ticks_of(text.end_time);
    } else {
        const ct_span none = {"", 0};
        digest->text = (ct_digest){none, none, none, none, none, none, none, none, none, {0}};
    }
    file->digest = digest;
    digests[proof->n_digests++].p = digest;
    place_digest(proof, digest);
    return !is_read || add_entries(proof, digest, &text);
}

/* ---- files ---------------------------------------------------------------------------------- */

static bool ends_with(const char *path, size_t n, const char *end)
{
    size_t len = strlen(end);
    return n >= len && memcmp(path + n - len, end, len) == 0;
}

/* What the name says; also where a log file's has lost or gained an ending: X.json.gz.1, X.txt. */
static void read_name(ct_proof *proof, proof_file *file, size_t n)
{
    static const char json[] = ".json";
    file->name = ct_s3_parse(file->path, n);
    if (file->name.kind != CT_S3_OTHER || file->base.n == 0)
        return;
    const char *base = file->base.p, *end = strstr(base, json);
    size_t n_base = end ? (size_t)(end - base) : strlen(base);
    char *whole = ct_proof_alloc(proof, n_base + sizeof json);
    if (!whole)
        return;
    memcpy(whole, base, n_base);
    memcpy(whole + n_base, json, sizeof json);
    ct_s3_name name = ct_s3_parse(whole, n_base + sizeof json - 1);
    file->is_odd = name.kind == CT_S3_LOG;
    if (file->is_odd)
        file->name = name;
}

/* Whether it is read with its digest. */
static bool is_metadata(const char *path, size_t n)
{
    static const char end[] = ".metadata.json";
    return ends_with(path, n, end) && ct_s3_parse(path, n - (sizeof end - 1)).kind == CT_S3_DIGEST;
}

bool ct_proof_add(ct_proof *proof, const char *path, const char *error)
{
    size_t n = strlen(path);
    if (is_metadata(path, n))
        return true;
    proof_file_ref *files =
        ct_grow(proof->files, proof->n_files, &proof->files_capacity, 256, sizeof *files);
    if (files)
        proof->files = files;
    proof_file *file = ct_proof_alloc(proof, sizeof *file);
    ct_span copy = ct_proof_copy(proof, (ct_span){path, n});
    if (!files || proof->no_memory)
        return false;
    *file = (proof_file){.path = copy.p, .key = ct_s3_key(copy.p, n)};
    file->base = ct_s3_base(file->key);
    read_name(proof, file, n);
    files[proof->n_files++].p = file;
    if (!proof->piece)
        proof->piece = ct_malloc(PIECE_BYTES);
    if (!proof->piece)
        return false;
    ct_buf_clear(&proof->document);
    if (!error && open_file(proof, path, &error))
        read_file(proof, file);
    else if (error)
        file->error = keep_error(proof, error);
    return !proof->no_memory && add_digest(proof, file) && !proof->no_memory;
}

ct_span ct_proof_metadata_signature(ct_proof *proof, const char *path)
{
    const char *error;
    ct_span signature = {"", 0};
    ct_buf name = CT_BUF_EMPTY;
    ct_buf_put_text(&name, path);
    ct_buf_put(&name, ".metadata.json", sizeof ".metadata.json");
    ct_buf_clear(&proof->document);
    if (!ct_buf_ok(&name)) {
        proof->no_memory = true;
    } else if (open_file(proof, name.data, &error)) {
        size_t n_read = 0;
        while (proof->document.len < METADATA_BYTES_MAX &&
               ct_source_read(proof->source, proof->piece, PIECE_BYTES, &n_read) == CT_SOURCE_OK)
            ct_buf_put(&proof->document, proof->piece, n_read);
        proof->no_memory = proof->no_memory || !ct_buf_ok(&proof->document);
        if (!proof->no_memory && proof->document.len > 0)
            signature =
                ct_json_field(proof->document.data, proof->document.len, "Metadata", "signature");
        signature = ct_proof_copy(proof, signature);
    }
    ct_buf_free(&name);
    return signature;
}
