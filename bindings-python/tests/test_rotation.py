"""Receivers are replaced while a service runs, as the README shows, and keys with dates end by themselves."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any

import fastapi
import flask
import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import apps
import hookseal.aws_lambda
import hookseal.django
import hookseal.fastapi
import hookseal.flask
import hookseal.starlette
import servers
from hookseal import Delivery, Key, Receiver, sign
from samples import NOW
from wire import exchange

OLD, NEW = Key("old salt", id="2025"), Key("new salt", id="2026")
RINGS = [[OLD], [NEW, OLD], [NEW]]
NUMBERS = count()


class Current:
    """Holds the view of the current keys."""

    def __init__(self, make: Callable[[Receiver[Delivery]], Any]) -> None:
        self._make = make
        self.load([OLD])

    def load(self, keys: list[Key]) -> None:
        self.view = self._make(Receiver.benji(keys))


Send = Callable[[str], tuple[int, str]]


@contextmanager
def on_flask() -> Iterator[tuple[Current, Send]]:
    def handle(delivery: Delivery) -> str:
        return delivery.key_id

    current = Current(lambda receiver: hookseal.flask.webhook(receiver)(handle))
    app = flask.Flask(__name__)
    app.add_url_rule("/hook", "hook", lambda: current.view(), methods=["POST"])
    with servers.on_werkzeug(lambda: app) as running:
        yield current, sender(running.port)


@contextmanager
def on_django() -> Iterator[tuple[Current, Send]]:
    def handle(request: HttpRequest, delivery: Delivery) -> HttpResponse:
        return HttpResponse(delivery.key_id)

    app = apps.django_wsgi_app()
    current = Current(lambda receiver: hookseal.django.webhook(receiver)(handle))
    route = path("hook", csrf_exempt(lambda request: current.view(request)))
    with override_settings(ROOT_URLCONF=(route,)), servers.on_django(lambda: app) as running:
        yield current, sender(running.port)


def asynchronous(delivery: Delivery) -> Response:
    return PlainTextResponse(delivery.key_id)


async def handle_request(request: Request, delivery: Delivery) -> Response:
    return asynchronous(delivery)


@contextmanager
def on_starlette() -> Iterator[tuple[Current, Send]]:
    current = Current(lambda receiver: hookseal.starlette.Webhook(receiver).handle(handle_request))

    async def hook(request: Request) -> Response:
        answer: Response = await current.view(request)
        return answer

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    with servers.on_uvicorn(lambda: app) as running:
        yield current, sender(running.port)


@contextmanager
def on_fastapi() -> Iterator[tuple[Current, Send]]:
    current = Current(lambda receiver: hookseal.fastapi.Webhook(receiver).handle(handle_request))
    app = fastapi.FastAPI()

    @app.post("/hook")
    async def hook(request: Request) -> Response:
        answer: Response = await current.view(request)
        return answer

    with servers.on_uvicorn(lambda: app) as running:
        yield current, sender(running.port)


@contextmanager
def on_lambda() -> Iterator[tuple[Current, Send]]:
    def handle(delivery: Delivery, event: Any, context: Any) -> Any:
        return {"statusCode": 200, "body": delivery.key_id}

    current = Current(lambda receiver: hookseal.aws_lambda.webhook(receiver)(handle))

    def send(salt: str) -> tuple[int, str]:
        body = new_body()
        event = {"httpMethod": "POST", "headers": sign.benji(salt, body), "body": body.decode()}
        answer = current.view(event, None)
        return answer["statusCode"], answer.get("body", "")

    yield current, send


def sender(port: int) -> Send:
    def send(salt: str) -> tuple[int, str]:
        body = new_body()
        reply = exchange(port, "POST", "/hook", sign.benji(salt, body).items(), body)
        return reply.status, reply.body.decode()

    return send


def new_body() -> bytes:
    return b'{"event":"transaction_created","entity_type":3,"entity_id":%d}' % next(NUMBERS)


SERVICES = [on_flask, on_django, on_starlette, on_fastapi, on_lambda]


@pytest.mark.parametrize("service", SERVICES)
def test_a_running_service_takes_new_keys(
    service: Callable[[], AbstractContextManager[tuple[Current, Send]]],
) -> None:
    with service() as (current, send):
        answers = []
        for ring in RINGS:
            current.load(ring)
            answers.append((send("old salt"), send("new salt")))
        assert answers == [
            ((200, "2025"), (401, "")),
            ((200, "2025"), (200, "2026")),
            ((401, ""), (200, "2026")),
        ]
        # A mistake in the keys changes nothing.
        with pytest.raises(ValueError, match="empty"):
            current.load([])
        assert send("new salt") == (200, "2026")


def test_no_request_is_refused_while_receivers_are_replaced() -> None:
    current = Current(lambda receiver: receiver)
    current.load(RINGS[1])
    ends = threading.Event()

    def receive(salt: str) -> set[str]:
        body = new_body()
        headers = sign.benji(salt, body)
        seen = {current.view.receive(headers, body).key_id}
        while not ends.is_set():
            seen.add(current.view.receive(headers, body).key_id)
        return seen

    with ThreadPoolExecutor(4) as pool:
        seen = [pool.submit(receive, salt) for salt in ("old salt", "new salt") * 2]
        for _ in range(2_000):
            current.load([NEW, OLD])
            current.load([OLD, NEW])
        ends.set()
        assert [each.result() for each in seen] == [{"2025"}, {"2026"}] * 2


def test_keys_with_dates_need_no_replacement() -> None:
    receiver = Receiver.benji(
        [Key("old salt", id="2025", not_after=NOW), Key("new salt", id="2026", not_before=NOW - 60)]
    )
    body = new_body()

    def outcome(salt: str, now: float) -> str:
        received = receiver.try_receive(sign.benji(salt, body, now), body, now=now)
        return received.key_id if isinstance(received, Delivery) else received.code

    last, first = "signature_mismatch", "signature_mismatch"
    assert [outcome("old salt", NOW + later) for later in (-61, 0, 1)] == ["2025", "2025", last]
    assert [outcome("new salt", NOW + later) for later in (-61, -60, 1)] == [first, "2026", "2026"]
