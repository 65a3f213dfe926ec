"""An inbox on PostgreSQL 12 or later with asyncpg (``pip install 'hookseal[asyncpg]'``).

    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"])
    inbox = AsyncInbox(pool)

    async def handle(delivery: Recorded, connection: asyncpg.Connection) -> None:
        for event in delivery:
            await connection.execute("INSERT INTO seen (event) VALUES ($1)", event.id)

``hookseal.inbox`` says how it is used. Each worker takes one connection of the pool for as long as it runs. ``close``
leaves the pool open.

- The inbox begins its transactions with READ COMMITTED, whatever the default of the session is. A connection that you
  give ``put`` must have an open transaction with READ COMMITTED.
- A handler is cancelled after ``handler_limit_seconds``. In it ``connection.transaction()`` is a savepoint.
- Workers listen on the channel ``hookseal_inbox``, and look for rows every ``poll_milliseconds`` besides.
- Behind pgbouncer in transaction mode connect with ``statement_cache_size=0``. Notifications are lost there, and
  workers find rows only when they look.
"""

from collections.abc import Hashable
from contextlib import suppress
from typing import Any, Final, Unpack, final

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from hookseal.inbox._both import Waiter
from hookseal.inbox._database import STATEMENTS, AutocommitSession, Database, Rows, Session, numbered
from hookseal.inbox._faults import TransactionEnded
from hookseal.inbox._inbox import BaseAsyncInbox
from hookseal.inbox._settings import Settings

__all__ = ["AsyncInbox"]

_STATEMENTS: Final = {name: numbered(text) for name, text in STATEMENTS["postgresql"].items() if name != "tables"}
_CHANNEL: Final = STATEMENTS["postgresql"]["listen"].removeprefix("LISTEN ")


class _Asyncpg(Database["asyncpg.Connection[Any] | PoolConnectionProxy[Any]"]):
    dialect = "postgresql"
    is_async = True

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool

    @property
    def place(self) -> Hashable:
        return id(self._pool)

    async def open(self, *, keeps: bool, anew: bool) -> Session["asyncpg.Connection[Any] | PoolConnectionProxy[Any]"]:
        if anew:
            # After a restart of the server a pool can hold connections that are broken, and not know it.
            await self._pool.expire_connections()
        return _Session(self, await self._pool.acquire(), self._pool)

    async def execute(
        self, connection: "asyncpg.Connection[Any] | PoolConnectionProxy[Any]", name: str, parameters: dict[str, Any]
    ) -> Rows:
        text, names = _STATEMENTS[name]
        return list(await connection.fetch(text, *(parameters[each] for each in names)))

    def check_given(self, connection: Any) -> None:
        if not isinstance(connection, asyncpg.Connection | PoolConnectionProxy):
            raise TypeError("connection must be an asyncpg.Connection")
        # A connection that was given back to its pool raises an error.
        is_open = False
        with suppress(asyncpg.InterfaceError):
            is_open = connection.is_in_transaction()
        if not is_open:
            raise ValueError("connection must have an open transaction; without connection= put has one of its own")


class _Session(AutocommitSession["asyncpg.Connection[Any] | PoolConnectionProxy[Any]"]):
    def __init__(self, database: _Asyncpg, connection: Any, pool: Any) -> None:
        super().__init__(database)
        self.connection: Any = connection
        self._pool = pool
        self._transaction: Any = None
        self._waiter: Waiter | None = None

    async def _begin(self) -> None:
        self._transaction = self.connection.transaction(isolation="read_committed")
        await self._transaction.start()

    async def _check(self) -> None:
        if not self.connection.is_in_transaction():
            raise TransactionEnded
        # The server answers the COMMIT of a transaction that failed with ROLLBACK, and asyncpg raises no error.
        await self.connection.execute("SELECT 1")

    async def _commit(self) -> None:
        await self._transaction.commit()

    async def _rollback(self) -> None:
        await self._transaction.rollback()

    def _is_gone(self) -> bool:
        return bool(self.connection.is_closed())

    async def listen(self, waiter: Waiter) -> None:
        self._waiter = waiter
        self.connection.add_termination_listener(self._ended)
        await self._told(self.connection.add_listener(_CHANNEL, self._notified))

    def _notified(self, _connection: object, _process: int, _channel: str, payload: object) -> None:
        if self._waiter is not None and payload == self._waiter.inbox:
            self._waiter.wake()

    def _ended(self, _connection: object) -> None:
        # The worker finds out when it takes the next row.
        if self._waiter is not None:
            self._waiter.wake()

    async def _release(self) -> None:
        try:
            # The pool has already taken back a connection that was lost, and it raises an error then.
            if self.is_broken:
                self.connection.terminate()
            elif self._waiter is not None:
                self.connection.remove_termination_listener(self._ended)
                await self.connection.remove_listener(_CHANNEL, self._notified)
        finally:
            await self._pool.release(self.connection)


@final
class AsyncInbox(BaseAsyncInbox["asyncpg.Connection[Any] | PoolConnectionProxy[Any]"]):
    """An inbox for asyncio. Tasks can share it."""

    def __init__(self, database: "asyncpg.Pool[Any]", *, name: str = "default", **settings: Unpack[Settings]) -> None:
        if not isinstance(database, asyncpg.Pool):
            raise TypeError("database must be an asyncpg.Pool")
        super().__init__(_Asyncpg(database), name, settings)
