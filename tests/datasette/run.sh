#!/bin/sh
# run.sh FOLDER: a case handed over, shown by Datasette with docs/datasette.yml, asked for every page and,
# where Chromium is installed, looked at. FOLDER is for what it makes and fetches.
#
# CT_EXTENSION: the extension. DATASETTE_FETCH=1: PyPI's packages are fetched where they are missing.
set -eu
folder=$1
here=tests/datasette
mkdir -p "$folder"
python=$folder/venv/bin/python

if [ ! -x "$folder/venv/bin/datasette" ]; then
    if [ -z "${DATASETTE_FETCH:-}" ]; then
        echo "left out: no Datasette in $folder"
        exit 0
    fi
    python3 -m venv "$folder/venv"
    "$python" -m pip install --quiet --disable-pip-version-check -r $here/requirements.txt
fi

rm -f "$folder"/case.db "$folder"/work.db*
python3 -B $here/hostile_log.py >"$folder/hostile.json"
sqlite3 -batch -init /dev/null "$folder/work.db" <<END
.bail on
.load $CT_EXTENSION
.output /dev/null
SELECT cloudtrail_import('data/sample');
SELECT cloudtrail_import('$folder/hostile.json');
SELECT cloudtrail_detect();
SELECT cloudtrail_handover('$folder/case.db');
END
exec "$python" -B $here/check.py "$folder"
