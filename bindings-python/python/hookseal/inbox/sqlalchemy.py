"""An inbox with SQLAlchemy 2, on PostgreSQL 12 or later or on SQLite 3.37 or later.

    engine = create_engine(os.environ["DATABASE_URL"])
    inbox = Inbox(engine)

    def handle(delivery: Recorded, connection: Connection) -> None:
        for event in delivery:
            connection.execute(insert(seen).values(event=event.id))

``hookseal.inbox`` says how it is used. Give ``Inbox`` an engine, and ``AsyncInbox`` an async engine. The inbox takes
its connections from the engine: one for each call, and one for each worker for as long as it runs. On PostgreSQL they
have the isolation level READ COMMITTED, on SQLite AUTOCOMMIT: the inbox executes ``BEGIN IMMEDIATE`` itself.

- To store a delivery in a transaction of a session: ``inbox.put(delivery, connection=session.connection())``, and
  ``await session.connection()`` with an async one. The transaction must have the isolation level READ COMMITTED.
- A handler that wants a session makes one for its connection: ``Session(connection)``. A ``commit`` of that session
  does not commit the transaction.
- A ``put`` wakes the workers of its own process at once. Those of other processes find rows when they look, every
  ``poll_milliseconds``.
- ``close`` leaves the engine as it is.
- On PostgreSQL a synchronous handler is limited as ``hookseal.inbox.psycopg`` says. On SQLite it is not limited.
- SQLite needs a file. ``hookseal.inbox.sqlite`` says more about it.
"""

from collections.abc import Hashable
from typing import Any, Final, Generic, TypeVar, Unpack, final

from sqlalchemy import BigInteger, Connection, Engine, LargeBinary, Text, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hookseal.inbox._both import either
from hookseal.inbox._database import STATEMENTS, Database, Rows, Session, prepare_sqlite
from hookseal.inbox._faults import TransactionEnded
from hookseal.inbox._inbox import BaseAsyncInbox, SyncInbox
from hookseal.inbox._settings import Settings

__all__ = ["AsyncInbox", "Inbox"]

_ConnectionT = TypeVar("_ConnectionT")

_TEXTS: Final = {"inbox", "key", "record", "error", "lock_timeout_milliseconds"}
_NOT_RUN: Final = {"tables", "connect", "begin", "listen"}


def _statement(given: str) -> TextClause:
    """Some drivers need to know the types of parameters."""
    statement = text(given)
    types: dict[str, Any] = {name: Text() if name in _TEXTS else BigInteger() for name in statement._bindparams}
    if "body" in types:
        types["body"] = LargeBinary()
    return statement.bindparams(*(bindparam(name, type_=type_) for name, type_ in types.items()))


_STATEMENTS: Final[dict[str, dict[str, TextClause]]] = {
    dialect: {name: _statement(given) for name, given in statements.items() if name not in _NOT_RUN and given}
    for dialect, statements in STATEMENTS.items()
}


class _Sqlalchemy(Database[_ConnectionT], Generic[_ConnectionT]):
    def __init__(self, engine: Any, *, is_async: bool) -> None:
        name = engine.dialect.name
        if name not in STATEMENTS:
            raise ValueError("the engine must be one of PostgreSQL or SQLite")
        self.dialect = str(name)
        if self.dialect == "sqlite":
            place = engine.url.database or ""
            if place in ("", ":memory:") or "mode=memory" in place or engine.url.query.get("mode") == "memory":
                raise ValueError("the inbox needs a file: a database in memory would lose every delivery")
        self.is_async = is_async
        self.connection_type: Any = AsyncConnection if is_async else Connection
        self._engine = engine

    @property
    def place(self) -> Hashable:
        return str(self._engine.url)

    async def open(self, *, keeps: bool, anew: bool) -> Session[_ConnectionT]:
        # SQLAlchemy gives up all idle connections when one of them has broken, so that the next one is new.
        connection = await either(self._engine.connect())
        session = _Session(self, connection)
        try:
            await session.prepare()
        except BaseException:
            await session.release()
            raise
        return session

    async def execute(self, connection: _ConnectionT, name: str, parameters: dict[str, Any]) -> Rows:
        given: Any = connection
        result: Any = await either(given.execute(_STATEMENTS[self.dialect][name], parameters))
        return list(result.fetchall()) if result.returns_rows else []

    def check_given(self, connection: Any) -> None:
        if not isinstance(connection, self.connection_type):
            raise TypeError(f"connection must be SQLAlchemy's {self.connection_type.__name__}; a session has one")
        if not connection.in_transaction():
            raise ValueError("connection must have an open transaction; without connection= put has one of its own")


class _Session(Session[_ConnectionT]):
    def __init__(self, database: _Sqlalchemy[_ConnectionT], connection: Any) -> None:
        super().__init__(database)
        self._is_async = database.is_async
        self._is_sqlite = database.dialect == "sqlite"
        self._any: Any = connection
        self.connection = connection

    async def prepare(self) -> None:
        level = "AUTOCOMMIT" if self._is_sqlite else "READ COMMITTED"
        await either(self._any.execution_options(isolation_level=level))
        if self._is_sqlite:
            await prepare_sqlite(self._any.exec_driver_sql, is_async=self._is_async)
            await either(self._any.rollback())

    async def _begin(self) -> None:
        await either(self._any.begin())
        if self._is_sqlite:
            await either(self._any.exec_driver_sql(STATEMENTS["sqlite"]["begin"]))

    async def _check(self) -> None:
        if not self._any.in_transaction():
            raise TransactionEnded
        if not self._is_sqlite:
            # The server answers the COMMIT of a transaction that failed with ROLLBACK, and drivers raise no error.
            await either(self._any.exec_driver_sql("SELECT 1"))

    async def _commit(self) -> None:
        if self._is_sqlite:
            # It fails if the handler has ended the transaction.
            await either(self._any.exec_driver_sql("COMMIT"))
        await either(self._any.commit())

    async def _rollback(self) -> None:
        await either(self._any.rollback())

    def _is_gone(self) -> bool:
        return bool(self._any.closed or self._any.invalidated)

    async def _release(self) -> None:
        try:
            if self.is_broken and not self._is_gone():
                await either(self._any.invalidate())
        finally:
            await either(self._any.close())


@final
class Inbox(SyncInbox[Connection]):
    """An inbox that waits for the database. Threads can share it."""

    def __init__(self, engine: Engine, *, name: str = "default", **settings: Unpack[Settings]) -> None:
        if not isinstance(engine, Engine):
            raise TypeError("engine must be an Engine; AsyncInbox takes an AsyncEngine")
        super().__init__(_Sqlalchemy(engine, is_async=False), name, settings)


@final
class AsyncInbox(BaseAsyncInbox[AsyncConnection]):
    """An inbox for asyncio. Tasks can share it."""

    def __init__(self, engine: AsyncEngine, *, name: str = "default", **settings: Unpack[Settings]) -> None:
        if not isinstance(engine, AsyncEngine):
            raise TypeError("engine must be an AsyncEngine; Inbox takes an Engine")
        super().__init__(_Sqlalchemy(engine, is_async=True), name, settings)
