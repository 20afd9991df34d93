#!/bin/sh
# run.sh FOLDER: lets each client that is installed load the extension, import, detect and read, and
# compares what it prints with expected.txt. What it leaves out is named. FOLDER is for what it makes.
#
# CT_EXTENSION: the extension; CT_STATIC: the library for programs; CT_LIBRARIES: what that needs.
# CLIENTS_FETCH=1: npm's and Maven's packages are fetched into FOLDER where they are missing.
set -u
here=tests/clients
folder=$1
mkdir -p "$folder"
extension=$(realpath "$CT_EXTENSION")
failed=0
left_out=

BETTER_SQLITE3=12.11.1
SQLITE_JDBC=3.40.1.0
NODE_PACKAGES=$(realpath "$folder")/node
export NODE_PACKAGES
jdbc=$folder/sqlite-jdbc-$SQLITE_JDBC.jar

# client NAME COMMAND...: runs it with the three arguments that each takes.
client() {
    name=$1
    shift
    rm -f "$folder/$name".db*
    if "$@" "$extension" "$folder/$name.db" $here/queries.sql >"$folder/$name.out" 2>"$folder/$name.err" &&
        cmp -s $here/expected.txt "$folder/$name.out"; then
        echo "ok $name"
    else
        echo "not ok $name"
        diff $here/expected.txt "$folder/$name.out"
        head -5 "$folder/$name.err"
        failed=1
    fi
}

leave_out() {
    left_out="$left_out $1 ($2),"
}

has() {
    command -v "$1" >/dev/null
}

# A Python that can load extensions: not every one is built so.
find_python() {
    for python in python3 /usr/bin/python3; do
        $python -c 'import sqlite3; sqlite3.Connection.enable_load_extension' 2>/dev/null && return
    done
    return 1
}

fetch() {
    [ -n "${CLIENTS_FETCH:-}" ] || return 0
    if has npm && [ ! -d "$NODE_PACKAGES/node_modules/better-sqlite3" ]; then
        mkdir -p "$NODE_PACKAGES"
        npm install --silent --prefix "$NODE_PACKAGES" better-sqlite3@$BETTER_SQLITE3 >&2
    fi
    if has mvn && [ ! -f "$jdbc" ]; then
        mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
            -Dartifact=org.xerial:sqlite-jdbc:$SQLITE_JDBC -DoutputDirectory="$folder" >&2
    fi
}

fetch

link="-Iext $CT_STATIC -lsqlite3 $CT_LIBRARIES -lm -pthread"
${CC:-cc} -std=c11 -Wall -Wextra -Werror -o "$folder/client_c" $here/client.c $link &&
    client c "$folder/client_c" || failed=1
if has c++; then
    c++ -Wall -Wextra -Werror -x c++ -o "$folder/client_cpp" $here/client.c -x none $link &&
        client cpp "$folder/client_cpp" || failed=1
else
    leave_out cpp 'no c++'
fi

if find_python; then
    client python "$python" $here/client.py
    has sqlite3 && client shell "$python" $here/client_shell.py || leave_out shell 'no sqlite3'
else
    leave_out python 'no Python that loads extensions'
    leave_out shell 'no Python'
fi

if has node && [ -d "$NODE_PACKAGES/node_modules/better-sqlite3" ]; then
    client node node $here/client.mjs
else
    leave_out node 'no better-sqlite3'
fi

if has php && php -r 'exit(class_exists("SQLite3") ? 0 : 1);'; then
    client php php -d "sqlite3.extension_dir=$(dirname "$extension")" $here/client.php
else
    leave_out php 'no php with sqlite3'
fi

if has javac && [ -f "$jdbc" ]; then
    javac -cp "$jdbc" -d "$folder" $here/Client.java &&
        client jdbc java -cp "$jdbc:$folder" Client || failed=1
else
    leave_out jdbc 'no javac or sqlite-jdbc'
fi

if has ruby && ruby -e 'require "sqlite3"' 2>/dev/null; then
    client ruby ruby $here/client.rb
else
    leave_out ruby 'no ruby with sqlite3'
fi

if has perl && perl -MDBD::SQLite -e 1 2>/dev/null; then
    client perl perl $here/client.pl
else
    leave_out perl 'no DBD::SQLite'
fi

if has tclsh && echo 'if {[catch {package require sqlite3}]} {exit 1}' | tclsh; then
    client tcl tclsh $here/client.tcl
else
    leave_out tcl 'no tclsh with sqlite3'
fi

[ -z "$left_out" ] || echo "left out:${left_out%,}"
exit $failed
