"""A guard in every adapter: what each outcome is answered with, and what becomes of the claim."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

import apps
import hookseal
import hookseal.redis
from guarded import FRAMEWORKS, WORDS, View, answers, raises, serving, succeeds, to_close
from hookseal import sign
from redis_servers import Server, listening, losing_answers

EVERY = pytest.mark.parametrize("name", FRAMEWORKS)


@pytest.fixture(scope="module")
def redis_server() -> Iterator[Server]:
    with Server() as server:
        yield server


@contextmanager
def redis_guard(name: str, port: int, **options: Any) -> Iterator[Any]:
    """A guard of the kind that the framework takes."""
    options = {"port": port, "retry": Retry(NoBackoff(), 0), "socket_timeout": 5, **options}
    if FRAMEWORKS[name].is_async:
        options["retry"] = redis.asyncio.retry.Retry(NoBackoff(), 0)
        client = redis.asyncio.Redis(**options)
        to_close.append(client)
        yield hookseal.redis.AsyncReplayGuard(client)
        to_close.clear()
        return
    with closing(redis.Redis(**options)) as synchronous:
        yield hookseal.redis.ReplayGuard(synchronous)


class Own:
    """A guard as a program writes one, here in a dict. A claim is its key."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def claim(
        self, key: hookseal.ReplayKey
    ) -> hookseal.Claimed[str] | hookseal.InProgress | hookseal.Duplicate | hookseal.Full:
        assert isinstance(key, hookseal.ReplayKey)
        match self.held.setdefault(key, "new"):
            case "new":
                self.held[key] = "claimed"
                return hookseal.Claimed(str(key))
            case "claimed":
                return hookseal.InProgress(30)
        return hookseal.Duplicate()

    def confirm(self, claim: str) -> bool:
        self.held[claim] = "confirmed"
        return True

    def release(self, claim: str) -> bool:
        return self.held.pop(claim) == "claimed"


class OwnAsync:
    def __init__(self) -> None:
        self.own = Own()

    async def claim(
        self, key: hookseal.ReplayKey
    ) -> hookseal.Claimed[str] | hookseal.InProgress | hookseal.Duplicate | hookseal.Full:
        await asyncio.sleep(0)
        return self.own.claim(key)

    async def confirm(self, claim: str) -> bool:
        await asyncio.sleep(0)
        return self.own.confirm(claim)

    async def release(self, claim: str) -> bool:
        await asyncio.sleep(0)
        return self.own.release(claim)


# A type checker knows that they are guards.
sync_guard: hookseal.Guard[str] = Own()
async_guard: hookseal.AsyncGuard[str] = OwnAsync()


def own_guard(name: str) -> Any:
    return OwnAsync() if FRAMEWORKS[name].is_async else Own()


@pytest.fixture(params=["memory", "redis", "own"])
def guard(request: pytest.FixtureRequest, name: str) -> Iterator[Any]:
    if request.param == "memory":
        yield hookseal.ReplayGuard(100)
        return
    if request.param == "own":
        yield own_guard(name)
        return
    server: Server = request.getfixturevalue("redis_server")
    server.client().flushall()
    with redis_guard(name, server.port) as made:
        yield made


class Told:
    """The outcomes that `on_delivery` got."""

    def __init__(self) -> None:
        self.outcomes: list[str] = []

    def __call__(self, delivery: hookseal.Delivery, outcome: str) -> None:
        assert isinstance(delivery, hookseal.Delivery)
        self.outcomes.append(outcome)


@pytest.mark.shows("guard")
@EVERY
def test_a_repetition_of_a_handled_delivery_is_answered_without_the_view(name: str, guard: Any) -> None:
    view, told = View(), Told()
    with serving(name, view, guard=guard, on_delivery=told) as client:
        replies = [client.benji(), client.benji(), client.benji(2)]
    assert [reply.status for reply in replies] == [201, 200, 201]
    assert replies[1].body == b""
    assert (view.calls, told.outcomes) == (2, ["handled", "duplicate", "handled"])


@EVERY
@pytest.mark.parametrize(("does", "status"), [(raises, 500), (answers(400), 400), (answers(503), 503)])
def test_a_handler_that_fails_gives_the_claim_back(
    name: str, guard: Any, does: Any, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    view, told = View(), Told()
    with serving(name, view, guard=guard, on_delivery=told) as client:
        view.does = does
        assert client.benji().status == status
        view.does = succeeds
        assert [client.benji().status, client.benji().status] == [201, 200]
    assert (view.calls, told.outcomes) == (2, ["failed", "handled", "duplicate"])
    assert not [record for record in caplog.records if record.name == "hookseal"]


@EVERY
@pytest.mark.parametrize("status", [200, 302, 399])
def test_a_status_below_400_is_a_success(name: str, status: int) -> None:
    view = View()
    view.does = answers(status)
    with serving(name, view, guard=hookseal.ReplayGuard(10)) as client:
        assert client.benji().status == status
        assert client.benji().status == 200
    assert view.calls == 1


@EVERY
def test_a_delivery_in_progress_is_answered_with_what_is_left_of_the_lease(
    name: str, guard: Any, request: pytest.FixtureRequest
) -> None:
    view, told = View(), Told()
    other = guard
    if isinstance(guard, hookseal.redis.AsyncReplayGuard):
        other = hookseal.redis.ReplayGuard(request.getfixturevalue("redis_server").client())
    elif isinstance(guard, OwnAsync):
        other = guard.own
    with serving(name, view, guard=guard, on_delivery=told) as client:
        claimed = other.claim(client.delivery().replay_key())
        reply = client.benji()
        assert (reply.status, reply.body) == (503, b"")
        assert 28 <= int(reply.headers["retry-after"]) <= 30
        assert other.release(claimed.claim)
        assert client.benji().status == 201
    assert (view.calls, told.outcomes) == (1, ["in_progress", "handled"])


@EVERY
def test_a_full_guard_is_answered_with_503(name: str, caplog: pytest.LogCaptureFixture) -> None:
    view, told = View(), Told()
    with serving(name, view, guard=hookseal.ReplayGuard(1), on_delivery=told) as client:
        assert client.benji(1).status == 201
        reply = client.benji(2)
    assert (reply.status, reply.headers["retry-after"], reply.body) == (503, "5", b"")
    assert (view.calls, told.outcomes) == (1, ["handled", "full"])
    (record,) = [record for record in caplog.records if record.name == "hookseal"]
    assert record.getMessage() == "webhook not claimed: the guard is full: build it with a greater capacity"
    assert (vars(record)["hookseal_code"], vars(record)["hookseal_status"]) == ("full", 503)


@EVERY
def test_a_server_that_is_down_is_answered_with_503(
    name: str, redis_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    view, told = View(), Told()
    with (
        listening(lambda connection: None) as port,
        redis_guard(name, port) as guard,
        serving(name, view, guard=guard, on_delivery=told) as client,
    ):
        reply = client.benji()
    assert (reply.status, reply.headers["retry-after"], reply.body) == (503, "5", b"")
    assert (view.calls, told.outcomes) == (0, ["unavailable"])
    (record,) = [record for record in caplog.records if record.name == "hookseal"]
    assert record.getMessage().startswith("webhook not claimed: the server did not answer")


@EVERY
def test_a_guard_of_the_program_that_fails_claims_nothing(name: str, caplog: pytest.LogCaptureFixture) -> None:
    errors: list[Exception] = [ValueError(WORDS), hookseal.GuardUnavailable("the table is away")]

    def fails(*_: object) -> Any:
        raise errors.pop()

    async def fails_later(*_: object) -> Any:
        fails()

    guard, view = own_guard(name), View()
    guard.claim = fails_later if FRAMEWORKS[name].is_async else fails
    with serving(name, view, guard=guard) as client:
        reply = client.benji()
        assert (reply.status, reply.headers["retry-after"], reply.body) == (503, "5", b"")
        assert client.benji().status == 500
    assert view.calls == 0
    (record,) = [record for record in caplog.records if record.name == "hookseal"]
    assert record.getMessage() == "webhook not claimed: the table is away"


@EVERY
def test_a_connection_that_broke_is_tried_once_more(name: str, redis_server: Server) -> None:
    """A pooled connection that the server has closed: the client notices when it uses it."""
    redis_server.client().flushall()
    view = View()
    with redis_guard(name, redis_server.port) as guard, serving(name, view, guard=guard) as client:
        assert client.benji(1).status == 201
        redis_server.client().client_kill_filter(_type="normal", skipme=True)
        assert client.benji(2).status == 201
    assert view.calls == 2


@EVERY
def test_a_claim_whose_answer_was_lost_is_no_claim_of_another(name: str, redis_server: Server) -> None:
    redis_server.client().flushall()
    view, told = View(), Told()
    with (
        losing_answers(redis_server) as (port, losing),
        redis_guard(name, port) as guard,
        serving(name, view, guard=guard, on_delivery=told) as client,
    ):
        losing.commands = [b"SET"]
        assert client.benji().status == 201
    assert losing.lost == 1
    assert (view.calls, told.outcomes) == (1, ["handled"])


@EVERY
def test_a_server_that_is_too_slow_is_asked_once(name: str, caplog: pytest.LogCaptureFixture) -> None:
    asked: list[bytes] = []

    def hangs(connection: Any) -> None:
        while data := connection.recv(65536):
            asked.append(data)

    view = View()
    with (
        listening(hangs) as port,
        redis_guard(name, port, socket_timeout=0.2) as guard,
        serving(name, view, guard=guard) as client,
    ):
        reply = client.benji()
    assert (reply.status, view.calls) == (503, 0)
    assert len(asked) == 1


@EVERY
def test_a_server_that_stops_is_not_waited_for(
    name: str, redis_server: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an event loop the guard itself has a limit."""
    redis_server.client().flushall()
    monkeypatch.setattr(hookseal.redis, "_STEP_SECONDS", 0.2)
    view, told = View(), Told()
    options = {"socket_timeout": None if FRAMEWORKS[name].is_async else 0.2}
    with (
        redis_guard(name, redis_server.port, **options) as guard,
        serving(name, view, guard=guard, on_delivery=told) as client,
    ):
        with redis_server.stopped():
            began = time.monotonic()
            reply = client.benji(1)
            assert time.monotonic() - began < 4
        assert (reply.status, reply.headers["retry-after"], reply.body) == (503, "5", b"")
        assert client.benji(2).status == 201
    assert (view.calls, told.outcomes) == (1, ["unavailable", "handled"])
    (record,) = [record for record in caplog.records if record.name == "hookseal"]
    assert record.getMessage().startswith("webhook not claimed: the server did not answer")


@EVERY
def test_a_confirmation_that_fails_is_reported_and_changes_no_answer(
    name: str, redis_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    redis_server.client().flushall()
    view, told = View(), Told()
    with (
        losing_answers(redis_server) as (port, losing),
        redis_guard(name, port) as guard,
        serving(name, view, guard=guard, on_delivery=told) as client,
    ):
        losing.commands = [b"EVALSHA"]
        assert client.benji().status == 201
    assert losing.lost == 1
    assert (view.calls, told.outcomes) == (1, ["handled"])
    (record,) = [record for record in caplog.records if record.name == "hookseal"]
    assert record.levelno == logging.ERROR
    assert record.getMessage().startswith(
        "the claim of a webhook could not be confirmed: a repetition may be handled"
    )


@EVERY
def test_a_lost_lease_is_reported_and_changes_no_answer(name: str, caplog: pytest.LogCaptureFixture) -> None:
    guard = hookseal.ReplayGuard(10, lease_seconds=1)
    view = View()

    def is_slow(delivery: hookseal.Delivery) -> int:
        # What another handler does after the lease.
        assert guard.claim(delivery.replay_key(), time.time() + 2).outcome == "claimed"
        return 201

    view.does = is_slow
    with serving(name, view, guard=guard) as client:
        assert client.benji().status == 201
    assert "its lease had ended" in caplog.text


@EVERY
def test_a_release_that_fails_is_reported_and_the_failure_goes_on(
    name: str, redis_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    redis_server.client().flushall()
    view, told = View(), Told()
    view.does = raises
    with (
        losing_answers(redis_server) as (port, losing),
        redis_guard(name, port) as guard,
        serving(name, view, guard=guard, on_delivery=told) as client,
    ):
        losing.commands = [b"EVALSHA"]
        assert client.benji().status == 500
    assert losing.lost == 1
    assert told.outcomes == ["failed"]
    assert "the claim of a webhook could not be released: it ends after the lease" in caplog.text


@EVERY
def test_a_refused_request_claims_nothing(name: str) -> None:
    guard, view, told = hookseal.ReplayGuard(10), View(), Told()
    with serving(name, view, guard=guard, on_delivery=told) as client:
        client.forge()
        assert (guard.held, view.calls, told.outcomes) == (0, 0, [])
        assert client.benji().status == 201


@EVERY
def test_an_answer_without_a_body_has_no_type(name: str) -> None:
    with serving(name, View(), guard=hookseal.ReplayGuard(10)) as client:
        refused = client.send("POST", client.signed(1), b"{}")
        client.benji()
        replies = [refused, client.benji()]
    assert [(reply.status, reply.body) for reply in replies] == [(401, b""), (200, b"")]
    assert not any("content-type" in reply.headers for reply in replies)


@EVERY
def test_a_handshake_claims_nothing(name: str) -> None:
    guard, view, told = hookseal.ReplayGuard(10), View(), Told()
    with serving(name, view, apps.BENTI, guard=guard, on_delivery=told) as client:
        reply = client.send("GET", sign.benti_handshake(apps.SECRET, "c4f1e7d2"))
        assert (reply.status, reply.body) == (200, b"c4f1e7d2")
    assert (guard.held, view.calls, told.outcomes) == (0, 0, [])


def slow(steps: list[str]) -> Any:
    async def on_delivery(delivery: hookseal.Delivery, outcome: str) -> None:
        await asyncio.sleep(0.01)
        steps.append(outcome)

    return on_delivery


@pytest.mark.shows("callbacks")
@EVERY
def test_an_asynchronous_callback_is_awaited_before_the_answer(name: str) -> None:
    steps: list[str] = []
    with serving(name, View(), guard=hookseal.ReplayGuard(10), on_delivery=slow(steps)) as client:
        client.benji()
        assert steps == ["handled"]
        client.benji()
        assert steps == ["handled", "duplicate"]


def fails(delivery: hookseal.Delivery, outcome: str) -> None:
    raise SystemExit(3)


async def fails_later(delivery: hookseal.Delivery, outcome: str) -> None:
    await asyncio.sleep(0)
    raise ValueError(WORDS)


@EVERY
@pytest.mark.parametrize("callback", [fails, fails_later, lambda: None])
def test_a_callback_that_fails_is_reported_and_changes_no_answer(
    name: str, callback: Any, caplog: pytest.LogCaptureFixture
) -> None:
    view = View()
    with serving(name, view, guard=hookseal.ReplayGuard(10), on_delivery=callback) as client:
        assert [client.benji().status, client.benji().status] == [201, 200]
        view.does = raises
        assert client.benji(2).status == 500
    failures = [record for record in caplog.records if record.name == "hookseal"]
    assert [each.getMessage() for each in failures] == ["on_delivery failed; the answer is sent all the same"] * 3
    assert all(each.exc_info for each in failures)


@EVERY
def test_a_callback_hears_of_deliveries_without_a_guard(name: str) -> None:
    view, told = View(), Told()
    with serving(name, view, on_delivery=told) as client:
        assert client.benji().status == 201
        view.does = raises
        assert client.benji().status == 500
    assert told.outcomes == ["handled", "failed"]


@EVERY
def test_none_means_that_none_is_given(name: str) -> None:
    view = View()
    with serving(name, view, guard=None, inbox=None, on_rejection=None, on_delivery=None) as client:
        assert [client.benji().status, client.benji().status] == [201, 201]
        assert client.send("POST", {}, b"{}").status == 401
    assert view.calls == 2


def takes(name: str, **options: Any) -> Callable[[], Any]:
    return lambda: FRAMEWORKS[name].make(View(), options.pop("receiver", apps.BENJI), **options)


@EVERY
def test_the_guard_of_the_other_kind_is_refused_when_the_program_starts(name: str, redis_server: Server) -> None:
    other = "flask" if FRAMEWORKS[name].is_async else "starlette"
    with redis_guard(other, redis_server.port) as of_redis:
        for guard in (of_redis, own_guard(other)):
            with pytest.raises(TypeError) as raised:
                takes(name, guard=guard)()
            if FRAMEWORKS[name].is_async:
                assert "guard must be a hookseal.redis.AsyncReplayGuard or a hookseal.AsyncGuard" in str(raised.value)
                assert "one that is not asynchronous would block the event loop" in str(raised.value)
            else:
                assert "guard must be a hookseal.redis.ReplayGuard or a hookseal.Guard" in str(raised.value)
                assert "nothing would await an asynchronous one" in str(raised.value)


@EVERY
def test_other_mistakes_are_refused_when_the_program_starts(name: str) -> None:
    guard = hookseal.ReplayGuard(1)
    without_keys = hookseal.Receiver.benji(apps.SALT, replay_policy="none")
    with pytest.raises(ValueError, match="with the replay policy `none` there are none"):
        takes(name, guard=guard, receiver=without_keys)()
    of_redis = type("Redis", (), {"claim": 1, "confirm": print, "release": print})()
    for wrong in (object(), hookseal.ReplayGuard, Own, of_redis, apps.BENJI):
        with pytest.raises(TypeError, match=r"guard must be .* hookseal\.redis, or a hookseal\.Guard of your own"):
            takes(name, guard=wrong)()
    mixed = type("Mixed", (Own,), {"confirm": OwnAsync.confirm})()
    with pytest.raises(TypeError, match="guard must have methods that are all asynchronous, or none that is"):
        takes(name, guard=mixed)()
    with pytest.raises(TypeError, match="on_delivery must be a function that takes a Delivery and an outcome"):
        takes(name, on_delivery="log")()
    with pytest.raises(TypeError, match="on_delivery must not be a generator function"):
        takes(name, on_delivery=lambda *_: (yield))()
