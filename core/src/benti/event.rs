//! Reads an event of either family of Benti: of the API if it has an `item`, otherwise of an instance.

use crate::{
    event::{Entry, Family},
    freshness::{Timestamp, compact, rfc3339, unix},
    kind::{Action, Entity, Kind},
    payload::{
        Span, Value,
        scan::{NameBuffer, Scan, ValueBuffer},
        string::short_text,
    },
    reading::{
        ElementFault, ElementFields, ReadContext, Reader, Role,
        element::{id, is_integer, required_text},
    },
    rejection::Problem,
};

/// The fields of both families.
#[derive(Debug, Default)]
struct EventFields<'a> {
    id: Value<'a>,
    item: Value<'a>,
    action: Value<'a>,
    timestamp: Value<'a>,
    created_at: Value<'a>,
    actor: Value<'a>,
    parent: Value<'a>,
    resource: Value<'a>,
    user_identifier: Value<'a>,
    ticket_id: Value<'a>,
    parent_id: Value<'a>,
    sender_id: Value<'a>,
    has_user: bool,
    has_body: bool,
    has_message: bool,
    has_sender: bool,
}

#[derive(Debug, Clone, Copy, Default)]
enum Object {
    #[default]
    Event,
    /// `user`
    User,
    /// `body`
    Body,
    /// `body.message`
    Message,
    /// `body.message.from`
    Sender,
}

impl<'a> ElementFields<'a> for EventFields<'a> {
    type Object = Object;

    #[inline(always)]
    fn role(&mut self, object: Object, key: &[u8]) -> Role<'_, 'a, Object> {
        let (value, pointer) = match object {
            Object::Event if key == b"id" => (&mut self.id, "/id"),
            Object::Event if key == b"item" => (&mut self.item, "/item"),
            Object::Event if key == b"action" => (&mut self.action, "/action"),
            Object::Event if key == b"timestamp" => (&mut self.timestamp, "/timestamp"),
            Object::Event if key == b"created_at" => (&mut self.created_at, "/created_at"),
            Object::Event if key == b"actor" => (&mut self.actor, "/actor"),
            Object::Event if key == b"parent" => (&mut self.parent, "/parent"),
            Object::Event if key == b"resource" => (&mut self.resource, "/resource"),
            Object::User if key == b"identifier" => (&mut self.user_identifier, "/user/identifier"),
            Object::Body if key == b"ticket_id" => (&mut self.ticket_id, "/body/ticket_id"),
            Object::Body if key == b"parentId" => (&mut self.parent_id, "/body/parentId"),
            Object::Sender if key == b"id" => (&mut self.sender_id, "/body/message/from/id"),
            _ => return self.role_of_object(object, key),
        };
        Role::Field { value, pointer }
    }

    #[inline(always)]
    fn parent(object: Object) -> Object {
        match object {
            Object::Sender => Object::Message,
            Object::Message => Object::Body,
            Object::Body | Object::User | Object::Event => Object::Event,
        }
    }
}

#[inline(never)]
pub(super) fn event(reader: &mut Reader<'_, '_>) -> Scan<()> {
    let context = reader.context();
    reader.element(EventFields::default(), |fields, raw| fields.normalize(raw, context))
}

impl<'a> EventFields<'a> {
    #[inline(always)]
    fn role_of_object(&mut self, holder: Object, key: &[u8]) -> Role<'_, 'a, Object> {
        let (object, was_seen, pointer) = match holder {
            Object::Event if key == b"user" => (Object::User, &mut self.has_user, "/user"),
            Object::Event if key == b"body" => (Object::Body, &mut self.has_body, "/body"),
            Object::Body if key == b"message" => (Object::Message, &mut self.has_message, "/body/message"),
            Object::Message if key == b"from" => (Object::Sender, &mut self.has_sender, "/body/message/from"),
            _ => return Role::Ignored,
        };
        Role::Object { object, was_seen, pointer }
    }

    #[inline(always)]
    fn normalize(&self, raw: Value<'_>, context: &ReadContext<'_>) -> Result<Entry, ElementFault> {
        if self.item.is_absent() {
            self.normalize_instance(raw, context.utc_offset_minutes)
        } else {
            self.normalize_api(raw)
        }
    }

    fn normalize_api(&self, raw: Value<'_>) -> Result<Entry, ElementFault> {
        let item = required_text(self.item, raw, "/item")?;
        let action = required_text(self.action, raw, "/action")?;
        let kind = Kind::new(
            entity_of_item(short_text(self.item, &mut NameBuffer::default())),
            match short_text(self.action, &mut NameBuffer::default()) {
                b"add" => Action::Created,
                b"update" => Action::Updated,
                b"remove" => Action::Removed,
                _ => Action::Other,
            },
        );
        let time = timestamp(self.timestamp)?;
        Ok(Entry {
            extra: action,
            subject: id(self.id, "/id")?,
            parent: id(self.parent, "/parent")?,
            actor: id(self.actor, "/actor")?,
            ..Entry::new(Family::BentiApi, raw.span(), item, kind)
        }
        .at(time))
    }

    fn normalize_instance(&self, raw: Value<'_>, utc_offset_minutes: i16) -> Result<Entry, ElementFault> {
        let action = required_text(self.action, raw, "/action")?;
        let known = action_on_ticket(short_text(self.action, &mut NameBuffer::default()));
        // An undocumented action may use these names for something else. A value that is no id then counts as absent.
        let ticket_id = |value: Value<'_>, field| match (id(value, field), known) {
            (Err(_), None) => Ok(Span::ABSENT),
            (read, _) => read,
        };
        let (time, time_zone_assumed) = created_at(self.created_at, utc_offset_minutes)?;
        let kind = Kind::new(Entity::Ticket, known.unwrap_or(Action::Other));
        Ok(Entry {
            extra: id(self.id, "/id")?,
            subject: first_of(
                ticket_id(self.resource, "/resource")?,
                ticket_id(self.ticket_id, "/body/ticket_id")?,
            ),
            parent: ticket_id(self.parent_id, "/body/parentId")?,
            actor: first_of(
                ticket_id(self.user_identifier, "/user/identifier")?,
                ticket_id(self.sender_id, "/body/message/from/id")?,
            ),
            time_zone_assumed,
            ..Entry::new(Family::BentiInstance, raw.span(), action, kind)
        }
        .at(time))
    }
}

fn entity_of_item(item: &[u8]) -> Entity {
    match item {
        b"alert" => Entity::Alert,
        b"ticket" => Entity::Ticket,
        b"reply" => Entity::Reply,
        b"user" => Entity::User,
        b"media" => Entity::Media,
        b"classification" => Entity::Classification,
        b"queue" => Entity::Queue,
        _ => Entity::Other,
    }
}

fn action_on_ticket(action: &[u8]) -> Option<Action> {
    Some(match action {
        b"answer" => Action::Answered,
        b"reply-ticket" => Action::Replied,
        b"close-ticket" => Action::Closed,
        b"classify-ticket" => Action::Classified,
        b"change-queue" => Action::Moved,
        b"create-ticket" | b"create-subticket" => Action::Created,
        _ => return None,
    })
}

fn first_of(first: Span, second: Span) -> Span {
    if first.is_absent() { second } else { first }
}

/// Unix time, as a number or as text.
fn timestamp(value: Value<'_>) -> Result<Option<Timestamp>, ElementFault> {
    let mut buffer = ValueBuffer::default();
    match time_text(value, &mut buffer) {
        None => Ok(None),
        Some(text) => match unix::parse(text) {
            Some(time) => Ok(Some(time)),
            None => Err(not_a_time(value, "/timestamp")),
        },
    }
}

/// Inbenta documents `YYYYMMDDhhmmss` without a zone. Unix time and RFC 3339 are read too, in case Inbenta corrects
/// this (`core/docs/benti.md`). The second value tells whether the zone was assumed.
fn created_at(value: Value<'_>, utc_offset_minutes: i16) -> Result<(Option<Timestamp>, bool), ElementFault> {
    let mut buffer = ValueBuffer::default();
    let Some(text) = time_text(value, &mut buffer) else { return Ok((None, false)) };
    let without_zone = text.len() == 14 && text.iter().all(u8::is_ascii_digit);
    let time = if without_zone {
        compact::parse(text, utc_offset_minutes)
    } else if is_integer(text) {
        unix::parse(text)
    } else {
        rfc3339::parse(text).map(|(time, _offset)| time)
    };
    match time {
        Some(time) => Ok((Some(time), without_zone)),
        None => Err(not_a_time(value, "/created_at")),
    }
}

/// The text of a time, which may be written as a number. `None` if it is absent or `null`.
#[inline]
fn time_text<'n>(value: Value<'n>, buffer: &'n mut ValueBuffer) -> Option<&'n [u8]> {
    if value.is_absent_or_null() { None } else { Some(short_text(value, &mut buffer.0)) }
}

#[cold]
fn not_a_time(value: Value<'_>, field: &'static str) -> ElementFault {
    ElementFault { at: value.at, problem: Problem::NotATime, field }
}
