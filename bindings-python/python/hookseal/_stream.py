"""Reads a body up to a limit."""

from io import BytesIO
from typing import Final, Protocol

from hookseal._native import keep_first

_MOST_AT_ONCE = 65_536

PERHAPS_GONE: Final = "or the program has read it and kept nothing"


class Unreadable(Exception):
    """The body cannot be read to its end, because its sender left or sent malformed HTTP."""


def left_early(body: bytes, reason: str) -> Unreadable:
    """The reason for a body that ended early. A server says the same of one that the program has read."""
    return Unreadable(reason if body else f"{reason} before any of it came, {PERHAPS_GONE}")


def shorter(body: bytes) -> Unreadable:
    return Unreadable("it is shorter than announced" if body else f"none of it came, {PERHAPS_GONE}")


# If this module is loaded again, it keeps its first class.
keep_first(globals())


class Buffer:
    """Keeps at most one byte more than the limit, which shows that a body is too large.

    It is one growing block of memory. A sender can send a body in chunks of one byte, and an object for each chunk
    would cost fifty times as much. `BytesIO` returns its block as `bytes` without a copy.
    """

    def __init__(self, limit: int) -> None:
        self._bytes = BytesIO()
        self.left = limit + 1

    def add(self, chunk: bytes) -> None:
        self.left -= self._bytes.write(memoryview(chunk)[: self.left])

    def to_bytes(self) -> bytes:
        return self._bytes.getvalue()


class Readable(Protocol):
    """The stream from which a synchronous framework reads a body."""

    def read(self, size: int, /) -> bytes: ...


def read_up_to(
    stream: Readable, limit: int, announced: int | None, answered_by_framework: tuple[type[Exception], ...] = ()
) -> bytes:
    """Reads a body, at most one byte more than the limit. `announced` is its length, if the request tells it."""
    buffer = Buffer(limit)
    try:
        while buffer.left and (chunk := stream.read(min(buffer.left, _MOST_AT_ONCE))):
            buffer.add(chunk)
    except Exception as error:
        if isinstance(error, (MemoryError, *answered_by_framework)):
            raise
        # Each server raises its own exceptions for this, and their texts can hold parts of the body.
        raise left_early(buffer.to_bytes(), type(error).__name__) from None
    body = buffer.to_bytes()
    if announced is not None and len(body) < min(announced, limit + 1):
        raise shorter(body)
    return body
