#!/bin/sh
# dashboard.sh EXTENSION: writes the page of a database; what `make dashboard` runs.
#
# CT_DB    the database; without it the sample, imported anew.
# CT_OUT   the page: build/dashboard.html when it is not given.
# CT_BUILD the build's folder, build when it is not given.
#
# The rules run first, and the hunts where files were imported since they ran, where the database can be
# written.
set -u

extension=$1
build=${CT_BUILD:-build}
db=${CT_DB:-}
out=${CT_OUT:-$build/dashboard.html}
title=

stop() {
    echo "dashboard: $1" >&2
    exit 1
}

sql_text() {
    printf "'%s'" "$(printf '%s' "$1" | sed "s/'/''/g")"
}

# The extension as a word of a dot command.
word=$(printf '%s' "$extension" | sed 's/[\\"]/\\&/g')

# Runs the SQL, without the user's ~/.sqliterc.
run_sqlite() {
    sqlite3 -batch -init /dev/null -cmd '.timeout 10000' -cmd ".load \"$word\"" "$db" "$@"
}

# `~/x` is the shell's to read; what begins with - or holds a colon is a file's name all the same.
readable_path() {
    case $1 in
    '~/'*) printf '%s\n' "$HOME${1#'~'}" ;;
    /* | ./* | ../*) printf '%s\n' "$1" ;;
    *) printf './%s\n' "$1" ;;
    esac
}

if [ -z "$db" ]; then
    db=$build/dashboard-sample.db title='The sample: a composed day of a small company'
    rm -f "$db" "$db-wal" "$db-shm" "$db-journal"
    run_sqlite "SELECT length(cloudtrail_import('data/sample')) + length(cloudtrail_verify('data/sample'))" \
        >/dev/null || exit 1
else
    db=$(readable_path "$db")
    [ -f "$db" ] || stop "DB=$db: no such file"
    # a database of something else stays as it is
    has=$(run_sqlite "SELECT count(*) FROM sqlite_master WHERE name = 'cloudtrail_file'") || exit 1
    [ "$has" = 1 ] || stop "DB=$db: no database of CloudTrail logs"
    title=${db##*/}
fi
out=$(readable_path "$out")
[ -d "$out" ] && stop "OUT=$out: a folder; name a file"
[ "$out" -ef "$db" ] && stop "OUT=$out is the database; name another file"

if [ -w "$db" ]; then
    run_sqlite 'SELECT cloudtrail_detect()' \
        'SELECT cloudtrail_hunt() WHERE EXISTS (SELECT 1 FROM hunt_summary WHERE ranAt IS NULL OR isOld)' \
        >/dev/null || exit 1
fi
# a page of half its length is none: it takes the place of the old one when it is whole
new=$out.new
written=$(run_sqlite "SELECT writefile($(sql_text "$new"), cloudtrail_dashboard(json_object('title', $(sql_text "$title"))))") ||
    exit 1
[ -n "$written" ] || stop "$out cannot be written"
mv -f "$new" "$out" || exit 1
echo "$out: $((written / 1024)) KB, open it in a browser"
