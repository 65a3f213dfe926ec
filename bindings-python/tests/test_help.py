"""What `help` shows."""

import ast
import inspect
import os
import pydoc
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hookseal
import stub_docstrings
from hookseal import Event, Key, Receiver, ReplayGuard, outgoing, sign

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
    assert public_names() - {"outgoing", "sign", "__version__"} <= words
    modules = {f"hookseal.{path.stem}" for path in Path(hookseal.__file__).parent.glob("[!_]*")} - {"hookseal.py"}
    assert modules <= words


def test_the_help_of_outgoing_requests_names_each_public_thing() -> None:
    words = set(re.findall(r"\w+", outgoing.__doc__ or ""))
    assert set(outgoing.__all__) <= words


def test_a_star_imports_the_public_names() -> None:
    names: dict[str, Any] = {}
    exec("from hookseal import *", names)
    assert public_names() - {"__version__"} <= names.keys()
    imported = {name for name, value in names.items() if getattr(value, "__module__", "").startswith("hookseal.")}
    assert imported <= public_names()


def test_the_help_of_each_module_needs_no_settings() -> None:
    """Also that of Django, whose settings cannot even be looked at before they are there."""
    package = Path(hookseal.__file__).parent
    names = [f"hookseal.{path.stem}" for path in package.glob("[!_]*.py")]
    names += [f"hookseal.inbox.{path.stem}" for path in (package / "inbox").glob("[!_]*") if path.stem]
    code = "import pydoc, sys; [pydoc.render_doc(name) for name in sys.argv[1:]]"
    assert {"hookseal.django", "hookseal.inbox.django"} <= {*names}
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run([sys.executable, "-c", code, *names], check=True, env=environment)


COMMON_OPTIONS = [
    "max_body_bytes",
    "max_events",
    "max_depth",
    "max_number_length",
    "source",
    "id_key",
    "replay_policy",
    "replay_retention_seconds",
]


@pytest.mark.parametrize("name", COMMON_OPTIONS)
def test_the_help_of_a_receiver_has_the_default_of_each_option(name: str) -> None:
    assert "By default" in bullets(Receiver)[name]
    for constructor in (Receiver.benji, Receiver.benti, Receiver.bento):
        assert "`help(hookseal.Receiver)` has the options that all receivers share" in (constructor.__doc__ or "")


@pytest.mark.parametrize("described", [Receiver.benji, Receiver.benti, Receiver.bento, Receiver.receive, Key])
def test_the_help_has_each_parameter_with_its_default(described: Callable[..., Any]) -> None:
    parameters = inspect.signature(described).parameters
    named = {name for name, parameter in parameters.items() if parameter.kind is not inspect.Parameter.VAR_KEYWORD}
    told = bullets(described)
    assert told.keys() == named - {"self"}
    for name, text in told.items():
        has_default = parameters[name].default is not inspect.Parameter.empty
        assert ("By default" in text) == has_default, name


@pytest.mark.parametrize(
    "described",
    [
        Receiver.check_head,
        ReplayGuard,
        ReplayGuard.claim,
        ReplayGuard.confirm,
        Event.to_dict,
        outgoing.Benji,
        outgoing.Benji.subscribe,
        outgoing.Benji.update,
        outgoing.Benji.unsubscribe,
        outgoing.Benji.follow_up,
        outgoing.Bento,
        outgoing.RateLimit.take,
        outgoing.Refusal,
        sign.benji,
        sign.benji_body_only,
    ],
)
def test_the_help_tells_a_default_beside_each_parameter_that_has_one(described: Callable[..., Any]) -> None:
    text = " ".join((described.__doc__ or "").split())
    for name, parameter in inspect.signature(described).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            assert re.search(rf"`{name}\b.{{0,150}}by default", text, re.IGNORECASE), name


@pytest.mark.parametrize(
    ("name", "constructor", "told"),
    [
        ("window", Receiver.benji, "in seconds"),
        ("window", Receiver.benti, "in seconds"),
        ("utc_offset_minutes", Receiver.benti, "in minutes"),
        ("max_body_bytes", Receiver, "bytes"),
        ("max_number_length", Receiver, "characters"),
        ("replay_retention_seconds", Receiver, "seconds"),
        ("not_before", Key, "seconds"),
        ("now", Receiver.receive, "seconds"),
    ],
)
def test_the_help_has_the_unit(name: str, constructor: object, told: str) -> None:
    assert told in bullets(constructor)[name]


@pytest.mark.parametrize(
    ("limit", "make"), [(65_536, Receiver.benji), (1_048_576, Receiver.benti), (4_194_304, Receiver.bento)]
)
def test_the_help_has_the_default_limit_of_each_vendor(limit: int, make: Callable[..., Receiver[Any]]) -> None:
    receiver = make(bearer="secret") if make is Receiver.bento else make("secret")
    assert receiver.body_limit == limit
    assert f"({limit:,}) for {receiver.vendor.title()}" in bullets(Receiver)["max_body_bytes"]


def test_the_help_of_receive_has_each_rejection_with_its_status() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| .+ \|$", inspect.getdoc(Receiver.receive) or "", re.MULTILINE)
    assert len(rows) == 15
    assert dict(rows) == {each.__name__: str(each.status) for each in hookseal.Rejection.__subclasses__()}


def test_the_stub_has_the_docstrings_of_the_native_module() -> None:
    stub = stub_docstrings.STUB.read_text(encoding="utf-8")
    assert stub == stub_docstrings.with_docstrings(stub), "run python tests/stub_docstrings.py"
    assert stub.count('"""') > 200


def test_docstrings_are_written_over_those_of_an_earlier_version() -> None:
    stub = stub_docstrings.STUB.read_text(encoding="utf-8")
    for old, new in [
        ("newest time of Benti's events", "x"),
        ('"""The user who did it', '"""x\n        y\n\n        z'),
    ]:
        assert stub.count(old) == 1
        assert stub_docstrings.with_docstrings(stub.replace(old, new)) == stub
    without = re.sub(r':\n        """The events as a batch of CloudEvents.*?"""\n', ": ...\n", stub, flags=re.DOTALL)
    assert without != stub == stub_docstrings.with_docstrings(without)


def bullets(described: object) -> dict[str, str]:
    """The items of the list in a docstring: names of options and their descriptions."""
    parts = re.split(r"^- `(\w+)`: ", inspect.getdoc(described) or "", flags=re.MULTILINE)
    return {
        name: " ".join(text.partition("\n\n")[0].split()) for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }
