"""What an inbox promises, with every client on both databases."""

import asyncio
import copy
import logging
import pickle
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from django.db import connections

import hookseal
import hookseal.inbox
import hookseal.inbox._worker
import inboxes
from hookseal import Duplicate, Full, InboxUnavailable, Recorded, RecordError, Stored, _native
from hookseal.inbox import Counts, LeaseEnded, Pruned, Row, Settings
from inboxes import Database, Maker, has_effects, until
from postgres_servers import Server
from samples import BENJI_BODY, INSERT, NOW, OTHER_BENJI_BODY, SALT, delivery

pytest_plugins = ["inbox_fixtures"]

TEXT = "s3cr3t in the text of an error"
DAY_SECONDS = 86_400


# Storing


def test_a_delivery_is_stored_once(make_any: Maker) -> None:
    inbox, database = make_any(), make_any.database
    first, second = delivery(1), delivery(2)
    assert inbox.put(first) == Stored(1)
    assert inbox.put(first) == Duplicate()
    outcome = inbox.put(second)
    assert (outcome.outcome, outcome.number > 1) == ("stored", True)
    assert database.rows("inbox, key, state, turn, attempts, error") == [
        ("default", str(each.replay_key()), "waiting", 0, 0, None) for each in (first, second)
    ]
    assert [bytes(body) for (body,) in database.rows("body")] == [first.body, second.body]
    assert 595 < database.seconds_until("key_until", 1) <= 601
    assert inbox.counts().waiting == 2


def test_a_delivery_can_be_part_of_a_transaction_of_the_user(make_any: Maker) -> None:
    inbox, database = make_any(), make_any.database
    with inbox.transaction() as connection:
        connection.execute(INSERT.format("mine"))
        assert isinstance(inbox.put(delivery(1), connection=connection), Stored)
        assert inbox.put(delivery(1), connection=connection) == Duplicate()
        assert database.rows() == []
    inbox.wake()
    assert (database.states(), database.effects()) == (["waiting"], ["mine"])
    with suppress(ZeroDivisionError), inbox.transaction() as connection:
        assert isinstance(inbox.put(delivery(2), connection=connection), Stored)
        raise ZeroDivisionError
    assert database.states() == ["waiting"]


def test_a_connection_without_a_transaction_is_refused(make: Maker) -> None:
    inbox = make()
    with inbox.transaction() as connection:
        pass
    others: list[Any] = [5, "postgresql://"]
    # psycopg itself begins a transaction on a connection that is not in autocommit mode.
    if getattr(connection.raw, "autocommit", True):
        others.append(connection.raw)
    for other in others:
        with pytest.raises((TypeError, ValueError), match="connection must"):
            inbox.put(delivery(), connection=other)
    for other in (None, "{}", hookseal.Handshake, b""):
        with pytest.raises(TypeError, match="delivery must be"):
            inbox.put(other)
    assert make.database.rows() == []


def test_a_key_whose_retention_has_ended_is_taken_over(make: Maker) -> None:
    inbox, database = make(), make.database
    short = delivery(1, replay_retention_seconds=1)
    assert isinstance(inbox.put(short), Stored)
    assert inbox.put(short) == Duplicate()
    database.set(1, "key_until", -0.5)
    assert isinstance(inbox.put(short), Stored)
    key = str(short.replay_key())
    assert database.rows("key, state") == [(None, "waiting"), (key, "waiting")]
    assert inbox.put(short) == Duplicate()


def test_a_delivery_without_a_replay_key_is_always_new(make_one: Maker) -> None:
    inbox, database = make_one(), make_one.database
    one = delivery(1, replay_policy="none")
    assert one.replay_key() is None
    assert [inbox.put(one).outcome for _ in range(3)] == ["stored"] * 3
    keys = [key for (key,) in database.rows("key")]
    assert len({*keys}) == 3
    assert all(len(key) == 32 and int(key, 16) for key in keys)


def test_a_key_without_end_is_kept(make_one: Maker) -> None:
    inbox = make_one()
    for number, seconds in enumerate((None, 2**32 - 1)):
        options = {"replay_retention_seconds": seconds} if seconds else {"replay_policy": "strict"}
        one = delivery(number, **options)
        assert isinstance(inbox.put(one), Stored)
        assert inbox.put(one) == Duplicate()
    handed_on = hookseal.from_trusted_record(delivery(7).to_record())
    assert isinstance(inbox.put(handed_on), Stored)
    assert inbox.put(delivery(7)) == Duplicate()


def test_inboxes_of_different_names_know_nothing_of_each_other(make_one: Maker) -> None:
    one, other = make_one(name="a.b_C-1"), make_one(name="b" * 100)
    assert isinstance(one.put(delivery()), Stored)
    assert isinstance(other.put(delivery()), Stored)
    assert (one.counts().waiting, len(one.take()), len(one.take())) == (1, 1, 0)
    assert other.counts().waiting == 1
    ((number, *_), *_) = make_one.database.rows()
    with other.transaction() as connection:
        assert other.done_by_number(number, connection) is None
    make_one.database.execute("UPDATE hookseal_inbox SET state = 'dead'")
    assert (other.retry(number), one.retry(number)) == (False, True)
    assert (one.name, repr(one.inner)) == ("a.b_C-1", "Inbox(name='a.b_C-1')")
    for name in ("", "b" * 101, "a b", "ü", "a\0", "a\n", "\ud800"):
        with pytest.raises(ValueError, match="name must have"):
            make_one(name=name)
    with pytest.raises(TypeError, match="name must be str"):
        make_one(name=5)


def test_a_repetition_that_comes_late_is_a_duplicate_and_nothing_is_lost(make_one: Maker) -> None:
    """With a signed time and a window of a day."""
    inbox, database = make_one(poll_milliseconds=10), make_one.database
    receiver = hookseal.Receiver.benji(SALT, require_signed_time=True, window=(DAY_SECONDS, 300))

    def received(body: bytes, *, signed_after: int, arrives_after: int) -> hookseal.Delivery:
        headers = hookseal.sign.benji(SALT, body, NOW + signed_after)
        return receiver.receive(headers, body, now=NOW + arrives_after)

    late = 20 * 3600
    first = received(BENJI_BODY, signed_after=0, arrives_after=0)
    assert inbox.put(first).outcome == "stored"
    database.pass_by(late)
    repetition = received(BENJI_BODY, signed_after=0, arrives_after=late)
    assert inbox.put(repetition) == Duplicate()
    # Another event, and the same event with another time, which a thief cannot sign.
    other = received(OTHER_BENJI_BODY, signed_after=0, arrives_after=late)
    again = received(BENJI_BODY, signed_after=late, arrives_after=late)
    assert [inbox.put(each).outcome for each in (other, again)] == ["stored"] * 2
    # The receiver refuses a replay before its key is forgotten.
    with pytest.raises(hookseal.Stale):
        received(BENJI_BODY, signed_after=0, arrives_after=DAY_SECONDS + 1)
    key = first.replay_key()
    assert key is not None
    assert key.retention_seconds is not None
    assert key.retention_seconds > DAY_SECONDS
    database.pass_by(key.retention_seconds - late - 60)
    assert inbox.put(repetition) == Duplicate()
    database.pass_by(61)
    assert inbox.put(repetition).outcome == "stored"
    with inbox.working():
        until(lambda: len(database.effects()) == 4)
    assert database.states() == ["done"] * 4
    assert database.effects() == sorted(each[0].id for each in (first, other, again, repetition))


def test_a_full_inbox_takes_no_more_until_some_are_handled(make: Maker) -> None:
    inbox = make(max_waiting=3)
    assert [inbox.put(delivery(number)).outcome for number in range(4)] == ["stored"] * 3 + ["full"]
    # What it has is a duplicate all the same.
    assert inbox.put(delivery(1)) == Duplicate()
    assert inbox.put(delivery(9)) == Full()
    row = inbox.take()[0]
    assert inbox.put(delivery(9)) == Full()
    with inbox.transaction() as connection:
        assert inbox.done(row, connection)
        # While it is full it counts ten times a second.
        inbox.inner._rules._waiting._counted_at -= 0.1
        assert inbox.put(delivery(9), connection=connection).outcome == "stored"
        assert inbox.put(delivery(8), connection=connection) == Full()
    assert inbox.put(delivery(8)) == Full()


def test_what_others_store_counts_within_a_second(make_one: Maker) -> None:
    inbox, other = make_one(max_waiting=3), make_one(max_waiting=100)
    assert inbox.put(delivery(1)).outcome == "stored"
    for number in range(2, 6):
        assert other.put(delivery(number)).outcome == "stored"
    until(lambda: inbox.put(delivery(time.monotonic_ns() % 10**8)) == Full(), 3)
    assert inbox.counts().waiting < 8


# The parts of a worker


def test_a_row_is_taken_and_done_in_one_transaction(make_any: Maker) -> None:
    inbox, database = make_any(), make_any.database
    given = delivery(1)
    number = inbox.put(given).number
    (row,) = inbox.take()
    assert (row.number, row.attempts, row.error, row.body, row.state) == (number, 1, None, given.body, "taken")
    assert repr(row) == f"Row(number={number}, attempts=1, state='taken')"
    assert row.delivery is row.delivery
    opened = row.delivery
    assert (type(opened), opened[0].id, opened.replay_key()) == (Recorded, given[0].id, given.replay_key())
    assert inbox.take() == []
    assert 110 < database.seconds_until("next_at", number) <= 120
    with suppress(ZeroDivisionError), inbox.transaction() as connection:
        assert inbox.done(row, connection) is True
        connection.execute(INSERT.format("lost"))
        raise ZeroDivisionError
    assert (database.states(), database.effects()) == (["taken"], [])
    with inbox.transaction() as connection:
        assert inbox.done(row, connection) is True
        connection.execute(INSERT.format("kept"))
    assert (database.states(), database.effects()) == (["done"], ["kept"])
    with inbox.transaction() as connection:
        assert inbox.done(row, connection) is False
    assert inbox.put(given) == Duplicate()


def test_a_row_whose_lease_ended_belongs_to_the_next_worker(make: Maker) -> None:
    inbox, database = make(), make.database
    number = inbox.put(delivery()).number
    (slow,) = inbox.take()
    database.set(number, "next_at", -1)
    (row,) = inbox.take()
    assert (row.number, row.attempts, row.error) == (number, 2, None)
    with inbox.transaction() as connection:
        assert inbox.done(slow, connection) is False
    assert inbox.fail(slow, ValueError(TEXT)) is None
    assert inbox.give_back(slow) is False
    assert database.rows() == [(number, "taken", 2, None)]
    with inbox.transaction() as connection:
        assert inbox.done(row, connection) is True


def test_a_row_that_fails_is_tried_later_and_then_dead(make: Maker) -> None:
    inbox, database = make(max_attempts=3, first_delay_seconds=100, longest_delay_seconds=150), make.database
    number = inbox.put(delivery()).number
    for attempt, (least, most) in enumerate([(50, 100), (75, 150)], 1):
        (row,) = inbox.take()
        assert row.attempts == attempt
        assert inbox.fail(row, ValueError(TEXT)) == "waiting"
        assert database.rows() == [(number, "waiting", attempt, "ValueError")]
        assert least - 3 < database.seconds_until("next_at", number) <= most
        assert inbox.take() == []
        database.set(number, "next_at", -1)
    (row,) = inbox.take()
    assert row.error == "ValueError"
    assert inbox.fail(row, "my.Error_2") == "dead"
    assert database.rows() == [(number, "dead", 3, "my.Error_2")]
    assert (inbox.take(), inbox.fail(row, "E")) == ([], None)
    (dead,) = inbox.dead()
    assert (dead.number, dead.state, dead.error, dead.body) == (number, "dead", "my.Error_2", row.body)
    assert inbox.dead(after=number) == []
    assert inbox.retry(number) is True
    assert inbox.retry(number) is False
    (row,) = inbox.take()
    assert (row.attempts, row.error) == (1, "my.Error_2")


def test_a_row_is_given_back_without_the_attempt(make: Maker) -> None:
    inbox, database = make(), make.database
    number = inbox.put(delivery()).number
    (row,) = inbox.take()
    assert inbox.give_back(row) is True
    assert database.rows() == [(number, "waiting", 0, None)]
    assert inbox.give_back(row) is False
    (row,) = inbox.take()
    assert row.attempts == 1


def test_a_row_that_ends_its_workers_is_dead_after_its_attempts(
    make: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    inbox, database = make(max_attempts=2), make.database
    number = inbox.put(delivery()).number
    for _ in range(2):
        assert len(inbox.take()) == 1
        database.set(number, "next_at", -1)
    assert inbox.take() == []
    assert database.rows() == [(number, "dead", 2, "LeaseEnded")]
    assert f"inbox default: row {number} is dead after 2 attempts: LeaseEnded" in caplog.text
    assert caplog.records[-1].levelno == logging.ERROR


def test_several_rows_are_taken_only_without_an_attempt(make: Maker) -> None:
    inbox, database = make(rows_per_take=3, max_attempts=5), make.database
    numbers = [inbox.put(delivery(number)).number for number in range(5)]
    assert [row.number for row in inbox.take()] == numbers[:3]
    for number in numbers[:3]:
        database.set(number, "next_at", -5)
    # Then one of any kind, then only fresh ones again, and last those that were tried, one at a time.
    assert [row.number for row in inbox.take()] == numbers[:1]
    assert [row.number for row in inbox.take()] == numbers[3:]
    assert [row.number for row in inbox.take()] == numbers[1:2]
    assert [row.number for row in inbox.take()] == numbers[2:3]
    assert inbox.take() == []


def test_a_queue_begins_its_job_with_the_number(make: Maker) -> None:
    inbox, database = make(), make.database
    given = delivery()
    with inbox.transaction() as connection:
        number = inbox.put(given, connection=connection).number
    with suppress(ZeroDivisionError), inbox.transaction() as connection:
        assert inbox.done_by_number(number, connection) is not None
        raise ZeroDivisionError
    with inbox.transaction() as connection:
        opened = inbox.done_by_number(number, connection)
        assert opened[0].id == given[0].id
        for other in (number, number + 1, 0, 2**63, -1):
            assert inbox.done_by_number(other, connection) is None
    assert database.states() == ["done"]


def test_done_rows_are_pruned_but_not_their_keys(make: Maker) -> None:
    inbox, database = make(), make.database
    numbers = [inbox.put(delivery(number, replay_retention_seconds=2**20)).number for number in range(4)]
    old, without_key, new, waiting = numbers
    for row in (inbox.take()[0] for _ in range(3)):
        with inbox.transaction() as connection:
            assert inbox.done(row, connection)
    for number in (old, without_key):
        database.set(number, "closed_at", -604_801)
    database.set(new, "closed_at", -604_700)
    database.set(without_key, "key_until", -1)
    assert inbox.prune() == Pruned(1, 1)
    assert database.rows("number, state") == [(old, "done"), (new, "done"), (waiting, "waiting")]
    record, body = database.rows("record, body")[0]
    assert (record, bytes(body)) == ("", b"")
    assert inbox.put(delivery(0, replay_retention_seconds=2**20)) == Duplicate()
    assert inbox.prune() == Pruned(0, 0)
    assert (inbox.retry(old), inbox.retry(new), inbox.retry(waiting)) == (False, True, False)
    database.set(old, "key_until", -1)
    assert inbox.prune() == Pruned(1, 0)


def test_prune_goes_on_until_all_are_pruned(make_one: Maker) -> None:
    inbox, database = make_one(keep_done_seconds=0), make_one.database
    inbox.put(delivery(1))
    database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) "
        "INSERT INTO hookseal_inbox (inbox, key, key_until, next_at, stored_at, state, closed_at, record, body) "
        f"SELECT inbox, CASE WHEN i % 2 = 0 THEN CAST(i AS text) END, CASE WHEN i <= 1200 THEN {database.time(-9)} "
        "ELSE key_until END, next_at, stored_at, 'done', stored_at, record, body FROM n, hookseal_inbox"
    )
    until(lambda: database.seconds_until("stored_at", 1) < -0.01)
    pruned = inbox.prune()
    assert (pruned.deleted + pruned.emptied, pruned.emptied) == (2500, 650)
    counts = inbox.counts()
    assert (counts.waiting, counts.done) == (1, 650)


def test_the_counts_are_those_of_the_table(make: Maker) -> None:
    inbox, database = make(), make.database
    assert inbox.counts() == Counts(0, 0, 0, 0, None, inbox.counts().oldest_transaction_seconds)
    for number in range(4):
        inbox.put(delivery(number))
    database.set(4, "stored_at", -50)
    rows = [inbox.take()[0] for _ in range(3)]
    inbox.fail(rows[0], "E")
    database.execute(f"UPDATE hookseal_inbox SET state = 'dead' WHERE number = {rows[0].number}")
    with inbox.transaction() as connection:
        inbox.done(rows[1], connection)
    counts = inbox.counts()
    assert (counts.waiting, counts.taken, counts.done, counts.dead) == (1, 1, 1, 1)
    assert 49 < counts.oldest_waiting_seconds < 55
    if database.kind == "sqlite":
        assert counts.oldest_transaction_seconds is None


def test_an_open_transaction_shows_its_age(make_one: Maker) -> None:
    if make_one.database.kind == "sqlite":
        return
    inbox = make_one()
    with inbox.transaction() as connection:
        connection.execute("SELECT 1")
        time.sleep(0.2)
        assert inbox.counts().oldest_transaction_seconds >= 0.2


# A worker


def test_a_worker_handles_each_delivery_once(make_any: Maker) -> None:
    inbox, database = make_any(poll_milliseconds=20), make_any.database
    given = [delivery(number) for number in range(6)]
    for each in given[:3]:
        inbox.put(each)
    with inbox.working():
        until(lambda: len(database.effects()) == 3)
        for each in given[3:]:
            inbox.put(each)
        until(lambda: len(database.effects()) == 6)
    assert database.states() == ["done"] * 6
    assert database.effects() == sorted(each[0].id for each in given)


def test_a_worker_of_the_same_process_is_woken_by_put(make_any: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    # So that it sleeps at once.
    monkeypatch.setattr(hookseal.inbox._worker, "_LOOKS_AFTER_SECONDS", ())
    inbox, database = make_any(poll_milliseconds=60_000), make_any.database
    with inbox.working():
        for number in range(2):
            time.sleep(0.06)
            inbox.put(delivery(number))
            until(partial(has_effects, database, number + 1), 2)
        # The worker looks once more before it sleeps.
        time.sleep(0.5)
        with inbox.transaction() as connection:
            inbox.put(delivery(2), connection=connection)
        time.sleep(0.06)
        assert len(database.effects()) == 2
        inbox.wake()
        until(lambda: len(database.effects()) == 3, 2)
    assert database.states() == ["done"] * 3


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    assert TEXT not in caplog.text
    return [(record.levelno, record.getMessage()) for record in caplog.records if record.name == "hookseal"]


def failing(_: object) -> None:
    raise ZeroDivisionError(TEXT)


def test_a_handler_that_fails_is_rolled_back_and_logged(make: Maker, caplog: pytest.LogCaptureFixture) -> None:
    inbox, database = make(max_attempts=2, first_delay_seconds=0, poll_milliseconds=10), make.database
    number = inbox.put(delivery()).number
    with inbox.working(after=failing):
        until(lambda: "is dead" in caplog.text)
    assert (database.effects(), database.rows()) == ([], [(number, "dead", 2, "ZeroDivisionError")])
    assert logged(caplog) == [
        (logging.WARNING, f"inbox default: row {number} failed at attempt 1: ZeroDivisionError"),
        (logging.ERROR, f"inbox default: row {number} is dead after 2 attempts: ZeroDivisionError"),
    ]


def test_a_handler_that_fails_is_told_and_not_logged(make: Maker, caplog: pytest.LogCaptureFixture) -> None:
    inbox, database = make(max_attempts=2, first_delay_seconds=0, poll_milliseconds=10), make.database
    number = inbox.put(delivery()).number
    told: list[tuple[int, int, str, str | None, BaseException]] = []

    def on_failure(row: Row, error: BaseException) -> None:
        told.append((row.number, row.attempts, row.state, row.error, error))
        if len(told) == 2:
            raise ValueError(TEXT)

    error = ZeroDivisionError(TEXT)

    def fail(_: object) -> None:
        raise error

    with inbox.working(after=fail, on_failure=on_failure):
        until(lambda: database.states() == ["dead"] and len(told) == 2)
    assert told == [
        (number, 1, "waiting", "ZeroDivisionError", error),
        (number, 2, "dead", "ZeroDivisionError", error),
    ]
    assert (database.effects(), database.rows()) == ([], [(number, "dead", 2, "ZeroDivisionError")])
    assert logged(caplog) == [(logging.ERROR, "inbox default: on_failure failed: ValueError")]


@pytest.mark.parametrize("make_one", ["sqlite async"], indirect=True)
def test_an_asynchronous_on_failure_is_awaited(make_one: Maker, caplog: pytest.LogCaptureFixture) -> None:
    inbox, database = make_one(max_attempts=3, first_delay_seconds=0, poll_milliseconds=10), make_one.database
    inbox.put(delivery())
    told: list[str] = []

    async def on_failure(row: Row, _: BaseException) -> None:
        await asyncio.sleep(0.001)
        told.append(row.state)
        if len(told) == 1:
            raise ValueError(TEXT)
        # Something that it waits for was cancelled, and not the worker.
        raise asyncio.CancelledError

    with inbox.working(after=failing, on_failure=on_failure):
        until(lambda: caplog.text.count("on_failure failed") == 3)
    assert (told, database.states()) == (["waiting", "waiting", "dead"], ["dead"])
    assert [text for _, text in logged(caplog)] == [
        f"inbox default: on_failure failed: {name}" for name in ("ValueError", "CancelledError", "CancelledError")
    ]


def test_an_on_failure_that_cannot_be_awaited_changes_nothing(
    make_one: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    inbox, database = make_one(max_attempts=1, poll_milliseconds=10), make_one.database
    number = inbox.put(delivery()).number
    with inbox.working(after=failing, on_failure=lambda row, error: asyncio.sleep(60)):
        until(lambda: "on_failure failed" in caplog.text)
        inbox.put(delivery(2))
        until(lambda: database.states() == ["dead"] * 2)
    assert database.rows()[0] == (number, "dead", 1, "ZeroDivisionError")
    assert logged(caplog) == [(logging.ERROR, "inbox default: on_failure failed: TypeError")] * 2


def test_a_log_that_fails_changes_nothing(make_one: Maker) -> None:
    inbox, database = make_one(max_attempts=1, poll_milliseconds=10), make_one.database

    def refuse(_: logging.LogRecord) -> bool:
        raise ValueError

    logger = logging.getLogger("hookseal")
    logger.addFilter(refuse)
    try:
        with inbox.working(after=failing):
            for number in range(2):
                inbox.put(delivery(number))
            until(lambda: database.states() == ["dead"] * 2)
    finally:
        logger.removeFilter(refuse)


def test_a_failure_after_another_worker_took_the_row_is_told(
    make_one: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, database = make_one(poll_milliseconds=10), make_one.database
    number = inbox.put(delivery()).number
    told: list[Any] = []
    fail = inbox.inner._rules.fail

    async def fail_later(*arguments: Any) -> Any:
        # What happens meanwhile: the handler's transaction has been rolled back, and the lease ends.
        if not told:
            database.set(number, "next_at", -1)
            (row,) = make_one().take()
            assert (row.number, row.turn) == (number, 2)
        return await fail(*arguments)

    monkeypatch.setattr(inbox.inner._rules, "fail", fail_later)

    def on_failure(row: Row, error: BaseException) -> None:
        told.append((row.number, row.state, row.error, error, error.__cause__))

    with inbox.working(after=failing, on_failure=on_failure):
        until(lambda: told)
    ((*row, error, cause),) = told
    assert row == [number, "taken", "ZeroDivisionError"]
    assert (type(error), type(cause)) == (LeaseEnded, ZeroDivisionError)
    assert database.rows("number, state, attempts, turn") == [(number, "taken", 2, 2)]


def test_a_row_that_became_dead_between_workers_is_told(make_one: Maker) -> None:
    inbox, database = make_one(max_attempts=1, poll_milliseconds=10), make_one.database
    number = inbox.put(delivery()).number
    assert inbox.take()
    database.set(number, "next_at", -1)
    told: list[Any] = []
    with inbox.working(on_failure=lambda row, error: told.append((row.number, row.state, row.error, type(error)))):
        until(lambda: told)
    assert told == [(number, "dead", "LeaseEnded", LeaseEnded)]
    assert database.effects() == []


def test_a_handler_that_hides_an_error_of_the_database_has_failed(make: Maker) -> None:
    if make.database.kind == "sqlite":
        return
    inbox, database = make(poll_milliseconds=10), make.database
    inbox.put(delivery())

    def hide(connection: Any) -> Any:
        async def hide_async() -> None:
            with suppress(Exception):
                await inboxes.executed(connection, "SELECT nonsense")

        if inbox.is_async:
            return hide_async()
        with suppress(Exception):
            inboxes.executed(connection, "SELECT nonsense")
        return None

    with inbox.working(after=hide):
        until(lambda: database.rows("attempts, state") == [(1, "waiting")])
    assert database.effects() == []
    ((error,),) = database.rows("error")
    failed = {"TransactionEnded", "InFailedSqlTransaction", "InFailedSQLTransactionError", "InternalError"}
    assert error in failed


def test_a_handler_that_ends_its_transaction_has_failed(make: Maker) -> None:
    inbox, database = make(poll_milliseconds=10), make.database
    if "django" in make.client:
        return
    inbox.put(delivery())

    def roll_back(connection: Any) -> Any:
        return connection.rollback() if "sqlalchemy" in make.client else inboxes.executed(connection, "ROLLBACK")

    with inbox.working(after=roll_back):
        until(lambda: database.rows("attempts, state") == [(1, "waiting")])
    assert database.effects() == []


def test_stop_gives_back_what_no_handler_has_begun(make_any: Maker) -> None:
    inbox, database = make_any(rows_per_take=5, poll_milliseconds=10), make_any.database
    for number in range(5):
        inbox.put(delivery(number))
    begun = threading.Event()

    def slow(_: Recorded) -> None:
        begun.set()
        until(lambda: inbox.inner._rules.stop.is_set)

    with inbox.working(slow):
        assert begun.wait(10)
        assert database.states() == ["taken"] * 5
    assert database.rows("state, attempts") == [("done", 1)] + [("waiting", 0)] * 4
    inbox.work()
    assert database.states().count("waiting") == 4, "it stays stopped"


def test_a_batch_gives_back_what_its_lease_has_no_time_for(make_one: Maker) -> None:
    inbox = make_one(rows_per_take=3, lease_seconds=3, poll_milliseconds=10, handler_limit_seconds=2)
    inbox.inner._rules.settings["handler_limit_seconds"] = 2.8
    for number in range(3):
        inbox.put(delivery(number))
    begun: list[str] = []

    def slow(given: Recorded) -> None:
        begun.append(given[0].id)
        if len(begun) == 1:
            time.sleep(0.21)
            assert make_one.database.states() == ["taken"] * 3
        elif len(begun) == 2:
            # Both others came back without an attempt, and one of them was taken again.
            assert make_one.database.rows("attempts, turn") == [(1, 1), (1, 2), (0, 1)]

    with inbox.working(slow):
        until(lambda: len(make_one.database.effects()) == 3)


def test_a_record_of_a_newer_version_is_left_to_others(make_one: Maker, caplog: pytest.LogCaptureFixture) -> None:
    inbox, database = make_one(poll_milliseconds=10), make_one.database
    newer, broken = (inbox.put(delivery(number)).number for number in range(2))
    database.execute(f"UPDATE hookseal_inbox SET record = '{{\"hookseal_record\":9}}' WHERE number = {newer}")
    database.execute(f"UPDATE hookseal_inbox SET record = 'x' WHERE number = {broken}")
    told: list[Any] = []
    with inbox.working(on_failure=lambda row, error: told.append((row.number, error))):
        until(lambda: told)
        until(lambda: database.states() == ["waiting"] * 2)
    assert database.rows() == [(newer, "waiting", 0, None), (broken, "waiting", 1, "RecordError")]
    assert 55 < database.seconds_until("next_at", newer) <= 60
    ((number, error),) = told
    assert (number, isinstance(error, RecordError)) == (broken, True)
    assert f"row {newer} is of a newer version" in caplog.text
    with inbox.transaction() as connection, pytest.raises(RecordError):
        inbox.done_by_number(newer, connection)


def test_workers_share_the_rows(make_one: Maker) -> None:
    inbox, database = make_one(poll_milliseconds=10), make_one.database
    for number in range(40):
        inbox.put(delivery(number))
    with inbox.working(), inbox.working(), inbox.working():
        until(lambda: len(database.effects()) == 40)
    assert database.states() == ["done"] * 40
    assert len({*database.effects()}) == 40


def test_equal_deliveries_at_once_are_stored_once(make: Maker) -> None:
    inbox, database = make(), make.database
    barrier = threading.Barrier(4)

    def put(_: int) -> str:
        barrier.wait()
        try:
            outcome: str = inbox.put(delivery(1)).outcome
            return outcome
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        for _ in range(3):
            assert sorted(threads.map(put, range(4))) in (["duplicate"] * 3 + ["stored"],)
            # And again, now that the key's retention has ended.
            database.set(database.rows()[-1][0], "key_until", -1)
    assert len(database.rows()) == 3


@pytest.mark.parametrize("make_any", [client for client in inboxes.CLIENTS if "sqlite" in client], indirect=True)
def test_the_change_to_wal_waits_for_a_lock(make_any: Maker) -> None:
    inbox, path = make_any(), make_any.database.path
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.2, lambda: other.execute("COMMIT"))
        timer.start()
        assert inbox.put(delivery()) == Stored(1)
        timer.join()


# What is refused


def test_settings_are_those_of_the_core() -> None:
    table = {name: (default, least, most) for name, default, least, most in _native.inbox_settings()}
    assert [*get_type_hints(Settings)] == [*table]
    assert {*get_type_hints(Settings).values()} == {int}
    make: Any = partial(hookseal.inbox.sqlite.Inbox, "/nowhere/inbox.db")
    for name, (default, least, most) in table.items():
        others = {"lease_seconds": 172_800} if name == "handler_limit_seconds" else {"handler_limit_seconds": 1}
        others = {key: value for key, value in others.items() if key != name}
        for value in (least, most, default):
            make(**(others | {name: value}))
        for wrong in (least - 1, most + 1):
            with pytest.raises(ValueError, match=f"{name} must be from {least} to {most}"):
                make(**(others | {name: wrong}))
        for odd in (None, "5", 1.5, True):
            with pytest.raises(TypeError, match=f"{name} must be an int"):
                make(**(others | {name: odd}))
    with pytest.raises(ValueError, match="handler_limit_seconds must be less than lease_seconds"):
        make(handler_limit_seconds=120)
    with pytest.raises(TypeError, match="there is no setting lease"):
        make(lease=5)
    assert make()._rules.settings == {name: default for name, (default, _, _) in table.items()}


def test_both_forms_have_the_same_methods() -> None:
    one, other = hookseal.inbox.sqlite.Inbox, hookseal.inbox.sqlite.AsyncInbox
    names = {name for name in dir(one) if not name.startswith("_")}
    assert names == {name for name in dir(other) if not name.startswith("_")}
    assert names == {
        *("close", "counts", "dead", "done", "done_by_number", "fail", "give_back", "name", "prune", "put", "retry"),
        *("stop", "take", "transaction", "wake", "work"),
    }
    for name in names - {"name", "stop"}:
        assert [*signature(getattr(one, name)).parameters] == [*signature(getattr(other, name)).parameters]


def test_the_tables_are_the_files_of_the_core() -> None:
    core = Path(__file__).parents[2] / "core" / "inbox"
    assert hookseal.inbox.tables("postgresql") == (core / "postgresql.sql").read_text()
    assert hookseal.inbox.tables("sqlite") == (core / "sqlite.sql").read_text()
    with pytest.raises(ValueError, match="PostgreSQL or SQLite"):
        hookseal.inbox.tables("mysql")  # type: ignore[arg-type]


def test_arguments_that_make_no_sense_are_refused(make_one: Maker) -> None:
    inbox = make_one()
    inbox.put(delivery())
    (row,) = inbox.take()
    for odd in ("", "with space", "a" * 201, "pass\nword", "ü", "\ud800", "1a", "a\0"):
        with pytest.raises(ValueError, match="error must be the name of a class"):
            inbox.fail(row, odd)
    wrongs: list[Any] = [None, 5, b"E", ValueError]
    for wrong in wrongs:
        with pytest.raises(TypeError, match="error must be"):
            inbox.fail(row, wrong)
    for wrong in wrongs:
        with pytest.raises(TypeError, match="row must be a Row"):
            inbox.fail(wrong, "E")
    for wrong in ["1", None, 1.0, True, *wrongs[2:]]:
        with pytest.raises(TypeError, match="number of a row is an int"):
            inbox.retry(wrong)
    for number in (0, -1, 2**63, 10**30, 99):
        assert inbox.retry(number) is False
    for limit in (0, -1, 2**63):
        with pytest.raises(ValueError, match="limit must be"):
            inbox.dead(limit=limit)
    with pytest.raises(ValueError, match="after must be"):
        inbox.dead(after=-1)
    assert inbox.dead(after=2**63 - 1, limit=2**63 - 1) == []
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        for thing in (inbox.inner, row):
            with pytest.raises(TypeError, match="cannot be pickled or copied"):
                copied(thing)
    assert inbox.fail(row, type("Fehlerü" + "x" * 300, (Exception,), {})(TEXT)) == "waiting"
    ((error,),) = make_one.database.rows("error")
    assert error == "Fehler_" + "x" * 193


def test_a_handler_that_would_not_run_is_refused(make_one: Maker) -> None:
    inbox = make_one(poll_milliseconds=10).inner
    inbox.put(delivery())

    async def asynchronous(*_: object) -> None: ...

    def generator(*_: object) -> Iterator[None]:
        yield

    for handler in (asynchronous, generator, None, 5):
        with pytest.raises(TypeError, match=r"asynchronous handler needs|generator function|must be functions"):
            inbox.work(handler)
    with pytest.raises(TypeError, match="must be functions"):
        inbox.work(print, on_failure=5)
    for on_failure in (asynchronous, generator):
        with pytest.raises(TypeError, match=r"asynchronous handler needs|generator function"):
            inbox.work(print, on_failure=on_failure)
    told: list[str] = []

    def tell(_: Row, error: BaseException) -> None:
        told.append(str(error))
        if len(told) == 2:
            inbox.stop()

    inbox.put(delivery(2))
    hidden = [asynchronous, generator]
    inbox.work(lambda given, connection: hidden.pop()(), on_failure=tell)
    assert "returned a generator: nothing would run it" in told[0]
    assert "returned something to await" in told[1]
    assert make_one.database.states() == ["waiting", "waiting"]


@pytest.mark.parametrize("version", ["none", 0, 2, "absent"])
def test_a_table_of_another_version_says_so(make_one: Maker, version: int | str, postgres: Server) -> None:
    database = make_one.database
    if database.kind == "postgresql":
        database = Database("postgresql", postgres, database.path.parent)
    maker = Maker(make_one.client, database, make_one.loop)
    words = {
        "none": r"hookseal_version has no version of the inbox: .*tables\(\)",
        0: "has version 0, and this hookseal needs 1",
        2: "has version 2, and this hookseal knows only 1: install a newer one",
        "absent": r"there is no table of the inbox: run the SQL of hookseal\.inbox\.tables\(\) once",
    }[version]
    if version == "absent":
        database.execute("DROP TABLE hookseal_version")
    elif version == "none":
        database.execute("DELETE FROM hookseal_version")
    else:
        database.execute(f"UPDATE hookseal_version SET version = {version}")
    try:
        inbox = maker()
        for call in (lambda: inbox.put(delivery()), inbox.take, inbox.counts, inbox.work, inbox.wake, inbox.prune):
            with pytest.raises(InboxUnavailable, match=words):
                call()
        assert database.rows() == []
    finally:
        maker.close()
        if database is not make_one.database:
            database.close()
