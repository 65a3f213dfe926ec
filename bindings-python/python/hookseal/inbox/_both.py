"""The code of inboxes that wait and of inboxes for asyncio.

The rules are written once, as coroutines. What a synchronous client returns is there at once, so that its coroutines
never wait, and `finish` runs them to their end without an event loop.
"""

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Coroutine, Hashable
from contextlib import suppress
from inspect import isawaitable, iscoroutine
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


def refuse_awaitable(name: str, returned: object) -> None:
    """Refuses what only an inbox for asyncio can wait for. Without it nothing of the function would have run."""
    if isawaitable(returned):
        if iscoroutine(returned):
            returned.close()
        raise TypeError(f"{name} returned something to await: it needs an AsyncInbox")


def is_task_cancelled() -> bool:
    """Whether a `CancelledError` is that of the task itself, and not of something that it waited for."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


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


_waiters: Final[dict[Hashable, set["Waiter"]]] = {}
_changing_waiters: Final = threading.Lock()


class Waiter:
    """Waits until `wake_waiters` is called for an inbox in this process. A wake-up before the wait counts."""

    def __init__(self, place: Hashable, inbox: str, *, is_async: bool) -> None:
        self.inbox = inbox
        # A forked process inherits the waiters of its parent, and must not touch their event loops.
        self._key = os.getpid(), place, inbox
        self._loop = asyncio.get_running_loop() if is_async else None
        self._event: Any = asyncio.Event() if is_async else threading.Event()
        with _changing_waiters:
            _waiters.setdefault(self._key, set()).add(self)

    def close(self) -> None:
        with _changing_waiters:
            others = _waiters[self._key]
            others.discard(self)
            if not others:
                del _waiters[self._key]

    def wake(self) -> None:
        if self._loop is None:
            self._event.set()
        else:
            # A loop that is closed has no worker any more.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float, stop: Stop) -> bool:
        """Whether it was woken. `False`: the time has passed, or the workers have to stop."""
        end = time.monotonic() + seconds
        while not stop.is_set and (left := end - time.monotonic()) > 0:
            if await self._is_woken(min(left, SLICE_SECONDS)):
                self._event.clear()
                return True
        return False

    async def _is_woken(self, seconds: float) -> bool:
        if self._loop is None:
            return bool(self._event.wait(seconds))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        return bool(self._event.is_set())


def wake_waiters(place: Hashable, inbox: str) -> None:
    with _changing_waiters:
        waiters = list(_waiters.get((os.getpid(), place, inbox), ()))
    for waiter in waiters:
        waiter.wake()


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
