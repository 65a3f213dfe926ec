# `make test` runs every test of the project; it needs Rust, Python 3.11 or later, and Node 20 or later.

PYTHON ?= python3
TARGET := $(or $(CARGO_TARGET_DIR),target)
VENV := $(TARGET)/venv

.PHONY: test test-vectors test-rust test-fuzz test-python test-node
.NOTPARALLEL:

test: test-vectors test-rust test-fuzz test-python test-node

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

# That the targets compile; without the fuzzing engine, which would need a C++ compiler. Running them is cargo-fuzz's.
test-fuzz:
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo check --locked --manifest-path fuzz/Cargo.toml --no-default-features --target-dir $(TARGET)

test-python:
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check './bindings-python[test]'
	$(VENV)/bin/python -m pytest bindings-python

test-node:
	npm --prefix bindings-node ci
	npm --prefix bindings-node run build
	npm --prefix bindings-node test
