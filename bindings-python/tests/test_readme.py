"""The examples of the READMEs run, and print what they say."""

import asyncio
import re
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import hookseal
import servers
from hookseal import outgoing

PAGES = [Path(__file__).parents[up] / "README.md" for up in (1, 2)]
EXAMPLES = [example for page in PAGES for example in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)]
ADAPTERS = ("starlette", "fastapi", "flask", "django", "aws_lambda")


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_prints_what_it_says(
    example: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENJI_SALT", "salt")
    monkeypatch.setenv("BENTI_SECRET", "secret")
    exec(compile(example, "README.md", "exec"), {"__name__": "example"})
    assert capsys.readouterr().out.splitlines() == re.findall(r"\S  # (.*)", example)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_escapes_a_vendors_text(
    example: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENJI_SALT", "salt")
    monkeypatch.setenv("BENTI_SECRET", "secret")
    entity_id = rb'"entity_id":"\u001b[31m\nforged"'
    hostile = re.sub('"entity_id":"[^"]*"', lambda _: entity_id.decode().replace("\\", "\\\\"), example)
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(hostile, "README.md", "exec"), names)
    if "on_benji" in names:
        body = b'{"event":"transaction_created",%b}' % entity_id
        delivery = hookseal.Receiver.benji("salt").receive(hookseal.sign.benji("salt", body), body)
        asyncio.run(names["on_benji"](delivery))
    printed = capsys.readouterr().out.splitlines()
    assert r"transaction.created '\x1b[31m\nforged'" in printed[0]
    assert all(line.isprintable() and not line.startswith("forged") for line in printed)


def test_every_readme_has_the_same_table_of_keys() -> None:
    root = Path(__file__).parents[2]
    tables = []
    for folder in ("", "bindings-python", "bindings-node"):
        found = re.search(r"^Which key to use:\n\n((?:\|.*\n)+)", (root / folder / "README.md").read_text(), re.M)
        assert found, folder
        tables.append(found[1].replace("replayKey()", "replay_key()"))
    assert tables[0].count("\n") > 5
    assert tables[1:] == [tables[0]] * 2


def test_no_framework_is_imported_before_its_adapter() -> None:
    for name in ADAPTERS:
        assert not hasattr(hookseal, name) or f"hookseal.{name}" in sys.modules
    frameworks = "{'starlette', 'fastapi', 'flask', 'django'}"
    code = f"import sys, hookseal; assert not {frameworks} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def outgoing_example() -> str:
    example: str
    (example,) = [example for example in EXAMPLES if "hookseal import outgoing" in example]
    return example


def test_the_example_of_outgoing_requests_has_types(tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(outgoing_example())
    command = [sys.executable, "-m", "mypy", "--strict", "example.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_of_outgoing_requests_sends_again(caplog: pytest.LogCaptureFixture) -> None:
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(outgoing_example(), "README.md", "exec"), names)
    names["random"] = SimpleNamespace(random=lambda: 0.0)
    accepted = b'{"results":1,"failed":0}'
    long = b"s3cret" * 1_000
    answers: list[Any] = [(429, b""), (500, long), (200, accepted), (500, b""), (429, b"", {"retry-after": "61"})]
    seen = []

    async def answer(request: Request) -> Response:
        seen.append((request.headers["authorization"], await request.body()))
        return Response(answers[0][1], answers[0][0], *answers.pop(0)[2:])

    routes = [Route("/batch/events", answer, methods=["POST"])]
    with servers.on_uvicorn(lambda: Starlette(routes=routes)) as running, names["client"]:
        bento = outgoing.Bento("publishable", "secret", "1" * 32, api_host=f"http://127.0.0.1:{running.port}")
        (keyed,) = bento.events([names["sold"]])
        assert names["send"](keyed).accepted == 1
        (plain,) = bento.events([outgoing.BentoEvent(type="x", email="jo@example.com")])
        for code in ("server_error", "rate_limited"):
            with pytest.raises(outgoing.Refusal) as raised:
                names["send"](plain)
            assert raised.value.code == code
    assert seen == [(request.headers["authorization"], request.body) for request in (keyed,) * 3 + (plain,) * 2]
    assert names["refused"][1] == ("server_error", long[:2_048])
    assert "s3cret" not in caplog.text


def test_the_example_of_outgoing_requests_tells_only_the_class_of_what_the_client_raised(
    caplog: pytest.LogCaptureFixture,
) -> None:
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(outgoing_example(), "README.md", "exec"), names)
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    bento = outgoing.Bento("publishable", "secret", "1" * 32, api_host=f"http://127.0.0.1:{port}")
    (request,) = bento.events([outgoing.BentoEvent(type="x", email="jo@example.com")])
    with names["client"], pytest.raises(outgoing.Refusal) as raised:
        names["send"](request)
    assert (raised.value.code, raised.value.__cause__, raised.value.__context__) == ("no_answer", None, None)
    assert [record.getMessage() for record in caplog.records if record.name == "example"] == [
        "no answer: ConnectError"
    ]
