//! The oracle for ids, replay keys and percent-encoding, by the rules in the README of the conformance vectors.

use hookseal::{Delivery, Event, Receiver, ReplayPolicy, Vendor};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::oracle::{hex, hmac_sha256};

/// How a receiver names deliveries and events. Two bits of an input choose it.
#[derive(Debug, Clone, Copy)]
pub struct Naming {
    pub policy: ReplayPolicy,
    pub id_key: Option<&'static str>,
    source: Option<&'static str>,
    retention_seconds: Option<u64>,
}

const ID_KEY: &str = "thirty-two bytes, and no fewer!!";

impl Naming {
    pub fn chosen(choice: u8) -> Self {
        let default =
            Self { policy: ReplayPolicy::Default, id_key: None, source: None, retention_seconds: None };
        match choice & 3 {
            0 => default,
            1 => Self { policy: ReplayPolicy::Strict, ..default },
            2 => Self { policy: ReplayPolicy::None, source: Some("/hooks?of=fuzz"), ..default },
            _ => Self {
                id_key: Some(ID_KEY),
                source: Some("https://example.com/hooks"),
                retention_seconds: Some(4_294_967_295),
                ..default
            },
        }
    }

    pub fn set(self, mut receiver: Receiver) -> Receiver {
        receiver = receiver.replay_policy(self.policy);
        if let Some(key) = self.id_key {
            receiver = receiver.id_key(key).expect("32 bytes");
        }
        if let Some(source) = self.source {
            receiver = receiver.source(source).expect("a URI reference");
        }
        if let Some(seconds) = self.retention_seconds {
            receiver = receiver.replay_retention_seconds(seconds).expect("a retention in its range");
        }
        receiver
    }

    /// Adds the same as options of a conformance vector.
    pub fn add_to(self, options: &mut Map<String, Value>) {
        options.insert("replay_policy".into(), self.policy.as_str().into());
        let (key, source) = (self.id_key.map(Value::from), self.source.map(Value::from));
        let retention = self.retention_seconds.map(Value::from);
        for (name, value) in [("id_key", key), ("source", source), ("replay_retention_seconds", retention)] {
            options.extend(value.map(|value| (name.to_owned(), value)));
        }
    }

    fn source(self, vendor: Vendor) -> String {
        self.source.map_or_else(|| format!("urn:hookseal:{vendor}"), str::to_owned)
    }

    /// The first half of a digest of parts, each with its length before it.
    pub fn digest(self, vendor: Vendor, domain: &str, parts: &[&[u8]]) -> String {
        let (vendor_name, source) = (vendor.to_string(), self.source(vendor));
        let names = ["hookseal/2", domain, &vendor_name, &source];
        let mut message = Vec::new();
        for part in names.iter().map(|name| name.as_bytes()).chain(parts.iter().copied()) {
            message.extend(u64::try_from(part.len()).unwrap().to_be_bytes());
            message.extend(part);
        }
        let digest: [u8; 32] = match self.id_key {
            Some(key) => hmac_sha256(key.as_bytes(), &message),
            None => Sha256::digest(&message).into(),
        };
        hex(&digest[..16])
    }
}

/// The expected id of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Id {
    /// The vendor's own text.
    Vendor(String),
    /// A digest of these parts, followed by the index in a delivery of several elements.
    Numbered(Vec<Vec<u8>>),
    /// A digest of these parts, without an index.
    Alone(Vec<Vec<u8>>),
}

/// Checks the ids and keys of a delivery. The delivery's key is made of `key_parts`, and an event's id by `id_of`.
/// `retention` is the time in the table of the rules; `None` means for ever.
pub fn check(
    delivery: &Delivery<&[u8]>,
    naming: Naming,
    key_parts: &[&[u8]],
    retention: Option<u64>,
    id_of: impl Fn(&Event<'_>) -> Id,
) {
    let vendor = delivery.vendor();
    let several = delivery.len() + delivery.malformed().len() > 1;
    let retention = naming.retention_seconds.or(retention);
    let expected = |digest| (naming.policy != ReplayPolicy::None).then_some((digest, retention));
    let shown =
        |key: Option<hookseal::ReplayKey>| key.map(|key| (key.as_str().to_owned(), key.retention_seconds()));

    let delivery_key = naming.digest(vendor, "delivery-key", key_parts);
    assert_eq!(shown(delivery.replay_key()), expected(delivery_key.clone()));
    for event in delivery {
        let digest = |parts: Vec<Vec<u8>>| {
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            naming.digest(vendor, "event-id", &parts)
        };
        let index = if several { format!("#{}", event.index()) } else { String::new() };
        let (id, origin) = match id_of(&event) {
            Id::Vendor(text) => (encoded(&text) + &index, "vendor"),
            Id::Numbered(parts) => (digest(parts) + &index, "derived"),
            Id::Alone(parts) => (digest(parts), "derived"),
        };
        assert_eq!((event.id().to_string(), event.id_origin().as_str()), (id.clone(), origin));
        assert_eq!(event.source(), naming.source(vendor));
        let key = match vendor {
            Vendor::Benji => naming.digest(vendor, "event-key", &[delivery_key.as_bytes()]),
            _ => naming.digest(vendor, "event-key", &[origin.as_bytes(), id.as_bytes()]),
        };
        assert_eq!(shown(event.replay_key()), expected(key));
    }
}

/// `%`, `#`, control, white space, format and noncharacter code points as percent signs and hexadecimal digits.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for character in text.chars() {
        let code = u32::from(character);
        let is_noncharacter = code % 0x1_0000 >= 0xfffe || (0xfdd0..=0xfdef).contains(&code);
        let is_hidden =
            matches!(character.general_category(), GeneralCategory::Control | GeneralCategory::Format)
                || character.is_whitespace();
        if is_hidden || is_noncharacter || character == '%' || character == '#' {
            character.to_string().bytes().for_each(|byte| encoded.push_str(&format!("%{byte:02X}")));
        } else {
            encoded.push(character);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use hookseal::{Keys, SetupError};

    use super::*;

    #[test]
    fn a_digest_is_that_of_a_published_vector() {
        let naming = Naming::chosen(0);
        // The key of the event in the vector benji/signed_time/accepted, which is made of its delivery's key.
        let key = naming.digest(Vendor::Benji, "event-key", &[b"c6dae323b75e8ad2fde80e8e39069b99"]);
        assert_eq!(key, "73f40fb7d54838571a934e9482f6dbc9");
    }

    #[test]
    fn characters_that_are_invisible_in_a_log_are_encoded() {
        assert_eq!(encoded("a b%#\u{202e}\u{ffff}\u{85}é"), "a%20b%25%23%E2%80%AE%EF%BF%BF%C2%85é");
    }

    #[test]
    fn an_id_key_of_31_bytes_is_too_short() {
        let receiver = || Receiver::benji(Keys::new("secret").unwrap()).unwrap();
        assert_eq!(receiver().id_key(&ID_KEY[1..]).unwrap_err(), SetupError::IdKeyTooShort);
        assert!(receiver().id_key(ID_KEY).is_ok());
    }
}
