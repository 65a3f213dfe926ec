//! Any text is refused as a record, or opens to a delivery that records itself equally.

use base64::{Engine, engine::general_purpose::STANDARD};
use hookseal::{Keys, Receiver, Recorded, benti, bento::Credentials, from_trusted_record};
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
    if let Some(sealed) = serde_json::from_slice(data).ok().and_then(sealed) {
        check_record(sealed.as_bytes());
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

    let record: Value = serde_json::from_slice(record).expect("JSON");
    let receiver = receiver(&record).expect("a receiver with these options");
    let read = receiver.parse_unauthenticated(recorded.body()).expect("the body is read");
    assert_eq!((recorded.len(), recorded.malformed()), (read.len(), read.malformed()));
    if record.get("ids").is_none() {
        assert_eq!(recorded.to_cloudevents(), read.to_cloudevents());
    }
}

fn shown(recorded: &Recorded) -> Vec<String> {
    recorded.events().map(|event| format!("{} {:?}", event.to_cloudevent(), event.replay_key())).collect()
}

/// The record with the checksum that fits its other members.
fn sealed(mut record: Value) -> Option<String> {
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
    Some(record.to_string())
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
