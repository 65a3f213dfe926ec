"""What an inbox does with its rows, for every client."""

import re
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final, Generic, Literal, Protocol, TypeAlias

from hookseal import _native
from hookseal._errors import InboxUnavailable
from hookseal._guard import Duplicate, Full, Stored
from hookseal._native import Delivery, Recorded
from hookseal.inbox import _faults
from hookseal.inbox._both import Stop, Waiter, wake_waiters
from hookseal.inbox._database import STATEMENTS, ConnectionT, Database, Given, Rows, Session
from hookseal.inbox._row import Counts, Pruned, Row, read_counts, read_opened
from hookseal.inbox._settings import Settings

_KEY_BYTES: Final = 16
# A key that was drawn recognizes only a second try of the same `put`. It must outlast that try: with a retention of 0
# the second try would take the key over, and the delivery would be stored twice.
_DRAWN_RETENTION_SECONDS: Final = 3_600
_WITHOUT_END_SECONDS: Final = (1 << 32) - 1
_COUNT_SECONDS: Final = 1.0
_COUNT_WHEN_FULL_SECONDS: Final = 0.1
_WAKE_SECONDS: Final = 0.05
_MOST_ROWS: Final = 1_000
_MOST_NUMBER: Final = (1 << 63) - 1
_CLASS: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,199}")


Run: TypeAlias = Callable[[str, dict[str, Any]], Awaitable[Rows]]


class Runs(Protocol):
    async def run(self, name: str, parameters: dict[str, Any]) -> Rows: ...


class Rules(Generic[ConnectionT]):
    """An inbox in a database."""

    def __init__(self, database: Database[ConnectionT], name: str, settings: Settings) -> None:
        if not isinstance(name, str):
            raise TypeError("name must be str")
        if not _native.inbox_has_name(name):
            raise ValueError("name must have 1 to 100 ASCII letters, digits, dots, underscores or hyphens")
        self.database, self.name, self.settings = database, name, settings
        self.stop = Stop(is_async=database.is_async)
        self._statements = STATEMENTS[database.dialect]
        self._has_version = False
        self._waiting = _Waiting(settings["max_waiting"])

    # Storing

    async def put(self, delivery: Delivery | Recorded, connection: ConnectionT | None) -> Stored | Duplicate | Full:
        record, body = _native.inbox_row(delivery)
        key = delivery.replay_key()
        values: dict[str, Any] = {
            "inbox": self.name,
            "key": secrets.token_hex(_KEY_BYTES) if key is None else str(key),
            "retention_seconds": _DRAWN_RETENTION_SECONDS if key is None else _retention(key.retention_seconds),
            "record": record,
            "body": body,
        }
        if connection is not None:
            return await self._store((await self.given(connection)).run, values, None)
        for anew in (False, True):
            opened = self.opened(anew=anew)
            try:
                async with opened as session:
                    outcome = await self._store_with(session, values)
                    if isinstance(outcome, Stored):
                        await self._wake(session)
                    return outcome
            except InboxUnavailable:
                if anew or not opened.is_broken:
                    raise
        raise AssertionError

    async def _store_with(self, session: Session[ConnectionT], values: dict[str, Any]) -> Stored | Duplicate | Full:
        lock_timeout_milliseconds = self.settings["lock_timeout_milliseconds"]
        # Each transaction of SQLite writes to the disk. On PostgreSQL a statement alone takes one round trip.
        if self.database.dialect != "sqlite":
            return await self._store(session.alone, values, lock_timeout_milliseconds)
        await session.begin()
        outcome = await self._store(session.run, values, lock_timeout_milliseconds)
        if isinstance(outcome, Stored):
            await session.commit()
        return outcome

    async def _store(
        self, run: Run, values: dict[str, Any], lock_timeout_milliseconds: int | None
    ) -> Stored | Duplicate | Full:
        inbox_and_key = {"inbox": values["inbox"], "key": values["key"]}
        if self._waiting.has_to_count():
            count = _whole(await run("waiting", self._named(max_waiting=self.settings["max_waiting"])))
            self._waiting.counted(count)
        if self._waiting.is_full:
            return Duplicate() if await run("has_key", inbox_and_key) else Full()
        limit: dict[str, Any] = {}
        if self.database.dialect == "postgresql":
            limit["lock_timeout_milliseconds"] = (
                None if lock_timeout_milliseconds is None else str(lock_timeout_milliseconds)
            )
        rows = await run("put", values | limit)
        if not rows:
            # The key is held. If its retention has ended, the row that holds it gives it up.
            await run("free", inbox_and_key | limit)
            rows = await run("put", values | limit)
        if not rows:
            return Duplicate()
        self._waiting.stored()
        return Stored(_whole(rows))

    def waiter(self) -> Waiter:
        return Waiter(self.database.place, self.name, is_async=self.database.is_async)

    async def wake(self) -> None:
        async with self.opened() as session:
            await self._wake(session, always=True)

    async def _wake(self, session: Session[ConnectionT], *, always: bool = False) -> None:
        """Wakes the workers. A failure is that of no `put`: workers look by themselves too."""
        if not (_wakes(self.database.place, self.name) or always):
            return
        wake_waiters(self.database.place, self.name)
        if not self._statements["wake"]:
            return
        try:
            await session.run("wake", self._named())
        except InboxUnavailable:
            if always:
                raise

    # Handling

    async def take(self, session: Session[ConnectionT], *, only_fresh: bool) -> list[Row]:
        """Takes rows for a handler, and those that are dead by now."""
        chosen = self.settings
        rows = await session.alone(
            "take" if only_fresh else "take_one",
            self._named(
                **({"rows_per_take": chosen["rows_per_take"]} if only_fresh else {}),
                max_attempts=chosen["max_attempts"],
                lease_seconds=chosen["lease_seconds"],
            ),
        )
        return sorted(map(Row, rows), key=lambda row: row.number)

    async def done(self, connection: Runs, row: Row, handler_limit_seconds: int | None = None) -> bool:
        values = _turn(row)
        if self.database.dialect == "postgresql":
            values["handler_limit_seconds"] = handler_limit_seconds
        return _found(await connection.run("done", values))

    async def done_by_number(self, connection: Runs, number: int) -> Recorded | None:
        if not _is_number(number):
            return None
        rows = await connection.run("done_by_number", self._named(number=number))
        return read_opened(rows[0]) if _found(rows) else None

    async def fail(self, session: Session[ConnectionT], row: Row, error: str) -> Literal["waiting", "dead"] | None:
        chosen = self.settings
        rows = await session.alone(
            "fail",
            _turn(row)
            | {
                "error": error,
                "max_attempts": chosen["max_attempts"],
                "first_delay_seconds": chosen["first_delay_seconds"],
                "longest_delay_seconds": chosen["longest_delay_seconds"],
            },
        )
        if not _found(rows):
            return None
        match rows[0][0]:
            case "waiting":
                return "waiting"
            case "dead":
                return "dead"
        raise InboxUnavailable("the database answered with a state that no failed row has")

    async def give_back(self, session: Session[ConnectionT], row: Row, delay_seconds: int = 0) -> bool:
        return await self._change(session, "give_back", _turn(row) | {"delay_seconds": delay_seconds})

    # Looking after the rows

    async def dead(self, after: int, limit: int) -> list[Row]:
        if not _is_number(limit) or limit < 1:
            raise ValueError("limit must be a positive int")
        if not _is_number(after):
            raise ValueError("after must be the number of a row, or 0")
        async with self.opened() as session:
            return [Row(values) for values in await self._read(session, "dead", after=after, rows=limit)]

    async def retry(self, number: int) -> bool:
        if not _is_number(number):
            return False
        async with self.opened() as session:
            return await self._change(session, "retry", self._named(number=number))

    async def prune(self) -> Pruned:
        async with self.opened() as session:
            return Pruned(await self._prune(session, "prune"), await self._prune(session, "prune_bodies"))

    async def _prune(self, session: Session[ConnectionT], statement: str) -> int:
        pruned, rows = 0, _MOST_ROWS
        while rows >= _MOST_ROWS:
            values = self._named(keep_done_seconds=self.settings["keep_done_seconds"])
            rows = len(await session.alone(statement, values))
            pruned += rows
        return pruned

    async def counts(self) -> Counts:
        async with self.opened() as session:
            return read_counts(await self._read(session, "counts"))

    async def _change(self, session: Session[ConnectionT], name: str, values: dict[str, Any]) -> bool:
        return _found(await session.alone(name, values))

    async def _read(self, session: Session[ConnectionT], name: str, **values: Any) -> Rows:
        return await session.alone(name, self._named(**values))

    def _named(self, **values: Any) -> dict[str, Any]:
        return {"inbox": self.name, **values}

    # Connections

    def opened(self, *, keeps: bool = False, anew: bool = False) -> "Opened[ConnectionT]":
        """A connection of the inbox's own, for `async with`."""
        return Opened(self, keeps, anew)

    async def given(self, connection: Any) -> Given[ConnectionT]:
        """A connection of the user's."""
        given = Given(self.database, connection)
        await self.check_version(given)
        return given

    async def check_version(self, connection: Runs) -> None:
        """Looks the version of the table up before its first use."""
        if self._has_version:
            return
        rows = await connection.run("version", {})
        if not rows:
            raise _faults.NoTable(f"the table hookseal_version has no version of the inbox: {_faults.TABLES}")
        found, known = _whole(rows), _native.inbox_version()
        if found < known:
            raise _faults.NoTable(
                f"the inbox's table has version {found}, and this hookseal needs {known}: run the SQL that makes it "
                "newer"
            )
        if found > known:
            raise _faults.NoTable(
                f"the inbox's table has version {found}, and this hookseal knows only {known}: install a newer one"
            )
        self._has_version = True

    @property
    def has_version(self) -> bool:
        return self._has_version


class Opened(Generic[ConnectionT]):
    """Opens a connection and, at the end, rolls an open transaction back and gives the connection back."""

    def __init__(self, rules: Rules[ConnectionT], keeps: bool, anew: bool) -> None:
        self._rules, self._keeps, self._anew = rules, keeps, anew
        self._session: Session[ConnectionT] | None = None

    @property
    def is_broken(self) -> bool:
        """Whether the connection broke. `False` if there was none."""
        return self._session is not None and self._session.is_broken

    async def __aenter__(self) -> Session[ConnectionT]:
        try:
            session = await self._rules.database.open(keeps=self._keeps, anew=self._anew)
        except InboxUnavailable:
            raise
        except Exception as error:
            raise _faults.unavailable(error) from _faults.cause_of(error)
        self._session = session
        try:
            if not self._rules.has_version:
                await session.begin()
                await self._rules.check_version(session)
                await session.rollback()
        except BaseException:
            await session.release()
            raise
        return session

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.release()


class _Waiting:
    """Estimates how many rows wait or are taken."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count, self._counted_at = 0, float("-inf")
        self._was_full = False

    def has_to_count(self) -> bool:
        """Once a second. When it was full, ten times a second, because workers may have handled some."""
        age = time.monotonic() - self._counted_at
        if self._was_full:
            return age >= _COUNT_WHEN_FULL_SECONDS
        return self._count >= self._most or age >= _COUNT_SECONDS

    def counted(self, count: int) -> None:
        self._count, self._counted_at = count, time.monotonic()
        self._was_full = count >= self._most

    @property
    def is_full(self) -> bool:
        return self._count >= self._most

    def stored(self) -> None:
        self._count += 1


_woken_at: Final[dict[Hashable, float]] = {}
_waking: Final = threading.Lock()


def _wakes(place: Hashable, inbox: str) -> bool:
    """Whether this process wakes the workers now. It does so at most once in 50 ms, because they look twice more."""
    now = time.monotonic()
    with _waking:
        if now - _woken_at.get((place, inbox), float("-inf")) < _WAKE_SECONDS:
            return False
        _woken_at[place, inbox] = now
        return True


def class_of(error: BaseException | str) -> str:
    """The class of a failure. Nothing else is stored: a text could hold secrets."""
    if isinstance(error, BaseException):
        return re.sub(r"[^A-Za-z0-9_.]", "_", type(error).__name__)[:200] or "Exception"
    if not isinstance(error, str):
        raise TypeError("error must be an exception, or the name of its class")
    if not _CLASS.fullmatch(error):
        raise ValueError("error must be the name of a class: up to 200 ASCII letters, digits, underscores and dots")
    return error


def _retention(seconds: int | None) -> int | None:
    return None if seconds is None or seconds > _WITHOUT_END_SECONDS else seconds


def _turn(row: Row) -> dict[str, Any]:
    if not isinstance(row, Row):
        raise TypeError("row must be a Row that take() returned")
    return {"number": row.number, "turn": row.turn}


def _is_number(number: object) -> bool:
    """Whether a row can have this number. The databases have no greater ones."""
    if not isinstance(number, int) or isinstance(number, bool):
        raise TypeError("the number of a row is an int")
    return 0 <= number <= _MOST_NUMBER


def _found(rows: Rows) -> bool:
    if len(rows) > 1:
        raise InboxUnavailable("the database answered with several rows for one")
    return bool(rows)


def _whole(rows: Rows) -> int:
    try:
        ((number,),) = rows
    except (TypeError, ValueError):
        number = None
    if type(number) is not int or number < 0:
        raise InboxUnavailable("the database answered with no number")
    return number
