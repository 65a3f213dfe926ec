"""The body stays readable after an adapter; a body that was read before is used, or the reason is told."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import fastapi
import flask
import pytest
import starlette.applications
import starlette.middleware
import starlette.middleware.base
import starlette.requests
import starlette.responses
import starlette.routing
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

import apps
import hookseal
import hookseal.django
import hookseal.fastapi
import hookseal.flask
import hookseal.starlette
import servers
from guarded import on_asgi, on_wsgi
from hookseal import sign
from shown import of
from wire import Reply, exchange, exchange_chunked

BODY = b'{"event":"transaction_created","entity_type":3,"entity_id":"5f0c7a52"}'
GONE = "TypeError: the body was read before hookseal could check it, so its exact bytes are gone"


def send(port: int, body: bytes = BODY, *, chunked: bool = False, forged: bool = False) -> Reply:
    headers = [*sign.benji("another" if forged else apps.SALT, body).items(), ("Content-Type", "application/json")]
    if chunked:
        return exchange_chunked(port, "/hook", headers, [body[:9], body[9:]])
    return exchange(port, "POST", "/hook", headers, body)


CHUNKED = pytest.mark.parametrize("chunked", [False, True])


# Starlette and FastAPI

benji = hookseal.fastapi.Webhook(apps.BENJI)
Verified = Annotated[hookseal.Delivery, fastapi.Depends(benji)]


async def text_of(request: starlette.requests.Request) -> dict[str, Any]:
    return {"body": (await request.body()).decode(), "json": await request.json()}


WHOLE = {"body": BODY.decode(), "json": json.loads(BODY)}


def fastapi_in_view() -> Any:
    app = fastapi.FastAPI()

    @app.post("/hook")
    async def _(delivery: Verified, request: fastapi.Request) -> Any:
        return await text_of(request)

    return app


def fastapi_in_handle() -> Any:
    app = fastapi.FastAPI()

    @app.post("/hook")
    @benji.handle
    async def _(delivery: hookseal.Delivery, request: fastapi.Request) -> Any:
        return await text_of(request)

    return app


def fastapi_in_dependency() -> Any:
    app = fastapi.FastAPI()

    async def later(delivery: Verified, request: fastapi.Request) -> Any:
        return await text_of(request)

    @app.post("/hook")
    async def _(delivery: Verified, text: Annotated[Any, fastapi.Depends(later)]) -> Any:
        return text

    return app


def fastapi_in_exception_handler() -> Any:
    app = fastapi.FastAPI()

    @app.exception_handler(KeyError)
    async def _(request: fastapi.Request, error: KeyError) -> Any:
        return starlette.responses.JSONResponse(await text_of(request))

    @app.post("/hook")
    async def _(delivery: Verified) -> Any:
        raise KeyError

    return app


def starlette_in_view() -> Any:
    async def hook(request: starlette.requests.Request) -> Any:
        await benji(request)
        return starlette.responses.JSONResponse(await text_of(request))

    return starlette.applications.Starlette(routes=[starlette.routing.Route("/hook", hook, methods=["POST"])])


def starlette_in_middleware() -> Any:
    """A middleware that wants the body reads it first, and Starlette hands it on."""
    app = fastapi_in_view()

    @app.middleware("http")  # type: ignore[untyped-decorator]
    async def _(request: fastapi.Request, call_next: Any) -> Any:
        before = await text_of(request)
        response = await call_next(request)
        assert await text_of(request) == before == WHOLE
        return response

    return app


@CHUNKED
@pytest.mark.parametrize(
    "make",
    [
        of("fastapi-view", "body afterwards", fastapi_in_view),
        fastapi_in_handle,
        fastapi_in_dependency,
        fastapi_in_exception_handler,
        of("starlette-view", "body afterwards", starlette_in_view),
        starlette_in_middleware,
    ],
)
def test_starlette_and_fastapi_give_the_body_again(make: Any, chunked: bool) -> None:
    with servers.on_uvicorn(make) as running:
        reply = send(running.port, chunked=chunked)
    assert (reply.status, json.loads(reply.body)) == (200, WHOLE)


def test_a_callback_reads_the_body_of_a_refused_request() -> None:
    read: list[Any] = []

    async def on_rejection(rejection: hookseal.Rejection, request: fastapi.Request) -> None:
        read.append(await text_of(request))

    app = fastapi.FastAPI()
    webhook = hookseal.fastapi.Webhook(apps.BENJI, on_rejection=on_rejection)

    @app.post("/hook")
    async def _(delivery: Annotated[hookseal.Delivery, fastapi.Depends(webhook)]) -> None:
        raise AssertionError

    with servers.on_uvicorn(lambda: app) as running:
        assert send(running.port, forged=True).status == 401
    assert read == [WHOLE]


async def drains(request: fastapi.Request) -> None:
    async for _ in request.stream():
        pass


def drained_by_dependency() -> Any:
    app = fastapi.FastAPI()

    @app.post("/hook", dependencies=[fastapi.Depends(drains)])
    async def _(delivery: Verified) -> None:
        raise AssertionError

    return app


def drained_by_middleware() -> Any:
    app = fastapi_in_view()

    @app.middleware("http")  # type: ignore[untyped-decorator]
    async def _(request: fastapi.Request, call_next: Any) -> Any:
        await drains(request)
        return await call_next(request)

    return app


def drained_by_outer_middleware() -> Any:
    """Between them and the view is a middleware that reads nothing."""
    app = fastapi_in_view()

    @app.middleware("http")  # type: ignore[untyped-decorator]
    async def _(request: fastapi.Request, call_next: Any) -> Any:
        return await call_next(request)

    @app.middleware("http")  # type: ignore[untyped-decorator]
    async def _(request: fastapi.Request, call_next: Any) -> Any:
        await drains(request)
        return await call_next(request)

    return app


def drained_by_mounted_middleware() -> Any:
    app = fastapi_in_view()

    @app.middleware("http")  # type: ignore[untyped-decorator]
    async def _(request: fastapi.Request, call_next: Any) -> Any:
        await drains(request)
        return await call_next(request)

    return starlette.applications.Starlette(routes=[starlette.routing.Mount("/", app)])


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    "make", [drained_by_dependency, drained_by_middleware, drained_by_outer_middleware, drained_by_mounted_middleware]
)
def test_starlette_says_that_the_program_has_read_the_body(
    make: Any, chunked: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with servers.on_uvicorn(make) as running:
        assert send(running.port, chunked=chunked).status == 500
    assert f"{GONE}: read it by await request.body()" in caplog.text
    assert "webhook refused" not in caplog.text


def test_a_sender_cannot_make_a_length_that_looks_like_a_drained_body(caplog: pytest.LogCaptureFixture) -> None:
    headers = [*sign.benji("another", b"{}").items(), ("Content-Length", "100")]
    for on_server in (servers.on_uvicorn, servers.on_hypercorn):
        with on_server(fastapi_in_view) as running:
            assert exchange_chunked(running.port, "/hook", headers, [b"{}"]).status in (400, 401)
    assert GONE not in caplog.text


class Drains:
    """ASGI middleware that reads the body and hands on the server's own `receive`."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while scope["type"] == "http" and (await receive()).get("more_body"):
            pass
        await self.app(scope, receive, send)


def drained_by_asgi_middleware() -> Any:
    return Drains(fastapi_in_view())


def drained_below_a_middleware() -> Any:
    app = fastapi_in_view()
    app.add_middleware(Drains)

    @app.middleware("http")  # type: ignore[untyped-decorator]
    async def _(request: fastapi.Request, call_next: Any) -> Any:
        return await call_next(request)

    return app


ON_ASGI = pytest.mark.parametrize("on_server", [servers.on_uvicorn, servers.on_hypercorn])


@CHUNKED
@ON_ASGI
@pytest.mark.parametrize("make", [drained_by_asgi_middleware, drained_below_a_middleware])
def test_starlette_does_not_wait_for_ever_for_a_body_that_the_program_has_read(
    make: Any, on_server: Any, chunked: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hookseal.starlette, "_FIRST_PART_SECONDS", 0.2)
    with on_server(make) as running:
        assert send(running.port, chunked=chunked).status == 500
    assert f"{GONE}: read it by await request.body()" in caplog.text
    assert "webhook refused" not in caplog.text


def begin(port: int) -> socket.socket:
    """Sends a request's head, which announces a body."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    lines = [f"{name}: {value}" for name, value in sign.benji(apps.SALT, BODY).items()]
    head = ["POST /hook HTTP/1.1", "Host: here", f"Content-Length: {len(BODY)}", "Connection: close", *lines]
    connection.sendall("\r\n".join([*head, "", ""]).encode())
    return connection


@ON_ASGI
def test_a_slow_sender_is_waited_for(on_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is for the first part of the body alone."""
    monkeypatch.setattr(hookseal.starlette, "_FIRST_PART_SECONDS", 2)
    with on_server(fastapi_in_view) as running, begin(running.port) as connection:
        time.sleep(0.3)
        monkeypatch.setattr(hookseal.starlette, "_FIRST_PART_SECONDS", 0)
        connection.sendall(BODY[:5])
        time.sleep(0.3)
        connection.sendall(BODY[5:])
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_sender_that_sends_no_body_is_not_told_as_a_mistake_of_the_program(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hookseal.starlette, "_FIRST_PART_SECONDS", 0.2)
    with servers.on_uvicorn(fastapi_in_view) as running, begin(running.port) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")
    assert "webhook refused: the body cannot be read: none of it came in 0.2 s" in caplog.text
    assert GONE not in caplog.text


def test_the_log_names_the_likely_cause_if_a_sender_has_left_before_the_limit(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with servers.on_uvicorn(drained_by_asgi_middleware) as running:
        with begin(running.port) as connection:
            connection.sendall(BODY)
            assert running.watched is not None
            assert running.watched.get(timeout=10) == "began "
            time.sleep(0.2)
        assert running.watched.get(timeout=10) == "ended "
    assert "ClientDisconnect before any of it came, or the program has read it and kept nothing" in caplog.text


# Flask


def flask_app(before: Callable[[], Any] = lambda: None) -> Any:
    app = flask.Flask(__name__)

    @app.before_request
    def _before() -> None:
        before()

    @app.post("/hook")
    @hookseal.flask.webhook(apps.BENJI)
    def _hook(delivery: hookseal.Delivery) -> Any:
        return {"body": flask.request.get_data(as_text=True), "json": flask.request.get_json()}

    @app.after_request
    def _after(response: Any) -> Any:
        if response.status_code == 200:
            assert flask.request.get_data() == flask.request.data == BODY
        return response

    return app


def flask_in_view() -> Any:
    return flask_app()


def flask_read_before() -> Any:
    return flask_app(lambda: flask.request.get_json())


@CHUNKED
@pytest.mark.shows("flask", "body afterwards")
@pytest.mark.parametrize("make", [flask_in_view, flask_read_before])
@pytest.mark.parametrize("on_server", [servers.on_werkzeug, servers.on_gunicorn])
def test_flask_gives_the_body_again(on_server: Any, make: Any, chunked: bool) -> None:
    with on_server(make) as running:
        reply = send(running.port, chunked=chunked)
    assert (reply.status, json.loads(reply.body)) == (200, WHOLE)


def flask_read_in_part() -> Any:
    return flask_app(lambda: flask.request.stream.read(5))


def flask_drained() -> Any:
    return flask_app(lambda: flask.request.stream.read())


@CHUNKED
@pytest.mark.parametrize("make", [flask_read_in_part, flask_drained])
@pytest.mark.parametrize("on_server", [servers.on_werkzeug, servers.on_gunicorn])
def test_flask_says_that_the_program_has_read_the_body(
    on_server: Any, make: Any, chunked: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with on_server(make) as running:
        assert send(running.port, chunked=chunked).status == 500
        log = running.log.read_text() if running.log else caplog.text
    assert GONE in log
    assert "webhook refused" not in log


class DrainsWsgi:
    """WSGI middleware that reads the body and hands on the server's own stream."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, environ: Any, start_response: Any) -> Any:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        return self.app(environ, start_response)


def flask_below_middleware() -> Any:
    return DrainsWsgi(flask_app())


def django_below_middleware() -> Any:
    return DrainsWsgi(apps.django_wsgi_app())


@pytest.mark.parametrize(("make", "route"), [(flask_below_middleware, "/hook"), (django_below_middleware, "/benji")])
def test_the_log_names_the_likely_cause_if_wsgi_middleware_has_read_the_body(make: Any, route: str) -> None:
    """A server says the same of such a body and of a sender that left."""
    headers = [*sign.benji(apps.SALT, BODY).items()]
    with servers.on_gunicorn(make) as running:
        assert exchange(running.port, "POST", route, headers, BODY).status == 400
        assert running.log is not None
        log = running.log.read_text()
    assert "the body cannot be read: none of it came, or the program has read it and kept nothing" in log


# Django


@hookseal.django.webhook(apps.BENJI)
def django_view(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
    assert request.POST == {}
    assert request.read() == BODY
    return HttpResponse(request.body)


@hookseal.django.webhook(apps.BENJI)
async def django_async_view(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
    return HttpResponse(request.body)


def later_middleware(get_response: Any) -> Any:
    def run(request: HttpRequest) -> Any:
        response = get_response(request)
        if response.status_code == 200:
            assert request.body == BODY
        return response

    return run


@pytest.mark.parametrize(
    "setup",
    [
        of("django", "body afterwards", (on_wsgi, django_view)),
        of("django-asgi", "body afterwards", (on_asgi, django_view)),
        of("django-asgi-async", "body afterwards", (on_asgi, django_async_view)),
    ],
)
def test_django_gives_the_body_again(setup: Any) -> None:
    on_server, view = setup
    apps.django_wsgi_app()
    with override_settings(MIDDLEWARE=[f"{__name__}.later_middleware"]), on_server(lambda: view) as running:
        reply = send(running.port)
    assert (reply.status, reply.body) == (200, BODY)


def test_django_gives_a_chunked_body_again() -> None:
    apps.django_wsgi_app()
    urls = [path("hook", django_view)]
    # Werkzeug reads chunks, which Django's own server does not.
    with on_wsgi(lambda: urls), servers.on_werkzeug(apps.django_wsgi_app) as running:
        reply = send(running.port, chunked=True)
    assert (reply.status, reply.body) == (200, BODY)


def test_a_body_over_the_limit_is_not_kept() -> None:
    receiver = hookseal.Receiver.benji(apps.SALT, max_body_bytes=10)
    kept: list[bool] = []

    def on_rejection(rejection: hookseal.Rejection, request: HttpRequest) -> None:
        kept.append(hasattr(request, "_body"))

    @hookseal.django.webhook(receiver, on_rejection=on_rejection)
    def view(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
        raise AssertionError

    with on_wsgi(lambda: view) as running:
        assert send(running.port).status == 413
    assert kept == [False]


# A form that the program reads first


def flask_form() -> Any:
    return servers.on_werkzeug(lambda: flask_app(lambda: flask.request.form))


def starlette_form() -> Any:
    async def reads(request: fastapi.Request) -> None:
        await request.form()

    app = fastapi.FastAPI()

    @app.post("/hook", dependencies=[fastapi.Depends(reads)])
    async def _(delivery: Verified) -> None:
        raise AssertionError

    return servers.on_uvicorn(lambda: app)


def starlette_form_in_middleware() -> Any:
    app = fastapi_in_view()

    @app.middleware("http")  # type: ignore[untyped-decorator]
    async def _(request: fastapi.Request, call_next: Any) -> Any:
        await request.form()
        return await call_next(request)

    return servers.on_uvicorn(lambda: app)


def form_middleware(get_response: Any) -> Any:
    def run(request: HttpRequest) -> Any:
        assert request.POST is not None
        return get_response(request)

    return run


@contextmanager
def django_form(on_server: Any = on_wsgi) -> Iterator[servers.Running]:
    apps.django_wsgi_app()
    with override_settings(MIDDLEWARE=[f"{__name__}.form_middleware"]), on_server(lambda: django_view) as running:
        yield running


def django_asgi_form() -> Any:
    return django_form(on_asgi)


def rest_form() -> Any:
    from rest_framework.views import APIView

    class Hook(APIView):
        def initial(self, request: Any, *arguments: Any, **keywords: Any) -> None:
            super().initial(request, *arguments, **keywords)
            assert request.data is not None

        @hookseal.django.webhook(apps.BENJI)
        def post(self, request: Any, delivery: hookseal.Delivery) -> Any:
            raise AssertionError

    return on_wsgi(Hook.as_view)


URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
FORMS = {
    URLENCODED: b"event=transaction_created&entity_id=5",
    MULTIPART: b'--x\r\nContent-Disposition: form-data; name="event"\r\n\r\nvalue\r\n--x--\r\n',
}


# Django keeps the bytes of a form that is no multipart.
@pytest.mark.parametrize(
    ("make", "kind", "keeps"),
    [
        (flask_form, URLENCODED, False),
        (flask_form, MULTIPART, False),
        (starlette_form, URLENCODED, False),
        (starlette_form, MULTIPART, False),
        (starlette_form_in_middleware, URLENCODED, False),
        (starlette_form_in_middleware, MULTIPART, False),
        (django_form, URLENCODED, True),
        (django_form, MULTIPART, False),
        (django_asgi_form, URLENCODED, True),
        (django_asgi_form, MULTIPART, False),
        (rest_form, URLENCODED, True),
        (rest_form, MULTIPART, False),
    ],
)
def test_a_form_that_the_program_reads_first_is_told_but_to_nobody_without_a_signature(
    make: Any, kind: str, keeps: bool, caplog: pytest.LogCaptureFixture
) -> None:
    body = FORMS[kind]
    with make() as running:
        genuine, forged, unsigned = (
            exchange(running.port, "POST", "/hook", [*headers.items(), ("Content-Type", kind)], body).status
            for headers in (sign.benji(apps.SALT, body), sign.benji("another", body), {})
        )
    codes = [vars(each)["hookseal_code"] for each in caplog.records if each.name == "hookseal"]
    if keeps:
        assert (genuine, forged, unsigned) == (400, 401, 401)
        assert codes == ["malformed_payload", "signature_mismatch", "missing_signature"]
        return
    assert (genuine, forged, unsigned) == (500, 500, 401)
    assert codes == ["missing_signature"]
    assert caplog.text.count(f"{GONE}: ") == 2
