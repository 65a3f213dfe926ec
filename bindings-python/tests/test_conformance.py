"""The vectors that Rust, Python and Node answer alike (core/conformance/README.md)."""

import base64
import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest

import hookseal
import vectors

VECTORS = vectors.read_all()

Json = Any


def test_the_vectors_are_there() -> None:
    assert len(VECTORS) > 1_000


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_vector(vector: Json) -> None:
    expected = shape_of(vector["expect"])
    if expected["outcome"] == "setup_error":
        with pytest.raises(ValueError, match=r"\w"):
            vectors.receiver_of(vector)
        return
    receiver = vectors.receiver_of(vector)
    body = base64.b64decode(vector["body_base64"])
    for headers in forms_of(vector["headers"]):
        received = receiver.try_receive(headers, body, method=vector["method"], now=vector["now"] / 1000)
        assert outcome_of(received, expected) == expected
    refused = pytest.raises(hookseal.Rejection, check=lambda rejection: rejection.code == expected["code"])
    with refused if expected["outcome"] == "rejection" else nullcontext():
        receiver.receive(vector["headers"], memoryview(body), method=vector["method"], now=vector["now"] / 1000)


def forms_of(headers: list[list[str]]) -> Iterator[Json]:
    """The same headers in the ways in which programs have them."""
    yield headers
    if all(character <= "\xff" for _, value in headers for character in value):
        yield [(name.encode(), value.encode("latin-1")) for name, value in headers]
    lists: dict[str, list[str]] = {}
    for name, value in headers:
        lists.setdefault(name.upper(), []).append(value)
    yield lists
    if len({name.lower() for name, _ in headers}) == len(headers):
        yield dict(headers)
        yield {name.lower(): value for name, value in headers}
    if not any("_" in name for name, _ in headers) and len({name.lower() for name, _ in headers}) == len(headers):
        environ = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers}
        yield {"REQUEST_METHOD": "POST", "wsgi.version": (1, 0), **environ}


def shape_of(expect: Json) -> Json:
    """What is expected, in the form of `outcome_of`."""
    expected = dict(expect)
    if "headers" in expected:
        expected["headers"] = dict(expected["headers"])
    if expected["outcome"] == "delivery":
        expected.setdefault("events_count", len(expected["events"]))
    return expected


def outcome_of(received: hookseal.Delivery | hookseal.Handshake | hookseal.Rejection, expected: Json) -> Json:
    match received:
        case hookseal.Rejection():
            assert isinstance(received, hookseal.MalformedPayload) == (received.code == "malformed_payload")
            places = {name: getattr(received, name) for name in ("line", "column", "path") if name in expected}
            answer = {"status": received.status, "headers": dict(received.headers)}
            return {"outcome": "rejection", "code": received.code, **answer, **places}
        case hookseal.Handshake():
            answer = {"status": received.status, "headers": dict(received.headers)}
            return {"outcome": "handshake", **answer, "body": received.body}
    shown = {event["index"]: event for event in expected.get("events", ())}
    return {
        "outcome": "delivery",
        "key_id": received.key_id,
        "assurance": {name: getattr(received.assurance, name) for name in ("body", "time", "name")},
        "time": rfc3339(received.time),
        "replay_key": (key := received.replay_key()),
        "replay_retention_seconds": key and key.retention_seconds,
        "events_count": len(received),
        "events": [
            event_of(event, shown[event.index])
            for event in received
            if event.index in shown or len(received) == len(shown)
        ],
        "malformed": [{"index": element.index, "path": element.path} for element in received.malformed],
    }


def event_of(event: hookseal.Event, shown: Json) -> Json:
    assert event.kind == f"{event.entity}.{event.action}"
    assert repr(event.data) == repr(without_lone_surrogates(json.loads(event.raw)))
    fields = {
        "index": event.index,
        "kind": event.kind,
        "name": event.name,
        "id": event.id,
        "id_origin": event.id_origin,
        "replay_key": event.replay_key(),
        "source": event.source,
        "subject": reference(event.subject),
        "parent": reference(event.parent),
        "actor": reference(event.actor),
        "time": rfc3339(event.time),
        "time_zone_assumed": event.time_zone_assumed,
    }
    if "raw" in shown:
        fields["raw"] = event.raw.decode()
    if "cloudevent" in shown:
        fields["cloudevent"] = json.loads(event.to_cloudevent())
    return fields


def without_lone_surrogates(value: Json) -> Json:
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [without_lone_surrogates(element) for element in value]
        case dict():
            return {without_lone_surrogates(k): without_lone_surrogates(v) for k, v in value.items()}
    return value


def reference(subject: hookseal.Subject | None) -> Json:
    return subject and {"entity": subject.entity, "id": subject.id}


def rfc3339(time: datetime | None) -> str | None:
    if time is None:
        return None
    assert time.tzinfo is UTC
    return time.isoformat(timespec="milliseconds" if time.microsecond else "seconds").replace("+00:00", "Z")
