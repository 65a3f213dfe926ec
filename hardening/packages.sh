#!/usr/bin/env bash
# Installs the Python package into its own environment, builds the Node package in its folder, and prints the path of
# the environment's Python.
#
#     hardening/packages.sh [EXTRA]     also installs an extra of pyproject.toml, such as `test`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
venv=$target/venv-hardening
log=$target/packages.log
mkdir -p "$target"
: >"$log"

# Each step is checked by itself: a group before `||` would continue after a failed step, with an older package.
step() {
    if ! "$@" >>"$log" 2>&1; then
        cat "$log" >&2
        echo "hardening/packages.sh: this failed: $*" >&2
        exit 2
    fi
}

if [[ ! -x $venv/bin/python ]]; then step "${PYTHON:-python3}" -m venv "$venv"; fi
step "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --force-reinstall "./bindings-python${1:+[$1]}"
step npm --prefix bindings-node run build
echo "$venv/bin/python"
