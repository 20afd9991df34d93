/*
 * Log files: those that digests name, held against their hash; and all others, each of which is a
 * copy of such a one, or added, or of a time without digests.
 */
#include "log/proof_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/timestamp.h"

/* The time in a log file's name is that of its delivery, cut to five minutes: near the end of the
 * last digest nobody can tell on which side it was delivered. */
#define NAME_MARGIN (INT64_C(300) * CT_TICKS_PER_SECOND)

/* ---- log files that are named --------------------------------------------------------------- */

static int compare_entries(const void *left, const void *right)
{
    const proof_entry *a = left, *b = right;
    return ct_proof_compare(a->key, b->key);
}

static int compare_files(const void *left, const void *right)
{
    const proof_file *a = ((const proof_file_ref *)left)->p,
                     *b = ((const proof_file_ref *)right)->p;
    int order = ct_proof_compare(a->base, b->base);
    if (order == 0)
        order = ct_proof_compare(a->key, b->key);
    return order ? order : strcmp(a->path, b->path);
}

void ct_proof_order_files(ct_proof *proof)
{
    if (proof->n_files > 1)
        qsort(proof->files, proof->n_files, sizeof *proof->files, compare_files);
}

/* The first file of that name; *n gets how many there are. */
static proof_file_ref *find_files(const ct_proof *proof, ct_span base, size_t *n)
{
    size_t low = 0, high = proof->n_files;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ct_proof_compare(proof->files[middle].p->base, base) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (*n = 0; low + *n < proof->n_files && ct_span_equal(proof->files[low + *n].p->base, base);)
        ++*n;
    return proof->files + low;
}

/* One file held against what a digest says of it. */
static ct_proof_state check_file(const proof_file *file, const proof_entry *entry,
                                 const char **detail)
{
    bool is_right =
        entry->has_hash && memcmp(file->sha256, entry->sha256, sizeof file->sha256) == 0;
    *detail = file->error;
    if (!entry->has_hash) {
        *detail = "the digest has no SHA-256 of it";
        return CT_PROOF_UNREADABLE;
    }
    if (is_right)
        return file->error ? CT_PROOF_ALTERED : CT_PROOF_GOOD;
    if (!file->error)
        *detail = file->is_empty ? "nothing is left in it" : "its content has another hash";
    if (file->is_empty)
        return CT_PROOF_EMPTIED;
    return file->error && !file->is_checksum_wrong ? CT_PROOF_UNREADABLE : CT_PROOF_ALTERED;
}

/* The worst that the files of an entry show: those under its full key, else those of its name. The
 * others of its name, where there are some under its key, are judged by themselves. */
static ct_proof_state check_entry(ct_proof *proof, const proof_entry *entry, const char **detail)
{
    size_t n, n_exact = 0;
    proof_file_ref *files = find_files(proof, ct_s3_base(entry->key), &n);
    ct_proof_state worst = n > 0 ? CT_PROOF_GOOD : CT_PROOF_MISSING;
    *detail = NULL;
    for (size_t i = 0; i < n; i++)
        n_exact += ct_span_equal(files[i].p->key, entry->key);
    for (size_t i = 0; i < n; i++) {
        proof_file *file = files[i].p;
        if (n_exact > 0 && !ct_span_equal(file->key, entry->key)) {
            file->namesake = entry;
            continue;
        }
        file->is_named = true;
        const char *why;
        ct_proof_state state = check_file(file, entry, &why);
        if (state > worst || (state == worst && !*detail)) {
            worst = state;
            *detail = why && (n_exact > 1 || (n_exact == 0 && n > 1))
                          ? ct_proof_say(proof, "%s: %s", ct_proof_show_path(file), why)
                          : why;
        }
    }
    return worst;
}

static const proof_digest *digest_of(const proof_entry *entry)
{
    return entry->digest->copy_of ? entry->digest->copy_of : entry->digest;
}

/* What the digests that name a log file are worth: the best of them counts. */
static const proof_digest *best_digest(const proof_entry *entries, size_t n)
{
    const proof_digest *best = digest_of(&entries[0]);
    for (size_t i = 1; i < n; i++)
        if (digest_of(&entries[i])->state < best->state)
            best = digest_of(&entries[i]);
    return best;
}

/* Whether a log file of that name's time lies in a stretch of digests. */
static bool is_in_run(const ct_proof *proof, proof_worth worth, const ct_s3_name *name)
{
    const proof_region *region = ct_proof_find_region(proof, name->account, name->region);
    const proof_run *runs = proof->runs[worth].p;
    for (size_t i = 0; region && i < region->runs[worth].n; i++) {
        const proof_run *run = &runs[region->runs[worth].first + i];
        if (name->ticks >= run->start && name->ticks + NAME_MARGIN <= run->end)
            return true;
    }
    return false;
}

/* Whether signed digests should name a log file which only others name: anybody can write those.
 * The newest digest of a chain that is good up to it is one that AWS may well have written, and
 * may name what another trail's signed digests do not. */
static bool is_smuggled(const ct_proof *proof, const proof_entry *entries, size_t n,
                        const ct_s3_name *name)
{
    if (!proof->keys || name->kind != CT_S3_LOG || !ct_span_is(name->log_kind, "CloudTrail") ||
        !is_in_run(proof, PROOF_SIGNED, name))
        return false;
    for (size_t i = 0; i < n; i++) {
        const proof_digest *d = digest_of(&entries[i]);
        if (d->state == CT_PROOF_GOOD ||
            (d->state == CT_PROOF_UNPROVEN && d->follows_proven &&
             name->ticks + NAME_MARGIN >= d->start && name->ticks <= d->end))
            return false;
    }
    return true;
}

/* The n entries of one key: of several digests, where several trails deliver. */
static void judge_entries(ct_proof *proof, const proof_entry *entries, size_t n)
{
    const proof_digest *digest = best_digest(entries, n);
    ct_s3_name name = ct_s3_parse(entries->object.p, entries->object.n);
    const char *detail = NULL;
    ct_proof_state state = CT_PROOF_GOOD;
    for (size_t i = 0; i < n; i++) {
        const char *why;
        ct_proof_state found = check_entry(proof, &entries[i], &why);
        /* A digest that fails cannot speak against a file for which a better one vouches. */
        if (digest_of(&entries[i])->state > digest->state)
            continue;
        if (found >= state) {
            state = found;
            detail = why;
        }
    }
    if (digest->state > CT_PROOF_UNPROVEN) {
        const char *fails = ct_proof_state_name(digest->state);
        detail = detail ? ct_proof_say(proof, "%s; named by a digest that fails: %s", detail, fails)
                        : ct_proof_say(proof, "named by a digest that fails: %s", fails);
    } else if (digest->state == CT_PROOF_UNPROVEN && state == CT_PROOF_GOOD) {
        detail = "named by an unproven digest alone";
    }
    if (state == CT_PROOF_GOOD && is_smuggled(proof, entries, n, &name)) {
        state = CT_PROOF_UNLISTED;
        detail = ct_proof_say(
            proof, "named only by an unproven digest (%s), and not by the signed ones of its time",
            ct_proof_state_name(digest->state));
    }
    if (state == CT_PROOF_GOOD && digest->state > CT_PROOF_GOOD)
        state = CT_PROOF_UNPROVEN;
    bool is_known = name.kind == CT_S3_LOG;
    ct_proof_add_row(proof, entries->object, is_known ? name.account : digest->account,
                     is_known ? name.region : digest->region, state, detail);
}

static void judge_named(ct_proof *proof)
{
    if (proof->n_entries > 1)
        qsort(proof->entries, proof->n_entries, sizeof *proof->entries, compare_entries);
    for (size_t i = 0, n; i < proof->n_entries && !proof->no_memory; i += n) {
        n = 1;
        while (i + n < proof->n_entries &&
               ct_span_equal(proof->entries[i].key, proof->entries[i + n].key))
            n++;
        judge_entries(proof, &proof->entries[i], n);
    }
}

/* ---- log files that no digest names --------------------------------------------------------- */

/* Whether any digest names a log of that kind. Few kinds are, and most files are of one. */
static bool is_kind_named(const ct_proof *proof, ct_span kind)
{
    for (size_t i = 0; i < proof->n_entries; i++) {
        ct_s3_name name = ct_s3_parse(proof->entries[i].object.p, proof->entries[i].object.n);
        if (name.kind == CT_S3_LOG && ct_span_equal(name.log_kind, kind))
            return true;
    }
    return false;
}

/* Why a log file's time is not covered by digests. */
static const char *why_not_covered(const proof_region *region, int64_t ticks)
{
    if (!region->newest)
        return "its region has no digest";
    if (ticks + NAME_MARGIN > region->newest->end)
        return "younger than the newest digest of its region";
    if (ticks < region->oldest->start)
        return "older than the oldest digest of its region";
    return "in a time without digests";
}

static int compare_hashes(const void *left, const void *right)
{
    const proof_entry *a = ((const proof_entry_ref *)left)->p,
                      *b = ((const proof_entry_ref *)right)->p;
    return memcmp(a->sha256, b->sha256, sizeof a->sha256);
}

static bool order_hashes(ct_proof *proof)
{
    if (proof->by_hash || proof->n_entries == 0)
        return true;
    proof->by_hash = ct_malloc(proof->n_entries * sizeof *proof->by_hash);
    if (!proof->by_hash) {
        proof->no_memory = true;
        return false;
    }
    for (size_t i = 0; i < proof->n_entries; i++)
        if (proof->entries[i].has_hash)
            proof->by_hash[proof->n_by_hash++].p = &proof->entries[i];
    qsort(proof->by_hash, proof->n_by_hash, sizeof *proof->by_hash, compare_hashes);
    return true;
}

/* The log file of which a file is a copy, by its content; NULL. That of the best digest. */
static const proof_entry *find_original(ct_proof *proof, const proof_file *file)
{
    if (file->error || !order_hashes(proof))
        return NULL;
    size_t low = 0, high = proof->n_by_hash;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(proof->by_hash[middle].p->sha256, file->sha256, sizeof file->sha256) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const proof_entry *best = NULL;
    for (; low < proof->n_by_hash; low++) {
        const proof_entry *entry = proof->by_hash[low].p;
        if (memcmp(entry->sha256, file->sha256, sizeof file->sha256) != 0)
            break;
        if (!best || digest_of(entry)->state < digest_of(best)->state)
            best = entry;
    }
    return best;
}

/* A file that has a listed log file's content under another key. One that lies outside of AWSLogs
 * under the same name is that log file, and needs no row of its own. */
static void judge_copy(ct_proof *proof, const proof_file *file, const proof_entry *original)
{
    bool is_good = digest_of(original)->state == CT_PROOF_GOOD;
    if (file->key.n == file->base.n && ct_span_equal(file->base, ct_s3_base(original->key)))
        return;
    ct_proof_add_row(proof, ct_proof_object(proof, file), file->name.account, file->name.region,
                     is_good ? CT_PROOF_GOOD : CT_PROOF_UNPROVEN,
                     ct_proof_say(proof, "copy of %.500s", original->object.p));
}

/* A file that bears a listed log file's name elsewhere, and has other content. */
static void judge_namesake(ct_proof *proof, const proof_file *file)
{
    const char *object = file->namesake->object.p, *detail;
    ct_proof_state state = check_file(file, file->namesake, &detail);
    if (file->key.n > file->base.n && is_in_run(proof, PROOF_THERE, &file->name)) {
        state = CT_PROOF_UNLISTED;
        detail = ct_proof_say(
            proof, "no digest names it; the listed log file of its name is %.500s", object);
    } else {
        detail = ct_proof_say(proof, "%.400s: %.100s; a copy of %.400s that is not the same",
                              ct_proof_show_path(file), detail ? detail : "", object);
    }
    ct_proof_add_row(proof, ct_proof_object(proof, file), file->name.account, file->name.region,
                     state, detail);
}

static void judge_unnamed(ct_proof *proof)
{
    ct_span kind = {"", 0};
    bool is_named_kind = false;
    for (size_t i = 0; i < proof->n_files && !proof->no_memory; i++) {
        const proof_file *file = proof->files[i].p;
        if (file->digest || file->is_named || file->name.kind != CT_S3_LOG)
            continue;
        const proof_entry *original = find_original(proof, file);
        if (original || file->namesake) {
            if (original)
                judge_copy(proof, file, original);
            else
                judge_namesake(proof, file);
            continue;
        }
        /* Every trail's digests name logs of the ordinary kind, those of others where it has some. */
        if (!ct_span_equal(kind, file->name.log_kind)) {
            kind = file->name.log_kind;
            is_named_kind = ct_span_is(kind, "CloudTrail") || is_kind_named(proof, kind);
        }
        proof_region *region = ct_proof_find_region(proof, file->name.account, file->name.region);
        ct_proof_state state = CT_PROOF_NOT_COVERED;
        const char *detail = "no digest names logs of this kind";
        if (is_named_kind || !region->newest) {
            detail = why_not_covered(region, file->name.ticks);
            if (is_in_run(proof, PROOF_THERE, &file->name)) {
                state = CT_PROOF_UNLISTED;
                detail = "no digest names it, though all of its time are there";
            }
        }
        if (is_named_kind && file->name.ticks > region->newest_log)
            region->newest_log = file->name.ticks;
        if (file->error)
            detail = ct_proof_say(proof, "%s; it cannot be read: %.200s", detail, file->error);
        ct_proof_add_row(proof, ct_proof_object(proof, file), file->name.account, file->name.region,
                         state, detail);
    }
}

void ct_proof_judge_logs(ct_proof *proof)
{
    judge_named(proof);
    judge_unnamed(proof);
}
