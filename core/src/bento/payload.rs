//! The events, subscribers, e-mails, commands and workflow webhooks of Bento, typed.

use alloc::{borrow::Cow, string::ToString, vec::Vec};

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{
    payload::{Number, Raw, Text},
    reading::typed,
};

/// An event about a subscriber, as Bento's events API takes it.
///
/// ```
/// # use hookseal::{Keys, Payload, Received, Receiver, Request, Secret, Timestamp, sign};
/// # let receiver = Receiver::bento(hookseal::bento::Credentials::Bearer { keys: Keys::new("token")? })?;
/// # let headers = sign::bento_bearer(&Secret::new("token")?);
/// let body = br#"{"type":"$purchase","email":"a@b.co","details":{"value":{"currency":"EUR","amount":4250}}}"#;
/// # let request = Request::post(&headers, body);
/// # let Received::Delivery(delivery) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
/// let Payload::BentoEvent(event) = delivery.get(0).unwrap().payload()? else { panic!() };
/// assert_eq!(event.event_type, "$purchase");
/// let value = event.purchase().unwrap().value.unwrap();
/// assert_eq!(value.currency.unwrap(), "EUR");
/// assert_eq!(value.amount.unwrap().as_str(), "4250");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct TrackedEvent<'a> {
    /// The type of the event, such as `$purchase` or one of the site's own.
    #[serde(borrow, rename = "type")]
    pub event_type: Text<'a>,
    /// The subscriber's e-mail address.
    #[serde(borrow, default)]
    pub email: Option<Text<'a>>,
    /// An object into which some clients write the e-mail address instead.
    #[serde(borrow, default)]
    pub identity: Option<Raw<'a>>,
    /// The time as the client wrote it: text, or an object from one PHP client.
    #[serde(borrow, default)]
    pub date: Option<Raw<'a>>,
    /// The fields of the subscriber to set, an object.
    #[serde(borrow, default)]
    pub fields: Option<Raw<'a>>,
    /// The details of the event, any JSON.
    #[serde(borrow, default)]
    pub details: Option<Raw<'a>>,
}

impl<'a> TrackedEvent<'a> {
    /// The details as a purchase, if they have that form.
    #[must_use]
    pub fn purchase(&self) -> Option<Purchase<'a>> {
        typed::from_raw(self.details?).ok()
    }
}

/// The details of a `$purchase`.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Purchase<'a> {
    /// The key by which the purchase counts once.
    #[serde(borrow, default, deserialize_with = "typed::object")]
    pub unique: Option<Unique<'a>>,
    /// The amount paid.
    #[serde(borrow, default, deserialize_with = "typed::object")]
    pub value: Option<Value<'a>>,
    /// The cart, any JSON.
    #[serde(borrow, default)]
    pub cart: Option<Raw<'a>>,
}

/// The key by which a purchase counts once.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Unique<'a> {
    /// A text, or the digits of a number.
    #[serde(borrow, default, deserialize_with = "typed::key")]
    pub key: Option<Text<'a>>,
}

/// An amount of money.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Value<'a> {
    /// The currency, such as `USD`.
    #[serde(borrow, default)]
    pub currency: Option<Text<'a>>,
    /// The amount.
    #[serde(borrow, default)]
    pub amount: Option<Number<'a>>,
}

/// A subscriber to import. Custom fields are in the event's `data`.
///
/// ```
/// # use hookseal::{Keys, Payload, Received, Receiver, Request, Secret, Timestamp, sign};
/// # let receiver = Receiver::bento(hookseal::bento::Credentials::Bearer { keys: Keys::new("token")? })?;
/// # let headers = sign::bento_bearer(&Secret::new("token")?);
/// let body = br#"{"subscriber":{"email":"a@b.co","tags":"lead, mql"}}"#;
/// # let request = Request::post(&headers, body);
/// # let Received::Delivery(delivery) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
/// let Payload::BentoSubscriber(subscriber) = delivery.get(0).unwrap().payload()? else { panic!() };
/// assert_eq!(subscriber.email.unwrap(), "a@b.co");
/// assert_eq!(subscriber.tags.unwrap().names(), ["lead", "mql"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Subscriber<'a> {
    /// The e-mail address.
    #[serde(borrow, default)]
    pub email: Option<Text<'a>>,
    /// The tags to add.
    #[serde(borrow, default)]
    pub tags: Option<Tags<'a>>,
    /// The tags to remove.
    #[serde(borrow, default)]
    pub remove_tags: Option<Tags<'a>>,
}

/// Tags. Bento takes text with commas; some clients send a list.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Tags<'a> {
    /// Text with commas between the tags.
    Text(Text<'a>),
    /// A list.
    List(Vec<Text<'a>>),
}

impl<'a> Tags<'a> {
    /// The tags one by one. Tags from a text have no white space around them, and empty ones are left out. Tags from a
    /// list are as they were sent.
    #[must_use]
    pub fn names(&self) -> Vec<Cow<'a, str>> {
        match self {
            Self::List(tags) => tags.iter().map(|tag| tag.to_cow()).collect(),
            Self::Text(text) => match text.to_cow() {
                Cow::Borrowed(text) => split(text).map(Cow::Borrowed).collect(),
                Cow::Owned(text) => split(&text).map(|tag| Cow::Owned(tag.to_string())).collect(),
            },
        }
    }
}

fn split(tags: &str) -> impl Iterator<Item = &str> {
    tags.split(',').map(str::trim).filter(|tag| !tag.is_empty())
}

impl<'de: 'a, 'a> Deserialize<'de> for Tags<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::<'a>::deserialize(deserializer)?;
        if raw.as_str().starts_with('[') {
            serde_json::from_str(raw.as_str()).map(Self::List)
        } else {
            serde_json::from_str(raw.as_str()).map(Self::Text)
        }
        .map_err(|_| D::Error::custom("expected a text or a list of texts"))
    }
}

/// An e-mail to send.
///
/// ```
/// # use hookseal::{Keys, Payload, Received, Receiver, Request, Secret, Timestamp, sign};
/// # let receiver = Receiver::bento(hookseal::bento::Credentials::Bearer { keys: Keys::new("token")? })?;
/// # let headers = sign::bento_bearer(&Secret::new("token")?);
/// let body = br#"{"emails":[{"to":"a@b.co","subject":"Hi","transactional":true}]}"#;
/// # let request = Request::post(&headers, body);
/// # let Received::Delivery(delivery) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
/// let Payload::BentoEmail(email) = delivery.get(0).unwrap().payload()? else { panic!() };
/// assert_eq!(email.to.unwrap(), "a@b.co");
/// assert_eq!(email.transactional, Some(true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Email<'a> {
    /// The recipient.
    #[serde(borrow, default)]
    pub to: Option<Text<'a>>,
    /// The sender.
    #[serde(borrow, default)]
    pub from: Option<Text<'a>>,
    /// The subject line.
    #[serde(borrow, default)]
    pub subject: Option<Text<'a>>,
    /// The text in HTML.
    #[serde(borrow, default)]
    pub html_body: Option<Text<'a>>,
    /// Whether it is sent even if the subscriber has unsubscribed.
    #[serde(default, deserialize_with = "typed::flag")]
    pub transactional: Option<bool>,
    /// The values to put into the text, an object.
    #[serde(borrow, default)]
    pub personalizations: Option<Raw<'a>>,
}

/// A command on a subscriber.
///
/// ```
/// # use hookseal::{Keys, Payload, Received, Receiver, Request, Secret, Timestamp, sign};
/// # let receiver = Receiver::bento(hookseal::bento::Credentials::Bearer { keys: Keys::new("token")? })?;
/// # let headers = sign::bento_bearer(&Secret::new("token")?);
/// let body = br#"{"command":{"command":"add_tag","email":"a@b.co","query":"vip"}}"#;
/// # let request = Request::post(&headers, body);
/// # let Received::Delivery(delivery) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
/// let Payload::BentoCommand(command) = delivery.get(0).unwrap().payload()? else { panic!() };
/// assert_eq!(command.command, "add_tag");
/// assert_eq!(command.query.unwrap().as_str(), "\"vip\"");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Command<'a> {
    /// The command, such as `add_tag`.
    #[serde(borrow)]
    pub command: Text<'a>,
    /// The subscriber's e-mail address.
    #[serde(borrow, default)]
    pub email: Option<Text<'a>>,
    /// The subscriber's UUID, which some clients write in place of the address.
    #[serde(borrow, default)]
    pub uuid: Option<Text<'a>>,
    /// The argument of the command: text, or an object.
    #[serde(borrow, default)]
    pub query: Option<Raw<'a>>,
}

/// A workflow webhook in the form of Bento's sample (`core/docs/bento.md`). The operator chooses all of it.
///
/// ```
/// # use hookseal::{Keys, Payload, Received, Receiver, Request, Secret, Timestamp, sign};
/// # let receiver = Receiver::bento(hookseal::bento::Credentials::Bearer { keys: Keys::new("token")? })?;
/// # let headers = sign::bento_bearer(&Secret::new("token")?);
/// let body = br#"{"event":"cart_reminder","email":"a@b.co","person":{"name":"Jo"}}"#;
/// # let request = Request::post(&headers, body);
/// # let Received::Delivery(delivery) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
/// let Payload::BentoWorkflow(workflow) = delivery.get(0).unwrap().payload()? else { panic!() };
/// assert_eq!(workflow.event.unwrap().as_str(), "\"cart_reminder\"");
/// assert_eq!(workflow.person.unwrap().as_str(), r#"{"name":"Jo"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Workflow<'a> {
    /// The name of the event.
    #[serde(borrow, default)]
    pub event: Option<Raw<'a>>,
    /// The workflow.
    #[serde(borrow, default)]
    pub workflow: Option<Raw<'a>>,
    /// The subscriber's e-mail address.
    #[serde(borrow, default)]
    pub email: Option<Raw<'a>>,
    /// The subscriber, an object.
    #[serde(borrow, default)]
    pub person: Option<Raw<'a>>,
    /// The event that started the workflow, an object.
    #[serde(borrow, default)]
    pub source_event: Option<Raw<'a>>,
}

typed::hide!(TrackedEvent, Purchase, Unique, Value, Subscriber, Tags, Email, Command, Workflow);
