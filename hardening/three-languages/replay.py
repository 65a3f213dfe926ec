"""Reads vectors, one a line, and prints each whose outcome in Python is another than the expected one."""

import base64
import json
import sys

import hookseal


def receiver_of(vector):
    options = dict(vector["options"])
    keys = [hookseal.Key(key["secret"]) for key in vector["keys"]]
    if isinstance(options.get("window"), list):
        options["window"] = tuple(options["window"])
    if vector["vendor"] == "bento":
        ((scheme, name),) = options.pop("scheme").items()
        options[scheme] = keys if scheme == "bearer" else (name, keys)
        return hookseal.Receiver.bento(**options)
    make = hookseal.Receiver.benji if vector["vendor"] == "benji" else hookseal.Receiver.benti
    return make(keys, **options)


def outcome_of(received):
    match received:
        case hookseal.Rejection():
            shown = {"outcome": "rejection", "code": received.code, "status": received.status}
            shown["headers"] = dict(received.headers)
            if received.code == "malformed_payload":
                shown |= {"line": received.line, "column": received.column, "path": received.path}
            return shown
        case hookseal.Handshake():
            shown = {"outcome": "handshake", "status": received.status, "body": received.body}
            return shown | {"headers": dict(received.headers)}
    return {
        "outcome": "delivery",
        "key_id": received.key_id,
        "assurance": {part: getattr(received.assurance, part) for part in ("body", "time", "name")},
        "time": rfc3339(received.time),
        "replay_key": received.replay_key(),
        "replay_retention_seconds": getattr(received.replay_key(), "retention_seconds", None),
        "events": [event_of(event) for event in received],
        "malformed": [{"index": element.index, "path": element.path} for element in received.malformed],
    }


def event_of(event):
    assert repr(event.data) == repr(whole(json.loads(event.raw))), "data is not what the bytes say"
    return {
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
        "raw": event.raw.decode(),
        "cloudevent_text": json.loads(event.to_cloudevent()),
    }


def whole(value):
    """The value with U+FFFD for halves of surrogate pairs."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [whole(element) for element in value]
        case dict():
            return {whole(key): whole(element) for key, element in value.items()}
    return value


def reference(subject):
    return subject and {"entity": subject.entity, "id": subject.id}


def rfc3339(time):
    if time is None:
        return None
    return time.isoformat(timespec="milliseconds" if time.microsecond else "seconds").replace("+00:00", "Z")


def expected_of(vector):
    expected = vector["expect"]
    if "headers" in expected:
        expected["headers"] = dict(expected["headers"])
    for event in expected.get("events", ()):
        event["cloudevent_text"] = json.loads(event["cloudevent_text"])
    return expected


def main():
    tried, findings, receivers = 0, 0, {}
    for line in sys.stdin:
        vector = json.loads(line)
        configuration = json.dumps([vector["vendor"], vector["options"]], sort_keys=True)
        receiver = receivers.get(configuration) or receivers.setdefault(configuration, receiver_of(vector))
        body = base64.b64decode(vector["body_base64"])
        headers = [(name, value) for name, value in vector["headers"]]
        try:
            received = receiver.try_receive(headers, body, method=vector["method"], now=vector["now"] / 1000)
            found = outcome_of(received)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is a finding)
            found = f"{type(error).__name__}: {error}"
        tried += 1
        # Texts, so that not-a-number is itself.
        if repr(found) != repr(expected := ordered(expected_of(vector), found)):
            findings += 1
            print(f"  expected {expected}\n  got      {found}\n  of       {line.strip()[:1500]}")
    print(f"{'the same in Python':22} {tried:13} inputs  {findings} findings")
    if tried == 0:
        sys.exit("the same in Python: there was nothing to try")
    sys.exit(bool(findings))


def ordered(expected, found):
    """The members of objects in the order in which they were found."""
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        return {name: ordered(expected[name], found[name]) for name in found}
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [ordered(one, other) for one, other in zip(expected, found, strict=True)]
    return expected


if __name__ == "__main__":
    main()
