"""Checks that a webhook really comes from Benji, Benti (Inbenta) or Bento, and reads it as normalized events.

    benji = hookseal.Receiver.benji(os.environ["BENJI_SALT"])
    for event in benji.receive(request.headers, body):
        print(event.kind, repr(event.subject.id), event.id, event.time, event.data)

``hookseal.fastapi``, ``hookseal.starlette``, ``hookseal.flask``, ``hookseal.django`` and ``hookseal.aws_lambda`` do
this in a web framework. ``hookseal.sign`` makes genuine requests for tests.
"""

# From the ground up: _native, _errors, _replay, _stream, _answer, sign, starlette, fastapi, flask, django,
# aws_lambda. A file imports only from those before it. _native looks up the classes of _errors and _replay when it
# first needs one.

from hookseal import sign
from hookseal._errors import (
    FromTheFuture,
    InternalError,
    MalformedChallenge,
    MalformedPayload,
    MalformedSignature,
    MalformedTimestamp,
    MethodNotAllowed,
    MissingChallenge,
    MissingSignature,
    MissingTimestamp,
    PayloadTooLarge,
    Rejection,
    RepeatedHeader,
    SignatureMismatch,
    Stale,
    TooManyEvents,
    UnsupportedContentEncoding,
)
from hookseal._native import Assurance, Delivery, Event, Handshake, Key, Malformed, Receiver, Subject, __version__
from hookseal._replay import ReplayKey

__all__ = [
    "Assurance",
    "Delivery",
    "Event",
    "FromTheFuture",
    "Handshake",
    "InternalError",
    "Key",
    "Malformed",
    "MalformedChallenge",
    "MalformedPayload",
    "MalformedSignature",
    "MalformedTimestamp",
    "MethodNotAllowed",
    "MissingChallenge",
    "MissingSignature",
    "MissingTimestamp",
    "PayloadTooLarge",
    "Receiver",
    "Rejection",
    "RepeatedHeader",
    "ReplayKey",
    "SignatureMismatch",
    "Stale",
    "Subject",
    "TooManyEvents",
    "UnsupportedContentEncoding",
    "__version__",
    "sign",
]
