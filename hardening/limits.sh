#!/usr/bin/env bash
# Prints the table of limits/src/main.rs: the cost of hostile input.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec cargo run --quiet --locked --release --target-dir "${CARGO_TARGET_DIR:-$PWD/target}" --package hookseal-limits
