/*
 * sentence: finding_sentence(), finding_deed() and finding_list() in SQL: what a finding says in plain
 * words.
 *
 * Reads:   their arguments. Refuses a list that is none; what else cannot be read is left out of the
 *          sentence.
 */
#include "db/sentence.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "base/utf8.h"
#include "sqlite/args.h"

enum { NAME, SUFFIX, DEED, FIRST, LAST, ADDRESS, ACCOUNT, DENIED, N_ARGS };

/* Appends an argument between two texts; false, with nothing appended, when it is NULL or ''. */
static bool put(ct_buf *out, const char *before, ct_span text)
{
    if (text.n == 0)
        return false;
    ct_buf_put_text(out, before);
    ct_buf_put(out, text.p, text.n);
    return true;
}

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* In seconds; from two minutes on in minutes, so with hours and days. */
static void put_duration(ct_buf *out, ct_span first, ct_span last)
{
    int64_t from, to;
    if (!ct_time_parse(first.p, first.n, &from) || !ct_time_parse(last.p, last.n, &to) || to < from)
        return;
    long long seconds = (to - from + CT_TICKS_PER_SECOND / 2) / CT_TICKS_PER_SECOND;
    if (seconds == 0)
        ct_buf_put_text(out, " within a second");
    else if (seconds == 1)
        ct_buf_put_text(out, " in 1 second");
    else if (seconds >= 2 * DAY)
        ct_buf_printf(out, " in %lld days", (seconds + DAY / 2) / DAY);
    else if (seconds >= 2 * HOUR)
        ct_buf_printf(out, " in %lld hours", (seconds + HOUR / 2) / HOUR);
    else if (seconds >= 2 * MINUTE)
        ct_buf_printf(out, " in %lld minutes", (seconds + MINUTE / 2) / MINUTE);
    else
        ct_buf_printf(out, " in %lld seconds", seconds);
}

/* Reads text arguments, NULL as ''; false, with the error set, when there is no memory. */
static bool read_texts(sqlite3_context *context, sqlite3_value **args, ct_span *texts, int n)
{
    for (int i = 0; i < n; i++) {
        texts[i] = (ct_span){"", 0};
        if (sqlite3_value_type(args[i]) != SQLITE_NULL && !ct_arg_text(context, args[i], &texts[i]))
            return false;
    }
    return true;
}

/*
 * finding_sentence(accountName, accountUPNSuffix, deed, firstTime, lastTime, sourceIPAddress,
 *                  recipientAccountId, denied) -> TEXT
 *
 * The summary of a finding: who did what in how many seconds (from two minutes, hours, days on in
 * minutes, hours, days), from where, in which account, and how many of the calls were denied. `deed`
 * is what stands behind the name: 'ran 9 commands'.
 *
 * NULL:    an argument that is NULL or '' is left out, the name becomes 'An identity without a
 *          name'; never NULL.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT finding_sentence('jane', '', 'read 4 secrets', '2025-10-14T14:14:02Z',
 *                                  '2025-10-14T14:14:41Z', '192.0.2.1', '111122223333', 0);
 *          -- jane read 4 secrets in 39 seconds from 192.0.2.1 in account 111122223333.
 */
static void finding_sentence(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text[N_ARGS] = {{NULL, 0}};
    if (!read_texts(context, args, text, n_args))
        return;
    ct_buf out = CT_BUF_EMPTY;
    if (!put(&out, "", text[NAME]))
        ct_buf_put_text(&out, "An identity without a name");
    put(&out, "@", text[SUFFIX]);
    put(&out, " ", text[DEED]);
    put_duration(&out, text[FIRST], text[LAST]);
    put(&out, " from ", text[ADDRESS]);
    put(&out, " in account ", text[ACCOUNT]);
    long long denied = sqlite3_value_int64(args[DENIED]);
    if (denied == 1)
        ct_buf_put_text(&out, "; 1 call was denied.");
    else if (denied > 1)
        ct_buf_printf(&out, "; %lld calls were denied.", denied);
    else
        ct_buf_put_char(&out, '.');
    ct_result_buf(context, &out);
}

/*
 * finding_deed(phrase TEXT, target TEXT, eventName TEXT, outcome TEXT) -> TEXT
 *
 * What one call did, as a sentence about its caller goes on: the phrase and the target where the
 * outcome is 'done'; else that it was denied, throttled or failed, the call's name and the target.
 *
 * NULL:    a target that is NULL or '' is left out; never NULL.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT finding_deed('stopped the trail', 'audit', 'StopLogging', 'done'),
 *                 finding_deed('stopped the trail', 'audit', 'StopLogging', 'denied');
 *          -- stopped the trail audit|was denied StopLogging (audit)
 */
static void finding_deed(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    enum { PHRASE, TARGET, NAME_OF_CALL, OUTCOME, N_DEED_ARGS };
    ct_span text[N_DEED_ARGS] = {{NULL, 0}};
    if (!read_texts(context, args, text, n_args))
        return;
    ct_buf out = CT_BUF_EMPTY;
    if (ct_span_is(text[OUTCOME], "done")) {
        ct_buf_put(&out, text[PHRASE].p, text[PHRASE].n);
        put(&out, " ", text[TARGET]);
    } else {
        ct_buf_put_text(&out, ct_span_is(text[OUTCOME], "denied")      ? "was denied "
                              : ct_span_is(text[OUTCOME], "throttled") ? "was throttled at "
                                                                       : "failed at ");
        ct_buf_put(&out, text[NAME_OF_CALL].p, text[NAME_OF_CALL].n);
        if (put(&out, " (", text[TARGET]))
            ct_buf_put_char(&out, ')');
    }
    ct_result_buf(context, &out);
}

/* Of a name so much is told: a sentence is to be read. */
enum { MAX_CHARACTERS = 80 };

/* Appends a member: what a string says, of anything else its JSON, as people can read it. */
static bool put_member(ct_buf *out, const ct_json *member)
{
    ct_buf text = CT_BUF_EMPTY;
    if (member->kind == CT_JSON_STRING)
        (void)ct_json_decode(member, &text);
    else
        ct_json_minify(member, &text);
    size_t n_bytes = 0;
    for (int i = 0; n_bytes < text.len && i < MAX_CHARACTERS; i++) {
        size_t n_bad = 1;
        size_t n = ct_utf8_char(text.data + n_bytes, text.len - n_bytes, &n_bad);
        n_bytes += n > 0 ? n : n_bad;
    }
    ct_utf8_put_printable(out, text.data, n_bytes);
    if (n_bytes < text.len)
        ct_buf_put_text(out, "…");
    bool is_ok = ct_buf_ok(&text);
    ct_buf_free(&text);
    return is_ok;
}

/* Appends the first `most` members with commas between them, and how many more there are; false when
 * the text is no JSON array. */
static bool put_list(ct_buf *out, ct_span list, sqlite3_int64 most)
{
    ct_json_scanner s = ct_json_scan(list.p, list.n);
    sqlite3_int64 n = 0; /* members so far */
    if (!ct_json_space(&s) || *s.p != '[')
        return false;
    ct_json_walk w = ct_json_walk_into(&(ct_json){.p = s.p, .len = (size_t)(s.end - s.p)});
    ct_json member;
    while (ct_json_walk_on(&w, NULL, &member)) {
        if (n++ >= most)
            continue;
        ct_buf_put_text(out, n > 1 ? ", " : "");
        if (!put_member(out, &member))
            out->failed = true;
    }
    if (n > most && most > 0)
        ct_buf_printf(out, " and %lld more", (long long)(n - most));
    return w.status == CT_JSON_OK && !ct_json_space(&w.s);
}

/*
 * finding_list(list, most) -> TEXT
 *
 * The members of a JSON array in words, for a sentence: the first `most` of them and how many more
 * there are. A member is told up to its 80th character, with U+FFFD for what a terminal would obey.
 *
 * NULL:    NULL in, NULL out; also where the array is empty or `most` is below 1.
 * Errors:  a list that is no JSON array; SQLITE_NOMEM when out of memory.
 * Example: SELECT finding_list('["i-1","i-2","i-3","i-4"]', 2);
 *          -- i-1, i-2 and 2 more
 */
static void finding_list(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span list;
    if (ct_any_null(n_args, args) || !ct_arg_text(context, args[0], &list))
        return;
    ct_buf out = CT_BUF_EMPTY;
    if (!put_list(&out, list, sqlite3_value_int64(args[1]))) {
        ct_buf_clear(&out);
        ct_buf_put_text(&out, "finding_list(): expected a JSON array, got ");
        ct_put_value(&out, args[0]);
        ct_result_error_buf(context, &out);
    } else if (out.len > 0 || !ct_buf_ok(&out)) {
        ct_result_buf(context, &out);
    } else {
        ct_buf_free(&out);
    }
}

// clang-format off
static const ct_function functions[] = {
    /* name                args    flags    scalar            step  final value inverse */
    {"finding_deed",       4,      CT_PURE, finding_deed,     NULL, NULL, NULL, NULL},
    {"finding_list",       2,      CT_PURE, finding_list,     NULL, NULL, NULL, NULL},
    {"finding_sentence",   N_ARGS, CT_PURE, finding_sentence, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_sentence_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
