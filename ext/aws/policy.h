/*
 * policy: the statements of an IAM policy, in one spelling.
 *
 * A policy may write a list of one as the item alone, an element's name in any case, all of it
 * percent-encoded; SQL that looked for `"Action":"*"` would miss most of them. Here every statement
 * has the same members, each a list:
 *
 *     {"effect":"Allow",
 *      "principals":[{"type":"AWS","id":"*"}], "notPrincipals":[],
 *      "actions":["s3:*"], "notActions":[], "resources":["*"], "notResources":[],
 *      "conditions":[{"operator":"StringEquals","key":"aws:SourceAccount","values":["..."]}]}
 *
 * "Principal":"*" is the principal of type AWS that it stands for. What is repeated counts in full:
 * of two members Action the items of both are listed.
 */
#ifndef CT_POLICY_H
#define CT_POLICY_H

#include "base/buf.h"
#include "base/span.h"

#include "sqlite/register.h"

typedef enum ct_policy_result {
    CT_POLICY_OK,
    CT_POLICY_NONE,
    CT_POLICY_NO_MEMORY
} ct_policy_result;

/* Appends the statements as a JSON array; nothing where the text is no policy. */
ct_policy_result ct_policy_statements(ct_span document, ct_buf *out);

int ct_policy_register(sqlite3 *db, char **error);

#endif
