"""What a guard is, and what it says of a replay key, and an inbox of a delivery: classes for ``match``."""

from dataclasses import dataclass
from typing import ClassVar, Generic, Literal, Protocol, TypeVar, final

from hookseal._native import keep_first
from hookseal._replay import ReplayKey

_ClaimT = TypeVar("_ClaimT")


@final
@dataclass(frozen=True, slots=True)
class Claimed(Generic[_ClaimT]):
    """The key is new, or a claim of it was released or its lease has ended: handle the delivery."""

    outcome: ClassVar[Literal["claimed"]] = "claimed"
    claim: _ClaimT
    """What the guard's ``confirm`` and ``release`` take."""


@final
@dataclass(frozen=True, slots=True)
class InProgress:
    """Another handler has claimed the key. Answer with a status that makes the sender try again, such as 503."""

    outcome: ClassVar[Literal["in_progress"]] = "in_progress"
    seconds_left: int
    """When the lease of the other one ends, at least 1."""


@final
@dataclass(frozen=True, slots=True)
class Stored:
    """The inbox has stored the delivery, and a worker will handle it. Answer with 202."""

    outcome: ClassVar[Literal["stored"]] = "stored"
    number: int
    """The number of its row."""


@final
@dataclass(frozen=True, slots=True)
class Duplicate:
    """The key is known. To a guard: it was confirmed, so the delivery has been handled. To an inbox: it was stored
    before.

    Answer as for a delivery that was handled or stored.
    """

    outcome: ClassVar[Literal["duplicate"]] = "duplicate"


@final
@dataclass(frozen=True, slots=True)
class Full:
    """The guard holds as many keys as its capacity allows, and none of them has ended; or as many rows of the inbox
    wait as it allows.

    Answer as for `InProgress`. Build the guard with a greater capacity, or add workers to the inbox.
    """

    outcome: ClassVar[Literal["full"]] = "full"


class Guard(Protocol[_ClaimT]):
    """What an adapter asks of a guard. Write one for a store that hookseal does not know.

    A method that cannot use the store raises ``GuardUnavailable``: the request is answered with 503. Each method must
    give up by itself after some seconds.
    """

    def claim(self, key: ReplayKey, /) -> Claimed[_ClaimT] | InProgress | Duplicate | Full:
        """Of several callers with equal keys, one gets `Claimed`, until it releases its claim or the lease ends."""

    def confirm(self, claim: _ClaimT, /) -> bool:
        """Keeps the key for ``key.retention_seconds`` from now. ``False`` if the lease had ended, and the key is no
        longer this claim's.
        """

    def release(self, claim: _ClaimT, /) -> bool:
        """Forgets the key, so that the next claim gets it. ``False`` as in ``confirm``."""


class AsyncGuard(Protocol[_ClaimT]):
    """As ``Guard``, with methods to await, for Starlette, FastAPI and Django's asynchronous views."""

    async def claim(self, key: ReplayKey, /) -> Claimed[_ClaimT] | InProgress | Duplicate | Full: ...
    async def confirm(self, claim: _ClaimT, /) -> bool: ...
    async def release(self, claim: _ClaimT, /) -> bool: ...


# Whoever loads this module again gets the classes of the first time.
keep_first(globals())
