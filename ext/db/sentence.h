/*
 * sentence: finding_sentence(), finding_deed() and finding_list() in SQL: what a finding says in plain
 * words.
 */
#ifndef CT_SENTENCE_H
#define CT_SENTENCE_H

#include "sqlite/register.h"

int ct_sentence_register(sqlite3 *db, char **error);

#endif
