#!/bin/sh
# embed_sql.sh FILE...: writes the SQL files as the C source that ext/db/sql_text.h declares.
#
# The texts are arrays of characters, because a string literal may not be longer than 4,095 bytes
# in C11. Octal escapes fit char whether or not it is signed. Files of seeds/, migrations/, find/,
# detect/, hunting/, engines/, dash/ and dashboard/
# are lists of their own; all others make a table or a view.

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

# list NAME FOLDER FILE...: the array of those files that are of this list.
list() {
    array=$1 wanted=$2
    shift 2
    printf '\nconst ct_sql_text %s[] = {\n' "ct_${array}_texts"
    n=0
    for file in "$@"; do
        folder=${file%/*} folder=${folder##*/} name=${file##*/}
        path=sql/$folder/$name # also of what is made at build time, wherever that is
        case $folder in
        seeds | migrations | find | detect | hunting | engines | dash | dashboard) ;;
        *) folder=schema ;;
        esac
        [ "$folder" = "$wanted" ] &&
            printf '    {"%s", "%s", text_%d, sizeof text_%d - 1, "%s"},\n' "${name%.sql}" "$path" \
                "$n" "$n" "$(cksum <"$file")"
        n=$((n + 1))
    done
    printf '};\nconst size_t ct_n_%s_texts = sizeof ct_%s_texts / sizeof ct_%s_texts[0];\n' \
        "$array" "$array" "$array"
}

list sql schema "$@"
list seed seeds "$@"
list migration migrations "$@"
list find find "$@"
list detect detect "$@"
list hunting hunting "$@"
list engine engines "$@"
list dash dash "$@"
list dashboard dashboard "$@"
