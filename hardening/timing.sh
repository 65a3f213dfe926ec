#!/usr/bin/env bash
# Runs the statistical test of constant-time/src/dudect.rs three times. A case fails if |t| is above 5 in every run. The
# control, a deliberate leak, must fail.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

target=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --quiet --locked --release --target-dir "$target" --package hookseal-constant-time --bin dudect
for run in 1 2 3; do
    # Each case has its own process, so that the processor's caches and predictors hold nothing of another case.
    for case in signature time_and_body shared_secret basic key_ring leak_by_an_early_exit; do
        "$target/release/dudect" --filter "$case"
    done >"$target/dudect-$run.log"
done
cat "$target"/dudect-[123].log | awk '
    /^bench .* max t = / {
        name = $2
        t = $0; sub(/.*max t = /, "", t); sub(/,.*/, "", t)
        t += 0
        if (t < 0) t = -t
        runs[name]++
        if (!(name in least) || t < least[name]) least[name] = t
        shown[name] = shown[name] sprintf(" %.1f", t)
    }
    END {
        for (name in runs) {
            control = name ~ /^leak_/
            leaks = least[name] > 5
            wrong = leaks != control || runs[name] != 3
            if (!control) { cases++; findings += leaks } else controls += leaks
            failed += wrong
            printf "  %-22s |t|%s%s\n", name, shown[name], wrong ? "  <- wrong" : ""
        }
        printf "%-22s %13d cases   %d findings; %d control found\n", "constant time: dudect", cases, findings, controls
        exit failed > 0 || cases != 5 || controls != 1
    }'
