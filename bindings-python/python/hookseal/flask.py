"""Flask: a decorator.

    @app.post("/benji")
    @webhook(hookseal.Receiver.benji(os.environ["BENJI_SALT"]))
    def hook(delivery: Delivery) -> ResponseReturnValue:
        for event in delivery:
            print(event.kind, repr(event.subject.id))
        return "", 204

Benti's handshakes are ``GET`` requests: route them too (``methods=["GET", "POST"]``). Nothing may read the request's
data before (``request.form``, ``request.get_data()``), since a body can be read only once.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias, cast

from flask import Request, Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from hookseal import _answer
from hookseal._native import Delivery, Receiver
from hookseal._stream import Unreadable, read_up_to

__all__ = ["webhook"]

_Parameters = ParamSpec("_Parameters")
_Returned: TypeAlias = ResponseReturnValue | Awaitable[ResponseReturnValue]
_View: TypeAlias = Callable[Concatenate[Delivery, _Parameters], _Returned]
_Checked: TypeAlias = Callable[_Parameters, ResponseReturnValue]


def webhook(
    receiver: Receiver, *, on_rejection: _answer.OnRejection[Request] = None
) -> Callable[[_View[_Parameters]], _Checked[_Parameters]]:
    """Hands the view a delivery as its first argument; handshakes and refusals are answered without the view.

    ``on_rejection`` is called with each refusal and its request, and awaited where it is asynchronous. What it raises
    is logged, and the refusal is sent all the same.
    """
    _answer.callback(on_rejection)

    def decorate(view: _View[_Parameters]) -> _Checked[_Parameters]:
        @wraps(view)
        def checked(*arguments: _Parameters.args, **keywords: _Parameters.kwargs) -> ResponseReturnValue:
            received = _receive(receiver)
            if isinstance(received, Delivery):
                called = current_app.ensure_sync(view)(received, *arguments, **keywords)
                return cast(ResponseReturnValue, called)
            # Not the proxy, which is of no use once the request is over.
            _answer.report(on_rejection, received, request._get_current_object())  # type: ignore[attr-defined]
            return Response(received.body, received.status, dict(received.headers))

        return checked

    return decorate


def _receive(receiver: Receiver) -> Delivery | _answer.Answer:
    answer = _answer.check_head(receiver, request.headers, request.method)
    if answer is not None:
        return answer
    try:
        # Flask answers a body over its own MAX_CONTENT_LENGTH.
        body = read_up_to(request.stream, receiver.body_limit, request.content_length, (RequestEntityTooLarge,))
    except Unreadable as reason:
        return _answer.unreadable(reason)
    return _answer.receive(receiver, request.headers, body, request.method)
