#!/usr/bin/env python3
"""Measures the inbox on PostgreSQL: `put` against the bare INSERT, and workers beside those of queues.

    benches/inbox.py [--json FILE] [--quick] [--only put|workers] [--without-node]

It starts a server of its own with the settings that it ships with: fsync is on. It needs Python with the extra `bench` of
the package, and for Node `npm ci` and `npm run build` in bindings-node. All contenders of a round take turns; the tables
show medians of five rounds. A queue that is not installed is left out by name.
"""

import argparse
import contextlib
import itertools
import json
import os
import pwd
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import psycopg

ROOT = Path(__file__).resolve().parents[1]
NODE = ROOT / "bindings-node"
COMMANDS = {"python": [sys.executable, ROOT / "bindings-python/bench/inbox.py"], "node": ["node", NODE / "bench/inbox.mjs"]}
CLIENTS = {"python": "psycopg", "node": "pg"}

SIZES = (300, 8192)
WRITERS = (1, 4)
# Deliveries of one writer in a turn.
TURN = 25
TURNS_PER_ROUND = 8
BARE = """
CREATE TABLE bare (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text UNIQUE, record text, body bytea, at timestamptz DEFAULT now()
)"""

# Deliveries that are stored before workers begin, by the rows that they take at once.
STORED = {1: 5_000, 10: 20_000}
WORKER_BYTES = 300
WORKERS = (1, 2, 4)
WARM_SECONDS = 0.1
WINDOW_SECONDS = 0.5
EFFECTS = "CREATE TABLE effects (worker integer NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())"
HANDLED = "SELECT count(*), count(DISTINCT worker) FROM effects WHERE at >= %s AND at < %s"
DONE = "SELECT (SELECT count(*) FROM hookseal_inbox WHERE state = 'done'), (SELECT count(*) FROM effects)"


class Contender(NamedTuple):
    language: str
    kind: str
    name: str
    rows_per_take: int

    @property
    def library(self):
        return self.kind.removesuffix("-10")


CONTENDERS = (
    Contender("python", "hookseal", "hookseal", 1),
    Contender("python", "procrastinate", "procrastinate", 1),
    Contender("node", "hookseal", "hookseal", 1),
    Contender("node", "pg-boss", "pg-boss", 1),
    Contender("node", "graphile-worker", "graphile-worker", 1),
    Contender("python", "hookseal-10", "hookseal", 10),
    Contender("python", "pgqueuer", "pgqueuer", 10),
    Contender("node", "hookseal-10", "hookseal", 10),
)


class Server:
    """A PostgreSQL server with the settings that it ships with, on a free port of the loopback interface."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        data = Path(self._folder.name, "data")
        # The server refuses to run as root.
        user = {}
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "cwd": "/"}
            os.chown(self._folder.name, owner.pw_uid, owner.pw_gid)
        create = ["--auth", "trust", "--username", "postgres", "--encoding", "UTF8", "--no-locale"]
        subprocess.run([programs() / "initdb", "--pgdata", data, *create], check=True, stdout=subprocess.PIPE, **user)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        settings = [f"--{name}={value}" for name, value in (("port", self._port), ("listen_addresses", "127.0.0.1"), ("unix_socket_directories", ""))]
        self._log = Path(self._folder.name, "log")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([programs() / "postgres", "-D", data, *settings], stdout=log, stderr=log, **user)
        try:
            self._admin = self._connected()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self._end()

    def _end(self):
        # SIGQUIT: at once.
        self._process.send_signal(3)
        self._process.wait()
        self._folder.cleanup()

    def _connected(self):
        for _ in range(300):
            with contextlib.suppress(psycopg.OperationalError):
                return psycopg.connect(self.url("postgres"), autocommit=True)
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit(f"inbox: PostgreSQL does not start: {self._log.read_text().strip()}")

    def url(self, database):
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def connect(self, database):
        return psycopg.connect(self.url(database), autocommit=True)

    def create(self, database, template="template0"):
        self._admin.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')

    def drop(self, database):
        self._admin.execute(f'DROP DATABASE "{database}" WITH (FORCE)')

    def setting(self, name):
        return self._admin.execute(f"SHOW {name}").fetchone()[0]


def programs():
    """The folder of the server's programs. Debian keeps them out of the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    sys.exit("inbox: there is no PostgreSQL server: apt-get install postgresql")


class Process:
    """A writer or a worker. It is ready when it says so."""

    def __init__(self, language, *arguments):
        command = [str(part) for part in (*COMMANDS[language], *arguments)]
        self._what = f"{language}, {' '.join(map(str, arguments[:2]))}"
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def until_ready(self):
        if self.answer() != "ready":
            self._fail()

    def say(self, line):
        try:
            print(line, file=self._process.stdin, flush=True)
        except OSError:
            self._fail()

    def answer(self):
        line = self._process.stdout.readline()
        return line.strip() if line else self._fail()

    def check(self):
        if self._process.poll() is not None:
            self._fail()

    def kill(self):
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                stream.close()

    def _fail(self):
        sys.exit(f"inbox: a process ended too soon, or said what it should not: {self._what}")


@contextlib.contextmanager
def processes(count, language, *arguments):
    started = [Process(language, *arguments) for _ in range(count)]
    try:
        for process in started:
            process.until_ready()
        yield started
    finally:
        for process in started:
            process.kill()


def measure_put(server, languages, rounds):
    """Rows with the microseconds of a `put` and of a bare INSERT."""
    server.create("empty")
    with server.connect("empty") as connection:
        connection.execute(BARE)
        connection.execute(tables())
    for language, size, writers in itertools.product(languages, SIZES, WRITERS):
        server.create("put", "empty")
        with processes(writers, language, "write", server.url("put"), size) as started:
            # The first round is for caches and prepared statements.
            each = [put_round(started) for _ in range(rounds + 1)][1:]
        server.drop("put")
        ratios = [times["put"] / times["bare"] for times in each]
        microseconds = {kind: statistics.median(times[kind] for times in each) / (TURN * TURNS_PER_ROUND * writers) * 1e6 for kind in each[0]}
        yield {
            "language": language, "client": CLIENTS[language], "bytes": size, "writers": writers,
            "bare_us": round(microseconds["bare"], 1), "put_us": round(microseconds["put"], 1),
            "ratio": round(statistics.median(ratios), 3), "ratios": [round(ratio, 3) for ratio in sorted(ratios)],
        }


def put_round(writers):
    times = {"bare": 0, "put": 0}
    for turn in range(TURNS_PER_ROUND):
        for kind in sorted(times, reverse=turn % 2 == 1):
            for writer in writers:
                writer.say(f"{kind} {TURN}")
            times[kind] += max(float(writer.answer()) for writer in writers)
    return times


def tables():
    return (ROOT / "core/inbox/postgresql.sql").read_bytes()


def measure_workers(server, contenders, rounds):
    """Rows with the deliveries that the workers of a contender handle in a second."""
    for contender in {filled_for(contender): contender for contender in contenders}.values():
        filled = filled_for(contender)
        server.create(filled)
        with server.connect(filled) as connection:
            connection.execute(EFFECTS)
        # Python fills the tables of hookseal.
        language = "python" if contender.library == "hookseal" else contender.language
        fill = [*COMMANDS[language], "fill", contender.library, server.url(filled), STORED[contender.rows_per_take]]
        subprocess.run([str(part) for part in fill], check=True)
        with server.connect(filled) as connection:
            connection.execute("VACUUM ANALYZE")
    rates = {}
    for _, contender in itertools.product(range(rounds), contenders):
        print(f"workers of {contender.name} in {contender.language.capitalize()}", file=sys.stderr)
        for workers, rate in worker_round(server, contender).items():
            rates.setdefault((contender, workers), []).append(rate)
    for (contender, workers), each in rates.items():
        ours = next((other for other in contenders if (*other[:1], *other[2:]) == (contender.language, "hookseal", contender.rows_per_take)), None)
        row = {
            "language": contender.language, "name": contender.name, "version": version(contender), "rows_per_take": contender.rows_per_take,
            "workers": workers, "per_second": round(statistics.median(each)), "rates": [round(rate) for rate in sorted(each)],
        }
        if contender.name != "hookseal" and ours:
            row["ratio"] = round(statistics.median(our / rate for our, rate in zip(rates[ours, workers], each, strict=True)), 3)
        yield row


def filled_for(contender):
    """The database with the deliveries that a contender's workers handle."""
    return f"filled-{contender.library}-{contender.rows_per_take}"


def worker_round(server, contender):
    """Starts one worker, then a second one, then two more, and counts the effects that each number of workers has."""
    server.create("work", filled_for(contender))
    rates = {}
    with (
        server.connect("work") as connection,
        processes(max(WORKERS), contender.language, "work", contender.kind, server.url("work")) as started,
    ):
        for before, workers in itertools.pairwise((0, *WORKERS)):
            for process in started[before:workers]:
                process.say("go")
            wait_for_all(connection, workers, contender)
            time.sleep(WARM_SECONDS)
            start = now(connection)
            time.sleep(WINDOW_SECONDS)
            end = now(connection)
            handled, active = connection.execute(HANDLED, [start, end]).fetchone()
            for process in started[:workers]:
                process.check()
            if active != workers:
                sys.exit(f"inbox: only {active} of {workers} workers of {contender.name} handled something")
            rates[workers] = handled / (end - start).total_seconds()
        stored = STORED[contender.rows_per_take]
        left = stored - connection.execute("SELECT count(*) FROM effects").fetchone()[0]
    if left < stored / 100:
        sys.exit(f"inbox: {contender.name} had handled nearly all {stored:,} deliveries before the end: store more")
    if contender.library == "hookseal":
        with server.connect("work") as connection:
            done, effects = connection.execute(DONE).fetchone()
        if done != effects:
            sys.exit(f"inbox: {done} rows are done, and there are {effects} effects")
    server.drop("work")
    return rates


def wait_for_all(connection, workers, contender):
    for _ in range(1_000):
        if connection.execute("SELECT count(DISTINCT worker) FROM effects").fetchone()[0] == workers:
            return
        time.sleep(0.01)
    sys.exit(f"inbox: not all of {workers} workers of {contender.name} handle something")


def now(connection):
    return connection.execute("SELECT clock_timestamp()").fetchone()[0]


def version(contender):
    if contender.library == "hookseal":
        return None
    if contender.language == "python":
        return metadata.version(contender.library)
    return json.loads((NODE / "node_modules" / contender.library / "package.json").read_text())["version"]


def present(contenders):
    """The contenders that are installed, and a line for each that is not."""
    there, absent = [], []
    for contender in contenders:
        done = subprocess.run([str(part) for part in (*COMMANDS[contender.language], "has", contender.library)], capture_output=True, text=True)
        if done.returncode == 0:
            there.append(contender)
        elif contender.library == "hookseal":
            sys.exit(f"inbox: hookseal is not installed for {contender.language.capitalize()}: {done.stderr.strip()}")
        else:
            lines = [line for line in done.stderr.splitlines() if "Error" in line]
            absent.append({"what": contender.name, "why": (lines or ["it is not installed"])[-1].strip()})
    return there, absent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to a file too")
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--only", choices=("put", "workers"), help="measure only this")
    parser.add_argument("--without-node", action="store_true", help="measure only Python")
    arguments = parser.parse_args()
    rounds = 1 if arguments.quick else 5
    languages = ["python"] if arguments.without_node else ["python", "node"]
    contenders, absent = present([contender for contender in CONTENDERS if contender.language in languages])
    with Server() as server:
        results = {
            "postgresql": re.match(r"[0-9.]+", server.setting("server_version"))[0], "fsync": server.setting("fsync"),
            "stored": {str(rows): stored for rows, stored in STORED.items()}, "worker_bytes": WORKER_BYTES, "rounds": rounds, "absent": absent, "put": [], "workers": [],
        }
        if arguments.only != "workers":
            for row in measure_put(server, languages, rounds):
                results["put"].append(row)
                print("put: {language}, {bytes} bytes, {writers} writers: {put_us} µs, bare INSERT {bare_us} µs, {ratio} times; rounds {ratios}".format(**row), flush=True)
        if arguments.only != "put":
            for row in measure_workers(server, contenders, rounds):
                results["workers"].append(row)
                ratio = f"; hookseal handles {row['ratio']} times as many" if "ratio" in row else ""
                print("workers: {language}, {name}, {rows_per_take} a take, {workers} workers: {per_second} a second; rounds {rates}".format(**row) + ratio, flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
