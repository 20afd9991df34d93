#!/bin/sh
# check_includes.sh: the folders of ext/ know only what their README.md allows them to, and nothing
# in the order of design runs back. Prints each include that breaks this; the exit status is then 1.
#
# The order is that of the road a log takes. A folder may include itself and folders before it.
order='base sqlite log aws windows kql db'

cd "$(dirname "$0")/.." || exit
failed=0
say() {
    echo "$*"
    failed=1
}

before=
for folder in $order; do
    before="$before $folder"
    allowed=$(sed -n 's/^May include: //p' "ext/$folder/README.md")
    [ -n "$allowed" ] || say "ext/$folder/README.md: no line \`May include: ...\`"
    for name in $allowed; do
        case " $before " in
        *" $name "*) ;;
        *) say "ext/$folder/README.md: allows $name, which does not stand before $folder" ;;
        esac
    done
    for file in ext/"$folder"/*.[ch]; do
        for include in $(sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$file"); do
            case " $allowed " in
            *" ${include%%/*} "*) [ -f "ext/$include" ] || say "$file: no ext/$include" ;;
            *) say "$file: includes $include; ext/$folder may include: $allowed" ;;
            esac
        done
        case " $allowed " in
        *' sqlite '*) ;;
        *) grep -n 'sqlite3' "$file" /dev/null && say "$file: ext/$folder knows no SQLite" ;;
        esac
    done
done

for folder in ext/*/; do
    folder=${folder#ext/}
    case " $order " in
    *" ${folder%/} "*) ;;
    *) say "ext/$folder: a folder that the order does not name" ;;
    esac
done
exit $failed
