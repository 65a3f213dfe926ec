//! What Bento's events, subscribers, e-mails and commands share: each is one JSON object that has been checked.

use alloc::{boxed::Box, string::String};

use serde::Serialize;

use super::{
    checks::{Check, must},
    members::{Member, members_of},
};
use crate::{
    outgoing::error::{OutgoingError, Requirement},
    payload::{JsonValue, Raw, string::has_whole_surrogates},
};

/// The longest text of a value, in bytes.
pub const MAX_VALUE_BYTES: usize = 1024 * 1024;

/// Declares a value: a type around its JSON, and the check of its members.
macro_rules! value {
    ($(#[$doc:meta])* $name:ident, $check:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(super::value::Checked);

        impl $name {
            /// Takes one JSON object. White space between its tokens is removed; its members keep their order and
            /// its numbers their digits.
            ///
            /// # Errors
            ///
            /// [`OutgoingError`](crate::outgoing::OutgoingError): the text is no JSON object, is longer than
            /// [`MAX_VALUE_BYTES`](crate::outgoing::MAX_VALUE_BYTES), holds half of a surrogate pair, or has a member
            /// twice, at any depth; a member is unknown, missing or malformed.
            pub fn from_json(json: &str) -> Result<Self, crate::outgoing::error::OutgoingError> {
                super::value::checked(json, $check).map(Self)
            }

            /// Takes anything that `serde` serializes as a JSON object. As in JavaScript, NaN and infinite numbers
            /// become null.
            ///
            /// # Errors
            ///
            /// Those of [`from_json`](Self::from_json). A value that cannot be serialized is no JSON object.
            pub fn new(value: &impl serde::Serialize) -> Result<Self, crate::outgoing::error::OutgoingError> {
                super::value::checked(&super::value::to_json(value)?, $check).map(Self)
            }

            /// The JSON object as it is sent: one line.
            #[must_use]
            pub fn as_json(&self) -> &str {
                &self.0.json
            }

            /// Whether the value may be sent twice: Bento recognizes the repetition, or it changes nothing.
            ///
            /// An event is recognized by its `details.unique.key`, a subscriber by the address. An e-mail is sent a second
            /// time. So are `add_tag_via_event`, which makes an event, and `change_email`.
            #[must_use]
            pub fn is_repeatable(&self) -> bool {
                self.0.is_repeatable
            }
        }

        /// Shows only the length, because the value holds personal data.
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.json.len())
            }
        }
    };
}
pub(super) use value;

/// What a value holds.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Checked {
    pub(super) json: Box<str>,
    pub(super) is_repeatable: bool,
}

/// The JSON of a value, on one line, if it is an object that passes the check. The check says whether it is repeatable.
pub(super) fn checked(json: &str, check: fn(&[Member<'_>]) -> Check<bool>) -> Check<Checked> {
    must("value", Requirement::ShortJson, json.len() <= MAX_VALUE_BYTES)?;
    let raw = Raw::parse(json.as_bytes())
        .map_err(|fault| OutgoingError::MalformedJson { line: fault.line(), column: fault.column() })?;
    let text = JsonValue {
        json: raw.as_bytes(),
        has_escapes: raw.as_bytes().contains(&b'\\'),
        ..JsonValue::default()
    };
    must("value", Requirement::WholeCharacters, has_whole_surrogates(text))?;
    let Some(members) = members_of(raw)? else { return Err(no_object(json)) };
    let is_repeatable = check(&members)?;
    let mut line = String::with_capacity(raw.as_bytes().len());
    raw.push_one_line(&mut line);
    Ok(Checked { json: line.into_boxed_str(), is_repeatable })
}

pub(super) fn to_json(value: &impl Serialize) -> Check<String> {
    serde_json::to_string(value).map_err(|_| OutgoingError::MalformedJson { line: 1, column: 1 })
}

/// JSON of another kind: the fault is at its first byte.
fn no_object(json: &str) -> OutgoingError {
    let before = json.len() - json.trim_start().len();
    let before = json.get(..before).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    OutgoingError::MalformedJson {
        line: before.matches('\n').count() + 1,
        column: before.len() - line_start + 1,
    }
}
