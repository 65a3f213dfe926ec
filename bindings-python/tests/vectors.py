"""Reads the conformance vectors, builds the receivers that they describe, and gives the outcome of a request.

The tests and hardening/three-languages use it, so they compare the same outcomes.
"""

import base64
import hashlib
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Context, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import hookseal

FOLDER = Path(__file__).parents[2] / "core" / "conformance"
KNOWN = {"name", "about", "vendor", "keys", "options", "method", "now", "headers", "body_base64", "expect"}

Json = Any


def read_all(folder: Path = FOLDER) -> list[Json]:
    """All vectors. Fails if a file is missing or does not have the expected number of vectors."""
    counts = json.loads((folder / "counts.json").read_bytes())
    vendors = (folder / vendor for vendor in ("benji", "benti", "bento"))
    topics = [path for vendor in vendors for path in sorted(vendor.rglob("*.json"))]
    read = {path.relative_to(folder).with_suffix("").as_posix(): json.loads(path.read_bytes()) for path in topics}
    found = {topic: len(vectors) for topic, vectors in read.items()}
    if not found or found != counts:
        raise ValueError(f"other vectors than counts.json says: {sorted(found.items() ^ counts.items())}")
    return [checked(vector) for vectors in read.values() for vector in vectors]


def checked(vector: Json) -> Json:
    """The vector. Fails if it has a field that this reader does not know."""
    if unknown := vector.keys() - KNOWN:
        raise ValueError(f"{vector['name']} has the unknown fields {sorted(unknown)}")
    return vector


def key_of(key: Json) -> hookseal.Key:
    assert key.keys() <= {"secret", "secret_base64", "exact", "id", "not_before", "not_after"}
    secret = base64.b64decode(key["secret_base64"]) if "secret_base64" in key else key["secret"]
    validity = {name: key[name] / 1000 for name in ("not_before", "not_after") if name in key}
    return hookseal.Key(secret, exact=key.get("exact", False), id=key.get("id"), **validity)


def receiver_of(vector: Json) -> hookseal.Receiver[hookseal.Delivery | hookseal.Handshake]:
    keys, options = [key_of(key) for key in vector["keys"]], dict(vector.get("options", {}))
    if isinstance(options.get("window"), list):
        options["window"] = tuple(options["window"])
    match vector["vendor"]:
        case "benji":
            return hookseal.Receiver.benji(keys, **options)
        case "benti":
            return hookseal.Receiver.benti(keys, **options)
    ((scheme, name),) = options.pop("scheme").items()
    options[scheme] = keys if scheme == "bearer" else (name, keys)
    return hookseal.Receiver.bento(**options)


def receive(
    receiver: hookseal.Receiver[hookseal.Delivery | hookseal.Handshake], vector: Json, headers: Json = None
) -> hookseal.Delivery | hookseal.Handshake | hookseal.Rejection:
    """Receives the vector's request, with the headers in another form if one is given."""
    headers = vector["headers"] if headers is None else headers
    body = base64.b64decode(vector["body_base64"])
    return receiver.try_receive(headers, body, method=vector["method"], now=vector["now"] / 1000)


def expected_of(vector: Json) -> Json:
    """The outcome that the vector expects, in the form of `outcome_of`."""
    expected = dict(vector["expect"])
    if "headers" in expected:
        expected["headers"] = dict(expected["headers"])
    if expected["outcome"] == "delivery":
        expected.setdefault("events_count", len(expected["events"]))
    return expected


def outcome_of(received: hookseal.Delivery | hookseal.Handshake | hookseal.Rejection, expected: Json) -> Json:
    """The outcome. Of the parts that a vector may leave out, it has those that this vector has."""
    match received:
        case hookseal.Rejection():
            assert isinstance(received, hookseal.MalformedPayload) == (received.code == "malformed_payload")
            answer = {"status": received.status, "headers": dict(received.headers)}
            if isinstance(received, hookseal.MalformedPayload):
                # A vector has a path only if the path is certain.
                place = {"line": received.line, "column": received.column, "path": received.path}
                answer |= {name: value for name, value in place.items() if name != "path" or name in expected}
            return {"outcome": "rejection", "code": received.code, **answer}
        case hookseal.Handshake():
            answer = {"status": received.status, "headers": dict(received.headers)}
            return {"outcome": "handshake", **answer, "body": received.body}
    shown = {event["index"]: event for event in expected.get("events", ())}
    only_some = expected.get("events_count", 0) > len(shown)
    # The checksum is the last member of a record.
    checksums = {"record_checksum": received.to_record()[-34:-2], "written_checksum": written_checksum(received)}
    return {name: value for name, value in checksums.items() if name in expected} | {
        "outcome": "delivery",
        "key_id": received.key_id,
        "assurance": {name: getattr(received.assurance, name) for name in ("body", "time", "name")},
        "time": rfc3339(received.time),
        "replay_key": (key := received.replay_key()),
        "replay_retention_seconds": key and key.retention_seconds,
        "events_count": len(received),
        "events": [
            event_of(event, shown.get(event.index, {})) for event in received if event.index in shown or not only_some
        ],
        "malformed": [{"index": element.index, "path": element.path} for element in received.malformed],
    }


def written_checksum(delivery: hookseal.Delivery) -> str:
    lines = "".join(f"{event.to_json()}\n{event.to_cloudevent()}\n" for event in delivery)
    return hashlib.sha256(lines.encode()).hexdigest()[:32]


def event_of(event: hookseal.Event, shown: Json) -> Json:
    assert event.kind == f"{event.entity}.{event.action}"
    assert repr(event.data) == repr(read_json(event.raw))
    assert repr(event.to_dict()) == repr(read_json(event.to_json()))
    assert repr(event.to_dict(exact_numbers=True)) == repr(read_json(event.to_json(), decimal_or_text))
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


def read_json(text: str | bytes, fraction: Callable[[str], Json] | None = None) -> Json:
    """The value by Python's own reader, with numbers and halves of surrogate pairs as hookseal reads them."""
    return without_lone_surrogates(json.loads(text, parse_float=fraction or float_if_exact))


def float_if_exact(number: str) -> float | Decimal | str:
    """The float if it prints as a number of the same value."""
    value, exact = float(number), decimal_or_text(number)
    is_zero = re.fullmatch(r"-?[0.]+([eE].*)?", number) is not None
    return value if is_zero or (math.isfinite(value) and Decimal(repr(value)) == exact) else exact


def decimal_or_text(number: str) -> Decimal | str:
    try:
        return Decimal(number, Context(traps=[InvalidOperation]))
    except InvalidOperation:
        return number


def without_lone_surrogates(value: Json) -> Json:
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [without_lone_surrogates(element) for element in value]
        case dict():
            return {without_lone_surrogates(k): without_lone_surrogates(v) for k, v in value.items()}
    return value


def same(found: Json, expected: Json) -> bool:
    """Whether two values are equal as JSON, in which neither 1, 1.0 and true nor 0.0 and -0.0 are the same."""
    return json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)


def reference(subject: hookseal.Subject | None) -> Json:
    return subject and {"entity": subject.entity, "id": subject.id}


def rfc3339(time: datetime | None) -> str | None:
    if time is None:
        return None
    assert time.tzinfo is UTC
    return time.isoformat(timespec="milliseconds" if time.microsecond else "seconds").replace("+00:00", "Z")
