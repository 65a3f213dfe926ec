"""Each recipe as a process of its own, with requests over a real socket and real queues.

    make test-recipes-python

The queue of SQS is moto's server, which speaks SQS's protocol, because SQS itself cannot be run here.
"""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPResponse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

import hookseal
import redis_servers
import wire

HERE = Path(__file__).parent
SALT, SECRET = "salt-7f3c9b1e", "yourOwnSecretCode"
LIMITS = {
    "/benji": hookseal.Receiver.benji(SALT).body_limit,
    "/benti": hookseal.Receiver.benti(SECRET).body_limit,
}
LONGEST_SECONDS = 60
AWS = {
    "AWS_ACCESS_KEY_ID": "of-a-test",
    "AWS_SECRET_ACCESS_KEY": "of-a-test",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


class Process:
    """A program with its output in a file."""

    def __init__(self, command: list[str], log: Path, **environment: str) -> None:
        self._log = log
        own = {"BENJI_SALT": SALT, "BENTI_SECRET": SECRET, "PORT": "0"}
        own |= {"DJANGO_SECRET_KEY": "x", "DJANGO_SETTINGS_MODULE": "ninja_settings"}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=HERE,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | own | environment | {"PYTHONUNBUFFERED": "1"},
                # The worker of Celery has child processes, which end with it.
                start_new_session=True,
            )

    def output(self) -> str:
        return self._log.read_text()

    def wait_for(self, pattern: str) -> str:
        for _ in waiting(self.output):
            assert self.process.poll() is None, self.output()
            if found := re.search(pattern, self.output()):
                return found[found.re.groups]
        raise AssertionError

    def port(self) -> int:
        return int(
            self.wait_for(
                r"(?i)(?:running on|listening at:) http://127\.0\.0\.1:(\d+)\s"
            )
        )

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONGEST_SECONDS)

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def waiting(shown: Any) -> Iterator[None]:
    """Waits between two looks, and fails after the longest time with what is there to show."""
    end = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end:
        yield
        time.sleep(0.02)
    raise AssertionError(shown())


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


class Place:
    """Starts programs, and ends them after the tests."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.folder = Path(stack.enter_context(TemporaryDirectory()))

    def start(self, *arguments: str, **environment: str) -> Process:
        process = Process(
            python(*arguments), self.folder / str(time.monotonic_ns()), **environment
        )
        self._stack.callback(process.kill)
        return process


@pytest.fixture
def at() -> Iterator[Place]:
    with ExitStack() as stack:
        yield Place(stack)


class Framework(NamedTuple):
    command: tuple[str, ...]
    repeated: int = 400
    """The status for a header that comes twice."""
    closes: tuple[str, ...] = ()
    """The refusals after which the server closes the connection, which HTTP allows."""


GUNICORN = (
    "-m",
    "gunicorn",
    "--bind=127.0.0.1:0",
    "--threads=4",
    "--no-control-socket",
)
FRAMEWORKS = {
    "aiohttp": Framework(("aiohttp_service.py",)),
    "litestar": Framework(("-m", "uvicorn", "--port=0", "litestar_service:app")),
    "quart": Framework(("-m", "hypercorn", "--bind=127.0.0.1:0", "quart_service:app")),
    # WSGI servers join the values of a repeated header. Gunicorn does not take 64 KiB that the view has left.
    "ninja": Framework(
        (*GUNICORN, "ninja_service:application"), repeated=401, closes=("large",)
    ),
}


class Service(NamedTuple):
    framework: Framework
    process: Process
    port: int

    def events(self) -> list[str]:
        return re.findall(r"^(\w+\.\w+ '.*')$", self.process.output(), re.MULTILINE)

    def post(
        self, headers: dict[str, str], body: bytes, path: str = "/benji"
    ) -> wire.Reply:
        return wire.exchange(self.port, "POST", path, headers.items(), body)


@pytest.fixture(scope="module", params=FRAMEWORKS)
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    with ExitStack() as stack:
        framework = FRAMEWORKS[request.param]
        process = Place(stack).start(*framework.command)
        yield Service(framework, process, process.port())
        assert "Traceback" not in process.output(), process.output()


def benji(number: int, size: int = 0) -> tuple[dict[str, str], bytes]:
    body = b'{"event":"transaction_created","entity_type":3,"entity_id":%d}' % number
    body = body.ljust(size)
    return hookseal.sign.benji(SALT, body), body


def genuine(path: str, size: int = 0) -> tuple[dict[str, str], bytes]:
    """A request for a path, with a body of at least a size."""
    if path == "/benji":
        return benji(2, size)
    body = b'[{"id":7,"item":"ticket","action":"add"}]'.ljust(size)
    return hookseal.sign.benti(SECRET), body


def assert_refused(reply: wire.Reply, status: int) -> None:
    assert (reply.status, reply.body) == (status, b"")


def test_a_genuine_delivery_reaches_the_handler(service: Service) -> None:
    reply = service.post(*benji(1))
    assert (reply.status, reply.body) == (204, b"")
    assert service.events()[-1] == "transaction.created '1'"
    assert service.post(*genuine("/benti"), "/benti").status == 204
    assert service.events()[-1] == "ticket.created '7'"


@pytest.mark.parametrize("path", LIMITS)
def test_a_body_of_the_limit_is_read_whole(service: Service, path: str) -> None:
    headers, body = genuine(path, LIMITS[path])
    assert service.post(headers, body, path).status == 204
    chunks = [body[:1], body[1:100], body[100:]]
    reply = wire.exchange_chunked(service.port, path, headers.items(), chunks)
    assert reply.status == 204


def test_a_forged_delivery_is_refused(service: Service) -> None:
    before = service.events()
    headers, body = benji(3)
    assert_refused(service.post(headers, body.replace(b"3}", b"4}")), 401)
    assert_refused(service.post(hookseal.sign.benti("another"), body, "/benti"), 401)
    assert service.events() == before


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_body_is_refused_and_not_unpacked(
    service: Service, encoding: str
) -> None:
    headers, body = benji(3)
    assert_refused(service.post(headers | {"Content-Encoding": encoding}, body), 415)
    assert "Traceback" not in service.process.output()


def test_a_request_without_a_signature_is_refused_before_its_body(
    service: Service,
) -> None:
    for framing in (("Content-Length", "60000"), ("Transfer-Encoding", "chunked")):
        assert_refused(wire.exchange_raw(service.port, "/benji", [framing], b""), 401)


def test_a_stale_delivery_is_refused(service: Service) -> None:
    _, body = benji(4)
    headers = hookseal.sign.benji(SALT, body, time.time() - 3_600)
    assert_refused(service.post(headers, body), 400)


@pytest.mark.parametrize("path", LIMITS)
def test_a_body_that_is_announced_as_too_large_is_refused_before_it_comes(
    service: Service, path: str
) -> None:
    headers, _ = genuine(path)
    announced = [*headers.items(), ("Content-Length", str(LIMITS[path] + 1))]
    assert_refused(wire.exchange_raw(service.port, path, announced, b""), 413)


@pytest.mark.parametrize("path", LIMITS)
@pytest.mark.parametrize("size", [10_000_000, 1_000])
def test_a_body_without_an_end_is_refused_at_the_limit(
    service: Service, path: str, size: int
) -> None:
    # Gunicorn reads at least 1,024 bytes at once.
    headers, body = genuine(path, LIMITS[path] + 1_025)
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    reply = wire.exchange_chunked(
        service.port, path, headers.items(), chunks, end=False
    )
    assert_refused(reply, 413)


def test_a_handshake_is_answered(service: Service) -> None:
    headers = hookseal.sign.benti_handshake(SECRET, "a-challenge")
    reply = wire.exchange(service.port, "GET", "/benti", headers.items())
    expected = hookseal.Receiver.benti(SECRET).receive(headers, b"", method="GET")
    assert isinstance(expected, hookseal.Handshake)
    assert (reply.status, reply.body) == (expected.status, expected.body.encode())
    assert expected.headers.items() <= reply.headers.items()
    del headers["x-hook-signature"]
    assert_refused(wire.exchange(service.port, "GET", "/benti", headers.items()), 401)


def test_a_repeated_header_is_refused(service: Service) -> None:
    headers, body = benji(7)
    twice = [*headers.items(), ("x-benji-signature", headers["x-benji-signature"])]
    assert_refused(
        wire.exchange(service.port, "POST", "/benji", twice, body),
        service.framework.repeated,
    )


def test_other_methods_are_refused(service: Service) -> None:
    headers, body = benji(8)
    reply = wire.exchange(service.port, "PUT", "/benji", headers.items(), body)
    assert reply.status == 405
    assert "POST" in reply.headers["allow"]


def test_a_connection_is_used_again_after_a_refusal(service: Service) -> None:
    headers, body = benji(9)
    unsigned = {
        name: value for name, value in headers.items() if "signature" not in name
    }
    stale = hookseal.sign.benji(SALT, body, time.time() - 3_600)
    for name, refused, sent, status in (
        ("unsigned", unsigned, body, 401),
        ("forged", headers, body.replace(b"9}", b"8}"), 401),
        ("stale", stale, body, 400),
        ("large", headers, body.ljust(LIMITS["/benji"] + 1), 413),
    ):
        with socket.create_connection(
            ("127.0.0.1", service.port), timeout=LONGEST_SECONDS
        ) as connection:
            assert ask(connection, refused, sent).status == status
            if name in service.framework.closes:
                with pytest.raises(ConnectionError):
                    ask(connection, headers, body)
            else:
                assert [ask(connection, headers, body).status for _ in range(2)] == [
                    204,
                    204,
                ], name


def ask(connection: socket.socket, headers: dict[str, str], body: bytes) -> wire.Reply:
    """Sends a request, and leaves the connection open."""
    lines = ["POST /benji HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    response = HTTPResponse(connection, method="POST")
    response.begin()
    answered = {name.lower(): value for name, value in response.getheaders()}
    return wire.Reply(response.status, answered, response.read())


def test_a_sender_that_leaves_stops_nothing(service: Service) -> None:
    headers, body = benji(10)
    announced = [*headers.items(), ("Content-Length", str(len(body)))]
    before = service.events()
    for reset in (False, True):
        wire.leave(
            service.port, "/benji", announced, body[:-1], lambda: None, reset=reset
        )
    assert service.post(*benji(11)).status == 204
    assert service.events() == [*before, "transaction.created '11'"]


class Database:
    """The database of a worker."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "service.db")

    def run(self, text: str) -> list[Any]:
        with closing(sqlite3.connect(self.path)) as database, database:
            return database.execute(text).fetchall()

    def subjects(self) -> list[str]:
        return [
            subject
            for (subject,) in self.run("SELECT subject FROM events ORDER BY subject")
        ]

    def wait_for(self, *numbers: int) -> None:
        """Until exactly these transactions are there, in any order."""
        expected = [f"transaction/{number}" for number in numbers]
        for _ in waiting(self.subjects):
            if self.subjects() == expected:
                return

    def locked(self) -> Any:
        """A handler waits for the database until this connection is closed."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        return closing(connection)


def post(port: int, headers: dict[str, str], body: bytes) -> int:
    reply = wire.exchange(port, "POST", "/benji", headers.items(), body)
    assert reply.body == b""
    assert ("retry-after" in reply.headers) == (reply.status == 503)
    return reply.status


class Celery(NamedTuple):
    server: redis_servers.Server
    database: Database
    port: int
    at: Place

    def start(self) -> Process:
        command = (
            "celery",
            "--app",
            "celery_worker",
            "worker",
            "--queues",
            "webhooks",
            "--loglevel",
            "INFO",
        )
        return self.at.start(
            "-m", *command, REDIS_URL=self.url(), DATABASE=self.database.path
        )

    def url(self) -> str:
        return f"redis://127.0.0.1:{self.server.port}"


@pytest.fixture
def celery(at: Place) -> Iterator[Celery]:
    with redis_servers.Server(
        "--appendonly", "yes", "--appendfsync", "always"
    ) as server:
        url = f"redis://127.0.0.1:{server.port}"
        port = at.start(*GUNICORN, "celery_service:app", REDIS_URL=url).port()
        yield Celery(server, Database(at.folder), port, at)


CELERY_TABLE = "CREATE TABLE events (id TEXT PRIMARY KEY, kind TEXT, subject TEXT)"


def test_celery_handles_a_delivery_once_and_again_after_a_failure(
    celery: Celery,
) -> None:
    headers, body = benji(1)
    assert [post(celery.port, headers, body) for _ in range(2)] == [202, 202]
    assert post(celery.port, headers, body.replace(b"1}", b"2}")) == 401
    with closing(celery.server.client()) as client:
        assert client.llen("webhooks") == 2
    worker = celery.start()
    worker.wait_for("Retry in .*no such table")
    celery.database.run(CELERY_TABLE)
    celery.database.wait_for(1)
    worker.wait_for("a repetition")
    assert post(celery.port, *benji(2)) == 202
    celery.database.wait_for(1, 2)
    # As if the worker had been killed before it confirmed its claim.
    with closing(celery.server.client()) as client:
        client.delete(*client.keys("hookseal*"))
        assert post(celery.port, headers, body) == 202
        for _ in waiting(worker.output):
            values = [client.get(key) for key in client.keys("hookseal*")]
            if [value for value in values if value.startswith(b"+")]:
                break
    assert worker.stop() == 0, worker.output()
    assert worker.output().count("a repetition") == 1
    celery.database.wait_for(1, 2)


def test_celery_keeps_a_delivery_whose_worker_is_killed(celery: Celery) -> None:
    celery.database.run(CELERY_TABLE)
    worker = celery.start()
    worker.wait_for("ready.")
    with closing(celery.server.client()) as client:
        with celery.database.locked():
            assert post(celery.port, *benji(1)) == 202
            for _ in waiting(worker.output):
                if claims := client.keys("hookseal*"):
                    break
            children = subprocess.run(
                ["ps", "-o", "pid=", "--ppid", str(worker.process.pid)],
                capture_output=True,
            )
            for child in children.stdout.split():
                os.kill(int(child), signal.SIGKILL)
            worker.wait_for("WorkerLostError")
        # As if the claim's lease had ended.
        client.delete(*claims)
    celery.database.wait_for(1)
    assert worker.stop() == 0, worker.output()


def test_the_service_of_celery_survives_its_queue(celery: Celery) -> None:
    assert post(celery.port, *benji(1)) == 202
    celery.server.kill()
    assert post(celery.port, *benji(2)) == 503
    celery.server.start()
    assert post(celery.port, *benji(3)) == 202
    with closing(celery.server.client()) as client:
        server = client.info()["process_id"]
    os.kill(server, signal.SIGSTOP)
    assert post(celery.port, *benji(4)) == 503
    # It may have been queued all the same.
    os.kill(server, signal.SIGCONT)
    celery.server.kill()
    celery.server.start()
    # The service's connections have ended, which it does not know yet.
    assert post(celery.port, *benji(5)) == 202
    celery.database.run(CELERY_TABLE)
    worker = celery.start()
    for _ in waiting(worker.output):
        if set(celery.database.subjects()) >= {f"transaction/{n}" for n in (1, 3, 5)}:
            break
    assert worker.stop() == 0, worker.output()


class Sqs(NamedTuple):
    server: Process
    database: Database
    environment: dict[str, str]
    port: int
    at: Place

    def start(self) -> Process:
        return self.at.start(
            "sqs_worker.py", **self.environment, DATABASE=self.database.path
        )


@pytest.fixture
def sqs(at: Place, monkeypatch: pytest.MonkeyPatch) -> Sqs:
    server = at.start("-m", "moto.server", "--host=127.0.0.1", "--port=0")
    environment = AWS | {"AWS_ENDPOINT_URL_SQS": f"http://127.0.0.1:{server.port()}"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("sqs")
    created = client.create_queue(
        QueueName="webhooks", Attributes={"VisibilityTimeout": "1"}
    )
    environment["QUEUE_URL"] = created["QueueUrl"]
    port = at.start(*GUNICORN, "sqs_service:app", **environment).port()
    return Sqs(server, Database(at.folder), environment, port, at)


SQS_HANDLED = "CREATE TABLE handled (key TEXT PRIMARY KEY, until REAL)"
SQS_EVENTS = "CREATE TABLE events (id TEXT, kind TEXT, subject TEXT)"


def test_sqs_handles_a_delivery_once_and_again_after_a_failure(sqs: Sqs) -> None:
    sqs.database.run(SQS_HANDLED)
    headers, body = benji(1)
    assert [post(sqs.port, headers, body) for _ in range(2)] == [202, 202]
    assert post(sqs.port, headers, body.replace(b"1}", b"2}")) == 401
    worker = sqs.start()
    worker.wait_for("a delivery failed")
    assert sqs.database.run("SELECT * FROM handled") == []
    sqs.database.run(SQS_EVENTS)
    sqs.database.wait_for(1)
    worker.wait_for("a repetition")
    assert post(sqs.port, *benji(2)) == 202
    sqs.database.wait_for(1, 2)
    # After its retention an equal key is new.
    sqs.database.run(f"UPDATE handled SET until = {time.time() - 1}")
    assert post(sqs.port, headers, body) == 202
    sqs.database.wait_for(1, 1, 2)
    assert worker.stop() == 0, worker.output()
    assert worker.output().count("a repetition") == 1
    ends = sqs.database.run("SELECT until FROM handled")
    assert [0 < end - time.time() <= 601 for (end,) in ends] == [True]


def test_sqs_keeps_a_delivery_whose_worker_is_killed(sqs: Sqs) -> None:
    sqs.database.run(SQS_HANDLED)
    sqs.database.run(SQS_EVENTS)
    assert [post(sqs.port, *benji(number)) for number in (1, 2)] == [202, 202]
    with sqs.database.locked():
        worker = sqs.start()
        client = boto3.client("sqs")
        for _ in waiting(worker.output):
            attributes = client.get_queue_attributes(
                QueueUrl=sqs.environment["QUEUE_URL"], AttributeNames=["All"]
            )
            if attributes["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "1":
                break
        worker.kill()
    worker = sqs.start()
    sqs.database.wait_for(1, 2)
    assert worker.stop() == 0, worker.output()


def test_the_service_of_sqs_survives_its_queue(sqs: Sqs) -> None:
    sqs.server.kill()
    with pytest.raises(EndpointConnectionError):
        boto3.client("sqs").list_queues()
    assert post(sqs.port, *benji(1)) == 503
