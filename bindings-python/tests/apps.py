"""One small application in every framework. `/benji` and `/benti` answer 200 with the kinds of the events."""

import logging
from collections.abc import Callable, Sequence
from inspect import iscoroutinefunction
from typing import Annotated, Any

import django
import fastapi
import flask
import starlette.applications
import starlette.middleware
import starlette.requests
import starlette.responses
import starlette.routing
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.mail.backends.base import BaseEmailBackend
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.decorators import sync_and_async_middleware

import hookseal
import hookseal.django
import hookseal.fastapi
import hookseal.flask
import hookseal.starlette

SALT, SECRET = "salt-7f3c9b1e", "yourOwnSecretCode"
LIMIT = 100_000
BENJI = hookseal.Receiver.benji(SALT, max_body_bytes=LIMIT)
BENTI = hookseal.Receiver.benti(SECRET, max_body_bytes=LIMIT)


class OnRejection:
    """The callback of all applications. Tests set what it does."""

    def __init__(self) -> None:
        self.does: Callable[[hookseal.Rejection, Any], object] = lambda rejection, request: None

    def __call__(self, rejection: hookseal.Rejection, request: Any) -> object:
        return self.does(rejection, request)


on_rejection = OnRejection()


def kinds(delivery: hookseal.Delivery) -> str:
    """The answer of all views. For the subject `raises` it fails like reading from a sender that left."""
    if any(event.subject.id == "raises" for event in delivery):
        raise ConnectionResetError("the view's own")
    return ",".join(event.kind for event in delivery)


class Middleware:
    """Removes the signature if the query is `unsigned`, and checks that the adapter changes no headers."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("query_string") == b"unsigned":
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"x-benji-signature"]
        before = [*scope.get("headers", [])]
        await self.app(scope, receive, send)
        assert [*scope.get("headers", [])] == before


def fastapi_app() -> Any:
    app = fastapi.FastAPI()
    app.add_middleware(Middleware)
    benji, benti = (hookseal.fastapi.Webhook(each, on_rejection=on_rejection) for each in (BENJI, BENTI))

    @app.post("/benji", response_class=fastapi.responses.PlainTextResponse)
    async def _(delivery: Annotated[hookseal.Delivery, fastapi.Depends(benji)]) -> str:
        return kinds(delivery)

    @app.api_route("/benti", methods=["GET", "POST"], response_class=fastapi.responses.PlainTextResponse)
    def _(delivery: Annotated[hookseal.Delivery, fastapi.Depends(benti)]) -> str:
        return kinds(delivery)

    return app


def starlette_app() -> Any:
    benji, benti = (hookseal.starlette.Webhook(each, on_rejection=on_rejection) for each in (BENJI, BENTI))

    async def on_benji(request: starlette.requests.Request) -> starlette.responses.Response:
        return starlette.responses.PlainTextResponse(kinds(await benji(request)))

    async def on_benti(request: starlette.requests.Request) -> starlette.responses.Response:
        return starlette.responses.PlainTextResponse(kinds(await benti(request)))

    routes = [
        starlette.routing.Route("/benji", on_benji, methods=["POST"]),
        starlette.routing.Route("/benti", on_benti, methods=["GET", "POST"]),
    ]
    middleware = [starlette.middleware.Middleware(Middleware)]
    return starlette.applications.Starlette(routes=routes, middleware=middleware)


def flask_app() -> Any:
    app = flask.Flask(__name__)

    @app.before_request
    def _take_away() -> None:
        if flask.request.query_string == b"unsigned" and "X-Benji-Signature" in flask.request.headers:
            del flask.request.environ["HTTP_X_BENJI_SIGNATURE"]
        flask.g.before = [*flask.request.headers.items()]

    @app.teardown_request
    def _compare(_error: BaseException | None) -> None:
        assert [*flask.request.headers.items()] == flask.g.before

    @app.post("/benji")
    @hookseal.flask.webhook(BENJI, on_rejection=on_rejection)
    def _benji(delivery: hookseal.Delivery) -> str:
        return kinds(delivery)

    @app.route("/benti", methods=["GET", "POST"])
    @hookseal.flask.webhook(BENTI, on_rejection=on_rejection)
    async def _benti(delivery: hookseal.Delivery) -> str:
        return kinds(delivery)

    return app


@hookseal.django.webhook(BENJI, on_rejection=on_rejection)
def _on_benji(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
    return HttpResponse(kinds(delivery))


@hookseal.django.webhook(BENTI, on_rejection=on_rejection)
async def _on_benti(request: HttpRequest, delivery: hookseal.Delivery) -> HttpResponse:
    return HttpResponse(kinds(delivery))


@sync_and_async_middleware
def django_middleware(get_response: Any) -> Any:
    def take_away(request: HttpRequest) -> tuple[dict[str, Any], dict[str, str]]:
        if request.META["QUERY_STRING"] == "unsigned" and "x-benji-signature" in request.headers:
            del request.META["HTTP_X_BENJI_SIGNATURE"]
        return headers(request)

    def headers(request: HttpRequest) -> tuple[dict[str, Any], dict[str, str]]:
        return {**request.META}, {**request.headers}

    async def run_async(request: HttpRequest) -> Any:
        before = take_away(request)
        response = await get_response(request)
        assert headers(request) == before
        return response

    def run(request: HttpRequest) -> Any:
        before = take_away(request)
        response = get_response(request)
        assert headers(request) == before
        return response

    return run_async if iscoroutinefunction(get_response) else run


urlpatterns = [path("benji", _on_benji), path("benti", _on_benti)]


class Mail(BaseEmailBackend):
    """Logs the mail that Django would send to its administrators for each error."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        for message in email_messages:
            logging.getLogger("mail").error("mail to administrators: %s", message.subject)
        return len(email_messages)


def _django_app(get_application: Callable[[], Any]) -> Any:
    if not settings.configured:
        csrf = "django.middleware.csrf.CsrfViewMiddleware"
        settings.configure(
            ROOT_URLCONF=__name__,
            ALLOWED_HOSTS=["127.0.0.1"],
            SECRET_KEY="x",
            MIDDLEWARE=[csrf, f"{__name__}.django_middleware"],
            # Without Django's users, which need a database.
            REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
            ADMINS=[("admin", "admin@example.com")],
            EMAIL_BACKEND=f"{__name__}.Mail",
        )
        django.setup()
    return get_application()


def django_wsgi_app() -> Any:
    return _django_app(get_wsgi_application)


def django_asgi_app() -> Any:
    return _django_app(get_asgi_application)
