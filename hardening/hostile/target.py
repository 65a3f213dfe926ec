"""A running server, the connections to it, and its answers."""

import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from frameworks import Server

CONNECTIONS = 40
# Only a server that hangs takes this long.
PATIENCE_SECONDS = 120

STATUS = re.compile(rb"HTTP/1\.[01] (\d\d\d)[ \r]")


@dataclass
class Target:
    """A running server, and the results of the current attack."""

    server: Server
    limit: int
    port: int
    path: str
    seconds: float
    """How long an attack sends if nothing else ends it."""
    single_bytes: int
    """The number of one-byte chunks that a connection sends if the limit allows so many."""
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
    """A raw socket. It is not an error to send to a server that has closed the connection."""

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
        """Sends a piece a number of times, as long as the attack runs. Returns whether all of it was sent."""
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
        """Closes only the sending direction. Answers can still be read."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.is_open = False

    def abort(self) -> None:
        """Closes the connection with a reset, like a process that crashes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        self.target.saw("aborted")

    def close(self) -> None:
        self.socket.close()


def in_parallel(target: Target, connections: int, sender: Callable[[Connection], None]) -> None:
    """Runs the sender on a number of connections at once. An exception in one of them is raised here."""
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


class Failure(Exception):
    """A server did something that it must not do."""


def beside(other: Callable[[], None], main: Callable[[], None]) -> None:
    """Runs both functions at once. An exception in one of them is raised here."""
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
