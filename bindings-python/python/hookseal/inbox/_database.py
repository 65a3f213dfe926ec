"""The part that differs between clients: connections, transactions, and how a statement is run."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import suppress
from typing import Any, Final, Generic, TypeAlias, TypeVar

from hookseal import _native
from hookseal._errors import InboxUnavailable
from hookseal.inbox import _faults
from hookseal.inbox._both import Stop, Waiter, either

ConnectionT = TypeVar("ConnectionT")
_T = TypeVar("_T")
Rows: TypeAlias = list[Any]

STATEMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "postgresql": _native.inbox_statements("postgresql"),
    "sqlite": _native.inbox_statements("sqlite"),
}
# How long a caller waits for a connection that others use one after the other.
TURN_SECONDS: Final = 30
# The busy_timeout that the statement `connect` sets for SQLite.
_BUSY_SECONDS: Final = 5.0


async def prepare_sqlite(execute: Callable[[str], object], *, is_async: bool) -> None:
    """Runs the statements that each connection to SQLite needs.

    SQLite waits for no lock when it changes a file to WAL, which happens once in a file's life.
    """
    end = time.monotonic() + _BUSY_SECONDS
    for statement in STATEMENTS["sqlite"]["connect"].split(";"):
        while not await _is_executed(execute, statement, end):
            if is_async:
                await asyncio.sleep(0.01)
            else:
                time.sleep(0.01)  # noqa: ASYNC251


async def _is_executed(execute: Callable[[str], object], statement: str, end: float) -> bool:
    """`False` if another connection has the lock, and there is time left."""
    try:
        await either(execute(statement))
    except Exception as error:
        if _faults.code_of(error) != "SQLITE_BUSY" or time.monotonic() > end:
            raise
        return False
    return True


def percent(statement: str) -> str:
    """A statement with its parameters as `%(name)s`."""
    return _replaced(statement.replace("%", "%%"), lambda name: f"%({name})s")


def numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """A statement with its parameters as `$1`, and their names in this order."""
    names: list[str] = []

    def number(name: str) -> str:
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _replaced(statement, number), tuple(names)


def _replaced(statement: str, written: Callable[[str], str]) -> str:
    first, *parts = statement.split(":")
    text = first
    for part in parts:
        name = part[: len(part) - len(part.lstrip("abcdefghijklmnopqrstuvwxyz_"))]
        text += written(name) + part[len(name) :]
    return text


class Database(ABC, Generic[ConnectionT]):
    """A client's way to a database."""

    dialect: str
    """`postgresql` or `sqlite`."""
    is_async: bool
    must_begin: bool = False
    """Whether the server refuses a statement alone, because of the isolation level that its sessions have."""

    @property
    @abstractmethod
    def place(self) -> Hashable:
        """Names the database to this process."""

    @abstractmethod
    async def open(self, *, keeps: bool, anew: bool) -> "Session[ConnectionT]":
        """A connection of the inbox's own. `keeps`: for a worker or a user's transaction. `anew`: not a broken
        one."""

    @abstractmethod
    async def execute(self, connection: ConnectionT, name: str, parameters: dict[str, Any]) -> Rows:
        """Runs a statement, which `name` names."""

    @abstractmethod
    def check_given(self, connection: Any) -> None:
        """Refuses a connection of the user's that has no open transaction."""

    async def close(self) -> None:
        """Closes the connections that it opened and keeps."""


class Session(ABC, Generic[ConnectionT]):
    """A connection of the inbox's own, until `release`."""

    connection: ConnectionT

    def __init__(self, database: Database[Any]) -> None:
        self.database = database
        self.is_broken = False
        self._is_open = False

    @abstractmethod
    async def _begin(self) -> None: ...

    @abstractmethod
    async def _commit(self) -> None: ...

    @abstractmethod
    async def _rollback(self) -> None: ...

    @abstractmethod
    async def _release(self) -> None:
        """Gives the connection back, or closes it if `is_broken`."""

    @abstractmethod
    def _is_gone(self) -> bool:
        """Whether the connection cannot be used any more."""

    async def _check(self) -> None:
        """Fails if the transaction has ended, or can only be rolled back."""

    async def listen(self, waiter: Waiter) -> None:
        """Makes `wait` end also when another process wakes the workers, if the client can."""

    async def _wait(self, waiter: Waiter, seconds: float, stop: Stop) -> bool:
        return await waiter.wait(seconds, stop)

    async def begin(self) -> None:
        self._is_open = True
        await self._told(self._begin())

    async def run(self, name: str, parameters: dict[str, Any]) -> Rows:
        return await self._told(self.database.execute(self.connection, name, parameters))

    async def alone(self, name: str, parameters: dict[str, Any]) -> Rows:
        """Runs a statement in a transaction of its own."""
        await self.begin()
        rows = await self.run(name, parameters)
        await self.commit()
        return rows

    async def commit(self) -> None:
        await self._told(self._commit())
        self._is_open = False

    async def commit_after_user(self) -> None:
        """Commits what a handler did. It may have ended the transaction, or hidden an error that made it fail."""
        await self._told(self._check())
        await self.commit()

    async def rollback(self) -> None:
        if self._is_open:
            await self._told(self._rollback())
            self._is_open = False

    async def wait(self, waiter: Waiter, seconds: float, stop: Stop) -> bool:
        """Waits until the workers of the inbox are woken. `False` if that did not happen in time."""
        return await self._told(self._wait(waiter, seconds, stop))

    async def release(self) -> None:
        """Rolls an open transaction back, and gives the connection back. It does not fail."""
        try:
            if self._is_open and not self.is_broken:
                await self._rollback()
        except Exception:
            self.is_broken = True
        except BaseException:
            self.is_broken = True
            raise
        finally:
            self._is_open = False
            with suppress(Exception):
                await self._release()

    def _seems_gone(self) -> bool:
        try:
            return self._is_gone()
        except Exception:
            # A pool that has already taken a lost connection back lets nobody look at it.
            return True

    async def _told(self, awaited: Awaitable[_T]) -> _T:
        try:
            return await awaited
        except InboxUnavailable:
            raise
        except Exception as error:
            self.is_broken = self.is_broken or _faults.is_broken(error) or self._seems_gone()
            raise _faults.unavailable(error) from _faults.cause_of(error)


class AutocommitSession(Session[ConnectionT], Generic[ConnectionT]):
    """A connection on which a statement alone is a transaction: one round trip to the server in place of three."""

    async def alone(self, name: str, parameters: dict[str, Any]) -> Rows:
        if not self.database.must_begin:
            try:
                return await self.run(name, parameters)
            except InboxUnavailable as error:
                if not _faults.is_of_isolation(error):
                    raise
                # The session's default is a level higher than READ COMMITTED.
                self.database.must_begin = True
        return await super().alone(name, parameters)


class Given(Generic[ConnectionT]):
    """A connection of the user's, with an open transaction."""

    def __init__(self, database: Database[ConnectionT], connection: ConnectionT) -> None:
        database.check_given(connection)
        self._database, self._connection = database, connection

    async def run(self, name: str, parameters: dict[str, Any]) -> Rows:
        try:
            return await self._database.execute(self._connection, name, parameters)
        except Exception as error:
            raise _faults.unavailable(error) from _faults.cause_of(error)
