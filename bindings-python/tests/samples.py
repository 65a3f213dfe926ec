"""Requests that the tests share."""

import json
from typing import Any

import hookseal
from hookseal import sign

SALT, SECRET, TOKEN = "salt-7f3c9b1e", "yourOwnSecretCode", "s3cr3t"
NOW = 1_772_600_767.0  # 2026-03-04T05:06:07Z
ENTITY_ID = "5f0c7a52-8d1e-4b7a-9a53-0a6d2f4c1e77"
BENJI_BODY = b'{"event":"reward_transaction_updated","entity_type":3,"entity_id":"%b"}' % ENTITY_ID.encode()
OTHER_BENJI_BODY = BENJI_BODY.replace(b"5f0c7a52", b"5f0c7a53")

# What the handlers of the inboxes' tests do.
INSERT = "INSERT INTO effects (event) VALUES ('{}')"

BENJI = hookseal.Receiver.benji(SALT)
BENTI = hookseal.Receiver.benti(SECRET)
BENTO = hookseal.Receiver.bento(bearer=TOKEN)


def benji_headers(body: bytes = BENJI_BODY) -> dict[str, str]:
    return sign.benji(SALT, body, NOW)


def benji(body: bytes = BENJI_BODY) -> hookseal.Delivery:
    return BENJI.receive(benji_headers(body), body, now=NOW)


def benji_body_only(body: bytes = BENJI_BODY, *, age: float = 0, **options: Any) -> hookseal.Delivery:
    headers = sign.benji_body_only(SALT, body, NOW - age)
    return hookseal.Receiver.benji(SALT, **options).receive(headers, body, now=NOW)


def benti(*elements: Any) -> hookseal.Delivery:
    received = BENTI.receive(sign.benti(SECRET), json.dumps(elements).encode(), now=NOW)
    assert isinstance(received, hookseal.Delivery)
    return received


def bento(body: bytes) -> hookseal.Delivery:
    return BENTO.receive(sign.bento_bearer(TOKEN), body, now=NOW)


def delivery(number: int = 1, **options: Any) -> hookseal.Delivery:
    """A delivery of its own for each number, with options of the receiver."""
    body = BENJI_BODY.replace(b"5f0c7a52", b"%08d" % number)
    return hookseal.Receiver.benji(SALT, **options).receive(benji_headers(body), body, now=NOW)
