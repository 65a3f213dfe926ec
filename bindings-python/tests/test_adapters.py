"""Each adapter behind its real server, asked over a real socket."""

import logging
import time
from collections.abc import Callable, Iterator

import pytest

import apps
import servers
from hookseal import sign
from wire import Reply, exchange, exchange_chunked, leave

SERVERS = {
    "fastapi": (servers.on_uvicorn, apps.fastapi_app),
    "starlette": (servers.on_uvicorn, apps.starlette_app),
    "flask": (servers.on_werkzeug, apps.flask_app),
    "django": (servers.on_django, apps.django_wsgi_app),
    "django-asgi": (servers.on_uvicorn, apps.django_asgi_app),
    "django-input-terminated": (servers.on_werkzeug, apps.django_wsgi_app),
}
# ASGI hands over each header by itself; WSGI joins those of one name with commas (PEP 3333), and so does Django.
SEES_REPEATED_HEADERS = {"fastapi", "starlette"}

BODY = b'{"event":"reward_transaction_updated","entity":3,"entity_id":243}'
LARGE = BODY[:-1] + b',"note":"' + b"x" * 50_000 + b'"}'


class Server:
    """A running server, and what its application logged."""

    def __init__(self, name: str, port: int, caplog: pytest.LogCaptureFixture) -> None:
        self.name, self.port, self._caplog = name, port, caplog

    def refusals(self) -> list[str]:
        records = [record for record in self._caplog.records if record.name == "hookseal"]
        assert all(record.levelno == logging.WARNING for record in records)
        return [record.getMessage().split(": ")[1] for record in records]

    def faults(self) -> list[logging.LogRecord]:
        return [record for record in self._caplog.records if record.levelno >= logging.ERROR]

    def is_refused(self, reply: Reply, status: int, code: str) -> bool:
        return (reply.status, reply.body, self.refusals()) == (status, b"", [code])


@pytest.fixture(scope="module", params=SERVERS)
def running(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    on_server, app = SERVERS[request.param]
    with on_server(app()) as port:
        yield request.param, port


@pytest.fixture
def server(running: tuple[str, int], caplog: pytest.LogCaptureFixture) -> Server:
    return Server(*running, caplog)


def signed(body: bytes = BODY, age: float = 0) -> list[tuple[str, str]]:
    return list(sign.benji(apps.SALT, body, time.time() - age).items())


@pytest.mark.parametrize("body", [BODY, LARGE], ids=["small", "large"])
def test_a_genuine_request_reaches_the_view(server: Server, body: bytes) -> None:
    reply = exchange(server.port, "POST", "/benji", signed(body), body)
    assert (reply.status, reply.body) == (200, b"transaction.updated")
    assert server.refusals() == []


def test_a_forged_request_is_refused(server: Server) -> None:
    reply = exchange(server.port, "POST", "/benji", signed(), BODY.replace(b"243", b"244"))
    assert server.is_refused(reply, 401, "signature_mismatch")


def test_a_request_without_a_signature_is_refused(server: Server) -> None:
    assert server.is_refused(exchange(server.port, "POST", "/benji", [], BODY), 401, "missing_signature")


def test_a_stale_request_is_refused(server: Server) -> None:
    reply = exchange(server.port, "POST", "/benji", signed(age=400), BODY)
    assert server.is_refused(reply, 400, "stale")


def test_a_body_over_the_limit_is_refused_by_its_length(server: Server) -> None:
    body = b"x" * (apps.LIMIT + 1)
    reply = exchange(server.port, "POST", "/benji", signed(body), body)
    assert server.is_refused(reply, 413, "payload_too_large")


def test_the_reading_of_a_body_without_a_length_ends_at_the_limit(server: Server) -> None:
    if server.name == "django":
        pytest.skip("Django's own server reads nothing of a chunked body")
    # Under ASGI Django reads a body whole before any code of the application runs.
    end = server.name == "django-asgi"
    reply = exchange_chunked(server.port, "/benji", signed(), [b"x" * 1_000] * (apps.LIMIT // 1_000 + 1), end=end)
    assert server.is_refused(reply, 413, "payload_too_large")


def test_a_chunked_request_reaches_the_view(server: Server) -> None:
    reply = exchange_chunked(server.port, "/benji", signed(), [BODY[:10], BODY[10:]])
    if server.name == "django":
        # Its own server reads nothing of a chunked body: refused, never misread.
        assert server.is_refused(reply, 401, "signature_mismatch")
    else:
        assert (reply.status, reply.body) == (200, b"transaction.updated")


def test_a_sender_that_leaves_is_no_fault_of_the_program(server: Server) -> None:
    leave(server.port, "/benji", signed(), BODY)
    assert exchange(server.port, "POST", "/benji", signed(), BODY).status == 200
    assert [record.getMessage() for record in server.faults()] == []


@pytest.mark.parametrize(
    ("made", "name", "joined"),
    [
        (sign.benji, "x-benji-signature", (401, "malformed_signature")),
        (sign.benji, "x-benji-timestamp", (401, "signature_mismatch")),
        (sign.benji_body_only, "x-webhook-datetime", (400, "malformed_timestamp")),
    ],
)
def test_a_repeated_header_is_refused(
    server: Server, made: Callable[..., dict[str, str]], name: str, joined: tuple[int, str]
) -> None:
    headers = made(apps.SALT, BODY, time.time())
    reply = exchange(server.port, "POST", "/benji", [*headers.items(), (name.title(), headers[name])], BODY)
    seen = server.name in SEES_REPEATED_HEADERS
    assert server.is_refused(reply, *((400, "repeated_header") if seen else joined))


def test_a_compressed_request_is_refused(server: Server) -> None:
    reply = exchange(server.port, "POST", "/benji", [*signed(), ("Content-Encoding", "gzip")], BODY)
    assert server.is_refused(reply, 415, "unsupported_content_encoding")


def test_a_payload_that_is_not_json_is_refused(server: Server) -> None:
    reply = exchange(server.port, "POST", "/benji", signed(b"{"), b"{")
    assert server.is_refused(reply, 400, "malformed_payload")


def test_a_handshake_is_answered(server: Server) -> None:
    headers = list(sign.benti_handshake(apps.SECRET, "c4f1e7d2").items())
    reply = exchange(server.port, "GET", "/benti", headers)
    assert (reply.status, reply.body) == (200, b"c4f1e7d2")
    assert reply.headers["content-type"].startswith("text/plain")
    assert reply.headers["x-inbenta-challenge"] == "c4f1e7d2"
    assert server.refusals() == []


def test_a_handshake_with_a_wrong_secret_is_refused(server: Server) -> None:
    reply = exchange(server.port, "GET", "/benti", sign.benti_handshake("wrong", "c4f1e7d2").items())
    assert server.is_refused(reply, 401, "signature_mismatch")
    assert "x-inbenta-challenge" not in reply.headers


def test_events_reach_the_view_of_a_handshake_too(server: Server) -> None:
    body = b'[{"id":1,"item":"ticket","action":"add","timestamp":1772600767}]'
    reply = exchange(server.port, "POST", "/benti", sign.benti(apps.SECRET).items(), body)
    assert (reply.status, reply.body) == (200, b"ticket.created")


def test_another_method_is_refused(server: Server) -> None:
    reply = exchange(server.port, "PUT", "/benji", signed(), BODY)
    assert reply.status == 405
    assert "POST" in reply.headers["allow"]
