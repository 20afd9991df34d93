#include "log/json_columns.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "log/columns.h"

/* Room for one more field. */
static ct_csv_field *add_field(ct_json_columns *c, ct_csv_row *row)
{
    if (row->n_fields == CT_CSV_FIELDS_MAX)
        return NULL;
    if (row->n_fields == row->capacity) {
        size_t capacity = row->capacity ? row->capacity * 2 : 64;
        ct_csv_field *fields = ct_realloc(row->fields, capacity * sizeof *fields);
        if (!fields) {
            c->no_memory = true;
            return NULL;
        }
        row->fields = fields;
        row->capacity = capacity;
    }
    return &row->fields[row->n_fields++];
}

/* Notes what a value says: of a string its text, of any other its JSON, of null nothing. Texts that
 * are decoded are noted by their place, because the buffer moves. */
static void put_value(ct_json_columns *c, ct_csv_row *row, const ct_json *value)
{
    ct_csv_field *field = add_field(c, row);
    if (!field)
        return;
    bool is_string = value->kind == CT_JSON_STRING;
    *field = (ct_csv_field){.p = value->p + is_string, .len = value->len - 2 * is_string};
    if (value->kind == CT_JSON_NULL)
        field->len = 0;
    if (!is_string || !(value->flags & (CT_JSON_ESCAPED | CT_JSON_8BIT)))
        return;
    size_t start = c->texts.len;
    (void)ct_json_decode(value, &c->texts);
    field->p = NULL;
    field->len = c->texts.len - start;
}

/* Gives the noted places their addresses, in the order in which they were noted. */
static void settle(const ct_json_columns *c, ct_csv_row *row, size_t *at)
{
    for (size_t i = 0; i < row->n_fields; i++) {
        ct_csv_field *field = &row->fields[i];
        if (field->p)
            continue;
        field->p = ct_buf_at(&c->texts, *at);
        *at += field->len;
    }
}

static void begin(ct_json_columns *c)
{
    c->row.n_fields = c->names.n_fields = 0;
    c->is_lake = c->no_memory = false;
    ct_buf_clear(&c->texts);
}

/* Reads the header of the names that were gathered. */
static bool read_header(ct_json_columns *c)
{
    if (!ct_buf_ok(&c->texts) || c->no_memory || !ct_csv_header_read(&c->header, &c->names)) {
        c->no_memory = true;
        return false;
    }
    return c->header.kind == CT_CSV_SENTINEL || c->header.kind == CT_CSV_COLUMNS;
}

/* Whether the name is one of an event's time: without it an object is no such row. */
static bool is_time_name(const ct_json *key)
{
    static const char sentinel[] = "TimeGenerated";
    char first = key->len > 2 ? ct_to_lower(key->p[1]) : '\0';
    if (first != 'e' && first != 't')
        return false;
    return ct_json_says(key, sentinel, sizeof sentinel - 1) ||
           ct_columns_find(key->p + 1, key->len - 2) == CT_EVENT_TIME;
}

/* Passes the object's members to names and row; false when none is a time. */
static bool add_members(ct_json_columns *c, const ct_json *object)
{
    ct_json key, value;
    bool has_time = false;
    for (ct_json_walk w = ct_json_walk_into(object); ct_json_walk_on(&w, &key, &value);) {
        has_time = has_time || is_time_name(&key);
        key.flags = 0; /* names are compared as they stand */
        put_value(c, &c->names, &key);
        put_value(c, &c->row, &value);
    }
    return has_time;
}

/* Whether one of the object's first names is a time's: most objects are none of ours, and are told
 * so without being gathered. */
static bool may_be_row(const ct_json *object)
{
    ct_json key, value;
    for (ct_json_walk w = ct_json_walk_into(object); ct_json_walk_on(&w, &key, &value);)
        if (is_time_name(&key))
            return true;
    return false;
}

bool ct_json_columns_read(ct_json_columns *columns, const ct_json *object)
{
    ct_json_columns *c = columns;
    size_t at = 0;
    if (!may_be_row(object))
        return false;
    begin(c);
    if (!add_members(c, object) || !read_header(c))
        return false;
    settle(c, &c->row, &at);
    return true;
}

bool ct_json_columns_read_lake(ct_json_columns *columns, const ct_json *array)
{
    ct_json_columns *c = columns;
    ct_json value;
    bool has_time = false;
    size_t at = 0, n_objects = 0;
    begin(c);
    for (ct_json_walk w = ct_json_walk_into(array); ct_json_walk_on(&w, NULL, &value);) {
        if (value.kind != CT_JSON_OBJECT)
            return false;
        has_time = add_members(c, &value) || has_time;
        if (c->names.n_fields != ++n_objects)
            return false;
    }
    if (!has_time || !read_header(c))
        return false;
    settle(c, &c->row, &at);
    c->is_lake = true;
    return true;
}

/* The name of a column in a list of such: a string, or an object that has it. */
static bool find_name(const ct_json *column, ct_json *name)
{
    *name = *column;
    bool found = column->kind == CT_JSON_STRING ||
                 (column->kind == CT_JSON_OBJECT &&
                  (ct_json_find(column, "name", name) || ct_json_find(column, "Name", name)));
    return found && name->kind == CT_JSON_STRING;
}

bool ct_json_columns_read_names(ct_json_columns *columns, const ct_json *array)
{
    ct_json_columns *c = columns;
    ct_json column, name;
    begin(c);
    for (ct_json_walk w = ct_json_walk_into(array); ct_json_walk_on(&w, NULL, &column);) {
        if (!find_name(&column, &name))
            return false;
        name.flags = 0;
        put_value(c, &c->names, &name);
    }
    return read_header(c);
}

bool ct_json_columns_read_values(ct_json_columns *columns, const ct_json *array)
{
    ct_json_columns *c = columns;
    ct_json value;
    size_t at = 0;
    c->row.n_fields = 0;
    ct_buf_clear(&c->texts);
    for (ct_json_walk w = ct_json_walk_into(array); ct_json_walk_on(&w, NULL, &value);)
        put_value(c, &c->row, &value);
    if (!ct_buf_ok(&c->texts))
        c->no_memory = true;
    if (c->no_memory || c->row.n_fields != c->header.n_columns)
        return false;
    settle(c, &c->row, &at);
    return true;
}

bool ct_json_columns_make(ct_json_columns *columns, const char **message)
{
    ct_json_columns *c = columns;
    ct_buf_clear(&c->record);
    bool made = ct_csv_record_put(&c->header, &c->row, &c->scratch, &c->record, message);
    if (!ct_buf_ok(&c->scratch) || !ct_buf_ok(&c->record))
        c->no_memory = true;
    return made && !c->no_memory;
}

void ct_json_columns_free(ct_json_columns *columns)
{
    ct_csv_header_free(&columns->header);
    ct_csv_row_free(&columns->row);
    ct_csv_row_free(&columns->names);
    ct_buf_free(&columns->texts);
    ct_buf_free(&columns->scratch);
    ct_buf_free(&columns->record);
}
