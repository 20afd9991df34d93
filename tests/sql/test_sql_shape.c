/*
 * tools/sql_shape.awk: a file of sql/ that the extension could not read again, when it brings a
 * database up to date, stops the build with file and line.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"
#include "temp.h"

/* What is said of the folder's files: of tables, seeds, migrations and views in this order. */
static char *said_of(const char *folder)
{
    char *command =
        sqlite3_mprintf("awk=$PWD/tools/sql_shape.awk; cd '%s' && LC_ALL=C awk -f \"$awk\""
                        " sql/tables/*.sql sql/seeds/*.sql sql/migrations/*.sql"
                        " sql/views/*.sql 2>&1 || :",
                        folder);
    char *said = shell_output(command);
    sqlite3_free(command);
    return said;
}

static void test_sql_files_of_the_project_are_in_shape(void **state)
{
    (void)state;
    char *said = said_of(".");
    assert_string_equal(said, "");
    free(said);
}

static void test_sql_files_out_of_shape_are_named_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *file, *text, *said; /* "" where nothing is wrong */
    } cases[] = {
        {"tables/good.sql",
         "-- good\nCREATE TABLE good (\n    a PRIMARY KEY\n); -- end\n"
         "CREATE INDEX main.good_a ON good (a);\n",
         ""},
        {"seeds/good.sql", "-- good\nINSERT INTO main.good (a) VALUES (1);\n", ""},
        {"migrations/0002000_after_good.sql", "-- good\nDELETE FROM main.good;\n", ""},
        {"views/good_view.sql", "-- good\nCREATE VIEW good_view AS\nSELECT 1 AS a;\n", ""},
        {"tables/bare.sql", "CREATE TABLE bare (\n    a\n);\n",
         "1: a file begins with a comment that says what it is"},
        {"tables/other.sql", "-- x\nCREATE TABLE another (\n    a\n);\n",
         "2: the line is not 'CREATE TABLE other ('"},
        {"tables/indexed.sql",
         "-- x\nCREATE TABLE indexed (\n    a\n);\nCREATE INDEX i ON indexed (a);\n",
         "5: behind the table stand its indexes: CREATE INDEX main.INDEX ON indexed"},
        {"tables/two.sql", "-- x\nCREATE TABLE two (\n    a\n);\nCREATE TABLE three (a);\n",
         "5: behind the table stand its indexes"},
        {"tables/nothing.sql", "-- x\n;\n", "2: nothing is made that is named like the file"},
        {"tables/keyless.sql", "-- no PRIMARY KEY\nCREATE TABLE keyless (\n    a\n);\n", ""},
        {"seeds/keyless.sql", "-- x\nINSERT INTO main.keyless (a) VALUES (1);\n",
         "1: sql/tables/keyless.sql has no PRIMARY KEY, by which a row is known"},
        {"seeds/nowhere.sql", "-- x\nINSERT INTO main.nowhere (a) VALUES (1);\n",
         "1: there is no sql/tables/nowhere.sql"},
        {"tables/more.sql", "-- more\nCREATE TABLE more (\n    a PRIMARY KEY\n);\n", ""},
        {"seeds/more.sql", "-- x\nINSERT INTO main.more (a) VALUES (1);\nDELETE FROM main.good;\n",
         "3: the rows come by INSERT INTO main.more and nothing else"},
        {"migrations/0002000_good.sql", "-- x\nDELETE FROM main.good;\n",
         "1: the name is not VERSION_before_TABLE or VERSION_after_TABLE"},
        {"migrations/200_after_good.sql", "-- x\nDELETE FROM main.good;\n",
         "1: the name is not VERSION_before_TABLE or VERSION_after_TABLE"},
        {"views/other_view.sql", "-- x\nCREATE VIEW main.other_view AS\nSELECT 1;\n",
         "2: the line is not 'CREATE VIEW other_view AS'"},
        {"views/two_views.sql",
         "-- x\nCREATE VIEW two_views AS\nSELECT 1;\nCREATE VIEW three_views AS\nSELECT 1;\n",
         "4: a second statement"},
        {"views/Good.sql", "-- x\nCREATE VIEW Good AS\nSELECT 1;\n",
         "1: the name is that of sql/tables/good.sql"},
        {"views/behind.sql", "-- x\nCREATE VIEW behind AS\nSELECT 1; -- end\n",
         "3: the last line does not end in ;"},
        {"views/returns.sql", "-- x\nCREATE VIEW returns AS\nSELECT 1;\r\n",
         "3: the line ends in CR LF, not in LF"},
        {"views/empty.sql", "", "1: the file is empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "sql/%s", cases[i].file);
        temp_write(name, cases[i].text, strlen(cases[i].text));
    }
    char *said = said_of(temp_dir());
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[160];
        snprintf(expected, sizeof expected, "sql/%s:%s", cases[i].file, cases[i].said);
        if (!strstr(said, expected) == (*cases[i].said != '\0'))
            fail_msg("%s, in\n%s", expected, said);
    }
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sql_files_of_the_project_are_in_shape),
        cmocka_unit_test(test_sql_files_out_of_shape_are_named_with_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
