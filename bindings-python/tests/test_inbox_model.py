"""Random operations on both databases give what a naive inbox gives."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import hookseal
from hookseal.inbox import Pruned, Row
from inboxes import Database, Inbox, Loop, Maker
from postgres_servers import Server
from samples import delivery

pytest_plugins = ["inbox_fixtures"]

SEED = 20_261_127
STEPS = 400
MAX_ATTEMPTS, MAX_WAITING = 2, 6
RETENTION_SECONDS = 2**20


@dataclass
class Stored:
    """A row of the naive inbox. Times are numbers of steps."""

    key: str | None
    key_ends: float
    next_at: float
    state: str = "waiting"
    turn: int = 0
    attempts: int = 0
    error: str | None = None
    closed_at: float | None = None
    is_empty: bool = False

    def shown(self) -> tuple[Any, ...]:
        return self.key, self.state, self.turn, self.attempts, self.error, self.is_empty


@dataclass
class Naive:
    """What an inbox does, in the plainest way."""

    rows: dict[int, Stored] = field(default_factory=dict)
    now: float = 0
    """Rows have the order of their numbers."""

    def put(self, key: str) -> str:
        held = [row for row in self.rows.values() if row.key == key]
        if held and held[0].key_ends > self.now:
            return "duplicate"
        if sum(row.state in ("waiting", "taken") for row in self.rows.values()) >= MAX_WAITING:
            return "full"
        for row in held:
            row.key = None
        self.rows[max(self.rows, default=0) + 1] = Stored(key, self.now + RETENTION_SECONDS, self.now)
        return "stored"

    def take(self, most: int, *, only_fresh: bool) -> list[int]:
        due = [
            (row.next_at, number)
            for number, row in self.rows.items()
            if row.state in ("waiting", "taken") and row.next_at <= self.now and (row.attempts == 0 or not only_fresh)
        ]
        taken = [number for _, number in sorted(due)[:most]]
        for row in map(self.rows.__getitem__, taken):
            row.turn += 1
            row.next_at = self.now + RETENTION_SECONDS
            if row.attempts < MAX_ATTEMPTS:
                row.state = "taken"
                row.attempts += 1
            else:
                row.state, row.closed_at, row.error = "dead", self.now, row.error or "LeaseEnded"
        return sorted(taken)

    def held(self, number: int, turn: int) -> Stored | None:
        row = self.rows.get(number)
        return row if row and row.state == "taken" and row.turn == turn else None

    def done(self, number: int, turn: int) -> bool:
        if row := self.held(number, turn):
            row.state, row.closed_at, row.error = "done", self.now, None
        return row is not None

    def done_by_number(self, number: int) -> bool:
        row = self.rows.get(number)
        if row is None or row.state != "waiting":
            return False
        row.state, row.closed_at, row.error = "done", self.now, None
        row.turn += 1
        return True

    def fail(self, number: int, turn: int, error: str) -> str | None:
        if (row := self.held(number, turn)) is None:
            return None
        row.error, row.next_at = error, self.now + RETENTION_SECONDS
        row.state = "waiting" if row.attempts < MAX_ATTEMPTS else "dead"
        row.closed_at = self.now if row.state == "dead" else None
        return row.state

    def give_back(self, number: int, turn: int) -> bool:
        if (row := self.held(number, turn)) is not None:
            row.state, row.next_at = "waiting", self.now
            row.attempts = max(0, row.attempts - 1)
        return row is not None

    def retry(self, number: int) -> bool:
        row = self.rows.get(number)
        if row is None or row.state not in ("dead", "done") or row.is_empty:
            return False
        row.state, row.attempts, row.next_at, row.closed_at = "waiting", 0, self.now, None
        return True

    def prune(self) -> Pruned:
        old = [number for number, row in self.rows.items() if row.state == "done" and (row.closed_at or 0) < 0]
        deleted = emptied = 0
        for number in old:
            row = self.rows[number]
            if row.key is None or row.key_ends <= self.now:
                del self.rows[number]
                deleted += 1
            elif not row.is_empty:
                row.is_empty = True
                emptied += 1
        return Pruned(deleted, emptied)


@pytest.fixture
def both(postgres: Server, tmp_path: Path) -> Iterator[list[Maker]]:
    with ExitStack() as stack:
        loop = Loop()
        stack.callback(loop.close)
        makers = []
        for client, kind in (("psycopg text", "postgresql"), ("sqlite", "sqlite")):
            database = Database(kind, postgres if kind == "postgresql" else None, tmp_path)
            stack.callback(database.close)
            makers.append(Maker(client, database, loop))
            stack.callback(makers[-1].close)
        yield makers


class Real:
    """An inbox in a database, whose rows are named by the numbers of the naive one."""

    def __init__(self, make: Maker) -> None:
        settings = {"max_attempts": MAX_ATTEMPTS, "max_waiting": MAX_WAITING}
        self.inbox: Inbox = make(**settings)
        self.batches: Inbox = make(rows_per_take=4, **settings)
        self.database = make.database
        self.numbers: dict[int, int] = {}
        self.taken: dict[tuple[int, int], Row] = {}

    def at(self, number: int, column: str, seconds: float) -> None:
        self.database.set(self.numbers.get(number, 0), column, seconds)

    def take(self, *, only_fresh: bool) -> list[int]:
        inbox = self.batches if only_fresh else self.inbox
        inbox.inner._taker._is_fresh_next = True
        rows = inbox.take()
        names = {real: name for name, real in self.numbers.items()}
        for row in rows:
            self.taken[names[row.number], row.turn] = row
        return [names[row.number] for row in rows]

    def shown(self, columns: str = "key, state, turn, attempts, error, record = ''") -> list[tuple[Any, ...]]:
        shown = self.database.rows(columns)
        return [(*row[:-1], bool(row[-1])) for row in shown]


def test_random_operations_give_what_a_naive_inbox_gives(both: list[Maker]) -> None:
    rng = random.Random(SEED)
    naive, reals = Naive(), [Real(make) for make in both]
    deliveries = [delivery(number, replay_retention_seconds=RETENTION_SECONDS) for number in range(15)]
    turns: list[tuple[int, int]] = []
    outcomes: set[tuple[str, Any]] = set()
    for step in range(STEPS):
        naive.now = step
        # SQLite's times are milliseconds.
        time.sleep(0.002)
        number = rng.randint(1, max(naive.rows, default=0) + 1)
        held = rng.choice(turns[-8:]) if turns else (number, 1)
        operation = rng.choice(
            ["put"] * 5
            + ["take", "take_fresh", "done", "done", "fail", "fail", "give_back", "due", "due", "due"]
            + ["retry", "end_key", "grow_old", "prune", "done_by_number", "dead", "counts"]
        )
        expected, found = apply(operation, naive, reals, number, held, rng.choice(deliveries), rng, turns)
        assert found == [expected] * 2, (SEED, step, operation)
        rows = [row.shown() for _, row in sorted(naive.rows.items())]
        assert [real.shown() for real in reals] == [rows] * 2, (SEED, step, operation)
        outcomes.add((operation, expected if isinstance(expected, bool | str) else bool(expected)))
    wanted: set[tuple[str, Any]] = {
        ("put", "stored"),
        ("put", "duplicate"),
        ("put", "full"),
        ("fail", "dead"),
        ("fail", "waiting"),
    }
    wanted |= {(name, is_so) for name in ("done", "give_back", "retry", "done_by_number") for is_so in (True, False)}
    assert wanted <= outcomes, wanted - outcomes


def apply(
    operation: str,
    naive: Naive,
    reals: list[Real],
    number: int,
    held: tuple[int, int],
    given: hookseal.Delivery,
    rng: random.Random,
    turns: list[tuple[int, int]],
) -> tuple[Any, list[Any]]:
    """Does it everywhere: what the naive inbox gives, and what the others give."""

    def each(call: Any) -> list[Any]:
        return [call(real) for real in reals]

    def in_transaction(real: Real, name: str, what: Any) -> bool:
        with real.inbox.transaction() as connection:
            return bool(getattr(real.inbox, name)(what, connection))

    match operation:
        case "put":
            outcome = naive.put(str(given.replay_key()))
            found = []
            for real in reals:
                real.inbox.inner._rules._waiting._counted_at = float("-inf")
                stored = real.inbox.put(given)
                if stored.outcome == "stored":
                    real.numbers[max(naive.rows)] = stored.number
                found.append(stored.outcome)
            return outcome, found
        case "take" | "take_fresh":
            only_fresh = operation == "take_fresh"
            taken = naive.take(4 if only_fresh else 1, only_fresh=only_fresh)
            if only_fresh and not taken:
                taken = naive.take(1, only_fresh=False)
            alive = [each for each in taken if naive.rows[each].state == "taken"]
            turns += [(each, naive.rows[each].turn) for each in alive]
            return alive, each(lambda real: real.take(only_fresh=only_fresh))
        case "done" | "fail" | "give_back":
            if held not in turns:
                return None, [None, None]
            if operation == "done":
                return naive.done(*held), each(lambda real: in_transaction(real, "done", real.taken[held]))
            if operation == "fail":
                error = f"Error{rng.randint(0, 9)}"
                return naive.fail(*held, error), each(lambda real: real.inbox.fail(real.taken[held], error))
            return naive.give_back(*held), each(lambda real: real.inbox.give_back(real.taken[held]))
        case "done_by_number":
            done = naive.done_by_number(number)
            return done, each(lambda real: in_transaction(real, operation, real.numbers.get(number, 0)))
        case "due":
            if row := naive.rows.get(number):
                row.next_at = naive.now
            return None, each(lambda real: real.at(number, "next_at", 0))
        case "end_key":
            if row := naive.rows.get(number):
                row.key_ends = naive.now
            return None, each(lambda real: real.at(number, "key_until", 0))
        case "grow_old":
            row = naive.rows.get(number)
            if row is None or row.state != "done":
                return None, [None, None]
            row.closed_at = -1
            return None, each(lambda real: real.at(number, "closed_at", -700_000))
        case "retry":
            return naive.retry(number), each(lambda real: real.inbox.retry(real.numbers.get(number, 0)))
        case "prune":
            return naive.prune(), each(lambda real: real.inbox.prune())
        case "dead":
            dead = [name for name, row in sorted(naive.rows.items()) if row.state == "dead"]
            names = each(lambda real: {given: name for name, given in real.numbers.items()})
            return dead, [
                [known[row.number] for row in real.inbox.dead()] for real, known in zip(reals, names, strict=True)
            ]
    states = [row.state for row in naive.rows.values()]
    counts = tuple(states.count(state) for state in ("waiting", "taken", "done", "dead"))
    found = each(lambda real: real.inbox.counts())
    return counts, [(each.waiting, each.taken, each.done, each.dead) for each in found]
