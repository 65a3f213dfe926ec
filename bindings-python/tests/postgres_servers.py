"""A PostgreSQL server of the tests' own, pgbouncer in front of it, and a proxy that loses answers."""

import os
import pwd
import re
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import psycopg

import hookseal.inbox
from machine import missing
from redis_servers import free_port, listening

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "autovacuum": "off",
    # Nothing here cuts the power: what a commit gave to the system is there after each kill.
    "fsync": "off",
    "log_min_messages": "fatal",
}


class Server:
    """A server on a port of the loopback interface, with its files in a temporary folder.

    `kill` ends all of its processes at once.
    """

    def __init__(self) -> None:
        self._programs = programs()
        self._folder = TemporaryDirectory(dir=_in_memory())
        self._data = Path(self._folder.name, "data")
        self._log = Path(self._folder.name, "log")
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self.port = 0

    def __enter__(self) -> Self:
        # The server refuses to run as root.
        if os.getuid() == 0:
            shutil.chown(self._folder.name, "postgres", "postgres")
        create = ["--auth", "trust", "--username", "postgres", "--encoding", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run(
            [self._programs / "initdb", "--pgdata", self._data, *create], check=True, capture_output=True, **_user()
        )
        self.start()
        with self.connect("postgres") as connection:
            connection.execute("CREATE DATABASE tables")
        with self.connect("tables") as connection:
            connection.execute(hookseal.inbox.tables("postgresql").encode())
        return self

    def __exit__(self, *_: object) -> None:
        self.stop("--immediate")
        self._folder.cleanup()

    def start(self) -> None:
        """On the port that it had. Another program can take a free port before the server does."""
        for _ in range(5):
            port = self.port or free_port()
            settings = [f"--{name}={value}" for name, value in {**_SETTINGS, "port": port}.items()]
            command = [str(self._programs / "postgres"), "-D", str(self._data), *settings]
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **_user()
                )
            if self._answers(port):
                self.port = port
                return
        raise RuntimeError(f"postgres does not start:\n{self._log.read_text()}")

    def _answers(self, port: int) -> bool:
        assert self._process is not None
        for _ in range(2_000):
            if self._process.poll() is not None:
                return False
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.url("postgres", port)).close()
                return True
            time.sleep(0.01)
        return False

    def stop(self, how: str = "--fast") -> None:
        """Ends the server, and with it every connection."""
        if self._process is not None:
            self._process.send_signal({"--fast": 2, "--immediate": 3}[how])
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """As a crash does."""
        if self._process is not None:
            pid = self._process.pid
            found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
            for each in [pid, *map(int, found.stdout.split())]:
                with suppress(ProcessLookupError):
                    os.kill(each, 9)
            self._process.wait()
            self._process = None
            for file in self._data.glob("postmaster.pid"):
                file.unlink()

    def url(self, database: str, port: int | None = None, role: str = "postgres") -> str:
        return f"postgresql://{role}@127.0.0.1:{port or self.port}/{database}"

    def connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(database), autocommit=True)

    def new_database(self, *, has_table: bool = True) -> str:
        """The name of a database with an empty table of the inbox."""
        name = f"test{next(self._numbers)}"
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {'tables' if has_table else 'template0'}".encode())
        return name


def programs() -> Path:
    """The folder of the server's programs. Debian keeps them out of the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    if found is not None:
        folders.append(Path(found).resolve().parent)
    found_in = [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    if not found_in:
        missing("postgresql", "apt-get install postgresql")
    return found_in[0]


def _in_memory() -> str | None:
    """A folder in memory if there is one: a database has hundreds of files."""
    place = Path("/dev/shm")
    with suppress(OSError):
        if os.access(place, os.W_OK) and shutil.disk_usage(place).free > 2**30:
            return str(place)
    return None


def _user() -> dict[str, Any]:
    if os.getuid() != 0:
        return {}
    home = pwd.getpwnam("postgres")
    # Without the folder of the tests, which the user may not be able to read.
    return {"user": home.pw_uid, "group": home.pw_gid, "extra_groups": [], "cwd": "/"}


@contextmanager
def pgbouncer(server: Server, *, servers: int = 2) -> Iterator[int]:
    """The port of a pgbouncer in transaction mode, with few server connections."""
    program = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if program is None:
        missing("pgbouncer", "apt-get install pgbouncer")
    with TemporaryDirectory() as folder:
        port, log, users = free_port(), Path(folder, "log"), Path(folder, "users")
        users.write_text('"postgres" ""\n')
        configuration = Path(folder, "pgbouncer.ini")
        lines = [
            *("[databases]", f"* = user=postgres host=127.0.0.1 port={server.port}"),
            *("[pgbouncer]", "pool_mode = transaction", "auth_type = any", f"auth_file = {users}"),
            *("listen_addr = 127.0.0.1", f"listen_port = {port}", "unix_socket_dir ="),
            *(f"default_pool_size = {servers}", "server_round_robin = 1", f"logfile = {log}"),
        ]
        configuration.write_text("\n".join(lines))
        if os.getuid() == 0:
            for path in (folder, users, configuration):
                shutil.chown(path, "postgres", "postgres")
        with Path(folder, "output").open("wb") as output:
            process = subprocess.Popen([program, configuration], stdout=output, stderr=output, **_user())
        try:
            for _ in range(500):
                with suppress(OSError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                assert process.poll() is None, Path(folder, "output").read_text()
                time.sleep(0.01)
            yield port
        finally:
            process.kill()
            process.wait()


_COMMIT = re.compile(rb"COMMIT(?!TED)")
_RECORD = re.compile(rb'"hookseal_record":')


class Losing:
    """A proxy that ends a connection when a client commits, before or after the server has answered."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.lost = 0
        self._before: list[re.Pattern[bytes]] = []
        self._after: list[re.Pattern[bytes]] = []

    def lose_commit(self, *, answered: bool, is_alone: bool) -> None:
        """Ends the next connection that commits. `is_alone`: that stores a record by a statement alone."""
        (self._after if answered else self._before).append(_RECORD if is_alone else _COMMIT)

    def serve(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._port)) as server:
            loses = False
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(1 << 20)
                    if not data:
                        return
                    if ready is server:
                        if loses:
                            return
                        client.sendall(data)
                        continue
                    if self._before and self._before[0].search(data):
                        del self._before[0]
                        self.lost += 1
                        return
                    if self._after and self._after[0].search(data):
                        del self._after[0]
                        self.lost += 1
                        loses = True
                    server.sendall(data)


@contextmanager
def losing(server: Server) -> Iterator[tuple[int, Losing]]:
    proxy = Losing(server.port)
    with listening(proxy.serve) as port:
        yield port, proxy
