/*
 * version: which release this is. The one place to change it.
 */
#ifndef CT_VERSION_H
#define CT_VERSION_H

#define CT_VERSION "0.2.0"
#define CT_VERSION_NUMBER 2000 /* 1002003 is 1.2.3 */
#define CT_VERSION_NUMBER_TEXT "2000"

#endif
