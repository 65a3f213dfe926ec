"""The worker of ``service.py``: keeps each event's CloudEvent, exactly once."""

import asyncio
import logging
import os
import signal
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from hookseal import Recorded
from hookseal.inbox.psycopg import AsyncInbox


async def handle(delivery: Recorded, connection: AsyncConnection[Any]) -> None:
    """In the transaction that marks the delivery as done."""
    for event in delivery:
        line = event.to_cloudevent()
        await connection.execute("INSERT INTO events (line) VALUES (%s)", [line])


async def main() -> None:
    logging.basicConfig(level=logging.INFO)
    async with AsyncConnectionPool(
        os.environ["DATABASE_URL"], min_size=1, max_size=2, open=False
    ) as pool:
        inbox = AsyncInbox(pool)
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, inbox.stop)
        await inbox.work(handle)


asyncio.run(main())
