/* Names and what they stand for: files, folders, links, patterns. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "faulty_mem.h"
#include "log/paths.h"
#include "temp.h"

/* Walks a name; each file is a line without the folder `root`, what was skipped has its reason in
 * brackets, an error of the name itself is the whole text. Freed by the caller. */
static char *walk(const char *name, const char *root)
{
    ct_paths *paths;
    const char *path, *error;
    char error_text[CT_PATHS_ERROR_MAX];
    ct_buf out = CT_BUF_EMPTY;
    if (ct_paths_open(name, NULL, &paths, error_text) != CT_PATHS_FILE) {
        assert_null(paths);
        ct_buf_put_text(&out, error_text);
        ct_buf_put_char(&out, '\0');
        return out.data;
    }
    ct_paths_status st;
    size_t n = strlen(root);
    ct_file_info info;
    while ((st = ct_paths_next(paths, &path, &info, &error)) == CT_PATHS_FILE ||
           st == CT_PATHS_SKIPPED) {
        bool is_below = strncmp(path, root, n) == 0 && path[n] == '/';
        if (out.len > 0)
            ct_buf_put_char(&out, '\n');
        ct_buf_put_text(&out, is_below ? path + n + 1 : path);
        if (info.is_stdin)
            ct_buf_put_text(&out, " (standard input)");
        if (st == CT_PATHS_SKIPPED) {
            ct_buf_put_text(&out, " [");
            ct_buf_put_text(&out, error);
            ct_buf_put_char(&out, ']');
        }
    }
    assert_int_equal(st, CT_PATHS_END);
    assert_int_equal(ct_paths_next(paths, &path, &info, &error), CT_PATHS_END);
    ct_paths_close(paths);
    ct_buf_put_char(&out, '\0');
    return out.data;
}

#define assert_walk(name, expected) assert_walk_below(name, temp_dir(), expected)

static void assert_walk_below(const char *name, const char *root, const char *expected)
{
    char *got = walk(name, root);
    if (strcmp(got, expected) != 0)
        fail_msg("%s\n  expected: %s\n  got:      %s", name, expected, got);
    free(got);
}

static void make_file(const char *name)
{
    (void)temp_write(name, "{}", 2);
}

static void make_link(const char *target, const char *name)
{
    assert_int_equal(symlink(target, temp_path(name)), 0);
}

/* ---- the name ------------------------------------------------------------------------------- */

static void test_paths_open_names_that_cannot_be_are_refused(void **state)
{
    static const struct {
        const char *name, *error;
    } cases[] = {
        {"", "the path is empty"},
        {"~", "~: SQL does not expand ~, write the folder's full path"},
        {"~/logs", "~/logs: SQL does not expand ~, write the folder's full path"},
        {"~ann/logs", "~ann/logs: SQL does not expand ~, write the folder's full path"},
        {"s3://bucket/AWSLogs/",
         "this reads files, not buckets; fetch them first: aws s3 sync s3://bucket/AWSLogs/ logs/ "
         "--exclude '*' --include '*/CloudTrail*/*' --include 'CloudTrail*/*'"},
        {"/absent/file.json", "/absent/file.json: no such file or folder"},
        {"absent.json", "absent.json: no such file or folder"},
        {"/absent/*.json", "/absent/*.json: no file fits the pattern"},
        {"/dev/null/x", "/dev/null/x: cannot be opened"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_walk(cases[i].name, cases[i].error);
}

/* A name of any length leaves room for its reason. */
static void test_paths_open_long_name_is_cut_in_the_error(void **state)
{
    static const char *const beginnings[] = {"/", "~", "s3://", "*"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char name[8192], error_text[CT_PATHS_ERROR_MAX];
        memset(name, 'x', sizeof name);
        memcpy(name, beginnings[i], strlen(beginnings[i]));
        name[sizeof name - 1] = '\0';
        ct_paths *paths;
        assert_int_equal(ct_paths_open(name, NULL, &paths, error_text), CT_PATHS_SKIPPED);
        assert_in_range(strlen(error_text), 300, CT_PATHS_ERROR_MAX - 1);
    }
}

static void test_paths_open_standard_input_is_itself(void **state)
{
    (void)state;
    assert_walk("-", "- (standard input)");
    assert_walk("/dev/stdin", "/dev/stdin (standard input)");
}

/* Only what the user names is standard input, not what is found. */
static void test_paths_next_file_called_minus_is_a_file(void **state)
{
    (void)state;
    make_file("minus/-");
    make_link("/dev/stdin", "minus/stdin");
    char before[1024], root[1024];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(temp_path("minus")), 0);
    assert_non_null(getcwd(root, sizeof root));
    assert_walk_below("?", root, "-");
    assert_walk_below("./-", root, "-");
    assert_walk_below("-*", root, "-");
    int ends[2], kept = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    assert_walk_below(".", root, "-\nstdin [is no regular file]");
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(chdir(before), 0);
}

static void test_paths_open_relative_names_become_absolute(void **state)
{
    (void)state;
    make_file("rel/a.json");
    make_file("rel/sub/b.json");
    char before[1024], root[1024];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(temp_path("rel")), 0);
    assert_non_null(getcwd(root, sizeof root));
    assert_walk_below("a.json", root, "a.json");
    assert_walk_below("./a.json", root, "a.json");
    assert_walk_below("././sub/b.json", root, "sub/b.json");
    assert_walk_below(".", root, "a.json\nsub/b.json");
    assert_walk_below("./", root, "a.json\nsub/b.json");
    assert_walk_below("sub", root, "sub/b.json");
    assert_walk_below("sub/", root, "sub/b.json");
    assert_walk_below("*.json", root, "a.json");
    assert_walk_below("./*/*.json", root, "sub/b.json");
    assert_int_equal(chdir(before), 0);
}

static void test_paths_open_pattern_below_an_odd_folder_finds_its_files(void **state)
{
    (void)state;
    make_file("odd [1]*?\\/a.json");
    make_file("odd 1/b.json");
    char before[1024], root[1024];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(temp_path("odd [1]*?\\")), 0);
    assert_non_null(getcwd(root, sizeof root));
    assert_walk_below("*.json", root, "a.json");
    assert_int_equal(chdir(before), 0);
}

static void test_paths_open_without_a_current_folder_says_so(void **state)
{
    (void)state;
    char before[1024];
    assert_non_null(getcwd(before, sizeof before));
    make_file("gone/a");
    assert_int_equal(chdir(temp_path("gone")), 0);
    assert_int_equal(unlink(temp_path("gone/a")), 0);
    assert_int_equal(rmdir(temp_path("gone")), 0);
    assert_walk("a.json", "a.json: no such file or folder");
    assert_int_equal(chdir(before), 0);
}

/* ---- files, folders, patterns --------------------------------------------------------------- */

static void test_paths_next_file_is_one(void **state)
{
    (void)state;
    make_file("one/with space.json");
    assert_walk(temp_path("one/with space.json"), "one/with space.json");
}

static void test_paths_next_folder_comes_in_the_order_of_bytes(void **state)
{
    static const char *const names[] = {"b.json", "a/2",      "a/10",    "a/1",         "B",
                                        "a.json", "\xC3\xA9", ".hidden", "a/deep/er/x", "c/y"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "order/%s", names[i]);
        make_file(name);
    }
    assert_walk(temp_path("order"),
                "order/.hidden\norder/B\norder/a/1\norder/a/10\norder/a/2\norder/a/deep/er/x\n"
                "order/a.json\norder/b.json\norder/c/y\norder/\xC3\xA9");
}

static void test_paths_next_empty_folder_has_none(void **state)
{
    (void)state;
    assert_int_equal(mkdir(temp_path("empty"), 0755), 0);
    assert_walk(temp_path("empty"), "");
}

static void test_paths_open_pattern_gives_files_and_folders(void **state)
{
    (void)state;
    make_file("glob/2023/a.json");
    make_file("glob/2023/b.json.gz");
    make_file("glob/2024/c.json");
    make_file("glob/x1");
    assert_walk(temp_path("glob/*/*.json"), "glob/2023/a.json\nglob/2024/c.json");
    assert_walk(temp_path("glob/20*"), "glob/2023/a.json\nglob/2023/b.json.gz\nglob/2024/c.json");
    assert_walk(temp_path("glob/x[0-9]"), "glob/x1");
    assert_walk(temp_path("glob/?1"), "glob/x1");
}

static void test_paths_open_pattern_that_is_a_name_is_that_file(void **state)
{
    (void)state;
    make_file("star/a*.json");
    make_file("star/ab.json");
    make_file("star/[x]");
    assert_walk(temp_path("star/a*.json"), "star/a*.json");
    assert_walk(temp_path("star/[x]"), "star/[x]");
    assert_walk(temp_path("star/*"), "star/[x]\nstar/a*.json\nstar/ab.json");
}

/* Far more folders than any call may be nested, and a path longer than the system takes. */
static void test_paths_next_deep_folders_are_walked_until_the_system_refuses(void **state)
{
    enum { DEPTH = 900, TOO_DEEP = 2200 };
    (void)state;
    char before[1024];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(mkdir(temp_path("deep"), 0755), 0);
    assert_int_equal(chdir(temp_path("deep")), 0);
    for (int i = 0; i < TOO_DEEP; i++) {
        if (i == DEPTH)
            fclose(fopen("file", "w"));
        if (mkdir("d", 0755) != 0 || chdir("d") != 0)
            fail_msg("cannot make folder %d", i);
    }
    assert_int_equal(chdir(before), 0);
    char *got = walk(temp_path("deep"), temp_dir());
    size_t n_lines = 1;
    for (char *p = got; *p; p++)
        n_lines += *p == '\n';
    assert_int_equal(n_lines, 2); /* the folder below comes first: d before file */
    assert_non_null(strstr(got, "[the name is too long]\n"));
    assert_string_equal(got + strlen(got) - 7, "/d/file");
    free(got);
    char command[1200]; /* too long for remove() by path, too */
    snprintf(command, sizeof command, "rm -rf '%s'", temp_path("deep"));
    assert_int_equal(system(command), 0);
}

/* ---- links and what is no file -------------------------------------------------------------- */

static void test_paths_next_links_are_followed_and_bad_ones_named(void **state)
{
    (void)state;
    make_file("links/real/a.json");
    make_link("real/a.json", "links/file link");
    make_link("real", "links/folder link");
    make_link("nowhere", "links/dangling");
    make_link("self", "links/self");
    make_link("..", "links/real/up");
    make_link(".", "links/here");
    assert_walk(temp_path("links"), "links/dangling [no such file or folder]\n"
                                    "links/here [is a link back to a folder above it]\n"
                                    "links/real/a.json\n"
                                    "links/real/up [is a link back to a folder above it]\n"
                                    "links/self [is a link that leads to itself]");
    assert_walk(temp_path("links/file link"), "links/real/a.json");
    assert_walk(temp_path("links/folder link"),
                "links/real/a.json\n"
                "links/dangling [no such file or folder]\n"
                "links/folder link [is a link back to a folder above it]\n"
                "links/here [is a link back to a folder above it]\n"
                "links/real [is a link back to a folder above it]\n"
                "links/self [is a link that leads to itself]");
}

/* What a link leads to has its own path, and comes once, whatever else leads there. */
static void test_paths_next_files_behind_links_come_once_by_their_own_path(void **state)
{
    (void)state;
    make_file("far/2023/a.json");
    make_file("far/2024/b.json");
    make_file("far/c.json");
    make_file("near/m.json");
    make_link("../far/2024", "near/1 folder");
    make_link("../far/2023/a.json", "near/2 file");
    make_link("../far/2023/a.json", "near/3 the same file");
    make_link("../far/2024/b.json", "near/4 below a link");
    make_link("../far", "near/5 above a link");
    make_link("../far/2024", "near/6 the same folder");
    make_link("../far/c.json", "near/7 below a link");
    make_link("m.json", "near/8 beside it");
    make_link("../near/m.json", "near/z beside it");
    assert_walk(temp_path("near"), "far/2024/b.json\nfar/2023/a.json\nfar/c.json\nnear/m.json");
    assert_walk(temp_path("near/[78z]*"), "far/c.json\nnear/m.json");
    assert_walk(temp_path("near/[1-6]*"), "far/2024/b.json\nfar/2023/a.json\nfar/c.json");
    assert_walk(temp_path("near/1*/*"), "far/2024/b.json");
}

/* The walk goes on where it was before the link. */
static void test_paths_next_behind_a_link_the_rest_comes(void **state)
{
    (void)state;
    make_file("road/a.json");
    make_file("road/m/n/o.json");
    make_file("road/z.json");
    make_file("elsewhere/on/x.json");
    make_file("elsewhere/y.json");
    make_link("../../elsewhere", "road/m/link");
    assert_walk(temp_path("road"), "road/a.json\nelsewhere/on/x.json\nelsewhere/y.json\n"
                                   "road/m/n/o.json\nroad/z.json");
}

/* Two links in each folder to the next: 2^40 ways. */
static void test_paths_next_links_that_share_folders_are_walked_once(void **state)
{
    enum { DEPTH = 40 };
    (void)state;
    for (int i = 0; i < DEPTH; i++) {
        char name[64], target[64];
        snprintf(name, sizeof name, "share/%02d/file", i);
        make_file(name);
        snprintf(target, sizeof target, "../%02d", i + 1);
        for (char link = 'x'; link < 'z' && i + 1 < DEPTH; link++) {
            snprintf(name, sizeof name, "share/%02d/%c", i, link);
            make_link(target, name);
        }
    }
    const char *const names[] = {temp_path("share"), temp_path("share/00")};
    for (size_t k = 0; k < 2; k++) {
        char *got = walk(names[k], temp_dir());
        size_t n_lines = 1;
        for (char *p = got; *p; p++)
            n_lines += *p == '\n';
        assert_int_equal(n_lines, DEPTH);
        assert_null(strchr(got, '['));
        free(got);
    }
}

static void test_paths_next_what_is_no_file_is_named(void **state)
{
    (void)state;
    make_file("odd/a.json");
    assert_int_equal(mkfifo(temp_path("odd/fifo"), 0600), 0);
    make_link("/dev/null", "odd/device");
    assert_walk(temp_path("odd"), "odd/a.json\nodd/device [is no regular file]\n"
                                  "odd/fifo [is no regular file]");
    assert_walk(temp_path("odd/fifo"), "odd/fifo [is no regular file]");
}

static void test_paths_next_closed_folder_is_named_and_the_rest_walked(void **state)
{
    (void)state;
    make_file("closed/a.json");
    make_file("closed/secret/b.json");
    make_file("closed/z.json");
    assert_int_equal(chmod(temp_path("closed/secret"), 0), 0);
    assert_int_equal(chmod(temp_dir(), 0755), 0);
    assert_int_equal(chmod(temp_path("closed"), 0755), 0); /* whatever the umask */
    bool is_root = geteuid() == 0;
    if (is_root && seteuid(65534) != 0) {
        printf("skipped: root reads every folder, and cannot be another user here\n");
        skip();
    }
    char *got = walk(temp_path("closed"), temp_dir());
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(temp_path("closed/secret"), 0755), 0);
    assert_string_equal(got, "closed/a.json\nclosed/secret [permission denied]\nclosed/z.json");
    free(got);
}

/* ---- memory --------------------------------------------------------------------------------- */

/* Whether an allocation was refused, which then is said; else all files are there. */
static bool walk_without_memory(ct_mem_way *refuse, long n, const char *name, size_t n_there)
{
    ct_paths *paths;
    const char *path, *error;
    char error_text[CT_PATHS_ERROR_MAX];
    ct_file_info info;
    size_t n_files = 0;
    refuse(n);
    ct_paths_status st = ct_paths_open(name, NULL, &paths, error_text);
    while (st == CT_PATHS_FILE)
        if ((st = ct_paths_next(paths, &path, &info, &error)) == CT_PATHS_FILE)
            n_files++;
    bool refused = ct_mem_failures() > 0;
    ct_mem_fail_after(-1);
    assert_int_equal(st, refused ? CT_PATHS_NO_MEMORY : CT_PATHS_END);
    if (!refused)
        assert_int_equal(n_files, n_there);
    ct_paths_close(paths);
    return refused;
}

static void sweep(const char *name, size_t n_there)
{
    for (int i = 0; i < CT_MEM_N_WAYS; i++)
        for (long n = 0; walk_without_memory(ct_mem_ways[i], n, name, n_there); n++)
            ;
}

static void test_paths_without_memory_says_so_at_every_allocation(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        char name[64];
        snprintf(name, sizeof name, "many/%02d/file", i);
        make_file(name);
    }
    for (int i = 0; i < 40; i++) {
        char name[64], target[64];
        snprintf(name, sizeof name, "many links/%02d", i);
        snprintf(target, sizeof target, "../many/%02d", i);
        assert_true(i > 0 || mkdir(temp_path("many links"), 0755) == 0);
        make_link(target, name);
    }
    const char *names[] = {temp_path("many"), temp_path("many/*"), temp_path("many links")};
    for (size_t k = 0; k < 3; k++)
        sweep(names[k], 40);
    ct_paths_close(NULL);
}

/* A path of any length, which its buffer has to grow for at some letter of it or other. */
static void test_paths_longer_by_a_letter_without_memory_says_so(void **state)
{
    enum { LONGEST = 70 };
    char name[256];
    (void)state;
    for (int n = 1; n <= LONGEST; n++) {
        snprintf(name, sizeof name, "%0*d/a file whose name is longer than that of its folder", n,
                 0);
        make_file(name);
        snprintf(name, sizeof name, "%0*d", n, 0);
        sweep(temp_path(name), 1);
    }
}

static void test_paths_link_to_a_longer_path_without_memory_says_so(void **state)
{
    char name[256];
    (void)state;
    snprintf(name, sizeof name, "%0200d/file", 0);
    make_file(name);
    make_file("short/file");
    snprintf(name, sizeof name, "../%0200d", 0);
    make_link(name, "short/link");
    sweep(temp_path("short"), 2);
}

static ct_file_use no_memory_for(void *context, const char *path, const struct stat *st,
                                 const char **error)
{
    (void)path, (void)st, (void)error;
    return --*(int *)context < 0 ? CT_USE_NO_MEMORY : CT_USE_READ;
}

/* Where the guard has no memory to look at a file, be it the first or a later one. */
static void test_paths_guard_without_memory_says_so(void **state)
{
    (void)state;
    make_file("guarded/a");
    make_file("guarded/b");
    const char *names[] = {temp_path("guarded/a"), temp_path("guarded")};
    for (int i = 0; i < 4; i++) {
        int n_looks = i / 2;
        ct_paths_guard guard = {no_memory_for, &n_looks};
        ct_paths *paths;
        ct_file_info info;
        const char *path, *error;
        char error_text[CT_PATHS_ERROR_MAX];
        ct_paths_status st = ct_paths_open(names[i % 2], &guard, &paths, error_text);
        while (st == CT_PATHS_FILE)
            st = ct_paths_next(paths, &path, &info, &error);
        assert_int_equal(st, CT_PATHS_NO_MEMORY);
        ct_paths_close(paths);
    }
}

static void test_paths_relative_without_memory_says_so(void **state)
{
    (void)state;
    for (long n = 0; n < 4; n++) {
        ct_paths *paths;
        char error_text[CT_PATHS_ERROR_MAX];
        ct_mem_fail_after(n);
        ct_paths_status st = ct_paths_open("absent*", NULL, &paths, error_text);
        long n_refused = ct_mem_failures();
        ct_mem_fail_after(-1);
        assert_int_equal(st, n_refused ? CT_PATHS_NO_MEMORY : CT_PATHS_SKIPPED);
        assert_null(paths);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_open_names_that_cannot_be_are_refused),
        cmocka_unit_test(test_paths_open_long_name_is_cut_in_the_error),
        cmocka_unit_test(test_paths_open_standard_input_is_itself),
        cmocka_unit_test(test_paths_next_file_called_minus_is_a_file),
        cmocka_unit_test(test_paths_open_relative_names_become_absolute),
        cmocka_unit_test(test_paths_open_pattern_below_an_odd_folder_finds_its_files),
        cmocka_unit_test(test_paths_open_without_a_current_folder_says_so),
        cmocka_unit_test(test_paths_next_file_is_one),
        cmocka_unit_test(test_paths_next_folder_comes_in_the_order_of_bytes),
        cmocka_unit_test(test_paths_next_empty_folder_has_none),
        cmocka_unit_test(test_paths_open_pattern_gives_files_and_folders),
        cmocka_unit_test(test_paths_open_pattern_that_is_a_name_is_that_file),
        cmocka_unit_test(test_paths_next_deep_folders_are_walked_until_the_system_refuses),
        cmocka_unit_test(test_paths_next_links_are_followed_and_bad_ones_named),
        cmocka_unit_test(test_paths_next_files_behind_links_come_once_by_their_own_path),
        cmocka_unit_test(test_paths_next_behind_a_link_the_rest_comes),
        cmocka_unit_test(test_paths_next_links_that_share_folders_are_walked_once),
        cmocka_unit_test(test_paths_next_what_is_no_file_is_named),
        cmocka_unit_test(test_paths_next_closed_folder_is_named_and_the_rest_walked),
        cmocka_unit_test(test_paths_without_memory_says_so_at_every_allocation),
        cmocka_unit_test(test_paths_longer_by_a_letter_without_memory_says_so),
        cmocka_unit_test(test_paths_link_to_a_longer_path_without_memory_says_so),
        cmocka_unit_test(test_paths_guard_without_memory_says_so),
        cmocka_unit_test(test_paths_relative_without_memory_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
