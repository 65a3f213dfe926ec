"""An inbox on PostgreSQL 12 or later with psycopg 3 (``pip install 'hookseal[psycopg]'``).

    pool = ConnectionPool(os.environ["DATABASE_URL"])
    inbox = Inbox(pool)

    def handle(delivery: Recorded, connection: psycopg.Connection) -> None:
        for event in delivery:
            connection.execute("INSERT INTO seen (event) VALUES (%s)", [event.id])

``hookseal.inbox`` says how it is used. Give it a pool of the package ``psycopg_pool``, or a text with which to
connect. Each worker takes one connection of the pool for as long as it runs. With a text the inbox keeps one
connection for ``put`` and the like, for which callers wait for each other, and one for each worker and transaction.
``close`` closes them. A service with threads or tasks should give it a pool, which ``close`` leaves open.

- The inbox begins its transactions with READ COMMITTED, whatever the default of the session is, and commits them
  itself, whatever ``autocommit`` is. A connection that you give ``put`` must have an open transaction with READ
  COMMITTED.
- A synchronous handler cannot be interrupted. Each of its statements, and each time between two of them, is limited
  to ``handler_limit_seconds`` by ``statement_timeout`` and ``idle_in_transaction_session_timeout``. An asynchronous
  handler is cancelled after that time.
- Workers listen on the channel ``hookseal_inbox``, and look for rows every ``poll_milliseconds`` besides.
- Behind pgbouncer in transaction mode connect with ``prepare_threshold=None``. Notifications are lost there, and
  workers find rows only when they look.
"""

import time
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, Unpack, cast, final

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from hookseal._errors import InboxUnavailable
from hookseal.inbox._both import SLICE_SECONDS, Kept, Stop, Waiter, either
from hookseal.inbox._database import (
    STATEMENTS,
    TURN_SECONDS,
    AutocommitSession,
    Database,
    Rows,
    Session,
    percent,
)
from hookseal.inbox._faults import TransactionEnded
from hookseal.inbox._inbox import BaseAsyncInbox, SyncInbox
from hookseal.inbox._settings import Settings

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool, ConnectionPool

__all__ = ["AsyncInbox", "Inbox"]

_ConnectionT = TypeVar("_ConnectionT")

_TEXTS: Final = STATEMENTS["postgresql"]
_STATEMENTS: Final = {name: percent(text).encode() for name, text in _TEXTS.items() if name != "tables"}


class _Psycopg(Database[_ConnectionT], Generic[_ConnectionT]):
    dialect = "postgresql"

    def __init__(self, given: Any, *, is_async: bool) -> None:
        self.is_async = is_async
        self.connection_type: Any = psycopg.AsyncConnection if is_async else psycopg.Connection
        self.cursor_type: Any = psycopg.AsyncCursor if is_async else psycopg.Cursor
        self._given = given
        self._kept: Kept[Any] = Kept(is_async=is_async)
        self._is_text = isinstance(given, str)
        self._place: Hashable = given if self._is_text else id(given)

    @property
    def place(self) -> Hashable:
        return self._place

    async def open(self, *, keeps: bool, anew: bool) -> Session[_ConnectionT]:
        if self._is_text:
            return await self._open_own(keeps)
        for _ in range(self._given.max_size if anew else 0):
            # After a restart of the server a pool holds connections that are broken, and does not know it.
            session = _FromPool(self, await either(self._given.getconn()), self._given)
            try:
                await session.prepare()
                await session.try_out()
            except psycopg.OperationalError:
                session.is_broken = True
                await session.release()
            except BaseException:
                await session.release()
                raise
            else:
                return session
        session = _FromPool(self, await either(self._given.getconn()), self._given)
        try:
            await session.prepare()
        except BaseException:
            await session.release()
            raise
        return session

    async def _open_own(self, keeps: bool) -> Session[_ConnectionT]:
        if not keeps and not await self._kept.lock(TURN_SECONDS):
            raise InboxUnavailable(
                f"other calls have used the inbox's connection for {TURN_SECONDS} s: give the inbox a pool"
            )
        try:
            connection = self._kept.pop(spare=keeps)
            if connection is None or connection.closed:
                connection = await either(self.connection_type.connect(self._given, autocommit=True))
        except BaseException:
            if not keeps:
                self._kept.unlock()
            raise
        return _Own(self, connection, self._kept, keeps)

    async def execute(self, connection: _ConnectionT, name: str, parameters: dict[str, Any]) -> Rows:
        # A cursor of its own kind: the user's could make dictionaries, or bind on the client's side.
        cursor = self.cursor_type(connection, row_factory=tuple_row)
        await either(cursor.execute(_STATEMENTS[name], parameters))
        return cast(Rows, await either(cursor.fetchall())) if cursor.description else []

    def check_given(self, connection: Any) -> None:
        if not isinstance(connection, self.connection_type):
            raise TypeError(f"connection must be a psycopg.{self.connection_type.__name__}")
        if connection.autocommit and connection.info.transaction_status == TransactionStatus.IDLE:
            raise ValueError("connection must have an open transaction; without connection= put has one of its own")

    async def close(self) -> None:
        for spare in (False, True):
            while (connection := self._kept.pop(spare=spare)) is not None:
                await either(connection.close())


class _Session(AutocommitSession[_ConnectionT], Generic[_ConnectionT]):
    def __init__(self, database: _Psycopg[_ConnectionT], connection: Any) -> None:
        super().__init__(database)
        self._cursor_type, self._is_async = database.cursor_type, database.is_async
        self._any: Any = connection
        self.connection = connection

    async def _begin(self) -> None:
        await self._run(_TEXTS["begin"])

    async def _commit(self) -> None:
        # The server answers the COMMIT of a transaction that failed with ROLLBACK, and no error.
        if await self._run("COMMIT") != "COMMIT":
            raise TransactionEnded

    async def _check(self) -> None:
        if self._any.info.transaction_status == TransactionStatus.IDLE:
            raise TransactionEnded

    async def _rollback(self) -> None:
        await either(self._any.rollback())

    def _is_gone(self) -> bool:
        return bool(self._any.closed)

    async def _run(self, text: str) -> str | None:
        cursor = self._cursor_type(self._any, row_factory=tuple_row)
        await either(cursor.execute(text.encode(), prepare=False))
        return cast(str | None, cursor.statusmessage)

    async def try_out(self) -> None:
        await self._run("SELECT 1")

    async def listen(self, waiter: Waiter) -> None:
        await self._told(self._run(_TEXTS["listen"]))

    async def _wait(self, waiter: Waiter, seconds: float, stop: Stop) -> bool:
        end = time.monotonic() + seconds
        while not stop.is_set and (left := end - time.monotonic()) > 0:
            notifies = self._any.notifies(timeout=min(left, SLICE_SECONDS), stop_after=1)
            if self._is_async:
                payloads = [notify.payload async for notify in notifies]
            else:
                payloads = [notify.payload for notify in notifies]
            if waiter.inbox in payloads:
                return True
        return False


class _Own(_Session[_ConnectionT]):
    """A connection that the inbox made."""

    def __init__(self, database: _Psycopg[_ConnectionT], connection: Any, kept: Kept[Any], keeps: bool) -> None:
        super().__init__(database, connection)
        self._kept, self._keeps = kept, keeps

    async def _release(self) -> None:
        try:
            if self.is_broken or self._any.closed or not self._kept.push(self._any, spare=self._keeps):
                await either(self._any.close())
        finally:
            if not self._keeps:
                self._kept.unlock()


class _FromPool(_Session[_ConnectionT]):
    """A connection of the user's pool. The inbox begins and commits by itself, so it has to be in autocommit mode."""

    def __init__(self, database: _Psycopg[_ConnectionT], connection: Any, pool: Any) -> None:
        super().__init__(database, connection)
        self._pool = pool
        self._was_autocommit: bool | None = None
        self._has_listened = False

    async def prepare(self) -> None:
        self._was_autocommit = self._any.autocommit
        if not self._was_autocommit:
            await either(self._any.set_autocommit(True))

    async def listen(self, waiter: Waiter) -> None:
        self._has_listened = True
        await super().listen(waiter)

    async def _release(self) -> None:
        try:
            await self._restore()
        finally:
            await either(self._pool.putconn(self._any))

    async def _restore(self) -> None:
        try:
            if self.is_broken or self._any.closed:
                await either(self._any.close())
                return
            if self._has_listened:
                await self._run("UNLISTEN hookseal_inbox")
            if self._was_autocommit is False:
                await either(self._any.set_autocommit(False))
        except Exception:
            await either(self._any.close())


@final
class Inbox(SyncInbox[psycopg.Connection[Any]]):
    """An inbox that waits for the database. Threads can share it."""

    def __init__(
        self,
        database: "ConnectionPool[Any] | str",
        *,
        name: str = "default",
        **settings: Unpack[Settings],
    ) -> None:
        if not isinstance(database, str) and not _is_pool(database, is_async=False):
            raise TypeError("database must be a ConnectionPool, or a text to connect with")
        super().__init__(_Psycopg(database, is_async=False), name, settings)


@final
class AsyncInbox(BaseAsyncInbox[psycopg.AsyncConnection[Any]]):
    """An inbox for asyncio. Tasks can share it."""

    def __init__(
        self,
        database: "AsyncConnectionPool[Any] | str",
        *,
        name: str = "default",
        **settings: Unpack[Settings],
    ) -> None:
        if not isinstance(database, str) and not _is_pool(database, is_async=True):
            raise TypeError("database must be an AsyncConnectionPool, or a text to connect with")
        super().__init__(_Psycopg(database, is_async=True), name, settings)


def _is_pool(given: Any, *, is_async: bool) -> bool:
    """Whether it is a pool of `psycopg_pool`, which need not be installed."""
    if not callable(getattr(given, "getconn", None)) or not callable(getattr(given, "putconn", None)):
        return False
    return hasattr(given, "__aenter__") == is_async
