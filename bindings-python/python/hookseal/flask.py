"""Flask: a decorator.

    @app.post("/benji")
    @webhook(hookseal.Receiver.benji(os.environ["BENJI_SALT"]))
    def hook(delivery: Delivery) -> ResponseReturnValue:
        for event in delivery:
            print(event.kind, repr(event.subject.id))
        return "", 204

Benti's handshakes are ``GET`` requests: route them too (``methods=["GET", "POST"]``).

A body can be read only once. Code that reads it before the view must use ``request.get_data()`` or
``request.get_json()``, which keep it. Any other way of reading before the view is a ``TypeError``.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from io import BytesIO
from typing import Any, Concatenate, Final, ParamSpec, TypeAlias, cast

from flask import Request, Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from hookseal import _answer
from hookseal._native import Delivery, Receiver
from hookseal._stream import SHORTER, Unreadable, read_up_to

__all__ = ["webhook"]

_GONE: Final = f"{_answer.GONE}: read it by request.get_data(), or remove the code that reads it"

_Parameters = ParamSpec("_Parameters")
_Returned: TypeAlias = ResponseReturnValue | Awaitable[ResponseReturnValue]
_View: TypeAlias = Callable[Concatenate[Delivery, _Parameters], _Returned]
_Checked: TypeAlias = Callable[_Parameters, ResponseReturnValue]


def webhook(
    receiver: Receiver, *, on_rejection: _answer.OnRejection[Request] = None
) -> Callable[[_View[_Parameters]], _Checked[_Parameters]]:
    """Calls the view with a delivery as its first argument. It answers handshakes and refusals itself.

    ``on_rejection`` is called with each refusal and its request, and awaited if it is asynchronous. The refusal is
    sent whatever it does. An exception in it is logged, and only a ``KeyboardInterrupt`` is raised again.
    """
    _answer.check_arguments(receiver, on_rejection)

    def decorate(view: _View[_Parameters]) -> _Checked[_Parameters]:
        # A plain generator is allowed: Flask streams it as the response.
        _answer.refuse_async_generator("the view", view)

        @wraps(view)
        def checked(*arguments: _Parameters.args, **keywords: _Parameters.kwargs) -> ResponseReturnValue:
            received = _receive(receiver)
            if isinstance(received, Delivery):
                called = current_app.ensure_sync(view)(received, *arguments, **keywords)
                return cast(ResponseReturnValue, called)
            # The request itself, not its proxy, which is useless once the request has ended.
            _answer.report(on_rejection, received, request._get_current_object())  # type: ignore[attr-defined]
            return Response(received.body, received.status, dict(received.headers))

        return checked

    return decorate


def _receive(receiver: Receiver) -> Delivery | _answer.Answer:
    answer = _answer.check_head(receiver, request.headers, request.method)
    if answer is not None:
        return answer
    try:
        body = _read_up_to(receiver.body_limit)
    except Unreadable as reason:
        return _answer.unreadable(reason)
    return _answer.receive(receiver, request.headers, body, request.method)


def _read_up_to(limit: int) -> bytes:
    announced = request.content_length
    # Here Flask keeps the data that a program has read by `get_data`, and the stream once the program has used it.
    kept = vars(request._get_current_object())  # type: ignore[attr-defined]
    cached, was_asked_for = kept.get("_cached_data"), "stream" in kept
    if cached:
        return read_up_to(BytesIO(cached), limit, announced)
    # If the body is over Flask's own MAX_CONTENT_LENGTH, Flask answers.
    stream = request.stream
    if was_asked_for and _position(stream):
        raise TypeError(_GONE)
    body = read_up_to(stream, limit, None, (RequestEntityTooLarge,))
    if was_asked_for and not body and announced != 0:
        # The stream could not tell its position.
        raise TypeError(_GONE)
    if announced is not None and len(body) < min(announced, limit + 1):
        raise Unreadable(SHORTER)
    return body


def _position(stream: Any) -> int:
    """How much of the stream has been read, or 0 if it cannot tell."""
    try:
        return cast(int, stream.tell())
    except (AttributeError, OSError):
        return 0
