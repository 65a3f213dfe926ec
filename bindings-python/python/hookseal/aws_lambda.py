"""AWS Lambda behind API Gateway (REST and HTTP APIs), a function URL or a load balancer: a decorator.

    @webhook(hookseal.Receiver.benji(os.environ["BENJI_SALT"]))
    def handler(delivery: Delivery, event: dict[str, Any], context: object) -> None:
        for each in delivery:
            print(each.kind, each.subject)

What the function returns is the answer; ``None`` stands for status 204. A load balancer that sends
``multiValueHeaders`` takes no other headers in an answer either.
"""

import base64
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from hookseal import _answer
from hookseal._native import Delivery, Receiver

__all__ = ["webhook"]

_Context = TypeVar("_Context")


def webhook(
    receiver: Receiver,
) -> Callable[[Callable[[Delivery, dict[str, Any], _Context], Any]], Callable[[dict[str, Any], _Context], Any]]:
    """Hands the function a delivery before event and context; handshakes and refusals are answered without it."""

    def decorate(
        function: Callable[[Delivery, dict[str, Any], _Context], Any],
    ) -> Callable[[dict[str, Any], _Context], Any]:
        @wraps(function)
        def checked(event: dict[str, Any], context: _Context) -> Any:
            headers, method = _headers(event), _method(event)
            answer = _answer.check_head(receiver, headers, method)
            if answer is None:
                received = _answer.receive(receiver, headers, _body(event, receiver.body_limit), method)
                if isinstance(received, Delivery):
                    returned = function(received, event, context)
                    return _response(_answer.Answer(204, {}, ""), event) if returned is None else returned
                answer = received
            return _response(answer, event)

        return checked

    return decorate


def _headers(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """With all values of a repeated header where the event has them; HTTP APIs join them with commas."""
    return event.get("multiValueHeaders") or event.get("headers") or {}


def _method(event: Mapping[str, Any]) -> str:
    """Of a REST API or a load balancer, else of an HTTP API or a function URL."""
    method = event.get("httpMethod")
    return str(event["requestContext"]["http"]["method"] if method is None else method)


def _body(event: Mapping[str, Any], limit: int) -> bytes:
    """The bytes that were signed, or one more than the limit of a body that is too large."""
    body: str = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return base64.b64decode(body[: (limit // 3 + 1) * 4])
    return body[: limit + 1].encode("utf-8", "surrogatepass")


def _response(answer: _answer.Answer, event: Mapping[str, Any]) -> dict[str, Any]:
    """In the form of the request: a load balancer refuses an answer in the other one."""
    response = {"statusCode": answer.status, "body": answer.body, "isBase64Encoded": False}
    if event.get("multiValueHeaders") is not None and "elb" in (event.get("requestContext") or {}):
        return response | {"multiValueHeaders": {name: [value] for name, value in answer.headers.items()}}
    return response | {"headers": dict(answer.headers)}
