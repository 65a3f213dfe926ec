#!/usr/bin/env bash
# Builds the Python package into an environment of its own, and the Node package where it stands; prints the
# environment's Python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
venv=$target/venv-hardening
mkdir -p "$target"
{
    if [[ ! -x $venv/bin/python ]]; then "${PYTHON:-python3}" -m venv "$venv"; fi
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --force-reinstall ./bindings-python
    npm --prefix bindings-node run build
} >"$target/packages.log" 2>&1 || { cat "$target/packages.log" >&2; exit 2; }
echo "$venv/bin/python"
