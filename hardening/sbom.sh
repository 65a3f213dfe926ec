#!/usr/bin/env bash
# Writes a software bill of materials for the core and each package, as CycloneDX JSON, to target/sbom.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! cargo cyclonedx --version >/dev/null 2>&1; then
    echo "cargo-cyclonedx is missing: cargo install cargo-cyclonedx --locked" >&2
    exit 2
fi
folder=${CARGO_TARGET_DIR:-$PWD/hardening/target}/sbom
mkdir -p "$folder"
# cargo cyclonedx writes each file beside the Cargo.toml.
trap 'rm -f -- */hookseal.cdx.json' EXIT
cargo cyclonedx --quiet --format json --all-features --spec-version 1.5 --override-filename hookseal.cdx
components=0
for crate in core bindings-python bindings-node; do
    mv "$crate/hookseal.cdx.json" "$folder/$crate.cdx.json"
    found=$(awk '/"purl": "pkg:cargo/ { count++ } END { print count + 0 }' "$folder/$crate.cdx.json")
    if ((found == 0)); then
        echo "bill of materials: $folder/$crate.cdx.json names no component" >&2
        exit 1
    fi
    components=$((components + found))
    echo "  $folder/$crate.cdx.json: $found components"
done
printf '%-22s %13s components, 0 findings\n' "bill of materials" "$components"
