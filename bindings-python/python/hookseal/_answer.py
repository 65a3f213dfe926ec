"""What the adapters of the web frameworks have in common."""

import asyncio
import logging
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from inspect import isawaitable
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from hookseal._errors import Rejection
from hookseal._native import Delivery, Handshake, Receiver
from hookseal._stream import Unreadable

_logger = logging.getLogger("hookseal")

_Request = TypeVar("_Request")

OnRejection: TypeAlias = Callable[[Rejection, _Request], object] | None
"""Sees each refusal with its request before it is answered, and cannot change the answer."""


class Answer(NamedTuple):
    """What a request is answered with in place of the view."""

    status: int
    headers: Mapping[str, str]
    body: str
    rejection: Rejection | None = None


def callback(on_rejection: OnRejection[_Request]) -> OnRejection[_Request]:
    """Finds a mistake in the program when it starts."""
    if on_rejection is not None and not callable(on_rejection):
        raise TypeError("on_rejection must be a function that takes a Rejection and a request")
    return on_rejection


def check_head(receiver: Receiver, headers: Any, method: str) -> Answer | None:
    """Refuses what the headers alone can tell, so that the body need not be read."""
    try:
        receiver.check_head(headers, method=method)
    except Rejection as rejection:
        # Its frames lead to the request, and what reports errors prints the variables of frames.
        return _refusal(rejection.with_traceback(None))
    return None


def receive(receiver: Receiver, headers: Any, body: bytes, method: str) -> Delivery | Answer:
    """Checks the whole request. Of a body over the limit it is enough to hand over one byte more than the limit."""
    received = receiver.try_receive(headers, body, method=method)
    match received:
        case Rejection():
            return _refusal(received)
        case Handshake():
            return Answer(received.status, received.headers, received.body)
    return received


def unreadable(reason: Unreadable) -> Answer:
    """That a sender leaves half-way, or sends no HTTP, is no fault of the program: one line, and no traceback."""
    _log(_logger.warning, "webhook refused: the body cannot be read: %s", reason)
    return Answer(400, {}, "")


def report(on_rejection: OnRejection[_Request], answer: Answer, request: _Request) -> None:
    """Tells the program of a refusal. Whatever its callback does, the answer stays."""
    if on_rejection is None or answer.rejection is None:
        return
    try:
        returned = on_rejection(answer.rejection, request)
        if isawaitable(returned):
            # In a thread of its own: this one may have an event loop, and cannot wait for it.
            with ThreadPoolExecutor(1) as threads:
                threads.submit(copy_context().run, asyncio.run, _wait(returned)).result()
    except (Exception, asyncio.CancelledError):
        _log(_logger.exception, _FAILED)


async def report_async(on_rejection: OnRejection[_Request], answer: Answer, request: _Request) -> None:
    """The same from an event loop."""
    if on_rejection is None or answer.rejection is None:
        return
    try:
        returned = on_rejection(answer.rejection, request)
        if isawaitable(returned):
            await returned
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # What the callback waited for was cancelled, not the request.
        _log(_logger.exception, _FAILED)
    except Exception:
        _log(_logger.exception, _FAILED)


_FAILED: Final = "on_rejection failed; the refusal is sent all the same"


async def _wait(awaitable: Awaitable[object]) -> None:
    await awaitable


def _refusal(rejection: Rejection) -> Answer:
    """The reason goes to the log; the sender learns nothing of it."""
    _log(_logger.warning, "webhook refused: %s: %s", rejection.code, rejection.message)
    return Answer(rejection.status, dict(rejection.headers), "", rejection)


def _log(write: Callable[..., None], message: str, *values: object) -> None:
    """A handler or a filter of the program's own that fails must not turn a refusal into a fault."""
    try:
        write(message, *values)
    except Exception:
        if logging.raiseExceptions and sys.stderr is not None:
            traceback.print_exc()
