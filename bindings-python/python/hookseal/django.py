"""Django: a decorator for synchronous and asynchronous views.

    @webhook(hookseal.Receiver.benji(settings.BENJI_SALT))
    def hook(request: HttpRequest, delivery: Delivery) -> HttpResponse:
        for event in delivery:
            print(event.kind, repr(event.subject.id))
        return HttpResponse(status=204)

The view is exempt from CSRF protection: a webhook has no session, and its signature replaces the token. Benti's
handshakes are ``GET`` requests to the same view.

In a class view decorate ``dispatch`` by ``@method_decorator(webhook(…), name="dispatch")``, or what ``as_view()``
returns: every method then gets checked deliveries only. A method alone is not enough, except in REST framework:
Django checks CSRF before it calls a method, for the whole class. ``manage.py check`` finds such classes.

``guard=ReplayGuard(…)`` of ``hookseal`` or ``hookseal.redis`` (``AsyncReplayGuard`` in an asynchronous view)
recognizes repetitions. A view that ends with a status below 400 confirms the claim, and an exception, another status
or a cancellation releases it. A template is rendered, and a stream sent to its end, before that. Middleware runs
after it, and Django Ninja makes its answer after it. A repetition gets 200, one in progress 503. With
``ATOMIC_REQUESTS`` decorate the view with ``transaction.non_atomic_requests``.

With ``inbox=Inbox(…)`` of ``hookseal.inbox`` there is no view to decorate:

    path("benji", webhook(receiver, inbox=inbox))

It answers 202 when the delivery is stored, 200 to a repetition, and 503 if it cannot store. An ``AsyncInbox`` gives
an asynchronous view, for ASGI.

Middleware that reads the body before the view must use ``request.body``, which Django keeps, and for which only
Django's own limit applies. Any other way of reading before the view is a ``TypeError``. After the check
``request.body`` gives the body again.

Under ASGI Django reads a whole body before any view runs, whoever sends it and however large it is. A body of more
than ``FILE_UPLOAD_MAX_MEMORY_SIZE`` bytes goes to a temporary file. The receiver's limit applies only after that, and
Uvicorn and Hypercorn have no limit. Set one in the proxy in front: ``client_max_body_size 64k`` in nginx,
``LimitRequestBody 65536`` in Apache.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from functools import wraps
from inspect import isawaitable
from io import BytesIO
from typing import Any, TypeVar, cast, overload

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from django import conf
from django.core import checks
from django.core.handlers.wsgi import WSGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.request import HttpHeaders
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, URLResolver, get_resolver
from django.views import View

from hookseal import _answer, _once, _view
from hookseal._guard import AsyncGuard, Guard
from hookseal._native import Delivery, Receiver
from hookseal._once import OnDelivery
from hookseal._stream import Unreadable, read_up_to
from hookseal.inbox._both import finish
from hookseal.inbox._inbox import BaseAsyncInbox, SyncInbox

__all__ = ["webhook"]

_Returned = TypeVar("_Returned", bound=HttpResponseBase | Awaitable[HttpResponseBase])


@overload
def webhook(
    receiver: Receiver,
    *,
    guard: Guard[Any] | AsyncGuard[Any] | None = None,
    inbox: None = None,
    on_rejection: _answer.OnRejection[HttpRequest] = None,
    on_delivery: OnDelivery = None,
) -> Callable[[Callable[..., _Returned]], Callable[..., _Returned]]: ...
@overload
def webhook(
    receiver: Receiver,
    *,
    inbox: SyncInbox[Any],
    on_rejection: _answer.OnRejection[HttpRequest] = None,
    on_delivery: OnDelivery = None,
) -> Callable[..., HttpResponse]: ...
@overload
def webhook(
    receiver: Receiver,
    *,
    inbox: BaseAsyncInbox[Any],
    on_rejection: _answer.OnRejection[HttpRequest] = None,
    on_delivery: OnDelivery = None,
) -> Callable[..., Awaitable[HttpResponse]]: ...
def webhook(
    receiver: Receiver,
    *,
    guard: Any = None,
    inbox: Any = None,
    on_rejection: _answer.OnRejection[HttpRequest] = None,
    on_delivery: OnDelivery = None,
) -> Any:
    """Calls the view with the request and a delivery. It answers handshakes and refusals itself.

    ``guard`` recognizes repetitions, which do not reach the view. With ``inbox`` there is no view: this returns one
    that stores each delivery. The module's documentation has both.

    ``on_rejection`` is called with each refusal and its request, ``on_delivery`` with each delivery and its outcome.
    They are awaited if they are asynchronous. The answer is sent whatever they do. An exception in them is logged,
    and only a ``KeyboardInterrupt`` is raised again.
    """
    _answer.check_arguments(receiver, on_rejection)
    adapter = _Adapter(receiver, _once.Once(receiver, guard, inbox, on_delivery), on_rejection)
    return adapter.decorate if inbox is None else adapter.store()


class _Adapter:
    def __init__(self, receiver: Receiver, once: _once.Once, on_rejection: _answer.OnRejection[HttpRequest]) -> None:
        self._receiver, self._once, self._on_rejection = receiver, once, on_rejection

    def store(self) -> Callable[..., Any]:
        """A view that stores deliveries."""

        def store(request: HttpRequest, *_arguments: Any, **_values: Any) -> HttpResponse:
            return cast(HttpResponse, self._begin(_raw(request)))

        async def store_async(request: HttpRequest, *_arguments: Any, **_values: Any) -> HttpResponse:
            return cast(HttpResponse, await self._begin_async(_raw(request)))

        view: Any = store_async if self._once.needs_event_loop else store
        view.__name__ = view.__qualname__ = f"{self._receiver.vendor}_webhook"
        view.csrf_exempt = True
        return cast(Callable[..., Any], view)

    def decorate(self, view: Callable[..., Any]) -> Any:
        _answer.refuse_generator("the view", view)
        is_method = _view.is_method(view)
        position = 1 + is_method

        def with_delivery(arguments: tuple[Any, ...], delivery: Delivery) -> tuple[Any, ...]:
            return *arguments[:position], delivery, *arguments[position:]

        async def run_async(*arguments: Any, **keywords: Any) -> Any:
            began = await self._begin_async(_raw(arguments[position - 1]))
            if not isinstance(began, _once.Handling):
                return began
            try:
                returned = view(*with_delivery(arguments, began.delivery), **keywords)
                if isawaitable(returned):
                    returned = await returned
                _answer.refuse_unrun("the view", returned)
            except BaseException:
                await _once.uninterrupted(began.end(failed=True))
                raise
            return await _end_async(_raw(arguments[position - 1]), began, returned)

        checked: Any
        if iscoroutinefunction(view) or _answer.is_asynchronous(view):
            self._once.check("an asynchronous view", is_async=True)

            @wraps(view)
            async def checked(*arguments: Any, **keywords: Any) -> Any:
                return await run_async(*arguments, **keywords)

        else:
            if not is_method and not _is_in_async_class(view):
                self._once.check("a view that is not asynchronous", is_async=False)

            @wraps(view)
            def checked(*arguments: Any, **keywords: Any) -> Any:
                if _is_in_async_class(arguments[0] if is_method else view):
                    # Django awaits what `dispatch` and other methods of such a class return.
                    return run_async(*arguments, **keywords)
                began = self._begin(_raw(arguments[position - 1]))
                if not isinstance(began, _once.Handling):
                    return began
                try:
                    returned = view(*with_delivery(arguments, began.delivery), **keywords)
                    _answer.refuse_unrun("the view", returned)
                except BaseException:
                    finish(began.end(failed=True))
                    raise
                return _end(_raw(arguments[position - 1]), began, returned)

        checked.csrf_exempt = checked.hookseal_webhook = True
        _view.publish(checked, view, position)
        return checked

    def _begin(self, request: HttpRequest) -> _once.Handling | HttpResponse:
        self._once.check("a view that is not asynchronous", is_async=False)
        received = _receive(self._receiver, request)
        if isinstance(received, Delivery):
            self._refuse_atomic_requests()
            began = finish(self._once.begin(received, is_async=False))
            return began if isinstance(began, _once.Handling) else _response(began)
        _answer.report(self._on_rejection, received, request)
        return _response(received)

    async def _begin_async(self, request: HttpRequest) -> _once.Handling | HttpResponse:
        self._once.check("an asynchronous view", is_async=True)
        if self._once.needs_event_loop and isinstance(request, WSGIRequest):
            # Each request would have an event loop of its own, and a connection belongs to one loop.
            raise TypeError(
                "an asynchronous guard or inbox needs ASGI, and this is WSGI: use one that is not asynchronous"
            )
        received = _receive(self._receiver, request)
        if isinstance(received, Delivery):
            began = await self._once.begin(received, is_async=True)
            return began if isinstance(began, _once.Handling) else _response(began)
        await _answer.report_async(self._on_rejection, received, request)
        return _response(received)

    def _refuse_atomic_requests(self) -> None:
        """Django commits the transaction of the request after the view. If that failed, the delivery would be
        lost."""
        if self._once.guard is not None and any(
            each.settings_dict["ATOMIC_REQUESTS"] and not block._from_testcase
            for each in connections.all(initialized_only=True)
            # Django's own `TestCase` opens blocks around each test.
            for block in cast(Any, each).atomic_blocks
        ):
            raise TypeError(
                "with ATOMIC_REQUESTS the claim would be confirmed before the view's transaction is committed: "
                "decorate the view with transaction.non_atomic_requests, and use transaction.atomic in it"
            )


def _receive(receiver: Receiver, request: HttpRequest) -> Delivery | _answer.Answer:
    """Checks a request. Under WSGI this reads the body from the network. Under ASGI Django has already read it."""
    method = request.method or ""
    # Not `request.headers`, which Django keeps: a header that middleware has removed would still be there.
    headers = HttpHeaders(request.META)
    answer = _answer.check_head(receiver, headers, method)
    if answer is not None:
        return answer
    try:
        body = _read_up_to(request, receiver.body_limit)
    except Unreadable as reason:
        return _answer.unreadable(receiver, reason)
    if len(body) <= receiver.body_limit:
        _keep(request, body)
    return _answer.receive(receiver, headers, body, method)


def _read_up_to(request: HttpRequest, limit: int) -> bytes:
    length = request.META.get("CONTENT_LENGTH")
    if not length and request.META.get("wsgi.input_terminated"):
        # Under WSGI Django reads nothing of a chunked body, although some servers provide it.
        return read_up_to(request.META["wsgi.input"], limit, None)
    announced = None
    if length and length.isascii() and length.isdecimal() and len(length) < 20:
        announced = int(length)
    if hasattr(request, "_body"):
        # Django keeps a body that the program has read by `request.body`.
        return read_up_to(BytesIO(request.body), limit, announced)
    if getattr(request, "_read_started", False):
        raise TypeError(f"{_answer.GONE}: remove the middleware that reads the request, or let it use request.body")
    return read_up_to(request, limit, announced)


def _keep(request: Any, body: bytes) -> None:
    """Django's own places for a body: `request.body`, `request.POST`, and REST framework's `data` go on working."""
    request._body, request._stream, request._read_started = body, BytesIO(body), True


def _response(answer: _answer.Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))
    if "content-type" not in answer.headers:
        del response["content-type"]
    return response


def _raw(request: Any) -> HttpRequest:
    """Django's request, also in a view of REST framework, which has a request of its own around it."""
    raw = getattr(request, "_request", request)
    if not isinstance(raw, HttpRequest):
        raise TypeError(
            "the first argument of a view must be its request; with inbox= no view is called: what webhook() returns "
            "is the view"
        )
    return raw


def _is_in_async_class(view: Any) -> bool:
    """Whether it is an object, or a bound method, of a class view with asynchronous methods."""
    while view is not None:
        owner = getattr(getattr(view, "func", view), "__self__", view)
        if isinstance(owner, View):
            return bool(type(owner).view_is_async)
        view = getattr(view, "__wrapped__", None)
    return False


def _has_failed(returned: Any) -> bool:
    """Whether a view's answer says that it failed."""
    if isinstance(returned, HttpResponseBase):
        return _once.is_failure(returned.status_code)
    # Django Ninja takes a status and the content.
    return (
        isinstance(returned, tuple)
        and bool(returned)
        and isinstance(returned[0], int)
        and (_once.is_failure(returned[0]))
    )


def _end(request: HttpRequest, handling: _once.Handling, returned: Any) -> Any:
    def ended(failed: bool) -> None:
        finish(handling.end(failed=failed))

    async def ended_async(failed: bool) -> None:
        ended(failed)

    if not _is_made_later(handling, returned):
        ended(_has_failed(returned))
    elif isinstance(returned, StreamingHttpResponse):
        chunks: Any = returned.streaming_content
        if returned.is_async:
            returned.streaming_content = _once.until_end_async(chunks, ended_async)
        else:
            returned.streaming_content = _once.until_end(chunks, ended)
        _fail_at_close(request, returned, handling, ended)
    else:
        _watch_rendering(returned, ended)
        _fail_at_close(request, returned, handling, ended)
    return returned


async def _end_async(request: HttpRequest, handling: _once.Handling, returned: Any) -> Any:
    async def ended(failed: bool) -> None:
        await _once.uninterrupted(handling.end(failed=failed))

    if not _is_made_later(handling, returned):
        await ended(_has_failed(returned))
    elif isinstance(returned, StreamingHttpResponse):
        chunks: Any = returned.streaming_content
        returned.streaming_content = _once.until_end_async(chunks if returned.is_async else _in_thread(chunks), ended)
        _fail_at_close(request, returned, handling, async_to_sync(ended))
    else:
        # Django renders and closes in a thread.
        _watch_rendering(returned, async_to_sync(ended))
        _fail_at_close(request, returned, handling, async_to_sync(ended))
    return returned


def _is_made_later(handling: _once.Handling, returned: Any) -> bool:
    """Whether a view's answer is streamed or rendered after the view, which can fail."""
    return (
        handling.matters
        and not _has_failed(returned)
        and (
            isinstance(returned, StreamingHttpResponse)
            or (isinstance(returned, SimpleTemplateResponse) and not returned.is_rendered)
        )
    )


def _watch_rendering(response: Any, ended: Callable[[bool], object]) -> None:
    def render() -> Any:
        # Django stores some rendered answers, and cannot store this function.
        del response.render
        try:
            rendered = response.render()
        except BaseException:
            ended(True)
            raise
        ended(_has_failed(rendered))
        return rendered

    response.render = render


def _fail_at_close(request: Any, response: Any, handling: _once.Handling, ended: Callable[[bool], object]) -> None:
    """Django closes each request at its end: an answer that was never rendered or streamed was replaced."""
    close = request.close

    def fail() -> None:
        if not handling.has_ended:
            ended(True)

    def close_request() -> None:
        try:
            close()
        finally:
            fail()

    request.close = close_request
    response._resource_closers.append(fail)


async def _in_thread(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    """As Django reads an iterator that is not asynchronous."""
    for chunk in await sync_to_async(lambda: list(chunks))():
        yield chunk


def _is_webhook(view: Any) -> bool:
    return getattr(view, "hookseal_webhook", False) is True


# `conf.settings` and no name of this module: `help` looks at each, and there may be no settings.
@checks.register(checks.Tags.urls)
def check_csrf(**_: Any) -> list[checks.CheckMessage]:
    """Finds class views whose webhooks Django would refuse.

    Django checks CSRF for a class, before its method is chosen. Lifting that for a decorated method would lift it
    for a subclass's `put`, a `setup` and a `dispatch` too, so that nothing is lifted for a method.
    """
    if not any(name.endswith(".CsrfViewMiddleware") for name in conf.settings.MIDDLEWARE):
        return []
    return [
        checks.Error(
            f"a method of {view.__qualname__} is a webhook, and Django checks CSRF before it calls a method: every "
            "delivery is refused",
            hint='decorate the class with @method_decorator(webhook(…), name="dispatch") in place of the method, and '
            "put methods that are no webhooks into another class",
            obj=view,
            id="hookseal.E001",
        )
        for view in _refusing_classes(
            get_resolver().url_patterns if getattr(conf.settings, "ROOT_URLCONF", None) else []
        )
    ]


def _refusing_classes(patterns: Iterable[Any]) -> Iterator[Any]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _refusing_classes(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and not getattr(pattern.callback, "csrf_exempt", False):
            owner = getattr(pattern.callback, "view_class", None)
            if owner is not None and any(_is_webhook(getattr(owner, name, None)) for name in owner.http_method_names):
                yield owner
