#!/usr/bin/env python3
"""Counts the instructions of the main paths, and compares them with those in instructions.json.

    benches/instructions.py            # fails if a path takes 1 % more, or 1 % fewer, than the file says
    benches/instructions.py --write    # writes the file anew

A count does not depend on how busy the machine is. It leaves out two things that hookseal cannot change: the SHA-256
compression itself, which would hide the rest because under Valgrind the processor has no SHA instructions, and the C
library's functions, which differ between systems. A count depends on the compiler, so with another rustc than the file's
the script compares nothing and says so. It needs valgrind (apt-get install valgrind) and x86_64 with AVX2.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LEFT_OUT = HERE.parent / "hardening/left_out.sh"
FILE = HERE / "instructions.json"
TOLERANCE = 0.01
WHAT = "the instructions of the main paths"
# Of src/bin.
PROGRAMS = ("paths", "signature", "claim")
# A name is written once with a number, and later the number alone: "fn=(12) main", then "fn=(12)". A called function
# has a "c" before.
NAMED = re.compile(r"^(?P<called>c?)(?P<kind>ob|fn)=\((?P<number>\d+)\)(?: (?P<name>.*))?$")
# A line of the source and its instructions: "45 3", "+2 1", "* 7".
COST = re.compile(r"^(?:[+-]?\d+|\*) \d+$")


def left_out(write, *why):
    if write:
        sys.exit(f"instructions: nothing is written: {', '.join(why)}")
    sys.exit(subprocess.run([LEFT_OUT, *why]).returncode)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the counts to the file")
    write = parser.parse_args().write

    if platform.system() != "Linux" or platform.machine() != "x86_64":
        left_out(write, WHAT, "counts are for Linux on x86_64")
    if "avx2" not in Path("/proc/cpuinfo").read_text():
        left_out(write, WHAT, "counts are for a processor with AVX2")
    if shutil.which("valgrind") is None:
        left_out(write, "--missing", "valgrind", "apt-get install valgrind", WHAT)
    rustc = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    known = json.loads(FILE.read_text()) if FILE.exists() else {"rustc": rustc, "counts": {}}
    if not write and rustc != known["rustc"]:
        left_out(write, WHAT, f"they were counted with rustc {known['rustc']}, this is {rustc}: `benches/instructions.py --write`")

    folder = build()
    counts = {}
    for program in PROGRAMS:
        counts |= count_all(folder / program)
    if write:
        FILE.write_text(json.dumps({"rustc": rustc, "counts": counts}, indent=2) + "\n")
    differing = []
    for path in counts.keys() | known["counts"].keys():
        before, now = known["counts"].get(path), counts.get(path)
        if before is None or now is None or abs(now - before) > TOLERANCE * before:
            differing.append(path)
    for path, now in counts.items():
        before = known["counts"].get(path)
        change = "" if before is None else f"{(now - before) / before:+8.1%}"
        print(f"{path:28} {now:>9,} {change}{'  !' if path in differing and not write else ''}")
    if differing and not write:
        print(
            "\ninstructions: these paths changed by more than 1 %: " + ", ".join(sorted(differing)) + "\n"
            "Dearer on purpose, or cheaper: `benches/instructions.py --write`, and commit instructions.json with the\n"
            "change that made the difference and its reason. Not on purpose: `callgrind_annotate` shows where.",
            file=sys.stderr,
        )
        sys.exit(1)


def build():
    target = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")).resolve()
    # Fixed flags, so that those of the machine's user do not change the counts.
    environment = os.environ | {"RUSTFLAGS": "-C target-cpu=x86-64", "CARGO_TARGET_DIR": str(target)}
    environment.pop("CARGO_ENCODED_RUSTFLAGS", None)
    subprocess.run(
        ["cargo", "build", "--quiet", "--locked", "--profile", "counts", "--no-default-features",
         *(f"--bin={program}" for program in PROGRAMS)],
        cwd=HERE, env=environment, check=True,
    )
    return target / "counts"


def count_all(program):
    names = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()
    if not names:
        sys.exit(f"instructions: the program {program.name} names no path to count")
    return {name: count(program, name) for name in names}


def count(program, name):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        subprocess.run(
            ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", "--toggle-collect=counted_path", program, name],
            check=True, capture_output=True,
        )
        instructions = own_instructions(out.read_text(), program)
    if instructions == 0:
        sys.exit(f"instructions: {name} was not counted")
    return instructions


def own_instructions(profile, program):
    """The instructions of the program itself without the SHA-256 compression, from a profile in callgrind's format."""
    names = {"ob": {}, "fn": {}}
    current = {"ob": "", "fn": ""}
    instructions, of_a_call = 0, False
    for line in profile.splitlines():
        named = NAMED.match(line)
        if named:
            kind = named["kind"]
            if named["name"] is not None:
                names[kind][named["number"]] = named["name"]
            if not named["called"]:
                current[kind] = names[kind][named["number"]]
        elif line.startswith("calls="):
            of_a_call = True
        elif COST.match(line):
            # The line after a call has the instructions of the called function, which are counted in that function.
            if not of_a_call and current["ob"] == str(program) and "sha2::" not in current["fn"]:
                instructions += int(line.split()[1])
            of_a_call = False
    return instructions


if __name__ == "__main__":
    main()
