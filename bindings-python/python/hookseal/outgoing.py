"""Requests that a program sends to the vendors, as values: subscriptions, look-ups, and what goes to Bento.

    bento = outgoing.Bento("publishable key", os.environ["BENTO_SECRET_KEY"], "11111111222233334444555555555555")
    event = outgoing.BentoEvent(type="ticket.answered", email="a@example.com")
    for request in bento.events([event]):
        response = httpx.request(
            request.method, request.url, headers=request.headers, content=request.body, follow_redirects=False
        )
        sent = request.read(response.status_code, response.headers, response.content)

Nothing here does input or output: an ``Outgoing`` has method, URL, headers and body for any HTTP client, and its
``read`` reads the answer. It returns what the vendor answered, or raises a ``Refusal``, which says whether it is
final, and if not, when to send the request again. A value or an argument that the vendor would not take is an
``OutgoingError`` when it is built.

Clients    Benji, Benti, Bento
Values     BentoEvent, BentoSubscriber, BentoEmail, BentoCommand
Requests   Outgoing, MAX_ANSWER_BYTES
Answers    Subscribed, Done, LookedUp, BentiWebhook, BentiWebhooks, Sent, Commanded, Tracked
Refusals   Refusal, with a code, and OutgoingError, also with a code
Limits     RateLimit
Secrets    Secret; ``str`` and ``bytes`` are taken too
Types      RefusalCode, OutgoingErrorCode, BenjiEntityType, BentiItem, BentoCommandName, EndpointGroup: Literals

A client must not follow redirects, because the credentials would go along. Some do by default, such as ``requests``.
"""

from dataclasses import dataclass, field
from typing import Generic, Literal, TypeAlias, TypeVar, final

from hookseal._native import (
    MAX_ANSWER_BYTES,
    Benji,
    Benti,
    Bento,
    BentoCommand,
    BentoEmail,
    BentoEvent,
    BentoSubscriber,
    LookedUp,
    Outgoing,
    RateLimit,
    Secret,
    keep_first,
    refusal_facts,
    refusal_wait,
)

__all__ = [
    "MAX_ANSWER_BYTES",
    "Benji",
    "BenjiEntityType",
    "Benti",
    "BentiItem",
    "BentiWebhook",
    "BentiWebhooks",
    "Bento",
    "BentoCommand",
    "BentoCommandName",
    "BentoEmail",
    "BentoEvent",
    "BentoSubscriber",
    "Commanded",
    "Done",
    "EndpointGroup",
    "LookedUp",
    "Outgoing",
    "OutgoingError",
    "OutgoingErrorCode",
    "RateLimit",
    "Refusal",
    "RefusalCode",
    "Secret",
    "Sent",
    "Subscribed",
    "Tracked",
]

OutgoingErrorCode: TypeAlias = Literal[
    "malformed_host",
    "insecure_host",
    "malformed_value",
    "malformed_json",
    "unknown_member",
    "repeated_member",
    "missing_member",
    "other_vendor",
    "nothing_named",
    "user_token_needed",
    "other_entity_type",
    "too_little_randomness",
]
"""Why a request or a value could not be built, as one stable word."""

RefusalCode: TypeAlias = Literal[
    "bad_request",
    "unauthorized",
    "blocked",
    "not_found",
    "already_exists",
    "rate_limited",
    "timed_out",
    "server_error",
    "redirected",
    "unexpected_answer",
    "no_answer",
]
"""Why a vendor's answer is no success, as one stable word."""

BenjiEntityType: TypeAlias = Literal["user", "campaign", "transaction"]
"""What a subscription of Benji's is about."""

BentiItem: TypeAlias = Literal["alert", "ticket", "reply", "user", "media", "classification", "queue"]
"""What a webhook of Benti's is about."""

BentoCommandName: TypeAlias = Literal[
    "add_tag",
    "add_tag_via_event",
    "remove_tag",
    "add_field",
    "remove_field",
    "subscribe",
    "unsubscribe",
    "change_email",
]
"""What a command does with a subscriber of Bento's."""

EndpointGroup: TypeAlias = Literal["batch", "fetch", "track"]
"""The endpoints whose calls Bento counts together."""


class OutgoingError(ValueError):
    """A request, a value in it, or a vendor's configuration could not be built: nothing was sent.

    The message says what to change. It holds nothing of the value.
    """

    code: OutgoingErrorCode
    """The reason as one stable word."""

    def __init__(self, code: OutgoingErrorCode, message: str) -> None:
        super().__init__(code, message)
        self.code = code

    def __str__(self) -> str:
        return self.message

    @property
    def message(self) -> str:
        """The reason with its details, in words."""
        message: str = self.args[1]
        return message


class Refusal(Exception):
    """The vendor's answer is no success, or there was none. ``Outgoing.read`` raises it.

    The message says what to do, and holds nothing of the answer's headers and body. A refusal can be pickled.

    The arguments are for tests: ``status`` is ``None`` without an answer, and ``retry_after_seconds`` what the answer
    asks for. Both are by default ``None``.
    """

    code: RefusalCode
    """The reason as one stable word."""
    status: int | None
    """The status of the answer. ``None`` without one."""
    is_final: bool
    """Whether the same request would be refused again. If not, ``retry_in_seconds`` says when to send it."""
    may_be_done: bool
    """Whether the vendor may have done what was asked all the same. To send the request again may then do it twice,
    unless it is repeatable (``Outgoing.is_repeatable``). What one attempt may have done, no later answer takes back:
    remember it across attempts."""

    def __init__(self, code: RefusalCode, status: int | None = None, retry_after_seconds: int | None = None) -> None:
        self._message, self.is_final, self.may_be_done = refusal_facts(code, status, retry_after_seconds)
        super().__init__(code, status, retry_after_seconds)
        self.code, self.status, self._retry_after_seconds = code, status, retry_after_seconds

    def __str__(self) -> str:
        return self._message

    def __repr__(self) -> str:
        return f"Refusal({self.code!r}, {self.status})"

    @staticmethod
    def no_answer() -> "Refusal":
        """There was no answer, or only a part of one: what the HTTP client raised tells more."""
        return Refusal("no_answer")

    @property
    def message(self) -> str:
        """The reason with its details, in words."""
        return self._message

    def retry_in_seconds(self, attempt: int, jitter: float) -> float | None:
        """How long to wait before the request is sent again. ``None`` if the refusal is final.

        ``attempt`` counts the attempts so far, from 1: the wait is 1 s, 2 s, 4 s, up to 300 s. ``jitter`` is a random
        number from 0 to 1, such as ``random.random()``: this part of the wait is added, so that many senders do not
        return at once. If the answer asked for a longer wait by ``Retry-After``, that is the wait, up to a day.
        """
        return refusal_wait(self.code, self.status, self._retry_after_seconds, attempt, jitter)


@final
@dataclass(frozen=True, slots=True)
class Subscribed:
    """Benji created or changed a subscription."""

    salt: Secret | None
    """The salt of its signatures, if the answer has it. ``salt.expose()`` gives the bytes to store."""


@final
@dataclass(frozen=True, slots=True)
class Done:
    """The vendor did what was asked, and its answer says no more."""


@final
@dataclass(frozen=True, slots=True)
class BentiWebhook:
    """A webhook as Benti lists it.

    The vendor documents only that a created webhook is answered with its uuid. So an id is read from the member
    ``uuid`` or ``id`` of an object, or of the object ``data`` in it, from a JSON text, and from an answer that is the
    bare uuid.
    """

    id: str
    """Its uuid."""
    item: str | None
    """Its item, such as ``ticket``, if the answer has it."""
    url: str | None = field(repr=False)
    """The URL that it calls, if the answer has it. A URL can hold a secret, so ``repr`` does not show it."""


@final
@dataclass(frozen=True, slots=True)
class BentiWebhooks:
    """The webhooks that Benti lists."""

    webhooks: list[BentiWebhook]
    """Those that have an id, in their order."""
    malformed: int
    """How many elements of the list have none."""


_ValueT = TypeVar("_ValueT", bound=BentoEvent | BentoSubscriber | BentoEmail)


@final
@dataclass(frozen=True, slots=True)
class Sent(Generic[_ValueT]):
    """Bento's answer to values that were sent: how many it accepted and refused.

    An answer counts what Bento did with this call. If an earlier attempt may be done (``Refusal.may_be_done``), the
    values that are handed back may have been accepted then.
    """

    accepted: int
    """How many values Bento says that it accepted."""
    failed: int
    """How many values Bento refused, or did not count."""
    handed_back: list[_ValueT]
    """The values that Bento refused, or may have refused: the objects that were given. Empty if all are accepted."""
    is_undecided: bool
    """Whether Bento may have accepted some of the values that are handed back, without saying which. Send them again
    only if Bento recognizes each of them (``is_repeatable`` of the value). Otherwise ask a person."""


@final
@dataclass(frozen=True, slots=True)
class Commanded:
    """Bento's answer to a command. A command that Bento counts as failed is the refusal ``bad_request``."""

    results: int
    """The number that Bento answered: how many subscribers the command changed."""


@final
@dataclass(frozen=True, slots=True)
class Tracked:
    """Bento's webhook endpoint took the events. What it answers is not documented, so any status from 200 to 299
    counts."""


# If this module is loaded again, it keeps its first classes: the native module makes those.
keep_first(globals())
