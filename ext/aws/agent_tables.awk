# Makes C tables of the lists of user agents in data/:
#
#   awk -f agent_tables.awk user_agent_features.tsv user_agent_marks.tsv > agent_tables.c

function fail(message)
{
    print FILENAME ":" FNR ": " message > "/dev/stderr"
    failed = 1
    exit 1
}

BEGIN {
    FS = "\t"
}

NF != 3 || /["\\]/ { fail("expected 3 columns, without quotes and backslashes") }

FNR == 1 {
    file++
    next
}

file == 1 { features[++n_features] = "{\"" $1 "\", \"" $2 "\"}" }
file == 2 { marks[++n_marks] = "\"" $1 "\"" }

function put(type, name, items, n,    i)
{
    print "\nconst " type " ct_agent_" name "[] = {"
    for (i = 1; i <= n; i++)
        print "    " items[i] ","
    print "};"
    print "const size_t ct_agent_n_" name " = " n ";"
}

END {
    if (failed)
        exit 1
    print "/* Made by ext/aws/agent_tables.awk from data/: change those. */"
    print "#include \"aws/agent_tables.h\""
    put("ct_agent_feature", "features", features, n_features)
    put("char *const", "marks", marks, n_marks)
}
