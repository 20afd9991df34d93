/*
 * json_path: one value out of JSON text, by its path.
 *
 * Paths are those of SQLite's JSON functions without what they count from the end: `$`, then any
 * number of `.key`, `."key"` and `[n]` (from 0). A key without quotes goes up to the next `.` or
 * `[`; one in quotes may hold anything but a quote and is taken as it stands, without escapes.
 *
 * The text is read from its start to the value's end and no further: members on the way are passed
 * over as they are scanned, what stands behind is not looked at. Of repeated keys the first counts.
 * No memory is needed but for keys that are spelled with escapes.
 */
#ifndef CT_JSON_PATH_H
#define CT_JSON_PATH_H

#include "base/json.h"
#include "base/span.h"

typedef enum ct_json_path_result {
    CT_JSON_PATH_FOUND,
    CT_JSON_PATH_ABSENT, /* no such value, or the text is no JSON up to there */
    CT_JSON_PATH_BAD,    /* the path is none; said whatever the text is */
    CT_JSON_PATH_NO_MEMORY
} ct_json_path_result;

/* Finds the value; *value gets the piece of text that it is. */
ct_json_path_result ct_json_path_find(ct_span text, ct_span path, ct_json *value);

#endif
