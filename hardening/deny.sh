#!/usr/bin/env bash
# Checks licences, sources of crates and known vulnerabilities by deny.toml. The vulnerabilities are in an online
# database.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! cargo deny --version >/dev/null 2>&1; then
    echo "cargo-deny is missing: cargo install cargo-deny --locked" >&2
    exit 2
fi
cargo deny --locked check licenses bans sources
if cargo deny --locked fetch db; then
    cargo deny --locked check --disable-fetch advisories
else
    hardening/left_out.sh "known vulnerabilities" "their database cannot be reached"
fi
metadata=$(cargo metadata --format-version 1 --locked)
crates=$(grep -o '"manifest_path"' <<<"$metadata" | wc -l)
printf '%-22s %13s crates  0 findings\n' "licences and sources" "$crates"
