#!/usr/bin/env bash
# Fuzzes each target for a number of seconds, and prints what it did: target, inputs tried, edges and features
# reached, findings.
#
#     fuzz/run.sh SECONDS [TARGET…]
#     fuzz/run.sh long [TARGET…]       30 minutes for the readers of requests and payloads, 5 for the others
#
# The corpus of earlier runs in fuzz/corpus is used again. An input that breaks a promise is kept in fuzz/artifacts,
# and the exit status is 1. JOBS targets run at a time, 1 by default.
#
# An input that broke a promise is added to the ones that are kept, below a line `# why`, and to the vectors:
#
#     xxd -p -c 0 fuzz/artifacts/TARGET/crash-… >>fuzz/kept/TARGET.hex
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

time=${1:?a number of seconds, or long}
shift
targets=("$@")
if ((${#targets[@]} == 0)); then
    for file in fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi

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
# The address sanitizer needs nightly; its absence is said in the table.
if cargo +nightly --version >/dev/null 2>&1; then
    toolchain=+nightly sanitizer=address
else
    toolchain=+stable sanitizer=none
    echo "no nightly toolchain: without the address sanitizer" >&2
fi
target_dir=${CARGO_TARGET_DIR:-$PWD/target}
log=$target_dir/fuzz-logs
mkdir -p "$log"

cargo run --quiet --locked --no-default-features --target-dir "$target_dir" --example seeds >"$log/seeds"
cargo "$toolchain" fuzz build --sanitizer "$sanitizer" --target-dir "$target_dir" >"$log/build" 2>&1 ||
    { cat "$log/build" >&2; exit 2; }
programs=$target_dir/x86_64-unknown-linux-gnu/release
[[ -d $programs ]] || programs=$(dirname "$(find "$target_dir" -path '*-linux-*/release/window' -type f | head -1)")

fuzz() {
    local target=$1 findings=0 status=0 note=
    mkdir -p "corpus/$target" "artifacts/$target"
    # No input takes long; on a busy machine a process may have to wait.
    "$programs/$target" -max_total_time="$(seconds_of "$target")" -timeout=60 -rss_limit_mb=2048 -max_len=8192 \
        -dict=words.dict -print_final_stats=1 -artifact_prefix="artifacts/$target/" \
        "corpus/$target" >"$log/$target" 2>&1 || status=$?
    # libFuzzer's own status for a run that something ended before its time.
    if ((status == 72)); then note="; interrupted"; elif ((status)); then findings=1; fi
    rmdir --ignore-fail-on-non-empty "artifacts/$target"
    local last runs
    last=$(grep -aoE 'cov: [0-9]+ ft: [0-9]+' "$log/$target" | tail -1)
    runs=$(grep -aoE 'number_of_executed_units: [0-9]+' "$log/$target" | grep -oE '[0-9]+$' || echo 0)
    printf '%-22s %13s inputs  %6s edges %6s features  %s findings%s\n' "$target" "$runs" \
        "$(cut -d' ' -f2 <<<"$last")" "$(cut -d' ' -f4 <<<"$last")" "$findings" "$note"
    return $((status > 0))
}
export -f fuzz seconds_of
export time programs log

status=0
printf '%s\n' "${targets[@]}" | xargs -P "${JOBS:-1}" -I{} bash -euo pipefail -c 'fuzz {}' || status=1
exit "$status"
