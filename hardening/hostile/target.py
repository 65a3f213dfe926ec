"""A running server, the connections to it, and what it answers."""

import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from frameworks import Server

CONNECTIONS = 40
# Nothing here waits this long unless a server hangs.
PATIENCE_SECONDS = 120

STATUS = re.compile(rb"HTTP/1\.[01] (\d\d\d)[ \r]")


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
