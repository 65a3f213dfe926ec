"""Starlette and, as a dependency, FastAPI.

    benji = Webhook(hookseal.Receiver.benji(os.environ["BENJI_SALT"]))

    async def hook(request: Request) -> Response:          # Starlette
        for event in await benji(request):
            print(event.kind, repr(event.subject.id))
        return Response(status_code=204)

    @app.post("/benji", status_code=204)                   # FastAPI
    async def hook(delivery: Annotated[Delivery, Depends(benji)]) -> None:
        for event in delivery:
            print(event.kind, repr(event.subject.id))

Benti's handshakes are ``GET`` requests: route them too (``methods=["GET", "POST"]``). A FastAPI view must not have
the body as a parameter: FastAPI would read the whole body first, without a limit.
"""

from contextlib import aclosing, suppress
from typing import Any, cast

from anyio import create_task_group, get_cancelled_exc_class
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from hookseal import _answer
from hookseal._native import Delivery, Receiver
from hookseal._stream import Buffer, Unreadable

__all__ = ["Webhook"]


class Webhook:
    """Checks requests and gives their deliveries to the view. It answers handshakes and refusals itself.

    ``on_rejection`` is called with each refusal and its request, and awaited if it is asynchronous. The refusal is
    sent whatever it does. An exception in it is logged, and only a ``KeyboardInterrupt`` is raised again.
    """

    def __init__(self, receiver: Receiver, *, on_rejection: _answer.OnRejection[Request] = None) -> None:
        _answer.check_arguments(receiver, on_rejection)
        self._receiver, self._on_rejection = receiver, on_rejection

    async def __call__(self, request: Request) -> Delivery:
        _register(request)
        received = await _receive(self._receiver, request)
        if isinstance(received, Delivery):
            return received
        await _answer.report_async(self._on_rejection, received, request, get_cancelled_exc_class())
        raise _Answered(received)


async def _receive(receiver: Receiver, request: Request) -> Delivery | _answer.Answer:
    headers, method = request.scope["headers"], request.method
    answer = _answer.check_head(receiver, headers, method)
    if answer is not None:
        return answer
    try:
        body = await _read_up_to(request, receiver.body_limit)
    except Unreadable as reason:
        return _answer.unreadable(reason)
    return _answer.receive(receiver, headers, body, method)


async def _read_up_to(request: Request, limit: int) -> bytes:
    """Reads the body, at most one byte more than the limit."""
    buffer = Buffer(limit)
    try:
        async with aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                buffer.add(chunk)
                if not buffer.left:
                    break
    except ClientDisconnect:
        raise Unreadable(ClientDisconnect.__name__) from None
    return buffer.to_bytes()


class _Answered(HTTPException):
    """An exception that ends the handling of a request with an answer."""

    def __init__(self, answer: _answer.Answer) -> None:
        super().__init__(answer.status, detail=answer.body, headers=dict(answer.headers))


class _Response(Response):
    """An answer to a request whose body may not have been read to its end.

    Hypercorn ends such a request only if the application takes the rest of the body that has arrived. Otherwise it
    keeps the request and these bytes for ever, even after the sender has left.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        failure = None
        async with create_task_group() as tasks:
            tasks.start_soon(_discard, receive)
            try:
                await super().__call__(scope, receive, send)
            except Exception as error:
                # Raised after the group, because a group of tasks would wrap it.
                failure = error
            tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure


async def _discard(receive: Receive) -> None:
    """Takes the rest of a body until the answer has been sent."""
    message: Message = {"more_body": True}
    with suppress(Exception):
        while message.get("more_body", False):
            message = await receive()


async def _respond(_request: Request, answered: Exception) -> Response:
    answered = cast(_Answered, answered)
    return _Response(answered.detail, answered.status_code, answered.headers)


def _register(request: Request) -> None:
    """Adds the handler for answers to those of the application.

    A dependency can end a request only by an exception, and FastAPI would put the text of an ``HTTPException`` into
    JSON. Adding the handler here saves every application a line that it could forget. If a version of Starlette keeps
    its handlers elsewhere, the status is still right.
    """
    handlers: Any = request.scope.get("starlette.exception_handlers")
    if handlers:
        handlers[0].setdefault(_Answered, _respond)
