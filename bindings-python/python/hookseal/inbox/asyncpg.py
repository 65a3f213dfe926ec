"""An inbox on PostgreSQL 12 or later with asyncpg (``pip install 'hookseal[asyncpg]'``).

    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"])
    inbox = AsyncInbox(pool)

    async def handle(delivery: Recorded, connection: asyncpg.Connection) -> None:
        for event in delivery:
            await connection.execute("INSERT INTO seen (event) VALUES ($1)", event.id)

``hookseal.inbox`` says how it is used. Give it a pool, or a connection: callers then wait for each other, nothing
else can run beside a worker, and if it breaks, the inbox cannot make a new one. Each worker takes one connection of
the pool for as long as it runs.

- The inbox begins its transactions with READ COMMITTED, whatever the default of the session is. A connection that you
  give ``put`` must have an open transaction with READ COMMITTED.
- A handler is cancelled after ``handler_limit_seconds``. In it ``connection.transaction()`` is a savepoint.
- Workers listen on the channel ``hookseal_inbox``, and look for rows every ``poll_milliseconds`` besides.
- Behind pgbouncer in transaction mode connect with ``statement_cache_size=0``. Notifications are lost there, and
  workers find rows only when they look.
"""

import asyncio
from collections.abc import Hashable
from contextlib import suppress
from typing import Any, Final, Unpack, final

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from hookseal._errors import InboxUnavailable
from hookseal.inbox._both import SLICE_SECONDS, Kept, Stop
from hookseal.inbox._database import STATEMENTS, TURN_SECONDS, AutocommitSession, Database, Rows, Session, numbered
from hookseal.inbox._faults import TransactionEnded
from hookseal.inbox._inbox import BaseAsyncInbox
from hookseal.inbox._settings import Settings

__all__ = ["AsyncInbox"]

_STATEMENTS: Final = {name: numbered(text) for name, text in STATEMENTS["postgresql"].items() if name != "tables"}
_CHANNEL: Final = STATEMENTS["postgresql"]["listen"].removeprefix("LISTEN ")


class _Asyncpg(Database["asyncpg.Connection[Any] | PoolConnectionProxy[Any]"]):
    dialect = "postgresql"
    is_async = True

    def __init__(self, given: Any) -> None:
        self._given = given
        self._is_pool = isinstance(given, asyncpg.Pool)
        self.can_open_anew = self._is_pool
        self._kept: Kept[Any] = Kept(is_async=True)

    @property
    def place(self) -> Hashable:
        return id(self._given)

    async def open(self, *, keeps: bool, anew: bool) -> Session["asyncpg.Connection[Any] | PoolConnectionProxy[Any]"]:
        if self._is_pool:
            if anew:
                # After a restart of the server a pool can hold connections that are broken, and not know it.
                await self._given.expire_connections()
            return _Session(self, await self._given.acquire(), self._given, None)
        if not await self._kept.lock(TURN_SECONDS):
            raise InboxUnavailable(
                f"the inbox's one connection was in use for {TURN_SECONDS} s: give the inbox a pool, and do not call "
                "it inside of its own transaction"
            )
        if self._given.is_in_transaction():
            self._kept.unlock()
            raise InboxUnavailable(
                "the connection is not idle: its transaction would be that of the inbox, and nothing would be "
                "committed when put returns. Give the inbox a connection of its own, or a pool"
            )
        return _Session(self, self._given, None, self._kept)

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
    def __init__(self, database: _Asyncpg, connection: Any, pool: Any, kept: Kept[Any] | None) -> None:
        super().__init__(database)
        self.connection: Any = connection
        self._pool, self._kept = pool, kept
        self._transaction: Any = None
        self._woken = asyncio.Event()
        self._payloads: set[object] = set()
        self._is_listening = False

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

    async def listen(self) -> None:
        self._is_listening = True
        await self._told(self.connection.add_listener(_CHANNEL, self._notified))

    def _notified(self, _connection: object, _process: int, _channel: str, payload: object) -> None:
        self._payloads.add(payload)
        self._woken.set()

    async def _wait(self, inbox: str, seconds: float, stop: Stop) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not stop.is_set and (left := end - loop.time()) > 0:
            if self.connection.is_closed():
                raise ConnectionError
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, SLICE_SECONDS)):
                    await self._woken.wait()
            self._woken.clear()
            payloads, self._payloads = self._payloads, set()
            if inbox in payloads:
                return True
        return False

    async def _release(self) -> None:
        try:
            # The pool has already taken back a connection that was lost, and it raises an error then.
            if self.is_broken:
                self.connection.terminate()
            elif self._is_listening:
                await self.connection.remove_listener(_CHANNEL, self._notified)
        finally:
            if self._kept is not None:
                self._kept.unlock()
            else:
                await self._pool.release(self.connection)


@final
class AsyncInbox(BaseAsyncInbox["asyncpg.Connection[Any] | PoolConnectionProxy[Any]"]):
    """An inbox for asyncio. Tasks can share it if they give it a pool."""

    def __init__(
        self,
        database: "asyncpg.Pool[Any] | asyncpg.Connection[Any]",
        *,
        name: str = "default",
        **settings: Unpack[Settings],
    ) -> None:
        if not isinstance(database, asyncpg.Pool | asyncpg.Connection):
            raise TypeError("database must be an asyncpg.Pool or an asyncpg.Connection")
        super().__init__(_Asyncpg(database), name, settings)
