#!/usr/bin/env bash
# The table of what hostile input costs, of limits/src/main.rs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec cargo run --quiet --locked --release --target-dir "${CARGO_TARGET_DIR:-$PWD/target}" --package hookseal-limits
