"""The example in the docstring of each adapter runs as it is written, behind a real server."""

import os
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
import hookseal.starlette
import servers
from hookseal import sign
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
    run(examples(hookseal.flask), app=app, webhook=hookseal.flask.webhook, ResponseReturnValue=ResponseReturnValue)
    with servers.on_werkzeug(lambda: app) as running:
        yield running.port


@contextmanager
def on_django() -> Iterator[int]:
    app = apps.django_wsgi_app()
    with override_settings(BENJI_SALT=apps.SALT):
        names = run(
            examples(hookseal.django),
            settings=settings,
            webhook=hookseal.django.webhook,
            HttpRequest=HttpRequest,
            HttpResponse=HttpResponse,
        )
    with override_settings(ROOT_URLCONF=(path("benji", names["hook"]),)), servers.on_django(lambda: app) as running:
        yield running.port


ADAPTERS = {
    "fastapi": lambda: on_fastapi(hookseal.fastapi, slice(None)),
    "fastapi by starlette": lambda: on_fastapi(hookseal.starlette, slice(0, None, 2)),
    "starlette": on_starlette,
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
    names = run(examples(hookseal.aws_lambda), webhook=hookseal.aws_lambda.webhook)
    event = {"httpMethod": "POST", "headers": sign.benji(apps.SALT, BODY, time.time()), "body": BODY.decode()}
    assert names["handler"](event, None)["statusCode"] == 204
    assert names["handler"](event | {"body": "{}"}, None)["statusCode"] == 401
    assert capsys.readouterr().out == PRINTED
