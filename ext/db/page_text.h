/*
 * page_text: the files of ext/db/page and Chart.js, carried inside the extension.
 *
 * The source is made at build time by tools/embed_page.sh.
 */
#ifndef CT_PAGE_TEXT_H
#define CT_PAGE_TEXT_H

#include <stddef.h>

typedef struct ct_page_text {
    const char *p;
    size_t n; /* bytes */
} ct_page_text;

extern const ct_page_text ct_page_html;  /* page.html: {{words}} stand for what is put in */
extern const ct_page_text ct_page_style; /* page.css */
extern const ct_page_text
    ct_page_script; /* Chart.js, then the files *.js in the order of their names */

#endif
