#!/usr/bin/env bash
# Checks that the inputs of the fuzz targets have the same outcome in Rust, Python and Node: the seeds, the kept inputs,
# and the inputs that earlier runs left in fuzz/corpus. Each language compares outcomes with the code of its conformance
# tests, which run the vectors themselves.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
python=$(hardening/packages.sh)
vectors=$target/fuzz-vectors.ndjson
cargo run --quiet --locked --manifest-path fuzz/Cargo.toml --target-dir "$target" --no-default-features \
    --example vectors >"$vectors"
# Each of the two fails if it gets no input.
status=0
"$python" hardening/three-languages/replay.py <"$vectors" || status=1
node hardening/three-languages/replay.mjs <"$vectors" || status=1
exit "$status"
