//! Checks of single members. Each takes the member's name for the error.

use super::{
    email_address::is_email_address,
    members::{Members, Value},
};
use crate::{
    freshness::rfc3339,
    outgoing::error::{OutgoingError, Requirement},
    payload::{Number, Text, exact_float},
};

/// The largest amount: above it, JSON readers that use floats change integers.
const LARGEST_AMOUNT: f64 = 9_007_199_254_740_992.0;

pub(super) type Check<T = ()> = Result<T, OutgoingError>;

/// Refuses the member unless it is what it must be.
pub(super) fn must(name: &'static str, must: Requirement, is_it: bool) -> Check {
    if is_it { Ok(()) } else { Err(OutgoingError::MalformedValue { name, must }) }
}

/// A member that must be there.
pub(super) fn required<T>(name: &'static str, member: Option<T>) -> Check<T> {
    member.ok_or(OutgoingError::MissingMember(name))
}

pub(super) fn email(name: &'static str, value: &Value<'_>) -> Check {
    must(name, Requirement::Email, is_text(value, |text| is_email_address(&text.to_cow())))
}

pub(super) fn line(name: &'static str, value: &Value<'_>) -> Check {
    must(name, Requirement::Line, is_text(value, |text| is_line(text.chars())))
}

pub(super) fn text(name: &'static str, value: &Value<'_>) -> Check {
    must(name, Requirement::Text, is_text(value, |text| !text.is_empty()))
}

pub(super) fn date(name: &'static str, value: &Value<'_>) -> Check {
    must(name, Requirement::Date, is_text(value, |text| rfc3339::parse(text.to_cow().as_bytes()).is_some()))
}

pub(super) fn boolean(name: &'static str, value: &Value<'_>) -> Check {
    must(name, Requirement::Boolean, matches!(value, Value::Bool))
}

pub(super) fn scalar(name: &'static str, value: &Value<'_>) -> Check {
    must(name, Requirement::Scalar, value.is_scalar())
}

pub(super) fn text_or_integer(name: &'static str, value: &Value<'_>) -> Check {
    let is_integer = matches!(value, Value::Number(number) if number.is_integer());
    must(name, Requirement::TextOrInteger, is_integer || is_text(value, |text| !text.is_empty()))
}

pub(super) fn currency(name: &'static str, value: &Value<'_>) -> Check {
    let is_code = |text: Text<'_>| {
        let code = text.to_cow();
        code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    must(name, Requirement::Currency, is_text(value, is_code))
}

pub(super) fn amount(name: &'static str, value: &Value<'_>) -> Check {
    must(name, Requirement::Amount, matches!(value, Value::Number(number) if is_amount(*number)))
}

/// Text with commas between tags, or a list of tags.
pub(super) fn tags(name: &'static str, value: &Value<'_>) -> Check {
    let is_tag = |text: &str| !text.trim().is_empty();
    let are_tags = match value {
        Value::Text(tags) => tags.to_cow().split(',').all(is_tag),
        Value::List(tags) => tags.clone().all(|tag| is_text(&tag, |tag| is_tag(&tag.to_cow()))),
        _ => false,
    };
    must(name, Requirement::Tags, are_tags)
}

/// The members of an object.
pub(super) fn object<'v, 'a>(name: &'static str, value: &'v Value<'a>) -> Check<&'v Members<'a>> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(OutgoingError::MalformedValue { name, must: Requirement::Object }),
    }
}

/// One line of text: no control characters, no line breaks of Unicode, and no white space at an end.
pub(super) fn is_line(mut characters: impl Iterator<Item = char> + Clone) -> bool {
    let ends_blank = characters.clone().last().is_none_or(char::is_whitespace);
    let starts_blank = characters.clone().next().is_none_or(char::is_whitespace);
    !starts_blank
        && !ends_blank
        && characters
            .all(|character| !character.is_control() && !matches!(character, '\u{2028}' | '\u{2029}'))
}

fn is_text<'a>(value: &Value<'a>, is_it: impl FnOnce(Text<'a>) -> bool) -> bool {
    match value {
        Value::Text(text) => is_it(*text),
        _ => false,
    }
}

fn is_amount(number: Number<'_>) -> bool {
    let digits = number.as_str();
    let mantissa = digits.split(['e', 'E']).next().unwrap_or(digits);
    let is_zero = !mantissa.bytes().any(|digit| matches!(digit, b'1'..=b'9'));
    let Ok(float) = digits.parse::<f64>() else { return false };
    match float {
        _ if is_zero => true,
        // A number just above the largest amount reads as the largest.
        LARGEST_AMOUNT if number.is_integer() => digits == "9007199254740992",
        LARGEST_AMOUNT => exact_float(number).is_some(),
        _ => !digits.starts_with('-') && float < LARGEST_AMOUNT,
    }
}
