"""The guard in memory: what it says, with bad arguments, among threads, and what it keeps."""

import copy
import gc
import itertools
import math
import pickle
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import hookseal
from hookseal import Claim, Claimed, Duplicate, Full, InProgress, Receiver, ReplayGuard, ReplayKey, sign
from samples import BENJI, NOW, SALT, TOKEN, benji, benji_body_only

SEED = b"any sixteen byte"


def key_of(number: int, retention_seconds: int = 300) -> ReplayKey:
    """The key of a delivery that a receiver accepts."""
    receiver = Receiver.bento(bearer=TOKEN, replay_retention_seconds=retention_seconds)
    key = receiver.receive(sign.bento_bearer(TOKEN), b'{"event":"e","number":[%d]}' % number, now=NOW).replay_key()
    assert key is not None
    return key


def key_without_end() -> ReplayKey:
    key = benji_body_only(replay_policy="strict").replay_key()
    assert key is not None
    assert key.retention_seconds is None
    return key


def claimed(guard: ReplayGuard, key: ReplayKey, now: float | datetime | None = NOW) -> Claim:
    outcome = guard.claim(key, now)
    assert isinstance(outcome, Claimed), outcome
    return outcome.claim


def word(outcome: Claimed[Claim] | InProgress | Duplicate | Full) -> str:
    """The outcome, as a program tells it."""
    match outcome:
        case Claimed(claim):
            return f"claimed {type(claim).__name__}"
        case InProgress(seconds_left):
            return f"in progress for {seconds_left} s"
        case Duplicate():
            return "duplicate"
        case Full():
            return "full"


def test_a_key_is_claimed_confirmed_and_then_a_duplicate() -> None:
    guard, key = ReplayGuard(10, 30, SEED), key_of(1)
    claim = claimed(guard, key)
    assert (claim.key, type(claim.key), claim.key.retention_seconds) == (key, ReplayKey, 300)
    assert guard.claim(key, NOW) == InProgress(30)
    assert guard.claim(key, NOW + 29.5) == InProgress(1)
    assert guard.confirm(claim, NOW + 1) is True
    assert guard.claim(key, NOW + 300.999) == Duplicate()
    assert word(guard.claim(key, NOW + 301)) == "claimed Claim"


def test_a_released_key_is_claimed_again() -> None:
    guard, key = ReplayGuard(10), key_of(1)
    assert guard.release(claimed(guard, key)) is True
    assert guard.held == 0
    claim = claimed(guard, key)
    assert guard.confirm(claim, NOW)


def test_a_lost_lease_is_told() -> None:
    guard, key = ReplayGuard(10, 5), key_of(1)
    slow, fast = claimed(guard, key), claimed(guard, key, NOW + 5)
    assert (guard.confirm(slow, NOW + 6), guard.release(slow)) == (False, False)
    assert guard.confirm(fast, NOW + 6) is True
    # Nobody else has the key.
    other = key_of(2)
    assert guard.confirm(claimed(guard, other), NOW + 60) is True


def test_a_full_guard_says_so() -> None:
    guard = ReplayGuard(capacity=2, lease_seconds=30)
    claims = [claimed(guard, key_of(number)) for number in range(2)]
    assert (word(guard.claim(key_of(2), NOW)), guard.held, guard.capacity) == ("full", 2, 2)
    assert guard.release(claims[0])
    assert word(guard.claim(key_of(2), NOW)) == "claimed Claim"
    assert guard.confirm(claims[1], NOW)
    assert word(guard.claim(key_of(3), NOW + 60)) == "claimed Claim"


def test_an_outcome_has_its_word() -> None:
    claim = claimed(ReplayGuard(1), key_of(1))
    outcomes: list[Claimed[Claim] | InProgress | Duplicate | Full] = [
        Claimed(claim),
        InProgress(7),
        Duplicate(),
        Full(),
    ]
    assert [outcome.outcome for outcome in outcomes] == ["claimed", "in_progress", "duplicate", "full"]
    assert [word(outcome) for outcome in outcomes] == ["claimed Claim", "in progress for 7 s", "duplicate", "full"]
    assert repr(outcomes) == "[Claimed(claim=Claim()), InProgress(seconds_left=7), Duplicate(), Full()]"
    assert len(set(outcomes)) == 4
    assert pickle.loads(pickle.dumps(outcomes[1:])) == outcomes[1:]
    for outcome in outcomes:
        with pytest.raises((AttributeError, TypeError)):
            outcome.outcome = "other"  # type: ignore[misc, assignment]


def test_a_second_call_changes_nothing_and_answers_as_the_first() -> None:
    guard, key = ReplayGuard(10), key_of(1)
    claim = claimed(guard, key)
    assert [guard.release(claim), guard.release(claim), guard.confirm(claim, NOW)] == [True, True, False]
    again = claimed(guard, key)
    assert [guard.release(claim), guard.confirm(claim, NOW)] == [True, False]
    assert guard.claim(key, NOW) == InProgress(30)
    assert [guard.confirm(again, NOW), guard.confirm(again, NOW + 200), guard.release(again)] == [True, True, False]
    # The second confirmation did not extend the retention.
    assert word(guard.claim(key, NOW + 300)) == "claimed Claim"


def test_a_claim_of_another_guard_is_none_of_this_one() -> None:
    one, other, key = ReplayGuard(10, 30, SEED), ReplayGuard(10, 30, SEED), key_of(1)
    claim, held = claimed(one, key), claimed(other, key)
    assert (other.confirm(claim, NOW), other.release(claim)) == (False, False)
    assert other.claim(key, NOW) == InProgress(30)
    assert (one.confirm(claim, NOW), other.release(held)) == (True, True)


@pytest.mark.parametrize("guard", [ReplayGuard(1), hookseal.Delivery, None, 1, "claim", Claimed(1)])
def test_what_is_no_claim_is_refused(guard: Any) -> None:
    mine = ReplayGuard(1)
    for settle in (mine.confirm, mine.release):
        with pytest.raises(TypeError, match=r"claim must be the `claim` of a `Claimed`"):
            settle(guard)


def test_a_delivery_without_a_key_cannot_be_claimed() -> None:
    guard = ReplayGuard(1)
    key = benji_body_only(replay_policy="none").replay_key()
    assert key is None
    with pytest.raises(TypeError, match='not None: with the replay policy "none" a delivery has no key'):
        guard.claim(key)
    others: list[Any] = [str(key_of(1)), key_of(1).encode(), 5, object()]
    for other in others:
        with pytest.raises(TypeError, match="nothing else tells how long it counts"):
            guard.claim(other)
    assert guard.held == 0


@pytest.mark.parametrize(
    ("text", "retention", "error"),
    [
        ("", 5, ValueError),
        ("0" * 31, 5, ValueError),
        ("A" * 32, 5, ValueError),
        ("\ud800" * 32, 5, ValueError),
        ("0" * 32, 0, ValueError),
        ("0" * 32, -5, ValueError),
        ("0" * 32, True, TypeError),
        ("0" * 32, 5.0, TypeError),
        ("0" * 32, math.nan, TypeError),
        ("0" * 32, "5", TypeError),
    ],
)
def test_a_key_that_no_receiver_made_is_refused(text: str, retention: Any, error: type[Exception]) -> None:
    guard = ReplayGuard(1)
    with pytest.raises(error, match=r"retention_seconds must be|32 lower-case hexadecimal digits"):
        guard.claim(ReplayKey(text, retention))
    assert guard.held == 0


def test_a_key_of_any_length_of_time_is_kept() -> None:
    guard = ReplayGuard(10)
    for number, retention in enumerate((1, 2**32 - 1, 2**63, 2**64, 10**30, None)):
        key = ReplayKey(f"{number:032x}", retention)
        assert guard.confirm(claimed(guard, key), NOW)
        assert guard.claim(key, NOW) == Duplicate()
    assert guard.claim(key, NOW + 86_400 * 365 * 1000) == Duplicate()


def test_an_event_can_be_claimed_too() -> None:
    guard, (event,) = ReplayGuard(10), benji()
    key = event.replay_key()
    assert key is not None
    assert guard.confirm(claimed(guard, key), NOW)
    recorded = hookseal.from_trusted_record(benji().to_record())
    again = recorded[0].replay_key()
    assert again is not None
    assert guard.claim(again, NOW) == Duplicate()


FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def test_times_at_their_extremes_are_survived() -> None:
    guard = ReplayGuard(10, 2**32 - 1)
    keys = [key_of(1, 2**32 - 1), key_without_end()]
    for now in (FIRST, LAST, 0, FIRST, FIRST.timestamp(), 99_999_999_999.5, NOW):
        for key in keys:
            outcome = guard.claim(key, now)
            if isinstance(outcome, Claimed):
                assert guard.confirm(outcome.claim, now)
            else:
                assert outcome == Duplicate()
            assert guard.claim(key, now) == Duplicate()


@pytest.mark.parametrize(
    ("now", "error"),
    [
        (math.nan, ValueError),
        (math.inf, ValueError),
        (-math.inf, ValueError),
        (1e300, ValueError),
        (10**400, ValueError),
        (NOW * 1000, ValueError),
        (-(10**12), ValueError),
        (datetime(2026, 3, 4), ValueError),
        (True, TypeError),
        ("0", TypeError),
        (timedelta(1), TypeError),
        (b"", TypeError),
    ],
)
def test_a_time_that_is_none_is_refused(now: Any, error: type[Exception]) -> None:
    guard, key = ReplayGuard(10), key_of(1)
    claim = claimed(guard, key)
    for call in (lambda: guard.claim(key, now), lambda: guard.confirm(claim, now)):
        with pytest.raises(error, match="now must"):
            call()
    assert (guard.held, guard.confirm(claim, NOW)) == (1, True)


def test_the_clock_is_the_default() -> None:
    guard, key = ReplayGuard(10), key_of(1)
    claim = claimed(guard, key, None)
    assert guard.claim(key, None) in (InProgress(30), InProgress(29))
    assert guard.confirm(claim)
    assert guard.claim(key) == Duplicate()
    assert word(guard.claim(key, datetime.now(UTC) + timedelta(seconds=301))) == "claimed Claim"


def test_a_clock_that_runs_back_is_survived() -> None:
    guard, key = ReplayGuard(10), key_of(1)
    claim = claimed(guard, key, NOW)
    assert guard.claim(key, NOW - 1000) == InProgress(1030)
    assert guard.confirm(claim, NOW - 1000)
    assert guard.claim(key, NOW - 1000) == Duplicate()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0,), ValueError, "capacity must be between 1 and 16777215"),
        ((-1,), ValueError, "capacity must be between 1 and 16777215"),
        ((16_777_216,), ValueError, "capacity must be between 1 and 16777215"),
        ((10**40,), ValueError, "capacity must be between 1 and 16777215"),
        ((-(10**40),), ValueError, "capacity must be between 1 and 16777215"),
        ((True,), TypeError, "capacity must be an integer"),
        ((1.0,), TypeError, "capacity must be an integer"),
        ((math.nan,), TypeError, "capacity must be an integer"),
        (("1",), TypeError, "capacity must be an integer"),
        ((None,), TypeError, "capacity must be an integer"),
        ((1, 0), ValueError, "lease_seconds must be between 1 and 4294967295"),
        ((1, -1), ValueError, "lease_seconds must be between 1 and 4294967295"),
        ((1, 2**32), ValueError, "lease_seconds must be between 1 and 4294967295"),
        ((1, 10**40), ValueError, "lease_seconds must be between 1 and 4294967295"),
        ((1, True), TypeError, "lease_seconds must be an integer"),
        ((1, 0.5), TypeError, "lease_seconds must be an integer"),
        ((1, math.nan), TypeError, "lease_seconds must be an integer"),
        ((1, 30, b""), ValueError, "seed must have 16 bytes"),
        ((1, 30, SEED[:-1]), ValueError, "seed must have 16 bytes"),
        ((1, 30, SEED + b"s"), ValueError, "seed must have 16 bytes"),
        ((1, 30, SEED.decode()), TypeError, "seed must be bytes"),
        ((1, 30, 5), TypeError, "seed must be bytes"),
        ((), TypeError, "capacity"),
    ],
)
def test_a_guard_that_cannot_be_is_refused(arguments: tuple[Any, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ReplayGuard(*arguments)


def test_a_guard_and_a_claim_show_no_key_and_stay_where_they_are() -> None:
    guard = ReplayGuard(10)
    claim = claimed(guard, key_of(1))
    assert (repr(guard), repr(claim)) == ("ReplayGuard(1 of 10 keys)", "Claim()")
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"a ReplayGuard cannot be pickled or copied: .*hookseal\.redis"):
            copied(guard)
        with pytest.raises(TypeError, match="a Claim cannot be pickled or copied"):
            copied(claim)
    with pytest.raises(TypeError):
        Claim()
    for final in (ReplayGuard, Claim):
        with pytest.raises(TypeError, match="not an acceptable base type"):
            type("Other", (final,), {})


def test_one_of_eight_threads_wins_each_key() -> None:
    guard, keys = ReplayGuard(1_000), [key_of(number) for number in range(1_000)]
    start = threading.Barrier(8)

    def run(_: int) -> Counter[ReplayKey]:
        won: Counter[ReplayKey] = Counter()
        start.wait()
        for key in keys:
            outcome = guard.claim(key)
            if isinstance(outcome, Claimed) and guard.confirm(outcome.claim):
                won[key] += 1
        return won

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            won = sum(pool.map(run, range(8)), Counter())
    finally:
        sys.setswitchinterval(before)
    assert won == Counter(keys)
    assert {guard.claim(key) for key in keys} == {Duplicate()}


def test_a_claim_is_settled_once_whichever_thread_is_first() -> None:
    guard = ReplayGuard(1_000)
    with ThreadPoolExecutor(8) as pool:
        for number in range(1_000):
            claim = claimed(guard, key_of(number), None)
            settles = [guard.confirm, guard.release] * 4
            answers = list(pool.map(lambda settle, claim=claim: settle(claim), settles))
            confirmed, released = set(answers[::2]), set(answers[1::2])
            assert sorted([confirmed, released], key=str) == [{False}, {True}]


def test_a_million_forged_requests_leave_a_guard_unchanged() -> None:
    guard = ReplayGuard(10)
    receive, body = BENJI.receive, b'{"event":"transaction_created","entity_id":1}'
    headers = sign.benji(SALT + "?", body, NOW)
    refused = 0
    for _ in range(1_000_000):
        try:
            delivery = receive(headers, body, now=NOW)
        except hookseal.Rejection:
            refused += 1
        else:
            guard.claim(delivery.replay_key(), NOW)
    assert (refused, guard.held) == (1_000_000, 0)


STATUS = Path("/proc/self/status")


def resident_bytes() -> int:
    return next(
        int(line.split()[1]) * 1024 for line in STATUS.read_text().splitlines() if line.startswith("RssAnon:")
    )


@pytest.mark.skipif(not STATUS.exists(), reason="it reads /proc, which Linux alone has")
def test_guards_and_records_leave_no_memory_behind() -> None:
    guard, keys = ReplayGuard(64), [key_of(number) for number in range(64)]
    record = benji().to_record()

    turns = itertools.count()

    def run(times: int) -> None:
        for turn in itertools.islice(turns, times):
            key = keys[turn % len(keys)]
            outcome = guard.claim(key, NOW + turn * 400)
            assert isinstance(outcome, Claimed)
            _ = (outcome.claim.key, repr(outcome), guard.claim(key, NOW + turn * 400))
            assert guard.release(outcome.claim) if turn % 2 else guard.confirm(outcome.claim, NOW + turn * 400)
            recorded = hookseal.from_trusted_record(record)
            _ = (recorded.body, recorded[0].raw, list(recorded), recorded.to_record(), recorded.received_at)
            try:
                hookseal.from_trusted_record(record[:-9])
            except hookseal.RecordError as error:
                _ = str(error)
            ReplayGuard(1_000)

    run(2_000)
    gc.collect()
    counts, before = [sys.getrefcount(each) for each in (guard, record, keys[0])], resident_bytes()
    run(20_000)
    gc.collect()
    assert [sys.getrefcount(each) for each in (guard, record, keys[0])] == counts
    assert resident_bytes() - before < 500_000


RELOADED = """
import importlib, sys, hookseal
from hookseal import Claimed, ReplayGuard, ReplayKey, RecordError, _guard
assert importlib.reload(_guard).Claimed is Claimed
for name in [name for name in sys.modules if name.startswith("hookseal")]:
    del sys.modules[name]
import hookseal as again
assert again.Claimed is Claimed and again.ReplayGuard is ReplayGuard and again.RecordError is RecordError
assert isinstance(again.ReplayGuard(1).claim(ReplayKey("0" * 32, 5)), Claimed)
try:
    again.from_trusted_record("")
except RecordError:
    print("caught")
"""


def test_a_module_that_is_loaded_again_has_the_same_classes() -> None:
    done = subprocess.run([sys.executable, "-c", RELOADED], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("caught\n", "")
