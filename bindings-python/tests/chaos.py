"""Deliveries, processes that handle them under one guard, and kills: each key must be confirmed once.

    python bindings-python/tests/chaos.py [--deliveries 10000] [--seed NUMBER] [--without confirm|release]

Eight processes share a guard on a Redis server of their own. Each delivery is sent until it was answered 2xx three
times. Meanwhile processes are killed with SIGKILL, at any time and in chosen states, handlers fail or take longer
than the lease, and the server is killed and started again once. What counts is the server's own log of writes
(appendonly), and the files to which the processes write what they handled.

`--without` plants a fault, the script of that name without its comparison of tokens, which must be found.
"""

import argparse
import itertools
import mmap
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

import hookseal.redis
from hookseal import Claimed, Duplicate, GuardUnavailable, Receiver, sign
from redis_servers import Server

SALT, NOW = "salt-7f3c9b1e", 1_772_600_767
PROCESSES, TIMES = 8, 3
LEASE_SECONDS = 1
LONGEST_SECONDS = 300
RESENT_AFTER_SECONDS = 0.05
# The states of a process, which it writes to memory that it shares with the one that kills.
IDLE, RECEIVED, CLAIMING, CLAIMED, SLEEPING, HANDLED, CONFIRMING, CONFIRMED = range(8)
STATES = ("idle", "received", "claiming", "claimed", "sleeping", "handled", "confirming", "confirmed")
CHOSEN = {
    RECEIVED: "before the claim",
    CLAIMED: "between claim and handling",
    HANDLED: "between handling and confirmation",
    CONFIRMED: "after the confirmation",
}
# What happens to the first copy of a delivery.
SLOW, FAILS = 1, 2

FAULTS = {
    "confirm": """
if ARGV[2] == '' then
    redis.call('SET', KEYS[1], '+' .. ARGV[1])
else
    redis.call('SET', KEYS[1], '+' .. ARGV[1], 'PX', ARGV[2])
end
return 1
""",
    "release": "return redis.call('DEL', KEYS[1])",
}


class Sent(NamedTuple):
    """A copy of a delivery."""

    number: int
    headers: dict[str, str]
    body: bytes
    trouble: int


class States:
    """A byte for the state of each process, and one for the state in which all must wait until one is killed."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, PROCESSES + 1)

    def enter(self, process: int, state: int) -> None:
        self._memory[process] = state
        while state != IDLE and self._memory[PROCESSES] == state:
            time.sleep(0.0005)

    def of(self, process: int) -> int:
        return self._memory[process]

    def first_in(self, state: int) -> int | None:
        found = self._memory.find(bytes([state]), 0, PROCESSES)
        return None if found < 0 else found

    def hold(self, state: int) -> None:
        self._memory[PROCESSES] = state


def work(process: int, pipe: Connection, states: States, port: int, log: Path, fault: str | None) -> None:
    """Handles what comes through the pipe; never returns."""
    signal.alarm(LONGEST_SECONDS + 30)
    if fault:
        planted = hookseal.redis._script(FAULTS[fault])
        setattr(hookseal.redis, f"_{fault.upper()}", planted)
    receiver = Receiver.benji(SALT)
    client = redis.Redis(port=port, socket_timeout=2, retry=Retry(NoBackoff(), 1))
    guard = hookseal.redis.ReplayGuard(client, lease_seconds=LEASE_SECONDS)
    lines = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def answer(sent: Sent) -> int:
        states.enter(process, RECEIVED)
        key = receiver.receive(sent.headers, sent.body, now=NOW).replay_key()
        assert key is not None
        states.enter(process, CLAIMING)
        match guard.claim(key):
            case Claimed(claim):
                states.enter(process, CLAIMED)
            case Duplicate():
                return 200
            case _:
                return 503
        if sent.trouble & SLOW:
            states.enter(process, SLEEPING)
            time.sleep(LEASE_SECONDS + 0.3)
        if sent.trouble & FAILS:
            guard.release(claim)
            return 500
        os.write(lines, b"handled %d\n" % sent.number)
        states.enter(process, HANDLED)
        states.enter(process, CONFIRMING)
        try:
            confirmed = guard.confirm(claim)
        except GuardUnavailable:
            os.write(lines, b"unavailable %d\n" % sent.number)
            raise
        os.write(lines, b"%s %d\n" % (b"confirmed" if confirmed else b"lost", sent.number))
        states.enter(process, CONFIRMED)
        return 200

    while True:
        sent = pipe.recv()
        try:
            status = answer(sent)
        except GuardUnavailable:
            status = 503
        states.enter(process, IDLE)
        pipe.send(status)


class Chaos:
    def __init__(self, server: Server, folder: Path, deliveries: int, seed: int, fault: str | None) -> None:
        self._server, self._folder, self._fault = server, folder, fault
        self._random = random.Random(seed)
        self._fork = multiprocessing.get_context("fork")
        self._states = States()
        self._started = itertools.count()
        self._pipes: list[Connection] = []
        self._workers: list[multiprocessing.process.BaseProcess] = []
        # What each process has not answered yet.
        self._open: list[Sent | None] = [None] * PROCESSES
        self._later: deque[tuple[float, Sent]] = deque()
        self.deliveries = deliveries
        self.killed: Counter[int] = Counter()
        self.accepted: Counter[int] = Counter()
        self.statuses: Counter[int] = Counter()
        self.keys: dict[str, int] = {}
        self._todo = deque(self._copies())

    def _copies(self) -> list[Sent]:
        """Of a tenth of the deliveries all copies come at once; those with trouble come so that others meet it."""
        places: list[tuple[float, Sent]] = []
        receiver = Receiver.benji(SALT)
        troubled = max(5, self.deliveries // 1_000)
        for number in range(self.deliveries):
            body = b'{"event":"transaction_created","entity_type":3,"entity_id":%d}' % number
            headers = sign.benji(SALT, body, NOW)
            key = receiver.receive(headers, body, now=NOW).replay_key()
            assert key is not None
            self.keys[key] = number
            trouble = SLOW if number < troubled else SLOW | FAILS if number < 2 * troubled else 0
            if not trouble and self._random.random() < 0.02:
                trouble = FAILS
            together = number < 2 * troubled or self._random.random() < 0.1
            first = self._random.random() * 0.9
            for copy in range(TIMES):
                place = first + copy * 1e-9 if together else self._random.random()
                places.append((place, Sent(number, headers, body, trouble if copy == 0 else 0)))
        return [sent for _, sent in sorted(places, key=lambda each: each[0])]

    def _start(self, process: int) -> None:
        mine, its = self._fork.Pipe()
        log = self._folder / f"{next(self._started)}.log"
        arguments = (process, its, self._states, self._server.port, log, self._fault)
        worker = self._fork.Process(target=work, args=arguments, daemon=True)
        self._states.enter(process, IDLE)
        worker.start()
        its.close()
        if process < len(self._pipes):
            self._pipes[process].close()
            self._pipes[process], self._workers[process] = mine, worker
        else:
            self._pipes.append(mine)
            self._workers.append(worker)

    def _kill(self, process: int) -> None:
        worker = self._workers[process]
        worker.kill()
        worker.join()
        self.killed[self._states.of(process)] += 1
        sent, self._open[process] = self._open[process], None
        # The sender sees the end of the connection, unless the answer was on its way.
        if sent and self._pipes[process].poll():
            try:
                self._answered(sent, self._pipes[process].recv())
                sent = None
            except (EOFError, OSError):
                pass
        if sent:
            self._later.append((time.monotonic() + RESENT_AFTER_SECONDS, sent))
        self._start(process)

    def _answered(self, sent: Sent, status: int) -> None:
        self.statuses[status] += 1
        if status == 200:
            self.accepted[sent.number] += 1
        else:
            again = sent._replace(trouble=0)
            self._later.append((time.monotonic() + RESENT_AFTER_SECONDS, again))

    def _next(self) -> Sent | None:
        if self._later and self._later[0][0] <= time.monotonic():
            return self._later.popleft()[1]
        return self._todo.popleft() if self._todo else None

    def run(self) -> float:
        """How many seconds it took."""
        for process in range(PROCESSES):
            self._start(process)
        began = time.monotonic()
        kills = max(24, self.deliveries // 100)
        between = TIMES * self.deliveries // kills
        answers, next_kill, restarts_at = 0, between, TIMES * self.deliveries // 2
        holding = IDLE
        chosen = itertools.cycle([*CHOSEN, IDLE])
        while self._todo or self._later or any(self._open):
            if time.monotonic() > began + LONGEST_SECONDS:
                break
            for process in range(PROCESSES):
                if self._open[process] is None and (next_sent := self._next()):
                    self._open[process] = next_sent
                    self._pipes[process].send(next_sent)
            for ready in wait(self._pipes, timeout=0.005):
                answered = self._pipes.index(ready)  # type: ignore[arg-type]
                sent, self._open[answered] = self._open[answered], None
                assert sent is not None
                self._answered(sent, self._pipes[answered].recv())
                answers += 1
            if holding != IDLE:
                held = self._states.first_in(holding)
                if held is not None:
                    self._kill(held)
                    holding = IDLE
                    self._states.hold(holding)
            elif answers >= next_kill and self.killed.total() < kills:
                next_kill = answers + self._random.randint(between // 2, between)
                holding = next(chosen)
                self._states.hold(holding)
                if holding == IDLE:
                    self._kill(self._random.randrange(PROCESSES))
            if answers >= restarts_at:
                restarts_at = sys.maxsize
                self._server.kill()
                self._server.start()
        for worker in self._workers:
            worker.kill()
            worker.join()
        for pipe in self._pipes:
            pipe.close()
        return time.monotonic() - began

    def said(self) -> dict[str, Counter[int]]:
        """What the processes wrote: for each word how often for each delivery."""
        said: dict[str, Counter[int]] = defaultdict(Counter)
        for log in self._folder.glob("*.log"):
            for line in log.read_text().splitlines():
                word, number = line.split()
                said[word][int(number)] += 1
        return said

    def findings(self, said: dict[str, Counter[int]]) -> Iterator[str]:
        writes = self._server.writes()
        for key, number in self.keys.items():
            if self.accepted[number] < TIMES:
                yield f"delivery {number} was accepted {self.accepted[number]} times"
            if not said["handled"][number]:
                yield f"delivery {number} was not handled"
            if said["confirmed"][number] > 1:
                yield f"delivery {number} was confirmed for {said['confirmed'][number]} processes"
            values = writes.get(f"hookseal:{key}", [])
            confirmations = sum(value is not None and value.startswith("+") for value in values)
            if confirmations != 1:
                yield f"delivery {number} has {confirmations} confirmations on the server"
            elif not (values[-1] or "").startswith("+"):
                yield f"delivery {number} was claimed or released after its confirmation"
        # Who handles what another one handles too was killed before the confirmation, or was told.
        twice = handled_again(said)
        told = said["lost"].total() + said["unavailable"].total() + self.killed[HANDLED] + self.killed[CONFIRMING]
        if twice > told:
            yield f"{twice} were handled once more, and {told} of them for a reason"
        for state, name in CHOSEN.items():
            if not self.killed[state]:
                yield f"no process was killed {name}"


def handled_again(said: dict[str, Counter[int]]) -> int:
    return said["handled"].total() - len(said["handled"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--without", choices=FAULTS)
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}")
    options = ("--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0")
    with Server(*options) as server, TemporaryDirectory() as folder:
        chaos = Chaos(server, Path(folder), chosen.deliveries, chosen.seed, chosen.without)
        seconds = chaos.run()
        said = chaos.said()
        findings = list(chaos.findings(said))
    for finding in findings[:20]:
        print(f"  {finding}")
    kills = ", ".join(f"{count} {STATES[state]}" for state, count in sorted(chaos.killed.items()))
    print(f"  {seconds:.1f} s; killed when {kills}; the server was started again")
    answers = ", ".join(f"{status}: {count}" for status, count in sorted(chaos.statuses.items()))
    print(f"  answers {answers}; {said['lost'].total()} lost their lease, {said['unavailable'].total()} the server")
    print(f"  {handled_again(said)} were handled twice")
    print(f"{'guard on Redis':22} {chosen.deliveries:>13} deliveries  {len(findings)} findings")
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
