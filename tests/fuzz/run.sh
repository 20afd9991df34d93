#!/bin/sh
# run.sh PROGRAM...: runs each fuzzer for FUZZ_SECONDS, from the seeds and from what it kept before;
# where FUZZ_RUNS is set, for that many inputs from the seeds alone, as far as can be the same ones each time.
#
# A line a program says how many inputs were tried. One that fails leaves the input beside itself
# and its log is shown.
set -u
here=$(dirname "$0")

fixed= # a program whose addresses stay the same draws the same inputs
if [ -n "${FUZZ_RUNS:-}" ] && setarch -R true 2>/dev/null; then
    fixed='setarch -R'
fi

for program in "$@"; do
    kept=$program.corpus
    how="-max_total_time=$FUZZ_SECONDS"
    if [ -n "${FUZZ_RUNS:-}" ]; then
        kept=$program.drawn
        how="-runs=$FUZZ_RUNS -seed=1"
        rm -rf "$kept"
    fi
    case $program in
    *fuzz_kql*) words=kql.dict seeds=seeds_kql ;;
    *) words=cloudtrail.dict seeds=seeds ;;
    esac
    mkdir -p "$kept"
    # shellcheck disable=SC2086 # each two words
    if ! $fixed "$program" $how -max_len=8192 -dict="$here/$words" \
        -artifact_prefix="$program-" -print_final_stats=1 "$kept" "$here/$seeds" \
        >"$program.log" 2>&1; then
        cat "$program.log" >&2
        exit 1
    fi
    inputs=$(awk '/number_of_executed_units/ { print $2 }' "$program.log")
    printf '%-20s %10s inputs, nothing found\n' "$(basename "$program")" "$inputs"
done
