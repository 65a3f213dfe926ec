"""A delivery that leaves the process as a record, and is opened in another."""

import base64
import copy
import gc
import hashlib
import json
import pickle
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

import hookseal
import vectors
from hookseal import Delivery, Receiver, Recorded, RecordError, from_trusted_record, sign
from samples import BENJI, BENJI_BODY, NOW, SALT, SECRET, TOKEN, benji, benji_body_only, benji_headers, benti, bento

VECTORS = {vector["name"]: vector for vector in vectors.read_all() if vector["expect"]["outcome"] == "delivery"}


def received(name: str) -> Delivery:
    delivery = vectors.receive(vectors.receiver_of(VECTORS[name]), VECTORS[name])
    assert isinstance(delivery, Delivery)
    return delivery


def shown(delivery: Delivery | Recorded) -> Any:
    """Everything that it says, except whether it is recorded."""
    key = delivery.replay_key()
    events = [
        (
            vectors.event_of(event, {"raw": 1, "cloudevent": 1} if is_utf8(event.raw) else {}),
            (key := event.replay_key()) and key.retention_seconds,
            (event.vendor, event.assurance, event.raw, repr(event), repr(event.data), hash(event)),
            event.to_cloudevent(),
        )
        for event in delivery
    ]
    malformed = [(element.index, element.path, element.message) for element in delivery.malformed]
    facts = (delivery.vendor, delivery.key_id, delivery.assurance, delivery.time, delivery.received_at)
    record, body, batch = delivery.to_record(), delivery.body, delivery.to_cloudevents()
    return events, malformed, facts, key, key and key.retention_seconds, len(delivery), record, body, batch


def is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("name", VECTORS)
def test_the_record_of_a_vector_opens_to_its_delivery(name: str) -> None:
    delivery = received(name)
    record = delivery.to_record()
    assert record == received(name).to_record()
    assert "\n" not in record
    for form in (record, record.encode()):
        recorded = from_trusted_record(form)
        assert type(recorded) is Recorded
        assert (recorded.is_recorded, delivery.is_recorded) == (True, False)
        assert shown(recorded) == shown(delivery)
        assert list(recorded) == list(delivery)
        assert {recorded.source} >= {event.source for event in delivery}
        assert type(recorded.body) is bytes
        assert recorded.body == base64.b64decode(VECTORS[name]["body_base64"])


def test_a_record_says_when_its_request_was_received() -> None:
    for now, expected in (
        (NOW, datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        (NOW + 0.25, datetime(2026, 3, 4, 5, 6, 7, 250_000, tzinfo=UTC)),
        (
            datetime(2026, 3, 4, 7, 6, 7, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        ),
    ):
        delivery = BENJI.receive(benji_headers(), BENJI_BODY, now=now)
        recorded = from_trusted_record(delivery.to_record())
        assert (delivery.received_at, recorded.received_at) == (expected, expected)
        assert recorded.received_at.tzinfo is UTC


def test_the_body_is_the_one_that_was_checked() -> None:
    delivery = benji()
    assert delivery.body is BENJI_BODY
    buffer = bytearray(BENJI_BODY)
    delivery = BENJI.receive(benji_headers(), buffer, now=NOW)
    buffer[:] = bytes(len(buffer))
    assert (type(delivery.body), delivery.body) == (bytes, BENJI_BODY)


def test_a_stored_request_of_a_signature_is_checked_later_with_its_time_of_arrival() -> None:
    stored = (benji_headers(), BENJI_BODY, NOW + 1)
    headers, body, received_at = stored
    assert isinstance(BENJI.try_receive(headers, body, now=NOW + 86_400), hookseal.Stale)
    assert shown(BENJI.receive(headers, body, now=received_at)) == shown(
        BENJI.receive(benji_headers(), BENJI_BODY, now=NOW + 1)
    )


def test_nobody_else_makes_a_recorded_delivery() -> None:
    recorded = from_trusted_record(benji().to_record())
    makers: list[Callable[[], Any]] = [Recorded, lambda: Recorded.__new__(Recorded), lambda: object.__new__(Recorded)]
    for make in makers:
        with pytest.raises(TypeError):
            make()
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Forged", (Recorded,), {})
    assert not issubclass(Recorded, Delivery)
    assert not issubclass(Delivery, Recorded)
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"a Recorded cannot be pickled or copied.*to_record"):
            copied(recorded)
        with pytest.raises(TypeError, match=r"a Delivery cannot be pickled or copied.*to_record"):
            copied(benji())
    with pytest.raises(AttributeError):
        recorded.is_recorded = False  # type: ignore[assignment, misc]


def test_a_recorded_delivery_is_a_sequence_of_its_events() -> None:
    delivery = bento(b'{"events":[{"type":"a","email":"x@y.zz"},{"type":"b"},{"type":"c","email":"x@y.zz"}]}')
    recorded = from_trusted_record(delivery.to_record())
    assert (len(recorded), [event.index for event in recorded]) == (2, [0, 2])
    assert (recorded[0], recorded[-1]) == (delivery[0], delivery[1])
    # How the README finds one event of a record.
    assert next(event for event in recorded if event.index == 2).name == "c"
    for index in (2, -3, sys.maxsize, -sys.maxsize):
        with pytest.raises(IndexError, match="no event has this position"):
            recorded[index]
    events = iter(recorded)
    del recorded, delivery
    gc.collect()
    assert [event.raw for event in events] == [b'{"type":"a","email":"x@y.zz"}', b'{"type":"c","email":"x@y.zz"}']
    assert repr(from_trusted_record(benji().to_record())) == "Recorded(Delivery(benji, 1 events, 0 malformed))"


def test_a_record_holds_no_secret_and_no_signature() -> None:
    signed, id_key = benji_headers(), "k" * 32
    with_key = Receiver.benji(SALT, id_key=id_key).receive(signed, BENJI_BODY, now=NOW)
    for record in (benji().to_record(), benji_body_only().to_record(), with_key.to_record()):
        for secret in (SALT, id_key, signed["x-benji-signature"], benji_signature(BENJI_BODY)):
            assert secret not in record
            assert base64.b64encode(secret.encode()).decode().rstrip("=") not in record
    assert SECRET not in benti({"id": 1, "item": "ticket", "action": "add"}).to_record()
    assert TOKEN not in bento(b'{"events":[{"type":"a","email":"x@y.zz"}]}').to_record()


def benji_signature(body: bytes) -> str:
    return sign.benji_body_only(SALT, body, NOW)["x-benji-signature"]


RECORD = benji().to_record()
NEWER = RECORD.replace('"hookseal_record":1', '"hookseal_record":2')


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ("", "not_a_record"),
        (b"", "not_a_record"),
        ("null", "not_a_record"),
        ("[]", "not_a_record"),
        ("{}", "not_a_record"),
        ('"text"', "not_a_record"),
        ("\ud800", "not_a_record"),
        (b"\xff\xfe", "not_a_record"),
        (RECORD.replace(":1,", ":0,", 1), "not_a_record"),
        (RECORD.replace(":1,", ":-1,", 1), "not_a_record"),
        (RECORD.replace(":1,", ":1.5,", 1), "not_a_record"),
        (RECORD.replace(":1,", ':"1",', 1), "not_a_record"),
        (RECORD.replace(":1,", ":true,", 1), "not_a_record"),
        (RECORD.replace(":1,", f":{'9' * 30},", 1), "not_a_record"),
        (RECORD[:-1], "not_a_record"),
        (RECORD + RECORD, "not_a_record"),
        (NEWER, "newer_record"),
        ('{"hookseal_record":2,"of":"another form"}', "newer_record"),
        (f'{{"hookseal_record":{2**64 - 1}}}', "newer_record"),
        ('{"hookseal_record":1}', "malformed_record"),
        (RECORD.replace("{", '{"more":1,', 1), "malformed_record"),
        (RECORD.replace('"vendor":"benji"', '"vendor":"other"'), "malformed_record"),
        (RECORD.replace('"vendor":"benji"', '"vendor":null'), "malformed_record"),
        (RECORD.replace('"vendor":"benji",', ""), "malformed_record"),
        (RECORD.replace('"vendor"', '"vendor":"benji","vendor"'), "malformed_record"),
        (RECORD.replace('"vendor":"benji"', '"vendor":"benti"'), "damaged_record"),
        (RECORD.replace('"key_id":"0"', '"key_id":"1"'), "damaged_record"),
        (RECORD.replace('"body":"ey', '"body":"eX'), "damaged_record"),
        (RECORD.replace('"body":"', '"body":"*'), "malformed_record"),
        (RECORD.replace('"checksum":"', '"checksum":"0'), "damaged_record"),
        (json.dumps(json.loads(RECORD), indent=1).replace("received_at", "received_as"), "malformed_record"),
    ],
)
def test_what_is_no_record_of_this_version_is_refused(record: str | bytes, code: str) -> None:
    with pytest.raises(RecordError) as raised:
        from_trusted_record(record)
    error = raised.value
    assert (error.code, str(error), error.message) == (code, error.message, str(error))
    assert error.version == (json.loads(record)["hookseal_record"] if code == "newer_record" else None)
    assert isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.code, again.message, again.version) == (
        RecordError,
        code,
        error.message,
        error.version,
    )
    assert isinstance(record, bytes) or "benji" not in error.message


def test_a_message_says_what_to_do_and_shows_nothing_of_the_record() -> None:
    with pytest.raises(RecordError, match="leave it to a newer hookseal, or upgrade"):
        from_trusted_record(NEWER)
    with pytest.raises(RecordError, match=r"line 1, column \d+") as raised:
        from_trusted_record(RECORD.replace("{", '{"secret value":1,', 1))
    assert "secret value" not in repr(raised.value)


def test_a_record_in_another_form_of_json_opens_too() -> None:
    parsed = json.loads(RECORD)
    for form in (json.dumps(parsed, indent=4), json.dumps(dict(reversed(parsed.items()))), f" {RECORD}\n"):
        assert from_trusted_record(form).to_record() == RECORD


def test_a_body_that_its_reader_refuses_is_told() -> None:
    delivery = Receiver.bento(bearer=TOKEN, max_events=3).receive(
        sign.bento_bearer(TOKEN), b'{"events":[%b]}' % b",".join([b'{"type":"a","email":"x@y.zz"}'] * 3), now=NOW
    )
    record = delivery.to_record()
    for name, value in (("max_events", 2), ("max_depth", 1)):
        edited = with_checksum(record.replace(f'"{name}":{3 if name == "max_events" else 127}', f'"{name}":{value}'))
        with pytest.raises(RecordError, match="the record's body cannot be read") as raised:
            from_trusted_record(edited)
        assert raised.value.code == "unreadable_body"
    same = with_checksum(record)
    assert from_trusted_record(same).to_record() == record


def with_checksum(record: str) -> str:
    """The record with the checksum of its members and body, which whoever edits a record can compute too."""
    members = json.loads(record)
    body, _ = members.pop("body"), members.pop("checksum")
    text = json.dumps(members, separators=(",", ":"), ensure_ascii=False)
    parts = ["hookseal/2", "record", members["vendor"], members["source"], text]
    digest = hashlib.sha256()
    for part in (*(part.encode() for part in parts), base64.b64decode(body)):
        digest.update(len(part).to_bytes(8, "big") + part)
    return json.dumps(members | {"body": body, "checksum": digest.hexdigest()[:32]}, separators=(",", ":"))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (b"[" * 1_000_000, "not_a_record"),
        (b'{"a":' * 1_000_000, "not_a_record"),
        (b'{"hookseal_record":1,"vendor":' + b"[" * 1_000_000, "not_a_record"),
        (b'{"hookseal_record":1,"vendor":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}", "malformed_record"),
        (b'{"hookseal_record":1,"vendor":"' + b"x" * 32_000_000 + b'"}', "malformed_record"),
        (RECORD.replace('"body":"', '"body":"' + "A" * 32_000_000).encode(), "damaged_record"),
        (b'{"hookseal_record":' + b"1" * 1_000_000 + b"}", "not_a_record"),
    ],
    ids=["lists", "objects", "deep", "deep and closed", "a long text", "a long body", "a long number"],
)
def test_an_enormous_or_nested_record_is_refused(record: bytes, expected: str) -> None:
    errors: list[RecordError] = []

    def run() -> None:
        for form in (record, record.decode()):
            try:
                from_trusted_record(form)
            except RecordError as error:
                errors.append(error)

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert [error.code for error in errors] == [expected] * 2


@pytest.mark.parametrize("record", [None, 1, json.loads(RECORD), bytearray(b"{}"), memoryview(b"{}"), [RECORD]])
def test_a_record_is_text_or_bytes(record: Any) -> None:
    with pytest.raises(TypeError, match=r"record must be the str that to_record\(\) returned, or its bytes in UTF-8"):
        from_trusted_record(record)


def test_a_text_of_a_class_of_the_programs_own_is_read_as_what_it_holds() -> None:
    class Lying(str):
        def encode(self, *_arguments: Any) -> bytes:
            return b"{}"

        def __str__(self) -> str:
            return "{}"

    class LyingBytes(bytes):
        def __bytes__(self) -> bytes:
            return b"{}"

    assert from_trusted_record(Lying(RECORD)).to_record() == RECORD
    assert from_trusted_record(LyingBytes(RECORD.encode())).to_record() == RECORD
