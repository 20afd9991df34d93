#!/bin/sh
# hunt.sh hunt EXTENSION: what `make hunt` runs: tools/cloudtrail-hunt on LOGS= and DB=, or on the sample.
# hunt.sh shell EXTENSION: what `make shell` runs: the sqlite3 shell on DB= with the extension loaded.
#
# CT_LOGS  the logs: a folder, a file, a glob or `-`; CT_DB the database. make refuses empty ones.
# CT_BUILD the build's folder, build when it is not given; hunt.db in it is the database without DB=.
# CT_FROM  the folder that make was called in: paths are relative to it. Else the project's, in which
#          this runs.
#
# The sample goes to sample.db in the build's folder, made anew each time, and nowhere else; and only where
# neither LOGS nor DB was given. Alerts are no failure of make: the exit status is 0 where it ran.
set -u
CDPATH=
what=$1
extension=$2
build=${CT_BUILD:-build}
logs=${CT_LOGS:-}
db=${CT_DB:-}
project=$(pwd)

stop() {
    echo "$what: $1" >&2
    exit 2
}

# A path as the shell would have read it, had it not come by a make variable: ~ is the home folder.
# What begins with ~ or - and is a file's name gets a ./, so that nobody takes it for more.
readable_path() {
    path=$1
    case $path in
    '~' | '~/'*) path=$HOME${path#'~'} ;;
    '~'*)
        user=${path%%/*}
        home=
        [ -e "./$path" ] || home=$(getent passwd "${user#'~'}" 2>/dev/null | cut -d : -f 6)
        [ -n "$home" ] && path=$home${path#"$user"}
        ;;
    esac
    case $path in
    '~'* | -?*) path=./$path ;;
    esac
    printf '%s\n' "$path"
}

# A path of the caller, who need not be in the project's folder (make -C): as a program that was started
# without a shell may pass on a PWD of old, what is only in the project's folder is taken from there.
from_caller() {
    case $1 in
    /* | - | s3://*) ;;
    *)
        if [ "$from" != "$project" ]; then
            if [ -e "$from/$1" ] && [ -e "$project/$1" ]; then
                stop "$1: there is one in $from and one in $project; give the whole path"
            fi
            [ -e "$project/$1" ] && printf '%s/' "$project"
        fi
        ;;
    esac
    printf '%s\n' "$1"
}

from=$project
if [ -n "${CT_FROM:-}" ] && [ -d "$CT_FROM" ] && ! [ "$CT_FROM" -ef "$project" ]; then
    from=$(cd "$CT_FROM" && pwd) || exit
fi

if [ -n "$logs" ]; then
    logs=$(from_caller "$(readable_path "$logs")") || exit
fi
if [ -n "$db" ]; then
    db=$(from_caller "$(readable_path "$db")") || exit
fi
# What is the project's own is named from where the caller is.
in_project() {
    case $1 in
    /*) printf '%s' "$1" ;;
    *)
        [ "$from" = "$project" ] || printf '%s/' "$project"
        printf '%s' "$1"
        ;;
    esac
}
CT_EXTENSION=$(in_project "$extension")
export CT_EXTENSION
sample_db=$(in_project "$build/sample.db")
command=$project/tools/cloudtrail-hunt
cd "$from" || exit

if [ "$what" = shell ]; then
    [ -n "$db" ] || stop 'give DB=file, the database to open'
    [ -f "$db" ] || stop "DB=$db: no such database"
    word=$(printf '%s' "$CT_EXTENSION" | sed 's/[\\"]/\\&/g')
    exec sqlite3 -cmd '.timeout 10000' -cmd ".load \"$word\"" -cmd '.mode box' -cmd '.nullvalue NULL' "$db"
fi

is_sample=
if [ -n "$logs" ]; then
    db=${db:-$(in_project "$build/hunt.db")}
    [ "$db" -ef "$sample_db" ] && stop "DB=$db is the sample's, made anew each time: name another"
    set -- --db "$db" -- "$logs"
elif [ -n "$db" ]; then
    [ -e "$db" ] || stop "DB=$db: no such database; with LOGS=folder the logs of that folder come into it"
    [ "$db" -ef "$sample_db" ] && is_sample=yes
    set -- --db "$db"
else
    is_sample=yes
    rm -f "$sample_db" "$sample_db-wal" "$sample_db-shm" "$sample_db-journal"
    set -- --db "$sample_db" -- "$(in_project data/sample)"
fi

[ -z "$is_sample" ] || echo 'This is the sample, a composed day of a small company; your logs: make hunt LOGS=folder'
sh "$command" "$@"
status=$?
[ "$status" -eq 1 ] && status=0
exit "$status"
