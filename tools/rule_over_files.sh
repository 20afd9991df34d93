#!/bin/sh
# rule_over_files.sh RULE.sql: writes a rule's view as one over log files.
#
# The rule's own SELECT stays as it is. In front of it stands a CTE named like the table that it
# reads, `cloudtrail`, with the columns that the rule names. Files hold some events twice, which the
# table does not: where the rule says `-- over files: each event once`, behind its conditions, the
# repeats go. The other tables that it names become TEMP tables. `make rules` writes sql/files/ with it, and a test sees that they are up to date.
set -eu
export LC_ALL=C

rule=$1
name=$(basename "$rule" .sql)

# The statements of a file without its header.
body() {
    awk '/^[A-Z]/ { started = 1 } started' "$1"
}

columns() {
    awk '
        FNR == 1 { file++ }
        file == 1 && /^CREATE VIEW/ { inside = 1 }
        file == 1 && inside { sub(/--.*/, ""); text = text " " $0 " " }
        file == 2 && /^    [a-zA-Z]+ +(TEXT|INTEGER)/ && $1 != "fileID" && $1 != "recordNumber" {
            if (text ~ "[^a-zA-Z]" $1 "[^a-zA-Z]")
                names = names (names == "" ? "" : ", ") $1
        }
        END { print names }
    ' "$rule" sql/tables/cloudtrail.sql | fold -s -w 85 | sed 's/ $//; 2,$s/^/           /'
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
-- SQLite 3.35 the files may be read twice.
-- The rows are those of the view in an imported database, but for records that have the time and id
-- of another one and other content: of those an import keeps the first, here the first counts that
-- the rule is about.
--
-- Made by tools/rule_over_files.sh, not to be edited, from the file that explains the rule:
-- $rule
DROP TABLE IF EXISTS temp.cloudtrail_logs;
CREATE TEMP TABLE cloudtrail_logs AS SELECT @logs AS path, ifnull(@on_error, 'fail') AS on_error;

END_OF_HEADER

for table in sql/tables/*.sql; do
    table_name=$(basename "$table" .sql)
    case $table_name in cloudtrail*) continue ;; esac
    body "$rule" | grep -Eq "(FROM|JOIN) $table_name([^a-z_]|$)" || continue
    echo "DROP TABLE IF EXISTS temp.$table_name;"
    body "$table" | sed 's/^CREATE TABLE/CREATE TEMP TABLE/'
    [ ! -f "sql/seeds/$table_name.sql" ] ||
        body "sql/seeds/$table_name.sql" | sed 's/^INSERT INTO main\./INSERT INTO temp./'
    echo
done

echo "DROP VIEW IF EXISTS temp.$name;"
body "$rule" | awk -v columns="$(columns)" '
    /^CREATE VIEW/ { sub(/^CREATE VIEW/, "CREATE TEMP VIEW") }
    /-- over files: each event once/ {
        print "     -- each event once, as it stands first"
        print "     GROUP BY eventTime, ifnull(eventID, recordNumber)"
        print "    HAVING min(recordNumber)"
        next
    }
    { print }
    /^WITH$/ && !done {
        done = 1
        print "-- In place of the table: what the AWS CLI sent, by either rule. The reader leaves out the other"
        print "-- events before it makes rows of them."
        print "cloudtrail AS ("
        print "    SELECT rowid AS rowid, 1 AS fileID, rowid AS recordNumber,"
        print "           " columns
        print "      FROM cloudtrail_log((SELECT path FROM temp.cloudtrail_logs),"
        print "                          (SELECT on_error FROM temp.cloudtrail_logs), '\''aws-cli'\'')"
        print "     WHERE eventTime IS NOT NULL"
        print "),"
    }'
