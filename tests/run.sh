#!/bin/sh
# Runs the test programs it is given and sums what cmocka reports. The last line is
# `N passed, N failed` (and `, N skipped` where tests were skipped); the exit status is 1 when a
# test failed or a program died. A program that dies counts as one failed test.

passed=0 failed=0 skipped=0
count() { grep -c "^\[ *$1 *\] [a-z]" "$log"; }

for program in "$@"; do
    log=$program.log
    "$program" >"$log" 2>&1
    status=$?
    ok=$(count OK) bad=$(count FAILED) skip=$(count SKIPPED)
    # cmocka names each failed test twice, once more in its summary
    [ "$bad" -gt 0 ] && bad=$(grep "^\[ *FAILED *\] [a-z]" "$log" | sort -u | wc -l)
    [ "$skip" -gt 0 ] && skip=$(grep "^\[ *SKIPPED *\] [a-z]" "$log" | sort -u | wc -l)
    [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    if [ "$bad" -gt 0 ]; then
        echo "---- $program (exit status $status)"
        cat "$log"
    else
        printf '%-28s %4d passed' "${program##*/}" "$ok"
        [ "$skip" -gt 0 ] && printf ', %d skipped' "$skip"
        echo
        grep '^skipped: ' "$log"
    fi
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
done

if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
