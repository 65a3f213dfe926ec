"""Django: a decorator for synchronous and asynchronous views.

    @webhook(hookseal.Receiver.benji(settings.BENJI_SALT))
    def hook(request: HttpRequest, delivery: Delivery) -> HttpResponse:
        for event in delivery:
            print(event.kind, repr(event.subject.id))
        return HttpResponse(status=204)

The view is exempt from CSRF protection: a webhook has no session, and its signature replaces the token. Benti's
handshakes are ``GET`` requests to the same view.

A body can be read only once. The view and later code must not read ``request.body`` or ``request.POST``. Middleware
that reads the body before the view must use ``request.body``, which Django keeps, and for which only Django's own
limit applies. Any other way of reading before the view is a ``TypeError``.

Under ASGI Django reads a whole body before any view runs, whoever sends it and however large it is. A body of more
than ``FILE_UPLOAD_MAX_MEMORY_SIZE`` bytes goes to a temporary file. The receiver's limit applies only after that, and
Uvicorn and Hypercorn have no limit. Set one in the proxy in front: ``client_max_body_size 64k`` in nginx,
``LimitRequestBody 65536`` in Apache.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from io import BytesIO
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.http.request import HttpHeaders
from django.http.response import HttpResponseBase

from hookseal import _answer
from hookseal._native import Delivery, Receiver
from hookseal._stream import Unreadable, read_up_to

__all__ = ["webhook"]

_Returned = TypeVar("_Returned", bound=HttpResponseBase | Awaitable[HttpResponseBase])


def webhook(
    receiver: Receiver, *, on_rejection: _answer.OnRejection[HttpRequest] = None
) -> Callable[[Callable[..., _Returned]], Callable[..., _Returned]]:
    """Calls the view with the request and a delivery. It answers handshakes and refusals itself.

    ``on_rejection`` is called with each refusal and its request, and awaited if it is asynchronous. The refusal is
    sent whatever it does. An exception in it is logged, and only a ``KeyboardInterrupt`` is raised again.
    """
    _answer.check_arguments(receiver, on_rejection)

    def decorate(view: Callable[..., _Returned]) -> Callable[..., _Returned]:
        _answer.refuse_generator("the view", view)
        checked: Callable[..., Any]
        if iscoroutinefunction(view):

            @wraps(view)
            async def checked(request: HttpRequest, *arguments: Any, **keywords: Any) -> Any:
                received = _receive(receiver, request)
                if isinstance(received, Delivery):
                    return await view(request, received, *arguments, **keywords)
                await _answer.report_async(on_rejection, received, request)
                return _response(received)

        else:

            @wraps(view)
            def checked(request: HttpRequest, *arguments: Any, **keywords: Any) -> Any:
                received = _receive(receiver, request)
                if isinstance(received, Delivery):
                    return view(request, received, *arguments, **keywords)
                _answer.report(on_rejection, received, request)
                return _response(received)

        marked: Any = checked
        marked.csrf_exempt = True
        return cast(Callable[..., _Returned], marked)

    return decorate


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
        return _answer.unreadable(reason)
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


def _response(answer: _answer.Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))
    if "content-type" not in answer.headers:
        del response["content-type"]
    return response
