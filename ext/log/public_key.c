#include "log/public_key.h"

#include <mbedtls/md.h>
#include <mbedtls/pk.h>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/grow.h"
#include "base/json.h"
#include "base/mem.h"
#include "log/digest.h"

enum {
    MD5_BYTES = 16,
    SIGNATURE_MAX = 2048 /* of a key of 16,384 bits */
};

typedef struct public_key {
    char fingerprint[MD5_BYTES * 2]; /* of the DER, in small letters */
    ct_span stated;                  /* owned: the fingerprint as the list has it */
    mbedtls_pk_context key;
} public_key;

struct ct_public_keys {
    public_key *keys; /* owned */
    size_t n_keys, capacity;
};

ct_public_keys *ct_public_keys_new(void)
{
    ct_public_keys *keys = ct_malloc(sizeof *keys);
    if (keys)
        *keys = (ct_public_keys){NULL, 0, 0};
    return keys;
}

void ct_public_keys_free(ct_public_keys *keys)
{
    if (!keys)
        return;
    for (size_t i = 0; i < keys->n_keys; i++) {
        mbedtls_pk_free(&keys->keys[i].key);
        ct_free((char *)keys->keys[i].stated.p);
    }
    ct_free(keys->keys);
    ct_free(keys);
}

size_t ct_public_keys_count(const ct_public_keys *keys)
{
    return keys->n_keys;
}

/* ---- reading them --------------------------------------------------------------------------- */

/* Appends what base64 stands for, with line breaks and `\/` in it, as some JSON writers put it;
 * nothing where it is none. */
static void decode_base64(const ct_json *text, ct_buf *der)
{
    ct_buf plain = CT_BUF_EMPTY;
    (void)ct_json_decode(text, &plain);
    if (ct_buf_ok(&plain))
        (void)ct_base64_decode(plain.data, plain.len, der);
    else
        der->failed = true;
    ct_buf_free(&plain);
}

/* Reads the key, and its fingerprint; false when it is none of ours. */
static bool read_key(public_key *key, const ct_buf *der)
{
    const unsigned char *p = (const unsigned char *)ct_buf_at(der, 0);
    unsigned char md5[MD5_BYTES];
    mbedtls_pk_init(&key->key);
    if (mbedtls_pk_parse_public_key(&key->key, p, der->len) != 0 ||
        !mbedtls_pk_can_do(&key->key, MBEDTLS_PK_RSA) ||
        mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_MD5), p, der->len, md5) != 0) {
        mbedtls_pk_free(&key->key);
        return false;
    }
    ct_hex(md5, sizeof md5, key->fingerprint);
    return true;
}

static const char *add_key(ct_public_keys *keys, const ct_json *value, ct_span stated)
{
    public_key *all = ct_grow(keys->keys, keys->n_keys, &keys->capacity, 8, sizeof *keys->keys);
    if (!all)
        return "";
    keys->keys = all;
    public_key *key = &all[keys->n_keys];
    ct_buf der = CT_BUF_EMPTY;
    decode_base64(value, &der);
    char *copy = ct_malloc(stated.n);
    bool has_memory = copy && ct_buf_ok(&der);
    bool is_read = has_memory && read_key(key, &der);
    ct_buf_free(&der);
    if (!is_read) {
        ct_free(copy);
        return has_memory ? "a key that is no RSA key in base64 DER" : "";
    }
    for (size_t i = 0; i < stated.n; i++)
        copy[i] = ct_to_lower(stated.p[i]);
    key->stated = (ct_span){copy, stated.n};
    keys->n_keys++;
    return NULL;
}

/* One element of PublicKeyList. */
static const char *add_element(ct_public_keys *keys, const ct_json *element)
{
    ct_json value;
    if (!ct_json_find(element, "Value", &value) || value.kind != CT_JSON_STRING)
        return "a key without a Value";
    return add_key(keys, &value, ct_json_field(element->p, element->len, NULL, "Fingerprint"));
}

static const char *add_list(ct_public_keys *keys, const ct_json *list)
{
    const char *error = NULL;
    ct_json element;
    for (ct_json_walk w = ct_json_walk_into(list); !error && ct_json_walk_on(&w, NULL, &element);)
        error = element.kind == CT_JSON_OBJECT ? add_element(keys, &element)
                                               : "a key that is no object";
    return error;
}

const char *ct_public_keys_add(ct_public_keys *keys, const char *p, size_t n)
{
    static const char no_list[] =
        "no PublicKeyList, as `aws cloudtrail list-public-keys` prints it";
    ct_json_scanner s = ct_json_scan(p, n);
    ct_json document, list;
    if (!ct_json_valid(p, n))
        return "no JSON";
    (void)ct_json_space(&s);
    (void)ct_json_value(&s, &document);
    if (document.kind != CT_JSON_OBJECT || !ct_json_find(&document, "PublicKeyList", &list) ||
        list.kind != CT_JSON_ARRAY)
        return no_list;
    return add_list(keys, &list);
}

/* ---- signatures ----------------------------------------------------------------------------- */

static bool is_fingerprint(const public_key *key, ct_span fingerprint)
{
    bool is_own = fingerprint.n == sizeof key->fingerprint;
    bool is_stated = fingerprint.n == key->stated.n && fingerprint.n > 0;
    for (size_t i = 0; i < fingerprint.n && (is_own || is_stated); i++) {
        char c = ct_to_lower(fingerprint.p[i]);
        is_own = is_own && key->fingerprint[i] == c;
        is_stated = is_stated && key->stated.p[i] == c;
    }
    return is_own || is_stated;
}

bool ct_public_keys_has(const ct_public_keys *keys, ct_span fingerprint)
{
    for (size_t i = 0; i < keys->n_keys; i++)
        if (is_fingerprint(&keys->keys[i], fingerprint))
            return true;
    return false;
}

ct_signature_state ct_public_keys_verify(ct_public_keys *keys, ct_span fingerprint,
                                         const unsigned char sha256[CT_SHA256_BYTES],
                                         ct_span signature)
{
    unsigned char bytes[SIGNATURE_MAX];
    ct_signature_state state = CT_SIGNATURE_NO_KEY;
    bool is_hex = signature.n / 2 <= sizeof bytes &&
                  ct_unhex(signature.p, signature.n, bytes, signature.n / 2);
    for (size_t i = 0; i < keys->n_keys; i++) {
        if (!is_fingerprint(&keys->keys[i], fingerprint))
            continue;
        if (is_hex && mbedtls_pk_verify(&keys->keys[i].key, MBEDTLS_MD_SHA256, sha256,
                                        CT_SHA256_BYTES, bytes, signature.n / 2) == 0)
            return CT_SIGNATURE_GOOD;
        state = CT_SIGNATURE_WRONG;
    }
    return state;
}
