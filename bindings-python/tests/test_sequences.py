"""A delivery is a sequence of its events, and so is one that was read from a record."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import ANY

import pytest

import hookseal
from samples import benji, benti, bento

Events = hookseal.Delivery | hookseal.Recorded


def made() -> hookseal.Delivery:
    """Five events, and a malformed element between them."""
    elements: list[dict[str, Any]] = [{"type": f"$type{at}", "email": "a@example.com"} for at in range(5)]
    elements.insert(2, {"type": 7})
    return bento(json.dumps({"events": elements}).encode())


def recorded() -> hookseal.Recorded:
    return hookseal.from_trusted_record(made().to_record())


both = pytest.mark.parametrize("make", [made, recorded])


@both
def test_slices_and_indexes_are_those_of_a_tuple(make: Callable[[], Events]) -> None:
    delivery = make()
    events = tuple(delivery)
    assert [event.name for event in events] == [f"$type{at}" for at in range(5)]
    bounds = [None, *range(-7, 8), 10**30, -(10**30)]
    for start in bounds:
        for stop in bounds:
            for step in (None, 1, 2, 7, 10**30, -1, -2, -(10**30)):
                assert delivery[start:stop:step] == events[start:stop:step]
    for at in range(-5, 5):
        assert delivery[at] == events[at]
    for outside in (5, -6, 10**30, -(10**30), sys_maxsize := 2**63 - 1, -sys_maxsize - 1):
        with pytest.raises(IndexError, match="no event has this position"):
            delivery[outside]
    with pytest.raises(ValueError, match="slice step cannot be zero"):
        delivery[::0]
    assert delivery[True] == events[1]


@both
@pytest.mark.parametrize("index", ["0", 0.0, None, (0, 1)])
def test_an_index_of_another_type_is_refused(make: Callable[[], Events], index: Any) -> None:
    with pytest.raises(TypeError, match=r"^the index of an event must be an integer or a slice$"):
        make()[index]


def test_an_error_in_an_index_of_its_own_is_raised() -> None:
    class Index:
        def __index__(self) -> int:
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        made()[Index()]


@both
def test_a_delivery_is_a_sequence(make: Callable[[], Events]) -> None:
    delivery = make()
    events = tuple(delivery)
    assert isinstance(delivery, Sequence)
    assert issubclass(type(delivery), Sequence)
    assert tuple(reversed(delivery)) == events[::-1]
    assert len(list(zip(reversed(delivery), delivery, strict=True))) == 5
    assert random.choice(delivery) in events
    match delivery:
        case [first, *others, last]:
            assert (first, others, last) == (events[0], list(events[1:-1]), events[-1])
        case _:
            pytest.fail("a delivery has not the pattern of a sequence")


@both
def test_index_and_count_are_those_of_a_tuple(make: Callable[[], Events]) -> None:
    delivery = make()
    events = tuple(delivery)
    values = [*events, *recorded(), benji()[0], "$type1", None, ANY]
    for value in values:
        assert (value in delivery) == (value in events)
        assert delivery.count(value) == events.count(value)
        for start, stop in [(0, 5), (2, 5), (-2, 5), (0, 0), (3, 2), (-99, 99), (0, 10**30)]:
            if value in events[start:stop]:
                assert delivery.index(value, start, stop) == events.index(value, start, stop)
            else:
                with pytest.raises(ValueError, match="no event equals the value"):
                    delivery.index(value, start, stop)
    assert delivery.index(value=events[3], start=1) == 3
    assert delivery.index(events[3], stop=None) == 3
    # An event's `index` is its position in the request, where the malformed element counts too.
    assert [event.index for event in delivery] == [0, 1, 3, 4, 5]


def test_equal_events_are_counted() -> None:
    # Bento's unique key makes the id, so these two elements are the same event twice.
    tracked = {"type": "$purchase", "email": "a@example.com", "details": {"unique": {"key": "42"}}}
    delivery = bento(json.dumps({"events": [tracked, tracked]}).encode())
    assert (delivery.count(delivery[1]), delivery.index(delivery[1]), delivery.index(delivery[1], 1)) == (2, 0, 1)


def test_an_error_of_a_comparison_is_raised() -> None:
    class Unequal:
        def __eq__(self, other: object) -> bool:
            raise KeyError("mine")

        __hash__ = None  # type: ignore[assignment]

    delivery = made()
    searches: list[Callable[[object], object]] = [delivery.index, delivery.count, delivery.__contains__]
    for search in searches:
        with pytest.raises(KeyError, match="mine"):
            search(Unequal())


def test_a_slice_keeps_the_body_and_copies_nothing_of_it() -> None:
    last = made()[-1:]
    assert [event.name for event in last] == ["$type4"]
    body = benji().body
    assert benji()[:][0].raw == body
    delivery = benji()
    assert delivery[:][0].raw is delivery.body


def test_an_event_that_was_read_from_a_record_equals_the_received_one() -> None:
    assert tuple(made()) == tuple(recorded())
    assert {*made(), *recorded()} == set(made())


def test_a_delivery_equals_itself_alone() -> None:
    delivery = made()
    assert delivery == delivery
    others: list[object] = [made(), tuple(delivery)]
    assert delivery not in others
    assert len({delivery, made()}) == 2


def test_an_empty_delivery_is_an_empty_sequence() -> None:
    delivery = benti()
    assert (len(delivery), delivery[:], delivery[::-1], list(reversed(delivery))) == (0, (), (), [])
    assert not delivery
    assert delivery.count(ANY) == 0
