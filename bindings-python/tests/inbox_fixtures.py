"""The fixtures of the inboxes' tests: a plugin, which each of their files names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inboxes import CHOSEN, CLIENTS, Database, Loop, Maker, kind_of
from postgres_servers import Server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests, which each use a database of their own."""
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def databases() -> Iterator[dict[str, Database]]:
    """A database on the server for each client, which each test empties: to make one takes longer."""
    databases: dict[str, Database] = {}
    yield databases
    for database in databases.values():
        database.close()


def made(
    client: str, databases: dict[str, Database], request: pytest.FixtureRequest, tmp_path: Path, loop: Loop
) -> Iterator[Maker]:
    if kind_of(client) == "sqlite":
        database = Database("sqlite", None, tmp_path)
    else:
        if client not in databases:
            databases[client] = Database("postgresql", request.getfixturevalue("postgres"), tmp_path)
        database = databases[client]
        database.empty()
    maker = Maker(client, database, loop)
    yield maker
    maker.close()


@pytest.fixture(params=CLIENTS)
def make_any(
    databases: dict[str, Database], request: pytest.FixtureRequest, tmp_path: Path, loop: Loop
) -> Iterator[Maker]:
    """Of each client, in each form in which an inbox takes it."""
    yield from made(request.param, databases, request, tmp_path, loop)


@pytest.fixture(params=[client for client in CLIENTS if not client.endswith(("text", "connection"))])
def make(
    databases: dict[str, Database], request: pytest.FixtureRequest, tmp_path: Path, loop: Loop
) -> Iterator[Maker]:
    yield from made(request.param, databases, request, tmp_path, loop)


@pytest.fixture(params=CHOSEN)
def make_one(
    databases: dict[str, Database], request: pytest.FixtureRequest, tmp_path: Path, loop: Loop
) -> Iterator[Maker]:
    """Of one client for each database."""
    yield from made(request.param, databases, request, tmp_path, loop)
