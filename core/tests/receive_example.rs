//! What the example `receive` prints of a request whose sender tries to steer a terminal.

#[path = "../examples/receive.rs"]
#[expect(dead_code, reason = "the example's main is not run here")]
mod receive;

use serde_json::Value;

fn shown(name: &str, as_json: bool) -> String {
    let mut output = Vec::new();
    assert_eq!(receive::show_all(&mut output, &receive::named(&[name]).unwrap(), as_json), Ok(0));
    String::from_utf8(output).unwrap()
}

/// Whether a terminal shows every character.
fn is_visible(line: &str) -> bool {
    line.chars().all(|character| character.escape_debug().count() == 1 || "\"'\\".contains(character))
}

#[test]
fn the_table_shows_a_subject_escaped() {
    let table = shown("benji/entity_id/text_that_steers_a_terminal", false);
    assert_eq!(table.lines().count(), 3, "{table:?}");
    assert!(table.lines().all(is_visible), "{table:?}");
    let escaped = r#""transaction/\u{1b}]0;t\u{7}\n\u{9b}31m\u{202e}\u{2028}\u{7f}a""#;
    assert!(table.contains(escaped), "{table:?}");
}

#[test]
fn each_cloudevent_is_one_line_whose_text_is_visible() {
    let lines = shown("benji/entity_id/text_that_steers_a_terminal", true);
    let (event, rest) = lines.split_once('\n').unwrap();
    assert_eq!(rest, "", "{lines:?}");
    assert!(is_visible(event), "{event:?}");
    let event: Value = serde_json::from_str(event).unwrap();
    assert_eq!(event["data"]["entity_id"], "\u{1b}]0;t\u{7}\n\u{9b}31m\u{202e}\u{2028}\u{7f}a");
}

#[test]
fn a_character_beyond_the_basic_plane_is_escaped_as_its_two_surrogates() {
    // A tag character (U+E0041), which no terminal shows, and an emoji, which it does.
    assert_eq!(receive::one_line("[\"\u{e0041}\u{1f9e7}\",\r\n\t1]"), "[\"\\udb40\\udc41\u{1f9e7}\",   1]");
}
