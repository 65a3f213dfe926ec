"""What the adapters of the web frameworks have in common."""

import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from hookseal._errors import Rejection
from hookseal._native import Delivery, Handshake, Receiver
from hookseal._stream import Unreadable

_logger = logging.getLogger("hookseal")

# The body is a text from outside: no browser may take it for a page, and no cache may keep it.
_HANDSHAKE_HEADERS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Answer(NamedTuple):
    """What a request is answered with in place of the view."""

    status: int
    headers: Mapping[str, str]
    body: str


def check_head(receiver: Receiver, headers: Any, method: str) -> Answer | None:
    """Refuses what the headers alone can tell, so that the body need not be read."""
    try:
        receiver.check_head(headers, method=method)
    except Rejection as rejection:
        return _refusal(rejection)
    return None


def receive(receiver: Receiver, headers: Any, body: bytes, method: str) -> Delivery | Answer:
    """Checks the whole request. Of a body over the limit it is enough to hand over one byte more than the limit."""
    received = receiver.try_receive(headers, body, method=method)
    match received:
        case Rejection():
            return _refusal(received)
        case Handshake():
            return Answer(received.status, received.headers | _HANDSHAKE_HEADERS, received.body)
    return received


def unreadable(reason: Unreadable) -> Answer:
    """That a sender leaves half-way, or sends no HTTP, is no fault of the program: one line, and no traceback."""
    _log(_logger.warning, "webhook refused: the body cannot be read: %s", reason)
    return Answer(400, {}, "")


def _refusal(rejection: Rejection) -> Answer:
    """The reason goes to the log; the sender learns nothing of it."""
    _log(_logger.warning, "webhook refused: %s: %s", rejection.code, rejection.message)
    return Answer(rejection.status, dict(rejection.headers), "")


def _log(write: Callable[..., None], message: str, *values: object) -> None:
    """A handler or a filter of the program's own that fails must not turn a refusal into a fault."""
    try:
        write(message, *values)
    except Exception:
        if logging.raiseExceptions and sys.stderr is not None:
            traceback.print_exc()
