#!/usr/bin/env python3
"""Hostile senders over real sockets, against a server of every framework that has an adapter; Linux, Python 3.11.

    hardening/hostile/attack.py                         every server, with every limit
    hardening/hostile/attack.py --quick                 in small, at most 40 s
    hardening/hostile/attack.py --only express,hono     these servers
    hardening/hostile/attack.py --list                  the servers

Nobody who attacks has the salt. For each server and attack it prints the peak of the memory above rest and the processor
time, of the server with all of its processes. It fails where

- a refused request costs more than twice the body limit: the peak is above rest by more than that for each connection,
  and what the runtime is allowed beside it (`Server.allowance`);
- a process of the server ends, or a later genuine request is not answered with 204, or a forged one not with 401;
- an attack is answered with 2xx, where it holds no genuine request, or with 5xx;
- the server prints a stack trace or tells of an error of its own.

A server is one line of SERVERS. It takes webhooks of Benji at its path, and 50 connections at once; the salt is in
HOOKSEAL_SALT, its body limit in bytes in HOOKSEAL_LIMIT. It answers a delivery with 204, and prints where it listens: a
line with `listening on 127.0.0.1:PORT`, or what gunicorn, uvicorn and Hypercorn print.
"""

import argparse
import email.utils
import hashlib
import hmac
import os
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024


@dataclass(frozen=True)
class Server:
    name: str
    command: str
    """Run in the root of the repository, without a shell. `{python}` is the Python that --python names."""
    path: str
    allowance: int
    """MiB beside what the requests may cost: what the runtime takes before it collects its garbage."""
    http2_allowance: int | None = None
    """The same for attacks by HTTP/2, of a server that speaks it without TLS to a client that begins with it."""
    needs: tuple[str, ...] = ()
    """Files without which it cannot run, and programs on the PATH."""
    modules: tuple[str, ...] = ()
    """Modules of Python without which it cannot run."""
    keeps_memory: bool = False
    """Whether it keeps what it freed: its rest is measured anew before each attack."""
    in_quick: bool = True
    most_single_bytes: int = MIB
    """How many bytes of a connection, each in a chunk of its own, it can read in time."""


def python_server(
    name: str, command: str, allowance: int, *modules: str, http2_allowance: int | None = None, in_quick: bool = False
) -> Server:
    return Server(
        name,
        command,
        "/hook",
        allowance,
        http2_allowance,
        modules=("hookseal", *modules),
        keeps_memory=True,
        in_quick=in_quick,
        most_single_bytes=64 * 1024,
    )


# Node lets its young generation grow to 48 MiB before it collects what lived longer, and reads into new memory each time.
# Measured above rest, beside the bodies: up to 43 MiB, and 68 on Hono, whose streams make promises of each chunk.
NODE = "bindings-node/hookseal.node", "bindings-node/node_modules/express", "node"
SERVERS = [
    Server("express", "node hardening/hostile/servers.mjs express", "/hook", 64, needs=NODE),
    Server("fastify", "node hardening/hostile/servers.mjs fastify", "/hook", 64, needs=NODE),
    Server("node:http", "node hardening/hostile/servers.mjs node:http", "/", 64, needs=NODE),
    Server("fetch on Hono", "node hardening/hostile/servers.mjs hono", "/hook", 96, needs=NODE),
]
UVICORN = "{python} -m uvicorn --factory --port 0 --no-access-log hardening.hostile.servers"
HYPERCORN = "{python} -m hypercorn --bind 127.0.0.1:0 hardening.hostile.servers"
# With threads, because one sender that is slow keeps a worker without threads from all others.
GUNICORN = "{python} -m gunicorn --bind 127.0.0.1:0 --threads 64 --no-control-socket hardening.hostile.servers"
# What is allowed beside the bodies is what these servers hold themselves of each connection: uvicorn what it reads at once
# (256 KiB), twice; Hypercorn ten pieces of 64 KiB that wait for the application, and of HTTP/2 an object for each frame of
# a piece; gunicorn a trailer section of 256 KiB, three times while it reads one.
SERVERS += [
    python_server("Starlette on uvicorn", f"{UVICORN}:starlette", 24, "starlette", "uvicorn"),
    python_server("FastAPI on uvicorn", f"{UVICORN}:fastapi", 24, "fastapi", "uvicorn"),
    python_server(
        "Starlette on Hypercorn", f"{HYPERCORN}:starlette()", 32, "starlette", "hypercorn", http2_allowance=192, in_quick=True
    ),
    python_server("Flask on gunicorn", f"{GUNICORN}:flask()", 40, "flask", "gunicorn", in_quick=True),
    python_server("Django on gunicorn", f"{GUNICORN}:django_wsgi()", 40, "django", "gunicorn"),
    python_server("Django on uvicorn", f"{UVICORN}:django_asgi", 24, "django", "uvicorn"),
]

RUST = "hardening/target/release/hostile"
SERVERS.append(Server("Rust example", RUST, "/benji", 16, needs=(RUST,)))

SALT = "the salt of the attacked"
GENUINE = b'{"event":"reward_transaction_updated","entity":3,"entity_id":243}'
WRONG = "ab" * 32
CONNECTIONS = 40
# Nothing here waits this long unless a server hangs.
PATIENCE_SECONDS = 120

NOISE = re.compile(
    rb"Traceback|Exception|Unhandled|[Uu]ncaught|panicked|Error: |\"level\":[56]0|[\" ]500[\", ]|^\s+at .+:\d+:\d+", re.M
)
LISTENING = re.compile(rb"(?:listening on|Listening at:|[Rr]unning on) (?:http://)?127\.0\.0\.1:([1-9]\d*)")
STATUS = re.compile(rb"HTTP/1\.[01] (\d\d\d)[ \r]")


# The requests.


def head(target: "Target", *fields: str, signature: str | None = WRONG, method: str = "POST") -> bytes:
    lines = [f"{method} {target.path} HTTP/1.1", "Host: localhost", f"X-Webhook-Datetime: {email.utils.formatdate(usegmt=True)}"]
    if signature is not None:
        lines.append(f"X-Benji-Signature: {signature}")
    return "\r\n".join([*lines, *fields, "", ""]).encode()


def with_length(target: "Target", body: bytes, *fields: str, signature: str | None = WRONG) -> bytes:
    return head(target, f"Content-Length: {len(body)}", *fields, signature=signature) + body


def genuine(target: "Target", *fields: str) -> bytes:
    signature = hmac.new(SALT.encode(), GENUINE, hashlib.sha256).hexdigest()
    return with_length(target, GENUINE, *fields, signature=signature)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


CHUNKED = "Transfer-Encoding: chunked"
CLOSE = "Connection: close"
END = b"0\r\n\r\n"


# The server.


@dataclass
class Target:
    """A running server, and what came of the attack that runs."""

    server: Server
    limit: int
    port: int
    path: str
    seconds: float
    """How long an attack sends, where nothing else ends it."""
    single_bytes: int
    """How many bytes a connection sends one by one, where the limit allows so many."""
    until: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def connect(self) -> "Connection":
        return Connection(self)

    def goes_on(self) -> bool:
        return time.monotonic() < self.until

    def saw(self, status: str) -> None:
        with self.lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1


class Connection:
    """A raw socket. Sending to a server that has closed the connection is no fault of either."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.socket = socket.create_connection(("127.0.0.1", target.port), timeout=PATIENCE_SECONDS)
        self.is_open = True

    def send(self, data: bytes) -> bool:
        try:
            self.socket.sendall(data)
        except TimeoutError:
            raise
        except OSError:
            self.is_open = False
        return self.is_open

    def send_for_a_time(self, piece: bytes, times: int) -> bool:
        """Sends a piece again and again, as long as the attack goes on; whether all of it was sent."""
        for _ in range(times):
            if not self.target.goes_on() or not self.send(piece):
                return False
        return True

    def answers(self) -> list[str]:
        """The statuses of all answers until the server closes the connection."""
        received = b""
        try:
            while part := self.socket.recv(65_536):
                received += part
        except ConnectionError:
            pass
        statuses = [status.decode() for status in STATUS.findall(received)]
        for status in statuses or ["closed"]:
            self.target.saw(status)
        return statuses

    def one_answer(self) -> str:
        """The status of the next answer, or `closed`."""
        received = b""
        try:
            while not (found := STATUS.search(received)):
                part = self.socket.recv(65_536)
                if not part:
                    return "closed"
                received += part
        except ConnectionError:
            return "closed"
        return found[1].decode()

    def end_sending(self) -> None:
        """Closes this direction alone: no more will come, but an answer is still read."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.is_open = False

    def abort(self) -> None:
        """Closes with a reset, as a process that dies may."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        self.target.saw("aborted")

    def close(self) -> None:
        self.socket.close()


def in_parallel(target: Target, connections: int, sender: Callable[[Connection], None]) -> None:
    """The sender on so many connections at once; what one raises is raised here."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            connection = target.connect()
            try:
                sender(connection)
            finally:
                connection.close()
        except BaseException as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


# The attacks. Each returns when it is over; what it was answered is in target.statuses.


def hold(target: Target, piece: bytes, times: int, last: bytes) -> None:
    """All connections send the pieces and hold what they have, until a genuine request beside them was served."""
    all_sent = threading.Barrier(CONNECTIONS + 1, timeout=2 * PATIENCE_SECONDS)
    served = threading.Barrier(CONNECTIONS + 1, timeout=2 * PATIENCE_SECONDS)

    def sender(connection: Connection) -> None:
        connection.send(head(target, CHUNKED, CLOSE))
        is_whole = connection.send_for_a_time(piece, times)
        all_sent.wait()
        served.wait()
        if connection.is_open and not is_whole:
            return connection.abort()
        connection.send(last)
        connection.answers()

    def other() -> None:
        all_sent.wait()
        # More than one, so that the server has read what was sent before.
        for _ in range(5):
            expect(target, genuine(target, CLOSE), "204", "a genuine request beside the held connections")
        served.wait()

    beside(other, lambda: in_parallel(target, CONNECTIONS, sender))


def one_byte_chunks(target: Target) -> None:
    """Connections that hold bytes, each of which came in a chunk of its own: as many as the limit allows."""
    per_piece = 4096
    hold(target, chunk(b"x") * per_piece, min(target.limit, target.single_bytes) // per_piece, END)


def held_connections(target: Target) -> None:
    """Connections that hold all but one byte of the largest body, in chunks of a thousand bytes."""
    thousands, rest = divmod(target.limit - 1, 1000)
    hold(target, chunk(b"x" * 1000), thousands, chunk(b"x" * (rest + 1)) + END)


def endless(target: Target, piece: bytes) -> None:
    """Pieces for as long as the server reads them, of requests that are refused by their size and by their head."""

    def sender(signature: str | None) -> Callable[[Connection], None]:
        def send(connection: Connection) -> None:
            connection.send(head(target, CHUNKED, signature=signature))
            connection.send_for_a_time(piece, sys.maxsize)
            if connection.is_open:
                return connection.abort()
            connection.answers()

        return send

    beside(
        lambda: in_parallel(target, CONNECTIONS // 2, sender(None)),
        lambda: in_parallel(target, CONNECTIONS - CONNECTIONS // 2, sender(WRONG)),
    )


def endless_one_byte_chunks(target: Target) -> None:
    """One-byte chunks without end."""
    endless(target, chunk(b"x") * 4096)


def endless_body(target: Target) -> None:
    """Large chunks without end."""
    endless(target, chunk(b"x" * 65_536))


def empty_chunks(target: Target) -> None:
    """HTTP/1.1 has one empty chunk, the last; more of them are garbage behind a refused request."""

    def sender(connection: Connection) -> None:
        connection.send(head(target, CHUNKED))
        connection.send_for_a_time(END * 4096, 64)
        connection.end_sending()
        connection.answers()

    in_parallel(target, CONNECTIONS, sender)


def chunk_extensions(target: Target) -> None:
    """Chunks of one byte and four thousand bytes of extension."""
    piece = b"1;x=%s\r\nx\r\n" % (b"e" * 4000)

    def sender(connection: Connection) -> None:
        connection.send(head(target, CHUNKED))
        connection.send_for_a_time(piece, target.limit)
        if connection.is_open:
            return connection.abort()
        connection.answers()

    in_parallel(target, CONNECTIONS, sender)


def empty_frames(target: Target) -> None:
    """HTTP/2: DATA frames without data, which flow control does not count."""

    def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
        return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload

    def text(value: str) -> bytes:
        return bytes([len(value)]) + value.encode()

    fields = [
        (":method", "POST"), (":scheme", "http"), (":authority", "localhost"), (":path", target.path),
        ("x-webhook-datetime", email.utils.formatdate(usegmt=True)), ("x-benji-signature", WRONG),
    ]
    # Literal fields without indexing (RFC 7541, section 6.2.2); each length fits into seven bits.
    block = b"".join(b"\x00" + text(name) + text(value) for name, value in fields)
    piece = frame(0, 0, 1) * 4096

    def sender(connection: Connection) -> None:
        connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(1, 4, 1, block))
        connection.send_for_a_time(piece, sys.maxsize)
        connection.abort()

    in_parallel(target, CONNECTIONS, sender)


def slow_sender(target: Target) -> None:
    """A byte now and then, on all connections, and then nothing more."""
    started = threading.Barrier(CONNECTIONS + 1, timeout=PATIENCE_SECONDS)

    def sender(connection: Connection) -> None:
        connection.send(head(target, CHUNKED))
        started.wait()
        while target.goes_on() and connection.send(chunk(b"x")):
            time.sleep(0.02)
        connection.abort()

    def other() -> None:
        started.wait()
        expect(target, genuine(target, CLOSE), "204", "a genuine request beside the slow ones")

    beside(other, lambda: in_parallel(target, CONNECTIONS, sender))


def lying_lengths(target: Target) -> None:
    """Lengths that are announced, and are not those of the body."""
    half = b"x" * (target.limit // 2)

    def announced(length: str, sent: bytes, *fields: str) -> Callable[[Connection], None]:
        def sender(connection: Connection) -> None:
            connection.send(head(target, f"Content-Length: {length}", *fields) + sent)
            connection.end_sending()
            connection.answers()

        return sender

    for lie in (
        announced("1000000000000", half),
        announced("9" * 40, half),
        announced(str(target.limit), half),
        announced("5", half * 4),
        announced("-5", half),
        announced("5, 6", half),
        announced("5", half, "Content-Length: 6"),
        announced("5", chunk(half), CHUNKED),
    ):
        in_parallel(target, CONNECTIONS // 8, lie)


def abort_half_way(target: Target) -> None:
    """Senders that die within the body, and some that close in good order."""
    half = b"x" * (target.limit // 2)

    def dies(connection: Connection) -> None:
        connection.send(head(target, CHUNKED) + chunk(half) + b"ffff\r\nxxx")
        connection.abort()

    def dies_with_a_length(connection: Connection) -> None:
        connection.send(head(target, f"Content-Length: {target.limit}") + half)
        connection.abort()

    def leaves(connection: Connection) -> None:
        connection.send(head(target, CHUNKED) + chunk(half))
        connection.end_sending()
        connection.answers()

    for _ in range(3):
        for sender in (dies, dies_with_a_length, leaves):
            in_parallel(target, CONNECTIONS, sender)


def trailers(target: Target) -> None:
    """A genuine signature behind the body, where it must not count, and trailers that do not end."""
    signature = hmac.new(SALT.encode(), GENUINE, hashlib.sha256).hexdigest()
    last = f"0\r\nX-Benji-Signature: {signature}\r\n\r\n".encode()
    many = b"".join(b"x-trailer-%d: %s\r\n" % (number, b"t" * 1000) for number in range(1000))

    def late(connection: Connection) -> None:
        connection.send(head(target, CHUNKED, CLOSE, "Trailer: X-Benji-Signature", signature=None) + chunk(GENUINE) + last)
        connection.answers()

    def late_beside_a_wrong_one(connection: Connection) -> None:
        connection.send(head(target, CHUNKED, CLOSE) + chunk(GENUINE) + last)
        connection.answers()

    def endless(connection: Connection) -> None:
        connection.send(head(target, CHUNKED) + chunk(b"x") + b"0\r\n")
        connection.send_for_a_time(many, 20)
        connection.send(b"\r\n")
        connection.end_sending()
        connection.answers()

    for sender in (late, late_beside_a_wrong_one, endless):
        in_parallel(target, CONNECTIONS, sender)


def malformed_chunks(target: Target) -> None:
    """A good chunk, and one that is none; a genuine request behind it must not be found."""
    behind = genuine(target, CLOSE)
    for bad in (b"zz\r\nx\r\n", b"-1\r\nx\r\n", b"5\r\nabcdefgh\r\n", b"f" * 17 + b"\r\n", b"0x5\r\nabcde\r\n", b"\0\r\n", b"g"):

        def sender(connection: Connection, bad: bytes = bad) -> None:
            connection.send(head(target, CHUNKED) + chunk(b"x" * 100) + bad + behind)
            connection.end_sending()
            connection.answers()

        in_parallel(target, CONNECTIONS // 5, sender)


def pipelining(target: Target) -> None:
    """A genuine request as a part of a refused body, which is no request."""
    inner = genuine(target, CLOSE)
    over = inner * (target.limit // len(inner) + 2)

    def within(body: bytes, *fields: str, signature: str | None = WRONG) -> Callable[[Connection], None]:
        def sender(connection: Connection) -> None:
            connection.send(with_length(target, body, *fields, signature=signature))
            connection.end_sending()
            connection.answers()

        return sender

    def within_chunks(connection: Connection) -> None:
        connection.send(head(target, CHUNKED) + chunk(inner) + chunk(over))
        connection.end_sending()
        connection.answers()

    for sender in (
        within(inner),
        within(inner, signature=None),
        within(inner, "Content-Encoding: gzip"),
        within(over),
        within(over, signature=None),
        within_chunks,
    ):
        in_parallel(target, CONNECTIONS // 5, sender)


def genuine_behind_refused(target: Target) -> None:
    """A genuine request behind a refused one is served, or the connection is closed; never is it refused."""

    def sender(connection: Connection) -> None:
        connection.send(with_length(target, b"x" * 100) + genuine(target, CLOSE))
        statuses = connection.answers()
        if statuses not in (["401", "204"], ["401"]):
            raise Failure(f"a genuine request behind a refused one: {statuses}")

    in_parallel(target, CONNECTIONS, sender)


@dataclass(frozen=True)
class Attack:
    name: str
    run: Callable[[Target], None]
    in_quick: bool = True
    reads_single_bytes: bool = False
    """Whether the server has to read as many bytes as the limit allows, each in a chunk of its own."""
    http2: bool = False
    may_succeed: bool = False
    """Whether it holds a genuine request, which may be answered with 204."""


ATTACKS = [
    Attack("one-byte chunks", one_byte_chunks),
    Attack("one-byte chunks without end", endless_one_byte_chunks, in_quick=False, reads_single_bytes=True),
    Attack("a body without end", endless_body),
    Attack("empty chunks", empty_chunks),
    Attack("empty frames of HTTP/2", empty_frames, in_quick=False, http2=True),
    Attack("chunk extensions", chunk_extensions),
    Attack(f"{CONNECTIONS} held connections", held_connections),
    Attack("slow senders", slow_sender),
    Attack("lengths that lie", lying_lengths),
    Attack("aborts half-way", abort_half_way),
    Attack("trailers", trailers),
    Attack("malformed chunks", malformed_chunks),
    Attack("a request within a body", pipelining),
    Attack("pipelining after a refusal", genuine_behind_refused, may_succeed=True),
]


# Measuring.


class Failure(Exception):
    """What a server did that it must not do."""


def beside(other: Callable[[], None], main: Callable[[], None]) -> None:
    """Both at once; what either raises is raised."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            other()
        except BaseException as failure:  # noqa: BLE001
            failures.append(failure)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    main()
    thread.join()
    if failures:
        raise failures[0]


def expect(target: Target, request: bytes, status: str, what: str) -> None:
    connection = target.connect()
    try:
        connection.send(request)
        answered = connection.one_answer()
    except TimeoutError:
        answered = f"not answered in {PATIENCE_SECONDS} s"
    finally:
        connection.close()
    if answered != status:
        raise Failure(f"{what}: {answered} in place of {status}")


@dataclass(frozen=True)
class Process:
    """A process of a server; the time of its start tells it from a later one with the same number."""

    pid: int
    started: int


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on, behind the name, which may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def processes(root: int) -> set[Process]:
    """A process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    started: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = stat(int(entry.name))
            except OSError:
                continue
            if fields[0] != "Z":
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
                started[int(entry.name)] = int(fields[19])
    found, queue = set(), [root]
    while queue:
        pid = queue.pop()
        if pid in started:
            found.add(Process(pid, started[pid]))
        queue += parents.get(pid, [])
    return found


def memory(members: set[Process], entry: str) -> int:
    """The sum of VmRSS or VmHWM in bytes."""
    total = 0
    for member in members:
        match = re.search(rf"^{entry}:\s+(\d+) kB$", Path(f"/proc/{member.pid}/status").read_text(), re.M)
        total += int(match[1]) * 1024 if match else 0
    return total


def reset_peaks(members: set[Process]) -> None:
    """From here on VmHWM is the peak since now (proc_pid_clear_refs(5))."""
    for member in members:
        Path(f"/proc/{member.pid}/clear_refs").write_text("5")


def processor_seconds(members: set[Process]) -> float:
    ticks = sum(int(fields[11]) + int(fields[12]) for fields in (stat(member.pid) for member in members))
    return ticks / os.sysconf("SC_CLK_TCK")


def resting(members: set[Process]) -> int:
    """The memory when it has not changed by much for a while."""
    last, same = memory(members, "VmRSS"), 0
    for _ in range(50):
        time.sleep(0.1)
        now = memory(members, "VmRSS")
        same = same + 1 if abs(now - last) < 256 * 1024 else 0
        last = now
        if same == 3:
            break
    return last


@contextmanager
def running(server: Server, limit: int, seconds: float, single_bytes: int, python: str) -> Iterator[tuple[Target, int, Path]]:
    """A server that listens: the target, the number of its process, and what it prints."""
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
                    # Its own session: this ends the processes that it started too.
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
    """What a server does before it is attacked: the runtime compiles and allocates what it needs anyway."""
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
    """Each attack: its name, peak above rest in bytes, seconds of the processor, and what was wrong."""
    warm_up(target)
    members = processes(pid)
    rest = resting(members)
    for attack in attacks:
        allowance = target.server.http2_allowance if attack.http2 else target.server.allowance
        if allowance is None or attack.reads_single_bytes and target.limit > target.server.most_single_bytes:
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
        wrong = [status for status in target.statuses if status[0] == "5" or status[0] == "2" and not attack.may_succeed]
        if wrong:
            problems.append("answered with " + ", ".join(wrong))
        if NOISE.search(log.read_bytes()[printed:]):
            problems.append("it printed an error" + shown(log, printed))
        yield attack.name, peak, processor_seconds(members) - before, "; ".join(problems)


def shown(log: Path, start: int) -> str:
    lines = log.read_bytes()[start:].decode(errors="replace").splitlines()[:4]
    return "".join(f"\n      | {line[:160]}" for line in lines)


def missing(server: Server, python: str) -> list[str]:
    modules = []
    if server.modules:
        find = "import sys, importlib.util as u; print(*(n for n in sys.argv[1:] if u.find_spec(n) is None))"
        found = subprocess.run([python, "-c", find, *server.modules], stdout=subprocess.PIPE, text=True, check=True)
        modules = found.stdout.split()
    return modules + [
        need.format(python=python)
        for need in server.needs
        if not (ROOT / need.format(python=python)).exists() and shutil.which(need.format(python=python)) is None
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="in small")
    parser.add_argument("--only", help="names of servers, with commas between")
    parser.add_argument("--attack", help="only attacks whose name holds this text")
    parser.add_argument("--python", default=sys.executable, help="the Python in which the servers run")
    parser.add_argument("--list", action="store_true", help="print the names of the servers")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(server.name for server in SERVERS))
        return 0
    names = {server.name for server in SERVERS if server.in_quick or arguments.only or not arguments.quick}
    chosen = set(arguments.only.split(",")) if arguments.only else names
    if unknown := chosen - names:
        parser.error(f"there is no server {', '.join(sorted(unknown))}")
    attacks = [
        attack
        for attack in ATTACKS
        if (attack.in_quick or not arguments.quick) and (arguments.attack is None or arguments.attack in attack.name)
    ]
    if not attacks:
        parser.error(f"there is no attack {arguments.attack}")

    limits = [64 * 1024] if arguments.quick else [64 * 1024, MIB]
    seconds, single_bytes = (0.2, 16 * 1024) if arguments.quick else (5.0, 64 * 1024)
    tried = findings = left_out = 0
    print(f"{'server':<24} {'limit':>8}  {'attack':<28} {'peak above rest':>16} {'processor':>10}")
    for server in SERVERS:
        if server.name not in chosen:
            continue
        if lacking := missing(server, arguments.python):
            left_out += 1
            print(f"{server.name:<24} left out: {', '.join(lacking)} is not there")
            continue
        for limit in limits:
            label = f"{server.name:<24} {limit // 1024:>4} KiB"
            try:
                with running(server, limit, seconds, single_bytes, arguments.python) as (target, pid, log):
                    for name, peak, processor, problem in attacked(target, pid, log, attacks):
                        tried += 1
                        findings += problem != ""
                        print(f"{label}  {name:<28} {peak / MIB:>12.1f} MiB {processor:>8.2f} s  {problem}", flush=True)
            except Failure as failure:
                findings += 1
                print(f"{label}  {failure}")
    print(f"{'hostile senders':<22} {tried:>13} attacks  {findings} findings" + (f", {left_out} servers left out" if left_out else ""))
    if left_out and os.environ.get("CI"):
        return 1
    return 1 if findings or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
