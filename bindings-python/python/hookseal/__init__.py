"""Checks that a webhook really comes from Benji, Benti (Inbenta) or Bento, and reads it as normalized events.

    benji = hookseal.Receiver.benji(os.environ["BENJI_SALT"])
    for event in benji.receive(request.headers, body):
        print(event.kind, repr(event.subject.id), event.id, event.time, event.data)

``hookseal.fastapi``, ``hookseal.starlette``, ``hookseal.flask``, ``hookseal.django`` and ``hookseal.aws_lambda`` do
this in a web framework. ``hookseal.redis`` has a guard against repetitions that processes share. ``hookseal.inbox``
stores deliveries in your database before they are answered, and handles them later.
``hookseal.sign`` makes genuine requests for tests.
"""

# From the ground up: _words, payloads, _native, _errors, _replay, _guard, _stream, _answer, _view, sign, redis,
# inbox, _once, starlette, fastapi, flask, django, aws_lambda. A file imports only from those before it. _native looks
# up the classes of _errors, _replay and _guard when it first needs one.

from hookseal import sign
from hookseal._errors import (
    FromTheFuture,
    GuardUnavailable,
    InboxUnavailable,
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
    RecordError,
    Rejection,
    RepeatedHeader,
    SignatureMismatch,
    Stale,
    TooManyEvents,
    UnsupportedContentEncoding,
)
from hookseal._guard import Claimed, Duplicate, Full, InProgress, Stored
from hookseal._native import (
    ACTIONS,
    ENTITIES,
    KINDS,
    VENDORS,
    Assurance,
    Claim,
    Delivery,
    Event,
    Handshake,
    Key,
    Malformed,
    Receiver,
    Recorded,
    ReplayGuard,
    Subject,
    __version__,
    from_trusted_record,
)
from hookseal._replay import ReplayKey
from hookseal._words import (
    RECORD_ERROR_CODES,
    REJECTION_CODES,
    Action,
    Entity,
    Kind,
    RecordErrorCode,
    RejectionCode,
    Vendor,
)

__all__ = [
    "ACTIONS",
    "ENTITIES",
    "KINDS",
    "RECORD_ERROR_CODES",
    "REJECTION_CODES",
    "VENDORS",
    "Action",
    "Assurance",
    "Claim",
    "Claimed",
    "Delivery",
    "Duplicate",
    "Entity",
    "Event",
    "FromTheFuture",
    "Full",
    "GuardUnavailable",
    "Handshake",
    "InProgress",
    "InboxUnavailable",
    "InternalError",
    "Key",
    "Kind",
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
    "RecordError",
    "RecordErrorCode",
    "Recorded",
    "Rejection",
    "RejectionCode",
    "RepeatedHeader",
    "ReplayGuard",
    "ReplayKey",
    "SignatureMismatch",
    "Stale",
    "Stored",
    "Subject",
    "TooManyEvents",
    "UnsupportedContentEncoding",
    "Vendor",
    "__version__",
    "from_trusted_record",
    "sign",
]
