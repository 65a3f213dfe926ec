#!/usr/bin/env bash
# Writes, after a long run of run.sh, inputs that together reach what the run reached into kept/TARGET.hex: of those
# that are no seeds 100, from the smallest to 2 KiB in even steps. What stands below a comment there stays.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

target_dir=${CARGO_TARGET_DIR:-$PWD/target}
programs=$target_dir/x86_64-unknown-linux-gnu/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p kept
for file in fuzz_targets/*.rs; do
    target=$(basename "$file" .rs)
    mkdir "$work/$target"
    "$programs/$target" -merge=1 -max_len=8192 "$work/$target" "corpus/$target" >"$work/log" 2>&1
    # Seeds are made anew each time.
    for seed in corpus/"$target"/seed-*; do sha1sum <"$seed"; done | sort >"$work/seeds"
    {
        if [[ -e kept/$target.hex ]]; then
            # Each comment and the line below it.
            awk '/^#/ { print; getline; print }' "kept/$target.hex"
        fi
        find "$work/$target" -type f -size -5 -printf '%s %p\n' | sort -n | cut -d' ' -f2 | while read -r input; do
            grep -q "$(sha1sum <"$input")" "$work/seeds" || xxd -p -c 0 "$input"
        done >"$work/reaching"
        awk -v all="$(wc -l <"$work/reaching")" 'int(NR * 100 / all) > int((NR - 1) * 100 / all)' "$work/reaching"
    } >"$work/kept.hex"
    mv "$work/kept.hex" "kept/$target.hex"
    echo "$target: $(grep -vc '^#' "kept/$target.hex") kept inputs"
done
