/* Any bytes: the scanner ends, reads no byte too far, and a value minified is the same value. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Every string on the way down is decoded; the walk must end where the value does. */
static void walk(const ct_json *value, int depth)
{
    if (value->kind == CT_JSON_STRING) {
        ct_buf said = CT_BUF_EMPTY;
        bool lossy = ct_json_decode(value, &said);
        if (lossy != ct_json_is_lossy(value) ||
            !ct_utf8_valid(said.data ? said.data : "", said.len))
            abort();
        ct_buf_free(&said);
        (void)ct_json_says(value, "eventTime", 9);
    }
    bool is_object = value->kind == CT_JSON_OBJECT, more;
    if ((!is_object && value->kind != CT_JSON_ARRAY) || depth == 20)
        return;
    ct_json_scanner s = ct_json_scan(value->p, value->len);
    ct_json member;
    ct_json_status st = ct_json_enter(&s, *value->p, &more);
    while (st == CT_JSON_OK && more) {
        if (is_object && ct_json_key(&s, &member) != CT_JSON_OK)
            abort();
        if (is_object)
            walk(&member, depth + 1);
        if (ct_json_value(&s, &member) != CT_JSON_OK)
            abort();
        walk(&member, depth + 1);
        st = ct_json_next(&s, is_object ? '}' : ']', &more);
    }
    if (st != CT_JSON_OK || s.p != value->p + value->len)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *text = (const char *)data;
    ct_json_scanner s = ct_json_scan(text, n);
    ct_json value, again;
    ct_json_status st = ct_json_value(&s, &value);
    if (s.p < text || s.p > text + n)
        abort();
    if (st != CT_JSON_OK) {
        if (ct_json_valid(text, n) && !strchr(" \t\r\n", *text))
            abort();
        return 0;
    }
    walk(&value, 0);
    ct_buf small = CT_BUF_EMPTY, smaller = CT_BUF_EMPTY;
    ct_json_minify(&value, &small);
    s = ct_json_scan(small.data, small.len);
    if (ct_json_value(&s, &again) != CT_JSON_OK || s.p != s.end || again.kind != value.kind ||
        (again.flags & CT_JSON_SPACED) || !ct_utf8_valid(small.data, small.len))
        abort();
    ct_json_minify(&again, &smaller);
    if (smaller.len != small.len || memcmp(smaller.data, small.data, small.len) != 0)
        abort();
    ct_buf_free(&small);
    ct_buf_free(&smaller);
    return 0;
}
