# `make test` runs every test of the project; it needs Rust, Python 3.11 or later, and Node 20.3 or later.

PYTHON ?= python3
TARGET := $(or $(CARGO_TARGET_DIR),target)
VENV := $(TARGET)/venv

.PHONY: test test-vectors test-rust test-benches test-fuzz test-hardening test-python test-node bench bench-quick bench-flags fuzz \
	harden-quick harden
.NOTPARALLEL:

test: test-vectors test-rust test-benches test-fuzz test-hardening test-python test-node

# The vectors that the tests of all three languages run are what their generator writes.
test-vectors:
	$(PYTHON) core/conformance/generate.py --check

test-rust:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo test --locked -p hookseal --all-features
	cargo test --locked -p hookseal --no-default-features
	RUSTDOCFLAGS=-Dwarnings cargo doc --locked --no-deps -p hookseal --all-features
	cargo run --locked --quiet --example receive

# That the benchmarks compile, without the peers that need a C compiler or much time, and that no main path of the core
# takes 5 % more instructions than benches/instructions.json says.
test-benches:
	cargo fmt --manifest-path benches/Cargo.toml --check
	cargo clippy --locked --manifest-path benches/Cargo.toml --no-default-features --all-targets --target-dir $(TARGET) \
		-- -D warnings
	@if [ -n "$$CI" ] || command -v valgrind >/dev/null; then $(PYTHON) benches/instructions.py; \
	else echo "Valgrind is not installed: the instructions of the main paths were not counted"; fi

# That the targets compile, without the fuzzing engine, which would need a C++ compiler, and that what earlier fuzzing
# kept, and the seeds from the vectors, break no promise.
test-fuzz:
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo check --locked --manifest-path fuzz/Cargo.toml --no-default-features --bins --target-dir $(TARGET)
	cargo test --locked --manifest-path fuzz/Cargo.toml --no-default-features --lib --target-dir $(TARGET)

# Each unsafe block says why it is sound, dropped secrets leave nothing in memory, and, where Valgrind is installed as in CI, no branch and no address depends on
# a secret.
test-hardening:
	$(PYTHON) hardening/unsafe.py
	$(PYTHON) hardening/memory.py
	@if [ -n "$$CI" ] || command -v valgrind >/dev/null; then hardening/valgrind.sh; \
	else echo "Valgrind is not installed: its check for times that depend on a secret was left out"; fi

test-python:
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check './bindings-python[test]'
	$(VENV)/bin/python -m pytest bindings-python

test-node:
	npm --prefix bindings-node ci
	npm --prefix bindings-node run build
	npm --prefix bindings-node test

# Measures everything beside its peers, in Rust, Python and Node, and writes benches/RESULTS.md: some 20 minutes on an
# idle machine, or under 5 once everything is built.
bench:
	$(PYTHON) benches/report.py
bench-quick:
	$(PYTHON) benches/report.py --quick

# Fails where hookseal takes more than 1.2 times as long in a build with a user's flags.
bench-flags:
	$(PYTHON) benches/flags.py

# Each fuzz target for a number of seconds; needs cargo-fuzz and a C++ compiler.
SECONDS ?= 60
fuzz:
	fuzz/run.sh $(SECONDS)

# Every check of hardening/README.md, in small (some minutes on an idle machine) or as long as it takes (hours).
harden-quick:
	hardening/quick.sh
harden:
	hardening/quick.sh full
