//! The payload reader and JSONTestSuite: every `y_` is accepted, every `n_` refused, and each `i_` has the outcome
//! that is written down here.

use std::{fs, path::PathBuf};

use hookseal::{Keys, Problem, Raw, Receiver, bento::Credentials};
use serde::de::IgnoredAny;

fn texts(prefix: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/jsontestsuite/test_parsing");
    let mut texts: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .filter(|(name, _)| name.starts_with(prefix))
        .collect();
    texts.sort();
    texts
}

#[test]
fn what_must_be_accepted_is_read_as_serde_json_reads_it() {
    let texts = texts("y_");
    assert_eq!(texts.len(), 95);
    for (name, text) in texts {
        let raw = Raw::parse(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let theirs: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(serde_json::to_value(raw.data()).unwrap(), theirs, "{name}");
    }
}

#[test]
fn what_must_be_refused_is_refused() {
    let texts = texts("n_");
    assert_eq!(texts.len(), 188);
    for (name, text) in texts {
        assert!(Raw::parse(&text).is_err(), "{name}");
    }
}

#[test]
fn what_is_left_open_has_the_outcome_that_is_written_down() {
    let texts = texts("i_");
    assert_eq!(texts.len(), 35);
    for (name, text) in texts {
        let expected = match name.as_str() {
            // More open lists and objects than 127, the most of any receiver.
            "i_structure_500_nested_arrays.json" => Some(Problem::TooDeep),
            "i_structure_UTF-8_BOM_empty_object.json" => Some(Problem::ByteOrderMark),
            // Not UTF-8: other encodings, surrogates and overlong forms written as bytes.
            "i_string_UTF-16LE_with_BOM.json"
            | "i_string_UTF-8_invalid_sequence.json"
            | "i_string_UTF8_surrogate_U+D800.json"
            | "i_string_invalid_utf-8.json"
            | "i_string_iso_latin_1.json"
            | "i_string_lone_utf8_continuation_byte.json"
            | "i_string_not_in_unicode_range.json"
            | "i_string_overlong_sequence_2_bytes.json"
            | "i_string_overlong_sequence_6_bytes.json"
            | "i_string_overlong_sequence_6_bytes_null.json"
            | "i_string_truncated-utf-8.json"
            | "i_string_utf16BE_no_BOM.json"
            | "i_string_utf16LE_no_BOM.json" => Some(Problem::InvalidUtf8),
            // Numbers of any size, and halves of surrogate pairs: kept as they were written.
            name if name.starts_with("i_number_") || name.contains("surrogate") => None,
            name => panic!("{name} has no outcome written down"),
        };
        assert_eq!(Raw::parse(&text).err().map(|fault| fault.problem()), expected, "{name}");
    }
}

/// Bodies with the text in an unread field, at each place that a receiver walks through.
fn wrapped(text: &[u8]) -> [(Receiver, Vec<u8>); 5] {
    let keys = || Keys::new("secret").unwrap();
    let benji = Receiver::benji(keys()).unwrap();
    let benti = || Receiver::benti(keys()).unwrap();
    let bento = || Receiver::bento(Credentials::Bearer { keys: keys() }).unwrap();
    let around = |before: &str, after: &str| [before.as_bytes(), text, after.as_bytes()].concat();
    [
        (benji, around(r#"{"event":"e","unread":"#, "}")),
        (benti(), around(r#"[{"action":"a"},{"action":"a","body":{"unread":"#, "}}]")),
        (benti(), around(r#"{"unread":"#, r#","events":[{"action":"a"}]}"#)),
        (bento(), around(r#"{"events":[{"type":"t","email":"e","details":{"unread":"#, "}}]}")),
        (bento(), around(r#"{"workflow":"#, "}")),
    ]
}

#[test]
fn every_receiver_accepts_and_refuses_the_same_inside_of_a_body() {
    for prefix in ["y_", "n_"] {
        for (name, text) in texts(prefix) {
            for (receiver, body) in wrapped(&text) {
                // Brackets can complete a broken text, so the oracle decides.
                let is_json =
                    serde_json::from_slice::<IgnoredAny>(&body).is_ok() && str::from_utf8(&body).is_ok();
                let read = receiver.parse_unauthenticated(&body);
                match (is_json, read) {
                    (true, Ok(_)) | (false, Err(_)) => {}
                    (true, Err(rejection)) => {
                        let problem = rejection.payload_fault().map(hookseal::PayloadFault::problem);
                        assert_eq!(problem, Some(Problem::TooDeep), "{name} in {receiver:?}: {rejection}");
                    }
                    (false, Ok(_)) => panic!("{name} in {receiver:?} is not JSON"),
                }
            }
        }
    }
}

#[test]
fn a_number_keeps_its_digits_and_half_a_pair_reads_as_the_replacement_character() {
    for (text, shown) in [("[123123e100000]", "[123123e100000]"), (r#"["\uD800"]"#, "[\"\u{fffd}\"]")] {
        let data = Raw::parse(text.as_bytes()).unwrap().data();
        assert_eq!(serde_json::to_string(&data).unwrap(), shown);
    }
}
