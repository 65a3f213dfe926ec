"""The inbox in Django: transactions of requests, the admin site, and settings that are refused."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

import apps
import hookseal.inbox.django
from hookseal import InboxUnavailable, Stored
from inboxes import Database, django_database
from postgres_servers import Server
from samples import delivery

pytest_plugins = ["inbox_fixtures"]


@pytest.fixture(params=["postgresql", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    server: Server | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    apps.django_wsgi_app()
    database = Database(request.param, server, tmp_path)
    yield database
    connections.close_all()
    database.close()


def test_a_request_in_a_transaction_is_told_what_to_do(database: Database) -> None:
    """As `ATOMIC_REQUESTS` does."""
    alias = django_database(database)
    inbox = hookseal.inbox.django.Inbox(alias)

    def view(_: HttpRequest) -> HttpResponse:
        inbox.put(delivery())
        return HttpResponse(status=202)

    with pytest.raises(
        InboxUnavailable, match=r"transaction\.non_atomic_requests if ATOMIC_REQUESTS is on"
    ) as raised:
        transaction.atomic(using=alias)(view)(RequestFactory().post("/"))
    assert isinstance(raised.value.__cause__, RuntimeError)
    assert database.states() == []
    assert view(RequestFactory().post("/")).status_code == 202
    assert database.states() == ["waiting"]


def test_a_transaction_of_the_users_takes_the_row_with_it(database: Database) -> None:
    alias = django_database(database)
    inbox = hookseal.inbox.django.Inbox(alias)
    with pytest.raises(ValueError, match=r"must be in transaction\.atomic"):
        inbox.put(delivery(), connection=connections[alias])
    with transaction.atomic(using=alias):
        assert inbox.put(delivery(), connection=connections[alias]).outcome == "stored"
        transaction.set_rollback(True, using=alias)
    assert database.states() == []
    with transaction.atomic(using=alias):
        inbox.put(delivery(), connection=connections[alias])
        transaction.on_commit(inbox.wake, using=alias)
    assert database.states() == ["waiting"]


def test_put_waits_for_another_writer_of_sqlite(tmp_path: Path) -> None:
    apps.django_wsgi_app()
    database = Database("sqlite", None, tmp_path)
    alias = django_database(database)
    inbox = hookseal.inbox.django.Inbox(alias)
    assert inbox.put(delivery(1)).outcome == "stored"
    # So that `put` reads before it writes.
    inbox._rules._waiting._counted_at = float("-inf")
    with closing(sqlite3.connect(database.path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.1, lambda: other.execute("COMMIT"))
        timer.start()
        assert inbox.put(delivery(2)).outcome == "stored"
        timer.join()
    connections[alias].close()


def test_a_database_without_autocommit_is_refused(database: Database) -> None:
    inbox = hookseal.inbox.django.Inbox(django_database(database, AUTOCOMMIT=False))
    with pytest.raises(InboxUnavailable, match="AUTOCOMMIT False"):
        inbox.put(delivery())
    assert database.states() == []


def test_a_handler_uses_the_models_of_its_database(database: Database) -> None:
    alias = django_database(database)
    inbox = hookseal.inbox.django.Inbox(alias, poll_milliseconds=10, max_attempts=2, first_delay_seconds=0)
    inbox.put(delivery())
    attempts: list[int] = []

    def handle(_: object, connection: Any) -> None:
        attempts.append(1)
        with connections[alias].cursor() as cursor:
            cursor.execute("INSERT INTO effects VALUES ('model')")
        assert connection.in_atomic_block
        if len(attempts) == 1:
            # Django's way to say that a transaction must not be committed.
            transaction.set_rollback(True, using=alias)
            return
        transaction.on_commit(inbox.stop, using=alias)

    inbox.work(handle)
    assert (database.effects(), database.rows()) == (["model"], [(1, "done", 2, None)])


def test_what_fails_after_the_commit_is_logged(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    alias = django_database(database)
    inbox = hookseal.inbox.django.Inbox(alias, poll_milliseconds=10)
    inbox.put(delivery())

    def fail() -> None:
        inbox.stop()
        raise ZeroDivisionError

    inbox.work(lambda given, connection: transaction.on_commit(fail, using=alias))
    assert database.states() == ["done"]
    assert "row 1 failed too late: ZeroDivisionError" in caplog.text


def test_a_database_of_another_kind_or_name_is_refused() -> None:
    apps.django_wsgi_app()
    kind: Any = hookseal.inbox.django.Inbox
    with pytest.raises(TypeError, match="using must be the name"):
        kind(connections)
    with pytest.raises(ValueError, match="PostgreSQL or SQLite"):
        # Django's own for settings without databases.
        kind("default")


ADMIN = """
import sys
import django
from django.conf import settings
engine, name, host, port, user = sys.argv[1:]
settings.configure(
    SECRET_KEY="x", ALLOWED_HOSTS=["*"], ROOT_URLCONF="__main__", USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={"default": {"ENGINE": engine, "NAME": name, "HOST": host, "PORT": port, "USER": user,
                           "ATOMIC_REQUESTS": True}},
    INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
                    "django.contrib.sessions", "django.contrib.messages", "hookseal.inbox.django"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {
        "context_processors": ["django.template.context_processors.request",
                               "django.contrib.auth.context_processors.auth",
                               "django.contrib.messages.context_processors.messages"]}}],
)
django.setup()
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import path
urlpatterns = [path("admin/", admin.site.urls)]
call_command("check")
call_command("migrate", verbosity=0)
call_command("makemigrations", "--check", "--dry-run", verbosity=0)
User.objects.create_superuser("root", password="root")
client = Client()
assert client.login(username="root", password="root")
page = client.get("/admin/hookseal_inbox/deadrow/")
text = page.content.decode()
assert page.status_code == 200, page.status_code
assert "MyError" in text and "LeaseEnded" in text and "Try again" in text
assert "5f0c7a52" not in text and "hookseal_record" not in text
assert client.get("/admin/hookseal_inbox/deadrow/add/").status_code == 403
for action, chosen in (("delete_selected", ["2"]), ("retry", ["1", "3"])):
    answer = client.post(
        "/admin/hookseal_inbox/deadrow/", {"action": action, "_selected_action": chosen}, follow=True
    )
assert "1 of 1 rows will be tried again" in answer.content.decode(), answer.content.decode()
"""


def test_the_admin_site_lists_dead_rows_and_tries_them_again(database: Database) -> None:
    alias = django_database(database)
    inbox = hookseal.inbox.django.Inbox(alias)
    assert [inbox.put(delivery(number)) for number in range(3)] == [Stored(number) for number in (1, 2, 3)]
    for number, error in ((1, "MyError"), (2, "LeaseEnded")):
        database.execute(f"UPDATE hookseal_inbox SET state = 'dead', error = '{error}' WHERE number = {number}")
        database.set(number, "closed_at", -5)
    connections.close_all()
    if database.kind == "sqlite":
        arguments = ["django.db.backends.sqlite3", str(database.path), "", "", ""]
    else:
        parts = psycopg.conninfo.conninfo_to_dict(database.url)
        arguments = [
            "django.db.backends.postgresql",
            *(str(parts[each]) for each in ("dbname", "host", "port", "user")),
        ]
    done = subprocess.run([sys.executable, "-c", ADMIN, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert database.states() == ["waiting", "dead", "waiting"]
