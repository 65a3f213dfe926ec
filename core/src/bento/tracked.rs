//! An event about a subscriber, in a container or alone.

use crate::{
    event::{Entry, Family},
    freshness::{Timestamp, rfc3339},
    kind::{Action, Entity, Kind},
    payload::{
        Span, Value,
        scan::{NameBuffer, Scan, Scanner, ValueBuffer},
        string::short_text,
    },
    reading::{
        ElementFault, Filling,
        element::{self, Member, optional_text, required_text},
    },
};

/// The fields of an event that are read.
#[derive(Debug, Default)]
struct EventFields<'a> {
    event_type: Value<'a>,
    email: Value<'a>,
    date: Value<'a>,
    unique_key: Value<'a>,
    identity_email: Value<'a>,
    details: bool,
    unique: bool,
    identity: bool,
}

/// The objects that hold them.
#[derive(Debug, Clone, Copy, Default)]
enum EventBlock {
    #[default]
    Event,
    /// `details`
    Details,
    /// `details.unique`
    Unique,
    /// `identity`
    Identity,
}

impl<'a> element::Fields<'a> for EventFields<'a> {
    type Block = EventBlock;

    #[inline(always)]
    fn member(&mut self, block: EventBlock, name: &[u8]) -> Member<'_, 'a, EventBlock> {
        match block {
            EventBlock::Event if name == b"type" => Member::Field(&mut self.event_type, "/type"),
            EventBlock::Event if name == b"email" => Member::Field(&mut self.email, "/email"),
            EventBlock::Event if name == b"date" => Member::Field(&mut self.date, "/date"),
            EventBlock::Event if name == b"details" => {
                Member::Block(EventBlock::Details, &mut self.details, "/details")
            }
            EventBlock::Details if name == b"unique" => {
                Member::Block(EventBlock::Unique, &mut self.unique, "/details/unique")
            }
            EventBlock::Event if name == b"identity" => {
                Member::Block(EventBlock::Identity, &mut self.identity, "/identity")
            }
            EventBlock::Identity if name == b"email" => {
                Member::Field(&mut self.identity_email, "/identity/email")
            }
            EventBlock::Unique if name == b"key" => {
                Member::Field(&mut self.unique_key, "/details/unique/key")
            }
            _ => Member::Unread,
        }
    }

    #[inline(always)]
    fn parent(block: EventBlock) -> EventBlock {
        match block {
            EventBlock::Unique => EventBlock::Details,
            EventBlock::Details | EventBlock::Identity | EventBlock::Event => EventBlock::Event,
        }
    }
}

/// Passes the event under the cursor.
#[inline(never)]
pub(super) fn event(scanner: &mut Scanner<'_>, open: u32, filling: &mut Filling<'_>) -> Scan<()> {
    element::read(scanner, open, filling, EventFields::default(), EventFields::normalize)
}

impl EventFields<'_> {
    #[inline(always)]
    fn normalize(&self, raw: Value<'_>) -> Result<Entry, ElementFault> {
        let name = required_text(self.event_type, raw, "/type")?;
        let subject = match self.email.json {
            [] | b"null" if !matches!(self.identity_email.json, [] | b"null") => {
                required_text(self.identity_email, raw, "/identity/email")?
            }
            _ => required_text(self.email, raw, "/email")?,
        };
        let action = match short_text(self.event_type, &mut NameBuffer::default()) {
            b"$purchase" => Action::Purchased,
            b"$subscribe" => Action::Subscribed,
            b"$unsubscribe" => Action::Unsubscribed,
            b"$tag" => Action::Tagged,
            b"$remove_tag" => Action::Untagged,
            b"$update_fields" => Action::Updated,
            _ => Action::Tracked,
        };
        let kind = Kind::new(Entity::Subscriber, action);
        Ok(Entry {
            subject,
            extra: unique_key(self.unique_key),
            ..Entry::new(Family::BentoEvent, raw.span(), name, kind)
        }
        .at(date(self.date)))
    }
}

/// The key that makes a purchase count once: a text or any number.
#[inline]
fn unique_key(value: Value<'_>) -> Span {
    match value.json {
        [b'-' | b'0'..=b'9', ..] => value.span(),
        _ => optional_text(value),
    }
}

/// The date in the forms that Bento's clients write; another text leaves the event without a time.
#[inline]
fn date(value: Value<'_>) -> Option<Timestamp> {
    if optional_text(value).is_absent() {
        return None;
    }
    let mut buffer = ValueBuffer::default();
    let text = short_text(value, &mut buffer.0);
    match rfc3339::parse_lenient(text) {
        Some((time, offset_minutes)) => offset_minutes.map(|_| time),
        None => match rfc3339::parse_spaced(text) {
            Some((time, zone)) => (zone == b" UTC").then_some(time),
            None => rfc3339::parse_spaced_offset(text).map(|(time, _offset_minutes)| time),
        },
    }
}
