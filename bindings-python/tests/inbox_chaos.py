"""Deliveries, processes that store them in an inbox and handle them, and kills: each effect must happen exactly once.

    python bindings-python/tests/inbox_chaos.py [--database postgresql|sqlite] [--deliveries 10000] [--seed NUMBER]
                                                [--without turn|one-transaction|transaction|synchronous_commit …]
    python bindings-python/tests/inbox_chaos.py --table [--deliveries 200]

Four processes receive and store, four handle; one of each kind is Node. Each delivery is sent until it was answered
202 or 200 three times. Meanwhile processes are killed with SIGKILL, at any time and in chosen states, handlers fail
or take longer than they may, and workers pause for longer than their lease. PostgreSQL, which is set to answer before
it writes to the disk, is killed and started again once. The tables of the inbox and of the effects say what happened.

`--without` plants a fault in the Python processes, which must be found: rows whose turn is not compared; an effect in
another transaction than `done`; no transaction at all; a `put` that leaves `synchronous_commit` as it is.

`--table` prints what is lost and what is handled twice without a guard, with one, and with the inbox, for the table
in core/docs/inbox.md.
"""

import argparse
import itertools
import json
import logging
import mmap
import multiprocessing
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple, NoReturn, Self, TypeAlias, cast
from unittest import mock

import psycopg
import redis
from psycopg_pool import ConnectionPool
from redis.backoff import NoBackoff
from redis.retry import Retry

import hookseal.inbox.psycopg
import hookseal.inbox.sqlite
import hookseal.redis
from chaos import IDLE, NOW, PROCESSES, RESENT_AFTER_SECONDS, SALT, TIMES, States
from hookseal import (
    Claimed,
    Delivery,
    Duplicate,
    GuardUnavailable,
    InboxUnavailable,
    Receiver,
    Recorded,
    Rejection,
    ReplayGuard,
    ReplayKey,
    Stored,
    sign,
)
from hookseal.inbox import Row
from postgres_servers import Server
from redis_servers import Server as RedisServer

NODE_WORKER = Path(__file__).parents[2] / "bindings-node/test/inbox_chaos_worker.js"
# The shortest that the settings allow.
SETTINGS: dict[str, int] = {
    "handler_limit_seconds": 1,
    "lease_seconds": 2,
    "first_delay_seconds": 0,
    "longest_delay_seconds": 0,
    "max_attempts": 1_000,
    "poll_milliseconds": 100,
}
PAUSE_SECONDS = 3
# Longer than a run takes.
RETENTION_SECONDS = 86_400
RECEIVERS = range(PROCESSES // 2)
# The last of each kind.
IN_NODE = (PROCESSES // 2 - 1, PROCESSES - 1)
# The states of a process, which it writes to memory that it shares with the one that kills. `idle` is 0.
RECEIVED, PUTTING, PUT, TAKING, TAKEN, HANDLING, HANDLED, COMMITTING, COMMITTED, FAILING = range(1, 11)
STATES = {
    IDLE: "idle",
    RECEIVED: "before put",
    PUTTING: "before put's commit",
    PUT: "before the answer",
    TAKING: "before take's commit",
    TAKEN: "taken, before done",
    HANDLING: "before the effect",
    HANDLED: "after the effect",
    COMMITTING: "before the commit",
    COMMITTED: "after the commit",
    FAILING: "before fail",
}
ANY = -1
Database: TypeAlias = Literal["postgresql", "sqlite"]
FAULTS = ("turn", "one-transaction", "transaction", "synchronous_commit")


class Sent(NamedTuple):
    """A copy of a delivery."""

    number: int
    headers: dict[str, str]
    body: bytes


class Setup(NamedTuple):
    """What each process is given."""

    database: Database
    place: str
    folder: Path
    seed: int
    fault: str | None
    longest_seconds: int
    """Of the run. On a busy machine it takes ten times as long as on an idle one."""
    slow: float
    """The share of the handlers that are too slow."""
    failing: float
    """The share of those that fail, half of them after their statement."""
    pauses: float
    """The share of the takes after which the worker pauses."""


class SharedStates(States):
    """As `States`, in a file, so that Node can read and write it."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(PROCESSES + 1))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), PROCESSES + 1)


# Processes


class Child:
    """What a process in Python knows, and the state in which it is."""

    def __init__(self, process: int, started: int, states: States, setup: Setup) -> None:
        signal.alarm(setup.longest_seconds + 60)
        # Lost connections are expected.
        for name in ("hookseal", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._process, self._states, self.setup = process, states, setup
        self.chance = random.Random(f"{setup.seed} {started}")
        self._log = os.open(setup.folder / f"{started}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.state = IDLE

    def enter(self, state: int) -> None:
        self.state = state
        self._states.enter(self._process, state)

    def say(self, word: str) -> None:
        os.write(self._log, f"{word}\n".encode())

    def inbox(self, *, pooled: bool = False, rows_per_take: int = 1) -> Any:
        options: Any = SETTINGS | {"rows_per_take": rows_per_take}
        if self.setup.database == "sqlite":
            self._watch_sqlite()
            return hookseal.inbox.sqlite.Inbox(self.setup.place, **options)
        self._watch_psycopg()
        given: Any = self.setup.place
        if pooled:
            given = ConnectionPool(self.setup.place, min_size=1, max_size=3, timeout=2, open=True)
        return hookseal.inbox.psycopg.Inbox(given, **options)

    def before(self, statement: str) -> str:
        """Enters the state before a statement of the inbox, and returns the statement, or the one with a fault."""
        if statement.startswith("BEGIN") and self.state == TAKING:
            self.enter(TAKEN)
            if self.chance.random() < self.setup.pauses:
                self.say("paused")
                time.sleep(PAUSE_SECONDS)
        elif "random()" in statement:
            self.enter(FAILING)
        elif statement == "COMMIT" and self.state == HANDLED:
            self.enter(COMMITTING)
        elif "SET state = 'done'" in statement and self.setup.fault == "turn":
            return changed(statement, r"turn = (\S+) AND state = 'taken'", r"turn >= \1")
        elif "INSERT INTO hookseal_inbox" in statement and self.setup.fault == "synchronous_commit":
            return changed(statement, "THEN 'on'", "THEN 'off'")
        return statement

    def after(self, statement: str, rows: int) -> None:
        if "INSERT INTO hookseal_inbox" in statement:
            self.enter(PUTTING)
        elif "LeaseEnded" in statement:
            self.enter(TAKING if rows else IDLE)
        elif statement == "COMMIT" and self.state == COMMITTING:
            self.enter(COMMITTED)
            self.enter(IDLE)

    def _watch_psycopg(self) -> None:
        execute: Callable[..., Any] = psycopg.Cursor.execute

        def watched(cursor: Any, query: str | bytes, *given: Any, **options: Any) -> Any:
            statement = self.before(query.decode() if isinstance(query, bytes) else query)
            done = execute(cursor, statement.encode(), *given, **options)
            self.after(statement, cursor.rowcount)
            return done

        mock.patch.object(psycopg.Cursor, "execute", watched).start()

    def _watch_sqlite(self) -> None:
        child, connect = self, sqlite3.connect

        class Cursor(sqlite3.Cursor):
            def execute(self, query: str, *given: Any) -> Self:
                self.statement = child.before(query)
                super().execute(self.statement, *given)
                if self.description is None:
                    child.after(self.statement, 0)
                return self

            def fetchall(self) -> list[Any]:
                rows = super().fetchall()
                child.after(self.statement, len(rows))
                return rows

        class Connecting(sqlite3.Connection):
            def cursor(self, *_: Any) -> Any:
                return Cursor(self)

            def execute(self, *given: Any) -> Any:
                return self.cursor().execute(*given)

        def watched(*given: Any, **options: Any) -> sqlite3.Connection:
            return connect(*given, **options, factory=Connecting)

        mock.patch.object(sqlite3, "connect", watched).start()


def changed(statement: str, what: str, by: str) -> str:
    text, count = re.subn(what, by, statement)
    assert count == 1, statement
    return text


class Failed(Exception):
    """What a handler raises."""


def receive(process: int, started: int, states: States, setup: Setup, pipe: Connection) -> NoReturn:
    """Answers what comes through the pipe."""
    child = Child(process, started, states, setup)
    receiver = Receiver.benji(SALT, replay_retention_seconds=RETENTION_SECONDS)
    inbox = child.inbox(pooled=process == 0)
    while True:
        sent = pipe.recv()
        delivery = receiver.receive(sent.headers, sent.body, now=NOW)
        child.enter(RECEIVED)
        try:
            outcome = inbox.put(delivery)
        except InboxUnavailable:
            status = 503
        else:
            child.enter(PUT)
            status = {Stored: 202, Duplicate: 200}.get(type(outcome), 503)
        child.enter(IDLE)
        pipe.send(status)


def work(process: int, started: int, states: States, setup: Setup) -> NoReturn:
    """Handles what waits."""
    child = Child(process, started, states, setup)
    inbox = child.inbox(rows_per_take=10 if process == PROCESSES // 2 else 1)
    insert = f"INSERT INTO effects (number, who) VALUES ({'?' if setup.database == 'sqlite' else '%s'}, 'python')"

    def handle(delivery: Recorded, connection: Any) -> None:
        child.say("ran")
        child.enter(HANDLING)
        chance = child.chance.random()
        if chance < setup.slow:
            child.say("slow")
            time.sleep(PAUSE_SECONDS)
        elif chance < setup.slow + setup.failing / 2:
            child.say("failed")
            raise Failed
        connection.execute(insert, [number_of(delivery)])
        child.enter(HANDLED)
        if chance > 1 - setup.failing / 2:
            child.say("failed")
            raise Failed

    if setup.fault in FAULTY_WORKERS:
        work_wrongly(inbox, handle, FAULTY_WORKERS[setup.fault])
    inbox.work(handle)
    raise AssertionError


def number_of(delivery: Recorded) -> int:
    return int(next(iter(delivery)).subject.id or -1)


Handler: TypeAlias = Callable[[Recorded, Any], None]


def in_two_transactions(inbox: Any, row: Any, handle: Handler) -> None:
    with inbox.transaction() as connection:
        handle(row.delivery, connection)
    with inbox.transaction() as connection:
        inbox.done(row, connection)


def without_transaction(inbox: Any, row: Any, handle: Handler) -> None:
    # At the end there is no transaction to commit.
    with suppress(InboxUnavailable), inbox.transaction() as connection:
        inbox.done(row, connection)
        connection.execute("COMMIT")
        handle(row.delivery, connection)


FAULTY_WORKERS = {"one-transaction": in_two_transactions, "transaction": without_transaction}


def work_wrongly(inbox: Any, handle: Handler, handle_row: Callable[[Any, Any, Handler], None]) -> NoReturn:
    while True:
        try:
            for row in inbox.take():
                try:
                    handle_row(inbox, row, handle)
                except Failed as error:
                    inbox.fail(row, error)
        except (InboxUnavailable, psycopg.Error, sqlite3.Error):
            time.sleep(0.2)
        time.sleep(0.002)


class InPython:
    """A process in Python, and what it is sent and answers if it receives."""

    _fork = multiprocessing.get_context("fork")

    def __init__(self, process: int, started: int, states: States, setup: Setup) -> None:
        self._pipe, its = self._fork.Pipe()
        arguments = (process, started, states, setup)
        if process in RECEIVERS:
            self._process = self._fork.Process(target=receive, args=(*arguments, its), daemon=True)
        else:
            self._process = self._fork.Process(target=work, args=arguments, daemon=True)
        self._process.start()
        its.close()

    def send(self, sent: Sent) -> None:
        # Who was killed meanwhile gets nothing.
        with suppress(OSError):
            self._pipe.send(sent)

    def recv(self) -> int:
        status: int = self._pipe.recv()
        return status

    def fileno(self) -> int:
        return self._pipe.fileno()

    def has_answered(self) -> bool:
        return self._pipe.poll()

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def signal(self, number: int) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def close(self) -> None:
        self._pipe.close()


class InNode:
    """The same in Node."""

    def __init__(self, process: int, started: int, states: Path, setup: Setup) -> None:
        given = {
            "process": process,
            "states": str(states),
            "hold": PROCESSES,
            "receives": process in RECEIVERS,
            "log": str(setup.folder / f"{started}.log"),
            "seed": setup.seed + started,
            "slow": setup.slow,
            "failing": setup.failing,
            "pauses": setup.pauses,
            "pauseSeconds": PAUSE_SECONDS,
            "database": setup.database,
            "place": setup.place,
            "salt": SALT,
            "retentionSeconds": RETENTION_SECONDS,
            "now": NOW,
            "settings": SETTINGS,
        }
        # Lost connections are expected.
        command = ["node", "--no-warnings", str(NODE_WORKER), json.dumps(given)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def send(self, sent: Sent) -> None:
        assert self._process.stdin is not None
        line = {"headers": sent.headers, "body": sent.body.decode()}
        with suppress(OSError):
            self._process.stdin.write(json.dumps(line).encode() + b"\n")

    def recv(self) -> int:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return int(line)

    def fileno(self) -> int:
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def has_answered(self) -> bool:
        return bool(wait([self.fileno()], timeout=0))

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


# Databases


class OnPostgresql:
    """A server that answers before it has written to the disk, unless a transaction asks for more."""

    name: Database = "postgresql"
    title = "PostgreSQL"

    def __enter__(self) -> Self:
        self._server = Server().__enter__()
        # With the writer's longest delay, what nobody waits for is rarely written.
        for setting in ("synchronous_commit = off", "wal_writer_delay = '10s'"):
            self._run("postgres", f"ALTER SYSTEM SET {setting}")
        self._run("postgres", "SELECT pg_reload_conf()")
        return self

    def make_empty(self) -> None:
        self._database = self._server.new_database()
        self.place = self._server.url(self._database)
        self.rows("CREATE TABLE effects (number bigint, who text)")

    def __exit__(self, *failure: Any) -> None:
        self._server.__exit__(*failure)

    def _run(self, database: str, statement: str) -> list[Any]:
        with closing(self._server.connect(database)) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def rows(self, statement: str) -> list[Any]:
        return self._run(self._database, statement)

    def restart(self) -> bool:
        self.stop()
        self.start()
        return True

    def stop(self) -> None:
        self._server.kill()

    def start(self) -> None:
        self._server.start()


class OnSqlite:
    """A file."""

    name: Database = "sqlite"
    title = "SQLite"

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory()
        self._numbers = itertools.count()
        return self

    def make_empty(self) -> None:
        self.place = str(Path(self._folder.name, f"{next(self._numbers)}.db"))
        with closing(sqlite3.connect(self.place)) as connection:
            connection.executescript(hookseal.inbox.tables("sqlite"))
            connection.execute("CREATE TABLE effects (number INTEGER, who TEXT)")

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def rows(self, statement: str) -> list[Any]:
        with closing(sqlite3.connect(self.place, timeout=30)) as connection:
            return connection.execute(statement).fetchall()

    def restart(self) -> bool:
        """There is no server."""
        return False


DATABASES: dict[Database, type[OnPostgresql | OnSqlite]] = {"postgresql": OnPostgresql, "sqlite": OnSqlite}


class Chaos:
    def __init__(
        self, database: OnPostgresql | OnSqlite, folder: Path, deliveries: int, seed: int, fault: str | None
    ) -> None:
        # SQLite waits for a slow handler.
        slow = 0 if fault else max(2, deliveries // (2_000 if database.name == "sqlite" else 500))
        # Often enough that processes are killed before they say so.
        failing = min(0.1, max(0.05, 50 / deliveries))
        pauses = 9 if fault == "turn" else 0 if fault else max(4, deliveries // 250)
        database.make_empty()
        shares = slow / deliveries, failing, pauses / deliveries
        longest_seconds = 120 + deliveries // 8
        self._setup = Setup(database.name, database.place, folder, seed, fault, longest_seconds, *shares)
        self._database = database
        self._random = random.Random(seed)
        self._states_file = folder / "states"
        self._states = SharedStates(self._states_file)
        self._started = itertools.count()
        # The faults are those of processes in Python.
        self._in_node = () if fault else IN_NODE
        self._processes: list[InPython | InNode] = []
        # What each process has not answered yet.
        self._open: dict[int, Sent] = {}
        self._later: deque[tuple[float, Sent]] = deque()
        self.deliveries = deliveries
        self.killed: Counter[int] = Counter()
        self.killed_in_node = 0
        self.restarted = False
        # Only one of the faults needs it.
        self._restarts_at = TIMES * deliveries // 3 if fault in (None, "synchronous_commit") else sys.maxsize
        self.ended_by_themselves = 0
        self.missing_after_restart = 0
        self.accepted: dict[int, Counter[int]] = defaultdict(Counter)
        self.statuses: Counter[int] = Counter()
        self.keys: dict[str, int] = {}
        self._todo = deque(self._copies())

    def _copies(self) -> list[Sent]:
        """Of a tenth of the deliveries all copies come at once."""
        places: list[tuple[float, Sent]] = []
        receiver = Receiver.benji(SALT)
        for number in range(self.deliveries):
            body = b'{"event":"transaction_created","entity_type":3,"entity_id":%d}' % number
            sent = Sent(number, sign.benji(SALT, body, NOW), body)
            self.keys[str(receiver.receive(sent.headers, body, now=NOW).replay_key())] = number
            together = self._random.random() < 0.1
            first = self._random.random() * 0.9
            for copy in range(TIMES):
                places.append((first + copy * 1e-9 if together else self._random.random(), sent))
        return [sent for _, sent in sorted(places, key=lambda each: each[0])]

    def _start(self, process: int) -> None:
        self._states.enter(process, IDLE)
        started: InPython | InNode
        if process in self._in_node:
            started = InNode(process, next(self._started), self._states_file, self._setup)
        else:
            started = InPython(process, next(self._started), self._states, self._setup)
        if process < len(self._processes):
            self._processes[process].close()
            self._processes[process] = started
        else:
            self._processes.append(started)

    def _kill(self, process: int) -> None:
        killed = self._processes[process]
        if not killed.is_alive():
            self.ended_by_themselves += 1
        killed.kill()
        self.killed[self._states.of(process)] += 1
        self.killed_in_node += process in self._in_node
        sent = self._open.pop(process, None)
        # The sender sees the end of the connection, unless the answer was on its way.
        if sent and killed.has_answered():
            with suppress(EOFError, OSError):
                self._answered(sent, killed.recv())
                sent = None
        if sent:
            self._send_later(sent)
        self._start(process)

    def _send_later(self, sent: Sent) -> None:
        self._later.append((time.monotonic() + RESENT_AFTER_SECONDS, sent))

    def _answered(self, sent: Sent, status: int) -> None:
        self.statuses[status] += 1
        if status in (200, 202):
            self.accepted[sent.number][status] += 1
            # What was stored last is what a server would lose.
            if status == 202 and self.statuses.total() >= self._restarts_at:
                self._restarts_at = sys.maxsize
                for process in self._processes:
                    process.signal(signal.SIGSTOP)
                self.restarted = self._database.restart()
                for process in self._processes:
                    process.signal(signal.SIGCONT)
                self.missing_after_restart = len(self._missing())
        else:
            self._send_later(sent)

    def _next(self) -> Sent | None:
        if self._later and self._later[0][0] <= time.monotonic():
            return self._later.popleft()[1]
        return self._todo.popleft() if self._todo else None

    def run(self) -> float:
        """How many seconds it took."""
        for process in range(PROCESSES):
            self._start(process)
        began = time.monotonic()
        kills = max(24, self.deliveries // 50)
        between = TIMES * self.deliveries // kills
        next_kill, holding = between, IDLE
        chosen = itertools.cycle([ANY, *STATES])
        # Whatever they do, the processes in Node are killed too.
        victims = itertools.chain(self._in_node, iter(lambda: self._random.randrange(PROCESSES), None))
        looked_at = began
        while time.monotonic() < began + self._setup.longest_seconds:
            self._exchange()
            answers = self.statuses.total()
            is_sent = not (self._todo or self._later or self._open)
            if holding != IDLE:
                held = self._states.first_in(holding)
                if held is not None:
                    self._kill(held)
                    holding = IDLE
                    self._states.hold(holding)
            elif (is_sent or answers >= next_kill) and self.killed.total() < kills:
                next_kill = answers + self._random.randint(between // 2, between)
                state = next(chosen)
                if state == ANY:
                    self._kill(next(victims))
                elif state == IDLE:
                    idle = [process for process in range(PROCESSES) if self._states.of(process) == IDLE]
                    self._kill(self._random.choice(idle or range(PROCESSES)))
                else:
                    holding = state
                    self._states.hold(holding)
            if is_sent and time.monotonic() > looked_at + 0.2:
                looked_at = time.monotonic()
                if not self._waiting():
                    break
        for each in self._processes:
            self.ended_by_themselves += not each.is_alive()
            each.kill()
            each.close()
        return time.monotonic() - began

    def _exchange(self) -> None:
        for process in RECEIVERS:
            if process not in self._open and (sent := self._next()):
                self._open[process] = sent
                self._processes[process].send(sent)
        ready = wait([self._processes[process].fileno() for process in self._open], timeout=0.005)
        for process in [process for process in self._open if self._processes[process].fileno() in ready]:
            try:
                status = self._processes[process].recv()
            except (EOFError, OSError):
                self._kill(process)
            else:
                self._answered(self._open.pop(process), status)

    def _waiting(self) -> int:
        statement = "SELECT count(*) FROM hookseal_inbox WHERE state IN ('waiting', 'taken')"
        ((count,),) = self._database.rows(statement)
        return int(count)

    def _missing(self) -> set[int]:
        """Which deliveries were answered 202 or 200, and are not in the table."""
        stored = self._database.rows("SELECT key FROM hookseal_inbox")
        return self.accepted.keys() - {self.keys[key] for (key,) in stored}

    def said(self) -> Counter[str]:
        """What the processes wrote."""
        return Counter(word for log in self._setup.folder.glob("*.log") for word in log.read_text().split())

    def again(self) -> int:
        """How many rows were taken more than once."""
        ((count,),) = self._database.rows("SELECT count(*) FROM hookseal_inbox WHERE turn > 1")
        return int(count)

    def effects_in(self, language: str) -> int:
        ((count,),) = self._database.rows(f"SELECT count(*) FROM effects WHERE who = '{language}'")
        return int(count)

    def findings(self) -> Iterator[str]:
        if self.missing_after_restart:
            yield f"{self.missing_after_restart} answered deliveries were missing after the restart of the server"
        for number in sorted(self._missing()):
            yield f"delivery {number} was answered and is not in the table"
        effects = Counter(number for (number,) in self._database.rows("SELECT number FROM effects"))
        for number in range(self.deliveries):
            accepted = self.accepted[number]
            if accepted.total() < TIMES:
                yield f"delivery {number} was accepted {accepted.total()} times"
            if accepted[202] > 1:
                yield f"delivery {number} was answered 202 {accepted[202]} times"
            if effects[number] != 1:
                yield f"delivery {number} has {effects[number]} effects"
        for state, count in self._database.rows("SELECT state, count(*) FROM hookseal_inbox GROUP BY state"):
            if state != "done":
                yield f"{count} rows are {state}"
        for state, name in STATES.items():
            if not self.killed[state]:
                yield f"no process was killed {name}"
        if self._in_node and not (self.killed_in_node and self.effects_in("node")):
            yield "no process in Node was killed, or none handled anything"
        if self.ended_by_themselves:
            yield f"{self.ended_by_themselves} processes ended by themselves"


# The table


class Vendor(NamedTuple):
    """A sender."""

    name: str
    receiver: Receiver[Any]
    headers: Callable[[bytes], dict[str, str]]
    body: bytes
    """With the place of a number."""


VENDORS = (
    Vendor(
        "Benji",
        Receiver.benji(SALT),
        lambda body: sign.benji(SALT, body, NOW),
        b'{"event":"transaction_created","entity_type":3,"entity_id":%d}',
    ),
    Vendor(
        "Benti",
        Receiver.benti("secret"),
        lambda _: sign.benti("secret"),
        b'[{"id":%d,"item":"ticket","action":"add","timestamp":1660834225}]',
    ),
    Vendor(
        "Bento",
        Receiver.bento(bearer="token"),
        lambda _: sign.bento_bearer("token"),
        b'{"events":[{"type":"tracked","email":"%d@example.com"}]}',
    ),
)
# When a sender sends again what was not answered 2xx, in seconds after the attempt before.
SENDERS: dict[str, tuple[int, ...]] = {
    "sends once": (),
    "three attempts in 2 minutes": (60, 60),
    "three attempts in 30 minutes": (900, 900),
}
Failure: TypeAlias = Literal["handler", "process", "store", "network"]
FAILURES: dict[Failure, str] = {
    "handler": "the handler",
    "process": "the process is killed",
    "store": "the store is away",
    "network": "the answer is lost",
}
# What a request has come to.
BEGUN, IN_HANDLER, AFTER_HANDLER = "begun", "in the handler", "after the handler"
MOMENTS = (BEGUN, IN_HANDLER, AFTER_HANDLER)
Steps: TypeAlias = Generator[str, None, int]


def reaches(steps: Steps, moment: str) -> int | None:
    """Goes on to a moment. The status, if the request was answered before."""
    try:
        while next(steps) != moment:
            pass
    except StopIteration as ended:
        return cast(int, ended.value)
    return None


class Form:
    """How a service handles deliveries. Each handler commits its effect in a transaction."""

    title = "nothing"
    has_store = False

    def __init__(self) -> None:
        self.effects: Counter[int] = Counter()

    def attempt(self, delivery: Delivery, number: int, *, fails: bool) -> Steps:
        yield BEGUN
        yield IN_HANDLER
        if fails:
            return 500
        self.effects[number] += 1
        yield AFTER_HANDLER
        return 200

    def work(self, failure: Failure | None) -> None:
        """Handles what is stored."""

    def forget(self) -> None:
        """A process was killed."""

    def stop(self) -> None:
        """The store goes away."""

    def start(self) -> None:
        """It is back."""

    def pass_time(self, seconds: int) -> None:
        """Makes the store believe that the time has passed."""

    def handled(self) -> Counter[int]:
        self.work(None)
        return self.effects


class Guarded(Form):
    """A guard in memory."""

    title = "guard in memory"

    def __init__(self) -> None:
        super().__init__()
        self._now = float(NOW)
        self.forget()

    def forget(self) -> None:
        guard = ReplayGuard(100_000)
        self._claim: Callable[[ReplayKey], Any] = lambda key: guard.claim(key, self._now)
        self._confirm: Callable[[Any], bool] = lambda claim: guard.confirm(claim, self._now)
        self._release: Callable[[Any], bool] = guard.release

    def pass_time(self, seconds: int) -> None:
        self._now += seconds

    def attempt(self, delivery: Delivery, number: int, *, fails: bool) -> Steps:
        yield BEGUN
        key = delivery.replay_key()
        assert key is not None
        try:
            outcome = self._claim(key)
        except GuardUnavailable:
            return 503
        if not isinstance(outcome, Claimed):
            return 200 if isinstance(outcome, Duplicate) else 503
        yield IN_HANDLER
        if fails:
            self._release(outcome.claim)
            return 500
        self.effects[number] += 1
        yield AFTER_HANDLER
        # The handler's answer stays if the claim cannot be confirmed.
        with suppress(GuardUnavailable):
            self._confirm(outcome.claim)
        return 200


class GuardedOnRedis(Guarded):
    title = "guard on Redis"
    has_store = True

    def __init__(self, server: RedisServer) -> None:
        self._server = server
        self._client = redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0))
        self._client.flushall()
        super().__init__()
        guard = hookseal.redis.ReplayGuard(self._client)
        self._claim, self._confirm, self._release = guard.claim, guard.confirm, guard.release

    def forget(self) -> None:
        """The server remembers."""

    def stop(self) -> None:
        self._server.kill()

    def start(self) -> None:
        self._server.start()

    def pass_time(self, seconds: int) -> None:
        for name in self._client.scan_iter():
            left = self._client.pttl(name) - seconds * 1000
            self._client.pexpire(name, left) if left > 0 else self._client.delete(name)


class InInbox(Form):
    """The inbox."""

    title = "inbox"
    has_store = True

    def __init__(self, database: OnPostgresql) -> None:
        super().__init__()
        database.rows("TRUNCATE hookseal_inbox, effects")
        self._database = database
        self._inbox = hookseal.inbox.psycopg.Inbox(database.place, rows_per_take=10)
        self._failed: set[int] = set()
        self.numbers: dict[bytes, int] = {}

    def attempt(self, delivery: Delivery, number: int, *, fails: bool) -> Steps:
        yield BEGUN
        self.numbers[delivery.body] = number
        try:
            outcome = self._inbox.put(delivery)
        except InboxUnavailable:
            return 503
        return {Stored: 202, Duplicate: 200}.get(type(outcome), 503)

    def _handle(self, row: Row, *, fails: bool) -> Steps:
        yield BEGUN
        with suppress(InboxUnavailable):
            try:
                with self._inbox.transaction() as connection:
                    if self._inbox.done(row, connection):
                        if fails:
                            raise Failed
                        number = self.numbers[row.body]
                        connection.execute("INSERT INTO effects (number, who) VALUES (%s, 'python')", [number])
                        yield IN_HANDLER
            except Failed as error:
                self._inbox.fail(row, error)
            yield AFTER_HANDLER
        return 0

    def work(self, failure: Failure | None) -> None:
        while rows := self._inbox.take():
            for row in rows:
                number = self.numbers[row.body]
                steps = self._handle(row, fails=failure == "handler" and row.attempts == 1)
                if failure == "process":
                    # Those of the first moment were killed before `put`.
                    reaches(steps, MOMENTS[number % 3])
                    # Also of a process that is killed PostgreSQL rolls the transaction back.
                    steps.close()
                else:
                    reaches(steps, "")

    def stop(self) -> None:
        interrupted = []
        while rows := self._inbox.take():
            interrupted += [self._handle(row, fails=False) for row in rows]
        for steps in interrupted:
            reaches(steps, BEGUN)
        self._database.stop()
        for steps in interrupted:
            reaches(steps, "")

    def start(self) -> None:
        self._database.start()

    def pass_time(self, seconds: int) -> None:
        past = f"interval '{seconds} s'"
        self._database.rows(f"UPDATE hookseal_inbox SET key_until = key_until - {past}, next_at = next_at - {past}")

    def handled(self) -> Counter[int]:
        while (counts := self._inbox.counts()).waiting or counts.taken:
            self.pass_time(3_600)
            self.work(None)
        self._inbox.close()
        return Counter(number for (number,) in self._database.rows("SELECT number FROM effects"))


class Cell(NamedTuple):
    """Of all deliveries."""

    lost: int
    twice: int


def measure(form: Form, vendor: Vendor, failure: Failure, pauses: tuple[int, ...], deliveries: int) -> Cell:
    """Sends each delivery until it is answered 2xx. The failure hits each at its first attempt."""
    time_passed = 0
    unanswered = list(range(deliveries))

    def begin(number: int, *, fails: bool = False) -> Steps | None:
        body = vendor.body % number
        try:
            delivery = vendor.receiver.receive(vendor.headers(body), body, now=NOW + time_passed)
        except Rejection:
            return None
        return form.attempt(delivery, number, fails=fails)

    def status_of(steps: Steps | None) -> int:
        return (steps and reaches(steps, "")) or 400

    first = {number: begin(number, fails=failure == "handler") for number in unanswered}
    statuses: dict[int, int | None] = {}
    if failure == "process":
        for number, steps in first.items():
            assert steps is not None
            statuses[number] = reaches(steps, MOMENTS[number % 3])
        form.forget()
    elif failure == "store":
        # It goes away before half of the requests, and in the middle of the others.
        for number, steps in first.items():
            if number % 2:
                assert steps is not None
                statuses[number] = reaches(steps, AFTER_HANDLER)
        form.stop()
        for number, steps in first.items():
            if statuses.get(number) is None:
                statuses[number] = status_of(steps)
        form.start()
    else:
        statuses = {number: status_of(steps) for number, steps in first.items()}
        if failure == "network":
            statuses = dict.fromkeys(statuses)
    form.work(failure)
    for pause in pauses:
        form.pass_time(pause)
        time_passed += pause
        unanswered = [number for number in unanswered if (statuses[number] or 0) not in (200, 202)]
        statuses |= {number: status_of(begin(number)) for number in unanswered}
        form.work(None)
    handled = form.handled()
    return Cell(
        lost=sum(handled[number] == 0 for number in range(deliveries)),
        twice=sum(handled[number] > 1 for number in range(deliveries)),
    )


def table(deliveries: int) -> Iterator[str]:
    """The lines. One line says what is the same for all senders."""
    with OnPostgresql() as database, RedisServer("--appendonly", "yes", "--appendfsync", "always") as server:
        database.make_empty()
        forms: dict[type[Form], Callable[[], Form]] = {
            Form: Form,
            Guarded: Guarded,
            GuardedOnRedis: lambda: GuardedOnRedis(server),
            InInbox: lambda: InInbox(database),
        }
        yield f"| what fails | the sender | {' | '.join(form.title for form in forms)} |"
        yield "|---|---" + "|---" * len(forms) + "|"
        for failure, title in FAILURES.items():
            for sender, pauses in SENDERS.items():
                lines: dict[str, str] = {}
                for vendor in VENDORS:
                    cells = []
                    for form, make in forms.items():
                        if failure == "store" and not form.has_store:
                            cells.append("")
                        else:
                            lost, twice = measure(make(), vendor, failure, pauses, deliveries)
                            cells.append(f"{lost} / {twice}")
                    lines[vendor.name] = " | ".join(cells)
                for line in dict.fromkeys(lines.values()):
                    names = [name for name, its in lines.items() if its == line]
                    which = "" if len(names) == len(lines) else f": {', '.join(names)}"
                    yield f"| {title} | {sender}{which} | {line} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--database", choices=DATABASES, default="postgresql")
    parser.add_argument("--deliveries", type=int)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--without", choices=FAULTS, nargs="*", default=[None])
    parser.add_argument("--table", action="store_true")
    chosen = parser.parse_args()
    if chosen.table:
        for line in table(chosen.deliveries or 200):
            print(line, flush=True)
        return
    print(f"seed {chosen.seed}")
    has_findings = False
    with DATABASES[chosen.database]() as database:
        for fault in chosen.without:
            has_findings |= tell(database, chosen.deliveries or 10_000, chosen.seed, fault)
    sys.exit(has_findings)


def tell(database: OnPostgresql | OnSqlite, deliveries: int, seed: int, fault: str | None) -> bool:
    """Runs, and prints what happened. Whether there are findings."""
    with TemporaryDirectory() as folder:
        chaos = Chaos(database, Path(folder), deliveries, seed, fault)
        seconds = chaos.run()
        findings = list(chaos.findings())
        said, again, in_node = chaos.said(), chaos.again(), chaos.effects_in("node")
    for finding in findings[:20]:
        print(f"  {finding}")
    kills = ", ".join(f"{chaos.killed[state]} {name}" for state, name in STATES.items())
    print(f"  {seconds:.1f} s; {chaos.killed.total()} killed, of these {chaos.killed_in_node} in Node: {kills}")
    answers = ", ".join(f"{status}: {count}" for status, count in sorted(chaos.statuses.items()))
    print(f"  answers {answers}" + ("; the server was killed and started again" if chaos.restarted else ""))
    print(
        f"  handlers ran {said['ran']} times, {said['failed']} failed, {said['slow']} were slow; {said['paused']} "
        f"workers paused; {again} rows were taken again; {in_node} effects in Node"
    )
    name = f"inbox on {database.title}" + (f" without {fault}" if fault else "")
    print(f"{name:22} {deliveries:>13} deliveries  {len(findings)} findings")
    return bool(findings)


if __name__ == "__main__":
    main()
