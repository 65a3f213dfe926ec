"""Threads share receivers, deliveries and events, with and without the GIL."""

import gc
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import hookseal
from hookseal import sign
from samples import BENTI, BENTO, NOW, SECRET, TOKEN, bento

THREADS = 8
EVENTS = b",".join(b'{"type":"$type%d","email":"a@example.com","details":{"n":%d.50}}' % (at, at) for at in range(50))
BODY = b'{"events":[%b,{"type":7}]}' % EVENTS


@pytest.fixture(autouse=True)
def switches() -> Iterator[None]:
    """Threads change after each few instructions."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def facts(event: hookseal.Event) -> list[Any]:
    names = [name for name in dir(event) if not name.startswith("_")]
    values = [getattr(event, name) for name in names]
    called = [value() if callable(value) else value for value in values]
    return [repr(value) if isinstance(value, hookseal.Assurance) else value for value in called] + [hash(event)]


def at_once(work: Callable[[], Any]) -> list[Any]:
    """What the work returns in each of several threads that begin together."""
    barrier = threading.Barrier(THREADS)

    def begin() -> Any:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(begin) for _ in range(THREADS)]]


def test_threads_read_the_same_facts_of_one_delivery() -> None:
    expected = [facts(event) for event in bento(BODY)]
    for _ in range(5):
        delivery = bento(BODY)
        assert at_once(lambda delivery=delivery: [facts(event) for event in delivery]) == [expected] * THREADS  # type: ignore[misc]


def test_threads_read_the_same_facts_of_one_event() -> None:
    expected = facts(bento(BODY)[7])
    for _ in range(20):
        event = bento(BODY)[7]
        assert at_once(lambda event=event: facts(event)) == [expected] * THREADS  # type: ignore[misc]


def test_an_event_outlives_its_delivery_and_the_view() -> None:
    expected = [facts(event) for event in bento(BODY)]
    go = threading.Event()

    def later(event: hookseal.Event) -> list[Any]:
        assert go.wait(30)
        return facts(event)

    def view(pool: ThreadPoolExecutor) -> list[Any]:
        # The caller's body is a copy that nobody else keeps.
        delivery = BENTO.receive(sign.bento_bearer(TOKEN), bytes(bytearray(BODY)), now=NOW)
        return [pool.submit(later, event) for event in delivery]

    with ThreadPoolExecutor(THREADS) as pool:
        futures = view(pool)
        gc.collect()
        go.set()
        assert [future.result() for future in futures] == expected


def test_each_event_of_a_shared_iterator_goes_to_one_thread() -> None:
    delivery = bento(BODY)
    for events in (iter(delivery), reversed(delivery)):
        taken = at_once(lambda events=events: [event.index for event in events])  # type: ignore[misc]
        assert sorted(index for each in taken for index in each) == list(range(50))


def test_threads_share_a_receiver() -> None:
    headers = sign.benti(SECRET)

    def receive() -> list[str]:
        codes = []
        for body in (b"[]", b"{", b"[]"):
            received = BENTI.try_receive(headers, body, now=NOW)
            codes.append(received.code if isinstance(received, hookseal.Rejection) else type(received).__name__)
        return codes * 50

    assert at_once(receive) == [["Delivery", "malformed_payload", "Delivery"] * 50] * THREADS


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="this Python has a GIL")
def test_the_module_does_not_switch_the_gil_on() -> None:
    assert not sys._is_gil_enabled()  # type: ignore[attr-defined]
