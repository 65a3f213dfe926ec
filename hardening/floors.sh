#!/usr/bin/env bash
# Checks that the manifests are right: the core builds with the lowest versions that they allow, and with the Rust that
# they name if that toolchain is installed.
#
#     hardening/floors.sh          the core builds
#     hardening/floors.sh full     its tests also pass; the packages, the fuzz targets, the checks of this folder and
#                                  the benchmarks build, without the peers that need a C compiler
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

depth=${1:-build}
case $depth in
    build | full) ;;
    *)
        echo "hardening/floors.sh: \"$depth\" is not \"full\"" >&2
        exit 2
        ;;
esac
target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
mkdir -p "$target"
target=$(cd "$target" && pwd)
export CARGO_TARGET_DIR=$target

"${PYTHON:-python3}" hardening/rust_versions.py

# A copy, because it gets its own lock files. It is always in the same place, so that earlier builds are reused.
copy=$target/floors
rm -rf "$copy" && mkdir "$copy"
tar --exclude=target --exclude=node_modules --exclude=fuzz/corpus --exclude=fuzz/artifacts -cf - \
    Cargo.toml core bindings-python bindings-node fuzz hardening benches services tower | tar -C "$copy" -xf -

# The option exists only in nightly Cargo. RUSTC_BOOTSTRAP lets a stable Cargo accept it. It only writes the lock file.
lowest() {
    rm -f Cargo.lock
    RUSTC_BOOTSTRAP=1 cargo update -Z direct-minimal-versions
}

build_core() { # a command that runs cargo
    "$@" check --quiet --locked --package hookseal --all-features
    "$@" check --quiet --locked --package hookseal --no-default-features
}

cd "$copy"
lowest
crates=$(grep -c '^name = ' Cargo.lock)
build_core cargo
if [[ $depth == full ]]; then
    cargo check --quiet --locked --workspace
    cargo test --quiet --locked --package hookseal --all-features --lib --tests
    lowest_in() { # workspace, what to check there
        cd "$copy/$1"
        shift
        lowest
        cargo check --quiet --locked "$@"
    }
    lowest_in fuzz --no-default-features --lib --bins --examples
    lowest_in hardening --workspace --bins
    lowest_in benches --no-default-features --lib --bins --benches
    lowest_in services/axum
    lowest_in services/actix --all-targets
    cd "$copy"
fi

promised=$(cargo metadata --format-version 1 --no-deps | sed -E 's/.*"rust_version":"([0-9.]+)".*/\1/')
toolchain=
for name in "$promised" "$promised.0"; do
    if rustup run "$name" cargo --version >/dev/null 2>&1; then toolchain=$name; fi
done
if [[ -n $toolchain ]]; then
    build_core rustup run "$toolchain" cargo
    cp "$root/Cargo.lock" .
    build_core rustup run "$toolchain" cargo
    echo "built with Rust $toolchain too"
else
    "$root/hardening/left_out.sh" "a build with Rust $promised" "that toolchain is not installed"
fi
printf '%-22s %13s crates  0 findings\n' "floors" "$crates"
