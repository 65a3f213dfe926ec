//! The payload reader and JSONTestSuite: every `y_` is accepted, every `n_` refused, and each `i_` has the outcome
//! that is written down here.

use std::{fs, path::PathBuf};

use hookseal::{Problem, Raw};

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
            // More containers than 127, the most of any receiver.
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

#[test]
fn a_number_keeps_its_digits_and_half_a_pair_reads_as_the_replacement_character() {
    for (text, shown) in [("[123123e100000]", "[123123e100000]"), (r#"["\uD800"]"#, "[\"\u{fffd}\"]")] {
        let data = Raw::parse(text.as_bytes()).unwrap().data();
        assert_eq!(serde_json::to_string(&data).unwrap(), shown);
    }
}
