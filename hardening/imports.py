#!/usr/bin/env python3
"""Checks the imports of the core, the two packages and the fuzz targets.

There must be no circle, no import against the stated order, and no import of a name that the root defines or exports
again, because such names are for users.

    hardening/imports.py             # fails and names each import that breaks a rule
    hardening/imports.py --print     # prints the imports, a line for each file

A root file states the order of its files and folders in one sentence of its comments: "From the ground up: a, b,
c." Imports inside of functions and below TYPE_CHECKING count, and so do paths inside of Rust code. Tests and stubs
(.pyi, .d.cts), which only declare types, do not count. Adapters of the Node package may import lib/, never the reverse.
"""

import ast
import os
import re
import sys
from pathlib import Path

from sources import code_of, line_of

ROOT = Path(__file__).resolve().parents[1]
# From `From the ground up:` to the end of the sentence, which may span several lines of a comment.
ORDER = re.compile(r"From the ground up:(.+?)\.", re.S)
# The target of an import of a name of the root.
THE_ROOT = ()


class Rust:
    """A crate: a file is named by its path, `a/mod.rs` as `a`."""

    def __init__(self, folder):
        self.folder, self.root = folder, folder / "lib.rs"
        self.files = {self.module_of(path): path for path in sorted(folder.rglob("*.rs")) if "tests" not in self.module_of(path)}
        self.files.pop(("lib",), None)

    def module_of(self, path):
        parts = path.relative_to(self.folder).with_suffix("").parts
        return parts[:-1] if parts[-1] == "mod" else parts

    def imports_of(self, module):
        code = code_of(self.files[module], texts=False)
        for line, path in rust_paths(code):
            target = self.absolute(path, module)
            if target is not None:
                yield line, next((target[:n] for n in range(len(target), 0, -1) if target[:n] in self.files), THE_ROOT)

    def absolute(self, path, at):
        """A path from the crate's root. None for a path into another crate."""
        if path[0] == "crate":
            return path[1:]
        if path[0] not in ("self", "super"):
            return at + path if at + path[:1] in self.files else None
        while path and path[0] in ("self", "super"):
            path, at = path[1:], at if path[0] == "self" else at[:-1]
        return at + path


def rust_paths(code):
    """Every path that the code imports or names, with its line."""
    for match in re.finditer(r"\buse\s+([^;]*);", code):
        for path in use_paths(match[1]):
            yield line_of(code, match.start()), path
    rest = re.sub(r"\buse\s+[^;]*;", lambda match: re.sub(r"[^\n]", " ", match[0]), code)
    for match in re.finditer(r"(?<![\w:$.])[a-z_]\w*(?:::\w+)+", rest):
        yield line_of(code, match.start()), tuple(match[0].split("::"))


def use_paths(tree, prefix=()):
    """The paths of one `use` tree, such as `a::{self, b::{C, D}}`."""
    tree = tree.strip()
    if match := re.fullmatch(r"(?s)(.*?)::\s*\{(.*)\}", tree):
        inner = prefix + tuple(part.strip() for part in match[1].split("::"))
        for part in split(match[2]):
            yield from use_paths(part, inner)
    elif match := re.fullmatch(r"(?s)\{(.*)\}", tree):
        for part in split(match[1]):
            yield from use_paths(part, prefix)
    elif tree:
        parts = tuple(part.strip() for part in re.sub(r"\s+as\s+\w+", "", tree).split("::"))
        yield prefix if prefix and parts == ("self",) else prefix + parts


def split(text):
    """The parts between commas outside of braces."""
    depth, part = 0, ""
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            yield part
            part = ""
        else:
            part += character
    yield part


class Node:
    """The JavaScript of the Node package: a file of lib/ is named by its stem."""

    IMPORT = re.compile(r"""\brequire\(\s*['"]([^'"]+)|\bimport\s*\(\s*['"]([^'"]+)|\bfrom\s*['"]([^'"]+)|\bimport\s*['"]([^'"]+)""")

    def __init__(self, folder):
        self.folder, self.root = folder, folder / "index.cjs"
        self.files = {(path.stem,): path for path in sorted(folder.glob("lib/*.*js"))}
        self.files |= {("adapters", path.name): path for path in sorted(folder.glob("adapters/*.*js"))}

    def imports_of(self, module):
        path = self.files[module]
        code, named = code_of(path), {path: name for name, path in self.files.items()}
        for match in self.IMPORT.finditer(code):
            name = next(filter(None, match.groups()))
            if name.endswith(".node"):
                continue  # The native module.
            if name.startswith("."):
                # A file outside of the two folders is index.cjs, or does not exist.
                yield line_of(code, match.start()), named.get(Path(os.path.normpath(path.parent / name)), THE_ROOT)
            elif name.split("/")[0] == "hookseal":
                yield line_of(code, match.start()), THE_ROOT


class Python:
    """The modules of the Python package, and `_native`, which is compiled."""

    def __init__(self, folder):
        self.folder, self.root = folder, folder / "__init__.py"
        self.files = {self.module_of(path): path for path in sorted([*folder.rglob("*.py"), *folder.glob("_native.pyi")])}
        self.files.pop((), None)

    def module_of(self, path):
        parts = path.relative_to(self.folder).with_suffix("").parts
        return parts[:-1] if parts[-1] == "__init__" else parts

    def imports_of(self, module):
        path = self.files[module]
        if path.suffix == ".pyi":
            return
        package = (self.folder.name, *(module if path.stem == "__init__" else module[:-1]))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [tuple(alias.name.split(".")) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = package[: len(package) + 1 - node.level] if node.level else ()
                base += tuple(node.module.split(".")) if node.module else ()
                names = [(*base, alias.name) for alias in node.names]
            else:
                continue
            for name in names:
                if name[0] == self.folder.name:
                    target = name[1:]
                    yield node.lineno, next((target[:n] for n in range(len(target), 0, -1) if target[:n] in self.files), THE_ROOT)


PACKAGES = [
    Rust(ROOT / "core/src"),
    Rust(ROOT / "tower/src"),
    Rust(ROOT / "bindings-node/src"),
    Rust(ROOT / "bindings-python/src"),
    Rust(ROOT / "fuzz/src"),
    Node(ROOT / "bindings-node"),
    Python(ROOT / "bindings-python/python/hookseal"),
]


def main():
    faults, tried = [], 0
    for package in PACKAGES:
        if not package.files:
            faults.append(f"{package.folder.relative_to(ROOT)}: there are no files")
        graph = {module: list(package.imports_of(module)) for module in package.files}
        tried += len(graph)
        if "--print" in sys.argv[1:]:
            for module, wanted in graph.items():
                print(f"{shown(package, module)}: {' '.join(sorted({shown(package, other) for _, other in wanted} - {shown(package, module)}))}")
        faults += faults_of(package, graph)
    faults = list(dict.fromkeys(faults))
    for fault in faults:
        print(f"imports: {fault}", file=sys.stderr)
    print(f"{'imports':22} {tried:>13} files   {len(faults)} findings")
    sys.exit(bool(faults))


def shown(package, module):
    return str(package.files.get(module, package.root).relative_to(ROOT))


def faults_of(package, graph):
    """The faults of a graph, which has the imports of each file: each a line, and a file or THE_ROOT."""
    root = package.root.relative_to(ROOT)
    stated = ORDER.search(package.root.read_text())
    if stated is None:
        yield f'{root}: it does not state the order of its files: "From the ground up: …."'
    order = re.findall(r"[a-z_][a-z0-9_]*", stated[1]) if stated else []
    places = {name: place for place, name in enumerate(order)}
    if isinstance(package, Node):
        places.setdefault("adapters", len(places))
    names = {module[0] for module in graph}
    if stated:
        yield from (f"{root}: it states no place in the order for {name}" for name in sorted(names - set(places)))
        yield from (f"{root}: the order has {name}, which is not there" for name in order if name not in names)
    for module, wanted in graph.items():
        for line, other in wanted:
            where = f"{shown(package, module)}:{line}"
            if other == THE_ROOT:
                yield f"{where}: it imports what {root} defines or exports again"
            elif places.get(other[0], -1) > places.get(module[0], -1):
                yield f"{where}: it imports {shown(package, other)}, which is above it"
    for circle in circles({module: {other for _, other in wanted if other != module} for module, wanted in graph.items()}):
        yield "a circle: " + " -> ".join(shown(package, module) for module in circle)


def circles(graph):
    """The circles of a graph. Of circles that share files it gives at least one."""
    state, path, found = {}, [], []

    def visit(module):
        state[module] = "open"
        path.append(module)
        for other in sorted(graph.get(module, ())):
            if state.get(other) == "open":
                found.append([*path[path.index(other) :], other])
            elif other not in state:
                visit(other)
        path.pop()
        state[module] = "done"

    for module in graph:
        if module not in state:
            visit(module)
    return found


if __name__ == "__main__":
    main()
