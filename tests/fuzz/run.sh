#!/bin/sh
# run.sh PROGRAM...: runs each fuzzer for FUZZ_SECONDS, from the seeds and from what it kept before.
#
# A line a program says how many inputs were tried. One that fails leaves the input beside itself
# and its log is shown.
set -u
here=$(dirname "$0")

for program in "$@"; do
    case $program in
    *fuzz_kql*) words=kql.dict seeds=seeds_kql ;;
    *) words=cloudtrail.dict seeds=seeds ;;
    esac
    mkdir -p "$program.corpus"
    if ! "$program" -max_total_time="$FUZZ_SECONDS" -max_len=8192 -dict="$here/$words" \
        -artifact_prefix="$program-" -print_final_stats=1 "$program.corpus" "$here/$seeds" \
        >"$program.log" 2>&1; then
        cat "$program.log" >&2
        exit 1
    fi
    inputs=$(awk '/number_of_executed_units/ { print $2 }' "$program.log")
    printf '%-20s %10s inputs, nothing found\n' "$(basename "$program")" "$inputs"
done
