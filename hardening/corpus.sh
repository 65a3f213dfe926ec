#!/usr/bin/env bash
# Runs the fuzz targets on the seeds and the kept inputs, without the fuzzing engine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
log=$target/corpus.log
mkdir -p "$target"
cargo test --locked --manifest-path fuzz/Cargo.toml --target-dir "$target" --no-default-features --lib -- --nocapture 2>&1 |
    tee "$log"
tried=$(LC_ALL=C awk '/ seeds, .* kept inputs$/ { sum += $2 + $4 } END { print sum + 0 }' "$log")
if ((tried == 0)); then
    echo "corpus replay: no input was tried; the log: $log" >&2
    exit 1
fi
printf '%-22s %13d inputs  0 findings\n' "corpus replay" "$tried"
