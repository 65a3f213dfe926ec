"""When a guarded handler has ended, and when it has failed: streams, cancellations, exceptions that are answers."""

import asyncio
import contextlib
import functools
import gc
import http.client
import logging
import socket
import sys
import threading
import time
import unittest
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import anyio
import django.test
import fastapi
import flask
import flask.sessions
import pydantic
import pytest
import starlette.applications
import starlette.requests
import starlette.responses
import starlette.routing
from django.db import connections, transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import SimpleTemplateResponse
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
from guarded import BODY, WORDS, Client, on_asgi, on_wsgi
from hookseal import sign

# Django leaves the file of a request's body open if a stream breaks.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <function SpooledTemporaryFile")


class Case:
    """A guard, and the outcomes that its adapter told."""

    def __init__(self) -> None:
        self.outcomes: list[str] = []
        self.guard = hookseal.ReplayGuard(10)
        self.options: dict[str, Any] = {"guard": self.guard, "on_delivery": self._tell}

    def _tell(self, delivery: hookseal.Delivery, outcome: str) -> None:
        self.outcomes.append(outcome)

    def wait_for(self, *outcomes: str) -> None:
        end = time.monotonic() + 10
        while self.outcomes != [*outcomes]:
            assert time.monotonic() < end, self.outcomes
            time.sleep(0.01)


@pytest.fixture
def case() -> Case:
    return Case()


Chunks = Callable[[], Iterator[bytes]]


def ends() -> Iterator[bytes]:
    yield b"first"
    yield b"last"


def breaks() -> Iterator[bytes]:
    yield b"first"
    raise ValueError(WORDS)


def later(chunks: Chunks) -> AsyncIterator[bytes]:
    async def run() -> AsyncIterator[bytes]:
        for chunk in chunks():
            await asyncio.sleep(0)
            yield chunk

    return run()


def flask_app(view: Any, case: Case) -> Any:
    app = flask.Flask(__name__)
    app.post("/hook")(hookseal.flask.webhook(apps.BENJI, **case.options)(view))
    return app


def flask_generator(chunks: Chunks, case: Case) -> Any:
    def view(delivery: hookseal.Delivery) -> Iterator[bytes]:
        yield from chunks()

    return servers.on_werkzeug(lambda: flask_app(view, case))


def flask_response(chunks: Chunks, case: Case) -> Any:
    def view(delivery: hookseal.Delivery) -> Any:
        return flask.Response(flask.stream_with_context(chunks()), 200)

    return servers.on_werkzeug(lambda: flask_app(view, case))


def django_stream(chunks: Chunks, case: Case) -> Any:
    @hookseal.django.webhook(apps.BENJI, **case.options)
    def view(request: HttpRequest, delivery: hookseal.Delivery) -> Any:
        return StreamingHttpResponse(chunks())

    return on_wsgi(lambda: view)


def django_async_stream(chunks: Chunks, case: Case) -> Any:
    @hookseal.django.webhook(apps.BENJI, **case.options)
    async def view(request: HttpRequest, delivery: hookseal.Delivery) -> Any:
        return StreamingHttpResponse(later(chunks))

    return on_asgi(lambda: view)


def fastapi_stream(chunks: Chunks, case: Case) -> Any:
    app = fastapi.FastAPI()
    webhook = hookseal.fastapi.Webhook(apps.BENJI, **case.options)

    @app.post("/hook")
    @webhook.handle
    async def hook(delivery: hookseal.Delivery) -> starlette.responses.StreamingResponse:
        return starlette.responses.StreamingResponse(chunks())

    return servers.on_uvicorn(lambda: app)


STREAMS = pytest.mark.parametrize(
    "make", [flask_generator, flask_response, django_stream, django_async_stream, fastapi_stream]
)


@STREAMS
def test_an_answer_that_is_streamed_counts_as_handled_at_its_end(make: Any, case: Case) -> None:
    with make(ends, case) as running:
        client = Client(running, None)
        assert client.benji().body == b"firstlast"
        case.wait_for("handled")
        assert client.benji().body == b""
    case.wait_for("handled", "duplicate")


@STREAMS
def test_a_stream_that_breaks_gives_the_claim_back(make: Any, case: Case) -> None:
    with make(breaks, case) as running:
        client = Client(running, None)
        for _ in range(2):
            with client.start() as connection:
                while connection.recv(65536):
                    pass
    case.wait_for("failed", "failed")


def test_a_stream_that_is_not_begun_gives_the_claim_back(case: Case) -> None:
    def view(delivery: hookseal.Delivery) -> Iterator[bytes]:
        yield from ends()

    app = flask_app(view, case)

    @app.after_request  # type: ignore[untyped-decorator]
    def break_off(response: Any) -> Any:
        response.close()
        return flask.Response("another", 200)

    with servers.on_werkzeug(lambda: app) as running:
        assert Client(running, None).benji().body == b"another"
    assert case.outcomes == ["failed"]


# Exceptions that are answers


def flask_view(does: Callable[[], Any], case: Case) -> Any:
    return servers.on_werkzeug(lambda: flask_app(lambda delivery: does(), case))


def test_abort_gives_the_claim_back(case: Case) -> None:
    with flask_view(lambda: flask.abort(404), case) as running:
        assert Client(running, None).benji().status == 404
    assert case.outcomes == ["failed"]


def test_an_exception_gives_the_claim_back_even_if_it_is_answered_with_success(case: Case) -> None:
    def fails(delivery: hookseal.Delivery) -> Any:
        raise ValueError(WORDS)

    app = flask_app(fails, case)
    app.register_error_handler(ValueError, lambda error: ("", 200))
    with servers.on_werkzeug(lambda: app) as running:
        assert Client(running, None).benji().status == 200
    assert case.outcomes == ["failed"]


@pytest.mark.parametrize(
    ("returned", "status"),
    [
        ("text", 200),
        ({}, 200),
        (("", 204), 204),
        (("", 503), 503),
        (("", "503 Away"), 503),
        (("", 201, {"x-a": "b"}), 201),
        (("", {"x-a": "b"}), 200),
        (None, 500),
        (404, 500),
    ],
)
def test_flask_decides_which_status_an_answer_has(returned: Any, status: int, case: Case) -> None:
    with flask_view(lambda: returned, case) as running:
        assert Client(running, None).benji().status == status
    assert case.outcomes == ["failed" if status >= 400 else "handled"]


def fails_after(app: Any) -> None:
    @app.after_request  # type: ignore[untyped-decorator]
    def commit(response: Any) -> Any:
        raise ValueError(WORDS)


def fails_after_with_an_answer(app: Any) -> None:
    fails_after(app)
    app.register_error_handler(500, lambda error: ("", 200))


def answers_after(app: Any) -> None:
    @app.after_request  # type: ignore[untyped-decorator]
    def commit(response: Any) -> Any:
        return flask.Response(status=503)


def fails_to_save_the_session(app: Any) -> None:
    class Sessions(flask.sessions.SecureCookieSessionInterface):
        def is_null_session(self, obj: object) -> bool:
            return False

        def save_session(self, *_: Any) -> None:
            raise ValueError(WORDS)

    app.session_interface = Sessions()


def fails_before(app: Any) -> None:
    @app.before_request  # type: ignore[untyped-decorator]
    def register() -> None:
        @flask.after_this_request
        def fail(response: Any) -> Any:
            raise ValueError(WORDS)


def propagates(app: Any) -> None:
    fails_after(app)
    app.config["PROPAGATE_EXCEPTIONS"] = True


def returned_nothing(app: Any) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.view_functions["run"].__wrapped__.returned = None


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (fails_after, 500),
        (fails_after_with_an_answer, 200),
        (answers_after, 503),
        (fails_to_save_the_session, 500),
        (fails_before, 500),
        (propagates, 500),
        (returned_nothing, 500),
    ],
)
@pytest.mark.parametrize("returned", [("", 204), ends])
def test_what_fails_in_flask_after_the_view_gives_the_claim_back(
    change: Any, status: int, returned: Any, case: Case
) -> None:
    def run(delivery: hookseal.Delivery) -> Any:
        return run.returned() if callable(run.returned) else run.returned  # type: ignore[attr-defined]

    run.returned = returned  # type: ignore[attr-defined]
    app = flask_app(run, case)
    change(app)
    with servers.on_werkzeug(lambda: app) as running:
        client = Client(running, None)
        assert [client.benji().status, client.benji().status] == [status, status]
    assert case.outcomes == ["failed", "failed"]
    assert case.guard.held == 0


@pytest.mark.parametrize("reads", [False, True])
@pytest.mark.parametrize("returned", [("", 204), ends])
def test_the_claim_is_confirmed_after_the_functions_of_flask(returned: Any, reads: bool, case: Case) -> None:
    app = flask_app(lambda delivery: returned() if callable(returned) else returned, case)
    seen: list[list[str]] = []

    @app.after_request  # type: ignore[untyped-decorator]
    def after(response: Any) -> Any:
        if reads:
            response.get_data()
        seen.append([*case.outcomes])
        return response

    with servers.on_werkzeug(lambda: app) as running:
        assert Client(running, None).benji().status in (200, 204)
        case.wait_for("handled")
    assert seen == [[]]


def test_a_stream_that_another_answer_replaces_gives_the_claim_back(case: Case) -> None:
    app = flask_app(lambda delivery: ends(), case)

    @app.after_request  # type: ignore[untyped-decorator]
    def after(response: Any) -> Any:
        return flask.Response("another")

    with servers.on_werkzeug(lambda: app) as running:
        assert Client(running, None).benji().status == 200
    assert case.outcomes == ["failed"]


def another_response(response: Any) -> Any:
    return flask.Response(ends())


def another_response_that_breaks(response: Any) -> Any:
    return flask.Response(breaks())


def other_chunks(response: Any) -> Any:
    response.response = ends()
    return response


def other_chunks_that_flask_hands_on(response: Any) -> Any:
    response.response, response.direct_passthrough = ends(), True
    return response


def no_stream(response: Any) -> Any:
    response.set_data(b"another")
    return response


def what_was_left(response: Any) -> Any:
    next(response.response)
    return flask.Response(ends())


def what_failed(response: Any) -> Any:
    with contextlib.suppress(ValueError):
        response.get_data()
    return flask.Response(ends())


@pytest.mark.parametrize(
    ("chunks", "replace"),
    [
        (ends, another_response),
        (ends, another_response_that_breaks),
        (ends, other_chunks),
        (ends, other_chunks_that_flask_hands_on),
        (ends, no_stream),
        (ends, what_was_left),
        (breaks, what_failed),
    ],
)
def test_a_stream_of_flask_that_was_replaced_gives_the_claim_back(chunks: Any, replace: Any, case: Case) -> None:
    app = flask_app(lambda delivery: chunks(), case)
    app.after_request(replace)
    with servers.on_werkzeug(lambda: app) as running, Client(running, None).start() as connection:
        while connection.recv(65536):
            pass
        case.wait_for("failed")
    assert case.guard.held == 0


def wrapped(response: Any) -> Any:
    response.response = (chunk.upper() for chunk in response.response)
    return response


def read_and_replaced(response: Any) -> Any:
    return flask.Response([*response.response])


def read_and_streamed(response: Any) -> Any:
    return flask.Response(iter([*response.response]))


@pytest.mark.parametrize("change", [wrapped, read_and_replaced, read_and_streamed])
def test_a_stream_of_flask_that_was_changed_counts_from_its_end(change: Any, case: Case) -> None:
    app = flask_app(lambda delivery: ends(), case)
    app.after_request(change)
    with servers.on_werkzeug(lambda: app) as running:
        assert Client(running, None).benji().body.lower() == b"firstlast"
        case.wait_for("handled")


@pytest.mark.parametrize("returned", [("", 200), ends])
@pytest.mark.parametrize(("chunks", "outcome"), [(ends, "handled"), (breaks, "failed")])
def test_the_answer_of_flask_that_is_sent_decides(chunks: Any, outcome: str, returned: Any, case: Case) -> None:
    app = flask_app(lambda delivery: returned() if callable(returned) else returned, case)

    @app.after_request  # type: ignore[untyped-decorator]
    def stream(response: Any) -> Any:
        response.get_data()
        return flask.Response(chunks())

    with servers.on_werkzeug(lambda: app) as running, Client(running, None).start() as connection:
        while connection.recv(65536):
            pass
        case.wait_for(outcome)


@pytest.mark.parametrize("leaves", [False, True])
def test_a_file_that_flask_streams_is_closed(leaves: bool, tmp_path: Path, case: Case) -> None:
    files: list[Any] = []
    path = tmp_path / "answer"
    path.write_bytes(b"firstlast")

    def view(delivery: hookseal.Delivery) -> Any:
        files.append(path.open("rb"))
        return flask.send_file(files[0], "text/plain")

    app = flask_app(view, case)
    if leaves:
        app = leaving(app)
    with servers.on_werkzeug(lambda: app) as running:
        Client(running, None).benji()
        assert running.watched is not None
        assert [running.watched.get(timeout=10) for _ in range(2)] == ["began ", "ended "]
    assert case.outcomes == ["failed" if leaves else "handled"]
    assert files[0].closed


def leaving(app: Any) -> Any:
    """As a server does if the sender leaves before the answer begins."""

    def run(environ: Any, start_response: Any) -> Any:
        app(environ, start_response).close()
        yield b""

    return run


@pytest.mark.parametrize("passes_on", [False, True])
def test_a_stream_of_flask_whose_sender_has_left_gives_the_claim_back(passes_on: bool, case: Case) -> None:
    def view(delivery: hookseal.Delivery) -> Any:
        return flask.Response(ends(), direct_passthrough=passes_on)

    with servers.on_werkzeug(lambda: leaving(flask_app(view, case))) as running:
        Client(running, None).benji()
        case.wait_for("failed")


def test_what_ends_a_worker_of_flask_gives_the_claim_back(case: Case) -> None:
    app = flask_app(lambda delivery: ("", 204), case)

    @app.after_request  # type: ignore[untyped-decorator]
    def after(response: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        app.test_client().post("/hook", data=BODY % 1, headers=sign.benji(apps.SALT, BODY % 1))
    assert case.outcomes == ["failed"]


def test_flask_without_asgiref_claims_nothing(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    async def view(delivery: hookseal.Delivery) -> Any:
        raise AssertionError

    monkeypatch.setitem(sys.modules, "asgiref.sync", None)
    with servers.on_werkzeug(lambda: flask_app(view, case)) as running:
        assert Client(running, None).benji().status == 500
    assert case.outcomes == []
    assert case.guard.held == 0


def fastapi_app(view: Any, case: Case, **route: Any) -> Any:
    app = fastapi.FastAPI()
    app.post("/hook", **route)(hookseal.fastapi.Webhook(apps.BENJI, **case.options).handle(view))
    return app


def test_an_exception_with_a_status_of_success_gives_the_claim_back(case: Case) -> None:
    async def view(delivery: hookseal.Delivery) -> None:
        raise fastapi.HTTPException(204)

    with servers.on_uvicorn(lambda: fastapi_app(view, case)) as running:
        assert Client(running, None).benji().status == 204
    assert case.outcomes == ["failed"]


def test_background_tasks_run_after_the_confirmation(case: Case) -> None:
    seen: list[list[str]] = []

    async def view(delivery: hookseal.Delivery, tasks: fastapi.BackgroundTasks) -> dict[str, str]:
        tasks.add_task(lambda: seen.append([*case.outcomes]))
        return {}

    with servers.on_uvicorn(lambda: fastapi_app(view, case)) as running:
        assert Client(running, None).benji().status == 200
    assert seen == [["handled"]]


def test_an_exception_of_django_that_is_an_answer_gives_the_claim_back(case: Case) -> None:
    @hookseal.django.webhook(apps.BENJI, **case.options)
    def view(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
        raise Http404

    with on_wsgi(lambda: view) as running:
        assert Client(running, None).benji().status == 404
    assert case.outcomes == ["failed"]


# Answers that are made after the view


class Number(pydantic.BaseModel):
    number: int


def test_a_value_that_fastapi_refuses_gives_the_claim_back(case: Case) -> None:
    values: list[Any] = [{"number": 7}, {"number": WORDS}, {"number": WORDS}]

    async def view(delivery: hookseal.Delivery) -> Any:
        return values.pop()

    app = fastapi_app(view, case, response_model=Number)
    assert [*app.openapi()["paths"]["/hook"]["post"]["responses"]] == ["200"]
    with servers.on_uvicorn(lambda: app) as running:
        client = Client(running, None)
        assert [client.benji().status for _ in range(4)] == [500, 500, 200, 200]
    assert case.outcomes == ["failed", "failed", "handled", "duplicate"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_dependency_that_ends_before_the_answer_and_fails_gives_the_claim_back(stream: bool, case: Case) -> None:
    async def commit() -> AsyncIterator[None]:
        yield
        raise ValueError(WORDS)

    async def view(delivery: hookseal.Delivery, _: Annotated[None, fastapi.Depends(commit, scope="function")]) -> Any:
        return starlette.responses.StreamingResponse(ends()) if stream else {}

    with servers.on_uvicorn(lambda: fastapi_app(view, case)) as running:
        client = Client(running, None)
        assert [client.benji().status, client.benji().status] == [500, 500]
    assert case.outcomes == ["failed", "failed"]


def test_the_status_of_a_dependency_or_of_the_route_gives_the_claim_back(case: Case) -> None:
    statuses: list[Any] = [None, None, 409]

    def status(response: fastapi.Response) -> None:
        response.status_code = statuses.pop()

    async def view(delivery: hookseal.Delivery, _: Annotated[None, fastapi.Depends(status)]) -> dict[str, str]:
        return {}

    async def made(delivery: hookseal.Delivery) -> Any:
        return starlette.responses.Response(status_code=204)

    async def plain(delivery: hookseal.Delivery) -> dict[str, str]:
        return {}

    with servers.on_uvicorn(lambda: fastapi_app(view, case)) as running:
        client = Client(running, None)
        assert [client.benji().status for _ in range(3)] == [409, 200, 200]
    with servers.on_uvicorn(lambda: fastapi_app(plain, case, status_code=503)) as running:
        client = Client(running, None)
        assert [client.benji(2).status, client.benji(2).status] == [503, 503]
    with servers.on_uvicorn(lambda: fastapi_app(made, case, status_code=503)) as running:
        client = Client(running, None)
        assert [client.benji(3).status, client.benji(3).status] == [204, 200]
    assert case.outcomes == ["failed", "handled", "duplicate", "failed", "failed", "handled", "duplicate"]


def test_a_view_of_starlette_that_returns_no_response_gives_the_claim_back(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    async def view(request: starlette.requests.Request, delivery: hookseal.Delivery) -> Any:
        return {}

    with on_starlette(view, case) as running:
        assert Client(running, None).benji().status == 500
    assert "the view must return a Response; in FastAPI use the Webhook of hookseal.fastapi" in caplog.text
    assert case.outcomes == ["failed"]


class Own(starlette.responses.StreamingResponse):
    """An answer of the program's own class."""


@pytest.mark.parametrize("kind", [starlette.responses.StreamingResponse, Own])
@pytest.mark.parametrize("is_fastapi", [False, True])
def test_a_stream_of_starlette_that_never_begins_gives_the_claim_back(
    kind: Any, is_fastapi: bool, case: Case
) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError
        yield b""

    async def view(request: starlette.requests.Request, delivery: hookseal.Delivery) -> Any:
        return kind(never())

    def breaks_off(app: Any) -> Any:
        async def run(scope: Any, receive: Any, send: Any) -> None:
            async def fail(message: Any) -> None:
                assert message["type"] == "http.response.start"
                raise ConnectionResetError

            await app(scope, receive, fail)

        return run

    if is_fastapi:
        app = fastapi_app(view, case)
    else:
        endpoint = hookseal.starlette.Webhook(apps.BENJI, **case.options).handle(view)
        app = starlette.applications.Starlette(routes=[starlette.routing.Route("/hook", endpoint, methods=["POST"])])
    with servers.on_uvicorn(lambda: breaks_off(app)) as running:
        assert Client(running, None).benji().status == 500
    assert case.outcomes == ["failed"]


@pytest.fixture
def without_log() -> Iterator[None]:
    """pytest keeps the exceptions of the log, and with them what their frames have."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def replaces(response: Any) -> Any:
    return starlette.responses.Response(b"another")


def replaces_by_a_stream(response: Any) -> Any:
    return starlette.responses.StreamingResponse(ends())


def keeps_the_chunks(response: Any) -> Any:
    return starlette.responses.StreamingResponse(response.body_iterator)


def keeps_chunks_that_break(response: Any) -> Any:
    async def run() -> AsyncIterator[bytes]:
        async for chunk in response.body_iterator:
            yield chunk
            raise ValueError(WORDS)

    return starlette.responses.StreamingResponse(run())


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (replaces, "failed"),
        (replaces_by_a_stream, "failed"),
        (keeps_the_chunks, "handled"),
        (keeps_chunks_that_break, "failed"),
    ],
)
@pytest.mark.parametrize("on_server", [servers.on_uvicorn, servers.on_hypercorn])
@pytest.mark.parametrize("is_fastapi", [False, True])
def test_a_stream_of_starlette_that_a_decorator_replaces_ends_its_claim(
    is_fastapi: bool, on_server: Any, change: Any, outcome: str, case: Case, without_log: None
) -> None:
    async def view(request: starlette.requests.Request, delivery: hookseal.Delivery) -> Any:
        return starlette.responses.StreamingResponse(ends())

    module: Any = hookseal.fastapi if is_fastapi else hookseal.starlette
    checked = module.Webhook(apps.BENJI, **case.options).handle(view)

    @functools.wraps(checked)
    async def outside(*arguments: Any, **keywords: Any) -> Any:
        return change(await checked(*arguments, **keywords))

    if is_fastapi:
        app: Any = fastapi.FastAPI()
        app.post("/hook")(outside)
    else:
        app = starlette.applications.Starlette(routes=[starlette.routing.Route("/hook", outside, methods=["POST"])])
    with on_server(lambda: app) as running:
        with contextlib.suppress(http.client.IncompleteRead):
            Client(running, None).benji()
        gc.collect()
        case.wait_for(outcome)
    assert case.guard.held == (outcome == "handled")


class Template:
    """A template that fails until it is told not to."""

    def __init__(self, case: Case) -> None:
        self.fails, self.outcomes = True, case.outcomes

    def render(self, context: Any, request: Any) -> str:
        assert "handled" not in self.outcomes
        if self.fails:
            raise ValueError(WORDS)
        return "rendered"


def rest_response(template: Template) -> Any:
    from rest_framework.renderers import JSONRenderer
    from rest_framework.response import Response

    class Renderer(JSONRenderer):
        def render(self, *_: Any, **__: Any) -> bytes:
            return template.render(None, None).encode()

    response: Any = Response({})
    response.accepted_renderer, response.accepted_media_type = Renderer(), "application/json"
    response.renderer_context = {}
    return response


def of_template(template: Any) -> Any:
    return SimpleTemplateResponse(template)


@pytest.mark.parametrize("make", [of_template, rest_response])
@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("on_server", [on_wsgi, on_asgi])
def test_a_template_that_fails_gives_the_claim_back(make: Any, is_async: bool, on_server: Any, case: Case) -> None:
    apps.django_wsgi_app()
    template = Template(case)

    @hookseal.django.webhook(apps.BENJI, **case.options)
    def sync_view(request: HttpRequest, delivery: hookseal.Delivery) -> Any:
        return make(template)

    @hookseal.django.webhook(apps.BENJI, **case.options)
    async def async_view(request: HttpRequest, delivery: hookseal.Delivery) -> Any:
        return make(template)

    with on_server(lambda: async_view if is_async else sync_view) as running:
        client = Client(running, None)
        assert [client.benji().status, client.benji().status] == [500, 500]
        template.fails = False
        replies = [client.benji(), client.benji()]
        assert [(reply.status, reply.body) for reply in replies] == [(200, b"rendered"), (200, b"")]
    assert case.outcomes == ["failed", "failed", "handled", "duplicate"]


class Replacing:
    """Middleware of Django that puts another answer in the place of the view's."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Any) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        response = self._get_response(request)
        return HttpResponse() if response.streaming else response

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        return of_template(Template.__new__(Replacement))


class Replacement(Template):
    def render(self, context: Any, request: Any) -> str:
        return ""


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("on_server", [on_wsgi, on_asgi])
@pytest.mark.parametrize("is_stream", [False, True])
def test_an_answer_that_middleware_of_django_replaces_gives_the_claim_back(
    is_stream: bool, is_async: bool, on_server: Any, case: Case
) -> None:
    apps.django_wsgi_app()

    def answer() -> Any:
        return StreamingHttpResponse(ends()) if is_stream else SimpleTemplateResponse("absent.html")

    @hookseal.django.webhook(apps.BENJI, **case.options)
    def sync_view(request: HttpRequest, delivery: hookseal.Delivery) -> Any:
        return answer()

    @hookseal.django.webhook(apps.BENJI, **case.options)
    async def async_view(request: HttpRequest, delivery: hookseal.Delivery) -> Any:
        return answer()

    with (
        override_settings(MIDDLEWARE=[f"{__name__}.Replacing"]),
        on_server(lambda: async_view if is_async else sync_view) as running,
    ):
        client = Client(running, None)
        assert client.benji().status == 200
        case.wait_for("failed")
    assert case.guard.held == 0


# Views that have not run


def hiding(view: Any) -> Any:
    """A decorator of a program, behind which nobody sees that a view is asynchronous or a generator."""

    @functools.wraps(view)
    def run(*arguments: Any, **keywords: Any) -> Any:
        return view(*arguments, **keywords)

    return run


def forgetting(view: Any) -> Any:
    """A decorator that forgets an `await`."""

    @functools.wraps(view)
    async def run(*arguments: Any, **keywords: Any) -> Any:
        return view(*arguments, **keywords)

    return run


def on_flask(view: Any, case: Case) -> Any:
    return servers.on_werkzeug(lambda: flask_app(view, case))


def on_django(view: Any, case: Case) -> Any:
    webhook: Any = hookseal.django.webhook(apps.BENJI, **case.options)
    return on_wsgi(lambda: webhook(view))


def on_django_async(view: Any, case: Case) -> Any:
    webhook: Any = hookseal.django.webhook(apps.BENJI, **case.options)
    return on_asgi(lambda: webhook(view))


def on_fastapi(view: Any, case: Case) -> Any:
    return servers.on_uvicorn(lambda: fastapi_app(view, case))


def on_starlette(view: Any, case: Case) -> Any:
    endpoint = hookseal.starlette.Webhook(apps.BENJI, **case.options).handle(view)
    routes = [starlette.routing.Route("/hook", endpoint, methods=["POST"])]
    return servers.on_hypercorn(lambda: starlette.applications.Starlette(routes=routes))


async def never_of_flask(delivery: hookseal.Delivery) -> Any:
    raise AssertionError


async def never_of_django(request: HttpRequest, delivery: hookseal.Delivery) -> Any:
    raise AssertionError


def generator_of_django(request: HttpRequest, delivery: hookseal.Delivery) -> Any:
    yield b""
    raise AssertionError


async def never_of_starlette(request: starlette.requests.Request, delivery: hookseal.Delivery) -> Any:
    raise AssertionError


async def async_generator(delivery: hookseal.Delivery) -> Any:
    yield ""
    raise AssertionError


@pytest.mark.parametrize(
    ("on_server", "view"),
    [
        (on_flask, hiding(never_of_flask)),
        (on_django, hiding(never_of_django)),
        (on_django, hiding(generator_of_django)),
        (on_django_async, forgetting(never_of_django)),
        (on_fastapi, forgetting(never_of_flask)),
        (on_fastapi, forgetting(lambda delivery: (each for each in [delivery]))),
        (on_starlette, forgetting(never_of_starlette)),
    ],
)
def test_a_view_that_has_not_run_gives_the_claim_back(on_server: Any, view: Any, case: Case) -> None:
    with on_server(view, case) as running:
        client = Client(running, None)
        assert [client.benji().status, client.benji().status] == [500, 500]
    assert case.outcomes == ["failed", "failed"]
    assert case.guard.held == 0


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (hiding(never_of_flask), "the function returned something to await"),
        (hiding(async_generator), "the function returned a generator"),
    ],
)
def test_a_function_of_lambda_that_has_not_run_gives_the_claim_back(returned: Any, words: str, case: Case) -> None:
    function = hiding(lambda delivery, event, context: returned(delivery))
    handler: Any = hookseal.aws_lambda.webhook(apps.BENJI, **case.options)(function)
    body = BODY % 1
    event = {"httpMethod": "POST", "headers": sign.benji(apps.SALT, body), "body": body.decode()}
    for _ in range(2):
        with pytest.raises(TypeError, match=words):
            handler(event, None)
    assert case.outcomes == ["failed", "failed"]


def test_an_asynchronous_view_behind_a_decorator_that_is_not_is_awaited(case: Case) -> None:
    ran: list[hookseal.Delivery] = []

    async def of_fastapi(delivery: hookseal.Delivery) -> dict[str, str]:
        await asyncio.sleep(0)
        ran.append(delivery)
        return {}

    async def of_starlette(request: starlette.requests.Request, delivery: hookseal.Delivery) -> Any:
        await asyncio.sleep(0)
        ran.append(delivery)
        return starlette.responses.Response()

    with on_fastapi(hiding(of_fastapi), case) as running:
        assert Client(running, None).benji().status == 200
    with on_starlette(hiding(of_starlette), case) as running:
        assert Client(running, None).benji(2).status == 200
    assert len(ran) == 2
    assert case.outcomes == ["handled", "handled"]


# Cancellations


def leave_while_it_waits(running: servers.Running, case: Case, waits: Any) -> None:
    client = Client(running, None)
    connection: socket.socket = client.start()
    assert waits.wait(10)
    connection.close()
    case.wait_for("failed")
    assert case.guard.claim(client.delivery().replay_key()).outcome == "claimed"


def test_a_sender_that_leaves_an_asynchronous_view_of_django_gives_the_claim_back(case: Case) -> None:
    waits = threading.Event()

    @hookseal.django.webhook(apps.BENJI, **case.options)
    async def view(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
        waits.set()
        await asyncio.sleep(60)
        raise AssertionError

    with on_asgi(lambda: view) as running:
        leave_while_it_waits(running, case, waits)


@pytest.mark.parametrize("form", ["handle", "claim"])
@pytest.mark.parametrize("by", ["anyio", "asyncio"])
def test_a_cancelled_request_gives_the_claim_back(by: str, form: str, case: Case) -> None:
    told: list[str] = []

    async def on_delivery(delivery: hookseal.Delivery, outcome: str) -> None:
        # It is awaited to its end, although the request is cancelled.
        await anyio.sleep(0.01)
        told.append(outcome)

    webhook = hookseal.starlette.Webhook(apps.BENJI, guard=case.guard, on_delivery=on_delivery)
    body = BODY % 1
    headers = [(name.encode(), value.encode()) for name, value in sign.benji(apps.SALT, body).items()]
    delivery = apps.BENJI.receive(headers, body)
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/", "headers": headers}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    started: list[Any] = []

    @webhook.handle
    async def view(request: starlette.requests.Request, delivery: hookseal.Delivery) -> Any:
        started[0].set()
        await anyio.sleep(60)

    async def run() -> None:
        request = starlette.requests.Request(scope, receive)
        if form == "handle":
            await view(request)
            return
        async with webhook.claim(request):
            started[0].set()
            await anyio.sleep(60)

    async def cancel() -> None:
        started.append(anyio.Event())
        if by == "asyncio":
            task = asyncio.create_task(run())
            await started[0].wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            await started[0].wait()
            tasks.cancel_scope.cancel()
        assert tasks.cancel_scope.cancelled_caught

    asyncio.run(cancel())
    assert told == ["failed"]
    assert case.guard.claim(delivery.replay_key()).outcome == "claimed"


def test_a_request_that_is_cancelled_while_it_ends_ends_all_the_same(case: Case) -> None:
    told: list[str] = []

    async def cancel() -> None:
        ends = asyncio.Event()

        async def on_delivery(delivery: hookseal.Delivery, outcome: str) -> None:
            ends.set()
            await asyncio.sleep(0.01)
            told.append(outcome)

        webhook = hookseal.starlette.Webhook(apps.BENJI, guard=case.guard, on_delivery=on_delivery)
        body = BODY % 1
        headers = [(name.encode(), value.encode()) for name, value in sign.benji(apps.SALT, body).items()]
        scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/", "headers": headers}

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        @webhook.handle
        async def view(request: starlette.requests.Request, delivery: hookseal.Delivery) -> Any:
            return starlette.responses.Response()

        task = asyncio.ensure_future(view(starlette.requests.Request(scope, receive)))
        await ends.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert told == ["handled"]


# What would lose deliveries is refused


def test_a_dependency_with_a_guard_is_refused_when_the_program_starts(case: Case) -> None:
    app = fastapi.FastAPI()
    for options in ({"guard": case.guard}, {"on_delivery": case.options["on_delivery"]}):
        webhook = hookseal.fastapi.Webhook(apps.BENJI, **options)
        with pytest.raises(TypeError, match=r"cannot be a dependency .* decorate the view with its `handle`"):

            @app.post("/hook")
            async def hook(delivery: Annotated[hookseal.Delivery, fastapi.Depends(webhook)]) -> None:
                raise AssertionError


def test_a_view_that_awaits_a_guarded_webhook_is_an_error(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    webhook = hookseal.starlette.Webhook(apps.BENJI, **case.options)

    async def hook(request: starlette.requests.Request) -> Any:
        await webhook(request)
        raise AssertionError

    app = starlette.applications.Starlette(routes=[starlette.routing.Route("/hook", hook, methods=["POST"])])
    with servers.on_uvicorn(lambda: app) as running:
        assert Client(running, None).benji().status == 500
    assert "cannot be a dependency or be awaited" in caplog.text
    assert case.guard.held == 0


def test_handle_takes_a_view_with_an_argument_for_the_delivery(case: Case) -> None:
    webhook = hookseal.starlette.Webhook(apps.BENJI, **case.options)

    async def without(request: starlette.requests.Request) -> None: ...
    async def generator(delivery: hookseal.Delivery) -> AsyncIterator[str]:
        yield ""

    with pytest.raises(TypeError, match="must have an argument named delivery"):
        webhook.handle(without)
    with pytest.raises(TypeError, match="must not be an async generator function"):
        webhook.handle(generator)
    with pytest.raises(TypeError, match="must not be an async generator function"):
        webhook.handle(hiding(generator))


@pytest.fixture
def atomic(tmp_path: Any) -> Iterator[None]:
    """A database of Django with ATOMIC_REQUESTS."""
    apps.django_wsgi_app()
    connections.settings["atomic"] = connections["default"].settings_dict | {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "atomic.db"),
        "ATOMIC_REQUESTS": True,
    }
    yield
    connections["atomic"].close()
    del connections.settings["atomic"]


def test_a_transaction_of_the_request_is_refused_with_words(
    case: Case, caplog: pytest.LogCaptureFixture, atomic: None
) -> None:
    calls: list[str] = []

    def view(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
        calls.append("called")
        return HttpResponse()

    checked: Any = hookseal.django.webhook(apps.BENJI, **case.options)(view)  # type: ignore[no-untyped-call]
    with on_wsgi(lambda: [path("hook", checked)]) as running:
        assert Client(running, None).benji().status == 500
        assert "decorate the view with transaction.non_atomic_requests" in caplog.text
    assert calls == []
    with on_wsgi(lambda: [path("hook", transaction.non_atomic_requests(using="atomic")(checked))]) as running:
        assert Client(running, None).benji().status == 200


def test_the_transaction_of_a_test_case_of_django_is_none_of_the_request(case: Case, atomic: None) -> None:
    @hookseal.django.webhook(apps.BENJI, **case.options)
    def refused(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
        raise AssertionError

    @transaction.non_atomic_requests(using="atomic")
    @hookseal.django.webhook(apps.BENJI, **case.options)
    def hook(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
        return HttpResponse()

    urls: Any = ModuleType("urls")
    urls.urlpatterns = [path("refused", refused), path("hook", hook)]
    statuses: list[int] = []

    class InTransaction(django.test.TestCase):
        databases: Any = {"atomic"}  # noqa: RUF012

        def runTest(self) -> None:
            self.client.raise_request_exception = False
            for place in ("/refused", "/hook"):
                headers = sign.benji(apps.SALT, BODY % 1)
                reply = self.client.post(place, BODY % 1, content_type="application/json", headers=headers)
                statuses.append(reply.status_code)

    result = unittest.TestResult()
    with override_settings(ROOT_URLCONF=urls, ALLOWED_HOSTS=["*"]):
        unittest.TestSuite([InTransaction()]).run(result)
    assert (result.errors, result.failures) == ([], [])
    assert statuses == [500, 200]


def test_a_receive_that_is_not_made_yet_leads_nowhere() -> None:
    async def receive() -> Any:
        return await outer_receive()

    assert hookseal.starlette._read_by(receive) is None
    outer_receive: Any = None
