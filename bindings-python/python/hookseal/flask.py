"""Flask: a decorator.

    @app.post("/benji")
    @webhook(hookseal.Receiver.benji(os.environ["BENJI_SALT"]))
    def hook(delivery: Delivery) -> ResponseReturnValue:
        for event in delivery:
            print(event.kind, repr(event.subject.id))
        return "", 204

Benti's handshakes are ``GET`` requests: route them too (``methods=["GET", "POST"]``).

A method of a class view can be decorated, and the adapter can be one of the class's ``decorators``: its methods then
get the delivery as ``delivery``. A class for Benti needs the second way, because it has no method for the handshake:

    app.add_url_rule("/benti", view_func=OnBenti.as_view("benti"), methods=["GET", "POST"])

``guard=ReplayGuard(…)`` of ``hookseal`` or ``hookseal.redis`` recognizes repetitions. An answer with a status below
400 confirms the claim, after ``after_request`` functions. An exception or another status releases it. A repetition
gets 200, one in progress 503. With ``inbox=Inbox(…)`` of ``hookseal.inbox`` there is no view to decorate:

    app.add_url_rule("/benji", view_func=webhook(receiver, inbox=inbox), methods=["POST"])

It answers 202 when the delivery is stored, 200 to a repetition, and 503 if it cannot store.

Code that reads the body before the view must use ``request.get_data()`` or ``request.get_json()``, which keep it. Any
other way of reading before the view is a ``TypeError``. After the check both give the body again.
"""

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from inspect import Parameter
from io import BytesIO
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeAlias, cast, overload

from flask import (
    Request,
    Response,
    after_this_request,
    current_app,
    got_request_exception,
    has_request_context,
    request,
    request_finished,
    request_tearing_down,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wsgi import ClosingIterator

from hookseal import _answer, _once, _view
from hookseal._guard import Guard
from hookseal._native import Delivery, Receiver
from hookseal._once import OnDelivery
from hookseal._stream import Unreadable, read_up_to, shorter
from hookseal.inbox._both import finish
from hookseal.inbox._inbox import SyncInbox

__all__ = ["webhook"]

_GONE: Final = f"{_answer.GONE}: read it by request.get_data(), or remove the code that reads it"

_Parameters = ParamSpec("_Parameters")
_Returned: TypeAlias = ResponseReturnValue | Awaitable[ResponseReturnValue]
_Checked: TypeAlias = Callable[_Parameters, ResponseReturnValue]


class _Decorator(Protocol):
    @overload
    def __call__(self, view: Callable[Concatenate[Delivery, _Parameters], _Returned], /) -> _Checked[_Parameters]: ...
    @overload
    def __call__(
        self, view: Callable[Concatenate[Any, Delivery, _Parameters], Any], /
    ) -> Callable[Concatenate[Any, _Parameters], Any]: ...


@overload
def webhook(
    receiver: Receiver,
    *,
    guard: Guard[Any] | None = None,
    inbox: None = None,
    on_rejection: _answer.OnRejection[Request] = None,
    on_delivery: OnDelivery = None,
) -> _Decorator: ...
@overload
def webhook(
    receiver: Receiver,
    *,
    inbox: SyncInbox[Any],
    on_rejection: _answer.OnRejection[Request] = None,
    on_delivery: OnDelivery = None,
) -> Callable[..., ResponseReturnValue]: ...
def webhook(
    receiver: Receiver,
    *,
    guard: Any = None,
    inbox: Any = None,
    on_rejection: _answer.OnRejection[Request] = None,
    on_delivery: OnDelivery = None,
) -> Any:
    """Calls the view with a delivery as its first argument. It answers handshakes and refusals itself.

    ``guard`` recognizes repetitions, which do not reach the view. With ``inbox`` there is no view: this returns one
    that stores each delivery. The module's documentation has both.

    ``on_rejection`` is called with each refusal and its request, ``on_delivery`` with each delivery and its outcome.
    They are awaited if they are asynchronous. The answer is sent whatever they do. An exception in them is logged,
    and only a ``KeyboardInterrupt`` is raised again.
    """
    _answer.check_arguments(receiver, on_rejection)
    once = _once.Once(receiver, guard, inbox, on_delivery)
    once.check("Flask", is_async=False)

    def begin() -> _once.Handling | Response:
        received = _receive(receiver)
        if isinstance(received, Delivery):
            began = finish(once.begin(received, is_async=False))
            return began if isinstance(began, _once.Handling) else _response(began)
        _answer.report(on_rejection, received, _request())
        return _response(received)

    if inbox is not None:

        def store(*arguments: Any, **_values: Any) -> Any:
            if arguments:
                raise TypeError("with inbox= no view is called: what webhook() returns is the view")
            return begin()

        store.__name__ = store.__qualname__ = f"{receiver.vendor}_webhook"
        return store

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        # A plain generator is allowed: Flask streams it as the response.
        _answer.refuse_async_generator("the view", view)
        position = int(_view.is_method(view))
        takes_keywords = _takes_keywords_only(view)

        @wraps(view)
        def checked(*arguments: Any, **keywords: Any) -> Any:
            # It fails if Flask cannot run asynchronous views. Nothing is claimed yet.
            runnable = current_app.ensure_sync(view)
            began = begin()
            if not isinstance(began, _once.Handling):
                return began
            if takes_keywords:
                keywords["delivery"] = began.delivery
            else:
                arguments = (*arguments[:position], began.delivery, *arguments[position:])
            return _handled(began, partial(runnable, *arguments, **keywords))

        _view.publish(checked, view, position)
        return checked

    return decorate


def _takes_keywords_only(view: Callable[..., Any]) -> bool:
    """Whether it is what `View.as_view` gives to the class's `decorators`. The methods get `delivery` by its name."""
    signature = _view.signature_of(view)
    kinds = [] if signature is None else [each.kind for each in signature.parameters.values()]
    return bool(kinds) and all(kind in (Parameter.KEYWORD_ONLY, Parameter.VAR_KEYWORD) for kind in kinds)


def _handled(handling: _once.Handling, view: Callable[[], Any]) -> Any:
    try:
        returned = view()
        _answer.refuse_awaitable("the view", returned)
    except BaseException:
        finish(handling.end(failed=True))
        raise
    if handling.matters:
        answering = _Answering(handling)
        vars(_request()).setdefault(_ANSWERING, []).append(answering)
        after_this_request(answering.watch)
    return returned


_ANSWERING: Final = "_hookseal_answering"


class _Answering:
    """A delivery between its view and the answer. Only Flask, or an extension, knows what answer it makes."""

    def __init__(self, handling: _once.Handling) -> None:
        self._handling = handling
        self._is_stream = self._is_consumed = False

    def watch(self, response: Response) -> Response:
        """Sees how a view ends that goes on while its answer is sent."""
        if response.is_streamed and not self._is_stream:
            self._is_stream = True
            _watch_stream(response, self._end_stream)
        return response

    def _end_stream(self, failed: bool) -> None:
        self._is_consumed = True
        if failed:
            self.end(failed=True)

    def send(self, response: Response) -> None:
        """The answer is ready. A stream counts from its end, whoever made it."""
        if _once.is_failure(response.status_code):
            self.end(failed=True)
        elif response.is_streamed:
            # A sender can leave before the stream begins.
            _watch_stream(response, self._end_answer, partial(self.end, failed=True))
        else:
            self._end_answer(failed=False)

    def _end_answer(self, failed: bool) -> None:
        # Code between the view and the answer can have replaced the view's stream.
        self.end(failed=failed or (self._is_stream and not self._is_consumed))

    def end(self, *, failed: bool) -> None:
        finish(self._handling.end(failed=failed))


def _watch_stream(response: Response, ended: Callable[[bool], None], *closed: Callable[[], None]) -> None:
    """`ended` hears how the stream ends, and `closed` that it was closed, begun or not."""
    chunks: Any = response.response
    close = getattr(chunks, "close", None)
    closes = [*closed] if close is None else [*closed, close]
    response.response = ClosingIterator(_once.until_end(chunks, ended), closes)


def _take_answering() -> list[_Answering]:
    return cast(list[_Answering], vars(_request()).pop(_ANSWERING, [])) if has_request_context() else []


# Flask's signals. The last comes after the `after_request` functions and the session.
@got_request_exception.connect
@request_tearing_down.connect
def _fail(_app: object, **_: object) -> None:
    for each in _take_answering():
        each.end(failed=True)


@request_finished.connect
def _send(_app: object, response: Response, **_: object) -> None:
    for each in _take_answering():
        each.send(response)


def _response(answer: _answer.Answer) -> Response:
    response = Response(answer.body, answer.status, dict(answer.headers))
    if "content-type" not in answer.headers:
        del response.headers["content-type"]
    return response


def _request() -> Request:
    """The request itself, not its proxy, which is useless once the request has ended."""
    return cast(Request, request._get_current_object())  # type: ignore[attr-defined]


def _receive(receiver: Receiver) -> Delivery | _answer.Answer:
    answer = _answer.check_head(receiver, request.headers, request.method)
    if answer is not None:
        return answer
    try:
        body = _read_up_to(receiver.body_limit)
    except Unreadable as reason:
        return _answer.unreadable(receiver, reason)
    if len(body) <= receiver.body_limit:
        # Flask's own place for it: `get_data` and `get_json` go on working.
        _request()._cached_data = body
    return _answer.receive(receiver, request.headers, body, request.method)


def _read_up_to(limit: int) -> bytes:
    announced = request.content_length
    # Here Flask keeps the data that a program has read by `get_data`, and the stream once the program has used it.
    kept = vars(_request())
    cached, was_asked_for = kept.get("_cached_data"), "stream" in kept
    if cached:
        return read_up_to(BytesIO(cached), limit, announced)
    # If the body is over Flask's own MAX_CONTENT_LENGTH, Flask answers.
    stream = request.stream
    if was_asked_for:
        position = _position(stream)
        # `request.form` asks for the stream, and reads nothing of a body that is no form. If anything else has asked
        # for a stream that tells no position, nobody knows how much of the body is left.
        if position or (position is None and "form" not in kept and announced != 0):
            raise TypeError(_GONE)
    body = read_up_to(stream, limit, None, (RequestEntityTooLarge,))
    if was_asked_for and not body and announced != 0:
        raise TypeError(_GONE)
    if announced is not None and len(body) < min(announced, limit + 1):
        raise shorter(body)
    return body


def _position(stream: Any) -> int | None:
    """How much of the stream has been read. `None` if it cannot tell."""
    try:
        return cast(int, stream.tell())
    except (AttributeError, OSError):
        return None
