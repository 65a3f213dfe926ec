#!/usr/bin/env bash
# Runs the cases of constant-time/src/valgrind.rs by memcheck: no findings up to the verdict, and some in each control.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

system=$(uname -sm)
if [[ $system != "Linux x86_64" ]]; then
    ./left_out.sh "constant time: valgrind" "the client requests are for Linux on x86_64"
    exit 0
fi
if ! command -v valgrind >/dev/null; then
    ./left_out.sh --missing valgrind "apt-get install valgrind" "constant time: valgrind"
    exit 0
fi

target=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --quiet --locked --release --target-dir "$target" --package hookseal-constant-time --bin valgrind
program=$target/release/valgrind

list=$("$program")
cases=0 findings=0 controls=0
for case in $list; do
    log=$target/valgrind-$case.log
    # It prints a number and its own name when it has run to its end.
    if ! printed=$(valgrind -q "$program" "$case" 2>"$log") || [[ ! $printed =~ ^([0-9]+)\ $case$ ]]; then
        cat "$log" >&2
        echo "$case: did not run to its end" >&2
        exit 1
    fi
    found=${BASH_REMATCH[1]}
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
                cat "$log" >&2
                echo "$case: $found findings" >&2
            fi
            cases=$((cases + 1))
            findings=$((findings + found))
            ;;
    esac
done
if ((cases == 0 || controls == 0)); then
    echo "constant time: valgrind: $cases cases and $controls controls: without both nothing is shown" >&2
    exit 1
fi
printf '%-22s %13s cases   %s findings; %s controls found\n' "constant time: valgrind" "$cases" "$findings" "$controls"
exit $((findings > 0))
