"""The two forms of an inbox: one that waits, and one for asyncio. Each client has classes of its own with these
methods."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Generic, Literal, NoReturn

from hookseal import _answer
from hookseal._guard import Duplicate, Full, Stored
from hookseal._native import Delivery, Recorded
from hookseal.inbox._both import finish, is_task_cancelled, refuse_awaitable
from hookseal.inbox._database import ConnectionT, Database
from hookseal.inbox._faults import LeaseEnded
from hookseal.inbox._row import Counts, Pruned, Row
from hookseal.inbox._rules import Rules, class_of
from hookseal.inbox._settings import Settings, choose
from hookseal.inbox._worker import Failures, Taker, Worker


class _Base(Generic[ConnectionT]):
    def __init__(self, database: Database[ConnectionT], name: str, settings: Settings) -> None:
        self._rules = Rules(database, name, choose(settings))
        self._taker = Taker(self._rules)

    @property
    def name(self) -> str:
        """The name of the inbox."""
        return self._rules.name

    def stop(self) -> None:
        """Ends every ``work`` of this object, now and later. Any thread can call it, and a signal handler.

        A running handler ends, and rows that no handler has begun are given back. It takes 0.2 s at most if no
        handler runs.
        """
        self._rules.stop.is_set = True

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self._rules.name!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an inbox cannot be pickled or copied: build one in each process")


class SyncInbox(_Base[ConnectionT]):
    """An inbox whose methods wait for the database."""

    def put(
        self, delivery: Delivery | Recorded, *, connection: ConnectionT | None = None
    ) -> Stored | Duplicate | Full:
        """Stores a delivery that a receiver has checked.

        ``Stored`` and ``Duplicate``: it is stored, on disk. ``Duplicate``: an equal ``replay_key()`` was stored
        before, within its retention. ``Full``: ``max_waiting`` rows wait or are taken; they are counted about once a
        second.

        Without ``connection`` it is committed when the method returns, on a connection of the inbox's own. With it,
        the row is part of the open transaction of that connection, and nothing is committed: call ``wake`` after the
        commit, or workers find the row when they look again.

        Raises ``InboxUnavailable``: it is not known whether the delivery is stored. With ``connection`` its
        transaction has failed then, and must be rolled back.
        """
        return finish(self._rules.put(delivery, connection))

    def wake(self) -> None:
        """Wakes the workers that sleep, for whoever gave ``put`` a connection. Call it after the commit.

        Workers of the same process are woken at once, and on PostgreSQL also those of other processes that listen. A
        ``put`` without ``connection`` does it by itself, at most once in 50 ms.
        """
        finish(self._rules.wake())

    def work(
        self,
        handler: Callable[[Recorded, ConnectionT], object],
        *,
        on_failure: Callable[[Row, BaseException], object] | None = None,
    ) -> None:
        """Takes rows and calls the handler with each delivery, until ``stop``.

        The handler gets the delivery and a connection with an open transaction, in which the row is done. It is
        committed when the handler returns, and rolled back if it raises: the row is then tried again later, or dead.
        The handler must not commit.

        ``on_failure`` is called with the row and the exception after each failure. ``row.state`` is ``waiting`` or
        ``dead``. The exception is ``LeaseEnded`` if the row is dead because its last attempts did not end: the
        handler was too slow, or ended the process. It is ``LeaseEnded`` too, with the failure as its ``__cause__``,
        if the handler failed after another worker had taken the row, which is ``taken`` then. If ``on_failure``
        raises, that is logged and changes nothing.

        Without ``on_failure`` the logger ``hookseal`` gets a warning for each failure, and an error for a row that
        becomes dead, with the exception's class and not its text.

        If the database fails, the worker logs it and tries again on a new connection, after 1 s, later up to 30 s.
        Raises ``InboxUnavailable`` if there is no table, or one of another version. Several threads can call it.
        """
        _check_functions(handler, on_failure)
        if _answer.is_asynchronous(handler) or _answer.is_asynchronous(on_failure):
            raise TypeError("an asynchronous handler needs an AsyncInbox")

        async def call(delivery: Recorded, connection: ConnectionT) -> None:
            returned = handler(delivery, connection)
            refuse_awaitable("the handler", returned)
            _answer.refuse_unrun("the handler", returned)

        finish(Worker(self._rules, call, on_failure).run())

    def take(self) -> list[Row]:
        """Takes a row, or up to ``rows_per_take``, and counts the attempt. The parts are for a worker of your own.

        For each row begin a ``transaction``, call ``done``, and handle ``row.delivery``. If that raises, call
        ``fail``. A row that is neither done nor failed nor given back is taken again after ``lease_seconds``. A row
        that became dead is logged, and is in ``dead()``.
        """
        return finish(_take(self._rules, self._taker))

    @contextmanager
    def transaction(self) -> Iterator[ConnectionT]:
        """A connection of the inbox's own with an open transaction, for ``with``. It is rolled back after an
        exception."""
        opened = self._rules.opened(keeps=True)
        session = finish(opened.__aenter__())
        try:
            finish(session.begin())
            yield session.connection
            finish(session.commit_after_user())
        finally:
            finish(opened.__aexit__())

    def done(self, row: Row, connection: ConnectionT) -> bool:
        """Says in the connection's transaction that the row has been handled: the transaction's first statement.

        ``False``: another worker has the row, because the lease had ended. Roll back.
        """
        return finish(_done(self._rules, row, connection))

    def done_by_number(self, number: int, connection: ConnectionT) -> Recorded | None:
        """As ``done``, for a row that nobody took, because a queue of yours has its number. Returns its delivery.

        ``None``: the row has been handled, or there is none. Raises ``RecordError``: roll back.
        """
        return finish(_done_by_number(self._rules, number, connection))

    def fail(self, row: Row, error: BaseException | str) -> Literal["waiting", "dead"] | None:
        """Says that the handler failed. ``error`` is the exception, or the name of a class; no text is stored.

        ``waiting``: it is tried again later. ``dead``: that was the last attempt. ``None``: another worker has the
        row.
        """
        return finish(_fail(self._rules, row, error))

    def give_back(self, row: Row) -> bool:
        """Gives a row back that no handler has begun, without the attempt. ``False``: another worker has the row."""
        return finish(_give_back(self._rules, row))

    def dead(self, *, after: int = 0, limit: int = 100) -> list[Row]:
        """The dead rows with numbers greater than ``after``, in order."""
        return finish(self._rules.dead(after, limit))

    def retry(self, number: int) -> bool:
        """Makes a dead or done row wait again. ``False``: there is no such row, or its record was pruned."""
        return finish(self._rules.retry(number))

    def prune(self) -> Pruned:
        """Deletes the rows that were done ``keep_done_seconds`` ago.

        Rows whose keys are still needed lose their record and body, and are deleted later. Call it about once a day.
        """
        return finish(self._rules.prune())

    def counts(self) -> Counts:
        """How many rows are in each state, and the ages of the oldest waiting row and the oldest transaction."""
        return finish(self._rules.counts())

    def close(self) -> None:
        """Closes the connections that the inbox itself opened. Call it when nobody uses the inbox any more.

        A pool or engine that you gave it is yours, and stays open.
        """
        finish(self._rules.database.close())


class BaseAsyncInbox(_Base[ConnectionT]):
    """An inbox for asyncio."""

    async def put(
        self, delivery: Delivery | Recorded, *, connection: ConnectionT | None = None
    ) -> Stored | Duplicate | Full:
        """As ``Inbox.put``. If the task is cancelled, it is not known whether the delivery is stored either."""
        return await self._rules.put(delivery, connection)

    async def wake(self) -> None:
        """As ``Inbox.wake``."""
        await self._rules.wake()

    async def work(
        self,
        handler: Callable[[Recorded, ConnectionT], Awaitable[object]],
        *,
        on_failure: Callable[[Row, BaseException], object] | None = None,
    ) -> None:
        """As ``Inbox.work``, with a handler that is awaited, and cancelled after ``handler_limit_seconds``.

        ``on_failure`` is awaited if it is asynchronous. If the worker's task is cancelled, the handler's transaction
        is rolled back and its row given back. Several tasks can call it.
        """
        _check_functions(handler, on_failure)
        limit_seconds = self._rules.settings["handler_limit_seconds"]

        async def call(delivery: Recorded, connection: ConnectionT) -> None:
            try:
                async with asyncio.timeout(limit_seconds):
                    _answer.refuse_unrun("the handler", await handler(delivery, connection))
            except asyncio.CancelledError as error:
                if is_task_cancelled():
                    raise
                # Not the worker was cancelled, but something that the handler waited for.
                raise HandlerCancelled from error

        await Worker(self._rules, call, on_failure).run()

    async def take(self) -> list[Row]:
        """As ``Inbox.take``."""
        return await _take(self._rules, self._taker)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[ConnectionT]:
        """A connection of the inbox's own with an open transaction, for ``async with``."""
        async with self._rules.opened(keeps=True) as session:
            await session.begin()
            yield session.connection
            await session.commit_after_user()

    async def done(self, row: Row, connection: ConnectionT) -> bool:
        """As ``Inbox.done``."""
        return await _done(self._rules, row, connection)

    async def done_by_number(self, number: int, connection: ConnectionT) -> Recorded | None:
        """As ``Inbox.done_by_number``."""
        return await _done_by_number(self._rules, number, connection)

    async def fail(self, row: Row, error: BaseException | str) -> Literal["waiting", "dead"] | None:
        """As ``Inbox.fail``."""
        return await _fail(self._rules, row, error)

    async def give_back(self, row: Row) -> bool:
        """As ``Inbox.give_back``."""
        return await _give_back(self._rules, row)

    async def dead(self, *, after: int = 0, limit: int = 100) -> list[Row]:
        """As ``Inbox.dead``."""
        return await self._rules.dead(after, limit)

    async def retry(self, number: int) -> bool:
        """As ``Inbox.retry``."""
        return await self._rules.retry(number)

    async def prune(self) -> Pruned:
        """As ``Inbox.prune``."""
        return await self._rules.prune()

    async def counts(self) -> Counts:
        """As ``Inbox.counts``."""
        return await self._rules.counts()

    async def close(self) -> None:
        """As ``Inbox.close``."""
        await self._rules.database.close()


async def _take(rules: Rules[ConnectionT], taker: Taker[ConnectionT]) -> list[Row]:
    async with rules.opened() as session:
        rows = await taker.take(session)
    failures = Failures(rules, None)
    for row in rows:
        if row.state == "dead":
            await failures.tell(row, LeaseEnded())
    return [row for row in rows if row.state == "taken"]


async def _done(rules: Rules[ConnectionT], row: Row, connection: ConnectionT) -> bool:
    return await rules.done(await rules.given(connection), row)


async def _done_by_number(rules: Rules[ConnectionT], number: int, connection: ConnectionT) -> Recorded | None:
    return await rules.done_by_number(await rules.given(connection), number)


async def _fail(rules: Rules[ConnectionT], row: Row, error: BaseException | str) -> Literal["waiting", "dead"] | None:
    name = class_of(error)
    async with rules.opened() as session:
        return await rules.fail(session, row, name)


async def _give_back(rules: Rules[ConnectionT], row: Row) -> bool:
    async with rules.opened() as session:
        return await rules.give_back(session, row)


def _check_functions(handler: Any, on_failure: Any) -> None:
    if not callable(handler) or (on_failure is not None and not callable(on_failure)):
        raise TypeError("the handler and on_failure must be functions")
    _answer.refuse_generator("the handler", handler)
    _answer.refuse_generator("on_failure", on_failure)


class HandlerCancelled(Exception):
    """Something that the handler waited for was cancelled."""
