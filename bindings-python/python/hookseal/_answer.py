"""What the adapters of the web frameworks have in common."""

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from hookseal._errors import Rejection
from hookseal._native import Delivery, Handshake, Receiver

_logger = logging.getLogger("hookseal")


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
            return Answer(received.status, received.headers, received.body)
    return received


def _refusal(rejection: Rejection) -> Answer:
    """The reason goes to the log; the sender learns nothing of it."""
    _logger.warning("webhook refused: %s: %s", rejection.code, rejection.message)
    return Answer(rejection.status, rejection.headers, "")
