/*
 * call_tables: what an engine without our functions must know to tell which of some listed AWS CLI
 * commands an event makes: three tables small enough to stand in a query.
 *
 * A source is an eventSource in small letters without .amazonaws.com; a call is an operation as the
 * CLI writes it (list-users), or, where the name follows no rule or means another service than its
 * sisters, the event's own name, which then is an odd name.
 */
#ifndef CT_CALL_TABLES_H
#define CT_CALL_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

typedef struct ct_call_rows {
    void *context;
    /* The command that a call by itself is: '' where that is none of the list, and is only said
     * because it is one with another version. Version: eight digits, or '' for any other. */
    void (*event_command)(void *context, ct_span source, ct_span call, ct_span version,
                          ct_span command);
    /* A name under which one of the services of the source makes the call. */
    void (*command_name)(void *context, ct_span source, ct_span call, ct_span command);
    void (*odd_name)(void *context, ct_span source, ct_span name);
} ct_call_rows;

/* Gives the rows for n commands, all in small letters and each once. False when there is no memory. */
bool ct_call_tables(const ct_span *listed, size_t n, const ct_call_rows *rows);

#endif
