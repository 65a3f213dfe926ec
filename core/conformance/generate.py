#!/usr/bin/env python3
"""Writes the conformance vectors; needs nothing but Python 3.11.

    python3 core/conformance/generate.py            rewrite every vector, delete stale ones
    python3 core/conformance/generate.py --check    fail where the files differ from what would be written
    python3 core/conformance/generate.py --count    print how many vectors there are, by vendor, code and kind
"""

import argparse
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from rules import (  # noqa: E402
    benji_date, benji_payload, benji_requests, benji_signed_time, benti_api, benti_instance, benti_requests,
    bento_bodies, bento_events, bento_numbered, bento_requests, bento_shapes, captures, ids_and_keys, json_faults,
    self_check, setup_errors,
)

HERE = Path(__file__).resolve().parent
VENDORS = ("benji", "benti", "bento")
MODULES = (
    benji_requests, benji_signed_time, benji_date, benji_payload, benti_requests, benti_api, benti_instance,
    bento_requests, bento_events, bento_bodies, bento_numbered, bento_shapes, ids_and_keys, json_faults, setup_errors,
    captures,
)
LINE_WIDTH = 110


def layout(value, indent=0):
    """JSON in which whatever fits stands on one line, and the rest is indented by one space a level."""
    flat = json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, dict | list) or (indent and indent + len(flat) <= LINE_WIDTH):
        return flat
    pad = "\n" + " " * (indent + 1)
    if isinstance(value, dict):
        members = (f"{json.dumps(k, ensure_ascii=False)}: {layout(v, indent + 1)}" for k, v in value.items())
        return "{" + pad + f",{pad}".join(members) + "\n" + " " * indent + "}"
    return "[" + pad + f",{pad}".join(layout(item, indent + 1) for item in value) + "\n" + " " * indent + "]"


def main():
    parser = argparse.ArgumentParser(description="Writes the conformance vectors.")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="compare with the files, write nothing")
    action.add_argument("--count", action="store_true", help="print the numbers of vectors, write nothing")
    arguments = parser.parse_args()

    vectors = [vector for module in MODULES for vector in module.vectors()]
    if problems := self_check.problems(vectors):
        sys.exit("\n".join(problems))
    if arguments.count:
        return print(self_check.table(vectors))

    wanted = {f"{vector['name']}.json": (layout(vector) + "\n").encode() for vector in vectors}
    files = [path for vendor in VENDORS for path in (HERE / vendor).rglob("*") if path.is_file()]
    found = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in files}
    differing = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if arguments.check:
        return sys.exit("\n".join(["these differ from what generate.py writes:", *differing]) if differing else 0)
    for name in differing:
        write(HERE / name, wanted.get(name))
    print(f"{len(wanted)} vectors, {len(differing)} files changed")


def write(path, content):
    """The file with this content; without one, no file, and no folder that it leaves empty."""
    if content is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.write_bytes(content)
    path.unlink()
    for folder in path.parents:
        if folder == HERE or any(folder.iterdir()):
            break
        folder.rmdir()


if __name__ == "__main__":
    main()
