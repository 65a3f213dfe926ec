#!/usr/bin/env bash
# Licences, and where crates come from, by deny.toml.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! cargo deny --version >/dev/null 2>&1; then
    echo "cargo-deny is missing: cargo install cargo-deny --locked" >&2
    exit 2
fi
cargo deny --locked check licenses bans sources
metadata=$(cargo metadata --format-version 1 --locked)
crates=$(grep -o '"manifest_path"' <<<"$metadata" | wc -l)
printf '%-22s %13s crates  0 findings\n' "licences and sources" "$crates"
