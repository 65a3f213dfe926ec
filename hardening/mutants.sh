#!/usr/bin/env bash
# Mutation testing of the core: makes a small change (a mutant), and expects a test to fail.
#
#     hardening/mutants.sh                 all of the core; some hours
#     hardening/mutants.sh -f FILE…        one file
#     hardening/mutants.sh --shard 1/100   one in a hundred
#
# There are two passes. In the first the unit tests run, which are built fastest and catch most mutants. In the second
# all tests run on the mutants that survived. The script fails if a mutant survives in authenticate, freshness or
# rejection, or if less than 95 % are caught. Equivalent mutants are listed in .cargo/mutants.toml, each with its
# reason.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! cargo mutants --version >/dev/null 2>&1; then
    echo "cargo-mutants is missing: cargo install cargo-mutants --locked" >&2
    exit 2
fi
target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
unset CARGO_TARGET_DIR # cargo-mutants builds a copy of the tree in its own folder
folder=$target/mutants
rm -rf "$folder" && mkdir -p "$folder"
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=1
# Some mutants allocate without an end. The limit makes them fail before they use up the machine's memory.
ulimit -v $((8 << 20))
common=(--package hookseal --all-features --no-shuffle --colors never)

critical_parts=(authenticate freshness rejection)
for part in "${critical_parts[@]}"; do
    if [[ ! -e core/src/$part && ! -e core/src/$part.rs ]]; then
        echo "mutation testing: core/src/$part, where no mutant may survive, is not there" >&2
        exit 2
    fi
done

# The number of mutants that compiled and were tried. A mutant that runs into the time limit counts as caught.
tried_in() {
    cat "$1"/{caught,timeout,missed}.txt | wc -l
}

# cargo-mutants ends with 0 if every mutant was caught, with 2 if some survived, and with 3 if a test ran into the time
# limit. The mutants are counted below. Any other status is a failure of the check: 4 means that the tests fail without
# any change, so that every mutant would count as caught, and 1 means wrong arguments.
mutate() {
    local run=$folder/$1 status=0
    shift
    mkdir "$run"
    cargo mutants "${common[@]}" -o "$run" "$@" >"$run/log" 2>&1 || status=$?
    case $status in
        0 | 2 | 3) ;;
        *)
            cat "$run/log" >&2
            echo "mutation testing: cargo-mutants ended with status $status; its log: $run/log" >&2
            exit 2
            ;;
    esac
}

mutate unit --cargo-arg=--lib "$@"
unit=$folder/unit/mutants.out
tried=$(tried_in "$unit")
if ((tried == 0)); then
    cat "$folder/unit/log" >&2
    echo "mutation testing: nothing was changed: does $* name a file of the core?" >&2
    exit 2
fi
late=$(wc -l <"$unit/timeout.txt")
missed=$unit/missed.txt
survivors=$(wc -l <"$missed")
if ((survivors)); then
    # Selected by regular expressions of their names and by their files: an expression does not exclude fields of
    # structs.
    names=$(sed 's/[][\\.^$*+?(){}|]/\\&/g; s/.*/--re=^&$/' "$missed")
    files=$(sed 's/:.*//; s/^/--file=/' "$missed" | sort -u)
    mapfile -t again <<<"$names"$'\n'"$files"
    mutate all --cargo-arg=--lib --cargo-arg=--tests "${again[@]}"
    all=$folder/all/mutants.out
    # A survivor that is not tried again would count as caught. The run also tries fields of structs in the same files.
    left=$(awk -v survivors="$missed" 'FILENAME != survivors { again[$0]; next } !($0 in again)' \
        "$all"/{caught,timeout,missed}.txt "$missed")
    if [[ -n $left ]]; then
        echo "mutation testing: not tried again with all tests, see $folder/all/log:"$'\n'"$left" >&2
        exit 2
    fi
    late_again=$(wc -l <"$all/timeout.txt")
    late=$((late + late_again))
    missed=$all/missed.txt
fi

survived=$(wc -l <"$missed")
caught=$((tried - survived))
critical=$(awk -v parts="$(IFS='|'; echo "${critical_parts[*]}")" '$0 ~ "^core/src/(" parts ")" { count++ } END { print count + 0 }' "$missed")
sed 's/^/  survived: /' "$missed"
share=$(awk -v caught="$caught" -v tried="$tried" 'BEGIN { printf "%.1f", 100 * caught / tried }')
enough=$(awk -v share="$share" 'BEGIN { print (share >= 95) }')
findings=$critical
if ((!enough)); then findings=$((findings + 1)); fi
printf '%-22s %13s mutants %s findings; %s %% caught, %s of them by the time limit; %s survive, %s where none may\n' \
    "mutation testing" "$tried" "$findings" "$share" "$late" "$survived" "$critical"
exit $((findings > 0))
