"""Recorded requests of real Bento clients, from core/recordings/, with the expected outcome of each."""

import base64
import json
from pathlib import Path

from .vector import Bento, event, key

RECORDINGS = Path(__file__).resolve().parents[2] / "recordings"
CLIENTS = {
    "node0": "bento-node-sdk 0.2.1",
    "node2": "bento-node-sdk 2.0.0",
    "php": "Bento's PHP client",
    "stacksee": "@stacksee/analytics 0.14.5",
}
USER, PASSWORD = "p0123456789abcdef0123456789abcdef", "s0123456789abcdef0123456789abcdef"

TEST = "test@bentonow.com"
DATE = "2026-03-04T05:06:07.089Z"


def vectors():
    stated = expectations()
    for path in sorted(RECORDINGS.glob("*.json")):
        recording = json.loads(path.read_text())
        request, raws = replayed(recording), elements(recording)
        expected = stated.pop(recording["name"])
        if expected == "method_not_allowed":
            yield request.refused(expected)
            continue
        total, shown = expected if isinstance(expected[0], int) else (None, expected)
        for place, each in enumerate(shown):
            each["raw"] = raws[each.get("index", place)]
        assert len(raws) == (total or len(shown)), recording["name"]
        yield request.accepted(*shown, total=total)
    assert not stated, f"no recording of {list(stated)}"


def replayed(recording):
    """The recorded request, for a receiver that knows its credentials."""
    sender, call = recording["name"].split("_", 1)
    client = CLIENTS[sender]
    about = f"Recorded from {client} ({call}): {recording['method']} {recording['path'].partition('?')[0]}."
    request = Bento(f"captures/{recording['name']}", about, base64.b64decode(recording["body_base64"]),
                    {"basic": USER}, keys=[key(PASSWORD)], method=recording["method"])
    request.headers = recording["headers"]
    return request


def elements(recording):
    """The exact text of each element. These clients write their body without white space."""
    body = base64.b64decode(recording["body_base64"]).decode()
    container = next((name for name in ("events", "subscribers", "emails", "command",
                                        "subscriber") if body.startswith(f'{{"{name}":')), None)
    if container is None:
        return [body]
    read, place, found = json.JSONDecoder(), len(container) + 4, []
    listed = body[place] == "["
    while (listed and body[place] != "]") or not found:
        _, end = read.raw_decode(body, place + listed)
        found.append(body[place + listed:end])
        place = end
    return found


def tracked(name, kind="tracked", email=TEST, **fields):
    return event(f"subscriber.{kind}", name, ("subscriber", email), cloudevent=fields.pop("cloudevent", True), **fields)


def subscribed(email=TEST, **fields):
    return tracked("subscribers", "updated", email, **fields)


def commanded(name):
    return tracked(name, "commanded")


def created(email=TEST):
    """A subscriber that a client creates. It is read as an update, with the name of its container."""
    return tracked("subscriber", "updated", email)


def unnamed(subject=("workflow", None)):
    """A body without a container and without `event`. It is read as a workflow webhook without a name."""
    return event("workflow.other", "workflow", subject, cloudevent=True)


def mailed(email, **fields):
    return event("email.requested", "emails", ("subscriber", email), cloudevent=True, **fields)


def expectations():
    """The expectation for each recording: a refusal's code, the events, or their number and some of them."""
    bulk = [tracked("$custom.bulk", email=f"u{n}@example.com", index=n) for n in (0, 1, 499, 998, 999)]
    return {
        "node0_batch_emails": [mailed(TEST)],
        "node0_batch_subscribers": [subscribed()],
        "node0_cmd_add_tag": [commanded("add_tag")],
        "node0_create_field": [unnamed()],
        "node0_create_subscriber": [created()],
        "node0_track_purchase": [tracked("$purchase", "purchased", unique_key="1234", time=DATE)],
        "node2_add_subscriber": [tracked("$subscribe", "subscribed", time=DATE)],
        "node2_add_subscriber_nofields": [tracked("$subscribe", "subscribed")],
        "node2_batch_emails": [mailed(TEST)],
        "node2_batch_emails_100": (100, [mailed(f"u{n}@example.com", index=n) for n in (0, 60, 99)]),
        "node2_batch_emails_61": (61, [mailed(f"u{n}@example.com", index=n) for n in (0, 30, 60)]),
        "node2_batch_events": [
            tracked("$subscribe", "subscribed", "a@b.co"),
            tracked("$unsubscribe", "unsubscribed", "a@b.co", time=DATE),
            tracked("$tag", "tagged", "a@b.co"),
            tracked("$remove_tag", "untagged", "a@b.co"),
            tracked("$update_fields", "updated", "a@b.co"),
            tracked("$view", email="a@b.co"),
            tracked("$custom.x", email="a@b.co"),
        ],
        "node2_batch_events_1000": (1000, bulk),
        "node2_batch_order_events": [
            tracked("$purchase", "purchased", unique_key="1001"),
            tracked("$OrderPlaced", unique_key="1001"),
            tracked("$OrderShipped", unique_key="1001"),
            tracked("$purchase", "purchased", unique_key="1001"),
            tracked("$purchase", "purchased", "test2@bentonow.com", unique_key="1001"),
        ],
        "node2_batch_subscribers": [subscribed(), subscribed("test2@bentonow.com")],
        "node2_batch_subscribers_lists": [subscribed()],
        "node2_broadcast_emails": [mailed(TEST), mailed(None)],
        "node2_cmd_add_field": [commanded("add_field")],
        "node2_cmd_add_tag": [commanded("add_tag")],
        "node2_cmd_change_email": [commanded("change_email")],
        "node2_cmd_remove_field": [commanded("remove_field")],
        "node2_cmd_remove_tag": [commanded("remove_tag")],
        "node2_cmd_subscribe": [commanded("subscribe")],
        "node2_cmd_unsubscribe": [commanded("unsubscribe")],
        "node2_content_moderation": [unnamed()],
        "node2_create_broadcast": [unnamed()],
        "node2_create_broadcasts": [unnamed()],
        "node2_create_field": [unnamed()],
        "node2_create_sequence_email": [unnamed()],
        "node2_create_subscriber": [created()],
        "node2_create_subscriber_plus": [created("zoë+tag@example.com")],
        "node2_create_tag": [unnamed()],
        "node2_delete_tag": "method_not_allowed",
        "node2_get_subscriber": "method_not_allowed",
        "node2_guess_gender": [unnamed()],
        "node2_remove_subscriber": [tracked("$unsubscribe", "unsubscribed")],
        "node2_tag_subscriber": [tracked("$tag", "tagged", time=DATE)],
        "node2_tag_subscriber_nodate": [tracked("$tag", "tagged")],
        "node2_track_date_string": [tracked("$custom.event")],
        "node2_track_full": [tracked("$custom.event", email="jesse+tag@bentonow.com", time=DATE, cloudevent=False)],
        "node2_track_invalid_date": [tracked("$custom.event")],
        "node2_track_minimal": [tracked("$custom.event")],
        "node2_track_order_shipped": [tracked("$OrderShipped", unique_key="1234", time=DATE)],
        "node2_track_purchase": [tracked("$purchase", "purchased", unique_key="1234", time=DATE)],
        "node2_track_purchase_nodate": [tracked("$purchase", "purchased", unique_key="ord_77")],
        "node2_update_fields": [tracked("$update_fields", "updated")],
        "node2_update_template": "method_not_allowed",
        "node2_upsert_subscriber": [subscribed()],
        "node2_upsert_subscriber.2": "method_not_allowed",
        "node2_validate_email": [unnamed(("subscriber", TEST))],
        "php_batch_events": [
            tracked("$subscribe", "subscribed", "a@b.co"),
            tracked("$unsubscribe", "unsubscribed", "a@b.co", time="1970-01-01T00:00:00Z"),
            tracked("$tag", "tagged", "a@b.co"),
        ],
        "php_batch_subscribers": [subscribed(), subscribed("t2@bentonow.com")],
        "php_cmd_add_tag": [commanded("add_tag")],
        "php_tag_subscriber": [tracked("$tag", "tagged")],
        "php_track": [tracked("$custom.event", cloudevent=False)],
        "php_track_dated": [tracked("$custom.event")],
        "php_track_purchase": [tracked("$purchase", "purchased", unique_key="1234")],
        "stacksee_identify": [tracked("$subscribe", "subscribed")],
        "stacksee_page_view": [tracked("$view")],
        "stacksee_track": [tracked("$user signed up")],
    }
