"""The types of ``event.data`` by the kind of the event.

    from hookseal.payloads import BentiAnswer

    if event.kind == "ticket.answered":
        answer: BentiAnswer = event.data

The table in the README says which kind has which type. hookseal checks the members of which it makes kind, subject,
parent, actor and time. It passes all others on as they were sent, so a vendor that leaves its documentation sends
other types. ``core/schemas/payloads.schema.json`` checks the whole payload.

Written by core/types/generate.py from the core's table of kinds.
"""

from decimal import Decimal
from typing import Any, Literal, Required, TypeAlias, TypedDict

__all__ = [
    "BenjiWebhook",
    "BentiAnswer",
    "BentiAnswerContext",
    "BentiApiEvent",
    "BentiAttachment",
    "BentiChangeQueue",
    "BentiChangeQueueBody",
    "BentiClassifyTicket",
    "BentiClassifyTicketBody",
    "BentiCloseTicket",
    "BentiCloseTicketBody",
    "BentiCreateTicket",
    "BentiCreateTicketBody",
    "BentiMessage",
    "BentiNamed",
    "BentiOther",
    "BentiPerson",
    "BentiRecipient",
    "BentiReplyTicket",
    "BentiReplyTicketBody",
    "BentiSender",
    "BentoCommand",
    "BentoEmail",
    "BentoPurchase",
    "BentoSubscriber",
    "BentoTags",
    "BentoTrackedEvent",
    "BentoUnique",
    "BentoValue",
    "BentoWorkflow",
]

_Id: TypeAlias = int | str
# Text, if a Decimal cannot hold the number.
_Number: TypeAlias = int | float | Decimal | str
_Flag: TypeAlias = bool | Literal["true", "false"]


class BenjiWebhook(TypedDict, total=False):
    """The body of a Benji webhook. Read the entity itself from Benji's API, by `entity_id`."""

    event: Required[str]
    """The name of the event."""
    entity_type: _Id | None
    """The kind of entity: 1 user, 2 campaign, 3 reward transaction."""
    entity: _Id | None
    """The same, under the name in Benji's sample (`core/docs/benji.md`)."""
    entity_id: _Id | None
    """The id of the entity: a UUID, or in older webhooks decimal digits."""


class BentiApiEvent(TypedDict, total=False):
    """An event of Benti's API."""

    id: _Id | None
    """The id of the item."""
    item: Required[str]
    """The kind of item: alert, ticket, reply, user, media, classification or queue."""
    action: Required[str]
    """What happened: add, update or remove."""
    timestamp: _Id | None
    """When the request was sent, in unix seconds."""
    actor: _Id | None
    """The id of the user who did it."""
    parent: _Id | None
    """The id of the ticket that contains the item."""


class BentiPerson(TypedDict, total=False):
    """A person. Inbenta calls the e-mail address an identifier."""

    name: str | None
    """The name."""
    identifier: _Id | None
    """The e-mail address."""


class BentiRecipient(TypedDict, total=False):
    """A recipient of an answer."""

    email: str | None
    """The e-mail address."""
    name: str | None
    """The name."""


class BentiNamed(TypedDict, total=False):
    """A thing with an id and a name."""

    id: _Id | None
    """The id."""
    name: str | None
    """The name."""


class BentiAnswerContext(TypedDict, total=False):
    """The creator, queue and source of a ticket that was answered."""

    creator: BentiPerson | None
    """Who created the ticket."""
    queue: BentiNamed | None
    """The queue that it is in."""
    source: BentiNamed | None
    """Where it came from."""


class BentiAttachment(TypedDict, total=False):
    """A file that is attached."""

    id: _Id | None
    """The id."""
    url: str | None
    """The address to fetch it from."""
    name: str | None
    """The file's name."""
    type: str | None
    """The media type."""


class BentiSender(TypedDict, total=False):
    """The author of a reply."""

    id: _Id | None
    """The user's id."""
    name: str | None
    """The user's name."""
    address: str | None
    """The user's e-mail address."""
    external_id: _Id | None
    """The user's id at a source outside of Benti."""
    is_agent: _Flag | None
    """Whether the user is an agent of the instance."""


BentiMessage = TypedDict(
    "BentiMessage",
    {
        # The text: an answer as it was sent, or a reply in HTML.
        "content": str | None,
        # Another name of `content`.
        "text": str | None,
        # The recipients of an answer.
        "to": BentiRecipient | list[BentiRecipient] | None,
        # The recipients of a copy of an answer.
        "cc": BentiRecipient | list[BentiRecipient] | None,
        # The recipients of a blind copy of an answer.
        "bcc": BentiRecipient | list[BentiRecipient] | None,
        # The author of a reply.
        "from": BentiSender | None,
        # The files attached to a reply.
        "attachments": BentiAttachment | list[BentiAttachment] | None,
    },
    total=False,
)
"""The text of an agent in an `Answer`, or of an end user in a reply."""


class BentiAnswer(TypedDict, total=False):
    """An agent answered a ticket."""

    id: _Id | None
    """The id of the request. A resend may change it."""
    action: Required[str]
    """What happened."""
    created_at: _Id | None
    """When the request was sent, as `YYYYMMDDhhmmss` without a zone."""
    project: str | BentiNamed | None
    """The name of the instance."""
    resource: _Id | None
    """The ticket's number."""
    type: str | None
    """The kind of resource: `ticket`."""
    user: BentiPerson | None
    """The agent."""
    action_data: BentiMessage | None
    """The answer and its recipients."""
    resource_data: BentiAnswerContext | None
    """The ticket's creator, queue and source."""
    attachments: BentiAttachment | list[BentiAttachment] | None
    """The files attached."""


class BentiCreateTicketBody(TypedDict, total=False):
    """The `body` of a BentiCreateTicket."""

    ticket_id: _Id | None
    """The new ticket."""
    parentId: _Id | None
    """The ticket that the new one is part of."""


class BentiCreateTicket(TypedDict, total=False):
    """`create-ticket` or `create-subticket`."""

    id: _Id | None
    """The id of the request. A resend may change it."""
    action: Required[str]
    """What happened."""
    created_at: _Id | None
    """When the request was sent, as `YYYYMMDDhhmmss` without a zone."""
    project: str | BentiNamed | None
    """The name of the instance."""
    body: BentiCreateTicketBody | None
    """The details."""


class BentiChangeQueueBody(TypedDict, total=False):
    """The `body` of a BentiChangeQueue."""

    ticket_id: _Id | None
    """The ticket."""
    previous_queue: _Id | None
    """The id of the queue that it left."""
    new_queue: _Id | None
    """The id of the queue that it is in."""


class BentiChangeQueue(TypedDict, total=False):
    """A ticket went to another queue."""

    id: _Id | None
    """The id of the request. A resend may change it."""
    action: Required[str]
    """What happened."""
    created_at: _Id | None
    """When the request was sent, as `YYYYMMDDhhmmss` without a zone."""
    project: str | BentiNamed | None
    """The name of the instance."""
    body: BentiChangeQueueBody | None
    """The details."""


class BentiClassifyTicketBody(TypedDict, total=False):
    """The `body` of a BentiClassifyTicket."""

    ticket_id: _Id | None
    """The ticket."""
    previous_classification: str | None
    """The ids of its previous classifications, from the root, separated by commas. It may be empty."""
    new_classification: str | None
    """The ids of its new classifications."""


class BentiClassifyTicket(TypedDict, total=False):
    """A ticket was classified."""

    id: _Id | None
    """The id of the request. A resend may change it."""
    action: Required[str]
    """What happened."""
    created_at: _Id | None
    """When the request was sent, as `YYYYMMDDhhmmss` without a zone."""
    project: str | BentiNamed | None
    """The name of the instance."""
    body: BentiClassifyTicketBody | None
    """The details."""


class BentiReplyTicketBody(TypedDict, total=False):
    """The `body` of a BentiReplyTicket."""

    ticket_id: _Id | None
    """The ticket."""
    message: BentiMessage | None
    """The reply."""


class BentiReplyTicket(TypedDict, total=False):
    """An end user replied to a ticket."""

    id: _Id | None
    """The id of the request. A resend may change it."""
    action: Required[str]
    """What happened."""
    created_at: _Id | None
    """When the request was sent, as `YYYYMMDDhhmmss` without a zone."""
    project: str | BentiNamed | None
    """The name of the instance."""
    body: BentiReplyTicketBody | None
    """The details."""


class BentiCloseTicketBody(TypedDict, total=False):
    """The `body` of a BentiCloseTicket."""

    ticket_id: _Id | None
    """The ticket."""
    status: _Id | None
    """The id of its status: 3 is closed."""


class BentiCloseTicket(TypedDict, total=False):
    """A ticket was closed."""

    id: _Id | None
    """The id of the request. A resend may change it."""
    action: Required[str]
    """What happened."""
    created_at: _Id | None
    """When the request was sent, as `YYYYMMDDhhmmss` without a zone."""
    project: str | BentiNamed | None
    """The name of the instance."""
    body: BentiCloseTicketBody | None
    """The details."""


class BentiOther(TypedDict, total=False):
    """An action that Inbenta does not document."""

    id: _Id | None
    """The id of the request. A resend may change it."""
    action: Required[str]
    """What happened."""
    created_at: _Id | None
    """When the request was sent, as `YYYYMMDDhhmmss` without a zone."""
    project: str | BentiNamed | None
    """The name of the instance."""


class BentoTrackedEvent(TypedDict, total=False):
    """An event about a subscriber, as Bento's events API takes it."""

    type: Required[str]
    """The type of the event, such as `$purchase` or one of the site's own."""
    email: str | None
    """The subscriber's e-mail address."""
    identity: Any
    """An object into which some clients write the e-mail address instead."""
    date: Any
    """The time as the client wrote it: text, or an object from one PHP client."""
    fields: Any
    """The fields of the subscriber to set, an object."""
    details: Any
    """The details of the event, any JSON."""


class BentoUnique(TypedDict, total=False):
    """The key by which a purchase counts once."""

    key: _Number | None
    """A text, or the digits of a number."""


class BentoValue(TypedDict, total=False):
    """An amount of money."""

    currency: str | None
    """The currency, such as `USD`."""
    amount: _Number | None
    """The amount."""


class BentoPurchase(TypedDict, total=False):
    """The details of a `$purchase`."""

    unique: BentoUnique | None
    """The key by which the purchase counts once."""
    value: BentoValue | None
    """The amount paid."""
    cart: Any
    """The cart, any JSON."""


BentoTags: TypeAlias = str | list[str]
"""Tags. Bento takes text with commas; some clients send a list."""


class BentoSubscriber(TypedDict, total=False):
    """A subscriber to import. Custom fields are in the event's `data`."""

    email: str | None
    """The e-mail address."""
    tags: BentoTags | None
    """The tags to add."""
    remove_tags: BentoTags | None
    """The tags to remove."""


BentoEmail = TypedDict(
    "BentoEmail",
    {
        # The recipient.
        "to": str | None,
        # The sender.
        "from": str | None,
        # The subject line.
        "subject": str | None,
        # The text in HTML.
        "html_body": str | None,
        # Whether it is sent even if the subscriber has unsubscribed.
        "transactional": _Flag | None,
        # The values to put into the text, an object.
        "personalizations": Any,
    },
    total=False,
)
"""An e-mail to send."""


class BentoCommand(TypedDict, total=False):
    """A command on a subscriber."""

    command: Required[str]
    """The command, such as `add_tag`."""
    email: str | None
    """The subscriber's e-mail address."""
    uuid: str | None
    """The subscriber's UUID, which some clients write in place of the address."""
    query: Any
    """The argument of the command: text, or an object."""


class BentoWorkflow(TypedDict, total=False):
    """A workflow webhook in the form of Bento's sample (`core/docs/bento.md`). The operator chooses all of it."""

    event: Any
    """The name of the event."""
    workflow: Any
    """The workflow."""
    email: Any
    """The subscriber's e-mail address."""
    person: Any
    """The subscriber, an object."""
    source_event: Any
    """The event that started the workflow, an object."""
