#!/usr/bin/env bash
# Hostile senders against a server of every framework that has an adapter: hostile/attack.py with what it needs. Its
# arguments are handed on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ! -d bindings-node/node_modules/express ]]; then npm --prefix bindings-node ci; fi
python=$(hardening/packages.sh test)
cargo build --quiet --locked --release --manifest-path hardening/Cargo.toml --target-dir hardening/target \
    --package hookseal-hostile
# With it a server that cannot run is a failure, and not left out.
CI=1 "${PYTHON:-python3}" hardening/hostile/attack.py --python "$python" "$@"
