"""An event as JSON and as a dict, and the words that programs compare with."""

import decimal
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import hookseal
from samples import benji, benti, bento

SCHEMA = json.loads((Path(__file__).parents[2] / "core" / "schemas" / "event.schema.json").read_text())

# A number, its value in `data`, and its value with exact numbers.
FRACTIONS: list[tuple[str, float | Decimal | str, Decimal | str]] = [
    ("1.50", 1.5, Decimal("1.50")),
    ("0.1", 0.1, Decimal("0.1")),
    ("1E5", 1e5, Decimal("1E5")),
    ("1e+05", 1e5, Decimal("1E+5")),
    ("0.0", 0.0, Decimal("0.0")),
    ("-0.0", -0.0, Decimal("-0.0")),
    ("0e400", 0.0, Decimal("0E+400")),
    ("9007199254740992.0", 9007199254740992.0, Decimal("9007199254740992.0")),
    ("1.7976931348623157e308", 1.7976931348623157e308, Decimal("1.7976931348623157e308")),
    ("5e-324", 5e-324, Decimal("5e-324")),
    ("9007199254740993.0", Decimal("9007199254740993.0"), Decimal("9007199254740993.0")),
    ("0.10000000000000000555", Decimal("0.10000000000000000555"), Decimal("0.10000000000000000555")),
    ("4e-324", Decimal("4e-324"), Decimal("4e-324")),
    ("1e-400", Decimal("1e-400"), Decimal("1e-400")),
    ("1e400", Decimal("1e400"), Decimal("1e400")),
    ("-1e400", Decimal("-1e400"), Decimal("-1e400")),
    ("1e999999999999999999", Decimal("1e999999999999999999"), Decimal("1e999999999999999999")),
    ("1e1000000000000000000", "1e1000000000000000000", "1e1000000000000000000"),
    ("-1.50E-9999999999999999999", "-1.50E-9999999999999999999", "-1.50E-9999999999999999999"),
    ("0.0e9999999999999999999", 0.0, "0.0e9999999999999999999"),
    (f"1e{'9' * 998}", f"1e{'9' * 998}", f"1e{'9' * 998}"),
]


@pytest.fixture
def careless_context() -> Iterator[None]:
    """A context of the program in which Decimal rounds to three digits, and makes NaN of what it cannot hold."""
    with decimal.localcontext(decimal.Context(prec=3, traps=[], clamp=1, Emax=5, Emin=-5)):
        yield


@pytest.mark.usefixtures("careless_context")
@pytest.mark.parametrize(("number", "value", "exact"), FRACTIONS, ids=lambda value: str(value)[:30])
def test_a_fraction_never_becomes_another_number(number: str, value: Any, exact: Any) -> None:
    event = bento(b'{"x":%b}' % number.encode())[0]
    assert repr(event.data) == repr({"x": value})
    assert repr(event.to_dict()["data"]) == repr({"x": value})
    assert repr(event.to_dict(exact_numbers=True)["data"]) == repr({"x": exact})
    assert event.to_json().endswith(f'"data":{{"x":{number}}}}}')
    assert event.to_cloudevent().endswith(f'"data":{{"x":{number}}}}}')


def test_an_integer_is_an_int_with_exact_numbers_too() -> None:
    event = bento(b'{"x":[7,-0,18446744073709551616]}')[0]
    for data in (event.data, event.to_dict()["data"], event.to_dict(exact_numbers=True)["data"]):
        assert repr(data) == "{'x': [7, 0, 18446744073709551616]}"


def test_a_dict_has_everything_that_the_event_says() -> None:
    reply = {"id": 1, "item": "reply", "action": "add", "parent": 2, "actor": 3, "timestamp": 1_772_600_767.5}
    for event in (benji()[0], *benti(reply, {"action": "close-ticket", "body": {}}), bento(b"{}")[0]):
        members = event.to_dict()
        assert list(members) == SCHEMA["required"]
        for name in ("id", "id_origin", "index", "vendor", "source", "kind", "entity", "action", "name", "data"):
            assert members[name] == getattr(event, name)
        assert members["time_zone_assumed"] is event.time_zone_assumed
        for name in ("subject", "actor", "parent"):
            subject = getattr(event, name)
            assert members[name] == (subject and {"entity": subject.entity, "id": subject.id})
        assert members["assurance"] == {name: getattr(event.assurance, name) for name in ("body", "time", "name")}
        assert members["time"] == (
            event.time and event.time.isoformat().replace("000+00:00", "Z").replace("+00:00", "Z")
        )
        assert json.loads(event.to_json()) == members
        assert json.loads(json.dumps(members)) == members


def test_a_dict_is_new_each_time() -> None:
    event = benji()[0]
    event.to_dict()["data"].clear()
    event.to_dict()["subject"].clear()
    assert event.to_dict()["data"] == event.data
    assert event.to_dict()["subject"]["id"] == event.subject.id
    assert event.to_dict() is not event.to_dict()


def test_the_payload_cannot_set_a_member_of_the_event() -> None:
    event = bento(b'{"id":"x","kind":"y","data":{"data":1},"__proto__":{}}')[0]
    members = event.to_dict()
    assert (members["id"], members["kind"]) == (event.id, event.kind)
    assert members["data"] == {"id": "x", "kind": "y", "data": {"data": 1}, "__proto__": {}}


def test_deliveries_are_json_lines_whatever_their_senders_line_breaks() -> None:
    pretty = b'{\r\n  "a b" : "c\\n d" ,\n\t"e" : [ ]\r\n}'
    delivery = bento(pretty)
    lines = "".join(event.to_json() + "\n" for event in (*delivery, *benji()))
    assert [json.loads(line)["vendor"] for line in lines.splitlines()] == ["bento", "benji"]
    assert delivery[0].to_json().endswith('"data":{"a b":"c\\n d","e":[]}}')
    assert delivery[0].raw == pretty
    assert delivery.to_cloudevents() == f"[{delivery[0].to_cloudevent()}]"
    assert "\n" not in delivery.to_cloudevents()


def test_an_event_of_a_record_is_written_alike() -> None:
    delivery = bento(b'{ "x" : [ 1.50 , 1e400 , "\\ud800" ] }')
    (event,), (recorded,) = delivery, hookseal.from_trusted_record(delivery.to_record())
    assert recorded.to_json() == event.to_json()
    assert repr(recorded.to_dict()) == repr(event.to_dict())
    assert event.to_json().endswith('"data":{"x":[1.50,1e400,"\\ud800"]}}')
    assert event.to_dict()["data"] == {"x": [1.5, Decimal("1e400"), "\ufffd"]}


def test_only_the_name_asks_for_exact_numbers() -> None:
    to_dict: Any = benji()[0].to_dict
    with pytest.raises(TypeError):
        to_dict(True)
    with pytest.raises(TypeError):
        to_dict(exact=True)


def test_the_words_are_those_of_the_core() -> None:
    properties = SCHEMA["properties"]
    assert list(hookseal.VENDORS) == properties["vendor"]["enum"]
    assert list(hookseal.ACTIONS) == properties["action"]["enum"]
    assert list(hookseal.ENTITIES) == SCHEMA["$defs"]["entity"]["enum"]
    assert benji()[0].kind in hookseal.KINDS
    assert "ticket.purchased" not in hookseal.KINDS
    assert len(set(hookseal.KINDS)) == len(hookseal.KINDS) > 50
    for kind in hookseal.KINDS:
        entity, action = kind.split(".")
        assert entity in hookseal.ENTITIES
        assert action in hookseal.ACTIONS
