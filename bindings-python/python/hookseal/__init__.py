"""Checks that a webhook really comes from Benji, Benti (Inbenta) or Bento, and reads it as normalized events.

    benji = hookseal.Receiver.benji(os.environ["BENJI_SALT"])
    for event in benji.receive(request.headers, body):
        print(event.kind, repr(event.subject.id), event.id, event.time, event.data)

``receive`` raises a ``Rejection`` if the request is refused. ``help`` of each name tells more:

Receiving       Receiver, Key
What it gives   Delivery (a sequence), Event, Subject, Assurance, Malformed, Handshake
Refusals        Rejection, a base class with a code, a message and a status: MethodNotAllowed, MissingSignature,
                MalformedSignature, SignatureMismatch, MissingTimestamp, MalformedTimestamp, Stale, FromTheFuture,
                RepeatedHeader, UnsupportedContentEncoding, PayloadTooLarge, MalformedPayload, TooManyEvents,
                MissingChallenge, MalformedChallenge
Repetitions     ReplayGuard, ReplayKey, Claim, and what a guard answers: Claimed, Duplicate, InProgress, Full
                Guard, AsyncGuard: what a guard of your own must have
Records         from_trusted_record, Recorded: a delivery in another process, or later
Other errors    InternalError, RecordError, GuardUnavailable, InboxUnavailable
In frameworks   hookseal.fastapi, hookseal.starlette, hookseal.flask, hookseal.django, hookseal.aws_lambda
Stores          hookseal.redis: a guard that processes share. hookseal.inbox: stores deliveries in your database
                before they are answered (Stored), and handles them later
Sending         hookseal.outgoing: requests to the vendors as values, such as a subscription or an event for Bento
Tests           hookseal.sign: genuine requests
Words           KINDS, ENTITIES, ACTIONS, VENDORS, REJECTION_CODES, RECORD_ERROR_CODES
Types           Kind, Entity, Action, Vendor, RejectionCode, RecordErrorCode: the words as Literal
                hookseal.payloads: the types of event.data
"""

# From the ground up: _words, payloads, _native, _errors, _replay, _guard, _stream, _answer, _view, sign, outgoing,
# redis, inbox, _once, starlette, fastapi, flask, django, aws_lambda. A file imports only from those before it.
# _native looks up the classes of _errors, _replay, _guard and outgoing when it first needs one.

from hookseal import outgoing, sign
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
from hookseal._guard import AsyncGuard, Claimed, Duplicate, Full, Guard, InProgress, Stored
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
    "AsyncGuard",
    "Claim",
    "Claimed",
    "Delivery",
    "Duplicate",
    "Entity",
    "Event",
    "FromTheFuture",
    "Full",
    "Guard",
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
    "outgoing",
    "sign",
]

# For type checkers alone: with it `help(hookseal)` lists every member of each class, 3,300 lines in place of 65.
# Without it `import *` takes the same names.
del __all__
