"""How an inbox uses a connection of Django."""

from collections.abc import Hashable
from typing import Any, Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import Atomic
from django.utils.connection import ConnectionProxy

from hookseal._errors import InboxUnavailable
from hookseal.inbox._database import STATEMENTS, Database, Rows, Session, percent, prepare_sqlite
from hookseal.inbox._faults import TransactionEnded

_STATEMENTS: Final[dict[str, dict[str, str]]] = {
    dialect: {name: percent(text) for name, text in statements.items()} for dialect, statements in STATEMENTS.items()
}


class DjangoDatabase(Database[BaseDatabaseWrapper]):
    is_async = False

    def __init__(self, using: Any) -> None:
        if not isinstance(using, str):
            raise TypeError("using must be the name of a database in settings.DATABASES")
        self.dialect = dialect_of(connections[using])
        self.using = using

    @property
    def place(self) -> Hashable:
        return self.using

    async def open(self, *, keeps: bool, anew: bool) -> Session[BaseDatabaseWrapper]:
        return _Session(self, connections[self.using])

    async def execute(self, connection: BaseDatabaseWrapper, name: str, parameters: dict[str, Any]) -> Rows:
        with connection.cursor() as cursor:
            cursor.execute(_STATEMENTS[self.dialect][name], parameters)
            return list(cursor.fetchall()) if cursor.description else []

    def check_given(self, connection: Any) -> None:
        if not isinstance(connection, BaseDatabaseWrapper | ConnectionProxy):
            raise TypeError("connection must be one of django.db.connections")
        if connection.vendor != self.dialect:
            raise ValueError("connection must be one of the inbox's kind of database")
        if not connection.in_atomic_block:
            raise ValueError(
                "connection must be in transaction.atomic; without connection= put has a transaction of its own"
            )


class _Session(Session[BaseDatabaseWrapper]):
    def __init__(self, database: DjangoDatabase, connection: BaseDatabaseWrapper) -> None:
        super().__init__(database)
        self.connection = connection
        self._atomic: Atomic | None = None
        self._using = database.using
        self._client: object = None

    async def _begin(self) -> None:
        connection = self.connection
        is_test = connection.in_atomic_block
        if not is_test:
            connection.close_if_unusable_or_obsolete()
            if not connection.get_autocommit():
                raise InboxUnavailable("the database has AUTOCOMMIT False, so that nothing would be committed")
            if connection.vendor == "sqlite":
                with connection.cursor() as cursor:
                    await prepare_sqlite(cursor.execute, is_async=False)
        atomic = Atomic(self._using, savepoint=True, durable=True)
        try:
            atomic.__enter__()
        except RuntimeError as error:
            raise InboxUnavailable(
                "the inbox was called inside of transaction.atomic, and would not have committed: decorate the view "
                "with transaction.non_atomic_requests if ATOMIC_REQUESTS is on, or give put the connection"
            ) from error
        self._atomic, self._client = atomic, connection.connection
        if connection.vendor == "sqlite":
            # Django begins without the lock, and SQLite does not wait for it after the transaction's first read.
            with connection.cursor() as cursor:
                cursor.execute("UPDATE hookseal_inbox SET turn = turn WHERE false")
        # Only Django's TestCase has a transaction around this one.
        if connection.vendor == "postgresql" and not is_test:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")

    async def _check(self) -> None:
        if self.connection.needs_rollback:
            raise TransactionEnded
        if self.connection.vendor == "postgresql":
            # The server answers the COMMIT of a transaction that failed with ROLLBACK, and drivers raise no error.
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT 1")

    async def _commit(self) -> None:
        atomic, self._atomic = self._atomic, None
        if atomic is not None:
            atomic.__exit__(None, None, None)

    async def _rollback(self) -> None:
        atomic, self._atomic = self._atomic, None
        if atomic is not None:
            error = TransactionEnded()
            atomic.__exit__(type(error), error, None)

    def _is_gone(self) -> bool:
        # After a commit that failed Django connects again by itself.
        client: Any = self.connection.connection
        return client is None or client is not self._client or getattr(client, "closed", False) not in (0, False)

    async def _release(self) -> None:
        if self._atomic is not None:
            # The connection is broken: this ends Django's block, and closes the connection.
            try:
                await self._rollback()
            except Exception:
                self.is_broken = True
        if self.is_broken and not self.connection.in_atomic_block:
            self.connection.close()


def retry_in(connection: BaseDatabaseWrapper, inbox: str, number: int) -> bool:
    """Makes a dead row wait again, in the transaction of the caller if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS[dialect_of(connection)]["retry"], {"inbox": inbox, "number": number})
        return cursor.fetchone() is not None


def dialect_of(connection: BaseDatabaseWrapper) -> str:
    vendor = str(connection.vendor)
    if vendor not in STATEMENTS:
        raise ValueError("the database must be PostgreSQL or SQLite")
    return vendor
