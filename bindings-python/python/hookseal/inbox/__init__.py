"""An inbox: deliveries are stored in your database before they are answered, and a worker handles them later.

    inbox = Inbox(pool)

    def status_for(delivery: Delivery) -> int:
        match inbox.put(delivery):
            case Stored():
                return 202
            case Duplicate():
                return 200
            case Full():
                return 503

    def handle(delivery: Recorded, connection: psycopg.Connection) -> None:
        for event in delivery:
            connection.execute("INSERT INTO seen (event) VALUES (%s)", [event.id])

    inbox.work(handle)                                          # In the worker's process, until inbox.stop().

The row of a delivery becomes done in the transaction of the handler, so that what the handler writes with its
connection happens exactly once. A handler that fails is called again, later and later; after ``max_attempts`` the row
is dead, and kept. What a handler does outside of its transaction (an e-mail, a request to another service) can happen
again. Do it before the first statement, or so that a second time does no harm: a transaction should be short.

``hookseal.inbox.psycopg``, ``hookseal.inbox.asyncpg``, ``hookseal.inbox.sqlite``, ``hookseal.inbox.sqlalchemy`` and
``hookseal.inbox.django`` have the classes ``Inbox`` and ``AsyncInbox`` for their clients, on PostgreSQL 12 or later
and SQLite 3.37 or later. The table is the same for all of them, in Python and Node. ``tables`` returns the SQL that
makes it: run it once, with your migrations. It names the rights that the receiver and the worker need.

Bodies are stored as they came. They are personal data, until ``prune`` deletes them.
"""

from typing import Literal

from hookseal import _native
from hookseal.inbox._faults import LeaseEnded
from hookseal.inbox._row import Counts, Pruned, Row
from hookseal.inbox._settings import Settings

__all__ = ["Counts", "LeaseEnded", "Pruned", "Row", "Settings", "tables"]


def tables(database: Literal["postgresql", "sqlite"]) -> str:
    """The SQL that makes the table of the inbox, for a migration of yours. hookseal never runs it."""
    return _native.inbox_statements(database)["tables"]
