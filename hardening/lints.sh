#!/usr/bin/env bash
# Checks formatting, lints and documentation of every workspace. Any warning is a failure. Toolchains find different
# things, so the result counts only with the version below. With another version the lints are only shown: the tests
# need no more than the Rust that the manifests name.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

written_for=1.95
target=${CARGO_TARGET_DIR:-$PWD/target}

for tool in fmt clippy; do
    if ! cargo "$tool" --version >/dev/null 2>&1; then
        component=${tool/fmt/rustfmt}
        hardening/left_out.sh --missing "cargo $tool" "rustup component add $component" "formatting, lints and documentation"
        exit 0
    fi
done
rustc=$(rustc --version)
rustc=${rustc#rustc }
counts=true
if [[ $rustc != "$written_for".* ]]; then
    counts=false
    hardening/left_out.sh "formatting, lints and documentation" \
        "they count only with Rust $written_for, and this is ${rustc%% *}"
fi

format() {
    if $counts; then cargo fmt "$@" --check; fi
}

lint() {
    local deny=(-D warnings)
    if ! $counts; then deny=(--cap-lints warn); fi
    cargo clippy --locked --target-dir "$target" "$@" -- "${deny[@]}"
}

format --all
lint --workspace --all-targets
lint --package hookseal --all-targets --all-features
for workspace in benches fuzz; do
    format --manifest-path "$workspace/Cargo.toml"
    lint --manifest-path "$workspace/Cargo.toml" --no-default-features --all-targets
done
for service in axum actix; do
    format --manifest-path "services/$service/Cargo.toml"
    lint --manifest-path "services/$service/Cargo.toml" --all-targets
done
format --manifest-path hardening/Cargo.toml --all
lint --manifest-path hardening/Cargo.toml --workspace --bins
if $counts; then export RUSTDOCFLAGS=-Dwarnings; fi
cargo doc --locked --no-deps -p hookseal -p hookseal-tower --all-features --target-dir "$target"
