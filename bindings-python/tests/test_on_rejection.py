"""`on_rejection` is called with each refusal, and the refusal is sent whatever the callback does."""

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import django.http
import fastapi
import flask
import pytest
import starlette.requests
import werkzeug.exceptions

import apps
import hookseal
import servers
from hookseal import sign
from hookseal.aws_lambda import webhook
from wire import Reply, exchange

SERVERS: dict[str, tuple[Any, Any, type]] = {
    "fastapi": (servers.on_uvicorn, apps.fastapi_app, starlette.requests.Request),
    "starlette": (servers.on_hypercorn, apps.starlette_app, starlette.requests.Request),
    "flask": (servers.on_werkzeug, apps.flask_app, flask.Request),
    "django": (servers.on_django, apps.django_wsgi_app, django.http.HttpRequest),
    "django-asgi": (servers.on_uvicorn, apps.django_asgi_app, django.http.HttpRequest),
}


@pytest.fixture(scope="module", params=[*SERVERS, "aws_lambda"])
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A function that sends a forged request to a path, and the class of the requests that the callback gets."""
    if request.param == "aws_lambda":
        yield on_lambda, dict
        return
    on_server, app, kind = SERVERS[request.param]
    with on_server(app) as running:
        yield lambda path: exchange(running.port, "POST", path, FORGED[path], b"{}"), kind


FORGED = {"/benji": list(sign.benji("another", b"{}").items()), "/benti": list(sign.benti("another").items())}
# In Flask and Django the view of /benti is asynchronous and that of /benji is not.
PATHS = pytest.mark.parametrize("path", FORGED)


def on_lambda(path: str) -> Reply:
    receiver = apps.BENJI if path == "/benji" else apps.BENTI

    @webhook(receiver, on_rejection=apps.on_rejection)
    def handler(delivery: hookseal.Delivery, event: dict[str, Any], context: object) -> None:
        raise AssertionError

    returned = handler({"httpMethod": "POST", "headers": dict(FORGED[path]), "body": "{}"}, None)
    return Reply(returned["statusCode"], returned["headers"], returned["body"].encode())


@pytest.fixture
def does(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    return lambda function: monkeypatch.setattr(apps.on_rejection, "does", function)


@PATHS
def test_it_gets_the_rejection_and_the_frameworks_own_request(server: Any, path: str, does: Any) -> None:
    send, kind = server
    calls: list[tuple[hookseal.Rejection, Any]] = []
    does(lambda rejection, request: calls.append((rejection, request)))
    assert send(path).status == 401
    ((rejection, request),) = calls
    assert isinstance(rejection, hookseal.SignatureMismatch)
    assert type(request).__mro__[-2] is kind or isinstance(request, kind)
    assert type(request).__name__ != "LocalProxy"


@PATHS
def test_it_is_awaited_before_the_answer(server: Any, path: str, does: Any) -> None:
    steps: list[str] = []

    async def slow(rejection: hookseal.Rejection, request: Any) -> None:
        for step in ("first", "last"):
            steps.append(step)
            await asyncio.sleep(0.01)

    does(slow)
    assert server[0](path).status == 401
    assert steps == ["first", "last"]


class Awaitable:
    def __await__(self) -> Iterator[None]:
        yield from asyncio.sleep(0).__await__()
        raise ValueError(WORDS)


WORDS = "words of the program"


def raises(error: BaseException) -> Callable[..., object]:
    def function(rejection: hookseal.Rejection, request: Any) -> object:
        raise error

    return function


def fails(error: BaseException) -> Callable[..., object]:
    async def function(rejection: hookseal.Rejection, request: Any) -> object:
        await asyncio.sleep(0)
        raise error

    return function


class Ends(BaseException):
    """An exception of the program that is not an `Exception`."""


async def waits_for_what_is_cancelled(rejection: hookseal.Rejection, request: Any) -> None:
    task = asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    task.cancel(WORDS)
    await task


FAILING: dict[str, Any] = {
    "raises": raises(ValueError(WORDS)),
    "fails": fails(ValueError(WORDS)),
    "awaitable": lambda rejection, request: Awaitable(),
    "of Starlette": raises(fastapi.HTTPException(418, WORDS)),
    "of Werkzeug": raises(werkzeug.exceptions.ImATeapot(WORDS)),
    "of Django": raises(django.http.Http404(WORDS)),
    "a rejection": raises(hookseal.MethodNotAllowed(WORDS)),
    "cancelled": waits_for_what_is_cancelled,
    "wrong arguments": lambda: None,
    "raises its own BaseException": raises(Ends(WORDS)),
    "fails with its own BaseException": fails(Ends(WORDS)),
    "exits": raises(SystemExit(3)),
    "exits later": fails(SystemExit(3)),
    "GeneratorExit": raises(GeneratorExit(WORDS)),
    "GeneratorExit later": fails(GeneratorExit(WORDS)),
    "cancels": raises(asyncio.CancelledError(WORDS)),
    "a group": raises(BaseExceptionGroup(WORDS, [Ends(WORDS)])),
}


@PATHS
@pytest.mark.parametrize("function", FAILING.values(), ids=FAILING)
def test_its_failure_is_logged_separately_from_the_refusal(
    server: Any, path: str, does: Any, function: Any, caplog: pytest.LogCaptureFixture
) -> None:
    does(function)
    reply = server[0](path)
    assert (reply.status, reply.body) == (401, b"")
    (failure,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert failure.name == "hookseal"
    assert failure.getMessage() == "on_rejection failed; the refusal is sent all the same"
    assert failure.exc_info is not None


def app_that_exits() -> Any:
    apps.on_rejection.does = raises(SystemExit(3))
    return apps.flask_app()


def test_it_does_not_end_a_worker_of_gunicorn() -> None:
    with servers.on_gunicorn(app_that_exits, "--worker-class=gthread", "--threads=2") as running:
        for path in ("/benji", "/benti"):
            reply = exchange(running.port, "POST", path, FORGED[path], b"{}")
            assert (reply.status, reply.body) == (401, b"")
        assert running.log is not None
        logged = running.log.read_text()
    assert logged.count("on_rejection failed; the refusal is sent all the same") == 2
    assert logged.count("Booting worker") == 1


@pytest.mark.parametrize("function", [raises(KeyboardInterrupt()), fails(KeyboardInterrupt())])
def test_a_keyboard_interrupt_is_raised_again(function: Any) -> None:
    @webhook(apps.BENJI, on_rejection=function)
    def handler(delivery: hookseal.Delivery, event: dict[str, Any], context: object) -> None:
        raise AssertionError

    with pytest.raises(KeyboardInterrupt):
        handler({"httpMethod": "GET"}, None)


@pytest.mark.parametrize("by_anyio", [False, True])
def test_a_request_that_is_cancelled_ends_while_it_waits(by_anyio: bool) -> None:
    started = asyncio.Event()

    async def waits(rejection: hookseal.Rejection, request: Any) -> None:
        started.set()
        await asyncio.sleep(60)

    checks = hookseal.starlette.Webhook(apps.BENJI, on_rejection=waits)
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": []}

    async def cancel() -> None:
        if by_anyio:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(checks, starlette.requests.Request(scope))
                await started.wait()
                tasks.cancel_scope.cancel()
            assert tasks.cancel_scope.cancelled_caught
            return
        task = asyncio.create_task(checks(starlette.requests.Request(scope)))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())


@PATHS
def test_it_cannot_change_the_answer(server: Any, path: str, does: Any) -> None:
    def changes(rejection: Any, request: Any) -> object:
        rejection.status = 200
        rejection.headers = {"x-changed": "yes"}
        return flask.Response("changed", 200)

    does(changes)
    reply = server[0](path)
    assert (reply.status, reply.body) == (401, b"")
    assert "x-changed" not in reply.headers


def test_a_changed_rejection_does_not_change_the_answer(does: Any) -> None:
    def changes(rejection: hookseal.Rejection, request: Any) -> None:
        headers: Any = rejection.headers
        headers.clear()

    @webhook(apps.BENJI, on_rejection=changes)
    def handler(delivery: hookseal.Delivery, event: dict[str, Any], context: object) -> None:
        raise AssertionError

    assert handler({"httpMethod": "GET"}, None)["headers"] == {"allow": "POST"}


def test_a_rejection_leads_to_no_frame_with_the_request() -> None:
    told: list[hookseal.Rejection] = []

    @webhook(apps.BENJI, on_rejection=lambda rejection, event: told.append(rejection))
    def handler(delivery: hookseal.Delivery, event: dict[str, Any], context: object) -> None:
        raise AssertionError

    for headers in ({}, dict(FORGED["/benji"])):
        handler({"httpMethod": "POST", "headers": headers, "body": "{}"}, None)
    assert [type(each) for each in told] == [hookseal.MissingSignature, hookseal.SignatureMismatch]
    assert [(each.__traceback__, each.__context__) for each in told] == [(None, None)] * 2


class Broken(logging.Handler):
    def handle(self, record: logging.LogRecord) -> bool:
        raise ValueError(WORDS)


@PATHS
def test_a_log_that_fails_does_not_change_the_answer(
    server: Any, path: str, does: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    does(raises(ValueError(WORDS)))
    broken = Broken()
    logging.getLogger("hookseal").addHandler(broken)
    try:
        reply = server[0](path)
    finally:
        logging.getLogger("hookseal").removeHandler(broken)
    assert (reply.status, reply.body) == (401, b"")
    # The error of the log is printed to stderr.
    assert WORDS in capsys.readouterr().err


@pytest.mark.parametrize(
    "adapter", [hookseal.fastapi.Webhook, hookseal.flask.webhook, hookseal.django.webhook, webhook]
)
def test_a_callback_that_is_not_a_function_is_a_type_error_at_start(adapter: Any) -> None:
    with pytest.raises(TypeError, match="on_rejection must be a function"):
        adapter(apps.BENJI, on_rejection="log")


def generates(*arguments: Any) -> Iterator[None]:
    yield


async def generates_async(*arguments: Any) -> AsyncIterator[None]:
    yield


class Generates:
    def __call__(self, *arguments: Any) -> Iterator[None]:
        yield


async def waits(*arguments: Any) -> None:
    pass


ADAPTERS: list[Any] = [hookseal.fastapi.Webhook, hookseal.flask.webhook, hookseal.django.webhook, webhook]
GENERATORS: list[Any] = [generates, generates_async, Generates(), functools.partial(generates, 1)]


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("function", GENERATORS)
def test_a_generator_is_a_type_error_at_start(adapter: Any, function: Any) -> None:
    with pytest.raises(
        TypeError, match=r"on_rejection must not be an? (async )?generator function: nothing would run it"
    ):
        adapter(apps.BENJI, on_rejection=function)


@pytest.mark.parametrize(
    ("adapter", "view"),
    [
        *((adapter, view) for adapter in (hookseal.django.webhook, webhook) for view in GENERATORS),
        (hookseal.flask.webhook, generates_async),
    ],
)
def test_a_view_that_nothing_would_run_is_a_type_error_at_start(adapter: Any, view: Any) -> None:
    with pytest.raises(TypeError, match=r"must not be an? (async )?generator function: nothing would run it"):
        adapter(apps.BENJI)(view)


def test_a_function_for_lambda_is_not_asynchronous() -> None:
    with pytest.raises(TypeError, match=r"must not be asynchronous: nothing would await it"):
        webhook(apps.BENJI)(waits)


def test_a_generator_in_flask_streams_the_response() -> None:
    app = flask.Flask(__name__)

    @app.post("/benji")
    @hookseal.flask.webhook(apps.BENJI)
    def _view(delivery: hookseal.Delivery) -> Iterator[str]:
        yield apps.kinds(delivery)

    body = b'{"event":"x"}'
    with servers.on_werkzeug(lambda: app) as running:
        assert exchange(running.port, "POST", "/benji", sign.benji(apps.SALT, body).items(), body).status == 200


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("given", ["salt", None, waits, hookseal.Receiver])
def test_anything_other_than_a_receiver_is_a_type_error_at_start(adapter: Any, given: Any) -> None:
    with pytest.raises(TypeError, match=r"^the first argument must be a Receiver$"):
        adapter(given)
