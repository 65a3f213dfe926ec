"""Headers in every form that programs use."""

import email
import email.message
import http.client
import io
import wsgiref.headers
import wsgiref.util
from collections import UserDict
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import multidict
import pytest
import starlette.datastructures
import starlette.requests
import werkzeug.datastructures
import werkzeug.test
from django.test import RequestFactory
from django.utils.datastructures import MultiValueDict

import apps
import hookseal
from hookseal import sign
from samples import BENJI, BENJI_BODY, NOW, SALT, SECRET, benji_headers

PAIRS = list(benji_headers().items())
SIGNATURE, DATE = PAIRS
BODY_ONLY = list(sign.benji_body_only(SALT, BENJI_BODY, NOW).items())
OTHERS = [("Host", "example.com"), ("Accept", "*/*"), ("accept", "text/html"), ("X-Benji-Signature-2", "x")]


def http_message(pairs: list[tuple[str, str]]) -> http.client.HTTPMessage:
    lines = "".join(f"{name}: {value}\r\n" for name, value in pairs)
    return http.client.parse_headers(io.BytesIO(lines.encode("latin-1") + b"\r\n"))


def email_message(pairs: list[tuple[str, str]]) -> email.message.Message:
    message = email.message.Message()
    for name, value in pairs:
        message[name] = value
    return message


def asgi(pairs: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs]


REPEATS_KEPT = {
    "pairs of str": lambda pairs: pairs,
    "pairs of bytes": asgi,
    "lists as in ASGI": lambda pairs: [list(pair) for pair in asgi(pairs)],
    "generator": lambda pairs: (pair for pair in pairs),
    "Starlette": lambda pairs: starlette.datastructures.Headers(raw=asgi(pairs)),
    "Werkzeug": werkzeug.datastructures.Headers,
    "http.client": http_message,
    "email": email_message,
    "wsgiref": lambda pairs: wsgiref.headers.Headers(list(pairs)),
    "lists in a mapping": lambda pairs: lists(pairs),
    "aiohttp": multidict.CIMultiDict,
    "aiohttp, read only": lambda pairs: multidict.CIMultiDictProxy(multidict.CIMultiDict(pairs)),
    # `items()` of these hides all values of a name except the first or the last.
    "Werkzeug MultiDict": lambda pairs: werkzeug.datastructures.MultiDict(lowered(pairs)),
    "Starlette MultiDict": lambda pairs: starlette.datastructures.MultiDict(lowered(pairs)),
    "Starlette form": lambda pairs: starlette.datastructures.FormData([*lowered(pairs)]),
    "Django MultiValueDict": lambda pairs: MultiValueDict(lists(pairs)),
}


def lowered(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in pairs]


def lists(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name.lower(), []).append(value)
    return values


def environ(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    wsgiref.util.setup_testing_defaults(made)
    return made | {"HTTP_" + name.upper().replace("-", "_"): value for name, value in pairs}


REPEATS_JOINED = {
    "dict": dict,
    "dict of bytes": lambda pairs: dict(asgi(pairs)),
    "mapping": lambda pairs: MappingProxyType(dict(pairs)),
    "WSGI environ": environ,
    "Werkzeug environ": lambda pairs: werkzeug.datastructures.EnvironHeaders(environ(pairs)),
    "Django": lambda pairs: django_request(pairs).headers,
    "Django META": lambda pairs: django_request(pairs).META,
}


def django_request(pairs: list[tuple[str, str]]) -> Any:
    apps.django_wsgi_app()
    return RequestFactory(headers=dict(pairs)).post("/")


@pytest.mark.parametrize(
    "form", [*REPEATS_KEPT.values(), *REPEATS_JOINED.values()], ids=[*REPEATS_KEPT, *REPEATS_JOINED]
)
def test_headers_are_found_in_any_form_and_case(form: Any) -> None:
    for pairs in (PAIRS, BODY_ONLY, OTHERS + PAIRS, [(name.upper(), value) for name, value in PAIRS] + OTHERS):
        assert BENJI.receive(form(pairs), BENJI_BODY, now=NOW)
    for pairs in ([], OTHERS, [DATE]):
        assert isinstance(BENJI.try_receive(form(pairs), BENJI_BODY, now=NOW), hookseal.MissingSignature)


@pytest.mark.parametrize("form", REPEATS_KEPT.values(), ids=REPEATS_KEPT)
@pytest.mark.parametrize(
    ("pairs", "name"),
    [
        (PAIRS, "x-benji-signature"),
        (PAIRS, "X-BENJI-TIMESTAMP"),
        (PAIRS, "content-encoding"),
        (BODY_ONLY, "X-Webhook-Datetime"),
    ],
)
def test_a_repeated_header_is_seen(form: Any, pairs: list[tuple[str, str]], name: str) -> None:
    value = dict(pairs).get(name.lower(), "identity")
    first = [] if name.lower() in dict(pairs) else [(name.title(), value)]
    received = BENJI.try_receive(form([*pairs, *first, (name, value)]), BENJI_BODY, now=NOW)
    assert isinstance(received, hookseal.RepeatedHeader)


def test_a_dict_can_repeat_a_header_in_another_case() -> None:
    headers = dict(PAIRS) | {"X-Benji-Signature": SIGNATURE[1]}
    assert isinstance(BENJI.try_receive(headers, BENJI_BODY, now=NOW), hookseal.RepeatedHeader)
    headers = {**dict(PAIRS), b"x-benji-signature": SIGNATURE[1]}  # type: ignore[dict-item]
    assert isinstance(BENJI.try_receive(headers, BENJI_BODY, now=NOW), hookseal.RepeatedHeader)


def test_a_list_of_one_value_is_one_value() -> None:
    for values in ([SIGNATURE[1]], (SIGNATURE[1].encode(),)):
        assert BENJI.receive({"x-benji-signature": values, DATE[0]: DATE[1]}, BENJI_BODY, now=NOW)
    received = BENJI.try_receive({"x-benji-signature": [], DATE[0]: DATE[1]}, BENJI_BODY, now=NOW)
    assert isinstance(received, hookseal.MissingSignature)


def test_no_sender_can_make_headers_look_like_an_environ() -> None:
    headers = {"wsgi.version": "(1, 0)", "HTTP_X_BENJI_SIGNATURE": SIGNATURE[1], DATE[0]: DATE[1]}
    assert isinstance(BENJI.try_receive(headers, BENJI_BODY, now=NOW), hookseal.MissingSignature)
    assert isinstance(
        BENJI.try_receive({"wsgi.version": (1, 0), **headers}, BENJI_BODY, now=NOW), hookseal.MissingSignature
    )


@pytest.mark.parametrize("value", ["é", "Ā", "\ud800", "🍱", b"\xff", "", " ", "\x00", "x" * 100_000])
def test_any_value_is_refused_with_a_code(value: Any) -> None:
    names = [(PAIRS, name) for name in ("x-benji-signature", "x-benji-timestamp", "content-encoding")]
    for pairs, name in [*names, (BODY_ONLY, "x-webhook-datetime"), (BODY_ONLY, "x-benji-timestamp")]:
        for headers in ({**dict(pairs), name: value}, [*(pair for pair in pairs if pair[0] != name), (name, value)]):
            assert isinstance(BENJI.try_receive(headers, BENJI_BODY, now=NOW), hookseal.Rejection)


def test_headers_of_pythons_email_that_are_not_text_are_refused_with_a_code() -> None:
    message = email.message_from_bytes(b"x-benji-signature: \xff\xfe\r\n\r\n")
    assert isinstance(BENJI.try_receive(message, BENJI_BODY, now=NOW), hookseal.MalformedSignature)


def test_a_non_ascii_secret_is_sent_as_iso_8859_1() -> None:
    receiver = hookseal.Receiver.benti("clé".encode("latin-1"))
    assert receiver.receive({"x-hook-signature": "clé"}, b"[]", now=NOW) is not None


@pytest.mark.parametrize(
    "headers",
    [
        *(None, "x: y", b"x: y", 7, [("a",)], [("a", "b", "c")], ["ab"], [7], {7: "x"}),
        *({"x-benji-signature": value} for value in (None, 7, [7], [["x"]])),
    ],
)
def test_anything_other_than_headers_is_a_type_error(headers: Any) -> None:
    with pytest.raises(TypeError):
        BENJI.receive(headers, BENJI_BODY, now=NOW)


class Proxy:
    """A request of Flask: an object that has the headers, and is no mapping."""

    def __init__(self, headers: Any) -> None:
        self.headers = headers


REQUESTS = {
    # A mapping of the connection's scope, which has no header.
    "Starlette": lambda: starlette.requests.Request({"type": "http", "headers": asgi(PAIRS)}),
    "Werkzeug": lambda: werkzeug.test.EnvironBuilder(headers=PAIRS).get_request(),
    # A loop over it would read its body.
    "Django": lambda: django_request(PAIRS),
    "other": lambda: Proxy(dict(PAIRS)),
}


@pytest.mark.parametrize("make", REQUESTS.values(), ids=REQUESTS)
def test_a_whole_request_in_place_of_its_headers_is_a_type_error_that_says_so(make: Any) -> None:
    request = make()
    for check in (BENJI.check_head, lambda given: BENJI.receive(given, BENJI_BODY, now=NOW)):
        name = type(request).__name__
        with pytest.raises(TypeError, match=rf"not {name}: pass its headers, such as request\.headers$"):
            check(request)
    assert BENJI.receive(request.headers, BENJI_BODY, now=NOW)


def test_no_sender_can_make_headers_look_like_a_request() -> None:
    class WithMembers(UserDict[str, str]):
        def __getattr__(self, name: str) -> str:
            if name in self.__dict__.get("data", {}):
                return self.data[name]
            raise AttributeError(name)

    headers = WithMembers(dict([*PAIRS, ("headers", "x")]))
    assert headers.headers == "x"
    assert BENJI.receive(headers, BENJI_BODY, now=NOW)


def test_an_error_names_the_header_and_the_type_of_its_value() -> None:
    for value, name in ((None, "None"), (7, "int"), ([7], "int"), ([["x"]], "list")):
        headers: Any = {"X-Benji-Signature": value}
        with pytest.raises(TypeError, match=rf"the header x-benji-signature must be str, bytes, .* not {name}$"):
            BENJI.receive(headers, BENJI_BODY)
    headers = [("a",)]
    with pytest.raises(TypeError, match="one element is no pair of a name and a value"):
        BENJI.receive(headers, BENJI_BODY)


def test_a_header_that_is_not_read_can_hold_anything() -> None:
    assert BENJI.receive({**dict(PAIRS), "x-request": object()}, BENJI_BODY, now=NOW)


class Broken:
    """A mapping of the program with a bug."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def items(self) -> Iterator[tuple[str, str]]:
        yield SIGNATURE
        raise self.error


@pytest.mark.parametrize("error", [KeyError("x"), ZeroDivisionError(), KeyboardInterrupt()])
def test_an_exception_of_the_programs_own_headers_is_raised(error: BaseException) -> None:
    with pytest.raises(type(error)) as raised:
        BENJI.receive(Broken(error), BENJI_BODY, now=NOW)
    assert raised.value is error


def test_a_configured_credential_header_is_found() -> None:
    receiver = hookseal.Receiver.bento(header=("X-Relay-Secret", SECRET))
    assert receiver.receive({"x-RELAY-secret": SECRET}, b'{"events":[]}', now=NOW) is not None
    assert receiver.receive(environ([("X-Relay-Secret", SECRET)]), b'{"events":[]}', now=NOW) is not None
