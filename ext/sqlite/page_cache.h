/*
 * page_cache: SQLite's page cache and page size while much is written, within what the user and the
 * host allow.
 *
 * The cache is raised to CT_CACHE_KIB, so that the pages of a transaction fit and none is written
 * twice; to half of the host's hard_heap_limit or soft_heap_limit where that is less; and not at all
 * where it is not SQLite's default, for then the user has set it.
 */
#ifndef CT_PAGE_CACHE_H
#define CT_PAGE_CACHE_H

#include <stdbool.h>

#include "sqlite/sqlite.h"

enum {
    CT_CACHE_KIB = 128 * 1024,
    CT_PAGE_BYTES = 16384 /* of a new database */
};

typedef struct ct_page_cache {
    sqlite3 *db;            /* borrowed */
    sqlite3_int64 user_has; /* to be set again */
    sqlite3_int64 max_kib;  /* what is tried; 0: CT_CACHE_KIB */
    bool is_settled;        /* it was raised, or is to be left alone */
    bool is_raised;
} ct_page_cache;

/* Gives a database that is empty larger pages, unless the user has chosen some. In WAL mode they can
 * no longer be chosen, and SQLite says nothing and leaves them. */
int ct_page_size_choose(sqlite3 *db);

int ct_page_cache_raise(ct_page_cache *cache);

/* Also after an interrupt. */
void ct_page_cache_restore(ct_page_cache *cache);

/* After SQLITE_NOMEM, when it was restored: whether it is worth trying again with a smaller one, to
 * which the next ct_page_cache_raise() sets it. */
bool ct_page_cache_shrink(ct_page_cache *cache);

#endif
