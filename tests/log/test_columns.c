/* Objects that stand in columns, as JSON and as Athena prints a row, and names with dots: what is read,
 * and what is left as it stands. */
#include "harness.h"

#include <string.h>

#include "base/json.h"
#include "faulty_mem.h"
#include "log/columns.h"

static const char before[] = "before";

#define DEEP(inner)                                                                                \
    "{sessionContext={sessionContext={sessionContext={sessionContext={sessionContext={"            \
    "sessionContext=" inner "}}}}}}"

static void test_columns_put_object_table(void **state)
{
    static const struct {
        const char *text, *object; /* NULL: it cannot be told what it says */
    } cases[] = {
        /* JSON: known names as the record has them, in known objects alone */
        {"{}", "{}"},
        {" \t{\"user_name\":\"a\",\"ARN\" : null}\r\n", "{\"userName\":\"a\",\"arn\":null}"},
        {"{\"session_context\":{\"attributes\":{\"mfa_authenticated\":\"true\"}}}",
         "{\"sessionContext\":{\"attributes\":{\"mfaAuthenticated\":\"true\"}}}"},
        {"{\"other\":{\"user_name\":1},\"user_name\":[{\"user_name\":2}]}",
         "{\"other\":{\"user_name\":1},\"userName\":[{\"user_name\":2}]}"},
        {"{\"a_name_that_is_longer_than_any_name_of_a_record_and_goes_on_and_on_and_on_and_on_and_"
         "on\":"
         "{\"user_name\":1}}",
         "{\"a_name_that_is_longer_than_any_name_of_a_record_and_goes_on_and_on_and_on_and_on_and_"
         "on\":"
         "{\"user_name\":1}}"},
        /* rows */
        {"{type=IAMUser}", "{\"type\":\"IAMUser\"}"},
        {"{type=, arn=a=b, user_name=x, y}", NULL},
        {"{type=A, sessioncontext={sessionissuer={type=Role, userName=r}, ec2RoleDelivery=2.0}}",
         "{\"type\":\"A\",\"sessionContext\":{\"sessionIssuer\":{\"type\":\"Role\",\"userName\":"
         "\"r\"},"
         "\"ec2RoleDelivery\":\"2.0\"}}"},
        {"{type=null, arn=null}", "{}"},
        {"{type=null, arn=a, principalid=null}", "{\"arn\":\"a\"}"},
        {"{type=nulls}", "{\"type\":\"nulls\"}"},
        {"{type=a\"b}", "{\"type\":\"a\\\"b\"}"},
        {DEEP("x"),
         "{\"sessionContext\":{\"sessionContext\":{\"sessionContext\":{\"sessionContext\":{"
         "\"sessionContext\":{\"sessionContext\":\"x\"}}}}}}"},
        /* where a value ends cannot be told, or it is no row */
        {"", NULL},
        {" ", NULL},
        {"text", NULL},
        {"{", NULL},
        {"{type", NULL},
        {"{type}", NULL},
        {"{=A}", NULL},
        {"{type=A", NULL},
        {"{type=A,", NULL},
        {"{type=A, ", NULL},
        {"{type=A, }", NULL},
        {"{type=A,arn=b}", NULL},
        {"{type=A, other=b}", NULL},
        {"{other=A}", NULL},
        {"{type=A{b}", NULL},
        {"{type={arn=b}", NULL},
        {"{type={other=b}}", NULL},
        {"{type={arn=b}arn=c}", NULL},
        {"{type=A} and more", NULL},
        {"{type-name=A}", NULL},
        {DEEP("{sessionContext={arn=b}}"), NULL}, /* too deep */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_buf out = CT_BUF_EMPTY;
        ct_buf_put_text(&out, before);
        bool ok = ct_columns_put_object(cases[i].text, strlen(cases[i].text), &out);
        ct_buf_put_char(&out, '\0');
        const char *expected = cases[i].object ? cases[i].object : "";
        if (ok != (cases[i].object != NULL) || strcmp(out.data + sizeof before - 1, expected) != 0)
            fail_msg("%s\n  expected: %s\n  got:      %d %s", cases[i].text, expected, ok,
                     out.data + sizeof before - 1);
        ct_buf_free(&out);
    }
}

static bool put_nested(const char *text, ct_buf *out)
{
    ct_json object = {.p = text, .len = strlen(text), .kind = CT_JSON_OBJECT};
    return ct_columns_put_nested(&object, out);
}

static void test_columns_put_nested_table(void **state)
{
    static const struct {
        const char *text, *nested; /* NULL: a name stands there as it is and as a prefix */
    } cases[] = {
        {"{\"a.b\":1,\"c\":2,\"a.d.e\":3}", "{\"a\":{\"b\":1,\"d\":{\"e\":3}},\"c\":2}"},
        {"{\"a\":1,\"ab\":2,\"a-b.c\":3}", "{\"a\":1,\"ab\":2,\"a-b\":{\"c\":3}}"},
        {"{\"a.\":1,\".b\":2,\".\":3}", "{\"a.\":1,\".b\":2,\".\":3}"},
        {"{\"a\":1,\"a.b\":2}", NULL},
        {"{\"a.b\":2,\"a\":1}", NULL},
        {"{\"x.a.b\":2,\"x.a\":1}", NULL},
        {"{\"x.a\":2,\"y\":0,\"x.a.b\":1}", NULL},
        /* as deep as it is looked at: sixteen */
        {"{\"1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18\":0}",
         "{\"1\":{\"2\":{\"3\":{\"4\":{\"5\":{\"6\":{\"7\":{\"8\":{\"9\":{\"10\":{\"11\":{\"12\":{"
         "\"13\":{"
         "\"14\":{\"15\":{\"16\":{\"17.18\":0}}}}}}}}}}}}}}}}}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ct_buf out = CT_BUF_EMPTY;
        ct_buf_put_text(&out, before);
        bool ok = put_nested(cases[i].text, &out);
        ct_buf_put_char(&out, '\0');
        const char *expected = cases[i].nested ? cases[i].nested : "";
        if (ok != (cases[i].nested != NULL) || strcmp(out.data + sizeof before - 1, expected) != 0)
            fail_msg("%s\n  expected: %s\n  got:      %d %s", cases[i].text, expected, ok,
                     out.data + sizeof before - 1);
        ct_buf_free(&out);
    }
}

/* An object of more members than are looked at stays as it is. */
static void test_columns_put_nested_of_too_many_members(void **state)
{
    (void)state;
    for (int n = 512; n <= 513; n++) {
        ct_buf text = CT_BUF_EMPTY, out = CT_BUF_EMPTY;
        for (int i = 0; i < n; i++)
            ct_buf_printf(&text, "%s\"a.b%d\":%d", i ? "," : "{", i, i);
        ct_buf_put(&text, "}", 2);
        assert_int_equal(put_nested(text.data, &out), n == 512);
        assert_int_equal(out.len > 0, n == 512);
        ct_buf_free(&out);
        ct_buf_free(&text);
    }
}

static void test_columns_find_folds_names(void **state)
{
    static const struct {
        const char *name;
        int column;
    } cases[] = {
        {"eventTime", CT_EVENT_TIME},
        {"EVENT_TIME", CT_EVENT_TIME},
        {"event-time", CT_EVENT_TIME},
        {"event time", CT_EVENT_TIME},
        {"userIdentity.sessionContext.attributes.mfaAuthenticated", CT_SESSION_MFA_AUTHENTICATED},
        {"user_identity", CT_COLUMN_USER_IDENTITY},
        {"eventTimes", CT_COLUMN_UNKNOWN},
        {"", CT_COLUMN_UNKNOWN},
        {"._-", CT_COLUMN_UNKNOWN},
        {"a_name_that_is_longer_than_any_name_of_a_record_and_goes_on_and_on_and_on_and_on_and_on",
         CT_COLUMN_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(ct_columns_find(cases[i].name, strlen(cases[i].name)), cases[i].column);
    assert_string_equal(
        ct_columns_field_name(ct_columns_find("session_credential_from_console", 31)),
        "sessionCredentialFromConsole");
}

static void test_columns_out_of_memory_shows_in_the_buffer(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        ct_buf out = CT_BUF_EMPTY;
        ct_mem_fail_after(0);
        (void)(i ? put_nested("{\"a\":1,\"a.b\":2}", &out)
                 : ct_columns_put_object("{type=null, arn=b, c}", 21, &out));
        ct_mem_fail_after(-1);
        assert_false(ct_buf_ok(&out));
        ct_buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_put_object_table),
        cmocka_unit_test(test_columns_put_nested_table),
        cmocka_unit_test(test_columns_put_nested_of_too_many_members),
        cmocka_unit_test(test_columns_find_folds_names),
        cmocka_unit_test(test_columns_out_of_memory_shows_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
