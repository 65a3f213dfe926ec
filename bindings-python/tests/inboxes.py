"""Every kind of inbox as one that waits, and the database behind it as the tests see it."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, closing, contextmanager
from functools import cache
from inspect import iscoroutine
from itertools import count
from pathlib import Path
from typing import Any, Final
from unittest import mock

import asyncpg
import psycopg
import sqlalchemy
import sqlalchemy.ext.asyncio
from django.db import connections
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool

import apps
import hookseal.inbox
import hookseal.inbox._both
import hookseal.inbox.asyncpg
import hookseal.inbox.django
import hookseal.inbox.psycopg
import hookseal.inbox.sqlalchemy
import hookseal.inbox.sqlite
from hookseal import Recorded
from hookseal.inbox import Row
from postgres_servers import Server
from samples import INSERT

EFFECTS: Final = "CREATE TABLE effects (event text)"

CLIENTS: Final = (
    "psycopg pool",
    "psycopg text",
    "psycopg async pool",
    "psycopg async text",
    "asyncpg pool",
    "sqlalchemy psycopg",
    "sqlalchemy asyncpg",
    "django postgresql",
    "sqlite",
    "sqlite async",
    "sqlalchemy sqlite",
    "sqlalchemy aiosqlite",
    "django sqlite",
)
# One of each database, for rules that no client can change.
CHOSEN: Final = ("psycopg pool", "sqlite")


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.start(coroutine).result(60)

    def start(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def close(self) -> None:
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Database:
    """A database with the inbox's table and a table of effects."""

    def __init__(self, kind: str, server: Server | None, folder: Path) -> None:
        self.kind = kind
        self.path = folder / "inbox.db"
        self._connection: Any = None
        if server is not None:
            self.name = server.new_database()
            self.url = server.url(self.name)
            self.execute(EFFECTS)
        else:
            self.name, self.url = "", ""
            self.path.write_bytes(empty_file())

    def empty(self) -> None:
        if self.kind == "postgresql":
            # It waits for every open transaction, so that a test that left one open shows.
            self.execute("SET lock_timeout = '5s'")
            self.execute("TRUNCATE hookseal_inbox, effects RESTART IDENTITY")

    def _connect(self) -> Any:
        if self.kind == "postgresql":
            return psycopg.connect(self.url, autocommit=True, row_factory=dict_row)
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    def execute(self, statement: str) -> list[dict[str, Any]]:
        if self.kind == "postgresql":
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
            cursor = self._connection.execute(statement.encode(), prepare=False)
            return cursor.fetchall() if cursor.description else []
        connection = self._connect()
        try:
            return [dict(row) for row in connection.execute(statement).fetchall()]
        finally:
            connection.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def rows(self, columns: str = "number, state, attempts, error") -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.execute(f"SELECT {columns} FROM hookseal_inbox ORDER BY number")]

    def states(self) -> list[str]:
        return [state for (state,) in self.rows("state")]

    def effects(self) -> list[str]:
        return [row["event"] for row in self.execute("SELECT event FROM effects ORDER BY event")]

    def time(self, seconds: float) -> str:
        """A time so many seconds from now."""
        if self.kind == "postgresql":
            return f"statement_timestamp() + interval '{seconds} s'"
        return f"CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) + {round(seconds * 1000)}"

    def set(self, number: int, column: str, seconds: float) -> None:
        self.execute(f"UPDATE hookseal_inbox SET {column} = {self.time(seconds)} WHERE number = {number}")

    def pass_by(self, seconds: int) -> None:
        """Makes every row so much older."""
        interval = f"interval '{seconds} s'" if self.kind == "postgresql" else f"{seconds * 1000}"
        columns = ("key_until", "next_at", "stored_at", "closed_at")
        self.execute(f"UPDATE hookseal_inbox SET {', '.join(f'{each} = {each} - {interval}' for each in columns)}")

    def seconds_until(self, column: str, number: int) -> float:
        if self.kind == "postgresql":
            expression = f"CAST(extract(epoch FROM {column} - statement_timestamp()) AS double precision)"
        else:
            expression = f"({column} - {self.time(0)}) / 1000.0"
        (row,) = self.execute(f"SELECT {expression} AS seconds FROM hookseal_inbox WHERE number = {number}")
        return float(row["seconds"])


@cache
def empty_file() -> bytes:
    """A file of SQLite with the tables. To make it takes several writes to the disk."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(hookseal.inbox.tables("sqlite"))
        connection.execute(EFFECTS)
        return connection.serialize()


class Connection:
    """The connection of a transaction, whatever its client."""

    def __init__(self, raw: Any, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self.raw, self._run = raw, run

    def execute(self, statement: str) -> None:
        returned = executed(self.raw, statement)
        if iscoroutine(returned):
            self._run(returned)


def executed(raw: Any, statement: str) -> Any:
    """Runs a statement as the user of each client does."""
    if isinstance(raw, sqlalchemy.Connection | sqlalchemy.ext.asyncio.AsyncConnection):
        return raw.exec_driver_sql(statement)
    if hasattr(raw, "vendor"):
        with raw.cursor() as cursor:
            return cursor.execute(statement)
    return raw.execute(statement)


class Inbox:
    """An inbox whose methods wait, whatever its kind."""

    def __init__(self, inbox: Any, loop: Loop) -> None:
        self.inner = inbox
        self._loop = loop
        self.is_async = isinstance(inbox, hookseal.inbox._inbox.BaseAsyncInbox)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inner, name)
        if not callable(method) or name == "stop":
            return method

        def call(*arguments: Any, **keywords: Any) -> Any:
            connection = keywords.get("connection")
            if isinstance(connection, Connection):
                keywords["connection"] = connection.raw
            arguments = tuple(each.raw if isinstance(each, Connection) else each for each in arguments)
            returned = method(*arguments, **keywords)
            return self._loop.run(returned) if iscoroutine(returned) else returned

        return call

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        if not self.is_async:
            with self.inner.transaction() as raw:
                yield Connection(raw, self._loop.run)
            return
        manager: AbstractAsyncContextManager[Any] = self.inner.transaction()
        raw = self._loop.run(manager.__aenter__())
        try:
            yield Connection(raw, self._loop.run)
        except BaseException as error:
            if not self._loop.run(manager.__aexit__(type(error), error, error.__traceback__)):
                raise
        else:
            self._loop.run(manager.__aexit__(None, None, None))

    def work(
        self,
        before: Callable[[Recorded], object] = lambda delivery: None,
        on_failure: Callable[[Row, BaseException], object] | None = None,
        *,
        after: Callable[[Any], object] = lambda connection: None,
    ) -> None:
        """Works until `stop`: the handler calls `before` and writes one effect for each delivery."""
        if not self.is_async:

            def handle(delivery: Recorded, connection: Any) -> None:
                before(delivery)
                executed(connection, INSERT.format(delivery[0].id))
                after(connection)

            self.inner.work(handle, on_failure=on_failure)
            return

        async def handle_async(delivery: Recorded, connection: Any) -> None:
            await asyncio.to_thread(before, delivery)
            await executed(connection, INSERT.format(delivery[0].id))
            returned = after(connection)
            if iscoroutine(returned):
                await returned

        self._loop.run(self.inner.work(handle_async, on_failure=on_failure))

    @contextmanager
    def working(self, *arguments: Any, **keywords: Any) -> Iterator[None]:
        """A worker in a thread, which is stopped at the end."""
        failed: list[BaseException] = []

        def run() -> None:
            try:
                self.work(*arguments, **keywords)
            except BaseException as error:
                failed.append(error)
            finally:
                connections.close_all()

        thread = threading.Thread(target=run)
        with ExitStack() as stack:
            # A worker that sleeps finds sooner that it has to stop.
            for module in (hookseal.inbox._both, hookseal.inbox.psycopg):
                stack.enter_context(mock.patch.object(module, "SLICE_SECONDS", 0.01))
            thread.start()
            try:
                yield
            finally:
                self.inner.stop()
                thread.join(30)
                assert not thread.is_alive()
        if failed:
            raise failed[0]


class Maker:
    """Makes inboxes of one kind on one database, and closes them."""

    def __init__(self, client: str, database: Database, loop: Loop) -> None:
        apps.django_wsgi_app()
        self.client, self.database, self.loop = client, database, loop
        self._closing: list[Callable[[], object]] = []

    def __call__(self, **settings: Any) -> Inbox:
        made = self._make(self.database.url, settings)
        inbox = Inbox(made, self.loop)
        self._closing.append(inbox.close)
        return inbox

    def _make(self, url: str, settings: dict[str, Any]) -> Any:
        run, closing = self.loop.run, self._closing.append
        match self.client:
            case "psycopg pool":
                pool = ConnectionPool(url, min_size=1, max_size=5, open=True)
                closing(pool.close)
                return hookseal.inbox.psycopg.Inbox(pool, **settings)
            case "psycopg text":
                return hookseal.inbox.psycopg.Inbox(url, **settings)
            case "psycopg async pool":
                async_pool = AsyncConnectionPool(url, min_size=1, max_size=5, open=False)
                run(async_pool.open())
                closing(lambda: run(async_pool.close()))
                return hookseal.inbox.psycopg.AsyncInbox(async_pool, **settings)
            case "psycopg async text":
                return hookseal.inbox.psycopg.AsyncInbox(url, **settings)
            case "asyncpg pool":

                async def create() -> Any:
                    return await asyncpg.create_pool(url, min_size=1, max_size=5)

                of_asyncpg = run(create())
                closing(lambda: run(of_asyncpg.close()))
                return hookseal.inbox.asyncpg.AsyncInbox(of_asyncpg, **settings)
            case "sqlalchemy psycopg" | "sqlalchemy sqlite":
                engine = sqlalchemy.create_engine(self._sqlalchemy_url("psycopg", "sqlite"))
                closing(engine.dispose)
                return hookseal.inbox.sqlalchemy.Inbox(engine, **settings)
            case "sqlalchemy asyncpg" | "sqlalchemy aiosqlite":
                async_engine = sqlalchemy.ext.asyncio.create_async_engine(
                    self._sqlalchemy_url("asyncpg", "sqlite+aiosqlite")
                )
                closing(lambda: run(async_engine.dispose()))
                return hookseal.inbox.sqlalchemy.AsyncInbox(async_engine, **settings)
            case "django postgresql" | "django sqlite":
                alias = django_database(self.database)
                closing(connections[alias].close)
                return hookseal.inbox.django.Inbox(alias, **settings)
            case "sqlite":
                return hookseal.inbox.sqlite.Inbox(self.database.path, **settings)
            case "sqlite async":
                return hookseal.inbox.sqlite.AsyncInbox(self.database.path, **settings)
        raise ValueError(self.client)

    def _sqlalchemy_url(self, driver: str, sqlite: str) -> str:
        if self.database.kind == "sqlite":
            return f"{sqlite}:///{self.database.path}"
        return self.database.url.replace("postgresql:", f"postgresql+{driver}:")

    def close(self) -> None:
        for close in reversed(self._closing):
            close()


_aliases = count(1)


def django_database(database: Database, **options: Any) -> str:
    """The alias of a new database in Django's settings."""
    alias = f"inbox{next(_aliases)}"
    if database.kind == "sqlite":
        given: dict[str, Any] = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(database.path)}
    else:
        parts = psycopg.conninfo.conninfo_to_dict(database.url)
        given = {"ENGINE": "django.db.backends.postgresql", "NAME": parts["dbname"], "USER": parts["user"]}
        given |= {"HOST": parts["host"], "PORT": str(parts["port"])}
    handler: Any = connections
    settings = handler.configure_settings({"default": {}, alias: given | options})
    handler.settings[alias] = settings[alias]
    return alias


def kind_of(client: str) -> str:
    return "sqlite" if "sqlite" in client else "postgresql"


def until(is_so: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def has_effects(database: Database, number: int) -> bool:
    return len(database.effects()) == number


def outcomes_around_a_fork(client: str, place: str) -> str:
    """A process stores a delivery and forks, the child stores another, and then the parent a third and that of the
    child. What the parent prints."""
    program = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from hookseal.inbox.{client} import Inbox
from samples import delivery
inbox = Inbox({place!r})
inbox.put(delivery(1))
pid = os.fork()
if pid == 0:
    inbox.put(delivery(2))
    inbox.close()
    sys.exit(0)
assert os.waitpid(pid, 0)[1] == 0
print(inbox.put(delivery(3)).outcome, inbox.put(delivery(2)).outcome)
inbox.close()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
