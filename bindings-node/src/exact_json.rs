//! Rewrites the JSON of an event so that `JSON.parse` changes no value.

use std::fmt::Write as _;

use hookseal::{Number, Raw, Token, binding::exact_float};
use napi::{Error, Result, bindgen_prelude::FunctionCallContext};

/// `exactJson(bytes, exactNumbers)`: the JSON of an event with each number as a text that `JSON.parse` would change, and
/// with U+FFFD for each half of a surrogate pair. With `exactNumbers` each number with a fraction or an exponent is a
/// text.
pub(crate) fn exact_json(call: FunctionCallContext<'_>) -> Result<String> {
    // A copy made for this call. The scan of the delivery has checked the JSON, so it is not checked again.
    let (bytes, exact_numbers): (&[u8], bool) = (call.get(0)?, call.get(1)?);
    let raw: Raw<'_> =
        serde_json::from_slice(bytes).map_err(|_| Error::from_reason("not the JSON of an event"))?;
    let mut json = String::with_capacity(bytes.len() + 64);
    for token in raw.tokens() {
        write(&mut json, token, exact_numbers);
    }
    Ok(json)
}

fn write(json: &mut String, token: Token<'_>, exact_numbers: bool) {
    let is_end = matches!(token, Token::ListEnd | Token::ObjectEnd);
    if !is_end && !json.is_empty() && !json.ends_with(['[', '{', ':']) {
        json.push(',');
    }
    match token {
        Token::Null => json.push_str("null"),
        Token::Bool(value) => json.push_str(if value { "true" } else { "false" }),
        Token::Number(number) if is_text(number, exact_numbers) => quoted(json, number.as_str().chars()),
        Token::Number(number) => json.push_str(number.as_str()),
        Token::Text(text) => quoted(json, text.chars()),
        Token::Key(key) => {
            quoted(json, key.chars());
            json.push(':');
        }
        Token::ListStart => json.push('['),
        Token::ListEnd => json.push(']'),
        Token::ObjectStart => json.push('{'),
        Token::ObjectEnd => json.push('}'),
    }
}

/// Whether it is an integer outside of ±(2^53 − 1), or a fraction that a JavaScript number does not print as the same
/// value.
fn is_text(number: Number<'_>, exact_numbers: bool) -> bool {
    const LARGEST: u64 = (1 << 53) - 1;
    if number.is_integer() {
        return number.as_str().parse::<i64>().map_or(true, |value| value.unsigned_abs() > LARGEST);
    }
    exact_numbers || exact_float(number).is_none()
}

fn quoted(json: &mut String, characters: impl Iterator<Item = char>) {
    json.push('"');
    for character in characters {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            // Writing to a `String` never fails.
            '\0'..='\u{1f}' => drop(write!(json, "\\u{:04x}", u32::from(character))),
            _ => json.push(character),
        }
    }
    json.push('"');
}
