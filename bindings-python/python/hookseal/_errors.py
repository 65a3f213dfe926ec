"""The reasons for which a request is refused: one class for each code.

An attacker can cause any number of refusals, so they must be cheap. Classes in Python with class attributes make the
cheapest exceptions.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from hookseal._native import keep_first
from hookseal._words import RecordErrorCode, RejectionCode, Vendor


class Rejection(Exception):
    """Why a request was refused.

    ``code`` and ``message`` are for the receiver's own log. The sender gets ``status``, ``headers`` and an empty
    body. No message holds text of the body, of a header's value or of a secret. A message does tell the age of a
    request that is ``stale`` or ``from_the_future``, and the place of a fault in a payload. So a rejection can be
    pickled and copied, to tell another process of it.

    - ``code``: the reason as one stable word. Each code has a subclass.
    - ``message``: the reason with its details, in words. ``str()`` gives the same.
    - ``status``: the HTTP status to answer with.
    - ``headers``: the headers to answer with, names in lower case.
    - ``vendor``: the vendor of the receiver that refused the request.
    - ``source``: the source of that receiver, which tells two receivers of one vendor apart.
    - ``hint``: says that a key fits which is not valid now, otherwise ``None``. It is for the log, and must not reach
      the sender. The message does not hold it.
    """

    code: ClassVar[RejectionCode]
    """The reason as one stable word."""
    status: ClassVar[int]
    """The HTTP status to answer with."""
    vendor: Vendor
    """The vendor of the receiver that refused the request."""
    source: str
    """The source of that receiver, which tells two receivers of one vendor apart."""
    headers: Mapping[str, str] = MappingProxyType({})
    """The headers to answer with, names in lower case: ``allow`` with status 405, and ``www-authenticate`` with 401
    if the receiver expects Basic or Bearer credentials. Otherwise none."""
    hint: str | None = None
    """What the check found out about the cause of a ``signature_mismatch``: that a key fits which is not valid now.
    It is for the log, and must not reach the sender, who could then tell an old secret from a wrong one."""

    def __init__(self, message: str) -> None:
        super().__init__(message)

    @property
    def message(self) -> str:
        """The reason with its details, in words."""
        return str(self)


class MethodNotAllowed(Rejection):
    """The method is neither ``POST`` nor, for Benti's handshake, ``GET``."""

    code: ClassVar[RejectionCode] = "method_not_allowed"
    status = 405


class UnsupportedContentEncoding(Rejection):
    """The request has a ``Content-Encoding`` other than ``identity``, which no vendor sends."""

    code: ClassVar[RejectionCode] = "unsupported_content_encoding"
    status = 415


class PayloadTooLarge(Rejection):
    """The body is larger than the receiver's limit."""

    code: ClassVar[RejectionCode] = "payload_too_large"
    status = 413


class RepeatedHeader(Rejection):
    """A header that the receiver reads occurs more than once in the request."""

    code: ClassVar[RejectionCode] = "repeated_header"
    status = 400


class MissingSignature(Rejection):
    """The header with the signature or the credentials is absent."""

    code: ClassVar[RejectionCode] = "missing_signature"
    status = 401


class MalformedSignature(Rejection):
    """The signature or the credentials have a form that no genuine sender produces."""

    code: ClassVar[RejectionCode] = "malformed_signature"
    status = 401


class SignatureMismatch(Rejection):
    """No valid key made this signature, or no valid secret equals these credentials."""

    code: ClassVar[RejectionCode] = "signature_mismatch"
    status = 401


class MissingTimestamp(Rejection):
    """The request has no time, or no signed time if the receiver requires one, so its age cannot be checked."""

    code: ClassVar[RejectionCode] = "missing_timestamp"
    status = 400


class MalformedTimestamp(Rejection):
    """The request's time cannot be read."""

    code: ClassVar[RejectionCode] = "malformed_timestamp"
    status = 400


class Stale(Rejection):
    """The request is older than the window."""

    code: ClassVar[RejectionCode] = "stale"
    status = 400


class FromTheFuture(Rejection):
    """The request's time is further ahead than the window."""

    code: ClassVar[RejectionCode] = "from_the_future"
    status = 400


class MalformedPayload(Rejection):
    """The body is not strict JSON of the vendor's shape."""

    code: ClassVar[RejectionCode] = "malformed_payload"
    status = 400
    line: int = 1
    """The line, from 1."""
    column: int = 1
    """The column in bytes, from 1."""
    path: str = ""
    """The place as a JSON Pointer of known field names and indices."""


class TooManyEvents(Rejection):
    """The body holds more events than the receiver's limit."""

    code: ClassVar[RejectionCode] = "too_many_events"
    status = 413


class MissingChallenge(Rejection):
    """A handshake without its challenge."""

    code: ClassVar[RejectionCode] = "missing_challenge"
    status = 400


class MalformedChallenge(Rejection):
    """A handshake whose challenge is empty, longer than 256 bytes, or not visible ASCII."""

    code: ClassVar[RejectionCode] = "malformed_challenge"
    status = 400


class InternalError(RuntimeError):
    """A bug in hookseal. The request was neither accepted nor refused."""


class RecordError(ValueError):
    """Why a record could not be opened. The message shows nothing of the record."""

    code: RecordErrorCode
    """``not_a_record``, ``newer_record``, ``malformed_record``, ``damaged_record`` or ``unreadable_body``."""
    version: int | None
    """The record's version if the code is ``newer_record``: a newer hookseal can open it, so leave it where it is."""

    def __init__(self, code: RecordErrorCode, message: str, version: int | None = None) -> None:
        super().__init__(code, message, version)
        self.code, self.version = code, version

    def __str__(self) -> str:
        return self.message

    @property
    def message(self) -> str:
        """The reason with its details, in words."""
        message: str = self.args[1]
        return message


class GuardUnavailable(Exception):
    """A guard's store did not answer, or not as a store of this kind does. Nothing is known about the key.

    ``__cause__`` is what its client raised, where it raised something. Answer with a status that makes the sender try
    again, such as 503.
    """


class InboxUnavailable(Exception):
    """An inbox's database did not answer, or did not do what was asked. The message says what to do, if that is
    known.

    Nothing is known of the delivery or the row: it may have been stored, and a repetition is then a ``Duplicate``.
    ``__cause__`` is what the database's client raised, where it raised something. The message holds nothing of a
    delivery, but the cause's text can. Answer with a status that makes the sender try again, such as 503.
    """


BY_CODE: Final[dict[str, type[Rejection]]] = {rejection.code: rejection for rejection in Rejection.__subclasses__()}

# If this module is loaded again, it keeps its first classes: the native module raises those.
keep_first(globals())
