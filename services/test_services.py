"""The three services with their workers, as processes of their own on a real PostgreSQL.

    make test-services

Each service is written as its language's documentation says. They share the table, so each worker also handles what
the service of another language has stored.
"""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

import hookseal
from postgres_servers import Server

SERVICES = Path(__file__).parent
TABLES = [SERVICES.parent / "core/inbox/postgresql.sql", SERVICES / "events.sql"]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or SERVICES.parent / "target")
SALT = "salt-7f3c9b1e"
LONGEST_SECONDS = 60

PYTHON = [
    sys.executable,
    "-m",
    "uvicorn",
    "--app-dir",
    str(SERVICES / "fastapi"),
    "--port",
    "0",
    "service:app",
]
RUST = str(TARGET / "debug/hookseal-service")
SERVE = {
    "fastapi": PYTHON,
    "express": ["node", str(SERVICES / "express/service.js")],
    "axum": [RUST, "serve", "127.0.0.1:0"],
}
WORK = {
    "fastapi": [sys.executable, str(SERVICES / "fastapi/worker.py")],
    "express": ["node", str(SERVICES / "express/worker.js")],
    "axum": [RUST, "work"],
}
NAMES = list(SERVE)


class Process:
    """A service or a worker, with its output in a file."""

    def __init__(self, command: list[str], database: str, log: Path) -> None:
        self.log = log
        environment = os.environ | {
            "DATABASE_URL": database,
            "BENJI_SALT": SALT,
            "PORT": "0",
        }
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
            )

    def port(self) -> int:
        for _ in waiting():
            assert self.process.poll() is None, self.log.read_text()
            if found := re.search(
                r"(?:listening on|running on) \S*?(\d+)(?:\s|$)",
                self.log.read_text(),
                re.IGNORECASE,
            ):
                return int(found[1])
        raise AssertionError(self.log.read_text())

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONGEST_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def waiting() -> Iterator[None]:
    end = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end:
        yield
        time.sleep(0.02)


class Place:
    """A database, and the processes that use it."""

    def __init__(
        self, server: Server, database: str, folder: Path, stack: ExitStack
    ) -> None:
        self.server, self.url, self._folder, self._stack = (
            server,
            database,
            folder,
            stack,
        )

    def start(self, command: list[str]) -> Process:
        process = Process(command, self.url, self._folder / str(time.monotonic_ns()))
        self._stack.callback(process.kill)
        return process

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(text)
            return cursor.fetchall() if cursor.description else []

    def wait_until(self, text: str, expected: list[tuple[Any, ...]]) -> None:
        found: Any = None
        for _ in waiting():
            found = self.query(text)
            if found == expected:
                return
        raise AssertionError(f"{text}: {found}")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def at(server: Server) -> Iterator[Place]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        at = Place(
            server, server.url(server.new_database(has_table=False)), folder, stack
        )
        for file in TABLES:
            at.query(file.read_text())
        yield at


def benji(number: int) -> tuple[dict[str, str], bytes]:
    body = b'{"event":"transaction_created","entity_type":3,"entity_id":%d}' % number
    return hookseal.sign.benji(SALT, body), body


def post(port: int, headers: dict[str, str], body: bytes) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_SECONDS)
    with suppress(OSError):
        connection.request("POST", "/benji", body, headers)
        response = connection.getresponse()
        assert response.read() in (
            b"",
            b"OK",
            b"Accepted",
            b"Unauthorized",
            b"Service Unavailable",
        )
        return response.status
    return 0


@pytest.mark.parametrize(
    ("receives", "handles"), list(zip(NAMES, [*NAMES[1:], NAMES[0]], strict=True))
)
def test_one_language_receives_and_another_handles(
    at: Place, receives: str, handles: str
) -> None:
    port = at.start(SERVE[receives]).port()
    headers, body = benji(1)
    assert post(port, headers, body) == 202
    assert post(port, headers, body) == 200
    assert post(port, headers, body.replace(b"1}", b"2}")) == 401
    assert at.query("SELECT state, attempts FROM hookseal_inbox") == [("waiting", 0)]
    worker = at.start(WORK[handles])
    at.wait_until(
        "SELECT kind, subject FROM events", [("transaction.created", "transaction/1")]
    )
    at.wait_until("SELECT state, attempts FROM hookseal_inbox", [("done", 1)])
    # What is stored while the worker waits.
    assert post(port, *benji(2)) == 202
    at.wait_until("SELECT count(*) FROM events", [(2,)])
    assert post(port, headers, body) == 200
    assert worker.stop() == 0, worker.log.read_text()
    assert at.query("SELECT count(*), count(DISTINCT id) FROM events") == [(2, 2)]


@pytest.mark.parametrize("name", NAMES)
def test_an_equal_delivery_after_the_retention_is_new(at: Place, name: str) -> None:
    port = at.start(SERVE[name]).port()
    headers, body = benji(1)
    assert [post(port, headers, body) for _ in range(2)] == [202, 200]
    at.query("UPDATE hookseal_inbox SET key_until = now()")
    assert [post(port, headers, body) for _ in range(2)] == [202, 200]
    assert at.query(
        "SELECT key IS NULL, state FROM hookseal_inbox ORDER BY number"
    ) == [
        (True, "waiting"),
        (False, "waiting"),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_service_survives_its_database(at: Place, name: str) -> None:
    port, worker = at.start(SERVE[name]).port(), at.start(WORK[name])
    assert post(port, *benji(1)) == 202
    at.server.kill()
    assert post(port, *benji(2)) == 503
    at.server.start()
    for _ in waiting():
        if (status := post(port, *benji(3))) == 202:
            break
        assert status == 503
    assert post(port, *benji(4)) == 202
    at.wait_until(
        "SELECT subject FROM events ORDER BY 1",
        [(f"transaction/{n}",) for n in (1, 3, 4)],
    )
    assert worker.stop() == 0, worker.log.read_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_delivery_is_stored_though_its_sender_leaves(at: Place, name: str) -> None:
    port = at.start(SERVE[name]).port()
    headers, body = benji(1)
    with psycopg.connect(at.url) as lock:
        # Of all that `put` does only the INSERT waits, and that for up to two seconds.
        lock.execute("LOCK TABLE hookseal_inbox IN SHARE MODE")
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/benji", body, headers)
        at.wait_until("SELECT count(*) FROM pg_locks WHERE NOT granted", [(1,)])
        connection.close()
        time.sleep(0.2)
    at.wait_until("SELECT state FROM hookseal_inbox", [("waiting",)])
    assert post(port, headers, body) == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_worker_is_killed(at: Place, name: str) -> None:
    port = at.start(SERVE[name]).port()
    for number in range(60):
        assert post(port, *benji(number)) == 202
    for _ in range(6):
        worker = at.start(WORK[name])
        before = at.query("SELECT count(*) FROM events")
        for _ in waiting():
            if (
                at.query("SELECT count(*) FROM events") != before
                or worker.process.poll() is not None
            ):
                break
        assert worker.process.poll() is None, worker.log.read_text()
        worker.kill()
        # As if the lease had ended.
        at.query("UPDATE hookseal_inbox SET next_at = now() WHERE state = 'taken'")
        if at.query("SELECT count(*) FROM events") == [(60,)]:
            break
    last = at.start(WORK[name])
    assert post(port, *benji(60)) == 202
    at.wait_until("SELECT count(*), count(DISTINCT id) FROM events", [(61, 61)])
    at.wait_until("SELECT DISTINCT state FROM hookseal_inbox", [("done",)])
    assert last.stop() == 0
