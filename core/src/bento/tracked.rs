//! Reads an event about a subscriber, in a container or alone.

use crate::{
    event::{Entry, Family},
    freshness::{Timestamp, rfc3339, spaced},
    kind::{Action, Entity, Kind},
    payload::{
        JsonValue, Span,
        scan::{NameBuffer, Scan, ValueBuffer},
        string::short_text,
    },
    reading::{
        ElementFault, ElementFields, Reader, Role,
        element::{optional_text, required_text},
    },
    words::vendor_words,
};

#[derive(Debug, Default)]
struct TrackedFields<'a> {
    event_type: JsonValue<'a>,
    email: JsonValue<'a>,
    date: JsonValue<'a>,
    unique_key: JsonValue<'a>,
    identity_email: JsonValue<'a>,
    details_seen: bool,
    unique_seen: bool,
    identity_seen: bool,
}

#[derive(Debug, Clone, Copy, Default)]
enum Object {
    #[default]
    Event,
    /// `details`
    Details,
    /// `details.unique`
    Unique,
    /// `identity`
    Identity,
}

impl<'a> ElementFields<'a> for TrackedFields<'a> {
    type Object = Object;

    #[inline]
    fn role(&mut self, object: Object, name: &[u8]) -> Role<'_, 'a, Object> {
        let (value, pointer) = match object {
            Object::Event if name == b"type" => (&mut self.event_type, "/type"),
            Object::Event if name == b"email" => (&mut self.email, "/email"),
            Object::Event if name == b"date" => (&mut self.date, "/date"),
            Object::Identity if name == b"email" => (&mut self.identity_email, "/identity/email"),
            Object::Unique if name == b"key" => (&mut self.unique_key, "/details/unique/key"),
            _ => return self.role_of_object(object, name),
        };
        Role::Field { value, pointer }
    }

    #[inline]
    fn parent(object: Object) -> Object {
        match object {
            Object::Unique => Object::Details,
            Object::Details | Object::Identity | Object::Event => Object::Event,
        }
    }
}

#[inline(never)]
pub(super) fn event(reader: &mut Reader<'_, '_>) -> Scan<()> {
    reader.element(TrackedFields::default(), TrackedFields::normalize)
}

impl<'a> TrackedFields<'a> {
    #[inline]
    fn role_of_object(&mut self, holder: Object, name: &[u8]) -> Role<'_, 'a, Object> {
        let (object, was_seen, pointer) = match holder {
            Object::Event if name == b"details" => (Object::Details, &mut self.details_seen, "/details"),
            Object::Event if name == b"identity" => (Object::Identity, &mut self.identity_seen, "/identity"),
            Object::Details if name == b"unique" => {
                (Object::Unique, &mut self.unique_seen, "/details/unique")
            }
            _ => return Role::Ignored,
        };
        Role::Object { object, was_seen, pointer }
    }

    #[inline]
    fn normalize(&self, element: JsonValue<'_>) -> Result<Entry, ElementFault> {
        let name = required_text(self.event_type, element, "/type")?;
        let subject = if self.email.is_absent_or_null() && !self.identity_email.is_absent_or_null() {
            required_text(self.identity_email, element, "/identity/email")?
        } else {
            required_text(self.email, element, "/email")?
        };
        let known = action_of_type(short_text(self.event_type, &mut NameBuffer::default()));
        let action = known.unwrap_or(Action::Tracked);
        let kind = Kind::new(Entity::Subscriber, action);
        let event = Entry { subject, ..Entry::new(Family::BentoEvent, element.span(), name, kind) };
        Ok(event.with_unique_key(unique_key(self.unique_key)).with_time(date(self.date)))
    }
}

vendor_words! {
    fn action_of_type, TYPES: Action {
        b"$purchase" = Purchased,
        b"$subscribe" = Subscribed,
        b"$unsubscribe" = Unsubscribed,
        b"$tag" = Tagged,
        b"$remove_tag" = Untagged,
        b"$update_fields" = Updated,
    }
}

/// The key that makes a purchase count once: a text or any number.
#[inline]
fn unique_key(value: JsonValue<'_>) -> Span {
    match value.json {
        [b'-' | b'0'..=b'9', ..] => value.span(),
        _ => optional_text(value),
    }
}

/// Reads the date in the forms that Bento's clients write. Any other text leaves the event without a time.
#[inline]
fn date(value: JsonValue<'_>) -> Option<Timestamp> {
    if optional_text(value).is_absent() {
        return None;
    }
    let mut buffer = ValueBuffer::default();
    let text = short_text(value, &mut buffer.0);
    match rfc3339::parse_lenient(text) {
        Some((time, offset_minutes)) => offset_minutes.map(|_| time),
        None => match spaced::parse(text) {
            Some((time, zone)) => (zone == b" UTC").then_some(time),
            None => spaced::parse_offset(text).map(|(time, _offset_minutes)| time),
        },
    }
}
