#!/bin/sh
# Runs the test programs it is given, one for each core at a time, and sums what they report. The
# last line is `N passed, N failed` (and `, N skipped` where tests were skipped); the exit status
# is 1 when a test failed. The last line also stands in the build's tests/summary.
#
# A program reports in TAP, which cmocka writes on request: the plan `1..N`, then `ok` or `not ok`
# a test. Tests that the plan promised and that never reported count as failed; so does, as one, a
# program that ends badly without naming a failed test, or that prints no plan at all. A line
# `skipped: why` is shown. What a program printed stands beside it in a .log, its counts in .counts.

# Prints "plans planned ok bad skip" of a log. cmocka writes a skipped test as `not ok 3 # SKIP`.
count_log() {
    awk '
        /^1\.\.[0-9]+/ { planned += substr($0, 4); plans++ }
        /^(not )?ok [0-9]+ .*# SKIP/ { skip++; next }
        /^ok [0-9]+/ { ok++ }
        /^not ok [0-9]+/ { bad++ }
        END { printf "%d %d %d %d %d", plans, planned, ok, bad, skip }
    ' "$1"
}

# Runs one program and reports on it in one piece, as others run beside it.
run_one() {
    program=$1 log=$1.log
    "$program" >"$log" 2>&1
    status=$?
    read -r plans planned ok bad skip <<END
$(count_log "$log")
END
    lost=$((planned - ok - bad - skip))
    [ "$lost" -gt 0 ] && bad=$((bad + lost))
    [ "$bad" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$plans" -eq 0 ]; } && bad=1
    echo "$ok $bad $skip" >"$program.counts"

    report=$(
        printf '%-28s %4d passed' "${program##*/}" "$ok"
        [ "$bad" -gt 0 ] && printf ', %d failed' "$bad"
        [ "$skip" -gt 0 ] && printf ', %d skipped' "$skip"
        echo
        if [ "$bad" -gt 0 ]; then
            echo "---- $program, exit status $status"
            grep -v -e '^ok ' -e '^1\.\.' "$log"
            [ "$lost" -gt 0 ] && echo "(ended with $lost of $planned tests not reported)"
            echo "----"
        else
            grep '^skipped: ' "$log" | sort -u
        fi
    )
    printf '%s\n' "$report"
}

export CMOCKA_MESSAGE_OUTPUT=TAP
if [ "$1" = --one ]; then
    run_one "$2"
    exit
fi

[ $# -gt 0 ] || { echo "no test programs"; exit 1; }
for program in "$@"; do
    rm -f "$program.counts"
done
printf '%s\n' "$@" | xargs -n 1 -P "$(getconf _NPROCESSORS_ONLN || echo 2)" sh "$0" --one

passed=0 failed=0 skipped=0
for program in "$@"; do
    ok=0 bad=1 skip=0 # where a program was not even started
    [ -f "$program.counts" ] && read -r ok bad skip <"$program.counts"
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
done
summary="$passed passed, $failed failed"
[ "$skipped" -gt 0 ] && summary="$summary, $skipped skipped"
echo "$summary" | tee "${CT_BUILD:-build}/tests/summary"
[ "$failed" -eq 0 ]
