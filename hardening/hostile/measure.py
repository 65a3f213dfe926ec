"""Runs a server, and measures the cost of each attack."""

import os
import re
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attacks import Attack
from frameworks import MIB, ROOT, Server
from processes import memory, processes, processor_seconds, reset_peaks, resting
from target import CONNECTIONS, PATIENCE_SECONDS, Connection, Failure, Target, expect, in_parallel
from wire import CHUNKED, CLOSE, END, GENUINE, SALT, chunk, genuine, head, with_length

NOISE = re.compile(
    rb"Traceback|Exception|Unhandled|[Uu]ncaught|panicked|Error: |\"level\":[56]0|[\" ]500[\", ]|^\s+at .+:\d+:\d+", re.M
)
LISTENING = re.compile(rb"(?:listening on|Listening at:|[Rr]unning on) (?:http://)?127\.0\.0\.1:([1-9]\d*)")


@contextmanager
def running(server: Server, limit: int, seconds: float, single_bytes: int, python: str) -> Iterator[tuple[Target, int, Path]]:
    """A listening server: the target, its process id, and the file of its output."""
    environment = os.environ | {"HOOKSEAL_SALT": SALT, "HOOKSEAL_LIMIT": str(limit), "PYTHONUNBUFFERED": "1"}
    with tempfile.NamedTemporaryFile(prefix="hostile-", suffix=".log") as log:
        command = [part.format(python=python) for part in shlex.split(server.command)]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            path = Path(log.name)
            port = listening_port(process, path)
            single_bytes = min(single_bytes, server.most_single_bytes)
            yield Target(server, limit, port, server.path, seconds, single_bytes), process.pid, path
        finally:
            for end in (signal.SIGTERM, signal.SIGKILL):
                try:
                    # The server has its own session, so this also ends the processes that it started.
                    os.killpg(process.pid, end)
                    process.wait(timeout=5)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue


def listening_port(process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if match := LISTENING.search(log.read_bytes()):
            return int(match[1])
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise Failure(f"it does not listen:\n{log.read_text(errors='replace')}")


def warm_up(target: Target) -> None:
    """Sends requests before the attacks, so that the runtime has compiled its code and allocated its memory."""
    for _ in range(40):
        expect(target, genuine(target, CLOSE), "204", "a genuine request before the attack")
        expect(target, with_length(target, GENUINE, CLOSE), "401", "a forged request before the attack")
    body = chunk(b"x" * 1000) * 20 + END

    def sender(connection: Connection) -> None:
        for _ in range(10):
            if connection.send(head(target, CHUNKED) + body):
                connection.one_answer()

    in_parallel(target, CONNECTIONS, sender)


def attacked(target: Target, pid: int, log: Path, attacks: list[Attack]) -> Iterator[tuple[str, int, float, str]]:
    """For each attack: its name, the peak above rest in bytes, the processor time in seconds, and the failure."""
    warm_up(target)
    members = processes(pid)
    rest = resting(members)
    for attack in attacks:
        allowance = target.server.http2_allowance if attack.http2 else target.server.allowance
        if allowance is None or (attack.reads_single_bytes and target.limit > target.server.most_single_bytes):
            continue
        if target.server.keeps_memory:
            rest = resting(members)
        printed = log.stat().st_size
        target.statuses.clear()
        target.until = time.monotonic() + target.seconds
        reset_peaks(members)
        before = processor_seconds(members)
        problems = []
        try:
            attack.run(target)
            expect(target, genuine(target, CLOSE), "204", "a genuine request afterwards")
            expect(target, with_length(target, GENUINE, CLOSE), "401", "a forged request afterwards")
        except (Failure, OSError) as failure:
            problems.append(str(failure) or repr(failure))
        if gone := members - processes(pid):
            problems.append(f"{len(gone)} of {len(members)} processes ended")
            yield attack.name, 0, 0.0, "; ".join(problems) + shown(log, printed)
            return
        if not target.statuses:
            problems.append("nothing was sent")
        peak = memory(members, "VmHWM") - rest
        bound = CONNECTIONS * 2 * target.limit + allowance * MIB
        if peak > bound:
            problems.append(f"more than {bound / MIB:.0f} MiB")
        wrong = [status for status in target.statuses if status[0] == "5" or (status[0] == "2" and not attack.may_succeed)]
        if wrong:
            problems.append("answered with " + ", ".join(wrong))
        if NOISE.search(log.read_bytes()[printed:]):
            problems.append("it printed an error" + shown(log, printed))
        yield attack.name, peak, processor_seconds(members) - before, "; ".join(problems)


def shown(log: Path, start: int) -> str:
    lines = log.read_bytes()[start:].decode(errors="replace").splitlines()[:4]
    return "".join(f"\n      | {line[:160]}" for line in lines)
