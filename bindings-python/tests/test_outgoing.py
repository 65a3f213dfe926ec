"""Requests to the vendors: the vectors that all languages run, conversions, and bad input."""

import copy
import gc
import http
import io
import json
import pickle
import random
import re
import struct
import sys
import threading
import traceback
from collections import OrderedDict, UserDict, namedtuple
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import pytest
from multidict import CIMultiDict

import hookseal
from hookseal import outgoing, sign
from hookseal.outgoing import (
    MAX_ANSWER_BYTES,
    Benji,
    Benti,
    BentiWebhook,
    BentiWebhooks,
    Bento,
    BentoCommand,
    BentoEmail,
    BentoEvent,
    BentoSubscriber,
    Commanded,
    Done,
    LookedUp,
    Outgoing,
    OutgoingError,
    RateLimit,
    Refusal,
    Secret,
    Sent,
    Subscribed,
    Tracked,
)

CORE = Path(__file__).parents[2] / "core"
SITE = "11111111222233334444555555555555"
ENDPOINT = "https://example.com/hooks"
PURCHASE: dict[str, Any] = {"unique": {"key": 7}, "value": {"currency": "USD", "amount": Decimal("19.90")}}


def vectors(file: str, key: str) -> list[Any]:
    """The vectors of a file, whose number it states."""
    content = json.loads((CORE / "outgoing" / file).read_text(encoding="utf-8"))
    listed: list[Any] = content[key]
    assert len(listed) == content["count"] > 0
    return listed


def named(vector: Any) -> str:
    name: str = vector["name"]
    return name


def benji(**options: Any) -> Benji:
    hosts = {
        f"{name}_host": f"https://{name}.example" for name in ("notifications", "users", "campaigns", "transactions")
    }
    return Benji(**{"partner_key": "partner-key", **hosts, **options})


def benti(**options: Any) -> Benti:
    base = "https://api.benti.example/ticketing"
    return Benti(**{"base": base, "api_key": "api-key", "token": "token", **options})


def bento(**options: Any) -> Bento:
    keys = {"publishable_key": "publishable", "secret_key": "secret-key", "site_uuid": SITE}
    return Bento(**{**keys, "user_agent": "tests/1.0", **options})


CLIENTS: dict[str, Callable[..., Any]] = {"benji": benji, "benti": benti, "bento": bento}
VALUES: dict[str, Any] = {
    "events": BentoEvent,
    "webhook": BentoEvent,
    "subscribers": BentoSubscriber,
    "emails": BentoEmail,
    "command": BentoCommand,
}


def untyped(client: Any) -> Any:
    """The client, for calls that type checkers would refuse."""
    return client


def event_of(body: str | bytes) -> hookseal.Event:
    """The event of a webhook of Benji."""
    body = body.encode() if isinstance(body, str) else body
    delivery = hookseal.Receiver.benji("salt").receive(sign.benji("salt", body, 0), body, now=0)
    return delivery[0]


def bento_event(**members: Any) -> BentoEvent:
    return BentoEvent(**{"type": "x", "email": "a@example.com", **members})


def bento_email() -> BentoEmail:
    sender = {"from": "b@example.com"}
    return BentoEmail(to="a@example.com", **sender, subject="x", html_body="y", transactional=True)


def build(vector: Any) -> list[Outgoing[Any]]:
    client, call = CLIENTS[vector["client"]](**vector.get("options", {})), vector["call"]
    arguments = dict(vector["arguments"])
    if call == "command":
        return [client.command(BentoCommand.from_json(arguments["value"]))]
    if "values" in arguments:
        values = [VALUES[call].from_json(value) for value in arguments.pop("values")]
        requests: list[Outgoing[Any]] = getattr(client, call)(*arguments.values(), values)
        return requests
    if call == "follow_up":
        return [client.follow_up(event_of(arguments["webhook"]), user_token=arguments.get("user_token"))]
    return [getattr(client, call)(**arguments)]


def written(request: Outgoing[Any]) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.url,
        "headers": request.headers,
        "body": request.body.decode(),
        "is_repeatable": request.is_repeatable,
    }


@pytest.mark.parametrize("vector", vectors("requests.json", "requests"), ids=named)
def test_a_request_is_that_of_the_vector(vector: Any) -> None:
    try:
        found: dict[str, Any] = {"requests": [written(request) for request in build(vector)]}
    except OutgoingError as error:
        found = {"error": error.code}
    assert found == vector["expect"]


def requests_for_answers() -> dict[str, Outgoing[Any]]:
    campaign = event_of('{"event":"campaign_ended","entity_id":"7"}')
    command = BentoCommand(command="subscribe", email="a@example.com")
    subscriber = BentoSubscriber(email="a@example.com")
    return {
        "benji_subscribe": benji().subscribe(ENDPOINT),
        "benji_unsubscribe": benji().unsubscribe(),
        "benji_follow_up": benji().follow_up(campaign),
        "benti_create": benti().create("ticket", ENDPOINT, "hook"),
        "benti_list": benti().list(),
        "benti_update": benti().update("7", "ticket", ENDPOINT, "hook"),
        "benti_delete": benti().delete("7"),
        "bento_events": bento().events([bento_event() for _ in range(3)])[0],
        "bento_subscribers": bento().subscribers([subscriber, BentoSubscriber(email="a@example.com")])[0],
        "bento_emails": bento().emails([bento_email() for _ in range(2)])[0],
        "bento_command": bento().command(command),
        "bento_webhook": bento().webhook("pos", [bento_event()])[0],
    }


def members(answer: Any, request: Outgoing[Any]) -> dict[str, Any]:
    """The members of an answer as the vectors have them."""
    match answer:
        case Subscribed(salt):
            return {"salt": salt and salt.expose().decode()}
        case LookedUp():
            return {"json": answer.to_json()}
        case BentiWebhook():
            return {"id": answer.id, "item": answer.item, "url": answer.url}
        case BentiWebhooks(webhooks, malformed):
            return {"webhooks": [members(webhook, request) for webhook in webhooks], "malformed": malformed}
        case Sent(accepted, failed, handed_back, is_undecided):
            positions = [request.values.index(value) for value in handed_back]
            counts = {"accepted": accepted, "failed": failed}
            return {**counts, "handed_back": positions, "is_undecided": is_undecided}
        case Commanded(results):
            return {"results": results}
        case Done() | Tracked():
            return {}
    raise AssertionError(answer)


def milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1_000)


@pytest.mark.parametrize("vector", vectors("answers.json", "answers"), ids=named)
def test_an_answer_is_read_as_the_vector_says(vector: Any) -> None:
    request = requests_for_answers()[vector["request"]]
    body = vector["body"].encode() * vector.get("body_repeated", 1)
    headers = [(name, value) for name, value in vector.get("headers", [])]
    try:
        found: dict[str, Any] = {"answer": members(request.read(vector["status"], headers, body), request)}
    except Refusal as refusal:
        waits = [milliseconds(refusal.retry_in_seconds(attempt, 0)) for attempt in (1, 2, 3)]
        found = {
            "refusal": {
                "code": refusal.code,
                "is_final": refusal.is_final,
                "may_be_done": refusal.may_be_done,
                "waits": None if None in waits else waits,
            }
        }
        statuses = (refusal.status, vector["status"])
    else:
        statuses = (None, None)
    assert found == vector["expect"]
    assert statuses[0] == statuses[1]


@pytest.mark.parametrize("vector", vectors("rate_limit.json", "limits"), ids=named)
def test_a_rate_limit_lets_calls_go_as_the_vector_says(vector: Any) -> None:
    limit = RateLimit()
    for group, now, calls, expected in vector["steps"]:
        for _ in range(calls):
            assert milliseconds(limit.take(group, now / 1_000)) == expected


def test_the_words_are_those_of_the_core() -> None:
    source = (CORE / "src" / "outgoing" / "refusal.rs").read_text(encoding="utf-8")
    assert set(get_args(outgoing.RefusalCode)) == set(re.findall(r'^        \w+ = "(\w+)",$', source, re.MULTILINE))
    source = (CORE / "src" / "outgoing" / "error.rs").read_text(encoding="utf-8")
    codes = re.findall(r'Self::\w+(?: \{ \.\. \}|\(_\))? => "(\w+)",$', source, re.MULTILINE)
    assert set(get_args(outgoing.OutgoingErrorCode)) == set(codes)
    with pytest.raises(OutgoingError) as of_command:
        untyped(BentoCommand)(command="other", email="a@example.com")
    with pytest.raises(OutgoingError) as of_entity:
        untyped(benji()).subscribe(ENDPOINT, entity_type="other")
    with pytest.raises(OutgoingError) as of_item:
        untyped(benti()).create("other", ENDPOINT, "s")
    for error, words in (
        (of_command, outgoing.BentoCommandName),
        (of_entity, outgoing.BenjiEntityType),
        (of_item, outgoing.BentiItem),
    ):
        assert error.value.code == "malformed_value"
        listed = str(error.value).removesuffix(": correct it").partition(" must be one of: ")[2]
        assert re.findall(r"\w+", listed) == list(get_args(words))
    with pytest.raises(ValueError, match="group must be one of") as of_group:
        untyped(RateLimit()).take("other")
    assert re.findall('"([a-z]+)"', str(of_group.value)) == list(get_args(outgoing.EndpointGroup))


class Colour(StrEnum):
    RED = "red"


class Plain(Enum):
    A = "secret"


class Number(IntEnum):
    SEVEN = 7


class Float(float):
    def __repr__(self) -> str:
        return '0,"injected":1'

    __str__ = __repr__


class Integer(int):
    def __repr__(self) -> str:
        return '0,"injected":1'

    __str__ = __repr__
    __abs__ = __divmod__ = __format__ = None  # type: ignore[assignment]

    def bit_length(self) -> int:
        return 1


class Exact(Decimal):
    def __str__(self) -> str:
        return '0,"injected":1'

    def is_finite(self) -> bool:
        return True


class Moved(OrderedDict[str, int]):
    pass


def moved() -> Moved:
    moved = Moved(a=1, b=2)
    moved.move_to_end("a")
    return moved


Pair = namedtuple("Pair", "left right")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        ("", '""'),
        ('"\\/\b\f\n\r\t\x00\x1f\x7f', '"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f"'),
        ("Zoë 🍱 \u2028", '"Zoë 🍱 \u2028"'),
        (Colour.RED, '"red"'),
        (Number.SEVEN, "7"),
        (http.HTTPStatus.OK, "200"),
        (0, "0"),
        (-(2**63), "-9223372036854775808"),
        (2**63, "9223372036854775808"),
        (-(2**64), "-18446744073709551616"),
        (10**499, "1" + "0" * 499),
        (10**500, "1" + "0" * 500),
        (-(10**500) - 7, "-1" + "0" * 499 + "7"),
        (10**1000 - 1, "9" * 1000),
        (Integer(2**70), str(2**70)),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (1e16, "1e+16"),
        (1e-7, "1e-07"),
        (5e-324, "5e-324"),
        (sys.float_info.max, "1.7976931348623157e+308"),
        (Float(1.5), "1.5"),
        (Decimal("1.50"), "1.50"),
        (Decimal("-0"), "-0"),
        (Decimal("1E+400"), "1E+400"),
        (Decimal("1e-7"), "1E-7"),
        (Decimal(".5"), "0.5"),
        (Decimal("123456789012345678901234567890.123456789"), "123456789012345678901234567890.123456789"),
        (Exact("1.5"), "1.5"),
        ([], "[]"),
        ((), "[]"),
        ([1, [2, (3,)], {}], "[1,[2,[3]],{}]"),
        (Pair(1, 2), "[1,2]"),
        ({}, "{}"),
        ({"b": 1, "a": {"": None}}, '{"b":1,"a":{"":null}}'),
        (moved(), '{"b":2,"a":1}'),
        (MappingProxyType({"a": 1}), '{"a":1}'),
        (UserDict(a=1), '{"a":1}'),
        ({Colour.RED: 1}, '{"red":1}'),
    ],
    ids=repr,
)
def test_a_value_is_written_as_json(value: object, expected: str) -> None:
    event = bento_event(details={"value": value})
    assert event.to_json() == '{"type":"x","email":"a@example.com","details":{"value":' + expected + "}}"
    assert BentoEvent.from_json(event.to_json()).to_json() == event.to_json()


def test_digits_do_not_depend_on_settings_of_the_program() -> None:
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        with localcontext(prec=3, capitals=0):
            event = bento_event(details={"i": 10**998 + 1, "d": Decimal("1.23456E+40")})
    finally:
        sys.set_int_max_str_digits(limit)
    digits = "1" + "0" * 997 + "1"
    expected = '{"i":' + digits + ',"d":1.23456E+40}}'
    assert event.to_json().partition('"details":')[2].upper() == expected.upper()


def any_value(chance: random.Random, depth: int = 0) -> Any:
    """A random value that the standard library writes too."""
    text = "".join(chance.choices(TEXT, k=chance.randrange(8)))
    match chance.randrange(8 if depth < 4 else 6):
        case 0:
            return chance.choice([None, True, False])
        case 1:
            return chance.randrange(-(10**30), 10**30) >> chance.randrange(100)
        case 2:
            return struct.unpack("<d", struct.pack("<q", chance.randrange(-(2**62), 2**62)))[0]
        case 3 | 4 | 5:
            return text
        case 6:
            return [any_value(chance, depth + 1) for _ in range(chance.randrange(4))]
        case _:
            return {text + str(number): any_value(chance, depth + 1) for number in range(chance.randrange(4))}


TEXT = [chr(code) for code in (*range(0x100), 0x2028, 0x2029, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF)]


def test_values_are_written_as_the_standard_library_writes_them() -> None:
    chance = random.Random(20)
    for _ in range(2_000):
        details = {"a": any_value(chance)}
        try:
            expected = json.dumps(details, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        except ValueError:
            with pytest.raises(OutgoingError, match="must be a finite number"):
                bento_event(details=details)
        else:
            assert bento_event(details=details).to_json().partition('"details":')[2] == expected + "}"


class Cyclic(dict[str, object]):
    """A mapping that holds itself, and another one at each look."""

    def items(self) -> Any:
        return [("a", Cyclic())]


class Unfinished(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        return 1

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        yield "a"
        raise RuntimeError("of the mapping")


def cyclic_list() -> list[Any]:
    listed: list[Any] = []
    listed.append(listed)
    return listed


def cyclic_dict() -> dict[str, Any]:
    members: dict[str, Any] = {}
    members["a"] = [members]
    return members


def nested(depth: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(depth - 1):
        inner = [inner]
    return inner


def shared() -> list[Any]:
    """Few objects, and 2^120 elements."""
    inner: list[Any] = []
    for _ in range(120):
        inner = [inner, inner]
    return inner


DEEP = "details must be nested at most 127 deep, and must not contain itself: correct it"
FINITE = "details, member 1 must be a finite number: JSON has no other"
HALF = "details, member 1 must be text without halves of surrogate pairs: correct it"
CLASSES = "give str, int, float, Decimal, bool, None, a mapping, a list or a tuple"
TOO_LONG = "value must be JSON of at most 1048576 bytes: correct it"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), FINITE),
        (float("-inf"), FINITE),
        (Decimal("NaN"), FINITE),
        (Decimal("sNaN"), FINITE),
        (Decimal("Infinity"), FINITE),
        (Exact("Infinity"), FINITE),
        ("secret\ud800", HALF),
        ({"secret\udfff": 1}, HALF.replace("member 1", "member 1, member 1")),
        (10**1000, "details, member 1 must have at most 1000 digits: correct it"),
        (1 << 100_000_000, "details, member 1 must have at most 1000 digits: correct it"),
        (cyclic_list(), DEEP),
        (cyclic_dict(), DEEP),
        (Cyclic(), DEEP),
        (nested(126), DEEP),
        (nested(100_000), DEEP),
        (shared(), TOO_LONG),
        ([None] * 2_000_000, TOO_LONG),
        ("x" * MAX_ANSWER_BYTES, TOO_LONG),
        (OrderedDict.fromkeys(map(str, range(300_000))), TOO_LONG),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_json_cannot_hold_is_refused(value: object, message: str) -> None:
    with pytest.raises(OutgoingError) as raised:
        bento_event(details={"secret": value})
    assert (raised.value.code, str(raised.value)) == ("malformed_value", message)


def test_the_deepest_value_is_taken() -> None:
    assert "[" * 125 in bento_event(details={"a": nested(125)}).to_json()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"details": {"a": 1, "secret": {1}}}, f"details, member 2 cannot be of the class set: {CLASSES}"),
        ({"details": {"a": [0, b"secret"]}}, f"details, member 1, element 2 cannot be of the class bytes: {CLASSES}"),
        ({"fields": Fraction(1, 2)}, f"fields cannot be of the class Fraction: {CLASSES}"),
        ({"email": object()}, f"email cannot be of the class object: {CLASSES}"),
        ({"secret": date(2026, 3, 4)}, f"member 3 cannot be of the class date: {CLASSES}"),
        ({"date": date(2026, 3, 4)}, f"date cannot be of the class date: {CLASSES}"),
        ({"type": datetime.now(UTC)}, f"type cannot be of the class datetime: {CLASSES}"),
        ({"details": {"date": datetime.now(UTC)}}, f"details, member 1 cannot be of the class datetime: {CLASSES}"),
        ({"details": {"a": Plain.A}}, f"details, member 1 cannot be of the class Plain: {CLASSES}"),
        ({"details": {1: 2}}, "the name of details, member 1 must be str"),
        ({"details": {"a": {None: 2}}}, "the name of details, member 1, member 1 must be str"),
        ({"details": MappingProxyType({1: 2})}, "the name of details, member 1 must be str"),
        ({"details": (n for n in [1])}, f"details cannot be of the class generator: {CLASSES}"),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
def test_another_class_is_a_type_error_that_names_the_place(given: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        bento_event(**given)


def test_an_error_of_a_mapping_is_raised_as_it_is() -> None:
    with pytest.raises(RuntimeError, match="of the mapping"):
        bento_event(details=Unfinished())


def test_a_member_may_change_the_values_while_they_are_written() -> None:
    class Changing(Mapping[str, int]):
        def __init__(self, outer: dict[str, Any]) -> None:
            self.outer = outer

        def __getitem__(self, key: str) -> int:
            raise KeyError(key)

        def __len__(self) -> int:
            return 0

        def __iter__(self) -> Iterator[str]:
            self.outer |= {str(number): number for number in range(1_000)}
            return iter(())

    outer: dict[str, Any] = {}
    outer |= {"a": Changing(outer), "b": 1}
    assert bento_event(details=outer).to_json().endswith('"details":{"a":{},"b":1}}')
    assert len(outer) == 1_002


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (datetime(2026, 3, 4, 5, 6, 7, 89_999, UTC), "2026-03-04T05:06:07.089Z"),
        (
            datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
            "2026-03-04T10:36:07.000Z",
        ),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
        ("2026-03-04T05:06:07+01:00", "2026-03-04T05:06:07+01:00"),
    ],
    ids=str,
)
def test_a_date_may_be_a_datetime(given: datetime | str, expected: str) -> None:
    assert bento_event(date=given).to_json().endswith(f',"date":"{expected}"}}')


def test_a_datetime_without_a_zone_is_refused() -> None:
    with pytest.raises(OutgoingError) as raised:
        bento_event(date=datetime(2026, 3, 4))
    assert raised.value.code == "malformed_value"
    assert str(raised.value) == "date must be an aware datetime, such as datetime.now(UTC): correct it"


def test_an_unknown_keyword_is_answered_with_the_known_ones() -> None:
    with pytest.raises(OutgoingError) as raised:
        untyped(BentoEvent)(type="x", mail="a@example.com")
    assert raised.value.code == "unknown_member"
    expected = "the vendor does not know member 2: give type, email, fields, details, date alone"
    assert str(raised.value) == expected
    with pytest.raises(OutgoingError, match="member 2: give ") as raised:
        BentoEmail(to="a@example.com", from_="b@example.com", subject="x", html_body="y", transactional=True)
    assert str(raised.value).endswith('; from is given as **{"from": "b@example.com"}')
    with pytest.raises(OutgoingError, match=r"remove it, or correct its name$"):
        BentoEvent.from_json('{"type":"x","mail":"a@example.com"}')


def test_a_value_says_whether_it_may_be_sent_twice() -> None:
    keyed, plain = bento_event(details={"unique": {"key": "k"}}), bento_event()
    assert (keyed.is_repeatable, plain.is_repeatable, bento_email().is_repeatable) == (True, False, False)
    assert BentoSubscriber(email="a@example.com").is_repeatable
    assert BentoCommand(command="add_tag", email="a@example.com", query="x").is_repeatable
    assert not BentoCommand(command="add_tag_via_event", email="a@example.com", query="x").is_repeatable
    assert [bento().events(events)[0].is_repeatable for events in ([keyed], [keyed, plain])] == [True, False]


def test_no_other_member_may_be_a_datetime() -> None:
    now: Any = datetime.now(UTC)
    for make in (
        lambda: BentoSubscriber(email="a@example.com", joined=now),
        lambda: BentoSubscriber(email="a@example.com", date=now),
        lambda: bento_event(date={"a": now}),
        lambda: bento_event(details={"a": now}),
    ):
        with pytest.raises(TypeError, match="cannot be of the class datetime"):
            make()


def test_members_keep_their_order() -> None:
    event = BentoEvent(email="a@example.com", details=PURCHASE, type="$purchase")
    value = '"details":{"unique":{"key":7},"value":{"currency":"USD","amount":19.90}}'
    assert event.to_json() == '{"email":"a@example.com",' + value + ',"type":"$purchase"}'
    subscriber = BentoSubscriber(email="a@example.com", tags=["a", "b"], **{"first name": "Zoë", "self": "x"})
    assert subscriber.to_json() == '{"email":"a@example.com","tags":["a","b"],"first name":"Zoë","self":"x"}'
    assert list(json.loads(bento_email().to_json())) == ["to", "from", "subject", "html_body", "transactional"]
    command = BentoCommand(command="add_field", email="a@example.com", query={"key": "k", "value": 1})
    assert json.loads(command.to_json())["query"] == {"key": "k", "value": 1}
    assert BentoCommand(email="a@example.com", command="subscribe").to_json().startswith('{"email"')


@pytest.mark.parametrize("members", [{}, {"type": "x"}, {"type": "x", "email": "nobody-at-all"}, {"typ": "secret"}])
def test_a_value_that_bento_would_not_take_is_refused(members: Any) -> None:
    with pytest.raises(OutgoingError) as raised:
        BentoEvent(**members)
    assert raised.value.code in ("missing_member", "malformed_value", "unknown_member")
    assert raised.value.message == str(raised.value)
    assert "nobody-at-all" not in str(raised.value)
    assert "secret" not in str(raised.value)
    again = pickle.loads(pickle.dumps(raised.value))
    assert (again.code, again.message) == (raised.value.code, raised.value.message)


def test_json_is_a_text() -> None:
    for wrong in (b"{}", None, 7):
        with pytest.raises(TypeError, match="json must be str"):
            BentoEvent.from_json(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="half of a surrogate pair"):
        BentoEvent.from_json('{"type":"\ud800"}')
    with pytest.raises(OutgoingError, match="no JSON object"):
        BentoEvent.from_json("[" * 1_000_000)


def test_many_values_are_split_and_handed_back_as_they_were_given() -> None:
    events = [bento_event(details={"n": number}) for number in range(2_001)]
    first, second, third = bento().events(iter(events))
    assert [len(request.values) for request in (first, second, third)] == [1_000, 1_000, 1]
    assert all(sent is given for sent, given in zip(second.values, events[1_000:2_000], strict=True))
    body = json.loads(second.body)
    assert [event["details"]["n"] for event in body["events"]] == list(range(1_000, 2_000))
    sent = second.read(200, {}, b'{"results":999,"failed":1}')
    assert (sent.accepted, sent.failed, sent.is_undecided) == (999, 1, True)
    assert [id(event) for event in sent.handed_back] == [id(event) for event in events[1_000:2_000]]
    assert third.read(200, {}, b'{"results":1}') == Sent(1, 0, [], False)
    assert third.read(200, {}, b'{"results":0}').handed_back[0] is events[2_000]
    assert [len(request.values) for request in bento().emails([bento_email()] * 61)] == [60, 1]
    subscriber = BentoSubscriber(email="a@example.com")
    assert [len(request.values) for request in bento().subscribers((subscriber,) * 1_001)] == [1_000, 1]
    assert [len(request.values) for request in bento().webhook("pos", set(events))] == [1_000, 1_000, 1]
    assert [bento().events([]), bento().emails(()), bento().webhook("pos", {})] == [[], [], []]


def test_a_request_gives_new_objects_each_time() -> None:
    (request,) = bento().events([bento_event()])
    request.headers.clear()
    request.values.clear()
    assert request.headers["authorization"].startswith("Basic ")
    assert len(request.values) == 1
    assert request.group == "batch"
    assert bento().command(BentoCommand(command="subscribe", email="a@example.com")).group == "fetch"
    assert bento().webhook("pos", [bento_event()])[0].group == "track"
    for other in (benti().list(), benji().subscribe(ENDPOINT)):
        assert other.group is None
        assert other.values == []


class Items:
    def items(self) -> list[tuple[str, str]]:
        return [("Retry-After", "30")]


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "30"},
        {"Retry-After": b" 30 "},
        {b"RETRY-AFTER": ["30"]},
        [("x", "y"), ("Retry-After", "30")],
        ((b"retry-after", b"30"),),
        CIMultiDict({"Retry-After": "30"}),
        Items(),
    ],
    ids=lambda headers: type(headers).__name__,
)
def test_headers_are_taken_in_every_form(headers: Any) -> None:
    with pytest.raises(Refusal) as raised:
        benti().list().read(503, headers, b"")
    assert raised.value.retry_in_seconds(1, 0.5) == 30.0


@pytest.mark.parametrize(
    "headers", [{}, (), {"retry-after": "a month"}, [("retry-after", "9"), ("Retry-After", "9")]]
)
def test_a_wait_that_cannot_be_read_counts_as_absent(headers: Any) -> None:
    with pytest.raises(Refusal) as raised:
        benti().list().read(429, headers, b"")
    assert [raised.value.retry_in_seconds(attempt, 0.5) for attempt in (1, 2, 99)] == [1.5, 3.0, 450.0]


@pytest.mark.parametrize("headers", [None, "retry-after: 1", 7, [("a", "b", "c")], {"retry-after": 30}, {7: "x"}])
def test_headers_of_another_form_are_a_type_error(headers: Any) -> None:
    with pytest.raises(TypeError, match="header"):
        benti().list().read(429, headers, b"")


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview])
def test_the_body_of_an_answer_may_be_any_bytes(make: Callable[[bytes], Any]) -> None:
    request = requests_for_answers()["bento_command"]
    assert request.read(http.HTTPStatus.CREATED, {}, make(b'{"results":3}')) == Commanded(3)
    with pytest.raises(Refusal) as raised:
        request.read(200, {}, make(b'{"results":3}'.ljust(MAX_ANSWER_BYTES + 1)))
    assert (raised.value.code, raised.value.is_final, raised.value.may_be_done) == ("unexpected_answer", True, True)
    assert request.read(200, {}, make(b'{"results":3}'.ljust(MAX_ANSWER_BYTES))) == Commanded(3)


@pytest.mark.parametrize("body", ['{"results":3}', None, {"results": 3}, io.BytesIO(b"{}")])
def test_a_body_that_is_no_bytes_is_a_type_error(body: Any) -> None:
    message = "body must be the bytes of the answer, such as response.content: bytes, bytearray or memoryview"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        benti().list().read(200, {}, body)


@pytest.mark.parametrize("status", ["200", None, 200.0, True])
def test_a_status_is_an_integer(status: Any) -> None:
    with pytest.raises(TypeError, match=r"^status must be an integer$"):
        benti().list().read(status, {}, b"[]")


@pytest.mark.parametrize("status", [-1, 65_536, 2**70])
def test_a_number_that_no_status_can_be_is_a_mistake(status: int) -> None:
    for fail in (lambda: benti().list().read(status, {}, b"[]"), lambda: Refusal("server_error", status)):
        with pytest.raises(ValueError, match=r"^status must be from 0 to 65535$"):
            fail()


@pytest.mark.parametrize("status", [0, 99, 199, 600, 65_535])
def test_a_status_that_http_does_not_know_is_unexpected(status: int) -> None:
    with pytest.raises(Refusal) as raised:
        benti().list().read(status, {}, b"[]")
    assert (raised.value.code, raised.value.may_be_done) == ("unexpected_answer", True)


NO_ANSWER = "there was no whole answer, and it may be done: if the request is repeatable, send it again later"


def test_no_answer_is_a_refusal() -> None:
    refusal = Refusal.no_answer()
    assert (refusal.code, refusal.status, refusal.is_final, refusal.may_be_done) == ("no_answer", None, False, True)
    assert str(refusal) == refusal.message == NO_ANSWER
    jitters = [0, 0.5, 1, 7, -1, float("nan")]
    assert [refusal.retry_in_seconds(1, jitter) for jitter in jitters] == [1, 1.5, 2, 2, 1, 1]
    assert [refusal.retry_in_seconds(attempt, 0) for attempt in (-1, 0, 9, 2**70)] == [1, 1, 256, 300]
    for wrong in ("0.5", None):
        with pytest.raises(TypeError, match="jitter must be a number"):
            refusal.retry_in_seconds(1, wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="attempt must be an integer"):
        refusal.retry_in_seconds(1.0, 0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r'^code must be one of "bad_request", '):
        Refusal("secret")  # type: ignore[arg-type]


def test_a_refusal_can_be_pickled_and_copied() -> None:
    with pytest.raises(Refusal) as raised:
        benti().list().read(429, {"retry-after": "77"}, b"")
    for again in (pickle.loads(pickle.dumps(raised.value)), copy.copy(raised.value), copy.deepcopy(raised.value)):
        assert (again.code, again.status, again.is_final, again.may_be_done) == ("rate_limited", 429, False, False)
        assert again.retry_in_seconds(1, 0) == 77
        assert str(again) == str(raised.value)


def test_what_a_webhook_names_is_looked_up() -> None:
    user = event_of('{"event":"user_partner_connected","entity_type":1,"entity_id":"u-1"}')
    campaign = event_of('{"event":"campaign_ended","entity_id":"7"}')
    assert (Benji.key_for(user), Benji.key_for(campaign)) == ("user", "partner")
    answer = benji().follow_up(campaign).read(200, {}, b' {"n": 1.50, "big": 9007199254740993.0, "a": [1e400]} ')
    assert answer.data == {"n": 1.5, "big": Decimal("9007199254740993.0"), "a": [Decimal("1e400")]}
    assert answer.data is not answer.data
    assert answer.to_json() == '{"n": 1.50, "big": 9007199254740993.0, "a": [1e400]}'
    deep = benji().follow_up(campaign).read(200, {}, b'{"secret":' + b"[" * 200 + b"]" * 200 + b"}")
    with pytest.raises(ValueError, match="read the answer from to_json") as raised:
        _ = deep.data
    assert "secret" not in str(raised.value)
    body = b'{"events":[{"type":"$Tag","email":"a@example.com"}]}'
    other = hookseal.Receiver.bento(bearer="s").receive(sign.bento_bearer("s"), body)[0]
    with pytest.raises(OutgoingError) as refused:
        benji().follow_up(other)
    assert refused.value.code == "other_vendor"
    for wrong in (None, "7", [campaign]):
        with pytest.raises(TypeError, match=r"^event must be an Event"):
            benji().follow_up(wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"^event must be an Event"):
            Benji.key_for(wrong)  # type: ignore[arg-type]


def test_an_event_of_a_record_is_followed_up() -> None:
    body = b'{"event":"transaction_created","entity_type":3,"entity_id":"t-1"}'
    receiver = hookseal.Receiver.benji("salt")
    record = receiver.receive(sign.benji("salt", body, 0), body, now=0).to_record()
    request = benji().follow_up(hookseal.from_trusted_record(record)[0])
    assert request.url == "https://transactions.example/transactions/t-1"


def test_a_secret_is_made_and_taken() -> None:
    secret = Benti.new_secret(bytes(range(32)))
    assert secret.expose() == b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    assert json.loads(benti().create("ticket", ENDPOINT, secret).body)["secret"] == secret.expose().decode()
    assert benti(token=secret, api_key=b"key").list().headers["authorization"] == f"Bearer {secret.expose().decode()}"
    assert benji(partner_key=secret).unsubscribe().headers["x-api-key"] == secret.expose().decode()
    for randomness in (b"", bytes(range(31)), bytes(32)):
        with pytest.raises(OutgoingError) as raised:
            Benti.new_secret(randomness)
        assert raised.value.code == "too_little_randomness"
    with pytest.raises(TypeError, match=r"^randomness must be bytes"):
        Benti.new_secret("x" * 32)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Secret(b"x")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: benji(partner_key=None), TypeError, "partner_key must be str or bytes, not None: check that"),
        (lambda: benji(partner_key=" "), ValueError, "secret"),
        (lambda: benji(users_host=None), TypeError, "users_host must be str, not None: check that"),
        (lambda: benji(bearer="no"), TypeError, "bearer must be True or False"),
        (lambda: untyped(benji()).subscribe(None), TypeError, "endpoint must be str"),
        (lambda: untyped(benji()).subscribe(ENDPOINT, entity_type=3), TypeError, "entity_type must be str"),
        (lambda: untyped(benji()).subscribe(ENDPOINT, event=7), TypeError, "event must be str"),
        (lambda: untyped(benji()).unsubscribe(event="\ud800"), ValueError, "event holds half of a surrogate pair"),
        (lambda: benti(base=None), TypeError, "base must be str, not None"),
        (lambda: benti(token=""), ValueError, "secret"),
        (lambda: benti(api_key=7), TypeError, "api_key must be str or bytes"),
        (lambda: untyped(benti()).create(None, ENDPOINT, "s"), TypeError, "item must be str"),
        (
            lambda: untyped(benti()).update("7", "tickets", ENDPOINT, "s"),
            OutgoingError,
            "item must be one of: alert ",
        ),
        (
            lambda: untyped(benti()).create("ticket", ENDPOINT, None),
            TypeError,
            "secret must be str or bytes, not None",
        ),
        (lambda: untyped(benti()).delete(7), TypeError, "id must be str"),
        (lambda: untyped(benti()).update(None, "ticket", ENDPOINT, "s"), TypeError, "id must be str"),
        (lambda: bento(publishable_key=None), TypeError, "publishable_key must be str, not None"),
        (lambda: bento(secret_key=None), TypeError, "secret_key must be str or bytes, not None"),
        (lambda: bento(site_uuid=7), TypeError, "site_uuid must be str"),
        (lambda: bento(site_uuid_in_query=1), TypeError, "site_uuid_in_query must be True or False"),
        (lambda: bento(api_host="http://example.com"), OutgoingError, "must start with https://"),
        (lambda: bento(track_host=7), TypeError, "track_host must be str"),
        (lambda: untyped(bento()).events(bento_event()), TypeError, "events must be an iterable of BentoEvents"),
        (lambda: untyped(bento()).events("ab"), TypeError, "events must be an iterable of BentoEvents"),
        (lambda: untyped(bento()).events(None), TypeError, "events must be an iterable of BentoEvents"),
        (lambda: untyped(bento()).events([{"type": "x"}]), TypeError, "events must be an iterable of BentoEvents"),
        (
            lambda: untyped(bento()).subscribers([bento_event()]),
            TypeError,
            "subscribers must be an iterable of BentoSubscribers",
        ),
        (lambda: untyped(bento()).emails([None]), TypeError, "emails must be an iterable of BentoEmails"),
        (lambda: untyped(bento()).command("subscribe"), TypeError, "command must be a BentoCommand"),
        (lambda: untyped(bento()).webhook(None, []), TypeError, "source must be str"),
        (lambda: untyped(RateLimit()).take("batches"), ValueError, "group must be one of"),
        (lambda: untyped(RateLimit()).take(None), TypeError, "group must be str"),
        (lambda: untyped(RateLimit()).take("batch", "now"), TypeError, "now must be a number of seconds"),
        (lambda: untyped(RateLimit()).take("batch", float("nan")), ValueError, "now must be a finite number"),
    ],
)
def test_a_mistake_in_the_program_is_named(make: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        make()


def test_an_error_of_the_iterable_is_raised_as_it_is() -> None:
    def events() -> Iterator[BentoEvent]:
        yield bento_event()
        raise RuntimeError("of the iterable")

    with pytest.raises(RuntimeError, match="of the iterable"):
        bento().events(events())


SECRETS = ("s3cret-partner", "s3cret-key", "s3cret-token", "s3cret-hook", "s3cret-user")


def holders() -> list[Any]:
    """Objects that hold one of the secrets or personal data."""
    partner, key, token, hook, user = SECRETS
    user_event = event_of('{"event":"user_partner_connected","entity_type":1,"entity_id":"u-1"}')
    clients: list[Any] = [benji(partner_key=partner), benti(api_key=key, token=token), bento(secret_key=key)]
    events = [BentoEvent(type=key, email="s3cret@example.com")]
    answer = b'{"data":{"subscribed":true,"salt":"s3cret-hook"}}'
    return [
        *clients,
        *events,
        BentoSubscriber(email="s3cret@example.com"),
        BentoCommand(command="subscribe", email="s3cret@example.com"),
        clients[0].subscribe(ENDPOINT),
        clients[0].follow_up(user_event, user_token=user),
        clients[1].create("ticket", ENDPOINT, hook),
        *clients[2].events(events),
        clients[0].subscribe(ENDPOINT).read(200, {}, answer),
        benji().follow_up(event_of('{"event":"campaign_ended","entity_id":"7"}')).read(200, {}, b'{"a":"s3cret"}'),
        clients[1].list().read(200, {}, b'[{"id":"7","url":"https://example.com/?token=s3cret"}]'),
        clients[2].events(events)[0].read(200, {}, b'{"results":0}'),
    ]


@pytest.mark.parametrize("holder", holders(), ids=lambda holder: type(holder).__name__)
def test_nothing_shows_a_secret(holder: Any) -> None:
    for shown in (repr(holder), str(holder), f"{holder}", repr([holder]), "%s" % holder):  # noqa: UP031
        assert "s3cret" not in shown
    assert type(holder).__name__ in repr(holder) or repr(holder) == "Secret"


@pytest.mark.parametrize(
    "holder",
    [*(holder for holder in holders() if type(holder).__module__ == "hookseal._native"), RateLimit()],
    ids=lambda holder: type(holder).__name__,
)
def test_an_object_of_one_process_cannot_be_pickled(holder: Any) -> None:
    name = type(holder).__name__
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=f"^an? {name} cannot be pickled or copied: ") as raised:
            attempt(holder)
        assert "s3cret" not in str(raised.value)


def test_a_secret_of_an_answer_shows_nothing_and_equals_itself_alone() -> None:
    subscribed = benji().subscribe(ENDPOINT).read(200, {}, b'{"data":{"subscribed":true,"salt":"s3cret"}}')
    assert repr(subscribed) == "Subscribed(salt=Secret)"
    salt = subscribed.salt
    assert salt is not None
    assert salt.expose() == b"s3cret"
    assert salt == salt
    assert salt != benji().subscribe(ENDPOINT).read(200, {}, b'{"data":{"subscribed":true,"salt":"s3cret"}}').salt
    with pytest.raises(TypeError, match=r"^a Secret cannot be pickled or copied"):
        pickle.dumps(subscribed)


@pytest.mark.parametrize(
    "fail",
    [
        lambda: benji(partner_key="s3cret\n"),
        lambda: benji(notifications_host="https://s3cret@example.com"),
        lambda: benji().subscribe("https://s3cret@example.com"),
        lambda: benji().subscribe(ENDPOINT, event="s3cret"),
        lambda: benji().subscribe(ENDPOINT, entity_type="s3cret"),  # type: ignore[arg-type]
        lambda: benti(token="s3cret\r\nx: y"),
        lambda: benti(token="s3cret\ud800"),
        lambda: benti().create("ticket", ENDPOINT, "s3cret "),
        lambda: benti().delete("s3cret" * 100),
        lambda: bento(publishable_key="s3cret:"),
        lambda: bento(site_uuid="s3cret"),
        lambda: bento_event(email="s3cret"),
        lambda: bento_event(s3cret=1),
        lambda: bento_event(details={"s3cret": "s3cret\ud800"}),
        lambda: bento_event(fields={"s3cret": {"s3cret"}}),
        lambda: BentoEvent.from_json('{"s3cret":1,"s3cret":2}'),
        lambda: BentoEvent.from_json('{"s3cret":"s3cret\ud800"}'),
        lambda: benti().list().read(401, {"retry-after": "s3cret"}, b"s3cret"),
        lambda: benti().list().read(200, {"date": "s3cret"}, b'{"s3cret":'),
    ],
)
def test_no_traceback_shows_what_was_given(fail: Callable[[], Any]) -> None:
    with pytest.raises((ValueError, Refusal, TypeError)) as raised:
        fail()
    error = raised.value
    # The lines of source are this test's own.
    shown = "".join(traceback.format_exception_only(error)) + repr(error) + repr(error.args)
    assert "s3cret" not in shown
    assert error.__cause__ is None
    assert error.__context__ is None


def test_threads_share_clients_and_a_rate_limit() -> None:
    client, limit, start = bento(), RateLimit(), threading.Barrier(8)
    events = [bento_event(details={"n": number}) for number in range(1_500)]

    def work(_: int) -> tuple[int, int]:
        start.wait()
        sent = [
            request.read(200, {}, b'{"results":%d}' % len(request.values)).accepted
            for request in client.events(events)
        ]
        return sum(sent), sum(limit.take("batch", 1_000) is None for _ in range(50))

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(work, range(8)))
    assert [accepted for accepted, _ in done] == [1_500] * 8
    assert sum(taken for _, taken in done) == 100


def test_a_rate_limit_reads_the_clock_as_a_receiver_does() -> None:
    limit = RateLimit()
    assert all(limit.take("fetch") is None for _ in range(100))
    wait = limit.take("fetch")
    assert wait is not None
    assert 0 < wait <= 60
    assert limit.take("fetch", datetime.now(UTC) + timedelta(seconds=61)) is None


def test_an_answer_that_is_read_in_vain_leaves_nothing_behind() -> None:
    """Errors make no circles, so that values go when their last owner does."""
    (request,) = bento().events([bento_event()])
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(1_000):
            with pytest.raises(Refusal):
                request.read(500, {}, b"")
        assert len(gc.get_objects()) - before < 500
    finally:
        gc.enable()


def test_the_module_keeps_its_classes_when_it_is_loaded_again() -> None:
    import importlib

    first = outgoing.Refusal
    assert importlib.reload(outgoing).Refusal is first
