#!/usr/bin/env bash
# What a check says that cannot do its work on this machine. It must be said, and is in the list at the end of
# `make test`, which names the list's file in LEFT_OUT.
#
#     hardening/left_out.sh WHAT WHY                      nothing that can be installed would help
#     hardening/left_out.sh --missing TOOL COMMAND WHAT   TOOL is not installed, and COMMAND installs it
#     hardening/left_out.sh --start                       begins a list
#     hardening/left_out.sh --print                       prints it
#
# A tool that is missing is left out by `make test` on a machine of one's own. Wherever else it is a failure: in CI,
# where the variable CI is set, and in the checks of quick.sh.
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
