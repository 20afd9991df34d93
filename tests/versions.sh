#!/bin/sh
# versions.sh FOLDER: runs the test programs on other versions of SQLite; what `make versions` runs.
#
# The sources of SQLite come inside the npm package better-sqlite3, fetched into FOLDER. A program is
# linked with them; what a test starts by itself (the sqlite3 shell, python3) is the system's.
set -eu
folder=$1

# SQLite's version and that of the package
versions='3.34.0=7.1.2 3.40.0=8.0.1 3.45.1=9.4.0 3.53.3=13.0.0'

# Puts sqlite3.c, its headers and the object into a folder.
fetch() {
    mkdir -p "$1"
    (cd "$1" && npm pack --silent "better-sqlite3@$2" >/dev/null && tar xzf better-sqlite3-*.tgz)
    found=$(find "$1/package" -name 'sqlite3.tar.gz')
    [ -z "$found" ] || tar xzf "$found" -C "$1/package"
    for name in sqlite3.c sqlite3.h sqlite3ext.h; do
        cp "$(find "$1/package" -name $name | head -1)" "$1/"
    done
    ${CC:-cc} -O2 -w -fPIC -DSQLITE_ENABLE_JSON1 -DSQLITE_ENABLE_MATH_FUNCTIONS -I"$1" \
        -c "$1/sqlite3.c" -o "$1/sqlite3.o"
}

for version in $versions; do
    sqlite=${version%=*}
    here=$folder/$sqlite
    echo "== SQLite $sqlite"
    [ -f "$here/sqlite3.o" ] || fetch "$here" "${version#*=}"
    ${MAKE:-make} -s --no-print-directory BUILD="$here/build" CPPFLAGS="-I$here" \
        LDFLAGS="$here/sqlite3.o -ldl -lm" test-programs >"$here/build.log"
    sh tests/run.sh $(find "$here/build/tests" -type f -name 'test_*' ! -name '*.*' | sort)
done
