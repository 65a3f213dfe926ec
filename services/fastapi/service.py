"""A service that stores Benji's webhooks before it answers.

psql $DATABASE_URL -f core/inbox/postgresql.sql -f services/events.sql
BENJI_SALT=... uvicorn service:app        # receives
python worker.py                          # handles; any number of workers can run
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool

from hookseal import Receiver
from hookseal.fastapi import Webhook
from hookseal.inbox.psycopg import AsyncInbox

pool = AsyncConnectionPool(
    os.environ["DATABASE_URL"], min_size=1, max_size=4, open=False
)
benji = Webhook(Receiver.benji(os.environ["BENJI_SALT"]), inbox=AsyncInbox(pool))


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with pool:
        yield


app = FastAPI(lifespan=lifespan)

app.post("/benji")(benji.store)
