"""A Redis server of the tests' own, a proxy that loses answers, and servers that are no Redis."""

import select
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from machine import missing

PROGRAM = "redis-server"


class Server:
    """A Redis server on a port of the loopback interface, with its files in a temporary folder."""

    def __init__(self, *options: str) -> None:
        found = shutil.which(PROGRAM)
        if found is None:
            missing(PROGRAM, f"apt-get install {PROGRAM}")
        self._folder = TemporaryDirectory()
        self._log = Path(self._folder.name, "log")
        self._options = [found, "--bind", "127.0.0.1", "--dir", self._folder.name, "--save", "", *options]
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._folder.cleanup()

    def start(self) -> None:
        """On the port that it had. Another program can take a free port before the server does."""
        for _ in range(5):
            port = self.port or free_port()
            with self._log.open("ab") as log:
                command = [*self._options, "--port", str(port)]
                self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            if self._answers(port):
                self.port = port
                return
        raise RuntimeError(f"{PROGRAM} does not start:\n{self._log.read_text()}")

    def _answers(self, port: int) -> bool:
        assert self._process is not None
        with closing(redis.Redis(port=port, retry=Retry(NoBackoff(), 0))) as client:
            for _ in range(1_000):
                if self._process.poll() is not None:
                    return False
                with suppress(redis.RedisError):
                    state = client.info()
                    # Another program answers there.
                    if state["process_id"] != self._process.pid:
                        return False
                    if not state["loading"]:
                        return True
                time.sleep(0.01)
        return False

    def kill(self) -> None:
        """As a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def writes(self) -> dict[str, list[str | None]]:
        """The values that each key had, one after the other, by the log of a server with `appendonly`.

        `None` says that the key was removed.
        """
        values: dict[str, list[str | None]] = {}
        for log in sorted(Path(self._folder.name, "appendonlydir").glob("*.incr.aof")):
            with log.open("rb") as stream:
                for command, *words in commands_of(stream):
                    match command.upper():
                        case "SET":
                            values.setdefault(words[0], []).append(words[1])
                        case "DEL" | "UNLINK":
                            for name in words:
                                values.setdefault(name, []).append(None)
        return values

    def client(self, **options: Any) -> redis.Redis:
        return redis.Redis(port=self.port, **{"socket_timeout": 5, "retry": Retry(NoBackoff(), 0), **options})

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It accepts connections, and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


def commands_of(stream: IO[bytes]) -> Iterator[list[str]]:
    """The commands that clients send, and that a log has."""
    while line := stream.readline():
        words = []
        for _ in range(int(line[1:])):
            length = int(stream.readline()[1:])
            words.append(stream.read(length + 2)[:-2].decode())
        yield words


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port where each connection is served in a thread of its own."""
    stop = threading.Event()
    threads: list[threading.Thread] = []
    connections: list[socket.socket] = []

    def accept() -> None:
        while not stop.is_set():
            if select.select([server], [], [], 0.02)[0]:
                connection, _ = server.accept()
                connections.append(connection)
                threads.append(threading.Thread(target=run, args=[connection]))
                threads[-1].start()

    def run(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            serve(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            accepting.join()
            for connection in connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


class Losing:
    """What a proxy loses: the answer to a command that the server has executed, and the connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.commands: list[bytes] = []
        """The command whose answer is lost next, and those after it."""
        self.lost = 0

    def serve(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._port)) as server:
            loses = False
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is client:
                        if self.commands and b"\r\n%b\r\n" % self.commands[0] in data:
                            del self.commands[0]
                            loses = True
                        server.sendall(data)
                    elif loses:
                        self.lost += 1
                        return
                    else:
                        client.sendall(data)


@contextmanager
def losing_answers(server: Server) -> Iterator[tuple[int, Losing]]:
    losing = Losing(server.port)
    with listening(losing.serve) as port:
        yield port, losing


Answer = bytes | None
"""What a command is answered with; with ``None`` nothing comes, and with nothing the connection ends."""


def answering(answers: dict[str, Answer | Callable[[], Answer]]) -> Any:
    """A server that answers each command, of which these are its first words, with what is here for it."""

    def serve(connection: socket.socket) -> None:
        for command in commands_of(connection.makefile("rb")):
            answer = answers.get(command[0], b"+OK\r\n")
            answer = answer() if callable(answer) else answer
            if answer is None:
                while connection.recv(65536):
                    pass
            if not answer:
                return
            connection.sendall(answer)

    return listening(serve)
