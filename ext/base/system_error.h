/*
 * system_error: why the system refused a file, in words.
 *
 * Not strerror(), whose text may be written over by the next call in any thread: a reason is kept
 * beside its file until the file's turn comes.
 */
#ifndef CT_SYSTEM_ERROR_H
#define CT_SYSTEM_ERROR_H

/* The reason for an errno, a constant. */
const char *ct_system_error(int code);

#endif
