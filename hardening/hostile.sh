#!/usr/bin/env bash
# Attacks a server of every framework that has an adapter: builds the servers and runs hostile/attack.py with the
# arguments.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ! -d bindings-node/node_modules/express ]]; then npm --prefix bindings-node ci; fi
python=$(hardening/packages.sh test)
cargo build --quiet --locked --release --manifest-path hardening/Cargo.toml --target-dir hardening/target \
    --package hookseal-hostile
# With CI set, a server that cannot run is a failure. Otherwise it would be left out.
CI=1 "${PYTHON:-python3}" hardening/hostile/attack.py --python "$python" "$@"
