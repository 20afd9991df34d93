/*
 * tools/check_includes.sh: an include against the order of the folders of ext/ is found however it is
 * written, and there is none.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"
#include "temp.h"

/* What is said of a folder that has an ext/. */
static char *said_of(const char *root)
{
    char *command = sqlite3_mprintf("sh tools/check_includes.sh '%q' 2>&1 || :", root);
    char *said = shell_output(command);
    sqlite3_free(command);
    return said;
}

static void test_includes_of_the_project_follow_the_order(void **state)
{
    (void)state;
    char *said = said_of(".");
    assert_string_equal(said, "");
    free(said);
}

/* A tree of the project's folders, with a header in db. */
static void plant(void)
{
    char *command = sqlite3_mprintf("rm -rf '%q/ext'; for file in ext/*/README.md; do"
                                    " mkdir -p '%q'/\"${file%%/*}\" && cp \"$file\" '%q'/\"$file\";"
                                    " done",
                                    temp_dir(), temp_dir(), temp_dir());
    free(shell_output(command));
    sqlite3_free(command);
    temp_write("ext/db/theirs.h", "", 0);
    temp_write("ext/log/ours.h", "", 0);
}

#define NOT_WRITTEN "not written as #include \"folder/name.h\""

static void test_includes_against_the_order_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"#include \"log/ours.h\"\n#include <string.h>\n", ""},
        {"\n#include \"db/theirs.h\"\n", "2: includes db/theirs.h; ext/log may"},
        {"#include \"db/theirs.h\"\r\n", "1: includes db/theirs.h; ext/log may"},
        {"#include <db/theirs.h>\n", "1: ours is included in quotes"},
        {"#include \"log/none.h\"\n", "1: no ext/log/none.h"},
        {"#include \"../db/theirs.h\"\n", "1: " NOT_WRITTEN},
        {"#include \"log/../db/theirs.h\"\n", "1: " NOT_WRITTEN},
        {"#include \"ours.h\"\n", "1: " NOT_WRITTEN},
        {"#include \"log/ours.inc\"\n", "1: " NOT_WRITTEN},
        {"#define THEIRS \"db/theirs.h\"\n#include THEIRS\n", "2: " NOT_WRITTEN},
        {"#include \\\n\"db/theirs.h\"\n", "1: " NOT_WRITTEN},
        {"#\\\ninclude \"db/theirs.h\"\n", "1: " NOT_WRITTEN},
        {"#include /* */ \"db/theirs.h\"\n", "1: " NOT_WRITTEN},
        {"/* */ #include \"db/theirs.h\"\n", "1: " NOT_WRITTEN},
        {"#/* */include \"db/theirs.h\"\n", "1: " NOT_WRITTEN},
        {" # include \"db/theirs.h\"\n", "1: " NOT_WRITTEN},
        {"%:include \"db/theirs.h\"\n", "1: " NOT_WRITTEN},
        {"#import \"db/theirs.h\"\n", "1: " NOT_WRITTEN},
        {"#include <sqlite3ext.h>\n", " ext/log knows no SQLite"},
    };
    plant();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[32];
        snprintf(name, sizeof name, "ext/log/c%02zu.c", i);
        temp_write(name, cases[i].text, strlen(cases[i].text));
    }
    char *said = said_of(temp_dir());
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[128];
        snprintf(expected, sizeof expected, "ext/log/c%02zu.c:%s", i, cases[i].said);
        if (!strstr(said, expected) == (*cases[i].said != '\0'))
            fail_msg("%s-- %s", cases[i].text, said);
    }
    free(said);
}

static void assert_said(const char *expected)
{
    char *said = said_of(temp_dir());
    if (!strstr(said, expected))
        fail_msg("expected %s, got %s", expected, said);
    free(said);
}

static void test_includes_of_other_places_are_found(void **state)
{
    (void)state;
    static const char theirs[] = "#include \"db/theirs.h\"\n";
    static const char writes[] = "BEGIN {\n    print \"#include \\\"db/theirs.h\\\"\"\n}\n";
    static const char allows[] = "# log\n\nMay include: base log db\n";
    plant();
    temp_write("ext/log/writes.awk", writes, sizeof writes - 1);
    assert_said("ext/log/writes.awk:2: includes db/theirs.h; ext/log may include: base log");
    plant();
    temp_write("ext/log/below/x.h", theirs, sizeof theirs - 1);
    assert_said("ext/log/below/x.h: a module stands in a folder of ext/, not below one");
    plant();
    temp_write("ext/another/x.c", theirs, sizeof theirs - 1);
    assert_said("ext/another/: a folder that the order does not name");
    plant();
    temp_write("ext/log/README.md", allows, sizeof allows - 1);
    assert_said("ext/log/README.md: allows db, which does not stand before log");
    temp_write("ext/log/README.md", "# log\n", 6);
    assert_said("ext/log/README.md: no line `May include: ...`");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_includes_of_the_project_follow_the_order),
        cmocka_unit_test(test_includes_against_the_order_are_found),
        cmocka_unit_test(test_includes_of_other_places_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
