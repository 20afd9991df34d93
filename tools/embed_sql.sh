#!/bin/sh
# embed_sql.sh FILE...: writes the SQL files as the C source that ext/sql_text.h declares.
#
# The texts are arrays of characters, because a string literal may not be longer than 4,095 bytes
# in C11. Octal escapes fit char whether or not it is signed. Files of sql/detect/ are a list of
# their own: they make nothing, cloudtrail_detect() runs them.

cat <<'END'
/* Made from sql/ by tools/embed_sql.sh, not to be edited. */
#include "db/sql_text.h"
END

n=0
for file in "$@"; do
    printf '\n/* %s */\nstatic const char text_%d[] = {\n' "$file" "$n"
    od -A n -v -t o1 "$file" |
        awk '{ for (i = 1; i <= NF; i++) printf "'"'\\\\%s'"',", $i; print "" }'
    printf "'\\\\0'};\n"
    n=$((n + 1))
done

# list NAME yes|no FILE...: the array of those files that are steps of a detection, or are not.
list() {
    array=$1 wanted=$2
    shift 2
    printf '\nconst ct_sql_text %s[] = {\n' "ct_${array}_texts"
    n=0
    for file in "$@"; do
        case $file in
        sql/detect/*) is_step=yes ;;
        *) is_step=no ;;
        esac
        name=${file##*/}
        [ "$is_step" = "$wanted" ] &&
            printf '    {"%s", "%s", text_%d, sizeof text_%d - 1},\n' "${name%.sql}" "$file" "$n" "$n"
        n=$((n + 1))
    done
    printf '};\nconst size_t ct_n_%s_texts = sizeof ct_%s_texts / sizeof ct_%s_texts[0];\n' \
        "$array" "$array" "$array"
}

list sql no "$@"
list detect yes "$@"
