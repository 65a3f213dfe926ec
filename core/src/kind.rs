//! The kind of an event, in words that are the same for every vendor.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    parse_error::{self, ParseError},
    words::{vendors, words},
};

vendors! {
    /// Benji, a loyalty platform.
    Benji = "benji", "com.withbenji";
    /// Benti, Inbenta's ticketing product.
    Benti = "benti", "io.inbenta.benti";
    /// Bento, an e-mail marketing platform.
    Bento = "bento", "com.bentonow";
}

words! {
    /// The kind of thing that an event is about.
    #[non_exhaustive]
    Entity {
        /// A user of Benji or Benti.
        User = "user",
        /// A campaign of Benji.
        Campaign = "campaign",
        /// A reward transaction of Benji.
        Transaction = "transaction",
        /// An alert on a ticket of Benti.
        Alert = "alert",
        /// A ticket of Benti.
        Ticket = "ticket",
        /// A reply to a ticket of Benti.
        Reply = "reply",
        /// A media file of Benti.
        Media = "media",
        /// A classification of Benti.
        Classification = "classification",
        /// A queue of Benti.
        Queue = "queue",
        /// A subscriber of Bento.
        Subscriber = "subscriber",
        /// An e-mail that Bento is asked to send.
        Email = "email",
        /// A workflow of Bento.
        Workflow = "workflow",
        /// A thing that the vendor did not document.
        Other = "other",
    }
}

words! {
    /// What happened.
    #[non_exhaustive]
    Action {
        /// A user connected to a partner.
        Connected = "connected",
        /// It was created.
        Created = "created",
        /// A transaction was authenticated.
        Authenticated = "authenticated",
        /// A campaign began.
        Activated = "activated",
        /// A campaign ended.
        Ended = "ended",
        /// It was changed.
        Updated = "updated",
        /// It was removed.
        Removed = "removed",
        /// An agent answered a ticket.
        Answered = "answered",
        /// An end user replied to a ticket.
        Replied = "replied",
        /// A ticket was closed.
        Closed = "closed",
        /// A ticket was classified.
        Classified = "classified",
        /// A ticket went to another queue.
        Moved = "moved",
        /// A subscriber bought something.
        Purchased = "purchased",
        /// A subscriber joined.
        Subscribed = "subscribed",
        /// A subscriber left.
        Unsubscribed = "unsubscribed",
        /// A subscriber got a tag.
        Tagged = "tagged",
        /// A subscriber lost a tag.
        Untagged = "untagged",
        /// A subscriber did something that the vendor has no word for.
        Tracked = "tracked",
        /// An e-mail is to be sent.
        Requested = "requested",
        /// A command is to be carried out on a subscriber.
        Commanded = "commanded",
        /// A workflow reached its webhook.
        Reached = "reached",
        /// Something that the vendor did not document.
        Other = "other",
    }
}

/// The kind of an event: an entity and what happened to it, such as `ticket.answered`.
///
/// ```
/// use hookseal::{Action, Entity, Kind};
///
/// let kind = Kind { entity: Entity::Ticket, action: Action::Answered };
/// assert_eq!(kind.to_string(), "ticket.answered");
/// assert_eq!("ticket.answered".parse(), Ok(kind));
/// ```
///
/// The kind and the type of the payload follow from the vendor's own name for the event. Where the table says `else`, the
/// first place that has an id counts.
///
#[doc = include_str!("../docs/kinds.md")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The thing that the event is about.
    pub entity: Entity,
    /// What happened.
    pub action: Action,
}

impl Kind {
    pub(crate) const fn new(entity: Entity, action: Action) -> Self {
        Self { entity, action }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.entity, self.action)
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads an entity and an action with a dot between them. Any entity goes with any action.
impl FromStr for Kind {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        const EXPECTED: ParseError =
            ParseError::new("an entity and an action with a dot between them, such as ticket.answered");
        let (entity, action) = text.split_once('.').ok_or(EXPECTED)?;
        Ok(Self { entity: entity.parse()?, action: action.parse()? })
    }
}

/// Reads the text that it serializes as.
impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_error::deserialize(deserializer)
    }
}
