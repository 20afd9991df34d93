#include "outside.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "temp.h"

static const int SECONDS_AT_MOST = 60;

static const char one_event[] =
    "{\"eventTime\":\"2024-05-01T09:14:03Z\",\"eventID\":\"e1\",\"eventName\":\"ListUsers\"}\n";

/* Of eight services, each looked at by the AWS CLI within a minute. */
static const char *const looked_at[][2] = {
    {"iam", "ListUsers"}, {"iam", "ListGroups"},  {"iam", "ListRoles"},    {"ec2", "DescribeVpcs"},
    {"kms", "ListKeys"},  {"kms", "ListAliases"}, {"ecs", "ListClusters"}, {"ecs", "ListServices"}};

static void put_environment(const char *name, const char *value)
{
    if (setenv(name, value, 1) != 0)
        abort();
}

/* The variable is a path: from now on a whole one. */
static void make_absolute(const char *variable, const char *otherwise, const char *project)
{
    const char *value = getenv(variable);
    char path[2048];
    if (!value)
        value = otherwise;
    if (*value == '/')
        return;
    snprintf(path, sizeof path, "%s/%s", project, value);
    put_environment(variable, path);
}

static void write_burst(const char *name)
{
    char text[8192];
    size_t n = 0;
    for (size_t i = 0; i < sizeof looked_at / sizeof looked_at[0]; i++)
        n += (size_t)snprintf(
            text + n, sizeof text - n,
            "{\"eventTime\":\"2024-05-02T10:00:%02zuZ\",\"eventID\":\"b%zu\",\"eventName\":\"%s\","
            "\"eventSource\":\"%s.amazonaws.com\",\"awsRegion\":\"us-east-1\",\"sourceIPAddress\":"
            "\"192.0.2.1\",\"recipientAccountId\":\"111122223333\",\"userAgent\":\"aws-cli/"
            "2.12.0\","
            "\"readOnly\":true,\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"mallory\","
            "\"accountId\":\"111122223333\",\"accessKeyId\":\"AKIAIOSFODNN7EXAMPLE\"}}\n",
            i, i, looked_at[i][1], looked_at[i][0]);
    temp_write(name, text, n);
}

int outside_setup(void **state)
{
    static const char folder[] = "it's a \"case\" $HOME";
    char name[2048], project[1024];
    (void)state;
    if (!getcwd(project, sizeof project))
        return -1;
    put_environment("PROJECT", project);
    make_absolute("CT_EXTENSION", "build/cloudtrail.so", project);
    put_environment("BUILD", getenv("CT_BUILD") ? getenv("CT_BUILD") : "build");
    unsetenv("COLUMNS");

    snprintf(name, sizeof name, "%s/one/a.json", folder);
    temp_write(name, one_event, sizeof one_event - 1);
    snprintf(name, sizeof name, "%s/burst/b.json", folder);
    write_burst(name);
    put_environment("CASE", temp_path(folder));
    put_environment("HOME", temp_path(folder));
    snprintf(name, sizeof name, "%s/tools/cloudtrail-hunt", project);
    put_environment("HUNT", name);
    return 0;
}

void outside_need_shell(void)
{
    char out[OUTSIDE_SIZE];
    if (outside_run("cd \"$(dirname \"$CT_EXTENSION\")\" && sqlite3 -batch -init /dev/null"
                    " -cmd \".load ./$(basename \"$CT_EXTENSION\")\" :memory:"
                    " 'SELECT cloudtrail_version()'",
                    out) == 0 &&
        out[0] >= '0' && out[0] <= '9')
        return;
    print_message("skipped: the sqlite3 shell cannot load this build of the extension\n");
    skip();
}

static int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int outside_run(const char *command, char out[OUTSIDE_SIZE])
{
    char text[8192];
    int n = snprintf(text, sizeof text, "cd \"$CASE\" && {\n%s\n} 2>&1 </dev/null", command);
    assert_true(n > 0 && (size_t)n < sizeof text);
    fflush(NULL);
    FILE *pipe = popen(text, "r");
    assert_non_null(pipe);
    size_t length = fread(out, 1, OUTSIDE_SIZE - 1, pipe);
    out[length] = '\0';
    return exit_status(pclose(pipe));
}

/* In the child: the terminal becomes its own, and the command takes its place. */
static void become(const char *terminal, int columns, const char *command)
{
    struct winsize size = {.ws_row = 50, .ws_col = (unsigned short)columns};
    setsid();
    int fd = open(terminal, O_RDWR); /* the first that a session opens is its terminal */
    if (fd < 0 || ioctl(fd, TIOCSWINSZ, &size) != 0)
        _exit(127);
#ifdef TIOCSCTTY
    (void)ioctl(fd, TIOCSCTTY, 0);
#endif
    for (int i = 0; i < 3; i++)
        dup2(fd, i);
    if (chdir(getenv("CASE")) != 0)
        _exit(127);
    signal(SIGINT, SIG_DFL);
    execlp("sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

int outside_run_terminal(int columns, const char *command, const char *interrupt_at,
                         char out[OUTSIDE_SIZE])
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    const char *terminal = ptsname(master);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        become(terminal, columns, command);

    size_t length = 0;
    int tenths_left = SECONDS_AT_MOST * 10;
    struct pollfd wait = {.fd = master, .events = POLLIN};
    while (tenths_left > 0) {
        int ready = poll(&wait, 1, 100);
        if (ready == 0)
            tenths_left--;
        ssize_t n = ready > 0 ? read(master, out + length, OUTSIDE_SIZE - 1 - length) : 0;
        if (ready > 0 && n <= 0)
            break; /* nobody has the terminal any more */
        length += (size_t)n;
        out[length] = '\0';
        /* as often as it takes: what has only just been started may not hear the first */
        if (interrupt_at && ready == 0 && tenths_left % 5 == 0 && strstr(out, interrupt_at))
            assert_int_equal(write(master, "\003", 1), 1);
    }
    if (tenths_left == 0)
        kill(-child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    close(master);
    if (tenths_left == 0)
        fail_msg("does not end: %s\n%s", command, out);
    return exit_status(status);
}

void outside_assert(int status, const char *command, char out[OUTSIDE_SIZE], const char *file,
                    int line)
{
    int got = outside_run(command, out);
    if (got == status)
        return;
    print_error("exit status %d, expected %d: %s\n%s\n", got, status, command, out);
    _fail(file, line);
}

void outside_assert_holds(const char *out, const char *text, bool holds, const char *file, int line)
{
    if ((strstr(out, text) != NULL) == holds)
        return;
    print_error("expected %s`%s` in\n%s\n", holds ? "" : "no ", text, out);
    _fail(file, line);
}

void outside_unbreak(char *out)
{
    for (; (out = strchr(out, '\n')); out++)
        *out = ' ';
}

void assert_steers_nothing(const char *out)
{
    for (const unsigned char *p = (const unsigned char *)out; *p; p++) {
        bool is_c0 = (*p < ' ' && *p != '\n') || *p == 0x7f;
        bool is_c1 = *p == 0xc2 && p[1] < 0xa0;
        bool turns = *p == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) ||
                                    (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
        if (is_c0 || is_c1 || turns)
            fail_msg("what steers a terminal, at byte %zu of\n%s",
                     (size_t)(p - (const unsigned char *)out), out);
    }
}
