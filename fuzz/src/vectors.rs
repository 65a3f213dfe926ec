//! Inputs as conformance vectors, with what Rust made of them as the expectation: for the other languages.

#[expect(dead_code, reason = "of the vectors only the requests are read here")]
#[path = "../../core/tests/vector/mod.rs"]
pub(crate) mod vector;

use base64::{Engine, engine::general_purpose::STANDARD};
use hookseal::{Delivery, Event, Received, ReplayKey, Subject};
use serde_json::{Map, Value, json};

use crate::{
    input::Fields,
    receive::{NOW_SECONDS, Outcome, SECRET},
};

pub(crate) fn vector(
    vendor: &str,
    options: Map<String, Value>,
    method: &str,
    fields: &Fields,
    body: &[u8],
    outcome: &Outcome<'_>,
) -> Value {
    let latin1 = |value: &[u8]| value.iter().copied().map(char::from).collect::<String>();
    json!({
        "vendor": vendor,
        "keys": [{"secret": SECRET}],
        "options": options,
        "method": method,
        "headers": fields.iter().map(|(name, value)| (name, latin1(value))).collect::<Vec<_>>(),
        "body_base64": STANDARD.encode(body),
        "now": NOW_SECONDS * 1000,
        "expect": expected(outcome),
    })
}

fn expected(outcome: &Outcome<'_>) -> Value {
    match outcome {
        Ok(Received::Delivery(delivery)) => delivery_of(delivery),
        Ok(Received::Handshake(reply)) => json!({
            "outcome": "handshake", "status": reply.status(), "headers": reply.headers(), "body": reply.body(),
        }),
        Err(rejection) => {
            let mut expected = json!({
                "outcome": "rejection",
                "code": rejection.code(),
                "status": rejection.status(),
                "headers": rejection.headers(),
            });
            if let Some(fault) = rejection.payload_fault() {
                expected["line"] = fault.line().into();
                expected["column"] = fault.column().into();
                expected["path"] = fault.path().to_string().into();
            }
            expected
        }
    }
}

fn delivery_of(delivery: &Delivery<&[u8]>) -> Value {
    let malformed = delivery.malformed().iter();
    json!({
        "outcome": "delivery",
        "key_id": delivery.key_id(),
        "assurance": delivery.assurance(),
        "time": delivery.time(),
        "replay_key": delivery.replay_key(),
        "replay_retention_seconds": delivery.replay_key().and_then(|key| ReplayKey::retention_seconds(&key)),
        "events": delivery.events().map(|event| event_of(&event)).collect::<Vec<_>>(),
        "malformed": malformed
            .map(|element| json!({"index": element.index(), "path": element.path().to_string()}))
            .collect::<Vec<_>>(),
    })
}

fn event_of(event: &Event<'_>) -> Value {
    let subject = |subject: Subject<'_>| json!({"entity": subject.entity, "id": subject.id});
    json!({
        "index": event.index(),
        "kind": event.kind(),
        "name": event.name(),
        "id": event.id(),
        "id_origin": event.id_origin(),
        "replay_key": event.replay_key(),
        "source": event.source(),
        "subject": subject(event.subject()),
        "parent": event.parent().map(subject),
        "actor": event.actor().map(subject),
        "time": event.time(),
        "time_zone_assumed": event.time_zone_assumed(),
        "raw": event.raw().as_str(),
        // As text: a value of `serde_json` would lose digits and halves of surrogate pairs.
        "cloudevent_text": event.to_cloudevent(),
    })
}
