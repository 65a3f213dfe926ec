"""aiohttp: checks webhooks while their bodies arrive.

BENJI_SALT=... BENTI_SECRET=... PORT=8080 python aiohttp_service.py
"""

import logging
import os
from collections.abc import Awaitable, Callable

from aiohttp import web

from hookseal import Delivery, Handshake, Receiver, Rejection

log = logging.getLogger("webhooks")


async def receive(receiver: Receiver, request: web.Request) -> Delivery | Handshake:
    # Method and headers first, so that the body of most forged requests is not read.
    receiver.check_head(request.headers, method=request.method)
    body = bytearray()
    # `client_max_size` of aiohttp bounds `request.read()`, and not these pieces.
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > receiver.body_limit:
            break
    return receiver.receive(request.headers, body, method=request.method)


def webhook(
    receiver: Receiver, handle: Callable[[Delivery], Awaitable[None]]
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            received = await receive(receiver, request)
        except Rejection as rejection:
            # The reason is for the log. The sender gets the status alone.
            log.warning("webhook refused: %s: %s", rejection.code, rejection.message)
            return web.Response(status=rejection.status, headers=rejection.headers)
        except (OSError, web.RequestPayloadError) as error:
            # The sender left, or sent malformed HTTP.
            log.warning("webhook refused: no body: %s", type(error).__name__)
            return web.Response(status=400)
        if isinstance(received, Handshake):
            return web.Response(
                status=received.status,
                headers=received.headers,
                body=received.body.encode(),
            )
        await handle(received)
        return web.Response(status=204)

    return answer


async def handle(delivery: Delivery) -> None:
    for event in delivery:
        print(event.kind, repr(event.subject.id))


app = web.Application()
# All methods, because Benti begins with a GET; the receiver refuses the others.
benji, benti = os.environ["BENJI_SALT"], os.environ["BENTI_SECRET"]
app.router.add_route("*", "/benji", webhook(Receiver.benji(benji), handle))
app.router.add_route("*", "/benti", webhook(Receiver.benti(benti), handle))

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    port = int(os.environ.get("PORT", "8080"))
    # Otherwise aiohttp unpacks bodies before the check. The bytes that came are signed.
    web.run_app(app, host="127.0.0.1", port=port, auto_decompress=False)
