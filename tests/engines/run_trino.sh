#!/bin/sh
# run_trino.sh FOLDER [measure]: Trino, a coordinator and two workers on loopback, held against SQLite; what
# `make engines-trino` runs, see trino_test.py.
#
# Trino comes from Maven Central into FOLDER where it is missing and ENGINES_FETCH=1 is set. It wants Java 24 or
# newer: JAVA_HOME, or what is found in /usr/lib/jvm.
set -u
here=tests/engines
folder=$1
TRINO=476
mkdir -p "$folder"
folder=$(realpath "$folder")

java=
for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    version=$("$home/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p;q')
    [ "${version:-0}" -ge 24 ] && java=$home/bin/java && break
done
if [ -z "$java" ]; then
    echo "left out: trino (it needs Java 24 or newer, by JAVA_HOME)"
    exit 0
fi

for python in python3 /usr/bin/python3 ''; do
    [ -n "$python" ] || { echo 'no Python that loads extensions of SQLite' >&2; exit 1; }
    $python -c 'import sqlite3; sqlite3.Connection.enable_load_extension' 2>/dev/null && break
done

server=$folder/trino-server-$TRINO
if [ ! -d "$server/plugin/hive" ] && [ -n "${ENGINES_FETCH:-}" ]; then
    # Maven Central answers too many with a refusal now and then
    for attempt in 1 2 3; do
        mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
            -Dartifact=io.trino:trino-server:$TRINO:tar.gz -DoutputDirectory="$folder" >&2 && break
        sleep 5
    done
    tar xzf "$server.tar.gz" -C "$folder" || exit 1
    # 400 MB instead of 2 GB
    find "$server/plugin" -mindepth 1 -maxdepth 1 ! -name hive -exec rm -rf {} +
    rm -f "$server.tar.gz"
fi
if [ ! -d "$server/plugin/hive" ]; then
    echo "left out: trino (Maven's io.trino:trino-server:$TRINO)"
    exit 0
fi
shift
exec $python $here/trino_test.py "$folder/run" "$server" "$java" "$@"
