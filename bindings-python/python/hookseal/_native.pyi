# The types of the native module in Rust. The docstrings are those of its code: `tests/stub_docstrings.py` writes them.

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import GenericAlias
from typing import (
    Any,
    Final,
    Generic,
    Literal,
    Never,
    NoReturn,
    Protocol,
    SupportsIndex,
    TypeAlias,
    TypedDict,
    Unpack,
    final,
    overload,
)

from typing_extensions import TypeVar

from hookseal._errors import Rejection
from hookseal._guard import Claimed, Duplicate, Full, InProgress
from hookseal._replay import ReplayKey
from hookseal._words import Action, Coverage, Entity, IdOrigin, Kind, ReplayPolicy, SignatureEncoding, Vendor
from hookseal.outgoing import (
    BenjiEntityType,
    BentiItem,
    BentiWebhook,
    BentiWebhooks,
    BentoCommandName,
    Commanded,
    Done,
    EndpointGroup,
    RefusalCode,
    Sent,
    Subscribed,
    Tracked,
)

__all__ = [
    "ACTIONS",
    "ENTITIES",
    "KINDS",
    "MAX_ANSWER_BYTES",
    "VENDORS",
    "Assurance",
    "Benji",
    "Benti",
    "Bento",
    "BentoCommand",
    "BentoEmail",
    "BentoEvent",
    "BentoSubscriber",
    "Claim",
    "Delivery",
    "Event",
    "Events",
    "Handshake",
    "Key",
    "LookedUp",
    "Malformed",
    "Outgoing",
    "RateLimit",
    "Receiver",
    "Recorded",
    "ReplayGuard",
    "Secret",
    "Subject",
    "__version__",
    "check_guarded",
    "from_trusted_record",
    "inbox_has_name",
    "inbox_row",
    "inbox_settings",
    "inbox_statements",
    "inbox_version",
    "keep_first",
    "open_inbox_row",
    "read_replay_key",
    "receiver_source",
    "refusal_facts",
    "refusal_wait",
    "sign_benji",
    "sign_benji_body_only",
    "sign_benti",
    "sign_benti_handshake",
    "sign_bento_basic",
    "sign_bento_bearer",
    "sign_bento_header",
]

__version__: Final[str]

ACTIONS: Final[tuple[Action, ...]]
ENTITIES: Final[tuple[Entity, ...]]
KINDS: Final[tuple[Kind, ...]]
VENDORS: Final[tuple[Vendor, ...]]

_Secret: TypeAlias = str | bytes
_Keys: TypeAlias = _Secret | Key | Sequence[_Secret | Key]
_Window: TypeAlias = tuple[int, int] | Literal["off"]
_Time: TypeAlias = float | datetime

class _HasItems(Protocol):
    def items(self) -> Iterable[tuple[Any, Any]]: ...

_Headers: TypeAlias = _HasItems | Iterable[tuple[str | bytes, Any]]
_Body: TypeAlias = bytes | bytearray | memoryview
_ReceivedT_co = TypeVar("_ReceivedT_co", covariant=True, default=Delivery | Handshake)

class _Options(TypedDict, total=False):
    max_body_bytes: int | None
    max_events: int | None
    max_depth: int | None
    max_number_length: int | None
    source: str | None
    id_key: _Secret
    replay_policy: ReplayPolicy | None
    replay_retention_seconds: int | None

@final
class Receiver(Generic[_ReceivedT_co]):
    """A receiver for one endpoint: its vendor, its keys, and the requests that it accepts.

    `Receiver.benji`, `Receiver.benti` and `Receiver.bento` make receivers, which can be shared between threads. Each of
    the three takes these options beside its own. All options are keywords, and a mistake in one is a `TypeError` or a
    `ValueError` when the receiver is made:

    - `max_body_bytes`: the largest body to accept, from 1 to 2,147,483,648 bytes. By default 64 KiB (65,536) for Benji,
      1 MiB (1,048,576) for Benti, 4 MiB (4,194,304) for Bento.
    - `max_events`: the most events to accept in a delivery. By default 10,000.
    - `max_depth`: the most lists and objects that may be open at once, from 1 to 127. By default 127.
    - `max_number_length`: the most characters to accept in a number. By default 1,000.
    - `source`: the source that events name, a URI reference. By default `urn:hookseal:<vendor>`. Another source gives
      other derived ids and other replay keys, so a delivery that was handled before the change is new after it.
    - `replay_policy`: how the receiver recognizes a repeated delivery: "default", "strict" or "none". By default
      "default". `Delivery.replay_key` has the table. With "none" there is no replay key: every delivery counts as new.
    - `replay_retention_seconds`: how long to keep replay keys, from 1 to 4,294,967,295 seconds. By default the time in
      that table. A retention shorter than the window lets a replay through once the retention has ended.
    - `id_key`: an id key of your own, at least 32 random bytes (`bytes` or `str`), and no secret of the vendor. By
      default there is none. Ids and replay keys are made with HMAC-SHA256 under it. Without it they are digests of what
      was received: whoever reads one, in a log or a table, can test guesses of a Benti or Bento body against it. With
      an id key, only its holder can. Benji's ids and replay keys are then made from the signed message instead of the
      signature, so they survive a rotation of the salt. Another id key gives other ids and replay keys.
    """
    def __new__(cls, *arguments: Never, **keywords: Never) -> Receiver[_ReceivedT_co]: ...
    @staticmethod
    def benji(
        keys: _Keys,
        *,
        window: _Window | None = None,
        signature_encoding: SignatureEncoding | None = None,
        require_signed_time: bool = False,
        allow_missing_date: bool = False,
        **options: Unpack[_Options],
    ) -> Receiver[Delivery]:
        """A receiver for Benji's webhooks. `help(hookseal.Receiver)` has the options that all receivers share.

        - `keys`: the salts of the subscriptions, exactly as Benji shows them: a secret (`str` or `bytes`), a `Key`, or
          a list of at most 16 of these.
        - `window`: how old a request may be, and how far ahead of this machine's clock, in seconds and inclusive. By
          default (300, 300). "off" accepts every time. Benji sends the date of the event. A retry that comes later than
          the window is therefore refused as `stale`.
        - `signature_encoding`: accepts signatures in this encoding only, "hex", "base64" or "base64url". By default all
          three are accepted.
        - `require_signed_time`: refuses every request without `x-benji-timestamp`, also a genuine one, with
          `missing_timestamp`: its signature covers the body alone. Nobody can then replay a request with another date.
          Set it once `delivery.assurance.time` is `signed` for every delivery of all salts. By default False.
        - `allow_missing_date`: accepts a request without a date. By default False. Its age is then unknown: anybody who
          has read a request once can replay it without a date for ever. Set `replay_policy` to "strict". It contradicts
          `require_signed_time`.
        """
    @staticmethod
    def benti(
        keys: _Keys,
        *,
        window: _Window | None = None,
        utc_offset_minutes: int | None = None,
        allow_unsigned_handshake: bool = False,
        **options: Unpack[_Options],
    ) -> Receiver[Delivery | Handshake]:
        """A receiver for Benti's webhooks. `help(hookseal.Receiver)` has the options that all receivers share.

        - `keys`: the secrets that were given to Inbenta: a secret (`str` or `bytes`), a `Key`, or a list of at most 16
          of these.
        - `window`: how old the newest event of a delivery may be, and how far ahead of this machine's clock, in seconds
          and inclusive. By default "off": whoever can send a request can also write its times.
        - `utc_offset_minutes`: the offset of times without a zone, in minutes east of UTC, from -1,439 to 1,439. By
          default 0.
        - `allow_unsigned_handshake`: answers a handshake without the secret. By default False. Set it only while a
          webhook of an instance is being created. A wrong secret is still refused.
        """
    @staticmethod
    @overload
    def bento(
        *,
        basic: tuple[str, _Keys],
        bearer: None = None,
        header: None = None,
        require_event_or_email: bool = False,
        **options: Unpack[_Options],
    ) -> Receiver[Delivery]:
        """A receiver for Bento's requests. Give exactly one kind of credentials. Keys are a secret (`str` or `bytes`), a
        `Key`, or a list of at most 16 of these. `help(hookseal.Receiver)` has the options that all receivers share.

        - `basic`: a tuple of the user and the keys, for `Authorization: Basic`. By default None.
        - `bearer`: the keys, for `Authorization: Bearer`. By default None.
        - `header`: a tuple of a header's name and the keys, which are the header's whole value. By default None.
        - `require_event_or_email`: refuses a workflow webhook that has neither a text `event` nor a text `email`, with
          `malformed_payload`. By default False: every JSON object is accepted, also `{}`, as a `workflow.other`: a
          workflow's operator chooses the form of its webhook, and form services post objects of their own.
        """
    @staticmethod
    @overload
    def bento(
        *,
        basic: None = None,
        bearer: _Keys,
        header: None = None,
        require_event_or_email: bool = False,
        **options: Unpack[_Options],
    ) -> Receiver[Delivery]:
        """A receiver for Bento's requests. Give exactly one kind of credentials. Keys are a secret (`str` or `bytes`), a
        `Key`, or a list of at most 16 of these. `help(hookseal.Receiver)` has the options that all receivers share.

        - `basic`: a tuple of the user and the keys, for `Authorization: Basic`. By default None.
        - `bearer`: the keys, for `Authorization: Bearer`. By default None.
        - `header`: a tuple of a header's name and the keys, which are the header's whole value. By default None.
        - `require_event_or_email`: refuses a workflow webhook that has neither a text `event` nor a text `email`, with
          `malformed_payload`. By default False: every JSON object is accepted, also `{}`, as a `workflow.other`: a
          workflow's operator chooses the form of its webhook, and form services post objects of their own.
        """
    @staticmethod
    @overload
    def bento(
        *,
        basic: None = None,
        bearer: None = None,
        header: tuple[str, _Keys],
        require_event_or_email: bool = False,
        **options: Unpack[_Options],
    ) -> Receiver[Delivery]:
        """A receiver for Bento's requests. Give exactly one kind of credentials. Keys are a secret (`str` or `bytes`), a
        `Key`, or a list of at most 16 of these. `help(hookseal.Receiver)` has the options that all receivers share.

        - `basic`: a tuple of the user and the keys, for `Authorization: Basic`. By default None.
        - `bearer`: the keys, for `Authorization: Bearer`. By default None.
        - `header`: a tuple of a header's name and the keys, which are the header's whole value. By default None.
        - `require_event_or_email`: refuses a workflow webhook that has neither a text `event` nor a text `email`, with
          `malformed_payload`. By default False: every JSON object is accepted, also `{}`, as a `workflow.other`: a
          workflow's operator chooses the form of its webhook, and form services post objects of their own.
        """
    def receive(
        self, headers: _Headers, body: _Body, *, method: str = "POST", now: _Time | None = None
    ) -> _ReceivedT_co:
        """Checks a request and reads it. Returns a `Delivery`, or for the `GET` of Benti a `Handshake` to answer with.

        - `headers`: a mapping, or an iterable of pairs.
        - `body`: the raw bytes, as they were received.
        - `method`: the HTTP method. By default "POST".
        - `now`: the time to check at, in seconds since 1970 or as an aware datetime. By default (`None`) the time now,
          by `time.time`, which a test may replace.

        Raises a `Rejection` if the request is refused. Answer with its `status` and `headers`:

        | raised | status | because |
        |---|---|---|
        | `MethodNotAllowed` | 405 | the method is neither `POST` nor, for Benti, `GET` |
        | `UnsupportedContentEncoding` | 415 | the body is compressed, which no vendor does |
        | `PayloadTooLarge` | 413 | the body is larger than `max_body_bytes` |
        | `RepeatedHeader` | 400 | a header that the receiver reads occurs more than once |
        | `MissingSignature` | 401 | the signature or the credentials are absent |
        | `MalformedSignature` | 401 | the signature or the credentials have a form that no genuine sender produces |
        | `SignatureMismatch` | 401 | no valid key made the signature, or no valid secret equals the credentials |
        | `MissingTimestamp` | 400 | there is no time, or no signed one, and the receiver requires it |
        | `MalformedTimestamp` | 400 | the time cannot be read |
        | `Stale` | 400 | the request is older than the window |
        | `FromTheFuture` | 400 | the time is further ahead than the window |
        | `MalformedPayload` | 400 | the body is not strict JSON of the vendor's shape |
        | `TooManyEvents` | 413 | the body holds more events than `max_events` |
        | `MissingChallenge` | 400 | a handshake without its challenge |
        | `MalformedChallenge` | 400 | a handshake whose challenge is empty, too long, or not visible ASCII |

        Anything else is a mistake in the program: a `TypeError` for a body that is no bytes, for headers or a method of
        another type (`None` too), and a `ValueError` for a `now` without a zone or in milliseconds. A bug in hookseal
        is an
        `InternalError`.
        """
    def try_receive(
        self, headers: _Headers, body: _Body, *, method: str = "POST", now: _Time | None = None
    ) -> _ReceivedT_co | Rejection:
        """As `receive`, but returns the `Rejection` if the request is refused. What `receive` raises beside a `Rejection`,
        this raises too.
        """
    def check_head(self, headers: _Headers, *, method: str = "POST") -> None:
        """Raises the `Rejection` that method and headers alone give, before the body is read, such as `MethodNotAllowed`
        or `MissingSignature`, and `PayloadTooLarge` for the length that the headers announce.

        `headers` and `method` (by default "POST") are those of `receive`, which checks them again, so a program may
        leave this step out.
        """
    def expiring(self, now: _Time | None, within: int) -> list[str]:
        """The ids of the keys that have ended, or end in at most `within` seconds after `now`, in the order of the ring. A
        key without `not_after` never ends.

        Ask it once a day, say, and log what it names: when the last valid key has ended, every request is refused.
        `now` is a number of seconds since 1970 or an aware datetime; `None` means now. `within` is a whole number of
        seconds, from 0.
        """
    @property
    def vendor(self) -> Vendor:
        """The vendor whose webhooks it receives: `benji`, `benti` or `bento`."""
    @property
    def body_limit(self) -> int:
        """The largest accepted body in bytes. There is no use in reading more than this from the network."""
    def __reduce__(self) -> NoReturn: ...
    @classmethod
    def __class_getitem__(cls, key: Any) -> GenericAlias: ...

@final
class Key:
    """A secret with an id and a period of validity, for a ring of several keys.

    - `secret`: a `str`, which is encoded as UTF-8, or `bytes`. It is used exactly as it is, never trimmed or decoded,
      and cannot be read again.
    - `id`: the name that `delivery.key_id` gives. By default the position in the ring, from "0".
    - `not_before`: the first time at which the key is valid, in seconds since 1970 or as an aware datetime, inclusive.
      By default the key has always been valid.
    - `not_after`: the last time at which the key is valid, also inclusive. By default the key stays valid.
    - `exact`: takes a secret that really starts or ends with white space or a line break, starts with a byte order
      mark, or is enclosed in quotes. By default False: such a secret is a `ValueError`, because it comes from the way
      in which it was copied or read.
    """
    def __new__(
        cls,
        secret: _Secret,
        *,
        id: str | None = None,
        not_before: _Time | None = None,
        not_after: _Time | None = None,
        exact: bool = False,
    ) -> Key: ...
    @property
    def id(self) -> str | None:
        """The id, if one was given. Otherwise the key's id is its position in the ring."""
    @property
    def not_before(self) -> datetime | None:
        """The first millisecond in which the key is valid."""
    @property
    def not_after(self) -> datetime | None:
        """The last millisecond in which the key is valid."""
    def __reduce__(self) -> NoReturn: ...

@final
class Delivery(Sequence[Event]):
    """The events of an authenticated request: a `collections.abc.Sequence` of the events that could be read, in order.

    Only a receiver makes one. A slice is a tuple of events, which are views: nothing of the body is copied. `index`,
    `count` and `in` compare events by `source` and `id`. A delivery equals itself only: compare `replay_key()` to
    recognize a repetition.
    """
    @property
    def vendor(self) -> Vendor:
        """The vendor that sent it: `benji`, `benti` or `bento`."""
    @property
    def key_id(self) -> str:
        """The id of the key that matched: as configured, or its position in the ring."""
    @property
    def assurance(self) -> Assurance:
        """The parts that the vendor's signature covers."""
    @property
    def time(self) -> datetime | None:
        """The time of the delivery: Benji's date, the newest time of Benti's events, or `None` for Bento."""
    @property
    def malformed(self) -> tuple[Malformed, ...]:
        """The elements that could not be read, in order."""
    @property
    def body(self) -> bytes:
        """The body as it was received."""
    @property
    def received_at(self) -> datetime:
        """The time at which it was received, an aware `datetime` in UTC: the `now` of the check."""
    @property
    def is_recorded(self) -> Literal[False]:
        """`False`; `True` for a `Recorded`, which was read from a record and not checked by a receiver."""
    def replay_key(self) -> ReplayKey | None:
        """The key by which a guard recognizes a repetition of this delivery, as a `ReplayKey`. `None` if the receiver's
        policy is `none`. A key that is stored before the handler has succeeded loses the event if the handler fails:
        claim it first, and confirm it afterwards.

        The receiver's `replay_policy` says what the key is made of and how long to keep it, in `retention_seconds`:

        | | `default` | kept | `strict` | kept |
        |---|---|---|---|---|
        | Benji, time signed | signature | past + future + 1 s (601 s by default); 24 h with the window off | signature | as with `default` |
        | Benji, body alone signed | signature and date in whole seconds | past + future + 1 s (601 s by default); 24 h without a date or with the window off | signature | without end |
        | Benti | body | 24 h | body | 24 h |
        | Bento | body | 300 s | body | 24 h |

        The time runs from the first acceptance, in a guard from the confirmation, and a repetition does not extend it.
        Once it has ended, an equal key is new.

        Where Benji signs the body alone, whoever captured a request can replay it with other dates inside the window.
        With `default`, each second of the date gives another key: 601 at one time with the default window. `strict`
        recognizes each of these replays as long as the key is kept, but takes two genuine updates with the same body
        for one. The keys of Benti and Bento stop nobody who knows the secret: one other byte in the body makes another
        key.
        """
    def to_cloudevents(self) -> str:
        """The events as a batch of CloudEvents 1.0, a JSON array as text. Numbers stay as they were sent. Send it with the
        content type `application/cloudevents-batch+json`.
        """
    def to_record(self) -> str:
        """The delivery as one line of JSON, to store it, or to hand it to another process in any language, which opens it
        with `from_trusted_record`.

        A record has the whole body, and no secret and no signature: nobody can make a request of it. It is not signed
        either. Whoever can write where records are kept can write any record.
        """
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Event: ...
    @overload
    def __getitem__(self, index: slice, /) -> tuple[Event, ...]: ...
    def __iter__(self) -> Iterator[Event]: ...
    def __reversed__(self) -> Iterator[Event]: ...
    def __contains__(self, value: object, /) -> bool: ...
    def index(self, value: Any, start: SupportsIndex = 0, stop: SupportsIndex | None = None) -> int:
        """The index of the first event, from `start` to before `stop`, that equals `value`. Raises `ValueError` if none
        does.
        """
    def count(self, value: Any) -> int:
        """How many events equal `value`."""
    def __reduce__(self) -> NoReturn: ...

@final
class Recorded(Sequence[Event]):
    """A delivery that was read from a record: a `collections.abc.Sequence` of the events that could be read, in order. It
    is a sequence as `Delivery` is, with slices and `index`.

    `from_trusted_record` alone makes one. It has what the delivery had that was recorded. It is a class of its own,
    because it is as trustworthy as the place where the record was kept: only a receiver can prove where a request comes
    from.
    """
    @property
    def vendor(self) -> Vendor:
        """Whose webhook it is: `benji`, `benti` or `bento`."""
    @property
    def source(self) -> str:
        """The source that its events name."""
    @property
    def key_id(self) -> str:
        """The id of the key that matched when it was received."""
    @property
    def assurance(self) -> Assurance:
        """What the vendor's signature covered when it was received."""
    @property
    def time(self) -> datetime | None:
        """As `Delivery.time`."""
    @property
    def malformed(self) -> tuple[Malformed, ...]:
        """The elements that could not be read, in their order."""
    @property
    def body(self) -> bytes:
        """The body as it was received. Each access makes `bytes` of its own."""
    @property
    def received_at(self) -> datetime:
        """The time at which it was received, an aware `datetime` in UTC."""
    @property
    def is_recorded(self) -> Literal[True]:
        """`True`; `False` for a `Delivery`, which a receiver checked."""
    def replay_key(self) -> ReplayKey | None:
        """As `Delivery.replay_key`."""
    def to_cloudevents(self) -> str:
        """As `Delivery.to_cloudevents`."""
    def to_record(self) -> str:
        """The record again, to hand it on."""
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Event: ...
    @overload
    def __getitem__(self, index: slice, /) -> tuple[Event, ...]: ...
    def __iter__(self) -> Iterator[Event]: ...
    def __reversed__(self) -> Iterator[Event]: ...
    def __contains__(self, value: object, /) -> bool: ...
    def index(self, value: Any, start: SupportsIndex = 0, stop: SupportsIndex | None = None) -> int:
        """The index of the first event, from `start` to before `stop`, that equals `value`. Raises `ValueError` if none
        does.
        """
    def count(self, value: Any) -> int:
        """How many events equal `value`."""
    def __reduce__(self) -> NoReturn: ...

@final
class Events:
    """The events of a delivery, in order or in reversed order."""
    def __iter__(self) -> Events: ...
    def __next__(self) -> Event: ...
    def __length_hint__(self) -> int: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Event:
    """One thing that happened at the vendor, in the form that all vendors share.

    An event is a view of the authenticated body: it keeps the caller's `bytes`, and reads each field when it is asked
    for it. Events compare and hash by `source` and `id`.
    """
    @property
    def id(self) -> str:
        """An id that is the same in an identical redelivery. `id_origin` tells who made it.

        | | id |
        |---|---|
        | Benji | a digest of signature and time |
        | Benti, an instance's event that has an `id` | that id |
        | Bento, a tracked event with `details.unique.key` | a digest of type, key and e-mail |
        | any other | a digest of the event's own bytes, and of its shape if the bytes do not show it |

        In an id from Benti, `%`, `#` and invisible characters are percent-encoded. In a delivery of several elements,
        `#` and the event's `index` follow the id, except for a Bento event with `details.unique.key`. A digest covers
        the source too, so a receiver with another `source` gives other ids.

        Only Benji's newer scheme proves an id. In the older scheme the date is not signed, and other dates give other
        ids, whatever the `replay_policy`. Recognize repetitions by `replay_key()`. Whoever can send to a Benti or Bento
        receiver chooses its ids.
        """
    @property
    def id_origin(self) -> IdOrigin:
        """Whether the id is the vendor's (`vendor`) or was derived (`derived`)."""
    @property
    def index(self) -> int:
        """The event's position in its delivery, from 0. Malformed elements count too, so `delivery[event.index]` can be
        another event.
        """
    @property
    def vendor(self) -> Vendor:
        """The vendor that sent it: `benji`, `benti` or `bento`."""
    @property
    def source(self) -> str:
        """The source that the receiver gives its events: `urn:hookseal:<vendor>`, unless configured."""
    @property
    def kind(self) -> Kind:
        """The kind, such as `ticket.answered`."""
    @property
    def entity(self) -> Entity:
        """The thing that the event is about: the first half of its kind, such as `ticket`."""
    @property
    def action(self) -> Action:
        """What happened: the second half of its kind, such as `answered`."""
    @property
    def name(self) -> str:
        """The vendor's own name for the event, such as `transaction_created` or `ticket.add`."""
    @property
    def subject(self) -> Subject:
        """Whom or what it happened to."""
    @property
    def actor(self) -> Subject | None:
        """The user who did it. Only Benti sends it."""
    @property
    def parent(self) -> Subject | None:
        """The ticket that the subject is part of. Only Benti sends it."""
    @property
    def time(self) -> datetime | None:
        """When it happened, if the vendor says so; for Benji the delivery's date. It is an aware `datetime` in UTC.
        `assurance.time` tells whether it is signed.
        """
    @property
    def assurance(self) -> Assurance:
        """The parts that the vendor's signature covers. They are the same for every event of a delivery."""
    @property
    def time_zone_assumed(self) -> bool:
        """Whether the time came without a zone. It was then read as UTC, or for Benti at the receiver's configured offset."""
    @property
    def data(self) -> Any:
        """The event's payload parsed. Each access parses it again and gives new objects, so that nobody can change an
        event. Keep the result if you read it more than once.

        A number with a fraction or an exponent is a `float` if the float, printed, denotes the same value. Otherwise it is
        a `decimal.Decimal`: `1.50` is `1.5`, but `9007199254740993.0` and `1e400` no float can hold. A number whose
        exponent no `Decimal` can hold is its text, as a `str`. `to_dict(exact_numbers=True)["data"]` has no floats.

        Integers are exact. A receiver accepts an integer of more than 4,300 digits only if `max_number_length` is
        raised. It is then a `ValueError` unless `sys.set_int_max_str_digits` allows as many digits; `raw` has them all.
        The time for such an integer grows faster than its digits: a million take half a second.
        """
    @property
    def raw(self) -> bytes:
        """The exact bytes of this event in the body."""
    def replay_key(self) -> ReplayKey | None:
        """The key by which a guard recognizes a repetition of this event, for handlers that work event by event, as a
        `ReplayKey`. `None` if the receiver's policy is `none`. Keep it as long as the delivery's key.
        """
    def to_json(self) -> str:
        """The event as one line of JSON, to store it or to send it on: everything that the attributes of an event give,
        under their names. What is absent is `null`, and times are RFC 3339 in UTC. `data` is the event as it was
        received, without white space between its tokens, so every number is there as it was sent.

        It is the same in Rust and Node, byte for byte. `core/schemas/event.schema.json` in the repository describes it.
        """
    def to_dict(self, *, exact_numbers: bool = False) -> dict[str, Any]:
        """The object of `to_json()` as a new dict. Times are texts, and `data` is as in `event.data`.

        With `exact_numbers=True` (by default False) each number in `data` with a fraction or an exponent is a
        `decimal.Decimal`, so `1.50` keeps its zero. `json.dumps` writes no `Decimal`: use `to_json()` to store an
        event. Do not convert a `Decimal` with a large exponent to an `int`, which could fill the memory.
        """
    def to_cloudevent(self) -> str:
        """The event as a CloudEvent 1.0 in one line of JSON. Numbers stay as they were sent. Send it with the content type
        `application/cloudevents+json`.

        `type` is the vendor's reversed domain and its name for the event, such as `com.withbenji.transaction_created`.
        The extensions `hooksealkind` and `batchindex` have kind and index. `subject` is absent if it is an e-mail
        address, as most are for Bento, because context attributes are logged.
        """
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Subject:
    """Whom or what an event is about: `entity`, such as `ticket`, and `id`, the vendor's text or `None`.

    `str()` gives `entity/id`, or the entity if there is no id.
    """
    @property
    def entity(self) -> Entity:
        """The kind of thing."""
    @property
    def id(self) -> str | None:
        """The vendor's id for it, exactly as written; an integer is given as its digits. `None` if there is no id."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Assurance:
    """The parts that the vendor's signature covers: `body`, `time` and `name` are each `signed`, `unsigned` or `absent`."""
    @property
    def body(self) -> Coverage:
        """Whether the body is signed."""
    @property
    def time(self) -> Coverage:
        """Whether the time is signed. It is `signed` if the request has Benji's `x-benji-timestamp`."""
    @property
    def name(self) -> Coverage:
        """Whether the vendor's own name for each event, and so its kind, is signed."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Malformed:
    """An element of a delivery that could not be read. The others are not affected."""
    @property
    def index(self) -> int:
        """The element's position in its delivery, from 0."""
    @property
    def path(self) -> str:
        """The field at fault as a JSON Pointer, such as `/events/3/email`. For numbered objects it has the object's
        position, not its number.
        """
    @property
    def message(self) -> str:
        """The problem, for the log. It holds no text of the body."""
    def __reduce__(self) -> NoReturn: ...

@final
class Handshake:
    """The answer to the `GET` with which Benti checks a new webhook. Send it as it is."""
    @property
    def status(self) -> int:
        """The HTTP status to answer with."""
    @property
    def headers(self) -> dict[str, str]:
        """The headers to answer with, names in lower case."""
    @property
    def body(self) -> str:
        """The body to answer with, visible ASCII."""
    def __reduce__(self) -> NoReturn: ...

@final
class ReplayGuard:
    """Remembers which deliveries are being handled, and which have been handled, in the memory of one process.

    A handler first claims the delivery's key. When it has succeeded it confirms the claim; when it has failed it releases
    it, so that a repetition is handled. Only a confirmed key is a duplicate. A claim that is neither confirmed nor
    released, because the process hangs or is slow, ends after the lease.

        match guard.claim(key):
            case Claimed(claim):
                try:
                    handle(delivery)
                except BaseException:
                    guard.release(claim)
                    raise
                guard.confirm(claim)
            case Duplicate():
                pass                                        # It has been handled: answer as if it were now.
            case InProgress() | Full():
                return 503                                  # The sender has to try again.

    Threads can share a guard. It has none itself, and never forgets a key before its lease or retention ends: when no
    place is left it says `Full`. Claims, confirmations and releases take constant time, whatever the number of keys.
    `hookseal.redis` has a guard that processes share.

    A guard holds at most `capacity` keys at a time, from 1 to 16,777,215. It takes the memory for them at once, 40 bytes
    for each. A rule for the capacity: deliveries a second, times the retention in seconds. At 100 a second, a retention
    of 601 s needs 60,100 keys, one of 24 h 8,640,000.

    `lease_seconds`, from 1 to 4,294,967,295, is how long a claim lasts: longer than the slowest handler takes. By
    default 30. `seed` is 16 random bytes, by default (`None`) the system's. Nobody who sends may know them: with them a
    sender could choose bodies whose keys make the guard slow.
    """
    def __new__(cls, capacity: int, lease_seconds: int = 30, seed: bytes | None = None) -> ReplayGuard: ...
    def claim(
        self, key: ReplayKey | None, now: _Time | None = None
    ) -> Claimed[Claim] | InProgress | Duplicate | Full:
        """Claims a key, which `delivery.replay_key()` or `event.replay_key()` gave. Of several callers with equal keys, one
        gets `Claimed`. `None`, which the policy `none` gives, is a `TypeError`.

        `now` is a number of seconds since 1970 or an aware datetime. By default (`None`) it is the wall clock.
        """
    def confirm(self, claim: Claim, now: _Time | None = None) -> bool:
        """Says that the delivery has been handled: until the key's retention ends, counted from `now` (by default the wall
        clock), a claim of it gives `Duplicate`.

        `False` if the lease had ended and the key is no longer this claim's: another caller has claimed it, and handles,
        or has handled, the delivery too; or its place went to another key and no place is left. A second call changes
        nothing and answers as the first one did, or `False` after `release`.
        """
    def release(self, claim: Claim) -> bool:
        """Gives a claim back, because the handler failed: the next claim of the key gets it.

        `False` if the lease had ended and the key is no longer this claim's. A second call changes nothing and answers as
        the first one did, or `False` after `confirm`.
        """
    @property
    def held(self) -> int:
        """How many keys the guard holds. Keys that have ended count until another key needs their place."""
    @property
    def capacity(self) -> int:
        """The most keys that it holds."""
    def __reduce__(self) -> NoReturn: ...

@final
class Claim:
    """The right to handle a delivery. `ReplayGuard.claim` gives it to one caller at a time."""
    @property
    def key(self) -> ReplayKey:
        """The key that was claimed."""
    def __reduce__(self) -> NoReturn: ...

def check_guarded(receiver: Receiver[Any]) -> None:
    """Refuses a receiver whose deliveries a guard cannot recognize."""

def from_trusted_record(record: str | bytes) -> Recorded:
    """Opens a record that `Delivery.to_record` made, in any language: `str`, or its UTF-8 as `bytes`. Call it only for
    records from a place where nobody else can write: a record is not signed, and everything that it says is believed.

    The body is read again, with the limits of the receiver that recorded it. Raises `RecordError`. A record that was cut
    or edited gives no event.
    """

def inbox_has_name(name: str) -> bool:
    """Whether an inbox can have this name."""

def inbox_row(delivery: Delivery | Recorded) -> tuple[str, bytes]:
    """The record of a delivery without its body, and the body."""

def inbox_settings() -> tuple[tuple[str, int, int, int], ...]:
    """For each setting its name, default, least and greatest value."""

def inbox_statements(database: str) -> dict[str, str]:
    """The statements for `postgresql` or `sqlite`, by their names."""

def inbox_version() -> int:
    """The version of the table that the statements are for."""

def open_inbox_row(record: str | bytes, body: bytes) -> Recorded:
    """Opens a row of an inbox. Raises `RecordError`."""

def read_replay_key(key: ReplayKey | None) -> tuple[str, int | None]:
    """The text of a key and how long it counts, for the guards that are written in Python."""

def receiver_source(receiver: Receiver[Any]) -> str:
    """The source that the receiver's events name."""

def keep_first(globals: dict[str, Any]) -> None:
    """Gives a module that runs a second time, because it is reloaded or imported again, the classes of its first run. All
    importers, earlier and later ones, then see the same classes.
    """

def sign_benji(
    salt: _Secret, body: bytes, time: _Time | None = None, encoding: SignatureEncoding = "hex"
) -> dict[str, str]: ...
def sign_benji_body_only(
    salt: _Secret, body: bytes, time: _Time | None = None, encoding: SignatureEncoding = "hex"
) -> dict[str, str]: ...
def sign_benti(given: _Secret) -> dict[str, str]: ...
def sign_benti_handshake(given: _Secret, challenge: str) -> dict[str, str]: ...
def sign_bento_basic(user: str, given: _Secret) -> dict[str, str]: ...
def sign_bento_bearer(given: _Secret) -> dict[str, str]: ...
def sign_bento_header(name: str, given: _Secret) -> dict[str, str]: ...

MAX_ANSWER_BYTES: Final[int]

_AnySecret: TypeAlias = str | bytes | Secret
_Scalar: TypeAlias = str | float | Decimal | None
_AnswerT_co = TypeVar("_AnswerT_co", covariant=True)

@final
class Secret:
    """A secret that hookseal made, or read from an answer. Each argument of `hookseal.outgoing` that is a secret takes it,
    beside `str` and `bytes`.

    `repr` and `str` show nothing of it. It equals nothing but itself, and cannot be pickled.
    """
    def expose(self) -> bytes:
        """The bytes, to store them, or to build a receiver with them."""
    def __reduce__(self) -> NoReturn: ...

@final
class Outgoing(Generic[_AnswerT_co]):
    """A request to a vendor: hand its parts to any HTTP client, then hand the answer to `read`.

    The client must send exactly these bytes, must follow no redirect, because the credentials would go along, and
    should give up after some time. Let it read no more than `MAX_ANSWER_BYTES` and one byte. If there is no answer, or
    only a part of one, the result is `Refusal.no_answer()`.

    Headers and body may hold secrets. `repr` shows method, URL and the length of the body. It cannot be pickled.
    """
    @property
    def method(self) -> str:
        """The method in capital letters."""
    @property
    def url(self) -> str:
        """The absolute URL. It holds no secret."""
    @property
    def headers(self) -> dict[str, str]:
        """A new `dict` of names in lower case and values, without `host` and `content-length`, which a client adds."""
    @property
    def body(self) -> bytes:
        """The body: JSON, or empty."""
    @property
    def values(self) -> list[BentoEvent | BentoSubscriber | BentoEmail]:
        """A new list of the events, subscribers or e-mails that it sends, as they were given. Empty for other requests."""
    @property
    def is_repeatable(self) -> bool:
        """Whether sending the request a second time does no more than sending it once: the vendor recognizes the repetition,
        or nothing changes. If not, do not send it again after a refusal that may be done, unless a person has looked.

        | request | repeatable |
        |---|---|
        | reads, lists, updates and deletions | yes |
        | Benji's `subscribe` | yes: the repetition is refused as `already_exists`, without the salt |
        | Benti's `create` | no: look with `list` |
        | Bento's events | if each has `details["unique"]["key"]` |
        | Bento's subscribers | yes: the address is recognized |
        | Bento's e-mails | no: each would be sent again |
        | Bento's commands | yes, but for `add_tag_via_event` and `change_email` |
        """
    @property
    def group(self) -> EndpointGroup | None:
        """Which calls Bento counts it with: `batch`, `fetch` or `track`, for `RateLimit.take`. `None` for a request to
        another vendor.
        """
    def read(self, status: int, headers: _Headers, body: _Body) -> _AnswerT_co:
        """Reads the answer. `headers` are a mapping or pairs, as for `Receiver.receive`; `body` is `bytes`, `bytearray` or
        `memoryview`.

        It raises a `Refusal` if the status is not 200 to 299, if the body is larger than `MAX_ANSWER_BYTES`, or if the
        body of a success has another form than the vendor's.
        """
    def __reduce__(self) -> NoReturn: ...
    @classmethod
    def __class_getitem__(cls, key: Any) -> GenericAlias: ...

@final
class LookedUp:
    """What a webhook of Benji names, as Benji gives it. `repr` shows its length only."""
    @property
    def data(self) -> Any:
        """The object, parsed as `event.data` is: numbers are exact. Each access parses it again and gives new objects. A
        `ValueError` if the answer has more than 127 lists and objects in each other, or a number of more than 1,000
        characters: `to_json()` has them.
        """
    def to_json(self) -> str:
        """One JSON object, as it came."""
    def __reduce__(self) -> NoReturn: ...

@final
class Benji:
    """Requests to Benji's API: create, change and delete a subscription, and read what a webhook names.

    `partner_key` is a secret, sent as `x-api-key`. The four hosts are the base addresses of Benji's services. The
    vendor's pages name staging hosts only, so none has a default. Each is an absolute URL, which may have a path. It
    must be `https`, except for loopback. With `bearer=True` (by default False) keys are sent as bearer tokens in
    `Authorization`, as older copies of Benji's pages have it.

    What cannot be sent is an `OutgoingError`.
    """
    def __new__(
        cls,
        partner_key: _AnySecret,
        *,
        notifications_host: str,
        users_host: str,
        campaigns_host: str,
        transactions_host: str,
        bearer: bool = False,
    ) -> Benji: ...
    def subscribe(
        self, endpoint: str, *, entity_type: BenjiEntityType | None = None, event: str | None = None
    ) -> Outgoing[Subscribed]:
        """Creates a subscription: `POST /webhooks/subscribe`. The answer is `Subscribed`.

        `endpoint` is an `https` URL. `entity_type` is `user`, `campaign` or `transaction`, and `event` a name of
        Benji's such as `transaction_created`, which must belong to it. By default both are `None`: it is then for all
        events of the entity type, or for everything.

        Benji's page promises the salt in the answer, and the page's sample has none: the dashboard shows it. Codes of
        refusals that the page names: `already_exists`, `unauthorized`, and `bad_request`.
        """
    def update(
        self, endpoint: str, *, entity_type: BenjiEntityType | None = None, event: str | None = None
    ) -> Outgoing[Subscribed]:
        """Changes the endpoint of a subscription: `PUT /webhooks/subscribe`. The arguments are those of `subscribe`, with
        `entity_type` and `event` `None` by default. The refusal `not_found` means that there is no such subscription.
        """
    def unsubscribe(self, *, entity_type: BenjiEntityType | None = None, event: str | None = None) -> Outgoing[Done]:
        """Deletes a subscription: `PUT /webhooks/subscribe` with an empty endpoint. `entity_type` and `event` are those of
        `subscribe`, by default `None`. The answer is `Done`.
        """
    def follow_up(self, event: Event, *, user_token: _AnySecret | None = None) -> Outgoing[LookedUp]:
        """Reads what a webhook names: `GET /users/{id}`, `/campaigns/{id}` or `/transactions/{id}` on the host of that
        entity. `event` is an `Event` of Benji's. The answer is `LookedUp`.

        A user is read with the user's own access token, a secret in `user_token` (by default `None`), the rest with the
        partner's key: `key_for` tells beforehand. A token that is not needed is not sent.
        """
    @staticmethod
    def key_for(event: Event) -> Literal["partner", "user"]:
        """Whose key `follow_up` needs for this event: `partner` or `user`."""
    def __reduce__(self) -> NoReturn: ...

@final
class Benti:
    """Requests for the webhooks of Benti's API: create, list, change and delete.

    `base` is the base address, `api_key` is sent as `x-inbenta-key` and `token` as `Authorization: Bearer`. The token
    comes from `POST /v1/auth` on the vendor's authorization host, and the base address from `GET /v1/apis` there. Both
    expire: the refusal `unauthorized` means that a new token is due. `base` must be `https`, except for loopback.

    Benti's verification `GET` arrives while the `POST` that creates a webhook still waits for its answer. So make the
    secret first, with `new_secret`, and let the receiver run with it before the request is sent.

    What cannot be sent is an `OutgoingError`.
    """
    def __new__(cls, base: str, *, api_key: _AnySecret, token: _AnySecret) -> Benti: ...
    @staticmethod
    def new_secret(randomness: bytes) -> Secret:
        """A secret for a new webhook, from at least 32 bytes of randomness such as `os.urandom(32)`. It is base64url
        without padding.
        """
    def create(self, item: BentiItem, url: str, secret: _AnySecret) -> Outgoing[BentiWebhook]:
        """Creates a webhook: `POST /v1/webhooks`. Its events are those of one `item`: `alert`, `ticket`, `reply`, `user`,
        `media`, `classification` or `queue`. `url` is an `https` URL. The answer is a `BentiWebhook`.
        """
    def list(self) -> Outgoing[BentiWebhooks]:
        """Lists the webhooks: `GET /v1/webhooks`. The answer is `BentiWebhooks`."""
    def update(self, id: str, item: BentiItem, url: str, secret: _AnySecret) -> Outgoing[Done]:
        """Changes a webhook: `PUT /v1/webhooks/{id}`. While the secret changes, let the receiver's ring hold both. The
        answer is `Done`.
        """
    def delete(self, id: str) -> Outgoing[Done]:
        """Deletes a webhook: `DELETE /v1/webhooks/{id}`. The answer is `Done`."""
    def __reduce__(self) -> NoReturn: ...

@final
class Bento:
    """Requests to Bento's API and to its webhook endpoint, for one site.

    `publishable_key`, `secret_key` and `site_uuid` are those that Bento shows under its API keys. `api_host` and
    `track_host` are base addresses, by default (`None`) Bento's own; they must be `https`, except for loopback.
    `user_agent` is by default (`None`) `hookseal/<version>`. With `site_uuid_in_query=True` (by default False) the site
    is sent in the query, as Bento's page and its clients for Python and Ruby have it, and not in the body, as its
    clients for Node and PHP have it.

    Each method takes any number of values and gives as many requests as Bento's limits need: 1,000 events, 1,000
    subscribers or 60 e-mails each. No values give no request. What cannot be sent is an `OutgoingError`.
    """
    def __new__(
        cls,
        publishable_key: str,
        secret_key: _AnySecret,
        site_uuid: str,
        *,
        api_host: str | None = None,
        track_host: str | None = None,
        user_agent: str | None = None,
        site_uuid_in_query: bool = False,
    ) -> Bento: ...
    def events(self, events: Iterable[BentoEvent]) -> list[Outgoing[Sent[BentoEvent]]]:
        """Requests that track these events, an iterable of `BentoEvent`: at most 1,000 in each. The answer is `Sent`."""
    def subscribers(self, subscribers: Iterable[BentoSubscriber]) -> list[Outgoing[Sent[BentoSubscriber]]]:
        """Requests that import or update these subscribers, an iterable of `BentoSubscriber`: at most 1,000 in each. They
        start no automations. Bento recognizes a subscriber by the address. The answer is `Sent`.
        """
    def emails(self, emails: Iterable[BentoEmail]) -> list[Outgoing[Sent[BentoEmail]]]:
        """Requests that send these e-mails, an iterable of `BentoEmail`: at most 60 in each. The answer is `Sent`."""
    def command(self, command: BentoCommand) -> Outgoing[Commanded]:
        """A request that runs a `BentoCommand` on one subscriber. The answer is `Commanded`."""
    def webhook(self, source: str, events: Iterable[BentoEvent]) -> list[Outgoing[Tracked]]:
        """Requests that track these events, an iterable of `BentoEvent`, through the webhook endpoint: at most 1,000 in
        each. They carry no credentials. `source`, such as `pos` or `billing`, is a segment of the path, and Bento shows
        it. The answer is `Tracked`.
        """
    def __reduce__(self) -> NoReturn: ...

@final
class BentoEvent:
    """An event about a subscriber. Its members are keywords; their order is the order in which they are sent.

        BentoEvent(type="ticket.answered", email="a@example.com", details={"unique": {"key": event.id}})

    | member | what it must be |
    |---|---|
    | `type` | one line of text |
    | `email` | an e-mail address |
    | `fields`, optional | `None`, or a mapping to text, numbers, `True`, `False` and `None` |
    | `details`, optional | `None`, or a mapping of any depth up to 127 |
    | `date`, optional | `None`, an aware `datetime`, or RFC 3339 as a `str` |

    A `$purchase` needs `details["unique"]["key"]` (text or an integer), by which Bento counts it once, and
    `details["value"]` with `currency` (three capital letters) and `amount`, in the smallest unit such as cents
    (0 to 9,007,199,254,740,992).

    Bento does not say which e-mail addresses it takes. The rule here is ours: one `@`, at most 254 bytes in all and
    64 before the `@`, at least two labels behind it, and no white space, control character, double quote, bracket,
    comma, colon, semicolon or backslash. Letters beyond ASCII are allowed.

    Values are `str`, `int`, `float`, `Decimal`, `bool`, `None`, mappings with `str` keys, lists and tuples. The
    digits of an `int` and a `Decimal` are kept. Another class is a `TypeError`. A value that Bento would not take
    is an `OutgoingError`, whose message holds nothing of it. The whole value has at most 1,048,576 bytes of JSON.
    """
    def __new__(
        cls,
        *,
        type: str,
        email: str,
        fields: Mapping[str, _Scalar] | None = ...,
        details: Mapping[str, Any] | None = ...,
        date: str | datetime = ...,
    ) -> BentoEvent: ...
    @classmethod
    def from_json(cls, json: str) -> BentoEvent:
        """The value of one JSON object, a `str`. White space between its tokens is removed; its members keep their
        order and its numbers their digits.
        """
    def to_json(self) -> str:
        """The JSON object as it is sent: one line."""
    @property
    def is_repeatable(self) -> bool:
        """Whether the value may be sent twice: Bento recognizes the repetition, or it changes nothing.

        An event is recognized by its `details["unique"]["key"]`, a subscriber by the address. An e-mail would be
        sent twice. Of the commands, `add_tag_via_event`, which makes an event, and `change_email` are not repeatable.
        """
    def __reduce__(self) -> NoReturn: ...

@final
class BentoSubscriber:
    """A subscriber to import or to update. Its members are keywords, as at `BentoEvent`. Bento recognizes a subscriber by
    the address.

        BentoSubscriber(email="a@example.com", tags=["lead", "mql"], plan="team", **{"first name": "Zoe"})

    | member | what it must be |
    |---|---|
    | `email` | an e-mail address |
    | `tags`, `remove_tags`, optional | text with commas between the tags, or a list; no tag is empty |
    | any other | a field of the site: text, a number, `True`, `False` or `None` |
    """
    def __new__(
        cls,
        *,
        email: str,
        tags: str | Sequence[str] = ...,
        remove_tags: str | Sequence[str] = ...,
        **fields: _Scalar,
    ) -> BentoSubscriber: ...
    @classmethod
    def from_json(cls, json: str) -> BentoSubscriber:
        """The value of one JSON object, a `str`. White space between its tokens is removed; its members keep their
        order and its numbers their digits.
        """
    def to_json(self) -> str:
        """The JSON object as it is sent: one line."""
    @property
    def is_repeatable(self) -> bool:
        """Whether the value may be sent twice: Bento recognizes the repetition, or it changes nothing.

        An event is recognized by its `details["unique"]["key"]`, a subscriber by the address. An e-mail would be
        sent twice. Of the commands, `add_tag_via_event`, which makes an event, and `change_email` are not repeatable.
        """
    def __reduce__(self) -> NoReturn: ...

@final
class BentoEmail:
    # `from` is a keyword of Python, so it is passed as `**{"from": "b@example.com"}` and arrives in `members`.
    """An e-mail to send. Its members are keywords; `from` is a word of Python's, so it goes through a dict:

        BentoEmail(to="a@example.com", **{"from": "b@example.com"}, subject="Hello", html_body="<p>Hello</p>",
                   transactional=False)

    | member | what it must be |
    |---|---|
    | `to`, `from` | one e-mail address each |
    | `subject` | one line of text |
    | `html_body` | text |
    | `transactional` | `True` or `False`: whether it is sent even to those who have unsubscribed |
    | `personalizations`, optional | a mapping to text, numbers, `True` and `False` |

    Bento documents no key by which it recognizes a repeated e-mail.
    """
    def __new__(
        cls,
        *,
        to: str,
        subject: str,
        html_body: str,
        transactional: bool,
        personalizations: Any = ...,
        **members: str,
    ) -> BentoEmail: ...
    @classmethod
    def from_json(cls, json: str) -> BentoEmail:
        """The value of one JSON object, a `str`. White space between its tokens is removed; its members keep their
        order and its numbers their digits.
        """
    def to_json(self) -> str:
        """The JSON object as it is sent: one line."""
    @property
    def is_repeatable(self) -> bool:
        """Whether the value may be sent twice: Bento recognizes the repetition, or it changes nothing.

        An event is recognized by its `details["unique"]["key"]`, a subscriber by the address. An e-mail would be
        sent twice. Of the commands, `add_tag_via_event`, which makes an event, and `change_email` are not repeatable.
        """
    def __reduce__(self) -> NoReturn: ...

@final
class BentoCommand:
    """A command on one subscriber. Its members are keywords, as at `BentoEvent`: `command`, `email` (the subscriber's
    address) and `query`.

        BentoCommand(command="add_tag", email="a@example.com", query="vip")

    | `command` | `query` |
    |---|---|
    | `add_tag`, `add_tag_via_event`, `remove_tag` | the tag, one line |
    | `add_field` | a mapping of `key` (one line) and `value` (text, a number, `True`, `False` or `None`) |
    | `remove_field` | the key, one line |
    | `subscribe`, `unsubscribe` | absent |
    | `change_email` | the new e-mail address |
    """
    def __new__(
        cls, *, command: BentoCommandName, email: str, query: str | Mapping[str, _Scalar] = ...
    ) -> BentoCommand: ...
    @classmethod
    def from_json(cls, json: str) -> BentoCommand:
        """The value of one JSON object, a `str`. White space between its tokens is removed; its members keep their
        order and its numbers their digits.
        """
    def to_json(self) -> str:
        """The JSON object as it is sent: one line."""
    @property
    def is_repeatable(self) -> bool:
        """Whether the value may be sent twice: Bento recognizes the repetition, or it changes nothing.

        An event is recognized by its `details["unique"]["key"]`, a subscriber by the address. An e-mail would be
        sent twice. Of the commands, `add_tag_via_event`, which makes an event, and `change_email` are not repeatable.
        """
    def __reduce__(self) -> NoReturn: ...

@final
class RateLimit:
    """Counts the calls of each group of Bento's endpoints, and says when the next one may go: at most 100 in any 60
    seconds.

    Bento documents 100 calls a minute, and not how it counts a minute. Every span of 60 seconds is counted here. It
    counts the calls of one program: share one `RateLimit` among all that send for a site, and honour an answer 429 all
    the same. Threads can share it.

    A clock that runs back does no harm: no call waits for longer than 60 seconds, and no 60 seconds of real time have
    more than 100 calls. A clock that jumps ahead lets calls go too early, so give it a steady clock, such as
    `time.monotonic()`.
    """
    def __new__(cls) -> RateLimit: ...
    def take(self, group: EndpointGroup, now: _Time | None = None) -> float | None:
        """Counts one call of a group that goes now, such as `request.group`, and returns `None`. Otherwise it returns the
        seconds to wait: the call must not go yet, and is not counted.

        `now` is a number of seconds or an aware datetime. By default (`None`) it is the wall clock.
        """
    def __reduce__(self) -> NoReturn: ...

def refusal_facts(code: RefusalCode, status: int | None, retry_after_seconds: int | None) -> tuple[str, bool, bool]:
    """What a refusal says: its message, whether it is final, and whether the request may have been done."""

def refusal_wait(
    code: RefusalCode, status: int | None, retry_after_seconds: int | None, attempt: int, jitter: float
) -> float | None:
    """How many seconds to wait before the request is sent again."""
