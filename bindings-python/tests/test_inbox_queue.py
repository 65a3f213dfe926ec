"""The queue of core/docs/inbox.md, procrastinate on the inbox's database: one row, one job and one effect."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import procrastinate
import procrastinate.schema
import pytest

from hookseal import Delivery
from inboxes import Database
from postgres_servers import Server
from samples import delivery

pytest_plugins = ["inbox_fixtures"]

PAGE = Path(__file__).parents[2] / "core" / "docs" / "inbox.md"
(RECIPE,) = re.findall(r"```python\n(import os\n\nimport procrastinate\n.*?)```", PAGE.read_text(), re.DOTALL)

# A deferred trigger fails at the commit, after all of the transaction's statements.
TIMES = {"at the statement": "NOT DEFERRABLE", "at the commit": "DEFERRABLE INITIALLY DEFERRED"}


@pytest.fixture(scope="module")
def database(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database("postgresql", postgres, tmp_path_factory.mktemp("queue"))
    database.execute(procrastinate.schema.SchemaManager.get_schema())
    database.execute("CREATE TABLE events (id text)")
    database.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$")
    yield database
    database.close()


class Service:
    """The program of the page."""

    def __init__(self, names: dict[str, Any], database: Database) -> None:
        self._names, self.database = names, database

    async def store(self, given: Delivery) -> int:
        status: int = await self._names["store"](given)
        return status

    async def enqueue(self, number: int) -> None:
        await self._names["handle"].defer_async(number=number)

    async def work(self) -> None:
        """Runs the jobs that are due, two at a time."""
        self.database.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
        await self._names["queue"].run_worker_async(
            wait=False, concurrency=2, listen_notify=False, install_signal_handlers=False
        )

    def refuse(self, table: str, time: str) -> None:
        """Makes the transactions fail that insert into the table."""
        self.database.execute(
            f"CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON {table} {TIMES[time]} "
            "FOR EACH ROW EXECUTE FUNCTION refuse()"
        )

    def accept(self, table: str) -> None:
        self.database.execute(f"DROP TRIGGER refuse ON {table}")

    @property
    def jobs(self) -> list[tuple[str, int, int]]:
        """The state of each job, its attempts, and the number of its row."""
        rows = self.database.execute("SELECT status, attempts, args FROM procrastinate_jobs ORDER BY id")
        return [(row["status"], row["attempts"], row["args"]["number"]) for row in rows]

    @property
    def events(self) -> list[str]:
        return [row["id"] for row in self.database.execute("SELECT id FROM events ORDER BY id")]


Test: TypeAlias = Callable[[Service], Coroutine[Any, Any, None]]
Run: TypeAlias = Callable[[Test], None]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a test in an event loop, with the page's code and an empty database."""
    database.execute("TRUNCATE hookseal_inbox, events, procrastinate_jobs CASCADE")
    monkeypatch.setenv("DATABASE_URL", database.url)

    async def in_loop(test: Test) -> None:
        names: dict[str, Any] = {"__name__": "example"}
        exec(compile(RECIPE, str(PAGE), "exec"), names)
        async with names["pool"] as pool:
            await names["queue"].open_async(pool)
            await test(Service(names, database))

    return lambda test: asyncio.run(in_loop(test))


def test_a_delivery_is_stored_with_its_job_and_a_duplicate_enqueues_nothing(run: Run) -> None:
    async def test(service: Service) -> None:
        assert [await service.store(delivery(number)) for number in (1, 2, 1)] == [202, 202, 200]
        numbers = [number for (number,) in service.database.rows("number")]
        assert service.jobs == [("todo", 0, number) for number in numbers]
        await service.work()
        assert service.jobs == [("succeeded", 1, number) for number in numbers]
        assert service.database.states() == ["done"] * 2
        assert service.events == sorted(delivery(number)[0].id for number in (1, 2))
        assert await service.store(delivery(1)) == 200
        assert len(service.jobs) == 2

    run(test)


@pytest.mark.parametrize("table", ["hookseal_inbox", "procrastinate_jobs"])
@pytest.mark.parametrize("time", TIMES)
def test_a_transaction_that_is_rolled_back_leaves_neither_row_nor_job(run: Run, table: str, time: str) -> None:
    async def test(service: Service) -> None:
        service.refuse(table, time)
        try:
            assert await service.store(delivery()) == 503
        finally:
            service.accept(table)
        assert (service.database.states(), service.jobs) == ([], [])
        assert await service.store(delivery()) == 202
        assert (service.database.states(), len(service.jobs)) == (["waiting"], 1)

    run(test)


@pytest.mark.parametrize("time", TIMES)
def test_a_job_that_fails_is_tried_again_and_has_one_effect(run: Run, time: str) -> None:
    async def test(service: Service) -> None:
        await service.store(delivery())
        service.refuse("events", time)
        try:
            await service.work()
        finally:
            service.accept("events")
        (number,) = (number for (number,) in service.database.rows("number"))
        assert (service.jobs, service.database.states()) == ([("todo", 1, number)], ["waiting"])
        assert service.events == []
        await service.work()
        assert (service.jobs, service.database.states()) == ([("succeeded", 2, number)], ["done"])
        assert service.events == [delivery()[0].id]

    run(test)


def test_a_job_that_runs_twice_has_one_effect(run: Run) -> None:
    async def test(service: Service) -> None:
        await service.store(delivery())
        ((number,),) = service.database.rows("number")
        # One beside the first, and one after it.
        await service.enqueue(number)
        await service.work()
        await service.enqueue(number)
        await service.work()
        assert service.jobs == [("succeeded", 1, number)] * 3
        assert service.events == [delivery()[0].id]

    run(test)
