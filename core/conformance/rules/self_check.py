"""Checks that the vectors are consistent (format, names, coverage of the rules), and counts them."""

import base64
import json
import re
from collections import Counter

from .vector import STATUS, is_encoded

VECTOR = {"name", "about", "vendor", "keys", "method", "now", "headers", "body_base64", "expect"}
KEY = {"id", "secret", "secret_base64", "exact", "not_before", "not_after"}
OPTIONS = {"window", "max_body_bytes", "max_events", "max_depth", "max_number_length", "source", "replay_policy",
           "replay_retention_seconds", "id_key"}
VENDOR_OPTIONS = {
    "benji": {"signature_encoding", "allow_missing_date", "require_signed_time"},
    "benti": {"utc_offset_minutes", "allow_unsigned_handshake"},
    "bento": {"scheme", "require_event_or_email"},
}
EXPECT = {
    "delivery": {"outcome", "key_id", "assurance", "time", "replay_key", "replay_retention_seconds", "events",
                 "malformed"},
    "handshake": {"outcome", "status", "headers", "body"},
    "rejection": {"outcome", "code", "status", "headers"},
    "setup_error": {"outcome"},
}
OPTIONAL = {"delivery": {"events_count", "record_checksum", "written_checksum"}, "rejection": {"line", "column", "path"}}
EVENT = {"index", "kind", "name", "id", "id_origin", "replay_key", "source", "subject", "parent", "actor", "time",
         "time_zone_assumed"}
ASSURANCES = {
    "benji": {("signed", "signed", "signed"), ("signed", "unsigned", "signed"), ("signed", "absent", "signed")},
    "benti": {("unsigned", "unsigned", "unsigned"), ("unsigned", "absent", "unsigned")},
    "bento": {("unsigned", "absent", "unsigned")},
}
DIGEST = re.compile(r"[0-9a-f]{32}")
CLOUDEVENT = {"specversion", "id", "source", "type", "datacontenttype", "hooksealkind", "batchindex", "data"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(?!000)\d{3})?Z")

EVERY_VENDOR = {
    "method_not_allowed", "unsupported_content_encoding", "payload_too_large", "repeated_header", "missing_signature",
    "malformed_signature", "signature_mismatch", "malformed_payload", "setup_error",
}
CODES = {
    "benji": EVERY_VENDOR | {"missing_timestamp", "malformed_timestamp", "stale", "from_the_future"},
    "benti": EVERY_VENDOR | {"missing_timestamp", "stale", "from_the_future", "too_many_events", "missing_challenge",
                             "malformed_challenge"},
    "bento": EVERY_VENDOR | {"too_many_events"},
}
ITEMS = ("alert", "ticket", "reply", "user", "media", "classification", "queue")
KINDS = {
    "benji": {"user.connected", "campaign.updated", "campaign.activated", "campaign.ended", "transaction.created",
              "transaction.authenticated", "transaction.updated", "user.other", "campaign.other", "transaction.other",
              "other.other"},
    "benti": {f"{item}.{verb}" for item in (*ITEMS, "other") for verb in ("created", "updated", "removed")}
    | {f"{item}.other" for item in (*ITEMS, "other")}
    | {"ticket.answered", "ticket.replied", "ticket.closed", "ticket.classified", "ticket.moved"},
    "bento": {"subscriber.purchased", "subscriber.subscribed", "subscriber.unsubscribed", "subscriber.tagged",
              "subscriber.untagged", "subscriber.updated", "subscriber.tracked", "subscriber.commanded",
              "email.requested", "workflow.reached", "workflow.other"},
}
ONCE = {("benti", "queue.other"), ("benti", "other.updated"), ("benti", "other.removed")}  # in no row of the tables
LEAST_VECTORS, LEAST_REFUSALS, MOST_BYTES = 2_000, 850, 3_400_000


def problems(vectors):
    """All problems of these vectors, as lines of text."""
    found = [f"{vector['name']}: {problem}" for vector in vectors for problem in of_one(vector)]
    names = Counter(vector["name"] for vector in vectors)
    found += [f"{name}: {times} vectors of this name" for name, times in names.items() if times > 1]
    first = {}
    for vector in vectors:
        if "/captures/" in vector["name"]:
            continue  # two recordings differ only in the path, which is not read
        request = json.dumps({k: v for k, v in vector.items() if k not in ("name", "about", "expect")})
        if first.setdefault(request, vector["name"]) != vector["name"]:
            found.append(f"{vector['name']}: the same request as {first[request]}")
    return [*found, *sharing(vectors), *coverage(vectors)]


def of_one(vector):
    vendor, expect = vector["vendor"], vector["expect"]
    if vector.keys() - {"options"} != VECTOR:
        yield "keys of the vector"
    if not re.fullmatch(vendor + r"/[a-z0-9_]+/[a-z0-9_.]+", vector["name"]):
        yield "name"
    if not (vector["about"].endswith(".") and re.match("[A-Z0-9`]", vector["about"])):
        yield "about is no sentence"
    if not vector.get("options", {}).keys() <= OPTIONS | VENDOR_OPTIONS[vendor]:
        yield "unknown option"
    if vendor == "bento" and "scheme" not in vector.get("options", {}):
        yield "no scheme"
    if not all(key.keys() <= KEY and ("secret" in key) != ("secret_base64" in key) for key in vector["keys"]):
        yield "keys of the ring"
    if not 1 <= len(vector["keys"]) <= 16:
        yield "size of the ring"
    if vector.get("options", {}).get("replay_policy", "default") not in ("default", "strict", "none"):
        yield "unknown replay policy"
    if vector["now"] <= 10**11:
        yield "now looks like seconds"
    yield from of_expectation(expect, vector)


def of_expectation(expect, vector):
    outcome = expect["outcome"]
    if not EXPECT[outcome] <= expect.keys() <= EXPECT[outcome] | OPTIONAL.get(outcome, set()):
        yield "keys of the expectation"
    if outcome == "rejection":
        if expect["code"] not in CODES[vector["vendor"]] or expect["status"] != STATUS[expect["code"]]:
            yield "code and status"
        if (expect["code"] == "malformed_payload") != ("line" in expect and "column" in expect):
            yield "position"
    if outcome == "delivery":
        places = [each["index"] for each in expect["events"] + expect["malformed"]]
        if len(set(places)) != len(places) or ("events_count" not in expect and max(places, default=-1) >= len(places)):
            yield "indices"
        if tuple(expect["assurance"].items()) not in [
                tuple(zip(("body", "time", "name"), words, strict=True)) for words in ASSURANCES[vector["vendor"]]]:
            yield "assurance"
        yield from of_replay_keys(expect, vector.get("options", {}))
        body = base64.b64decode(vector["body_base64"])
        for each in expect["events"]:
            yield from of_event(each, body, vector["vendor"])


def of_replay_keys(expect, options):
    keys = [expect["replay_key"], *(event["replay_key"] for event in expect["events"])]
    kept, none = expect["replay_retention_seconds"], options.get("replay_policy") == "none"
    if none and any(key is not None for key in [*keys, kept]):
        yield "a replay key without a policy"
    if not none and not all(DIGEST.fullmatch(key) for key in keys):
        yield "replay key"
    if kept is not None and not 1 <= kept < 2**32:
        yield "retention"
    endless = expect["assurance"]["time"] != "signed" and expect["assurance"]["body"] == "signed" \
        and options.get("replay_policy") == "strict" and "replay_retention_seconds" not in options
    if not none and (kept is None) != endless:
        yield "without end"


def of_event(event, body, vendor):
    if event.keys() - {"raw", "cloudevent"} != EVENT:
        yield "keys of an event"
    if event["kind"] not in KINDS[vendor]:
        yield f"unknown kind {event['kind']}"
    if event["time"] is not None and not TIME.fullmatch(event["time"]):
        yield "time"
    if any(is_encoded(c) for c in re.sub("%[0-9A-F]{2}|#[0-9]+$", "", event["id"])):
        yield "a character that an id carries encoded"
    if event["id_origin"] == "derived" and not DIGEST.fullmatch(event["id"].partition("#")[0]):
        yield "derived id"
    if (event["id_origin"] == "vendor") > (vendor == "benti"):
        yield "origin of an id"
    if "raw" in event and event["raw"].encode() not in body:
        yield "raw is not in the body"
    if cloudevent := event.get("cloudevent"):
        if not CLOUDEVENT <= cloudevent.keys() <= CLOUDEVENT | {"subject", "time"}:
            yield "keys of a CloudEvent"
        for attribute in ("type", "subject"):
            if any(is_encoded(c) for c in re.sub("%[0-9A-F]{2}", "", cloudevent.get(attribute, ""))):
                yield f"{attribute} of a CloudEvent"
        if any(abs(number) >= 2**53 for number in numbers(cloudevent["data"]) if isinstance(number, int)):
            yield "an integer in data that not every language holds"


def sharing(vectors):
    """Checks that different events never share source and id, or a replay key, and that equal requests repeat both.

    Two events are equal if their senders sent the same element and it is read in the same way. There are exceptions:
    - two Bento events are one event if type, unique key and e-mail are the same, because their sender says so;
    - Benti's instance sends ids, and most elements in the vectors have the same one; in a delivery no two may be the
      same;
    - a replay key of Benji's older scheme has no milliseconds, and with `strict` no time at all.
    In the three languages events compare and hash by source and id.
    """
    ids, keys, digests, redelivered = {}, {}, {}, {}
    for vector in vectors:
        expect, options = vector["expect"], vector.get("options", {})
        if expect["outcome"] != "delivery":
            continue
        source = options.get("source", f"urn:hookseal:{vector['vendor']}")
        second = time_in_key(vector, expect["time"]) if vector["vendor"] == "benji" else None
        delivery = (vector["vendor"], source, vector["body_base64"], second)
        named = [("delivery", expect["replay_key"], delivery)]
        given = Counter()
        for event in expect["events"]:
            what = meaning(vector, event)
            if not alike(ids.setdefault((event["source"], event["id"]), what), what):
                yield f"{vector['name']}: another event has this source and id"
            given[event["id"], agreed(event) or event["index"]] += 1
            kept = (*what[:-2], time_in_key(vector, event["time"]), what[-1])
            named.append(("event", event["replay_key"], kept))
            digests[event["id"].partition("#")[0]] = vector["name"]
        if len({identifier for identifier, _ in given}) != len(given):
            yield f"{vector['name']}: two events of one delivery share an id"
        for kind, key, what in named:
            first_kind, first = keys.setdefault(key, (kind, what))
            if key is not None and not (kind == first_kind and (alike if kind == "event" else equal)(first, what)):
                yield f"{vector['name']}: another {first_kind} has this replay key"
        if vector["vendor"] != "benji" and options.get("replay_policy") != "none" and "events_count" not in expect:
            made = [(event["id"], event["replay_key"]) for event in expect["events"]]
            request = (*delivery[:3], options.get("id_key"))
            if redelivered.setdefault(request, made) != made:
                yield f"{vector['name']}: the same delivery has other ids or keys elsewhere"
    for digest in digests.keys() & keys.keys():
        yield f"{digests[digest]}: an id is a replay key as well"


def equal(one, other):
    return one == other


def alike(one, other):
    """Whether two events may share an id. Each has its vendor, reading, origin, agreed fields and bytes."""
    vendor, _, origin, agreed_on, _, _ = one
    if one[:2] == other[:2] and one[4:] == other[4:]:
        return True
    if vendor != other[0] or origin != other[2]:
        return False
    if vendor == "bento":
        return agreed_on is not None and agreed_on == other[3]
    return vendor == "benti" and origin == "vendor"


def meaning(vector, event):
    reading = [event[part] for part in ("kind", "name", "subject", "parent", "actor")]
    raw = event.get("raw", (vector["body_base64"], event["index"]))
    return vector["vendor"], json.dumps(reading), event["id_origin"], agreed(event), event["time"], raw


def agreed(event):
    """The type, unique key and e-mail by which a Bento sender says that two events are one."""
    if not event["kind"].startswith("subscriber.") or "raw" not in event:
        return None
    value = json.loads(event["raw"], parse_int=str, parse_float=str)
    for name in ("details", "unique", "key"):
        value = value.get(name) if isinstance(value, dict) else None
    known = event["name"] not in ("subscribers", "subscriber") and event["kind"] != "subscriber.commanded"
    return (event["name"], value, event["subject"]["id"]) if known and value and isinstance(value, str) else None


def time_in_key(vector, time):
    """The part of the time in a replay key: in Benji's older scheme the second, or nothing."""
    if vector["vendor"] != "benji" or time is None or vector["expect"]["assurance"]["time"] == "signed":
        return time
    return None if vector.get("options", {}).get("replay_policy") == "strict" else re.sub(r"\.\d+", "", time)


def numbers(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [n for each in inner for n in numbers(each)] + ([value] if isinstance(value, int | float) else [])


def coverage(vectors):
    codes, kinds = counted(vectors)
    for counts, expected in ((codes, CODES), (kinds, KINDS)):
        for vendor, word in ((vendor, word) for vendor, words in expected.items() for word in sorted(words)):
            if counts[vendor, word] < (1 if (vendor, word) in ONCE else 2):
                yield f"{vendor}: {word} {counts[vendor, word]} times"
    refusals = sum(vector["expect"]["outcome"] == "rejection" for vector in vectors)
    if len(vectors) < LEAST_VECTORS or refusals < LEAST_REFUSALS:
        yield f"only {len(vectors)} vectors and {refusals} refusals"
    if (size := sum(len(json.dumps(vector)) for vector in vectors)) > MOST_BYTES:
        yield f"{size} bytes of vectors"


def counted(vectors):
    codes, kinds = Counter(), Counter()
    for vector in vectors:
        expect = vector["expect"]
        codes[vector["vendor"], expect.get("code", expect["outcome"])] += 1
        for kind in {event["kind"] for event in expect.get("events", ())}:
            kinds[vector["vendor"], kind] += 1
    return codes, kinds


def table(vectors):
    """The numbers of vectors by vendor, by outcome and by kind."""
    codes, kinds = counted(vectors)
    vendors = tuple(CODES)
    refused = {vendor: sum(n for (v, code), n in codes.items() if v == vendor and code in STATUS) for vendor in vendors}
    total = {vendor: sum(n for (v, _), n in codes.items() if v == vendor) for vendor in vendors}
    rows = [("", *vendors, "all"), ("vectors", *total.values(), sum(total.values()))]
    rows += [("refusals", *refused.values(), sum(refused.values())), ()]
    for name in ("delivery", "handshake", "setup_error", *STATUS):
        rows.append((name, *(codes[vendor, name] for vendor in vendors),
                     sum(codes[vendor, name] for vendor in vendors)))
    rows.append(())
    for kind in sorted({kind for _, kind in kinds}):
        rows.append((kind, *(kinds[vendor, kind] for vendor in vendors),
                     sum(kinds[vendor, kind] for vendor in vendors)))
    return "\n".join(f"{row[0]:30}" + "".join(f"{cell or '':>8}" for cell in row[1:]) if row else "" for row in rows)
