"""Compares hookseal with a check by hand, as a Python service would write it, and with a usual library for webhooks.

    pip install './bindings-python[bench]'
    python bindings-python/bench/compare.py [--json FILE]

The result of every function is checked before its time is measured. All functions of a case take turns, many times.
The table shows medians, and each peer's time as a multiple of hookseal's.
"""

import argparse
import base64
import email.utils
import hmac
import json
import statistics
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any, NamedTuple

import orjson
from standardwebhooks.webhooks import Webhook

from hookseal import Delivery, Receiver

ROUND_SECONDS = 0.02

SALT = b"salt-7f3c9b1e"
NOW = int(time())
BODY = b'{"event":"reward_transaction_updated","entity":3,"entity_id":243}'
USUAL = {"host": "example.com", "user-agent": "sender/1.0", "accept": "*/*", "content-type": "application/json"}
DATE = datetime.fromtimestamp(NOW, UTC)
BENJI_HEADERS = {
    **USUAL,
    "content-length": str(len(BODY)),
    "x-benji-signature": hmac.digest(SALT, BODY, "sha256").hex(),
    "x-webhook-datetime": email.utils.formatdate(NOW, usegmt=True),
}
ENTITIES = {1: "user", 2: "campaign", 3: "transaction"}
BENJI_KINDS = {"reward_transaction_updated": "transaction.updated", "transaction_created": "transaction.created"}
BENTI_KINDS = {"answer": "ticket.answered", "close-ticket": "ticket.closed", "reply-ticket": "ticket.replied"}
BENTO_KINDS = {"$purchase": "subscriber.purchased", "$subscribe": "subscriber.subscribed"}

Read = Callable[[], Any]
Loads = Callable[[bytes], Any]


class Case(NamedTuple):
    """Functions that do the same work."""

    name: str
    hookseal: Read
    peers: dict[str, Read]


def check_by_hand(loads: Loads) -> Any:
    signature = BENJI_HEADERS["x-benji-signature"]
    if not hmac.compare_digest(hmac.digest(SALT, BODY, "sha256").hex(), signature):
        raise ValueError("forged")
    date = email.utils.parsedate_to_datetime(BENJI_HEADERS["x-webhook-datetime"])
    if abs(time() - date.timestamp()) > 300:
        raise ValueError("stale")
    return loads(BODY), date, signature


def benji_case() -> Case:
    receiver, webhook, headers = Receiver.benji(SALT), *standard_webhook()
    return Case(
        "benji, 65 bytes",
        lambda: receiver.receive(BENJI_HEADERS, BODY),
        {
            "hmac + json": lambda: check_by_hand(json.loads)[0],
            "hmac + orjson": lambda: check_by_hand(orjson.loads)[0],
            "standardwebhooks": lambda: webhook.verify(BODY, headers),
        },
    )


def benji_case_read() -> Case:
    """A check that also reads kind, id, subject and time."""
    receiver, webhook, headers = Receiver.benji(SALT), *standard_webhook()

    def by_hookseal() -> list[Any]:
        return [(event.kind, event.id, event.subject, event.time) for event in receiver.receive(BENJI_HEADERS, BODY)]

    def by_hand(loads: Loads) -> list[Any]:
        data, date, signature = check_by_hand(loads)
        subject = (ENTITIES[data["entity"]], str(data["entity_id"]))
        return [(BENJI_KINDS[data["event"]], signature, subject, date)]

    def by_standardwebhooks() -> list[Any]:
        data = webhook.verify(BODY, headers)
        subject = (ENTITIES[data["entity"]], str(data["entity_id"]))
        date = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        return [(BENJI_KINDS[data["event"]], headers["webhook-id"], subject, date)]

    peers = {
        "hmac + json": lambda: by_hand(json.loads),
        "hmac + orjson": lambda: by_hand(orjson.loads),
        "standardwebhooks": by_standardwebhooks,
    }
    return Case("benji, 65 bytes, with kind, id, subject, time", by_hookseal, peers)


def standard_webhook() -> tuple[Webhook, dict[str, str]]:
    webhook = Webhook(base64.b64encode(SALT).decode())
    signed = {"webhook-id": "msg_1", "webhook-timestamp": str(NOW)}
    signed["webhook-signature"] = webhook.sign("msg_1", DATE, BODY.decode())
    return webhook, {**USUAL, **signed}


def benti_case() -> Case:
    """One answer in the form of Inbenta's documentation."""
    secret, body = "yourOwnSecretCode", json.dumps({"events": [ANSWER]}, separators=(",", ":")).encode().ljust(575)
    assert len(body) == 575, len(body)
    headers = {**USUAL, "x-hook-signature": secret}
    receiver = Receiver.benti(secret)

    def by_hookseal() -> list[Any]:
        received = receiver.receive(headers, body)
        assert isinstance(received, Delivery)
        return [(event.kind, event.subject, event.time) for event in received]

    def by_orjson() -> list[Any]:
        check_secret(headers["x-hook-signature"], secret)
        return [
            (
                BENTI_KINDS.get(event["action"], "ticket.other"),
                ("ticket", str(event["resource"])),
                datetime.strptime(event["created_at"], "%Y%m%d%H%M%S").replace(tzinfo=UTC),
            )
            for event in orjson.loads(body)["events"]
        ]

    return Case("benti, 575 bytes, all events with kind, subject, time", by_hookseal, {"orjson": by_orjson})


def bento_case() -> Case:
    """The largest batch that Bento allows."""
    body = json.dumps({"events": [purchase(number) for number in range(1_000)]}, separators=(",", ":")).encode()
    credentials = "Basic " + base64.b64encode(b"publishable:secret").decode()
    headers = {**USUAL, "authorization": credentials}
    receiver = Receiver.bento(basic=("publishable", "secret"))

    def by_hookseal() -> list[Any]:
        return [(event.kind, event.subject, event.time) for event in receiver.receive(headers, body)]

    def by_orjson() -> list[Any]:
        check_secret(headers["authorization"], credentials)
        return [
            (
                BENTO_KINDS.get(event["type"], "subscriber.tracked"),
                ("subscriber", event["email"]),
                datetime.fromisoformat(date) if (date := event.get("date")) else None,
            )
            for event in orjson.loads(body)["events"]
        ]

    return Case("bento, 1,000 events of 180 bytes, with kind, subject, time", by_hookseal, {"orjson": by_orjson})


ANSWER = {
    "id": "MDAwMDAwMOSfti9quwKNOg==",
    "action": "answer",
    "created_at": "20170905091635",
    "project": {"name": "instance_name"},
    "resource": "PROJECTNAME-00110063",
    "type": "ticket",
    "user": {"name": "name", "identifier": "email@email.com"},
    "action_data": {"text": "text", "to": [{"email": "to@email.com", "name": "name"}], "cc": None, "bcc": None},
    "resource_data": {
        "creator": {"name": "name", "identifier": "creator@email.com"},
        "queue": {"id": 1, "name": "queue_name"},
        "source": {"id": 1, "name": "source_name"},
    },
    "attachments": [{"id": "123", "url": "image_url", "name": "Image name.png", "type": "image/png"}],
}


def purchase(number: int) -> dict[str, Any]:
    details = {"unique": {"key": f"order-{number}"}, "value": {"currency": "EUR", "amount": 1990}}
    who = {"email": f"user{number}@example.com", "fields": {"first_name": "Ann"}}
    return {"type": "$purchase", **who, "details": details, "date": "2026-03-04T05:06:07.089Z"}


def check_secret(received: str, expected: str) -> None:
    if not hmac.compare_digest(received.encode(), expected.encode()):
        raise ValueError("forged")


def plain(result: Any) -> Any:
    """A result in a comparable form: without ids, which differ between contenders."""
    match result:
        case Delivery():
            return result[0].data
        case list():
            return [(event[0], *(subject_of(each) for each in event[-2:])) for event in result]
    return result


def subject_of(value: Any) -> Any:
    return (value.entity, value.id) if hasattr(value, "entity") else value


def measure(case: Case, turns: int) -> dict[str, float]:
    """Nanoseconds for a call: the median of many rounds. In each round every function has one turn."""
    functions = {"hookseal": case.hookseal, **case.peers}
    results = {name: plain(function()) for name, function in functions.items()}
    for name, result in results.items():
        assert result == results["hookseal"], f"{case.name}: {name} has another result than hookseal"
    calls = {
        name: max(1, int(ROUND_SECONDS / timeit.timeit(function, number=3) * 3))
        for name, function in functions.items()
    }
    rounds: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(turns):
        for name, function in functions.items():
            rounds[name].append(timeit.timeit(function, number=calls[name]) / calls[name] * 1e9)
    return {name: statistics.median(times) for name, times in rounds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares hookseal with its peers in Python.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to a file too")
    parser.add_argument("--rounds", type=int, default=41, metavar="N", help="turns that each function has")
    arguments = parser.parse_args()
    rows = []
    for case in (benji_case(), benji_case_read(), benti_case(), bento_case()):
        medians = measure(case, arguments.rounds)
        for peer, median in medians.items():
            ratio = median / medians["hookseal"]
            rows.append({"case": case.name, "peer": peer, "median_ns": round(median), "ratio": round(ratio, 2)})
            print(f"{case.name if peer == 'hookseal' else '':<54} {peer:<17} {median:>12,.0f} ns {ratio:>6.1f} times")
    if arguments.json:
        arguments.json.write_text(json.dumps({"language": "python", "cases": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
