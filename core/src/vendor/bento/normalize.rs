use super::wire::{AddresseeFields, Container, EventFields, WorkflowFields};
use crate::{
    event::{Entry, Family},
    freshness::{Timestamp, rfc3339},
    kind::{Action, Entity, Kind},
    payload::{
        Span, Value,
        scan::{NameBuffer, short_text},
    },
    vendor::element::{ElementFault, optional_text, required_text},
};

impl EventFields {
    #[inline(always)]
    pub(super) fn normalize(self, body: &[u8]) -> Result<Entry, ElementFault> {
        let name = required_text(body, self.event_type, self.raw, "/type")?;
        let subject = required_text(body, self.email, self.raw, "/email")?;
        let action = match short_text(body, self.event_type, &mut NameBuffer::default()) {
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
            id_or_second_name: unique_key(body, self.unique_key),
            ..Entry::new(Family::BentoEvent, self.raw, name, kind)
        }
        .at(date(body, self.date)))
    }
}

impl AddresseeFields {
    pub(super) fn normalize(self, body: &[u8], container: Container) -> Result<Entry, ElementFault> {
        let (family, kind) = match container {
            Container::Emails => (Family::BentoEmail, Kind::new(Entity::Email, Action::Requested)),
            Container::Commands => (Family::BentoCommand, Kind::new(Entity::Subscriber, Action::Commanded)),
            Container::Subscribers | Container::Events => {
                (Family::BentoSubscriber, Kind::new(Entity::Subscriber, Action::Updated))
            }
        };
        let name = if family == Family::BentoCommand {
            required_text(body, self.command, self.raw, "/command")?
        } else {
            Span::ABSENT
        };
        let subject = optional_text(body, self.address);
        Ok(Entry { subject, ..Entry::new(family, self.raw, name, kind) })
    }
}

impl WorkflowFields {
    pub(super) fn normalize(self, body: &[u8]) -> Entry {
        let name = optional_text(body, self.event);
        let action = if name.is_absent() { Action::Other } else { Action::Reached };
        let kind = Kind::new(Entity::Workflow, action);
        let subject = optional_text(body, self.email);
        Entry { subject, ..Entry::new(Family::BentoWorkflow, self.raw, name, kind) }
    }
}

/// The key that makes a purchase count once: a text or any number.
#[inline]
fn unique_key(body: &[u8], value: Value) -> Span {
    match value.span.bytes(body) {
        [b'-' | b'0'..=b'9', ..] => value.span,
        _ => optional_text(body, value),
    }
}

/// The date in the forms that Bento's clients write; another text leaves the event without a time.
#[inline]
fn date(body: &[u8], value: Value) -> Option<Timestamp> {
    if optional_text(body, value).is_absent() {
        return None;
    }
    let mut buffer = NameBuffer::default();
    let text = short_text(body, value, &mut buffer);
    match rfc3339::parse(text) {
        Some((time, _offset)) => Some(time),
        None => rfc3339::parse_spaced(text).and_then(|(time, zone)| (zone == b" UTC").then_some(time)),
    }
}
