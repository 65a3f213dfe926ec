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


@pytest.fixture(scope="session")
def one_database(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database("postgresql", postgres, tmp_path_factory.mktemp("inbox"))
    yield database
    database.close()


@pytest.fixture
def shared(one_database: Database) -> Database:
    """The database on the server that tests share, which each of them empties: to make one takes longer."""
    one_database.empty()
    return one_database


def made(client: str, request: pytest.FixtureRequest, tmp_path: Path, loop: Loop) -> Iterator[Maker]:
    if kind_of(client) == "sqlite":
        database = Database("sqlite", None, tmp_path)
    else:
        database = request.getfixturevalue("shared")
    maker = Maker(client, database, loop)
    yield maker
    maker.close()


@pytest.fixture(params=CLIENTS)
def make_any(request: pytest.FixtureRequest, tmp_path: Path, loop: Loop) -> Iterator[Maker]:
    """Of each client, in each form in which an inbox takes it."""
    yield from made(request.param, request, tmp_path, loop)


@pytest.fixture(params=[client for client in CLIENTS if not client.endswith("text")])
def make(request: pytest.FixtureRequest, tmp_path: Path, loop: Loop) -> Iterator[Maker]:
    yield from made(request.param, request, tmp_path, loop)


@pytest.fixture(params=CHOSEN)
def make_one(request: pytest.FixtureRequest, tmp_path: Path, loop: Loop) -> Iterator[Maker]:
    """Of one client for each database."""
    yield from made(request.param, request, tmp_path, loop)
