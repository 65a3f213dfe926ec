# `make test` runs every test of the project; it needs Rust, Python 3.11 or later, and Node 20.3 or later. What it could
# not do on a machine, for want of a tool or a toolchain, it lists at its end; where CI is set, a tool that can be
# installed must not be missing.

PYTHON ?= python3
TARGET := $(or $(CARGO_TARGET_DIR),target)
VENV := $(TARGET)/venv

.PHONY: test test-start test-vectors test-rust test-benches test-fuzz test-hardening test-python test-node bench bench-quick bench-body bench-flags fuzz \
	harden-quick harden
.NOTPARALLEL:

# The list, which hardening/left_out.sh writes.
test test-%: export LEFT_OUT := $(abspath $(TARGET))/left-out.txt

test: test-start test-vectors test-rust test-benches test-fuzz test-hardening test-python test-node
	@hardening/left_out.sh --print

test-start:
	@hardening/left_out.sh --start

# The vectors that the tests of all three languages run are what their generator writes.
test-vectors:
	$(PYTHON) core/conformance/generate.py --check

# Without `std` the same code is built, so that the vectors and the unit tests are enough.
test-rust:
	CARGO_TARGET_DIR=$(abspath $(TARGET)) hardening/lints.sh
	cargo test --locked -p hookseal --all-features
	cargo test --locked -p hookseal --no-default-features --lib --test conformance --test surface
	cargo run --locked --quiet --example receive

# That the benchmarks compile, without the peers that need a C compiler or much time, and that no main path of the core
# takes 1 % more instructions than benches/instructions.json says.
test-benches:
	cargo check --locked --manifest-path benches/Cargo.toml --no-default-features --all-targets --target-dir $(TARGET)
	$(PYTHON) benches/instructions.py

# That the targets compile, without the fuzzing engine, which would need a C++ compiler, and that what earlier fuzzing
# kept, and the seeds from the vectors, break no promise.
test-fuzz:
	cargo check --locked --manifest-path fuzz/Cargo.toml --no-default-features --bins --target-dir $(TARGET)
	cargo test --locked --manifest-path fuzz/Cargo.toml --no-default-features --lib --target-dir $(TARGET)

# No script ends well without having done its work, the manifests name versions that build, files import each other in
# the stated order, shared code names no vendor, each file says what it is for, dropped secrets leave nothing in memory,
# and no branch and no address depends on a secret.
test-hardening:
	$(PYTHON) hardening/tests/test_scripts.py
	$(PYTHON) hardening/tests/test_layout.py
	CARGO_TARGET_DIR=$(abspath $(TARGET)) hardening/floors.sh
	$(PYTHON) hardening/imports.py
	$(PYTHON) hardening/vendors.py
	$(PYTHON) hardening/first_lines.py
	$(PYTHON) hardening/memory.py
	hardening/valgrind.sh

# The package's tests, the lints of every Python file, and the spelling of everything.
test-python:
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check './bindings-python[test]'
	$(VENV)/bin/python -m ruff check
	$(VENV)/bin/typos
	$(VENV)/bin/python -m pytest bindings-python

# The package's tests, and the lints of all JavaScript and TypeScript.
test-node:
	npm --prefix bindings-node ci
	npm --prefix bindings-node run lint
	npm --prefix bindings-node run build
	npm --prefix bindings-node test

# Measures everything beside its peers, in Rust, Python and Node, and writes benches/RESULTS.md, in some 20 minutes on an
# idle machine. Fails if a target of benches/targets.py is missed.
bench:
	$(PYTHON) benches/report.py
# The same with few samples, under 5 minutes once everything is built. It writes to benches/target/quick.
bench-quick:
	$(PYTHON) benches/report.py --quick
# `make bench-body BODY=FILE` measures a request body of your own, and prints tables.
bench-body:
	$(PYTHON) benches/report.py --body $(BODY)

# Fails if hookseal takes more than 1.2 times as long in a build with a user's flags.
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
