# rule_rows.awk: the rows of the table rule, made of the headers of the rules' files.
#
#   awk -f tools/rule_rows.awk sql/rules/*.sql sql/hunts/*.sql >rule.sql
#
# A rule is one file, named like its view. Its header is the comment in front of CREATE VIEW:
#
#   -- NAME: what it finds, in a sentence.
#   --
#   -- Title:        ...
#   -- Description:  ...
#   -- Severity:     Informational | Low | Medium | High
#   -- Tactics:      Discovery, Exfiltration     names of ATT&CK, without spaces
#   -- Techniques:   T1087.004, T1580
#   -- Kind:         Scheduled | NRT | Hunting
#   -- Frequency:    1d                          m, h or d; `none` for NRT and Hunting
#   -- Period:       1d
#   -- Trigger:      gt 0                        gt | lt | eq | ne, and a number of rows
#   -- Enabled:      yes | no                     whether it raises alerts: `no` for Hunting
#   -- Id:           8c2dc344-9352-4ca1-8863-b1b7a5e09e59     a GUID of its own
#   -- Version:      1.0.0
#   -- Source:       where it is from; `own` for this file
#   -- Finding view: NAME_finding                            \
#   -- Entities:     [{"fieldMappings":[...],...}]            | optional
#   -- Details:      {"AWSUser":"accountName"}                |
#   -- Sentinel:     rules of Sentinel's that look for this  /
#   -- Why:          ...
#   -- Columns read: ...
#   -- Window:       ...
#   -- False positives: ...
#   -- Blind spots:  ...
#   -- Next step:    ...
#
# in this order, in UTF-8. A field goes on in lines that begin with `--` and four spaces or more; of Entities and
# Details, which are JSON, the parts are put together without a space. Behind the last field, after a
# line `--`, anything may follow. The view is the one thing that a file makes. What is not so is an
# error, `FILE:LINE: what`, and the exit status 1.

BEGIN {
    n_fields = split("Title|Description|Severity|Tactics|Techniques|Kind|Frequency|Period|Trigger|" \
                     "Enabled|Id|Version|Source|Finding view|Entities|Details|Sentinel|Why|" \
                     "Columns read|Window|False positives|Blind spots|Next step", field, "|")
    for (i = 1; i <= n_fields; i++)
        place[field[i]] = i
    n = split("Finding view|Entities|Details|Sentinel", name, "|")
    for (i = 1; i <= n; i++)
        optional[name[i]] = 1
    n = split("Reconnaissance ResourceDevelopment InitialAccess Execution Persistence " \
              "PrivilegeEscalation DefenseEvasion CredentialAccess Discovery LateralMovement " \
              "Collection CommandAndControl Exfiltration Impact", name, " ")
    for (i = 1; i <= n; i++)
        is_tactic[name[i]] = 1
    hex4 = "[0-9a-f][0-9a-f][0-9a-f][0-9a-f]"
    utf8 = "[\302-\337][\200-\277]|[\340-\357][\200-\277][\200-\277]|" \
           "[\360-\364][\200-\277][\200-\277][\200-\277]"
    guid = "^" hex4 hex4 "-" hex4 "-" hex4 "-" hex4 "-" hex4 hex4 hex4 "$"
}

function fail(line, what) {
    printf "%s:%d: %s\n", file, line, what >"/dev/stderr"
    failed = 1
}

# A field's value where it must be like a pattern.
function expect(label, pattern, what) {
    if ((label in value) && value[label] !~ pattern)
        fail(at[label], label ": '" value[label] "' is not " what)
}

function quoted(text) {
    gsub(/'/, "''", text)
    return "'" text "'"
}

# `a, b` as a JSON array; each must be like the pattern, or a tactic where that is "".
function list(label, pattern, what,    items, i, json) {
    n = split(value[label], items, ", ")
    json = ""
    split("", listed)
    for (i = 1; i <= n; i++) {
        if (items[i] in listed)
            fail(at[label], label ": '" items[i] "' stands there twice")
        listed[items[i]] = 1
        if (pattern == "" ? !(items[i] in is_tactic) : items[i] !~ pattern)
            fail(at[label], label ": '" items[i] "' is not " what)
        json = json (i > 1 ? "," : "") "\"" items[i] "\""
    }
    return "[" json "]"
}

function begin() {
    file = FILENAME
    rule = FILENAME
    sub(/^.*\//, "", rule)
    sub(/\.sql$/, "", rule)
    split("", value)
    split("", at)
    current = ""
    in_header = 1
    header_end = 0
    n_views = 0
    last = 0
    if (rule !~ /^[A-Za-z_][A-Za-z0-9_]*$/)
        fail(FNR, "the name of a view has letters, digits and _ alone, and so must the file's")
    if (index($0, "-- " rule ": ") != 1)
        fail(FNR, "the first line must begin with '-- " rule ": '")
}

# A line of the header that is in no shape to be read: what could stand in a value unseen.
function check_text(    rest) {
    if ($0 ~ /\r$/)
        fail(FNR, "the line ends in CR LF, not in LF")
    else if ($0 ~ /[\001-\037\177]/)
        fail(FNR, "a tab or another control character in the header")
    rest = $0
    gsub(utf8, "", rest)
    if (rest ~ /[\200-\377]/)
        fail(FNR, "not UTF-8")
}

# A line of the header.
function read_line(    label, rest, colon) {
    if ($0 == "--") {
        if (last > 0)
            in_fields = 0
        current = ""
        return
    }
    if (last > 0 && !in_fields)
        return # free text behind the fields
    if ($0 !~ /^-- /) {
        fail(FNR, "a line of the header begins with '-- '")
        return
    }
    rest = substr($0, 4)
    if ($0 ~ /^--    /) {
        sub(/^ +/, "", rest)
        if (current != "")
            value[current] = value[current] (current ~ /^(Entities|Details)$/ ? "" : " ") rest
        return
    }
    colon = index(rest, ":")
    label = substr(rest, 1, colon - 1)
    if (!(label in place)) {
        if (last > 0 || FNR > 1 && colon > 0 && rest ~ /^[A-Z][A-Za-z ]*: /)
            fail(FNR, "unknown field '" label "'")
        return
    }
    in_fields = 1
    if (label in value)
        fail(FNR, label ": given before, in line " at[label])
    else if (place[label] < last)
        fail(FNR, label ": stands behind " field[last])
    last = place[label]
    current = label
    value[label] = substr(rest, colon + 1)
    sub(/^ +/, "", value[label])
    at[label] = FNR
}

function finish(    i, source, entities, trigger, row) {
    if (header_end == 0)
        header_end = n_lines
    for (i = 1; i <= n_fields; i++)
        if (!(field[i] in optional) && (!(field[i] in value) || value[field[i]] == ""))
            fail(header_end, "the header has no " field[i])
    if (n_views == 0)
        fail(header_end, "no line 'CREATE VIEW " rule " AS'")
    if (file ~ /(^|\/)hunts\/[^\/]*$/ && value["Kind"] ~ /^(Scheduled|NRT)$/)
        fail(at["Kind"], "Kind: a rule that raises alerts belongs into sql/rules")
    if (file ~ /(^|\/)rules\/[^\/]*$/ && value["Kind"] == "Hunting")
        fail(at["Kind"], "Kind: a hunt belongs into sql/hunts")
    expect("Severity", "^(Informational|Low|Medium|High)$", "Informational, Low, Medium or High")
    expect("Kind", "^(Scheduled|NRT|Hunting)$", "Scheduled, NRT or Hunting")
    expect("Frequency", value["Kind"] == "Scheduled" ? "^[1-9][0-9]*[mhd]$" : "^none$",
           value["Kind"] == "Scheduled" ? "a time such as 5m, 1h or 1d" : "none")
    expect("Period", value["Kind"] == "Scheduled" ? "^[1-9][0-9]*[mhd]$" : "^none$",
           value["Kind"] == "Scheduled" ? "a time such as 5m, 1h or 1d" : "none")
    expect("Trigger", "^(gt|lt|eq|ne) [0-9]+$", "gt, lt, eq or ne and a number")
    expect("Enabled", "^(yes|no)$", "yes or no")
    expect("Id", guid, "a GUID in small letters")
    expect("Version", "^[0-9]+\\.[0-9]+\\.[0-9]+$", "a version such as 1.0.0")
    expect("Finding view", "^[A-Za-z_][A-Za-z0-9_]*$", "the name of a view")
    expect("Entities", "^\\[.*\\]$", "a JSON array")
    expect("Details", "^\\{.*\\}$", "a JSON object")
    if (("Id" in value) && (value["Id"] in owner))
        fail(at["Id"], "Id: that of " owner[value["Id"]])
    owner[value["Id"]] = rule
    if (value["Frequency"] == "none")
        value["Frequency"] = value["Period"] = ""
    source = value["Source"] == "own" ? file : value["Source"]
    entities = "Entities" in value ? value["Entities"] : \
        "[{\"fieldMappings\":[{\"columnName\":\"accountName\",\"identifier\":\"Name\"}," \
        "{\"columnName\":\"accountUPNSuffix\",\"identifier\":\"UPNSuffix\"}," \
        "{\"columnName\":\"recipientAccountId\",\"identifier\":\"CloudAppAccountId\"}]," \
        "\"entityType\":\"Account\"}]"
    split(value["Trigger"], trigger, " ")
    row = "    " quoted(rule) ",\n    " quoted(value["Id"]) ",\n    " quoted(value["Title"])
    row = row ",\n    " quoted(value["Description"]) ",\n    " quoted(value["Severity"])
    row = row ",\n    " quoted(list("Tactics", "", "a tactic of ATT&CK"))
    row = row ",\n    " quoted(list("Techniques", "^T[0-9][0-9][0-9][0-9](\\.[0-9][0-9][0-9])?$", \
                                    "a technique of ATT&CK"))
    row = row ",\n    " quoted(value["Frequency"]) ",\n    " quoted(value["Period"])
    row = row ",\n    " quoted(trigger[1]) ",\n    " trigger[2]
    row = row ",\n    " quoted(value["Version"]) ",\n    " quoted(source)
    row = row ",\n    " quoted(entities)
    row = row ",\n    " quoted("Details" in value ? value["Details"] : "{}")
    row = row ",\n    " (value["Enabled"] == "yes" ? 1 : 0) ",\n    " quoted(value["Kind"])
    row = row ",\n    '[{\"connectorId\":\"AWS\",\"dataTypes\":[\"AWSCloudTrail\"]}]'"
    rows[++n_rows] = row
    view[n_rows] = "Finding view" in value ? quoted(value["Finding view"]) : "NULL"
    if ("Finding view" in value)
        some_view = 1
}

FNR == 1 {
    if (rule != "")
        finish()
    begin()
    is_read[FILENAME] = 1
}

{
    n_lines = FNR
}

in_header && !/^--/ {
    in_header = 0
    header_end = FNR
}

in_header {
    check_text()
}

in_header && FNR > 1 {
    read_line()
}

toupper($1) == "CREATE" && n_views > 0 {
    fail(FNR, "a second CREATE: a file makes the view that it is named after, and nothing else")
}

$0 == "CREATE VIEW " rule " AS" {
    n_views++
}

END {
    if (rule == "") {
        print "rule_rows.awk: no files" >"/dev/stderr"
        exit 1
    }
    finish()
    for (i = 1; i < ARGC; i++) {
        file = ARGV[i]
        if (!(file in is_read))
            fail(1, "the file is empty")
    }
    if (failed)
        exit 1
    print "-- rule: a row a file of sql/rules and sql/hunts, made of its header by tools/rule_rows.awk."
    print "INSERT INTO main.rule"
    print "    (name, id, title, description, severity, tactics, techniques, queryFrequency, queryPeriod,"
    print "     triggerOperator, triggerThreshold, version, source, entityMappings, customDetails, enabled,"
    print "     kind, requiredDataConnectors" (some_view ? ", findingView)" : ")")
    for (i = 1; i <= n_rows; i++)
        print (i == 1 ? "VALUES (" : "), (") "\n" rows[i] (some_view ? ",\n    " view[i] : "")
    print ");"
}
