#!/bin/sh
# Runs the test programs it is given and sums what they report. The last line is
# `N passed, N failed` (and `, N skipped` where tests were skipped); the exit status is 1 when a
# test failed.
#
# A program reports in TAP, which cmocka writes on request: the plan `1..N`, then `ok` or `not ok`
# a test. Tests that the plan promised and that never reported count as failed; so does, as one, a
# program that ends badly without naming a failed test, or that prints no plan at all. A line
# `skipped: why` is shown.

export CMOCKA_MESSAGE_OUTPUT=TAP
passed=0 failed=0 skipped=0

# Sets planned, ok, bad and skip from a log. cmocka writes a skipped test as `not ok 3 # SKIP`.
read_log() {
    eval "$(awk '
        /^1\.\.[0-9]+/ { planned += substr($0, 4); plans++ }
        /^(not )?ok [0-9]+ .*# SKIP/ { skip++; next }
        /^ok [0-9]+/ { ok++ }
        /^not ok [0-9]+/ { bad++ }
        END { printf "plans=%d planned=%d ok=%d bad=%d skip=%d", plans, planned, ok, bad, skip }
    ' "$1")"
}

for program in "$@"; do
    log=$program.log
    "$program" >"$log" 2>&1
    status=$?
    read_log "$log"
    lost=$((planned - ok - bad - skip))
    [ "$lost" -gt 0 ] && bad=$((bad + lost))
    [ "$bad" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$plans" -eq 0 ]; } && bad=1

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
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
done

if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
