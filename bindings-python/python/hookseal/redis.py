"""A guard against repetitions that processes share, on Redis 7.0 or later, or Valkey.

    guard = ReplayGuard(redis.Redis(socket_timeout=2, retry=Retry(NoBackoff(), 0)))

    def status_for(delivery: Delivery) -> int:
        match guard.claim(delivery.replay_key()):
            case Claimed(claim):
                try:
                    handle(delivery)
                except BaseException:
                    guard.release(claim)
                    raise
                guard.confirm(claim)
                return 200
            case Duplicate():
                return 200
            case InProgress():
                return 503

A handler first claims the delivery's key. When it has succeeded it confirms the claim; when it has failed it
releases it, so that a repetition is handled. Only a confirmed key is a duplicate. A claim that is neither confirmed
nor released, because the process ended or is slow, ends after the lease. The outcomes are those of
``hookseal.ReplayGuard`` without ``Full``: a server that is full raises ``GuardUnavailable``, as does one that is
away, too slow, or no Redis. If ``claim`` raises it, answer 503. If ``confirm`` does, the delivery has been handled:
log it, and answer as after a success.

A server can accept connections and never answer. ``ReplayGuard`` waits as long as its client does, the timeout once
for each attempt, and refuses a client that may wait for more than 30 seconds: some versions of ``redis`` have no
timeout unless you set it, and others try eleven times. ``AsyncReplayGuard`` waits for at most 5 seconds in each of
``claim``, ``confirm`` and ``release``.

``AsyncReplayGuard`` has the same methods to await. Without ``await`` no case matches: end the ``match`` with
``case other: assert_never(other)``, so that a type checker finds it.

Processes share a guard if they use the same server, the same database of it and the same ``prefix``, in Python or
Node. The time is the server's. The client is one of the package ``redis`` (``pip install 'hookseal[redis]'``), not of
a cluster. ``claim`` tries once more on a new connection if a connection broke. If the first answer alone was lost,
the guard recognizes its own claim.

The server must keep its keys. Before its first claim a guard asks ``INFO memory``, and refuses a server that evicts
keys: set ``maxmemory-policy noeviction``. If the server does not allow the question the guard goes on, and each
evicted key lets a repetition through. So do the keys that a crash of the server forgets, without ``appendonly yes``
and ``appendfsync always``, and those that a failover forgets, because replicas follow later than the answer.
"""

import asyncio
import hashlib
import re
import secrets
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple, NoReturn, TypeVar, cast, final

import redis
import redis.asyncio
from redis.exceptions import NoPermissionError, NoScriptError, ResponseError

from hookseal import _native
from hookseal._errors import GuardUnavailable
from hookseal._guard import Claimed, Duplicate, InProgress
from hookseal._replay import ReplayKey

__all__ = ["AsyncReplayGuard", "Claim", "ReplayGuard"]

_T = TypeVar("_T")

# As long as an adapter of Node waits.
_STEP_SECONDS: Final = 5
# Gunicorn ends a worker that is silent for longer, and API Gateway a request.
_MOST_SECONDS: Final = 30


# The arguments of commands are `bytes`: with `str` and `int` a claim and its confirmation take 3 % longer.
class _Script(NamedTuple):
    text: bytes
    digest: bytes


def _script(text: str) -> _Script:
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return _Script(text.encode(), digest.encode())


# The value of a key is the token of its claim, and `+` and the token once the claim is confirmed.
_CONFIRM: Final = _script("""\
local value = redis.call('GET', KEYS[1])
if value == '+' .. ARGV[1] then return 1 end
if value and value ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
    redis.call('SET', KEYS[1], '+' .. ARGV[1])
else
    redis.call('SET', KEYS[1], '+' .. ARGV[1], 'PX', ARGV[2])
end
return 1
""")
_RELEASE: Final = _script("""\
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
""")
_TOKEN_BYTES: Final = 8
# What a guard wrote: 64 bits or more in any usual encoding. Other programs write other values.
_VALUE: Final = re.compile(rb"(\+?)[0-9A-Za-z_-]{11,64}")
# Redis takes no end of more than 2^63 ms since 1970.
_WITHOUT_END_MILLISECONDS: Final = 1 << 62


@final
class Claim:
    """The right to handle a delivery. A guard's ``claim`` gives it to one caller at a time."""

    __slots__ = ("_guard", "_key", "_lock", "_milliseconds", "_name", "_settled", "_token")

    def __init__(self, guard: "_Guard", key: ReplayKey | None, lock: Any) -> None:
        text, seconds = _native.read_replay_key(key)
        self._guard, self._key, self._lock = guard, cast(ReplayKey, key), lock
        self._name, self._token = guard._prefix + text.encode(), secrets.token_hex(_TOKEN_BYTES).encode()
        milliseconds = _WITHOUT_END_MILLISECONDS if seconds is None else seconds * 1000
        self._milliseconds = b"%d" % milliseconds if milliseconds < _WITHOUT_END_MILLISECONDS else b""
        self._settled: tuple[_Script, bool] | None = None

    @property
    def key(self) -> ReplayKey:
        """The key that was claimed."""
        return self._key

    def __repr__(self) -> str:
        return "Claim()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Claim cannot be pickled or copied: its guard alone can confirm or release it")


class _Guard:
    """What both guards do before and after they wait for the server."""

    def __init__(self, lease_seconds: int, prefix: str) -> None:
        # It has the rule, and its messages.
        _native.ReplayGuard(1, lease_seconds)
        if not isinstance(prefix, str):
            raise TypeError("prefix must be str")
        self._lease_seconds, self._prefix = int(lease_seconds), prefix.encode()
        self._lease_milliseconds = b"%d" % (self._lease_seconds * 1000)
        self._has_asked = False

    def __reduce__(self) -> NoReturn:
        raise TypeError("a ReplayGuard cannot be pickled or copied: build one in each process")

    def _gave(self, claim: Claim) -> bool:
        if not isinstance(claim, Claim):
            raise TypeError("claim must be the `claim` of a `Claimed`, which this guard returned")
        return claim._guard is self

    def _set(self, claim: Claim) -> tuple[str | bytes, ...]:
        return "SET", claim._name, claim._token, b"NX", b"GET", b"PX", self._lease_milliseconds


def _refuse_endless(client: redis.Redis) -> None:
    """Nobody can end a call that blocks, but for the client's own settings."""
    pool = client.connection_pool
    # It only reads its arguments here, and knows the defaults of its version.
    connection = pool.connection_class(**pool.connection_kwargs)
    timeout, retries = connection.socket_timeout, connection.retry.get_retries()
    if timeout is None or retries < 0:
        waits = "for ever"
    elif (seconds := timeout * (retries + 1)) > _MOST_SECONDS:
        waits = f"up to {seconds:g} s"
    else:
        return
    raise ValueError(
        f"the client waits {waits} for a server that does not answer, and a request with it: build the client with "
        "socket_timeout=2 and retry=Retry(NoBackoff(), 0) (redis.retry.Retry, redis.backoff.NoBackoff)"
    )


def _refuse_eviction(memory: Any) -> None:
    if not isinstance(memory, dict):
        raise GuardUnavailable("the server answered INFO with something else")
    policy, limit = memory.get("maxmemory_policy"), memory.get("maxmemory")
    if policy not in (None, "noeviction") and limit != 0:
        raise GuardUnavailable(
            f"the server evicts keys (maxmemory-policy {policy}), and each evicted key lets a repetition through: "
            "set maxmemory-policy noeviction"
        )


def _read_value(value: Any, claim: Claim) -> Claimed[Claim] | Duplicate | None:
    """What the value says that the key had before; ``None`` if another handler has claimed it."""
    if value is None:
        return Claimed(claim)
    data = value.encode(errors="replace") if isinstance(value, str) else value
    if not isinstance(data, bytes) or not (match := _VALUE.fullmatch(data)):
        raise GuardUnavailable("the key has a value that no guard wrote: give the guard a prefix of its own")
    # The client sent the command again, because the first answer did not arrive.
    if data == claim._token:
        return Claimed(claim)
    return Duplicate() if match[1] else None


def _read_time_left(milliseconds: Any, lease_seconds: int) -> InProgress:
    """The answer to PTTL is -2 if the key is gone, and -1 if it is kept without end."""
    if type(milliseconds) is not int or milliseconds < -2:
        raise GuardUnavailable("the server answered PTTL with no time")
    if milliseconds == -1:
        return InProgress(lease_seconds)
    # In the meantime the key can have been confirmed, and then has its whole retention left.
    return InProgress(min(max(1, -(-milliseconds // 1000)), lease_seconds))


def _read_truth(answer: Any) -> bool:
    if type(answer) is not int or answer not in (0, 1):
        raise GuardUnavailable("the server answered a script with neither 0 nor 1")
    return answer == 1


def _not_allowed(error: Exception) -> dict[str, Any]:
    """Nothing, if the server does not let everybody ask. Any other error says nothing of its memory."""
    if isinstance(error, NoPermissionError):
        return {}
    if isinstance(error, ResponseError) and str(error).lower().startswith("unknown command"):
        return {}
    raise _unavailable(error) from error


def _unavailable(error: Exception) -> GuardUnavailable:
    if isinstance(error, ResponseError) and "syntax error" in str(error):
        return GuardUnavailable(
            "the server does not know SET with NX and GET: it must be Redis 7.0 or later, or Valkey"
        )
    return GuardUnavailable(f"the server did not answer, or not as expected: {type(error).__name__}")


def _is_broken(error: GuardUnavailable) -> bool:
    """Whether the connection was lost. A server that is only slow would be slow again."""
    return isinstance(error.__cause__, redis.ConnectionError)


async def _in_time(step: Awaitable[_T]) -> _T:
    try:
        async with asyncio.timeout(_STEP_SECONDS):
            return await step
    except TimeoutError as error:
        raise GuardUnavailable(f"the server did not answer in {_STEP_SECONDS} s") from error


# An event loop keeps no task alive.
_tasks: Final[set[asyncio.Task[None]]] = set()


@final
class ReplayGuard(_Guard):
    """Remembers on a Redis server which deliveries are being handled, and which have been handled.

    ``lease_seconds``, from 1 to 2**32 - 1, is how long a claim lasts: longer than the slowest handler takes. The name
    of a key on the server is ``prefix`` and the replay key, so that guards with different prefixes know nothing of
    each other. Receivers of one vendor that share a guard need different ``source``s or prefixes: otherwise a body
    that both get is a repetition for the second. Threads can share a guard.
    """

    def __init__(self, client: redis.Redis, *, lease_seconds: int = 30, prefix: str = "hookseal:") -> None:
        if not isinstance(client, redis.Redis):
            raise TypeError("client must be a redis.Redis; AsyncReplayGuard takes a redis.asyncio.Redis")
        super().__init__(lease_seconds, prefix)
        _refuse_endless(client)
        self._execute: Callable[..., Any] = client.execute_command

    def claim(self, key: ReplayKey | None) -> Claimed[Claim] | InProgress | Duplicate:
        """Claims a key, which ``delivery.replay_key()`` or ``event.replay_key()`` gave.

        Of several callers with equal keys, one gets ``Claimed``. ``None``, which a delivery has with the replay
        policy ``none``, is a ``TypeError``. Raises ``GuardUnavailable``: it is not known then whether the key is
        claimed, and a claim that nobody got ends after the lease.
        """
        claim = Claim(self, key, threading.Lock())
        try:
            return self._claim(claim)
        except GuardUnavailable as error:
            if not _is_broken(error):
                raise
        # The client opens a new connection. If the first answer alone was lost, the server has this claim already.
        return self._claim(claim)

    def confirm(self, claim: Claim) -> bool:
        """Says that the delivery has been handled: a claim of its key gives ``Duplicate`` until the retention ends.

        The retention counts from now. ``False`` if the lease had ended and the key is no longer this claim's: another
        caller has claimed it, and handles, or has handled, the delivery too. A second call changes nothing and
        answers as the first one did, or ``False`` after ``release``. Raises ``GuardUnavailable``, and can then be
        called again.
        """
        return self._settle(_CONFIRM, claim)

    def release(self, claim: Claim) -> bool:
        """Gives a claim back, because the handler failed: the next claim of the key gets it.

        ``False`` if the lease had ended and the key is no longer this claim's. A second call changes nothing and
        answers as the first one did, or ``False`` after ``confirm``. Raises ``GuardUnavailable``: the claim then ends
        after the lease at the latest.
        """
        return self._settle(_RELEASE, claim)

    def _claim(self, claim: Claim) -> Claimed[Claim] | InProgress | Duplicate:
        if not self._has_asked:
            self._ask()
        outcome = _read_value(self._call(*self._set(claim), get=True), claim)
        return outcome or _read_time_left(self._call("PTTL", claim._name), self._lease_seconds)

    def _ask(self) -> None:
        try:
            memory = self._execute("INFO", "memory")
        except Exception as error:
            memory = _not_allowed(error)
        _refuse_eviction(memory)
        self._has_asked = True

    def _settle(self, script: _Script, claim: Claim) -> bool:
        if not self._gave(claim):
            return False
        with claim._lock:
            if claim._settled is None:
                claim._settled = script, _read_truth(self._run(script, claim))
            return claim._settled == (script, True)

    def _run(self, script: _Script, claim: Claim) -> Any:
        arguments = b"1", claim._name, claim._token, claim._milliseconds
        try:
            try:
                return self._execute("EVALSHA", script.digest, *arguments)
            except NoScriptError:
                return self._execute("EVAL", script.text, *arguments)
        except Exception as error:
            raise _unavailable(error) from error

    def _call(self, *command: Any, **options: Any) -> Any:
        try:
            return self._execute(*command, **options)
        except Exception as error:
            raise _unavailable(error) from error


@final
class AsyncReplayGuard(_Guard):
    """As ``ReplayGuard``, for asyncio and its client ``redis.asyncio.Redis``. Tasks can share a guard."""

    def __init__(self, client: redis.asyncio.Redis, *, lease_seconds: int = 30, prefix: str = "hookseal:") -> None:
        if not isinstance(client, redis.asyncio.Redis):
            raise TypeError("client must be a redis.asyncio.Redis; ReplayGuard takes a redis.Redis")
        super().__init__(lease_seconds, prefix)
        self._execute: Callable[..., Awaitable[Any]] = client.execute_command

    async def claim(self, key: ReplayKey | None) -> Claimed[Claim] | InProgress | Duplicate:
        """As ``ReplayGuard.claim``. If the task is cancelled meanwhile, the claim is released."""
        return await _in_time(self._claim_for(key))

    async def confirm(self, claim: Claim) -> bool:
        """As ``ReplayGuard.confirm``. If the task is cancelled meanwhile, it can be called again."""
        return await _in_time(self._settle(_CONFIRM, claim))

    async def release(self, claim: Claim) -> bool:
        """As ``ReplayGuard.release``."""
        return await _in_time(self._settle(_RELEASE, claim))

    async def _claim_for(self, key: ReplayKey | None) -> Claimed[Claim] | InProgress | Duplicate:
        claim = Claim(self, key, asyncio.Lock())
        try:
            try:
                return await self._claim(claim)
            except GuardUnavailable as error:
                if not _is_broken(error):
                    raise
            return await self._claim(claim)
        except asyncio.CancelledError:
            # The server may have the claim. The task must end, so that another one releases it.
            task = asyncio.create_task(self._give_back(claim))
            _tasks.add(task)
            task.add_done_callback(_tasks.discard)
            raise

    async def _claim(self, claim: Claim) -> Claimed[Claim] | InProgress | Duplicate:
        if not self._has_asked:
            await self._ask()
        outcome = _read_value(await self._call(*self._set(claim), get=True), claim)
        return outcome or _read_time_left(await self._call("PTTL", claim._name), self._lease_seconds)

    async def _give_back(self, claim: Claim) -> None:
        # If it fails, the claim ends after the lease.
        with suppress(GuardUnavailable):
            await self.release(claim)

    async def _ask(self) -> None:
        try:
            memory = await self._execute("INFO", "memory")
        except Exception as error:
            memory = _not_allowed(error)
        _refuse_eviction(memory)
        self._has_asked = True

    async def _settle(self, script: _Script, claim: Claim) -> bool:
        if not self._gave(claim):
            return False
        async with claim._lock:
            if claim._settled is None:
                claim._settled = script, _read_truth(await self._run(script, claim))
            return claim._settled == (script, True)

    async def _run(self, script: _Script, claim: Claim) -> Any:
        arguments = b"1", claim._name, claim._token, claim._milliseconds
        try:
            try:
                return await self._execute("EVALSHA", script.digest, *arguments)
            except NoScriptError:
                return await self._execute("EVAL", script.text, *arguments)
        except Exception as error:
            raise _unavailable(error) from error

    async def _call(self, *command: Any, **options: Any) -> Any:
        try:
            return await self._execute(*command, **options)
        except Exception as error:
            raise _unavailable(error) from error
