//! Checks that every event survives the conversion to JSON, its own and that of CloudEvents, and back.

use hookseal::{
    Delivery, Event, IdOrigin, Keys, Kind, Received, Receiver, Request, Secret, Timestamp, Vendor,
    bento::Credentials, sign,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    input::Input,
    names::encoded,
    oracle::{Json, without_white_space},
    receive::{SECRET, now},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CloudEvent<'a> {
    specversion: String,
    id: String,
    source: String,
    r#type: String,
    subject: Option<String>,
    time: Option<String>,
    datacontenttype: String,
    hooksealkind: String,
    batchindex: usize,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// An event as it writes itself. `CloudEvent` has what both forms share.
#[derive(Deserialize)]
struct Written<'a> {
    id: String,
    source: String,
    kind: String,
    index: usize,
    name: String,
    time: Option<Timestamp>,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// The input: the vendor, and a body.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let vendor = [Vendor::Benji, Vendor::Benti, Vendor::Bento][usize::from(input.byte() % 3)];
    let body = input.rest();
    let Some(delivery) = received(vendor, body) else { return };
    let batch = delivery.to_cloudevents();
    let batch: Vec<CloudEvent<'_>> = serde_json::from_str(&batch).expect("a list of CloudEvents");
    assert_eq!(batch.len(), delivery.len());
    for (event, in_batch) in delivery.events().zip(&batch) {
        let text = event.to_cloudevent();
        let cloudevent: CloudEvent<'_> = serde_json::from_str(&text).expect("a CloudEvent");
        check_attributes(&cloudevent, &event);
        assert_eq!((&cloudevent.id, cloudevent.data.get()), (&in_batch.id, in_batch.data.get()));
        check_written(&event, cloudevent.data.get());
        check_back(&event, cloudevent.data.get());
    }
}

fn received(vendor: Vendor, body: &[u8]) -> Option<Delivery<&[u8]>> {
    let (keys, secret) = (Keys::new(SECRET).unwrap(), Secret::new(SECRET).unwrap());
    let (receiver, headers) = match vendor {
        Vendor::Benji => (Receiver::benji(keys).unwrap(), sign::benji(&secret, body, now())),
        Vendor::Benti => (Receiver::benti(keys).unwrap(), sign::benti(&secret)),
        Vendor::Bento => {
            (Receiver::bento(Credentials::Bearer { keys }).unwrap(), sign::bento_bearer(&secret))
        }
        other => panic!("there is no receiver for {other}"),
    };
    match receiver.receive(Request::post(&headers, body), now()) {
        Ok(Received::Delivery(delivery)) => Some(delivery),
        Ok(Received::Handshake(_)) => panic!("a POST is no handshake"),
        Err(rejection) => {
            assert!(
                ["malformed_payload", "payload_too_large", "too_many_events"].contains(&rejection.code())
            );
            None
        }
    }
}

fn check_attributes(cloudevent: &CloudEvent<'_>, event: &Event<'_>) {
    let prefix = match event.vendor() {
        Vendor::Benji => "com.withbenji",
        Vendor::Benti => "io.inbenta.benti",
        Vendor::Bento => "com.bentonow",
        other => panic!("there is no prefix for {other}"),
    };
    let name = event.name().to_string();
    assert_eq!(cloudevent.specversion, "1.0");
    assert_eq!(cloudevent.datacontenttype, "application/json");
    assert_eq!(cloudevent.id, event.id().to_string());
    assert_eq!(cloudevent.source, event.source());
    assert_eq!(cloudevent.r#type, format!("{prefix}.{}", encoded(&name)));
    assert_eq!(cloudevent.hooksealkind, event.kind().to_string());
    assert_eq!(cloudevent.batchindex, event.index());
    assert_eq!(cloudevent.data.get(), without_white_space(event.raw().as_str()));
    let time =
        cloudevent.time.as_ref().map(|time| hookseal::freshness::rfc3339::parse(time.as_bytes()).unwrap().0);
    assert_eq!(time, event.time());
    let subject = event.subject();
    let id = subject.id.map(|id| id.to_string());
    // A subscriber's id is an e-mail address, except in a command that names a UUID.
    let has_email =
        || matches!(event.data().get("email"), Some(hookseal::Data::Text(email)) if !email.is_empty());
    let is_uuid = event.action().as_str() == "commanded" && !has_email();
    let may_be_shown = subject.entity.as_str() != "subscriber" || is_uuid;
    let shown = id.filter(|id| may_be_shown && !id.contains('@'));
    assert_eq!(cloudevent.subject, shown.map(|id| format!("{}/{}", subject.entity, encoded(&id))));
    // Attributes hold no control characters (CloudEvents 1.0, type system), and no characters that are invisible in a
    // log.
    for attribute in [Some(&cloudevent.id), Some(&cloudevent.r#type), cloudevent.subject.as_ref()] {
        let attribute = attribute.map_or("", String::as_str);
        assert_eq!(encoded(&attribute.replace(['%', '#'], "")), attribute.replace(['%', '#'], ""));
    }
}

/// Checks that an event is one line of JSON with the event's facts and with this data.
fn check_written(event: &Event<'_>, data: &str) {
    let json = event.to_json();
    assert!(!json.contains(['\n', '\r', '\t']), "an event is one line");
    let written: Written<'_> = serde_json::from_str(&json).expect("an event");
    assert_eq!(written.id, event.id().to_string());
    assert_eq!(written.source, event.source());
    assert_eq!(written.kind.parse(), Ok(event.kind()));
    assert!(Kind::all().any(|kind| kind == event.kind()), "{} is not listed", event.kind());
    assert_eq!(written.index, event.index());
    assert_eq!(written.name, event.name().to_string());
    assert_eq!(written.time, event.time());
    assert_eq!(written.data.get(), data);
    assert_eq!(serde_json::to_string(event).expect("an event is serialized"), json);
}

/// Checks that the data of a CloudEvent gives the same event if it is received again in its container. A derived id is a
/// digest of the bytes, so it is the same only if there was no white space to remove.
fn check_back(event: &Event<'_>, data: &str) {
    let json = Json::read(data.as_bytes(), 127).expect("an event of a checked body");
    if json.depth() > 120 {
        return;
    }
    let name = event.name().to_string();
    let body = match (event.vendor(), event.entity().as_str(), event.action().as_str()) {
        (Vendor::Benji, ..) | (_, "workflow", _) => data.to_owned(),
        (Vendor::Benti, ..) => format!("[{data}]"),
        (_, "email", _) => format!(r#"{{"emails":{data}}}"#),
        (_, _, "commanded") => format!(r#"{{"command":{data}}}"#),
        (_, _, "updated") if name != "$update_fields" => format!(r#"{{"{name}":{data}}}"#),
        _ => format!(r#"{{"events":{data}}}"#),
    };
    let back = received(event.vendor(), body.as_bytes()).expect("an event is received again");
    let [again] = back.events().collect::<Vec<_>>()[..] else { panic!("one event became {}", back.len()) };
    let has_same_bytes = data == event.raw().as_str();
    assert_eq!(described(&again, has_same_bytes), described(event, has_same_bytes));
}

fn described(event: &Event<'_>, with_derived_id: bool) -> String {
    let time: Option<Timestamp> = event.time();
    // Benji's id belongs to its request. Any other id can have the index in the delivery after it.
    let id = event.id().to_string();
    let is_stable = with_derived_id || event.id_origin() == IdOrigin::Vendor;
    let id = if event.vendor() == Vendor::Benji || !is_stable { None } else { id.split('#').next() };
    format!(
        "{} {} {} {:?} {:?} {time:?} {} {} {id:?}",
        event.kind(),
        event.name(),
        event.subject(),
        event.parent().map(|parent| parent.to_string()),
        event.actor().map(|actor| actor.to_string()),
        event.time_zone_assumed(),
        event.id_origin()
    )
}
