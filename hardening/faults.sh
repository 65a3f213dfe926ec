#!/usr/bin/env bash
# Faults put into the Python and Node packages: refused allocations, headers that raise, buffers that change or are
# detached in between, interpreters that shut down. An ordinary error or a clean exit each time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=$(hardening/packages.sh)
status=0
"$python" hardening/three-languages/faults.py || status=1
node hardening/three-languages/faults.mjs || status=1
exit "$status"
