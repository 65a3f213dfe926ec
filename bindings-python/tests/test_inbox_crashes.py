"""A process that is killed between any two statements of receiving or working loses nothing and doubles nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inboxes import Database
from postgres_servers import Server

pytest_plugins = ["inbox_fixtures"]

HERE = Path(__file__).parent


def reports(what: str, client: str, request: pytest.FixtureRequest, tmp_path: Path) -> list[dict[str, Any]]:
    server: Server | None = request.getfixturevalue("postgres") if client == "postgresql" else None
    database = Database(client, server, tmp_path)
    database.close()
    place = database.url or str(database.path)
    command = [sys.executable, str(HERE / "inbox_crashes.py"), what, client, place]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("client", ["postgresql", "sqlite"])
def test_a_receiver_that_is_killed_loses_nothing_that_it_answered(
    client: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    found = reports("receive", client, request, tmp_path)
    assert [report["killed"] for report in found] == [True] * (len(found) - 1) + [False]
    assert len(found) > 8
    for report in found:
        rows = report["crashed"]["rows"]
        assert rows in ([], [["waiting", 0]])
        assert report["repeated"] == ("duplicate" if rows else "stored")
        assert not report["answer"] or rows
        assert report["finished"] == {"rows": [["done", 1]], "effects": 1}
    assert found[-1]["answer"] == "stored"
    # Some kills came before the commit, and some after it.
    assert {len(report["crashed"]["rows"]) for report in found if report["killed"]} == {0, 1}


@pytest.mark.parametrize("client", ["postgresql", "sqlite"])
def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(
    client: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    found = reports("work", client, request, tmp_path)
    assert [report["killed"] for report in found] == [True] * (len(found) - 1) + [False]
    assert len(found) > 12
    for report in found:
        assert report["crashed"]["effects"] == (report["crashed"]["rows"][0][0] == "done")
        ((state, attempts),) = report["finished"]["rows"]
        assert (state, report["finished"]["effects"], attempts in (1, 2)) == ("done", 1, True)
    assert {report["crashed"]["rows"][0][0] for report in found} == {"waiting", "taken", "done"}
