//! What a value prints as is read back, and nothing else.

use std::{
    collections::HashSet,
    fmt::{Debug, Display},
    hash::{BuildHasher, RandomState},
    str::FromStr,
};

use hookseal::{
    Action, Coverage, Entity, IdOrigin, Kind, ParseError, ReplayPolicy, SignatureEncoding, Subject, Text,
    Timestamp, Vendor,
};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// Reads a value back by `FromStr` and by `Deserialize`.
fn comes_back<T>(value: T)
where
    T: Display + Debug + PartialEq + Serialize + DeserializeOwned + FromStr<Err = ParseError>,
{
    let text = value.to_string();
    assert_eq!(text.parse().as_ref(), Ok(&value));
    let json = serde_json::to_string(&value).unwrap();
    assert_eq!(json, format!("\"{text}\""));
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), value);
    // Text with escapes and text in a tree are not borrowed.
    let escaped = json.replace('.', "\\u002e");
    assert_eq!(serde_json::from_str::<T>(&escaped).unwrap(), value);
    assert_eq!(serde_json::from_value::<T>(text.into()).unwrap(), value);
}

/// Refuses a text by `FromStr` and by `Deserialize`, with the same words and without the text.
fn refused<T: Debug + DeserializeOwned + FromStr<Err = ParseError>>(text: &str) -> String {
    let message = text.parse::<T>().unwrap_err().to_string();
    let json = serde_json::to_string(text).unwrap();
    let of_json = serde_json::from_str::<T>(&json).unwrap_err().to_string();
    assert!(of_json.starts_with(&message), "{of_json}");
    message
}

#[test]
fn every_word_comes_back() {
    Vendor::ALL.iter().copied().for_each(comes_back);
    Entity::ALL.iter().copied().for_each(comes_back);
    Action::ALL.iter().copied().for_each(comes_back);
    Coverage::ALL.iter().copied().for_each(comes_back);
    IdOrigin::ALL.iter().copied().for_each(comes_back);
    ReplayPolicy::ALL.iter().copied().for_each(comes_back);
    SignatureEncoding::ALL.iter().copied().for_each(comes_back);
}

#[test]
fn every_kind_comes_back() {
    for &entity in Entity::ALL {
        for &action in Action::ALL {
            comes_back(Kind { entity, action });
        }
    }
}

#[test]
fn another_text_is_no_word() {
    for text in [
        "", "Ticket", "TICKET", " ticket", "ticket ", "ticket\n", "tickets", "ticket\0", "tıcket", "\u{fffd}",
    ] {
        let message = refused::<Entity>(text);
        assert!(
            message.starts_with("expected one of: user campaign ") && message.ends_with(" other"),
            "{message}"
        );
        refused::<Vendor>(text);
        refused::<Action>(text);
    }
}

#[test]
fn another_text_is_no_kind() {
    for text in [
        "",
        ".",
        "ticket",
        "ticket.",
        ".answered",
        "ticket..answered",
        "ticket.answered.",
        "answered.ticket",
        "a.b",
    ] {
        let message = refused::<Kind>(text);
        assert!(message.starts_with("expected "), "{message}");
        assert!(text.len() < 9 || !message.contains("ticket.."), "{message}");
    }
    assert!(refused::<Kind>("ticket").ends_with("such as ticket.answered"));
    assert!(refused::<Kind>("ticket.close").contains(" closed "));
}

#[test]
fn a_message_holds_nothing_of_the_text() {
    let text = "aa-secret-zz.aa-secret-zz";
    for message in [
        refused::<Vendor>(text),
        refused::<Entity>(text),
        refused::<Action>(text),
        refused::<Kind>(text),
        refused::<Timestamp>(text),
    ] {
        assert!(!message.contains("secret"), "{message}");
    }
    let error = text.parse::<Vendor>().unwrap_err();
    assert_eq!(error.to_string(), format!("expected {}", error.expected()));
    assert!(!format!("{error:?}").contains("secret"));
}

#[test]
fn what_is_no_text_is_no_word() {
    for json in ["1", "null", "true", "[]", "{}"] {
        assert!(serde_json::from_str::<Vendor>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<Kind>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<Timestamp>(json).is_err(), "{json}");
    }
}

#[test]
fn times_at_the_edges_come_back() {
    let times = [
        "0001-01-01T00:00:00Z",
        "0004-02-29T23:59:59.999Z",
        "1600-02-29T00:00:00Z",
        "1900-02-28T23:59:59.001Z",
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00Z",
        "2000-02-29T12:00:00.100Z",
        "2024-02-29T00:00:00.010Z",
        "9999-12-31T23:59:59.999Z",
    ];
    for text in times {
        let time: Timestamp = text.parse().unwrap();
        assert_eq!(time.to_string(), text);
        comes_back(time);
    }
    comes_back(Timestamp::MIN);
    comes_back(Timestamp::MAX);
}

#[test]
fn a_time_in_another_form_is_refused() {
    for text in [
        "",
        "2026-03-04",
        "2026-03-04T05:06:07",
        "2026-03-04T05:06:07.000Z",
        "2026-03-04T05:06:07.5Z",
        "2026-03-04T05:06:07.50Z",
        "2026-03-04T05:06:07.5000Z",
        "2026-03-04T05:06:07.Z",
        "2026-03-04T05:06:07+00:00",
        "2026-03-04T05:06:07-00:00",
        "2026-03-04T06:06:07+01:00",
        "2026-03-04t05:06:07Z",
        "2026-03-04T05:06:07z",
        "2026-03-04 05:06:07Z",
        " 2026-03-04T05:06:07Z",
        "2026-03-04T05:06:07Z\n",
        "2026-03-04T05:06:60Z",
        "2026-03-04T24:00:00Z",
        "2025-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "0000-12-31T23:59:59Z",
        "10000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "+2026-03-04T05:06:07Z",
        "２026-03-04T05:06:07Z",
    ] {
        let message = refused::<Timestamp>(text);
        assert!(message.starts_with("expected a time in UTC such as 1994"), "{message}");
    }
}

proptest! {
    #[test]
    fn every_time_comes_back(millis in Timestamp::MIN.unix_millis()..=Timestamp::MAX.unix_millis()) {
        comes_back(Timestamp::from_unix_millis(millis).unwrap());
        comes_back(Timestamp::from_unix_seconds(millis.div_euclid(1000)).unwrap());
    }

    #[test]
    fn a_text_that_is_read_is_the_one_that_is_printed(
        text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][012][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,4})?(Z|z|[+-]00:00)?",
    ) {
        if let Ok(time) = text.parse::<Timestamp>() {
            prop_assert_eq!(time.to_string(), text);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        if let Ok(kind) = text.parse::<Kind>() {
            prop_assert_eq!(kind.to_string(), text.as_str());
        }
        if let Ok(time) = text.parse::<Timestamp>() {
            prop_assert_eq!(time.to_string(), text);
        }
    }

    #[test]
    fn equal_texts_have_equal_hashes(one in "(a|\\\\u0061|\\\\/|/|\u{e9}|\\\\u00e9){0,4}", other in "(a|\\\\u0061|/|\u{e9}){0,4}") {
        let [one, other] = [one, other].map(|text| format!("\"{text}\""));
        let subject = |json| Subject { entity: Entity::Ticket, id: Text::from_json(json) };
        let (one, other, hasher) = (subject(&one), subject(&other), RandomState::new());
        prop_assert_eq!(one == other, hasher.hash_one(one) == hasher.hash_one(other));
        prop_assert_eq!(one == other, HashSet::from([one]).contains(&other));
    }
}

#[test]
fn a_subject_without_an_id_and_one_of_another_entity_are_others() {
    let id = Text::from_json("\"7\"");
    let subjects = HashSet::from([
        Subject { entity: Entity::Ticket, id },
        Subject { entity: Entity::User, id },
        Subject { entity: Entity::Ticket, id: None },
        Subject { entity: Entity::Ticket, id: Text::from_json(r#""\u0037""#) },
    ]);
    assert_eq!(subjects.len(), 3);
}
