#!/usr/bin/env bash
# Reports a check that cannot run on this machine. It prints a line, and adds the line to the list that `make test`
# prints at its end. `make test` names the list's file in LEFT_OUT.
#
#     hardening/left_out.sh WHAT WHY                      no tool could be installed that would help
#     hardening/left_out.sh --missing TOOL COMMAND WHAT   TOOL is not installed, and COMMAND installs it
#     hardening/left_out.sh --start                       starts a list
#     hardening/left_out.sh --print                       prints the list
#
# If a tool is missing, `make test` on a developer's machine leaves the check out. In CI, where the variable CI is set,
# and in the checks of quick.sh, a missing tool is a failure.
set -euo pipefail

case ${1:-} in
    --start)
        mkdir -p "$(dirname "${LEFT_OUT:?}")"
        : >"$LEFT_OUT"
        exit 0
        ;;
    --print)
        if [[ -s ${LEFT_OUT:?} ]]; then sort -u "$LEFT_OUT"; else echo "left out: nothing"; fi
        exit 0
        ;;
    --missing)
        tool=${2:?the tool} command=${3:?how to install it} what=${4:?what is left out}
        if [[ -n ${CI:-} || -z ${LEFT_OUT:-} ]]; then
            echo "$what: $tool is missing: $command" >&2
            exit 2
        fi
        why="$tool is missing: $command"
        ;;
    *)
        what=${1:?what is left out} why=${2:?why}
        ;;
esac
line="left out: $what: $why"
echo "$line"
if [[ -n ${LEFT_OUT:-} ]]; then
    mkdir -p "$(dirname "$LEFT_OUT")"
    echo "$line" >>"$LEFT_OUT"
fi
