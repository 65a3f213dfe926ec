"""The guards on Redis: their outcomes, and what a server that fails makes of them."""

import asyncio
import copy
import pickle
import re
import select
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

import pytest
import redis
import redis.asyncio
import redis.sentinel
from redis.backoff import NoBackoff
from redis.retry import Retry

import hookseal.redis
from hookseal import Claimed, Delivery, Duplicate, Full, GuardUnavailable, InProgress, ReplayKey
from hookseal.redis import AsyncReplayGuard, Claim, ReplayGuard
from redis_servers import Answer, Server, answering, listening, losing_answers
from samples import BENJI, benji, benji_body_only

TOKEN = re.compile(rb"[0-9a-f]{16}")
Outcome = Claimed[Claim] | InProgress | Duplicate


def key_of(number: int, retention_seconds: int | None = 300) -> ReplayKey:
    return ReplayKey(f"{number:032x}", retention_seconds)


class Guard(Protocol):
    """Either guard, as one that waits."""

    def claim(self, key: ReplayKey) -> Outcome: ...
    def confirm(self, claim: Claim) -> bool: ...
    def release(self, claim: Claim) -> bool: ...


class Waiting:
    """An asynchronous guard, driven from outside of asyncio."""

    def __init__(self, guard: AsyncReplayGuard, runner: "asyncio.Runner") -> None:
        self._guard, self._run = guard, runner.run

    def claim(self, key: ReplayKey) -> Outcome:
        return self._run(self._guard.claim(key))

    def confirm(self, claim: Claim) -> bool:
        return self._run(self._guard.confirm(claim))

    def release(self, claim: Claim) -> bool:
        return self._run(self._guard.release(claim))


class Make(Protocol):
    def __call__(self, port: int, *, retries: int = 0, prefix: str = "hookseal:", **options: Any) -> Guard: ...


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Builds a guard of either kind, whose client is closed at the end."""
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())

        def make(
            port: int, *, retries: int = 0, prefix: str = "hookseal:", lease_seconds: int = 30, **options: Any
        ) -> Guard:
            chosen: dict[str, Any] = {"lease_seconds": lease_seconds, "prefix": prefix}
            given: dict[str, Any] = {"retry": Retry(NoBackoff(), retries), "socket_timeout": 5, **options}
            if request.param == "sync":
                client = redis.Redis(port=port, **given)
                stack.callback(client.close)
                return ReplayGuard(client, **chosen)
            given["retry"] = redis.asyncio.retry.Retry(NoBackoff(), retries)
            of_asyncio = redis.asyncio.Redis(port=port, **given)
            stack.callback(lambda: runner.run(of_asyncio.aclose()))
            return Waiting(AsyncReplayGuard(of_asyncio, **chosen), runner)

        yield make


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    with running.client() as client:
        client.flushall()
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "noeviction")
    return running


@pytest.fixture
def store(server: Server) -> Iterator[redis.Redis]:
    with server.client() as client:
        yield client


def claimed(guard: Guard, key: ReplayKey) -> Claim:
    outcome = guard.claim(key)
    assert isinstance(outcome, Claimed), outcome
    return outcome.claim


@pytest.mark.parametrize("options", [{}, {"decode_responses": True}, {"protocol": 2}, {"protocol": 3}], ids=str)
def test_a_key_is_claimed_confirmed_and_then_a_duplicate(
    make: Make, server: Server, store: redis.Redis, options: dict[str, Any]
) -> None:
    guard, key, name = make(server.port, **options), key_of(1), f"hookseal:{key_of(1)}"
    claim = claimed(guard, key)
    token = store.get(name)
    assert isinstance(token, bytes)
    assert TOKEN.fullmatch(token)
    assert 29_000 < store.pttl(name) <= 30_000
    assert (claim.key, type(claim.key), claim.key.retention_seconds) == (key, ReplayKey, 300)
    assert guard.claim(key) in (InProgress(30), InProgress(29))
    store.pexpire(name, 1_900)
    assert guard.claim(key) == InProgress(2)
    store.pexpire(name, 500)
    assert guard.claim(key) == InProgress(1)
    assert guard.confirm(claim) is True
    assert store.get(name) == b"+" + token
    assert 299_000 < store.pttl(name) <= 300_000
    assert guard.claim(key) == Duplicate()
    store.delete(name)
    assert claimed(guard, key)


def test_a_released_key_is_claimed_again(make: Make, server: Server, store: redis.Redis) -> None:
    guard, key = make(server.port), key_of(1)
    assert guard.release(claimed(guard, key)) is True
    assert store.dbsize() == 0
    assert guard.confirm(claimed(guard, key)) is True


def test_a_lease_ends_and_its_claim_is_no_longer_one(make: Make, server: Server, store: redis.Redis) -> None:
    guard, key = make(server.port, lease_seconds=1), key_of(1)
    slow = claimed(guard, key)
    while not isinstance(outcome := guard.claim(key), Claimed):
        assert outcome == InProgress(1)
        time.sleep(0.02)
    before = store.get(f"hookseal:{key}")
    assert (guard.confirm(slow), guard.release(slow)) == (False, False)
    assert store.get(f"hookseal:{key}") == before
    assert guard.confirm(outcome.claim) is True
    later = make(server.port)
    assert later.claim(key) == Duplicate()


def test_what_another_has_is_neither_released_nor_confirmed(make: Make, server: Server, store: redis.Redis) -> None:
    guard, name = make(server.port), f"hookseal:{key_of(1)}"
    for value in (b"0123456789abcdef", b"+0123456789abcdef"):
        for settle in (guard.confirm, guard.release):
            store.delete(name)
            claim = claimed(guard, key_of(1))
            store.set(name, value, px=50_000)
            assert settle(claim) is False
            assert (store.get(name), store.pttl(name) <= 50_000) == (value, True)


def test_a_claim_that_nobody_else_has_is_confirmed_late(make: Make, server: Server, store: redis.Redis) -> None:
    guard, key = make(server.port), key_of(1)
    claim = claimed(guard, key)
    store.delete(f"hookseal:{key}")
    assert guard.confirm(claim) is True
    assert guard.claim(key) == Duplicate()
    lost = claimed(guard, key_of(2))
    store.delete(f"hookseal:{key_of(2)}")
    assert guard.release(lost) is False


def test_a_second_call_changes_nothing_and_answers_as_the_first(
    make: Make, server: Server, store: redis.Redis
) -> None:
    guard, key = make(server.port), key_of(1)
    claim = claimed(guard, key)
    assert [guard.release(claim), guard.release(claim), guard.confirm(claim)] == [True, True, False]
    again = claimed(guard, key)
    assert [guard.release(claim), guard.confirm(claim)] == [True, False]
    assert [guard.confirm(again), guard.confirm(again), guard.release(again)] == [True, True, False]
    store.pexpire(f"hookseal:{key}", 5_000)
    assert guard.confirm(again) is True
    assert store.pttl(f"hookseal:{key}") <= 5_000


def test_a_claim_of_another_guard_is_none_of_this_one(make: Make, server: Server) -> None:
    one, other = make(server.port), make(server.port)
    claim = claimed(one, key_of(1))
    assert (other.confirm(claim), other.release(claim)) == (False, False)
    assert one.confirm(claim) is True
    others: list[Any] = [None, 1, Claimed(claim), hookseal.ReplayGuard(1)]
    for each in others:
        for settle in (one.confirm, one.release):
            with pytest.raises(TypeError, match=r"claim must be the `claim` of a `Claimed`"):
                settle(each)


def test_a_retention_without_end_has_no_expiry(make: Make, server: Server, store: redis.Redis) -> None:
    guard, key = make(server.port), benji_body_only(replay_policy="strict").replay_key()
    assert key is not None
    claim = claimed(guard, key)
    assert 0 < store.pttl(f"hookseal:{key}") <= 30_000
    assert guard.confirm(claim) is True
    assert store.pttl(f"hookseal:{key}") == -1
    assert guard.claim(key) == Duplicate()


def test_a_key_of_any_length_of_time_is_kept(make: Make, server: Server, store: redis.Redis) -> None:
    guard = make(server.port, lease_seconds=2**32 - 1)
    for number, retention in enumerate((1, 2**32 - 1, 2**52, 2**63, 10**30)):
        key = key_of(number, retention)
        assert guard.confirm(claimed(guard, key)) is True
        left = store.pttl(f"hookseal:{key}")
        assert left == -1 if retention > 2**52 else 0 < left <= retention * 1000


def test_a_key_that_no_receiver_made_is_refused(make: Make, server: Server, store: redis.Redis) -> None:
    guard = make(server.port)
    others: list[Any] = [None, str(key_of(1)), key_of(1).encode(), 5]
    for each in others:
        with pytest.raises(TypeError, match="key must be"):
            guard.claim(each)
    for key in (ReplayKey("0" * 31, 5), ReplayKey("\r\n" * 16, 5), key_of(1, 0), key_of(1, -1)):
        with pytest.raises(ValueError, match=r"retention_seconds must be|32 lower-case hexadecimal digits"):
            guard.claim(key)
    assert store.dbsize() == 0


def test_a_prefix_keeps_guards_apart(make: Make, server: Server, store: redis.Redis) -> None:
    one, other, same = (
        make(server.port, prefix="a:"),
        make(server.port, prefix="\u00fcb:"),
        make(server.port, prefix="a:"),
    )
    claim = claimed(one, key_of(1))
    assert claimed(other, key_of(1))
    assert isinstance(same.claim(key_of(1)), InProgress)
    assert one.confirm(claim)
    assert same.claim(key_of(1)) == Duplicate()
    assert isinstance(other.claim(key_of(1)), InProgress)
    assert {*store.keys()} == {f"a:{key_of(1)}".encode(), f"\u00fcb:{key_of(1)}".encode()}


def test_either_guard_knows_the_keys_of_the_other(server: Server) -> None:
    async def run() -> None:
        with server.client() as client:
            one = ReplayGuard(client)
            async with redis.asyncio.Redis(port=server.port) as of_asyncio:
                other = AsyncReplayGuard(of_asyncio)
                claim = claimed(one, key_of(1))
                assert isinstance(await other.claim(key_of(1)), InProgress)
                assert await other.confirm(claim) is False
                assert one.confirm(claim)
                assert await other.claim(key_of(1)) == Duplicate()

    asyncio.run(run())


def test_scripts_can_be_flushed_in_between(make: Make, server: Server, store: redis.Redis) -> None:
    guard = make(server.port)
    for number in range(3):
        claim, released = claimed(guard, key_of(number)), claimed(guard, key_of(number + 10))
        store.script_flush()
        assert guard.confirm(claim) is True
        assert guard.release(released) is True
    calls = store.info("commandstats")
    assert guard.confirm(claimed(guard, key_of(9))) is True
    assert store.info("commandstats")["cmdstat_eval"]["calls"] == calls["cmdstat_eval"]["calls"], (
        "the server knows it"
    )


def test_a_claim_takes_one_round_trip(make: Make, server: Server, store: redis.Redis) -> None:
    guard = make(server.port)
    claimed(guard, key_of(0))
    store.config_resetstat()
    claim = claimed(guard, key_of(1))
    assert guard.claim(key_of(1))
    assert guard.confirm(claim)
    assert guard.claim(key_of(1))
    statistics = store.info("commandstats")
    calls = {name.removeprefix("cmdstat_"): each["calls"] for name, each in statistics.items()}
    assert {name: calls.get(name, 0) for name in ("set", "pttl", "evalsha", "info")} == {
        "set": 4,  # One of them in the script.
        "pttl": 1,
        "evalsha": 1,
        "info": 0,
    }


@pytest.mark.parametrize(
    ("policy", "maxmemory", "message"),
    [
        ("allkeys-lru", "100mb", "set maxmemory-policy noeviction"),
        ("volatile-ttl", "100mb", "set maxmemory-policy noeviction"),
        ("allkeys-lru", "0", None),
        ("noeviction", "100mb", None),
    ],
)
def test_a_server_that_evicts_keys_is_refused(
    make: Make, server: Server, store: redis.Redis, policy: str, maxmemory: str, message: str | None
) -> None:
    store.config_set("maxmemory-policy", policy)
    store.config_set("maxmemory", maxmemory)
    guard = make(server.port)
    if message is None:
        assert claimed(guard, key_of(1))
        return
    for _ in range(2):
        with pytest.raises(GuardUnavailable, match=message) as raised:
            guard.claim(key_of(1))
        assert policy in str(raised.value)
    assert store.dbsize() == 0
    store.config_set("maxmemory-policy", "noeviction")
    assert claimed(guard, key_of(1))
    # It has asked, and does not ask again.
    store.config_set("maxmemory-policy", policy)
    assert claimed(guard, key_of(2))


def test_a_server_that_does_not_allow_the_question_is_taken_at_its_word(
    make: Make, server: Server, store: redis.Redis
) -> None:
    store.config_set("maxmemory-policy", "allkeys-lru")
    store.config_set("maxmemory", "100mb")
    store.acl_setuser("some", True, passwords=["+word"], keys=["*"], categories=["+@all"], commands=["-info"])
    guard = make(server.port, username="some", password="word")
    assert guard.confirm(claimed(guard, key_of(1)))


def test_a_server_that_is_full_is_an_error(make: Make, server: Server, store: redis.Redis) -> None:
    guard = make(server.port)
    claim = claimed(guard, key_of(0))
    store.config_set("maxmemory", 1)
    with pytest.raises(GuardUnavailable, match="OutOfMemoryError") as raised:
        guard.claim(key_of(1))
    assert isinstance(raised.value.__cause__, redis.OutOfMemoryError)
    with pytest.raises(GuardUnavailable):
        guard.confirm(claim)
    store.config_set("maxmemory", 0)
    assert guard.confirm(claim)


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_a_lost_answer_loses_no_claim(make: Make, server: Server, retries: int) -> None:
    """Of a client that never sends a command again, too."""
    lost = max(retries, 1)
    with losing_answers(server) as (port, losing):
        guard = make(port, retries=retries)
        losing.commands += [b"SET"] * lost
        claim = claimed(guard, key_of(1))
        assert losing.lost == lost
        assert guard.confirm(claim) is True
        losing.commands += [b"INFO"]
        other = make(port, retries=retries)
        assert other.claim(key_of(1)) == Duplicate()
        # What is confirmed stays so, also if a claim of it is sent twice.
        losing.commands += [b"SET"]
        assert other.claim(key_of(1)) == Duplicate()
        # What another has claimed stays so, also if the question how long it has it is sent twice.
        claimed(guard, key_of(2))
        losing.commands += [b"PTTL"]
        assert isinstance(other.claim(key_of(2)), InProgress)


def test_a_confirmation_whose_answer_is_lost_is_one(make: Make, server: Server) -> None:
    with losing_answers(server) as (port, losing):
        guard = make(port, retries=1)
        claim = claimed(guard, key_of(1))
        losing.commands += [b"EVALSHA"]
        assert guard.confirm(claim) is True
        assert (losing.lost, guard.claim(key_of(1))) == (1, Duplicate())


def test_a_lost_answer_is_an_error_for_a_client_that_does_not_send_again(make: Make, server: Server) -> None:
    with losing_answers(server) as (port, losing):
        guard = make(port)
        claim = claimed(guard, key_of(1))
        calls = ([b"EVALSHA"], lambda: guard.confirm(claim)), ([b"SET", b"SET"], lambda: guard.claim(key_of(2)))
        for commands, call in calls:
            losing.commands += commands
            with pytest.raises(GuardUnavailable, match="ConnectionError") as raised:
                call()
            assert isinstance(raised.value.__cause__, redis.ConnectionError)
        # The confirmation had reached the server, and is asked for again.
        assert guard.claim(key_of(1)) == Duplicate()
        assert guard.confirm(claim) is True
        # Nobody has the claim whose answers were lost: it ends after the lease.
        assert isinstance(guard.claim(key_of(2)), InProgress)


def test_a_server_that_goes_away_between_claim_and_confirmation_is_an_error(make: Make) -> None:
    with Server("--appendonly", "yes", "--appendfsync", "always") as server:
        guard = make(server.port)
        kept, released, other = (claimed(guard, key_of(number)) for number in range(3))
        server.kill()
        for call in (
            lambda: guard.confirm(kept),
            lambda: guard.confirm(kept),
            lambda: guard.release(released),
            lambda: guard.claim(key_of(4)),
        ):
            with pytest.raises(GuardUnavailable, match="ConnectionError") as raised:
                call()
            assert isinstance(raised.value.__cause__, redis.ConnectionError)
        server.start()
        assert isinstance(guard.claim(key_of(0)), InProgress)
        assert (guard.confirm(kept), guard.release(released), guard.confirm(other)) == (True, True, True)
        assert (guard.claim(key_of(0)), guard.claim(key_of(2))) == (Duplicate(), Duplicate())
        assert claimed(guard, key_of(1))


NIL = b"$-1\r\n"
NO_POLICY = b"$8\r\n# Memory\r\n"
TOKEN_OF_ANOTHER = b"$16\r\n0123456789abcdef\r\n"
NONSENSE: dict[str, Answer] = {
    "another value": b"$5\r\nhello\r\n",
    "an empty value": b"$0\r\n\r\n",
    "a plus": b"$1\r\n+\r\n",
    "not text": b"$16\r\n\xff\xfe0123456789abcd\r\n",
    "a line more": b"$17\r\n0123456789abcdef\n\r\n",
    "a state": b"+OK\r\n",
    "queued": b"+QUEUED\r\n",
    "a negative number": b":-3\r\n",
    "a number": b":2\r\n",
    "a list": b"*2\r\n:1\r\n:1\r\n",
    "an error": b"-ERR no such thing\r\n",
    "another type": b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
    "a replica": b"-READONLY You can't write against a read only replica.\r\n",
    "while loading": b"-LOADING Redis is loading the dataset in memory\r\n",
    "no protocol": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "no length": b"$x\r\n",
    "only an end of line": b"\r\n",
    "the end of the connection": b"",
    "half an answer": b"$16\r\n0123",
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_an_error_and_no_verdict(make: Make, answer: bytes) -> None:
    options: dict[str, Any] = {"protocol": 2, "socket_timeout": 0.2}
    answers: dict[str, Answer | Callable[[], Answer]] = {"INFO": NO_POLICY, "EVALSHA": answer}

    with answering(answers) as port:
        answers["SET"] = NIL
        guard = make(port, **options)
        claim = claimed(guard, key_of(1))
        answers["SET"] = answer
        calls: list[Callable[[], object]] = [lambda: guard.confirm(claim), lambda: guard.release(claim)]
        claims: list[Callable[[], object]] = [lambda: guard.claim(key_of(1))]
        for call in calls + claims:
            with pytest.raises(GuardUnavailable) as raised:
                call()
            cause = raised.value.__cause__
            assert re.search(type(cause).__name__ if cause else "no guard wrote|neither 0 nor 1", str(raised.value))
        answers |= {"SET": TOKEN_OF_ANOTHER, "PTTL": answer, "EVAL": answer}
        answers["EVALSHA"] = b"-NOSCRIPT No matching script. Please use EVAL.\r\n"
        # A time of 2 ms is one.
        for call in calls if answer == NONSENSE["a number"] else calls + claims:
            with pytest.raises(GuardUnavailable):
                call()
        # Nothing was decided, so that the claim can still be confirmed.
        answers["EVAL"] = b":1\r\n"
        assert guard.confirm(claim) is True


# They say nothing of a policy, as servers do that do not allow the question.
SAYS_NOTHING = {
    *("another value", "an empty value", "a plus", "not text", "a line more", "a state", "queued"),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_a_server_that_answers_no_question_is_not_asked_for_a_verdict(make: Make, name: str) -> None:
    with answering({"INFO": NONSENSE[name], "SET": NIL}) as port:
        guard = make(port, protocol=2, socket_timeout=0.2)
        if name in SAYS_NOTHING:
            assert claimed(guard, key_of(1))
        else:
            with pytest.raises(GuardUnavailable):
                guard.claim(key_of(1))


@pytest.mark.parametrize("refusal", [b"-NOPERM this user has no permissions\r\n", b"-ERR unknown command 'INFO'\r\n"])
def test_a_server_that_lets_nobody_ask_for_its_memory_is_used(make: Make, refusal: bytes) -> None:
    with answering({"INFO": refusal, "SET": NIL}) as port:
        assert claimed(make(port, protocol=2), key_of(1))


def test_a_server_that_is_busy_is_asked_for_its_memory_again(make: Make) -> None:
    policy = b"maxmemory:100\r\nmaxmemory_policy:allkeys-lru\r\n"
    busy = b"-BUSY Redis is busy running a script\r\n"
    answers: dict[str, Answer | Callable[[], Answer]] = {"INFO": busy, "SET": NIL}
    with answering(answers) as port:
        guard = make(port, protocol=2)
        with pytest.raises(GuardUnavailable):
            guard.claim(key_of(1))
        answers["INFO"] = b"$%d\r\n%b\r\n" % (len(policy), policy)
        with pytest.raises(GuardUnavailable, match="noeviction"):
            guard.claim(key_of(1))


def test_a_server_that_is_too_slow_is_an_error(make: Make) -> None:
    answers: dict[str, Answer | Callable[[], Answer]] = {"INFO": NO_POLICY, "SET": NIL, "EVALSHA": None}
    with answering(answers) as port:
        guard = make(port, protocol=2, socket_timeout=0.1)
        claim = claimed(guard, key_of(1))
        for settle in (guard.confirm, guard.release):
            with pytest.raises(GuardUnavailable, match="TimeoutError") as raised:
                settle(claim)
            assert isinstance(raised.value.__cause__, redis.TimeoutError)
        answers |= {"SET": TOKEN_OF_ANOTHER, "PTTL": None}
        with pytest.raises(GuardUnavailable, match="TimeoutError"):
            guard.claim(key_of(1))


untyped: Any = redis
ONCE = Retry(NoBackoff(), 0)


@pytest.mark.parametrize(
    ("client", "waits"),
    [
        (redis.Redis(socket_timeout=None, retry=ONCE), "for ever"),
        (redis.Redis(unix_socket_path="/nowhere", socket_timeout=None), "for ever"),
        (redis.Redis.from_url("rediss://nowhere", socket_timeout=None), "for ever"),
        (redis.Redis(socket_timeout=2, retry=Retry(NoBackoff(), -1)), "for ever"),
        (redis.Redis(socket_timeout=5, retry=Retry(NoBackoff(), 10)), "up to 55 s"),
        (redis.Redis(socket_timeout=31, retry=ONCE), "up to 31 s"),
    ],
)
def test_a_client_that_waits_too_long_is_refused(client: redis.Redis, waits: str) -> None:
    advice = r"build the client with socket_timeout=2 and retry=Retry\(NoBackoff\(\), 0\)"
    with pytest.raises(ValueError, match=f"the client waits {waits} for a server that does not answer.*{advice}"):
        ReplayGuard(client)


@pytest.mark.parametrize(
    "client",
    [
        redis.Redis(socket_timeout=30, retry=ONCE),
        redis.Redis(socket_timeout=2, retry=Retry(NoBackoff(), 10)),
        redis.Redis.from_url("redis://nowhere?socket_timeout=2"),
        redis.Redis(connection_pool=untyped.BlockingConnectionPool(socket_timeout=2, retry=ONCE)),
        untyped.sentinel.Sentinel([("nowhere", 1)]).master_for("name", socket_timeout=2),
    ],
)
def test_a_client_that_gives_up_is_taken(client: redis.Redis) -> None:
    assert ReplayGuard(client)


@contextmanager
def paused(server: Server) -> Iterator[None]:
    with server.client() as client:
        # What writes. A pause of everything would also hold back the command that ends it.
        client.client_pause(60_000, all=False)
        try:
            yield
        finally:
            client.client_unpause()


@pytest.mark.parametrize("silent", [paused, Server.stopped])
def test_a_server_that_accepts_and_does_not_answer_is_not_waited_for(
    make: Make, server: Server, silent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard of asyncio needs no timeout of its client."""
    monkeypatch.setattr(hookseal.redis, "_STEP_SECONDS", 0.3)
    guard = make(server.port, socket_timeout=0.3 if isinstance(make(server.port), ReplayGuard) else None)
    claim = claimed(guard, key_of(1))
    with silent(server):
        began = time.monotonic()
        steps: list[Callable[[], object]] = [
            lambda: guard.confirm(claim),
            lambda: guard.release(claim),
            lambda: guard.claim(key_of(2)),
            lambda: make(server.port, socket_timeout=0.3).claim(key_of(2)),
        ]
        for step in steps:
            with pytest.raises(GuardUnavailable, match="the server did not answer"):
                step()
        assert time.monotonic() - began < 10
    assert claimed(guard, key_of(3))


def test_an_older_redis_is_told_apart(make: Make) -> None:
    with answering({"INFO": NO_POLICY, "SET": b"-ERR syntax error\r\n"}) as port:
        guard = make(port, protocol=2)
        with pytest.raises(GuardUnavailable, match=r"must be Redis 7\.0 or later, or Valkey") as raised:
            guard.claim(key_of(1))
        assert isinstance(raised.value.__cause__, redis.ResponseError)


@pytest.mark.parametrize(
    ("left", "seconds"),
    [
        (1, 1),
        (0, 1),
        (-2, 1),
        (-1, 30),
        (1_000, 1),
        (1_001, 2),
        (29_999, 30),
        (30_000, 30),
        (86_400_000, 30),
        (2**63, 30),
    ],
)
def test_what_is_left_of_another_lease_is_from_one_second_to_a_lease(make: Make, left: int, seconds: int) -> None:
    with answering({"INFO": NO_POLICY, "SET": TOKEN_OF_ANOTHER, "PTTL": b":%d\r\n" % left}) as port:
        assert make(port, protocol=2).claim(key_of(1)) == InProgress(seconds)


@pytest.mark.parametrize(
    "token", ["0123456789abcdef", "0123456789abcdef" * 2, "a-zA-Z0-9_-", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"]
)
def test_a_token_of_another_language_is_known(make: Make, server: Server, store: redis.Redis, token: str) -> None:
    guard = make(server.port)
    store.set(f"hookseal:{key_of(1)}", token, px=5_000)
    assert guard.claim(key_of(1)) == InProgress(5)
    store.set(f"hookseal:{key_of(1)}", "+" + token, px=5_000)
    assert guard.claim(key_of(1)) == Duplicate()


def test_one_of_eight_threads_wins_each_key(server: Server) -> None:
    keys, start = [key_of(number) for number in range(1_000)], threading.Barrier(8)
    with server.client() as client:
        guard = ReplayGuard(client)

        def run(_: int) -> Counter[ReplayKey]:
            won: Counter[ReplayKey] = Counter()
            start.wait()
            for key in keys:
                outcome = guard.claim(key)
                if isinstance(outcome, Claimed) and guard.confirm(outcome.claim):
                    won[key] += 1
            return won

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(run, range(8)), Counter()) == Counter(keys)
        assert {guard.claim(key) for key in keys} == {Duplicate()}


def test_one_of_many_tasks_wins_each_key(server: Server) -> None:
    keys = [key_of(number) for number in range(200)]

    async def run(guard: AsyncReplayGuard) -> Counter[ReplayKey]:
        won: Counter[ReplayKey] = Counter()
        for key in keys:
            outcome = await guard.claim(key)
            if isinstance(outcome, Claimed) and await guard.confirm(outcome.claim):
                won[key] += 1
        return won

    async def run_all() -> None:
        async with redis.asyncio.Redis(port=server.port) as client:
            guard = AsyncReplayGuard(client)
            won = await asyncio.gather(*(run(guard) for _ in range(16)))
            assert sum(won, Counter()) == Counter(keys)

    asyncio.run(run_all())


def test_a_claim_is_settled_once_whichever_thread_is_first(server: Server) -> None:
    with server.client() as client, ThreadPoolExecutor(4) as pool:
        guard = ReplayGuard(client)
        for number in range(200):
            claim = claimed(guard, key_of(number))
            answers = list(pool.map(lambda settle, claim=claim: settle(claim), [guard.confirm, guard.release] * 2))
            assert sorted([set(answers[::2]), set(answers[1::2])], key=str) == [{False}, {True}]


def test_a_claim_is_settled_once_whichever_task_is_first(server: Server) -> None:
    async def run() -> None:
        async with redis.asyncio.Redis(port=server.port) as client:
            guard = AsyncReplayGuard(client)
            for number in range(100):
                outcome = await guard.claim(key_of(number))
                assert isinstance(outcome, Claimed)
                settles = [guard.release, guard.confirm] if number % 2 else [guard.confirm, guard.release]
                answers = await asyncio.gather(*(settle(outcome.claim) for settle in settles * 2))
                assert sorted([set(answers[::2]), set(answers[1::2])], key=str) == [{False}, {True}]

    asyncio.run(run())


def test_a_task_that_is_cancelled_decides_nothing() -> None:
    answers: dict[str, Answer | Callable[[], Answer]] = {"INFO": NO_POLICY, "SET": NIL, "EVALSHA": None}

    async def run(port: int) -> None:
        async with redis.asyncio.Redis(port=port, protocol=2) as client:
            guard = AsyncReplayGuard(client)
            outcome = await guard.claim(key_of(1))
            assert isinstance(outcome, Claimed)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(guard.confirm(outcome.claim), 0.05)
            answers["EVALSHA"] = b":1\r\n"
            assert await guard.confirm(outcome.claim) is True

    with answering(answers) as port:
        asyncio.run(run(port))


def test_a_task_that_is_cancelled_while_it_claims_leaves_no_claim(server: Server, store: redis.Redis) -> None:
    """A proxy holds the answer to the claim back, while the server has it."""
    held = threading.Event()

    def holds(client: Any) -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as behind:
            holding = False
            while True:
                for ready in select.select([client, behind], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is client:
                        holding = b"\r\nSET\r\n" in data
                        behind.sendall(data)
                    elif holding:
                        held.set()
                    else:
                        client.sendall(data)

    async def run(port: int) -> None:
        async with redis.asyncio.Redis(port=port, protocol=2) as client:
            guard = AsyncReplayGuard(client)
            task = asyncio.create_task(guard.claim(key_of(1)))
            assert await asyncio.to_thread(held.wait, 10)
            assert len(store.keys()) == 1
            # The `wait_for` of Python 3.11, by which the client sends, can lose a cancellation.
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            for _ in range(500):
                if not store.keys():
                    break
                await asyncio.sleep(0.01)
            assert store.keys() == []

    with listening(holds) as port:
        asyncio.run(run(port))


def test_a_pipeline_that_answers_nothing_is_an_error(server: Server) -> None:
    with server.client() as client, pytest.raises(GuardUnavailable, match="answered INFO with something else"):
        ReplayGuard(client.pipeline()).claim(key_of(1))


def test_a_guard_that_cannot_be_is_refused() -> None:
    with redis.Redis(socket_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
        of_asyncio = redis.asyncio.Redis()
        wrong: list[Any] = [None, "redis://localhost", client.connection_pool]
        for other in (*wrong, of_asyncio):
            with pytest.raises(TypeError, match=r"client must be a redis\.Redis; AsyncReplayGuard takes"):
                ReplayGuard(other)
        for other in (*wrong, client):
            with pytest.raises(TypeError, match=r"client must be a redis\.asyncio\.Redis; ReplayGuard takes"):
                AsyncReplayGuard(other)
        builders: list[Callable[..., object]] = [
            lambda **options: ReplayGuard(client, **options),
            lambda **options: AsyncReplayGuard(of_asyncio, **options),
        ]
        for build in builders:
            for seconds in (0, -1, 2**32, 10**40):
                with pytest.raises(ValueError, match="lease_seconds must be between 1 and 4294967295"):
                    build(lease_seconds=seconds)
            for other in (True, 0.5, float("nan"), "30"):
                with pytest.raises(TypeError, match="lease_seconds must be an integer"):
                    build(lease_seconds=other)
            for other in (None, b"hookseal:", 5):
                with pytest.raises(TypeError, match="prefix must be str"):
                    build(prefix=other)
            with pytest.raises(UnicodeEncodeError):
                build(prefix="\ud800")


def test_a_guard_and_a_claim_show_no_key_and_stay_where_they_are(server: Server) -> None:
    with server.client() as client:
        guard = ReplayGuard(client)
        claim = claimed(guard, key_of(1))
        assert repr(claim) == "Claim()"
        for copied in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="a ReplayGuard cannot be pickled or copied"):
                copied(guard)
            with pytest.raises(TypeError, match="a Claim cannot be pickled or copied"):
                copied(claim)


def test_an_error_shows_no_key_and_has_its_cause(make: Make) -> None:
    with answering({"INFO": NO_POLICY, "SET": b"-ERR secret text\r\n"}) as port:
        with pytest.raises(GuardUnavailable) as raised:
            make(port, protocol=2).claim(key_of(1))
        assert str(raised.value) == "the server did not answer, or not as expected: ResponseError"
        assert "secret text" in str(raised.value.__cause__)


def test_the_example_of_the_module_runs(server: Server) -> None:
    text = (hookseal.redis.__doc__ or "").split("\n\n")
    example = textwrap.dedent("\n\n".join(part for part in text if part.startswith("    ")))
    handled: list[Delivery] = []
    names: dict[str, Any] = {
        "redis": redis,
        "Retry": Retry,
        "NoBackoff": NoBackoff,
        "handle": handled.append,
        "ReplayGuard": lambda client: ReplayGuard(client),
        **{each.__name__: each for each in (Claimed, Duplicate, Full, InProgress, Delivery)},
    }
    assert "redis.Redis(socket_timeout=2, " in example
    exec(example.replace("socket_timeout=2", f"socket_timeout=2, port={server.port}"), names)
    delivery = benji()
    assert (names["status_for"](delivery), names["status_for"](delivery), handled) == (200, 200, [delivery])
    other = BENJI.receive(hookseal.sign.benji("salt-7f3c9b1e", b'{"event":"e"}'), b'{"event":"e"}')
    names["handle"] = lambda _: 1 / 0
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            names["status_for"](other)
    key = other.replay_key()
    assert key is not None
    with server.client() as client:
        held = claimed(ReplayGuard(client), key)
        assert (names["status_for"](other), held.key) == (503, key)


def test_the_package_needs_no_redis() -> None:
    code = "import sys; sys.modules['redis'] = None; import hookseal; hookseal.ReplayGuard(1)"
    subprocess.run([sys.executable, "-c", code], check=True)
    code = "import sys, hookseal; assert 'redis' not in sys.modules and not hasattr(hookseal, 'redis')"
    subprocess.run([sys.executable, "-c", code], check=True)
