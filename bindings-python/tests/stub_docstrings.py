"""Writes the docstrings of the native module into its stub, where editors look for them.

Run it after a change of a docstring in `src/`: `python tests/stub_docstrings.py`, with the package built.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

from hookseal import _native

STUB = Path(__file__).parents[1] / "python" / "hookseal" / "_native.pyi"


def with_docstrings(stub: str) -> str:
    """The stub with the docstrings that the module has, and no others."""
    lines = stub.splitlines(keepends=True)
    for node, described in reversed(list(definitions(ast.parse(stub).body, _native))):
        put(lines, node, inspect.getdoc(described))
    return "".join(lines)


def definitions(body: list[ast.stmt], holder: Any) -> Iterator[tuple[ast.ClassDef | ast.FunctionDef, Any]]:
    """Each class and function with the object that it describes, without private ones and those of the language."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            described = getattr(holder, node.name)
            yield node, described
            if isinstance(node, ast.ClassDef):
                yield from definitions(node.body, described)


def put(lines: list[str], node: ast.ClassDef | ast.FunctionDef, text: str | None) -> None:
    """Writes the docstring, if there is one, in the place of an earlier one or of a function's `...`."""
    first, columns = node.body[0], node.col_offset + 4
    written = docstring(text or "", columns)
    at, end = first.lineno - 1, first.end_lineno
    if ast.get_docstring(node) is not None:
        lines[at:end] = written or [f"{' ' * columns}...\n"]
    elif isinstance(node, ast.FunctionDef) and written:
        lines[at:end] = [lines[at][: first.col_offset].rstrip() + "\n", *written]
    elif isinstance(first, ast.FunctionDef):
        at = min([first.lineno, *(decorator.lineno for decorator in first.decorator_list)]) - 1
        lines[at:at] = written


def docstring(text: str, columns: int) -> list[str]:
    if not text:
        return []
    assert "\\" not in text
    assert '"""' not in text
    closing = '\n"""' if "\n" in text else '"""'
    return indent(f'"""{text}{closing}\n', " " * columns).splitlines(keepends=True)


if __name__ == "__main__":
    STUB.write_text(with_docstrings(STUB.read_text(encoding="utf-8")), encoding="utf-8")
