"""The parts of a vector: a request, its outcome by the rules, and the arithmetic that both need.

A request is one of `Benji`, `Benti` and `Bento`. `refused`, `accepted` and `answered` complete it to a vector. MACs,
ids and replay keys are computed here, only with Python's hmac and hashlib. Kinds, names, subjects, times and positions
are stated by hand in the modules with the vectors.
"""

import base64
import hashlib
import hmac
import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta

NOW = "2026-03-04T05:06:10Z"  # the receiver's clock, unless a vector is about time
ABSENT = object()  # replaces a header's value if the header is not sent
FAULT = "‸"  # marks the byte after it as the place of the fault; the mark is not a part of the body
DAY_SECONDS = 86_400

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
    """The unix milliseconds of an RFC 3339 text."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return (datetime.fromisoformat(text) - epoch) // timedelta(milliseconds=1)


def rfc3339(millis):
    """The RFC 3339 text of unix milliseconds, in UTC, with milliseconds unless they are zero."""
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis)
    return time.isoformat(timespec="milliseconds" if millis % 1000 else "seconds").replace("+00:00", "Z")


def fingerprint(*parts, id_key=None):
    """The digest of derived ids and replay keys: 16 bytes in hex, of parts with their length before them.

    It is SHA-256, or HMAC-SHA256 if there is an `id_key`.
    """
    parts = [as_bytes(part) for part in ("hookseal/2", *parts)]
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    digest = hashlib.sha256(message).digest() if id_key is None else mac(id_key, message)
    return digest[:16].hex()


def mac(secret, message):
    """HMAC-SHA256."""
    return hmac.digest(as_bytes(secret), as_bytes(message), "sha256")


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def base64_text(data):
    return base64.b64encode(as_bytes(data)).decode("ascii")


def key(secret, **validity):
    """A key of the ring. A secret that is not UTF-8 text is given as bytes. `exact=True` marks an exact key."""
    name = "secret_base64" if isinstance(secret, bytes) else "secret"
    value = base64_text(secret) if isinstance(secret, bytes) else secret
    validity = {k: unix_millis(v) if k in ("not_before", "not_after") else v for k, v in validity.items()}
    return {name: value, **validity}


def with_fault(body):
    """The body without its mark, and the line and column (from 1, in bytes) of the byte after the mark."""
    body, mark = as_bytes(body), FAULT.encode()
    if mark not in body:
        return body, None
    before, _, after = body.partition(mark)
    assert mark not in after, "two marks in one body"
    return before + after, (before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1)


def event(kind, name, subject, raw=None, **fields):
    """The expectation for one event.

    `subject`, `parent` and `actor` are (entity, id) pairs. `raw` is the exact text of the event's JSON value, by
    default that of the body. `id` is the id from Benti's instance, and `unique_key` the text of Bento's
    `details.unique.key`. Without either the event's id is made of its bytes (for Benji of the signature and the time).
    `cloudevent=True` adds the event as a CloudEvent.
    """
    return {"kind": kind, "name": name, "subject": subject, "raw": raw, **fields}


class Request:
    """One request to a receiver of one vendor."""

    vendor = ""
    time_is_in_a_header = False

    def __init__(self, name, about, body, keys, headers, method="POST", now=NOW, more=(), options=None):
        self.name, self.about, self.method = f"{self.vendor}/{name}", about, method
        self.body, self.position = with_fault(body)
        self.keys, self.now, self.options = keys, unix_millis(now), options or {}
        self.headers = [list(field) for field in [*headers, *more] if field[1] is not ABSENT]

    def refused(self, code, path=None):
        """The vector with this rejection. The body of a malformed payload has the mark of its fault."""
        expect = {"outcome": "rejection", "code": code, "status": STATUS[code], "headers": self.refusal_headers(code)}
        assert (code == "malformed_payload") == (self.position is not None), f"{self.name}: mark and code"
        if self.position:
            expect["line"], expect["column"] = self.position
        if path is not None:
            expect["path"] = path
        return self._vector(expect)

    @classmethod
    def refusing(cls, topic):
        """A function that makes vectors of this topic whose body is refused at its mark."""
        def refused(case, about, body, path=None):
            return cls(f"{topic}/{case}", about, body).refused("malformed_payload", path)

        return refused

    def refusal_headers(self, code):
        return [["allow", "POST"]] if code == "method_not_allowed" else []

    def unbuilt(self):
        """The vector whose receiver cannot be built with these keys and options."""
        return self._vector({"outcome": "setup_error"})

    def delivered(self, events, malformed, key_id, assurance, time, total=None):
        """The vector with this delivery. An event without a text has the whole body as its text."""
        several = (total or len(events) + len(malformed)) > 1
        assurance = dict(zip(("body", "time", "name"), assurance, strict=True))
        expect = {"outcome": "delivery", "key_id": key_id, "assurance": assurance}
        expect |= {"time": time, "replay_key": self.replay_key(), "replay_retention_seconds": self.retention_seconds()}
        if total:
            expect["events_count"] = total
        expect["events"] = [self._event(each, place, several) for place, each in enumerate(events)]
        expect["malformed"] = [{"index": index, "path": path} for index, path in malformed]
        checksums = {"record_checksum": self.record_checksum(expect)}
        checksums["written_checksum"] = self.written_checksum(expect, events)
        return self._vector(expect | {name: value for name, value in checksums.items() if value is not None})

    def record_checksum(self, expect):
        """The checksum of the delivery's record, which covers all its members and the body.

        None if the record has ids of events that the vector does not state.
        """
        members = {"hookseal_record": 1, "vendor": self.vendor, "source": self.source, "received_at": rfc3339(self.now)}
        members |= {"key_id": expect["key_id"], "assurance": expect["assurance"]}
        if self.time_is_in_a_header and expect["time"] is not None:
            members["time"] = expect["time"]
            if expect["events"][0]["time_zone_assumed"]:
                members["time_zone_assumed"] = True
        made_of_the_body = not self.time_is_in_a_header and "id_key" not in self.options
        retention = expect["replay_retention_seconds"]
        if not (made_of_the_body and self.replay_policy == "default" and retention == self.default_retention_seconds()):
            members["key"] = None if self.replay_policy == "none" else [expect["replay_key"], retention]
        if not made_of_the_body:
            if "events_count" in expect:
                return None
            members["ids"] = [
                [None if event["id_origin"] == "vendor" else event["id"].partition("#")[0], event["replay_key"]]
                for event in expect["events"]
            ]
        options = {"max_events": 10_000, "max_depth": 127, "max_number_length": 1_000, "utc_offset_minutes": 0}
        members["reading"] = {name: self.options.get(name, default) for name, default in options.items()}
        head = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
        return fingerprint("record", self.vendor, self.source, head, self.body)

    def written_checksum(self, expect, events):
        """The first 16 bytes of SHA-256 of the events as `to_json` and `to_cloudevent` write them, each on its own line.

        None if the vector does not state all events.
        """
        if "events_count" in expect:
            return None
        lines = ""
        for full, stated in zip(expect["events"], events, strict=True):
            raw = self.text_of(stated)
            entity, action = full["kind"].split(".")
            head = {"id": full["id"], "id_origin": full["id_origin"], "index": full["index"], "vendor": self.vendor}
            head |= {"source": full["source"], "kind": full["kind"], "entity": entity, "action": action}
            head |= {name: full[name] for name in ("name", "subject", "actor", "parent", "time", "time_zone_assumed")}
            for members in (head | {"assurance": expect["assurance"]}, self._cloudevent(full, raw)):
                text = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
                lines += f'{text[:-1]},"data":{one_line(raw)}}}\n'
        return hashlib.sha256(lines.encode()).digest()[:16].hex()

    def text_of(self, stated):
        """The exact text of an event: the one that is stated, otherwise the whole body."""
        return stated["raw"] or self.body.decode().strip(" \t\r\n")

    @property
    def source(self):
        return self.options.get("source", f"urn:hookseal:{self.vendor}")

    @property
    def replay_policy(self):
        return self.options.get("replay_policy", "default")

    def digest(self, domain, *parts):
        return fingerprint(domain, self.vendor, self.source, *parts, id_key=self.options.get("id_key"))

    def replay_key(self):
        """The delivery's key with the receiver's policy."""
        return None if self.replay_policy == "none" else self.digest("delivery-key", *self.replay_parts())

    def replay_parts(self):
        return [self.body]

    def retention_seconds(self):
        """The retention of the keys in seconds. None means for ever, or that there is no key."""
        if self.replay_policy == "none":
            return None
        return self.options.get("replay_retention_seconds", self.default_retention_seconds())

    def identity(self, stated, raw, suffix):
        """An event's id as it is printed, and its origin."""
        if "id" in stated:
            return percent_encoded(stated["id"]) + suffix, "vendor"
        return self.digest("event-id", raw) + suffix, "derived"

    def event_key_parts(self, identifier, origin):
        return [origin, identifier]

    def _event(self, stated, place, several):
        index, raw = stated.get("index", place), self.text_of(stated)
        identifier, origin = self.identity(stated, raw, f"#{index}" if several else "")
        full = {"index": index, "kind": stated["kind"], "name": stated["name"], "id": identifier}
        full |= {"id_origin": origin, "replay_key": None, "source": self.source}
        if self.replay_policy != "none":
            full["replay_key"] = self.digest("event-key", *self.event_key_parts(identifier, origin))
        full |= {"subject": reference(stated["subject"]), "parent": reference(stated.get("parent"))}
        full |= {"actor": reference(stated.get("actor")), "time": stated.get("time")}
        full |= {"time_zone_assumed": stated.get("zone_assumed", False)}
        if len(raw) <= 1500:
            full["raw"] = raw
        if stated.get("cloudevent"):
            full["cloudevent"] = self._cloudevent(full, raw) | {"data": json.loads(raw)}
        return full

    def _cloudevent(self, full, raw):
        """The event as a CloudEvent without its data."""
        shown = {"specversion": "1.0", "id": full["id"], "source": full["source"]}
        shown["type"] = percent_encoded(self.type_prefix + full["name"])
        entity, identifier = full["subject"]["entity"], full["subject"]["id"]
        addressed = entity == "subscriber" and not named_by_uuid(full["kind"], raw)  # by e-mail, even without an `@`
        if identifier is not None and "@" not in identifier and not addressed:
            shown["subject"] = percent_encoded(f"{entity}/{identifier}")
        if full["time"] is not None:
            shown["time"] = full["time"]
        return shown | {
            "datacontenttype": "application/json", "hooksealkind": full["kind"], "batchindex": full["index"],
        }

    def _vector(self, expect):
        head = {"name": self.name, "about": self.about, "vendor": self.vendor, "keys": self.keys}
        head |= {"options": self.options} if self.options else {}
        request = {"method": self.method, "now": self.now, "headers": self.headers}
        return head | request | {"body_base64": base64_text(self.body), "expect": expect}


def named_by_uuid(kind, raw):
    """Whether a command names its subscriber by `uuid`, because it has no e-mail."""
    email = json.loads(raw).get("email") if kind == "subscriber.commanded" else ""
    return kind == "subscriber.commanded" and not (isinstance(email, str) and email)


def one_line(text):
    """The JSON text without the white space between its tokens."""
    return re.sub(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+', lambda found: found[1] or "", text)


def reference(pair):
    return None if pair is None else {"entity": pair[0], "id": pair[1]}


def percent_encoded(text):
    """The text with invisible characters, `%` and `#` as percent-encoded UTF-8, and everything else as it is."""
    def encoded(c):
        return "".join(f"%{byte:02X}" for byte in c.encode()) if is_encoded(c) else c

    return "".join(map(encoded, text))


def is_encoded(c):
    """Whether ids and a CloudEvent's attributes have this character percent-encoded."""
    noncharacter = ord(c) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(c) <= 0xFDEF
    return c in "%#" or c.isspace() or unicodedata.category(c) in ("Cc", "Cf") or noncharacter


class Benji(Request):
    """A request of Benji's older scheme: the body of the vendor's sample, signed in hex, with a date three seconds ago.
    """

    vendor, type_prefix = "benji", "com.withbenji."
    SALT = "salt-7f3c9b1e"
    SAMPLE = '{"event":"reward_transaction_updated","entity":3,"entity_id":243}'
    DATE = "Wed, 04 Mar 2026 05:06:07 GMT"
    TIME = "2026-03-04T05:06:07Z"
    time_is_in_a_header, time_is_signed = True, False

    def __init__(self, name, about, body=SAMPLE, salt=SALT, keys=None, signature=bytes.hex, date=DATE, **rest):
        self.message = self.signed_message(with_fault(body)[0])
        self.mac = mac(salt, self.message)
        value = signature(self.mac) if callable(signature) else signature
        sent = [("Content-Type", "application/json"), ("x-benji-signature", value), *self.date_headers(date)]
        super().__init__(name, about, body, keys or [key(salt)], sent, **rest)

    def signed_message(self, body):
        return body

    def date_headers(self, date):
        return [("x-webhook-datetime", date)]

    def accepted(self, kind="transaction.updated", name="reward_transaction_updated", subject=("transaction", "243"),
                 time=TIME, key_id="0", **shown):
        self.millis = None if time is None else unix_millis(time)
        how = "absent" if time is None else "signed" if self.time_is_signed else "unsigned"
        return self.delivered([event(kind, name, subject, time=time, **shown)], [], key_id, ("signed", how, "signed"),
                              time)

    @property
    def proof(self):
        """The part for ids and keys: the MAC, or with an `id_key` the signed message."""
        return self.message if "id_key" in self.options else self.mac

    def identity(self, stated, raw, suffix):
        return self.digest("event-id", self.proof, "" if self.millis is None else str(self.millis)), "derived"

    def replay_parts(self):
        if self.time_is_signed or self.replay_policy == "strict":
            return [self.proof]
        return [self.proof, "" if self.millis is None else str(self.millis // 1000)]

    def event_key_parts(self, identifier, origin):
        return [self.replay_key()]

    def default_retention_seconds(self):
        if self.replay_policy == "strict" and not self.time_is_signed:
            return None
        window = self.options.get("window", [300, 300])
        return DAY_SECONDS if window == "off" or self.millis is None else sum(window) + 1


class SignedTime(Benji):
    """A request of Benji's newer scheme: the date's header and the body are signed together, without a separator."""

    time_is_signed = True

    def __init__(self, name, about, body=Benji.SAMPLE, timestamp=Benji.DATE, **rest):
        self.timestamp = timestamp
        super().__init__(name, about, body, **{"date": ABSENT} | rest)

    def signed_message(self, body):
        return self.timestamp.strip(" \t").encode("latin-1", "replace") + body

    def date_headers(self, date):
        return [("x-benji-timestamp", self.timestamp), *super().date_headers(date)]


class Benti(Request):
    """A Benti request, with the secret itself in a header."""

    vendor, type_prefix = "benti", "io.inbenta.benti."
    SECRET = "yourOwnSecretCode"

    def __init__(self, name, about, body, signature=SECRET, keys=None, **rest):
        sent = [("Content-Type", "application/json"), ("X-Hook-Signature", signature)]
        super().__init__(name, about, body, keys or [key(self.SECRET)], sent, **rest)

    def refusal_headers(self, code):
        return [["allow", "GET, POST"]] if code == "method_not_allowed" else []

    def accepted(self, *events, malformed=(), key_id="0"):
        newest = max((e["time"] for e in events if e.get("time")), key=unix_millis, default=None)
        assurance = ("unsigned", "absent" if newest is None else "unsigned", "unsigned")
        return self.delivered(events, malformed, key_id, assurance, newest)

    def default_retention_seconds(self):
        return DAY_SECONDS


class Handshake(Benti):
    """The GET with which Benti checks a new webhook."""

    def __init__(self, name, about, challenge="c4f1e7d2", signature=Benti.SECRET, body="", more=(), **rest):
        more = [("X-Inbenta-Challenge", challenge), *more]
        super().__init__(f"handshake/{name}", about, body, signature, method="GET", more=more, **rest)

    def answered(self, challenge="c4f1e7d2"):
        echo = [["content-type", "text/plain"], ["x-inbenta-challenge", challenge],
                ["x-content-type-options", "nosniff"], ["cache-control", "no-store"]]
        return self._vector({"outcome": "handshake", "status": 200, "headers": echo, "body": challenge})


class Bento(Request):
    """A Bento request, by default with HTTP Basic."""

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
        return self.delivered(events, malformed, key_id, ("unsigned", "absent", "unsigned"), None, total)

    def identity(self, stated, raw, suffix):
        assert "id" not in stated, f"{self.name}: Bento gives no id; state the `unique_key`"
        if "unique_key" in stated:
            return self.digest("event-id", stated["name"], stated["unique_key"], stated["subject"][1]), "derived"
        if word := self.shape_word(stated):
            return self.digest("event-id", raw, word) + suffix, "derived"
        return super().identity(stated, raw, suffix)

    @staticmethod
    def shape_word(stated):
        """The word for the shape, if the bytes do not show it: `{}` can be a subscriber, an e-mail or a webhook."""
        entity, _, action = stated["kind"].partition(".")
        if entity == "subscriber" and stated["name"] in ("subscribers", "subscriber") and action == "updated":
            return stated["name"]
        words = {"email.requested": "emails", "subscriber.commanded": "command"}
        return "workflow" if entity == "workflow" else words.get(stated["kind"])

    def default_retention_seconds(self):
        return DAY_SECONDS if self.replay_policy == "strict" else 300


def basic(user, password):
    return "Basic " + base64_text(as_bytes(user) + b":" + as_bytes(password))


def listed(container, *elements):
    """A body that is an object with its elements in a list under one key."""
    return f'{{"{container}":[{",".join(elements)}]}}'
