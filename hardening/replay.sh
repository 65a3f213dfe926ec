#!/usr/bin/env bash
# What the fuzz targets tried has the same outcome in Rust, Python and Node: the seeds, the inputs that are kept, and
# what earlier runs left in fuzz/corpus. Each language compares the outcomes with the code of its conformance tests, where
# the vectors themselves are run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
python=$(hardening/packages.sh)
vectors=$target/fuzz-vectors.ndjson
cargo run --quiet --locked --manifest-path fuzz/Cargo.toml --target-dir "$target" --no-default-features \
    --example vectors >"$vectors"
# Each of the two fails where it was given nothing.
status=0
"$python" hardening/three-languages/replay.py <"$vectors" || status=1
node hardening/three-languages/replay.mjs <"$vectors" || status=1
exit "$status"
