"""Sends the requests of `hookseal.outgoing` with httpx, and tries again where that can help.

BENTO_PUBLISHABLE_KEY=... BENTO_SECRET_KEY=... BENTO_SITE_UUID=... python outgoing_httpx.py someone@example.com

`bento_worker.py` is a worker that uses it.
"""

import asyncio
import logging
import os
import random
import sys
import time
from collections import deque
from typing import TypeVar

import httpx

from hookseal.outgoing import (
    MAX_ANSWER_BYTES,
    Bento,
    BentoEvent,
    Outgoing,
    RateLimit,
    Refusal,
)

LONGEST_SECONDS = 30
"""How long a request may take in all."""
LONGEST_WAIT_SECONDS = 60
"""The longest wait between two attempts. An answer may ask for up to a day: then the caller tries again."""
MOST_ATTEMPTS = 5
KEPT_BYTES = 2_048
"""How much is kept of the body of a refused answer."""

Answer = TypeVar("Answer")

log = logging.getLogger("outgoing_httpx")

refused: deque[tuple[str, bytes]] = deque(maxlen=100)
"""For the operator: the codes of the last refusals with the beginning of each answer's body, which says why. A body can
hold personal data, so it goes to no log."""


def client() -> httpx.AsyncClient:
    # Credentials would follow a redirect. A compressed answer could be small and enormous.
    return httpx.AsyncClient(
        follow_redirects=False,
        headers={"accept-encoding": "identity"},
        timeout=LONGEST_SECONDS,
    )


async def send(client: httpx.AsyncClient, request: Outgoing[Answer]) -> Answer:
    """Sends a request once. Raises a `Refusal` if the answer is no success, or if there is none."""
    body = bytearray()
    try:
        # httpx limits each read. A server that sends a byte now and then would never reach that limit.
        async with asyncio.timeout(LONGEST_SECONDS):
            async with client.stream(
                request.method,
                request.url,
                headers=request.headers,
                content=request.body,
            ) as response:
                async for piece in response.aiter_raw():
                    body += piece
                    # `read` refuses a body of this size.
                    if len(body) > MAX_ANSWER_BYTES:
                        break
    except (httpx.HTTPError, TimeoutError) as error:
        # The class alone: the exception leads to the request, whose headers have the credentials.
        log.warning("no answer: %s", type(error).__name__)
        raise Refusal.no_answer() from None
    try:
        return request.read(response.status_code, response.headers, body)
    except Refusal as refusal:
        refused.append((refusal.code, bytes(body[:KEPT_BYTES])))
        raise


async def send_until_done(
    client: httpx.AsyncClient,
    request: Outgoing[Answer],
    limit: RateLimit,
) -> tuple[Answer, bool]:
    """Sends a request, and again while its refusal is not final and a repetition does no harm.

    Returns the answer, and whether an earlier attempt may be done. Then values that the answer hands back may have been
    accepted by that attempt. Raises the last refusal, whose `__cause__` is that of an earlier attempt that may be done.
    """
    attempt = 1
    earlier: Refusal | None = None
    while True:
        while request.group and (wait := limit.take(request.group, time.monotonic())):
            await asyncio.sleep(wait)
        try:
            return await send(client, request), earlier is not None
        except Refusal as refusal:
            wait = refusal.retry_in_seconds(attempt, random.random())
            if wait is None or wait > LONGEST_WAIT_SECONDS or attempt == MOST_ATTEMPTS:
                raise refusal from earlier
            if refusal.may_be_done and not request.is_repeatable:
                raise refusal from earlier
            if refusal.may_be_done:
                earlier = refusal
        await asyncio.sleep(wait)
        attempt += 1


def bento() -> Bento:
    return Bento(
        os.environ["BENTO_PUBLISHABLE_KEY"],
        os.environ["BENTO_SECRET_KEY"],
        os.environ["BENTO_SITE_UUID"],
        # For tests.
        api_host=os.environ.get("BENTO_API_HOST"),
    )


async def main() -> None:
    event = BentoEvent(type="signup", email=sys.argv[1])
    async with client() as http:
        for request in bento().events([event]):
            sent, may_be_done = await send_until_done(http, request, RateLimit())
            print(f"accepted {sent.accepted}, handed back {sent.handed_back}")
            if sent.handed_back and (sent.is_undecided or may_be_done):
                print("look at Bento whether it has them")


if __name__ == "__main__":
    asyncio.run(main())
