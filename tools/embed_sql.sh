#!/bin/sh
# embed_sql.sh FILE...: writes the SQL files as the C source that ext/sql_text.h declares.
#
# The texts are arrays of characters, because a string literal may not be longer than 4,095 bytes
# in C11. Octal escapes fit char whether or not it is signed.

cat <<'END'
/* Made from sql/ by tools/embed_sql.sh, not to be edited. */
#include "sql_text.h"
END

n=0
for file in "$@"; do
    printf '\n/* %s */\nstatic const char text_%d[] = {\n' "$file" "$n"
    od -A n -v -t o1 "$file" |
        awk '{ for (i = 1; i <= NF; i++) printf "'"'\\\\%s'"',", $i; print "" }'
    printf "'\\\\0'};\n"
    n=$((n + 1))
done

printf '\nconst ct_sql_text ct_sql_texts[] = {\n'
n=0
for file in "$@"; do
    name=${file##*/}
    printf '    {"%s", "%s", text_%d, sizeof text_%d - 1},\n' "${name%.sql}" "$file" "$n" "$n"
    n=$((n + 1))
done
printf '};\nconst size_t ct_n_sql_texts = sizeof ct_sql_texts / sizeof ct_sql_texts[0];\n'
