/*
 * The extension from outside: the file itself, loaded into a plain connection by each entry point
 * and under another name. Nothing of the project is linked into this program.
 *
 * CT_EXTENSION: path of the file (`make test` sets it).
 */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <dlfcn.h>
#include <sqlite3ext.h> /* with SQLITE_CORE, as the tests are built, just the table's type */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what must be there --------------------------------------------------------------------- */

enum {
    PURE = SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
    DIRECT = SQLITE_DIRECTONLY,
    FLAGS = SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS | SQLITE_DIRECTONLY
};

typedef struct entry {
    const char *name;
    int n_args;
    char type; /* s: scalar, a: aggregate, w: aggregate and window function */
    int flags;
    bool reads_files; /* absent from sqlite3_cloudtrail_nofile_init */
} entry;

/* All functions, by name and number of arguments. */
// clang-format off
static const entry functions[] = {
    {"access_key_id",       1, 's', PURE,   false},
    {"address_matches",     2, 's', PURE,   false},
    {"address_network",     1, 's', PURE,   false},
    {"arn_part",            2, 's', PURE,   false},
    {"aws_call_name",       1, 's', PURE,   false},
    {"aws_cli_command",     1, 's', PURE,   false},
    {"aws_cli_command",     3, 's', PURE,   false},
    {"aws_cli_command",     4, 's', PURE,   false},
    {"aws_cli_version",     1, 's', PURE,   false},
    {"aws_event_command",   2, 's', PURE,   false},
    {"aws_event_command",   3, 's', PURE,   false},
    {"cloudtrail_allow",    2, 's', DIRECT, false},
    {"cloudtrail_allow",    3, 's', DIRECT, false},
    {"cloudtrail_dashboard", 0, 's', DIRECT, false},
    {"cloudtrail_dashboard", 1, 's', DIRECT, false},
    {"cloudtrail_detect",   0, 's', DIRECT, false},
    {"cloudtrail_engine_sql", 1, 's', DIRECT, false},
    {"cloudtrail_engine_sql", 2, 's', DIRECT, false},
    {"cloudtrail_forget",   1, 's', DIRECT, true},
    {"cloudtrail_handover", 1, 's', DIRECT, true},
    {"cloudtrail_hunt",     0, 's', DIRECT, false},
    {"cloudtrail_import",   1, 's', DIRECT, true},
    {"cloudtrail_import",   3, 's', DIRECT, true},
    {"cloudtrail_init",     0, 's', DIRECT, false},
    {"cloudtrail_record_json", 42, 's', PURE, false},
    {"cloudtrail_verify",   1, 's', DIRECT, true},
    {"cloudtrail_verify",   2, 's', DIRECT, true},
    {"cloudtrail_version",  0, 's', PURE,   false},
    {"count_distinct",      1, 'w', PURE,   false},
    {"ct_json",             1, 's', PURE,   false},
    {"ct_json_array",      -1, 's', PURE,   false},
    {"ct_json_array_nonnull", -1, 's', PURE, false},
    {"ct_json_group_array", 1, 'a', PURE,   false},
    {"ct_json_list",       -1, 's', PURE,   false},
    {"ct_json_object",     -1, 's', PURE,   false},
    {"ct_json_object_nonnull", -1, 's', PURE, false},
    {"ct_json_text",       -1, 's', PURE,   false},
    {"distinct_bursts",     4, 'w', PURE,   false},
    {"distinct_bursts",     5, 'w', PURE,   false},
    {"episode",             2, 'w', PURE,   false},
    {"finding_deed",        4, 's', PURE,   false},
    {"finding_list",        2, 's', PURE,   false},
    {"finding_sentence",    8, 's', PURE,   false},
    {"kql_abs_long", 1, 's', PURE, false},
    {"kql_abs_real", 1, 's', PURE, false},
    {"kql_acos", 1, 's', PURE, false},
    {"kql_add", 2, 's', PURE, false},
    {"kql_add_real", 2, 's', PURE, false},
    {"kql_agg_any", 1, 'a', PURE, false},
    {"kql_agg_avg", 1, 'w', PURE, false},
    {"kql_agg_bag", 1, 'a', PURE, false},
    {"kql_agg_binary_all_and", 1, 'a', PURE, false},
    {"kql_agg_binary_all_or", 1, 'a', PURE, false},
    {"kql_agg_binary_all_xor", 1, 'a', PURE, false},
    {"kql_agg_list", 1, 'a', PURE, false},
    {"kql_agg_list", 2, 'a', PURE, false},
    {"kql_agg_list_nulls", 1, 'a', PURE, false},
    {"kql_agg_list_nulls", 2, 'a', PURE, false},
    {"kql_agg_max_real", 1, 'a', PURE, false},
    {"kql_agg_min_real", 1, 'a', PURE, false},
    {"kql_agg_percentile", 2, 'a', PURE, false},
    {"kql_agg_percentiles", 2, 'a', PURE, false},
    {"kql_agg_set", 1, 'a', PURE, false},
    {"kql_agg_set", 2, 'a', PURE, false},
    {"kql_agg_stdev", 1, 'a', PURE, false},
    {"kql_agg_stdevp", 1, 'a', PURE, false},
    {"kql_agg_sum", 1, 'w', PURE, false},
    {"kql_agg_sum_real", 1, 'w', PURE, false},
    {"kql_agg_variance", 1, 'a', PURE, false},
    {"kql_agg_variancep", 1, 'a', PURE, false},
    {"kql_array_concat", -1, 's', PURE, false},
    {"kql_array_iff", 3, 's', PURE, false},
    {"kql_array_index_of", 2, 's', PURE, false},
    {"kql_array_index_of", 3, 's', PURE, false},
    {"kql_array_index_of", 4, 's', PURE, false},
    {"kql_array_index_of", 5, 's', PURE, false},
    {"kql_array_length", 1, 's', PURE, false},
    {"kql_array_reverse", 1, 's', PURE, false},
    {"kql_array_rotate_left", 2, 's', PURE, false},
    {"kql_array_rotate_right", 2, 's', PURE, false},
    {"kql_array_shift_left", 2, 's', PURE, false},
    {"kql_array_shift_left", 3, 's', PURE, false},
    {"kql_array_shift_right", 2, 's', PURE, false},
    {"kql_array_shift_right", 3, 's', PURE, false},
    {"kql_array_slice", 3, 's', PURE, false},
    {"kql_array_sort_asc", 1, 's', PURE, false},
    {"kql_array_sort_asc", 2, 's', PURE, false},
    {"kql_array_sort_desc", 1, 's', PURE, false},
    {"kql_array_sort_desc", 2, 's', PURE, false},
    {"kql_array_split", 2, 's', PURE, false},
    {"kql_array_sum", 1, 's', PURE, false},
    {"kql_asin", 1, 's', PURE, false},
    {"kql_atan", 1, 's', PURE, false},
    {"kql_atan2", 2, 's', PURE, false},
    {"kql_bag_has_key", 2, 's', PURE, false},
    {"kql_bag_keys", 1, 's', PURE, false},
    {"kql_bag_merge", -1, 's', PURE, false},
    {"kql_bag_remove_keys", 2, 's', PURE, false},
    {"kql_bag_set_key", 3, 's', PURE, false},
    {"kql_base64_decode_toarray", 1, 's', PURE, false},
    {"kql_base64_decode_tostring", 1, 's', PURE, false},
    {"kql_base64_encode_tostring", 1, 's', PURE, false},
    {"kql_bin", 2, 's', PURE, false},
    {"kql_bin_at_long", 3, 's', PURE, false},
    {"kql_bin_at_real", 3, 's', PURE, false},
    {"kql_bin_long", 2, 's', PURE, false},
    {"kql_bin_real", 2, 's', PURE, false},
    {"kql_binary_and", 2, 's', PURE, false},
    {"kql_binary_not", 1, 's', PURE, false},
    {"kql_binary_or", 2, 's', PURE, false},
    {"kql_binary_shift_left", 2, 's', PURE, false},
    {"kql_binary_shift_right", 2, 's', PURE, false},
    {"kql_binary_xor", 2, 's', PURE, false},
    {"kql_bitset_count_ones", 1, 's', PURE, false},
    {"kql_cast_dyn", 2, 's', PURE, false},
    {"kql_ceiling", 1, 's', PURE, false},
    {"kql_contains", 2, 's', PURE, false},
    {"kql_contains_cs", 2, 's', PURE, false},
    {"kql_cos", 1, 's', PURE, false},
    {"kql_cot", 1, 's', PURE, false},
    {"kql_countof", 2, 's', PURE, false},
    {"kql_countof_regex", 2, 's', PURE, false},
    {"kql_datetime_add", 3, 's', PURE, false},
    {"kql_datetime_checked", 1, 's', PURE, false},
    {"kql_datetime_diff", 3, 's', PURE, false},
    {"kql_datetime_part", 2, 's', PURE, false},
    {"kql_dayofmonth", 1, 's', PURE, false},
    {"kql_dayofweek", 1, 's', PURE, false},
    {"kql_dayofyear", 1, 's', PURE, false},
    {"kql_degrees", 1, 's', PURE, false},
    {"kql_div_long", 2, 's', PURE, false},
    {"kql_div_real", 2, 's', PURE, false},
    {"kql_div_ts", 2, 's', PURE, false},
    {"kql_div_ts_real", 2, 's', PURE, false},
    {"kql_dyn_bool", 1, 's', PURE, false},
    {"kql_dyn_datetime", 1, 's', PURE, false},
    {"kql_dyn_guid", 1, 's', PURE, false},
    {"kql_dyn_long", 1, 's', PURE, false},
    {"kql_dyn_real", 1, 's', PURE, false},
    {"kql_dyn_string", 1, 's', PURE, false},
    {"kql_dyn_timespan", 1, 's', PURE, false},
    {"kql_dynamic_to_json", 1, 's', PURE, false},
    {"kql_endofday", 1, 's', PURE, false},
    {"kql_endofday", 2, 's', PURE, false},
    {"kql_endofmonth", 1, 's', PURE, false},
    {"kql_endofmonth", 2, 's', PURE, false},
    {"kql_endofweek", 1, 's', PURE, false},
    {"kql_endofweek", 2, 's', PURE, false},
    {"kql_endofyear", 1, 's', PURE, false},
    {"kql_endofyear", 2, 's', PURE, false},
    {"kql_endswith", 2, 's', PURE, false},
    {"kql_endswith_cs", 2, 's', PURE, false},
    {"kql_eq", 2, 's', PURE, false},
    {"kql_eq_dyn", 2, 's', PURE, false},
    {"kql_equals_ci", 2, 's', PURE, false},
    {"kql_evidence", 1, 'a', PURE, false},
    {"kql_evidence_merge", -1, 's', PURE, false},
    {"kql_evidence_out", 1, 's', PURE, false},
    {"kql_exp", 1, 's', PURE, false},
    {"kql_exp10", 1, 's', PURE, false},
    {"kql_exp2", 1, 's', PURE, false},
    {"kql_extract", 3, 's', PURE, false},
    {"kql_extract_all", 2, 's', PURE, false},
    {"kql_extract_all", 3, 's', PURE, false},
    {"kql_first_text", -1, 's', PURE, false},
    {"kql_fold", 1, 's', PURE, false},
    {"kql_format_datetime", 2, 's', PURE, false},
    {"kql_format_ipv4", 1, 's', PURE, false},
    {"kql_format_ipv4", 2, 's', PURE, false},
    {"kql_format_timespan", 2, 's', PURE, false},
    {"kql_gamma", 1, 's', PURE, false},
    {"kql_ge_real", 2, 's', PURE, false},
    {"kql_get", -1, 's', PURE, false},
    {"kql_get_json", -1, 's', PURE, false},
    {"kql_getmonth", 1, 's', PURE, false},
    {"kql_gettype_dyn", 1, 's', PURE, false},
    {"kql_getyear", 1, 's', PURE, false},
    {"kql_gt_real", 2, 's', PURE, false},
    {"kql_has", 2, 's', PURE, false},
    {"kql_has_all", 2, 's', PURE, false},
    {"kql_has_any", 2, 's', PURE, false},
    {"kql_has_any_ipv4", -1, 's', PURE, false},
    {"kql_has_any_ipv4_prefix", -1, 's', PURE, false},
    {"kql_has_cs", 2, 's', PURE, false},
    {"kql_has_ipv4", 2, 's', PURE, false},
    {"kql_has_ipv4_prefix", 2, 's', PURE, false},
    {"kql_hash_md5", 1, 's', PURE, false},
    {"kql_hash_sha1", 1, 's', PURE, false},
    {"kql_hash_sha256", 1, 's', PURE, false},
    {"kql_hasprefix", 2, 's', PURE, false},
    {"kql_hasprefix_cs", 2, 's', PURE, false},
    {"kql_hassuffix", 2, 's', PURE, false},
    {"kql_hassuffix_cs", 2, 's', PURE, false},
    {"kql_hourofday", 1, 's', PURE, false},
    {"kql_in_ci", 2, 's', PURE, false},
    {"kql_in_dyn", 2, 's', PURE, false},
    {"kql_indexof", 2, 's', PURE, false},
    {"kql_indexof", 3, 's', PURE, false},
    {"kql_indexof", 4, 's', PURE, false},
    {"kql_indexof", 5, 's', PURE, false},
    {"kql_indexof_regex", 2, 's', PURE, false},
    {"kql_indexof_regex", 3, 's', PURE, false},
    {"kql_indexof_regex", 4, 's', PURE, false},
    {"kql_indexof_regex", 5, 's', PURE, false},
    {"kql_ipv4_compare", 2, 's', PURE, false},
    {"kql_ipv4_compare", 3, 's', PURE, false},
    {"kql_ipv4_is_in_any_range", -1, 's', PURE, false},
    {"kql_ipv4_is_in_range", 2, 's', PURE, false},
    {"kql_ipv4_is_match", 2, 's', PURE, false},
    {"kql_ipv4_is_match", 3, 's', PURE, false},
    {"kql_ipv4_is_private", 1, 's', PURE, false},
    {"kql_ipv4_netmask_suffix", 1, 's', PURE, false},
    {"kql_ipv6_compare", 2, 's', PURE, false},
    {"kql_ipv6_compare", 3, 's', PURE, false},
    {"kql_ipv6_is_in_any_range", -1, 's', PURE, false},
    {"kql_ipv6_is_in_range", 2, 's', PURE, false},
    {"kql_ipv6_is_match", 2, 's', PURE, false},
    {"kql_ipv6_is_match", 3, 's', PURE, false},
    {"kql_isascii", 1, 's', PURE, false},
    {"kql_isempty_dyn", 1, 's', PURE, false},
    {"kql_isfinite", 1, 's', PURE, false},
    {"kql_isinf", 1, 's', PURE, false},
    {"kql_isnan", 1, 's', PURE, false},
    {"kql_isutf8", 1, 's', PURE, false},
    {"kql_jaccard_index", 2, 's', PURE, false},
    {"kql_le_real", 2, 's', PURE, false},
    {"kql_log", 1, 's', PURE, false},
    {"kql_log10", 1, 's', PURE, false},
    {"kql_log2", 1, 's', PURE, false},
    {"kql_loggamma", 1, 's', PURE, false},
    {"kql_lt_real", 2, 's', PURE, false},
    {"kql_make_datetime", 6, 's', PURE, false},
    {"kql_make_list", 1, 'a', PURE, false},
    {"kql_make_string", -1, 's', PURE, false},
    {"kql_make_timespan", 4, 's', PURE, false},
    {"kql_matches_regex", 2, 's', PURE, false},
    {"kql_max_of", -1, 's', PURE, false},
    {"kql_max_of_real", -1, 's', PURE, false},
    {"kql_min_of", -1, 's', PURE, false},
    {"kql_min_of_real", -1, 's', PURE, false},
    {"kql_mod_long", 2, 's', PURE, false},
    {"kql_mod_real", 2, 's', PURE, false},
    {"kql_monthofyear", 1, 's', PURE, false},
    {"kql_mul", 2, 's', PURE, false},
    {"kql_mul_real", 2, 's', PURE, false},
    {"kql_mul_ts_real", 2, 's', PURE, false},
    {"kql_ne", 2, 's', PURE, false},
    {"kql_ne_dyn", 2, 's', PURE, false},
    {"kql_neg_long", 1, 's', PURE, false},
    {"kql_neg_real", 1, 's', PURE, false},
    {"kql_out_datetime", 1, 's', PURE, false},
    {"kql_out_timespan", 1, 's', PURE, false},
    {"kql_pack", -1, 's', PURE, false},
    {"kql_pack_array", -1, 's', PURE, false},
    {"kql_pack_filled", -1, 's', PURE, false},
    {"kql_pack_flat", -1, 's', PURE, false},
    {"kql_pack_strings", -1, 's', PURE, false},
    {"kql_parse", 2, 's', PURE, false},
    {"kql_parse_csv", 1, 's', PURE, false},
    {"kql_parse_ipv4", 1, 's', PURE, false},
    {"kql_parse_ipv4_mask", 2, 's', PURE, false},
    {"kql_parse_ipv6", 1, 's', PURE, false},
    {"kql_parse_ipv6_mask", 2, 's', PURE, false},
    {"kql_parse_json", 1, 's', PURE, false},
    {"kql_parse_path", 1, 's', PURE, false},
    {"kql_parse_url", 1, 's', PURE, false},
    {"kql_parse_urlquery", 1, 's', PURE, false},
    {"kql_pi", 0, 's', PURE, false},
    {"kql_pow", 2, 's', PURE, false},
    {"kql_radians", 1, 's', PURE, false},
    {"kql_range_dyn_datetime", 3, 's', PURE, false},
    {"kql_range_dyn_long", 3, 's', PURE, false},
    {"kql_range_dyn_real", 3, 's', PURE, false},
    {"kql_range_dyn_timespan", 3, 's', PURE, false},
    {"kql_regex_quote", 1, 's', PURE, false},
    {"kql_repeat", 2, 's', PURE, false},
    {"kql_replace_regex", 3, 's', PURE, false},
    {"kql_replace_string", 3, 's', PURE, false},
    {"kql_reverse", 1, 's', PURE, false},
    {"kql_round", 1, 's', PURE, false},
    {"kql_round", 2, 's', PURE, false},
    {"kql_scan_bool", 1, 's', PURE, false},
    {"kql_scan_datetime", 1, 's', PURE, false},
    {"kql_scan_dynamic", 1, 's', PURE, false},
    {"kql_scan_guid", 1, 's', PURE, false},
    {"kql_scan_long", 1, 's', PURE, false},
    {"kql_scan_real", 1, 's', PURE, false},
    {"kql_scan_string", 1, 's', PURE, false},
    {"kql_scan_timespan", 1, 's', PURE, false},
    {"kql_schema", 1, 's', 0, false},
    {"kql_second_after", 1, 's', PURE, false},
    {"kql_second_from", 1, 's', PURE, false},
    {"kql_set_difference", -1, 's', PURE, false},
    {"kql_set_has_element", 2, 's', PURE, false},
    {"kql_set_intersect", -1, 's', PURE, false},
    {"kql_set_union", -1, 's', PURE, false},
    {"kql_sign", 1, 's', PURE, false},
    {"kql_sin", 1, 's', PURE, false},
    {"kql_split", 2, 's', PURE, false},
    {"kql_split", 3, 's', PURE, false},
    {"kql_split_dyn", 2, 's', PURE, false},
    {"kql_split_dyn", 3, 's', PURE, false},
    {"kql_split_part", 3, 's', PURE, false},
    {"kql_sql", 1, 's', 0, false},
    {"kql_sql", 2, 's', 0, false},
    {"kql_sqrt", 1, 's', PURE, false},
    {"kql_startofday", 1, 's', PURE, false},
    {"kql_startofday", 2, 's', PURE, false},
    {"kql_startofmonth", 1, 's', PURE, false},
    {"kql_startofmonth", 2, 's', PURE, false},
    {"kql_startofweek", 1, 's', PURE, false},
    {"kql_startofweek", 2, 's', PURE, false},
    {"kql_startofyear", 1, 's', PURE, false},
    {"kql_startofyear", 2, 's', PURE, false},
    {"kql_startswith", 2, 's', PURE, false},
    {"kql_startswith_cs", 2, 's', PURE, false},
    {"kql_strcat", -1, 's', PURE, false},
    {"kql_strcat_array", 2, 's', PURE, false},
    {"kql_strcat_delim", -1, 's', PURE, false},
    {"kql_strcmp", 2, 's', PURE, false},
    {"kql_string_size", 1, 's', PURE, false},
    {"kql_strlen", 1, 's', PURE, false},
    {"kql_strrep", 2, 's', PURE, false},
    {"kql_strrep", 3, 's', PURE, false},
    {"kql_sub", 2, 's', PURE, false},
    {"kql_sub_real", 2, 's', PURE, false},
    {"kql_substring", 2, 's', PURE, false},
    {"kql_substring", 3, 's', PURE, false},
    {"kql_tan", 1, 's', PURE, false},
    {"kql_tobool_dyn", 1, 's', PURE, false},
    {"kql_tobool_string", 1, 's', PURE, false},
    {"kql_todatetime_dyn", 1, 's', PURE, false},
    {"kql_todatetime_long", 1, 's', PURE, false},
    {"kql_todatetime_string", 1, 's', PURE, false},
    {"kql_todouble_dyn", 1, 's', PURE, false},
    {"kql_todouble_string", 1, 's', PURE, false},
    {"kql_toguid_dyn", 1, 's', PURE, false},
    {"kql_toguid_string", 1, 's', PURE, false},
    {"kql_tohex", 1, 's', PURE, false},
    {"kql_tohex", 2, 's', PURE, false},
    {"kql_toint_dyn", 1, 's', PURE, false},
    {"kql_toint_long", 1, 's', PURE, false},
    {"kql_toint_real", 1, 's', PURE, false},
    {"kql_toint_string", 1, 's', PURE, false},
    {"kql_tolong_dyn", 1, 's', PURE, false},
    {"kql_tolong_real", 1, 's', PURE, false},
    {"kql_tolong_string", 1, 's', PURE, false},
    {"kql_tolower", 1, 's', PURE, false},
    {"kql_tostring_bool", 1, 's', PURE, false},
    {"kql_tostring_datetime", 1, 's', PURE, false},
    {"kql_tostring_dyn", 1, 's', PURE, false},
    {"kql_tostring_long", 1, 's', PURE, false},
    {"kql_tostring_real", 1, 's', PURE, false},
    {"kql_tostring_timespan", 1, 's', PURE, false},
    {"kql_totimespan_dyn", 1, 's', PURE, false},
    {"kql_totimespan_string", 1, 's', PURE, false},
    {"kql_toupper", 1, 's', PURE, false},
    {"kql_translate", 3, 's', PURE, false},
    {"kql_treepath", 1, 's', PURE, false},
    {"kql_trim", 2, 's', PURE, false},
    {"kql_trim_end", 2, 's', PURE, false},
    {"kql_trim_start", 2, 's', PURE, false},
    {"kql_unicode_codepoints_from_string", 1, 's', PURE, false},
    {"kql_unixtime_microseconds_todatetime", 1, 's', PURE, false},
    {"kql_unixtime_milliseconds_todatetime", 1, 's', PURE, false},
    {"kql_unixtime_nanoseconds_todatetime", 1, 's', PURE, false},
    {"kql_unixtime_seconds_todatetime", 1, 's', PURE, false},
    {"kql_url_decode", 1, 's', PURE, false},
    {"kql_url_encode", 1, 's', PURE, false},
    {"kql_url_encode_component", 1, 's', PURE, false},
    {"kql_view", 2, 's', DIRECT, false},
    {"kql_week_of_year", 1, 's', PURE, false},
    {"kql_zip", -1, 's', PURE, false},
    {"list_distinct",       1, 'w', PURE,   false},
    {"max_distinct_within", 3, 'w', PURE,   false},
    {"merge_sets",          1, 'a', PURE,   false},
    {"policy_statements",   1, 's', PURE,   false},
    {"upn_name",            1, 's', PURE,   false},
    {"upn_suffix",          1, 's', PURE,   false},
    {"user_agent_json",     1, 's', PURE,   false},
    {"walk_chains",         3, 'a', PURE,   false},
};

/* All table functions. */
static const struct {
    const char *name;
    bool reads_files;
} modules[] = {
    {"cloudtrail_log", true},
    {"kql_expand",     false},
    {"kql_series",     false},
};

/* All symbols that the file shows; `_` stands before them on macOS. */
static const char *const symbols[] = {
    "sqlite3_cloudtrail_init",
    "sqlite3_cloudtrail_nofile_init",
    "sqlite3_extension_init",
};
// clang-format on

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* ---- helpers -------------------------------------------------------------------------------- */

static const char *extension(void)
{
    const char *path = getenv("CT_EXTENSION");
    if (!path)
        fail_msg("CT_EXTENSION is not set");
    return path;
}

/* A connection as a careful client opens it: no trust in the schema, no "string" literals. */
static sqlite3 *open_plain(void)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    return db;
}

static void load(sqlite3 *db, const char *path, const char *entry_point)
{
    char *error = NULL;
    if (sqlite3_load_extension(db, path, entry_point, &error) != SQLITE_OK)
        fail_msg("cannot load %s: %s", path, error);
}

static sqlite3 *open_loaded(const char *entry_point)
{
    sqlite3 *db = open_plain();
    load(db, extension(), entry_point);
    return db;
}

/* The first column of all rows, a line each, or `error: ...`; sqlite3_free() it. */
static char *query(sqlite3 *db, const char *sql)
{
    sqlite3_str *out = sqlite3_str_new(NULL);
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        sqlite3_str_appendf(out, "%s\n", (const char *)sqlite3_column_text(stmt, 0));
    if (sqlite3_finalize(stmt) != SQLITE_OK || rc != SQLITE_OK)
        sqlite3_str_appendf(out, "error: %s\n", sqlite3_errmsg(db));
    char *text = sqlite3_str_finish(out);
    return text ? text : sqlite3_mprintf("");
}

static void assert_lines(const char *what, const char *got, const char *expected)
{
    if (strcmp(got, expected) == 0)
        return;
    /* not by fail_msg(), which cuts at 1,024 bytes */
    fprintf(stderr, "%s\n-- expected:\n%s-- got:\n%s", what, expected, got);
    fail_msg("another result than expected");
}

static void assert_gives(sqlite3 *db, const char *sql, const char *expected)
{
    char *got = query(db, sql);
    assert_lines(sql, got, expected);
    sqlite3_free(got);
}

/* ---- what is registered --------------------------------------------------------------------- */

static char *expected_functions(bool with_files)
{
    sqlite3_str *out = sqlite3_str_new(NULL);
    for (size_t i = 0; i < LENGTH(functions); i++) {
        const entry *f = &functions[i];
        if (!f->reads_files || with_files)
            sqlite3_str_appendf(out, "%s/%d %c %#x\n", f->name, f->n_args, f->type, f->flags);
    }
    return sqlite3_str_finish(out);
}

static void assert_registers(const char *entry_point, bool with_files)
{
    sqlite3 *db = open_plain();
    sqlite3_exec(db,
                 "CREATE TEMP TABLE f AS SELECT name, narg FROM pragma_function_list;"
                 "CREATE TEMP TABLE m AS SELECT name FROM pragma_module_list",
                 NULL, NULL, NULL);
    load(db, extension(), entry_point);

    char *sql = sqlite3_mprintf(
        "SELECT DISTINCT printf('%%s/%%d %%s %%#x', name, narg, type, flags & %d)"
        " FROM pragma_function_list WHERE (name, narg) NOT IN (SELECT name, narg FROM f)"
        " ORDER BY name, narg",
        FLAGS);
    char *expected = expected_functions(with_files);
    assert_gives(db, sql, expected);
    sqlite3_free(expected);
    sqlite3_free(sql);

    /* The other functions of SQLite are still its own. */
    assert_gives(db,
                 "SELECT count(*) FROM f WHERE (name, narg) NOT IN"
                 " (SELECT name, narg FROM pragma_function_list)",
                 "0\n");

    sqlite3_str *names = sqlite3_str_new(NULL);
    for (size_t i = 0; i < LENGTH(modules); i++)
        if (with_files || !modules[i].reads_files)
            sqlite3_str_appendf(names, "%s\n", modules[i].name);
    expected = sqlite3_str_finish(names);
    assert_gives(db,
                 "SELECT name FROM pragma_module_list WHERE name NOT IN (SELECT name FROM m)"
                 " AND name NOT LIKE 'pragma\\_%' ESCAPE '\\' ORDER BY name",
                 expected ? expected : "");
    sqlite3_free(expected);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_load_registers_the_written_list(void **state)
{
    (void)state;
    assert_registers(NULL, true);
    assert_registers("sqlite3_cloudtrail_init", true);
    assert_registers("sqlite3_extension_init", true);
}

static void test_load_nofile_registers_nothing_that_reads_files(void **state)
{
    (void)state;
    assert_registers("sqlite3_cloudtrail_nofile_init", false);
}

static void test_load_twice_is_fine(void **state)
{
    (void)state;
    sqlite3 *db = open_loaded(NULL);
    load(db, extension(), NULL);
    assert_gives(db, "SELECT upn_name('ana@corp.example')", "ana\n");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- another name --------------------------------------------------------------------------- */

static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    char piece[65536];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, in)) > 0)
        assert_int_equal(fwrite(piece, 1, n, out), n);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static void test_load_renamed_file_works(void **state)
{
    (void)state;
    char *renamed = sqlite3_mprintf("%s.2 renamed%s", extension(), strrchr(extension(), '.'));
    copy_file(extension(), renamed);
    sqlite3 *db = open_plain();
    load(db, renamed, NULL);
    assert_gives(db, "SELECT upn_suffix('ana@corp.example')", "corp.example\n");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    remove(renamed);
    sqlite3_free(renamed);
}

/* ---- others in the same process (issue 12) --------------------------------------------------- */

static char *other_release(void)
{
    const char *end = strrchr(extension(), '/');
    return sqlite3_mprintf("%.*s/tests/other_release%s", (int)(end - extension()), extension(),
                           strrchr(extension(), '.'));
}

/* The loader finds a name in the file that came first: what is called by its exported name is that
 * one's. */
static void test_issue12_two_releases_in_a_process_run_their_own_code(void **state)
{
    (void)state;
    static const char *const entry_points[] = {NULL, "sqlite3_extension_init",
                                               "sqlite3_cloudtrail_init",
                                               "sqlite3_cloudtrail_nofile_init"};
    char *other = other_release();
    sqlite3 *first = open_plain();
    load(first, other, NULL);
    assert_gives(first, "SELECT other_release()", "1\n");
    for (size_t i = 0; i < LENGTH(entry_points); i++) {
        sqlite3 *db = open_loaded(entry_points[i]);
        assert_gives(db, "SELECT upn_name('ana@corp.example')", "ana\n");
        assert_gives(db, "SELECT other_release()", "error: no such function: other_release\n");
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
    }
    assert_int_equal(sqlite3_close(first), SQLITE_OK);
    sqlite3_free(other);
}

typedef int entry_point_fn(sqlite3 *, char **, const sqlite3_api_routines *);

static const sqlite3_api_routines *host; /* as SQLite hands it to an extension */

static int catch_host(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    (void)db, (void)error;
    host = api;
    return SQLITE_OK;
}

/* To another copy of SQLite belongs another table of functions. The file is loaded once in a
 * process, and would call the one's with the objects of the other. */
static void test_issue12_a_second_copy_of_sqlite_is_refused(void **state)
{
    (void)state;
    union {
        void *pointer;
        entry_point_fn *function;
    } init;
    sqlite3_auto_extension((void (*)(void))catch_host);
    sqlite3 *db = open_loaded(NULL);
    sqlite3_cancel_auto_extension((void (*)(void))catch_host);
    assert_non_null(host);
    sqlite3_api_routines second = *host;

    void *library = dlopen(extension(), RTLD_NOW | RTLD_LOCAL);
    assert_non_null(library);
    static const char *const names[] = {"sqlite3_extension_init", "sqlite3_cloudtrail_init",
                                        "sqlite3_cloudtrail_nofile_init"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        char *error = NULL;
        init.pointer = dlsym(library, names[i]);
        assert_non_null(init.pointer);
        sqlite3 *other = open_plain();
        assert_int_equal(init.function(other, &error, &second), SQLITE_ERROR);
        assert_string_equal(error, "another copy of SQLite in this process has loaded this file: "
                                   "load a copy of the file under another name");
        sqlite3_free(error);
        assert_int_equal(sqlite3_close(other), SQLITE_OK);
    }
    assert_gives(db, "SELECT upn_name('ana@corp.example')", "ana\n");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    dlclose(library);
}

/* A function cannot be put in its own place while a statement runs. */
static void test_issue12_load_again_while_a_statement_runs_is_fine(void **state)
{
    (void)state;
    sqlite3 *db = open_loaded("sqlite3_cloudtrail_nofile_init");
    sqlite3_enable_load_extension(db, 1); /* for SQL, too */
    char *sql = sqlite3_mprintf("SELECT load_extension(%Q) IS NULL", extension());
    assert_gives(db, sql, "1\n"); /* brings what reads files */
    assert_gives(db, sql, "1\n");
    assert_gives(db, "SELECT count(*) > 0 FROM cloudtrail_log('data/sample')", "1\n");

    sqlite3_stmt *reader;
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT eventName FROM cloudtrail_log('data/sample')",
                                        -1, &reader, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(reader), SQLITE_ROW);
    load(db, extension(), NULL);
    assert_int_equal(sqlite3_step(reader), SQLITE_ROW);
    assert_gives(db, "SELECT count(*) > 0 FROM cloudtrail_log('data/sample')", "1\n");
    assert_int_equal(sqlite3_step(reader), SQLITE_ROW);
    sqlite3_finalize(reader);
    sqlite3_free(sql);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_load_symbols_are_the_entry_points(void **state)
{
    (void)state;
#ifdef __APPLE__
    const char *nm = "nm -gU '%s' | sed 's/.* _//' | sort";
#else
    /* sanitizers show symbols of their own, which begin with two underscores */
    const char *nm = "nm -D --defined-only '%s' | sed 's/.* //' | grep -v '^__' | sort";
#endif
    char *command = sqlite3_mprintf(nm, extension());
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    char got[4096];
    got[fread(got, 1, sizeof got - 1, pipe)] = '\0';
    assert_int_equal(pclose(pipe), 0);

    sqlite3_str *names = sqlite3_str_new(NULL);
    for (size_t i = 0; i < LENGTH(symbols); i++)
        sqlite3_str_appendf(names, "%s\n", symbols[i]);
    char *expected = sqlite3_str_finish(names);
    assert_lines(command, got, expected);
    sqlite3_free(expected);
    sqlite3_free(command);
}

/* ---- what a stored schema may do ------------------------------------------------------------ */

/* Every view that the extension ships can be read where no schema is trusted. */
static void assert_views_work(const char *entry_point)
{
    sqlite3 *db = open_loaded(entry_point);
    assert_gives(db, "SELECT cloudtrail_init() IS NOT NULL", "1\n");
    assert_gives(db, "SELECT count(*) >= 4 FROM sqlite_master WHERE type = 'view'", "1\n");
    char *names = query(db, "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name");
    for (char *name = strtok(names, "\n"); name; name = strtok(NULL, "\n")) {
        char *sql = sqlite3_mprintf("SELECT count(*) >= 0 FROM (SELECT * FROM \"%w\")", name);
        assert_gives(db, sql, "1\n");
        sqlite3_free(sql);
    }
    sqlite3_free(names);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_views_untrusted_schema_work(void **state)
{
    (void)state;
    assert_views_work("sqlite3_cloudtrail_init");
}

static void test_views_untrusted_schema_nofile_work(void **state)
{
    (void)state;
    assert_views_work("sqlite3_cloudtrail_nofile_init");
}

static void test_stored_view_cannot_read_files(void **state)
{
    (void)state;
    sqlite3 *db = open_loaded(NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL); /* even then */
    sqlite3_exec(db,
                 "CREATE VIEW logs AS SELECT * FROM cloudtrail_log('/dev/null');"
                 "CREATE VIEW import AS SELECT cloudtrail_import('/dev/null') AS x;"
                 "CREATE VIEW init AS SELECT cloudtrail_init() AS x",
                 NULL, NULL, NULL);
    assert_gives(db, "SELECT * FROM logs",
                 "error: unsafe use of virtual table \"cloudtrail_log\"\n");
    assert_gives(db, "SELECT x FROM import", "error: unsafe use of cloudtrail_import()\n");
    assert_gives(db, "SELECT x FROM init", "error: unsafe use of cloudtrail_init()\n");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load_registers_the_written_list),
        cmocka_unit_test(test_load_nofile_registers_nothing_that_reads_files),
        cmocka_unit_test(test_load_twice_is_fine),
        cmocka_unit_test(test_load_renamed_file_works),
        cmocka_unit_test(test_issue12_two_releases_in_a_process_run_their_own_code),
        cmocka_unit_test(test_issue12_a_second_copy_of_sqlite_is_refused),
        cmocka_unit_test(test_issue12_load_again_while_a_statement_runs_is_fine),
        cmocka_unit_test(test_load_symbols_are_the_entry_points),
        cmocka_unit_test(test_views_untrusted_schema_work),
        cmocka_unit_test(test_views_untrusted_schema_nofile_work),
        cmocka_unit_test(test_stored_view_cannot_read_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
