"""Takes deliveries of Benti from an inbox, and tells Bento of each ticket that was answered.

sqlite3 service.db 'CREATE TABLE customers (ticket TEXT PRIMARY KEY, email TEXT)'
sqlite3 service.db 'CREATE TABLE refused_answers (row INTEGER, code TEXT, body BLOB)'
python -c 'from hookseal import inbox; print(inbox.tables("sqlite"))' | sqlite3 service.db
BENTO_PUBLISHABLE_KEY=... BENTO_SECRET_KEY=... BENTO_SITE_UUID=... DATABASE=service.db python bento_worker.py

A service with `inbox=` stores the deliveries. The request lies outside of the inbox's transaction, which must
be short, so it can be sent twice: the worker may be killed between it and `done`. The key of each event for Bento is
the id of the event of Benti, which is the same in every attempt of the worker. So Bento counts it once. If Benti itself
sends a webhook again, its event can have another id: the inbox recognizes repetitions by the replay key.

A row that failed too often becomes dead, and is kept. Its `error` says what a person has to do:

Refused     Bento took none of the events. Correct them.
Undecided   Bento may have taken them, now or in an earlier attempt. Look them up at Bento by their keys.
Refusal     The last request failed. The table `refused_answers` has what Bento said. If it may be done, or an earlier
            attempt may be, look them up as well.
"""

import asyncio
import logging
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

import outgoing_httpx
from hookseal import Event
from hookseal.inbox import Row
from hookseal.inbox.sqlite import AsyncInbox
from hookseal.outgoing import Bento, BentoEvent, RateLimit

DATABASE = Path(os.environ["DATABASE"])
# Longer than all attempts of a request take: after that another worker takes the row.
LEASE_SECONDS = 600

log = logging.getLogger("bento_worker")


class Refused(Exception):
    """Bento took none of the events."""


class Undecided(Exception):
    """Bento did not take all events in this attempt, and may have some of them."""


def email_of(event: Event) -> str | None:
    """The customer of a ticket: Benti sends no address."""
    with closing(sqlite3.connect(DATABASE)) as database:
        query = "SELECT email FROM customers WHERE ticket = ?"
        for (email,) in database.execute(query, [event.subject.id]):
            return str(email)
    return None


def bento_event(event: Event) -> BentoEvent | None:
    if event.kind != "ticket.answered" or not (email := email_of(event)):
        return None
    details = {"unique": {"key": event.id}, "ticket": event.subject.id}
    return BentoEvent(type="ticket.answered", email=email, details=details)


async def handle(
    row: Row, bento: Bento, client: httpx.AsyncClient, limit: RateLimit
) -> None:
    """Sends the events of a delivery. If it raises, the row is tried again later, or becomes dead and is kept."""
    outgoing_httpx.refused.clear()
    for request in bento.events(filter(None, map(bento_event, row.delivery))):
        sent, may_be_done = await outgoing_httpx.send_until_done(client, request, limit)
        if sent.handed_back:
            # An answer tells nothing of earlier attempts, and how those of an earlier worker ended is not known.
            is_undecided = sent.is_undecided or may_be_done or row.attempts > 1
            raise Undecided if is_undecided else Refused


def keep_refused_answers(row: Row) -> None:
    with closing(sqlite3.connect(DATABASE)) as database, database:
        statement = "INSERT INTO refused_answers VALUES (?, ?, ?)"
        database.executemany(
            statement,
            [(row.number, code, body) for code, body in outgoing_httpx.refused],
        )


def tell_lost(row: Row) -> None:
    log.warning(
        "row %d: another worker has it, because the lease had ended", row.number
    )


async def work(inbox: AsyncInbox, stop: asyncio.Event) -> None:
    bento, limit = outgoing_httpx.bento(), RateLimit()
    async with outgoing_httpx.client() as client:
        while not stop.is_set():
            rows = await inbox.take()
            for row in rows:
                try:
                    await handle(row, bento, client, limit)
                except Exception as error:  # noqa: BLE001
                    # The class alone: a text could hold personal data.
                    log.warning("row %d: %s", row.number, type(error).__name__)
                    keep_refused_answers(row)
                    if await inbox.fail(row, error) is None:
                        tell_lost(row)
                else:
                    async with inbox.transaction() as connection:
                        is_done = await inbox.done(row, connection)
                    if not is_done:
                        tell_lost(row)
            if not rows:
                await asyncio.sleep(0.1)


async def main() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    inbox = AsyncInbox(DATABASE, lease_seconds=LEASE_SECONDS)
    try:
        await work(inbox, stop)
    finally:
        await inbox.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(main())
