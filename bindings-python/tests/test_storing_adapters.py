"""An inbox in every adapter: what each outcome is answered with, and what is stored."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import fastapi
import flask
import pytest
from django.urls import path

import apps
import hookseal
import hookseal.aws_lambda
import hookseal.django
import hookseal.fastapi
import hookseal.flask
import hookseal.inbox
from guarded import FRAMEWORKS, WITH_INBOX, View, on_wsgi, serving
from hookseal import sign
from hookseal.inbox.sqlite import AsyncInbox, Inbox
from wire import exchange

EVERY = pytest.mark.parametrize("name", WITH_INBOX)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "inbox.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(hookseal.inbox.tables("sqlite"))
    return path


def made(name: str, file: Path, **settings: Any) -> Any:
    """An inbox of the kind that the framework takes."""
    return (AsyncInbox if FRAMEWORKS[name].is_async else Inbox)(file, **settings)


@pytest.fixture
def inbox(name: str, file: Path) -> Any:
    return made(name, file)


def stored(file: Path) -> list[bytes]:
    with closing(sqlite3.connect(file)) as connection:
        return [body for (body,) in connection.execute("SELECT body FROM hookseal_inbox ORDER BY number")]


@pytest.mark.shows("inbox")
@EVERY
def test_a_delivery_is_stored_before_it_is_answered(name: str, inbox: Any, file: Path) -> None:
    outcomes: list[str] = []

    def told(delivery: hookseal.Delivery, outcome: str) -> None:
        outcomes.append(outcome)

    with serving(name, View(), inbox=inbox, on_delivery=told) as client:
        first = client.benji(1)
        assert stored(file) == [client.delivery(1).body]
        second, third = client.benji(1), client.benji(2)
    assert [each.status for each in (first, second, third)] == [202, 200, 202]
    assert [each.body for each in (first, second, third)] == [b""] * 3
    assert outcomes == ["stored", "duplicate", "stored"]
    assert len(stored(file)) == 2


@EVERY
def test_a_full_inbox_is_answered_with_503(name: str, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    outcomes: list[str] = []

    def told(delivery: hookseal.Delivery, outcome: str) -> None:
        outcomes.append(outcome)

    with serving(name, View(), inbox=made(name, file, max_waiting=1), on_delivery=told) as client:
        client.benji(1)
        reply = client.benji(2)
    assert (reply.status, reply.headers["retry-after"], reply.body) == (503, "5", b"")
    assert outcomes == ["stored", "full"]
    assert "webhook not stored: the inbox is full" in caplog.text


@EVERY
def test_a_database_that_is_away_is_answered_with_503(
    name: str, inbox: Any, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes: list[str] = []

    def told(delivery: hookseal.Delivery, outcome: str) -> None:
        outcomes.append(outcome)

    file.unlink()
    with serving(name, View(), inbox=inbox, on_delivery=told) as client:
        reply = client.benji(1)
    assert (reply.status, reply.headers["retry-after"], reply.body) == (503, "5", b"")
    assert outcomes == ["unavailable"]
    assert "webhook not stored: the file cannot be opened" in caplog.text


@EVERY
def test_what_is_refused_is_not_stored(name: str, inbox: Any, file: Path) -> None:
    with serving(name, View(), inbox=inbox) as client:
        client.forge()
        assert stored(file) == []
        assert client.benji().status == 202


@EVERY
def test_a_handshake_is_answered_and_not_stored(name: str, inbox: Any, file: Path) -> None:
    with serving(name, View(), apps.BENTI, inbox=inbox) as client:
        reply = client.send("GET", sign.benti_handshake(apps.SECRET, "c4f1e7d2"))
        assert (reply.status, reply.body) == (200, b"c4f1e7d2")
        assert client.send("POST", sign.benti(apps.SECRET), b"[]").status == 202
    assert stored(file) == [b"[]"]


@EVERY
def test_deliveries_without_replay_keys_are_all_stored(name: str, inbox: Any, file: Path) -> None:
    receiver = hookseal.Receiver.benji(apps.SALT, replay_policy="none")
    with serving(name, View(), receiver, inbox=inbox) as client:
        assert [client.benji().status, client.benji().status] == [202, 202]
    assert len(stored(file)) == 2


@pytest.mark.parametrize("name", [name for name in WITH_INBOX if not name.startswith("django")])
def test_the_inbox_of_the_other_kind_is_refused_when_the_program_starts(name: str, file: Path) -> None:
    is_async = FRAMEWORKS[name].is_async
    expected = "an AsyncInbox of hookseal.inbox" if is_async else "an Inbox of hookseal.inbox"
    other = (Inbox if is_async else AsyncInbox)(file)
    with pytest.raises(TypeError, match=f"inbox must be {expected}"):
        FRAMEWORKS[name].make(View(), apps.BENJI, inbox=other)


def test_an_asynchronous_inbox_needs_asgi(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    view: Any = hookseal.django.webhook(apps.BENJI, inbox=AsyncInbox(file))
    body = b'{"event":"x"}'
    with on_wsgi(lambda: [path("hook", view)]) as running:
        assert exchange(running.port, "POST", "/hook", sign.benji(apps.SALT, body).items(), body).status == 500
    assert "an asynchronous guard or inbox needs ASGI, and this is WSGI" in caplog.text
    assert stored(file) == []


@EVERY
def test_other_mistakes_are_refused_when_the_program_starts(name: str, inbox: Any) -> None:
    make = FRAMEWORKS[name].make
    with pytest.raises(TypeError, match="give guard or inbox, not both"):
        make(View(), apps.BENJI, inbox=inbox, guard=hookseal.ReplayGuard(1))
    with pytest.raises(TypeError, match=r"inbox must be an Inbox or AsyncInbox of hookseal\.inbox"):
        make(View(), apps.BENJI, inbox=object())


def test_no_view_is_decorated_with_an_inbox(file: Path) -> None:
    def view(*_: Any) -> str:
        raise AssertionError

    inbox: Any = Inbox(file)
    with pytest.raises(TypeError, match="with inbox= no view is called"):
        hookseal.flask.webhook(apps.BENJI, inbox=inbox)(view)
    with pytest.raises(TypeError, match="with inbox= no view is called"):
        hookseal.django.webhook(apps.BENJI, inbox=inbox)(view)  # type: ignore[no-untyped-call]
    with pytest.raises(TypeError, match="with inbox= no function is called"):
        hookseal.aws_lambda.webhook(apps.BENJI, inbox=inbox)(view)
    webhook = hookseal.fastapi.Webhook(apps.BENJI, inbox=AsyncInbox(file))
    with pytest.raises(TypeError, match="with inbox= no view is called"):
        webhook.handle(view)
    with pytest.raises(TypeError, match="without inbox= there is nothing to store deliveries in"):
        hookseal.fastapi.Webhook(apps.BENJI).store  # noqa: B018


def test_flask_names_the_view_by_its_vendor(file: Path) -> None:
    app = flask.Flask(__name__)
    app.add_url_rule("/benji", view_func=hookseal.flask.webhook(apps.BENJI, inbox=Inbox(file)), methods=["POST"])
    app.add_url_rule("/benti", view_func=hookseal.flask.webhook(apps.BENTI, inbox=Inbox(file)), methods=["POST"])
    assert {"benji_webhook", "benti_webhook"} <= app.view_functions.keys()


def test_fastapi_describes_the_view_without_a_body(file: Path) -> None:
    app = fastapi.FastAPI()
    app.post("/benji")(hookseal.fastapi.Webhook(apps.BENJI, inbox=AsyncInbox(file)).store)
    operation = app.openapi()["paths"]["/benji"]["post"]
    assert "requestBody" not in operation
    assert "parameters" not in operation
