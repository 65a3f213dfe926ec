//! Reads an event of either family of Benti: of the API if it has an `item`, otherwise of an instance.

use crate::{
    event::{Entry, Family},
    freshness::{Timestamp, compact, rfc3339, unix},
    kind::{Action, Entity, Kind},
    payload::{
        JsonValue, Span,
        scan::{NameBuffer, Scan, ValueBuffer},
        string::short_text,
    },
    reading::{
        ElementFault, ElementFields, ReadContext, Reader, Role,
        element::{id, is_integer, required_text},
    },
    rejection::Problem,
    words::vendor_words,
};

/// The fields of both families.
#[derive(Debug, Default)]
struct EventFields<'a> {
    id: JsonValue<'a>,
    item: JsonValue<'a>,
    action: JsonValue<'a>,
    timestamp: JsonValue<'a>,
    created_at: JsonValue<'a>,
    actor: JsonValue<'a>,
    parent: JsonValue<'a>,
    resource: JsonValue<'a>,
    user_identifier: JsonValue<'a>,
    ticket_id: JsonValue<'a>,
    parent_id: JsonValue<'a>,
    sender_id: JsonValue<'a>,
    user_seen: bool,
    body_seen: bool,
    message_seen: bool,
    sender_seen: bool,
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

    #[inline]
    fn role(&mut self, object: Object, name: &[u8]) -> Role<'_, 'a, Object> {
        let (value, pointer) = match object {
            Object::Event if name == b"id" => (&mut self.id, "/id"),
            Object::Event if name == b"item" => (&mut self.item, "/item"),
            Object::Event if name == b"action" => (&mut self.action, "/action"),
            Object::Event if name == b"timestamp" => (&mut self.timestamp, "/timestamp"),
            Object::Event if name == b"created_at" => (&mut self.created_at, "/created_at"),
            Object::Event if name == b"actor" => (&mut self.actor, "/actor"),
            Object::Event if name == b"parent" => (&mut self.parent, "/parent"),
            Object::Event if name == b"resource" => (&mut self.resource, "/resource"),
            Object::User if name == b"identifier" => (&mut self.user_identifier, "/user/identifier"),
            Object::Body if name == b"ticket_id" => (&mut self.ticket_id, "/body/ticket_id"),
            Object::Body if name == b"parentId" => (&mut self.parent_id, "/body/parentId"),
            Object::Sender if name == b"id" => (&mut self.sender_id, "/body/message/from/id"),
            _ => return self.role_of_object(object, name),
        };
        Role::Field { value, pointer }
    }

    #[inline]
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
    reader.element(EventFields::default(), |fields, element| fields.normalize(element, context))
}

impl<'a> EventFields<'a> {
    #[inline]
    fn role_of_object(&mut self, holder: Object, name: &[u8]) -> Role<'_, 'a, Object> {
        let (object, was_seen, pointer) = match holder {
            Object::Event if name == b"user" => (Object::User, &mut self.user_seen, "/user"),
            Object::Event if name == b"body" => (Object::Body, &mut self.body_seen, "/body"),
            Object::Body if name == b"message" => (Object::Message, &mut self.message_seen, "/body/message"),
            Object::Message if name == b"from" => {
                (Object::Sender, &mut self.sender_seen, "/body/message/from")
            }
            _ => return Role::Ignored,
        };
        Role::Object { object, was_seen, pointer }
    }

    #[inline]
    fn normalize(&self, element: JsonValue<'_>, context: &ReadContext<'_>) -> Result<Entry, ElementFault> {
        if self.item.is_absent() {
            self.normalize_instance(element, context.utc_offset_minutes)
        } else {
            self.normalize_api(element)
        }
    }

    fn normalize_api(&self, element: JsonValue<'_>) -> Result<Entry, ElementFault> {
        let item = required_text(self.item, element, "/item")?;
        let action = required_text(self.action, element, "/action")?;
        let kind = Kind::new(
            entity_of_item(short_text(self.item, &mut NameBuffer::default())).unwrap_or(Entity::Other),
            action_on_item(short_text(self.action, &mut NameBuffer::default())).unwrap_or(Action::Other),
        );
        let time = timestamp(self.timestamp)?;
        let event = Entry {
            subject: id(self.id, "/id")?,
            parent: id(self.parent, "/parent")?,
            actor: id(self.actor, "/actor")?,
            ..Entry::new(Family::BentiApi, element.span(), item, kind)
        };
        Ok(event.with_second_name(action).with_time(time))
    }

    fn normalize_instance(
        &self,
        element: JsonValue<'_>,
        utc_offset_minutes: i16,
    ) -> Result<Entry, ElementFault> {
        let action = required_text(self.action, element, "/action")?;
        let known_action = action_on_ticket(short_text(self.action, &mut NameBuffer::default()));
        // An undocumented action may use these fields for something else. A value that is not an id then counts as absent.
        let id_in_details = |value: JsonValue<'_>, field| match id(value, field) {
            Err(_) if known_action.is_none() => Ok(Span::ABSENT),
            id => id,
        };
        let (time, time_zone_assumed) = created_at(self.created_at, utc_offset_minutes)?;
        let event_id = id(self.id, "/id")?;
        let event = Entry {
            subject: first_of(
                id_in_details(self.resource, "/resource")?,
                id_in_details(self.ticket_id, "/body/ticket_id")?,
            ),
            parent: id_in_details(self.parent_id, "/body/parentId")?,
            actor: first_of(
                id_in_details(self.user_identifier, "/user/identifier")?,
                id_in_details(self.sender_id, "/body/message/from/id")?,
            ),
            time_zone_assumed,
            ..Entry::new(
                Family::BentiInstance,
                element.span(),
                action,
                Kind::new(Entity::Ticket, known_action.unwrap_or(Action::Other)),
            )
        };
        Ok(event.with_id(event_id).with_time(time))
    }
}

vendor_words! {
    fn entity_of_item, ITEMS: Entity {
        b"alert" = Alert,
        b"ticket" = Ticket,
        b"reply" = Reply,
        b"user" = User,
        b"media" = Media,
        b"classification" = Classification,
        b"queue" = Queue,
    }
}

vendor_words! {
    fn action_on_item, ITEM_ACTIONS: Action {
        b"add" = Created,
        b"update" = Updated,
        b"remove" = Removed,
    }
}

vendor_words! {
    fn action_on_ticket, TICKET_ACTIONS: Action {
        b"answer" = Answered,
        b"reply-ticket" = Replied,
        b"close-ticket" = Closed,
        b"classify-ticket" = Classified,
        b"change-queue" = Moved,
        b"create-ticket" = Created,
        b"create-subticket" = Created,
    }
}

fn first_of(first: Span, second: Span) -> Span {
    if first.is_absent() { second } else { first }
}

/// Unix time, as a number or as text.
fn timestamp(value: JsonValue<'_>) -> Result<Option<Timestamp>, ElementFault> {
    let mut buffer = ValueBuffer::default();
    match text_of(value, &mut buffer) {
        None => Ok(None),
        Some(text) => match unix::parse(text) {
            Some(time) => Ok(Some(time)),
            None => Err(not_a_time(value, "/timestamp")),
        },
    }
}

/// Inbenta documents `YYYYMMDDhhmmss` without a zone. Unix time and RFC 3339 are read too, in case Inbenta corrects
/// this (`core/docs/benti.md`). The second value tells whether the zone was assumed.
fn created_at(
    value: JsonValue<'_>,
    utc_offset_minutes: i16,
) -> Result<(Option<Timestamp>, bool), ElementFault> {
    let mut buffer = ValueBuffer::default();
    let Some(text) = text_of(value, &mut buffer) else { return Ok((None, false)) };
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

/// The text of a value, which may be written as a number. `None` if it is absent or `null`.
#[inline]
fn text_of<'n>(value: JsonValue<'n>, buffer: &'n mut ValueBuffer) -> Option<&'n [u8]> {
    if value.is_absent_or_null() { None } else { Some(short_text(value, &mut buffer.0)) }
}

#[cold]
fn not_a_time(value: JsonValue<'_>, field: &'static str) -> ElementFault {
    ElementFault { at: value.at, problem: Problem::NotATime, field }
}
