/*
 * What the files show together: chains of digests, and regions. Log files are judged in proof_log.c.
 *
 * A digest is held up by its follower, which names it with its hash and signature; a log file by
 * the digests that name it. So the newest digest of a chain, and what it alone names, is unproven.
 */
#include "log/proof_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/mem.h"
#include "base/timestamp.h"

#define HOUR (INT64_C(3600) * CT_TICKS_PER_SECOND)

enum {
    ABSENT_ROWS_MAX = 1000, /* of a stretch without digests each hour is a row, up to here */
    DETAIL_MAX = 1000,
    PATH_MAX_SHOWN = 500
};

const char *ct_proof_state_name(ct_proof_state state)
{
    static const char *const names[CT_PROOF_N_STATES] = {
        [CT_PROOF_GOOD] = "good",
        [CT_PROOF_UNPROVEN] = "unproven",
        [CT_PROOF_NOT_COVERED] = "not covered",
        [CT_PROOF_GAP] = "gap",
        [CT_PROOF_MISSING] = "missing",
        [CT_PROOF_EMPTIED] = "emptied",
        [CT_PROOF_ALTERED] = "altered",
        [CT_PROOF_UNREADABLE] = "unreadable",
        [CT_PROOF_UNLISTED] = "unlisted",
        [CT_PROOF_DIGEST_MISSING] = "digest missing",
        [CT_PROOF_DIGEST_ALTERED] = "digest altered",
        [CT_PROOF_SIGNATURE_WRONG] = "signature wrong",
        [CT_PROOF_NO_KEY] = "no key",
        [CT_PROOF_DIGESTS_END] = "digests end",
        [CT_PROOF_NO_DIGEST] = "no digest",
    };
    return names[state];
}

/* ---- small things --------------------------------------------------------------------------- */

const char *ct_proof_say(ct_proof *proof, const char *format, ...)
{
    char text[DETAIL_MAX];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    return ct_proof_copy(proof, (ct_span){text, len}).p;
}

const char *ct_proof_show_path(const proof_file *file)
{
    size_t n = strlen(file->path);
    return file->path + (n > PATH_MAX_SHOWN ? n - PATH_MAX_SHOWN : 0);
}

typedef char time_text[CT_TIME_TEXT_MAX + 1];

static const char *show_time(int64_t ticks, time_text out)
{
    bool is_known = ticks > 0;
    out[is_known ? ct_time_format(ticks, out) : 0] = '\0';
    return is_known ? out : "an unknown time";
}

void ct_proof_add_row(ct_proof *proof, ct_span object, ct_span account, ct_span region,
                      ct_proof_state state, const char *detail)
{
    ct_proof_row *rows =
        ct_grow(proof->rows, proof->n_rows, &proof->rows_capacity, 256, sizeof *rows);
    if (!rows) {
        proof->no_memory = true;
        return;
    }
    proof->rows = rows;
    rows[proof->n_rows++] = (ct_proof_row){object, account, region, state, detail};
}

/* ---- digests: order and followers ----------------------------------------------------------- */

static int compare_chains(const proof_digest *a, const proof_digest *b)
{
    int order = ct_proof_compare(a->account, b->account);
    if (order == 0)
        order = ct_proof_compare(a->region, b->region);
    if (order == 0)
        order = ct_proof_compare(a->trail, b->trail);
    return order ? order : a->is_backfill - b->is_backfill;
}

static int compare_digests(const void *left, const void *right)
{
    const proof_digest *a = ((const proof_digest_ref *)left)->p,
                       *b = ((const proof_digest_ref *)right)->p;
    int order = compare_chains(a, b);
    if (order == 0)
        order = (a->end > b->end) - (a->end < b->end);
    return order ? order : ct_proof_compare(a->key, b->key);
}

static int compare_keys(const void *left, const void *right)
{
    const proof_digest *a = ((const proof_digest_ref *)left)->p,
                       *b = ((const proof_digest_ref *)right)->p;
    int order = ct_proof_compare(a->key, b->key);
    return order ? order : strcmp(a->file->path, b->file->path);
}

/* Of copies of one digest that say the same, one is kept; what the others name is named by it. */
static void drop_copies(ct_proof *proof)
{
    size_t n = 0;
    for (size_t i = 0; i < proof->n_digests; i++) {
        proof_digest *d = proof->digests[i].p;
        const proof_digest *before = n > 0 ? proof->digests[n - 1].p : NULL;
        d->copy_of = before;
        if (!before || !ct_span_equal(before->key, d->key) ||
            memcmp(before->file->sha256, d->file->sha256, CT_SHA256_BYTES) != 0) {
            d->copy_of = NULL;
            proof->digests[n++].p = d;
        }
    }
    proof->n_digests = n;
}

/* The digests of a key, in by_key; *n gets how many there are: more than one where they differ. */
static proof_digest_ref *find_digests(const ct_proof *proof, ct_span object, size_t *n)
{
    ct_span key = ct_s3_key(object.p, object.n);
    size_t low = 0, high = proof->n_digests;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ct_proof_compare(proof->by_key[middle].p->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (*n = 0; low + *n < proof->n_digests && ct_span_equal(proof->by_key[low + *n].p->key, key);)
        ++*n;
    return proof->by_key + low;
}

static proof_digest *find_digest(const ct_proof *proof, ct_span object)
{
    size_t n;
    proof_digest_ref *found = find_digests(proof, object, &n);
    return n > 0 ? found->p : NULL;
}

static bool order_digests(ct_proof *proof)
{
    if (proof->n_digests == 0)
        return true;
    qsort(proof->digests, proof->n_digests, sizeof *proof->digests, compare_digests);
    drop_copies(proof);
    proof->by_key = ct_malloc(proof->n_digests * sizeof *proof->by_key);
    if (!proof->by_key)
        return false;
    memcpy(proof->by_key, proof->digests, proof->n_digests * sizeof *proof->by_key);
    qsort(proof->by_key, proof->n_digests, sizeof *proof->by_key, compare_keys);
    for (size_t i = 0; i < proof->n_digests; i++) {
        const proof_digest *d = proof->digests[i].p;
        if (d->text.previous_object.n == 0)
            continue;
        size_t n;
        proof_digest_ref *before = find_digests(proof, d->text.previous_object, &n);
        for (size_t k = 0; k < n; k++)
            if (before[k].p != d && !before[k].p->follower)
                before[k].p->follower = d;
    }
    for (size_t i = 0; i + 1 < proof->n_digests; i++)
        if (ct_span_equal(proof->by_key[i].p->key, proof->by_key[i + 1].p->key))
            proof->by_key[i].p->has_twin = proof->by_key[i + 1].p->has_twin = true;
    return true;
}

/* ---- digests: one by one -------------------------------------------------------------------- */

/* What CloudTrail signs of a digest, hashed. */
static void hash_signed_text(const proof_digest *d, unsigned char sha256[CT_SHA256_BYTES])
{
    static const ct_span null = {"null", 4};
    char hex[CT_SHA256_HEX];
    ct_span before = d->text.previous_signature.n > 0 ? d->text.previous_signature : null;
    ct_sha256 hash;
    ct_hex(d->file->sha256, CT_SHA256_BYTES, hex);
    ct_sha256_begin(&hash);
    ct_sha256_add(&hash, d->text.end_time.p, d->text.end_time.n);
    ct_sha256_add(&hash, "\n", 1);
    ct_sha256_add(&hash, d->text.bucket.p, d->text.bucket.n);
    ct_sha256_add(&hash, "/", 1);
    ct_sha256_add(&hash, d->text.object.p, d->text.object.n);
    ct_sha256_add(&hash, "\n", 1);
    ct_sha256_add(&hash, hex, sizeof hex);
    ct_sha256_add(&hash, "\n", 1);
    ct_sha256_add(&hash, before.p, before.n);
    ct_sha256_end(&hash, sha256);
}

/* The signature that is known of a digest: its follower holds it, else S3's metadata. */
static ct_span signature_of(ct_proof *proof, const proof_digest *d)
{
    if (d->follower)
        return d->follower->text.previous_signature;
    ct_span signature = ct_proof_metadata_signature(proof, d->file->path);
    size_t n = strlen(d->file->path);
    if (signature.n == 0 && (n < 3 || strcmp(d->file->path + n - 3, ".gz") != 0))
        signature = ct_proof_metadata_signature(proof, ct_proof_say(proof, "%s.gz", d->file->path));
    return signature;
}

static void set_state(proof_digest *d, ct_proof_state state, const char *detail)
{
    d->state = state;
    d->detail = detail;
}

static void set_no_key(ct_proof *proof, proof_digest *d)
{
    ct_span fingerprint = d->text.fingerprint;
    set_state(d, CT_PROOF_NO_KEY,
              fingerprint.n > 0
                  ? ct_proof_say(proof, "no key with the fingerprint %.64s", fingerprint.p)
                  : "it does not say by which key it is signed");
}

/* Checks a signature that is known, by the keys that were given. */
static void check_signature(ct_proof *proof, proof_digest *d, ct_span signature)
{
    unsigned char sha256[CT_SHA256_BYTES];
    hash_signed_text(d, sha256);
    switch (ct_public_keys_verify(proof->keys, d->text.fingerprint, sha256, signature)) {
    case CT_SIGNATURE_GOOD:
        set_state(d, CT_PROOF_GOOD, NULL);
        break;
    case CT_SIGNATURE_WRONG:
        set_state(d, CT_PROOF_SIGNATURE_WRONG,
                  d->follower ? "the signature that its follower holds is not of this digest"
                              : "the signature in its metadata is not of this digest");
        break;
    case CT_SIGNATURE_NO_KEY:
        set_no_key(proof, d);
        break;
    }
}

/* Whether the hash that the follower holds is another one. */
static bool differs_from_follower(const proof_digest *d)
{
    unsigned char expected[CT_SHA256_BYTES];
    ct_span hash = d->follower->text.previous_hash;
    return !ct_unhex(hash.p, hash.n, expected, sizeof expected) ||
           memcmp(expected, d->file->sha256, sizeof expected) != 0;
}

/* What the keys say of a digest whose content is not in doubt. */
static void check_by_keys(ct_proof *proof, proof_digest *d)
{
    ct_span signature = signature_of(proof, d);
    if (d->follower && d->follower->text.previous_signature.n == 0)
        set_state(d, CT_PROOF_SIGNATURE_WRONG,
                  "its follower names it without its signature: that was stripped");
    else if (signature.n > 0)
        check_signature(proof, d, signature);
    else if (!ct_public_keys_has(proof->keys, d->text.fingerprint))
        set_no_key(proof, d);
    else
        set_state(d, CT_PROOF_UNPROVEN, "no digest follows it, and its metadata is not there");
}

static void check_digest(ct_proof *proof, proof_digest *d)
{
    const char *error = d->file->error;
    if (d->follower && differs_from_follower(d))
        set_state(d, CT_PROOF_DIGEST_ALTERED,
                  error ? ct_proof_say(proof, "it cannot be read: %s", error)
                        : "its follower has another hash of it");
    else if (error || !d->is_read)
        set_state(
            d, CT_PROOF_DIGEST_ALTERED,
            ct_proof_say(proof, "it cannot be read: %s", error ? error : "no digest stands in it"));
    else if (!ct_span_equal(ct_s3_key(d->text.object.p, d->text.object.n), d->key))
        set_state(d, CT_PROOF_DIGEST_ALTERED,
                  ct_proof_say(proof, "it says to be another one: %.300s", d->text.object.p));
    else if (proof->keys)
        check_by_keys(proof, d);
    else if (!d->follower)
        set_state(d, CT_PROOF_UNPROVEN, "no digest follows it");
    if (d->has_twin && d->state > CT_PROOF_UNPROVEN)
        d->detail = ct_proof_say(proof, "%s: %s", ct_proof_show_path(d->file), d->detail);
}

/* The n digests of one key: the best of them is believed, and none where nothing tells which. */
static void judge_twins(ct_proof *proof, proof_digest_ref *twins, size_t n)
{
    size_t best = 0, n_unproven = 0;
    for (size_t i = 0; i < n; i++) {
        n_unproven += twins[i].p->state == CT_PROOF_UNPROVEN;
        if (twins[i].p->state < twins[best].p->state)
            best = i;
    }
    bool is_open = twins[best].p->state == CT_PROOF_UNPROVEN && n_unproven > 1;
    for (size_t i = 0; i < n; i++) {
        proof_digest *d = twins[i].p;
        d->is_outdone = i != best;
        if (is_open && d->state == CT_PROOF_UNPROVEN)
            set_state(d, CT_PROOF_DIGEST_ALTERED,
                      ct_proof_say(proof,
                                   "copies of it differ, and nothing tells which is right: %s",
                                   ct_proof_show_path(d->file)));
    }
}

static void check_digests(ct_proof *proof)
{
    for (size_t i = 0; i < proof->n_digests && !proof->no_memory; i++)
        check_digest(proof, proof->digests[i].p);
    for (size_t i = 0, n; i < proof->n_digests && !proof->no_memory; i += n) {
        n = 1;
        while (i + n < proof->n_digests &&
               ct_span_equal(proof->by_key[i].p->key, proof->by_key[i + n].p->key))
            n++;
        if (n > 1)
            judge_twins(proof, proof->by_key + i, n);
    }
}

/* ---- digests: along a chain ----------------------------------------------------------------- */

proof_region *ct_proof_find_region(const ct_proof *proof, ct_span account, ct_span region)
{
    size_t low = 0, high = proof->n_regions;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        proof_region *r = &proof->regions[middle];
        int order = ct_proof_compare(r->account, account);
        if (order == 0)
            order = ct_proof_compare(r->region, region);
        if (order == 0)
            return r;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void add_gap(ct_proof *proof, const proof_digest *before, const proof_digest *d)
{
    time_text from, to;
    ct_proof_gap *gaps =
        ct_grow(proof->gaps, proof->n_gaps, &proof->gaps_capacity, 16, sizeof *gaps);
    if (!gaps) {
        proof->no_memory = true;
        return;
    }
    proof->gaps = gaps;
    bool is_anew = d->start <= before->end;
    const char *end = ct_proof_say(proof, "%s", show_time(d->start, to));
    const char *start = is_anew ? end : ct_proof_say(proof, "%s", show_time(before->end, from));
    const char *detail =
        is_anew ? ct_proof_say(proof,
                               "the chain begins anew at %s though digests run on: validation was "
                               "begun again, or digests were rewritten",
                               end)
                : ct_proof_say(proof, "no digests from %s to %s: logging or validation was off",
                               start, end);
    gaps[proof->n_gaps++] =
        (ct_proof_gap){d->account, d->region, d->trail, start, end, is_anew ? detail : NULL};
    ct_proof_add_row(proof, d->object, d->account, d->region, CT_PROOF_GAP, detail);
}

/* The key of the digest of another hour of the chain: the name's time is that of the hour's end. */
static ct_span key_of_hour(ct_proof *proof, const proof_digest *d, int64_t end)
{
    static const char form[] = "20251014T140512Z";
    time_text time;
    char digits[sizeof form];
    size_t n = 0;
    size_t n_time = ct_time_format(end - end % CT_TICKS_PER_SECOND, time);
    for (size_t i = 0; i < n_time && n < sizeof form - 1; i++)
        if (time[i] != '-' && time[i] != ':')
            digits[n++] = time[i];
    digits[n] = '\0';
    ct_span base = ct_s3_base(d->object);
    const char *mark = d->trail.n > 0 ? strstr(base.p, d->trail.p) : NULL;
    size_t n_before = mark ? (size_t)(mark - base.p) + d->trail.n : base.n;
    /* The day's folders, where the key has them: .../2025/10/14/. */
    ct_span folder = {d->object.p, (size_t)(base.p - d->object.p)};
    const size_t n_day = sizeof "2025/10/14/" - 1;
    bool has_day = folder.n > n_day && folder.p[folder.n - n_day - 1] == '/';
    const char *day =
        has_day ? ct_proof_say(proof, "%.4s/%.2s/%.2s/", digits, digits + 4, digits + 6) : "";
    const char *key =
        ct_proof_say(proof, "%.*s%s%.*s_%s.json.gz", (int)(folder.n - (has_day ? n_day : 0)),
                     folder.p, day, (int)n_before, base.p, digits);
    return (ct_span){key, strlen(key)};
}

/* The hours between two digests that neither is there nor named. */
static void add_absent(ct_proof *proof, const proof_digest *d, int64_t from, int64_t to)
{
    time_text a, b;
    int64_t n = (to - from + HOUR / 2) / HOUR;
    for (int64_t i = 0; i < n && i < ABSENT_ROWS_MAX && !proof->no_memory; i++) {
        int64_t end = to - i * HOUR;
        bool is_last = i == ABSENT_ROWS_MAX - 1 || i == n - 1;
        const char *detail = ct_proof_say(
            proof, "absent between two that are there: %s to %s (named after its hour)",
            show_time(is_last ? from : end - HOUR, a), show_time(end, b));
        ct_proof_add_row(proof, key_of_hour(proof, d, end), d->account, d->region,
                         CT_PROOF_DIGEST_MISSING, detail);
    }
}

/* The digest before `d`, which d names, is not there; `before` is the newest older one of the
 * chain, NULL where there is none. */
static void add_missing(ct_proof *proof, const proof_digest *d, const proof_digest *before)
{
    time_text a, b;
    ct_span object = d->text.previous_object;
    ct_s3_name name = ct_s3_parse(object.p, object.n);
    int64_t end = name.kind == CT_S3_DIGEST ? name.ticks : d->start;
    if (before && !d->is_backfill)
        add_absent(proof, d, before->end, end - HOUR);
    const char *detail =
        before && before->end >= d->start ? "named by its follower; another digest has its hour"
        : before
            ? ct_proof_say(proof, "named by its follower; digests are gone from %s to %s",
                           show_time(before->end, a), show_time(d->start, b))
            : ct_proof_say(proof,
                           "named by the oldest digest here, which begins at %s: it and all before "
                           "it are gone, or were not handed over",
                           show_time(d->start, a));
    ct_proof_add_row(proof, object, d->account, d->region, CT_PROOF_DIGEST_MISSING, detail);
}

static void add_run(ct_proof *proof, proof_worth worth, const proof_digest *d, bool goes_on)
{
    proof_runs *runs = &proof->runs[worth];
    if (goes_on && runs->n > 0) {
        runs->p[runs->n - 1].end = d->end;
        return;
    }
    proof_run *grown = ct_grow(runs->p, runs->n, &runs->capacity, 64, sizeof *grown);
    if (!grown) {
        proof->no_memory = true;
        return;
    }
    runs->p = grown;
    proof_region *region = ct_proof_find_region(proof, d->account, d->region);
    if (region->runs[worth].n == 0)
        region->runs[worth].first = runs->n;
    region->runs[worth].n++;
    grown[runs->n++] = (proof_run){d->start, d->end};
}

/* One digest of a chain, and what lies between it and the one before it (NULL: it is the first). */
static void walk_digest(ct_proof *proof, proof_digest *d, const proof_digest *before)
{
    bool is_linked = false;
    if (d->text.previous_object.n > 0) {
        const proof_digest *named = find_digest(proof, d->text.previous_object);
        is_linked = named && before && ct_span_equal(named->key, before->key);
        if (!named)
            add_missing(proof, d, before);
    } else if (d->is_read && before && !d->is_backfill) {
        add_gap(proof, before, d);
    }
    bool is_before_proven = is_linked && proof->keys && before->state == CT_PROOF_GOOD;
    d->follows_proven = is_before_proven && d->start == before->end;
    if (d->is_backfill || !d->is_read)
        return;
    add_run(proof, PROOF_THERE, d, is_linked && before->is_read);
    if (proof->keys && d->state == CT_PROOF_GOOD)
        add_run(proof, PROOF_SIGNED, d, is_before_proven);
}

static void walk_chains(ct_proof *proof)
{
    const proof_digest *before = NULL;
    for (size_t i = 0; i < proof->n_digests && !proof->no_memory; i++) {
        proof_digest *d = proof->digests[i].p;
        ct_proof_add_row(proof, d->object, d->account, d->region, d->state, d->detail);
        if (d->is_outdone)
            continue;
        walk_digest(proof, d, before && compare_chains(before, d) == 0 ? before : NULL);
        before = d;
        proof_region *region = ct_proof_find_region(proof, d->account, d->region);
        region->has_digest = true;
        if (!d->is_backfill && (!region->newest || region->newest->end < d->end))
            region->newest = d;
        if (!d->is_backfill && (!region->oldest || region->oldest->end > d->end))
            region->oldest = d;
    }
}

/* ---- regions -------------------------------------------------------------------------------- */

static int compare_regions(const void *left, const void *right)
{
    const proof_region *a = left, *b = right;
    int order = ct_proof_compare(a->account, b->account);
    return order ? order : ct_proof_compare(a->region, b->region);
}

static void add_region(ct_proof *proof, ct_span account, ct_span region, const proof_file *log)
{
    proof_region *regions =
        ct_grow(proof->regions, proof->n_regions, &proof->regions_capacity, 64, sizeof *regions);
    if (!regions) {
        proof->no_memory = true;
        return;
    }
    proof->regions = regions;
    regions[proof->n_regions++] = (proof_region){.account = account, .region = region, .log = log};
}

/* Each region once, sorted. */
static void unite_regions(ct_proof *proof)
{
    size_t n = 0;
    if (proof->n_regions > 1)
        qsort(proof->regions, proof->n_regions, sizeof *proof->regions, compare_regions);
    for (size_t i = 0; i < proof->n_regions; i++) {
        proof_region *r = &proof->regions[i];
        if (n > 0 && compare_regions(&proof->regions[n - 1], r) == 0) {
            if (!proof->regions[n - 1].log)
                proof->regions[n - 1].log = r->log;
        } else {
            proof->regions[n++] = *r;
        }
    }
    proof->n_regions = n;
}

static void find_regions(ct_proof *proof)
{
    for (size_t i = 0; i < proof->n_digests; i++)
        add_region(proof, proof->digests[i].p->account, proof->digests[i].p->region, NULL);
    const ct_s3_name *last = NULL;
    for (size_t i = 0; i < proof->n_files; i++) {
        const proof_file *file = proof->files[i].p;
        const ct_s3_name *name = &file->name;
        proof->n_logs += !file->digest && name->kind == CT_S3_LOG;
        proof->n_other += !file->digest && name->kind != CT_S3_LOG;
        /* Sorted by name, files of one account and region stand together. */
        if (file->digest || name->kind != CT_S3_LOG)
            continue;
        if (last && ct_span_equal(last->account, name->account) &&
            ct_span_equal(last->region, name->region) &&
            ct_span_equal(last->log_kind, name->log_kind))
            continue;
        last = name;
        add_region(proof, name->account, name->region,
                   ct_span_is(name->log_kind, "CloudTrail") ? file : NULL);
    }
    unite_regions(proof);
}

/* The folder in which the digests of a log file's region would lie. */
static ct_span digest_folder(ct_proof *proof, const proof_file *log)
{
    static const char mark[] = "/CloudTrail/";
    const ct_s3_name *name = &log->name;
    const char *found = strstr(log->key.p, mark); /* .../ACCOUNT/CloudTrail/REGION/... */
    int n = found ? (int)(found - log->key.p) : 0;
    const char *folder =
        found ? ct_proof_say(proof, "%.*s/CloudTrail-Digest/%.*s/", n, log->key.p,
                             (int)name->region.n, name->region.p)
              : ct_proof_say(proof, "AWSLogs/%.*s/CloudTrail-Digest/%.*s/", (int)name->account.n,
                             name->account.p, (int)name->region.n, name->region.p);
    return (ct_span){folder, strlen(folder)};
}

/* What the end of a region's digests, or that it has none, leaves open. */
static void judge_regions(ct_proof *proof)
{
    time_text a, b;
    for (size_t i = 0; i < proof->n_regions && !proof->no_memory; i++) {
        const proof_region *r = &proof->regions[i];
        if (!r->has_digest && r->log)
            ct_proof_add_row(proof, digest_folder(proof, r->log), r->account, r->region,
                             CT_PROOF_NO_DIGEST,
                             "there are log files of this region and no digest at all");
        else if (r->newest && r->newest_log > r->newest->end)
            ct_proof_add_row(
                proof, key_of_hour(proof, r->newest, r->newest->end + HOUR), r->account, r->region,
                CT_PROOF_DIGESTS_END,
                ct_proof_say(proof,
                             "the newest digest ends at %s, the newest log file is of %s: later "
                             "digests are gone, or not written yet",
                             show_time(r->newest->end, a), show_time(r->newest_log, b)));
    }
}

/* ---- all of it ------------------------------------------------------------------------------ */

ct_proof *ct_proof_new(ct_public_keys *keys, const ct_pulse *pulse)
{
    ct_proof *proof = ct_malloc(sizeof *proof);
    if (!proof)
        return NULL;
    memset(proof, 0, sizeof *proof);
    proof->keys = keys;
    proof->pulse = pulse;
    return proof;
}

void ct_proof_free(ct_proof *proof)
{
    if (!proof)
        return;
    while (proof->blocks) {
        proof_block *block = proof->blocks;
        proof->blocks = block->next;
        ct_free(block);
    }
    ct_source_close(proof->source);
    ct_free(proof->piece);
    ct_buf_free(&proof->document);
    ct_free(proof->files);
    ct_free(proof->digests);
    ct_free(proof->by_key);
    ct_free(proof->entries);
    ct_free(proof->regions);
    ct_free(proof->by_hash);
    for (int i = 0; i < PROOF_N_WORTHS; i++)
        ct_free(proof->runs[i].p);
    ct_free(proof->rows);
    ct_free(proof->gaps);
    ct_free(proof);
}

bool ct_proof_finish(ct_proof *proof)
{
    if (proof->no_memory)
        return false;
    ct_proof_order_files(proof);
    find_regions(proof);
    if (proof->no_memory || !order_digests(proof))
        return false;
    check_digests(proof);
    walk_chains(proof);
    ct_proof_judge_logs(proof);
    judge_regions(proof);
    return !proof->no_memory;
}

ct_proof_result ct_proof_result_of(const ct_proof *proof)
{
    return (ct_proof_result){.rows = proof->rows,
                             .n_rows = proof->n_rows,
                             .gaps = proof->gaps,
                             .n_gaps = proof->n_gaps,
                             .n_digests = proof->n_digests,
                             .n_logs = proof->n_logs,
                             .n_other = proof->n_other};
}
