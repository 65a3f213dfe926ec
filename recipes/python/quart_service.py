"""Quart: a decorator that checks webhooks while their bodies arrive.

BENJI_SALT=... BENTI_SECRET=... hypercorn quart_service:app
"""

import logging
import os
from collections.abc import Awaitable, Callable
from functools import wraps

from quart import Quart, Response, request
from quart.typing import ResponseReturnValue

from hookseal import Delivery, Handshake, Receiver, Rejection

log = logging.getLogger("webhooks")

app = Quart(__name__)
benji = Receiver.benji(os.environ["BENJI_SALT"])
benti = Receiver.benti(os.environ["BENTI_SECRET"])
# Quart takes a body from the server before the view asks for it. This bounds the part
# that waits for the view; if more waits, Quart itself answers 413.
app.config["MAX_CONTENT_LENGTH"] = max(benji.body_limit, benti.body_limit)


async def receive(receiver: Receiver) -> Delivery | Handshake:
    # Method and headers first, so that most forged requests are refused without a body.
    receiver.check_head(request.headers, method=request.method)
    body = bytearray()
    async for piece in request.body:
        body += piece
        if len(body) > receiver.body_limit:
            break
    return receiver.receive(request.headers, body, method=request.method)


def webhook(receiver: Receiver) -> Callable:
    def decorate(view: Callable[[Delivery], Awaitable[ResponseReturnValue]]):
        @wraps(view)
        async def checked() -> ResponseReturnValue:
            try:
                received = await receive(receiver)
            except Rejection as rejection:
                # The reason is for the log. The sender gets the status alone.
                log.warning("webhook refused: %s: %s", rejection.code, rejection.message)
                return Response(b"", rejection.status, dict(rejection.headers))
            if isinstance(received, Handshake):
                return Response(received.body, received.status, received.headers)
            return await view(received)

        return checked

    return decorate


@app.post("/benji")
@webhook(benji)
async def on_benji(delivery: Delivery) -> ResponseReturnValue:
    for event in delivery:
        print(event.kind, repr(event.subject.id))
    return "", 204


# Benti checks a new webhook with a GET.
@app.route("/benti", methods=["GET", "POST"])
@webhook(benti)
async def on_benti(delivery: Delivery) -> ResponseReturnValue:
    for event in delivery:
        print(event.kind, repr(event.subject.id))
    return "", 204
