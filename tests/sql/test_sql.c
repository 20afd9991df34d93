/* Golden cases in SQL: tests/sql/NAME.sql, in the notation of support/examples.h. */
#include "examples.h"

int main(void)
{
    static const char *const files[] = {"tests/sql/*.sql"};
    return examples_main(files, 1);
}
