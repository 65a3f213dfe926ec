"""Requests of real Bento clients arrive as events.

PyPI has no client for Bento. The client from npm sends over a socket. Recorded requests of this client and others are
sent again, byte for byte.
"""

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import fastapi
import pytest

import hookseal
import servers
from hookseal.fastapi import Webhook
from machine import missing
from wire import exchange

RECORDINGS = sorted((Path(__file__).parents[2] / "core" / "recordings").glob("*.json"))
USER, PASSWORD = "p0123456789abcdef0123456789abcdef", "s0123456789abcdef0123456789abcdef"
CLIENT = "@bentonow/bento-node-sdk@2.0.0"

SCRIPT = """
import { Analytics } from "@bentonow/bento-node-sdk"
const [baseUrl, publishableKey, secretKey] = process.argv.slice(1)
const bento = new Analytics({
  authentication: { publishableKey, secretKey }, siteUuid: "1111", clientOptions: { baseUrl },
})
await bento.V1.Batch.importEvents({ events: [
  { type: "$purchase", email: "a@example.com", details: { unique: { key: 7 }, value: { amount: 1 } } },
  { type: "view", email: "b@example.com", date: new Date(0) },
] })
await bento.V1.Batch.importSubscribers({ subscribers: [{ email: "c@example.com", first_name: "Zoë" }] })
await bento.V1.Commands.addTag({ email: "d@example.com", tagName: "t" })
await bento.V1.Subscribers.createSubscriber({ email: "e@example.com" })
await bento.V1.Fields.createField({ key: "favorite_color" })
await bento.V1.track({ type: "$OrderShipped", email: "a@example.com", details: { unique: { key: 7 } } })
await bento.V1.trackPurchase({
  email: "a@example.com", purchaseDetails: { unique: { key: "7" }, value: { amount: 1 } },
})
"""


class Bento:
    """A stand-in for Bento's API that reads its requests with a receiver."""

    def __init__(self) -> None:
        self.events: list[hookseal.Event] = []
        self.app = fastapi.FastAPI()
        receiver = Webhook(hookseal.Receiver.bento(basic=(USER, PASSWORD)))

        @self.app.post("/{path:path}")
        def _(delivery: Annotated[hookseal.Delivery, fastapi.Depends(receiver)]) -> dict[str, Any]:
            assert delivery.malformed == ()
            self.events += delivery
            return {"results": len(delivery), "failed": 0, "data": {"id": "1", "type": "visitors", "attributes": {}}}

    def seen(self) -> list[tuple[str, str | None]]:
        return [(event.kind, event.subject.id) for event in self.events]


@pytest.fixture
def bento() -> Bento:
    return Bento()


@pytest.fixture
def port(bento: Bento) -> Iterator[int]:
    with servers.on_uvicorn(lambda: bento.app) as running:
        yield running.port


def test_the_requests_of_the_client_from_npm_arrive_as_events(bento: Bento, port: int, tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        missing("npm", "install Node 20.3 or later")
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", tmp_path, CLIENT], check=True
    )
    node = ["node", "--input-type=module", "--eval", SCRIPT, f"http://127.0.0.1:{port}/api/v1", USER, PASSWORD]
    subprocess.run(node, check=True, cwd=tmp_path)
    assert bento.seen() == [
        ("subscriber.purchased", "a@example.com"),
        ("subscriber.tracked", "b@example.com"),
        ("subscriber.updated", "c@example.com"),
        ("subscriber.commanded", "d@example.com"),
        ("subscriber.updated", "e@example.com"),
        ("workflow.other", None),
        ("subscriber.tracked", "a@example.com"),
        ("subscriber.purchased", "a@example.com"),
    ]
    purchase, *_, shipped, again = bento.events
    assert purchase.id == again.id, "the purchase of the same key and e-mail"
    assert purchase.id != shipped.id, "another event of the same order"
    assert {event.id_origin for event in bento.events} == {"derived"}


def test_recorded_requests_arrive_as_events(bento: Bento, port: int) -> None:
    for path in RECORDINGS:
        recording = json.loads(path.read_bytes())
        if recording["method"] != "POST":
            continue
        headers = [(name, value) for name, value in recording["headers"] if name.lower() not in HOP_BY_HOP]
        body = base64.b64decode(recording["body_base64"])
        assert exchange(port, "POST", recording["path"], headers, body).status == 200, recording["name"]
    assert len(bento.events) > 1_000


HOP_BY_HOP = {"host", "connection", "content-length", "transfer-encoding", "keep-alive"}
