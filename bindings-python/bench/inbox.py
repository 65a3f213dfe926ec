"""One process of the benchmark of the inbox, benches/inbox.py, which starts and measures them.

    python inbox.py fill KIND URL ROWS  # makes the tables, and stores ROWS deliveries
    python inbox.py work KIND URL       # prints "ready", waits for a line, and handles deliveries until it is killed
    python inbox.py write URL BYTES     # for each line "bare N" or "put N" it stores N deliveries, and prints seconds
    python inbox.py has MODULE          # fails if the module is absent

KIND is `hookseal`, `hookseal-10` (ten rows a take), `procrastinate` or `pgqueuer`. A handler inserts one row into the
table `effects`.
"""

import asyncio
import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import psycopg

import hookseal.inbox
from hookseal import Delivery, Receiver, Recorded, Stored
from hookseal.inbox.psycopg import Inbox

EFFECT = "INSERT INTO effects (worker) VALUES (%s)"
BARE = "INSERT INTO bare (key, record, body) VALUES (%s, %s, %s)"
WORKER = os.getpid()
BODY_BYTES = 300

receiver = Receiver.bento(bearer="token")


def deliveries(size: int) -> Iterator[Delivery]:
    """Genuine deliveries with bodies of so many bytes, which do not compress well."""
    headers = hookseal.sign.bento_bearer("token")
    while True:
        start = b'{"event":"'
        body = start + secrets.token_hex(size).encode()[: size - len(start) - 2] + b'"}'
        yield receiver.receive(headers, body)


def started() -> None:
    """Returns when the benchmark says so."""
    print("ready", flush=True)
    sys.stdin.readline()


# Workers


def fill_hookseal(url: str, rows: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(hookseal.inbox.tables("postgresql").encode())
        assert isinstance(Inbox(url).put(next(deliveries(BODY_BYTES))), Stored)
        connection.execute(
            "INSERT INTO hookseal_inbox (inbox, key, key_until, record, body)"
            " SELECT inbox, md5(CAST(copy AS text)), key_until, record, body"
            " FROM hookseal_inbox, generate_series(2, %s) AS copies (copy)",
            [rows],
        )


def work_hookseal(url: str, rows_per_take: int) -> None:
    inbox = Inbox(url, rows_per_take=rows_per_take)

    def handle(_: Recorded, connection: psycopg.Connection[Any]) -> None:
        connection.execute(EFFECT, [WORKER])

    started()
    inbox.work(handle)


async def with_procrastinate(url: str, rows: int | None) -> None:
    import procrastinate

    effects = await psycopg.AsyncConnection.connect(url, autocommit=True)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    @app.task(name="handle")
    async def handle(body: str) -> None:
        await effects.execute(EFFECT, [WORKER])

    async with app.open_async():
        if rows is None:
            await asyncio.to_thread(started)
            await app.run_worker_async(concurrency=1)
        else:
            await app.schema_manager.apply_schema_async()
            job: Any = {"body": "x" * BODY_BYTES}
            await app.configure_task("handle").batch_defer_async(*[job] * rows)


async def with_pgqueuer(url: str, rows: int | None) -> None:
    import asyncpg
    from pgqueuer import AsyncpgDriver, Job, PgQueuer, Queries

    effects = await asyncpg.connect(url)
    driver = AsyncpgDriver(await asyncpg.connect(url))
    if rows is not None:
        queries = Queries(driver)
        await queries.install()
        await queries.enqueue(["handle"] * rows, [b"x" * BODY_BYTES] * rows, [0] * rows)
        return
    queue = PgQueuer(driver)

    @queue.entrypoint("handle")
    async def handle(_: Job) -> None:
        await effects.execute(EFFECT.replace("%s", "$1"), WORKER)

    await asyncio.to_thread(started)
    await queue.run(batch_size=10)


FILL: dict[str, Callable[[str, int], object]] = {
    "hookseal": fill_hookseal,
    "procrastinate": lambda url, rows: asyncio.run(with_procrastinate(url, rows)),
    "pgqueuer": lambda url, rows: asyncio.run(with_pgqueuer(url, rows)),
}
WORK: dict[str, Callable[[str], object]] = {
    "hookseal": lambda url: work_hookseal(url, 1),
    "hookseal-10": lambda url: work_hookseal(url, 10),
    "procrastinate": lambda url: asyncio.run(with_procrastinate(url, None)),
    "pgqueuer": lambda url: asyncio.run(with_pgqueuer(url, None)),
}


# Writers


def write(url: str, size: int) -> None:
    connection = psycopg.connect(url, autocommit=True)
    # With a text the inbox too has one connection of its own, in autocommit mode.
    inbox = Inbox(url)
    made = deliveries(size)
    assert isinstance(inbox.put(next(made)), Stored)
    [record] = connection.execute("SELECT record FROM hookseal_inbox LIMIT 1").fetchone() or [""]
    print("ready", flush=True)
    for line in sys.stdin:
        kind, number = line.split()
        given = [next(made) for _ in range(int(number))]
        keys = [str(delivery.replay_key()) for delivery in given]
        start = time.perf_counter()
        if kind == "bare":
            for delivery, key in zip(given, keys, strict=True):
                connection.execute(BARE, [key, record, delivery.body])
        else:
            for delivery in given:
                assert isinstance(inbox.put(delivery), Stored)
        print(time.perf_counter() - start, flush=True)


def main() -> None:
    logging.disable(logging.CRITICAL)
    match sys.argv[1:]:
        case ["fill", kind, url, rows]:
            FILL[kind](url, int(rows))
        case ["work", kind, url]:
            WORK[kind](url)
        case ["write", url, size]:
            write(url, int(size))
        case ["has", module]:
            import_module(module)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
