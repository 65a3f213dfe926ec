#!/usr/bin/env python3
"""Every source file begins with a comment that says what the file is for.

    hardening/first_lines.py         # fails and names each file without such a comment

The comment is the first line of the file: `//!` in Rust, a docstring or `#` in Python, `#` in a shell script, `//` or
`/**` in JavaScript and TypeScript. Only `#!` and 'use strict' may precede it. A comment for a tool, such as
`# shellcheck disable=…`, does not count, and neither does a single word.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SEARCHED = (
    "core/src",
    "core/tests",
    "core/examples",
    "core/conformance",
    "core/types",
    "bindings-node/src",
    "bindings-node/lib",
    "bindings-node/adapters",
    "bindings-node/test",
    "bindings-node/bench",
    "bindings-node/scripts",
    "bindings-python/src",
    "bindings-python/python",
    "bindings-python/tests",
    "bindings-python/bench",
    "bindings-python/build_backend",
    "fuzz",
    "hardening",
    "benches",
    "services",
    "recipes",
    "tower",
)
# Single files outside of the searched folders.
ENTRANCES = ("bindings-node", "index.*")
# Folders that tools make.
SKIPPED = {"target", "node_modules", "corpus", "artifacts", "coverage", "__pycache__"}
JAVASCRIPT = r"(?:#!.*\n)?(?:'use strict'\n+)?(?://|/\*\*(?:\n \*)?)"
PYTHON = r'(?:#!.*\n)?(?:"""\n?|#(?!!))'
OPENINGS = {
    ".rs": "//!",
    ".py": PYTHON,
    ".pyi": PYTHON,
    ".sh": r"(?:#!.*\n)?#(?!!)",
    **dict.fromkeys((".js", ".cjs", ".mjs", ".ts", ".cts"), JAVASCRIPT),
}
# At least two words, and not a comment for a tool.
TEXT = r"(?! *(?:shellcheck|noqa|type:|eslint|@ts-|prettier)) *\S+ +\S"


def main():
    tried, findings = 0, []
    for folder in SEARCHED:
        paths = sources(ROOT / folder)
        if not paths:
            findings.append(f"{folder}: there are no source files")
        tried += len(paths)
        findings += [finding for path in paths for finding in finding_of(path)]
    entrances = [path for path in sorted((ROOT / ENTRANCES[0]).glob(ENTRANCES[1])) if path.suffix in OPENINGS]
    tried += len(entrances)
    findings += [finding for path in entrances for finding in finding_of(path)]
    for finding in findings:
        print(f"first lines: {finding}", file=sys.stderr)
    print(f"{'first lines':22} {tried:>13} files   {len(findings)} findings")
    sys.exit(bool(findings))


def sources(folder):
    """The source files of a folder and of those below it."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in OPENINGS and path.is_file() and not SKIPPED & set(path.relative_to(folder).parts)
    )


def finding_of(path):
    if not re.match(OPENINGS[path.suffix] + TEXT, path.read_text()):
        yield f"{path.relative_to(ROOT)}: its first line does not say what it is for"


if __name__ == "__main__":
    main()
