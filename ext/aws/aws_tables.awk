# Makes C tables, sorted for binary search, of the facts in data/:
#
#   awk -f aws_tables.awk aws_services.tsv aws_operation_exceptions.tsv > aws_tables.c
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

!/^[A-Za-z0-9\t._-]*$/ { fail("a character that no AWS name has") }

FNR == 1 {
    file++
    next
}

file == 1 {
    if (NF != 5)
        fail("expected 5 columns")
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

END {
    if (failed)
        exit 1
    print "/* Made by ext/aws_tables.awk from data/: change those. */"
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

    sort(exceptions, n_exceptions)
    print "\nconst ct_aws_operation ct_aws_operation_exceptions[] = {"
    for (i = 1; i <= n_exceptions; i++) {
        split(exceptions[i], part, "\t")
        printf "    {\"%s\", \"%s\", \"%s\"},\n", part[1], part[2], part[3]
    }
    print "};"
    print "const size_t ct_aws_n_operation_exceptions = " n_exceptions ";"
}
