#!/bin/sh
# run.sh FOLDER: holds the rules on DuckDB and ClickHouse against those of SQLite; what `make engines` runs.
#
# DuckDB (npm) and ClickHouse (chdb, PyPI) are fetched into FOLDER where they are missing and ENGINES_FETCH=1 is
# set; one that is not to be had is named and left out. CT_EXTENSION is the extension.
set -u
here=tests/engines
folder=$1
DUCKDB=1.5.6-r.1
CHDB=4.4.0
mkdir -p "$folder"
folder=$(realpath "$folder")
export ENGINES_NODE="$folder/node" ENGINES_PYTHON="$folder/python"

# A Python that can load extensions: not every one is built so.
for python in python3 /usr/bin/python3 ''; do
    [ -n "$python" ] || { echo 'no Python that loads extensions of SQLite' >&2; exit 1; }
    $python -c 'import sqlite3; sqlite3.Connection.enable_load_extension' 2>/dev/null && break
done

has_duckdb() {
    [ -d "$ENGINES_NODE/node_modules/@duckdb/node-api" ]
}

has_clickhouse() {
    PYTHONPATH=$ENGINES_PYTHON $python -c 'import chdb' 2>/dev/null
}

if [ -n "${ENGINES_FETCH:-}" ]; then
    mkdir -p "$ENGINES_NODE"
    has_duckdb || npm install --silent --prefix "$ENGINES_NODE" "@duckdb/node-api@$DUCKDB" >&2
    # the resolver looks at what else is installed, and complains of it
    has_clickhouse || $python -m pip install --quiet --root-user-action=ignore --target "$ENGINES_PYTHON" \
        "chdb==$CHDB" 2>"$folder/pip.log" || cat "$folder/pip.log" >&2
fi

engines=
if has_duckdb; then engines="$engines duckdb"; else echo "left out: duckdb (npm's @duckdb/node-api)"; fi
if has_clickhouse; then engines="$engines clickhouse"; else echo "left out: clickhouse (PyPI's chdb)"; fi
[ -n "$engines" ] || exit 1
$python $here/equal.py "$folder/sets" $engines
