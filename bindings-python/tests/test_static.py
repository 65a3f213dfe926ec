"""The checkers of types and style find nothing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "command",
    [
        ["mypy", "--strict", "--package", "hookseal"],
        ["mypy", "--strict", "tests", "bench"],
        ["mypy.stubtest", "hookseal", "--allowlist", "tests/stubtest_allowlist"],
        # Without the types that Werkzeug leaves incomplete.
        ["pyright", "--verifytypes", "hookseal", "--ignoreexternal"],
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_tool_finds_nothing(command: list[str]) -> None:
    done = run(command, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    # Pyright looks for the packages of the first Python in PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True
    )


# A checker has to find each line with `wrong`, and no other.
MISSPELT = """
from hookseal import KINDS, REJECTION_CODES, VENDORS, Event, Kind, RecordError, Rejection
from hookseal.outgoing import (
    Benji, Benti, Bento, BentoCommand, BentoEmail, BentoEvent, BentoSubscriber, OutgoingError, Refusal
)
from hookseal.payloads import BentiAnswer


def of_kind(event: Event) -> str:
    match event.kind:
        case "transaction.created":
            return "right"
        case "transation.created":  # wrong for pyright
            return "misspelt"  # wrong for mypy
        case _:
            return "other"


def of_entity(event: Event) -> str:
    match event.entity:
        case "tiket":  # wrong for pyright
            return "misspelt"  # wrong for mypy
        case "ticket":
            return "right"
        case _:
            return "other"


def of_code(rejection: Rejection) -> str:
    match rejection.code:
        case "stale":
            return "right"
        case "stael":  # wrong for pyright
            return "misspelt"  # wrong for mypy
        case _:
            return "other"


def compared(event: Event, error: RecordError) -> list[bool]:
    return [
        event.kind == "ticket.answered",
        event.kind == "tickets.answered",  # wrong
        event.action == "answers",  # wrong
        event.vendor == "benjy",  # wrong
        event.subject.entity == "coupon",  # wrong
        error.code == "newer_record",
        error.code == "newer_recrd",  # wrong
    ]


def sent(bento: Bento, benji: Benji, benti: Benti, refusal: Refusal, error: OutgoingError) -> list[object]:
    event = BentoEvent(type="x", email="a@example.com", details={"unique": {"key": 7}})
    subscriber = BentoSubscriber(email="a@example.com", tags=["a"], **{"first name": "Jo"})
    BentoEmail(to="a@b.example", **{"from": "a@c.example"}, subject="x", html_body="y", transactional=True)
    BentoEvent(type="x", mail="a@example.com")  # wrong
    BentoEvent(type="x", email="a@example.com", details=[])  # wrong
    BentoCommand(command="add_tags", email="a@example.com", query="x")  # wrong
    bento.events([subscriber])  # wrong
    benji.subscribe("https://example.com", entity_type="ticket")  # wrong
    benti.create("tickets", "https://example.com", "secret")  # wrong
    answer = bento.events(iter([event]))[0].read(200, {}, b"")
    again: list[BentoEvent] = answer.handed_back
    other: list[BentoSubscriber] = answer.handed_back  # wrong
    salt: bytes | None = benji.subscribe("https://example.com").read(200, {}, b"").salt  # wrong
    return [
        answer.accepts,  # wrong
        refusal.code == "rate_limited",
        refusal.code == "rate_limit",  # wrong
        error.code == "insecure_host",
        error.code == "insecure_hosts",  # wrong
        (again, other, salt),
    ]


def of_payload(event: Event) -> str | None:
    answer: BentiAnswer = event.data
    if message := answer.get("action_data"):
        if message["contents"] == "":  # wrong
            return None
        return message.get("content")
    if answer.get("resource") is None:
        return answer["action"]
    return answer.get("resource")  # wrong


kind: Kind = KINDS[0]
kind = "user.joined"  # wrong
VENDORS.index("benji")
REJECTION_CODES.index("stale")
"""


@pytest.mark.parametrize(
    ("tool", "command", "found"),
    [
        ("mypy", ["--strict", "--warn-unreachable", "wrong.py"], r"wrong\.py:(\d+): error"),
        ("pyright", ["wrong.py"], r"wrong\.py:(\d+):\d+ - error"),
    ],
    ids=["mypy", "pyright"],
)
def test_the_tool_finds_each_misspelt_word(tool: str, command: list[str], found: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(MISSPELT)
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict"}))
    done = run([tool, *command], tmp_path)
    lines = {int(line) for line in re.findall(found, done.stdout)}
    mark = re.compile(f"# wrong(?: for {tool})?$")
    assert lines == {number for number, line in enumerate(MISSPELT.split("\n"), 1) if mark.search(line)}, done.stdout
