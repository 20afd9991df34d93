#include "logs.h"

#include <string.h>

#include "gz.h"
#include "temp.h"

void logs_put_record(ct_buf *out, int i, const char *fields)
{
    int seconds = i < 0 ? -i : i;
    ct_buf_printf(out,
                  "{\"eventVersion\":\"1.09\",\"userIdentity\":{\"type\":\"IAMUser\","
                  "\"userName\":\"user%d\",\"accountId\":\"111122223333\"},",
                  seconds % 7);
    ct_buf_printf(out,
                  "\"eventTime\":\"2024-05-14T%02d:%02d:%02dZ\","
                  "\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"ListUsers\","
                  "\"awsRegion\":\"us-east-1\",\"requestParameters\":{\"n\":%d}",
                  seconds / 3600 % 24, seconds / 60 % 60, seconds % 60, seconds);
    if (i >= 0)
        ct_buf_printf(out, ",\"eventID\":\"id-%d\"", i);
    ct_buf_put_text(out, fields);
    ct_buf_put_char(out, '}');
}

const char *logs_write_text(const char *name, const char *text, size_t n)
{
    size_t len = strlen(name);
    if (len < 3 || strcmp(name + len - 3, ".gz") != 0)
        return temp_write(name, text, n);
    ct_buf packed = CT_BUF_EMPTY;
    gz_put(&packed, text, n);
    const char *path = temp_write(name, packed.data, packed.len);
    ct_buf_free(&packed);
    return path;
}

const char *logs_write(const char *name, int first, int n)
{
    ct_buf text = CT_BUF_EMPTY;
    ct_buf_put_text(&text, "{\"Records\":[");
    for (int i = first; i < first + n; i++) {
        if (i > first)
            ct_buf_put_char(&text, ',');
        logs_put_record(&text, i, "");
    }
    ct_buf_put_text(&text, "]}");
    const char *path = logs_write_text(name, text.data, text.len);
    ct_buf_free(&text);
    return path;
}

const char *logs_write_lines(const char *name, int first, int n, int size)
{
    ct_buf text = CT_BUF_EMPTY;
    for (int i = first; i < first + n; i++) {
        ct_buf fields = CT_BUF_EMPTY;
        ct_buf_put_text(&fields, ",\"padding\":\"");
        for (int k = 350; k < size; k++)
            ct_buf_put_char(&fields, (char)('a' + (i + k * k) % 26));
        ct_buf_put(&fields, "\"", 2); /* with the NUL */
        logs_put_record(&text, i, fields.data);
        ct_buf_put_char(&text, '\n');
        ct_buf_free(&fields);
    }
    const char *path = logs_write_text(name, text.data, text.len);
    ct_buf_free(&text);
    return path;
}
