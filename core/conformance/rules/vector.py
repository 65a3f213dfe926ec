"""What a vector is made of: a request, the answer that the rules give it, and the arithmetic both need.

A request is one of `Benji`, `Benti` and `Bento`; `refused`, `accepted` and `answered` complete it to a
vector. MACs, ids and replay keys are computed here with Python's hmac and hashlib alone; kinds, names,
subjects, times and positions are stated by hand, in the modules that hold the vectors.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone

NOW = "2026-03-04T05:06:10Z"  # the receiver's clock, unless a vector is about time
ABSENT = object()  # in place of a header's value: the header is not sent
FAULT = "‸"  # in a body: stands before the byte that line and column name; it is no part of the body

STATUS = {
    "method_not_allowed": 405,
    "unsupported_content_encoding": 415,
    "payload_too_large": 413,
    "repeated_header": 400,
    "missing_signature": 401,
    "malformed_signature": 401,
    "signature_mismatch": 401,
    "missing_timestamp": 400,
    "malformed_timestamp": 400,
    "stale": 400,
    "from_the_future": 400,
    "malformed_payload": 400,
    "too_many_events": 413,
    "missing_challenge": 400,
    "malformed_challenge": 400,
}


def unix_millis(text):
    """Unix milliseconds of an RFC 3339 text."""
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (datetime.fromisoformat(text) - epoch) // timedelta(milliseconds=1)


def fingerprint(*parts):
    """The digest behind derived ids and replay keys: 16 bytes of SHA-256 over length-prefixed parts, in hex."""
    digest = hashlib.sha256()
    for part in ("hookseal/1", *parts):
        part = part if isinstance(part, bytes) else part.encode()
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:32]


def mac(secret, message):
    """HMAC-SHA256."""
    return hmac.digest(as_bytes(secret), as_bytes(message), "sha256")


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def base64_text(data):
    return base64.b64encode(as_bytes(data)).decode("ascii")


def key(secret, **validity):
    """A key of the ring; a secret that is no UTF-8 text is given as bytes."""
    name = "secret_base64" if isinstance(secret, bytes) else "secret"
    value = base64_text(secret) if isinstance(secret, bytes) else secret
    validity = {k: unix_millis(v) if k in ("not_before", "not_after") else v for k, v in validity.items()}
    return {name: value, **validity}


def with_fault(body):
    """The body without its mark, and the line and column (from 1, in bytes) of the byte that followed it."""
    body, mark = as_bytes(body), FAULT.encode()
    if mark not in body:
        return body, None
    before, _, after = body.partition(mark)
    assert mark not in after, "two marks in one body"
    return before + after, (before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1)


def event(kind, name, subject, raw=None, **fields):
    """What is expected of one event.

    `subject`, `parent` and `actor` are (entity, id) pairs, `raw` the exact text of the event's JSON value
    (Benji and a workflow webhook: the body's). Without an `id` the event's id is a derived one.
    `cloudevent=True` shows the event as a CloudEvent too.
    """
    return {"kind": kind, "name": name, "subject": subject, "raw": raw, **fields}


class Request:
    """One request to a receiver of one vendor."""

    vendor = ""

    def __init__(self, name, about, body, keys, headers, method="POST", now=NOW, more=(), options=None):
        self.name, self.about, self.method = f"{self.vendor}/{name}", about, method
        self.body, self.position = with_fault(body)
        self.keys, self.now, self.options = keys, unix_millis(now), options or {}
        self.headers = [list(field) for field in [*headers, *more] if field[1] is not ABSENT]

    def refused(self, code, path=None):
        """The rejection; a malformed payload's body carries the mark of its fault."""
        expect = {"outcome": "rejection", "code": code, "status": STATUS[code], "headers": self.refusal_headers(code)}
        assert (code == "malformed_payload") == (self.position is not None), f"{self.name}: mark and code"
        if self.position:
            expect["line"], expect["column"] = self.position
        if path is not None:
            expect["path"] = path
        return self._vector(expect)

    def refusal_headers(self, code):
        return [["allow", "POST"]] if code == "method_not_allowed" else []

    def delivered(self, events, malformed, key_id, assurance, time, total, replay_key, strict, raw):
        """The delivery; `raw` is the text of events that state none."""
        several = (total or len(events) + len(malformed)) > 1
        expect = {"outcome": "delivery", "key_id": key_id, "assurance": dict(zip(("body", "time"), assurance))}
        expect |= {"time": time, "replay_key": replay_key, "replay_key_strict": strict}
        if total:
            expect["events_count"] = total
        expect["events"] = [self._event(each, place, several, raw) for place, each in enumerate(events)]
        expect["malformed"] = [{"index": index, "path": path} for index, path in malformed]
        return self._vector(expect)

    def _event(self, stated, place, several, raw):
        index, raw = stated.get("index", place), stated["raw"] or raw
        suffix = f"#{index}" if several else ""
        if "id" not in stated:
            identifier, origin = self.derived_id(raw) + suffix, "derived"
        else:
            identifier, origin = stated["id"] + (suffix if stated.get("numbered", False) else ""), "vendor"
        source = self.options.get("source", f"urn:hookseal:{self.vendor}")
        full = {"index": index, "kind": stated["kind"], "name": stated["name"], "id": identifier}
        full |= {"id_origin": origin, "source": source, "subject": reference(stated["subject"])}
        full |= {"parent": reference(stated.get("parent")), "actor": reference(stated.get("actor"))}
        full |= {"time": stated.get("time"), "time_zone_assumed": stated.get("zone_assumed", False)}
        if len(raw) <= 1500:
            full["raw"] = raw
        if stated.get("cloudevent"):
            full["cloudevent"] = self._cloudevent(full, raw)
        return full

    def _cloudevent(self, full, raw):
        shown = {"specversion": "1.0", "id": full["id"], "source": full["source"]}
        shown["type"] = percent_encoded(self.type_prefix + full["name"])
        entity, identifier = full["subject"]["entity"], full["subject"]["id"]
        if identifier is not None and "@" not in identifier and entity != "subscriber":
            shown["subject"] = percent_encoded(f"{entity}/{identifier}")
        if full["time"] is not None:
            shown["time"] = full["time"]
        shown |= {"datacontenttype": "application/json", "hooksealkind": full["kind"], "batchindex": full["index"]}
        return shown | {"data": json.loads(raw)}

    def derived_id(self, raw):
        return fingerprint(self.vendor, raw)

    def _vector(self, expect):
        head = {"name": self.name, "about": self.about, "vendor": self.vendor, "keys": self.keys}
        head |= {"options": self.options} if self.options else {}
        request = {"method": self.method, "now": self.now, "headers": self.headers}
        return head | request | {"body_base64": base64_text(self.body), "expect": expect}


def reference(pair):
    return None if pair is None else {"entity": pair[0], "id": pair[1]}


def percent_encoded(text):
    """Control characters and white space as percent-encoded UTF-8; everything else as it is."""
    def encoded(c):
        control = c < " " or "\x7f" <= c <= "\x9f"
        return "".join(f"%{byte:02X}" for byte in c.encode()) if control or c.isspace() else c

    return "".join(map(encoded, text))


class Benji(Request):
    """A request of Benji: the body of the vendor's sample, signed in hex, dated three seconds ago."""

    vendor, type_prefix = "benji", "com.withbenji."
    SALT = "salt-7f3c9b1e"
    SAMPLE = '{"event":"reward_transaction_updated","entity":3,"entity_id":243}'
    DATE = "Wed, 04 Mar 2026 05:06:07 GMT"
    TIME = "2026-03-04T05:06:07Z"

    def __init__(self, name, about, body=SAMPLE, salt=SALT, keys=None, signature=bytes.hex, date=DATE, **rest):
        self.mac = mac(salt, with_fault(body)[0])
        value = signature(self.mac) if callable(signature) else signature
        signed = [("Content-Type", "application/json"), ("x-benji-signature", value), ("x-webhook-datetime", date)]
        super().__init__(name, about, body, keys or [key(salt)], signed, **rest)

    def accepted(self, kind="transaction.updated", name="reward_transaction_updated", subject=("transaction", "243"),
                 time=TIME, key_id="0", cloudevent=False):
        self.date = "" if time is None else str(unix_millis(time))
        stated = event(kind, name, subject, self.body.decode().strip(" \t\r\n"), time=time, cloudevent=cloudevent)
        assurance = ("signed", "absent" if time is None else "unsigned")
        keys = fingerprint("benji", self.mac, self.date), fingerprint("benji", self.mac)
        return self.delivered([stated], [], key_id, assurance, time, None, *keys, None)

    def derived_id(self, raw):
        return fingerprint("benji", self.mac, self.date)


class Benti(Request):
    """A request of Benti: the secret as it is, in a header."""

    vendor, type_prefix = "benti", "io.inbenta.benti."
    SECRET = "yourOwnSecretCode"

    def __init__(self, name, about, body, signature=SECRET, keys=None, **rest):
        sent = [("Content-Type", "application/json"), ("X-Hook-Signature", signature)]
        super().__init__(name, about, body, keys or [key(self.SECRET)], sent, **rest)

    def refusal_headers(self, code):
        return [["allow", "GET, POST"]] if code == "method_not_allowed" else []

    def accepted(self, *events, malformed=(), key_id="0"):
        for each in events:
            each.setdefault("numbered", True)  # the vendor numbers requests, so its id is not the event's alone
        newest = max((e["time"] for e in events if e.get("time")), key=unix_millis, default=None)
        assurance = ("unsigned", "absent" if newest is None else "unsigned")
        replay_key = fingerprint("benti", self.body)
        body = self.body.decode().strip(" \t\r\n")
        return self.delivered(events, malformed, key_id, assurance, newest, None, replay_key, replay_key, body)


class Handshake(Benti):
    """The GET that Benti sends when a webhook is created."""

    def __init__(self, name, about, challenge="c4f1e7d2", signature=Benti.SECRET, body="", more=(), **rest):
        more = [("X-Inbenta-Challenge", challenge), *more]
        super().__init__(f"handshake/{name}", about, body, signature, method="GET", more=more, **rest)

    def answered(self, challenge="c4f1e7d2"):
        echo = [["content-type", "text/plain"], ["x-inbenta-challenge", challenge]]
        return self._vector({"outcome": "handshake", "status": 200, "headers": echo, "body": challenge})


class Bento(Request):
    """A request with Bento's body; by default with HTTP Basic."""

    vendor, type_prefix = "bento", "com.bentonow."
    USER, PASSWORD = "publishable", "s3cr3t"
    BASIC, BEARER, HEADER = {"basic": USER}, {"bearer": True}, {"header": "X-Relay-Secret"}
    CHALLENGES = {"basic": 'Basic realm="webhook", charset="UTF-8"', "bearer": "Bearer"}

    def __init__(self, name, about, body, scheme=BASIC, credentials=None, keys=None, options=None, **rest):
        self.scheme = next(iter(scheme))
        field = scheme["header"] if self.scheme == "header" else "Authorization"
        right = {"basic": basic(self.USER, self.PASSWORD), "bearer": f"Bearer {self.PASSWORD}"}
        value = right.get(self.scheme, self.PASSWORD) if credentials is None else credentials
        sent = [("Content-Type", "application/json"), (field, value)]
        options = {"scheme": scheme} | (options or {})
        super().__init__(name, about, body, keys or [key(self.PASSWORD)], sent, options=options, **rest)

    def refusal_headers(self, code):
        if STATUS[code] == 401 and self.scheme in self.CHALLENGES:
            return [["www-authenticate", self.CHALLENGES[self.scheme]]]
        return super().refusal_headers(code)

    def accepted(self, *events, malformed=(), key_id="0", total=None):
        replay_key = fingerprint("bento", self.body)
        body = self.body.decode().strip(" \t\r\n")
        assurance = ("unsigned", "absent")
        return self.delivered(events, malformed, key_id, assurance, None, total, replay_key, replay_key, body)


def basic(user, password):
    return "Basic " + base64_text(as_bytes(user) + b":" + as_bytes(password))


def listed(container, *elements):
    """A body with its elements in a list under one key."""
    return f'{{"{container}":[{",".join(elements)}]}}'
