//! The body of a Benji webhook, typed.

use serde::Deserialize;

use crate::{payload::Text, reading::typed};

/// The body of a Benji webhook. Read the entity itself from Benji's API, by `entity_id`.
///
/// ```
/// # use hookseal::{Keys, Payload, Received, Receiver, Request, Secret, Timestamp, sign};
/// let body = br#"{"event":"campaign_ended","entity_type":2,"entity_id":"0f8fad5b"}"#;
/// # let receiver = Receiver::benji(Keys::new("salt")?)?;
/// # let headers = sign::benji(&Secret::new("salt")?, body, Timestamp::UNIX_EPOCH);
/// # let request = Request::post(&headers, body);
/// # let Received::Delivery(delivery) = receiver.receive(request, Timestamp::UNIX_EPOCH)? else { panic!() };
/// let Payload::Benji(webhook) = delivery.get(0).unwrap().payload()? else { panic!() };
/// assert_eq!(webhook.event, "campaign_ended");
/// assert_eq!(webhook.entity_type.unwrap(), "2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Webhook<'a> {
    /// The name of the event.
    #[serde(borrow)]
    pub event: Text<'a>,
    /// The kind of entity: 1 user, 2 campaign, 3 reward transaction.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub entity_type: Option<Text<'a>>,
    /// The same, under the name in Benji's sample (`core/docs/benji.md`).
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub entity: Option<Text<'a>>,
    /// The id of the entity: a UUID, or in older webhooks decimal digits.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub entity_id: Option<Text<'a>>,
}

typed::hide!(Webhook);
