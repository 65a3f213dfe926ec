//! The events of both families of Benti, typed.

use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, de::Error as _};

use super::event::action_on_ticket;
use crate::{
    kind::Action,
    payload::{Raw, Text},
    reading::{PayloadMismatch, typed},
};

/// An event of Benti's API.
///
/// ```
/// # use hookseal::{Keys, Payload, Received, Receiver, Request, Secret, Timestamp, sign};
/// # let receiver = Receiver::benti(Keys::new("secret")?)?;
/// # let headers = sign::benti(&Secret::new("secret")?);
/// let body = br#"{"id":200,"item":"reply","action":"add","parent":100}"#;
/// # let request = Request::post(&headers, body);
/// # let Received::Delivery(delivery) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
/// let Payload::BentiApi(event) = delivery.get(0).unwrap().payload()? else { panic!() };
/// assert_eq!(event.item, "reply");
/// assert_eq!(event.parent.unwrap(), "100");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ApiEvent<'a> {
    /// The id of the item.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub id: Option<Text<'a>>,
    /// The kind of item: alert, ticket, reply, user, media, classification or queue.
    #[serde(borrow)]
    pub item: Text<'a>,
    /// What happened: add, update or remove.
    #[serde(borrow)]
    pub action: Text<'a>,
    /// When the request was sent, in unix seconds.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub timestamp: Option<Text<'a>>,
    /// The id of the user who did it.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub actor: Option<Text<'a>>,
    /// The id of the ticket that contains the item.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub parent: Option<Text<'a>>,
}

/// An event of a Benti instance.
///
/// ```
/// # use hookseal::{Keys, Payload, Received, Receiver, Request, Secret, Timestamp, sign};
/// # let receiver = Receiver::benti(Keys::new("secret")?)?;
/// # let headers = sign::benti(&Secret::new("secret")?);
/// let body = br#"{"action":"create-ticket","project":"P","body":{"ticket_id":"P-1","parentId":null}}"#;
/// # let request = Request::post(&headers, body);
/// # let Received::Delivery(delivery) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
/// let Payload::BentiInstance(event) = delivery.get(0).unwrap().payload()? else { panic!() };
/// assert_eq!(event.project.unwrap(), "P");
/// let hookseal::benti::InstanceDetails::CreateTicket { ticket_id, parent_id } = event.details else { panic!() };
/// assert_eq!((ticket_id.unwrap().to_string(), parent_id), ("P-1".to_owned(), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct InstanceEvent<'a> {
    /// The id of the request. A resend may change it.
    pub id: Option<Text<'a>>,
    /// What happened.
    pub action: Text<'a>,
    /// When the request was sent, as `YYYYMMDDhhmmss` without a zone.
    pub created_at: Option<Text<'a>>,
    /// The name of the instance.
    pub project: Option<Text<'a>>,
    /// The details of this action.
    pub details: InstanceDetails<'a>,
}

/// The details of an action in a Benti instance. A `ticket_id` is the ticket's number, such as `PROJECTNAME-00110063`.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum InstanceDetails<'a> {
    /// `answer`: an agent answered a ticket.
    Answer(Answer<'a>),
    /// `create-ticket` or `create-subticket`.
    CreateTicket {
        /// The new ticket.
        ticket_id: Option<Text<'a>>,
        /// The ticket that the new one is part of.
        parent_id: Option<Text<'a>>,
    },
    /// `change-queue`: a ticket went to another queue.
    ChangeQueue {
        /// The ticket.
        ticket_id: Option<Text<'a>>,
        /// The id of the queue that it left.
        previous_queue: Option<Text<'a>>,
        /// The id of the queue that it is in.
        new_queue: Option<Text<'a>>,
    },
    /// `classify-ticket`: a ticket was classified.
    ClassifyTicket {
        /// The ticket.
        ticket_id: Option<Text<'a>>,
        /// The ids of its previous classifications, from the root, separated by commas. It may be empty.
        previous_classification: Option<Text<'a>>,
        /// The ids of its new classifications.
        new_classification: Option<Text<'a>>,
    },
    /// `reply-ticket`: an end user replied to a ticket.
    ReplyTicket {
        /// The ticket.
        ticket_id: Option<Text<'a>>,
        /// The reply.
        message: Option<Message<'a>>,
    },
    /// `close-ticket`: a ticket was closed.
    CloseTicket {
        /// The ticket.
        ticket_id: Option<Text<'a>>,
        /// The id of its status: 3 is closed.
        status: Option<Text<'a>>,
    },
    /// An action that Inbenta does not document.
    Other,
}

/// An agent's answer to a ticket.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Answer<'a> {
    /// The ticket's number.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub resource: Option<Text<'a>>,
    /// The kind of resource: `ticket`.
    #[serde(borrow, default, rename = "type")]
    pub resource_type: Option<Text<'a>>,
    /// The agent.
    #[serde(borrow, default, deserialize_with = "typed::object")]
    pub user: Option<Person<'a>>,
    /// The answer and its recipients.
    #[serde(borrow, default, deserialize_with = "typed::object")]
    pub action_data: Option<Message<'a>>,
    /// The ticket's creator, queue and source.
    #[serde(borrow, default, deserialize_with = "typed::object")]
    pub resource_data: Option<AnswerContext<'a>>,
    /// The files attached.
    #[serde(borrow, default, deserialize_with = "typed::list")]
    pub attachments: Vec<Attachment<'a>>,
}

/// A person. Inbenta calls the e-mail address an identifier.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Person<'a> {
    /// The name.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// The e-mail address.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub identifier: Option<Text<'a>>,
}

/// A recipient of an answer.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Recipient<'a> {
    /// The e-mail address.
    #[serde(borrow, default)]
    pub email: Option<Text<'a>>,
    /// The name.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
}

/// The creator, queue and source of a ticket that was answered.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct AnswerContext<'a> {
    /// Who created the ticket.
    #[serde(borrow, default, deserialize_with = "typed::object")]
    pub creator: Option<Person<'a>>,
    /// The queue that it is in.
    #[serde(borrow, default, deserialize_with = "typed::object")]
    pub queue: Option<Named<'a>>,
    /// Where it came from.
    #[serde(borrow, default, deserialize_with = "typed::object")]
    pub source: Option<Named<'a>>,
}

/// A thing with an id and a name.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Named<'a> {
    /// The id.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub id: Option<Text<'a>>,
    /// The name.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
}

/// A file that is attached.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Attachment<'a> {
    /// The id.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub id: Option<Text<'a>>,
    /// The address to fetch it from.
    #[serde(borrow, default)]
    pub url: Option<Text<'a>>,
    /// The file's name.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// The media type.
    #[serde(borrow, default, rename = "type")]
    pub media_type: Option<Text<'a>>,
}

/// The text of an agent in an [`Answer`], or of an end user in a reply.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Message<'a> {
    /// The text: an answer as it was sent, or a reply in HTML.
    #[serde(borrow, default, alias = "text")]
    pub content: Option<Text<'a>>,
    /// The recipients of an answer.
    #[serde(borrow, default, deserialize_with = "typed::list")]
    pub to: Vec<Recipient<'a>>,
    /// The recipients of a copy of an answer.
    #[serde(borrow, default, deserialize_with = "typed::list")]
    pub cc: Vec<Recipient<'a>>,
    /// The recipients of a blind copy of an answer.
    #[serde(borrow, default, deserialize_with = "typed::list")]
    pub bcc: Vec<Recipient<'a>>,
    /// The author of a reply.
    #[serde(borrow, default, deserialize_with = "typed::object")]
    pub from: Option<Sender<'a>>,
    /// The files attached to a reply.
    #[serde(borrow, default, deserialize_with = "typed::list")]
    pub attachments: Vec<Attachment<'a>>,
}

/// The author of a reply.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Sender<'a> {
    /// The user's id.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub id: Option<Text<'a>>,
    /// The user's name.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// The user's e-mail address.
    #[serde(borrow, default)]
    pub address: Option<Text<'a>>,
    /// The user's id at a source outside of Benti.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub external_id: Option<Text<'a>>,
    /// Whether the user is an agent of the instance.
    #[serde(default, deserialize_with = "typed::flag")]
    pub is_agent: Option<bool>,
}

#[derive(Deserialize)]
struct Common<'a> {
    #[serde(borrow, default, deserialize_with = "typed::id")]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    action: Text<'a>,
    #[serde(borrow, default, deserialize_with = "typed::id")]
    created_at: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "project")]
    project: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Bodied<'a> {
    #[serde(borrow, default, deserialize_with = "typed::object")]
    body: Option<TicketBody<'a>>,
}

#[derive(Default, Deserialize)]
struct TicketBody<'a> {
    #[serde(borrow, default, deserialize_with = "typed::id")]
    ticket_id: Option<Text<'a>>,
    #[serde(borrow, default, rename = "parentId", deserialize_with = "typed::id")]
    parent_id: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "typed::id")]
    previous_queue: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "typed::id")]
    new_queue: Option<Text<'a>>,
    #[serde(borrow, default)]
    previous_classification: Option<Text<'a>>,
    #[serde(borrow, default)]
    new_classification: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "typed::object")]
    message: Option<Message<'a>>,
    #[serde(borrow, default, deserialize_with = "typed::id")]
    status: Option<Text<'a>>,
}

impl<'a> InstanceEvent<'a> {
    pub(crate) fn from_raw(raw: Raw<'a>) -> Result<Self, PayloadMismatch> {
        let common: Common<'a> = typed::from_raw(raw)?;
        let details = InstanceDetails::from_raw(&common.action.to_cow(), raw)?;
        Ok(Self {
            id: common.id,
            action: common.action,
            created_at: common.created_at,
            project: common.project,
            details,
        })
    }
}

impl<'a> InstanceDetails<'a> {
    fn from_raw(action: &str, raw: Raw<'a>) -> Result<Self, PayloadMismatch> {
        let body = || Ok(typed::from_raw::<Bodied<'a>>(raw)?.body.unwrap_or_default());
        Ok(match action_on_ticket(action.as_bytes()) {
            Some(Action::Answered) => Self::Answer(typed::from_raw(raw)?),
            Some(Action::Created) => {
                let TicketBody { ticket_id, parent_id, .. } = body()?;
                Self::CreateTicket { ticket_id, parent_id }
            }
            Some(Action::Moved) => {
                let TicketBody { ticket_id, previous_queue, new_queue, .. } = body()?;
                Self::ChangeQueue { ticket_id, previous_queue, new_queue }
            }
            Some(Action::Classified) => {
                let TicketBody { ticket_id, previous_classification, new_classification, .. } = body()?;
                Self::ClassifyTicket { ticket_id, previous_classification, new_classification }
            }
            Some(Action::Replied) => {
                let TicketBody { ticket_id, message, .. } = body()?;
                Self::ReplyTicket { ticket_id, message }
            }
            Some(Action::Closed) => {
                let TicketBody { ticket_id, status, .. } = body()?;
                Self::CloseTicket { ticket_id, status }
            }
            _ => Self::Other,
        })
    }
}

/// The instance's name. Only `answer` puts it into an object.
fn project<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text<'a>>, D::Error> {
    let Some(raw) = Option::<Raw<'a>>::deserialize(deserializer)? else { return Ok(None) };
    if raw.as_str().starts_with('{') {
        let named: Named<'a> =
            serde_json::from_str(raw.as_str()).map_err(|_| D::Error::custom("expected a name"))?;
        return Ok(named.name);
    }
    serde_json::from_str(raw.as_str()).map(Some).map_err(|_| D::Error::custom("expected a text or an object"))
}

typed::hide!(
    ApiEvent,
    InstanceEvent,
    InstanceDetails,
    Answer,
    Person,
    Recipient,
    AnswerContext,
    Named,
    Attachment,
    Message,
    Sender
);
