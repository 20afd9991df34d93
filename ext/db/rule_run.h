/*
 * rule_run: runs the rules of the table rule, whoever wrote them.
 *
 * A rule is a view. What it finds goes into temp.cloudtrail_finding; that it ran, and how, into
 * main.rule_run. A rule that fails, or whose view is not of the form of a finding, is named there
 * with the reason, and the others go on: a mistake in one rule must not blind all of them.
 */
#ifndef CT_RULE_RUN_H
#define CT_RULE_RUN_H

#include "sqlite/sqlite.h"

typedef enum ct_rules {
    CT_RULES_ENABLED, /* what cloudtrail_detect() runs */
    CT_RULES_HUNTING  /* what cloudtrail_hunt() runs: of kind 'Hunting', enabled or not */
} ct_rules;

/*
 * Runs each of these rules once, inside the transaction that is open. What concerns no single rule (no
 * memory, an interrupt, a full disk) ends it: then the code is SQLite's and *error a text
 * (sqlite3_malloc, for the caller to free), or NULL when there is no memory.
 */
int ct_rules_run(sqlite3 *db, ct_rules which, char **error);

#endif
