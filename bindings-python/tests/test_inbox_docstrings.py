"""The examples in the docstrings of the inbox run as they are written, on real databases."""

import ast
import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest
import sqlalchemy
from django.conf import settings
from django.db import connections
from django.test import RequestFactory, override_settings
from django.urls import path
from psycopg_pool import ConnectionPool

import apps
import hookseal.django
import hookseal.inbox.asyncpg
import hookseal.inbox.django
import hookseal.inbox.psycopg
import hookseal.inbox.sqlalchemy
import hookseal.inbox.sqlite
from hookseal import Delivery, Duplicate, Full, Recorded, Stored
from inboxes import Database, django_database, until
from postgres_servers import Server
from samples import BENJI_BODY, delivery
from test_docstrings import examples

pytest_plugins = ["inbox_fixtures"]

NAMES: dict[str, Any] = {
    "__name__": "example",
    "os": os,
    "hookseal": hookseal,
    "Delivery": Delivery,
    "Duplicate": Duplicate,
    "Full": Full,
    "Recorded": Recorded,
    "Stored": Stored,
    "psycopg": psycopg,
}


@pytest.fixture(params=["postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    server: Server | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    database = Database(request.param, server, tmp_path)
    database.execute("CREATE TABLE seen (event text)")
    monkeypatch.setenv("DATABASE_URL", database.url)
    yield database
    database.close()


def code(module: Any) -> Any:
    """The module's example, in which `await` may be outside of a function."""
    return compile(
        "\n\n".join(examples(module)), f"{module.__name__}, docstring", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    )


def seen(database: Database) -> list[str]:
    return [row["event"] for row in database.execute("SELECT event FROM seen")]


def check_handle(names: dict[str, Any], database: Database) -> None:
    """Stores a delivery in the example's inbox, and lets the example's handler handle it."""
    inbox = names["inbox"]
    assert inbox.put(delivery()).outcome == "stored"
    worker = threading.Thread(target=inbox.work, args=[names["handle"]], daemon=True)
    worker.start()
    until(lambda: seen(database))
    inbox.stop()
    worker.join()
    assert (seen(database), database.states()) == ([delivery()[0].id], ["done"])


def test_the_example_of_the_package_runs(database: Database) -> None:
    with ConnectionPool(database.url, min_size=2, open=True) as pool:
        names = NAMES | {"pool": pool, "Inbox": hookseal.inbox.psycopg.Inbox}
        # It works until it is stopped.
        worker = threading.Thread(target=exec, args=[code(hookseal.inbox), names], daemon=True)
        worker.start()
        until(lambda: "handle" in names)
        assert [names["status_for"](delivery()) for _ in range(2)] == [202, 200]
        until(lambda: seen(database))
        names["inbox"].stop()
        worker.join()
    assert (seen(database), database.states()) == ([delivery()[0].id], ["done"])


def test_the_example_for_psycopg_runs(database: Database) -> None:
    names = NAMES | {"ConnectionPool": ConnectionPool, "Inbox": hookseal.inbox.psycopg.Inbox}
    exec(code(hookseal.inbox.psycopg), names)
    with names["pool"]:
        check_handle(names, database)


def test_the_example_for_asyncpg_runs(database: Database) -> None:
    names = NAMES | {"asyncpg": asyncpg, "AsyncInbox": hookseal.inbox.asyncpg.AsyncInbox}

    async def run() -> None:
        await eval(code(hookseal.inbox.asyncpg), names)
        inbox = names["inbox"]
        async with names["pool"]:
            assert (await inbox.put(delivery())).outcome == "stored"
            worker = asyncio.create_task(inbox.work(names["handle"]))
            await asyncio.to_thread(until, lambda: seen(database))
            inbox.stop()
            await worker

    asyncio.run(run())
    assert (seen(database), database.states()) == ([delivery()[0].id], ["done"])


def test_the_example_for_sqlalchemy_runs(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database.url.replace("postgresql", "postgresql+psycopg"))
    names = NAMES | {
        "Connection": sqlalchemy.Connection,
        "Inbox": hookseal.inbox.sqlalchemy.Inbox,
        "create_engine": sqlalchemy.create_engine,
        "insert": sqlalchemy.insert,
        "seen": sqlalchemy.Table("seen", sqlalchemy.MetaData(), sqlalchemy.Column("event", sqlalchemy.Text)),
    }
    exec(code(hookseal.inbox.sqlalchemy), names)
    check_handle(names, database)
    names["engine"].dispose()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_example_for_sqlite_runs(database: Database) -> None:
    def inbox(path: str) -> hookseal.inbox.sqlite.Inbox:
        assert path == "/var/lib/service/service.db"
        return hookseal.inbox.sqlite.Inbox(database.path)

    names = NAMES | {"sqlite3": sqlite3, "Inbox": inbox}
    exec(code(hookseal.inbox.sqlite), names)
    check_handle(names, database)
    names["inbox"].close()


@pytest.mark.parametrize("database", ["postgresql", "sqlite"], indirect=True)
def test_the_example_for_django_runs(database: Database) -> None:
    apps.django_wsgi_app()
    alias = django_database(database)
    names = NAMES | {
        "Inbox": lambda: hookseal.inbox.django.Inbox(alias),
        "path": path,
        "settings": settings,
        "webhook": hookseal.django.webhook,
    }
    with override_settings(BENJI_SALT=apps.SALT):
        exec(code(hookseal.inbox.django), names)

    headers: Any = hookseal.sign.benji(apps.SALT, BENJI_BODY, time.time())
    requests = [RequestFactory().post("/", BENJI_BODY, "application/json", headers=headers) for _ in range(2)]
    [pattern] = names["urlpatterns"]
    assert [pattern.callback(request).status_code for request in requests] == [202, 200]
    assert database.states() == ["waiting"]
    connections[alias].close()
