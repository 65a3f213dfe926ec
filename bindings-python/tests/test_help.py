"""What `help` shows."""

import ast
import pydoc
import re
from pathlib import Path
from typing import Any

import hookseal

SCREEN_LINES = 50


def public_names() -> set[str]:
    """The names that the package lists for type checkers."""
    tree = ast.parse(Path(hookseal.__file__).read_text(encoding="utf-8"))
    lists = [node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"]
    names = ast.literal_eval(lists[0].value)
    assert len(names) == len(set(names)) > 40
    return set(names)


def test_the_help_of_the_package_fits_two_screens() -> None:
    shown = pydoc.plain(pydoc.render_doc(hookseal))
    assert len(shown.splitlines()) <= 2 * SCREEN_LINES
    assert "hookseal.Receiver.benji(os.environ" in shown


def test_the_help_of_the_package_names_each_public_thing() -> None:
    words = set(re.findall(r"[\w.]+", hookseal.__doc__ or ""))
    assert public_names() - {"sign", "__version__"} <= words
    modules = {f"hookseal.{path.stem}" for path in Path(hookseal.__file__).parent.glob("[!_]*")} - {"hookseal.py"}
    assert modules <= words


def test_a_star_imports_the_public_names() -> None:
    names: dict[str, Any] = {}
    exec("from hookseal import *", names)
    assert public_names() - {"__version__"} <= names.keys()
    imported = {name for name, value in names.items() if getattr(value, "__module__", "").startswith("hookseal.")}
    assert imported <= public_names()
