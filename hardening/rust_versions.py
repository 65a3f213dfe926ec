#!/usr/bin/env python3
"""Compares the `rust-version` of each manifest and of each crate in the lock files with that of the core.

All manifests of the repository must name the same Rust. No crate of a lock file may need a later one: it would build
here, but not with the Rust that the manifest promises.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The benchmarks are checked without their peers, some of which need a C compiler.
WORKSPACES = {".": ["--all-features"], "benches": ["--no-default-features"], "fuzz": ["--all-features"], "hardening": [], "services/axum": [], "services/actix": []}


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))[:2]


def main() -> None:
    core, tried, findings = None, 0, []
    for workspace, features in WORKSPACES.items():
        command = ["cargo", "metadata", "--format-version", "1", "--locked", *features]
        done = subprocess.run([*command, "--manifest-path", ROOT / workspace / "Cargo.toml"], check=True, stdout=subprocess.PIPE, text=True)
        metadata = json.loads(done.stdout)
        members = set(metadata["workspace_members"])
        if core is None:
            core = next(package["rust_version"] for package in metadata["packages"] if package["name"] == "hookseal")
        for package in metadata["packages"]:
            tried += 1
            named, name = package["rust_version"], f"{package['name']} {package['version']}"
            if package["id"] in members and named != core:
                findings.append(f"{package['manifest_path']} names Rust {named}, core/Cargo.toml {core}")
            elif named is not None and version(named) > version(core):
                findings.append(f"{workspace}/Cargo.lock: {name} needs Rust {named}, and the manifest promises {core}")
    for finding in findings:
        print(f"  {finding}")
    print(f"{'versions of Rust':22} {tried:13} crates  {len(findings)} findings")
    sys.exit(bool(findings) or tried == 0)


if __name__ == "__main__":
    main()
