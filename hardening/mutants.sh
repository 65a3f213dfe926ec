#!/usr/bin/env bash
# Mutation testing of the core: changes a line, and expects a test to fail.
#
#     hardening/mutants.sh                 all of the core; some hours
#     hardening/mutants.sh -f FILE…        one file
#     hardening/mutants.sh --shard 1/100   one in a hundred
#
# Two passes: the unit tests find most and are built soonest; what survives meets all tests. Fails where a mutant
# survives in authenticate, freshness or rejection, or where less than 95 % are caught. Mutants that change nothing
# are listed in .cargo/mutants.toml, each with its reason.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! cargo mutants --version >/dev/null 2>&1; then
    echo "cargo-mutants is missing: cargo install cargo-mutants --locked" >&2
    exit 2
fi
target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
unset CARGO_TARGET_DIR # cargo-mutants builds a copy of the tree, in a folder of its own
folder=$target/mutants
rm -rf "$folder" && mkdir -p "$folder"
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=1
# Some mutants collect without an end: they fail here, and leave the machine its memory.
ulimit -v $((8 << 20))
common=(--package hookseal --all-features --no-shuffle --colors never)

# The tests must pass on what is not changed, or else every mutant would count as caught. Otherwise the exit status
# tells only whether mutants survived, which is counted below.
mutate() {
    local folder=$folder/$1
    shift
    mkdir "$folder"
    cargo mutants "${common[@]}" -o "$folder" "$@" >"$folder/log" 2>&1 || true
    if [[ ! -s $folder/mutants.out/outcomes.json ]] || grep -q '^FAILED' "$folder/log"; then
        cat "$folder/log" >&2
        exit 2
    fi
}

mutate unit --cargo-arg=--lib "$@"
unit=$folder/unit/mutants.out
missed=/dev/null
if [[ -s $unit/missed.txt ]]; then
    # By their names, as regular expressions, and by their files: no expression holds back the fields of structs.
    mapfile -t survivors < <(sed 's/[][\\.^$*+?(){}|]/\\&/g; s/.*/--re=^&$/' "$unit/missed.txt"
        sed 's/:.*//; s/^/--file=/' "$unit/missed.txt" | sort -u)
    mutate all --cargo-arg=--lib --cargo-arg=--tests "${survivors[@]}"
    missed=$folder/all/mutants.out/missed.txt
fi

survived=$(wc -l <"$missed")
# A mutant that never ends is caught: its test does not pass.
tried=$(cat "$unit"/{caught,timeout,missed}.txt | wc -l)
caught=$((tried - survived))
critical=$(grep -cE '^core/src/(authenticate|freshness|rejection)' "$missed" || true)
sed 's/^/  survived: /' "$missed"
share=$(awk -v caught="$caught" -v tried="$tried" 'BEGIN { printf "%.1f", tried ? 100 * caught / tried : 100 }')
printf '%-22s %13s mutants %s findings; %s %% caught, %s survive where none may\n' "mutation testing" "$tried" \
    "$survived" "$share" "$critical"
((critical == 0)) && awk -v share="$share" 'BEGIN { exit share < 95 }'
