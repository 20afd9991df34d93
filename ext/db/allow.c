/*
 * SQL: cloudtrail_allow(alertID, reason [, expires]) -> TEXT (JSON). DIRECTONLY, because it writes.
 */
#include "db/allow.h"

#include <stdbool.h>
#include <stdlib.h>

#include "sqlite/args.h"
#include "sqlite/register.h"
#include "db/schema.h"
#include "sqlite/statement.h"
#include "sqlite/transaction.h"

// clang-format off
/* Pattern characters of a name stand for themselves in [ ]. */
#define AS_PATTERN(text) "replace(replace(replace(nullif(" text ", ''), '[', '[[]'), '*', '[*]'), '?', '[?]')"

/*
 * The entry for alert ?1: in its one account, by its one name, else by the one role whose sessions its events are of; from
 * its one address, else from the one network; through its one endpoint.
 */
static const char insert_entry[] =
    "INSERT INTO main.allow_list (ruleName, recipientAccountId, principal, sourceIPAddress,"
    "                             vpcEndpointId, reason, expires)"
    " WITH event AS ("
    "   SELECT i.recipientAccountId AS account,"
    "          i.accountName || CASE i.accountUPNSuffix WHEN '' THEN ''"
    "                                ELSE '@' || i.accountUPNSuffix END AS name,"
    "          e.sessionIssuerArn AS role, e.sourceIPAddress AS address,"
    "          e.vpcEndpointId AS endpoint"
    "     FROM main.alert_evidence AS v"
    "    CROSS JOIN main.cloudtrail AS e ON e.rowid = v.event"
    "    CROSS JOIN main.event_identity AS i ON i.event = v.event"
    "    WHERE v.alertID = ?1),"
    " one AS ("
    "   SELECT CASE WHEN min(account) = max(account) THEN min(account) END AS account,"
    "          CASE WHEN min(name) = max(name) THEN min(name)"
    "               WHEN min(role) = max(role) AND count(role) = count(*) THEN min(role)"
    "               END AS principal,"
    "          CASE WHEN min(address) = max(address) AND count(address) = count(*)"
    "               THEN " AS_PATTERN("min(address)")
    "               WHEN min(address_network(address)) = max(address_network(address))"
    "                AND count(address_network(address)) = count(*)"
    "               THEN min(address_network(address)) END AS address,"
    "          CASE WHEN min(endpoint) = max(endpoint) AND count(endpoint) = count(*)"
    "               THEN min(endpoint) END AS endpoint"
    "     FROM event)"
    " SELECT " AS_PATTERN("a.ruleName") ","
    "        " AS_PATTERN("one.account") ","
    "        " AS_PATTERN("one.principal") ","
    "        one.address,"
    "        " AS_PATTERN("one.endpoint") ","
    "        CAST(?2 AS TEXT),"
    "        CAST(?3 AS TEXT)"
    "   FROM main.alert AS a, one"
    "  WHERE a.alertID = ?1 AND a.mergedInto IS NULL"
    "    AND coalesce(nullif(one.principal, ''), one.address) IS NOT NULL"
    "    AND (?3 IS NULL OR ifnull(julianday(?3), 1e9) > julianday('now'))";
// clang-format on

/* What was put in, as JSON; and what keeps it from being put in, as a text. */
static const char entry_text[] =
    "SELECT json_object('ruleName', ruleName, 'recipientAccountId', recipientAccountId,"
    "                   'principal', principal, 'sourceIPAddress', sourceIPAddress,"
    "                   'vpcEndpointId', vpcEndpointId, 'reason', reason, 'expires', expires)"
    "  FROM main.allow_list WHERE rowid = last_insert_rowid()";

static const char why_none[] =
    "SELECT ifnull((SELECT CASE WHEN mergedInto IS NOT NULL"
    "                           THEN 'it is part of the alert ' || mergedInto"
    "                           WHEN julianday(?2) <= julianday('now')"
    "                           THEN 'expires is in the past'"
    "                           ELSE 'its events have no one identity and no one address:'"
    "                                || ' write the entry yourself' END"
    "                 FROM main.alert WHERE alertID = ?1), 'there is no such alert')";

/* The alert at hand is covered by what was written for it. */
static const char suppress[] = "UPDATE main.alert SET state = 'suppressed', suppressedBy = ?2"
                               " WHERE alertID = ?1 AND state = 'new'"
                               "   AND (?3 IS NULL OR julianday(?3) > julianday('now'))";

typedef struct allowing {
    sqlite3 *db;
    sqlite3_value **args; /* alertID, reason, expires */
    int n_args;
    ct_transaction transaction;
    ct_schema_report report;
    char *entry, *error; /* owned (sqlite3_malloc) */
} allowing;

static int run(allowing *a, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(a->db, sql, -1, &stmt, NULL);
    for (int i = 0; rc == SQLITE_OK && i < a->n_args && i < sqlite3_bind_parameter_count(stmt); i++)
        rc = sqlite3_bind_value(stmt, i + 1, a->args[i]);
    if (rc == SQLITE_OK)
        rc = ct_statement_run(stmt);
    ct_statement_failed(a->db, rc, &a->error);
    sqlite3_finalize(stmt);
    return rc;
}

static int write_entry(allowing *a)
{
    const char *alert_id = (const char *)sqlite3_value_text(a->args[0]);
    int rc = alert_id ? ct_schema_create(a->db, &a->report, &a->error) : SQLITE_NOMEM;
    if (rc == SQLITE_OK)
        rc = run(a, insert_entry);
    if (rc != SQLITE_OK)
        return rc;
    if (sqlite3_changes(a->db) == 0) {
        const char *expires = a->n_args > 2 ? (const char *)sqlite3_value_text(a->args[2]) : NULL;
        rc = ct_lookup(a->db, why_none, alert_id, expires, &a->error, &a->error);
        return rc == SQLITE_OK ? SQLITE_ERROR : rc;
    }
    rc = ct_lookup(a->db, entry_text, NULL, NULL, &a->entry, &a->error);
    return rc == SQLITE_OK ? run(a, suppress) : rc;
}

static int allow(allowing *a)
{
    int rc = ct_transaction_open(a->db, &a->transaction, &a->error);
    if (rc == SQLITE_OK)
        rc = ct_transaction_begin(&a->transaction, &a->error);
    if (rc == SQLITE_OK)
        rc = ct_transaction_end(&a->transaction, write_entry(a));
    ct_statement_failed(a->db, rc, &a->error);
    ct_transaction_close(&a->transaction);
    return rc;
}

/*
 * cloudtrail_allow(alertID TEXT, reason TEXT [, expires TEXT]) -> TEXT (JSON)
 *
 * Writes the entry of allow_list that covers just this alert's rule, account, identity, address and
 * endpoint, suppresses the alert where nobody has taken it up, and returns the entry. Others of the
 * kind are suppressed by the next cloudtrail_detect(). Where the events have several names, the role
 * of all of them stands in, for several addresses the /24 or /64 of all of them; several accounts are
 * none.
 *
 * Units:   expires is a date or time in UTC, from which on the entry counts no more.
 * NULL:    NULL when alertID or reason is; a NULL expires means never.
 * Errors:  there is no such alert, or it is part of another; expires is in the past; its events have no one identity and no
 *          one address; an empty reason, an expires that is no time; called from a statement that
 *          writes; the database is locked, full, read-only or of a newer release.
 * Example: SELECT cloudtrail_allow('nothing', 'known');
 *          -- error: cloudtrail_allow(): there is no such alert
 */
static void cloudtrail_allow(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    if (ct_any_null(2, args))
        return;
    allowing a = {.db = sqlite3_context_db_handle(context), .args = args, .n_args = n_args};
    int rc = allow(&a);
    if (rc == SQLITE_OK) {
        sqlite3_result_text(context, a.entry, -1, SQLITE_TRANSIENT);
        sqlite3_result_subtype(context, CT_JSON_SUBTYPE);
    } else {
        ct_result_failure(context, rc, "cloudtrail_allow", a.error);
    }
    ct_schema_report_free(&a.report);
    sqlite3_free(a.entry);
    sqlite3_free(a.error);
}

// clang-format off
static const ct_function functions[] = {
    /* name              argc flags           scalar            step  final value inverse */
    {"cloudtrail_allow", 2,   CT_DIRECT_JSON, cloudtrail_allow, NULL, NULL, NULL, NULL},
    {"cloudtrail_allow", 3,   CT_DIRECT_JSON, cloudtrail_allow, NULL, NULL, NULL, NULL},
};
// clang-format on

int ct_allow_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
