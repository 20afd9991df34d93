/*
 * walk_chains: walk_chains() in SQL, over windows/chains.h.
 *
 * SQL names: walk_chains(walk, node, next), an aggregate.
 * Reads:     texts; what is not text as SQLite spells it.
 */
#include "windows/walk_chains.h"

#include "base/json_write.h"
#include "base/mem.h"
#include "sqlite/args.h"
#include "windows/chains.h"

static ct_chains *state_of(sqlite3_context *context)
{
    ct_chains *chains = sqlite3_aggregate_context(context, sizeof *chains);
    if (chains && chains->nodes.n_slots == 0) {
        sqlite3_randomness(sizeof chains->nodes.key, chains->nodes.key);
        sqlite3_randomness(sizeof chains->walks.key, chains->walks.key);
    }
    return chains;
}

static void walk_chains_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    ct_span walk, node, next;
    bool starts = sqlite3_value_type(args[0]) != SQLITE_NULL;
    bool links = sqlite3_value_type(args[2]) != SQLITE_NULL;
    if (sqlite3_value_type(args[1]) == SQLITE_NULL || (!starts && !links) ||
        !ct_arg_text(context, args[1], &node))
        return;
    if ((starts && !ct_arg_text(context, args[0], &walk)) ||
        (links && !ct_arg_text(context, args[2], &next)))
        return;
    ct_chains *chains = state_of(context);
    if (!chains || (starts && !ct_chains_start(chains, walk, node)) ||
        (links && !ct_chains_link(chains, node, next)))
        sqlite3_result_error_nomem(context);
}

static void put_name(ct_buf *json, const ct_distinct *names, uint32_t id)
{
    ct_value name = ct_distinct_value(names, id);
    ct_json_put_string(json, name.as.bytes, name.n_bytes);
}

static void put_rows(ct_buf *json, const ct_chains *chains, const ct_chains_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ct_buf_put_text(json, i == 0 ? "[" : ",[");
        put_name(json, &chains->walks, rows[i].walk);
        ct_buf_put_char(json, ',');
        put_name(json, &chains->nodes, rows[i].node);
        ct_buf_printf(json, ",%lld]", (long long)rows[i].depth);
    }
}

/*
 * walk_chains(walk TEXT, node TEXT, next TEXT) -> TEXT (JSON), an aggregate
 *
 * A row whose next is not NULL is a link from node to next; one whose walk is not NULL starts that
 * walk at node. Returns [[walk, node, depth], ...]: for each walk the nodes that it reaches, where
 * it starts at depth 0, what follows at 1, 2 ..., what comes before at -1, -2 ...; each once, by
 * the shortest way, of two as short ways by the one backwards. What has only an ancestor in common
 * is not reached. Walks stand in the order in which they were first named, then by depth. In time
 * linear in links and rows returned, whatever cycles there are.
 *
 * NULL:    a row without node, or with neither walk nor next, is skipped; '[]' where none starts.
 * Errors:  none for any input; SQLITE_NOMEM when out of memory, SQLITE_TOOBIG for an answer that
 *          SQLite does not hold.
 * Example: SELECT walk_chains(column1, column2, column3)
 *            FROM (VALUES (NULL, 'a', 'b'), (NULL, 'b', 'c'), ('w', 'b', NULL));
 *          -- [["w","a",-1],["w","b",0],["w","c",1]]
 */
static void walk_chains_final(sqlite3_context *context)
{
    ct_chains *chains = sqlite3_aggregate_context(context, 0);
    ct_buf json = CT_BUF_EMPTY;
    ct_chains_row *rows = NULL;
    size_t n = 0;
    ct_buf_put_char(&json, '[');
    if (chains) {
        if (ct_chains_rows(chains, &rows, &n))
            put_rows(&json, chains, rows, n);
        else
            json.failed = true;
        ct_chains_free(chains);
    }
    ct_buf_put_char(&json, ']');
    ct_free(rows);
    ct_result_json(context, &json);
}

// clang-format off
static const ct_function functions[] = {
    /* name         args flags         scalar step              final              value inverse */
    {"walk_chains", 3,   CT_PURE_JSON, NULL,  walk_chains_step, walk_chains_final, NULL, NULL},
};
// clang-format on

int ct_walk_chains_register(sqlite3 *db, char **error)
{
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
