#!/usr/bin/env bash
# Runs the cases of constant-time/src/valgrind.rs by memcheck: no findings up to the verdict, and some in each control.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if [[ $(uname -sm) != "Linux x86_64" ]]; then
    echo "valgrind: left out, the client requests are for Linux on x86_64" >&2
    exit 0
fi
command -v valgrind >/dev/null || { echo "valgrind is missing: apt-get install valgrind" >&2; exit 2; }

target=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --quiet --locked --release --target-dir "$target" --package hookseal-constant-time --bin valgrind
program=$target/release/valgrind

cases=0 findings=0 controls=0
for case in $("$program"); do
    if ! found=$(valgrind -q "$program" "$case" 2>"$target/valgrind-$case.log"); then
        echo "$case: did not run to its end" >&2
        cat "$target/valgrind-$case.log" >&2
        exit 1
    fi
    found=${found%% *}
    case $case in
        leak_*)
            if ((found == 0)); then
                echo "$case: a leak that was not found, so that the other cases prove nothing" >&2
                exit 1
            fi
            controls=$((controls + 1))
            ;;
        *)
            if ((found > 0)); then
                echo "$case: $found findings" >&2
                cat "$target/valgrind-$case.log" >&2
            fi
            cases=$((cases + 1))
            findings=$((findings + found))
            ;;
    esac
done
printf '%-22s %13s cases   %s findings; %s controls found\n' "constant time: valgrind" "$cases" "$findings" "$controls"
exit $((findings > 0))
