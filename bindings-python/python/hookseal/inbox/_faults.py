"""What went wrong in a database, in words that hold nothing of a delivery."""

import sqlite3
from typing import Any, Final

from hookseal._errors import InboxUnavailable

TABLES: Final = "run the SQL of hookseal.inbox.tables() once, with your migrations"
_POOLER: Final = (
    "a pooler such as pgbouncer gave the connection another server connection, which does not know its prepared "
    "statements: connect with prepare_threshold=None (psycopg) or statement_cache_size=0 (asyncpg)"
)
_ISOLATION: Final = (
    "the transaction's isolation level is higher than READ COMMITTED, which the inbox needs: begin it with READ "
    "COMMITTED. It has failed, and must be rolled back"
)
# By the SQLSTATE of PostgreSQL, or the name of the error in SQLite.
_ADVICE: Final = {
    "25006": "the server is read-only",
    "25P02": "a statement of the transaction failed before: roll it back",
    "26000": _POOLER,
    "40001": _ISOLATION,
    "40P01": (
        "two transactions stored the same deliveries in opposite order: store one in a transaction, or sort them by "
        "their keys. The transaction has failed, and must be rolled back"
    ),
    "42501": "the role lacks a right: the SQL of hookseal.inbox.tables() names the rights that are needed",
    "42P01": f"there is no table of the inbox: {TABLES}",
    "42P05": _POOLER,
    "55P03": "another open transaction has stored the same key, or holds a lock",
    "SQLITE_BUSY": "another connection holds the database's lock for too long",
    "SQLITE_CANTOPEN": "the file cannot be opened: the inbox does not create it",
    "SQLITE_LOCKED": "another connection holds the database's lock for too long",
    "SQLITE_READONLY": "the file is read-only",
}
# SQLite has no code for it.
_SQLITE_NO_TABLE: Final = "no such table: hookseal_"
# Classes and codes after which the connection cannot be used.
_BROKEN: Final = (
    *("08", "25P03", "57P01", "57P02", "57P03", "57P05"),
    *("SQLITE_CORRUPT", "SQLITE_IOERR", "SQLITE_NOTADB", "SQLITE_READONLY_DBMOVED"),
)


class NoTable(InboxUnavailable):
    """There is no table that this version knows. Trying again does not help."""


class LeaseEnded(Exception):
    """The lease of a row ended before a worker said how its handler had ended.

    The row is dead: its last handler was too slow, or ended the process. Or the handler failed after the row had
    ceased to be its worker's: ``__cause__`` is the failure.
    """

    def __init__(self) -> None:
        super().__init__("the lease ended before a worker said how the handler had ended")


class TransactionEnded(RuntimeError):
    """The transaction that a handler was given cannot be committed."""

    def __init__(self) -> None:
        super().__init__("the handler ended its transaction, or hid an error of the database that made it fail")


def code_of(error: BaseException) -> str | None:
    """The SQLSTATE, or the name of an error of SQLite. Django and SQLAlchemy keep the client's error in theirs."""
    for each in _layers(error):
        for name in ("sqlstate", "pgcode", "sqlite_errorname"):
            code = getattr(each, name, None)
            if isinstance(code, str) and code:
                return code
    return None


def is_broken(error: BaseException) -> bool:
    """Whether the error says that the connection is gone."""
    return (code_of(error) or "").startswith(_BROKEN) or any(
        isinstance(each, OSError) and not isinstance(each, TimeoutError) for each in _layers(error)
    )


def is_of_isolation(error: InboxUnavailable) -> bool:
    """Whether the server refused a statement because of the transaction's isolation level."""
    return error.__cause__ is not None and code_of(error.__cause__) == "40001"


def unavailable(error: Exception) -> InboxUnavailable:
    """Says what the error means. Its own text can hold values of the statement, and is not repeated."""
    code = code_of(error)
    advice = str(error) if isinstance(error, TransactionEnded) else _ADVICE.get(code or "")
    if advice is None and code is not None:
        # SQLite's extended codes begin with the code: SQLITE_BUSY_SNAPSHOT.
        advice = next((_ADVICE[known] for known in _ADVICE if code.startswith(f"{known}_")), None)
    if any(str(each).startswith(_SQLITE_NO_TABLE) for each in _layers(error) if isinstance(each, sqlite3.Error)):
        code, advice = "42P01", _ADVICE["42P01"]
    told = type(error).__name__ if code is None else f"{type(error).__name__}, {code}"
    kind = NoTable if code == "42P01" else InboxUnavailable
    return kind(f"{advice or 'the database did not answer, or not as expected'} ({told})")


def cause_of(error: BaseException) -> BaseException:
    """SQLAlchemy's errors have the statement's values in their texts, so the client's error is the better cause."""
    inner = getattr(error, "orig", None)
    if not isinstance(inner, BaseException):
        return error
    return inner.__cause__ or inner


def _layers(error: BaseException) -> list[Any]:
    layers: list[Any] = []
    new: list[Any] = [error]
    while new:
        each = new.pop()
        if isinstance(each, BaseException) and each not in layers:
            layers.append(each)
            new += [getattr(each, "orig", None), each.__cause__]
    return layers
