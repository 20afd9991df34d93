#include "sqlite/page_cache.h"

#include <stddef.h>

#include "sqlite/statement.h"

/* SQLite's own where a build says nothing else. */
enum { DEFAULT_CACHE_SIZE = -2000, DEFAULT_PAGE_SIZE = 4096, SHRINK_BY = 8, MIN_KIB = 2000 };

/* The default that the host's SQLite was built with; *value stays as it is where the build is
 * without such a list. */
static int ask_built_with(sqlite3 *db, const char *option, sqlite3_int64 *value)
{
    char *sql = sqlite3_mprintf("SELECT substr(compile_options, length(%Q) + 2)"
                                " FROM pragma_compile_options"
                                " WHERE substr(compile_options, 1, length(%Q) + 1) = %Q || '='",
                                option, option, option);
    int rc = sql ? ct_statement_ask(db, sql, value) : SQLITE_NOMEM;
    sqlite3_free(sql);
    return rc;
}

static int set_pragma(sqlite3 *db, const char *name, sqlite3_int64 value)
{
    char *sql = sqlite3_mprintf("PRAGMA main.%s = %lld", name, value);
    int rc = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
    sqlite3_free(sql);
    return rc;
}

int ct_page_size_choose(sqlite3 *db)
{
    sqlite3_int64 n_pages = 0, page_size = 0, built_with = DEFAULT_PAGE_SIZE;
    int rc = ct_statement_integer(db, "PRAGMA main.page_count", &n_pages);
    if (rc == SQLITE_OK && n_pages == 0)
        rc = ct_statement_integer(db, "PRAGMA main.page_size", &page_size);
    if (rc == SQLITE_OK)
        rc = ask_built_with(db, "DEFAULT_PAGE_SIZE", &built_with);
    if (rc != SQLITE_OK || page_size != built_with)
        return rc;
    return set_pragma(db, "page_size", CT_PAGE_BYTES);
}

/* The host wants some memory for itself and for other connections. */
static sqlite3_int64 wanted_kib(const ct_page_cache *cache)
{
    const sqlite3_int64 limits[] = {sqlite3_hard_heap_limit64(-1), sqlite3_soft_heap_limit64(-1)};
    sqlite3_int64 kib = cache->max_kib ? cache->max_kib : CT_CACHE_KIB;
    for (int i = 0; i < 2; i++)
        if (limits[i] > 0 && limits[i] / 2 / 1024 < kib)
            kib = limits[i] / 2 / 1024;
    return kib;
}

int ct_page_cache_raise(ct_page_cache *cache)
{
    sqlite3_int64 built_with = DEFAULT_CACHE_SIZE;
    int rc = ct_statement_integer(cache->db, "PRAGMA main.cache_size", &cache->user_has);
    if (rc == SQLITE_OK)
        rc = ask_built_with(cache->db, "DEFAULT_CACHE_SIZE", &built_with);
    if (rc != SQLITE_OK)
        return rc;
    cache->is_settled = true;
    sqlite3_int64 kib = wanted_kib(cache);
    if (kib <= MIN_KIB || cache->user_has != built_with)
        return SQLITE_OK;
    cache->is_raised = true;
    cache->max_kib = kib;
    return set_pragma(cache->db, "cache_size", -kib);
}

/* After an interrupt no statement runs any more: this one has its effect while it is parsed, and
 * without white space the parser does not look for interrupts (sqlite/transaction.c). */
void ct_page_cache_restore(ct_page_cache *cache)
{
    if (!cache->is_raised)
        return;
    char *sql = sqlite3_mprintf("PRAGMA\"main\".cache_size=%lld;", cache->user_has);
    if (sql)
        (void)sqlite3_exec(cache->db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
}

bool ct_page_cache_shrink(ct_page_cache *cache)
{
    bool was_raised = cache->is_raised && cache->max_kib > MIN_KIB;
    cache->is_settled = cache->is_raised = false;
    cache->max_kib /= SHRINK_BY;
    if (cache->max_kib < MIN_KIB)
        cache->max_kib = MIN_KIB;
    if (was_raised)
        (void)sqlite3_db_release_memory(cache->db);
    return was_raised;
}
