"""An inbox on SQLite 3.37 or later, with Python's module ``sqlite3``.

    inbox = Inbox("/var/lib/service/service.db")

    def handle(delivery: Recorded, connection: sqlite3.Connection) -> None:
        for event in delivery:
            connection.execute("INSERT INTO seen (event) VALUES (?)", [event.id])

``hookseal.inbox`` says how it is used. The database must be a file, given by its path, and have the inbox's table:
the inbox does not create it. It opens connections of its own, one for ``put`` and the like, and one for each worker
and transaction. They set ``journal_mode`` to ``WAL``, which the file keeps, ``synchronous`` to ``FULL``, so that a
power cut loses nothing that was stored, and ``busy_timeout`` to 5 s. ``close`` closes them.

- SQLite has one writer at a time. While a handler runs, ``put`` waits for it, and raises ``InboxUnavailable`` after 5
  s. So a handler must be short. For slow work write a worker of your own: ``take`` a row, do the work, and call
  ``done`` in a ``transaction`` after it.
- A ``put`` wakes the workers of its own process at once. Those of other processes find rows when they look, every
  ``poll_milliseconds``.
- A synchronous handler cannot be interrupted: if it takes longer than ``handler_limit_seconds``, a warning is logged.
- A connection that you give ``put`` must have an open transaction. Python's module begins one by itself only before
  an ``INSERT``, ``UPDATE`` or ``DELETE``: use ``isolation_level=None`` and ``BEGIN IMMEDIATE``.
- The times are those of the machine's clock. If it is set back, rows wait for as long as it was set back.

``AsyncInbox`` uses a thread for each connection. Its handlers get an ``AsyncConnection``.
"""

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Generic, TypeAlias, TypeVar, Unpack, cast, final

from hookseal._errors import InboxUnavailable
from hookseal.inbox._both import Kept, either, finish
from hookseal.inbox._database import STATEMENTS, TURN_SECONDS, Database, Rows, Session, prepare_sqlite
from hookseal.inbox._faults import TransactionEnded
from hookseal.inbox._inbox import BaseAsyncInbox, SyncInbox
from hookseal.inbox._settings import Settings

__all__ = ["AsyncConnection", "AsyncInbox", "Inbox"]

_T = TypeVar("_T")
_STATEMENTS: Final = STATEMENTS["sqlite"]
_OLDEST: Final = (3, 37)


@final
class AsyncConnection:
    """A connection in a thread of its own, which the handlers of an ``AsyncInbox`` get."""

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self._connection, self._thread = connection, thread

    async def execute(
        self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = (), /
    ) -> list[tuple[Any, ...]]:
        """Runs a statement, and returns its rows."""
        return await self.run(lambda connection: connection.execute(statement, parameters).fetchall())

    async def run(self, function: Callable[[sqlite3.Connection], _T], /) -> _T:
        """Calls a function with the connection, in the connection's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, self._connection)


_ConnectionT = TypeVar("_ConnectionT", bound=sqlite3.Connection | AsyncConnection)
_Calls: TypeAlias = Callable[[Callable[[sqlite3.Connection], Any]], Any]


class _Sqlite(Database[_ConnectionT], Generic[_ConnectionT]):
    dialect = "sqlite"

    def __init__(self, path: Any, *, is_async: bool) -> None:
        self.is_async = is_async
        if not isinstance(path, str | os.PathLike):
            raise TypeError("path must be str or a path")
        text = os.fsdecode(path)
        if text.startswith("file:"):
            raise ValueError("give the inbox a path, not a URI")
        if not text or text == ":memory:":
            raise ValueError("the inbox needs a file: a database in memory would lose every delivery")
        if sqlite3.sqlite_version_info < _OLDEST:
            raise ImportError(f"the inbox needs SQLite 3.37 or later, and this is {sqlite3.sqlite_version}")
        self._path = Path(text).absolute()
        self._kept: Kept[Any] = Kept(is_async=is_async)

    @property
    def place(self) -> Hashable:
        return self._path

    async def open(self, *, keeps: bool, anew: bool) -> Session[_ConnectionT]:
        if not keeps and not await self._kept.lock(TURN_SECONDS):
            raise InboxUnavailable(f"other calls have used the inbox's connection for {TURN_SECONDS} s")
        try:
            connection = self._kept.pop(spare=keeps)
            if connection is None:
                connection = await self._connect()
        except BaseException:
            if not keeps:
                self._kept.unlock()
            raise
        return _Session(self, connection, self._kept, keeps)

    async def _connect(self) -> Any:
        if not self.is_async:
            return self._connect_here()
        thread = ThreadPoolExecutor(1, "hookseal-inbox")
        try:
            connection = await asyncio.get_running_loop().run_in_executor(thread, self._connect_here)
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return AsyncConnection(connection, thread)

    def _connect_here(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self._path.as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            finish(prepare_sqlite(connection.execute, is_async=False))
        except BaseException:
            connection.close()
            raise
        return connection

    async def execute(self, connection: _ConnectionT, name: str, parameters: dict[str, Any]) -> Rows:
        return cast(Rows, await either(call(connection, lambda raw: _execute(raw, name, parameters))))

    def check_given(self, connection: Any) -> None:
        if isinstance(connection, AsyncConnection) and self.is_async:
            is_open = connection._connection.in_transaction
        elif isinstance(connection, sqlite3.Connection) and not self.is_async:
            is_open = connection.in_transaction
        else:
            raise TypeError("connection must be a sqlite3.Connection; that of an AsyncInbox an AsyncConnection")
        if not is_open:
            raise ValueError(
                "connection must have an open transaction: execute BEGIN IMMEDIATE. Without connection= put has one "
                "of its own"
            )

    async def close(self) -> None:
        for spare in (False, True):
            while (connection := self._kept.pop(spare=spare)) is not None:
                await close(connection)


def call(connection: Any, function: Callable[[sqlite3.Connection], _T]) -> _T | Awaitable[_T]:
    """Calls a function with the connection, in its thread if it has one."""
    if isinstance(connection, AsyncConnection):
        return connection.run(function)
    return function(cast(sqlite3.Connection, connection))


async def close(connection: Any) -> None:
    await either(call(connection, sqlite3.Connection.close))
    if isinstance(connection, AsyncConnection):
        connection._thread.shutdown(wait=False)


def _execute(connection: sqlite3.Connection, name: str, parameters: dict[str, Any]) -> Rows:
    cursor = connection.cursor()
    # The user's connection could make other rows.
    cursor.row_factory = None
    return cursor.execute(_STATEMENTS[name], parameters).fetchall()


class _Session(Session[_ConnectionT]):
    def __init__(self, database: _Sqlite[_ConnectionT], connection: Any, kept: Kept[Any], keeps: bool) -> None:
        super().__init__(database)
        self.connection = connection
        self._kept, self._keeps = kept, keeps

    async def _begin(self) -> None:
        await self._call(lambda raw: raw.execute(_STATEMENTS["begin"]))

    async def _commit(self) -> None:
        await self._call(lambda raw: raw.execute("COMMIT"))

    async def _check(self) -> None:
        if not await self._call(lambda raw: raw.in_transaction):
            raise TransactionEnded

    async def _rollback(self) -> None:
        # Also if a BEGIN was cancelled that a thread had begun.
        await self._call(sqlite3.Connection.rollback)

    def _is_gone(self) -> bool:
        return False

    async def _call(self, function: Callable[[sqlite3.Connection], Any]) -> Any:
        return await either(call(self.connection, function))

    async def _release(self) -> None:
        try:
            if self.is_broken or not self._kept.push(self.connection, spare=self._keeps):
                await close(self.connection)
        finally:
            if not self._keeps:
                self._kept.unlock()


@final
class Inbox(SyncInbox[sqlite3.Connection]):
    """An inbox that waits for the database. Threads can share it."""

    def __init__(self, path: str | os.PathLike[str], *, name: str = "default", **settings: Unpack[Settings]) -> None:
        super().__init__(_Sqlite(path, is_async=False), name, settings)


@final
class AsyncInbox(BaseAsyncInbox[AsyncConnection]):
    """An inbox for asyncio. Tasks can share it."""

    def __init__(self, path: str | os.PathLike[str], *, name: str = "default", **settings: Unpack[Settings]) -> None:
        super().__init__(_Sqlite(path, is_async=True), name, settings)
