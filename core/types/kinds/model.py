"""What the writers share: the words of the core, the types of its payloads, and who wrote a file."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
ORIGIN = "Written by core/types/generate.py from the core's table of kinds"

# The types of words, each with its documentation. That of an option is where the option is documented.
DESCRIPTIONS = {
    "Vendor": "The vendor that sent a webhook.",
    "Entity": "The kind of thing that an event is about.",
    "Action": "What happened.",
    "Kind": "The kinds that events have: an entity and what happened to it.",
    "Coverage": "Whether the vendor's signature covers a part of a delivery.",
    "IdOrigin": "Whether an id is the vendor's or was derived.",
    "ReplayPolicy": None,
    "SignatureEncoding": "The encodings of a signature.",
    "RejectionCode": "The reason for which a request was refused, as one stable word.",
    "RecordErrorCode": "A stable word for what is wrong with a record.",
}


class Member(NamedTuple):
    """A member of an object.

    Its type is one of "text", "id", "flag", "number", "number or text" and "json"; or a tuple of "list", "one or list"
    or "either" and types; or of "named" and a name; or None for a member that is never there.
    """

    name: str
    about: str
    of: object
    is_required: bool


class Type(NamedTuple):
    """A type of a payload, or of an object in it."""

    name: str
    about: str
    members: list[Member] | None  # None: another name for `of`
    of: object = None


def shown(members):
    """The members that types show. Neither Python nor TypeScript says well that a member is never there."""
    return [member for member in members if member.of is not None]
