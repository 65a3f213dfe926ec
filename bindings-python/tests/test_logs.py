"""The records of the log have fields, and core/docs/logs.md says what to do with them."""

import logging
import re
import time
from pathlib import Path
from typing import Any

import prometheus_client
import pytest

import apps
import hookseal
from guarded import BODY, FRAMEWORKS, View, serving
from hookseal import sign
from wire import exchange_chunked, leave

PAGE = Path(__file__).parents[2] / "core" / "docs" / "logs.md"
SOURCE = "https://example.com/hooks"
BENJI: Any = hookseal.Receiver.benji(apps.SALT, source=SOURCE, max_body_bytes=1_000)
SERVED = ["fastapi", "starlette", "flask", "django", "django-asgi-async", "lambda"]
EVERY = pytest.mark.parametrize("name", SERVED)


def fields(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    records = [vars(record) for record in caplog.records if record.name == "hookseal"]
    return [{name: value for name, value in record.items() if name.startswith("hookseal_")} for record in records]


def of(code: str, status: int) -> dict[str, Any]:
    return {"hookseal_code": code, "hookseal_vendor": "benji", "hookseal_status": status, "hookseal_source": SOURCE}


@EVERY
def test_a_refusal_has_fields(name: str, caplog: pytest.LogCaptureFixture) -> None:
    stale = sign.benji(apps.SALT, BODY % 1, time.time() - 1_000)
    with serving(name, View(), BENJI) as client:
        client.send("POST", {}, BODY % 1)
        client.send("POST", client.signed(1), b"{}")
        client.send("POST", stale, BODY % 1)
        client.send("PUT", {})
        client.send("POST", client.signed(1), bytes(2_000))
    expected = [of("missing_signature", 401), of("signature_mismatch", 401), of("stale", 400)]
    if name in ("django", "django-asgi-async", "lambda"):
        # The routes of the others allow no PUT.
        expected.append(of("method_not_allowed", 405))
    assert fields(caplog) == [*expected, of("payload_too_large", 413)]


@EVERY
def test_a_key_that_fits_when_it_is_not_valid_is_told_to_the_log_alone(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    ended = hookseal.Receiver.benji(hookseal.Key(apps.SALT, not_after=time.time() - 60))
    with serving(name, View(), ended) as client:
        answer = client.send("POST", client.signed(1), BODY % 1)
    assert (answer.status, answer.body) == (401, b"")
    (record,) = (record for record in caplog.records if record.name == "hookseal")
    assert "(a key fits, but is not valid now: " in record.getMessage()


@pytest.mark.parametrize("name", ["fastapi", "starlette", "flask", "django-asgi-async"])
def test_a_body_over_the_limit_while_it_is_read_goes_the_same_way(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []

    def on_rejection(rejection: hookseal.Rejection, request: Any) -> None:
        told.append(rejection.code)

    with serving(name, View(), BENJI, on_rejection=on_rejection) as client:
        assert client.running is not None
        headers = client.signed(1).items()
        assert exchange_chunked(client.running.port, "/hook", headers, [bytes(100)] * 20).status == 413
    assert fields(caplog) == [of("payload_too_large", 413)]
    assert told == ["payload_too_large"]


def test_a_body_that_cannot_be_read_has_fields(caplog: pytest.LogCaptureFixture) -> None:
    with serving("fastapi", View(), BENJI) as client:
        running: Any = client.running
        framing = ("Content-Length", "100")

        def arrived() -> None:
            while running.watched.get(timeout=60) != "began ":
                pass

        leave(running.port, "/hook", [*client.signed(1).items(), framing], b"{", arrived, reset=False)
        while running.watched.get(timeout=60) != "ended ":
            pass
    assert fields(caplog) == [of("unreadable_request", 400)]


def recipes(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_recipe_counts_refusals_by_code(caplog: pytest.LogCaptureFixture) -> None:
    (recipe,) = (each for each in recipes("python") if "prometheus_client" in each)
    names: dict[str, Any] = {}
    logger = logging.getLogger("hookseal")
    before = [*logger.handlers]
    try:
        exec(compile(recipe, "logs.md", "exec"), names)
        with serving("flask", View(), BENJI) as client:
            client.send("POST", {}, BODY % 1)
            for _ in range(2):
                client.send("POST", client.signed(1), b"{}")
        text = prometheus_client.generate_latest(names["refusals"]).decode()
    finally:
        logger.handlers = before
        prometheus_client.REGISTRY.unregister(names["refusals"])
    assert 'webhook_refusals_total{code="missing_signature",vendor="benji"} 1.0' in text
    assert 'webhook_refusals_total{code="signature_mismatch",vendor="benji"} 2.0' in text


def test_the_page_names_all_fields() -> None:
    page = PAGE.read_text()
    for name in ("hookseal_code", "hookseal_vendor", "hookseal_status", "hookseal_source"):
        assert f"`{name}`" in page
    for attribute in ("hookseal.code", "hookseal.vendor", "hookseal.source", "http.response.status_code"):
        assert f"`{attribute}`" in page
    for code in ("unreadable_request", "full", "unavailable"):
        assert f"`{code}`" in page


def test_all_served_frameworks_exist() -> None:
    assert {*SERVED} <= FRAMEWORKS.keys()
