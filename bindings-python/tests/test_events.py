"""Bodies, deliveries and events."""

import io
import json
import pickle
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import ANY

import pytest

import hookseal
from hookseal import sign
from samples import (
    BENJI,
    BENJI_BODY,
    ENTITY_ID,
    NOW,
    OTHER_BENJI_BODY,
    SALT,
    benji,
    benji_body_only,
    benji_headers,
    benti,
    bento,
)


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, lambda body: memoryview(bytearray(body))])
def test_a_body_is_bytes_a_bytearray_or_a_memoryview(make: Any) -> None:
    assert BENJI.receive(benji_headers(), make(BENJI_BODY), now=NOW)[0].raw == BENJI_BODY


def test_a_memoryview_with_gaps_is_read_as_its_own_bytes() -> None:
    spread = bytes(byte for pair in zip(BENJI_BODY, BENJI_BODY, strict=True) for byte in pair)
    assert BENJI.receive(benji_headers(), memoryview(spread)[::2], now=NOW)


def test_bytes_are_kept_and_not_copied() -> None:
    body = bytes(bytearray(BENJI_BODY))
    before = sys.getrefcount(body)
    delivery = BENJI.receive(benji_headers(), body, now=NOW)
    assert delivery[0].raw is body
    assert sys.getrefcount(body) == before + 1
    del delivery
    assert sys.getrefcount(body) == before


def test_an_event_does_not_change_after_the_check() -> None:
    body = bytearray(BENJI_BODY)
    for handed_over in (body, memoryview(body)):
        event = BENJI.receive(benji_headers(), handed_over, now=NOW)[0]
        body[:] = b"x" * len(body)
        assert (event.raw, event.subject.id) == (BENJI_BODY, ENTITY_ID)
        body[:] = BENJI_BODY


@pytest.mark.parametrize("body", [BENJI_BODY.decode(), json.loads(BENJI_BODY), [], None])
def test_a_parsed_body_is_a_type_error_that_says_how_to_get_the_raw_one(body: Any) -> None:
    with pytest.raises(TypeError) as raised:
        BENJI.receive(benji_headers(), body, now=NOW)
    for way in ("await request.body()", "request.get_data()", "request.body"):
        assert way in str(raised.value)
    assert ENTITY_ID not in str(raised.value)


def test_a_body_that_is_not_read_yet_is_a_type_error_that_says_how_to_read_it() -> None:
    async def body() -> bytes:
        return BENJI_BODY

    coroutine: Any = body()
    file: Any = io.BytesIO(BENJI_BODY)
    nothing: Any = None
    for given, message in (
        (coroutine, "not coroutine: await it"),
        (file, r"not BytesIO: pass what its read\(\) returns"),
        (nothing, 'not None: pass b"" for a GET'),
    ):
        with pytest.raises(TypeError, match=message):
            BENJI.receive(benji_headers(), given, now=NOW)
    coroutine.close()


def test_a_body_of_any_other_type_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="not object"):
        BENJI.receive(benji_headers(), object(), now=NOW)  # type: ignore[arg-type]


def test_the_fields_of_a_delivery() -> None:
    delivery = benji()
    assert (delivery.vendor, delivery.key_id, delivery.malformed) == ("benji", "0", ())
    assert coverage(delivery) == ("signed", "signed", "signed")
    assert delivery.time == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert repr(delivery) == "Delivery(benji, 1 events, 0 malformed)"
    assert repr(delivery.assurance) == "Assurance(body signed, time signed, name signed)"
    assert delivery.assurance == benji().assurance != benji_body_only().assurance
    assert hash(delivery.assurance) == hash(benji().assurance) != hash(benji_body_only().assurance)


def coverage(delivery: hookseal.Delivery) -> tuple[str, str, str]:
    return delivery.assurance.body, delivery.assurance.time, delivery.assurance.name


def test_an_event_has_the_assurance_of_its_delivery() -> None:
    ticket = {"id": 7, "item": "ticket", "action": "add", "timestamp": int(NOW)}
    for delivery in (benji(), benji_body_only(), benti(ticket, ticket), bento(b'{"x":1}')):
        for event in delivery:
            assert event.assurance == delivery.assurance
    assert benji()[0].assurance.time == "signed"
    assert repr(benji_body_only()[0].assurance) == "Assurance(body signed, time unsigned, name signed)"


def test_the_assurance_tells_the_scheme() -> None:
    assert coverage(benji_body_only()) == ("signed", "unsigned", "signed")
    assert coverage(benti({"id": 7, "item": "ticket", "action": "add", "timestamp": int(NOW)})) == ("unsigned",) * 3
    assert coverage(bento(b'{"events":[]}')) == ("unsigned", "absent", "unsigned")


def test_a_delivery_is_a_sequence_of_its_events() -> None:
    delivery = bento(b'{"events":[{"type":"a","email":"x"},{"type":"b"},{"type":"c","email":"y"}]}')
    assert len(delivery) == 2
    assert [event.name for event in delivery] == ["a", "c"]
    assert [event.index for event in delivery] == [0, 2]
    assert [delivery[at].name for at in (0, 1, -1, -2)] == ["a", "c", "c", "a"]
    for at in (2, -3):
        with pytest.raises(IndexError):
            delivery[at]
    assert delivery[1] in delivery
    assert not bento(b'{"events":[]}')
    events = iter(delivery)
    assert next(events).name == "a"
    assert [event.name for event in events] == ["c"]
    assert next(events, None) is next(events, None) is None


def test_an_unreadable_element_is_listed() -> None:
    (element,) = bento(b'{"events":[{"type":"a","email":"x"},{"type":"b"}]}').malformed
    assert (element.index, element.path, element.message) == (1, "/events/1/email", "the field is missing")
    assert "the field is missing" in repr(element)


def test_a_replay_key_is_text_with_its_retention() -> None:
    delivery = benji()
    for key in (delivery.replay_key(), delivery[0].replay_key()):
        assert isinstance(key, hookseal.ReplayKey)
        assert (len(key), key.retention_seconds) == (32, 601)
        again = pickle.loads(pickle.dumps(key))
        assert (again, again.retention_seconds, type(again)) == (key, 601, hookseal.ReplayKey)
    assert delivery.replay_key() == benji().replay_key() != delivery[0].replay_key() == benji()[0].replay_key()
    with pytest.raises(TypeError):
        delivery.replay_key("strict")  # type: ignore[call-arg]


def test_a_strict_key_ignores_an_unsigned_date_and_is_kept_for_ever() -> None:
    dates = (0, 7)
    one, other = (benji_body_only(age=age) for age in dates)
    assert one.replay_key() != other.replay_key()
    assert one[0].replay_key() != other[0].replay_key()
    one, other = (benji_body_only(age=age, replay_policy="strict") for age in dates)
    assert one.replay_key() == other.replay_key()
    assert one[0].replay_key() == other[0].replay_key()
    assert retentions(one) == [None, None]
    pickled = pickle.loads(pickle.dumps(one.replay_key()))
    assert (pickled, pickled.retention_seconds) == (one.replay_key(), None)


def retentions(delivery: hookseal.Delivery) -> list[int | None]:
    keys = [delivery.replay_key(), *(event.replay_key() for event in delivery)]
    return [key.retention_seconds for key in keys if key is not None]


def test_a_configured_retention_applies_to_every_policy() -> None:
    for policy in ("default", "strict"):
        delivery = benji_body_only(replay_policy=policy, replay_retention_seconds=7)
        assert retentions(delivery) == [7, 7]
    assert retentions(benji_body_only(replay_policy=None, replay_retention_seconds=None)) == [601, 601]


def test_the_policy_none_gives_no_replay_keys() -> None:
    delivery = benji_body_only(replay_policy="none")
    assert delivery.replay_key() is delivery[0].replay_key() is None
    assert delivery[0].id == benji_body_only()[0].id


def test_ids_and_keys_are_made_with_an_id_key() -> None:
    def names(id_key: str | bytes | None, salt: str = SALT) -> list[str | None]:
        options: Any = {} if id_key is None else {"id_key": id_key}
        receiver = hookseal.Receiver.benji(salt, **options)
        delivery = receiver.receive(sign.benji(salt, BENJI_BODY, NOW), BENJI_BODY, now=NOW)
        return [delivery[0].id, delivery.replay_key(), delivery[0].replay_key()]

    plain, one, other = names(None), names("k" * 32), names("l" * 32)
    assert len({*plain, *one, *other}) == 9
    assert names(b"k" * 32) == one
    assert names("\u00e9" * 16) == names("\u00e9".encode() * 16)
    # Without an id key the names depend on the salt; with an id key they do not.
    assert names(None, "another salt") != plain
    assert names("k" * 32, "another salt") == one


def test_the_fields_of_an_event() -> None:
    event = benji()[0]
    assert (event.kind, event.entity, event.action) == ("transaction.updated", "transaction", "updated")
    assert (event.name, event.vendor, event.source) == ("reward_transaction_updated", "benji", "urn:hookseal:benji")
    assert (event.subject.entity, event.subject.id, str(event.subject)) == (
        "transaction",
        ENTITY_ID,
        f"transaction/{ENTITY_ID}",
    )
    assert (event.actor, event.parent, event.time_zone_assumed) == (None, None, False)
    assert (event.id_origin, len(event.id), event.index) == ("derived", 32, 0)
    assert event.time == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert repr(event) == "Event(benji transaction.updated 0)"
    assert repr(event.subject) == "Subject(transaction)"


def test_actor_and_parent_are_subjects() -> None:
    event = benti({"id": 7, "item": "reply", "action": "add", "timestamp": int(NOW), "actor": 5, "parent": 3})[0]
    assert (str(event.subject), str(event.actor), str(event.parent)) == ("reply/7", "user/5", "ticket/3")


def test_events_are_frozen() -> None:
    delivery = benji()
    for thing, name in (
        (delivery, "vendor"),
        (delivery[0], "kind"),
        (delivery[0], "id"),
        (delivery[0].subject, "id"),
    ):
        with pytest.raises(AttributeError):
            setattr(thing, name, "x")
        with pytest.raises(AttributeError):
            thing.new = "x"  # type: ignore[union-attr]


def test_events_compare_and_hash_by_source_and_id() -> None:
    event = benji()[0]
    assert event == benji()[0]
    assert hash(event) == hash(benji()[0])
    assert event != benji(OTHER_BENJI_BODY)[0]
    assert (
        event
        != hookseal.Receiver.benji("salt-7f3c9b1e", source="urn:a").receive(benji_headers(), BENJI_BODY, now=NOW)[0]
    )
    assert event != event.id
    assert event == ANY
    assert len({event, benji()[0]}) == 1


def test_subjects_compare_and_hash_by_entity_and_id() -> None:
    subject = benji()[0].subject
    assert subject == benji()[0].subject
    assert hash(subject) == hash(benji()[0].subject)
    assert subject != benji(OTHER_BENJI_BODY)[0].subject
    assert subject != f"transaction/{ENTITY_ID}"


def test_data_is_the_payload_as_new_objects_at_each_access() -> None:
    event = benji()[0]
    assert event.data == {"event": "reward_transaction_updated", "entity_type": 3, "entity_id": ENTITY_ID}
    event.data["entity_id"] = 243
    assert event.data["entity_id"] == ENTITY_ID


NUMBERS = ["0", "-0", "7", "-7", str(2**63 - 1), str(2**63), str(-(2**63) - 1), "18446744073709551616", "9" * 1000]
NUMBERS += ["-" + "1234567890" * 99, "1.5", "-0.0", "5e-324", "0.1", "1E+2", "1.0e+21"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_read_as_python_reads_it(number: str) -> None:
    value = bento(b'{"x":%b}' % number.encode())[0].data["x"]
    assert repr(value) == repr(json.loads(number))


@pytest.fixture
def limit_of_int() -> Iterator[None]:
    """Restores the limit after a test that sets it."""
    before = sys.get_int_max_str_digits()
    yield
    sys.set_int_max_str_digits(before)


def with_number(number: str, **options: Any) -> hookseal.Event:
    receiver = hookseal.Receiver.bento(bearer="s3cr3t", max_number_length=2**31, **options)
    return receiver.receive(hookseal.sign.bento_bearer("s3cr3t"), b'{"x":[%b]}' % number.encode(), now=NOW)[0]


def digits_of(length: int) -> str:
    return ("1234567890" * (length // 10 + 1))[:length]


@pytest.mark.usefixtures("limit_of_int")
@pytest.mark.parametrize("length", [19, 20, 599, 600, 601, 640, 641, 1_200, 1_201, 4_299, 4_300])
@pytest.mark.parametrize("sign", ["", "-"])
def test_an_integer_of_4300_digits_is_exact_whatever_the_limit_of_int(length: int, sign: str) -> None:
    for limit in (640, 4_300, 0):
        sys.set_int_max_str_digits(limit)
        (value,) = with_number(sign + digits_of(length)).data["x"]
        sys.set_int_max_str_digits(0)
        assert type(value) is int
        assert str(value) == sign + digits_of(length)


@pytest.mark.usefixtures("limit_of_int")
@pytest.mark.parametrize("length", [4_301, 5_000, 9_601, 38_401, 100_000])
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_longer_integer_is_exact_if_python_allows_as_many_digits(length: int, sign: str) -> None:
    number = sign + digits_of(length)
    for limit in (length, length + 1, 0):
        sys.set_int_max_str_digits(limit)
        (value,) = with_number(number).data["x"]
        sys.set_int_max_str_digits(0)
        assert str(value) == number
    for limit in (640, 4_300, length - 1):
        sys.set_int_max_str_digits(limit)
        event = with_number(number)
        with pytest.raises(ValueError, match=rf"sys\.get_int_max_str_digits\(\) allows \({limit}\)") as raised:
            _ = event.data
        assert "event.raw" in str(raised.value)
        assert "12345" not in str(raised.value)
        assert event.raw == b'{"x":[%b]}' % number.encode()
        assert number in event.to_cloudevent()


def test_a_million_digits_are_refused_by_pythons_own_limit() -> None:
    event = with_number("9" * 1_000_000)
    with pytest.raises(ValueError, match="digits"):
        _ = event.data
    with pytest.raises(ValueError, match="digits"):
        json.loads(event.raw)


def test_a_fraction_of_any_length_is_exact() -> None:
    for number in ("0." + "3" * 500_000, digits_of(500_000) + ".5", digits_of(500_000) + "e-499999"):
        (value,) = with_number(number).data["x"]
        assert type(value) is Decimal
        assert value.as_tuple() == Decimal(number).as_tuple()
    for number in ("0." + "0" * 500_000 + "e7", "1." + "0" * 500_000, "1" + "0" * 500_000 + "e-500000"):
        assert repr(with_number(number).data["x"]) == repr([float(number)])


def test_data_holds_every_shape_of_json() -> None:
    text = r'{"a":[1,[],{},[[{"b":null}]],true,false,"\"\\\/\b\f\n\r\tZo\u00eb\ud83c\udf71\u0000"],"":{" ":""},"a":2}'
    assert bento(text.encode())[0].data == {"a": 2, "": {" ": ""}}
    text = text.replace(',"a":2', "")
    assert bento(text.encode())[0].data == json.loads(text)
    deep = "[" * 126 + "]" * 126
    assert bento(b'{"x":%b}' % deep.encode())[0].data["x"] == json.loads(deep)


def test_half_of_a_surrogate_pair_reads_as_the_replacement_character() -> None:
    assert bento(rb'{"x":"a\ud800b"}')[0].data == {"x": "a\ufffdb"}


def test_raw_is_the_bytes_of_one_event() -> None:
    delivery = bento(b'{"events":[ {"type":"a","email":"x"} , {"type":"c","email":"y"}]}')
    assert [event.raw for event in delivery] == [b'{"type":"a","email":"x"}', b'{"type":"c","email":"y"}']


def test_a_text_longer_than_any_buffer_is_read_whole() -> None:
    name = "n" * 5_000
    event = bento(
        json.dumps({"events": [{"type": name, "email": name, "details": {"unique": {"key": name}}}]}).encode()
    )[0]
    assert event.name == event.subject.id == name


def test_an_id_from_the_vendor_is_percent_encoded() -> None:
    resource = {"action": "answer", "resource": "P-1", "created_at": "20260304050607", "project": "p"}
    plain, strange, same = (
        benti({**resource, "id": given}, {**resource, "id": "z"})[0] for given in ("a", "a #\u202e", "a")
    )
    assert (plain.id, plain.id_origin) == ("a#0", "vendor")
    assert strange.id == "a%20%23%E2%80%AE#0"
    assert plain == same != strange
    assert hash(plain) == hash(same)


def test_events_of_one_order_have_different_ids() -> None:
    order = {"email": "a@example.com", "details": {"unique": {"key": "1001"}}}
    types = ("$purchase", "$OrderShipped", "$purchase")
    events = list(bento(json.dumps({"events": [{"type": name, **order} for name in types]}).encode()))
    ids = [event.id for event in events]
    keys = [event.replay_key() for event in events]
    assert ids[0] == ids[2] != ids[1]
    assert keys[0] == keys[2] != keys[1]
    assert len(set(events)) == 2
