#!/usr/bin/env bash
# Plants faults in a copy of the repository, and checks that the other checks find them: a crash under the real fuzzing
# engine, at once and later, a mistyped target, a version that is too low, and a function that only a later Rust has.
# tests/test_scripts.py plants the other faults, without these tools.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
mkdir -p "$target"
target=$(cd "$target" && pwd)
export CARGO_TARGET_DIR=$target
copy=$target/planted
log=$target/planted.log
planted=0

begin() {
    rm -rf "$copy" && mkdir "$copy"
    tar --exclude=target --exclude=node_modules --exclude=fuzz/corpus --exclude=fuzz/artifacts -cf - \
        Cargo.toml Cargo.lock clippy.toml core bindings-python bindings-node fuzz hardening benches services tower | tar -C "$copy" -xf -
}

# Replaces a text in a file of the copy. Fails if the text is not there, because then nothing would be planted.
plant() { # file, text, other text
    local before
    before=$(cat "$copy/$1")
    if [[ $before != *"$2"* ]]; then
        echo "planted faults: $1 has no \"$2\" to plant something at" >&2
        exit 2
    fi
    printf '%s\n' "${before/"$2"/"$3"}" >"$copy/$1"
}

# Checks that a command in the copy fails, and that its output has each of some words.
must_fail() { # command… says words…
    local command=() word
    while [[ $1 != says ]]; do
        command+=("$1")
        shift
    done
    shift
    if (cd "$copy" && "${command[@]}") >"$log" 2>&1; then
        cat "$log" >&2
        echo "planted faults: \"${command[*]}\" passes with a fault" >&2
        exit 1
    fi
    for word in "$@"; do
        if [[ $(<"$log") != *"$word"* ]]; then
            cat "$log" >&2
            echo "planted faults: \"${command[*]}\" does not say \"$word\"" >&2
            exit 1
        fi
    done
    planted=$((planted + 1))
    echo "  found: ${command[*]}"
}

begin
rust=$(rustc --version)
rust=${rust#rustc 1.}
if ((${rust%%.*} >= 90)); then
    # `checked_sub_signed` exists since Rust 1.90.
    cat >>"$copy/core/src/lib.rs" <<'END'

#[cfg(feature = "std")]
const _: Option<u32> = 2_u32.checked_sub_signed(1);
#[cfg(test)]
const _: Option<u32> = 3_u32.checked_sub_signed(1);
END
    must_fail cargo clippy --locked --package hookseal --all-targets -- -D warnings says \
        "current MSRV" "2_u32.checked_sub_signed" "3_u32.checked_sub_signed"
else
    hardening/left_out.sh "planted faults: what only a later Rust has" "this one is 1.$rust"
fi

begin
plant Cargo.toml 'rust-version = "1.88"' 'rust-version = "1.85"'
must_fail hardening/rust_versions.py says "Cargo.lock: " "and the manifest promises 1.85" "names Rust 1.88, core/Cargo.toml 1.85"

begin
plant core/Cargo.toml 'time = { version = "0.3.47"' 'time = { version = "0.3.0"'
must_fail hardening/floors.sh says "v0.3.0" 'could not compile `hookseal`'

begin
# Two targets are enough, and are built faster.
awk -v RS= -v ORS='\n\n' '!/^\[\[bin\]\]/ || /"(window|dates)"/' fuzz/Cargo.toml >"$copy/fuzz/Cargo.toml"
find "$copy/fuzz/fuzz_targets" -name '*.rs' ! -name window.rs ! -name dates.rs -delete
plant fuzz/src/window.rs 'pub fn check(data: &[u8]) {' 'pub fn check(data: &[u8]) { assert_eq!(data.len(), usize::MAX, "planted at once");'
plant fuzz/src/dates.rs 'pub fn check(data: &[u8]) {' 'pub fn check(data: &[u8]) { assert!(!data.starts_with(b"\xfe\xfd"), "planted later");'
must_fail fuzz/run.sh 120 says "window " "dates " "1 findings" "input: $copy/fuzz/artifacts/window/crash-" \
    "input: $copy/fuzz/artifacts/dates/crash-" "again: cd "
# The command that it prints shows the same crash again.
for target_and_words in "window:planted at once" "dates:planted later"; do
    again=$(sed -n "s/^  ${target_and_words%%:*}: again: //p" "$log")
    cp "$log" "$log.run"
    must_fail bash -c "$again" says "${target_and_words#*:}"
    cp "$log.run" "$log"
done
must_fail fuzz/run.sh 5 windwo says 'no target "windwo"'

printf '%-22s %13s faults  0 findings\n' "planted faults" "$planted"
