//! Any text is refused as a record, or opens to a delivery that records itself equally, with its body and without it.

use base64::{Engine, engine::general_purpose::STANDARD};
use hookseal::{
    Keys, Receiver, RecordError, Recorded, benti, bento::Credentials, from_trusted_record,
    from_trusted_record_and_body,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

const MEMBERS: [&str; 11] = [
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

/// Checks the bytes as a record, and once more with the right checksum.
pub fn check(data: &[u8]) {
    check_record(data);
    if let Some((sealed, body)) = serde_json::from_slice(data).ok().and_then(sealed) {
        check_record(sealed.to_string().as_bytes());
        check_both_forms(sealed, &body);
    }
}

fn check_record(record: &[u8]) {
    let recorded = match from_trusted_record(record) {
        Ok(recorded) => recorded,
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.code().is_empty());
            return;
        }
    };
    let again = recorded.to_record();
    let opened = from_trusted_record(&again).expect("a record opens");
    assert_eq!(opened.to_record(), again);
    assert_eq!(shown(&opened), shown(&recorded));
    check_without_body(&recorded, &again);

    let record: Value = serde_json::from_slice(record).expect("JSON");
    let receiver = receiver(&record).expect("a receiver with these options");
    let read = receiver.parse_unauthenticated(recorded.body()).expect("the body is read");
    assert_eq!((recorded.len(), recorded.malformed()), (read.len(), read.malformed()));
    if record.get("ids").is_none() {
        assert_eq!(recorded.to_cloudevents(), read.to_cloudevents());
    }
}

/// The record without its body opens with that body alone, to the same delivery.
fn check_without_body(recorded: &Recorded, record: &str) {
    let without_body = recorded.to_record_without_body();
    let beside =
        from_trusted_record_and_body(&without_body, recorded.body()).expect("a record and its body open");
    assert_eq!(beside.to_record(), record);
    assert_eq!(beside.to_record_without_body(), without_body);
    assert_eq!(shown(&beside), shown(recorded));
    assert_eq!(beside.malformed(), recorded.malformed());

    assert_eq!(from_trusted_record(&without_body).map(drop), Err(RecordError::Member("body")));
    assert_eq!(
        from_trusted_record_and_body(record, recorded.body()).map(drop),
        Err(RecordError::Member("body")),
        "there are two bodies"
    );
    for other in other_bodies(recorded.body(), without_body.len()) {
        let opened = from_trusted_record_and_body(&without_body, other).map(drop);
        assert_eq!(opened, Err(RecordError::Damaged), "the body is another");
    }
}

/// Bodies that differ from this one. `choice` selects the byte that changes.
fn other_bodies(body: &[u8], choice: usize) -> Vec<Vec<u8>> {
    let mut others = vec![[body, b" "].concat()];
    if let Some(at) = choice.checked_rem(body.len()) {
        let mut changed = body.to_vec();
        changed[at] ^= 1 << (choice % 8);
        others.extend([changed, body[1..].to_vec(), body[..body.len() - 1].to_vec()]);
    }
    others
}

/// A record and the same record whose body is beside it have the same outcome.
fn check_both_forms(mut record: Value, body: &[u8]) {
    let whole = from_trusted_record(record.to_string()).map(|recorded| recorded.to_record());
    record.as_object_mut().expect("an object").remove("body");
    let apart = from_trusted_record_and_body(record.to_string(), body).map(|recorded| recorded.to_record());
    // A place in the record depends on its form.
    let without_place = |error: RecordError| match error {
        RecordError::Syntax { .. } => RecordError::Syntax { line: 1, column: 1 },
        error => error,
    };
    assert_eq!(apart.map_err(without_place), whole.map_err(without_place));
}

fn shown(recorded: &Recorded) -> Vec<String> {
    recorded.events().map(|event| format!("{} {:?}", event.to_cloudevent(), event.replay_key())).collect()
}

/// The record with the checksum that fits its other members, and its body.
fn sealed(mut record: Value) -> Option<(Value, Vec<u8>)> {
    let body = STANDARD.decode(record.get("body")?.as_str()?).ok()?;
    let in_order = |value: &Value, names: &[&str]| {
        let members = names.iter().filter_map(|name| Some(format!("\"{name}\":{}", value.get(*name)?)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    };
    let member = |name: &&str| {
        let value = record.get(*name)?;
        let text = match *name {
            "assurance" => in_order(value, &["body", "time", "name"]),
            "reading" => {
                in_order(value, &["max_events", "max_depth", "max_number_length", "utc_offset_minutes"])
            }
            _ => value.to_string(),
        };
        Some(format!("\"{name}\":{text}"))
    };
    let head = format!("{{{}}}", MEMBERS.iter().filter_map(member).collect::<Vec<_>>().join(","));
    let (vendor, source) = (record.get("vendor")?.as_str()?, record.get("source")?.as_str()?);
    let mut hash = Sha256::new();
    for part in ["hookseal/2", "record", vendor, source, &head].map(str::as_bytes).into_iter().chain([&*body])
    {
        hash.update(u64::try_from(part.len()).ok()?.to_be_bytes());
        hash.update(part);
    }
    let digest: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    record.as_object_mut()?.insert("checksum".to_owned(), digest.into());
    Some((record, body))
}

fn receiver(record: &Value) -> Option<Receiver> {
    let keys = Keys::new("secret").ok()?;
    let reading = record.get("reading")?;
    let receiver = match record.get("vendor")?.as_str()? {
        "benji" => Receiver::benji(keys),
        "benti" => {
            let offset = i16::try_from(reading.get("utc_offset_minutes")?.as_i64()?).ok()?;
            benti::Options::default().utc_offset_minutes(offset).ok()?.receiver(keys)
        }
        _ => Receiver::bento(Credentials::Bearer { keys }),
    };
    let size = |name: &str, largest: u64| usize::try_from(reading.get(name)?.as_u64()?.min(largest)).ok();
    let receiver =
        receiver.ok()?.max_body_bytes(1 << 31).ok()?.source(record.get("source")?.as_str()?).ok()?;
    let receiver = receiver.max_events(size("max_events", 1 << 31)?).ok()?;
    let receiver = receiver.max_depth(u32::try_from(size("max_depth", 127)?).ok()?).ok()?;
    receiver.max_number_length(size("max_number_length", 1 << 31)?).ok()
}
