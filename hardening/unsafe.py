#!/usr/bin/env python3
"""Counts `unsafe` in the Rust of this repository, and fails where one stands without its reason.

The core's own code has none (`forbid(unsafe_code)`). Elsewhere each `unsafe` block, impl or attribute has a comment
`SAFETY:` above it; functions of an `unsafe impl` have the contract of their trait.
"""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNSAFE = re.compile(r"\bunsafe\b(?!_)")
# A quotation mark as a character would begin a text.
TEXT = re.compile(r"""'\\?"'|"(\\.|[^"\\])*\"""")
# How far above an `unsafe` its reason may begin: attributes and the rest of a statement stand in between.
LINES_ABOVE = 6


def code_of(line: str) -> str:
    """The line without its texts and its comment."""
    return TEXT.sub('""', line).split("//")[0]


def main() -> None:
    # Also those that are not committed yet.
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.rs"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )
    # A file that was removed is listed until the removal is committed.
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]
    if not names:
        sys.exit("unsafe: git lists no Rust file here")
    count: Counter[str] = Counter()
    without: list[str] = []
    for name in names:
        lines = (ROOT / name).read_text().splitlines()
        for number, line in enumerate(lines):
            if not UNSAFE.search(code_of(line)):
                continue
            place = "/".join(name.split("/")[:2])
            count[place] += 1
            explained = any("SAFETY:" in above for above in lines[max(0, number - LINES_ABOVE) : number + 1])
            if place == "core/src" or not (explained or re.match(r"\s+(pub )?unsafe fn", line)):
                without.append(f"{name}:{number + 1}: {line.strip()}")
    for place, times in sorted(count.items()):
        print(f"  {place:30} {times}")
    for line in without:
        print(f"  without a reason: {line}")
    print(f"{'unsafe':22} {sum(count.values()):13} places  {len(without)} findings")
    sys.exit(bool(without))


if __name__ == "__main__":
    main()
