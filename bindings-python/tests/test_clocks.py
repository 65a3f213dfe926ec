"""Receivers, signatures, guards and adapters follow `time.time` where a test has replaced it."""

import datetime
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import freezegun
import pytest
import time_machine

import hookseal
from hookseal import sign
from hookseal.aws_lambda import webhook
from samples import BENJI, BENJI_BODY, NOW, SALT

AT = datetime.datetime.fromtimestamp(NOW, datetime.UTC)

CLOCKS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "freezegun": lambda: freezegun.freeze_time(AT),
    "time-machine": lambda: time_machine.travel(AT, tick=False),
    "mock": lambda: mock.patch("time.time", new=lambda: NOW),  # noqa: PT008
    "mock-return": lambda: mock.patch("time.time", return_value=NOW),
}
REPLACED = pytest.mark.parametrize("replaced", CLOCKS.values(), ids=CLOCKS)


@REPLACED
def test_a_receiver_follows_the_clock(replaced: Any) -> None:
    headers = sign.benji(SALT, BENJI_BODY, NOW)
    assert BENJI.try_receive(headers, BENJI_BODY).code == "stale"  # type: ignore[union-attr]
    with replaced():
        assert BENJI.receive(headers, BENJI_BODY).received_at == AT
        assert BENJI.try_receive(headers, BENJI_BODY).received_at == AT  # type: ignore[union-attr]
    assert BENJI.try_receive(headers, BENJI_BODY).code == "stale"  # type: ignore[union-attr]


@REPLACED
def test_sign_follows_the_clock(replaced: Any) -> None:
    with replaced():
        assert sign.benji(SALT, b"{}") == sign.benji(SALT, b"{}", NOW)
        assert sign.benji_body_only(SALT, b"{}") == sign.benji_body_only(SALT, b"{}", NOW)
    assert sign.benji(SALT, b"{}") != sign.benji(SALT, b"{}", NOW)


@REPLACED
def test_a_guard_follows_the_clock(replaced: Any) -> None:
    guard = hookseal.ReplayGuard(10, lease_seconds=30)
    key = BENJI.receive(sign.benji(SALT, BENJI_BODY, NOW), BENJI_BODY, now=NOW).replay_key()
    with replaced():
        guard.claim(key)
        assert guard.claim(key, NOW + 10) == hookseal.InProgress(20)
        assert guard.claim(key) == hookseal.InProgress(30)


@REPLACED
def test_an_adapter_follows_the_clock(replaced: Any) -> None:
    @webhook(BENJI)
    def handler(delivery: hookseal.Delivery, event: dict[str, Any], context: object) -> None: ...

    event = {"httpMethod": "POST", "headers": sign.benji(SALT, BENJI_BODY, NOW), "body": BENJI_BODY.decode()}
    assert handler(event, None)["statusCode"] == 400
    with replaced():
        assert handler(event, None)["statusCode"] == 204


def test_a_clock_that_moves_is_read_each_time() -> None:
    with time_machine.travel(AT, tick=False) as traveller:
        assert received_at() == AT
        traveller.shift(5)
        assert received_at() == AT + datetime.timedelta(seconds=5)
    with freezegun.freeze_time(AT) as frozen:
        frozen.tick(2)
        assert received_at() == AT + datetime.timedelta(seconds=2)


def received_at() -> datetime.datetime:
    return BENJI.receive(sign.benji(SALT, BENJI_BODY), BENJI_BODY).received_at


def test_a_clock_that_returns_no_time_is_an_error_with_words() -> None:
    headers = sign.benji(SALT, BENJI_BODY)
    with (
        mock.patch("time.time", return_value="now"),
        pytest.raises(TypeError, match=r"what time\.time\(\) returns must be"),
    ):
        BENJI.receive(headers, BENJI_BODY)
    with mock.patch("time.time", side_effect=KeyError), pytest.raises(KeyError):
        BENJI.receive(headers, BENJI_BODY)


@REPLACED
def test_a_time_is_a_real_datetime(replaced: Any) -> None:
    real = datetime.datetime
    with replaced():
        delivery = BENJI.receive(sign.benji(SALT, BENJI_BODY), BENJI_BODY)
        times = [delivery.received_at, delivery.time, delivery[0].time]
    assert [type(each) for each in times] == [real] * 3


FROZEN = {
    "freezegun": "freezegun.freeze_time('2026-03-04T05:06:07Z')",
    "time-machine": "time_machine.travel('2026-03-04T05:06:07Z', tick=False)",
}


@pytest.mark.parametrize("frozen", FROZEN.values(), ids=FROZEN)
def test_all_holds_if_the_clock_was_replaced_before_hookseal_was_imported(frozen: str) -> None:
    code = f"""
        import datetime, time, freezegun, time_machine
        # Freezegun replaces the class in every module that has it under any name.
        kept = [datetime.datetime]
        with {frozen}:
            import hookseal
            receiver = hookseal.Receiver.benji("salt")
            body = b'{{"event":"x"}}'
            headers = hookseal.sign.benji("salt", body)
            delivery = receiver.receive(headers, body, now=1772600767)
            assert receiver.receive(headers, body).received_at == delivery.received_at
            assert type(delivery.received_at) is type(delivery[0].time) is kept[0], type(delivery.received_at)
            assert delivery.received_at == kept[0](2026, 3, 4, 5, 6, 7, tzinfo=datetime.UTC)
        assert receiver.try_receive(headers, body).code == "stale"
        now = kept[0].fromtimestamp(time.time(), datetime.UTC)
        delivery = receiver.receive(hookseal.sign.benji("salt", body), body)
        assert abs(delivery.received_at - now) < datetime.timedelta(seconds=10)
        assert receiver.receive(headers, body, now=kept[0](2026, 3, 4, 5, 6, 8, tzinfo=datetime.UTC))
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_systems_clock_is_used_otherwise() -> None:
    before = time.time()
    received = received_at().timestamp()
    assert before - 0.002 <= received <= time.time()
