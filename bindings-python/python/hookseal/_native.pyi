from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from types import GenericAlias
from typing import Any, Final, Generic, Literal, NoReturn, Protocol, TypeAlias, final, overload

from typing_extensions import TypeVar

from hookseal._errors import Rejection
from hookseal._replay import ReplayKey

__all__ = [
    "Assurance",
    "Delivery",
    "Event",
    "Events",
    "Handshake",
    "Key",
    "Malformed",
    "Receiver",
    "Subject",
    "__version__",
    "sign_benji",
    "sign_benti",
    "sign_benti_handshake",
    "sign_bento_basic",
    "sign_bento_bearer",
    "sign_bento_header",
]

__version__: Final[str]

_Vendor: TypeAlias = Literal["benji", "benti", "bento"]
_Coverage: TypeAlias = Literal["signed", "unsigned", "absent"]
_Encoding: TypeAlias = Literal["hex", "base64", "base64url"]
_Secret: TypeAlias = str | bytes
_Keys: TypeAlias = _Secret | Key | Sequence[_Secret | Key]
_Window: TypeAlias = tuple[int, int] | Literal["off"]
_Time: TypeAlias = float | datetime

class _HasItems(Protocol):
    def items(self) -> Iterable[tuple[Any, Any]]: ...

_Headers: TypeAlias = _HasItems | Iterable[tuple[str | bytes, Any]]
_Body: TypeAlias = bytes | bytearray | memoryview
_ReceivedT_co = TypeVar("_ReceivedT_co", covariant=True, default=Delivery | Handshake)

@final
class Receiver(Generic[_ReceivedT_co]):
    @staticmethod
    def benji(
        keys: _Keys,
        *,
        window: _Window | None = None,
        signature_encoding: _Encoding | None = None,
        allow_missing_date: bool = False,
        max_body_bytes: int | None = None,
        max_events: int | None = None,
        max_depth: int | None = None,
        max_number_length: int | None = None,
        source: str | None = None,
    ) -> Receiver[Delivery]: ...
    @staticmethod
    def benti(
        keys: _Keys,
        *,
        window: _Window | None = None,
        utc_offset_minutes: int | None = None,
        allow_unsigned_handshake: bool = False,
        max_body_bytes: int | None = None,
        max_events: int | None = None,
        max_depth: int | None = None,
        max_number_length: int | None = None,
        source: str | None = None,
    ) -> Receiver[Delivery | Handshake]: ...
    @staticmethod
    @overload
    def bento(
        *,
        basic: tuple[str, _Keys],
        bearer: None = None,
        header: None = None,
        max_body_bytes: int | None = None,
        max_events: int | None = None,
        max_depth: int | None = None,
        max_number_length: int | None = None,
        source: str | None = None,
    ) -> Receiver[Delivery]: ...
    @staticmethod
    @overload
    def bento(
        *,
        basic: None = None,
        bearer: _Keys,
        header: None = None,
        max_body_bytes: int | None = None,
        max_events: int | None = None,
        max_depth: int | None = None,
        max_number_length: int | None = None,
        source: str | None = None,
    ) -> Receiver[Delivery]: ...
    @staticmethod
    @overload
    def bento(
        *,
        basic: None = None,
        bearer: None = None,
        header: tuple[str, _Keys],
        max_body_bytes: int | None = None,
        max_events: int | None = None,
        max_depth: int | None = None,
        max_number_length: int | None = None,
        source: str | None = None,
    ) -> Receiver[Delivery]: ...
    def receive(
        self, headers: _Headers, body: _Body, *, method: str = "POST", now: _Time | None = None
    ) -> _ReceivedT_co: ...
    def try_receive(
        self, headers: _Headers, body: _Body, *, method: str = "POST", now: _Time | None = None
    ) -> _ReceivedT_co | Rejection: ...
    def check_head(self, headers: _Headers, *, method: str = "POST") -> None: ...
    @property
    def vendor(self) -> _Vendor: ...
    @property
    def body_limit(self) -> int: ...
    def __reduce__(self) -> NoReturn: ...
    @classmethod
    def __class_getitem__(cls, key: Any) -> GenericAlias: ...

@final
class Key:
    def __new__(
        cls,
        secret: _Secret,
        *,
        id: str | None = None,
        not_before: _Time | None = None,
        not_after: _Time | None = None,
    ) -> Key: ...
    @property
    def id(self) -> str | None: ...
    @property
    def not_before(self) -> datetime | None: ...
    @property
    def not_after(self) -> datetime | None: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Delivery:
    @property
    def vendor(self) -> _Vendor: ...
    @property
    def key_id(self) -> str: ...
    @property
    def assurance(self) -> Assurance: ...
    @property
    def time(self) -> datetime | None: ...
    @property
    def malformed(self) -> tuple[Malformed, ...]: ...
    def replay_key(self, policy: Literal["signature_and_date", "strict"] = "signature_and_date") -> ReplayKey: ...
    def to_cloudevents(self) -> str: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Event: ...
    def __iter__(self) -> Iterator[Event]: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Events:
    def __iter__(self) -> Events: ...
    def __next__(self) -> Event: ...
    def __length_hint__(self) -> int: ...

@final
class Event:
    @property
    def id(self) -> str: ...
    @property
    def id_origin(self) -> Literal["vendor", "derived"]: ...
    @property
    def index(self) -> int: ...
    @property
    def vendor(self) -> _Vendor: ...
    @property
    def source(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def entity(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def subject(self) -> Subject: ...
    @property
    def actor(self) -> Subject | None: ...
    @property
    def parent(self) -> Subject | None: ...
    @property
    def time(self) -> datetime | None: ...
    @property
    def time_zone_assumed(self) -> bool: ...
    @property
    def data(self) -> Any: ...
    @property
    def raw(self) -> bytes: ...
    def replay_key(self) -> ReplayKey: ...
    def to_cloudevent(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Subject:
    @property
    def entity(self) -> str: ...
    @property
    def id(self) -> str | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Assurance:
    @property
    def body(self) -> _Coverage: ...
    @property
    def time(self) -> _Coverage: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Malformed:
    @property
    def index(self) -> int: ...
    @property
    def path(self) -> str: ...
    @property
    def message(self) -> str: ...

@final
class Handshake:
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def body(self) -> str: ...
    def __reduce__(self) -> NoReturn: ...

def sign_benji(
    salt: _Secret, body: bytes, time: _Time | None = None, encoding: _Encoding = "hex"
) -> dict[str, str]: ...
def sign_benti(given: _Secret) -> dict[str, str]: ...
def sign_benti_handshake(given: _Secret, challenge: str) -> dict[str, str]: ...
def sign_bento_basic(user: str, given: _Secret) -> dict[str, str]: ...
def sign_bento_bearer(given: _Secret) -> dict[str, str]: ...
def sign_bento_header(name: str, given: _Secret) -> dict[str, str]: ...
