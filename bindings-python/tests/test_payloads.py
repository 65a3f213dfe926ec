"""The types of payloads are true: the data of each event of each vector has them where the JSON Schema says so."""

import json
import types
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Required, TypedDict, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

import vectors
from hookseal import Delivery, Event, payloads

SCHEMA = json.loads((Path(__file__).parents[2] / "core" / "schemas" / "payloads.schema.json").read_text())


def names_for(event: Event) -> list[str]:
    """The types that the schema gives to the data of this event."""
    for rule in SCHEMA["allOf"]:
        of = rule["if"]["properties"]
        if of["vendor"]["const"] == event.vendor and event.kind in of["kind"]["enum"]:
            data = rule["then"]["properties"]["data"]
            return [each["$ref"].removeprefix("#/$defs/") for each in data.get("anyOf", [data])]
    raise AssertionError(f"the schema does not have {event.vendor} {event.kind}")


def fits(value: Any, annotation: Any) -> bool:
    """Whether a value has the type of an annotation."""
    if annotation is Any:
        return True
    if is_typeddict(annotation):
        hints = get_type_hints(annotation)
        return (
            type(value) is dict
            and annotation.__required_keys__ <= value.keys()
            and all(fits(value[name], hint) for name, hint in hints.items() if name in value)
        )
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Required:
        return fits(value, parts[0])
    if origin in (Union, types.UnionType):
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return any(type(value) is type(part) and value == part for part in parts)
    if origin is list:
        return type(value) is list and all(fits(each, parts[0]) for each in value)
    return type(value) is (types.NoneType if annotation is None else annotation)


def is_valid(value: Any, schema: Any) -> bool:
    """Whether a value is valid by a schema of the few words that this schema has."""
    if isinstance(schema, bool):
        return schema
    known = {"description", "$ref", "anyOf", "enum", "type", "items", "properties", "required"}
    assert schema.keys() <= known
    if reference := schema.get("$ref"):
        return is_valid(value, SCHEMA["$defs"][reference.removeprefix("#/$defs/")])
    kinds = schema.get("type")
    members = schema.get("properties", {}) if isinstance(value, dict) else {}
    return (
        ("anyOf" not in schema or any(is_valid(value, each) for each in schema["anyOf"]))
        and ("enum" not in schema or any(type(value) is type(each) and value == each for each in schema["enum"]))
        and (kinds is None or any(type_of(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)))
        and (not isinstance(value, list) or all(is_valid(each, schema.get("items", True)) for each in value))
        and all(is_valid(value[name], of) for name, of in members.items() if name in value)
        and (not isinstance(value, dict) or set(schema.get("required", ())) <= value.keys())
    )


def type_of(value: Any, kind: str) -> bool:
    match kind:
        case "integer":
            return type(value) is int
        case "number":
            return type(value) in (int, float, Decimal)
    classes = {"string": str, "null": types.NoneType, "object": dict, "array": list}
    return type(value) is classes[kind]


def test_the_data_of_every_vector_has_its_type_where_the_schema_says_so() -> None:
    found: Counter[bool] = Counter()
    kinds = set()
    for vector in vectors.read_all():
        if vector["expect"]["outcome"] != "delivery":
            continue
        delivery = vectors.receive(vectors.receiver_of(vector), vector)
        assert isinstance(delivery, Delivery)
        for event in delivery:
            names = names_for(event)
            # A type of Python cannot say that Benti's instance never sends an item.
            for name in names:
                expected = is_valid(event.data, SCHEMA["$defs"][name])
                fitting = fits(event.data, getattr(payloads, name))
                assert fitting == expected or "item" in event.data, (vector["name"], name, event.data)
                found[expected] += 1
            if any(is_valid(event.data, SCHEMA["$defs"][name]) for name in names):
                kinds.add((event.vendor, event.kind))
    assert found[True] > 1_500
    assert found[False] > 10
    assert len(kinds) == sum(len(rule["if"]["properties"]["kind"]["enum"]) for rule in SCHEMA["allOf"])


def test_every_type_of_the_schema_is_a_type_of_the_module() -> None:
    assert set(SCHEMA["$defs"]) == set(payloads.__all__)


class Sample(TypedDict, total=False):
    name: Required[str]
    tags: list[str] | str | None


@pytest.mark.parametrize(
    ("value", "is_right"),
    [
        ({"name": "a"}, True),
        ({"name": "a", "tags": None, "more": 1}, True),
        ({"name": "a", "tags": ["b"]}, True),
        ({"name": "a", "tags": ["b", 7]}, False),
        ({"name": None}, False),
        ({}, False),
        ([], False),
    ],
)
def test_a_value_of_another_type_does_not_fit(value: Any, is_right: bool) -> None:
    assert fits(value, Sample) is is_right
