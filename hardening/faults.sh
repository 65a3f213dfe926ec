#!/usr/bin/env bash
# Injects faults into the Python and Node packages: refused allocations, headers that raise, buffers that change or are
# detached during a call, interpreters that shut down. Each fault must give an ordinary error or a clean exit.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=$(hardening/packages.sh)
status=0
"$python" hardening/three-languages/faults.py || status=1
node hardening/three-languages/faults.mjs || status=1
exit "$status"
