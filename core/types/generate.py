#!/usr/bin/env python3
"""Writes what is made from the core's table of kinds: types of the packages, JSON Schemas, and tables in documents.

    python3 core/types/generate.py            write the files
    python3 core/types/generate.py --check    fail if a file differs from what would be written

The table comes from the core itself, which `cargo run --example table` prints. The members of the payloads and the
codes of errors are read in the core's source (`kinds/rust.py`).
"""

import argparse
import json
import subprocess
import sys

sys.dont_write_bytecode = True
from kinds import markdown, python, rust, schema, typescript  # noqa: E402
from kinds.model import ROOT  # noqa: E402


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="fail if a file differs")
    is_check = arguments.parse_args().check
    stale, written = [], files()
    for path, text in written.items():
        if not path.exists() or path.read_text() != text:
            stale.append(str(path.relative_to(ROOT)))
            if not is_check:
                path.write_text(text)
    if is_check and stale:
        sys.exit(f"stale: {', '.join(stale)}: run python3 core/types/generate.py, and commit what it writes")
    print(f"{len(written)} files of the table of kinds, {len(stale)} {'stale' if is_check else 'changed'}")


def files():
    """The content of each file by its path."""
    command = ["cargo", "run", "--locked", "--quiet", "--package", "hookseal", "--example", "table"]
    table = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    words = table["words"] | {
        "RejectionCode": rust.codes_in("rejection.rs"),
        "RecordErrorCode": rust.codes_in("record/error.rs"),
    }
    types = [each for vendor in words["Vendor"] for each in rust.types_of(vendor)]
    payloads = rust.payloads_by_kind(table, {each.name for each in types})
    lines = markdown.lines_of(table)
    in_rust = markdown.table(lines, str)
    in_packages = markdown.table(lines, rust.package_name)
    core, of_python, of_node = ROOT / "core", ROOT / "bindings-python", ROOT / "bindings-node"
    return {
        core / "docs/kinds.md": in_rust + "\n",
        core / "schemas/payloads.schema.json": schema.of_payloads(types, payloads),
        core / "schemas/event.schema.json": schema.with_words(core / "schemas/event.schema.json", words),
        of_python / "python/hookseal/_words.py": python.words_module(words),
        of_python / "python/hookseal/payloads.py": python.payloads_module(types),
        of_node / "lib/words.d.cts": typescript.declarations(words, types, payloads),
        ROOT / "README.md": markdown.with_table(ROOT / "README.md", in_rust),
        of_python / "README.md": markdown.with_table(of_python / "README.md", in_packages),
        of_node / "README.md": markdown.with_table(of_node / "README.md", in_packages),
    }


if __name__ == "__main__":
    main()
