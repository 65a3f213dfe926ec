#!/usr/bin/env bash
# Line coverage of the core by its own tests, doc tests aside; below 97 % it fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! cargo tarpaulin --version >/dev/null 2>&1; then
    echo "cargo-tarpaulin is missing: cargo install cargo-tarpaulin --locked" >&2
    exit 2
fi
target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
mkdir -p "$target"
status=0
cargo tarpaulin --locked --packages hookseal --all-features --lib --tests --engine llvm --skip-clean --timeout 600 \
    --include-files 'core/src/*' --target-dir "$target/coverage" --out Stdout --fail-under 97 \
    >"$target/coverage.log" 2>&1 || status=1
figure=$(grep -aoE '[0-9.]+% coverage, [0-9]+/[0-9]+ lines covered' "$target/coverage.log" | tail -1)
if [[ -z $figure ]]; then tail -20 "$target/coverage.log" >&2; fi
if ((status)); then sed -n '/Uncovered Lines/,/Tested\/Total/p' "$target/coverage.log" >&2; fi
lines=${figure##*/}
printf '%-22s %13s lines   %s findings; %s\n' "coverage of the core" "${lines%% *}" "$status" "${figure%%,*}"
exit "$status"
