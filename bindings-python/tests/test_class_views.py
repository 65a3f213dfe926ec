"""Views that are classes: the methods, the class and the function that a framework makes of it can be decorated."""

import asyncio
import functools
import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, ClassVar

import flask
import flask.views
import flask_restful  # type: ignore[import-untyped]
import pytest
import starlette.applications
import starlette.endpoints
import starlette.requests
import starlette.responses
import starlette.routing
from django.core import checks
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

import apps
import hookseal
import hookseal.aws_lambda
import hookseal.django
import hookseal.flask
import hookseal.starlette
import servers
from guarded import on_asgi, on_wsgi
from hookseal import Delivery, sign
from shown import of
from wire import exchange

BODY = b'{"event":"transaction_created","entity_type":3,"entity_id":"5f0c7a52"}'


def seen(delivery: Delivery, number: int = 7) -> str:
    assert number == 7
    return delivery[0].kind


def check(port: int, challenge: str = "c4f1e7d2") -> None:
    """The routes /benji/7 and /benti/7 work, and refuse forged requests without a traceback."""
    json = ("Content-Type", "application/json")
    headers = [*sign.benji(apps.SALT, BODY).items(), json]
    reply = exchange(port, "POST", "/benji/7", headers, BODY)
    assert (reply.status, reply.body.strip(b'"\n')) == (200, b"transaction.created")
    assert exchange(port, "POST", "/benji/7", headers, b"{}").status == 401
    assert exchange(port, "POST", "/benji/7", [], BODY).status == 401
    body = b'[{"id":1,"item":"ticket","action":"add","timestamp":%d}]' % time.time()
    assert exchange(port, "POST", "/benti/7", [*sign.benti(apps.SECRET).items(), json], body).status == 200
    reply = exchange(port, "GET", "/benti/7", sign.benti_handshake(apps.SECRET, challenge).items())
    assert (reply.status, reply.body) == (200, challenge.encode())


# Flask

benji, benti = hookseal.flask.webhook(apps.BENJI), hookseal.flask.webhook(apps.BENTI)


class FlaskMethods(flask.views.MethodView):
    @benji
    def post(self, delivery: Delivery, number: int) -> str:
        assert isinstance(self, FlaskMethods)
        return seen(delivery, number)


class FlaskHandshakes(flask.views.MethodView):
    @benti
    async def post(self, delivery: Delivery, number: int) -> str:
        assert isinstance(self, FlaskHandshakes)
        return seen(delivery, number)

    @benti
    def get(self, delivery: Delivery, number: int) -> str:
        raise AssertionError


class FlaskDecorated(flask.views.MethodView):
    decorators: ClassVar[Any] = [benji]

    def post(self, delivery: Delivery, number: int) -> str:
        return seen(delivery, number)


class FlaskDecoratedHandshakes(flask.views.View):
    decorators: ClassVar[Any] = [benti]
    methods: ClassVar[Any] = ["GET", "POST"]
    init_every_request: ClassVar[bool] = False

    def dispatch_request(self, delivery: Delivery, number: int) -> str:  # type: ignore[override]
        return seen(delivery, number)


def flask_app(on_benji: Any, on_benti: Any) -> Any:
    app = flask.Flask(__name__)
    app.add_url_rule("/benji/<int:number>", view_func=on_benji.as_view("benji"))
    app.add_url_rule("/benti/<int:number>", view_func=on_benti.as_view("benti"))
    return servers.on_werkzeug(lambda: app)


def flask_methods() -> Any:
    return flask_app(FlaskMethods, FlaskHandshakes)


def flask_decorators() -> Any:
    return flask_app(FlaskDecorated, FlaskDecoratedHandshakes)


class RestfulBenji(flask_restful.Resource):  # type: ignore[misc]
    @benji
    def post(self, delivery: Delivery, number: int) -> Any:
        return seen(delivery, number), 200, {"x-a": "b"}


class RestfulBenti(flask_restful.Resource):  # type: ignore[misc]
    method_decorators: ClassVar[Any] = [benti]

    def post(self, delivery: Delivery, number: int) -> Any:
        return seen(delivery, number)

    def get(self, delivery: Delivery, number: int) -> Any:
        raise AssertionError


def restful() -> Any:
    app = flask.Flask(__name__)
    api = flask_restful.Api(app)
    api.add_resource(RestfulBenji, "/benji/<int:number>")
    api.add_resource(RestfulBenti, "/benti/<int:number>")
    return servers.on_werkzeug(lambda: app)


# Django

django_benji, django_benti = hookseal.django.webhook(apps.BENJI), hookseal.django.webhook(apps.BENTI)


def a_class(*, is_async: bool) -> Any:
    class Sync(View):
        def post(self, request: HttpRequest, delivery: Delivery, number: int) -> HttpResponse:
            return HttpResponse(seen(delivery, number))

        def get(self, request: HttpRequest, delivery: Delivery, number: int) -> HttpResponse:
            raise AssertionError

    class Async(View):
        async def post(self, request: HttpRequest, delivery: Delivery, number: int) -> HttpResponse:
            await asyncio.sleep(0)
            return HttpResponse(seen(delivery, number))

        async def get(self, request: HttpRequest, delivery: Delivery, number: int) -> HttpResponse:
            raise AssertionError

    return Async if is_async else Sync


def classes(decorate: Callable[[type[View], Any], Any], *, is_async: bool) -> list[Any]:
    """The two views, each of a class of its own."""
    return [
        path("benji/<int:number>", decorate(a_class(is_async=is_async), django_benji)),
        path("benti/<int:number>", decorate(a_class(is_async=is_async), django_benti)),
    ]


def by_dispatch(view: type[View], webhook: Any) -> Any:
    return method_decorator(webhook, name="dispatch")(view).as_view()


def by_dispatch_among_others(view: type[View], webhook: Any) -> Any:
    return method_decorator([webhook], name="dispatch")(view).as_view()


def by_as_view(view: type[View], webhook: Any) -> Any:
    return webhook(view.as_view())


def by_own_dispatch(view: type[View], webhook: Any) -> Any:
    class Own(view):  # type: ignore[misc, valid-type]
        @webhook  # type: ignore[untyped-decorator]
        def dispatch(self, request: HttpRequest, *arguments: Any, **keywords: Any) -> Any:
            assert isinstance(self, Own)
            return super().dispatch(request, *arguments, **keywords)

    return Own.as_view()


@method_decorator(csrf_exempt, name="dispatch")
class DirectBenji(View):
    @django_benji
    def post(self, request: HttpRequest, delivery: Delivery, number: int) -> HttpResponse:
        assert isinstance(self, DirectBenji)
        return HttpResponse(seen(delivery, number))


@method_decorator(csrf_exempt, name="dispatch")
class DirectBenti(View):
    @django_benti
    def post(self, request: HttpRequest, delivery: Delivery, number: int) -> HttpResponse:
        return HttpResponse(seen(delivery, number))

    @django_benti
    def get(self, request: HttpRequest, delivery: Delivery, number: int) -> HttpResponse:
        raise AssertionError


@method_decorator(csrf_exempt, name="dispatch")
class DirectAsyncBenji(View):
    @django_benji
    async def post(self, request: HttpRequest, delivery: Delivery, number: int) -> HttpResponse:
        assert isinstance(self, DirectAsyncBenji)
        return HttpResponse(seen(delivery, number))


def noted(view: Any) -> Any:
    """A decorator of the program's own, above that of the adapter."""

    @functools.wraps(view)
    async def run(*arguments: Any, **keywords: Any) -> Any:
        return await view(*arguments, **keywords)

    return run


@method_decorator(csrf_exempt, name="dispatch")
class DirectAsyncBenti(View):
    @noted
    @django_benti
    async def post(self, request: HttpRequest, delivery: Delivery, number: int) -> HttpResponse:
        return HttpResponse(seen(delivery, number))

    @django_benti
    async def get(self, request: HttpRequest, delivery: Delivery, number: int) -> HttpResponse:
        raise AssertionError


def direct(*, is_async: bool) -> list[Any]:
    on_benji: Any = DirectAsyncBenji if is_async else DirectBenji
    on_benti: Any = DirectAsyncBenti if is_async else DirectBenti
    return [path("benji/<int:number>", on_benji.as_view()), path("benti/<int:number>", on_benti.as_view())]


def rest() -> list[Any]:
    # It reads Django's settings when it is imported.
    apps.django_wsgi_app()
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class Benji(APIView):
        authentication_classes = ()
        permission_classes = ()

        @django_benji
        def post(self, request: Request, delivery: Delivery, number: int) -> Any:
            assert isinstance(request, Request)
            data: Any = request.data
            assert data["event"] == "transaction_created"
            return Response(seen(delivery, number))

    @method_decorator(django_benti, name="dispatch")
    class Benti(APIView):
        authentication_classes = ()
        permission_classes = ()

        def post(self, request: Request, delivery: Delivery, number: int) -> Any:
            data: Any = request.data
            assert data[0]["item"] == "ticket"
            return Response(seen(delivery, number))

    return [path("benji/<int:number>", Benji.as_view()), path("benti/<int:number>", Benti.as_view())]


def served(decorate: Any, is_async: bool) -> Any:
    return (on_asgi if is_async else on_wsgi)(lambda: classes(decorate, is_async=is_async))


DJANGO: dict[str, Callable[[], Any]] = {
    f"django{'-async' if is_async else ''}-{name}": (
        lambda decorate=decorate, is_async=is_async: (on_asgi if is_async else on_wsgi)(  # type: ignore[misc]
            lambda: classes(decorate, is_async=is_async)
        )
    )
    for is_async in (False, True)
    for name, decorate in {
        "dispatch": by_dispatch,
        "dispatch-list": by_dispatch_among_others,
        "as_view": by_as_view,
        "own-dispatch": by_own_dispatch,
    }.items()
}


# Starlette

starlette_benji, starlette_benti = (hookseal.starlette.Webhook(each) for each in (apps.BENJI, apps.BENTI))


class StarletteBenji(starlette.endpoints.HTTPEndpoint):
    @starlette_benji.handle
    async def post(self, request: starlette.requests.Request, delivery: Delivery) -> Any:
        assert isinstance(self, StarletteBenji)
        return starlette.responses.PlainTextResponse(seen(delivery, request.path_params["number"]))


class StarletteBenti(starlette.endpoints.HTTPEndpoint):
    async def post(self, request: starlette.requests.Request) -> Any:
        return starlette.responses.PlainTextResponse(
            seen(await starlette_benti(request), request.path_params["number"])
        )

    get = post


def starlette_endpoints() -> Any:
    routes = [
        starlette.routing.Route("/benji/{number:int}", StarletteBenji),
        starlette.routing.Route("/benti/{number:int}", StarletteBenti),
    ]
    return servers.on_uvicorn(lambda: starlette.applications.Starlette(routes=routes))


MADE: dict[str, Callable[[], Any]] = {
    "flask-methods": flask_methods,
    "flask-decorators": flask_decorators,
    "flask-restful": restful,
    **DJANGO,
    "django-direct": lambda: on_wsgi(lambda: direct(is_async=False)),
    "django-async-direct": lambda: on_asgi(lambda: direct(is_async=True)),
    "django-asgi-direct": lambda: on_asgi(lambda: direct(is_async=False)),
    "django-rest-framework": lambda: on_wsgi(rest),
    "django-asgi-rest-framework": lambda: on_asgi(rest),
    "starlette": starlette_endpoints,
}


@pytest.mark.parametrize("make", [of(name, "class views", make) for name, make in MADE.items()])
def test_a_class_view_works_and_refuses(make: Any, caplog: pytest.LogCaptureFixture) -> None:
    with make() as running:
        check(running.port)
    assert not [record for record in caplog.records if record.exc_info]


class Handlers:
    """A program's own class for Lambda."""

    @hookseal.aws_lambda.webhook(apps.BENJI)
    def handle(self, delivery: Delivery, event: dict[str, Any], context: object) -> dict[str, Any]:
        assert isinstance(self, Handlers)
        return {"statusCode": 200, "body": seen(delivery)}


@pytest.mark.shows("aws_lambda", "class views")
def test_a_method_can_be_a_handler_of_lambda() -> None:
    handle = Handlers().handle
    event = {"httpMethod": "POST", "headers": sign.benji(apps.SALT, BODY), "body": BODY.decode()}
    assert handle(event, None) == {"statusCode": 200, "body": "transaction.created"}
    assert handle({**event, "body": "{}"}, None)["statusCode"] == 401


# Guards of class views


@contextmanager
def guarded(decorate: Any, *, is_async: bool, guard: Any) -> Iterator[Any]:
    webhook = hookseal.django.webhook(apps.BENJI, guard=guard)

    class Benji(View):
        async def post_async(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
            return HttpResponse(status=201)

        def post_sync(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
            return HttpResponse(status=201)

        post = post_async if is_async else post_sync

    view = decorate(Benji, webhook)
    with (on_asgi if is_async else on_wsgi)(lambda: [path("hook", view)]) as running:
        yield running


@pytest.mark.parametrize("decorate", [by_dispatch, by_as_view, by_own_dispatch])
@pytest.mark.parametrize("is_async", [False, True])
def test_a_guard_sees_how_a_class_view_ends(decorate: Any, is_async: bool) -> None:
    with guarded(decorate, is_async=is_async, guard=hookseal.ReplayGuard(10)) as running:
        headers = [*sign.benji(apps.SALT, BODY).items()]
        statuses = [exchange(running.port, "POST", "/hook", headers, BODY).status for _ in range(2)]
    assert statuses == [201, 200]


# CSRF


def csrf_errors(*patterns: Any) -> list[checks.CheckMessage]:
    urls: Any = ModuleType("urls")
    urls.urlpatterns = [*patterns]
    with override_settings(ROOT_URLCONF=urls):
        return [each for each in checks.run_checks(tags=[checks.Tags.urls]) if each.id == "hookseal.E001"]


class OfMethod(View):
    @django_benji
    def post(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
        raise AssertionError


class WithPut(OfMethod):
    def put(self, request: HttpRequest) -> HttpResponse:
        raise AssertionError


class OfGet(View):
    @django_benti
    def get(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
        raise AssertionError


class WithPost(OfGet):
    def post(self, request: HttpRequest) -> HttpResponse:
        raise AssertionError


class OwnDispatch(View):
    def dispatch(self, request: HttpRequest, *arguments: Any, **keywords: Any) -> Any:
        raise AssertionError

    @django_benji
    def post(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
        raise AssertionError


class Fallback(OfMethod):
    def http_method_not_allowed(self, request: HttpRequest, *arguments: Any, **keywords: Any) -> Any:
        raise AssertionError


class OwnSetup(OfMethod):
    def setup(self, request: HttpRequest, *arguments: Any, **keywords: Any) -> None:
        raise AssertionError


@method_decorator(django_benji, name="post")
class OfMethodDecorator(View):
    def post(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
        raise AssertionError


OF_METHODS: list[type[View]] = [
    OfMethod,
    WithPut,
    OfGet,
    WithPost,
    OwnDispatch,
    Fallback,
    OwnSetup,
    OfMethodDecorator,
]


def test_a_class_view_that_would_be_refused_is_found_by_djangos_checks() -> None:
    apps.django_wsgi_app()
    assert csrf_errors(*direct(is_async=False), *classes(by_dispatch, is_async=False), *rest()) == []
    for view in OF_METHODS:
        (error,) = csrf_errors(path("hook", view.as_view()))
        assert f"a method of {view.__name__} is a webhook" in error.msg
        assert '@method_decorator(webhook(…), name="dispatch")' in (error.hint or "")
    with override_settings(MIDDLEWARE=[]):
        assert csrf_errors(path("hook", OfMethod.as_view())) == []


@pytest.mark.parametrize("view", OF_METHODS)
def test_a_webhook_lifts_the_protection_of_no_other_code_of_its_class(view: Any) -> None:
    with on_wsgi(lambda: [path("hook", view.as_view())]) as running:
        for method in ("POST", "PUT", "DELETE"):
            assert exchange(running.port, method, "/hook", []).status == 403


def test_a_subclass_of_a_class_with_a_decorated_dispatch_gets_checked_deliveries_only() -> None:
    @method_decorator(django_benji, name="dispatch")
    class OfClass(View):
        def put(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
            raise AssertionError

    class Subclass(OfClass):
        def delete(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
            raise AssertionError

    with on_wsgi(lambda: [path("hook", Subclass.as_view())]) as running:
        for method in ("PUT", "DELETE"):
            assert exchange(running.port, method, "/hook", []).status in (401, 405)


# Signatures


def test_a_view_publishes_its_signature_without_the_delivery() -> None:
    @hookseal.flask.webhook(apps.BENJI)
    def of_flask(delivery: Delivery, number: int, *, other: str = "") -> str:
        return ""

    @hookseal.django.webhook(apps.BENJI)
    def of_django(request: HttpRequest, delivery: Delivery, number: "int") -> HttpResponse:
        return HttpResponse()

    @hookseal.aws_lambda.webhook(apps.BENJI)
    def of_lambda(delivery: Delivery, event: dict[str, Any], context: object) -> None: ...

    assert str(inspect.signature(of_flask)) == "(number: int, *, other: str = '') -> str"
    assert [*inspect.signature(of_django).parameters] == ["request", "number"]
    assert inspect.signature(of_django).parameters["number"].annotation is int
    assert "delivery" not in of_django.__annotations__
    assert [*inspect.signature(of_lambda).parameters] == ["event", "context"]
    assert [*inspect.signature(Handlers.handle).parameters] == ["self", "event", "context"]
    assert [*inspect.signature(Handlers().handle).parameters] == ["event", "context"]
    assert [*inspect.signature(DirectBenji.post).parameters] == ["self", "request", "number"]


def test_django_ninja_reads_the_signature() -> None:
    apps.django_wsgi_app()
    import ninja

    api = ninja.NinjaAPI(urls_namespace="hookseal")

    @api.post("/benji/{number}")
    @hookseal.django.webhook(apps.BENJI)
    def _benji(request: HttpRequest, delivery: Delivery, number: int) -> Any:
        return seen(delivery, number)

    @api.api_operation(["GET", "POST"], "/benti/{number}")
    @hookseal.django.webhook(apps.BENTI)
    def _benti(request: HttpRequest, delivery: Delivery, number: int) -> Any:
        return seen(delivery, number)

    with on_wsgi(lambda: [path("", api.urls)]) as running:
        check(running.port)
