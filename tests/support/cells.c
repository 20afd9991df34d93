#include "cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cells_read(cells *c)
{
    ct_buf_clear(&c->scratch);
    for (int i = 0; i < CT_N_COLUMNS; i++)
        c->all[i] = ct_record_cell(&c->record, (ct_column)i, &c->scratch);
    for (int i = 0; i < CT_N_COLUMNS; i++)
        if (c->all[i].kind == CT_CELL_TEXT)
            c->all[i].p = ct_cell_text(&c->all[i], &c->scratch);
    return ct_buf_ok(&c->scratch);
}

bool cells_make(cells *c, const char *p, size_t n)
{
    *c = (cells){.record = CT_RECORD_EMPTY};
    c->text = malloc(n ? n : 1);
    memcpy(c->text, p, n);
    ct_json_scanner s = ct_json_scan(c->text, n);
    if (n == 0 || *p != '{' || ct_record_scan(&c->record, &s) != CT_JSON_OK || s.p != s.end) {
        cells_free(c);
        return false;
    }
    return cells_read(c);
}

void cells_free(cells *c)
{
    ct_record_free(&c->record);
    ct_buf_free(&c->scratch);
    free(c->text);
    c->text = NULL;
}

const char *cells_text(const cells *c, ct_column column)
{
    static char *text;
    const ct_cell *cell = &c->all[column];
    if (cell->kind == CT_CELL_NULL)
        return "NULL";
    if (cell->kind == CT_CELL_INTEGER)
        return cell->integer ? "1" : "0";
    free(text);
    text = malloc(cell->len + 1);
    memcpy(text, cell->p, cell->len);
    text[cell->len] = '\0';
    return text;
}
