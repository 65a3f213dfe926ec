#!/usr/bin/env bash
# Every check of the hardening, each in small, and one table: target, inputs tried, findings. Under ten minutes.
#
#     hardening/quick.sh          a look at everything
#     hardening/quick.sh full     everything as long as it takes: some hours, on an idle machine
#
# What a check had to say is in target/hardening-*.log. A tool that is missing is a failure that names it; a nightly
# toolchain that is missing is said in the table.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

depth=${1:-quick}
target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
export CARGO_TARGET_DIR=$target
mkdir -p "$target"
passed=0 failed=0

check() { # name, command…
    local name=$1 log=$target/hardening-${1// /-}.log
    shift
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
        grep -E '^[^ ].* (findings|left out)' "$log" || printf '%-22s %13s\n' "$name" passed
    else
        failed=$((failed + 1))
        grep -E '^[^ ].* findings' "$log"
        printf '%-22s %13s   see %s\n' "$name" FAILED "$log"
        tail -15 "$log" | sed 's/^/    /'
    fi
}

replay_fuzz() {
    local log=$target/replay.log
    cargo test --locked --manifest-path fuzz/Cargo.toml --no-default-features --lib -- --nocapture 2>&1 | tee "$log" || return
    awk '/ seeds, .* kept inputs$/ { sum += $2 + $4 } END { printf "%-22s %13d inputs  0 findings\n", "corpus replay", sum }' "$log"
}

deny() {
    if ! cargo deny --version >/dev/null 2>&1; then
        echo "cargo-deny is missing: cargo install cargo-deny --locked"
        return 2
    fi
    cargo deny --locked check licenses bans sources || return
    printf '%-22s %13s crates  0 findings\n' "licences and sources" "$(cargo metadata --format-version 1 --locked | grep -o '"manifest_path"' | wc -l)"
}

printf '%-22s %13s\n' target "inputs tried"
check "corpus replay" replay_fuzz
check "constant time valgrind" hardening/valgrind.sh
check "limits" hardening/limits.sh
check "secrets in memory" python3 hardening/memory.py
check "unsafe" python3 hardening/unsafe.py
check "licences and sources" deny
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
else
    # A timed test: on a busy machine a failure here says little, and `full` says more.
    check "constant time dudect" hardening/timing.sh
    check "coverage" hardening/coverage.sh
    check "address sanitizer" hardening/sanitizer.sh quick
    check "fuzzing" fuzz/run.sh 10
    check "mutation testing" hardening/mutants.sh --shard 0/150
fi
echo "$passed passed, $failed failed"
exit $((failed > 0))
