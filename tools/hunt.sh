#!/bin/sh
# hunt.sh EXTENSION: imports logs into a database and prints the alerts; what `make hunt` runs.
#
# CT_LOGS  the logs: a folder, a file, a glob or `-` (standard input). Without it the sample.
# CT_BUILD the build's folder, build when it is not given.
# CT_DB    the database, kept and added to: build/hunt.db when it is not given. The sample goes to
#          build/sample.db, made anew each time, or to CT_DB when there is no such file yet; of a
#          CT_DB that is there, and without logs, the alerts are printed and nothing is imported.
# Without any event in the database the exit status is 1.
set -u

extension=$1
report=sql/hunt.sql
build=${CT_BUILD:-build}
logs=${CT_LOGS:-}
db=${CT_DB:-}

stop() {
    echo "hunt: $1" >&2
    exit 1
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

# Runs the SQL, without the user's ~/.sqliterc.
run_sqlite() {
    sqlite3 -batch -init /dev/null -cmd '.timeout 10000' -cmd ".load $extension" "$db" "$@"
}

sql_text() {
    printf "'%s'" "$(printf '%s' "$1" | sed "s/'/''/g")"
}

# As a shell takes it: in quotes only where it must be.
shell_word() {
    case $1 in
    *[!A-Za-z0-9_./-]*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s' "$1" ;;
    esac
}

# ---- which logs, which database ----------------------------------------------------------------

[ -n "$logs" ] && logs=$(readable_path "$logs")
[ -n "$db" ] && db=$(readable_path "$db")
case $db in
'' | /* | ./*) ;;
*:*) db=./$db ;; # `file:x` and `:memory:` are no files to SQLite
esac
case $db in
*/) stop "DB=$db: a folder; name a file" ;;
esac
[ -d "$db" ] && stop "DB=$db: a folder; name a file"

if [ -n "$logs" ]; then
    db=${db:-$build/hunt.db}
    [ "$db" -ef "$build/sample.db" ] && stop "DB=$db is the sample's, made anew each time: name another"
elif [ -z "$db" ]; then
    logs=data/sample db=$build/sample.db
    rm -f "$db" "$db-wal" "$db-shm" "$db-journal"
elif [ ! -e "$db" ]; then
    case $db in
    "$build/hunt.db" | "./$build/hunt.db") stop "DB=$db holds your logs, never the sample: give LOGS=" ;;
    esac
    logs=data/sample
fi

# ---- import, report ----------------------------------------------------------------------------

if [ -n "$logs" ]; then
    is_new=yes
    [ -e "$db" ] && is_new=
    # The path goes in by the SQL text and standard input stays free: the logs may come there.
    if ! summary=$(run_sqlite "SELECT cloudtrail_import($(sql_text "$logs"))"); then
        # nothing half-made is left of a database that was to be new
        [ -n "$is_new" ] && [ ! -s "$db" ] && rm -f "$db"
        exit 1
    fi
    run_sqlite "WITH s(j) AS (SELECT $(sql_text "$summary"))
        SELECT printf('%s: %,d new event%s from %,d file%s in %.1f s (files known before: %,d;'
                   || ' duplicates: %,d; problems: %,d)', $(sql_text "$logs"),
                   json_extract(j, '\$.events'), iif(json_extract(j, '\$.events') = 1, '', 's'),
                   json_extract(j, '\$.files'), iif(json_extract(j, '\$.files') = 1, '', 's'),
                   json_extract(j, '\$.seconds'), json_extract(j, '\$.skipped'),
                   json_extract(j, '\$.duplicates'), json_extract(j, '\$.problems'))
          FROM s;
        SELECT printf('The database also holds %,d file%s from other imports.', n, iif(n = 1, '', 's'))
          FROM (SELECT count(*) - json_extract($(sql_text "$summary"), '\$.files')
                       - json_extract($(sql_text "$summary"), '\$.skipped') AS n
                  FROM cloudtrail_file)
         WHERE n > 0" || exit 1
fi

# Breaks lines that are long and no part of a table between words. What others wrote into the logs
# must not steer the terminal.
wrap() {
    LC_ALL=C awk -v width=112 '
        { gsub(/[\001-\037\177]|\302[\200-\237]/, "?") } # C0, DEL, C1 in UTF-8
        length($0) <= width || /^[^ -~]/ { print; next }
        {
            line = ""
            for (i = 1; i <= NF; i++) {
                if (line != "" && length(line) + 1 + length($i) > width) {
                    print line
                    line = ""
                }
                line = line == "" ? $i : line " " $i
            }
            print line
        }'
}

# Without an event there is nothing to report but why.
has_events=$(run_sqlite 'SELECT substr(cloudtrail_init(), 1, 0)' \
    'SELECT EXISTS (SELECT 1 FROM cloudtrail)') || exit 1
case $has_events in
*0)
    source=${logs:-$db}
    [ "$source" = - ] && source='standard input'
    text=$(run_sqlite "SELECT 'No CloudTrail events in ' || $(sql_text "$source") || '.'" "
        SELECT iif(n = 1, 'once', printf('%,d times', n)) || ': ' || message
               || ifnull(' (' || path || ')', '')
          FROM (SELECT message, count(*) AS n, min(path) AS path
                  FROM cloudtrail_problem LEFT JOIN cloudtrail_file USING (fileID)
                 WHERE kind <> 'note'
                 GROUP BY message
                 ORDER BY n DESC, message
                 LIMIT 3)") || exit 1
    printf '%s\n' "$text" | wrap
    exit 1
    ;;
esac

text=$(run_sqlite ".read $report" </dev/null) || exit 1
printf '%s\n' "$text" | wrap

case $(run_sqlite 'SELECT EXISTS (SELECT 1 FROM alert_event)') in
1) query='SELECT alertID, step, eventTime, command, errorCode FROM alert_evidence;' ;;
*) query='SELECT userIdentityArn, eventName, count(*) FROM cloudtrail GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 20;' ;;
esac
cat <<END

The database is $db. To go on:

  sqlite3 $(shell_word "$db")
  .load $extension
  $query
END
