/*
 * SQL: Kusto's functions that encode, decode and hash strings, and that take URLs and CSV apart.
 * NULL is ''.
 */
#include "kql/runtime.h"

#include <mbedtls/md.h>

#include "base/ascii.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "kql/glue.h"

/* ---- hashes --------------------------------------------------------------------------------- */

static void hash(sqlite3_context *context, sqlite3_value *arg, mbedtls_md_type_t type)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[MBEDTLS_MD_MAX_SIZE];
    char text[2 * MBEDTLS_MD_MAX_SIZE];
    ct_span input;
    if (!ct_kql_text(context, arg, &input))
        return;
    if (input.n == 0) {
        ct_result_span(context, input);
        return;
    }
    const mbedtls_md_info_t *md = mbedtls_md_info_from_type(type);
    if (!md || mbedtls_md(md, (const unsigned char *)input.p, input.n, bytes) != 0) {
        ct_kql_fail(context, "the hash cannot be computed", NULL);
        return;
    }
    size_t n = mbedtls_md_get_size(md);
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    ct_result_span(context, (ct_span){text, 2 * n});
}

/*
 * kql_hash_sha256(text TEXT) -> TEXT     and kql_hash_sha1, kql_hash_md5: in hexadecimal digits
 *
 * Of '' it is '', as Kusto has it.
 *
 * Example: SELECT kql_hash_md5('World');
 *          -- f5a7924e621e84c9280a9a27e1bcb7f6
 */
static void kql_hash_sha256(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    hash(context, args[0], MBEDTLS_MD_SHA256);
}

static void kql_hash_sha1(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    hash(context, args[0], MBEDTLS_MD_SHA1);
}

static void kql_hash_md5(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    (void)n_args;
    hash(context, args[0], MBEDTLS_MD_MD5);
}

/* ---- base64 --------------------------------------------------------------------------------- */

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_base64(ct_buf *out, ct_span bytes)
{
    const unsigned char *u = (const unsigned char *)bytes.p;
    for (size_t i = 0; i < bytes.n; i += 3) {
        size_t left = bytes.n - i;
        unsigned group = (unsigned)u[i] << 16 | (left > 1 ? (unsigned)u[i + 1] << 8 : 0) |
                         (left > 2 ? u[i + 2] : 0u);
        char text[4] = {base64_digits[group >> 18], base64_digits[group >> 12 & 63],
                        left > 1 ? base64_digits[group >> 6 & 63] : '=',
                        left > 2 ? base64_digits[group & 63] : '='};
        ct_buf_put(out, text, 4);
    }
}

/* False when the text is no base64; `=` may only stand at the end. */
static bool get_base64(ct_buf *out, ct_span text)
{
    if (text.n % 4 != 0)
        return false;
    for (size_t i = 0; i < text.n; i += 4) {
        unsigned group = 0;
        int n = 0;
        while (n < 4 && text.p[i + (size_t)n] != '=') {
            const char *digit =
                text.p[i + (size_t)n] ? strchr(base64_digits, text.p[i + (size_t)n]) : NULL;
            if (!digit)
                return false;
            group = group << 6 | (unsigned)(digit - base64_digits);
            n++;
        }
        if (n < 2 || (n < 4 && i + 4 < text.n) || (n == 2 && text.p[i + 3] != '='))
            return false;
        group <<= 6 * (4 - n);
        char bytes[3] = {(char)(group >> 16), (char)(group >> 8), (char)group};
        ct_buf_put(out, bytes, (size_t)n - 1);
    }
    return true;
}

/*
 * kql_base64_encode_tostring(text TEXT) -> TEXT
 * kql_base64_decode_tostring(text TEXT) -> TEXT               '' for what is no base64 of UTF-8
 * kql_base64_decode_toarray(text TEXT) -> TEXT (JSON array)   of byte values; NULL for no base64
 *
 * Example: SELECT kql_base64_encode_tostring('Kusto'), kql_base64_decode_toarray('S3U=');
 *          -- S3VzdG8=|[75,117]
 */
static void kql_base64_encode(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text))
        return;
    put_base64(&out, text);
    ct_result_buf(context, &out);
}

static void kql_base64_decode(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text))
        return;
    if (!get_base64(&out, text) ||
        (ct_buf_ok(&out) && out.len > 0 && !ct_utf8_valid(out.data, out.len)))
        ct_buf_clear(&out);
    ct_result_buf(context, &out);
}

static void kql_base64_decode_toarray(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf bytes = CT_BUF_EMPTY, out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text))
        return;
    if (get_base64(&bytes, text)) {
        ct_buf_put_char(&out, '[');
        for (size_t i = 0; i < bytes.len; i++)
            ct_buf_printf(&out, i > 0 ? ",%d" : "%d", (unsigned char)bytes.data[i]);
        ct_buf_put_char(&out, ']');
        out.failed |= bytes.failed;
        ct_result_buf(context, &out);
    }
    ct_buf_free(&bytes);
}

/* ---- URLs ----------------------------------------------------------------------------------- */

static void put_url_encoded(ct_buf *out, ct_span text, bool space_is_plus)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool plain = ct_is_digit(c) || ct_is_lower(c) || ct_is_upper(c) || (c && strchr("-_.~", c));
        if (plain)
            ct_buf_put_char(out, c);
        else if (c == ' ' && space_is_plus)
            ct_buf_put_char(out, '+');
        else
            ct_buf_printf(out, "%%%02x", (unsigned char)c);
    }
}

static int hex_value(char c)
{
    if (ct_is_digit(c))
        return c - '0';
    return ct_is_hex(c) ? ct_to_lower(c) - 'a' + 10 : -1;
}

/* A % without two digits stays as it is. */
static void put_url_decoded(ct_buf *out, ct_span text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        int high = c == '%' && i + 2 < text.n ? hex_value(text.p[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text.p[i + 2]) : -1;
        if (low >= 0) {
            ct_buf_put_char(out, (char)(high << 4 | low));
            i += 2;
        } else {
            ct_buf_put_char(out, c == '+' ? ' ' : c);
        }
    }
}

/*
 * kql_url_encode(text TEXT) -> TEXT               a blank becomes +
 * kql_url_encode_component(text TEXT) -> TEXT     a blank becomes %20
 * kql_url_decode(text TEXT) -> TEXT
 *
 * Example: SELECT kql_url_encode('a b/ü'), kql_url_decode('https%3a%2f%2fwww.bing.com%2f');
 *          -- a+b%2f%c3%bc|https://www.bing.com/
 */
static void kql_url_encode(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text))
        return;
    put_url_encoded(&out, text, true);
    ct_result_buf(context, &out);
}

static void kql_url_encode_component(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text))
        return;
    put_url_encoded(&out, text, false);
    ct_result_buf(context, &out);
}

static void kql_url_decode(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text))
        return;
    put_url_decoded(&out, text);
    ct_result_buf(context, &out);
}

/* What stands before the first `mark`; rest is what stands behind it. False without one. */
static bool cut(ct_span *rest, char mark, ct_span *before)
{
    const char *at = rest->n > 0 ? memchr(rest->p, mark, rest->n) : NULL;
    if (!at)
        return false;
    *before = (ct_span){rest->p, (size_t)(at - rest->p)};
    *rest = (ct_span){at + 1, rest->n - before->n - 1};
    return true;
}

static void put_string(ct_buf *out, ct_span text)
{
    ct_json_put_string(out, text.p, text.n);
}

static void put_parameters(ct_buf *out, ct_span query)
{
    bool first = true, more = query.n > 0;
    ct_buf_put_text(out, "\"Query Parameters\":{");
    while (more) {
        ct_span pair = query, key;
        more = cut(&query, '&', &pair);
        ct_span value = pair;
        if (!cut(&value, '=', &key)) {
            key = pair;
            value.n = 0;
        }
        if (pair.n == 0)
            continue;
        if (!first)
            ct_buf_put_char(out, ',');
        first = false;
        put_string(out, key);
        ct_buf_put_char(out, ':');
        put_string(out, value);
    }
    ct_buf_put_char(out, '}');
}

static void put_part(ct_buf *out, const char *name, ct_span value)
{
    ct_json_put_text(out, name);
    ct_buf_put_char(out, ':');
    put_string(out, value);
    ct_buf_put_char(out, ',');
}

static void put_url(ct_buf *out, ct_span url)
{
    const ct_span none = {"", 0};
    ct_span scheme = none, host, port = none, user = none, password = none, query = none;
    ct_span fragment = none, before, rest = url;
    if (cut(&rest, ':', &scheme)) {
        if (rest.n >= 2 && memcmp(rest.p, "//", 2) == 0) {
            rest = (ct_span){rest.p + 2, rest.n - 2};
        } else {
            scheme = none;
            rest = url;
        }
    } else {
        rest = url;
    }
    if (cut(&rest, '#', &before)) {
        fragment = rest;
        rest = before;
    }
    if (cut(&rest, '?', &before)) {
        query = rest;
        rest = before;
    }
    const char *slash = rest.n > 0 ? memchr(rest.p, '/', rest.n) : NULL;
    host = slash ? (ct_span){rest.p, (size_t)(slash - rest.p)} : rest;
    ct_span path = slash ? (ct_span){slash, rest.n - host.n} : none;
    if (cut(&host, '@', &user) && cut(&user, ':', &before)) {
        password = user;
        user = before;
    }
    if (cut(&host, ':', &before)) {
        port = host;
        host = before;
    }
    ct_buf_put_char(out, '{');
    put_part(out, "Scheme", scheme);
    put_part(out, "Host", host);
    put_part(out, "Port", port);
    put_part(out, "Path", path);
    put_part(out, "Username", user);
    put_part(out, "Password", password);
    put_parameters(out, query);
    ct_buf_put_text(out, ",\"Fragment\":");
    put_string(out, fragment);
    ct_buf_put_char(out, '}');
}

/*
 * kql_parse_url(url TEXT) -> TEXT (JSON)
 * kql_parse_urlquery(query TEXT) -> TEXT (JSON)
 *
 * Bags of Scheme, Host, Port, Path, Username, Password, Query Parameters and Fragment; of Query
 * Parameters only. Nothing is decoded.
 *
 * Example: SELECT kql_parse_urlquery('k1=v1&k2=v2');
 *          -- {"Query Parameters":{"k1":"v1","k2":"v2"}}
 */
static void kql_parse_url(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span url;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &url))
        return;
    put_url(&out, url);
    ct_result_buf(context, &out);
}

static void kql_parse_urlquery(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span query;
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &query))
        return;
    if (query.n > 0 && query.p[0] == '?')
        query = (ct_span){query.p + 1, query.n - 1};
    ct_buf_put_char(&out, '{');
    put_parameters(&out, query);
    ct_buf_put_char(&out, '}');
    ct_result_buf(context, &out);
}

/* ---- paths ---------------------------------------------------------------------------------- */

/* The part behind the last of the marks; all of it when there is none. */
static ct_span behind_last(ct_span text, const char *marks)
{
    for (size_t i = text.n; i > 0; i--)
        if (text.p[i - 1] && strchr(marks, text.p[i - 1]))
            return (ct_span){text.p + i, text.n - i};
    return text;
}

/* Without the part behind its last slash, and that slash. */
static ct_span directory_of(ct_span path)
{
    ct_span last = behind_last(path, "/\\");
    return (ct_span){path.p, last.n < path.n ? path.n - last.n - 1 : 0};
}

/*
 * kql_parse_path(path TEXT) -> TEXT (JSON)
 *
 * A bag of Scheme, RootPath (a drive), DirectoryPath, DirectoryName, Filename, Extension and
 * AlternateDataStreamName; slashes may be of both kinds.
 *
 * Example: SELECT kql_get(kql_parse_path('C:\temp\file.txt'), 'DirectoryName');
 *          -- "temp"
 */
static void kql_parse_path(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span path, scheme = {"", 0}, root = {"", 0}, stream = {"", 0}, extension = {"", 0};
    ct_buf out = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &path))
        return;
    ct_span rest = path;
    if (cut(&rest, ':', &scheme) && rest.n >= 2 && memcmp(rest.p, "//", 2) == 0)
        path = (ct_span){rest.p + 2, rest.n - 2};
    else
        scheme.n = 0;
    if (path.n >= 2 && path.p[1] == ':' && (ct_is_lower(path.p[0]) || ct_is_upper(path.p[0])))
        root = (ct_span){path.p, 2};
    ct_span directory = directory_of(path), file = behind_last(path, "/\\"), name;
    stream = file;
    if (cut(&stream, ':', &name))
        file = name;
    else
        stream.n = 0;
    if (memchr(file.p, '.', file.n))
        extension = behind_last(file, ".");
    ct_buf_put_char(&out, '{');
    put_part(&out, "Scheme", scheme);
    put_part(&out, "RootPath", root);
    put_part(&out, "DirectoryPath", directory);
    put_part(&out, "DirectoryName", behind_last(directory, "/\\"));
    put_part(&out, "Filename", file);
    put_part(&out, "Extension", extension);
    ct_buf_put_text(&out, "\"AlternateDataStreamName\":");
    put_string(&out, stream);
    ct_buf_put_char(&out, '}');
    ct_result_buf(context, &out);
}

/* ---- CSV ------------------------------------------------------------------------------------ */

/*
 * kql_parse_csv(text TEXT) -> TEXT (JSON array)
 *
 * The fields of the first record, as strings. A field in double quotes may hold commas, line ends
 * and doubled quotes.
 *
 * Example: SELECT kql_parse_csv('aa,"b,b",cc');
 *          -- ["aa","b,b","cc"]
 */
static void kql_parse_csv(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    ct_span text;
    ct_buf out = CT_BUF_EMPTY, field = CT_BUF_EMPTY;
    (void)n_args;
    if (!ct_kql_text(context, args[0], &text))
        return;
    size_t i = 0;
    bool more = true;
    ct_buf_put_char(&out, '[');
    while (more) {
        bool quoted = i < text.n && text.p[i] == '"';
        ct_buf_clear(&field);
        for (i += quoted; i < text.n; i++) {
            char c = text.p[i];
            if (quoted && c == '"') {
                if (i + 1 < text.n && text.p[i + 1] == '"')
                    i++;
                else {
                    quoted = false;
                    continue;
                }
            } else if (!quoted && (c == ',' || c == '\n' || c == '\r')) {
                break;
            }
            ct_buf_put_char(&field, c);
        }
        more = i < text.n && text.p[i] == ',';
        i += more;
        out.failed |= field.failed;
        put_string(&out, (ct_span){field.data ? field.data : "", field.len});
        if (more)
            ct_buf_put_char(&out, ',');
    }
    ct_buf_put_char(&out, ']');
    ct_buf_free(&field);
    ct_result_buf(context, &out);
}

int ct_kql_register_encode(sqlite3 *db, char **error)
{
    static const ct_function functions[] = {
        CT_KQL_SCALAR("kql_hash_sha256", 1, kql_hash_sha256),
        CT_KQL_SCALAR("kql_hash_sha1", 1, kql_hash_sha1),
        CT_KQL_SCALAR("kql_hash_md5", 1, kql_hash_md5),
        CT_KQL_SCALAR("kql_base64_encode_tostring", 1, kql_base64_encode),
        CT_KQL_SCALAR("kql_base64_decode_tostring", 1, kql_base64_decode),
        CT_KQL_SCALAR("kql_base64_decode_toarray", 1, kql_base64_decode_toarray),
        CT_KQL_SCALAR("kql_url_encode", 1, kql_url_encode),
        CT_KQL_SCALAR("kql_url_encode_component", 1, kql_url_encode_component),
        CT_KQL_SCALAR("kql_url_decode", 1, kql_url_decode),
        CT_KQL_SCALAR("kql_parse_url", 1, kql_parse_url),
        CT_KQL_SCALAR("kql_parse_urlquery", 1, kql_parse_urlquery),
        CT_KQL_SCALAR("kql_parse_path", 1, kql_parse_path),
        CT_KQL_SCALAR("kql_parse_csv", 1, kql_parse_csv),
    };
    return ct_register(db, functions, sizeof functions / sizeof functions[0], error);
}
