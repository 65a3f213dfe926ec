#!/usr/bin/env bash
# Runs the core's tests under the address sanitizer of a nightly toolchain, if one is installed.
#
#     hardening/sanitizer.sh [quick]      quick: the unit tests and the vectors
#     hardening/sanitizer.sh bindings     the conformance runs of the Python and Node packages
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

depth=${1:-full}
case $depth in
    full | quick | bindings) ;;
    *)
        echo "hardening/sanitizer.sh: \"$depth\" is neither \"quick\" nor \"bindings\"" >&2
        exit 2
        ;;
esac
if ! cargo +nightly --version >/dev/null 2>&1; then
    hardening/left_out.sh "address sanitizer, $depth" "no nightly toolchain is installed"
    exit 0
fi
target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
log=$target/sanitizer.log
mkdir -p "$target"
export RUSTFLAGS=-Zsanitizer=address ASAN_OPTIONS=detect_stack_use_after_return=0
triple=$(rustc -vV | sed -n 's/^host: //p')

row() { # name, count, unit, findings
    printf '%-22s %13s %-7s %s findings\n' "$1" "$2" "$3" "$4"
    if (($4 || $2 == 0)); then
        tail -40 "$log" >&2
        echo "$1: $2 $3 passed, and something failed; its log: $log" >&2
        exit 1
    fi
}

# The sum of the numbers that an expression finds in the log, or 0.
counted() {
    LC_ALL=C awk -v form="$1" 'match($0, form) { text = substr($0, RSTART, RLENGTH); gsub(/[^0-9]/, "", text); sum += text }
        END { print sum + 0 }' "$log"
}

if [[ $depth == bindings ]]; then
    asan=$(cc -print-file-name=libasan.so)
    if [[ $asan != /* ]]; then
        echo "address sanitizer: the C compiler has no libasan.so: apt-get install gcc libc6-dev" >&2
        exit 2
    fi
    cargo +nightly build --locked --target "$triple" --target-dir "$target/asan" --profile dev \
        -p hookseal-python -p hookseal-node >"$log" 2>&1 || row "address sanitizer" 0 builds 1
    built=$target/asan/$triple/debug
    python=$(env -u RUSTFLAGS hardening/packages.sh)
    "$python" -m pip install --quiet --disable-pip-version-check pytest
    package=$target/asan-python
    rm -rf "$package" && mkdir -p "$package"
    cp -r bindings-python/python/hookseal "$package/"
    rm -f "$package"/hookseal/*.so
    cp "$built"/lib_hookseal.so "$package/hookseal/_native.abi3.so"
    status=0
    # Python's own allocator would hide most of the heap from the sanitizer.
    LD_PRELOAD=$asan ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc PYTHONPATH=$package \
        "$python" -m pytest -q -p no:cacheprovider bindings-python/tests/test_conformance.py >"$log" 2>&1 || status=1
    passed=$(counted '[0-9]+ passed')
    row "asan: Python" "$passed" tests "$status"
    # A copy of the package with the sanitized module: the tests import the package by its name, and find the vectors
    # beside it.
    package=$target/asan-node
    rm -rf "$package" && mkdir -p "$package/bindings-node"
    ln -s "$PWD/core" "$package/core"
    cp -r bindings-node/{index.cjs,index.js,lib,package.json,test} "$package/bindings-node/"
    cp "$built"/libhookseal_node.so "$package/bindings-node/hookseal.node"
    (cd "$package/bindings-node" && LD_PRELOAD=$asan ASAN_OPTIONS=detect_leaks=0 \
        node --test --test-reporter=tap test/conformance.test.js) >"$log" 2>&1 || status=1
    passed=$(counted '^# pass [0-9]+')
    row "asan: Node" "$passed" tests "$status"
    exit 0
fi

# Optimized a little, because some tests run on a stack of 64 KiB and the sanitizer makes frames larger.
export CARGO_PROFILE_DEV_OPT_LEVEL=1
tests=(--lib --tests)
if [[ $depth == quick ]]; then tests=(--lib --test conformance); fi
status=0
cargo +nightly test --no-fail-fast --locked -p hookseal --all-features --target "$triple" --target-dir "$target/asan" "${tests[@]}" \
    >"$log" 2>&1 || status=1
passed=$(counted '[0-9]+ passed')
row "address sanitizer" "$passed" tests "$status"
