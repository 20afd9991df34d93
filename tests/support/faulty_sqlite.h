/*
 * faulty_sqlite: what the extension asks SQLite for and may not get for want of memory.
 *
 * Put before each source of ext/ that the tests link (by -include). A NULL from these has to be
 * looked at by whoever gets it. SQLite itself makes a statement fail in which it had no memory,
 * whatever a function makes of that, and so would hide who does not look; here the answer alone is
 * NULL, and faulty_mem.h counts it as an allocation.
 */
#define sqlite3_value_text faulty_value_text
#define sqlite3_value_blob faulty_value_blob
#define sqlite3_aggregate_context faulty_aggregate_context

/* These are refused by ct_mem_fail_at_place() alone. */
#define sqlite3_column_text faulty_column_text
#define sqlite3_column_name faulty_column_name
#define sqlite3_mprintf faulty_mprintf
