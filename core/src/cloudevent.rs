//! An event in the JSON format of CloudEvents 1.0.

use alloc::{format, string::String};
use core::fmt;

use crate::{
    event::{Encoded, Event},
    kind::Entity,
    payload::Text,
};

impl Event<'_> {
    /// The event as a CloudEvent 1.0 in JSON, on one line. Its media type is `application/cloudevents+json`.
    ///
    /// `type` is the vendor's reversed domain and its name for the event (`com.withbenji.transaction_created`).
    /// `subject` is left out if it is an e-mail address, because context attributes are logged. The extensions
    /// `hooksealkind` and `batchindex` hold kind and index. `data` is the event as it was
    /// received, without white space between its tokens.
    ///
    /// ```
    /// # use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, sign};
    /// # let body = br#"{"event":"transaction_created","entity_id":"0f8fad5b"}"#;
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let headers = sign::benji(&Secret::new("salt")?, body, now);
    /// # let receiver = Receiver::benji(Keys::new("salt")?)?;
    /// # let Received::Delivery(delivery) = receiver.receive(Request::post(&headers, body), now)? else { panic!() };
    /// let cloudevent = delivery.get(0).unwrap().to_cloudevent();
    /// assert!(cloudevent.contains(r#""type":"com.withbenji.transaction_created","subject":"transaction/0f8fad5b""#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_cloudevent(&self) -> String {
        let mut json = String::with_capacity(self.raw().as_str().len() + 400);
        write(self, &mut json);
        json
    }
}

/// A JSON array of CloudEvents (the batch format).
pub(crate) fn batch<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut json = String::from("[");
    for event in events {
        if json.len() > 1 {
            json.push(',');
        }
        write(&event, &mut json);
    }
    json.push(']');
    json
}

fn write(event: &Event<'_>, json: &mut String) {
    json.push_str("{\"specversion\":\"1.0\"");
    attribute(json, "id", event.id());
    attribute(json, "source", event.source());
    attribute(json, "type", format!("{}.{}", event.vendor().type_prefix(), Encoded(event.name().chars())));
    if let Some(id) = event.subject().id.filter(|id| !is_address(event, *id)) {
        attribute(json, "subject", format!("{}/{}", event.subject().entity, Encoded(id.chars())));
    }
    if let Some(time) = event.time() {
        attribute(json, "time", time);
    }
    attribute(json, "datacontenttype", "application/json");
    attribute(json, "hooksealkind", event.kind());
    json.push_str(",\"batchindex\":");
    json.push_str(&format!("{}", event.index()));
    json.push_str(",\"data\":");
    event.raw().push_one_line(json);
    json.push('}');
}

/// Whether an id is, or may be, an e-mail address. A subscriber's id is one, unless a command names the subscriber by a
/// UUID.
fn is_address(event: &Event<'_>, id: Text<'_>) -> bool {
    let is_subscriber = event.subject().entity == Entity::Subscriber;
    id.chars().any(|character| character == '@') || (is_subscriber && !event.entry.is_named_by_uuid())
}

fn attribute(json: &mut String, name: &str, value: impl fmt::Display) {
    json.push_str(",\"");
    json.push_str(name);
    json.push_str("\":\"");
    for character in format!("{value}").chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control.is_control() => {
                let mut units = [0; 2];
                for unit in control.encode_utf16(&mut units) {
                    json.push_str(&format!("\\u{unit:04x}"));
                }
            }
            plain => json.push(plain),
        }
    }
    json.push('"');
}
