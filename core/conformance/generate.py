#!/usr/bin/env python3
"""Writes the conformance vectors. It needs only Python 3.11.

    python3 core/conformance/generate.py            write a file for each topic, and counts.json; delete stale files
    python3 core/conformance/generate.py --check    fail if the files differ from what would be written
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
    self_check, setup_errors, written,
)

HERE = Path(__file__).resolve().parent
VENDORS = ("benji", "benti", "bento")
MODULES = (
    benji_requests, benji_signed_time, benji_date, benji_payload, benti_requests, benti_api, benti_instance,
    bento_requests, bento_events, bento_bodies, bento_numbered, bento_shapes, ids_and_keys, json_faults, setup_errors,
    captures, written,
)
LINE_WIDTH = 110
COUNTS = "counts.json"  # a reader of all vectors compares it with what it found


# Each of these fields begins a line of its vector. The fields after the last of them fill its line.
HEAD = ("name", "about", "vendor")


def layout(value, indent=0):
    """JSON with filled lines. A list of lists or objects has a line for each."""
    flat = json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, dict | list) or (indent and indent + len(flat) <= LINE_WIDTH):
        return flat
    lines = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        name = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(value, dict) else ""
        text = name + layout(inner, indent + 1)
        alone = isinstance(inner, dict | list) if not name else indent == 0 and key in HEAD
        fits = lines and "\n" not in lines[-1] + text and indent + len(lines[-1]) + len(text) + 4 <= LINE_WIDTH
        if fits and not alone:
            lines[-1] += f", {text}"
        else:
            lines.append(text)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    pad = "\n" + " " * (indent + 1)
    return f"{opening}{pad}" + f",{pad}".join(lines) + "\n" + " " * indent + closing


def files_of(vectors):
    """The content of each file by its path: a list of vectors for each topic, and the counts."""
    topics = {}
    for vector in vectors:
        topics.setdefault(vector["name"].rpartition("/")[0], []).append(vector)
    files = {f"{topic}.json": "[\n" + ",\n".join(map(layout, listed)) + "\n]\n" for topic, listed in topics.items()}
    files[COUNTS] = json.dumps({topic: len(topics[topic]) for topic in sorted(topics)}, indent=1) + "\n"
    return {name: text.encode() for name, text in files.items()}


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

    wanted = files_of(vectors)
    paths = [HERE / COUNTS, *(path for vendor in VENDORS for path in (HERE / vendor).rglob("*"))]
    found = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in paths if path.is_file()}
    differing = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if arguments.check:
        return sys.exit("\n".join(["these differ from what generate.py writes:", *differing]) if differing else 0)
    for name in differing:
        write(HERE / name, wanted.get(name))
    print(f"{len(vectors)} vectors in {len(wanted) - 1} files, {len(differing)} files changed")


def write(path, content):
    """Writes the file with this content. Without content it deletes the file, and the folder if that becomes empty."""
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
