"""A service that stores Benji's webhooks before it answers.

psql $DATABASE_URL -f core/inbox/postgresql.sql -f services/events.sql
BENJI_SALT=... uvicorn service:app        # receives
python worker.py                          # handles; any number of workers can run
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Response
from psycopg_pool import AsyncConnectionPool

from hookseal import Delivery, Duplicate, Full, InboxUnavailable, Receiver, Stored
from hookseal.fastapi import Webhook
from hookseal.inbox.psycopg import AsyncInbox

pool = AsyncConnectionPool(
    os.environ["DATABASE_URL"], min_size=1, max_size=4, open=False
)
inbox = AsyncInbox(pool)
benji = Webhook(Receiver.benji(os.environ["BENJI_SALT"]))


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with pool:
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/benji")
async def on_benji(delivery: Annotated[Delivery, Depends(benji)]) -> Response:
    try:
        outcome = await inbox.put(delivery)
    except InboxUnavailable:
        return Response(status_code=503, headers={"Retry-After": "5"})
    match outcome:
        case Stored():
            return Response(status_code=202)
        case Duplicate():
            return Response(status_code=200)
        case Full():
            return Response(status_code=503, headers={"Retry-After": "5"})
