#!/bin/sh
# check_includes.sh [ROOT]: the folders of ext/ know only what their README.md allows them to, and
# nothing in the order of design runs back. Prints each include that breaks this; the exit status is
# then 1.
#
# The order is that of the road a log takes. A folder may include itself and folders before it.
#
# An include is written #include "folder/name.h" or #include <name.h>, alone on its line: what is
# written otherwise (a macro, .., a comment or the line's end within it) cannot be judged by its text.
order='base sqlite log aws windows kql db'

cd "${1:-$(dirname "$0")/..}" || exit
failed=0
say() {
    echo "$*"
    failed=1
}

# includes FOLDER ALLOWED FILE...: what is wrong with the includes of the files. The scripts write C
# with includes of their own, as texts.
includes() {
    folder=$1 allowed=$2
    shift 2
    awk -v folder="$folder" -v allowed="$allowed" '
        function exists(file,    line, there) {
            there = (getline line <file) >= 0
            close(file)
            return there
        }
        FILENAME ~ /\.awk$/ {
            if (!sub(/^ *print "#include \\"/, "#include \""))
                next
            sub(/\\""$/, "\"")
        }
        !/(#|%:|[?][?]=)[ \t]*(include|import|\/\*|\\$)/ { next }
        { sub(/\r$/, "") }
        !/^#include ("[A-Za-z0-9_]+\/[A-Za-z0-9_]+\.h"|<[A-Za-z0-9_\/]+\.h>)$/ {
            printf "%s:%d: not written as #include \"folder/name.h\": %s\n", FILENAME, FNR, $0
            next
        }
        {
            name = substr($2, 2, length($2) - 2)
            split(name, part, "/")
            if ($2 ~ /^</ && exists("ext/" name))
                printf "%s:%d: ours is included in quotes: %s\n", FILENAME, FNR, $0
            else if ($2 ~ /^"/ && index(" " allowed " ", " " part[1] " ") == 0)
                printf "%s:%d: includes %s; ext/%s may include: %s\n", FILENAME, FNR, name, folder,
                    allowed
            else if ($2 ~ /^"/ && FILENAME !~ /\.awk$/ && !exists("ext/" name))
                printf "%s:%d: no ext/%s\n", FILENAME, FNR, name
        }' "$@"
}

before=
for folder in $order; do
    before="$before $folder"
    allowed=$(sed -n 's/^May include: //p' "ext/$folder/README.md" | tr '\n' ' ')
    allowed=${allowed% }
    [ -n "$allowed" ] || say "ext/$folder/README.md: no line \`May include: ...\`"
    for name in $allowed; do
        case " $before " in
        *" $name "*) ;;
        *) say "ext/$folder/README.md: allows $name, which does not stand before $folder" ;;
        esac
    done
    files=$(find "ext/$folder" -maxdepth 1 \( -name '*.[ch]' -o -name '*.awk' \) | sort)
    # shellcheck disable=SC2086 # names without blanks, as an include needs them
    wrong=$(includes "$folder" "$allowed" $files)
    [ -z "$wrong" ] || say "$wrong"
    case " $allowed " in
    *' sqlite '*) ;;
    *)
        # shellcheck disable=SC2086
        for file in $(grep -l 'sqlite3' $files); do
            say "$file: ext/$folder knows no SQLite"
        done
        ;;
    esac
done

for folder in ext/*/; do
    folder=${folder#ext/}
    case " $order " in
    *" ${folder%/} "*) ;;
    *) say "ext/$folder: a folder that the order does not name" ;;
    esac
done
for file in $(find ext -mindepth 3 -name '*.[ch]'); do
    say "$file: a module stands in a folder of ext/, not below one"
done
exit $failed
