"""What SQLite does to an inbox, and what the inbox makes of it."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

import hookseal.inbox.sqlite
from hookseal import Duplicate, InboxUnavailable, Recorded, Stored
from hookseal.inbox import Pruned, _database
from hookseal.inbox.sqlite import AsyncConnection, AsyncInbox, Inbox
from inboxes import Database, outcomes_around_a_fork, until
from samples import INSERT, delivery


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database("sqlite", None, tmp_path)


@pytest.fixture
def inbox(database: Database) -> Iterator[Inbox]:
    with closing(Inbox(database.path, poll_milliseconds=10)) as inbox:
        yield inbox


def test_a_database_that_is_no_file_is_refused(tmp_path: Path) -> None:
    for kind in (Inbox, AsyncInbox):
        for place in ("", ":memory:"):
            with pytest.raises(ValueError, match="a database in memory would lose every delivery"):
                kind(place)
        uris: list[Any] = ["file:inbox.db", "file::memory:?cache=shared", Path("file:x")]
        for place in uris:
            with pytest.raises(ValueError, match="give the inbox a path, not a URI"):
                kind(place)
        others: list[Any] = [None, 5, b"inbox.db", sqlite3]
        for place in others:
            with pytest.raises(TypeError, match="path must be"):
                kind(place)
    with pytest.raises(InboxUnavailable, match=r"cannot be opened: the inbox does not create it.*SQLITE_CANTOPEN"):
        Inbox(tmp_path / "other.db").put(delivery())
    assert [*tmp_path.iterdir()] == []
    (tmp_path / "text.db").write_bytes(b"no database" * 1000)
    with pytest.raises(InboxUnavailable, match="SQLITE_NOTADB"):
        Inbox(tmp_path / "text.db").put(delivery())


@pytest.mark.parametrize("name", ["with space", "ü?#%", "a'b", "%41"])
def test_a_path_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    database = Database("sqlite", None, folder)
    with closing(Inbox(str(database.path))) as inbox:
        assert inbox.put(delivery()) == Stored(1)
    assert database.states() == ["waiting"]


def test_its_connections_wait_for_the_disk(inbox: Inbox) -> None:
    inbox.put(delivery())
    with inbox.transaction() as connection:
        wanted = {"journal_mode": ("wal",), "synchronous": (2,), "busy_timeout": (5000,)}
        for name, value in wanted.items():
            assert connection.execute(f"PRAGMA {name}").fetchone() == value
        assert (connection.in_transaction, connection.isolation_level) == (True, None)


def test_a_lock_that_is_held_too_long_is_an_error(
    inbox: Inbox, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = dict(_database.STATEMENTS["sqlite"])
    statements["connect"] = statements["connect"].replace("5000", "100")
    monkeypatch.setattr(_database, "STATEMENTS", {"sqlite": statements})
    database.execute("PRAGMA journal_mode = WAL")
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(InboxUnavailable, match=r"holds the database's lock for too long.*SQLITE_BUSY"):
            inbox.put(delivery())
        assert 0.09 < time.monotonic() - began < 5
        other.execute("COMMIT")
    assert inbox.put(delivery()) == Stored(1)


def test_a_worker_goes_on_after_the_lock_was_held(
    inbox: Inbox, database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    statements = dict(hookseal.inbox.sqlite._STATEMENTS)
    statements["connect"] = statements["connect"].replace("5000", "50")
    monkeypatch.setattr(hookseal.inbox.sqlite, "_STATEMENTS", statements)
    inbox.put(delivery())
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        thread = threading.Thread(target=inbox.work, args=[lambda given, connection: None])
        thread.start()
        until(lambda: "SQLITE_BUSY" in caplog.text)
        other.execute("COMMIT")
    until(lambda: database.states() == ["done"])
    inbox.stop()
    thread.join()


def test_a_connection_of_the_users_needs_an_open_transaction(inbox: Inbox, database: Database) -> None:
    # Python's module begins a transaction by itself only before it writes.
    with closing(sqlite3.connect(database.path)) as connection:
        connection.row_factory = sqlite3.Row
        with pytest.raises(ValueError, match="execute BEGIN IMMEDIATE"):
            inbox.put(delivery(), connection=connection)
        connection.execute(INSERT.format("mine"))
        assert inbox.put(delivery(), connection=connection) == Stored(1)
        assert inbox.put(delivery(), connection=connection) == Duplicate()
        connection.rollback()
        assert (database.states(), database.effects()) == ([], [])
        connection.execute(INSERT.format("mine"))
        inbox.put(delivery(), connection=connection)
        connection.commit()
    assert (database.states(), database.effects()) == (["waiting"], ["mine"])


def test_a_transaction_that_read_before_another_wrote_says_that_it_is_busy(inbox: Inbox, database: Database) -> None:
    inbox.put(delivery(0))
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT * FROM hookseal_inbox").fetchall()
        inbox.put(delivery(1))
        with pytest.raises(InboxUnavailable, match="SQLITE_BUSY"):
            inbox.put(delivery(2), connection=connection)


def test_a_slow_handler_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Inbox(database.path, poll_milliseconds=10)) as inbox:
        monkeypatch.setitem(inbox._rules.settings, "handler_limit_seconds", 0.05)
        inbox.put(delivery())

        def slow(_: Recorded, __: sqlite3.Connection) -> None:
            time.sleep(0.06)
            inbox.stop()

        inbox.work(slow)
    assert "a handler took longer than the 0 s of handler_limit_seconds" in caplog.text
    assert database.states() == ["done"]


def test_an_asynchronous_handler_gets_a_connection_with_a_thread(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        inbox = AsyncInbox(database.path, poll_milliseconds=10)
        monkeypatch.setitem(inbox._rules.settings, "handler_limit_seconds", 0.1)
        threads: set[int] = set()

        async def handle(given: Recorded, connection: AsyncConnection) -> None:
            threads.add(await connection.run(lambda _: threading.get_ident()))
            await connection.execute("INSERT INTO effects VALUES (?)", [given[0].id])
            assert await connection.execute("SELECT :a, 2", {"a": 1}) == [(1, 2)]
            if given.body == delivery(1).body:
                await asyncio.sleep(5)
            inbox.stop()

        for number in range(1, 3):
            await inbox.put(delivery(number))
        await inbox.work(handle)
        assert len(threads) == 1
        assert threading.get_ident() not in threads
        await inbox.close()

    asyncio.run(run())
    assert database.rows("state, error") == [("waiting", "TimeoutError"), ("done", None)]
    assert len(database.effects()) == 1


def test_an_asynchronous_handler_that_has_not_run_fails(database: Database) -> None:
    async def never(*_: object) -> None:
        raise AssertionError

    async def forgets_await(given: Recorded, connection: AsyncConnection) -> Any:
        return never()

    async def run() -> None:
        inbox = AsyncInbox(database.path, poll_milliseconds=10)
        await inbox.put(delivery())
        async with asyncio.timeout(10):
            await inbox.work(forgets_await, on_failure=lambda row, error: inbox.stop())
        await inbox.close()

    asyncio.run(run())
    assert database.rows("state, error") == [("waiting", "TypeError")]


def test_a_put_that_is_cancelled_leaves_no_transaction_open(database: Database) -> None:
    async def run() -> None:
        inbox = AsyncInbox(database.path)
        await inbox.put(delivery(0))
        for number in range(1, 30):
            task = asyncio.ensure_future(inbox.put(delivery(number)))
            for _ in range(number % 7):
                await asyncio.sleep(0.0005)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            # Nobody holds a lock, and nothing of it is left on the inbox's connection.
            assert (await inbox.put(delivery(100 + number))).outcome == "stored"
        await inbox.close()

    asyncio.run(run())
    assert len(database.states()) >= 30


def test_an_inbox_for_asyncio_serves_one_event_loop_after_another(database: Database) -> None:
    inbox = AsyncInbox(database.path)

    async def put(number: int) -> None:
        puts = [inbox.put(delivery(number + each)) for each in range(5)]
        assert {put.outcome for put in await asyncio.gather(*puts)} == {"stored"}

    for number in (0, 10):
        asyncio.run(put(number))
    asyncio.run(inbox.close())
    assert len(database.states()) == 10


def test_threads_share_an_inbox(inbox: Inbox, database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda number: inbox.put(delivery(number % 40)).outcome, range(80)))
    assert sorted(outcomes) == ["duplicate"] * 40 + ["stored"] * 40
    assert len(database.states()) == 40


def test_a_forked_process_gets_connections_of_its_own(database: Database) -> None:
    assert outcomes_around_a_fork("sqlite", str(database.path)) == "stored duplicate\n"
    assert len(database.states()) == 3


def test_a_clock_that_is_set_back_delays_rows_and_loses_none(inbox: Inbox, database: Database) -> None:
    # As the rows look after the clock was set back by an hour.
    for number in range(1, 4):
        inbox.put(delivery(number))
    (row,) = inbox.take()
    database.execute(
        "UPDATE hookseal_inbox SET next_at = next_at + 3600000, stored_at = stored_at + 3600000, "
        "key_until = key_until + 3600000"
    )
    assert inbox.take() == []
    assert inbox.counts().oldest_waiting_seconds == 0
    assert inbox.put(delivery(2)) == Duplicate()
    with inbox.transaction() as connection:
        assert inbox.done(row, connection)
    database.set(2, "next_at", -1)
    database.set(3, "next_at", -1)
    assert [each.number for each in inbox.take() + inbox.take()] == [2, 3]


def test_times_at_their_extremes_overflow_nothing(database: Database) -> None:
    with closing(
        Inbox(
            database.path,
            max_attempts=1000,
            first_delay_seconds=86_400,
            longest_delay_seconds=2_592_000,
            keep_done_seconds=3650 * 86_400,
        )
    ) as inbox:
        inbox.put(delivery(1, replay_policy="strict"))
        inbox.put(delivery(2))
        database.execute(f"UPDATE hookseal_inbox SET attempts = 998, stored_at = {-(2**63)}, next_at = {-(2**63)}")
        database.execute(f"UPDATE hookseal_inbox SET next_at = {2**63 - 1} WHERE number = 2")
        (row,) = inbox.take()
        assert inbox.fail(row, "E") == "waiting"
        assert 2_592_000 / 2 - 9 < database.seconds_until("next_at", 1) <= 2_592_000
        assert (inbox.take(), inbox.prune()) == ([], Pruned(0, 0))
        assert inbox.counts().waiting == 2
        database.execute(f"UPDATE hookseal_inbox SET key_until = {-(2**63)} WHERE number = 2")
        assert inbox.put(delivery(2)).outcome == "stored"
        assert inbox.put(delivery(1, replay_policy="strict")) == Duplicate()


def test_a_body_of_any_bytes_and_size_comes_back(inbox: Inbox) -> None:
    receiver = hookseal.Receiver.bento(bearer="t", max_body_bytes=2_000_000)
    for body in (b'{"id":"\\u0000","n":"\\ud800"}', b'{"a":"\xf0\x9f\x98\x80"}', b"{}" + b" " * 1_000_000):
        with suppress(hookseal.Rejection):
            given = receiver.receive(hookseal.sign.bento_bearer("t"), body)
            assert inbox.put(given).outcome == "stored"
            (row,) = inbox.take()
            assert (row.body, row.delivery.body) == (body, body)
