"""The `cloudevents` package reads the CloudEvents of hookseal."""

import json
from datetime import UTC, datetime

from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.formats.json import JSONFormat

import hookseal
from samples import benji, benti, bento

TYPES = {"benji": "com.withbenji.", "benti": "io.inbenta.benti.", "bento": "com.bentonow."}


def read_back(event: hookseal.Event) -> None:
    headers = {"content-type": "application/cloudevents+json"}
    cloudevent = from_structured_event(HTTPMessage(headers, event.to_cloudevent().encode()), JSONFormat())
    assert cloudevent.get_specversion() == "1.0"
    assert (cloudevent.get_id(), cloudevent.get_source()) == (event.id, event.source)
    assert cloudevent.get_type() == TYPES[event.vendor] + event.name
    assert cloudevent.get_subject() == (None if event.entity == "subscriber" else str(event.subject))
    assert cloudevent.get_time() == event.time
    assert cloudevent.get_datacontenttype() == "application/json"
    assert cloudevent.get_data() == event.data
    assert cloudevent.get_extension("hooksealkind") == event.kind
    assert cloudevent.get_extension("batchindex") == event.index


def test_an_event_of_each_vendor_is_read_back() -> None:
    read_back(benji()[0])
    read_back(benti({"id": 7, "item": "ticket", "action": "add", "timestamp": 1_772_600_767})[0])
    event = bento(b'{"events":[{"type":"$purchase","email":"a@b.c","date":"2026-03-04T05:06:07.089Z"}]}')[0]
    assert event.time == datetime(2026, 3, 4, 5, 6, 7, 89_000, tzinfo=UTC)
    read_back(event)


def test_a_delivery_is_a_batch() -> None:
    delivery = bento(b'{"events":[{"type":"a","email":"x"},{"type":"c","email":"y"}]}')
    assert json.loads(delivery.to_cloudevents()) == [json.loads(event.to_cloudevent()) for event in delivery]


def test_numbers_are_kept_as_they_were_sent() -> None:
    assert (
        '"data":{"x":1.10,"y":18446744073709551616}'
        in bento(b'{"x":1.10,"y":18446744073709551616}')[0].to_cloudevent()
    )
