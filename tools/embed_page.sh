#!/bin/sh
# embed_page.sh CHART.JS HTML CSS JS...: writes the dashboard's page as the C source that
# ext/db/page_text.h declares.
#
# CHART.JS is Chart.js from version 3 on, minified or not: Debian's package libjs-chart.js has it.
set -eu
chart=$1 html=$2 css=$3
shift 3

if ! [ -r "$chart" ]; then
    echo "needed and not found: $chart, the chart library of the dashboard." >&2
    echo "Debian's package libjs-chart.js brings it (apt-get install libjs-chart.js); elsewhere:" \
        "make CHART_JS=path/to/chart.min.js" >&2
    exit 1
fi
if ! head -c 400 "$chart" | grep -q 'Chart\.js v[34]\.'; then
    echo "$chart is no Chart.js of version 3 or 4: make CHART_JS=path/to/chart.min.js" >&2
    exit 1
fi

cat <<'END'
/* Made from ext/db/page/ and Chart.js by tools/embed_page.sh, not to be edited. */
#include "db/page_text.h"
END

# text NAME FILE...: the files, one behind the other, as an array of characters.
text() {
    name=$1
    shift
    printf '\nstatic const char %s_text[] = {\n' "$name"
    for file in "$@"; do
        cat "$file"
        echo
    done | od -A n -v -t o1 |
        awk '{ for (i = 1; i <= NF; i++) printf "'"'\\\\%s'"',", $i; print "" }'
    printf '};\nconst ct_page_text ct_page_%s = {%s_text, sizeof %s_text};\n' "$name" "$name" "$name"
}

text html "$html"
text style "$css"
text script "$chart" "$@"
