use super::wire::{AddresseeFields, Container, EventFields, WorkflowFields};
use crate::{
    event::{Entry, Family},
    freshness::{Timestamp, rfc3339},
    kind::{Action, Entity, Kind},
    payload::{
        Span, Text, Value,
        scan::{NameBuffer, ValueBuffer, short_text},
    },
    reading::element::{ElementFault, optional_text, required_text},
};

impl EventFields<'_> {
    #[inline(always)]
    pub(super) fn normalize(&self, raw: Value<'_>) -> Result<Entry, ElementFault> {
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

impl AddresseeFields<'_> {
    pub(super) fn normalize(&self, raw: Value<'_>) -> Result<Entry, ElementFault> {
        let (family, kind) = match self.container {
            Container::Emails => (Family::BentoEmail, Kind::new(Entity::Email, Action::Requested)),
            Container::Commands => (Family::BentoCommand, Kind::new(Entity::Subscriber, Action::Commanded)),
            Container::Subscribers | Container::Subscriber | Container::Events => {
                (Family::BentoSubscriber, Kind::new(Entity::Subscriber, Action::Updated))
            }
        };
        let name = match self.container {
            Container::Commands => required_text(self.command, raw, "/command")?,
            Container::Subscriber => self.container_key,
            _ => Span::ABSENT,
        };
        let address = optional_text(self.address);
        let uuid = if address.is_absent() { optional_text(self.uuid) } else { Span::ABSENT };
        let subject = match self.container {
            Container::Emails if names_several(self.address) => Span::ABSENT,
            _ if uuid.is_absent() => address,
            _ => uuid,
        };
        Ok(Entry { subject, extra: uuid, ..Entry::new(family, raw.span(), name, kind) })
    }
}

impl WorkflowFields<'_> {
    pub(super) fn normalize(&self, raw: Value<'_>) -> Entry {
        let name = optional_text(self.event);
        let action = if name.is_absent() { Action::Other } else { Action::Reached };
        let kind = Kind::new(Entity::Workflow, action);
        let subject = optional_text(self.email);
        Entry { subject, ..Entry::new(Family::BentoWorkflow, raw.span(), name, kind) }
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

/// Whether an address names more than one recipient: some clients join them with commas.
fn names_several(address: Value<'_>) -> bool {
    if address.escaped {
        return Text::from_checked(address.json).chars().any(|character| character == ',');
    }
    address.json.contains(&b',')
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
