"""A small application in every framework, with a guard, an inbox and callbacks, behind its real server."""

import asyncio
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from types import ModuleType
from typing import Any, Final, NamedTuple

import fastapi
import flask
import starlette.applications
import starlette.requests
import starlette.responses
import starlette.routing
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

import apps
import hookseal
import hookseal.aws_lambda
import hookseal.django
import hookseal.fastapi
import hookseal.flask
import hookseal.starlette
import servers
from hookseal import sign
from wire import Reply, exchange, exchange_chunked

BODY: Final = b'{"event":"reward_transaction_updated","entity_type":3,"entity_id":%d}'
WORDS: Final = "words of the program"

Does = Callable[[hookseal.Delivery], int]


def succeeds(_delivery: hookseal.Delivery) -> int:
    return 201


def raises(_delivery: hookseal.Delivery) -> int:
    raise ValueError(WORDS)


def answers(status: int) -> Does:
    return lambda _delivery: status


class View:
    """What all views call. Tests set what it does: it returns a status or raises."""

    def __init__(self) -> None:
        self.does: Does = succeeds
        self.calls = 0

    def __call__(self, delivery: hookseal.Delivery) -> int:
        assert isinstance(delivery, hookseal.Delivery)
        self.calls += 1
        return self.does(delivery)


class Framework(NamedTuple):
    is_async: bool
    """Which kind of guards and inboxes it takes."""
    on_server: Any
    make: Callable[..., Any]
    """Gets the view, the receiver and the options. Returns the application."""


def _fastapi(view: View, receiver: Any, **options: Any) -> Any:
    app = fastapi.FastAPI()
    webhook = hookseal.fastapi.Webhook(receiver, **options)
    if options.get("inbox") is not None:
        app.api_route("/hook", methods=["GET", "POST"])(webhook.store)
        return app

    @app.api_route("/hook", methods=["GET", "POST"])
    @webhook.handle
    async def _(delivery: hookseal.Delivery) -> fastapi.Response:
        await asyncio.sleep(0)
        return fastapi.Response(status_code=view(delivery))

    return app


def _fastapi_threads(view: View, receiver: Any, **options: Any) -> Any:
    app = fastapi.FastAPI()
    webhook = hookseal.fastapi.Webhook(receiver, **options)

    @app.api_route("/hook", methods=["GET", "POST"])
    @webhook.handle
    def _(response: fastapi.Response, delivery: hookseal.Delivery) -> dict[str, str]:
        response.status_code = view(delivery)
        return {}

    return app


def _fastapi_claim(view: View, receiver: Any, **options: Any) -> Any:
    app = fastapi.FastAPI()
    webhook = hookseal.fastapi.Webhook(receiver, **options)

    @app.api_route("/hook", methods=["GET", "POST"])
    async def _(request: fastapi.Request) -> fastapi.Response:
        async with webhook.claim(request) as delivery:
            status = view(delivery)
            if status >= 400:
                raise fastapi.HTTPException(status)
        return fastapi.Response(status_code=status)

    return app


def _starlette(view: View, receiver: Any, **options: Any) -> Any:
    webhook = hookseal.starlette.Webhook(receiver, **options)
    if options.get("inbox") is not None:
        endpoint = webhook.store
    else:

        @webhook.handle
        async def endpoint(request: starlette.requests.Request, delivery: hookseal.Delivery) -> Any:
            return starlette.responses.Response(status_code=view(delivery))

    return starlette.applications.Starlette(
        routes=[starlette.routing.Route("/hook", endpoint, methods=["GET", "POST"])]
    )


def _flask(view: View, receiver: Any, **options: Any) -> Any:
    app = flask.Flask(__name__)
    if options.get("inbox") is not None:
        store = hookseal.flask.webhook(receiver, **options)
        app.add_url_rule("/hook", view_func=store, methods=["GET", "POST"])
        return app

    @app.route("/hook", methods=["GET", "POST"])
    @hookseal.flask.webhook(receiver, **options)  # type: ignore[untyped-decorator]
    def _view(delivery: hookseal.Delivery) -> Any:
        return "", view(delivery)

    return app


def _flask_async(view: View, receiver: Any, **options: Any) -> Any:
    app = flask.Flask(__name__)

    @app.route("/hook", methods=["GET", "POST"])
    @hookseal.flask.webhook(receiver, **options)  # type: ignore[untyped-decorator]
    async def _view(delivery: hookseal.Delivery) -> Any:
        return flask.Response(status=view(delivery))

    return app


def _django(view: View, receiver: Any, **options: Any) -> Any:
    if options.get("inbox") is not None:
        return hookseal.django.webhook(receiver, **options)

    @hookseal.django.webhook(receiver, **options)
    def hook(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
        return HttpResponse(status=view(delivery))

    return hook


def _django_async(view: View, receiver: Any, **options: Any) -> Any:
    if options.get("inbox") is not None:
        return hookseal.django.webhook(receiver, **options)

    @hookseal.django.webhook(receiver, **options)
    async def hook(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
        await asyncio.sleep(0)
        return HttpResponse(status=view(delivery))

    return hook


def _lambda(view: View, receiver: Any, **options: Any) -> Any:
    if options.get("inbox") is not None:
        return hookseal.aws_lambda.webhook(receiver, **options)

    @hookseal.aws_lambda.webhook(receiver, **options)  # type: ignore[untyped-decorator]
    def handler(delivery: hookseal.Delivery, event: dict[str, Any], context: object) -> dict[str, Any]:
        return {"statusCode": view(delivery)}

    return handler


def on_wsgi(app: Any) -> Any:
    return _django_server(servers.on_django, apps.django_wsgi_app, app())


def on_asgi(app: Any) -> Any:
    return _django_server(servers.on_uvicorn, apps.django_asgi_app, app())


@contextmanager
def _django_server(on_server: Any, make: Callable[[], Any], view: Any) -> Iterator[servers.Running]:
    make()
    patterns = view if isinstance(view, list) else [path("hook", view), path("close", _close_in_django)]
    urls: Any = ModuleType("urls")
    urls.urlpatterns = patterns
    with override_settings(ROOT_URLCONF=urls), on_server(make) as running:
        yield running


FRAMEWORKS: Final = {
    "fastapi": Framework(True, servers.on_uvicorn, _fastapi),
    "fastapi-threads": Framework(True, servers.on_uvicorn, _fastapi_threads),
    "fastapi-claim": Framework(True, servers.on_uvicorn, _fastapi_claim),
    "starlette": Framework(True, servers.on_hypercorn, _starlette),
    "flask": Framework(False, servers.on_werkzeug, _flask),
    "flask-async": Framework(False, servers.on_werkzeug, _flask_async),
    "django": Framework(False, on_wsgi, _django),
    "django-asgi": Framework(False, on_asgi, _django),
    "django-asgi-async": Framework(True, on_asgi, _django_async),
    "lambda": Framework(False, None, _lambda),
}
# One of each adapter that stores without a view.
WITH_INBOX: Final = ["fastapi", "starlette", "flask", "django", "django-asgi", "django-asgi-async", "lambda"]


class Client:
    """Sends requests to an application of a framework."""

    def __init__(self, running: servers.Running | None, app: Any) -> None:
        self.running, self.app = running, app
        # A repetition has the same signature.
        self._signed: dict[int, dict[str, str]] = {}

    def send(self, method: str, headers: dict[str, str], body: bytes = b"") -> Reply:
        if self.running is not None:
            return exchange(self.running.port, method, "/hook", headers.items(), body)
        try:
            returned = self.app({"httpMethod": method, "headers": headers, "body": body.decode()}, None)
        except ValueError:
            # As Lambda answers it.
            return Reply(500, {}, b"")
        assert json.dumps(returned)
        return Reply(returned["statusCode"], returned.get("headers", {}), returned.get("body", "").encode())

    def signed(self, number: int = 1) -> dict[str, str]:
        return self._signed.setdefault(number, sign.benji(apps.SALT, BODY % number))

    def benji(self, number: int = 1) -> Reply:
        return self.send("POST", self.signed(number), BODY % number)

    def delivery(self, number: int = 1) -> hookseal.Delivery:
        return apps.BENJI.receive(self.signed(number), BODY % number)

    def forge(self) -> None:
        """Sends requests that must be refused without a word."""
        signed, body = self.signed(), BODY % 1
        header = "x-benji-signature"
        replies = [
            (401, self.send("POST", {}, body)),
            (401, self.send("POST", sign.benji("another", body), body)),
            (401, self.send("POST", signed, BODY % 2)),
            (401, self.send("POST", signed | {header: ""}, body)),
            (401, self.send("POST", signed | {header: f"{signed[header]}, {signed[header]}"}, body)),
            (400, self.send("POST", sign.benji(apps.SALT, body, time.time() - 3_600), body)),
            (413, self.send("POST", signed, bytes(apps.LIMIT + 1))),
            (415, self.send("POST", signed | {"Content-Encoding": "gzip"}, body)),
            (405, self.send("GET", signed)),
        ]
        if self.running is not None:
            port = self.running.port
            forged = sign.benji("another", body).items()
            replies.append((401, exchange_chunked(port, "/hook", forged, [body])))
            twice = exchange(port, "POST", "/hook", [*signed.items(), (header, signed[header])], body)
            # WSGI and Django join the values.
            replies.append((twice.status if twice.status in (400, 401) else 0, twice))
        assert [status for status, _ in replies] == [reply.status for _, reply in replies]
        assert not any(reply.body for _, reply in replies)

    def start(self, number: int = 1) -> socket.socket:
        """Sends a request, and does not wait for its answer."""
        assert self.running is not None
        connection = HTTPConnection("127.0.0.1", self.running.port)
        connection.request("POST", "/hook", BODY % number, self.signed(number))
        assert connection.sock is not None
        return connection.sock


@contextmanager
def serving(name: str, view: View, receiver: Any = apps.BENJI, **options: Any) -> Iterator[Client]:
    framework = FRAMEWORKS[name]
    app = framework.make(view, receiver, **options)
    if framework.on_server is None:
        yield Client(None, app)
        return
    if framework.on_server in (servers.on_uvicorn, servers.on_hypercorn):
        app = _closing(app)
    with framework.on_server(lambda: app) as running:
        yield Client(running, app)
        if to_close and framework.is_async:
            assert exchange(running.port, "POST", "/close", []).status == 204


to_close: Final[list[Any]] = []
"""Clients that belong to the event loop of the server. uvloop waits for their connections when it ends."""


async def _close(*_: object) -> None:
    while to_close:
        await to_close.pop().aclose()


def _closing(app: Any) -> Any:
    async def run(scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path") == "/close":
            await _close()
            app_of_close = starlette.responses.Response(status_code=204)
            await app_of_close(scope, receive, send)
        else:
            await app(scope, receive, send)

    return run


async def _close_in_django(_request: HttpRequest) -> HttpResponse:
    await _close()
    return HttpResponse(status=204)


_close_in_django.csrf_exempt = True  # type: ignore[attr-defined]
