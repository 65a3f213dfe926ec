"""What becomes of a delivery that a receiver has checked: a guard recognizes repetitions, or an inbox stores it.

The rules are written once, as coroutines, as in `hookseal.inbox`: `finish` runs them for frameworks without an event
loop.
"""

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, TypeVar

from hookseal import _answer
from hookseal._errors import GuardUnavailable, InboxUnavailable
from hookseal._guard import Claimed, Duplicate, Full, InProgress, Stored
from hookseal._native import Delivery, Receiver, ReplayGuard, check_guarded
from hookseal.inbox._both import either
from hookseal.inbox._inbox import BaseAsyncInbox, SyncInbox

_T = TypeVar("_T")

Outcome: TypeAlias = Literal["handled", "failed", "stored", "duplicate", "in_progress", "full", "unavailable"]
"""What became of a delivery."""

OnDelivery: TypeAlias = Callable[[Delivery, Outcome], object] | None
"""Called with each delivery and its outcome before the answer is sent. It cannot change the answer."""

_logger = logging.getLogger("hookseal")

_RETRY_SECONDS: Final = 5
_FIRST_FAILING_STATUS: Final = 400
_ON_DELIVERY_FAILED: Final = "on_delivery failed; the answer is sent all the same"
_STATUS: Final = MappingProxyType(
    {"stored": 202, "duplicate": 200, "in_progress": 503, "full": 503, "unavailable": 503}
)


def is_failure(status: int) -> bool:
    """Whether a handler that answers with this status has failed."""
    return status >= _FIRST_FAILING_STATUS


class Once:
    """The guard or the inbox of an adapter, or neither, and its callback."""

    def __init__(self, receiver: Receiver, guard: Any, inbox: Any, on_delivery: OnDelivery) -> None:
        _answer.check_callback("on_delivery", on_delivery, "a Delivery and an outcome")
        if guard is not None and inbox is not None:
            raise TypeError("give guard or inbox, not both: an inbox recognizes repetitions itself")
        if inbox is not None and not isinstance(inbox, SyncInbox | BaseAsyncInbox):
            raise TypeError("inbox must be an Inbox or AsyncInbox of hookseal.inbox")
        self._waits = None
        if inbox is not None:
            self._waits = isinstance(inbox, BaseAsyncInbox)
        if guard is not None:
            self._waits = _is_async_guard(guard)
            check_guarded(receiver)
        self.guard, self.inbox, self.on_delivery = guard, inbox, on_delivery
        self._receiver = receiver

    def check(self, framework: str, *, is_async: bool) -> None:
        """Refuses a guard or an inbox of the other kind: nothing would await it, or it would block the event loop."""
        if self._waits is None or self._waits == is_async:
            return
        guard_or_inbox, fits, refused = (
            ("guard", "a hookseal.redis.ReplayGuard or a hookseal.Guard", "an asynchronous one")
            if self.inbox is None
            else ("inbox", "an Inbox of hookseal.inbox", "an AsyncInbox")
        )
        reason = f"nothing would await {refused}"
        if is_async:
            fits, refused = (
                ("a hookseal.redis.AsyncReplayGuard or a hookseal.AsyncGuard", "one that is not asynchronous")
                if self.inbox is None
                else ("an AsyncInbox of hookseal.inbox", "an Inbox")
            )
            reason = f"{refused} would block the event loop"
        raise TypeError(f"{guard_or_inbox} must be {fits} for {framework}: {reason}")

    @property
    def needs_event_loop(self) -> bool:
        return self._waits is True

    async def begin(
        self, delivery: Delivery, *, is_async: bool, cancelled: type[BaseException] = asyncio.CancelledError
    ) -> "Handling | _answer.Answer":
        """Stores or claims a delivery. Returns the answer to one that no handler gets."""
        handling = Handling(self, delivery, cancelled if is_async else None)
        if self.inbox is not None:
            outcome, seconds = await self._store(self.inbox, delivery)
        elif self.guard is None or (refused := await self._claim(handling)) is None:
            return handling
        else:
            outcome, seconds = refused
        await handling.tell(outcome)
        status = _STATUS[outcome]
        return _answer.Answer(status, {} if seconds is None else {"retry-after": str(seconds)}, "")

    async def _store(self, inbox: Any, delivery: Delivery) -> tuple[Outcome, int | None]:
        try:
            found = await either(inbox.put(delivery))
        except InboxUnavailable as error:
            return self._cannot("unavailable", "not stored", str(error))
        match found:
            case Stored():
                return "stored", None
            case Duplicate():
                return "duplicate", None
        return self._cannot("full", "not stored", "the inbox is full: add workers, or raise max_waiting")

    async def _claim(self, handling: "Handling") -> tuple[Outcome, int | None] | None:
        key = handling.delivery.replay_key()
        try:
            found = await either(self.guard.claim(key))
        except GuardUnavailable as error:
            return self._cannot("unavailable", "not claimed", str(error))
        match found:
            case Claimed(claim):
                handling.claim = claim
                return None
            case Duplicate():
                return "duplicate", None
            case InProgress(seconds_left):
                return "in_progress", seconds_left
            case Full():
                return self._cannot("full", "not claimed", "the guard is full: build it with a greater capacity")
        raise TypeError("the guard answered with no outcome of a guard")

    def _cannot(self, outcome: Outcome, what: str, why: str) -> tuple[Outcome, int]:
        fields = _answer.log_fields(self._receiver, outcome, _STATUS[outcome])
        _answer.log(_logger.error, "webhook %s: %s", what, why, extra=fields)
        return outcome, _RETRY_SECONDS


class Handling:
    """A delivery whose handler runs."""

    def __init__(self, once: Once, delivery: Delivery, cancelled: type[BaseException] | None) -> None:
        self.delivery, self.claim = delivery, None
        self._once, self._cancelled = once, cancelled
        self.has_ended = False

    @property
    def matters(self) -> bool:
        """Whether anybody has to hear how the handler ended."""
        return self.claim is not None or self._once.on_delivery is not None

    async def end(self, *, failed: bool) -> None:
        """Says how the handler ended. The first call counts. A fault of the guard is logged, and changes nothing."""
        if self.has_ended:
            return
        self.has_ended = True
        if self.claim is not None:
            guard = self._once.guard
            settle = guard.release if failed else guard.confirm
            what = "released: it ends after the lease" if failed else "confirmed: a repetition may be handled again"
            try:
                is_settled = await either(settle(self.claim))
            except Exception as error:
                reason = str(error) if isinstance(error, GuardUnavailable) else type(error).__name__
                _answer.log(_logger.error, "the claim of a webhook could not be %s (%s)", what, reason)
            else:
                if not is_settled and not failed:
                    _answer.log(_logger.error, "the claim of a webhook could not be %s (its lease had ended)", what)
        await self.tell("failed" if failed else "handled")

    async def tell(self, outcome: Outcome) -> None:
        on_delivery = self._once.on_delivery
        if on_delivery is None:
            return
        if self._cancelled is None:
            _answer.call_back(_ON_DELIVERY_FAILED, on_delivery, self.delivery, outcome)
        else:
            await _answer.call_back_async(_ON_DELIVERY_FAILED, self._cancelled, on_delivery, self.delivery, outcome)


async def uninterrupted(ending: Coroutine[Any, Any, None]) -> None:
    """Goes on with the end of a request if it is cancelled meanwhile. It is cancelled afterwards."""
    task = asyncio.ensure_future(ending)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def until_end(chunks: Iterable[_T], ended: Callable[[bool], None]) -> Iterator[_T]:
    """The chunks of an answer that is made while it is sent. `ended` is called with whether that failed."""
    failed = True
    try:
        yield from chunks
        failed = False
    finally:
        ended(failed)


async def until_end_async(chunks: AsyncIterable[_T], ended: Callable[[bool], Awaitable[None]]) -> AsyncIterator[_T]:
    """The same in an event loop."""
    failed = True
    try:
        async for chunk in chunks:
            yield chunk
        failed = False
    finally:
        await ended(failed)


def _is_async_guard(guard: Any) -> bool | None:
    """`None` for the guard in memory, which waits for nothing."""
    if isinstance(guard, ReplayGuard):
        return None
    steps = [getattr(guard, name, None) for name in ("claim", "confirm", "release")]
    if isinstance(guard, type) or not all(map(callable, steps)):
        raise TypeError(
            "guard must be a hookseal.ReplayGuard, one of hookseal.redis, or a hookseal.Guard of your own, with "
            "claim, confirm and release"
        )
    kinds = {_answer.is_asynchronous(step) for step in steps}
    if len(kinds) > 1:
        raise TypeError("guard must have methods that are all asynchronous, or none that is")
    return kinds.pop()
