"""The conformance vectors, which have the same outcome in Rust, Python and Node (core/conformance/README.md)."""

import base64
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

import hookseal
import vectors

VECTORS = vectors.read_all()


def test_there_are_more_than_a_thousand_vectors() -> None:
    assert len(VECTORS) > 1_000


@pytest.mark.parametrize("content", [None, "", "[]", '[{"name": "benji/order/other"}]'])
def test_a_missing_or_empty_file_is_an_error(tmp_path: Path, content: str | None) -> None:
    text = (vectors.FOLDER / "benji" / "order.json").read_text()
    (tmp_path / "benji").mkdir()
    (tmp_path / "benji" / "other.json").write_text(text)
    (tmp_path / "benji" / "order.json").write_text(text)
    (tmp_path / "counts.json").write_text('{"benji/order": 9, "benji/other": 9}')
    assert len(vectors.read_all(tmp_path)) == 18
    (tmp_path / "benji" / "order.json").unlink()
    if content is not None:
        (tmp_path / "benji" / "order.json").write_text(content)
    with pytest.raises(ValueError, match=r"counts\.json|Expecting value"):
        vectors.read_all(tmp_path)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_vector(vector: vectors.Json) -> None:
    expected = vectors.expected_of(vector)
    if expected["outcome"] == "setup_error":
        with pytest.raises(ValueError, match=r"\w"):
            vectors.receiver_of(vector)
        return
    receiver = vectors.receiver_of(vector)
    for headers in forms_of(vector["headers"]):
        found = vectors.outcome_of(vectors.receive(receiver, vector, headers), expected)
        assert found == expected
        assert vectors.same(found, expected)
    refused = pytest.raises(hookseal.Rejection, check=lambda rejection: rejection.code == expected["code"])
    body = base64.b64decode(vector["body_base64"])
    with refused if expected["outcome"] == "rejection" else nullcontext():
        receiver.receive(vector["headers"], memoryview(body), method=vector["method"], now=vector["now"] / 1000)


def forms_of(headers: list[list[str]]) -> Iterator[vectors.Json]:
    """The same headers in the forms that programs use."""
    yield headers
    if all(character <= "\xff" for _, value in headers for character in value):
        yield [(name.encode(), value.encode("latin-1")) for name, value in headers]
    lists: dict[str, list[str]] = {}
    for name, value in headers:
        lists.setdefault(name.upper(), []).append(value)
    yield lists
    if len({name.lower() for name, _ in headers}) == len(headers):
        yield dict(headers)
        yield {name.lower(): value for name, value in headers}
    if not any("_" in name for name, _ in headers) and len({name.lower() for name, _ in headers}) == len(headers):
        environ = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers}
        yield {"REQUEST_METHOD": "POST", "wsgi.version": (1, 0), **environ}
