"""The example in the docstring of each adapter runs as it is written, behind a real server."""

import os
import sqlite3
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import fastapi
import flask
import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from flask.typing import ResponseReturnValue
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import apps
import hookseal.aws_lambda
import hookseal.django
import hookseal.fastapi
import hookseal.flask
import hookseal.inbox
import hookseal.starlette
import servers
from guarded import on_wsgi
from hookseal import sign
from hookseal.inbox.sqlite import AsyncInbox, Inbox
from wire import exchange

# A vendor's text that would start a new line in a log and colour the following text.
BODY = rb'{"event":"reward_transaction_updated","entity":3,"entity_id":"24\n3\u001b[31m"}'
PRINTED = r"transaction.updated '24\n3\x1b[31m'" + "\n"


def examples(module: ModuleType) -> list[str]:
    """The indented parts of the module's docstring."""
    parts = (module.__doc__ or "").split("\n\n")
    return [textwrap.dedent(part) for part in parts if part.startswith("    ")]


@pytest.fixture(autouse=True)
def salt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENJI_SALT", apps.SALT)


def run(examples: list[str], **names: Any) -> dict[str, Any]:
    names |= {"__name__": "example", "hookseal": hookseal, "os": os, "Delivery": hookseal.Delivery, "Any": Any}
    for example in examples:
        exec(compile(example, "example", "exec"), names)
    return names


@contextmanager
def on_fastapi(module: ModuleType, chosen: slice) -> Iterator[int]:
    app = fastapi.FastAPI()
    run(
        examples(module)[chosen],
        app=app,
        Webhook=hookseal.fastapi.Webhook,
        Annotated=Annotated,
        Depends=fastapi.Depends,
    )
    with servers.on_uvicorn(lambda: app) as running:
        yield running.port


@contextmanager
def on_starlette() -> Iterator[int]:
    names = run(
        examples(hookseal.starlette)[:2], Webhook=hookseal.starlette.Webhook, Request=Request, Response=Response
    )
    app = Starlette(routes=[Route("/benji", names["hook"], methods=["POST"])])
    with servers.on_hypercorn(lambda: app) as running:
        yield running.port


@contextmanager
def on_flask() -> Iterator[int]:
    app = flask.Flask(__name__)
    run(
        examples(hookseal.flask)[:1], app=app, webhook=hookseal.flask.webhook, ResponseReturnValue=ResponseReturnValue
    )
    with servers.on_werkzeug(lambda: app) as running:
        yield running.port


@contextmanager
def on_django() -> Iterator[int]:
    app = apps.django_wsgi_app()
    with override_settings(BENJI_SALT=apps.SALT):
        names = run(
            examples(hookseal.django)[:1],
            settings=settings,
            webhook=hookseal.django.webhook,
            HttpRequest=HttpRequest,
            HttpResponse=HttpResponse,
        )
    with override_settings(ROOT_URLCONF=(path("benji", names["hook"]),)), servers.on_django(lambda: app) as running:
        yield running.port


@contextmanager
def on_starlette_with(form: str) -> Iterator[int]:
    """The examples with a guard: a decorated view, and a block."""
    app = fastapi.FastAPI()
    names: dict[str, Any] = {"app": app, "Request": Request, "Response": Response}
    benji = hookseal.fastapi.Webhook(apps.BENJI, guard=hookseal.ReplayGuard(10))
    names = run(examples(hookseal.starlette)[3 if form == "handle" else 4 :][:1], benji=benji, **names)
    if form == "claim":
        app.add_route("/benji", names["hook"], methods=["POST"])
    with servers.on_uvicorn(lambda: app) as running:
        yield running.port


ADAPTERS = {
    "fastapi": lambda: on_fastapi(hookseal.fastapi, slice(None)),
    "fastapi by starlette": lambda: on_fastapi(hookseal.starlette, slice(0, 3, 2)),
    "starlette": on_starlette,
    "starlette handle": lambda: on_starlette_with("handle"),
    "starlette claim": lambda: on_starlette_with("claim"),
    "flask": on_flask,
    "django": on_django,
}


@pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS)
def test_the_example_of_an_adapter_runs(adapter: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with adapter() as port:
        reply = exchange(port, "POST", "/benji", sign.benji(apps.SALT, BODY, time.time()).items(), BODY)
        refused = exchange(port, "POST", "/benji", sign.benji("another", BODY, time.time()).items(), BODY)
    assert (reply.status, reply.body, refused.status, refused.body) == (204, b"", 401, b"")
    assert PRINTED in capsys.readouterr().out


def test_the_example_of_the_package_runs(capsys: pytest.CaptureFixture[str]) -> None:
    headers = sign.benji(apps.SALT, BODY, time.time())
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "headers": pairs})
    run(examples(hookseal), request=request, body=BODY)
    printed = capsys.readouterr().out
    assert printed.startswith(PRINTED[:-1])
    assert printed[:-1].isprintable()


def test_the_example_for_lambda_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names = run(examples(hookseal.aws_lambda)[:1], webhook=hookseal.aws_lambda.webhook)
    event = {"httpMethod": "POST", "headers": sign.benji(apps.SALT, BODY, time.time()), "body": BODY.decode()}
    assert names["handler"](event, None)["statusCode"] == 204
    assert names["handler"](event | {"body": "{}"}, None)["statusCode"] == 401
    assert capsys.readouterr().out == PRINTED


def test_the_example_of_each_inbox_stores(tmp_path: Path) -> None:
    file = tmp_path / "inbox.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(hookseal.inbox.tables("sqlite"))
    names: dict[str, Any] = {"receiver": apps.BENJI, "inbox": Inbox(file)}
    statuses = []

    app: Any = flask.Flask(__name__)
    run(examples(hookseal.flask)[-1:], app=app, webhook=hookseal.flask.webhook, **names)
    with servers.on_werkzeug(lambda: app) as running:
        statuses.append(send(running.port, 1))

    apps.django_wsgi_app()
    route = eval(examples(hookseal.django)[-1], names | {"webhook": hookseal.django.webhook, "path": path})
    with on_wsgi(lambda: [route]) as running:
        statuses.append(send(running.port, 2))

    app = fastapi.FastAPI()
    benji = hookseal.starlette.Webhook(apps.BENJI, inbox=AsyncInbox(file))
    run(examples(hookseal.starlette)[-1:], app=app, benji=benji)
    with servers.on_uvicorn(lambda: app) as running:
        statuses.append(send(running.port, 3))

    handler = run(examples(hookseal.aws_lambda)[-1:], webhook=hookseal.aws_lambda.webhook, **names)["handler"]
    body = STORED % 4
    event = {"httpMethod": "POST", "headers": sign.benji(apps.SALT, body), "body": body.decode()}
    statuses.append(handler(event, None)["statusCode"])

    assert statuses == [202] * 4
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM hookseal_inbox").fetchone() == (4,)


STORED = b'{"event":"transaction_created","entity_type":3,"entity_id":%d}'


def send(port: int, number: int) -> int:
    body = STORED % number
    return exchange(port, "POST", "/benji", sign.benji(apps.SALT, body).items(), body).status
