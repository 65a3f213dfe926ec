"""AWS Lambda behind API Gateway (REST and HTTP APIs), a function URL or a load balancer: a decorator.

    @webhook(hookseal.Receiver.benji(os.environ["BENJI_SALT"]))
    def handler(delivery: Delivery, event: dict[str, Any], context: object) -> None:
        for each in delivery:
            print(each.kind, repr(each.subject.id))

The answer is the value that the function returns; ``None`` gives status 204. A load balancer that sends
``multiValueHeaders`` ignores ``headers`` in an answer: return ``multiValueHeaders`` then.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, TypeVar

from hookseal import _answer
from hookseal._native import Delivery, Receiver
from hookseal._stream import Unreadable

__all__ = ["webhook"]

_Context = TypeVar("_Context")

_NO_REQUEST: Final = "the event is no HTTP request: it has neither requestContext.http.method nor httpMethod"
_PARSED: Final = f"{_answer.GONE}: remove the middleware that parses event['body']"


def webhook(
    receiver: Receiver, *, on_rejection: _answer.OnRejection[dict[str, Any]] = None
) -> Callable[[Callable[[Delivery, dict[str, Any], _Context], Any]], Callable[[dict[str, Any], _Context], Any]]:
    """Calls the function with a delivery, the event and the context. It answers handshakes and refusals itself.

    ``on_rejection`` is called with each refusal and its event, and awaited if it is asynchronous. The refusal is sent
    whatever it does. An exception in it is logged, and only a ``KeyboardInterrupt`` is raised again.
    """
    _answer.check_arguments(receiver, on_rejection)

    def decorate(
        function: Callable[[Delivery, dict[str, Any], _Context], Any],
    ) -> Callable[[dict[str, Any], _Context], Any]:
        _answer.refuse_generator("the function", function)
        if _answer.is_asynchronous(function):
            raise TypeError("the function must not be asynchronous: nothing would await it")

        @wraps(function)
        def checked(event: dict[str, Any], context: _Context) -> Any:
            received = _receive(receiver, event)
            if isinstance(received, Delivery):
                returned = function(received, event, context)
                return _response(_answer.Answer(204, {}, ""), event) if returned is None else returned
            _answer.report(on_rejection, received, event)
            return _response(received, event)

        return checked

    return decorate


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
        return _answer.unreadable(reason)
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
