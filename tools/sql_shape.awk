# sql_shape.awk: whether the files that make tables, views and rows are in the shape in which the
# extension reads them again when it brings a database up to date; docs/inside.md tells of it.
#
#   awk -f tools/sql_shape.awk sql/tables/*.sql sql/seeds/*.sql sql/migrations/*.sql sql/views/*.sql ...
#
# The tables come first. What is not so is an error, `FILE:LINE: what`, and the exit status 1. Files of
# other folders are passed over.

BEGIN {
    n = split("CREATE INSERT UPDATE DELETE DROP ALTER REPLACE PRAGMA ATTACH VACUUM", word, " ")
    for (i = 1; i <= n; i++)
        is_verb[word[i]] = 1
    n = split("views rules hunts", word, " ")
    for (i = 1; i <= n; i++)
        has_view[word[i]] = 1
    digit = "[0-9]"
    version = digit digit digit digit digit digit digit
}

function fail(line, what) {
    printf "%s:%d: %s\n", file, line, what >"/dev/stderr"
    failed = 1
}

function is_made_here() {
    return folder == "tables" || folder in has_view
}

function begin(    part, n) {
    file = FILENAME
    n = split(file, part, "/")
    folder = part[n - 1]
    name = part[n]
    sub(/\.sql$/, "", name)
    n_made = 0
    is_shaped = is_made_here() || folder == "seeds" || folder == "migrations"
    if (!is_shaped)
        return
    if ($0 !~ /^-- /)
        fail(1, "a file begins with a comment that says what it is")
    if (is_made_here() && tolower(name) in made_by)
        fail(1, "the name is that of " made_by[tolower(name)])
    if (is_made_here())
        made_by[tolower(name)] = file
    if (folder == "seeds" && !(name in is_table))
        fail(1, "there is no sql/tables/" name ".sql")
    else if (folder == "seeds" && !(name in has_key))
        fail(1, "sql/tables/" name ".sql has no PRIMARY KEY, by which a row is known")
    if (folder == "tables")
        is_table[name] = 1
    if (folder == "migrations" && name !~ "^" version "_(before|after)_[A-Za-z0-9_]+$")
        fail(1, "the name is not VERSION_before_TABLE or VERSION_after_TABLE, VERSION of seven digits")
}

function finish() {
    if (!is_shaped)
        return
    if (is_made_here() && n_made == 0)
        fail(n_lines, "nothing is made that is named like the file")
    if (!(folder in has_view)) # of a view SQLite keeps what stands before the ;
        sub(/ *--.*$/, "", last)
    if (last !~ /;$/)
        fail(n_lines, "the last line does not end in ;")
}

# A statement that begins in this line.
function read_statement() {
    if (folder == "tables" && n_made == 0 && $0 == "CREATE TABLE " name " (")
        n_made++
    else if (folder in has_view && n_made == 0 && $0 == "CREATE VIEW " name " AS")
        n_made++
    else if (folder == "tables" && n_made == 0)
        fail(FNR, "the line is not 'CREATE TABLE " name " ('")
    else if (folder in has_view && n_made == 0)
        fail(FNR, "the line is not 'CREATE VIEW " name " AS'")
    else if (folder in has_view)
        fail(FNR, "a second statement: a file makes the view that it is named after, and nothing else")
    else if (folder == "tables" &&
             !($0 ~ /^CREATE (UNIQUE )?INDEX main\.[A-Za-z0-9_]+ ON / && index($0, " ON " name " ") > 0))
        fail(FNR, "behind the table stand its indexes: CREATE INDEX main.INDEX ON " name)
    else if (folder == "seeds" && !($1 == "INSERT" && $2 == "INTO" && $3 == "main." name))
        fail(FNR, "the rows come by INSERT INTO main." name " and nothing else")
}

FNR == 1 {
    if (file != "")
        finish()
    begin()
    is_read[FILENAME] = 1
}

{
    n_lines = FNR
    if ($0 != "")
        last = $0
}

is_shaped && /\r$/ {
    fail(FNR, "the line ends in CR LF, not in LF")
}

is_shaped && folder != "migrations" && /^[A-Za-z]/ && (toupper($1) in is_verb) {
    read_statement()
}

folder == "tables" && /PRIMARY KEY/ && !/^--/ {
    has_key[name] = 1
}

END {
    if (file != "")
        finish()
    for (i = 1; i < ARGC; i++) {
        file = ARGV[i]
        if (!(file in is_read))
            fail(1, "the file is empty")
    }
    exit failed
}
