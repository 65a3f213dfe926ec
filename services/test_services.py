"""The services with their workers, as processes of their own on a real PostgreSQL.

    make test-services

Each service is written as the documentation says. They share the tables, so each worker also handles what another
service has stored.
"""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

from hookseal import Delivery, Key, Receiver, sign
from postgres_servers import Server

SERVICES = Path(__file__).parent
TABLES = [SERVICES.parent / "core/inbox/postgresql.sql", SERVICES / "events.sql"]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or SERVICES.parent / "target")
LONGEST_SECONDS = 60

PYTHON = sys.executable
RUST = str(TARGET / "debug/hookseal-service")


@dataclass(frozen=True)
class Service:
    receive: list[str]
    work: list[str]
    make_tables: list[str] | None = None
    """The command that makes the tables. Without one the files of SQL do."""


FASTAPI, DJANGO, NEST = (str(SERVICES / name) for name in ("fastapi", "django", "nest"))
UVICORN = [PYTHON, "-m", "uvicorn", "--app-dir", FASTAPI, "--port", "0", "service:app"]
GUNICORN = [
    PYTHON,
    "-m",
    "gunicorn",
    "--chdir",
    DJANGO,
    "--bind",
    "127.0.0.1:0",
    "--no-control-socket",
    "wsgi",
]
MANAGE = [PYTHON, f"{DJANGO}/manage.py"]
ALL = {
    "fastapi": Service(UVICORN, [PYTHON, f"{FASTAPI}/worker.py"]),
    "django": Service(GUNICORN, [*MANAGE, "handle_webhooks"], [*MANAGE, "migrate"]),
    "nest": Service(
        ["node", f"{NEST}/target/main.js"], ["node", f"{NEST}/target/worker.js"]
    ),
    "axum": Service([RUST, "serve", "127.0.0.1:0"], [RUST, "work"]),
}
NAMES = list(ALL)

USER = "publishable-5d1c"
SECRETS = {
    "BENJI_SALT": "salt-7f3c9b1e",
    "BENJI_SALT_OLD": "salt-0a64d2c8",
    "BENTI_SECRET": "benti-91be03f7",
    "BENTI_SECRET_OLD": "benti-c25d7a40",
    "BENTO_SECRET": "bento-e8730b6d",
    "BENTO_SECRET_OLD": "bento-46f19ac5",
}


def environment(database: str, secrets: dict[str, str] = SECRETS) -> dict[str, str]:
    others = {"BENTO_USER": USER, "SECRET_KEY": "django-2b90", "PORT": "0"}
    return os.environ | secrets | others | {"DATABASE_URL": database}


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes = b""
    method: str = "POST"


def benji(number: int, salt: str = SECRETS["BENJI_SALT"], **when: float) -> Request:
    body = (
        b'{\n  "event": "transaction_created",\n  "entity_type": 3,\n  "entity_id": %d,\n  "amount": 1.50\n}'
        % number
    )
    return Request("/benji", sign.benji(salt, body, **when), body)


def benti(number: int, secret: str = SECRETS["BENTI_SECRET"]) -> Request:
    body = (
        b'{"events": ['
        b'{"id": "MDAw", "action": "close-ticket", "created_at": "20260304050607",'
        b' "body": {"ticket_id": "SHOP-%d", "status": 3}}, '
        b'{"id": 200, "item": "reply", "action": "add", "timestamp": 1772600767, "parent": %d}]}'
        % (number, number)
    )
    return Request("/benti", sign.benti(secret), body)


def bento(
    number: int, secret: str = SECRETS["BENTO_SECRET"], user: str = USER
) -> Request:
    """The second of its three events cannot be read, and costs the others nothing."""
    body = (
        b'{"events": [{"type": "$purchase", "email": "jo%d@example.com",\r\n'
        b' "details": {"unique": {"key": "1001"}, "value": {"currency": "USD", "amount": 149.00}}},'
        b' {"type": 7}, {"type": "account.signup", "email": "zo\xc3\xab@example.com"}]}'
        % number
    )
    return Request("/bento", sign.bento_basic(user, secret), body)


def genuine() -> list[Request]:
    """Of each vendor a request with the new key, and one with the old key. Of Benji also two of the older scheme."""
    requests = [benji(1), benji(2, SECRETS["BENJI_SALT_OLD"])]
    requests += [benti(1), benti(2, SECRETS["BENTI_SECRET_OLD"])]
    requests += [bento(1), bento(2, SECRETS["BENTO_SECRET_OLD"])]
    for salt, request in [("BENJI_SALT", benji(3)), ("BENJI_SALT_OLD", benji(4))]:
        older = sign.benji_body_only(SECRETS[salt], request.body)
        requests.append(replace(request, headers=older))
    return requests


def cloudevents(requests: list[Request]) -> list[str]:
    """What has to come out, in no order."""

    def keys(name: str) -> list[Key]:
        return [Key(SECRETS[name]), Key(SECRETS[f"{name}_OLD"])]

    receivers = {
        "/benji": Receiver.benji(keys("BENJI_SALT")),
        "/benti": Receiver.benti(keys("BENTI_SECRET")),
        "/bento": Receiver.bento(basic=(USER, keys("BENTO_SECRET"))),
    }
    lines = []
    for request in requests:
        delivery = receivers[request.path].receive(request.headers, request.body)
        assert isinstance(delivery, Delivery)
        lines += [event.to_cloudevent() for event in delivery]
    return sorted(lines)


class Process:
    """A service or a worker, with its output in a file."""

    def __init__(
        self, command: list[str], environment: dict[str, str], log: Path
    ) -> None:
        self.log = log
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
                r"(?:listening on|listening at:|running on) \S*?(\d+)(?:\s|$)",
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
        self, server: Server, url: str, folder: Path, stack: ExitStack
    ) -> None:
        self.server, self.url, self._folder, self._stack = server, url, folder, stack

    def start(self, command: list[str], secrets: dict[str, str] = SECRETS) -> Process:
        log = self._folder / str(time.monotonic_ns())
        process = Process(command, environment(self.url, secrets), log)
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

    def end_leases(self) -> None:
        """As if the time of the rows that a worker had taken were over."""
        self.query("UPDATE hookseal_inbox SET next_at = now() WHERE state = 'taken'")

    def subjects(self) -> list[str]:
        """What the worker has kept, if it was Benji's alone."""
        return sorted(
            json.loads(line)["subject"]
            for (line,) in self.query("SELECT line FROM events")
        )


class Places:
    """Makes databases, each with the tables that one service's documentation makes."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._numbers = count(1)
        for name, service in ALL.items():
            self._create(name, "template0")
            if service.make_tables:
                subprocess.run(
                    service.make_tables,
                    env=environment(server.url(name)),
                    check=True,
                    capture_output=True,
                )
                continue
            with server.connect(name) as connection:
                for file in TABLES:
                    connection.execute(file.read_bytes())

    def _create(self, name: str, template: str) -> None:
        with self.server.connect("postgres") as connection:
            statement = f"CREATE DATABASE {name} TEMPLATE {template}"
            connection.execute(statement.encode())

    def new(self, name: str, stack: ExitStack) -> Place:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        database = f"{name}_{next(self._numbers)}"
        self._create(database, name)
        return Place(self.server, self.server.url(database), folder, stack)


@pytest.fixture(scope="module")
def places() -> Iterator[Places]:
    with Server() as server:
        yield Places(server)


@pytest.fixture
def at(places: Places, name: str) -> Iterator[Place]:
    with ExitStack() as stack:
        yield places.new(name, stack)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def send(port: int, request: Request) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_SECONDS)
    connection.request(request.method, request.path, request.body, request.headers)
    response = connection.getresponse()
    return Answer(response.status, response.headers, response.read())


def post(port: int, request: Request) -> int:
    """Returns the status. 0: the service has ended the connection."""
    with suppress(OSError, http.client.HTTPException):
        answer = send(port, request)
        assert answer.body == b"", answer
        return answer.status
    return 0


@pytest.mark.parametrize(
    ("name", "handles"), list(zip(NAMES, [*NAMES[1:], NAMES[0]], strict=True))
)
def test_one_service_receives_and_another_handles(
    at: Place, handles: str, name: str
) -> None:
    service = at.start(ALL[name].receive)
    port, requests = service.port(), genuine()
    assert [post(port, request) for request in requests] == [202] * len(requests)
    assert [post(port, request) for request in requests] == [200] * len(requests)
    states = "SELECT state, attempts, count(*) FROM hookseal_inbox GROUP BY 1, 2"
    assert at.query(states) == [("waiting", 0, len(requests))]
    log = service.log.read_text()
    assert [key for key in SECRETS if f"stored, key {key}\n" not in log] == []

    worker = at.start(ALL[handles].work)
    at.wait_until(states, [("done", 1, len(requests))])
    # What is stored while the worker waits.
    requests.append(benji(5))
    assert post(port, requests[-1]) == 202
    at.wait_until(states, [("done", 1, len(requests))])
    assert [post(port, request) for request in requests] == [200] * len(requests)
    assert worker.stop() == 0, worker.log.read_text()

    lines = [line for (line,) in at.query("SELECT line FROM events")]
    assert sorted(lines) == cloudevents(requests)
    assert len(lines) == 13
    assert not any("\n" in line or "\r" in line for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_after_the_rotation_the_old_keys_are_refused(at: Place, name: str) -> None:
    new = {key: secret for key, secret in SECRETS.items() if not key.endswith("_OLD")}
    port = at.start(ALL[name].receive, new).port()
    for make, key in [
        (benji, "BENJI_SALT"),
        (benti, "BENTI_SECRET"),
        (bento, "BENTO_SECRET"),
    ]:
        assert post(port, make(1, SECRETS[f"{key}_OLD"])) == 401
        assert post(port, make(1, SECRETS[key])) == 202


@pytest.fixture(scope="module", params=NAMES)
def running(
    places: Places, request: pytest.FixtureRequest
) -> Iterator[tuple[Place, Process]]:
    """A service that stores nothing in any of the tests that use it."""
    with ExitStack() as stack:
        at = places.new(request.param, stack)
        process = at.start(ALL[request.param].receive)
        yield at, process


def forged() -> dict[str, tuple[Request, int]]:
    good, now = benji(1), time.time()
    name = "x-benji-timestamp"
    earlier = {name: benji(1, time=now - 60).headers[name]}
    return {
        "Benji: another salt": (benji(1, "salt-of-a-thief"), 401),
        "Benji: another body": (replace(good, body=benji(2).body), 401),
        "Benji: another time": (replace(good, headers=good.headers | earlier), 401),
        "Benji: stale": (benji(1, time=now - 301), 400),
        "Benji: from the future": (benji(1, time=now + 330), 400),
        "Benji: no signature": (replace(good, headers={}), 401),
        "Benji: Benti's secret": (replace(good, headers=benti(1).headers), 401),
        "Benji: a body that is no event": (
            Request("/benji", sign.benji(SECRETS["BENJI_SALT"], b"{"), b"{"),
            400,
        ),
        "Benji: compressed": (
            replace(good, headers=good.headers | {"content-encoding": "gzip"}),
            415,
        ),
        "Benti: another secret": (benti(1, "secret-of-a-thief"), 401),
        "Benti: no secret": (replace(benti(1), headers={}), 401),
        "Bento: another secret": (bento(1, "secret-of-a-thief"), 401),
        "Bento: another user": (bento(1, user="publishable-0"), 401),
        "Bento: no credentials": (replace(bento(1), headers={}), 401),
    }


def test_forged_requests_are_refused(running: tuple[Place, Process]) -> None:
    at, service = running
    port, cases = service.port(), forged()
    found = {case: post(port, request) for case, (request, _) in cases.items()}
    assert found == {case: status for case, (_, status) in cases.items()}
    assert at.query("SELECT count(*) FROM hookseal_inbox") == [(0,)]
    log = service.log.read_text()
    sent = {
        value for request, _ in cases.values() for value in request.headers.values()
    }
    assert [text for text in [*SECRETS.values(), *sent] if text in log] == []


def test_other_methods_are_refused(running: tuple[Place, Process]) -> None:
    at, service = running
    port, good = service.port(), [benji(1), benti(1), bento(1)]
    for method in ("PUT", "DELETE", "PATCH"):
        requests = [replace(request, method=method) for request in good]
        assert [send(port, request).status for request in requests] == [405] * 3
    assert at.query("SELECT count(*) FROM hookseal_inbox") == [(0,)]


@pytest.mark.parametrize("key", ["BENTI_SECRET", "BENTI_SECRET_OLD"])
def test_the_handshake_of_benti_is_answered(
    running: tuple[Place, Process], key: str
) -> None:
    port = running[1].port()
    headers = sign.benti_handshake(SECRETS[key], "challenge-3f")
    answer = send(port, Request("/benti", headers, method="GET"))
    assert (answer.status, answer.body) == (200, b"challenge-3f")
    assert answer.headers["x-inbenta-challenge"] == "challenge-3f"
    assert answer.headers["content-type"].startswith("text/plain")
    forged = sign.benti_handshake("secret-of-a-thief", "challenge-3f")
    refused = send(port, Request("/benti", forged, method="GET"))
    assert (refused.status, refused.body) == (401, b"")
    assert "challenge-3f" not in str(refused.headers)


@pytest.mark.parametrize(
    ("good", "limit"), [(benji, 65_536), (benti, 1_048_576), (bento, 4_194_304)]
)
def test_a_body_over_the_limit_is_refused_before_it_is_read(
    running: tuple[Place, Process], good: Any, limit: int
) -> None:
    request = good(1)
    connection = http.client.HTTPConnection(
        "127.0.0.1", running[1].port(), timeout=LONGEST_SECONDS
    )
    connection.putrequest("POST", request.path)
    for header in (request.headers | {"content-length": str(limit + 1)}).items():
        connection.putheader(*header)
    connection.endheaders()
    # The body never comes.
    assert connection.getresponse().status == 413


@pytest.mark.parametrize("name", NAMES)
def test_an_equal_delivery_after_the_retention_is_new(at: Place, name: str) -> None:
    port = at.start(ALL[name].receive).port()
    request = benji(1)
    assert [post(port, request) for _ in range(2)] == [202, 200]
    at.query("UPDATE hookseal_inbox SET key_until = now()")
    assert [post(port, request) for _ in range(2)] == [202, 200]
    assert at.query(
        "SELECT key IS NULL, state FROM hookseal_inbox ORDER BY number"
    ) == [
        (True, "waiting"),
        (False, "waiting"),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_service_survives_its_database(at: Place, name: str) -> None:
    port, worker = at.start(ALL[name].receive).port(), at.start(ALL[name].work)
    assert post(port, benji(1)) == 202
    at.server.kill()
    assert post(port, benji(2)) == 503
    at.server.start()
    for _ in waiting():
        if (status := post(port, benji(3))) == 202:
            break
        assert status == 503
    assert post(port, benji(4)) == 202
    at.end_leases()
    at.wait_until("SELECT count(*) FROM events", [(3,)])
    assert at.subjects() == [f"transaction/{number}" for number in (1, 3, 4)]
    assert worker.stop() == 0, worker.log.read_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_delivery_is_stored_though_its_sender_leaves(at: Place, name: str) -> None:
    port = at.start(ALL[name].receive).port()
    request = benji(1)
    with psycopg.connect(at.url) as lock:
        # Of all that `put` does only the INSERT waits, and that for up to two seconds.
        lock.execute("LOCK TABLE hookseal_inbox IN SHARE MODE")
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", request.path, request.body, request.headers)
        at.wait_until("SELECT count(*) FROM pg_locks WHERE NOT granted", [(1,)])
        connection.close()
        time.sleep(0.2)
    at.wait_until("SELECT state FROM hookseal_inbox", [("waiting",)])
    assert post(port, request) == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_worker_is_killed(at: Place, name: str) -> None:
    port = at.start(ALL[name].receive).port()
    for number in range(60):
        assert post(port, benji(number)) == 202
    for _ in range(6):
        worker = at.start(ALL[name].work)
        before = at.query("SELECT count(*) FROM events")
        for _ in waiting():
            if (
                at.query("SELECT count(*) FROM events") != before
                or worker.process.poll() is not None
            ):
                break
        assert worker.process.poll() is None, worker.log.read_text()
        worker.kill()
        at.end_leases()
        if at.query("SELECT count(*) FROM events") == [(60,)]:
            break
    last = at.start(ALL[name].work)
    assert post(port, benji(60)) == 202
    at.wait_until("SELECT count(*), count(DISTINCT line) FROM events", [(61, 61)])
    at.wait_until("SELECT DISTINCT state FROM hookseal_inbox", [("done",)])
    assert last.stop() == 0
