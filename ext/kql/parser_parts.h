/*
 * parser_parts: what the files of the parser share. Tokens and names (parser_tokens.c), literals
 * (parser_literal.c), expressions (parser_expr.c), operators and statements (parser.c).
 */
#ifndef CT_KQL_PARSER_PARTS_H
#define CT_KQL_PARSER_PARTS_H

#include "kql/lexer.h"
#include "kql/parser.h"

typedef struct ct_kql_parser {
    ct_kql_job *job;
    ct_kql_lexer lexer; /* behind token */
    ct_kql_token token; /* the next one */
    size_t last_end;    /* of the token before it */
    int depth;
} ct_kql_parser;

/* Whether a name is made or said: some words may be the one and not the other. */
typedef enum ct_kql_name_use {
    CT_KQL_NAME_CALLED = 0, /* X(1) */
    CT_KQL_NAME_GIVEN = 1,  /* extend X = 1 */
    CT_KQL_NAME_MEANT = 2,  /* where X == 1 */
    CT_KQL_NAME_MEMBER = 4, /* e.X */
    CT_KQL_NAME_EITHER = 3, /* let X, as X, project-away X: reserved where it is for one of them */
} ct_kql_name_use;

/* ---- tokens and names ----------------------------------------------------------------------- */

void ct_kql_advance(ct_kql_parser *p);
/* Goes on behind byte `at`, after something was read that the lexer does not know. */
void ct_kql_resume(ct_kql_parser *p, size_t at);
bool ct_kql_is_sign(const ct_kql_token *token, const char *sign);
bool ct_kql_at_sign(const ct_kql_parser *p, const char *sign);
bool ct_kql_at_word(const ct_kql_parser *p, const char *word);
noreturn void ct_kql_fail_expected(ct_kql_parser *p, const char *what);
bool ct_kql_take_sign(ct_kql_parser *p, const char *sign);
bool ct_kql_take_word(ct_kql_parser *p, const char *word);
void ct_kql_expect_sign(ct_kql_parser *p, const char *sign);
void ct_kql_expect_word(ct_kql_parser *p, const char *word);
/* Whether the word is one of the list, which has a blank before and after each. */
bool ct_kql_has_word(const char *list, ct_span word);
ct_kql_node *ct_kql_new_node(ct_kql_parser *p, ct_kql_node_kind kind, size_t at);
ct_kql_node *ct_kql_finish_node(ct_kql_parser *p, ct_kql_node *node);
void ct_kql_go_deeper(ct_kql_parser *p);
bool ct_kql_try_name(ct_kql_parser *p, ct_kql_name_use use, ct_span *name);
ct_span ct_kql_expect_name(ct_kql_parser *p, ct_kql_name_use use, const char *what);
/* Whether the next token is a word that is no name without brackets; says so. */
bool ct_kql_at_reserved(const ct_kql_parser *p, ct_kql_name_use use);
noreturn void ct_kql_fail_reserved(ct_kql_parser *p);
ct_kql_type ct_kql_expect_type(ct_kql_parser *p);

/* ---- literals ------------------------------------------------------------------------------- */

ct_kql_node *ct_kql_new_literal(ct_kql_parser *p, ct_kql_type type, size_t at);
ct_span ct_kql_parse_strings(ct_kql_parser *p);
void ct_kql_check_long(ct_kql_parser *p);
ct_kql_node *ct_kql_parse_dynamic(ct_kql_parser *p, size_t at);
ct_kql_node *ct_kql_parse_typed_literal(ct_kql_parser *p, ct_kql_type type);

/* ---- expressions ---------------------------------------------------------------------------- */

ct_kql_nodes ct_kql_parse_list(ct_kql_parser *p, const char *close,
                               ct_kql_node *(*parse_item)(ct_kql_parser *));
ct_kql_node *ct_kql_parse_parenthesis(ct_kql_parser *p);
void ct_kql_parse_options(ct_kql_parser *p, const char *names, ct_kql_nodes *options);
ct_kql_node *ct_kql_parse_union(ct_kql_parser *p, size_t at);
noreturn void ct_kql_fail_not_supported(ct_kql_parser *p, size_t at, ct_span what);
ct_kql_node *ct_kql_parse_postfix(ct_kql_parser *p);
ct_kql_node *ct_kql_parse_expression(ct_kql_parser *p);
ct_kql_node *ct_kql_parse_named(ct_kql_parser *p);

/* ---- operators ------------------------------------------------------------------------------ */

/* A source and what is piped out of it. */
ct_kql_node *ct_kql_parse_pipe(ct_kql_parser *p);

#endif
