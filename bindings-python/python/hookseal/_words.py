"""The words of events and errors as types. Written by core/types/generate.py from the core's table of kinds."""

from typing import Final, Literal, TypeAlias

Vendor: TypeAlias = Literal["benji", "benti", "bento"]
"""The vendor that sent a webhook."""

Entity: TypeAlias = Literal[
    "user",
    "campaign",
    "transaction",
    "alert",
    "ticket",
    "reply",
    "media",
    "classification",
    "queue",
    "subscriber",
    "email",
    "workflow",
    "other",
]
"""The kind of thing that an event is about."""

Action: TypeAlias = Literal[
    "connected",
    "created",
    "authenticated",
    "activated",
    "ended",
    "updated",
    "removed",
    "answered",
    "replied",
    "closed",
    "classified",
    "moved",
    "purchased",
    "subscribed",
    "unsubscribed",
    "tagged",
    "untagged",
    "tracked",
    "requested",
    "commanded",
    "reached",
    "other",
]
"""What happened."""

Kind: TypeAlias = Literal[
    "user.connected",
    "user.created",
    "user.updated",
    "user.removed",
    "user.other",
    "campaign.activated",
    "campaign.ended",
    "campaign.updated",
    "campaign.other",
    "transaction.created",
    "transaction.authenticated",
    "transaction.updated",
    "transaction.other",
    "alert.created",
    "alert.updated",
    "alert.removed",
    "alert.other",
    "ticket.created",
    "ticket.updated",
    "ticket.removed",
    "ticket.answered",
    "ticket.replied",
    "ticket.closed",
    "ticket.classified",
    "ticket.moved",
    "ticket.other",
    "reply.created",
    "reply.updated",
    "reply.removed",
    "reply.other",
    "media.created",
    "media.updated",
    "media.removed",
    "media.other",
    "classification.created",
    "classification.updated",
    "classification.removed",
    "classification.other",
    "queue.created",
    "queue.updated",
    "queue.removed",
    "queue.other",
    "subscriber.updated",
    "subscriber.purchased",
    "subscriber.subscribed",
    "subscriber.unsubscribed",
    "subscriber.tagged",
    "subscriber.untagged",
    "subscriber.tracked",
    "subscriber.commanded",
    "email.requested",
    "workflow.reached",
    "workflow.other",
    "other.created",
    "other.updated",
    "other.removed",
    "other.other",
]
"""The kinds that events have: an entity and what happened to it."""

Coverage: TypeAlias = Literal["signed", "unsigned", "absent"]
"""Whether the vendor's signature covers a part of a delivery."""

IdOrigin: TypeAlias = Literal["vendor", "derived"]
"""Whether an id is the vendor's or was derived."""

ReplayPolicy: TypeAlias = Literal["default", "strict", "none"]

SignatureEncoding: TypeAlias = Literal["hex", "base64", "base64url"]
"""The encodings of a signature."""

RejectionCode: TypeAlias = Literal[
    "method_not_allowed",
    "unsupported_content_encoding",
    "payload_too_large",
    "repeated_header",
    "missing_signature",
    "malformed_signature",
    "signature_mismatch",
    "missing_timestamp",
    "malformed_timestamp",
    "stale",
    "from_the_future",
    "malformed_payload",
    "too_many_events",
    "missing_challenge",
    "malformed_challenge",
]
"""The reason for which a request was refused, as one stable word."""

RecordErrorCode: TypeAlias = Literal[
    "not_a_record",
    "newer_record",
    "malformed_record",
    "damaged_record",
    "unreadable_body",
]
"""A stable word for what is wrong with a record."""

REJECTION_CODES: Final[tuple[RejectionCode, ...]] = (
    "method_not_allowed",
    "unsupported_content_encoding",
    "payload_too_large",
    "repeated_header",
    "missing_signature",
    "malformed_signature",
    "signature_mismatch",
    "missing_timestamp",
    "malformed_timestamp",
    "stale",
    "from_the_future",
    "malformed_payload",
    "too_many_events",
    "missing_challenge",
    "malformed_challenge",
)

RECORD_ERROR_CODES: Final[tuple[RecordErrorCode, ...]] = (
    "not_a_record",
    "newer_record",
    "malformed_record",
    "damaged_record",
    "unreadable_body",
)
