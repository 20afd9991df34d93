# Makes C tables, sorted for binary search, of the facts in data/:
#
#   awk -f aws_tables.awk aws_services.tsv aws_operation_exceptions.tsv aws_shared_operations.tsv
#       cloudtrail_event_names.tsv cli_commands.tsv > aws_tables.c
#
# Run it with LC_ALL=C: the order must be that of the bytes. Plain POSIX awk.

function fail(message)
{
    print FILENAME ":" FNR ": " message > "/dev/stderr"
    failed = 1
    exit 1
}

# A service is found by several keys. Level 1 is its name, 2 its signing name, 3 its endpoint
# prefix; of equal keys of one service only the first level stays. Tab sorts before all that a key
# holds, so these lines sort by key, then level, then the service's place in the file; that gets
# FIRST added, for equal length without leading zeros, which some awks take for octal.
function add_key(key, level)
{
    key = tolower(key)
    if (key == "" || (key, n_services) in known)
        return
    known[key, n_services] = 1
    keys[++n_keys] = sprintf("%s\t%d\t%d", key, level, FIRST + n_services)
}

function sort(lines, n,    i, j, line)
{
    for (i = 2; i <= n; i++) {
        line = lines[i]
        for (j = i - 1; j > 0 && lines[j] > line; j--)
            lines[j + 1] = lines[j]
        lines[j + 1] = line
    }
}

BEGIN {
    FS = "\t"
    FIRST = 10000
    n_services = 0 # else the first index would be the empty text
}

!/^[A-Za-z0-9\t.*_-]*$/ { fail("a character that no AWS name has") }

FNR == 1 {
    file++
    next
}

file == 1 {
    if (NF != 5)
        fail("expected 5 columns")
    place[$1] = n_services
    services[n_services] = sprintf("    {\"%s\", \"%s\"},", $1, $4)
    add_key($1, 1)
    add_key($3, 2)
    add_key($2, 3)
    if ($2 ~ /^api\./)
        add_key(substr($2, 5), 3)
    n_services++
}

file == 2 {
    if (NF != 4)
        fail("expected 4 columns")
    exceptions[++n_exceptions] = $1 "\t" $2 "\t" $3
}

file == 3 {
    if (NF != 2)
        fail("expected 2 columns")
    if (!($1 in place))
        fail("no service of that name")
    shared[++n_shared] = $2 "\t" FIRST + place[$1]
}

file == 4 {
    if (NF != 3)
        fail("expected 3 columns")
    event_names[++n_event_names] = $1 "\t" $2 "\t" $3
}

file == 5 {
    if (NF != 2)
        fail("expected 2 columns")
    dot = index($1, ".")
    if (dot < 2 || $1 ~ /[.].*[.]/)
        fail("expected service.operation")
    commands[++n_commands] = substr($1, 1, dot - 1) "\t" substr($1, dot + 1)
}

# Rows of three texts, of which the last may be absent.
function put_operations(table, lines, n,    i, part)
{
    sort(lines, n)
    print "\nconst ct_aws_operation ct_aws_" table "[] = {"
    for (i = 1; i <= n; i++) {
        if (split(lines[i], part, "\t") == 3)
            printf "    {\"%s\", \"%s\", \"%s\"},\n", part[1], part[2], part[3]
        else
            printf "    {\"%s\", \"%s\", NULL},\n", part[1], part[2]
    }
    print "};"
    print "const size_t ct_aws_n_" table " = " n ";"
}

# One array of characters and places in it: a pointer for each of the many names would have to be
# relocated whenever the extension is loaded, and is larger than the name.
function put_shared(lines, n,    i, j, part, at)
{
    sort(lines, n)
    print "\nconst char ct_aws_shared_names[] = {"
    for (i = 1; i <= n; i++) {
        split(lines[i], part, "\t")
        rows[i] = "    {" at + 0 ", " part[2] - FIRST "},"
        for (j = 1; j <= length(part[1]); j++)
            printf "\047%s\047,", substr(part[1], j, 1)
        print "0,"
        at += length(part[1]) + 1
    }
    print "};"
    print "\nconst ct_aws_shared_operation ct_aws_shared_operations[] = {"
    for (i = 1; i <= n; i++)
        print rows[i]
    print "};"
    print "const size_t ct_aws_n_shared_operations = " n ";"
}

END {
    if (failed)
        exit 1
    print "/* Made by ext/aws/aws_tables.awk from data/: change those. */"
    print "#include \"aws/aws_tables.h\""

    print "\nconst ct_aws_service ct_aws_services[] = {"
    for (i = 0; i < n_services; i++)
        print services[i]
    print "};"

    sort(keys, n_keys)
    print "\nconst ct_aws_service_key ct_aws_service_keys[] = {"
    for (i = 1; i <= n_keys; i++) {
        split(keys[i], part, "\t")
        printf "    {\"%s\", %d},\n", part[1], part[3] - FIRST
    }
    print "};"
    print "const size_t ct_aws_n_service_keys = " n_keys ";"

    put_operations("operation_exceptions", exceptions, n_exceptions)
    put_shared(shared, n_shared)
    put_operations("event_names", event_names, n_event_names)

    put_operations("cli_commands", commands, n_commands)
}
