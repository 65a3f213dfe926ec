"""A worker: takes rows and calls the handler, until it has to stop."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from inspect import isawaitable
from typing import Final, Generic, NamedTuple, TypeAlias

from hookseal._errors import InboxUnavailable, RecordError
from hookseal._native import Recorded
from hookseal.inbox._both import Waiter, is_task_cancelled, refuse_awaitable
from hookseal.inbox._database import ConnectionT, Session
from hookseal.inbox._faults import LeaseEnded, NoTable
from hookseal.inbox._row import Row
from hookseal.inbox._rules import Rules, class_of

_logger = logging.getLogger("hookseal")

Call: TypeAlias = Callable[[Recorded, ConnectionT], Awaitable[None]]
OnFailure: TypeAlias = Callable[[Row, BaseException], object]

# A row of a newer version is left to the workers that can read it.
NEWER_SECONDS: Final = 60
_FIRST_RETRY_SECONDS: Final = 1
_LONGEST_RETRY_SECONDS: Final = 30
# Wake-ups are sent at most once in 50 ms. A worker that looks twice more misses none in between.
_LOOKS_AFTER_SECONDS: Final = (0.025, 0.05)


class Taker(Generic[ConnectionT]):
    """Takes several rows without an attempt, and then one of any kind.

    A row that ended its worker must not take others with it.
    """

    def __init__(self, rules: Rules[ConnectionT]) -> None:
        self._rules = rules
        self._is_fresh_next = True

    async def take(self, session: Session[ConnectionT]) -> list[Row]:
        if self._rules.settings["rows_per_take"] == 1:
            return await self._rules.take(session, only_fresh=False)
        for _ in range(2):
            only_fresh, self._is_fresh_next = self._is_fresh_next, not self._is_fresh_next
            if rows := await self._rules.take(session, only_fresh=only_fresh):
                return rows
        return []


class Failures(Generic[ConnectionT]):
    """Tells the program of failures: by its `on_failure`, or else by the log. If that fails, nothing changes."""

    def __init__(self, rules: Rules[ConnectionT], on_failure: OnFailure | None) -> None:
        self._inbox, self._is_async, self._on_failure = rules.name, rules.database.is_async, on_failure

    async def tell(self, row: Row, error: BaseException) -> None:
        if self._on_failure is None:
            self._log(row)
            return
        try:
            returned = self._on_failure(row, error)
            if not self._is_async:
                refuse_awaitable("on_failure", returned)
            elif isawaitable(returned):
                await returned
        except Exception as failure:
            self._log_failure_of_callback(failure)
        except asyncio.CancelledError as failure:
            if not self._is_async or is_task_cancelled():
                raise
            self._log_failure_of_callback(failure)

    def _log(self, row: Row) -> None:
        """The class of the failure. Its text could hold secrets."""
        with suppress(Exception):
            if row.state == "dead":
                _logger.error(
                    "inbox %s: row %d is dead after %d attempts: %s", self._inbox, row.number, row.attempts, row.error
                )
            else:
                _logger.warning(
                    "inbox %s: row %d failed at attempt %d: %s", self._inbox, row.number, row.attempts, row.error
                )

    def _log_failure_of_callback(self, failure: BaseException) -> None:
        with suppress(Exception):
            _logger.error("inbox %s: on_failure failed: %s", self._inbox, class_of(failure))


class _Failure(NamedTuple):
    """Why a handler failed."""

    error: BaseException
    may_be_done: bool = False
    """The commit failed, and it is not known when."""


class Worker(Generic[ConnectionT]):
    """One worker, with a connection of its own."""

    def __init__(self, rules: Rules[ConnectionT], call: Call[ConnectionT], on_failure: OnFailure | None) -> None:
        self._rules, self._call = rules, call
        self._failures = Failures(rules, on_failure)
        self._taker = Taker(rules)
        # The rows that it has taken, with the failure of those whose handler has failed.
        self._held: dict[int, tuple[Row, _Failure | None]] = {}
        self._retry_seconds = _FIRST_RETRY_SECONDS

    async def run(self) -> None:
        anew = False
        while not self._rules.stop.is_set:
            try:
                async with self._rules.opened(keeps=True, anew=anew) as session:
                    await self._work(session)
            except InboxUnavailable as error:
                if isinstance(error, NoTable) and not self._rules.has_version:
                    raise
                anew = True
                seconds, self._retry_seconds = (
                    self._retry_seconds,
                    min(2 * self._retry_seconds, _LONGEST_RETRY_SECONDS),
                )
                _logger.error("inbox %s: %s; next try in %d s", self._rules.name, error, seconds)
                await self._rules.stop.wait(seconds)

    async def _work(self, session: Session[ConnectionT]) -> None:
        await self._settle(session)
        with closing(self._rules.waiter()) as waiter:
            await session.listen(waiter)
            await self._handle_all(session, waiter)

    async def _handle_all(self, session: Session[ConnectionT], waiter: Waiter) -> None:
        stop = self._rules.stop
        looks = list(_LOOKS_AFTER_SECONDS)
        try:
            while not stop.is_set:
                taken_at = time.monotonic()
                rows = await self._take(session)
                self._retry_seconds = _FIRST_RETRY_SECONDS
                for row in rows:
                    if stop.is_set or not self._has_time(taken_at):
                        break
                    await self._handle(session, row)
                await self._settle(session)
                if rows:
                    looks = list(_LOOKS_AFTER_SECONDS)
                elif looks:
                    await stop.wait(looks.pop(0))
                elif await session.wait(waiter, self._rules.settings["poll_milliseconds"] / 1000, stop):
                    looks = list(_LOOKS_AFTER_SECONDS)
        except InboxUnavailable:
            raise
        except BaseException:
            # Interrupted or cancelled: the handler's transaction is rolled back, and the row is given back.
            with suppress(InboxUnavailable):
                await session.rollback()
                await self._settle(session)
            raise

    async def _take(self, session: Session[ConnectionT]) -> list[Row]:
        taken = await self._taker.take(session)
        rows = [row for row in taken if row.state == "taken"]
        self._held = {row.number: (row, None) for row in rows}
        for row in taken:
            if row.state == "dead":
                await self._failures.tell(row, LeaseEnded())
        return rows

    def _has_time(self, taken_at: float) -> bool:
        """Whether the lease outlasts another handler."""
        settings = self._rules.settings
        return time.monotonic() - taken_at <= settings["lease_seconds"] - settings["handler_limit_seconds"]

    async def _handle(self, session: Session[ConnectionT], row: Row) -> None:
        try:
            delivery = row.delivery
        except RecordError as error:
            if error.code == "newer_record":
                await self._leave(session, row)
            else:
                await self._fail(session, row, _Failure(error))
            return
        # A synchronous handler cannot be interrupted, but the server can end its statements.
        limit_seconds = self._rules.settings["handler_limit_seconds"]
        await session.begin()
        if not await self._rules.done(session, row, None if self._rules.database.is_async else limit_seconds):
            # Another worker has it: the lease had ended.
            await session.rollback()
            del self._held[row.number]
            return
        began_at = time.monotonic()
        try:
            await self._call(delivery, session.connection)
        except Exception as error:
            await self._fail(session, row, _Failure(error))
            return
        except SystemExit as error:
            # A row whose handler ends its worker must not do so for ever.
            await self._fail(session, row, _Failure(error))
            raise
        if time.monotonic() - began_at > limit_seconds:
            _logger.warning("inbox: a handler took longer than the %d s of handler_limit_seconds", limit_seconds)
        try:
            await session.commit_after_user()
        except InboxUnavailable as error:
            await self._fail(session, row, _Failure(error.__cause__ or error, may_be_done=True))
            return
        del self._held[row.number]

    async def _leave(self, session: Session[ConnectionT], row: Row) -> None:
        _logger.warning(
            "inbox %s: row %d is of a newer version; it is left to other workers", self._rules.name, row.number
        )
        await self._rules.give_back(session, row, NEWER_SECONDS)
        del self._held[row.number]

    async def _fail(self, session: Session[ConnectionT], row: Row, failure: _Failure) -> None:
        # It is told to the next connection if this one has broken.
        self._held[row.number] = row, failure
        await session.rollback()
        error, name = failure.error, class_of(failure.error)
        state = await self._rules.fail(session, row, name)
        del self._held[row.number]
        if state is not None:
            await self._failures.tell(row.after(state, name), error)
        elif failure.may_be_done:
            # What failed came after the commit, or another worker has the row.
            _logger.warning("inbox %s: row %d failed too late: %s", self._rules.name, row.number, name)
        else:
            too_late = LeaseEnded()
            too_late.__cause__ = error
            await self._failures.tell(row.after("taken", name), too_late)

    async def _settle(self, session: Session[ConnectionT]) -> None:
        """Gives back the rows that no handler has begun, and tells of those whose handler failed."""
        for row, failure in list(self._held.values()):
            if failure is not None:
                await self._fail(session, row, failure)
            else:
                await self._rules.give_back(session, row)
                del self._held[row.number]
