//! Events for Bento.

use super::{
    checks::{self, Check, must, required},
    members::{Member, Members, Value},
    value::value,
};
use crate::outgoing::error::{OutgoingError, Requirement};

value! {
    /// An event about a subscriber: one JSON object on one line, checked.
    ///
    /// | member | what it must be |
    /// |---|---|
    /// | `type` | one line of text |
    /// | `email` | an e-mail address |
    /// | `fields`, optional | null, or an object of text, numbers, true, false and null |
    /// | `details`, optional | null, or an object of any depth up to [`MAX_DEPTH`](crate::MAX_DEPTH) |
    /// | `date`, optional | a date and time of RFC 3339 |
    ///
    /// A `$purchase` needs `details.unique.key` (text or an integer), by which Bento counts it once, and
    /// `details.value` with `currency` (three capital letters) and `amount`, in cents (0 to 9,007,199,254,740,992).
    ///
    /// Bento does not say which e-mail addresses it takes. The rule here is ours: one `@`, at most 254 bytes in all
    /// and 64 before the `@`, at least two labels behind it, each of at most 63 bytes without a hyphen at either end,
    /// and no white space, control character, double quote, bracket, comma, colon, semicolon or backslash. Behind the
    /// `@` the ASCII characters are letters, digits and hyphens. Letters beyond ASCII are allowed.
    ///
    /// Bento's clients also send dates in other forms. They are refused here, because their zone is not known.
    ///
    /// ```
    /// use hookseal::outgoing::BentoEvent;
    ///
    /// let event = BentoEvent::from_json(r#"{ "type": "signup", "email": "a@example.com", "fields": {"age": 7.0} }"#)?;
    /// assert_eq!(event.as_json(), r#"{"type":"signup","email":"a@example.com","fields":{"age":7.0}}"#);
    /// assert_eq!(format!("{event:?}"), "BentoEvent(62 bytes)");
    /// # Ok::<(), hookseal::outgoing::OutgoingError>(())
    /// ```
    BentoEvent, check
}

/// The type whose details tell what was paid.
const PURCHASE: &str = "$purchase";

fn check(members: &[Member<'_>]) -> Check<bool> {
    let (mut event_type, mut email, mut details) = (None, None, None);
    for member in members {
        let value = &member.value;
        match &*member.name {
            "type" => {
                checks::line("type", value)?;
                event_type = Some(value);
            }
            "email" => email = Some(checks::email("email", value)?),
            "date" => checks::date("date", value)?,
            "fields" => must("fields", Requirement::FlatObject, is_flat_or_null(value))?,
            "details" if matches!(value, Value::Null) => {}
            "details" => details = Some(checks::object("details", value)?),
            _ => return Err(OutgoingError::UnknownMember { position: member.position }),
        }
    }
    let event_type = required("type", event_type)?;
    required("email", email)?;
    if matches!(event_type, Value::Text(text) if text == PURCHASE) {
        check_purchase(required("details", details)?)?;
    }
    Ok(details.is_some_and(has_unique_key))
}

/// Whether the details have the key by which Bento recognizes the event.
fn has_unique_key(details: &Members<'_>) -> bool {
    details.clone().any(|member| member.name == "unique" && check_unique(&member.value).is_ok())
}

fn is_flat_or_null(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.clone().all(|member| member.value.is_scalar()),
        _ => false,
    }
}

fn check_purchase(details: &Members<'_>) -> Check {
    let (mut unique, mut value) = (None, None);
    for member in details.clone() {
        match &*member.name {
            "unique" => unique = Some(check_unique(&member.value)?),
            "value" => value = Some(check_value(&member.value)?),
            _ => {}
        }
    }
    required("details.unique", unique)?;
    required("details.value", value)
}

fn check_unique(unique: &Value<'_>) -> Check {
    let mut key = None;
    for member in checks::object("details.unique", unique)?.clone() {
        if member.name == "key" {
            key = Some(checks::text_or_integer("details.unique.key", &member.value)?);
        }
    }
    required("details.unique.key", key)
}

fn check_value(value: &Value<'_>) -> Check {
    let (mut currency, mut amount) = (None, None);
    for member in checks::object("details.value", value)?.clone() {
        let value = &member.value;
        match &*member.name {
            "currency" => currency = Some(checks::currency("details.value.currency", value)?),
            "amount" => amount = Some(checks::amount("details.value.amount", value)?),
            _ => {}
        }
    }
    required("details.value.currency", currency)?;
    required("details.value.amount", amount)
}
