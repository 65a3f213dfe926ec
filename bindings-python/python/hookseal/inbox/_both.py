"""Runs the same code for inboxes that wait and for inboxes of asyncio.

The rules are written once, as coroutines. What a synchronous client returns is there at once, so that its coroutines
never wait, and `finish` runs them to their end without an event loop.
"""

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any, Final, Generic, TypeVar, cast

_T = TypeVar("_T")


def finish(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Runs a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return cast(_T, ended.value)
    coroutine.close()
    raise RuntimeError("a client for asyncio was given to a synchronous inbox")


async def either(returned: _T | Awaitable[_T]) -> _T:
    """What either kind of client returned."""
    if isinstance(returned, Awaitable):
        return await returned
    return returned


# A coroutine of a synchronous inbox runs in no event loop.
_sleep: Final = time.sleep
# How often a worker that sleeps looks whether it has to stop. `stop` sets a plain attribute, because a signal handler
# must not wait for the lock of a `threading.Event`.
SLICE_SECONDS: Final = 0.1


class Stop:
    """Says that the workers have to stop, and waits."""

    def __init__(self, *, is_async: bool) -> None:
        self.is_set = False
        self._is_async = is_async

    async def wait(self, seconds: float) -> None:
        """Until the time has passed, or the workers have to stop."""
        end = time.monotonic() + seconds
        while not self.is_set and (left := end - time.monotonic()) > 0:
            if self._is_async:
                await asyncio.sleep(min(left, SLICE_SECONDS))
            else:
                _sleep(min(left, SLICE_SECONDS))


# What a forked process inherits of its parent's connections. Closing one would end the parent's session.
_INHERITED: Final[list[object]] = []


class Kept(Generic[_T]):
    """A connection that callers use one after the other, and a spare one for whoever keeps one for longer.

    A forked process, and another event loop, gets connections of its own.
    """

    def __init__(self, *, is_async: bool) -> None:
        self._is_async = is_async
        self._renew()

    def _renew(self) -> None:
        self._owner = self._current()
        self._lock: Any = asyncio.Lock() if self._is_async else threading.Lock()
        self._one: list[_T] = []
        self._spare: list[_T] = []

    def _current(self) -> tuple[int, object]:
        loop = None
        if self._is_async:
            with suppress(RuntimeError):
                loop = asyncio.get_running_loop()
        return os.getpid(), loop

    def _claim(self) -> None:
        if self._owner != self._current():
            _INHERITED.append((self._one, self._spare))
            self._renew()

    async def lock(self, seconds: float) -> bool:
        """Whether the connection is the caller's within the time. If so, `unlock` gives it back."""
        self._claim()
        if not self._is_async:
            return bool(self._lock.acquire(timeout=seconds))
        try:
            async with asyncio.timeout(seconds):
                await self._lock.acquire()
        except TimeoutError:
            return False
        return True

    def unlock(self) -> None:
        self._lock.release()

    def pop(self, *, spare: bool) -> _T | None:
        """The connection, if there is one."""
        self._claim()
        kept = self._spare if spare else self._one
        with suppress(IndexError):
            return kept.pop()
        return None

    def push(self, connection: _T, *, spare: bool) -> bool:
        """Keeps a connection. If not, the caller has to close it."""
        self._claim()
        kept = self._spare if spare else self._one
        if kept:
            return False
        kept.append(connection)
        return True
