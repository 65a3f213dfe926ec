# `make test` runs every test of the project. It needs Rust, Python 3.11 or later, and Node 20.3 or later. A check that
# the machine cannot run, because a tool or a toolchain is missing, is listed at the end. If CI is set, a missing tool
# that could be installed is a failure.

PYTHON ?= python3
TARGET := $(or $(CARGO_TARGET_DIR),target)
VENV := $(TARGET)/venv

.PHONY: test test-start test-vectors test-types test-rust test-benches test-fuzz test-hardening test-python test-node test-toolchains \
	test-services test-recipes test-recipes-python test-recipes-node bench bench-quick bench-body bench-flags fuzz \
	harden-quick harden
.NOTPARALLEL:

# The file of the list that hardening/left_out.sh writes.
test test-%: export LEFT_OUT := $(abspath $(TARGET))/left-out.txt

test: test-start test-vectors test-types test-rust test-benches test-fuzz test-hardening test-node test-toolchains test-python \
	test-services test-recipes
	@hardening/left_out.sh --print

test-start:
	@hardening/left_out.sh --start

# Checks that the conformance vectors are those that their generator writes.
test-vectors:
	$(PYTHON) core/conformance/generate.py --check

# Checks that the types of the packages, the JSON Schema and the tables are those of the core's table of kinds.
test-types:
	CARGO_TARGET_DIR=$(abspath $(TARGET)) $(PYTHON) core/types/generate.py --check

# Without `std` the same code is built, so the vectors and the unit tests are enough there. hardening/floors.sh builds
# without `sign`.
test-rust:
	CARGO_TARGET_DIR=$(abspath $(TARGET)) hardening/lints.sh
	cargo test --locked -p hookseal --all-features
	cargo test --locked -p hookseal --no-default-features --features outgoing --lib --test conformance --test outgoing --test surface
	cargo test --locked -p hookseal-tower
	cargo run --locked --quiet --example receive

# Checks that the benchmarks compile, without the peers that need a C compiler or much time, and that the instructions
# of the core's main paths differ by less than 1 % from benches/instructions.json.
test-benches:
	cargo check --locked --manifest-path benches/Cargo.toml --no-default-features --all-targets --target-dir $(TARGET)
	$(PYTHON) benches/instructions.py

# Checks that the targets compile, without the fuzzing engine, which would need a C++ compiler, and that the kept inputs
# of earlier fuzzing and the seeds from the vectors break no promise.
test-fuzz:
	cargo check --locked --manifest-path fuzz/Cargo.toml --no-default-features --bins --target-dir $(TARGET)
	cargo test --locked --manifest-path fuzz/Cargo.toml --no-default-features --lib --target-dir $(TARGET)

# Checks that no script exits with 0 without having done its work, that the manifests name versions that build, that
# files import each other in the stated order, that shared code names no vendor, that each file says what it is for,
# that dropped secrets leave nothing in memory, and that no branch and no address depends on a secret.
test-hardening:
	$(PYTHON) hardening/tests/test_scripts.py
	$(PYTHON) hardening/tests/test_layout.py
	CARGO_TARGET_DIR=$(abspath $(TARGET)) hardening/floors.sh
	$(PYTHON) hardening/imports.py
	$(PYTHON) hardening/vendors.py
	$(PYTHON) hardening/first_lines.py
	$(PYTHON) hardening/memory.py
	hardening/valgrind.sh

# Runs the package's tests, the lints of every Python file, and a spelling check of all files.
# The chaos tests of the inbox need what test-node has made.
test-python:
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check './bindings-python[test]'
	$(VENV)/bin/python -m ruff check
	$(VENV)/bin/typos
	$(VENV)/bin/python -m pytest bindings-python

# Runs the package's tests, and the lints of all JavaScript and TypeScript.
test-node:
	npm --prefix bindings-node ci
	npm --prefix bindings-node run lint
	npm --prefix bindings-node run build
	npm --prefix bindings-node test

# Runs the package in Jest, and in bundlers and tracers. It needs what test-node has made.
test-toolchains:
	npm --prefix bindings-node/toolchains ci
	npm --prefix bindings-node/toolchains test

# Runs the services of each language with their workers, and looks at the plans of the inbox's statements, on a real
# PostgreSQL. It needs what test-python and test-node have made. The server with actix-web needs neither.
test-services:
	cargo test --locked --manifest-path services/actix/Cargo.toml --target-dir $(TARGET)
	cargo build --locked --manifest-path services/axum/Cargo.toml --target-dir $(TARGET)
	npm --prefix services/nest ci
	npm --prefix services/nest run build
	PYTHONPATH=bindings-python/tests CARGO_TARGET_DIR=$(abspath $(TARGET)) $(VENV)/bin/python -m pytest services

# Starts each recipe, and sends it requests byte by byte. It needs what test-python and test-node have made.
test-recipes: test-recipes-python test-recipes-node
test-recipes-python:
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement recipes/python/requirements.txt
	PYTHONPATH=bindings-python/tests $(VENV)/bin/python -m pytest recipes/python
test-recipes-node:
	npm --prefix recipes/node ci
	npm --prefix recipes/node/next ci
	npm --prefix recipes/node run build
	npm --prefix recipes/node test

# Measures hookseal and its peers in Rust, Python and Node, and writes benches/RESULTS.md, in about 25 minutes on an idle
# machine. Fails if a target of benches/targets.py is missed.
bench:
	$(PYTHON) benches/report.py
# The same with few samples, about 6 minutes once everything is built. It writes to benches/target/quick.
bench-quick:
	$(PYTHON) benches/report.py --quick
# `make bench-body BODY=FILE` measures a request body of your own, and prints tables.
bench-body:
	$(PYTHON) benches/report.py --body $(BODY)

# Fails if hookseal takes more than 1.2 times as long in a build with a user's flags.
bench-flags:
	$(PYTHON) benches/flags.py

# Runs each fuzz target for a number of seconds. It needs cargo-fuzz and a C++ compiler.
SECONDS ?= 60
fuzz:
	fuzz/run.sh $(SECONDS)

# Runs every check of hardening/README.md, in a short form (some minutes on an idle machine) or in full (hours).
harden-quick:
	hardening/quick.sh
harden:
	hardening/quick.sh full
