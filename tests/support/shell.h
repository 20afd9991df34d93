/*
 * shell: what a shell command prints.
 */
#ifndef CT_SHELL_H
#define CT_SHELL_H

/* The command's standard output without the last newline, to be freed with free(). Fails the test
 * when the command fails. */
char *shell_output(const char *command);

#endif
