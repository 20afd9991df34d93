#!/bin/sh
# peer.sh FOLDER: puts DuckDB into FOLDER/node_modules, in the version that package-lock.json names.
#
# Installs node and npm where they are missing. What cannot be had is said and is no error: the
# bench then runs without the peer.
set -u
here=$(dirname "$0")

if cmp -s "$here/package-lock.json" "$1/package-lock.json" &&
    [ -d "$1/node_modules/@duckdb/node-api" ]; then
    exit 0
fi
mkdir -p "$1"
sh tools/deps.sh nodejs npm &&
    cp "$here/package.json" "$here/package-lock.json" "$1/" &&
    npm ci --prefix "$1" --no-audit --no-fund --loglevel=error >"$1/npm.log" 2>&1 && exit 0
[ -f "$1/npm.log" ] && cat "$1/npm.log" >&2
rm -rf "$1/node_modules"
echo "DuckDB could not be installed: its rows will be missing" >&2
