#include "kql/parser_parts.h"

#include <string.h>

/* ---- tokens --------------------------------------------------------------------------------- */

void ct_kql_advance(ct_kql_parser *p)
{
    p->last_end = p->token.end;
    p->token = ct_kql_next(&p->lexer);
}

/* Goes on behind byte `at`, after something was read that the lexer does not know. */
void ct_kql_resume(ct_kql_parser *p, size_t at)
{
    p->lexer.at = at;
    p->last_end = at;
    p->token = ct_kql_next(&p->lexer);
}

bool ct_kql_is_sign(const ct_kql_token *token, const char *sign)
{
    return token->kind == KT_PUNCT && ct_span_is(token->text, sign);
}

static bool is_word(const ct_kql_token *token, const char *word)
{
    return token->kind == KT_NAME && ct_span_is(token->text, word);
}

bool ct_kql_at_sign(const ct_kql_parser *p, const char *sign)
{
    return ct_kql_is_sign(&p->token, sign);
}

bool ct_kql_at_word(const ct_kql_parser *p, const char *word)
{
    return is_word(&p->token, word);
}

noreturn void ct_kql_fail_expected(ct_kql_parser *p, const char *what)
{
    if (p->token.kind == KT_END)
        ct_kql_refuse(p->job, p->token.at, "%s expected, but the query ends here", what);
    ct_span written = {p->job->text.p + p->token.at, p->token.end - p->token.at};
    ct_kql_refuse(p->job, p->token.at, "%s expected, not %s", what, ct_kql_quote(p->job, written));
}

bool ct_kql_take_sign(ct_kql_parser *p, const char *sign)
{
    if (!ct_kql_at_sign(p, sign))
        return false;
    ct_kql_advance(p);
    return true;
}

bool ct_kql_take_word(ct_kql_parser *p, const char *word)
{
    if (!ct_kql_at_word(p, word))
        return false;
    ct_kql_advance(p);
    return true;
}

void ct_kql_expect_sign(ct_kql_parser *p, const char *sign)
{
    if (!ct_kql_take_sign(p, sign))
        ct_kql_fail_expected(p, ct_kql_quote(p->job, (ct_span){sign, strlen(sign)}));
}

void ct_kql_expect_word(ct_kql_parser *p, const char *word)
{
    if (!ct_kql_take_word(p, word))
        ct_kql_fail_expected(p, ct_kql_quote(p->job, (ct_span){word, strlen(word)}));
}

/* Whether the word is one of the list, which has a blank before and after each. */
bool ct_kql_has_word(const char *list, ct_span word)
{
    char wanted[32] = " ";
    if (word.n > sizeof wanted - 3)
        return false;
    memcpy(wanted + 1, word.p, word.n);
    memcpy(wanted + 1 + word.n, " ", 2);
    return strstr(list, wanted) != NULL;
}

ct_kql_node *ct_kql_new_node(ct_kql_parser *p, ct_kql_node_kind kind, size_t at)
{
    ct_kql_node *node = ct_kql_new(p->job, sizeof *node);
    node->kind = kind;
    node->at = at;
    node->end = p->last_end;
    node->text = (ct_span){"", 0};
    return node;
}

ct_kql_node *ct_kql_finish_node(ct_kql_parser *p, ct_kql_node *node)
{
    node->end = p->last_end;
    return node;
}

void ct_kql_go_deeper(ct_kql_parser *p)
{
    if (++p->depth > CT_KQL_MAX_DEPTH)
        ct_kql_refuse(p->job, p->token.at, "the query nests deeper than %d", CT_KQL_MAX_DEPTH);
}

/* ---- names ---------------------------------------------------------------------------------- */

/*
 * Words that Kusto's grammar keeps for itself: as a name they need ['...']. Which they are depends
 * on whether the name is given or meant; found by trying every word of the language in Microsoft's
 * binder.
 */
static bool is_reserved(ct_span word, ct_kql_name_use use)
{
    static const char always[] =
        " __contextual_datatable __id and anomalychart areachart asc bagexpansion barchart "
        "between bin_legacy boolean byte cachingpolicy callout cancel card char columnchart "
        "contains_cs containscs cycles dataexport datascope date datetime decimal "
        "decodeblocks desc double dynamic encodingpolicy endswith endswith_cs expandoutput "
        "extent_tags_retention external_data first flags float force_remote harddelete "
        "hardretention has_all has_any has_cs hasprefix hasprefix_cs hassuffix hassuffix_cs "
        "hotcache int int16 int32 int64 int8 isfuzzy journal ladderchart last like likecs "
        "linechart long missing nooptimization notcontains notcontainscs notlike notlikecs or "
        "others pathformat piechart pivotchart project queries query_results real relaxed "
        "restricted_view_access row_level_security rowstore rowstore_references "
        "rowstore_sealinfo rowstorepolicy rowstores scatterchart seal seals shards simple "
        "softdelete softretention stackedareachart startswith startswith_cs statistics "
        "storedqueryresultcontainers string tablepurge time timechart timeline timepivot "
        "timespan treemap uint uint16 uint32 uint64 uint8 ulong union uniqueid "
        "unrestrictedviewers views with_itemindex with_match_id with_step_name writeaheadlog ";
    static const char when_given[] = " by false kind true with_source withsource ";
    static const char when_meant[] =
        " accumulate as by contains datatable earliest externaldata find has in invoke latest "
        "materialize mdm of print sample search set sql title to toscalar totable verbose "
        "viewers where ";
    /* Kusto tells these by what follows; here they are words of clauses only. */
    static const char clauses[] = " extend let nulls on summarize typeof ";
    return ct_kql_has_word(always, word) ||
           ((use & CT_KQL_NAME_GIVEN) && ct_kql_has_word(when_given, word)) ||
           ((use & (CT_KQL_NAME_MEANT | CT_KQL_NAME_MEMBER)) &&
            ct_kql_has_word(when_meant, word)) ||
           ((use & CT_KQL_NAME_MEANT) && ct_kql_has_word(clauses, word));
}

bool ct_kql_at_reserved(const ct_kql_parser *p, ct_kql_name_use use)
{
    return p->token.kind == KT_NAME && is_reserved(p->token.text, use);
}

void ct_kql_fail_reserved(ct_kql_parser *p)
{
    ct_span word = p->token.text;
    ct_kql_refuse(p->job, p->token.at, "'%.*s' is a word of the language: as a name it is ['%.*s']",
                  (int)word.n, word.p, (int)word.n, word.p);
}

/* `name` or `['name']` or `["name"]`; false when none begins here. */
bool ct_kql_try_name(ct_kql_parser *p, ct_kql_name_use use, ct_span *name)
{
    if (p->token.kind == KT_NAME && p->token.text.p[0] != '!' && p->token.text.p[0] != '$' &&
        !is_reserved(p->token.text, use)) {
        *name = p->token.text;
        ct_kql_advance(p);
        return true;
    }
    if (ct_kql_at_sign(p, "[")) {
        ct_kql_parser ahead = *p;
        ct_kql_advance(&ahead);
        if (ahead.token.kind == KT_STRING) {
            ct_span text = ahead.token.text;
            ct_kql_advance(&ahead);
            if (ct_kql_at_sign(&ahead, "]")) {
                ct_kql_advance(&ahead);
                if (text.n == 0 || memchr(text.p, 0, text.n))
                    ct_kql_refuse(p->job, p->token.at, "an empty name, or one with a NUL in it");
                *p = ahead;
                *name = text;
                return true;
            }
        }
    }
    return false;
}

ct_span ct_kql_expect_name(ct_kql_parser *p, ct_kql_name_use use, const char *what)
{
    ct_span name;
    if (!ct_kql_try_name(p, use, &name)) {
        if (ct_kql_at_reserved(p, use))
            ct_kql_fail_reserved(p);
        ct_kql_fail_expected(p, what);
    }
    return name;
}

ct_kql_type ct_kql_expect_type(ct_kql_parser *p)
{
    ct_kql_type type = p->token.kind == KT_NAME ? ct_kql_type_named(p->token.text) : CT_KQL_NO_TYPE;
    if (type == CT_KQL_NO_TYPE)
        ct_kql_fail_expected(p, "a type");
    if (type == CT_KQL_DECIMAL)
        ct_kql_refuse(p->job, p->token.at, "the type decimal is not supported");
    ct_kql_advance(p);
    return type;
}
