"""Each adapter behind its real server, with requests over a real socket."""

import gc
import logging
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from django.conf import settings
from django.http import HttpRequest
from django.test import override_settings

import apps
import hookseal.django
import servers
from hookseal import sign
from wire import (
    Headers,
    Reply,
    exchange,
    exchange_chunked,
    exchange_cut,
    exchange_framed,
    exchange_raw,
    flood,
    leave,
)

SERVERS = {
    "fastapi": (servers.on_uvicorn, apps.fastapi_app),
    "starlette": (servers.on_uvicorn, apps.starlette_app),
    "starlette-hypercorn": (servers.on_hypercorn, apps.starlette_app),
    "flask": (servers.on_werkzeug, apps.flask_app),
    "flask-gunicorn": (servers.on_gunicorn, apps.flask_app),
    "django": (servers.on_django, apps.django_wsgi_app),
    "django-asgi": (servers.on_uvicorn, apps.django_asgi_app),
    "django-gunicorn": (servers.on_gunicorn, apps.django_wsgi_app),
    "django-input-terminated": (servers.on_werkzeug, apps.django_wsgi_app),
}
ASGI = ["fastapi", "starlette", "starlette-hypercorn", "django-asgi"]
# ASGI passes each header separately. WSGI joins headers of one name with commas (PEP 3333), and so does Django.
SEES_REPEATED_HEADERS = ["fastapi", "starlette", "starlette-hypercorn"]
# Django's own server reads nothing of a chunked body.
READS_CHUNKS = [name for name in SERVERS if name != "django"]

BODY = b'{"event":"reward_transaction_updated","entity":3,"entity_id":243}'
LARGE = BODY[:-1] + b',"note":"' + b"x" * 50_000 + b'"}'


class Server:
    """A running server, and the log of its application."""

    def __init__(self, name: str, running: servers.Running, caplog: pytest.LogCaptureFixture) -> None:
        self.name, self.port, self._running, self._caplog = name, running.port, running, caplog
        self.log, self.caplog = running.log, caplog
        self._seen = running.log.stat().st_size if running.log else 0

    def logged(self) -> list[str]:
        """Log records from the level of a warning."""
        if self._running.log:
            lines = self._running.log.read_bytes()[self._seen :].decode().splitlines()
            return [line for line in lines if "[INFO]" not in line]
        return [record.getMessage() for record in self._caplog.records if record.levelno >= logging.WARNING]

    def refusals(self) -> list[str]:
        return [line.split(": ")[1] for line in self.logged() if line.startswith("webhook refused: ")]

    def faults(self) -> list[str]:
        """Log records of mistakes in the program: all except refusals, which servers and frameworks also log."""
        if self._running.log:
            return [line for line in self.logged() if not line.startswith("webhook ") and "[WARNING]" not in line]
        return [record.getMessage() for record in self._caplog.records if record.levelno >= logging.ERROR]

    def is_refused(self, reply: Reply, status: int, code: str) -> bool:
        return (reply.status, reply.body, self.refusals()) == (status, b"", [code])

    def wait_until(self, seen: str) -> None:
        """Waits for `began` or `ended` with the query of a request."""
        if self._running.watched:
            while self._running.watched.get(timeout=60) != seen:
                pass


@pytest.fixture(scope="module", params=SERVERS)
def running(request: pytest.FixtureRequest) -> Iterator[tuple[str, servers.Running]]:
    on_server, app = SERVERS[request.param]
    with on_server(app) as running:
        yield request.param, running


@pytest.fixture
def server(running: tuple[str, servers.Running], caplog: pytest.LogCaptureFixture) -> Server:
    return Server(*running, caplog)


def signed(body: bytes = BODY, age: float = 0) -> list[tuple[str, str]]:
    return list(sign.benji(apps.SALT, body, time.time() - age).items())


@pytest.mark.shows("raw body")
@pytest.mark.parametrize("body", [BODY, LARGE], ids=["small", "large"])
def test_a_genuine_request_reaches_the_view(server: Server, body: bytes) -> None:
    reply = exchange(server.port, "POST", "/benji", signed(body), body)
    assert (reply.status, reply.body) == (200, b"transaction.updated")
    # The applications have middleware that reports a change to the request's headers.
    assert (server.refusals(), server.faults()) == ([], [])


@pytest.mark.shows("refusal")
def test_a_forged_request_is_refused(server: Server) -> None:
    reply = exchange(server.port, "POST", "/benji", signed(), BODY.replace(b"243", b"244"))
    assert server.is_refused(reply, 401, "signature_mismatch")
    assert server.faults() == []


def test_a_request_without_a_signature_is_refused(server: Server) -> None:
    assert server.is_refused(exchange(server.port, "POST", "/benji", [], BODY), 401, "missing_signature")


def test_a_stale_request_is_refused(server: Server) -> None:
    reply = exchange(server.port, "POST", "/benji", signed(age=400), BODY)
    assert server.is_refused(reply, 400, "stale")


def test_a_body_over_the_limit_is_refused_by_its_length(server: Server) -> None:
    body = b"x" * (apps.LIMIT + 1)
    reply = exchange(server.port, "POST", "/benji", signed(body), body)
    assert server.is_refused(reply, 413, "payload_too_large")


@pytest.mark.shows("limit while reading")
@pytest.mark.parametrize(
    "running", [name for name in READS_CHUNKS if name != "django-asgi"], indirect=True, scope="module"
)
def test_a_body_without_a_length_is_read_up_to_the_limit(server: Server) -> None:
    reply = exchange_chunked(server.port, "/benji", signed(), [b"x" * 1_000] * (apps.LIMIT // 1_000 + 1), end=False)
    assert server.is_refused(reply, 413, "payload_too_large")


@pytest.mark.parametrize("running", ["django-asgi"], indirect=True, scope="module")
def test_django_reads_a_whole_body_under_asgi_before_any_code_of_the_application(server: Server) -> None:
    reply = exchange_chunked(server.port, "/benji", signed(), [b"x" * 1_000] * (apps.LIMIT // 1_000 + 1))
    assert server.is_refused(reply, 413, "payload_too_large")


# The other servers read from the network themselves or run in their own process. hardening/hostile measures all of
# them.
@pytest.mark.parametrize("running", SEES_REPEATED_HEADERS, indirect=True, scope="module")
def test_a_body_in_one_byte_chunks_costs_little_more_than_its_bytes(server: Server) -> None:
    chunk = b"1\r\nx\r\n"
    body, warm_up = chunk * 50_000 + b"0\r\n\r\n", chunk * 1_000 + b"0\r\n\r\n"
    tracemalloc.start()
    try:
        exchange_framed(server.port, "/benji", signed(), warm_up)
        gc.collect()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        reply = exchange_framed(server.port, "/benji", signed(), body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reply.status == 401
    # Allowed beside the body: the client's copy of the body, and the bytes that the server reads at once.
    assert peak - before < 2 * 50_000 + len(body) + 1_000_000


# Hypercorn kept such a request and its part of the body for ever.
@pytest.mark.parametrize("running", SEES_REPEATED_HEADERS, indirect=True, scope="module")
@pytest.mark.parametrize("signature", [[], signed(LARGE)], ids=["without", "wrong"])
def test_a_request_that_is_refused_before_its_body_is_read_ends(server: Server, signature: Headers) -> None:
    status = flood(server.port, f"/benji?flood-{len([*signature])}", signature, 100)
    assert status in (0, 401, 413)
    server.wait_until(f"ended flood-{len([*signature])}")
    assert server.faults() == []
    assert exchange(server.port, "POST", "/benji", signed(), BODY).status == 200


def test_a_chunked_request_reaches_the_view(server: Server) -> None:
    reply = exchange_chunked(server.port, "/benji", signed(), [BODY[:10], BODY[10:]])
    if server.name == "django":
        # Django's own server reads nothing of a chunked body, so the request is refused.
        assert server.is_refused(reply, 401, "signature_mismatch")
    else:
        assert (reply.status, reply.body) == (200, b"transaction.updated")


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_sender_that_leaves_is_not_logged_as_an_error(server: Server, chunked: bool, reset: bool) -> None:
    framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(BODY) + 1))
    sent = b"%x\r\n%b" % (len(BODY) + 1, BODY) if chunked else BODY
    query = f"leaves-{chunked}-{reset}"
    headers = [*signed(), framing]
    leave(server.port, f"/benji?{query}", headers, sent, lambda: server.wait_until(f"began {query}"), reset=reset)
    server.wait_until(f"ended {query}")
    assert exchange(server.port, "POST", "/benji", signed(), BODY).status == 200
    assert server.faults() == []


# ASGI servers drop such a connection without an answer.
@pytest.mark.parametrize("running", [name for name in SERVERS if name not in ASGI], indirect=True, scope="module")
def test_a_body_shorter_than_announced_is_not_logged_as_a_forgery(server: Server) -> None:
    reply = exchange_cut(server.port, "/benji", signed(), BODY)
    assert server.is_refused(reply, 400, "the body cannot be read")
    assert server.faults() == []


def test_an_exception_of_the_view_is_logged_as_an_error_of_the_program(server: Server) -> None:
    body = BODY.replace(b"243", b'"raises"')
    assert exchange(server.port, "POST", "/benji", signed(body), body).status == 500
    assert exchange(server.port, "POST", "/benji", signed(), BODY).status == 200
    assert server.refusals() == []
    assert server.faults() != []


@pytest.mark.parametrize("running", READS_CHUNKS, indirect=True, scope="module")
@pytest.mark.parametrize(
    "framed",
    [
        b"zz\r\n%b\r\n0\r\n\r\n" % BODY,
        b"-1\r\n%b\r\n0\r\n\r\n" % BODY,
        b"\r\n%b\r\n0\r\n\r\n" % BODY,
        b"%x\r\n%bxx0\r\n\r\n" % (len(BODY), BODY),
        b"%x\r\n%b\r\nzz\r\n\r\n" % (len(BODY), BODY),
    ],
    ids=["size", "negative", "no-size", "end-of-chunk", "second-size"],
)
def test_a_malformed_chunk_is_a_bad_request(server: Server, framed: bytes) -> None:
    reply = exchange_framed(server.port, "/benji", signed(), framed)
    assert reply.status == 400
    assert server.faults() == []
    assert exchange(server.port, "POST", "/benji", signed(), BODY).status == 200


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


@pytest.mark.parametrize("space", ["", " ", "\t"])
def test_a_date_in_two_headers_is_not_accepted_as_one(server: Server, space: str) -> None:
    (name, signature), (_, date) = sign.benji_body_only(apps.SALT, BODY, time.time()).items()
    day, rest = date.split(", ")
    headers = [(name, signature), ("X-Webhook-Datetime", day), ("X-Webhook-Datetime", f"{space}{rest}")]
    code = "repeated_header" if server.name in SEES_REPEATED_HEADERS else "malformed_timestamp"
    assert server.is_refused(exchange(server.port, "POST", "/benji", headers, BODY), 400, code)


def test_a_header_that_the_application_removed_does_not_come_back(server: Server) -> None:
    reply = exchange(server.port, "POST", "/benji?unsigned", signed(), BODY)
    assert server.is_refused(reply, 401, "missing_signature")
    assert server.faults() == []


def test_a_compressed_request_is_refused(server: Server) -> None:
    reply = exchange(server.port, "POST", "/benji", [*signed(), ("Content-Encoding", "gzip")], BODY)
    assert server.is_refused(reply, 415, "unsupported_content_encoding")


def test_a_payload_that_is_not_json_is_refused(server: Server) -> None:
    reply = exchange(server.port, "POST", "/benji", signed(b"{"), b"{")
    assert server.is_refused(reply, 400, "malformed_payload")


@pytest.mark.shows("handshake")
def test_a_handshake_is_answered(server: Server) -> None:
    headers = list(sign.benti_handshake(apps.SECRET, "c4f1e7d2").items())
    reply = exchange(server.port, "GET", "/benti", headers)
    assert (reply.status, reply.body) == (200, b"c4f1e7d2")
    assert reply.headers["content-type"].startswith("text/plain")
    assert reply.headers["x-inbenta-challenge"] == "c4f1e7d2"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"
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


@pytest.mark.parametrize("path", ["/benji", "/benti"])
def test_a_head_request_is_refused(server: Server, path: str) -> None:
    reply = exchange(server.port, "HEAD", path, [*signed(), *sign.benti_handshake(apps.SECRET, "c4f1e7d2").items()])
    assert reply.status == 405
    assert "POST" in reply.headers["allow"]
    assert "x-inbenta-challenge" not in reply.headers
    assert server.faults() == []


# Django itself answers such a request with 500.
@pytest.mark.parametrize("running", SEES_REPEATED_HEADERS, indirect=True, scope="module")
def test_a_websocket_to_the_path_of_a_webhook_is_refused(server: Server) -> None:
    upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]
    key = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
    reply = exchange(server.port, "GET", "/benji", [*signed(), *upgrade, key])
    assert reply.status == 403
    assert server.faults() == []


def test_a_length_of_many_digits_is_not_logged_as_an_error(server: Server) -> None:
    length = ("Content-Length", f"{len(BODY):05000}")
    reply = exchange_raw(server.port, "/benji", [*signed(), length], BODY)
    assert reply.status in (200, 400, 401)
    assert server.faults() == []
    assert exchange(server.port, "POST", "/benji", signed(), BODY).status == 200


def test_django_has_written_a_body_into_a_file_before_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def look(rejection: hookseal.Rejection, request: Any) -> None:
        body = request._stream
        seen.append((rejection.code, body._rolled, body.seek(0, 2)))

    monkeypatch.setattr(apps.on_rejection, "does", look)
    with servers.on_uvicorn(apps.django_asgi_app) as running:
        body = bytes(settings.FILE_UPLOAD_MAX_MEMORY_SIZE + 1)
        assert exchange(running.port, "POST", "/benji", [], body).status == 413
    assert seen == [("payload_too_large", True, len(body))]
    readme = " ".join((Path(__file__).parents[1] / "README.md").read_text().split())
    for page in (readme, hookseal.django.__doc__ or ""):
        assert "client_max_body_size" in page
        assert "FILE_UPLOAD_MAX_MEMORY_SIZE" in page


def test_flask_answers_a_body_over_its_own_limit(caplog: pytest.LogCaptureFixture) -> None:
    def app() -> Any:
        made = apps.flask_app()
        made.config["MAX_CONTENT_LENGTH"] = 20
        return made

    with servers.on_werkzeug(app) as running:
        reply = exchange_chunked(running.port, "/benji", signed(), [BODY])
    assert reply.status == 413
    assert not [record for record in caplog.records if record.name == "hookseal"]


def flask_app_that_reads(read: Callable[[flask.Request], Any]) -> Any:
    app = apps.flask_app()

    def read_first() -> None:
        read(flask.request)

    app.before_request(read_first)
    return app


def flask_app_without_cache() -> Any:
    return flask_app_that_reads(lambda request: request.get_data(cache=False))


def flask_app_by_stream() -> Any:
    return flask_app_that_reads(lambda request: request.stream.read())


def flask_app_in_part() -> Any:
    return flask_app_that_reads(lambda request: request.stream.read(10))


def flask_app_by_form() -> Any:
    return flask_app_that_reads(lambda request: request.form)


def flask_app_with_cache() -> Any:
    return flask_app_that_reads(lambda request: request.get_data())


ON_FLASK = pytest.mark.parametrize("on_server", [servers.on_werkzeug, servers.on_gunicorn])


@ON_FLASK
@pytest.mark.parametrize("app", [flask_app_without_cache, flask_app_by_stream])
@pytest.mark.parametrize("chunked", [False, True])
def test_flask_says_that_the_program_has_read_the_body(
    on_server: Any, app: Any, chunked: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with on_server(app) as running:
        server = Server("flask", running, caplog)
        assert send(server, chunked=chunked).status == 500
        assert server.refusals() == []
        assert GONE in told(server)


def test_flask_says_that_the_program_has_read_a_part(caplog: pytest.LogCaptureFixture) -> None:
    with servers.on_werkzeug(flask_app_in_part) as running:
        server = Server("flask", running, caplog)
        assert send(server).status == 500
        assert GONE in told(server)


@ON_FLASK
@pytest.mark.parametrize("app", [flask_app_with_cache, flask_app_by_form])
@pytest.mark.parametrize("chunked", [False, True])
def test_flask_keeps_a_body_that_the_program_has_read(
    on_server: Any, app: Any, chunked: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with on_server(app) as running:
        server = Server("flask", running, caplog)
        assert send(server, chunked=chunked).status == 200
        large = b"x" * (apps.LIMIT + 1)
        assert exchange_chunked(server.port, "/benji", signed(large), [large]).status == 413
        assert exchange_cut(server.port, "/benji", signed(), BODY).status == 400
        assert server.faults() == []


def reading_middleware(get_response: Any) -> Any:
    def run(request: HttpRequest) -> Any:
        read: dict[str, Callable[[], object]] = {
            "body": lambda: request.body,
            "part": lambda: request.read(10),
            "all": request.read,
        }
        read[request.META["QUERY_STRING"]]()
        return get_response(request)

    return run


@pytest.fixture(params=[(servers.on_django, apps.django_wsgi_app), (servers.on_uvicorn, apps.django_asgi_app)])
def django_that_reads(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[Server]:
    on_server, app = request.param
    app()
    with override_settings(MIDDLEWARE=[f"{__name__}.reading_middleware"]), on_server(app) as running:
        yield Server("django", running, caplog)


@pytest.mark.parametrize("read", ["all", "part"])
def test_django_says_that_the_program_has_read_the_body(django_that_reads: Server, read: str) -> None:
    assert send(django_that_reads, f"/benji?{read}").status == 500
    assert django_that_reads.refusals() == []
    assert GONE in told(django_that_reads)


def test_django_keeps_a_body_that_the_program_has_read(django_that_reads: Server) -> None:
    assert send(django_that_reads, "/benji?body").status == 200
    large = b"x" * (apps.LIMIT + 1)
    assert exchange(django_that_reads.port, "POST", "/benji?body", signed(large), large).status == 413
    assert django_that_reads.faults() == []


def test_django_reads_a_chunked_body_where_the_program_has_asked_for_it(caplog: pytest.LogCaptureFixture) -> None:
    apps.django_wsgi_app()
    settings = override_settings(MIDDLEWARE=[f"{__name__}.reading_middleware"])
    with settings, servers.on_werkzeug(apps.django_wsgi_app) as running:
        for read in ("body", "all"):
            server = Server("django", running, caplog)
            assert send(server, f"/benji?{read}", chunked=True).status == 200


GONE = "TypeError: the body was read before hookseal could check it, so its exact bytes are gone"


def send(server: Server, path: str = "/benji", *, chunked: bool = False) -> Reply:
    if chunked:
        return exchange_chunked(server.port, path, signed(), [BODY])
    return exchange(server.port, "POST", path, signed(), BODY)


def told(server: Server) -> str:
    """The log with its tracebacks."""
    if server.log:
        return server.log.read_text()
    return server.caplog.text
