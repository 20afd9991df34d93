/* Every example in the README and in docs/ gives the result that stands below it. */
#include "examples.h"

int main(void)
{
    static const char *const pages[] = {"README.md", "docs/*.md"};
    return examples_main(pages, sizeof pages / sizeof pages[0]);
}
