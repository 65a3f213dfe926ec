#!/usr/bin/env bash
# What the fuzz targets tried has the same outcome in Rust, Python and Node: the seeds, the inputs that are kept, and
# what earlier runs left in fuzz/corpus. The conformance vectors have their runs in each language's tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
mkdir -p "$target"
vectors=$target/fuzz-vectors.ndjson
cargo run --quiet --locked --manifest-path fuzz/Cargo.toml --target-dir "$target" --no-default-features \
    --example vectors >"$vectors"

venv=$target/venv-replay
if [[ ! -x $venv/bin/python ]]; then "${PYTHON:-python3}" -m venv "$venv"; fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --force-reinstall ./bindings-python
if [[ ! -e bindings-node/hookseal.node ]]; then npm --prefix bindings-node run build >"$target/npm.log"; fi

status=0
"$venv/bin/python" hardening/three-languages/replay.py <"$vectors" || status=1
node hardening/three-languages/replay.mjs <"$vectors" || status=1
exit "$status"
