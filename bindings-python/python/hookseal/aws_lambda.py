"""AWS Lambda behind API Gateway (REST and HTTP APIs), a function URL or a load balancer: a decorator.

    @webhook(hookseal.Receiver.benji(os.environ["BENJI_SALT"]))
    def handler(delivery: Delivery, event: dict[str, Any], context: object) -> None:
        for each in delivery:
            print(each.kind, repr(each.subject.id))

The answer is the value that the function returns; ``None`` gives status 204. A load balancer that sends
``multiValueHeaders`` ignores ``headers`` in an answer: return ``multiValueHeaders`` then.

``guard=ReplayGuard(…)`` of ``hookseal.redis`` recognizes repetitions; the guard of ``hookseal`` does not know what
other instances of the function have seen. A status below 400 confirms the claim, and an exception or another status
releases it. With ``inbox=Inbox(…)`` of ``hookseal.inbox`` there is no function to decorate:

    handler = webhook(receiver, inbox=inbox)

It answers 202 when the delivery is stored, 200 to a repetition, and 503 if it cannot store.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any, Final, Protocol, TypeAlias, TypeVar, overload

from hookseal import _answer, _once, _view
from hookseal._guard import Guard
from hookseal._native import Delivery, Receiver
from hookseal._once import OnDelivery
from hookseal._stream import Unreadable
from hookseal.inbox._both import finish
from hookseal.inbox._inbox import SyncInbox

__all__ = ["webhook"]

_Context = TypeVar("_Context")
_Event: TypeAlias = dict[str, Any]

_NO_REQUEST: Final = (
    "the event is no HTTP request of API Gateway, a function URL or a load balancer: it has no headers and no method"
)
_PARSED: Final = "the body of the event was parsed before: hand on the event as Lambda delivers it"


class _Decorator(Protocol):
    @overload
    def __call__(
        self, function: Callable[[Delivery, _Event, _Context], Any], /
    ) -> Callable[[_Event, _Context], Any]: ...
    @overload
    def __call__(
        self, function: Callable[[Any, Delivery, _Event, _Context], Any], /
    ) -> Callable[[Any, _Event, _Context], Any]: ...


@overload
def webhook(
    receiver: Receiver,
    *,
    guard: Guard[Any] | None = None,
    inbox: None = None,
    on_rejection: _answer.OnRejection[_Event] = None,
    on_delivery: OnDelivery = None,
) -> _Decorator: ...
@overload
def webhook(
    receiver: Receiver,
    *,
    inbox: SyncInbox[Any],
    on_rejection: _answer.OnRejection[_Event] = None,
    on_delivery: OnDelivery = None,
) -> Callable[[_Event, Any], dict[str, Any]]: ...
def webhook(
    receiver: Receiver,
    *,
    guard: Any = None,
    inbox: Any = None,
    on_rejection: _answer.OnRejection[_Event] = None,
    on_delivery: OnDelivery = None,
) -> Any:
    """Calls the function with a delivery, the event and the context. It answers handshakes and refusals itself.

    ``guard`` recognizes repetitions, which do not reach the function. With ``inbox`` there is no function: this
    returns one that stores each delivery. The module's documentation has both.

    ``on_rejection`` is called with each refusal and its event, ``on_delivery`` with each delivery and its outcome.
    They are awaited if they are asynchronous. The answer is sent whatever they do. An exception in them is logged,
    and only a ``KeyboardInterrupt`` is raised again.
    """
    _answer.check_arguments(receiver, on_rejection)
    once = _once.Once(receiver, guard, inbox, on_delivery)
    once.check("AWS Lambda", is_async=False)

    def begin(event: Any) -> _once.Handling | dict[str, Any]:
        received = _receive(receiver, event)
        if isinstance(received, Delivery):
            began = finish(once.begin(received, is_async=False))
            return began if isinstance(began, _once.Handling) else _response(began, event)
        _answer.report(on_rejection, received, event)
        return _response(received, event)

    if inbox is not None:

        def store(event: Any, _context: Any = None) -> Any:
            if callable(event):
                raise TypeError("with inbox= no function is called: what webhook() returns is the handler")
            return begin(event)

        return store

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        _answer.refuse_generator("the function", function)
        if _answer.is_asynchronous(function):
            raise TypeError("the function must not be asynchronous: nothing would await it")
        position = int(_view.is_method(function))

        @wraps(function)
        def checked(*arguments: Any) -> Any:
            event = arguments[position]
            began = begin(event)
            if not isinstance(began, _once.Handling):
                return began
            with_delivery = *arguments[:position], began.delivery, *arguments[position:]
            returned = _handled(began, partial(function, *with_delivery))
            return _response(_answer.Answer(204, {}, ""), event) if returned is None else returned

        _view.publish(checked, function, position)
        return checked

    return decorate


def _handled(handling: _once.Handling, function: Callable[[], Any]) -> Any:
    try:
        returned = function()
        _answer.refuse_unrun("the function", returned)
        failed = _has_failed(returned)
    except BaseException:
        finish(handling.end(failed=True))
        raise
    finish(handling.end(failed=failed))
    return returned


def _has_failed(returned: Any) -> bool:
    """Whether the function's answer says that it failed. Lambda makes an answer of anything else."""
    status = returned.get("statusCode") if isinstance(returned, Mapping) else None
    try:
        return status is not None and _once.is_failure(int(status))
    except (TypeError, ValueError):
        # Lambda answers such a status with an error.
        return True


# core/adapters/lambda.json has events with the outcome that this adapter and Node's must give.


def _receive(receiver: Receiver, event: Any) -> Delivery | _answer.Answer:
    method = _method(event)
    headers = event.get("multiValueHeaders") or event.get("headers") or {}
    answer = _answer.check_head(receiver, headers, method)
    if answer is not None:
        return answer
    try:
        body = _body(event, receiver.body_limit) if method == "POST" else b""
    except Unreadable as reason:
        return _answer.unreadable(receiver, reason)
    return _answer.receive(receiver, headers, body, method)


def _method(event: Any) -> str:
    """The method of an event of an HTTP API or a function URL, or of a REST API or a load balancer."""
    method = _member(_member(_member(event, "requestContext"), "http"), "method") or _member(event, "httpMethod")
    if not isinstance(method, str):
        raise TypeError(_NO_REQUEST)
    return method


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _body(event: Mapping[str, Any], limit: int) -> bytes:
    """The bytes that were sent. For a body over the limit, one byte more than the limit."""
    body = event.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise TypeError(_PARSED)
    return _of_base64(body, limit) if event.get("isBase64Encoded") else _of_text(body, limit)


def _of_base64(text: str, limit: int) -> bytes:
    """Accepts only the canonical form. No gateway writes the other forms that Python decodes."""
    if len(text) > -(-limit // 3) * 4:
        return _too_many(limit)
    try:
        decoded = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise Unreadable("it is not base64") from None
    last = decoded[-(len(decoded) % 3 or 3) :]
    if base64.b64encode(last) != text[-4:].encode():
        raise Unreadable("it is not canonical base64")
    return decoded


def _of_text(text: str, limit: int) -> bytes:
    """A body that is not UTF-8 arrives in base64, so a text gives the bytes that were sent.

    Half a character has no bytes.
    """
    if len(text) > limit:
        return _too_many(limit)
    try:
        return text.encode()
    except UnicodeEncodeError:
        if len(text.encode("utf-8", "surrogatepass")) > limit:
            return _too_many(limit)
        raise Unreadable("it is not text") from None


def _too_many(limit: int) -> bytes:
    return bytes(limit + 1)


def _response(answer: _answer.Answer, event: Mapping[str, Any]) -> dict[str, Any]:
    """The answer in the form of the event: a load balancer refuses an answer in the other form."""
    response = {"statusCode": answer.status, "body": answer.body, "isBase64Encoded": False}
    if event.get("multiValueHeaders") is not None and "elb" in (event.get("requestContext") or {}):
        return response | {"multiValueHeaders": {name: [value] for name, value in answer.headers.items()}}
    return response | {"headers": dict(answer.headers)}
