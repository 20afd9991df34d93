# Makes the script of one engine for cloudtrail_engine_sql():
#
#   awk -f engine_sql.awk ../sql/views/event_base.sql ENGINE.pieces ENGINE.sql rules.sql > script.sql
#
# ENGINE.pieces has a line for each thing that the engine writes in its own way,
#     name(a, b): text with {a} and {b}
# and the SQL files name it as @name(x, y); how many arguments there are tells one piece from another of its
# name. A line `\: \\` doubles every backslash of the SQL files, for an engine whose literals want that.
# @denied(x) is the condition of event_base that a call was denied, so that it stands there alone.
# {{name}} is left to the extension. Plain POSIX awk.

function fail(message)
{
    print FILENAME ":" FNR ": " message > "/dev/stderr"
    failed = 1
    exit 1
}

# ---- the pieces ---------------------------------------------------------------------------------

function read_piece(line,    n, head, i, count, names)
{
    n = index(line, "): ")
    head = substr(line, 1, n)
    if (n == 0 || head !~ /^[a-z_]+\([a-z_, ]*\)$/)
        fail("expected name(a, b): text")
    i = index(head, "(")
    count = split(substr(head, i + 1, length(head) - i - 1), names, /, */)
    head = substr(head, 1, i - 1) "/" count
    body[head] = substr(line, n + 3)
    for (i = 1; i <= count; i++)
        parameter[head, i] = names[i]
}

# text with every `old` replaced; both are texts, not patterns.
function replaced(text, old, new,    at, out)
{
    while ((at = index(text, old)) > 0) {
        out = out substr(text, 1, at - 1) new
        text = substr(text, at + length(old))
    }
    return out text
}

# ---- the calls ----------------------------------------------------------------------------------

# Splits what stands behind `(` into arguments[depth, 1 ...]; gives the length up to the `)` that belongs
# to it. Texts in quotes are passed over, a quote in them is doubled.
function split_call(text, depth,    i, c, level, start, quoted)
{
    n_arguments[depth] = 0
    start = 1
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "'")
            quoted = !quoted
        else if (quoted)
            continue
        else if (c == "(")
            level++
        else if (c == ")" && level-- == 0)
            break
        else if (c == "," && level == 0) {
            arguments[depth, ++n_arguments[depth]] = trimmed(substr(text, start, i - start))
            start = i + 1
        }
    }
    if (i > length(text))
        fail("a call without its end: " substr(text, 1, 60))
    if (trimmed(substr(text, start, i - start)) != "" || n_arguments[depth] > 0)
        arguments[depth, ++n_arguments[depth]] = trimmed(substr(text, start, i - start))
    return i
}

function trimmed(text)
{
    sub(/^[ \n]+/, "", text)
    sub(/[ \n]+$/, "", text)
    gsub(/\n +/, " ", text)
    return text
}

function put_in(name, depth,    key, text, i)
{
    if (name == "denied")
        return "(" replaced(denied, "errorCode", arguments[depth, 1]) ")"
    key = name "/" n_arguments[depth]
    if (!(key in body))
        fail("no piece of this name and number of arguments: " key)
    text = body[key]
    for (i = 1; i <= n_arguments[depth]; i++)
        text = replaced(text, "{" parameter[key, i] "}", arguments[depth, i])
    return text
}

# text with all calls expanded, the inner ones first.
function expanded(text, depth,    out, name, length_, i)
{
    while (match(text, /@[a-z_]+\(/)) {
        out = out substr(text, 1, RSTART - 1)
        name = substr(text, RSTART + 1, RLENGTH - 2)
        text = substr(text, RSTART + RLENGTH)
        length_ = split_call(text, depth)
        text = substr(text, length_ + 1)
        kept[depth] = text
        so_far[depth] = out
        called[depth] = name
        for (i = 1; i <= n_arguments[depth]; i++)
            arguments[depth, i] = expanded(arguments[depth, i], depth + 1)
        text = kept[depth]
        out = so_far[depth] put_in(called[depth], depth)
    }
    return out text
}

# ---- the files ----------------------------------------------------------------------------------

FNR == 1 { file++ }

# The lines of event_base from AccessDenied to THEN 'denied'.
file == 1 {
    if (match($0, /errorCode GLOB '\*[A-Za-z]+\*'/) && !denied_ends) {
        pattern = substr($0, RSTART, RLENGTH)
        sub(/ GLOB '\*/, " LIKE '%", pattern)
        sub(/\*'$/, "%'", pattern)
        denied = denied (denied == "" ? "" : " OR ") pattern
    }
    if ($0 ~ /THEN 'denied'/)
        denied_ends = 1
    next
}

file == 2 {
    if ($0 == "\\: \\\\")
        is_doubled = 1
    else if ($0 !~ /^(#|$)/)
        read_piece($0)
    next
}

{
    line = $0
    if (is_doubled)
        line = replaced(line, "\\", "\\\\")
    script = script line "\n"
}

END {
    if (failed)
        exit 1
    if (denied == "" || !denied_ends)
        fail("sql/views/event_base.sql no longer says what is denied")
    printf "%s", expanded(script, 1)
}
