"""Only the core's code holds its words, so a word that is added there reaches Python without an edit here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

import hookseal
from hookseal import Receiver, _words
from samples import SALT

ROOT = Path(__file__).parents[1]
CORE = ROOT.parent / "core" / "src"
NATIVE = sorted((ROOT / "src").glob("*.rs"))
# Without the files that core/types/generate.py makes of the core's words, and without the requests to each vendor, in
# `outgoing.py` and `src/outgoing/`: `test_outgoing.py` compares their codes with the core's.
LEFT_OUT = {"_words.py", "payloads.py", "outgoing.py"}
PACKAGE = sorted(path for path in (ROOT / "python" / "hookseal").glob("*.py") if path.name not in LEFT_OUT)


def words_of_the_core() -> dict[str, list[str]]:
    """The words of each enum that the macro `words!` declares, and the vendors from the macro `vendors!`."""
    kinds = (CORE / "kind.rs").read_text()
    vendors = re.search(r"^vendors! \{\n(.*?)^\}", kinds, re.M | re.S)
    assert vendors
    enums = {"Vendor": re.findall(r'^ {4}\w+ = "(\w+)", ', vendors[1], re.M)}
    for path in CORE.rglob("*.rs"):
        for name, variants in re.findall(r"^words! \{.*?^    (\w+) \{\n(.*?)^    \}", path.read_text(), re.M | re.S):
            enums[name] = re.findall(r'^ {8}\w+ = "(\w+)",$', variants, re.M)
    return enums


WORDS = words_of_the_core()
VENDOR = re.compile("|".join(WORDS["Vendor"]), re.I)
LITERAL = {word for words in WORDS.values() for word in words}
LITERAL |= {f"{entity}.{action}" for entity in WORDS["Entity"] for action in WORDS["Action"]}
# It is also the name of an attribute.
LITERAL -= {"vendor"}

# The files with the vendors' constructors and the sender's side may name vendors.
NAMES_VENDORS = {"receiver.rs", "sign.rs", "lib.rs", "sign.py"}
# The files with the default encoding of `sign` and its type may name encodings.
NAMES_ENCODINGS = {"sign.rs", "sign.py"}


def of_rust(name: str, source: str) -> Iterator[str]:
    """The words in code: in texts, as variants, and for vendors also in names."""
    parts = re.split(r'//[^\n]*|"((?:[^"\\]|\\.)*)"', source, flags=re.S)
    yield from filter(is_word, filter(None, parts[1::2]))
    code = '""'.join(parts[::2])
    for enum, variant in re.findall(rf"\b({'|'.join(WORDS)})\s*::\s*(\w*)", code):
        if variant != "ALL" and not (name in NAMES_ENCODINGS and enum == "SignatureEncoding"):
            yield f"{enum}::{variant}"
    if name not in NAMES_VENDORS:
        yield from VENDOR.findall(code)


def of_python(name: str, source: str) -> Iterator[str]:
    """The same for Python. Docstrings, also those of attributes, are not code, and `__all__` only repeats names."""
    tree = ast.parse(source)
    left_out: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"):
            left_out.update(ast.walk(node.value) if isinstance(node, ast.Assign) else [node.value])
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            is_encoding = name in NAMES_ENCODINGS and node.value in WORDS["SignatureEncoding"]
            if node not in left_out and isinstance(node.value, str) and is_word(node.value) and not is_encoding:
                yield node.value
        elif name not in NAMES_VENDORS:
            # Names of variables, attributes, arguments and modules.
            names = [value for _, value in ast.iter_fields(node) if isinstance(value, str)]
            yield from filter(VENDOR.search, names)


def is_word(text: str) -> bool:
    return text in LITERAL or VENDOR.search(text) is not None


@pytest.mark.parametrize("path", [*NATIVE, *PACKAGE], ids=lambda path: path.name)
def test_no_word_of_the_core_is_written_again(path: Path) -> None:
    find = of_rust if path.suffix == ".rs" else of_python
    assert list(find(path.name, path.read_text())) == []


def test_a_word_that_is_written_again_is_found() -> None:
    assert len(WORDS["Entity"]) > 10
    assert len(WORDS["Action"]) > 20
    assert {"Coverage", "IdOrigin", "ReplayPolicy", "SignatureEncoding", "Vendor"} < WORDS.keys()
    assert all(WORDS.values())
    assert NATIVE
    assert PACKAGE
    rust = 'if kind == "ticket.answered" { Vendor::Benji; benti() } // "ticket.closed" Entity::Ticket'
    assert sorted(of_rust("event.rs", rust)) == ["Benji", "Vendor::Benji", "benti", "ticket.answered"]
    assert sorted(of_rust("sign.rs", rust)) == ["Vendor::Benji", "ticket.answered"]
    python = 'def is_benti(x):\n    "ticket"\n    return x.entity in ("ticket", f"{x}.bento")'
    assert sorted(of_python("_answer.py", python)) == [".bento", "is_benti", "ticket"]


@pytest.mark.parametrize(
    ("option", "words"),
    [("signature_encoding", WORDS["SignatureEncoding"]), ("replay_policy", WORDS["ReplayPolicy"])],
)
def test_an_option_takes_every_word_of_the_core(option: str, words: list[str]) -> None:
    for word in words:
        chosen: dict[str, Any] = {option: word}
        assert Receiver.benji(SALT, **chosen)
    unknown: dict[str, Any] = {option: "other"}
    with pytest.raises(ValueError, match=option) as raised:
        Receiver.benji(SALT, **unknown)
    assert str(raised.value) == f"{option} must be one of {quoted(words)}"


@pytest.mark.parametrize(
    "enum", ["Action", "Coverage", "Entity", "IdOrigin", "ReplayPolicy", "SignatureEncoding", "Vendor"]
)
def test_the_types_have_the_words_of_the_core(enum: str) -> None:
    assert get_args(getattr(_words, enum)) == tuple(WORDS[enum])


def test_the_types_have_the_kinds_and_the_codes() -> None:
    assert get_args(hookseal.Kind) == hookseal.KINDS
    assert set(get_args(hookseal.RejectionCode)) == {each.code for each in hookseal.Rejection.__subclasses__()}
    assert get_args(hookseal.RejectionCode) == hookseal.REJECTION_CODES
    assert get_args(hookseal.RecordErrorCode) == hookseal.RECORD_ERROR_CODES
    with pytest.raises(hookseal.RecordError) as raised:
        hookseal.from_trusted_record("{}")
    assert raised.value.code in hookseal.RECORD_ERROR_CODES


def quoted(words: list[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)
