#!/bin/sh
# deps.sh PACKAGE...: installs those of the Debian packages that are missing.
# deps.sh --missing PACKAGE...: prints them, and installs nothing.
#
# A package is missing when dpkg does not have it and what it brings is not found by other means
# either (a header that CC cannot read, a command that is not in PATH). With apt-get, and as root
# or with sudo, it is installed; else one message says what is needed, and the exit status is 1.
# `cc` stands for whatever compiler `cc` is; the package that brings one is gcc.
set -u

only_name=
if [ "${1:-}" = --missing ]; then
    only_name=yes
    shift
fi

header_is_there() {
    echo "#include <$1>" | ${CC:-cc} ${CPPFLAGS:-} -E - >/dev/null 2>&1
}

is_there() {
    case $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) in
    ii*) return 0 ;;
    esac
    case $1 in
    libc6-dev) header_is_there stdio.h ;;
    libsqlite3-dev) header_is_there sqlite3ext.h ;;
    libdeflate-dev) header_is_there libdeflate.h ;;
    libmbedtls-dev) header_is_there mbedtls/sha256.h ;;
    libpcre2-dev) echo '#include <pcre2.h>' | ${CC:-cc} ${CPPFLAGS:-} -E -DPCRE2_CODE_UNIT_WIDTH=8 - \
        >/dev/null 2>&1 ;;
    zlib1g-dev) header_is_there zlib.h ;;
    libcmocka-dev) echo '#include <cmocka.h>' | ${CC:-cc} ${CPPFLAGS:-} -E -include stdarg.h \
        -include setjmp.h -include stdint.h - >/dev/null 2>&1 ;;
    libjs-chart.js) [ -r /usr/share/javascript/chart.js/chart.min.js ] ;;
    nodejs) command -v node >/dev/null ;;
    python3-venv) python3 -c 'import ensurepip, venv' 2>/dev/null ;;
    default-jdk-headless) command -v javac >/dev/null ;;
    maven) command -v mvn >/dev/null ;;
    time) [ -x /usr/bin/time ] ;; # the shell's own word is another
    *) command -v "$1" >/dev/null ;;
    esac
}

missing=
for package in "$@"; do
    is_there "$package" && continue
    [ "$package" = cc ] && package=gcc
    case " $missing " in
    *" $package "*) ;;
    *) missing="$missing $package" ;;
    esac
done
if [ -n "$only_name" ]; then
    echo "$missing"
    exit 0
fi
[ -z "$missing" ] && exit 0

sudo=
[ "$(id -u)" -ne 0 ] && sudo=sudo
if ! command -v apt-get >/dev/null; then
    echo "needed and not found (by their Debian names):$missing" >&2
    echo "They are the packages for a C compiler, SQLite (>= 3.34) with its headers," \
        "libdeflate, zlib, Mbed TLS, PCRE2, Chart.js, cmocka or Python 3: install them, then run make again." >&2
    exit 1
fi
if [ -n "$sudo" ] && ! command -v sudo >/dev/null; then
    echo "needed and not found; as root: apt-get install$missing" >&2
    exit 1
fi

echo "installing:$missing"
log=${CT_BUILD:-build}/apt.log
mkdir -p "${CT_BUILD:-build}"
get="$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120"
# An update may fail for a source that has nothing to do with us; the installation then tells.
$get update >"$log" 2>&1
# shellcheck disable=SC2086 # words on purpose
if ! $get install -y --no-install-recommends $missing >>"$log" 2>&1; then
    cat "$log" >&2
    echo "could not install what is needed; as root: apt-get install$missing" >&2
    exit 1
fi
