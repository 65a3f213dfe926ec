"""Starlette and, as a dependency, FastAPI.

    benji = Webhook(hookseal.Receiver.benji(os.environ["BENJI_SALT"]))

    async def hook(request: Request) -> Response:          # Starlette
        for event in await benji(request):
            print(event.kind, event.subject)
        return Response(status_code=204)

    @app.post("/benji", status_code=204)                   # FastAPI
    async def hook(delivery: Annotated[Delivery, Depends(benji)]) -> None:
        for event in delivery:
            print(event.kind, event.subject)

Benti's handshakes are ``GET`` requests: route them too (``methods=["GET", "POST"]``). A FastAPI view must not ask for
the body as a parameter, or FastAPI reads all of it first, without a limit.
"""

from typing import Any, cast

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hookseal import _answer
from hookseal._native import Delivery, Receiver

__all__ = ["Webhook"]


class Webhook:
    """Checks requests and gives their deliveries; handshakes and refusals are answered without the view."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def __call__(self, request: Request) -> Delivery:
        _register(request)
        headers, method = request.scope["headers"], request.method
        answer = _answer.check_head(self._receiver, headers, method)
        if answer is None:
            body = await _read_up_to(request, self._receiver.body_limit)
            received = _answer.receive(self._receiver, headers, body, method)
            if isinstance(received, Delivery):
                return received
            answer = received
        raise _Answered(answer)


async def _read_up_to(request: Request, limit: int) -> bytes:
    """At most one byte more than the limit, which is enough to see that a body is too large."""
    chunks: list[bytes] = []
    left = limit + 1
    try:
        async for chunk in request.stream():
            chunks.append(chunk[:left])
            left -= len(chunks[-1])
            if left == 0:
                break
    except ClientDisconnect:
        # Nobody is there to read the answer; without it the server would log a fault of the program.
        raise _Answered(_answer.Answer(400, {}, "")) from None
    return b"".join(chunks)


class _Answered(HTTPException):
    """Ends the handling of a request with an answer."""

    def __init__(self, answer: _answer.Answer) -> None:
        super().__init__(answer.status, detail=answer.body, headers=dict(answer.headers))


async def _respond(_request: Request, answered: Exception) -> Response:
    answered = cast(_Answered, answered)
    return Response(answered.detail, answered.status_code, answered.headers)


def _register(request: Request) -> None:
    """Puts the handler of the answer among those of the application.

    A dependency can end a request only by an exception, and FastAPI would put the text of an ``HTTPException`` into
    JSON. Doing it here spares every application a line that it could forget. Where a version of Starlette keeps its
    handlers elsewhere, the status is still right.
    """
    handlers: Any = request.scope.get("starlette.exception_handlers")
    if handlers:
        handlers[0].setdefault(_Answered, _respond)
