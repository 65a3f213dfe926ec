"""`outgoing_httpx.py` and `bento_worker.py` against servers on loopback that stand in for the vendors.

make test-recipes-python
"""

import asyncio
import json
import logging
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import outgoing_httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

import servers
import wire
from hookseal import Delivery, Handshake, Receiver, Rejection, inbox, sign
from hookseal.inbox.sqlite import AsyncInbox
from hookseal.outgoing import (
    MAX_ANSWER_BYTES,
    Benti,
    Bento,
    BentoEvent,
    Outgoing,
    RateLimit,
    Refusal,
    Secret,
    Sent,
)
from hookseal.starlette import Webhook

HERE = Path(__file__).parent
PUBLISHABLE, SECRET_KEY, SITE = "publishable-1", "s3cret-of-bento", "1" * 32
LONGEST_SECONDS = 60


@contextmanager
def serving(*routes: Route) -> Iterator[str]:
    with servers.on_uvicorn(lambda: Starlette(routes=list(routes))) as running:
        yield f"http://127.0.0.1:{running.port}"


def wait_until(is_done: Callable[[], bool], shown: Callable[[], object]) -> None:
    end = time.monotonic() + LONGEST_SECONDS
    while not is_done():
        assert time.monotonic() < end, shown()
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def no_secret_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """httpx and its parts log each request at these levels."""
    caplog.set_level(logging.DEBUG)
    yield
    assert "s3cret" not in caplog.text


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.random", lambda: 0.0)


def send(request: Outgoing[Any]) -> Any:
    async def once() -> Any:
        async with outgoing_httpx.client() as client:
            return await outgoing_httpx.send(client, request)

    return asyncio.run(once())


def send_until_done(request: Outgoing[Any]) -> tuple[Any, bool]:
    async def until_done() -> tuple[Any, bool]:
        async with outgoing_httpx.client() as client:
            return await outgoing_httpx.send_until_done(client, request, RateLimit())

    return asyncio.run(until_done())


def users_server(secret: bytes, log: list[str]) -> Route:
    """The server of a user of hookseal, which answers Benti's verification."""
    receiver = Receiver.benti(secret)

    async def answer(request: Request) -> Response:
        try:
            received = receiver.receive(request.headers, b"", method=request.method)
        except Rejection as rejection:
            log.append(f"verification answered {rejection.status}")
            return Response(status_code=rejection.status)
        assert isinstance(received, Handshake)
        log.append(f"verification answered {received.status}")
        return PlainTextResponse(received.body, received.status, received.headers)

    return Route("/hooks/benti", answer, methods=["GET", "POST"])


def benti(users: str, log: list[str]) -> Route:
    """Stands in for Benti: it calls the new webhook while the creation waits for its answer.

    The `https` URL of the webhook leads to the user's server here.
    """

    async def create(request: Request) -> Response:
        log.append("creation arrived")
        assert request.headers["x-inbenta-key"] == "s3cret-api-key"
        assert request.headers["authorization"] == "Bearer s3cret-token"
        asked = await request.json()
        url = asked["url"].replace("https://hooks.example", users)
        headers = sign.benti_handshake(asked["secret"], "challenge-1f3a")
        async with httpx.AsyncClient() as client:
            verified = await client.get(url, headers=headers)
        log.append("creation answered")
        if (verified.status_code, verified.text) == (200, "challenge-1f3a"):
            return JSONResponse({"uuid": "0f8fad5b-d9cb"})
        return JSONResponse({"error": "verification failed"}, 400)

    return Route("/ticketing/v1/webhooks", create, methods=["POST"])


def create(of_the_server: bytes, sent: Secret, log: list[str]) -> Any:
    """Creates a webhook with one secret while the user's server has the same or another one."""
    with (
        serving(users_server(of_the_server, log)) as users,
        serving(benti(users, log)) as host,
    ):
        client = Benti(
            f"{host}/ticketing", api_key="s3cret-api-key", token="s3cret-token"
        )
        return send(client.create("ticket", "https://hooks.example/hooks/benti", sent))


def test_benti_verifies_a_webhook_before_its_creation_is_answered() -> None:
    secret, log = Benti.new_secret(os.urandom(32)), list[str]()
    created = create(secret.expose(), secret, log)
    assert created.id == "0f8fad5b-d9cb"
    assert log == [
        "creation arrived",
        "verification answered 200",
        "creation answered",
    ]


def test_benti_does_not_create_a_webhook_whose_server_has_another_secret() -> None:
    log = list[str]()
    with pytest.raises(Refusal) as raised:
        create(b"another", Benti.new_secret(os.urandom(32)), log)
    assert (raised.value.code, raised.value.is_final) == ("bad_request", True)
    said = b'{"error":"verification failed"}'
    assert outgoing_httpx.refused[-1] == ("bad_request", said)
    assert log == [
        "creation arrived",
        "verification answered 401",
        "creation answered",
    ]


class StandIn:
    """Stands in for Bento: it receives with hookseal, and counts each event once, by its key."""

    def __init__(self) -> None:
        self.calls = 0
        self.counted: dict[str, dict[str, Any]] = {}
        self.holds = threading.Event()
        """While it is set, the answers wait."""
        self.refuses = False
        self.fails = False
        """Whether it counts the events and then answers 503."""
        self.refuses_repetitions = False
        basic = (PUBLISHABLE, SECRET_KEY)
        self._receiver = Receiver.bento(
            basic=basic, id_key="of the stand-in, 32 bytes long.."
        )
        self._webhook = Webhook(self._receiver)

    def route(self) -> Route:
        async def receive(request: Request) -> Response:
            assert request.headers["user-agent"].startswith("hookseal/")
            delivery = await self._webhook(request)
            assert not delivery.malformed
            assert json.loads(await request.body())["site_uuid"] == SITE
            self.calls += 1
            are_known = all(event.id in self.counted for event in delivery)
            if self.refuses or (self.refuses_repetitions and are_known):
                return JSONResponse({"results": 0, "failed": len(delivery)})
            self.counted |= {event.id: event.data for event in delivery}
            while self.holds.is_set():
                await asyncio.sleep(0.01)
            if self.fails:
                self.fails = False
                return PlainTextResponse("s3cret@example.com? " * 1_000, 503)
            return JSONResponse({"results": len(delivery), "failed": 0})

        return Route("/batch/events", receive, methods=["POST"])


class Place:
    """A service with an inbox, and its worker, which is a process of its own."""

    def __init__(self, folder: Path, bento: str) -> None:
        self.database = folder / "service.db"
        self.log = folder / "log"
        self.log.touch()
        with closing(sqlite3.connect(self.database)) as database:
            database.executescript(inbox.tables("sqlite"))
            database.execute(
                "CREATE TABLE customers (ticket TEXT PRIMARY KEY, email TEXT)"
            )
            database.execute(
                "CREATE TABLE refused_answers (row INTEGER, code TEXT, body BLOB)"
            )
            database.execute(
                "INSERT INTO customers VALUES ('T-1', 's3cret@example.com')"
            )
            database.commit()
        self._bento = bento
        self._inbox = AsyncInbox(self.database)

    def service(self) -> Route:
        webhook = Webhook(Receiver.benti("s3cret-of-benti"), inbox=self._inbox)
        return Route("/benti", webhook.store, methods=["GET", "POST"])

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        own = {
            "BENTO_PUBLISHABLE_KEY": PUBLISHABLE,
            "BENTO_SECRET_KEY": SECRET_KEY,
            "BENTO_SITE_UUID": SITE,
            "BENTO_API_HOST": self._bento,
            "DATABASE": str(self.database),
        }
        with self.log.open("ab") as log:
            command = [sys.executable, "bento_worker.py"]
            process = subprocess.Popen(
                command, cwd=HERE, env=os.environ | own, stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def rows(self) -> list[tuple[str, int]]:
        with closing(sqlite3.connect(self.database)) as database:
            query = "SELECT state, attempts FROM hookseal_inbox ORDER BY number"
            return database.execute(query).fetchall()

    def errors(self) -> list[str | None]:
        with closing(sqlite3.connect(self.database)) as database:
            query = "SELECT error FROM hookseal_inbox ORDER BY number"
            return [error for (error,) in database.execute(query)]

    def refused_answers(self) -> list[tuple[int, str, bytes]]:
        with closing(sqlite3.connect(self.database)) as database:
            return database.execute("SELECT * FROM refused_answers").fetchall()

    def end_waits(self) -> None:
        """As if the lease of a worker, or the wait after a failure, had ended."""
        with closing(sqlite3.connect(self.database)) as database, database:
            database.execute(
                "UPDATE hookseal_inbox SET next_at = 0 WHERE state <> 'done'"
            )

    def wait_for(self, *rows: tuple[str, int]) -> None:
        wait_until(
            lambda: self.rows() == list(rows),
            lambda: (self.rows(), self.log.read_text()),
        )


def stop(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(LONGEST_SECONDS)


def answered(ticket: str) -> bytes:
    return json.dumps(
        {
            "action": "answer",
            "resource": ticket,
            "type": "ticket",
            "user": 7,
            "created_at": "20260304050607",
        }
    ).encode()


def post(service: str, body: bytes, secret: str = "s3cret-of-benti") -> int:
    port = int(service.rpartition(":")[2])
    return wire.exchange(
        port, "POST", "/benti", sign.benti(secret).items(), body
    ).status


def test_an_answered_ticket_becomes_one_event_of_bento(tmp_path: Path) -> None:
    bento = StandIn()
    with serving(bento.route()) as host:
        at = Place(tmp_path, host)
        with serving(at.service()) as service:
            assert [post(service, answered("T-1")) for _ in range(2)] == [202, 200]
            assert post(service, answered("T-1"), "another") == 401
            # No customer of ours: nothing is sent.
            assert post(service, answered("T-2")) == 202

            # The worker is killed while Bento has the event and has not answered yet.
            bento.holds.set()
            with at.worker() as worker:
                wait_until(lambda: bento.calls == 1, at.log.read_text)
                worker.kill()
            bento.holds.clear()
            assert at.rows() == [("taken", 1), ("waiting", 0)]

            # Bento refuses the event, so the row waits. The killed worker's attempt may have been counted. Then Bento
            # takes the event and fails, and the worker sends it again.
            bento.refuses = True
            at.end_waits()
            with at.worker() as worker:
                at.wait_for(("waiting", 2), ("done", 1))
                assert at.errors() == ["Undecided", None]
                bento.refuses, bento.fails = False, True
                at.end_waits()
                at.wait_for(("done", 3), ("done", 1))
                assert stop(worker) == 0, at.log.read_text()

    (event,) = bento.counted.values()
    assert bento.calls == 4
    assert (event["type"], event["email"]) == ("ticket.answered", "s3cret@example.com")
    body = answered("T-1")
    delivery = Receiver.benti("s").receive(sign.benti("s"), body)
    assert isinstance(delivery, Delivery)
    assert event["details"] == {"unique": {"key": delivery[0].id}, "ticket": "T-1"}
    assert "s3cret" not in at.log.read_text()


def test_a_row_says_whether_bento_may_have_its_event(tmp_path: Path) -> None:
    bento = StandIn()
    with serving(bento.route()) as host:
        at = Place(tmp_path, host)
        with serving(at.service()) as service:
            bento.refuses = True
            assert post(service, answered("T-1")) == 202
            with at.worker() as worker:
                at.wait_for(("waiting", 1))
                assert stop(worker) == 0
            assert at.errors() == ["Refused"]
            assert at.refused_answers() == []

            # Bento counts the event, fails, and then does not count the repetition.
            bento.refuses, bento.fails, bento.refuses_repetitions = False, True, True
            with closing(sqlite3.connect(at.database)) as database, database:
                database.execute("UPDATE hookseal_inbox SET attempts = 0, next_at = 0")
            with at.worker() as worker:
                at.wait_for(("waiting", 1))
                assert stop(worker) == 0
    assert (bento.calls, len(bento.counted)) == (3, 1)
    assert at.errors() == ["Undecided"]
    body = (b"s3cret@example.com? " * 1_000)[:2_048]
    assert at.refused_answers() == [(1, "server_error", body)]
    assert "s3cret" not in at.log.read_text()


def test_a_worker_that_was_too_slow_says_that_another_one_has_the_row(
    tmp_path: Path,
) -> None:
    bento = StandIn()
    bento.holds.set()
    with serving(bento.route()) as host:
        at = Place(tmp_path, host)
        with serving(at.service()) as service:
            assert post(service, answered("T-1")) == 202
        with at.worker() as slow:
            wait_until(lambda: bento.calls == 1, at.log.read_text)
            at.end_waits()
            with at.worker() as other:
                wait_until(lambda: bento.calls == 2, at.log.read_text)
                bento.holds.clear()
                at.wait_for(("done", 2))
                wait_until(lambda: "another worker has it" in at.log.read_text(), list)
                assert [stop(worker) for worker in (slow, other)] == [0, 0]
    assert at.log.read_text().count("row 1: another worker has it") == 1


def request_to(host: str, **details: Any) -> Outgoing[Sent[BentoEvent]]:
    bento = Bento(PUBLISHABLE, SECRET_KEY, SITE, api_host=host)
    event = BentoEvent(type="x", email="a@example.com", details=details)
    (request,) = bento.events([event])
    return request


KEYED = {"unique": {"key": "k"}}


class Script:
    """Answers requests one after the other, and keeps what it got."""

    def __init__(self, *answers: Response) -> None:
        self._answers = list(answers)
        self.seen: list[tuple[str, bytes]] = []

    def route(self) -> Route:
        async def answer(request: Request) -> Response:
            self.seen.append(
                (request.headers.get("authorization", ""), await request.body())
            )
            return self._answers.pop(0)

        return Route("/{path:path}", answer, methods=["POST"])


def done() -> Response:
    return JSONResponse({"results": 1, "failed": 0})


def test_what_is_not_final_is_sent_again() -> None:
    script = Script(Response(status_code=429), done())
    with serving(script.route()) as host:
        sent, may_be_done = send_until_done(request_to(host))
    assert (sent.accepted, may_be_done) == (1, False)
    assert len(script.seen) == 2
    assert script.seen[0] == script.seen[1]


def test_what_is_repeatable_is_sent_again_even_if_it_may_be_done() -> None:
    script = Script(Response(status_code=500), done())
    with serving(script.route()) as host:
        sent, may_be_done = send_until_done(request_to(host, **KEYED))
    assert (sent.accepted, may_be_done, len(script.seen)) == (1, True, 2)


def test_an_earlier_attempt_that_may_be_done_is_not_forgotten() -> None:
    script = Script(Response(status_code=500), Response(status_code=401))
    with serving(script.route()) as host, pytest.raises(Refusal) as raised:
        send_until_done(request_to(host, **KEYED))
    assert (raised.value.code, raised.value.may_be_done) == ("unauthorized", False)
    assert isinstance(raised.value.__cause__, Refusal)
    assert raised.value.__cause__.may_be_done


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response(status_code=500), "server_error"),
        (Response(status_code=429, headers={"retry-after": "61"}), "rate_limited"),
        (Response(status_code=401), "unauthorized"),
        (JSONResponse({"results": "1"}), "unexpected_answer"),
    ],
    ids=["may_be_done", "long_wait", "final", "unexpected"],
)
def test_what_could_do_harm_is_not_sent_again(answer: Response, code: str) -> None:
    script = Script(answer)
    with serving(script.route()) as host, pytest.raises(Refusal) as raised:
        send_until_done(request_to(host))
    assert (raised.value.code, len(script.seen)) == (code, 1)
    assert raised.value.__cause__ is None


def test_credentials_follow_no_redirect() -> None:
    trap = Script()
    with serving(trap.route()) as elsewhere:
        redirect = Response(status_code=307, headers={"location": f"{elsewhere}/trap"})
        script = Script(redirect)
        with serving(script.route()) as host, pytest.raises(Refusal) as raised:
            send_until_done(request_to(host))
    assert (raised.value.code, raised.value.is_final) == ("redirected", True)
    assert (len(script.seen), trap.seen) == (1, [])


def test_an_enormous_answer_is_not_read() -> None:
    sent = 0

    async def answer(request: Request) -> Response:
        async def pieces() -> Any:
            nonlocal sent
            while sent < 100 * MAX_ANSWER_BYTES and not await request.is_disconnected():
                yield b" " * 65_536
                sent += 65_536

        return StreamingResponse(pieces())

    route = Route("/batch/events", answer, methods=["POST"])
    with serving(route) as host, pytest.raises(Refusal) as raised:
        send(request_to(host))
    assert (raised.value.code, raised.value.may_be_done) == ("unexpected_answer", True)
    # What the buffers of the sockets hold comes on top.
    assert sent < 20 * MAX_ANSWER_BYTES


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing_httpx, "LONGEST_SECONDS", 0.3)

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            for byte in (
                b"HTTP/1.1 200 OK\r\ncontent-length: 24\r\nx-long: " + b"x" * 1_000
            ):
                try:
                    connection.send(bytes([byte]))
                except OSError:
                    return
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=[listening])
        thread.start()
        began = time.monotonic()
        with pytest.raises(Refusal) as raised:
            send(request_to(f"http://127.0.0.1:{listening.getsockname()[1]}"))
        assert time.monotonic() - began < 5
        thread.join()
    assert (raised.value.code, raised.value.status) == ("no_answer", None)


def test_a_cut_answer_and_a_server_that_is_not_there_are_no_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host = f"http://127.0.0.1:{listening.getsockname()[1]}"

        def cut() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 24\r\n\r\n{")

        thread = threading.Thread(target=cut)
        thread.start()
        with pytest.raises(Refusal, match="there was no whole answer") as raised:
            send(request_to(host))
        thread.join()
        assert raised.value.may_be_done
        # httpx's exception would lead to the request and its credentials.
        assert raised.value.__cause__ is None
        assert raised.value.__suppress_context__
        assert "no answer: " in caplog.text
    with pytest.raises(Refusal, match="there was no whole answer"):
        send(request_to(host))
