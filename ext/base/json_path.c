#include "base/json_path.h"

#include <string.h>

#include "base/ascii.h"

/* ---- the path ------------------------------------------------------------------------------- */

typedef enum step_kind { STEP_END, STEP_KEY, STEP_INDEX, STEP_BAD } step_kind;

typedef struct step {
    step_kind kind;
    ct_span key;
    size_t index;
} step;

static const step no_step = {.kind = STEP_BAD};

static step take_quoted_key(ct_span *path)
{
    const char *quote = memchr(path->p + 1, '"', path->n - 1);
    if (!quote)
        return no_step;
    step taken = {STEP_KEY, {path->p + 1, (size_t)(quote - path->p) - 1}, 0};
    *path = (ct_span){quote + 1, path->n - taken.key.n - 2};
    return taken;
}

static step take_key(ct_span *path)
{
    size_t n = 0;
    if (path->n > 0 && path->p[0] == '"')
        return take_quoted_key(path);
    while (n < path->n && path->p[n] != '.' && path->p[n] != '[')
        n++;
    step taken = {n > 0 ? STEP_KEY : STEP_BAD, {path->p, n}, 0};
    *path = (ct_span){path->p + n, path->n - n};
    return taken;
}

/* `12]` */
static step take_index(ct_span *path)
{
    size_t n = 0, index = 0;
    for (; n < path->n && ct_is_digit(path->p[n]); n++) {
        if (index > (SIZE_MAX - 9) / 10)
            return no_step;
        index = index * 10 + (size_t)(path->p[n] - '0');
    }
    if (n == 0 || n == path->n || path->p[n] != ']')
        return no_step;
    *path = (ct_span){path->p + n + 1, path->n - n - 1};
    return (step){STEP_INDEX, {path->p, 0}, index};
}

/* Cuts the next step off the front of what follows the `$`. */
static step take_step(ct_span *path)
{
    if (path->n == 0)
        return (step){STEP_END, {path->p, 0}, 0};
    char sign = path->p[0];
    *path = (ct_span){path->p + 1, path->n - 1};
    return sign == '.' ? take_key(path) : sign == '[' ? take_index(path) : no_step;
}

static bool is_path(ct_span path)
{
    if (path.n == 0 || path.p[0] != '$')
        return false;
    path = (ct_span){path.p + 1, path.n - 1};
    step next;
    do
        next = take_step(&path);
    while (next.kind == STEP_KEY || next.kind == STEP_INDEX);
    return next.kind == STEP_END;
}

/* ---- the text ------------------------------------------------------------------------------- */

/* Whether the key, as it stands in the text, is this one. */
static bool is_key(const ct_json *key, ct_span wanted, bool *no_memory)
{
    if (!(key->flags & CT_JSON_ESCAPED))
        return key->len - 2 == wanted.n && memcmp(key->p + 1, wanted.p, wanted.n) == 0;
    ct_buf said = CT_BUF_EMPTY;
    (void)ct_json_decode(key, &said);
    bool is_it =
        said.len == wanted.n && (wanted.n == 0 || memcmp(said.data, wanted.p, wanted.n) == 0);
    *no_memory = !ct_buf_ok(&said);
    ct_buf_free(&said);
    return is_it;
}

/* From an object's bracket to the value of that key. */
static ct_json_path_result go_to_key(ct_json_scanner *s, ct_span wanted)
{
    bool more, no_memory = false;
    ct_json key, passed;
    ct_json_status status = ct_json_enter(s, '{', &more);
    while (status == CT_JSON_OK && more) {
        s->flags = 0;
        status = ct_json_key(s, &key);
        if (status != CT_JSON_OK)
            break;
        bool is_it = is_key(&key, wanted, &no_memory);
        if (no_memory)
            return CT_JSON_PATH_NO_MEMORY;
        if (is_it)
            return CT_JSON_PATH_FOUND;
        status = ct_json_value(s, &passed);
        if (status == CT_JSON_OK)
            status = ct_json_next(s, '}', &more);
    }
    return CT_JSON_PATH_ABSENT;
}

/* From an array's bracket to its n-th value. */
static ct_json_path_result go_to_index(ct_json_scanner *s, size_t index)
{
    bool more;
    ct_json passed;
    ct_json_status status = ct_json_enter(s, '[', &more);
    for (size_t i = 0; status == CT_JSON_OK && more; i++) {
        if (i == index)
            return CT_JSON_PATH_FOUND;
        status = ct_json_value(s, &passed);
        if (status == CT_JSON_OK)
            status = ct_json_next(s, ']', &more);
    }
    return CT_JSON_PATH_ABSENT;
}

static ct_json_path_result go(ct_json_scanner *s, const step *next)
{
    if (s->p == s->end || *s->p != (next->kind == STEP_KEY ? '{' : '['))
        return CT_JSON_PATH_ABSENT;
    return next->kind == STEP_KEY ? go_to_key(s, next->key) : go_to_index(s, next->index);
}

ct_json_path_result ct_json_path_find(ct_span text, ct_span path, ct_json *value)
{
    if (!is_path(path))
        return CT_JSON_PATH_BAD;
    path = (ct_span){path.p + 1, path.n - 1};
    ct_json_scanner s = ct_json_scan(text.p, text.n);
    (void)ct_json_space(&s);
    for (step next = take_step(&path); next.kind != STEP_END; next = take_step(&path)) {
        ct_json_path_result result = go(&s, &next);
        if (result != CT_JSON_PATH_FOUND)
            return result;
    }
    s.flags = 0;
    return ct_json_value(&s, value) == CT_JSON_OK ? CT_JSON_PATH_FOUND : CT_JSON_PATH_ABSENT;
}
