#!/usr/bin/env bash
# Fuzzes each target for a number of seconds, and prints a table: target, inputs tried, edges and features reached,
# findings.
#
#     fuzz/run.sh SECONDS [TARGET…]
#     fuzz/run.sh long [TARGET…]       30 minutes for the readers of requests and payloads, 5 for the others
#
# The corpus of earlier runs in fuzz/corpus is used again. An input that breaks a promise is stored in fuzz/artifacts.
# The input, the log and the command that shows the fault again are printed below the row of its target, and the exit
# status is 1. JOBS targets run at the same time, 1 by default.
#
# Add an input that broke a promise to the kept inputs, below a line `# why`, and to the vectors:
#
#     xxd -p -c 0 fuzz/artifacts/TARGET/crash-… >>fuzz/kept/TARGET.hex
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

time=${1:?a number of seconds, or long}
shift
if [[ ! $time =~ ^([1-9][0-9]*|long)$ ]]; then
    echo "fuzz/run.sh: \"$time\" is neither a number of seconds nor \"long\"" >&2
    exit 2
fi
known=()
for file in fuzz_targets/*.rs; do known+=("$(basename "$file" .rs)"); done
targets=("$@")
if ((${#targets[@]} == 0)); then targets=("${known[@]}"); fi
for target in "${targets[@]}"; do
    if [[ " ${known[*]} " != *" $target "* ]]; then
        echo "fuzz/run.sh: there is no target \"$target\"; the targets are ${known[*]}" >&2
        exit 2
    fi
done

seconds_of() {
    case $time:$1 in
        long:payload | long:receive_*) echo 1800 ;;
        long:*) echo 300 ;;
        *) echo "$time" ;;
    esac
}

if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "cargo-fuzz is missing: cargo install cargo-fuzz --locked" >&2
    exit 2
fi
command -v c++ >/dev/null || { echo "a C++ compiler is missing: apt-get install g++" >&2; exit 2; }
# The address sanitizer needs a nightly toolchain. If there is none, the output says so.
if cargo +nightly --version >/dev/null 2>&1; then
    toolchain=+nightly sanitizer=address
else
    toolchain=+stable sanitizer=none
    ../hardening/left_out.sh "the address sanitizer in fuzzing" "no nightly toolchain is installed"
fi
target_dir=${CARGO_TARGET_DIR:-$PWD/target}
host=$(rustc -vV | sed -n 's/^host: //p')
programs=$target_dir/$host/release
logs=$target_dir/fuzz-logs
mkdir -p "$logs"

cargo run --quiet --locked --no-default-features --target-dir "$target_dir" --example seeds >"$logs/seeds"
build=(--sanitizer "$sanitizer" --target "$host" --target-dir "$target_dir")
cargo "$toolchain" fuzz build "${build[@]}" >"$logs/build" 2>&1 || { cat "$logs/build" >&2; exit 2; }
for target in "${targets[@]}"; do
    if [[ ! -x $programs/$target ]]; then
        echo "fuzz/run.sh: $programs/$target was not built: has Cargo.toml a [[bin]] for fuzz_targets/$target.rs?" >&2
        exit 2
    fi
done
again="cd $(printf %q "$PWD") && cargo $toolchain fuzz run $(printf '%q ' "${build[@]}")"

# Each target prints its text at once, so that the texts of targets that run at the same time do not mix.
fuzz() {
    local target=$1 log=$logs/$1 seconds status=0 findings=0 note='' figures runs edges features kept written=()
    seconds=$(seconds_of "$target")
    mkdir -p "corpus/$target" "artifacts/$target"
    # No input takes long, but on a busy machine a process may have to wait.
    "$programs/$target" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -max_len=8192 \
        -dict=words.dict -print_final_stats=1 -artifact_prefix="artifacts/$target/" \
        "corpus/$target" >"$log" 2>&1 || status=$?
    rmdir --ignore-fail-on-non-empty "artifacts/$target"
    # A run that ends while it reads its corpus has no figures. The log may hold any bytes.
    figures=$(LC_ALL=C awk '
        match($0, /cov: [0-9]+ ft: [0-9]+/) { split(substr($0, RSTART, RLENGTH), word, " "); edges = word[2]; features = word[4] }
        match($0, /number_of_executed_units: [0-9]+/) { split(substr($0, RSTART, RLENGTH), word, " "); runs = word[2] }
        END { print runs + 0, edges + 0, features + 0 }' "$log")
    read -r runs edges features <<<"$figures"
    kept=$(LC_ALL=C sed -n 's/.*Test unit written to //p' "$log")
    if [[ -n $kept ]]; then mapfile -t written <<<"$kept"; fi
    # 72 is libFuzzer's status for an interrupted run.
    if ((status == 72)); then note="; interrupted"; elif ((status)); then findings=1; fi
    # Then no input is at fault, but the run proves nothing.
    if ((status == 0 && runs == 0)); then status=1 note="; no input was tried"; fi
    local text input
    printf -v text '%-22s %13s inputs  %6s edges %6s features  %s findings%s\n' \
        "$target" "$runs" "$edges" "$features" "$findings" "$note"
    for input in "${written[@]}"; do
        text+="  $target: input: $PWD/$input"$'\n'
        text+="  $target: again: $again$target $(printf %q "$input")"$'\n'
    done
    if ((status)); then
        text+="  $target: ended with status $status; log: $log"$'\n'
        if ((${#written[@]} == 0)); then
            text+="  $target: no input was kept; again: $PWD/run.sh $time $target"$'\n'
        fi
    fi
    printf %s "$text"
    return $((status > 0))
}
export -f fuzz seconds_of
export time programs logs again

status=0
printf '%s\n' "${targets[@]}" | xargs -P "${JOBS:-1}" -I{} bash -euo pipefail -c 'fuzz {}' || status=1
exit "$status"
