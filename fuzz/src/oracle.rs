//! The oracle: a second implementation of the rules, written to be obvious rather than fast.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use sha2::Sha256;

use crate::input::Fields;

pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.chain_update(message).finalize().into_bytes().into()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The JSON without white space outside of strings, found byte by byte.
pub fn without_white_space(json: &str) -> String {
    let (mut in_string, mut is_escaped) = (false, false);
    let is_kept = |character: &char| {
        let kept = in_string || !character.is_ascii_whitespace();
        in_string ^= *character == '"' && !is_escaped;
        is_escaped = *character == '\\' && !is_escaped;
        kept
    };
    json.chars().filter(is_kept).collect()
}

pub const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
pub const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 by RFC 4648, sections 4 and 5, bit by bit.
pub fn base64(bytes: &[u8], alphabet: &[u8; 64], padded: bool) -> String {
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let mut text: String = bits
        .chunks(6)
        .map(|chunk| {
            let digit = (0..6).fold(0, |value, at| value << 1 | usize::from(*chunk.get(at).unwrap_or(&0)));
            char::from(alphabet[digit])
        })
        .collect();
    while padded && !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// The bytes whose only base64 form is this text, with padding, without it, or either.
pub fn from_base64(text: &[u8], alphabet: &[u8; 64], padding: Option<bool>) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'=').collect();
    let mut bits = Vec::new();
    for digit in digits {
        let value = alphabet.iter().position(|other| *other == digit)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1));
    }
    let bytes: Vec<u8> = bits
        .chunks_exact(8)
        .map(|chunk| chunk.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit == 1)))
        .collect();
    let canonical = |padded| base64(&bytes, alphabet, padded).as_bytes() == text;
    match padding {
        Some(padded) => canonical(padded),
        None => canonical(true) || canonical(false),
    }
    .then_some(bytes)
}

/// The encodings of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Hex,
    Base64,
    Base64Url,
}

impl Encoding {
    pub const ALL: [Self; 3] = [Self::Hex, Self::Base64, Self::Base64Url];

    pub fn in_hookseal(self) -> hookseal::SignatureEncoding {
        match self {
            Self::Hex => hookseal::SignatureEncoding::Hex,
            Self::Base64 => hookseal::SignatureEncoding::Base64,
            Self::Base64Url => hookseal::SignatureEncoding::Base64Url,
        }
    }

    pub fn encode(self, tag: &[u8], padded: bool) -> String {
        match self {
            Self::Hex => hex(tag),
            Self::Base64 => base64(tag, BASE64, padded),
            Self::Base64Url => base64(tag, BASE64_URL, padded),
        }
    }

    fn decode(self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Hex => {
                let digits: Option<Vec<u32>> =
                    text.iter().map(|byte| char::from(*byte).to_digit(16)).collect();
                let pairs = digits?;
                (pairs.len() % 2 == 0)
                    .then(|| pairs.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect())
            }
            Self::Base64 => from_base64(text, BASE64, None),
            Self::Base64Url => from_base64(text, BASE64_URL, None),
        }
        .filter(|tag: &Vec<u8>| tag.len() == 32)
    }
}

/// The tag that a header's value encodes.
pub fn signature(text: &[u8], pinned: Option<Encoding>) -> Option<Vec<u8>> {
    match pinned {
        Some(encoding) => encoding.decode(text),
        None => Encoding::ALL.into_iter().find_map(|encoding| encoding.decode(text)),
    }
}

/// The value without spaces and tabs at its ends.
pub fn trimmed(value: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let start = value.iter().position(|byte| !is_space(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

/// The single value of a name, trimmed, or the number of values if it is not one.
pub fn field<'a>(fields: &'a Fields, name: &str) -> Result<&'a [u8], usize> {
    let found: Vec<_> = fields.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).collect();
    match found[..] {
        [(_, value)] => Ok(trimmed(value)),
        _ => Err(found.len()),
    }
}

/// The codes of the first steps: method, content encoding, size.
pub fn admitted(
    method: &str,
    methods: &[&str],
    fields: &Fields,
    body: &[u8],
    max_body_bytes: usize,
) -> Result<(), &'static str> {
    if !methods.contains(&method) {
        return Err("method_not_allowed");
    }
    match field(fields, "content-encoding") {
        Err(0) => {}
        Err(_) => return Err("repeated_header"),
        Ok(encoding) if encoding.eq_ignore_ascii_case(b"identity") => {}
        Ok(_) => return Err("unsupported_content_encoding"),
    }
    if body.len() > max_body_bytes {
        return Err("payload_too_large");
    }
    Ok(())
}

/// The value of the header that carries the proof.
pub fn proof<'a>(fields: &'a Fields, name: &str) -> Result<&'a [u8], &'static str> {
    match field(fields, name) {
        Err(0) => Err("missing_signature"),
        Err(_) => Err("repeated_header"),
        Ok(b"") => Err("malformed_signature"),
        Ok(value) => Ok(value),
    }
}

/// The days of a month of the proleptic Gregorian calendar.
fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

/// Seconds since 1970, by counting days. `None` if the day or the time of day does not exist.
pub fn unix_seconds(date: [i64; 3], clock: [i64; 3]) -> Option<i64> {
    let ([year, month, day], [hour, minute, second]) = (date, clock);
    let exists = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    if !exists || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // The days of the whole years since the year 0: 365 for each, and one more for each leap year.
    let before = |year: i64| {
        if year > 0 { 365 * year + (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1 } else { 0 }
    };
    let days =
        before(year) - before(1970) + (1..month).map(|month| days_of(year, month)).sum::<i64>() + day - 1;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

/// The weekday of a number of seconds since 1970-01-01, a Thursday.
pub fn weekday(seconds: i64) -> &'static str {
    ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][seconds.div_euclid(86_400).rem_euclid(7) as usize]
}

/// The milliseconds, if a `Timestamp` can hold them.
pub fn in_range(millis: i128) -> Option<i64> {
    (-62_135_596_800_000..=253_402_300_799_999).contains(&millis).then(|| i64::try_from(millis).unwrap())
}

/// A JSON value that keeps repeated keys and the text of numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    /// A text, with U+FFFD for half of a surrogate pair.
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// The reasons for which `serde_json` or a receiver does not read a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoJson {
    Syntax,
    Depth,
}

impl Json {
    /// Reads a text with `serde_json`, with at most `max_depth` open lists and objects.
    pub fn read(text: &[u8], max_depth: usize) -> Result<Self, NoJson> {
        let text = std::str::from_utf8(text).map_err(|_| NoJson::Syntax)?;
        let raw: &RawValue = serde_json::from_str(text).map_err(|_| NoJson::Syntax)?;
        Self::of(raw.get(), max_depth).ok_or(NoJson::Depth)
    }

    /// The value of a text that is known to be JSON, such as a part of one that was read.
    pub fn of_checked(text: &str) -> Self {
        Self::of(text, usize::MAX).expect("a depth that was checked")
    }

    /// The value, or `None` if it is deeper than `depth`. `RawValue` has checked the syntax to any depth, without
    /// recursion.
    fn of(text: &str, depth: usize) -> Option<Self> {
        Some(match text.as_bytes()[0] {
            b'n' => Self::Null,
            b't' => Self::Bool(true),
            b'f' => Self::Bool(false),
            b'"' => Self::Text(serde_json::from_str::<LossyText>(text).expect("a string").0),
            b'[' => {
                let depth = depth.checked_sub(1)?;
                let elements: Vec<&RawValue> = serde_json::from_str(text).expect("a list");
                Self::List(
                    elements.iter().map(|element| Self::of(element.get(), depth)).collect::<Option<_>>()?,
                )
            }
            b'{' => {
                let depth = depth.checked_sub(1)?;
                let Members(members) = serde_json::from_str(text).expect("an object");
                let members =
                    members.into_iter().map(|(key, value)| Some((key, Self::of(value.get(), depth)?)));
                Self::Object(members.collect::<Option<_>>()?)
            }
            _ => Self::Number(text.to_owned()),
        })
    }

    /// The length of the longest number.
    pub fn longest_number(&self) -> usize {
        match self {
            Self::Number(number) => number.len(),
            Self::List(elements) => elements.iter().map(Self::longest_number).max().unwrap_or(0),
            Self::Object(members) => {
                members.iter().map(|(_, value)| value.longest_number()).max().unwrap_or(0)
            }
            Self::Null | Self::Bool(_) | Self::Text(_) => 0,
        }
    }

    /// The most lists and objects that are open at once.
    pub fn depth(&self) -> usize {
        match self {
            Self::List(elements) => 1 + elements.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(members) => 1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => 0,
        }
    }

    /// Whether hookseal's value is the same. If a key is repeated, the last one counts.
    pub fn equals(&self, data: &hookseal::Data<'_>) -> bool {
        use hookseal::Data;
        match (self, data) {
            (Self::Null, Data::Null) => true,
            (Self::Bool(one), Data::Bool(other)) => one == other,
            (Self::Number(one), Data::Number(other)) => one == other.as_str(),
            (Self::Text(one), Data::Text(other)) => *one == **other,
            (Self::List(one), Data::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.equals(other))
            }
            (Self::Object(one), Data::Object(other)) => {
                let last = |key: &str| one.iter().rfind(|(other, _)| other == key);
                one.iter().all(|(key, _)| other.contains_key(key.as_str()))
                    && other.iter().all(|(key, value)| last(key).is_some_and(|(_, one)| one.equals(value)))
            }
            _ => false,
        }
    }
}

/// The members of an object, in order and with the text of their values. `None` if the text is not an object.
pub fn members(text: &str) -> Option<Vec<(String, &str)>> {
    text.starts_with('{').then(|| {
        let Members(members) = serde_json::from_str(text).expect("an object");
        members.into_iter().map(|(key, value)| (key, value.get())).collect()
    })
}

/// The text of the elements of a list. `None` if the text is not a list.
pub fn elements(text: &str) -> Option<Vec<&str>> {
    text.starts_with('[').then(|| {
        let elements: Vec<&RawValue> = serde_json::from_str(text).expect("a list");
        elements.into_iter().map(RawValue::get).collect()
    })
}

/// A malformed element. The oracle does not say which fault it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// The single member of a name, as it is written. A repeated member and half of a surrogate pair are faults.
pub fn read<'a>(members: &[(String, &'a str)], name: &str) -> Result<Option<&'a str>, Malformed> {
    let found: Vec<&str> = members.iter().filter(|(key, _)| key == name).map(|(_, value)| *value).collect();
    match found[..] {
        [] => Ok(None),
        [value] if value.starts_with('"') && serde_json::from_str::<String>(value).is_err() => Err(Malformed),
        [value] => Ok(Some(value)),
        _ => Err(Malformed),
    }
}

/// The members of the object under a name. If there is no such member, or it is not an object, there are none.
pub fn inside<'a>(members: &[(String, &'a str)], name: &str) -> Result<Vec<(String, &'a str)>, Malformed> {
    let count = members.iter().filter(|(key, _)| key == name).count();
    let value = members.iter().find(|(key, _)| key == name).map(|(_, value)| *value);
    if count > 1 { Err(Malformed) } else { Ok(value.and_then(self::members).unwrap_or_default()) }
}

/// The content of a value that is a text of at least one character.
pub fn text(value: Option<&str>) -> Option<String> {
    match Json::of_checked(value?) {
        Json::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// A text that is read as an integer or a date, or the digits of a number. A text with escapes is read only up to a
/// certain length.
pub fn digits(value: &str) -> Option<String> {
    match Json::of_checked(value) {
        Json::Text(text) if value.contains('\\') && text.len() > LONGEST_ESCAPED_BYTES => None,
        Json::Text(text) => Some(text),
        Json::Number(digits) => Some(digits),
        _ => None,
    }
}

const LONGEST_ESCAPED_BYTES: usize = 64;

/// An id: an integer or a text. `null` and an empty text mean that there is none.
pub fn id(value: Option<&str>) -> Result<Option<String>, Malformed> {
    match value.map(Json::of_checked) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Text(text)) => Ok((!text.is_empty()).then_some(text)),
        Some(Json::Number(digits)) if is_integer(&digits) => Ok(Some(digits)),
        Some(_) => Err(Malformed),
    }
}

/// Whether the text is the canonical form of an integer.
pub fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits && text != "-0" && (digits == "0" || !digits.starts_with('0'))
}

/// The event that an element gives by the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected<'a> {
    pub kind: String,
    pub name: String,
    pub subject: (&'static str, Option<String>),
    /// In unix milliseconds.
    pub time: Option<i64>,
    pub time_zone_assumed: bool,
    pub raw: &'a str,
}

/// Checks that each element became its event or is malformed.
pub fn check_elements<'e, 'a: 'e>(
    delivery: &hookseal::Delivery<&[u8]>,
    expected: impl Iterator<Item = Result<&'e Expected<'a>, &'e Malformed>>,
) {
    let (mut events, mut malformed) = (delivery.events(), delivery.malformed().iter());
    for (index, element) in expected.enumerate() {
        let Ok(expected) = element else {
            assert_eq!(malformed.next().expect("a malformed element").index(), index);
            continue;
        };
        let event = events.next().expect("an event");
        let subject = event.subject();
        assert_eq!(event.index(), index);
        assert_eq!(event.kind().to_string(), expected.kind);
        assert_eq!(event.name().to_string(), expected.name);
        let id = subject.id.map(|id| id.to_string());
        assert_eq!((subject.entity.as_str(), &id), (expected.subject.0, &expected.subject.1));
        assert_eq!(event.time().map(hookseal::Timestamp::unix_millis), expected.time);
        assert_eq!(event.time_zone_assumed(), expected.time_zone_assumed);
        assert_eq!(event.raw().as_str(), expected.raw);
    }
    assert!(events.next().is_none() && malformed.next().is_none(), "more elements than expected");
}

/// A string with U+FFFD in place of halves of surrogate pairs. `serde_json` gives its bytes in WTF-8.
struct LossyText(String);

impl<'de> Deserialize<'de> for LossyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = LossyText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<LossyText, E> {
                Ok(LossyText(text.to_owned()))
            }
            fn visit_bytes<E: de::Error>(self, mut bytes: &[u8]) -> Result<LossyText, E> {
                let mut text = String::new();
                while !bytes.is_empty() {
                    let half = matches!(bytes, [0xed, 0xa0..=0xbf, ..]);
                    let length = if half {
                        3
                    } else {
                        (1..=4).find(|end| std::str::from_utf8(&bytes[..*end]).is_ok()).unwrap()
                    };
                    text.push_str(if half {
                        "\u{fffd}"
                    } else {
                        std::str::from_utf8(&bytes[..length]).unwrap()
                    });
                    bytes = &bytes[length..];
                }
                Ok(LossyText(text))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// The members of an object in order, repeated ones too.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        struct Key;
        impl<'de> DeserializeSeed<'de> for Key {
            type Value = String;
            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
                LossyText::deserialize(deserializer).map(|LossyText(text)| text)
            }
        }
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(key) = map.next_key_seed(Key)? {
                    members.push((key, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// The characters of a secret. Bytes that are not UTF-8 do not count as white space.
fn characters(secret: &[u8]) -> String {
    let of_bytes =
        || secret.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { 'x' }).collect();
    std::str::from_utf8(secret).map_or_else(|_| of_bytes(), str::to_owned)
}

/// Whether these bytes are never a secret, exact or not.
pub(crate) fn is_no_secret(secret: &[u8]) -> bool {
    let words = ["undefined", "null", "None", "NaN", "[object Object]"];
    let text = characters(secret);
    text.chars().all(|character| character == '\0' || character.is_whitespace())
        || words.contains(&text.as_str())
}

/// Whether the secret is refused as a mistake of copying or reading, unless its key is exact.
pub(crate) fn is_copying_mistake(secret: &[u8]) -> bool {
    let text = characters(secret);
    let is_quoted = |quote: char| text.strip_prefix(quote).is_some_and(|rest| rest.ends_with(quote));
    text.trim() != text || text.starts_with('\u{feff}') || ['"', '\'', '`'].into_iter().any(is_quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oracle_counts_days() {
        assert_eq!(unix_seconds([1970, 1, 1], [0, 0, 0]), Some(0));
        assert_eq!(unix_seconds([1994, 11, 6], [8, 49, 37]), Some(784_111_777));
        assert_eq!(unix_seconds([1, 1, 1], [0, 0, 0]), Some(-62_135_596_800));
        assert_eq!(unix_seconds([9999, 12, 31], [23, 59, 59]), Some(253_402_300_799));
        assert_eq!(unix_seconds([1900, 2, 29], [0, 0, 0]), None);
        assert_eq!(weekday(784_111_777), "Sun");
    }

    #[test]
    fn the_oracle_encodes_as_rfc_4648_does() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(bytes.as_bytes(), BASE64, true), text);
            assert_eq!(from_base64(text.as_bytes(), BASE64, Some(true)).unwrap(), bytes.as_bytes());
        }
        assert_eq!(from_base64(b"Zh==", BASE64, None), None);
        assert_eq!(from_base64(b"Zg=", BASE64, None), None);
    }

    #[test]
    fn the_oracle_keeps_repeated_keys_and_halves_of_surrogates() {
        let json = Json::read(br#"{"a":1.0,"a":"\ud800x"}"#, 1).unwrap();
        let expected =
            [("a".into(), Json::Number("1.0".into())), ("a".into(), Json::Text("\u{fffd}x".into()))];
        assert_eq!(json, Json::Object(expected.to_vec()));
        assert_eq!(Json::read(b"[[]]", 1), Err(NoJson::Depth));
        assert_eq!(Json::read(b"[01]", 1), Err(NoJson::Syntax));
    }
}
