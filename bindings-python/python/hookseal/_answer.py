"""Code that the adapters of the web frameworks share."""

import asyncio
import logging
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from inspect import (
    CO_ITERABLE_COROUTINE,
    isasyncgen,
    isasyncgenfunction,
    isawaitable,
    iscoroutine,
    iscoroutinefunction,
    isgenerator,
    isgeneratorfunction,
)
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from hookseal._errors import Rejection
from hookseal._native import Delivery, Handshake, Receiver, receiver_source
from hookseal._stream import Unreadable

_logger = logging.getLogger("hookseal")

_Request = TypeVar("_Request")

GONE: Final = "the body was read before hookseal could check it, so its exact bytes are gone"

OnRejection: TypeAlias = Callable[[Rejection, _Request], object] | None
"""Called with each refusal and its request before the answer is sent. It cannot change the answer."""


class Answer(NamedTuple):
    """The answer to a request that does not reach the view."""

    status: int
    headers: Mapping[str, str]
    body: str
    rejection: Rejection | None = None


def check_arguments(receiver: object, on_rejection: Any) -> None:
    """Checks the arguments of an adapter, so that a mistake shows when the program starts."""
    if not isinstance(receiver, Receiver):
        raise TypeError("the first argument must be a Receiver")
    check_callback("on_rejection", on_rejection, "a Rejection and a request")


def check_callback(name: str, function: Any, takes: str) -> None:
    if function is not None:
        if not callable(function):
            raise TypeError(f"{name} must be a function that takes {takes}")
        refuse_generator(name, function)


def refuse_generator(name: str, function: object) -> None:
    """Refuses a generator function: a call only makes an object, and runs none of its code."""
    if _is(isgeneratorfunction, function) and not _is(_is_awaitable_generator, function):
        raise TypeError(f"{name} must not be a generator function: nothing would run it")
    refuse_async_generator(name, function)


def refuse_async_generator(name: str, function: object) -> None:
    if _is(isasyncgenfunction, function):
        raise TypeError(f"{name} must not be an async generator function: nothing would run it")


def refuse_unrun(name: str, returned: object) -> None:
    """Refuses a coroutine or a generator that a function has returned: none of its code has run.

    A decorator in between can hide from `is_asynchronous` and `refuse_generator` what it calls.
    """
    refuse_awaitable(name, returned)
    if isgenerator(returned) or isasyncgen(returned):
        raise TypeError(f"{name} returned a generator: nothing would run it")


def refuse_awaitable(name: str, returned: object) -> None:
    if isawaitable(returned):
        if iscoroutine(returned):
            # Without a warning that it never ran: the exception says so.
            returned.close()
        raise TypeError(f"{name} returned something to await: nothing would await it")


def is_asynchronous(function: object) -> bool:
    return _is(iscoroutinefunction, function)


def _is(test: Callable[[Any], bool], function: Any) -> bool:
    """Applies a test to a function, or to the ``__call__`` of an object."""
    return test(function) or test(vars(type(function)).get("__call__"))


def _is_awaitable_generator(function: Any) -> bool:
    """Whether `types.coroutine` made the function."""
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & CO_ITERABLE_COROUTINE)


def check_head(receiver: Receiver, headers: Any, method: str) -> Answer | None:
    """Refuses a request by its method and headers alone, so that its body need not be read."""
    try:
        receiver.check_head(headers, method=method)
    except Rejection as rejection:
        # Without its traceback: the frames lead to the request, and error reporters print the variables of frames.
        return _refusal(receiver, rejection.with_traceback(None))
    return None


def receive(receiver: Receiver, headers: Any, body: bytes, method: str) -> Delivery | Answer:
    """Checks the whole request. For a body over the limit, one byte more than the limit is enough."""
    received = receiver.try_receive(headers, body, method=method)
    match received:
        case Rejection():
            return _refusal(receiver, received)
        case Handshake():
            return Answer(received.status, received.headers, received.body)
    return received


def unreadable(receiver: Receiver, reason: Unreadable) -> Answer:
    """Logs one line without a traceback: the program is not at fault if a sender leaves or sends malformed HTTP."""
    fields = log_fields(receiver, "unreadable_request", 400)
    log(_logger.warning, "webhook refused: the body cannot be read: %s", reason, extra=fields)
    return Answer(400, {}, "")


def report(on_rejection: OnRejection[_Request], answer: Answer, request: _Request) -> None:
    """Calls the program's callback with a refusal."""
    if on_rejection is not None and answer.rejection is not None:
        call_back(_ON_REJECTION_FAILED, on_rejection, answer.rejection, request)


async def report_async(
    on_rejection: OnRejection[_Request],
    answer: Answer,
    request: _Request,
    cancelled: type[BaseException] = asyncio.CancelledError,
) -> None:
    """The same in an event loop. `cancelled` is the exception that ends a request."""
    if on_rejection is not None and answer.rejection is not None:
        await call_back_async(_ON_REJECTION_FAILED, cancelled, on_rejection, answer.rejection, request)


_ON_REJECTION_FAILED: Final = "on_rejection failed; the refusal is sent all the same"


def call_back(failed: str, callback: Callable[..., object], *arguments: object) -> None:
    """Calls a function of the program. Only a `KeyboardInterrupt` in it changes the answer."""
    try:
        returned = callback(*arguments)
        if isawaitable(returned):
            # In its own thread: this thread may already run an event loop, and cannot run another one.
            with ThreadPoolExecutor(1) as threads:
                threads.submit(copy_context().run, asyncio.run, _wait(returned)).result()
    except KeyboardInterrupt:
        raise
    except BaseException:
        # Also `SystemExit`, which would end a worker: a sender must not be able to do that.
        log(_logger.exception, failed)


async def call_back_async(
    failed: str, cancelled: type[BaseException], callback: Callable[..., object], *arguments: object
) -> None:
    """The same in an event loop. `cancelled` is the exception that ends a request."""
    try:
        returned = callback(*arguments)
        if isawaitable(returned):
            await returned
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if isinstance(error, cancelled) and _is_request_cancelled(cancelled):
            raise
        log(_logger.exception, failed)


def _is_request_cancelled(cancelled: type[BaseException]) -> bool:
    """Whether the request was cancelled, and not something that the callback waited for.

    Only asyncio raises one exception for both.
    """
    if cancelled is not asyncio.CancelledError:
        return True
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


async def _wait(awaitable: Awaitable[object]) -> None:
    await awaitable


def _refusal(receiver: Receiver, rejection: Rejection) -> Answer:
    """The answer to a refused request. The reason goes to the log, and the sender does not learn it."""
    fields = log_fields(receiver, rejection.code, rejection.status)
    reason = rejection.message if rejection.hint is None else f"{rejection.message} ({rejection.hint})"
    log(_logger.warning, "webhook refused: %s: %s", rejection.code, reason, extra=fields)
    return Answer(rejection.status, dict(rejection.headers), "", rejection)


def log_fields(receiver: Receiver, code: str, status: int) -> dict[str, str | int]:
    """What a record of the log has beside its message. core/docs/logs.md describes it."""
    return {
        "hookseal_code": code,
        "hookseal_vendor": receiver.vendor,
        "hookseal_status": status,
        "hookseal_source": receiver_source(receiver),
    }


def log(write: Callable[..., None], message: str, *values: object, extra: Mapping[str, object] | None = None) -> None:
    """Logs a message. If a log handler or filter of the program fails, the request is still answered."""
    try:
        write(message, *values, extra=extra)
    except Exception:
        if logging.raiseExceptions and sys.stderr is not None:
            traceback.print_exc()
