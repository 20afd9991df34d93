#!/bin/sh
# rule_over_files.sh RULE.sql: writes a rule's view, and the views that it reads, as TEMP views over log
# files. `make rules` writes sql/files/ with it, and a test sees that they are up to date.
#
# The texts of sql/views and of the rule stay as they are, but for three things. In front of the SELECT
# that reads the table cloudtrail stands a CTE of that name, which reads the files. In front of a rule
# that reads a view more than once stands a CTE of the view's name, with the columns that the rule
# names, so that the files are read once. And files hold some events twice, which the table does not:
# where the rule says `-- over files: each event once`, behind its conditions, the repeats go. The other
# tables that are named become TEMP tables.
set -eu
export LC_ALL=C

rule=$1
name=$(basename "$rule" .sql)

# The statements of a file without its header, and the same without comments.
body() {
    awk '/^[A-Z]/ { started = 1 } started' "$1"
}
code() {
    body "$1" | sed 's/--.*//'
}
# How often FILE reads the table or view NAME.
reads() {
    code "$1" | grep -Ec "(FROM|JOIN) $2([^a-zA-Z_]|\$)" || :
}

# The views below FILE, the lowest first.
views_below() {
    code "$1" | grep -Eo '(FROM|JOIN) [a-zA-Z_]+' | sort -u -k 2 | while read -r _ name; do
        [ -f "sql/views/$name.sql" ] || continue
        views_below "sql/views/$name.sql"
        echo "sql/views/$name.sql"
    done
}
views=$(views_below "$rule" | awk '!seen[$0]++')

# Joins words by commas into lines that fit.
in_lines() {
    paste -s -d ' ' | sed 's/ /, /g' | fold -s -w 85 | sed 's/ $//; 2,$s/^/           /'
}

# The columns of the table cloudtrail that files give.
table_columns() {
    awk '/^    [a-zA-Z]+ +(TEXT|INTEGER)/ && $1 != "fileID" && $1 != "recordNumber" { print $1 }' \
        sql/tables/cloudtrail.sql | in_lines
}

# The columns of a view (a line each in its text, by their last word) that the rule names.
view_columns() {
    code "$1" | sed -n '/^SELECT/,/^FROM/p' | sed -n 's/^    \(.*[ .]\)\{0,1\}\([a-z][a-zA-Z]*\),\{0,1\}$/\2/p' |
        grep -Fx "$(code "$rule" | grep -Eo '[a-zA-Z]+')" | in_lines
}

cat <<END_OF_HEADER
-- $name over log files, nothing imported. In the sqlite3 shell:
--
--     .load build/cloudtrail
--     .parameter set @logs 'logs/'
--     .read sql/files/$name.sql
--     SELECT * FROM $name;
--
-- @logs is a file, a folder or a glob. Each SELECT reads the files anew; several questions are
-- cheaper to a TEMP TABLE made of the view, or to an import. What cannot be read is an error, unless
-- @on_error is set to 'skip'. In other clients bind @logs, or UPDATE temp.cloudtrail_logs. Before
-- SQLite 3.35 the files may be read twice. The views are TEMP ones: of the AWS CLI's events alone, and
-- gone with the connection.
-- The rows are those of the view in an imported database, but for records that have the time and id
-- of another one and other content: of those an import keeps the first, here the first counts that
-- the rule is about.
--
-- Made by tools/rule_over_files.sh, not to be edited, from the files that explain it:
$(for file in $views "$rule"; do echo "-- $file"; done)
DROP TABLE IF EXISTS temp.cloudtrail_logs;
CREATE TEMP TABLE cloudtrail_logs AS SELECT @logs AS path, ifnull(@on_error, 'fail') AS on_error;

END_OF_HEADER

read_names=$(for file in $views "$rule"; do code "$file"; done |
    grep -Eo '(FROM|JOIN) [a-zA-Z_]+' | sed 's/.* //' | sort -u)
for table in sql/tables/*.sql; do
    table_name=$(basename "$table" .sql)
    case $table_name in cloudtrail*) continue ;; esac
    printf '%s\n' "$read_names" | grep -qx "$table_name" || continue
    echo "DROP TABLE IF EXISTS temp.$table_name;"
    body "$table" | sed 's/^CREATE TABLE/CREATE TEMP TABLE/'
    [ ! -f "sql/seeds/$table_name.sql" ] ||
        body "sql/seeds/$table_name.sql" | sed 's/^INSERT INTO main\./INSERT INTO temp./'
    echo
done

for view in $views; do
    echo "DROP VIEW IF EXISTS temp.$(basename "$view" .sql);"
    body "$view" | sed 's/^CREATE VIEW/CREATE TEMP VIEW/' |
        if [ "$(reads "$view" cloudtrail)" -gt 0 ]; then
            awk -v columns="$(table_columns)" '
                /^SELECT/ {
                    print "WITH"
                    print "-- In place of the table: what the AWS CLI sent. The reader leaves out the other events before it"
                    print "-- makes rows of them."
                    print "cloudtrail AS ("
                    print "    SELECT rowid AS rowid, 1 AS fileID, rowid AS recordNumber,"
                    print "           " columns
                    print "      FROM cloudtrail_log((SELECT path FROM temp.cloudtrail_logs),"
                    print "                          (SELECT on_error FROM temp.cloudtrail_logs), '\''aws-cli'\'')"
                    print "     WHERE eventTime IS NOT NULL"
                    print ")"
                }
                { print }'
        else
            cat
        fi
    echo
done

# The views that the rule reads more than once, as the CTEs that keep what they give.
kept() {
    for view in $views; do
        view_name=$(basename "$view" .sql)
        [ "$(reads "$rule" "$view_name")" -gt 1 ] || continue
        echo "-- Read once and kept."
        echo "$view_name AS ("
        echo "    SELECT $(view_columns "$view")"
        echo "      FROM temp.$view_name"
        echo "),"
    done
}

echo "DROP VIEW IF EXISTS temp.$name;"
body "$rule" | awk -v kept="$(kept)" '
    /^CREATE VIEW/ { sub(/^CREATE VIEW/, "CREATE TEMP VIEW") }
    /-- over files: each event once/ {
        print "     -- each event once, as it stands first"
        print "     GROUP BY eventTime, ifnull(eventID, recordNumber)"
        print "    HAVING min(recordNumber)"
        next
    }
    { print }
    /^WITH$/ && kept != "" { print kept; kept = "" }'
