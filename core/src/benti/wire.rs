use crate::{
    payload::{
        Value,
        scan::{NameBuffer, Scan, Scanner},
    },
    reading::{
        Filling, Reading,
        element::{self, ElementFault, Member},
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
pub(super) struct Fields<'a> {
    pub(super) id: Value<'a>,
    pub(super) item: Value<'a>,
    pub(super) action: Value<'a>,
    pub(super) timestamp: Value<'a>,
    pub(super) created_at: Value<'a>,
    pub(super) actor: Value<'a>,
    pub(super) parent: Value<'a>,
    pub(super) resource: Value<'a>,
    pub(super) user_identifier: Value<'a>,
    pub(super) ticket_id: Value<'a>,
    pub(super) parent_id: Value<'a>,
    pub(super) sender_id: Value<'a>,
    user: bool,
    body: bool,
    message: bool,
    sender: bool,
}

/// The objects that hold them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Block {
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
