"""A row of the inbox, and how many there are."""

from dataclasses import dataclass
from typing import Any, Literal, NoReturn, final

from hookseal import _native
from hookseal._errors import InboxUnavailable
from hookseal._native import Recorded

_STATES = ("waiting", "taken", "done", "dead")


@final
class Row:
    """A delivery in the inbox."""

    __slots__ = ("_attempts", "_body", "_delivery", "_error", "_number", "_record", "_state", "_turn")

    def __init__(self, values: Any) -> None:
        try:
            number, turn, attempts, state, error, record, body = values
            self._number, self._turn, self._attempts = _whole(number), _whole(turn), _whole(attempts)
            if state not in _STATES or not isinstance(error, str | None) or not isinstance(record, str | bytes):
                raise TypeError
            self._state: Literal["waiting", "taken", "done", "dead"] = state
            self._error: str | None = error
            self._record: str | bytes = record
            self._body = to_bytes(body)
        except (TypeError, ValueError):
            raise InboxUnavailable("the database answered with a row that is none of the inbox") from None
        self._delivery: Recorded | None = None

    @property
    def number(self) -> int:
        """Names the row. A number is never used again."""
        return self._number

    @property
    def attempts(self) -> int:
        """How often a worker has taken it since it was stored, or since the last ``retry``."""
        return self._attempts

    @property
    def state(self) -> Literal["waiting", "taken", "done", "dead"]:
        """``taken``; after a failure ``waiting`` or ``dead``, and ``taken`` if another worker has it."""
        return self._state

    @property
    def error(self) -> str | None:
        """The class of the last failure. ``LeaseEnded``: no worker said how the last attempt ended."""
        return self._error

    @property
    def body(self) -> bytes:
        """The body as it was received."""
        return self._body

    @property
    def delivery(self) -> Recorded:
        """The delivery. It is read from the record when it is first asked for. Raises ``RecordError``."""
        if self._delivery is None:
            self._delivery = _native.open_inbox_row(self._record, self._body)
        return self._delivery

    @property
    def turn(self) -> int:
        """Grows each time that a worker takes the row."""
        return self._turn

    def after(self, state: Literal["waiting", "taken", "dead"], error: str) -> "Row":
        """The row after a failure."""
        values = self._number, self._turn, self._attempts, state, error, self._record, self._body
        return Row(values)

    def __repr__(self) -> str:
        return f"Row(number={self._number}, attempts={self._attempts}, state={self._state!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Row cannot be pickled or copied: it holds a request's content; hand its number on")


@final
@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of an inbox are in each state."""

    waiting: int
    taken: int
    done: int
    dead: int
    oldest_waiting_seconds: float | None
    """How long ago the oldest waiting row was stored. It can wait for its next attempt."""
    oldest_transaction_seconds: float | None
    """The age of the oldest open transaction, which slows every take. ``None``: there is none, or it is SQLite."""


@final
@dataclass(frozen=True, slots=True)
class Pruned:
    """What `prune` did."""

    deleted: int
    """Rows that are gone."""
    emptied: int
    """Rows that lost their record and body, and keep a key that is still needed."""


def read_counts(rows: list[Any]) -> Counts:
    try:
        ((waiting, taken, done, dead, waiting_seconds, transaction_seconds),) = rows
        return Counts(
            _whole(waiting),
            _whole(taken),
            _whole(done),
            _whole(dead),
            _age(waiting_seconds),
            _age(transaction_seconds),
        )
    except (TypeError, ValueError):
        raise InboxUnavailable("the database answered with no counts") from None


def read_opened(values: Any) -> Recorded:
    """The delivery of a record and a body."""
    try:
        record, body = values
        body = to_bytes(body)
    except (TypeError, ValueError):
        raise InboxUnavailable("the database answered with a row that is none of the inbox") from None
    return _native.open_inbox_row(record, body)


def to_bytes(body: Any) -> bytes:
    """Some clients read a body as ``memoryview``."""
    if not isinstance(body, bytes | memoryview):
        raise TypeError
    return bytes(body)


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError
    return value


def _age(value: Any) -> float | None:
    return None if value is None else max(0.0, float(value))
