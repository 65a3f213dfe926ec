//! An event of either family of Benti: which fields are read, and how they become an event. The family is that of the
//! API where there is an `item`.

use crate::{
    event::{Entry, Family},
    freshness::{Timestamp, compact, rfc3339, unix},
    kind::{Action, Entity, Kind},
    payload::{
        Span, Value,
        scan::{NameBuffer, Scan, Scanner, ValueBuffer},
        string::short_text,
    },
    reading::{
        ElementFault, Filling, Reading,
        element::{self, Member, id, is_integer, required_text},
    },
    rejection::Problem,
};

/// Passes an object, and hands over the value of its field `events`; tells whether there is one.
#[inline(always)]
pub(super) fn envelope<'b>(
    scanner: &mut Scanner<'b>,
    mut events: impl FnMut(&mut Scanner<'b>) -> Scan<()>,
) -> Result<bool, ElementFault> {
    let refuse = |at, problem| Err(ElementFault { at, problem, field: "/events" });
    let mut buffer = NameBuffer::default();
    let mut seen = false;
    let mut object = scanner.open_object(0)?;
    while let Some(key) = scanner.next_key(&mut object)? {
        if key.name(&mut buffer) != b"events" {
            scanner.value(1)?;
        } else if core::mem::replace(&mut seen, true) {
            return refuse(key.at(), Problem::RepeatedField);
        } else if matches!(scanner.token(), b'[' | b'{') {
            events(scanner)?;
        } else {
            return refuse(scanner.value(1)?.at, Problem::NotAContainer);
        }
    }
    Ok(seen)
}

/// The fields of an element that are read, of both families.
#[derive(Debug, Default)]
struct Fields<'a> {
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
    user: bool,
    body: bool,
    message: bool,
    sender: bool,
}

/// The objects that hold them.
#[derive(Debug, Clone, Copy, Default)]
enum Block {
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

impl<'a> element::Fields<'a> for Fields<'a> {
    type Block = Block;

    #[inline(always)]
    fn member(&mut self, block: Block, name: &[u8]) -> Member<'_, 'a, Block> {
        match block {
            Block::Event if name == b"id" => Member::Field(&mut self.id, "/id"),
            Block::Event if name == b"item" => Member::Field(&mut self.item, "/item"),
            Block::Event if name == b"action" => Member::Field(&mut self.action, "/action"),
            Block::Event if name == b"timestamp" => Member::Field(&mut self.timestamp, "/timestamp"),
            Block::Event if name == b"created_at" => Member::Field(&mut self.created_at, "/created_at"),
            Block::Event if name == b"actor" => Member::Field(&mut self.actor, "/actor"),
            Block::Event if name == b"parent" => Member::Field(&mut self.parent, "/parent"),
            Block::Event if name == b"resource" => Member::Field(&mut self.resource, "/resource"),
            Block::Event if name == b"user" => Member::Block(Block::User, &mut self.user, "/user"),
            Block::User if name == b"identifier" => {
                Member::Field(&mut self.user_identifier, "/user/identifier")
            }
            Block::Event if name == b"body" => Member::Block(Block::Body, &mut self.body, "/body"),
            Block::Body if name == b"ticket_id" => Member::Field(&mut self.ticket_id, "/body/ticket_id"),
            Block::Body if name == b"parentId" => Member::Field(&mut self.parent_id, "/body/parentId"),
            Block::Body if name == b"message" => {
                Member::Block(Block::Message, &mut self.message, "/body/message")
            }
            Block::Message if name == b"from" => {
                Member::Block(Block::Sender, &mut self.sender, "/body/message/from")
            }
            Block::Sender if name == b"id" => Member::Field(&mut self.sender_id, "/body/message/from/id"),
            _ => Member::Unread,
        }
    }

    #[inline(always)]
    fn parent(block: Block) -> Block {
        match block {
            Block::Sender => Block::Message,
            Block::Message => Block::Body,
            Block::Body | Block::User | Block::Event => Block::Event,
        }
    }
}

/// Passes the event under the cursor.
#[inline(never)]
pub(super) fn event(
    scanner: &mut Scanner<'_>,
    open: u32,
    filling: &mut Filling<'_>,
    reading: &Reading<'_>,
) -> Scan<()> {
    element::read(scanner, open, filling, Fields::default(), |fields, raw| fields.normalize(raw, reading))
}

impl Fields<'_> {
    #[inline(always)]
    fn normalize(&self, raw: Value<'_>, reading: &Reading<'_>) -> Result<Entry, ElementFault> {
        if self.item.is_absent() {
            self.normalize_instance(raw, reading.utc_offset_minutes)
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
        // What an undocumented action means by these names is not known: where they hold no id, there is none.
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

/// Unix seconds, as a number or as text.
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

/// `YYYYMMDDhhmmss` without a zone, as Inbenta's page on webhooks of instances has it, and the forms that a correction of it could bring.
/// Tells also whether the zone was assumed.
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

/// The text of a time, or of a number in its place; nothing where it is absent or `null`.
#[inline]
fn time_text<'n>(value: Value<'n>, buffer: &'n mut ValueBuffer) -> Option<&'n [u8]> {
    match value.json {
        [] | b"null" => None,
        _ => Some(short_text(value, &mut buffer.0)),
    }
}

#[cold]
fn not_a_time(value: Value<'_>, field: &'static str) -> ElementFault {
    ElementFault { at: value.at, problem: Problem::NotATime, field }
}
