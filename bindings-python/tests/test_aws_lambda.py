"""The adapter for AWS Lambda, with the events of API Gateway, a function URL and a load balancer."""

import base64
import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest

import hookseal
from hookseal import sign
from hookseal.aws_lambda import webhook
from samples import BENJI_BODY, SALT, SECRET

LIMIT = 1_000
HANDSHAKE = sign.benti_handshake(SECRET, "c4f1e7d2")


def rest_api(method: str, headers: dict[str, Any], body: str | None, base64_encoded: bool) -> dict[str, Any]:
    """An event of a REST API, or of an HTTP API with payload format 1.0."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in headers.items()}
    joined = {name: values[-1] for name, values in lists.items()}
    return {
        "version": "1.0",
        "httpMethod": method,
        "headers": joined,
        "multiValueHeaders": lists,
        "body": body,
        "isBase64Encoded": base64_encoded,
        "requestContext": {"httpMethod": method},
    }


def function_url(method: str, headers: dict[str, Any], body: str | None, base64_encoded: bool) -> dict[str, Any]:
    """An event of a function URL or an HTTP API (payload format 2.0), which join repeated headers with commas."""
    joined = {name: ",".join(value) if isinstance(value, list) else value for name, value in headers.items()}
    event = {"version": "2.0", "headers": joined, "isBase64Encoded": base64_encoded}
    return event | ({} if body is None else {"body": body}) | {"requestContext": {"http": {"method": method}}}


def load_balancer(method: str, headers: dict[str, Any], body: str | None, base64_encoded: bool) -> dict[str, Any]:
    """An event of an Application Load Balancer, which keeps the last of a repeated header."""
    last = {name: value[-1] if isinstance(value, list) else value for name, value in headers.items()}
    context = {"requestContext": {"elb": {}}, "headers": last, "httpMethod": method}
    return {**context, "body": body or "", "isBase64Encoded": base64_encoded}


def load_balancer_with_lists(
    method: str, headers: dict[str, Any], body: str | None, base64_encoded: bool
) -> dict[str, Any]:
    """An event of an Application Load Balancer whose target group sends multi-value headers."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in headers.items()}
    context = {"requestContext": {"elb": {}}, "multiValueHeaders": lists, "httpMethod": method}
    return {**context, "body": body or "", "isBase64Encoded": base64_encoded}


@webhook(hookseal.Receiver.benji(SALT, max_body_bytes=LIMIT))
def benji(delivery: hookseal.Delivery, event: dict[str, Any], context: object) -> dict[str, Any]:
    assert event["isBase64Encoded"] in (True, False)
    assert context is CONTEXT
    return {"statusCode": 200, "body": ",".join(each.kind for each in delivery)}


@webhook(hookseal.Receiver.benti(SECRET))
def benti(delivery: hookseal.Delivery, event: dict[str, Any], context: object) -> None:
    assert len(delivery) == 0


CONTEXT = object()
FORMATS = pytest.mark.parametrize("made_by", [rest_api, function_url, load_balancer, load_balancer_with_lists])


def signed(body: bytes = BENJI_BODY, age: float = 0) -> dict[str, Any]:
    return dict(sign.benji(SALT, body, time.time() - age))


def answer(made_by: Any, status: int, body: str = "", headers: dict[str, str] | None = None) -> dict[str, Any]:
    response = {"statusCode": status, "body": body, "isBase64Encoded": False}
    if made_by is load_balancer_with_lists:
        return response | {"multiValueHeaders": {name: [value] for name, value in (headers or {}).items()}}
    return response | {"headers": headers or {}}


@pytest.mark.shows("aws_lambda", "raw body")
@FORMATS
def test_a_genuine_request_reaches_the_function(made_by: Any) -> None:
    for body, encoded in ((BENJI_BODY.decode(), False), (base64.b64encode(BENJI_BODY).decode(), True)):
        returned = benji(made_by("POST", signed(), body, encoded), CONTEXT)
        assert returned == {"statusCode": 200, "body": "transaction.updated"}


@FORMATS
def test_non_ascii_bytes_are_checked_as_they_were_sent(made_by: Any) -> None:
    body = '{"event":"Zoë 🍱"}'.encode()
    for text, encoded in ((body.decode(), False), (base64.b64encode(body).decode(), True)):
        assert benji(made_by("POST", signed(body), text, encoded), CONTEXT)["statusCode"] == 200


@pytest.mark.shows("aws_lambda", "refusal")
@FORMATS
def test_the_answer_to_a_refused_request_has_no_body(made_by: Any, caplog: pytest.LogCaptureFixture) -> None:
    for event, status, code in (
        (made_by("POST", signed(), "{}", False), 401, "signature_mismatch"),
        (made_by("POST", {}, BENJI_BODY.decode(), False), 401, "missing_signature"),
        (made_by("POST", signed(age=400), BENJI_BODY.decode(), False), 400, "stale"),
        (made_by("POST", signed(b""), None, False), 400, "malformed_payload"),
    ):
        assert benji(event, CONTEXT) == answer(made_by, status)
        assert caplog.messages[-1].startswith(f"webhook refused: {code}: ")
    refused = benji(made_by("GET", signed(), None, False), CONTEXT)
    assert refused == answer(made_by, 405, headers={"allow": "POST"})


@FORMATS
@pytest.mark.parametrize("over", [1, 2, 3, 4, 100_000])
def test_a_body_over_the_limit_is_refused(made_by: Any, over: int) -> None:
    body = b"x" * (LIMIT + over)
    for text, encoded in ((body.decode(), False), (base64.b64encode(body).decode(), True)):
        assert benji(made_by("POST", signed(body), text, encoded), CONTEXT) == answer(made_by, 413)


def test_a_repeated_header_is_refused() -> None:
    for made_by, status in ((rest_api, 400), (load_balancer_with_lists, 400), (function_url, 401)):
        headers = signed()
        headers["x-benji-signature"] = [headers["x-benji-signature"]] * 2
        assert benji(made_by("POST", headers, BENJI_BODY.decode(), False), CONTEXT) == answer(made_by, status)


@pytest.mark.shows("aws_lambda", "handshake")
@FORMATS
def test_a_handshake_is_answered(made_by: Any) -> None:
    returned = benti(made_by("GET", HANDSHAKE, None, False), CONTEXT)
    headers = {
        "content-type": "text/plain",
        "x-inbenta-challenge": "c4f1e7d2",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    assert returned == answer(made_by, 200, "c4f1e7d2", headers)


@FORMATS
def test_a_function_that_returns_none_gives_no_content(made_by: Any) -> None:
    assert benti(made_by("POST", sign.benti(SECRET), "[]", False), CONTEXT) == answer(made_by, 204)


def test_an_exception_of_the_function_is_raised() -> None:
    @webhook(hookseal.Receiver.benti(SECRET))
    def fails(delivery: hookseal.Delivery, event: dict[str, Any], context: object) -> None:
        raise ConnectionResetError("the function's own")

    with pytest.raises(ConnectionResetError, match="the function's own"):
        fails(rest_api("POST", sign.benti(SECRET), "[]", False), CONTEXT)


def test_an_event_that_is_no_request_is_an_error_with_words() -> None:
    events: list[Any] = [{}, {"source": "serverless-plugin-warmup"}, {"Records": []}, {"headers": {}}, None, "warm"]
    for event in events:
        with pytest.raises(TypeError, match="it has no headers and no method"):
            benji(event, CONTEXT)


def test_headers_are_used_where_their_lists_are_empty() -> None:
    event = {"httpMethod": "POST", "headers": signed(), "multiValueHeaders": {}, "body": BENJI_BODY.decode()}
    assert benji(event | {"isBase64Encoded": False}, CONTEXT)["statusCode"] == 200


TABLE = json.loads((Path(__file__).parents[2] / "core" / "adapters" / "lambda.json").read_bytes())
CASES = TABLE["cases"]


def receiver_of_table(name: str) -> hookseal.Receiver[Any]:
    described = dict(TABLE["receivers"][name])
    make: Any = {"benji": hookseal.Receiver.benji, "benti": hookseal.Receiver.benti}[described.pop("vendor")]
    secret, options = described.pop("secret"), described.pop("options")
    assert described == {}
    return make(secret, **options)  # type: ignore[no-any-return]


def test_all_cases_of_the_table_are_different() -> None:
    assert TABLE.keys() == {"about", "receivers", "cases"}
    assert len({case["name"] for case in CASES}) == len(CASES) >= 80


@pytest.mark.shows("aws_lambda", "body afterwards")
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_case_of_the_table_for_both_languages(case: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    unknown = case.keys() - {"name", "receiver", "event", "body_parts", "expect"}
    expected = case["expect"]
    assert unknown == set()
    assert expected.keys() in ({"error"}, {"events", "code", "answer"})
    event = copy.deepcopy(case["event"])
    if "body_parts" in case:
        event["body"] = "".join(text * times for text, times in case["body_parts"])
    given, calls, told = copy.deepcopy(event), [], []

    def remember(rejection: hookseal.Rejection, event: dict[str, Any]) -> None:
        told.append(rejection.code)

    @webhook(receiver_of_table(case["receiver"]), on_rejection=remember)
    def handler(delivery: hookseal.Delivery, event: dict[str, Any], context: object) -> None:
        calls.append([each.raw.decode() for each in delivery])

    if "error" in expected:
        with pytest.raises(TypeError) as raised:
            handler(event, None)
        assert expected["error"] in str(raised.value)
        assert (calls, told) == ([], [])
    else:
        assert handler(event, None) == expected["answer"]
        assert calls == ([] if expected["events"] is None else [expected["events"]])
        assert told == ([] if expected["code"] is None else [expected["code"]])
        refused = [message.split(": ")[1] for message in caplog.messages]
        unreadable = expected["code"] is None and expected["answer"]["statusCode"] == 400
        assert refused == (["the body cannot be read"] if unreadable else told)
    assert event == given, "an adapter changes nothing that it was given"
