"""Litestar: a dependency that checks webhooks while their bodies arrive.

BENJI_SALT=... BENTI_SECRET=... uvicorn litestar_service:app
"""

import logging
import os

from litestar import Litestar, Request, Response, post, route
from litestar.di import Provide

from hookseal import Delivery, Handshake, Receiver, Rejection

log = logging.getLogger("webhooks")


class Answered(Exception):
    """Ends a request that does not reach its handler."""

    def __init__(self, status: int, headers: dict[str, str], body: str = "") -> None:
        self.response = Response(body.encode(), status_code=status, headers=headers)


def answer(_: Request, answered: Answered) -> Response:
    return answered.response


async def receive(receiver: Receiver, request: Request) -> Delivery | Handshake:
    # Method and headers first, so that the body of most forged requests is not read.
    receiver.check_head(request.headers, method=request.method)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > receiver.body_limit:
            break
    return receiver.receive(request.headers, body, method=request.method)


def checked_by(receiver: Receiver) -> dict[str, Provide]:
    async def delivery(request: Request) -> Delivery:
        try:
            received = await receive(receiver, request)
        except Rejection as rejection:
            # The reason is for the log. The sender gets the status alone.
            log.warning("webhook refused: %s: %s", rejection.code, rejection.message)
            raise Answered(rejection.status, dict(rejection.headers)) from None
        if isinstance(received, Handshake):
            raise Answered(received.status, received.headers, received.body)
        return received

    return {"delivery": Provide(delivery)}


benji = checked_by(Receiver.benji(os.environ["BENJI_SALT"]))
benti = checked_by(Receiver.benti(os.environ["BENTI_SECRET"]))


# A handler must not have the parameter `data`: Litestar would read the body first.
@post("/benji", status_code=204, dependencies=benji)
async def on_benji(delivery: Delivery) -> None:
    for event in delivery:
        print(event.kind, repr(event.subject.id))


# Benti checks a new webhook with a GET.
@route("/benti", http_method=["GET", "POST"], status_code=204, dependencies=benti)
async def on_benti(delivery: Delivery) -> None:
    for event in delivery:
        print(event.kind, repr(event.subject.id))


app = Litestar([on_benji, on_benti], exception_handlers={Answered: answer})
