#!/usr/bin/env python3
"""Shared code knows no vendor: the code of the core and the packages names one only where ALLOWED says so.

    hardening/vendors.py             # fails and names each place that may name no vendor

An enum's variant, a module, a type or a text such as a header or a host names a vendor if it contains one of WORDS. A
glob import of an enum's variants names all vendors without a word. Comments, documentation, tests and stubs (.pyi,
.d.ts, .d.cts) do not count.
"""

import re
import sys
from pathlib import Path

from sources import code_of, line_of

ROOT = Path(__file__).resolve().parents[1]
SEARCHED = (
    ("core/src", "*.rs"),
    ("bindings-node/src", "*.rs"),
    ("bindings-node", "index.*js"),
    ("bindings-node/lib", "*.*js"),
    ("bindings-node/adapters", "*.*js"),
    ("bindings-python/src", "*.rs"),
    ("bindings-python/python", "*.py"),
)
KIND = ROOT / "core/src/kind.rs"
# Matches a line of `vendors!` in that file.
VENDOR = re.compile(r'^    \w+ = "(\w+)", "[^"]+";$', re.M)
# Companies and headers that name a vendor without its word.
MORE_WORDS = {"benji": r"x-webhook-datetime", "benti": r"inbenta|x-hook-signature"}
VENDORS = VENDOR.findall(KIND.read_text())
WORDS = {vendor: "|".join(filter(None, (vendor, MORE_WORDS.get(vendor)))) for vendor in VENDORS}
# Code that names every vendor without a word.
WORDS["all"] = r"(?-i:\b(?:Vendor|Family)(?:::(?:\*|\{[^}]*\*)|\s+as\b))"
NAMED = re.compile("|".join(f"(?P<{vendor}>{words})" for vendor, words in WORDS.items()), re.I)
EVERY = tuple(WORDS)
# The beginning of a path, the vendors that code there may name, and why.
ALLOWED = [
    *((f"core/src/{vendor}/", (vendor,), "the vendor's own folder") for vendor in VENDORS),
    ("core/src/kind.rs", EVERY, "the enum of vendors"),
    ("core/src/event/", EVERY, "the enum of event shapes, which has no default arm"),
    ("core/src/vendors.rs", EVERY, "the typed payloads of every vendor"),
    ("core/src/sign", EVERY, "the senders' side, a function for each vendor"),
    ("core/src/outgoing/", EVERY, "the requests that users send, a file or folder for each vendor"),
    ("core/src/lib.rs", EVERY, "the public names"),
    ("bindings-node/src/setup.rs", EVERY, "the constructors"),
    ("bindings-node/src/sign.rs", EVERY, "the senders' side"),
    ("bindings-node/src/outgoing_clients.rs", EVERY, "the requests to each vendor"),
    ("bindings-node/src/outgoing_request.rs", EVERY, "the answers of each vendor"),
    ("bindings-node/src/outgoing_values.rs", EVERY, "the values that are sent"),
    ("bindings-node/lib/outgoing.cjs", EVERY, "the requests to each vendor"),
    ("bindings-node/lib/outgoing_answers.cjs", EVERY, "the answers of each vendor"),
    ("bindings-node/lib/outgoing_values.cjs", EVERY, "the values that are sent"),
    ("bindings-node/lib/options.cjs", EVERY, "the options of each constructor"),
    ("bindings-node/lib/receiver.cjs", EVERY, "the constructors"),
    ("bindings-node/lib/sign.cjs", EVERY, "the senders' side"),
    ("bindings-python/src/receiver.rs", EVERY, "the constructors"),
    ("bindings-python/src/sign.rs", EVERY, "the senders' side"),
    ("bindings-python/src/outgoing/", EVERY, "the requests to each vendor"),
    ("bindings-python/src/lib.rs", EVERY, "the functions of the senders' side by name"),
    ("bindings-python/python/hookseal/_words.py", EVERY, "the words as types, made from the core's"),
    ("bindings-python/python/hookseal/payloads.py", EVERY, "the types of payloads, made from the core's"),
    ("bindings-python/python/hookseal/sign.py", EVERY, "the senders' side"),
    ("bindings-python/python/hookseal/outgoing.py", EVERY, "the requests to each vendor"),
]


def main():
    tried, findings, needed = 0, [], set()
    if not VENDORS:
        findings.append(f"{KIND.relative_to(ROOT)}: no vendor is found, so that nothing is searched for")
    for folder, names in SEARCHED:
        # For bindings-node only the files beside package.json: its folders have their own lines.
        paths = sorted((ROOT / folder).glob(names) if folder == "bindings-node" else (ROOT / folder).rglob(names))
        paths = [path for path in paths if path.stem != "tests" and "tests" not in path.relative_to(ROOT / folder).parts]
        if not paths:
            findings.append(f"{folder}: there are no files {names}")
        tried += len(paths)
        for path in paths:
            findings += findings_in(path, needed)
    findings += [f"ALLOWED has {start}, where no vendor is named" for start, *_ in ALLOWED if start not in needed]
    for finding in findings:
        print(f"vendors: {finding}", file=sys.stderr)
    print(f"{'vendors':22} {tried:>13} files   {len(findings)} findings")
    sys.exit(bool(findings))


def findings_in(path, needed):
    """The lines that may name no vendor but do. Adds to `needed` the entries of ALLOWED that the file needs."""
    name, code, lines = str(path.relative_to(ROOT)), code_of(path), path.read_text().splitlines()
    found = []
    for match in NAMED.finditer(code):
        allowing = {start for start, vendors, _ in ALLOWED if name.startswith(start) and match.lastgroup in vendors}
        needed |= allowing
        if not allowing:
            line = line_of(code, match.start())
            found.append(f"{name}:{line}: {lines[line - 1].strip()}")
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    main()
