/*
 * sentence: finding_sentence() in SQL: what a finding says in plain words.
 *
 * Reads:   its arguments. Refuses nothing: what cannot be read is left out of the sentence.
 */
#include "db/sentence.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/timestamp.h"
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
    else
        ct_buf_printf(out, " in %lld seconds", seconds);
}

/*
 * finding_sentence(accountName, accountUPNSuffix, deed, firstTime, lastTime, sourceIPAddress,
 *                  recipientAccountId, denied) -> TEXT
 *
 * The summary of a finding: who did what in how many seconds, from where, in which account, and how
 * many of the calls were denied. `deed` is what stands behind the name: 'ran 9 commands'.
 *
 * NULL:    an argument that is NULL or '' is left out, the name becomes 'An identity without a
 *          name'; never NULL.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory.
 * Example: SELECT finding_sentence('jane', '', 'read 4 secrets', '2025-10-14T14:14:02Z',
 *                                  '2025-10-14T14:14:41Z', '192.0.2.1', '111122223333', 1);
 *          -- jane read 4 secrets in 39 seconds from 192.0.2.1 in account 111122223333; 1 call was
 *          -- denied. (in one line)
 */
static void finding_sentence(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text[N_ARGS] = {{NULL, 0}};
    for (int i = 0; i < n_args; i++) {
        text[i] = (ct_span){"", 0};
        if (sqlite3_value_type(args[i]) != SQLITE_NULL && !ct_arg_text(context, args[i], &text[i]))
            return;
    }
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

// clang-format off
static const ct_function functions[] = {
    /* name                args    flags    scalar            step  final value inverse */
    {"finding_sentence",   N_ARGS, CT_PURE, finding_sentence, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_sentence_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
