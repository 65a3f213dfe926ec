"""An inbox in a database of Django, PostgreSQL 12 or later or SQLite 3.37 or later.

    inbox = Inbox()
    benji = hookseal.Receiver.benji(settings.BENJI_SALT)
    urlpatterns = [path("benji", webhook(benji, inbox=inbox))]      # hookseal.django

``hookseal.inbox`` says how it is used. The inbox uses Django's connection of the thread that calls it. Put the SQL of
``hookseal.inbox.tables`` into a ``RunSQL`` of a migration of yours. Run ``inbox.work(handle)`` in a management
command: in the handler the ORM is in the row's transaction, for the models of that database.

- ``put`` and the other methods commit, so they refuse to run inside of ``transaction.atomic``. With
  ``ATOMIC_REQUESTS`` decorate the view with ``transaction.non_atomic_requests``. To store a delivery in a transaction
  of your own call ``inbox.put(delivery, connection=connection)`` with ``django.db.connection``, and ``inbox.wake`` by
  ``transaction.on_commit``.
- Workers in other processes than ``put`` find rows only when they look, every ``poll_milliseconds``. On PostgreSQL a
  handler is limited as ``hookseal.inbox.psycopg`` says.
- In an asynchronous view of your own: ``await sync_to_async(inbox.put)(delivery)``.
- With ``hookseal.inbox.django`` in ``INSTALLED_APPS`` the admin site lists the dead rows, and tries them again.
- With ``DEBUG`` Django keeps each statement in ``connection.queries``, with the body in it.
"""

from typing import Unpack, final

from django.db.backends.base.base import BaseDatabaseWrapper

from hookseal.inbox._inbox import SyncInbox
from hookseal.inbox._settings import Settings
from hookseal.inbox.django._client import DjangoDatabase

__all__ = ["Inbox"]


@final
class Inbox(SyncInbox[BaseDatabaseWrapper]):
    """An inbox that waits for the database. Threads can share it: each has its own connection of Django."""

    def __init__(self, using: str = "default", *, name: str = "default", **settings: Unpack[Settings]) -> None:
        super().__init__(DjangoDatabase(using), name, settings)
