"""What PostgreSQL, its clients and poolers do to an inbox, and what the inbox makes of it."""

import asyncio
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest
import sqlalchemy
import sqlalchemy.ext.asyncio
from django.db import connections
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool, ConnectionPool

import hookseal.inbox._worker
import hookseal.inbox.asyncpg
import hookseal.inbox.psycopg
import hookseal.inbox.sqlalchemy
from hookseal import Duplicate, InboxUnavailable, Recorded, Stored
from hookseal.inbox import Pruned, Row
from hookseal.inbox._both import finish
from hookseal.inbox._row import read_counts
from inboxes import Database, Inbox, Loop, Maker, executed, outcomes_around_a_fork, until
from postgres_servers import Server, losing, pgbouncer
from samples import BENJI_BODY, NOW, SALT, benji, benji_headers, delivery

pytest_plugins = ["inbox_fixtures"]

POOLS = ("psycopg pool", "psycopg async pool", "asyncpg pool", "sqlalchemy psycopg", "sqlalchemy asyncpg")


@pytest.fixture
def database(postgres: Server, tmp_path: Path) -> Iterator[Database]:
    """A database of its own, whose settings the test can change."""
    database = Database("postgresql", postgres, tmp_path)
    yield database
    database.close()


@pytest.fixture
def make(loop: Loop) -> Iterator[Callable[..., Inbox]]:
    """Makes an inbox of a client, which is closed at the end."""
    with ExitStack() as stack:

        def make(client: str, database: Database, **settings: Any) -> Inbox:
            maker = Maker(client, database, loop)
            stack.callback(maker.close)
            return maker(**settings)

        yield make


Make = Callable[..., Inbox]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers try again soon after the database has failed."""
    monkeypatch.setattr(hookseal.inbox._worker, "_FIRST_RETRY_SECONDS", 0.05)


# Rights


def test_the_rights_that_the_file_names_are_enough_and_needed(
    database: Database, postgres: Server, make: Make
) -> None:
    name = database.name
    lines = hookseal.inbox.tables("postgresql").splitlines()
    grants = [line.removeprefix("--").partition(" --")[0].strip() for line in lines if "GRANT" in line]
    assert len(grants) == 4
    for role in ("receiver", "worker"):
        database.execute(f"CREATE ROLE {name}_{role} LOGIN")
    for grant in grants:
        database.execute(grant.replace("receiver", f"{name}_receiver").replace("worker", f"{name}_worker"))
    database.execute(f"GRANT INSERT ON effects TO {name}_worker")

    def inbox(role: str) -> Inbox:
        of_role = Database.__new__(Database)
        of_role.kind, of_role.url = "postgresql", postgres.url(name, role=f"{name}_{role}")
        return make("psycopg text", of_role, keep_done_seconds=0, poll_milliseconds=10)

    receiver, worker = inbox("receiver"), inbox("worker")
    short = delivery(1, replay_retention_seconds=1)
    assert receiver.put(short) == Stored(1)
    database.set(1, "key_until", -1)
    assert receiver.put(short).outcome == "stored"
    assert receiver.put(short) == Duplicate()
    receiver.wake()
    with worker.working():
        until(lambda: database.states() == ["done"] * 2)
    assert worker.prune() == Pruned(1, 1)
    assert (worker.counts().waiting, worker.dead(), worker.retry(1)) == (0, [], False)
    receiver.put(delivery(2))
    for call in (receiver.take, lambda: worker.put(delivery(3)), receiver.prune):
        with pytest.raises(InboxUnavailable, match=r"the role lacks a right.*tables\(\) names.*42501"):
            call()
    database.execute(f"REVOKE UPDATE ON hookseal_inbox FROM {name}_receiver")
    database.execute(f"REVOKE UPDATE (key) ON hookseal_inbox FROM {name}_receiver")
    assert receiver.put(delivery(4)).outcome == "stored"
    with pytest.raises(InboxUnavailable, match="42501"):
        receiver.put(delivery(4))
    database.execute(f"REVOKE DELETE ON hookseal_inbox FROM {name}_worker")
    with pytest.raises(InboxUnavailable, match="42501"):
        worker.prune()


def test_a_wake_up_that_fails_is_no_failure_of_put(database: Database, make: Make) -> None:
    database.execute("CREATE ROLE nobody_wakes LOGIN")
    database.execute("GRANT ALL ON hookseal_inbox, hookseal_version TO nobody_wakes")
    database.execute("REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM public")
    database.url = database.url.replace("postgres@", "nobody_wakes@")
    inbox = make("psycopg pool", database)
    assert inbox.put(delivery(1)) == Stored(1)
    with pytest.raises(InboxUnavailable, match="42501"):
        inbox.wake()
    assert inbox.put(delivery(2)) == Stored(2)


def test_workers_are_woken_at_most_once_in_50_ms(shared: Database, make: Make) -> None:
    inbox, other = make("psycopg pool", shared), make("psycopg pool", shared, name="other")
    with psycopg.connect(shared.url, autocommit=True) as listening:
        listening.execute("LISTEN hookseal_inbox")
        until(lambda: inbox.put(delivery(time.monotonic_ns() % 10**8)).outcome == "stored")
        time.sleep(0.06)
        began = time.monotonic()
        for number in range(30):
            inbox.put(delivery(number))
        took = time.monotonic() - began
        other.put(delivery(1))
        time.sleep(0.1)
        payloads = [notify.payload for notify in listening.notifies(timeout=0.2)]
    assert 2 <= payloads.count("default") <= 2 + took / 0.05
    assert payloads.count("other") == 1


# Isolation, durability, transactions


@pytest.mark.parametrize("client", [*POOLS, "psycopg text", "django postgresql"])
def test_own_transactions_have_read_committed_whatever_the_default(shared: Database, make: Make, client: str) -> None:
    shared.execute(f"ALTER DATABASE {shared.name} SET default_transaction_isolation = 'serializable'")
    try:
        inbox = make(client, shared)
        assert inbox.put(delivery()) == Stored(1)
        with inbox.transaction() as connection:
            connection.execute("INSERT INTO effects SELECT current_setting('transaction_isolation')")
    finally:
        shared.execute(f"ALTER DATABASE {shared.name} RESET default_transaction_isolation")
    assert shared.effects() == ["read committed"]


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_higher_isolation_level_of_the_users_says_so(shared: Database, make: Make, level: str) -> None:
    inbox = make("psycopg pool", shared)
    with psycopg.connect(shared.url, autocommit=True) as connection:
        connection.execute(f"BEGIN ISOLATION LEVEL {level}".encode())
        connection.execute("SELECT 1 FROM hookseal_inbox")
        inbox.put(delivery())
        with pytest.raises(InboxUnavailable, match=r"higher than READ COMMITTED.*has failed.*rolled back.*40001"):
            inbox.put(delivery(), connection=connection)
        with pytest.raises(InboxUnavailable, match=r"failed before: roll it back.*25P02"):
            inbox.put(delivery(), connection=connection)
        connection.execute("ROLLBACK")


def test_what_put_has_answered_outlives_a_server_that_answers_before_it_writes(tmp_path: Path, loop: Loop) -> None:
    with Server() as server:
        database = Database("postgresql", server, tmp_path)
        with server.connect("postgres") as connection:
            connection.execute("ALTER SYSTEM SET synchronous_commit = off")
            connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
            connection.execute("SELECT pg_reload_conf()")
        until(lambda: database.execute("SHOW synchronous_commit")[0]["synchronous_commit"] == "off")
        maker = Maker("psycopg pool", database, loop)
        inbox = maker()
        for number in range(5):
            assert inbox.put(delivery(number)).outcome == "stored"
        with inbox.transaction() as transaction:
            inbox.put(delivery(5), connection=transaction)
        # A commit that the inbox has no part in is lost, so that this test shows something.
        for _ in range(3):
            database.execute("INSERT INTO effects VALUES ('lost')")
        database.close()
        server.kill()
        server.start()
        assert database.effects() == []
        assert database.states() == ["waiting"] * 6
        # The pool's connections broke without its knowing.
        assert inbox.put(delivery(5)) == Duplicate()
        maker.close()
        database.close()


def test_a_connection_without_autocommit_is_left_as_it_was(shared: Database) -> None:
    with ConnectionPool(shared.url, min_size=1, max_size=1, open=True) as pool:
        inbox = hookseal.inbox.psycopg.Inbox(pool)
        assert inbox.put(delivery(1)) == Stored(1)
        assert shared.states() == ["waiting"]
        with pool.connection() as connection:
            assert (connection.autocommit, connection.info.transaction_status) == (False, TransactionStatus.IDLE)
            assert inbox.put(delivery(2), connection=connection).outcome == "stored"
            assert shared.states() == ["waiting"]
    assert shared.states() == ["waiting"] * 2


def test_calls_with_one_connection_wait_for_each_other(
    shared: Database, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hookseal.inbox.psycopg, "TURN_SECONDS", 0.3)
    inbox = make("psycopg text", shared)
    with ThreadPoolExecutor(4) as threads:
        puts = [threads.submit(inbox.put, delivery(number)) for number in range(12)]
        assert {put.result().outcome for put in puts} == {"stored"}
    kept = inbox.inner._rules.database._kept
    assert finish(kept.lock(1))
    with pytest.raises(InboxUnavailable, match=r"for 0.3 s: give the inbox a pool"):
        inbox.put(delivery(99))
    kept.unlock()
    assert inbox.put(delivery(99)).outcome == "stored"


def test_close_ends_what_the_inbox_opened_and_leaves_a_pool_open(shared: Database, make: Make) -> None:
    def sessions() -> int:
        (row,) = shared.execute(
            f"SELECT count(*) AS number FROM pg_stat_activity WHERE datname = '{shared.name}' "
            "AND application_name = 'close'"
        )
        return int(row["number"])

    of_text = Database.__new__(Database)
    of_text.kind, of_text.url = "postgresql", shared.url + "?application_name=close"
    for client in ("psycopg text", "psycopg async text", *POOLS):
        inbox = make(client, of_text if "text" in client else shared, name=client.replace(" ", "-"))
        assert inbox.put(delivery(1)).outcome == "stored"
        with inbox.transaction() as connection:
            connection.execute("SELECT 1")
        assert (sessions() > 0) == ("text" in client)
        inbox.close()
        until(lambda: sessions() == 0)
        # The pool is the user's. With a text the inbox connects again.
        assert inbox.put(delivery(2)).outcome == "stored"
        inbox.close()


# Locks


@pytest.mark.parametrize("client", ["psycopg pool", "asyncpg pool", "sqlalchemy asyncpg", "django postgresql"])
def test_put_waits_for_an_open_transaction_with_the_same_key_but_not_for_ever(
    shared: Database, make: Make, client: str
) -> None:
    inbox = make(client, shared, lock_timeout_milliseconds=150)
    user = make("psycopg text", shared)
    began = time.monotonic()
    with suppress(ZeroDivisionError), user.transaction() as connection:
        user.put(delivery(), connection=connection)
        with pytest.raises(InboxUnavailable, match=r"another open transaction has stored the same key.*55P03"):
            inbox.put(delivery())
        assert 0.1 < time.monotonic() - began < 5
        assert inbox.put(delivery(2)).outcome == "stored"
        raise ZeroDivisionError
    assert inbox.put(delivery()).outcome == "stored"


def test_put_leaves_the_lock_timeout_of_the_users_transaction(shared: Database, make: Make) -> None:
    inbox = make("psycopg pool", shared)
    with psycopg.connect(shared.url, autocommit=True) as connection:
        connection.execute("BEGIN")
        connection.execute("SET LOCAL lock_timeout = '1234ms'")
        inbox.put(delivery(), connection=connection)
        assert connection.execute("SHOW lock_timeout").fetchone() == ("1234ms",)
        connection.execute("COMMIT")


def test_two_transactions_in_opposite_order_say_what_to_do(shared: Database, make: Make) -> None:
    shared.execute("SELECT set_config('deadlock_timeout', '1s', false)")
    inbox, barrier = make("psycopg pool", shared), threading.Barrier(2)
    failures: list[InboxUnavailable] = []

    def put(numbers: tuple[int, int]) -> None:
        with suppress(InboxUnavailable), inbox.transaction() as connection:
            connection.execute("SET LOCAL deadlock_timeout = '20ms'")
            for number in numbers:
                try:
                    inbox.put(delivery(number), connection=connection)
                except InboxUnavailable as error:
                    failures.append(error)
                    raise
                if number == numbers[0]:
                    barrier.wait()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(put, [(1, 2), (2, 1)]))
    (failure,) = failures
    assert "store one in a transaction, or sort them by their keys" in str(failure)
    assert "40P01" in str(failure)
    assert shared.states() == ["waiting"] * 2


# Connections that break


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server that tests stop and start."""
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def restarted(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database("postgresql", server, tmp_path_factory.mktemp("restarted"))
    yield database
    database.close()


def test_put_tries_once_more_when_connections_have_broken(restarted: Database, server: Server, make: Make) -> None:
    clients = (*POOLS, "psycopg text", "psycopg async text", "django postgresql")
    all_of_them = [make(client, restarted, name=client.replace(" ", "-")) for client in clients]
    for inbox in all_of_them:
        # Connections of Django belong to their threads.
        with ThreadPoolExecutor(1 if inbox.name.startswith("django") else 4) as threads:
            list(threads.map(inbox.put, map(delivery, range(4))))
            threads.submit(connections.close_all)
    all_of_them[-1].put(delivery(4))
    restarted.close()
    server.stop()
    server.start()
    for inbox in all_of_them:
        for number in range(5, 9):
            assert inbox.put(delivery(number)).outcome == "stored", inbox.name


@pytest.mark.parametrize("client", [*POOLS, "psycopg text", "django postgresql"])
@pytest.mark.parametrize("policy", ["default", "none"])
def test_put_whose_answer_is_lost_has_stored_it_once(
    shared: Database, postgres: Server, make: Make, client: str, policy: str
) -> None:
    url = shared.url
    through = Database.__new__(Database)
    through.kind = "postgresql"
    with losing(postgres) as (port, proxy):
        through.url = url.replace(str(postgres.port), str(port))
        inbox = make(client, through)
        is_alone = client.startswith(("psycopg", "asyncpg"))
        inbox.put(delivery(1))
        for answered in (False, True):
            proxy.lose_commit(answered=answered, is_alone=is_alone)
            outcome = inbox.put(delivery(2 + answered, replay_policy=policy)).outcome
            # The first try stored it, and its answer was lost.
            assert outcome == ("duplicate" if answered else "stored")
            assert shared.states() == ["waiting"] * (2 + answered)
        for _ in range(2):
            proxy.lose_commit(answered=False, is_alone=is_alone)
        with pytest.raises(InboxUnavailable):
            inbox.put(delivery(10, replay_policy=policy))
        assert (proxy.lost, shared.states()) == (4, ["waiting"] * 3)
        inbox.close()


@pytest.mark.usefixtures("soon")
def test_a_worker_goes_on_after_a_restart_of_the_server(
    restarted: Database, server: Server, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    database = restarted
    for client in ("psycopg pool", "asyncpg pool", "sqlalchemy asyncpg"):
        database.execute("TRUNCATE hookseal_inbox, effects")
        caplog.clear()
        inbox = make(client, database, poll_milliseconds=20)
        with inbox.working():
            inbox.put(delivery(1))
            until(lambda: len(database.effects()) == 1)
            database.close()
            server.stop()
            until(lambda: "next try in" in caplog.text)
            server.start()
            until(lambda inbox=inbox: inbox.put(delivery(2)).outcome != "unknown")  # type: ignore[misc]
            until(lambda: len(database.effects()) == 2)
        assert database.states() == ["done"] * 2
        logged = [record for record in caplog.records if record.name == "hookseal"]
        assert all(record.exc_info is None for record in logged)


@pytest.mark.usefixtures("soon")
def test_a_handler_whose_connection_breaks_has_failed_and_the_rest_is_given_back(
    shared: Database, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = make("psycopg pool", shared, rows_per_take=3, poll_milliseconds=20)
    for number in range(3):
        inbox.put(delivery(number))
    broken: list[int] = []

    def break_once(connection: Any) -> None:
        if not broken:
            broken.append(connection.info.backend_pid)
            shared.execute(f"SELECT pg_terminate_backend({broken[0]})")
            connection.execute("SELECT 1")

    with inbox.working(after=break_once):
        until(lambda: len(shared.effects()) == 2)
        until(lambda: shared.rows("attempts, state")[0] == (1, "waiting"))
    # Older versions of psycopg do not tell the reason.
    assert shared.rows("error")[0][0] in ("AdminShutdown", "OperationalError")
    assert shared.rows("attempts, state")[1:] == [(1, "done")] * 2
    assert "next try in" in caplog.text


def test_a_database_that_is_not_there_is_told_and_tried_again(
    tmp_path: Path, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = Database.__new__(Database)
    nowhere.kind, nowhere.url = "postgresql", "postgresql://postgres@127.0.0.1:1/nowhere"
    inbox = make("psycopg text", nowhere)
    with pytest.raises(InboxUnavailable, match="did not answer, or not as expected") as raised:
        inbox.put(delivery())
    assert isinstance(raised.value.__cause__, psycopg.OperationalError)
    with inbox.working():
        until(lambda: "next try in 2 s" in caplog.text)


# pgbouncer


def test_behind_pgbouncer_prepared_statements_are_refused_with_words(postgres: Server, shared: Database) -> None:
    async def of_asyncpg(url: str, size: int) -> str:
        async with asyncpg.create_pool(url, statement_cache_size=size, min_size=5, max_size=5) as pool:
            inbox = hookseal.inbox.asyncpg.AsyncInbox(pool)
            outcomes = await asyncio.gather(*map(inbox.put, map(delivery, range(60))), return_exceptions=True)
        return " ".join(str(outcome) for outcome in outcomes if isinstance(outcome, InboxUnavailable))

    def of_psycopg(url: str, threshold: int | None) -> str:
        options = {"prepare_threshold": threshold}
        with ConnectionPool(url, kwargs=options, min_size=5, max_size=5, open=True) as pool:
            inbox = hookseal.inbox.psycopg.Inbox(pool)

            def put(number: int) -> str:
                try:
                    inbox.put(delivery(number))
                except InboxUnavailable as error:
                    return str(error)
                return ""

            with ThreadPoolExecutor(5) as threads:
                return " ".join(filter(None, threads.map(put, range(60))))

    with pgbouncer(postgres) as port:
        url = shared.url.replace(str(postgres.port), str(port))
        for told in (of_psycopg(url, 0), asyncio.run(of_asyncpg(url, 100))):
            assert "prepare_threshold=None (psycopg) or statement_cache_size=0" in told
            shared.empty()
        assert of_psycopg(url, None) == ""
        assert len(shared.states()) == 60
        shared.empty()
        assert asyncio.run(of_asyncpg(url, 0)) == ""
        assert len(shared.states()) == 60
        with ConnectionPool(url, kwargs={"prepare_threshold": None}, min_size=1, open=True) as pool:
            # It finds the rows although no notification arrives.
            loop = Loop()
            inbox = Inbox(hookseal.inbox.psycopg.Inbox(pool, poll_milliseconds=20), loop)
            with inbox.working():
                until(lambda: len(shared.effects()) == 60, 30)
            loop.close()


# Handlers that are too slow, or interrupted


@pytest.mark.parametrize("client", ["psycopg pool", "sqlalchemy psycopg", "django postgresql"])
def test_a_synchronous_handler_is_limited_by_the_server(shared: Database, make: Make, client: str) -> None:
    inbox = make(client, shared, handler_limit_seconds=1, lease_seconds=9, poll_milliseconds=20)
    inbox.put(delivery(1))
    with inbox.working(after=lambda connection: executed(connection, "SELECT pg_sleep(5)")):
        until(lambda: shared.rows("attempts, state") == [(1, "waiting")])
    assert shared.effects() == []
    assert shared.rows("error")[0][0] in ("QueryCanceled", "OperationalError")


@pytest.mark.usefixtures("soon")
def test_a_synchronous_handler_that_waits_too_long_loses_its_connection(shared: Database, make: Make) -> None:
    inbox = make("psycopg pool", shared, handler_limit_seconds=1, lease_seconds=9, poll_milliseconds=20)
    inbox.put(delivery(1))
    with inbox.working(after=lambda connection: time.sleep(1.1)):
        until(lambda: shared.rows("attempts, state") == [(1, "waiting")])
    assert shared.rows("error")[0][0] in ("IdleInTransactionSessionTimeout", "OperationalError")
    assert shared.effects() == []


def test_a_stricter_limit_of_the_users_is_kept(database: Database, make: Make) -> None:
    database.execute(f"ALTER DATABASE {database.name} SET statement_timeout = '700ms'")
    database.execute(f"ALTER DATABASE {database.name} SET idle_in_transaction_session_timeout = '1h'")
    inbox = make("psycopg pool", database, poll_milliseconds=20)
    inbox.put(delivery())
    names = ("statement_timeout", "idle_in_transaction_session_timeout")

    def read(connection: Any) -> None:
        for name in names:
            connection.execute(f"INSERT INTO effects SELECT current_setting('{name}')")

    with inbox.working(after=read):
        until(lambda: len(database.effects()) == 3)
    assert {"700ms", "1min"} <= {*database.effects()}


@pytest.mark.parametrize("client", ["psycopg async pool", "asyncpg pool", "sqlalchemy asyncpg"])
def test_an_asynchronous_handler_is_cancelled_at_its_limit(shared: Database, make: Make, client: str) -> None:
    inbox = make(client, shared, poll_milliseconds=20)
    inbox.inner._rules.settings["handler_limit_seconds"] = 0.1
    inbox.put(delivery())
    with inbox.working(after=lambda connection: executed(connection, "SELECT pg_sleep(5)")):
        until(lambda: shared.rows("state, attempts, error") == [("waiting", 1, "TimeoutError")])
    assert shared.effects() == []


@pytest.mark.parametrize("client", ["psycopg async pool", "asyncpg pool", "sqlalchemy asyncpg"])
def test_a_cancelled_worker_gives_its_row_back(shared: Database, make: Make, client: str, loop: Loop) -> None:
    inbox = make(client, shared, rows_per_take=3, poll_milliseconds=20)
    for number in range(3):
        inbox.put(delivery(number))
    begun = threading.Event()

    async def handle(_: Recorded, connection: Any) -> None:
        await executed(connection, "INSERT INTO effects VALUES ('x')")
        begun.set()
        await asyncio.sleep(60)

    async def work() -> None:
        task = asyncio.ensure_future(inbox.inner.work(handle))
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    loop.run(work())
    assert shared.rows("state, attempts") == [("waiting", 0)] * 3
    assert shared.effects() == []

    async def cancelled_itself(_: Recorded, __: Any) -> None:
        inbox.stop()
        raise asyncio.CancelledError

    loop.run(inbox.inner.work(cancelled_itself))
    assert [error for (error,) in shared.rows("error") if error] == ["HandlerCancelled"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_handler_gives_its_row_back(
    shared: Database, make: Make, interruption: type[BaseException]
) -> None:
    inbox = make("psycopg pool", shared, rows_per_take=2, poll_milliseconds=20)
    for number in range(2):
        inbox.put(delivery(number))

    def interrupt(_: Any) -> None:
        raise interruption

    with pytest.raises(interruption):
        inbox.work(after=interrupt)
    # A row that ends its worker counts its attempts, so that it is dead at last.
    first = ("waiting", 1, "SystemExit") if interruption is SystemExit else ("waiting", 0, None)
    assert shared.rows("state, attempts, error") == [first, ("waiting", 0, None)]
    assert shared.effects() == []


def test_a_delivery_that_kills_its_worker_is_dead_alone(shared: Database, make: Make) -> None:
    """Each worker is a process. The one that gets the bad delivery ends at once."""
    inbox = make("psycopg pool", shared, max_attempts=3)
    good = [inbox.put(delivery(number)).number for number in range(1, 20)]
    bad = inbox.put(delivery(666)).number
    program = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from hookseal.inbox.psycopg import Inbox
from samples import INSERT, delivery
inbox = Inbox({shared.url!r}, rows_per_take=10, poll_milliseconds=10, max_attempts=3)
bad = delivery(666)[0].id
def handle(given, connection):
    if given[0].id == bad:
        os._exit(9)
    connection.execute(INSERT.format(given[0].id))
    if connection.execute("SELECT 1 FROM hookseal_inbox WHERE state IN ('waiting', 'taken')").fetchone() is None:
        inbox.stop()
inbox.work(handle, on_failure=lambda row, error: inbox.stop())
"""
    codes: list[int] = []
    while not codes or codes[-1] == 9:
        codes.append(subprocess.run([sys.executable, "-c", program], timeout=60).returncode)
        shared.execute("UPDATE hookseal_inbox SET next_at = statement_timestamp() WHERE state = 'taken'")
        assert len(codes) < 9
    with inbox.working():
        until(lambda: len(shared.effects()) == 19)
    assert codes[:3] == [9] * 3
    assert shared.rows("number, state, error")[-1] == (bad, "dead", "LeaseEnded")
    assert [row[:2] for row in shared.rows()][:-1] == [(number, "done") for number in good]
    assert len({*shared.effects()}) == 19


# What is shown


def test_no_text_of_a_delivery_or_an_error_is_shown(database: Database, make: Make) -> None:
    database.execute("ALTER TABLE hookseal_inbox ADD CHECK (length(body) < 5)")
    for client in (*POOLS, "django postgresql"):
        inbox = make(client, database)
        given = benji(BENJI_BODY.replace(b"5f0c7a52", b"s3cr3t"))
        with pytest.raises(InboxUnavailable, match="23514") as raised:
            inbox.put(given)
        assert "s3cr3t" not in str(raised.value)
        assert raised.value.__cause__ is not None
        assert "[parameters:" not in str(raised.value.__cause__)


@pytest.mark.parametrize("client", ["psycopg pool", "asyncpg pool", "sqlalchemy psycopg", "django postgresql"])
def test_any_body_comes_back_as_it_was(shared: Database, make: Make, client: str) -> None:
    inbox = make(client, shared)
    ids = [b"\\u0000", b"\xf0\x9f\x98\x80", b"%s :inbox $1 {} '", b"x" * 200]
    bodies = [BENJI_BODY.replace(b"5f0c7a52", each) for each in ids]
    bodies.append(BENJI_BODY.replace(b"{", b'{"note":"\\ud800\\u0000",', 1))
    receiver = hookseal.Receiver.benji(SALT, max_body_bytes=1_100_000)
    for body in [*bodies, BENJI_BODY + b" " * 1_000_000]:
        given = receiver.receive(benji_headers(body), body, now=NOW)
        assert inbox.put(given).outcome == "stored"
        (row,) = inbox.take()
        assert (row.body, row.delivery.body, row.delivery[0].id) == (body, body, given[0].id)


def test_times_at_their_extremes_overflow_nothing(shared: Database, make: Make) -> None:
    inbox = make(
        "psycopg pool", shared, longest_delay_seconds=2_592_000, first_delay_seconds=86_400, max_attempts=1000
    )
    inbox.put(delivery(1))
    inbox.put(delivery(2))
    shared.execute("UPDATE hookseal_inbox SET stored_at = '-infinity', attempts = 998")
    shared.execute("UPDATE hookseal_inbox SET next_at = '-infinity' WHERE number = 1")
    shared.execute("UPDATE hookseal_inbox SET next_at = 'infinity' WHERE number = 2")
    (row,) = inbox.take()
    assert inbox.fail(row, "E") == "waiting"
    assert 2_592_000 / 2 - 9 < shared.seconds_until("next_at", 1) <= 2_592_000
    assert inbox.take() == []
    shared.execute("UPDATE hookseal_inbox SET key_until = '-infinity'")
    assert inbox.put(delivery(1)).outcome == "stored"


def test_an_answer_that_no_inbox_gives_is_an_error(database: Database, make: Make) -> None:
    inbox = make("psycopg pool", database)
    inbox.put(delivery(1))
    database.execute("ALTER TABLE hookseal_inbox RENAME TO other")
    database.execute(
        "CREATE VIEW hookseal_inbox AS SELECT CAST(number AS text) AS number, inbox, key, key_until, state, turn, "
        "attempts, next_at, stored_at, closed_at, error, record, body FROM other"
    )
    with pytest.raises(InboxUnavailable):
        inbox.put(delivery(2))
    row: Any = (1, 1, 1, "taken", None, "{}", b"")
    assert Row(row).number == 1
    for place, nonsense in ((0, "1"), (0, -1), (1, None), (2, 1.5), (3, "lost"), (4, 5), (5, None), (6, "text")):
        with pytest.raises(InboxUnavailable, match="a row that is none of the inbox"):
            Row((*row[:place], nonsense, *row[place + 1 :]))
    for rows in ([], [(1,)], [(1, 2, 3, "4", None, None)], [(1, 2, 3, -4, None, None)]):
        with pytest.raises(InboxUnavailable, match="no counts"):
            read_counts(rows)


# Processes


def test_a_forked_process_gets_connections_of_its_own(shared: Database) -> None:
    assert outcomes_around_a_fork("psycopg", shared.url) == "stored duplicate\n"
    assert len(shared.states()) == 3


def test_the_wrong_kind_of_client_is_refused(shared: Database, loop: Loop) -> None:
    psycopg_inbox: Any = hookseal.inbox.psycopg.Inbox
    async_inbox: Any = hookseal.inbox.psycopg.AsyncInbox
    asyncpg_inbox: Any = hookseal.inbox.asyncpg.AsyncInbox
    sqlalchemy_inbox: Any = hookseal.inbox.sqlalchemy.Inbox
    sqlalchemy_async: Any = hookseal.inbox.sqlalchemy.AsyncInbox
    engine = sqlalchemy.create_engine("sqlite:///nowhere.db")
    async_engine = sqlalchemy.ext.asyncio.create_async_engine("sqlite+aiosqlite:///nowhere.db")
    pool: Any = ConnectionPool(shared.url, open=False)
    async_pool: Any = AsyncConnectionPool(shared.url, open=False)
    for kind, wrong in (
        (psycopg_inbox, async_pool),
        (psycopg_inbox, engine),
        (psycopg_inbox, None),
        (async_inbox, pool),
        (async_inbox, 5),
        (asyncpg_inbox, shared.url),
        (asyncpg_inbox, pool),
        (sqlalchemy_inbox, async_engine),
        (sqlalchemy_async, engine),
    ):
        with pytest.raises(TypeError, match=r"(database|engine) must be"):
            kind(wrong)
    for url in ("sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"):
        with pytest.raises(ValueError, match="in memory would lose every delivery"):
            sqlalchemy_inbox(sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool))
    with pytest.raises(InboxUnavailable, match="PoolClosed"):
        psycopg_inbox(pool).put(delivery())


def test_the_logger_tells_the_code_of_a_failure_and_no_text(
    shared: Database, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "hookseal")
    inbox = make("psycopg pool", shared, max_attempts=1, poll_milliseconds=20)
    inbox.put(delivery())

    def fail(_: object) -> None:
        Path("/s3cr3t").stat()

    with inbox.working(fail):
        until(lambda: shared.states() == ["dead"])
    assert "FileNotFoundError" in caplog.text
    assert "s3cr3t" not in caplog.text
    assert "s3cr3t" not in str(shared.execute("SELECT * FROM hookseal_inbox"))
