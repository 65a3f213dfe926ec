"""Measures a claim and its confirmation, in memory and on Redis, there beside the bare commands SET NX PX and DEL.

    pip install './bindings-python[test]'
    python bindings-python/bench/guard.py [--port PORT] [--turns N] [--json FILE]

All on Redis use one client with one connection, in turns; the table shows medians. Without a port a server is
started.
"""

import argparse
import contextlib
import itertools
import json
import secrets
import statistics
import sys
import timeit
from collections.abc import Callable
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

import hookseal
import hookseal.redis
from hookseal import Claimed, ReplayKey

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from redis_servers import Server

CALLS = 250
LIVE_KEYS = 1_000_000
RETENTION_SECONDS = 601


def key() -> ReplayKey:
    return ReplayKey(secrets.token_hex(16), RETENTION_SECONDS)


def medians(functions: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Seconds of a call of each."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for name, function in itertools.chain.from_iterable([functions.items()] * turns):
        times[name].append(timeit.timeit(function, number=CALLS) / CALLS)
    return {name: statistics.median(each) for name, each in times.items()}


def on_redis(client: redis.Redis, turns: int) -> dict[str, float]:
    guard = hookseal.redis.ReplayGuard(client)

    def by_hand() -> None:
        name = f"bare:{key()}"
        assert client.set(name, secrets.token_hex(8), nx=True, px=30_000)
        assert client.delete(name) == 1

    def by_guard() -> None:
        outcome = guard.claim(key())
        assert isinstance(outcome, Claimed)
        assert guard.confirm(outcome.claim)

    return medians({"SET NX PX and DEL": by_hand, "claim and confirm": by_guard}, turns)


def in_memory(turns: int) -> float:
    """Among a million live keys."""
    guard = hookseal.ReplayGuard(LIVE_KEYS + 100_000)
    for _ in range(LIVE_KEYS):
        guard.claim(key())
    keys = iter([key() for _ in range(CALLS * turns)])

    def by_guard() -> None:
        outcome = guard.claim(next(keys))
        assert isinstance(outcome, Claimed)
        assert guard.confirm(outcome.claim)

    return medians({"": by_guard}, turns)[""]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, help="of a Redis server that is running")
    parser.add_argument("--turns", type=int, default=25, metavar="N", help="that each has, five times on Redis")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to a file too")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        port = arguments.port or stack.enter_context(Server()).port
        client = stack.enter_context(redis.Redis(port=port, socket_timeout=5, retry=Retry(NoBackoff(), 0)))
        runs = [on_redis(client, arguments.turns) for _ in range(5)]
    ratios = [run["claim and confirm"] / run["SET NX PX and DEL"] for run in runs]
    rows = [("guard on Redis", name, round(statistics.median(run[name] for run in runs) * 1e9)) for name in runs[0]]
    rows.append(("guard in memory", "claim and confirm", round(in_memory(arguments.turns) * 1e9)))
    for case, name, nanoseconds in rows:
        print(f"{case:<18} {name:<18} {nanoseconds:>9,} ns")
    ratio = statistics.median(ratios)
    each = ", ".join(f"{ratio:.2f}" for ratio in sorted(ratios))
    print(f"on Redis {ratio:.2f} times the bare commands, the median of {each}")
    if arguments.json:
        bare, guarded, alone = (round(nanoseconds / 1000, 1) for _, _, nanoseconds in rows)
        found = [
            {"case": "Redis, redis-py", "bare_us": bare, "guard_us": guarded, "ratio": round(ratio, 3)},
            {"case": f"in memory, {LIVE_KEYS} live keys", "guard_us": alone},
        ]
        arguments.json.write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
