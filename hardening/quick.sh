#!/usr/bin/env bash
# Runs every hardening check and prints one table: target, inputs tried, findings. Under ten minutes.
#
#     hardening/quick.sh          a short form of every check
#     hardening/quick.sh full     every check in full: some hours, on an idle machine
#
# A check passes if it exits with 0 and prints a row with the number of inputs that it tried and no findings. Its output
# is in target/hardening-*.log. A missing tool is a failure that names the tool. Checks that need a missing toolchain
# are listed at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

depth=${1:-quick}
case $depth in
    quick | full) ;;
    *)
        echo "hardening/quick.sh: \"$depth\" is not \"full\"" >&2
        exit 2
        ;;
esac
target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
export CARGO_TARGET_DIR=$target
unset LEFT_OUT
mkdir -p "$target"
passed=0 failed=0 skipped=0 left_out=()

check() { # name, command…; the command is a program that says itself where it stopped
    local name=$1 log=$target/hardening-${1// /-}.log line rows=0 wrong=
    shift
    if ! "$@" >"$log" 2>&1; then wrong=FAILED; fi
    while IFS= read -r line; do
        if [[ $line =~ ^left\ out:\  ]]; then
            left_out+=("$line")
        elif [[ $line =~ ^[^\ 0-9][^0-9]*\ ([0-9]+)\ .*[^0-9]([0-9]+)\ findings ]]; then
            echo "$line"
            rows=$((rows + 1))
            if ((BASH_REMATCH[1] == 0)); then wrong=${wrong:-"FAILED: it tried nothing"}; fi
            if ((BASH_REMATCH[2] > 0)); then wrong=${wrong:-"FAILED: it has findings"}; fi
        fi
    done <"$log"
    if [[ -z $wrong ]] && ((rows == 0)); then
        if grep -q '^left out: ' "$log"; then
            printf '%-22s %13s\n' "$name" "left out"
            skipped=$((skipped + 1))
            return
        fi
        wrong="FAILED: it says nothing"
    fi
    if [[ -n $wrong ]]; then
        failed=$((failed + 1))
        printf '%-22s %13s   see %s\n' "$name" "$wrong" "$log"
        tail -15 "$log" | sed 's/^/    /'
    else
        passed=$((passed + 1))
    fi
}

printf '%-22s %13s\n' target "inputs tried"
check "planted faults" hardening/planted.sh
check "floors" hardening/floors.sh full
check "corpus replay" hardening/corpus.sh
check "constant time valgrind" hardening/valgrind.sh
check "limits" hardening/limits.sh
check "secrets in memory" python3 hardening/memory.py
check "imports" python3 hardening/imports.py
check "vendors" python3 hardening/vendors.py
check "first lines" python3 hardening/first_lines.py
check "licences and sources" hardening/deny.sh
check "bill of materials" hardening/sbom.sh
check "three languages" hardening/replay.sh
check "faults" hardening/faults.sh
if [[ $depth == full ]]; then
    check "constant time dudect" hardening/timing.sh
    check "coverage" hardening/coverage.sh
    check "address sanitizer" hardening/sanitizer.sh
    check "address sanitizer, bindings" hardening/sanitizer.sh bindings
    check "fuzzing" fuzz/run.sh long
    check "mutation testing" hardening/mutants.sh
    check "hostile senders" hardening/hostile.sh
    check "public interface" hardening/semver.sh
else
    # This test measures time: a failure on a busy machine proves little. `full` tells more.
    check "constant time dudect" hardening/timing.sh
    check "coverage" hardening/coverage.sh
    check "address sanitizer" hardening/sanitizer.sh quick
    check "fuzzing" fuzz/run.sh 10
    check "mutation testing" hardening/mutants.sh --shard 0/150
    check "hostile senders" hardening/hostile.sh --quick
fi
if ((${#left_out[@]})); then printf '%s\n' "${left_out[@]}"; fi
echo "$passed passed, $failed failed, $skipped skipped"
exit $((failed > 0))
