#!/usr/bin/env python3
"""Which file of the core imports which: there must be no circle, no import against the order of `core/src/lib.rs`, and
none through the crate's root, where names stand for its users.

    hardening/imports.py             # fails and names each import that breaks a rule
    hardening/imports.py --print     # prints the imports, a line for each file

The order is the list under "From the ground up" in `lib.rs`. Paths with `super::` and paths inside of code count as
imports; tests (`#[cfg(test)]` and files named tests.rs) do not.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1] / "core" / "src"
ORDER = re.compile(r"//! From the ground up: (.+?)\. A folder", re.S)


def code_of(path):
    """The file without comments, strings and its tests."""
    text = path.read_text()
    text = re.sub(r"//[^\n]*", "", text)
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text, flags=re.S)
    return re.split(r"#\[cfg\(test\)\]\s*mod tests", text)[0]


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[:-1] if parts[-1] == "mod" else parts


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
        path = re.sub(r"\s+as\s+\w+", "", tree)
        yield prefix + tuple(part.strip() for part in path.split("::") if part.strip() != "self")


def split(text):
    depth, part = 0, ""
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            yield part
            part = ""
        else:
            part += character
    yield part


def paths_of(code):
    """Every path of the crate's own that the code names."""
    for match in re.finditer(r"\buse\s+([^;]*);", code):
        yield from use_paths(match[1])
    rest = re.sub(r"\buse\s+[^;]*;", "", code)
    for match in re.finditer(r"(?<![\w:$])((?:crate|super)(?:::\w+)+)", rest):
        yield tuple(match[1].split("::"))


def absolute(path, module):
    at = module
    if path[0] == "crate":
        return path[1:]
    if path[0] not in ("self", "super"):
        # A file of this folder, or else another crate.
        return at + path if at + path[:1] in FILES else None
    if path[0] == "self":
        return at + path[1:]
    while path and path[0] == "super":
        path, at = path[1:], at[:-1]
    return at + path


FILES = {module_of(path): path for path in sorted(ROOT.rglob("*.rs")) if path.stem != "tests"}


def main():
    files = FILES
    lib = (ROOT / "lib.rs").read_text()
    stated = ORDER.search(lib)
    if stated is None:
        sys.exit("imports: lib.rs does not state the order of the folders")
    names = re.findall(r"[a-z_]+", stated[1].replace("//!", " "))
    places = {name: place for place, name in enumerate(names)}
    faults, imports = [], {}
    for module, path in files.items():
        if module == ("lib",):
            continue
        if module[0] not in places:
            faults.append(f"{module[0]}: lib.rs does not say where it stands in the order")
        wanted = imports.setdefault(module, set())
        for named in paths_of(code_of(path)):
            target = absolute(named, module)
            if target is None:
                continue
            found = next((target[:length] for length in range(len(target), 0, -1) if target[:length] in files), None)
            if found is None:
                if target:
                    faults.append(f"{'/'.join(module)}: {target[0]} is named through the crate's root")
            elif found != module:
                wanted.add(found)
        for other in sorted(wanted):
            if places.get(other[0], 0) > places.get(module[0], 0):
                faults.append(f"{'/'.join(module)} imports {'/'.join(other)}, which stands above it")
    faults += circles(imports)
    if "--print" in sys.argv[1:]:
        for module, wanted in imports.items():
            print(f"{'/'.join(module)}: {' '.join(sorted('/'.join(other) for other in wanted))}")
    for fault in dict.fromkeys(faults):
        print(f"imports: {fault}", file=sys.stderr)
    print(f"{'imports':22} {len(files):>13} files   {len(dict.fromkeys(faults))} findings")
    sys.exit(bool(faults))


def circles(imports):
    """One line for each circle of files."""
    state, stack, found = {}, [], []

    def visit(module):
        state[module] = "open"
        stack.append(module)
        for other in sorted(imports.get(module, ())):
            # A folder's mod.rs holds its files: that they name what it defines for all of them is no circle by itself.
            if state.get(other) == "open":
                ring = stack[stack.index(other) :] + [other]
                found.append("a circle: " + " -> ".join("/".join(each) for each in ring))
            elif other not in state:
                visit(other)
        stack.pop()
        state[module] = "done"

    for module in imports:
        if module not in state:
            visit(module)
    return found


if __name__ == "__main__":
    main()
