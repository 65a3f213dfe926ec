"""A service that stores webhooks of Benji, Benti and Bento before it answers.

psql $DATABASE_URL -f core/inbox/postgresql.sql -f services/events.sql
uvicorn service:app        # receives
python worker.py           # handles; any number of workers can run

Beside DATABASE_URL, the service needs BENJI_SALT, BENTI_SECRET, BENTO_USER and BENTO_SECRET. While a secret is
replaced, the old one is in BENJI_SALT_OLD, BENTI_SECRET_OLD or BENTO_SECRET_OLD.
"""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool

from hookseal import Delivery, Key, Receiver
from hookseal.fastapi import Webhook
from hookseal.inbox.psycopg import AsyncInbox

logging.basicConfig(level=logging.INFO)
# While the database is away, a sender waits for 5 s, and is answered 503.
pool = AsyncConnectionPool(
    os.environ["DATABASE_URL"], min_size=1, max_size=4, timeout=5, open=False
)
inbox = AsyncInbox(pool)


def keys(name: str) -> list[Key]:
    """The new and the old secret, with the names of their variables as ids."""
    names = [name, f"{name}_OLD"]
    return [Key(os.environ[name], id=name) for name in names if name in os.environ]


def log(delivery: Delivery, outcome: str) -> None:
    """Once no delivery names the old key, it can go."""
    logging.info("%s, key %s", outcome, delivery.key_id)


benji = Webhook(Receiver.benji(keys("BENJI_SALT")), inbox=inbox, on_delivery=log)
benti = Webhook(Receiver.benti(keys("BENTI_SECRET")), inbox=inbox, on_delivery=log)
credentials = (os.environ["BENTO_USER"], keys("BENTO_SECRET"))
bento = Webhook(Receiver.bento(basic=credentials), inbox=inbox, on_delivery=log)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with pool:
        yield


app = FastAPI(lifespan=lifespan)

app.post("/benji")(benji.store)
# Benti checks a new webhook with a GET.
app.api_route("/benti", methods=["GET", "POST"])(benti.store)
app.post("/bento")(bento.store)
