//! A record opens to the recorded delivery, or is refused.

#[expect(dead_code, reason = "the vectors are only run here; another test compares their outcomes")]
mod vector;

mod random;

use std::{path::Path, sync::LazyLock};

use base64::{Engine, engine::general_purpose::STANDARD};
use hookseal::{
    Delivery, Event, Key, Keys, Received, Receiver, RecordError, Recorded, Request, Secret, Timestamp,
    Window, benji, benti, bento::Credentials, from_trusted_record, from_trusted_record_and_body, sign,
};
use random::Random;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The names, deliveries and options of the accepted vectors.
static DELIVERIES: LazyLock<Vec<(String, Delivery<Vec<u8>>)>> = LazyLock::new(|| {
    let vectors = vector::all().unwrap().into_iter();
    vectors
        .filter_map(|vector| match vector.run().unwrap() {
            Ok(Received::Delivery(delivery)) => Some((vector.name, delivery)),
            _ => None,
        })
        .collect()
});

/// The names and records of the deliveries with short bodies.
fn short_records() -> Vec<(&'static str, String)> {
    let short = DELIVERIES.iter().filter(|(_, delivery)| delivery.body().len() < 1000);
    short.map(|(name, delivery)| (name.as_str(), delivery.to_record())).collect()
}

/// Everything that an event says.
fn shown(event: &Event<'_>) -> [String; 5] {
    let key = event.replay_key().map(|key| (key.to_string(), key.retention_seconds()));
    let json = serde_json::to_string(event).unwrap();
    let zone = event.time_zone_assumed().to_string();
    [json, event.to_cloudevent(), format!("{key:?}"), event.assurance().to_string(), zone]
}

fn shown_delivery<B: AsRef<[u8]>>(delivery: &Delivery<B>) -> Vec<[String; 5]> {
    delivery.events().map(|event| shown(&event)).collect()
}

fn shown_recorded(recorded: &Recorded) -> Vec<[String; 5]> {
    recorded.events().map(|event| shown(&event)).collect()
}

#[test]
fn the_record_of_every_vector_opens_to_its_delivery() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/record.schema.json");
    let schema = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let schema = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let mut events = 0;
    for (name, delivery) in &*DELIVERIES {
        let record = delivery.to_record();
        let recorded = from_trusted_record(&record).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(shown_recorded(&recorded), shown_delivery(delivery), "{name}");
        assert_eq!(recorded.malformed(), delivery.malformed(), "{name}");
        assert_eq!(recorded.replay_key(), delivery.replay_key(), "{name}");
        assert_eq!(recorded.to_cloudevents(), delivery.to_cloudevents(), "{name}");
        assert_eq!((recorded.len(), recorded.is_empty()), (delivery.len(), delivery.is_empty()), "{name}");
        for at in [0, delivery.len() / 2, delivery.len()] {
            let (one, other) = (recorded.get(at), delivery.get(at));
            assert_eq!(one.as_ref().map(shown), other.as_ref().map(shown), "{name}, {at}");
        }
        assert!((&recorded).into_iter().all(|event| event.source() == recorded.source()), "{name}");
        assert_eq!(
            serde_json::to_string(&recorded).unwrap(),
            serde_json::to_string(delivery).unwrap(),
            "{name}"
        );
        assert_eq!(
            (
                recorded.vendor(),
                recorded.key_id(),
                recorded.assurance(),
                recorded.time(),
                recorded.received_at()
            ),
            (
                delivery.vendor(),
                delivery.key_id(),
                delivery.assurance(),
                delivery.time(),
                delivery.received_at()
            ),
            "{name}"
        );
        assert_eq!(recorded.body(), delivery.body(), "{name}");
        assert_eq!(recorded.to_record(), record, "{name}");
        assert!(!record.contains('\n'), "{name}");
        let without_body = delivery.to_record_without_body();
        assert_eq!(recorded.to_record_without_body(), without_body, "{name}");
        let beside = from_trusted_record_and_body(without_body, &**delivery.body()).unwrap();
        assert_eq!(beside.to_record(), record, "{name}");
        let value: Value = serde_json::from_str(&record).unwrap();
        let faults: Vec<_> = schema.iter_errors(&value).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
        events += recorded.len();
    }
    assert!(events > 1000, "{events}");
}

const BODY: &[u8] = br#"{"event":"transaction_created","entity_id":7}"#;
const NOW: i64 = 1_772_600_767;

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(NOW).unwrap()
}

fn received(receiver: &Receiver, headers: &sign::SignedHeaders, body: &[u8]) -> Delivery<Vec<u8>> {
    let received = receiver.receive(Request::post(headers, body.to_vec()), now()).unwrap();
    let Received::Delivery(delivery) = received else { panic!("not a handshake") };
    delivery
}

fn benji() -> Delivery<Vec<u8>> {
    let keys = Keys::ring([Key::new("the salt").unwrap().with_id("2026").unwrap()]).unwrap();
    let headers = sign::benji(&Secret::new("the salt").unwrap(), BODY, now());
    received(&Receiver::benji(keys).unwrap(), &headers, BODY)
}

#[test]
fn a_record_has_no_secret_and_no_signature() {
    let secret = Secret::new("the salt").unwrap();
    for headers in [sign::benji(&secret, BODY, now()), sign::benji_body_only(&secret, BODY, now())] {
        let receiver = Receiver::benji(Keys::new("the salt").unwrap()).unwrap();
        let record = received(&receiver, &headers, BODY).to_record();
        let mac = headers.iter().find(|(name, _)| *name == "x-benji-signature").unwrap().1;
        let mac = std::str::from_utf8(mac).unwrap();
        let bytes: Vec<u8> =
            (0..32).map(|at| u8::from_str_radix(&mac[2 * at..2 * at + 2], 16).unwrap()).collect();
        for secret in ["the salt", mac, &STANDARD.encode(bytes), &STANDARD.encode("the salt")] {
            assert!(!record.contains(secret), "{record}");
        }
    }
    let receiver = Receiver::bento(Credentials::Bearer { keys: Keys::new("the token").unwrap() }).unwrap();
    let receiver = receiver.id_key("an id key of 32 bytes, not a vendor's").unwrap();
    let headers = sign::bento_bearer(&Secret::new("the token").unwrap());
    let record = received(&receiver, &headers, br#"{"event":"e"}"#).to_record();
    assert!(!record.contains("the token") && !record.contains("an id key"), "{record}");
}

/// A record has what the body does not tell.
#[test]
fn the_members_of_a_record() {
    let record: Value = serde_json::from_str(&benji().to_record()).unwrap();
    let (id, key) = (benji().get(0).unwrap().id().to_string(), benji().get(0).unwrap().replay_key().unwrap());
    let expected = json!({
        "hookseal_record": 1,
        "vendor": "benji",
        "source": "urn:hookseal:benji",
        "received_at": "2026-03-04T05:06:07Z",
        "key_id": "2026",
        "assurance": {"body": "signed", "time": "signed", "name": "signed"},
        "time": "2026-03-04T05:06:07Z",
        "key": [benji().replay_key().unwrap().as_str(), 601],
        "ids": [[id, key.as_str()]],
        "reading": {"max_events": 10000, "max_depth": 127, "max_number_length": 1000, "utc_offset_minutes": 0},
        "body": STANDARD.encode(BODY),
        "checksum": record["checksum"],
    });
    assert_eq!(record, expected);

    let receiver = benti::Options::default().utc_offset_minutes(-60).unwrap();
    let receiver = receiver.receiver(Keys::new("secret").unwrap()).unwrap();
    let headers = sign::benti(&Secret::new("secret").unwrap());
    let body = br#"{"action":"answer","id":"7","resource":"T-1","created_at":"20260304050607"}"#;
    let record: Value = serde_json::from_str(&received(&receiver, &headers, body).to_record()).unwrap();
    for absent in ["time", "time_zone_assumed", "key", "ids"] {
        assert_eq!(record.get(absent), None, "{record}");
    }
    assert_eq!(record["reading"]["utc_offset_minutes"], -60);
}

/// Writes a new checksum, as anybody who edits a record can.
fn sealed(mut record: Value) -> String {
    record.as_object_mut().unwrap().remove("checksum");
    let body = record.as_object_mut().unwrap().remove("body");
    let raw =
        body.as_ref().and_then(Value::as_str).and_then(|body| STANDARD.decode(body).ok()).unwrap_or_default();
    // In the order of the members, which `serde_json::Value` does not keep.
    let order = [
        "hookseal_record",
        "vendor",
        "source",
        "received_at",
        "key_id",
        "assurance",
        "time",
        "time_zone_assumed",
        "key",
        "ids",
        "reading",
    ];
    let nested = |name: &str| -> &[&str] {
        match name {
            "assurance" => &["body", "time", "name"],
            "reading" => &["max_events", "max_depth", "max_number_length", "utc_offset_minutes"],
            _ => &[],
        }
    };
    let object = |value: &Value, order: &[&str]| {
        let members = order.iter().filter_map(|name| Some((name, value.get(name)?)));
        let members: Vec<_> = members.map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let members: Vec<_> = order
        .iter()
        .filter_map(|name| {
            let value = record.get(name)?;
            let order = nested(name);
            let text = if order.is_empty() { value.to_string() } else { object(value, order) };
            Some(format!("\"{name}\":{text}"))
        })
        .collect();
    let head = format!("{{{}}}", members.join(","));
    let text = |name| record.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [
        b"hookseal/2",
        b"record".as_slice(),
        text("vendor").as_bytes(),
        text("source").as_bytes(),
        head.as_bytes(),
        &raw,
    ] {
        hash.update(u64::try_from(part.len()).unwrap().to_be_bytes());
        hash.update(part);
    }
    let digest: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let members = record.as_object_mut().unwrap();
    members.insert("checksum".into(), digest.into());
    if let Some(body) = body {
        members.insert("body".into(), body);
    }
    record.to_string()
}

#[test]
fn the_checksum_is_made_as_the_test_makes_it() {
    for (name, delivery) in &*DELIVERIES {
        let record = delivery.to_record();
        let again = sealed(serde_json::from_str(&record).unwrap());
        assert_eq!(from_trusted_record(again).unwrap().to_record(), record, "{name}");
    }
}

#[test]
fn a_record_with_a_changed_byte_is_refused_or_means_the_same() {
    let (records, mut random, mut refused) = (short_records(), Random(16), 0);
    for _ in 0..10_000 {
        let (name, record) = &records[random.below(records.len())];
        let mut bytes = record.clone().into_bytes();
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = b"{}[]\",:0n-"[random.below(10)],
            2 => bytes.truncate(at),
            _ => bytes.insert(at, b" {}[]\",:0"[random.below(9)]),
        }
        match from_trusted_record(&bytes) {
            Err(error) => refused += usize::from(!error.to_string().is_empty()),
            // White space between members changes nothing.
            Ok(recorded) => {
                assert_eq!(&recorded.to_record(), record, "{name}: {}", String::from_utf8_lossy(&bytes));
            }
        }
    }
    assert!(refused > 9_000, "{refused}");
}

/// A receiver that reads as the record says, or nothing if no receiver can.
fn receiver_of(record: &Value) -> Option<Receiver> {
    let keys = Keys::new("secret").unwrap();
    let reading = &record["reading"];
    let receiver = match record["vendor"].as_str()? {
        "benji" => Receiver::benji(keys),
        "benti" => {
            let offset = i16::try_from(reading["utc_offset_minutes"].as_i64()?).ok()?;
            benti::Options::default().utc_offset_minutes(offset).ok()?.receiver(keys)
        }
        "bento" => Receiver::bento(Credentials::Bearer { keys }),
        _ => return None,
    };
    let size = |name: &str| usize::try_from(reading[name].as_u64()?).ok();
    // Values above the maximum are lowered to it.
    let receiver = receiver.ok()?.max_events(size("max_events")?.min(1 << 31)).ok()?;
    let receiver = receiver.max_depth(u32::try_from(size("max_depth")?.min(127)).ok()?).ok()?;
    receiver
        .max_number_length(size("max_number_length")?.min(1 << 31))
        .ok()?
        .source(record["source"].as_str()?)
        .ok()
}

#[test]
fn an_edited_record_with_its_checksum_is_refused_or_reads_its_body() {
    let parsed =
        short_records().into_iter().map(|(name, record)| (name, serde_json::from_str(&record).unwrap()));
    let (records, mut random, mut opened, mut refused): (Vec<(&str, Value)>, _, _, _) =
        (parsed.collect(), Random(61), 0, 0);
    for _ in 0..10_000 {
        let (name, mut record) = records[random.below(records.len())].clone();
        let (_, other) = &records[random.below(records.len())];
        let members: Vec<String> =
            record.as_object().unwrap().keys().chain(other.as_object().unwrap().keys()).cloned().collect();
        let member = &members[random.below(members.len())];
        match random.below(6) {
            0 => drop(record.as_object_mut().unwrap().remove(member)),
            1 => record["reading"]["max_depth"] = random.below(300).into(),
            2 => record["reading"]["max_events"] = [0, 1, 2, u64::MAX][random.below(4)].into(),
            3 => {
                record["reading"]["utc_offset_minutes"] =
                    (i64::try_from(random.below(4000)).unwrap() - 2000).into();
            }
            // A member of another record, often of another vendor.
            4 => match other.get(member) {
                Some(value) => record[member] = value.clone(),
                None => drop(record.as_object_mut().unwrap().remove(member)),
            },
            _ => {
                let mut body = STANDARD.decode(record["body"].as_str().unwrap()).unwrap();
                if !body.is_empty() {
                    let at = random.below(body.len());
                    body[at] ^= 1 << random.below(8);
                }
                record["body"] = STANDARD.encode(body).into();
            }
        }
        let text = sealed(record.clone());
        let Ok(recorded) = from_trusted_record(&text) else {
            refused += 1;
            continue;
        };
        opened += 1;
        let receiver = receiver_of(&record).unwrap_or_else(|| panic!("{name}: no receiver reads so: {text}"));
        let body = STANDARD.decode(record["body"].as_str().unwrap()).unwrap();
        assert_eq!(recorded.body(), body);
        let read = receiver.max_body_bytes(1 << 31).unwrap().parse_unauthenticated(body).unwrap();
        assert_eq!((recorded.len(), recorded.malformed()), (read.len(), read.malformed()), "{name}");
        // Ids and Benji's time come from the record.
        let without = |cloudevents: &str| -> Vec<Value> {
            let mut events: Vec<Value> = serde_json::from_str(cloudevents).unwrap_or_default();
            for event in &mut events {
                event.as_object_mut().unwrap().remove("id");
                if record["vendor"] == "benji" {
                    event.as_object_mut().unwrap().remove("time");
                }
            }
            events
        };
        assert_eq!(without(&recorded.to_cloudevents()), without(&read.to_cloudevents()), "{name}");
        let recorded_ids = record.get("ids").is_some();
        if !recorded_ids && record["vendor"] != "benji" {
            assert_eq!(recorded.to_cloudevents(), read.to_cloudevents(), "{name}");
        }
    }
    assert!(opened > 1000 && refused > 1000, "{opened} {refused}");
}

fn refused(record: impl AsRef<[u8]>) -> RecordError {
    let error = from_trusted_record(record).unwrap_err();
    assert!(!error.to_string().is_empty());
    error
}

#[test]
fn a_record_of_a_newer_version_is_told_apart() {
    let record: Value = serde_json::from_str(&benji().to_record()).unwrap();
    for (version, error) in [
        (json!(2), RecordError::NewerVersion(2)),
        (json!(u64::MAX), RecordError::NewerVersion(u64::MAX)),
        (json!(0), RecordError::NotARecord),
        (json!(-1), RecordError::NotARecord),
        (json!(1.0), RecordError::NotARecord),
        (json!("1"), RecordError::NotARecord),
        (json!(null), RecordError::NotARecord),
    ] {
        let mut changed = record.clone();
        changed["hookseal_record"] = version.clone();
        // A newer version may have other members.
        changed["new_member"] = json!({"a": [1]});
        assert_eq!(refused(changed.to_string()), error, "{version}");
    }
}

#[test]
fn a_record_and_its_body_are_opened_together() {
    let delivery = benji();
    let record = delivery.to_record_without_body();
    let refused = |record: &str, body: &[u8]| from_trusted_record_and_body(record, body).unwrap_err();
    let mut other = delivery.body().to_vec();
    for body in [&b""[..], b"{}", &{
        other.push(b' ');
        other
    }] {
        assert_eq!(refused(&record, body), RecordError::Damaged);
    }
    assert_eq!(refused(&delivery.to_record(), delivery.body()), RecordError::Member("body"));
    assert_eq!(from_trusted_record(&record).unwrap_err(), RecordError::Member("body"));
    let newer = record.replacen(":1,", ":2,", 1);
    assert_eq!(refused(&newer, delivery.body()), RecordError::NewerVersion(2));
    assert_eq!(refused("", delivery.body()), RecordError::NotARecord);
}

#[test]
fn what_is_no_record_is_refused() {
    let deep = "[".repeat(100_000);
    for text in ["", " ", "null", "[]", "{}", "1", "\"\"", "{\"hookseal_record\":", "\u{feff}{}", &deep] {
        assert_eq!(refused(text), RecordError::NotARecord, "{text:.20}");
    }
    assert_eq!(refused([0xff, 0xfe]), RecordError::NotARecord);
    let nested = format!(r#"{{"hookseal_record":1,"vendor":{deep}}}"#);
    assert_eq!(refused(nested).code(), "not_a_record");
    let record = benji().to_record();
    for member in [r#""hookseal_record":1"#, r#""secret":"s3cret""#, r#""vendor":"benji""#] {
        let more = record.replacen('{', &format!("{{{member},"), 1);
        let error = refused(&more);
        assert!(matches!(error, RecordError::Syntax { .. } | RecordError::NotARecord), "{error:?}");
        assert!(!error.to_string().contains("s3cret"));
    }
    for (member, value) in [
        ("vendor", json!("github")),
        ("source", json!("")),
        ("source", json!("not a URI")),
        ("received_at", json!("2026-03-04 05:06:07Z")),
        ("received_at", json!("2026-03-04T05:06:07.000Z")),
        ("key_id", json!("")),
        ("assurance", json!({"body": "unsigned", "time": "unsigned", "name": "unsigned"})),
        ("assurance", json!({"body": "signed", "time": "absent", "name": "signed"})),
        ("time", json!("yesterday")),
        ("key", json!(["abc", 601])),
        ("key", json!(["0123456789abcdef0123456789abcdef", 0])),
        ("ids", json!([])),
        ("ids", json!([[null, null]])),
        ("ids", json!([["0123456789ABCDEF0123456789abcdef", null]])),
        ("body", json!("!")),
    ] {
        let mut changed: Value = serde_json::from_str(&record).unwrap();
        changed[member] = value.clone();
        let error = refused(sealed(changed));
        assert_eq!(error, RecordError::Member(member), "{value}");
        assert!(error.to_string().contains(member));
    }
    for absent in ["key", "ids"] {
        let mut changed: Value = serde_json::from_str(&record).unwrap();
        changed.as_object_mut().unwrap().remove(absent);
        assert_eq!(refused(sealed(changed)), RecordError::Member(absent));
    }
    let mut changed: Value = serde_json::from_str(&record).unwrap();
    changed["body"] = STANDARD.encode(r#"{"event":"#).into();
    assert_eq!(refused(changed.to_string()), RecordError::Damaged);
    assert_eq!(refused(sealed(changed)).code(), "unreadable_body");
}

/// The retention is then longer than any that can be set.
#[test]
fn a_delivery_of_the_widest_window_is_recorded() {
    let window = Window::seconds(u64::MAX - 1, u64::MAX - 1);
    let receiver = benji::Options::default().window(window).receiver(Keys::new("salt").unwrap()).unwrap();
    let headers = sign::benji(&Secret::new("salt").unwrap(), BODY, now());
    let delivery = received(&receiver, &headers, BODY);
    let recorded = from_trusted_record(delivery.to_record()).unwrap();
    assert_eq!(recorded.replay_key(), delivery.replay_key());
    assert!(recorded.replay_key().unwrap().retention_seconds() > Some(u64::from(u32::MAX)));
}

/// The other way to carry a delivery, for vendors that sign: the request itself, with its time of arrival.
#[test]
fn a_signed_request_that_was_kept_is_received_later() {
    let receiver = Receiver::benji(Keys::new("salt").unwrap()).unwrap();
    let headers = sign::benji(&Secret::new("salt").unwrap(), BODY, now());
    let at_once = received(&receiver, &headers, BODY);
    let later = Timestamp::from_unix_seconds(NOW + 86_400).unwrap();
    let rejection = receiver.receive(Request::post(&headers, BODY), later).unwrap_err();
    assert_eq!(rejection.code(), "stale");
    let received_at = at_once.received_at();
    let Received::Delivery(again) = receiver.receive(Request::post(&headers, BODY), received_at).unwrap()
    else {
        panic!("not a handshake")
    };
    assert_eq!(again.replay_key(), at_once.replay_key());
    // After a rotation of the salt the kept request no longer fits, and a record still opens.
    let rotated = Receiver::benji(Keys::new("new salt").unwrap()).unwrap();
    let rejection = rotated.receive(Request::post(&headers, BODY), received_at).unwrap_err();
    assert_eq!(rejection.code(), "signature_mismatch");
    assert_eq!(from_trusted_record(at_once.to_record()).unwrap().replay_key(), at_once.replay_key());
}

#[test]
fn debug_shows_nothing_of_the_body() {
    let recorded = from_trusted_record(benji().to_record()).unwrap();
    assert_eq!(format!("{recorded:?}"), "Recorded(Delivery(benji, 1 events, 0 malformed))");
}
