"""Kills a process between every two statements of receiving and of working. Prints what was there after each kill.

It is a program of its own, with one thread, so that it can fork. Arguments: `receive` or `work`, the client, and the
place of the database.
"""

import json
import os
import signal
import sqlite3
import sys
from contextlib import suppress
from typing import Any, NoReturn

import psycopg

import hookseal.inbox.psycopg
import hookseal.inbox.sqlite
from hookseal.inbox._database import Session
from samples import INSERT, delivery

MOST = 100


class Place:
    def __init__(self, client: str, where: str) -> None:
        self.client, self.where = client, where

    def inbox(self) -> Any:
        if self.client == "sqlite":
            return hookseal.inbox.sqlite.Inbox(self.where, poll_milliseconds=10, first_delay_seconds=0)
        return hookseal.inbox.psycopg.Inbox(self.where, poll_milliseconds=10, first_delay_seconds=0)

    def execute(self, *statements: str) -> list[Any]:
        connect: Any = sqlite3.connect if self.client == "sqlite" else psycopg.connect
        options = {"isolation_level": None} if self.client == "sqlite" else {"autocommit": True}
        connection = connect(self.where, **options)
        rows: list[Any] = []
        for statement in statements:
            cursor = connection.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
        connection.close()
        return rows

    def state(self) -> dict[str, Any]:
        rows = self.execute("SELECT state, attempts FROM hookseal_inbox")
        return {"rows": [list(row) for row in rows], "effects": len(self.execute("SELECT event FROM effects"))}


def kill_at(number: int) -> None:
    """Kills this process before or after its statements, commits and so on: at the given one of these moments."""
    moment = 0

    def count() -> None:
        nonlocal moment
        moment += 1
        if moment == number:
            os.kill(os.getpid(), signal.SIGKILL)

    told = Session._told

    async def counted(self: Any, awaited: Any) -> Any:
        if moment + 1 == number:
            # It has not begun: nobody awaits it any more.
            count()
        count()
        returned = await told(self, awaited)
        count()
        return returned

    Session._told = counted  # type: ignore[method-assign]


def handle(_: Any, connection: Any) -> None:
    connection.execute(INSERT.format("once"))
    connection.execute("SELECT 1")


def child(place: Place, what: str, number: int, answer: int) -> NoReturn:
    kill_at(number)
    inbox = place.inbox()
    if what == "receive":
        os.write(answer, inbox.put(delivery()).outcome.encode())
    else:

        def handle_and_stop(given: Any, connection: Any) -> None:
            handle(given, connection)
            inbox.stop()

        inbox.work(handle_and_stop)
    os._exit(0)


def finish(place: Place) -> None:
    """What happens after a crash: the lease ends, and another worker comes."""
    if place.client == "sqlite":
        place.execute("UPDATE hookseal_inbox SET next_at = 0 WHERE state = 'taken'")
    else:
        place.execute("UPDATE hookseal_inbox SET next_at = 'epoch' WHERE state = 'taken'")
    inbox = place.inbox()
    for row in inbox.take():
        with inbox.transaction() as connection:
            if inbox.done(row, connection):
                handle(row.delivery, connection)
    inbox.close()


def main() -> None:
    what, client, where = sys.argv[1:]
    place = Place(client, where)
    for number in range(1, MOST):
        place.execute("DELETE FROM hookseal_inbox", "DELETE FROM effects")
        if what == "work":
            inbox = place.inbox()
            inbox.put(delivery())
            inbox.close()
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            child(place, what, number, writing)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            answer = pipe.read()
        _, status = os.waitpid(pid, 0)
        killed = os.WIFSIGNALED(status)
        report: dict[str, Any] = {"killed": killed, "answer": answer, "crashed": place.state()}
        if what == "receive":
            inbox = place.inbox()
            report["repeated"] = inbox.put(delivery()).outcome
            inbox.close()
        finish(place)
        report["finished"] = place.state()
        print(json.dumps(report))
        if not killed:
            with suppress(BrokenPipeError):
                sys.stdout.flush()
            return
    raise RuntimeError("it does not end")


if __name__ == "__main__":
    main()
