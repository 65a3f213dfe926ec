//! Compares the payload reader with `serde_json`: both accept the same texts and read the same values.

use hookseal::{MAX_DEPTH, MAX_NUMBER_LENGTH, Problem, Raw, Text};

use crate::oracle::{Json, NoJson, without_white_space};

pub fn check(data: &[u8]) {
    let depth = usize::try_from(MAX_DEPTH).unwrap();
    let expected = Json::read(data, depth);
    let ours = Raw::parse(data);
    match (&ours, &expected) {
        (Ok(raw), Ok(json)) => {
            assert!(json.longest_number() <= MAX_NUMBER_LENGTH);
            check_value(*raw, json, data);
        }
        (Err(fault), Ok(json)) => {
            assert_eq!(fault.problem(), Problem::NumberTooLong, "{fault}");
            assert!(json.longest_number() > MAX_NUMBER_LENGTH);
        }
        (Err(fault), Err(NoJson::Depth)) => {
            assert!(matches!(fault.problem(), Problem::TooDeep | Problem::NumberTooLong), "{fault}");
        }
        (Err(fault), Err(NoJson::Syntax)) => {
            assert_ne!(fault.problem(), Problem::NumberTooLong, "{fault}: the syntax comes first");
        }
        (Ok(_), Err(_)) => panic!("accepted, but serde_json does not: {}", data.escape_ascii()),
    }
    if let Err(fault) = ours {
        check_place(data, (fault.line(), fault.column()), fault.problem());
    }
}

fn check_value(raw: Raw<'_>, json: &Json, text: &[u8]) {
    let white = |byte: &u8| b" \t\r\n".contains(byte);
    let start = text.iter().position(|byte| !white(byte)).unwrap();
    let end = text.iter().rposition(|byte| !white(byte)).unwrap();
    assert_eq!(raw.as_bytes(), &text[start..=end]);

    let data = raw.data();
    assert!(json.equals(&data), "{} reads otherwise", text.escape_ascii());
    // If the value is written, it is read back as the same value.
    let written = serde_json::to_string(&data).unwrap();
    assert!(Raw::parse(written.as_bytes()).unwrap().data() == data);
    assert_eq!(serde_json::to_string(&raw).unwrap(), without_white_space(raw.as_str()));

    let json_text = Text::from_json(raw.as_str());
    match json {
        Json::Text(expected) => {
            let text = json_text.unwrap();
            assert_eq!(text, expected.as_str());
            assert_eq!(text.to_cow(), *expected);
            assert_eq!(text.to_string(), *expected);
            assert_eq!(text.chars().collect::<String>(), *expected);
            assert_eq!(text.as_str().is_none(), raw.as_str().contains('\\'));
        }
        _ => assert!(json_text.is_none()),
    }
}

/// Checks the place of a fault: the first byte with which the text can no longer become JSON. The text before that byte
/// is complete, or fails at its own end. With the byte it fails at the same place.
fn check_place(text: &[u8], place: (usize, usize), problem: Problem) {
    let line_start: usize =
        text.split(|byte| *byte == b'\n').take(place.0 - 1).map(|line| line.len() + 1).sum();
    let at = line_start + place.1 - 1;
    assert!(at <= text.len(), "{at} lies behind the text");
    if matches!(problem, Problem::NumberTooLong | Problem::InvalidUtf8) {
        return;
    }
    if let Err(before) = Raw::parse(&text[..at]) {
        let mut lines = text[..at].split(|byte| *byte == b'\n');
        let (line, column) = (lines.clone().count(), lines.next_back().map_or(0, <[u8]>::len) + 1);
        let whole = std::str::from_utf8(&text[..at]).is_ok();
        let of_number = before.problem() == Problem::NumberTooLong;
        assert!(
            of_number || !whole || (before.line(), before.column()) == (line, column),
            "{before}: {problem:?}"
        );
    }
    if let Some(with) = text.get(..=at).filter(|with| std::str::from_utf8(with).is_ok()) {
        let fault = Raw::parse(with).unwrap_err();
        assert_eq!((fault.line(), fault.column(), fault.problem()), (place.0, place.1, problem));
    }
}
