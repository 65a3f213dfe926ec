#!/usr/bin/env bash
# After a long run of run.sh, writes inputs that together reach what the run reached into kept/TARGET.hex. It leaves out
# the seeds and keeps 100 inputs up to 2 KiB, in even steps of size. Inputs below a comment in that file stay there.
#
#     fuzz/keep.sh [TARGET…]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

target_dir=${CARGO_TARGET_DIR:-$PWD/target}
host=$(rustc -vV | sed -n 's/^host: //p')
programs=$target_dir/$host/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p kept

fail() {
    echo "fuzz/keep.sh: $1" >&2
    exit 1
}

targets=("$@")
if ((${#targets[@]} == 0)); then
    for file in fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi
for target in "${targets[@]}"; do
    [[ -x $programs/$target ]] || fail "$programs/$target is not there: run fuzz/run.sh first"
    mkdir "$work/$target"
    if ! "$programs/$target" -merge=1 -max_len=8192 "$work/$target" "corpus/$target" >"$work/log" 2>&1; then
        tail -40 "$work/log" >&2
        fail "$target: its inputs could not be merged"
    fi
    # Seeds are made again for each run, and need not be kept.
    declare -A is_seed=()
    seeds=0
    for seed in corpus/"$target"/seed-*; do
        sum=$(sha1sum <"$seed")
        is_seed[$sum]=yes
        seeds=$((seeds + 1))
    done
    inputs=$(find "$work/$target" -type f -size -5 -printf '%s %p\n' | sort -n | cut -d' ' -f2)
    : >"$work/reaching"
    while IFS= read -r input; do
        [[ -n $input ]] || continue
        sum=$(sha1sum <"$input")
        if [[ -z ${is_seed[$sum]:-} ]]; then
            hex=$(od -An -v -tx1 "$input" | tr -d ' \n')
            if [[ -n $hex ]]; then echo "$hex" >>"$work/reaching"; fi
        fi
    done <<<"$inputs"
    all=$(wc -l <"$work/reaching")
    # Overwriting the kept inputs with an empty list would be a loss that nobody notices.
    ((all)) || fail "$target: nothing beyond its $seeds seeds was reached: run fuzz/run.sh long $target first"
    {
        if [[ -e kept/$target.hex ]]; then
            # Each comment of one or more lines, and the line below it.
            awk '/^#/ { print; held = 1; next } held { print; held = 0 }' "kept/$target.hex"
        fi
        awk -v all="$all" 'int(NR * 100 / all) > int((NR - 1) * 100 / all)' "$work/reaching"
    } >"$work/kept.hex"
    mv "$work/kept.hex" "kept/$target.hex"
    kept=$(awk '!/^#/ { count++ } END { print count + 0 }' "kept/$target.hex")
    echo "$target: $kept kept inputs"
done
